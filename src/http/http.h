/* http.h - what a handler sees of HTTP: request, response, route. No library type appears here.
 *
 *     edge (accept, parse, limits) --> route --> pool --> handler(request, response) --> edge
 *
 * Owner:    request and response live in the request's arena and die with it. Threads: one owner at a time.
 * Limits:   http.headers, the route's max_body, HTTP_PATH_PARAMS_MAX.
 * Errors:   a handler returns an ErrKind; the edge writes it as a problem document (RFC 9457, application/problem+json):
 *           {"type","title","status","detail","instance"}. 5xx details are logged, not sent. */
#ifndef EHUB_HTTP_HTTP_H
#define EHUB_HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "rt/deadline.h"
#include "rt/rt_pool.h"

#define HTTP_PATH_PARAMS_MAX 4
#define HTTP_HEADERS_MAX 64 /* of a response and of a request */
#define HTTP_QUERY_MAX 32
#define HTTP_ANSWER_MAX (16u << 20) /* bytes of a response body */

typedef struct HttpPair {
    Str name;
    Str value;
} HttpPair;

typedef struct HttpRoute HttpRoute;

typedef struct HttpRequest {
    const HttpRoute *route;
    Str method;
    Str path;                         /* decoded */
    Str params[HTTP_PATH_PARAMS_MAX]; /* values of {name} in the pattern, in order */
    HttpPair query[HTTP_QUERY_MAX];   /* decoded */
    int n_query;
    HttpPair headers[HTTP_HEADERS_MAX];
    int n_headers;
    Str body;
    char peer[46]; /* address, text; behind a trusted proxy the client's */
    bool tls;
    char id[UUID_TEXT]; /* request id: logged, sent as X-Request-Id */
    Arena *arena;
    Deadline deadline;
    void *app;     /* what http_server_new was given */
    void *session; /* set by the route guard */
} HttpRequest;

typedef struct HttpStream HttpStream;

typedef struct HttpResponse {
    int status;                         /* default 200 */
    const char *content_type;           /* default application/json */
    HttpPair headers[HTTP_HEADERS_MAX]; /* must outlive the answer: literals or in the request's arena */
    int n_headers;
    Buf body;           /* freed by the edge; max HTTP_ANSWER_MAX */
    Str static_body;    /* used instead when its ptr is set: bytes that live for ever */
    HttpStream *stream; /* used instead when set: see http_stream.h */
} HttpResponse;

typedef ErrKind HttpHandler(HttpRequest *req, HttpResponse *res, Err *reterr);

/* Which pool runs the handler. EDGE handlers must not block and are for constant answers. */
typedef enum HttpPool { HTTP_ON_EDGE, HTTP_ON_API, HTTP_ON_CPU, HTTP_POOL_COUNT } HttpPool;

struct HttpRoute {
    const char *method;  /* "GET"; GET also answers HEAD */
    const char *pattern; /* "/v1/agents/{id}"; a last "*" matches the rest of the path */
    HttpHandler *handler;
    HttpPool pool;
    size_t max_body;  /* 0: http.body */
    const void *info; /* the application's own row (roles, documentation) */
};

Str http_header(const HttpRequest *req, const char *name); /* STR_NULL when absent; name in any case */
Str http_query(const HttpRequest *req, const char *name);  /* STR_NULL when absent */
Str http_cookie(const HttpRequest *req, const char *name); /* STR_NULL when absent */
void http_add_header(HttpResponse *res, const char *name, Str value);

#endif
