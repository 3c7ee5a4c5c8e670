/* buf.h - bytes that grow up to a stated maximum.
 *
 * Owner:    the caller; buf_done frees. CLEANUP(buf_done) Buf b = BUF(max);
 * Limits:   `max` bytes. An append past it is dropped whole and the buffer stays failed: check once with
 *           buf_check.
 * Threads:  one at a time. The bytes are always followed by a zero, so buf_cstr is cheap. */
#ifndef EHUB_BASE_BUF_H
#define EHUB_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

#include <stdarg.h>

typedef struct Buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
} Buf;

#define BUF(max_bytes) ((Buf){.max = (max_bytes)})

void buf_done(Buf *b);  /* frees and makes it empty again; max stays */
void buf_clear(Buf *b); /* empty, memory kept, failure forgotten */
void buf_add(Buf *b, const void *bytes, size_t len);
void buf_add_str(Buf *b, Str s);
void buf_add_c(Buf *b, const char *s);
void buf_add_char(Buf *b, char c);
void buf_add_i64(Buf *b, int64_t v); /* decimal, without printf */
void buf_addf(Buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(Buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Room for `len` more bytes to be written by the caller, who then calls buf_advance; NULL past the maximum.
 */
char *buf_room(Buf *b, size_t len);
void buf_advance(Buf *b, size_t len);
void buf_consume(Buf *b, size_t len); /* drops the first len bytes */

static inline Str buf_str(const Buf *b)
{
    return (Str){b->ptr, b->len};
}
const char *buf_cstr(const Buf *b);                    /* "" when empty */
ErrKind MUST_USE buf_check(const Buf *b, Err *reterr); /* ERR_LIMIT when anything was dropped */
/* Gives the bytes to the caller (mem_free), leaves the buffer empty. NULL when it failed before anything was
 * added. */
char *buf_take(Buf *b, size_t *ret_len);

#endif
