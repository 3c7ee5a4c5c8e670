/* jw.h - writes JSON (RFC 8259) straight into a Buf, without building a tree.
 *
 *     Jw w = jw(&buf);  jw_obj(&w); jw_key(&w, "id"); jw_uuid(&w, id); jw_end(&w);
 *
 * Commas and closing brackets are kept by the writer; nesting deeper than JW_DEPTH_MAX or an unbalanced end
 * is a bug (BUG_ON). Strings that are not UTF-8 get U+FFFD for each bad byte. NaN and infinities are written
 * as null. Doubles are written with the fewest digits that read back to the same value. */
#ifndef EHUB_BASE_JW_H
#define EHUB_BASE_JW_H

#include "base/buf.h"
#include "base/uuid.h"

#define JW_DEPTH_MAX 32

typedef struct Jw {
    Buf *out;
    int depth;
    bool need_comma;
    char close[JW_DEPTH_MAX];
} Jw;

static inline Jw jw(Buf *out)
{
    return (Jw){.out = out};
}

void jw_obj(Jw *w);
void jw_arr(Jw *w);
void jw_end(Jw *w); /* closes the innermost object or array */
void jw_key(Jw *w, const char *key);
void jw_key_str(Jw *w, Str key);
/* Members that are JSON already, whole ones or up to the colon before a value that follows:
 * jw_members(&w, STR("\"unit\":\"min\",\"median\":")). */
void jw_members(Jw *w, Str members);

void jw_str(Jw *w, Str v);          /* STR_NULL gives null */
void jw_cstr(Jw *w, const char *v); /* NULL gives null */
void jw_i64(Jw *w, int64_t v);
void jw_f64(Jw *w, double v);
/* Rounded to so many significant digits (1..15; what lies half way may go either way); nine are enough to read a
 * float back. Much cheaper than jw_f64. */
void jw_f64_digits(Jw *w, double v, int digits);
void jw_bool(Jw *w, bool v);
void jw_null(Jw *w);
void jw_uuid(Jw *w, Uuid v);
void jw_time_us(Jw *w, int64_t unix_us); /* "2026-01-31T12:00:00.000Z" */
void jw_raw(Jw *w, Str json);            /* already valid JSON, e.g. from PostgreSQL */

/* Key and value in one call. */
void jw_kv_str(Jw *w, const char *key, Str v);
void jw_kv_cstr(Jw *w, const char *key, const char *v);
void jw_kv_i64(Jw *w, const char *key, int64_t v);
void jw_kv_f64(Jw *w, const char *key, double v);
void jw_kv_f64_digits(Jw *w, const char *key, double v, int digits);
void jw_kv_bool(Jw *w, const char *key, bool v);
void jw_kv_uuid(Jw *w, const char *key, Uuid v);
void jw_kv_raw(Jw *w, const char *key, Str json);

#endif
