/* http_problem.h - writes a failure as a problem document (RFC 9457).
 *
 *     {"type":"about:blank","title":"not found","status":404,"kind":"not_found","detail":"...","instance":"urn:uuid:ID"}
 *
 * kind is our own extension: the row of ERR_KINDS, for programs. instance names this request, as X-Request-Id does.
 * Threads: pure. */
#ifndef EHUB_HTTP_HTTP_PROBLEM_H
#define EHUB_HTTP_HTTP_PROBLEM_H

#include "http/http.h"

/* Replaces what the handler wrote. status 0: that of the kind. detail NULL: none; it is left out from 500 on. */
void http_problem_write(HttpResponse *res, ErrKind kind, int status, const char *detail,
                        const char *request_id);

/* What every detail passes on its way to a client; it appends to out. NULL, the default: it passes as it is. Set before
 * the server starts. */
typedef void HttpDetailFilter(Str detail, Buf *out);
void http_problem_set_filter(HttpDetailFilter *filter);

#endif
