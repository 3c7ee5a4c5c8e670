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

void jw_members(Jw *w, Str members)
{
    before_value(w);
    buf_add_str(w->out, members);
    w->need_comma = !str_ends(members, STR(":"));
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

static const double POW10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define POW10_MAX 22
/* From here on numbers are written with an exponent: readers take long rows of digits for integers that overflow. */
#define INTEGERS_BELOW 1e15

/* floor(log10(v)) for v > 0, without a logarithm: from the power of two, then one comparison. Beyond the table, and by
 * rounding just below a power of ten, it may be one off: one digit fewer is shown. */
static int power_of_ten(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    int two = (int)(bits >> 52) - 1023,
        ten = two * 1233 / 4096 - (two < 0); /* 1233 / 4096 is just below log10(2) */
    int next = ten + 1;
    if (next >= 0 && next <= POW10_MAX)
        return v >= POW10[next] ? next : ten;
    if (next < 0 && next >= -POW10_MAX)
        return v * POW10[-next] >= 1 ? next : ten;
    return ten;
}

/* v > 0 as m * 10^-k with at most `digits` (<= 15) digits of m, rounded; false when that needs a larger power of ten than
 * a double holds exactly. With 15 digits or fewer m and 10^k are exact, so m / 10^k is the correctly rounded value of
 * the decimal (W. D. Clinger, 1990): comparing it with v tells whether the decimal reads back to v. */
static bool decimal_of(double v, int digits, uint64_t *ret_m, int *ret_k)
{
    int k = digits - 1 - power_of_ten(v);
    if (k > POW10_MAX || k < -POW10_MAX)
        return false;
    double scaled = k >= 0 ? v * POW10[k] : v / POW10[-k];
    uint64_t m = (uint64_t)(scaled + 0.5);
    while (m > 0 && m % 10 == 0 && k > 0) {
        m /= 10;
        k--;
    }
    *ret_m = m;
    *ret_k = k;
    return m > 0;
}

/* m * 10^-k, without printf. */
static void add_decimal(Buf *out, bool minus, uint64_t m, int k)
{
    char text[64];
    char *end = text + sizeof(text), *p = end;
    for (int i = 0; i < -k; i++)
        *--p = '0';
    int left = k; /* digits still behind the point */
    do {
        *--p = (char)('0' + m % 10);
        m /= 10;
        if (--left == 0)
            *--p = '.';
    } while (m > 0 || left > 0);
    if (*p == '.')
        *--p = '0';
    if (minus)
        *--p = '-';
    buf_add(out, p, (size_t)(end - p));
}

void jw_f64_digits(Jw *w, double v, int digits)
{
    BUG_ON(digits < 1 || digits > 15);
    uint64_t m;
    int k;
    if (!isfinite(v) || v == 0 || fabs(v) >= INTEGERS_BELOW || !decimal_of(fabs(v), digits, &m, &k)) {
        jw_f64(w, v);
        return;
    }
    before_value(w);
    add_decimal(w->out, v < 0, m, k);
}

void jw_f64(Jw *w, double v)
{
    if (!isfinite(v)) {
        jw_null(w);
        return;
    }
    before_value(w);
    if (fabs(v) < INTEGERS_BELOW && v == (double)(int64_t)v) { /* the cast is defined only below the limit */
        buf_add_i64(w->out, (int64_t)v);
        return;
    }
    uint64_t m;
    int k, digits = 15;
    if (fabs(v) < INTEGERS_BELOW && decimal_of(fabs(v), digits, &m, &k)) {
        if ((k >= 0 ? (double)m / POW10[k] : (double)m * POW10[-k]) == fabs(v)) {
            add_decimal(w->out, v < 0, m, k);
            return;
        }
        digits++;
    }
    char text[40];
    for (; digits <= 17; digits++) {
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

void jw_kv_f64_digits(Jw *w, const char *key, double v, int digits)
{
    jw_key(w, key);
    jw_f64_digits(w, v, digits);
}
