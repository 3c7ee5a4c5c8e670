#include "harness/t.h"

#include "base/str.h"

#include <stdlib.h>

TEST(numbers_are_read_whole_or_not_at_all)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {{"0", true, 0},
                {"-9223372036854775808", true, INT64_MIN},
                {"9223372036854775807", true, INT64_MAX},
                {"+5", true, 5},
                {"9223372036854775808", false, 0},
                {"-9223372036854775809", false, 0},
                {"", false, 0},
                {"-", false, 0},
                {" 1", false, 0},
                {"1 ", false, 0},
                {"1.0", false, 0},
                {"0x10", false, 0},
                {"--1", false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t v = 0;
        assert_int_equal(str_to_i64(str_from(rows[i].text), &v), rows[i].ok);
        if (rows[i].ok)
            assert_true(v == rows[i].value);
    }
}

TEST(doubles_are_finite_and_plain)
{
    double v;
    assert_true(str_to_f64(STR("-1.5e3"), &v));
    T_NEAR(-1500, v, 0);
    static const char *const bad[] = {"", "nan", "inf", "0x1p3", "1e999", " 1", "1 ", "1,5", "e5", "."};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_f64(str_from(bad[i]), &v));
}

/* The C library's strtod is the other side. */
TEST(decimals_are_read_as_the_c_library_reads_them)
{
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17; /* Marsaglia, 2003 */
        char text[64];
        (void)snprintf(text, sizeof(text), "%.*f", i % 23,
                       (double)(int64_t)x / (double)(UINT64_C(1) << (x % 64)));
        double v, want = strtod(text, NULL);
        bool ok = str_to_f64(str_from(text), &v);
        if (strlen(text) <= 64 && (!ok || v != want))
            fail_msg("%s: expected %.17g, got %.17g", text, want, v);
    }
    double v;
    assert_true(str_to_f64(STR("9007199254740993"), &v) && v == 9007199254740992.0); /* ties to even */
    assert_true(str_to_f64(STR("-0"), &v) && v == 0 && 1 / v < 0);
}

/* Unicode 15, table 3-7: the edges of every row and what stands just outside them. */
TEST(utf8_is_what_the_unicode_table_says)
{
    static const struct {
        Str s;
        bool ok;
        size_t bad;
    } rows[] = {{STR(""), true, 0},
                {STR("plain ascii, longer than eight"), true, 0},
                {STR("\xc2\x80\xdf\xbf"), true, 0},
                {STR("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true, 0},
                {STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true, 0},
                {STR("a\xc0\x80"), false, 1},
                {STR("ab\xc1\xbf"), false, 2},
                {STR("\xe0\x9f\xbf"), false, 0},
                {STR("\xed\xa0\x80"), false, 0},
                {STR("\xf0\x8f\xbf\xbf"), false, 0},
                {STR("\xf4\x90\x80\x80"), false, 0},
                {STR("\xf5\x80\x80\x80"), false, 0},
                {STR("12345678\x80"), false, 8},
                {STR("x\xe2\x82"), false, 1},
                {STR("\xc3("), false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t bad = 0;
        assert_int_equal(str_is_utf8(rows[i].s, &bad), rows[i].ok);
        assert_int_equal(bad, rows[i].bad);
    }
    assert_int_equal(str_utf8_len(STR("a\xc3\xa9\xf0\x9f\x8f\xa0")), 3);
}

TEST(pieces_are_cut_at_the_separator)
{
    Str rest = STR("a,,b,"), piece;
    const char *const expected[] = {"a", "", "b", ""};
    for (int i = 0; i < 4; i++) {
        assert_true(str_next(&rest, ',', &piece));
        T_STR(expected[i], piece);
    }
    assert_false(str_next(&rest, ',', &piece));
    rest = STR("");
    assert_true(str_next(&rest, ',', &piece));
    assert_false(str_next(&rest, ',', &piece));
}

TEST(views_compare_trim_and_slice)
{
    assert_true(str_eq(STR_NULL, STR("")));
    assert_true(str_eq_nocase(STR("AbC"), STR("aBc")));
    assert_false(str_eq_nocase(STR("AbC"), STR("aB")));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_true(str_starts(STR("ab"), STR("a")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("ab"), STR("b")));
    T_STR("x y", str_trim(STR(" \t\r\nx y\v\f ")));
    T_STR("", str_trim(STR("   ")));
    T_STR("bc", str_slice(STR("abcd"), 1, 3));
    T_STR("", str_slice(STR("ab"), 5, 9));
    assert_int_equal(str_find(STR("hello"), STR("lo")), 3);
    assert_int_equal(str_find(STR("hello"), STR("xx")), -1);
    assert_int_equal(str_find(STR("h"), STR("hello")), -1);
}

TEST(a_copy_fits_or_is_empty)
{
    char dst[4];
    assert_true(str_copy(dst, sizeof dst, STR("abc")));
    assert_string_equal(dst, "abc");
    assert_false(str_copy(dst, sizeof dst, STR("abcd")));
    assert_string_equal(dst, "");
}

T_MAIN(T(numbers_are_read_whole_or_not_at_all), T(doubles_are_finite_and_plain),
       T(decimals_are_read_as_the_c_library_reads_them), T(utf8_is_what_the_unicode_table_says),
       T(pieces_are_cut_at_the_separator), T(views_compare_trim_and_slice), T(a_copy_fits_or_is_empty))
