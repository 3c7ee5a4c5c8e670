/* scale_http.h - one HTTP/1.1 request to a service, plain or over TLS: Prometheus, metrics, the API of Kubernetes.
 *
 * No redirects. TLS as of scale_conn.h; a bearer token comes from a file, which is read at each request because it may be renewed.
 * Threads:  any; blocks until the deadline. Limits: out->max bytes of body, SCALE_HTTP_TOKEN_MAX.
 * Errors:   INVALID the URL, the files . UNAVAILABLE no connection, status 5xx . TIMEOUT . UNAUTHENTICATED 401 . DENIED 403, or the
 *           certificate . NOT_FOUND 404 . CONFLICT 409 . RATE 429 . MALFORMED no whole answer. */
#ifndef EHUB_SCALE_SCALE_HTTP_H
#define EHUB_SCALE_SCALE_HTTP_H

#include "base/buf.h"
#include "rt/deadline.h"

#define SCALE_HTTP_TOKEN_MAX (16u << 10)

typedef struct ScaleHttp {
    const char *method; /* NULL: GET */
    const char *url;    /* http[s]://HOST[:PORT][/PATH][?QUERY]; HOST may be [IPv6] */
    const char *type;   /* of the body, NULL: there is none */
    Str body;
    const char *accept;               /* NULL: application/json */
    const char *token_file, *ca_file; /* NULL: none, the system's authorities */
} ScaleHttp;

/* Appends the body of an answer 2xx to out. */
ErrKind MUST_USE scale_http(const ScaleHttp *r, Deadline by, Buf *out, Err *reterr);
bool scale_http_url_ok(const char *url);
/* Appends s as a part of a query. */
void scale_http_escape(Buf *out, Str s);

#endif
