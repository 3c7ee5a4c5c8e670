/* test_pg_value.c - values as PostgreSQL's text, and COPY's escapes. */
#include "harness/t.h"

#include "pg/pg.h"
#include "pg/pg_value.h"

#include <math.h>
#include <stdlib.h>

TEST(times_are_written_in_utc_with_microseconds_only_where_there_are_some)
{
    /* date -u -d @SECONDS +%FT%TZ */
    static const struct {
        int64_t us;
        const char *expected;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {INT64_C(1767225599) * 1000000 + 1, "2025-12-31T23:59:59.000001Z"},
        {INT64_C(951782400) * 1000000, "2000-02-29T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {INT64_C(-62135596800) * 1000000, "0001-01-01T00:00:00Z"},
        {INT64_C(253402300799) * 1000000 + 999999, "9999-12-31T23:59:59.999999Z"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[PG_VALUE_TEXT];
        size_t len = pg_value_time(rows[i].us, out);
        T_STR(rows[i].expected, ((Str){out, len}));
    }
}

TEST(whole_numbers_are_written_to_the_ends_of_their_range)
{
    static const struct {
        int64_t v;
        const char *expected;
    } rows[] = {
        {0, "0"}, {-1, "-1"}, {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[PG_VALUE_TEXT];
        size_t len = pg_value_i64(rows[i].v, out);
        T_STR(rows[i].expected, ((Str){out, len}));
    }
}

TEST(doubles_read_back_as_themselves)
{
    static const double values[] = {0.1, -1.0 / 3, 1e308, 4.9406564584124654e-324, 123456789.123456789};
    (void)state;
    char out[PG_VALUE_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        pg_value_f64(values[i], out);
        assert_true(strtod(out, NULL) == values[i]);
    }
    pg_value_f64(NAN, out);
    assert_string_equal(out, "NaN"); /* PostgreSQL's words, manual 8.1.3 */
    pg_value_f64(-INFINITY, out);
    assert_string_equal(out, "-Infinity");
}

/* The table of escapes is that of PostgreSQL's manual, COPY, "Text Format". */
TEST(copy_text_escapes_what_the_manual_lists_and_nothing_else)
{
    static const struct {
        Str in;
        const char *expected;
    } rows[] = {
        {{"", 0}, ""},
        {{NULL, 0}, "\\N"},
        {{"\\N", 2}, "\\\\N"},
        {{"\\.", 2}, "\\\\."},
        {{"a\tb\nc\rd", 7}, "a\\tb\\nc\\rd"},
        {{"\b\f\v", 3}, "\\b\\f\\v"},
        {{"\x01\x7f\xc3\xa9 \"'|", 8}, "\x01\x7f\xc3\xa9 \"'|"},
        {{"\n", 1}, "\\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf out = BUF(64);
        pg_copy_text(&out, rows[i].in);
        T_STR(rows[i].expected, ((Str){buf_cstr(&out), out.len}));
    }
}

TEST(copy_text_past_the_buffers_limit_is_an_error)
{
    (void)state;
    CLEANUP(buf_done) Buf out = BUF(4);
    Err err;
    pg_copy_text(&out, STR("abcdefgh"));
    T_FAILS(ERR_LIMIT, buf_check(&out, &err));
}

T_MAIN(T(times_are_written_in_utc_with_microseconds_only_where_there_are_some),
       T(whole_numbers_are_written_to_the_ends_of_their_range), T(doubles_read_back_as_themselves),
       T(copy_text_escapes_what_the_manual_lists_and_nothing_else),
       T(copy_text_past_the_buffers_limit_is_an_error))
