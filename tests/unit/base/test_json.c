#include "harness/t.h"

#include "base/jv.h"
#include "base/jw.h"

#include <math.h>
#include <stdlib.h>

TEST(the_writer_keeps_commas_and_brackets)
{
    CLEANUP(buf_done) Buf b = BUF(1000);
    Jw w = jw(&b);
    jw_obj(&w);
    jw_kv_i64(&w, "a", -1);
    jw_key(&w, "b");
    jw_arr(&w);
    jw_arr(&w);
    jw_end(&w);
    jw_bool(&w, true);
    jw_null(&w);
    jw_end(&w);
    jw_kv_raw(&w, "c", STR("{\"x\":1}"));
    jw_kv_cstr(&w, "d", NULL);
    jw_end(&w);
    assert_string_equal(buf_cstr(&b), "{\"a\":-1,\"b\":[[],true,null],\"c\":{\"x\":1},\"d\":null}");
}

/* Escapes of RFC 8259, section 7; bad bytes become U+FFFD one by one (Unicode 15, 3.9). */
TEST(strings_are_escaped_and_always_valid)
{
    static const struct {
        Str in;
        const char *out;
    } rows[] = {{STR("a\"b\\c\n\r\t"), "\"a\\\"b\\\\c\\n\\r\\t\""},
                {STR("\x01\x1f\x7f"), "\"\\u0001\\u001f\x7f\""},
                {STR("a\0b"), "\"a\\u0000b\""},
                {STR("\xc3\xa9\xf0\x9f\x8f\xa0"), "\"\xc3\xa9\xf0\x9f\x8f\xa0\""},
                {STR("x\xffy\xc3"), "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\""},
                {STR("\xc3\xa9\x80\xc3\xa9\n"), "\"\xc3\xa9\xEF\xBF\xBD\xc3\xa9\\n\""},
                {STR("</script>"), "\"</script>\""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(1000);
        Jw w = jw(&b);
        jw_str(&w, rows[i].in);
        assert_string_equal(buf_cstr(&b), rows[i].out);
    }
}

TEST(doubles_read_back_to_the_same_value)
{
    static const double rows[] = {
        0.1, 1.0 / 3, 1e300, 5e-324, 123456789.125, -2.5, 1e15, 9007199254740993.0, 0.30000000000000004};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(100);
        Jw w = jw(&b);
        jw_f64(&w, rows[i]);
        double v;
        CLEANUP(jv_freep) Jv *j = NULL;
        Err err = {0};
        T_OK(jv_parse(buf_str(&b), &j, &err), err);
        assert_true(jv_is_f64(j, &v));
        assert_true(v == rows[i]);
    }
    CLEANUP(buf_done) Buf b = BUF(100);
    Jw w = jw(&b);
    jw_arr(&w);
    jw_f64(&w, 0.1);
    jw_f64(&w, 3.0);
    jw_f64(&w, NAN);
    jw_f64(&w, -INFINITY);
    jw_end(&w);
    assert_string_equal(buf_cstr(&b), "[0.1,3,null,null]");
}

/* xorshift64* (S. Vigna, 2016): any bits will do. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* The C library is the other side: it must read our text as the same value, and write it no shorter. */
TEST(any_double_is_written_with_the_fewest_digits_that_read_back)
{
    uint64_t seed = 42;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next_random(&seed);
        double v;
        if (i % 2) {
            memcpy(&v, &bits, sizeof(v));
            if (!isfinite(v))
                continue;
        } else {
            v = (double)(int64_t)(bits % 2000000000) / (double)(1 + i % 100000) - 5000;
        }
        CLEANUP(buf_done) Buf b = BUF(400);
        Jw w = jw(&b);
        jw_f64(&w, v);
        double back = strtod(buf_cstr(&b), NULL);
        if (back != v)
            fail_msg("%.17g was written as %s", v, buf_cstr(&b));
        int digits = 0;
        for (const char *p = buf_cstr(&b); *p && *p != 'e'; p++)
            digits += *p >= '0' && *p <= '9' && (digits > 0 || *p != '0');
        for (const char *p = buf_cstr(&b) + b.len;
             p > buf_cstr(&b) && p[-1] == '0' && !strchr(buf_cstr(&b), '.'); p--)
            digits--;
        char shorter[400];
        if (digits > 1) {
            snprintf(shorter, sizeof(shorter), "%.*g", digits - 1, v);
            if (strtod(shorter, NULL) == v)
                fail_msg("%.17g: %s is longer than %s", v, buf_cstr(&b), shorter);
        }
    }
}

TEST(digits_are_rounded_to_the_nearest)
{
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        double v = (double)(int64_t)(next_random(&seed) % 4000000001) / 1e6 - 2000;
        CLEANUP(buf_done) Buf b = BUF(400);
        Jw w = jw(&b);
        jw_f64_digits(&w, v, 9);
        double unit = pow(10, floor(log10(fabs(v))) - 8); /* of the ninth digit */
        if (fabs(strtod(buf_cstr(&b), NULL) - v) > 0.5 * unit * (1 + 1e-6))
            fail_msg("%.17g was rounded to %s", v, buf_cstr(&b));
    }
    static const struct {
        double v;
        const char *text;
    } ROWS[] = {{0, "0"},
                {-0.5, "-0.5"},
                {0.005, "0.005"},
                {1e-7, "0.0000001"},
                {99.9999999999, "100"},
                {12345678912.0, "12345678900"}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        CLEANUP(buf_done) Buf b = BUF(100);
        Jw w = jw(&b);
        jw_f64_digits(&w, ROWS[i].v, 9);
        T_STR(ROWS[i].text, buf_str(&b));
    }
}

TEST(a_float_reads_back_from_nine_digits)
{
    uint64_t seed = 3;
    for (int i = 0; i < 100000; i++) {
        uint32_t bits = (uint32_t)next_random(&seed);
        float v;
        memcpy(&v, &bits, sizeof(v));
        if (!isfinite(v))
            continue;
        CLEANUP(buf_done) Buf b = BUF(400);
        Jw w = jw(&b);
        jw_f64_digits(&w, (double)v, 9);
        if (strtof(buf_cstr(&b), NULL) != v)
            fail_msg("%.9g was written as %s", (double)v, buf_cstr(&b));
    }
}

TEST(a_tree_gives_its_values_and_tells_what_is_absent)
{
    CLEANUP(jv_freep) Jv *j = NULL;
    Err err = {0};
    T_OK(jv_parse(STR("{\"s\":\"x\\u0000y\",\"i\":7,\"f\":1.5,\"b\":true,\"n\":null,\"a\":[1,2]}"), &j, &err),
         err);
    assert_int_equal(jv_get_str(j, "s").len, 3);
    assert_int_equal(jv_get_i64(j, "i", 0), 7);
    T_NEAR(1.5, jv_get_f64(j, "f", 0), 0);
    T_NEAR(7, jv_get_f64(j, "i", 0), 0);
    assert_true(jv_get_bool(j, "b", false));
    assert_int_equal(jv_kind(jv_get(j, "n")), JV_NULL);
    assert_int_equal(jv_kind(jv_get(j, "absent")), JV_ABSENT);
    assert_int_equal(jv_len(jv_get(j, "a")), 2);
    assert_int_equal(jv_kind(jv_at(jv_get(j, "a"), 2)), JV_ABSENT);
    assert_int_equal(jv_get_i64(j, "s", -1), -1);
    assert_int_equal(jv_get_i64(j, "f", -1), -1);
    assert_null(jv_get_str(NULL, "s").ptr);
}

TEST(what_is_not_json_is_refused_with_its_place)
{
    static const char *const rows[] = {"",      "{",   "[1,]",   "{\"a\":1,\"a\":2}", "\"\xff\"", "01", "nul",
                                       "{} {}", "'x'", "[1e999]"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Jv *j = NULL;
        Err err = {0};
        T_FAILS(ERR_MALFORMED, jv_parse(str_from(rows[i]), &j, &err));
        assert_non_null(strstr(err.msg, "line"));
        assert_null(j);
    }
}

TEST(what_is_wrong_is_told_without_a_piece_of_the_text)
{
    static const char *const rows[] = {"{\"Mary Johnson\":1,\"Mary Johnson\":2}", "{\"a\": Johnson}",
                                       "\"Johnson\xff\"", "[1, \"Johnson\" \"Johnson\"]"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Jv *j = NULL;
        Err err = {0};
        T_FAILS(ERR_MALFORMED, jv_parse(str_from(rows[i]), &j, &err));
        assert_null(strstr(err.msg, "Johnson"));
    }
}

TEST(nesting_has_a_limit)
{
    CLEANUP(buf_done) Buf b = BUF(10000);
    for (int i = 0; i < 65; i++)
        buf_add_char(&b, '[');
    for (int i = 0; i < 65; i++)
        buf_add_char(&b, ']');
    Jv *j = NULL;
    Err err = {0};
    T_FAILS(ERR_MALFORMED, jv_parse(buf_str(&b), &j, &err));
    T_OK(jv_parse((Str){b.ptr + 1, 128}, &j, &err), err);
    jv_free(j);
    j = NULL;
    T_OK(jv_parse(STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"\""),
                  &j, &err),
         err);
    jv_free(j);
}

T_MAIN(T(the_writer_keeps_commas_and_brackets), T(strings_are_escaped_and_always_valid),
       T(doubles_read_back_to_the_same_value), T(any_double_is_written_with_the_fewest_digits_that_read_back),
       T(digits_are_rounded_to_the_nearest), T(a_float_reads_back_from_nine_digits),
       T(a_tree_gives_its_values_and_tells_what_is_absent), T(what_is_not_json_is_refused_with_its_place),
       T(what_is_wrong_is_told_without_a_piece_of_the_text), T(nesting_has_a_limit))
