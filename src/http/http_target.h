/* http_target.h - takes a request target apart: decoded path and query.
 *
 *     "/v1/agents/J%C3%BCrgen?limit=5&q=a+b"  -->  path "/v1/agents/Jürgen", query {limit: 5, q: "a b"}
 *
 * Source:   RFC 9112, 3.2 (origin-form; of the absolute-form the authority is dropped) and RFC 3986.
 * Limits:   HTTP_QUERY_MAX pairs. Threads: pure; decoded bytes go to the arena.
 * Errors:   MALFORMED: a broken percent escape, bytes outside of visible ASCII, a fragment, decoded text that is not
 *           UTF-8 or holds control characters, dot segments, an encoded slash (they differ between a proxy and us). */
#ifndef EHUB_HTTP_HTTP_TARGET_H
#define EHUB_HTTP_HTTP_TARGET_H

#include "http/http.h"

/* raw must be non-NULL. Bytes that need no decoding stay where they are. */
ErrKind MUST_USE http_target_parse(Str raw, Arena *arena, Str *ret_path,
                                   HttpPair query[static HTTP_QUERY_MAX], int *ret_n_query, Err *reterr);

#endif
