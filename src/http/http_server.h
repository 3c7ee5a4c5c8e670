/* http_server.h - the server edge. The border to libmicrohttpd.
 *
 *     epoll thread --parse, limits--> route table --suspend--> RtPool --handler--> resume --> answer
 *
 * The edge never blocks: it accepts, parses, refuses what is malformed (400, and the connection is closed), finds the
 * route, and hands the request to the route's pool. Before every handler on a pool `guard` runs there.
 * Owner:    http_server_new .. http_server_free, before its pools are freed; conf and routes outlive it.
 * Threads:  handlers run on pool threads, one for each request.
 * Limits:   conf http.*: connections, per address, body, headers, idle time, deadline. A full pool: 503, Retry-After: 1.
 *           What the library itself refuses (414, 431, some 400) comes without a problem document and is not counted.
 * Errors:   UNAVAILABLE address in use (named) . INVALID certificate or key . IO.
 * Metrics:  ehub_http_requests_total{route,method,status}, ehub_http_request_seconds{route}, ehub_http_connections,
 *           ehub_http_refused_total{reason}, ehub_http_streams. */
#ifndef EHUB_HTTP_HTTP_SERVER_H
#define EHUB_HTTP_HTTP_SERVER_H

#include "conf/conf.h"
#include "http/http.h"

typedef struct HttpServer HttpServer;

typedef struct HttpServerConf {
    const Conf *conf;
    const HttpRoute *routes; /* must outlive the server */
    int n_routes;
    RtPool *pools[HTTP_POOL_COUNT]; /* [HTTP_ON_EDGE] is NULL */
    HttpHandler *guard;             /* may be NULL; a failure is answered and the handler does not run */
    void *app;
} HttpServerConf;

ErrKind MUST_USE http_server_new(const HttpServerConf *sc, HttpServer **ret, Err *reterr);
int http_server_port(const HttpServer *s); /* the real one when conf says 0 */
/* Stops accepting, answers what is running, ends streams, waits until the deadline. */
void http_server_drain(HttpServer *s, Deadline by);
void http_server_free(HttpServer *s);
DEFINE_FREEP(HttpServer, http_server_free)

#endif
