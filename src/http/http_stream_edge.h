/* http_stream_edge.h - the edge's side of a stream; handlers and senders use http_stream.h.
 *
 *     attach --> read (bytes) ... read (nothing: park) <--send: wake-- ... --> detach when the connection ends
 *
 * The connection is parked (suspended, it costs nothing) by the edge thread inside read, and woken by whoever sends or
 * closes. Both happen under the stream's lock, so a wake-up is never lost and never reaches a connection that has gone:
 * detach takes the same lock. */
#ifndef EHUB_HTTP_HTTP_STREAM_EDGE_H
#define EHUB_HTTP_HTTP_STREAM_EDGE_H

#include "http/http_stream.h"

#include <sys/types.h>

typedef struct HttpStreamWire {
    void (*park)(void *conn);
    void (*wake)(void *conn);
    void (*cut)(void *conn); /* breaks the connection of a client that does not read */
} HttpStreamWire;

#define HTTP_STREAM_PARKED 0
#define HTTP_STREAM_END (-1)
#define HTTP_STREAM_BROKEN (-2)

/* Takes its own reference; detach drops it. One connection a stream; a second one is a bug (BUG_ON). */
void http_stream_attach(HttpStream *s, const HttpStreamWire *wire, void *conn);
void http_stream_detach(HttpStream *s);
size_t http_stream_unsent(HttpStream *s); /* bytes that wait for the client */
/* Edge thread only. Bytes copied, or one of the three above. */
ssize_t http_stream_read(HttpStream *s, char *to, size_t len);

#endif
