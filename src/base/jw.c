#include "base/jw.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void before_value(Jw *w)
{
    if (w->need_comma)
        buf_add_char(w->out, ',');
    w->need_comma = true;
}

static void open_with(Jw *w, char open, char close)
{
    BUG_ON(w->depth == JW_DEPTH_MAX);
    before_value(w);
    buf_add_char(w->out, open);
    w->close[w->depth++] = close;
    w->need_comma = false;
}

void jw_obj(Jw *w)
{
    open_with(w, '{', '}');
}

void jw_arr(Jw *w)
{
    open_with(w, '[', ']');
}

void jw_end(Jw *w)
{
    BUG_ON(w->depth == 0);
    buf_add_char(w->out, w->close[--w->depth]);
    w->need_comma = true;
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_escaped(Buf *out, unsigned char c)
{
    switch (c) {
    case '"': buf_add_c(out, "\\\""); break;
    case '\\': buf_add_c(out, "\\\\"); break;
    case '\n': buf_add_c(out, "\\n"); break;
    case '\r': buf_add_c(out, "\\r"); break;
    case '\t': buf_add_c(out, "\\t"); break;
    default: buf_addf(out, "\\u%04x", c); break;
    }
}

static void add_quoted(Buf *out, Str s)
{
    size_t good = s.len; /* bytes before the first that is not UTF-8 */
    str_is_utf8(s, &good);
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len;) {
        size_t run = i;
        while (run < good && (plain((unsigned char)s.ptr[run]) || (unsigned char)s.ptr[run] >= 0x80))
            run++;
        buf_add(out, s.ptr + i, run - i);
        i = run;
        if (i == s.len)
            break;
        if (i == good) {
            buf_add_c(out, "\xEF\xBF\xBD");
            i++;
            Str rest = str_slice(s, i, s.len);
            size_t more = rest.len;
            str_is_utf8(rest, &more);
            good = i + more;
        } else {
            add_escaped(out, (unsigned char)s.ptr[i++]);
        }
    }
    buf_add_char(out, '"');
}

void jw_key_str(Jw *w, Str key)
{
    before_value(w);
    add_quoted(w->out, key);
    buf_add_char(w->out, ':');
    w->need_comma = false;
}

void jw_key(Jw *w, const char *key)
{
    jw_key_str(w, str_from(key));
}

void jw_str(Jw *w, Str v)
{
    if (!v.ptr) {
        jw_null(w);
        return;
    }
    before_value(w);
    add_quoted(w->out, v);
}

void jw_cstr(Jw *w, const char *v)
{
    jw_str(w, str_from(v));
}

void jw_i64(Jw *w, int64_t v)
{
    before_value(w);
    buf_add_i64(w->out, v);
}

void jw_f64(Jw *w, double v)
{
    if (!isfinite(v)) {
        jw_null(w);
        return;
    }
    before_value(w);
    if (v == (double)(int64_t)v && fabs(v) < 1e15) {
        buf_add_i64(w->out, (int64_t)v);
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    buf_add_c(w->out, text);
}

void jw_bool(Jw *w, bool v)
{
    before_value(w);
    buf_add_c(w->out, v ? "true" : "false");
}

void jw_null(Jw *w)
{
    before_value(w);
    buf_add_c(w->out, "null");
}

void jw_uuid(Jw *w, Uuid v)
{
    char text[UUID_TEXT];
    uuid_format(v, text);
    before_value(w);
    buf_add_char(w->out, '"');
    buf_add(w->out, text, UUID_TEXT - 1);
    buf_add_char(w->out, '"');
}

void jw_time_us(Jw *w, int64_t unix_us)
{
    char text[25];
    clock_format(unix_us, text);
    jw_cstr(w, text);
}

void jw_raw(Jw *w, Str json)
{
    if (!json.ptr) {
        jw_null(w);
        return;
    }
    before_value(w);
    buf_add_str(w->out, json);
}

void jw_kv_str(Jw *w, const char *key, Str v)
{
    jw_key(w, key);
    jw_str(w, v);
}

void jw_kv_cstr(Jw *w, const char *key, const char *v)
{
    jw_key(w, key);
    jw_cstr(w, v);
}

void jw_kv_i64(Jw *w, const char *key, int64_t v)
{
    jw_key(w, key);
    jw_i64(w, v);
}

void jw_kv_f64(Jw *w, const char *key, double v)
{
    jw_key(w, key);
    jw_f64(w, v);
}

void jw_kv_bool(Jw *w, const char *key, bool v)
{
    jw_key(w, key);
    jw_bool(w, v);
}

void jw_kv_uuid(Jw *w, const char *key, Uuid v)
{
    jw_key(w, key);
    jw_uuid(w, v);
}

void jw_kv_raw(Jw *w, const char *key, Str json)
{
    jw_key(w, key);
    jw_raw(w, json);
}
