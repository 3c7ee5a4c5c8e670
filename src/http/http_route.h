/* http_route.h - finds the route of a path: a tree of path segments built once from the route table.
 *
 *     /v1 --> /agents --> {id} --> /trend          a literal beats {name}, {name} beats "*"
 *
 * Owner:    http_router_new .. http_router_free; routes must outlive it. Threads: read-only after it was built.
 * Limits:   HTTP_SEGMENTS_MAX segments (deeper paths can only match a "*"), HTTP_PATH_PARAMS_MAX parameters,
 *           HTTP_METHODS_MAX methods on one path. A table that breaks them, or two equal rows, is a bug (BUG_ON).
 * Cost:     one comparison for each sibling of each segment; nothing is allocated. */
#ifndef EHUB_HTTP_HTTP_ROUTE_H
#define EHUB_HTTP_HTTP_ROUTE_H

#include "http/http.h"

#define HTTP_SEGMENTS_MAX 16
#define HTTP_METHODS_MAX 8

typedef struct HttpRouter HttpRouter;

typedef struct HttpMatch {
    const HttpRoute *route; /* NULL: none for this method, or no such path */
    const char *allow;      /* methods of the path ("GET, HEAD, POST"); NULL: no such path */
    Str params[HTTP_PATH_PARAMS_MAX];
} HttpMatch;

HttpRouter *http_router_new(const HttpRoute *routes, int n);
void http_router_free(HttpRouter *r);
DEFINE_FREEP(HttpRouter, http_router_free)
void http_router_match(const HttpRouter *r, Str method, Str path, HttpMatch *ret);

#endif
