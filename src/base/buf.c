#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_done(Buf *b)
{
    free(b->ptr);
    *b = (Buf){.max = b->max};
}

void buf_clear(Buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->ptr)
        b->ptr[0] = 0;
}

char *buf_room(Buf *b, size_t len)
{
    if (b->failed || len > b->max - b->len) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->len + len + 1;
    if (need > b->cap) {
        size_t cap = MAX(need, MIN(MAX(b->cap * 2, (size_t)256), b->max + 1));
        char *p = realloc(b->ptr, cap);
        if (!p) {
            b->failed = true;
            return NULL;
        }
        b->ptr = p;
        b->cap = cap;
    }
    return b->ptr + b->len;
}

void buf_advance(Buf *b, size_t len)
{
    BUG_ON(len >= b->cap - b->len);
    b->len += len;
    b->ptr[b->len] = 0;
}

void buf_add(Buf *b, const void *bytes, size_t len)
{
    char *to = buf_room(b, len);
    if (!to)
        return;
    if (len)
        memcpy(to, bytes, len);
    buf_advance(b, len);
}

void buf_add_str(Buf *b, Str s)
{
    buf_add(b, s.ptr, s.len);
}

void buf_add_c(Buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_char(Buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_i64(Buf *b, int64_t v)
{
    char digits[20];
    size_t n = sizeof digits;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        digits[--n] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        digits[--n] = '-';
    buf_add(b, digits + n, sizeof digits - n);
}

void buf_addf(Buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

void buf_vaddf(Buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *to = n >= 0 ? buf_room(b, (size_t)n) : NULL;
    if (to) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        buf_advance(b, (size_t)n);
    }
    va_end(again);
}

void buf_consume(Buf *b, size_t len)
{
    BUG_ON(len > b->len);
    if (len == 0)
        return;
    memmove(b->ptr, b->ptr + len, b->len - len);
    b->len -= len;
    b->ptr[b->len] = 0;
}

const char *buf_cstr(const Buf *b)
{
    return b->ptr ? b->ptr : "";
}

ErrKind buf_check(const Buf *b, Err *reterr)
{
    if (!b->failed)
        return ERR_NONE;
    return err_set(reterr, ERR_LIMIT, "longer than the limit of %zu bytes", b->max);
}

char *buf_take(Buf *b, size_t *ret_len)
{
    if (!buf_room(b, 0) && !b->ptr)
        return NULL;
    b->ptr[b->len] = 0;
    char *p = b->ptr;
    if (ret_len)
        *ret_len = b->len;
    *b = (Buf){.max = b->max};
    return p;
}
