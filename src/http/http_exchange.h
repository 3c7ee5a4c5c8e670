/* http_exchange.h - one request and its answer, from the first byte to the last; knows nothing of the library.
 *
 *     take --> READING --begin--> COLLECTING (body) --dispatch--> RUNNING (pool thread) --> ANSWERED --> put back
 *
 * Owner:    the edge thread, but for RUNNING: then the pool thread. The hand-over is the pool's queue one way and the
 *           resuming of the connection the other; both are locks, so nothing here needs to be atomic.
 * Memory:   exchanges are kept for reuse with the first block of their arena and small buffers: a request in a steady
 *           state allocates nothing here. HTTP_EXCHANGES_KEPT at most; more are freed.
 * Limits:   HTTP_ARENA_MAX bytes of request memory, the route's max_body, HTTP_ANSWER_MAX. */
#ifndef EHUB_HTTP_HTTP_EXCHANGE_H
#define EHUB_HTTP_HTTP_EXCHANGE_H

#include "http/http_check.h"
#include "http/http_proxy.h"
#include "http/http_route.h"

#define HTTP_ARENA_MAX (32u << 20)
#define HTTP_EXCHANGES_KEPT 256
#define HTTP_BUFFER_KEPT (64u << 10) /* a larger body buffer is not kept */
#define HTTP_SWALLOW_MAX \
    (256u << 10) /* a body that nobody wants is read up to this size, so that the client sees the answer */

typedef enum HttpStep { HTTP_READING, HTTP_COLLECTING, HTTP_RUNNING, HTTP_ANSWERED } HttpStep;

typedef struct HttpExchange {
    HttpStep step;
    HttpRequest req;
    HttpResponse res;
    HttpHandler *guard;
    HttpHandler *handler; /* NULL: the answer is there already */
    RtPool *pool;         /* NULL: runs on the edge */
    Buf body;
    Str raw_target;        /* copy in the arena */
    const char *target_at; /* where the library has it */
    uint64_t body_seen;
    bool swallow; /* the body is read and forgotten */
    bool close;   /* the connection ends after the answer */
    bool flying;  /* given to a pool, and the edge has not had it back yet; edge thread only */
    int64_t dispatched_us;
    void *conn; /* the library's connection */
    void *server;
    struct HttpExchange *next_kept;
} HttpExchange;

typedef struct HttpExchangeKeep {
    HttpExchange *first;
    int n;
} HttpExchangeKeep;

HttpExchange *http_exchange_take(HttpExchangeKeep *k);
void http_exchange_put(HttpExchangeKeep *k, HttpExchange *x);
void http_exchange_keep_done(HttpExchangeKeep *k);

typedef struct HttpEdgeConf {
    const HttpRouter *router;
    RtPool *const *pools;
    HttpHandler *guard;
    size_t body_max;
    const HttpProxies *proxies; /* NULL: none */
    bool
        library_is_strict; /* libmicrohttpd 1.0 refuses bare LF, folding and NUL itself, and lays lines out otherwise */
} HttpEdgeConf;

/* After the head: checks it, finds the route, makes ready for the body. On return either the exchange collects, or
 * it is ANSWERED with a refusal: x->close then says whether the rest of the request must not be read. */
void http_exchange_begin(HttpExchange *x, const HttpEdgeConf *ec, const HttpHead *head);
void http_exchange_collect(HttpExchange *x, const char *bytes, size_t len);
/* The body is complete. True: a handler must run now (http_exchange_run); false: the answer is there. */
bool http_exchange_ready(HttpExchange *x);
/* Guard and handler; any thread. Afterwards the answer is in x->res. */
void http_exchange_run(HttpExchange *x);
/* Makes the answer a problem document. */
void http_exchange_fail(HttpExchange *x, ErrKind kind, int status, const char *detail);

#endif
