/* http_check.h - refuses what a strict reader of RFC 9112 refuses and libmicrohttpd 0.9.75 lets through.
 *
 *     "GET /x HTTP/1.1" CR LF "Host: a" CR LF CR LF      as the library left it in its buffer:
 *      GET 0 /x 0 HTTP/1.1 0 0 Host 0 ' '* a 0 0 0 0      every line end is one zero for a bare LF, two for CR LF
 *
 * The library hides the raw bytes but hands out pointers into its buffer, which it overwrites with zeros in place and
 * never moves. So the layout tells what stood there: each piece must begin exactly where the one before it and a CR LF
 * end, and the whole must be as long as the library says the head was. A bare LF, a folded line, a NUL, a second blank
 * in the request line all break the sum.
 *
 * Found here: those, control characters and DEL in values, names and methods that are not tokens, blanks before the
 *   colon, two Content-Lengths (even equal ones) or one that is not 1-19 digits, Content-Length with
 *   Transfer-Encoding, any Transfer-Encoding but one "chunked" on HTTP/1.1, no or several Hosts on HTTP/1.1.
 * Not found: NULs and bare LFs side by side that leave as many zeros as CR LFs would (NUL LF for CR LF) are taken for
 *   those. Neither alone gets through.
 * What remains the library's: empty lines before a request are skipped; within a chunked body a bare LF after a chunk
 *   and chunk extensions are accepted, and trailer fields are parsed leniently and then ignored.
 * Threads:    pure. */
#ifndef EHUB_HTTP_HTTP_CHECK_H
#define EHUB_HTTP_HTTP_CHECK_H

#include "http/http.h"

typedef struct HttpHead {
    Str method; /* views into one buffer, in the order of the wire */
    Str target; /* its bytes may have been overwritten; only the place counts here */
    Str version;
    const HttpPair *headers;
    int n_headers;
    size_t len; /* of the head with its last CR LF */
} HttpHead;

typedef struct HttpFraming {
    bool chunked;
    bool has_length;
    uint64_t length;
} HttpFraming;

/* ERR_MALFORMED naming what is wrong. Reads only bytes inside [method.ptr, method.ptr + len). */
ErrKind MUST_USE http_check_layout(const HttpHead *h, Err *reterr);
ErrKind MUST_USE http_check_fields(const HttpHead *h, HttpFraming *ret, Err *reterr);

#endif
