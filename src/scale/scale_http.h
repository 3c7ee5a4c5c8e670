/* scale_http.h - one plain HTTP/1.1 request to a service of our own network: Prometheus, the API of Kubernetes behind kubectl proxy.
 *
 * No TLS, no redirects, no authentication: what needs them stands behind a proxy on this machine.
 * Threads:  any; blocks until the deadline. Limits: out->max bytes of body.
 * Errors:   INVALID the URL . UNAVAILABLE no connection, status 5xx . TIMEOUT . DENIED 401, 403 . NOT_FOUND 404 . MALFORMED. */
#ifndef EHUB_SCALE_SCALE_HTTP_H
#define EHUB_SCALE_SCALE_HTTP_H

#include "base/buf.h"
#include "rt/deadline.h"

/* url: http://HOST[:PORT][/PATH][?QUERY]. type: of the body, NULL: there is none. Appends the body of an answer 2xx to out. */
ErrKind MUST_USE scale_http(const char *method, const char *url, const char *type, Str body, Deadline by,
                            Buf *out, Err *reterr);
/* Appends s as a part of a query. */
void scale_http_escape(Buf *out, Str s);

#endif
