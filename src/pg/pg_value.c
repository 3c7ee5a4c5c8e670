/* pg_value.c - values as PostgreSQL's text, parameters, and COPY's escapes. No libpq here. */
#include "pg/pg_value.h"

#include "pg/pg.h"

#include <math.h>
#include <stdio.h>

static char *put_digits(char *at, unsigned v, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return at + width;
}

size_t pg_value_date(int32_t days, char out[static PG_VALUE_TEXT])
{
    int year = 0, month = 0, day = 0;
    clock_civil(days, &year, &month, &day);
    char *at = put_digits(out, (unsigned)year, 4);
    *at++ = '-';
    at = put_digits(at, (unsigned)month, 2);
    *at++ = '-';
    at = put_digits(at, (unsigned)day, 2);
    *at = '\0';
    return (size_t)(at - out);
}

size_t pg_value_time(int64_t unix_us, char out[static PG_VALUE_TEXT])
{
    int64_t days = unix_us / US_PER_DAY;
    int64_t rest = unix_us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    char *at = out + pg_value_date((int32_t)days, out);
    unsigned seconds = (unsigned)(rest / US_PER_S);
    *at++ = 'T';
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    unsigned micros = (unsigned)(rest % US_PER_S);
    if (micros) {
        *at++ = '.';
        at = put_digits(at, micros, 6);
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

size_t pg_value_i64(int64_t v, char out[static PG_VALUE_TEXT])
{
    char digits[20];
    int n = 0;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[n++] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    char *at = out;
    if (v < 0)
        *at++ = '-';
    while (n > 0)
        *at++ = digits[--n];
    *at = '\0';
    return (size_t)(at - out);
}

size_t pg_value_f64(double v, char out[static PG_VALUE_TEXT])
{
    if (isnan(v))
        return (size_t)snprintf(out, PG_VALUE_TEXT, "NaN");
    if (isinf(v))
        return (size_t)snprintf(out, PG_VALUE_TEXT, v > 0 ? "Infinity" : "-Infinity");
    return (size_t)snprintf(out, PG_VALUE_TEXT, "%.17g", v);
}

PgParam pg_uuid(Uuid v)
{
    PgParam p = {0};
    uuid_format(v, p.inline_);
    return p;
}

PgParam pg_i64(int64_t v)
{
    PgParam p = {0};
    pg_value_i64(v, p.inline_);
    return p;
}

PgParam pg_f64(double v)
{
    PgParam p = {0};
    pg_value_f64(v, p.inline_);
    return p;
}

PgParam pg_bool(bool v)
{
    return (PgParam){.text = v ? "t" : "f"};
}

PgParam pg_time(int64_t unix_us)
{
    PgParam p = {0};
    pg_value_time(unix_us, p.inline_);
    return p;
}

PgParam pg_date(int32_t days)
{
    PgParam p = {0};
    pg_value_date(days, p.inline_);
    return p;
}

PgParam pg_cstr(const char *v)
{
    return (PgParam){.text = v};
}

PgParam pg_null(void)
{
    return (PgParam){0};
}

/* The letter that follows the backslash; 0: the byte stands for itself. */
static char copy_escape(unsigned char byte)
{
    switch (byte) {
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\v': return 'v';
    case '\\': return '\\';
    default: return 0;
    }
}

void pg_copy_text(Buf *out, Str value)
{
    if (!value.ptr) {
        buf_add(out, "\\N", 2);
        return;
    }
    size_t start = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.ptr[i];
        char letter = byte <= '\\' ? copy_escape(byte) : 0;
        if (!letter)
            continue;
        buf_add(out, value.ptr + start, i - start);
        buf_add(out, (const char[]){'\\', letter}, 2);
        start = i + 1;
    }
    buf_add(out, value.ptr + start, value.len - start);
}
