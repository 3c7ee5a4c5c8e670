/* http_conn.h - the open connections of a server, and who breaks the ones that take too long.
 *
 *     accept --> add --> [phase: idle | reading | busy | answering | stream] --> remove
 *                                  sweep breaks those past their time; drain ends the idle ones and the streams
 *
 * The library's own time-out starts again with every byte, so a client that sends one byte now and then would stay for
 * ever. Here each phase has an end that does not move (a body: HTTP_BODY_BYTES_PER_S at least,
 * an answer: HTTP_ANSWER_BYTES_PER_S). A stream has none while it is open; once it was closed, what it still holds is an
 * answer.
 * Breaking means shutdown(2) of the socket: the library sees it as the client's end and cleans up on its own thread.
 * Owner:    the server. Threads: add and remove on the edge thread; sweep, close and count from any. A connection is in
 *           the list as long as its socket is open, so that shutdown never hits another's descriptor.
 * Limits:   the library's for the number; 300 bytes a connection. */
#ifndef EHUB_HTTP_HTTP_CONN_H
#define EHUB_HTTP_HTTP_CONN_H

#include "http/http_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#define HTTP_BODY_BYTES_PER_S 4096
/* Of an answer; http.idle comes on top. The largest one, HTTP_ANSWER_MAX, may take that and 256 s. */
#define HTTP_ANSWER_BYTES_PER_S 65536

typedef enum HttpPhase {
    HTTP_PHASE_IDLE,
    HTTP_PHASE_READING,
    HTTP_PHASE_BUSY,
    HTTP_PHASE_ANSWERING
} HttpPhase;

typedef struct HttpConn {
    struct HttpConn *prev, *next;
    int fd;
    char peer[46];
    _Atomic HttpPhase phase;
    _Atomic int64_t until_us; /* the end of the phase; INT64_MAX: none */
    HttpStream *stream;       /* NULL: no stream; changed under the list's lock */
} HttpConn;

typedef struct HttpConns {
    pthread_mutex_t lock;
    HttpConn *first;
    int n;
    int64_t idle_us;
} HttpConns;

void http_conns_init(HttpConns *l, int64_t idle_ms);
void http_conns_done(HttpConns *l);
HttpConn *http_conns_add(HttpConns *l, int fd, const struct sockaddr *peer);
void http_conns_remove(HttpConns *l, HttpConn *c);
void http_conn_enter(const HttpConns *l, HttpConn *c, HttpPhase phase);
/* More of the body came: `bytes` in all. */
void http_conn_progress(const HttpConns *l, HttpConn *c, int64_t began_us, uint64_t bytes);
/* An answer of `bytes` is queued. */
void http_conn_answer(const HttpConns *l, HttpConn *c, uint64_t bytes);
void http_conn_set_stream(HttpConns *l, HttpConn *c, HttpStream *s);

int http_conns_count(HttpConns *l);
/* How many were broken; ret_readers: those of them that were too slow to read their answer. */
int http_conns_sweep(HttpConns *l, int64_t now_us, int *ret_readers);
void http_conns_close_idle(HttpConns *l); /* a request that is already on its way is still answered */
void http_conns_close_streams(HttpConns *l);

#endif
