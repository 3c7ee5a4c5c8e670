#include "gbt/gbt_doc.h"

#include "base/base.h"
#include "harness/t.h"

#include <math.h>
#include <stdlib.h>

static double number_of(const char *text)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(1 << 16);
    GbtDoc doc = {0};
    Err err;
    T_OK(gbt_doc_json(str_from(text), arena, &doc, &err), err);
    assert_int_equal(doc.kind, GBT_DOC_NUM);
    return doc.num;
}

static void fails(ErrKind kind, Str text, const char *expected)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(1 << 16);
    GbtDoc doc = {0};
    Err err;
    T_FAILS(kind, gbt_doc_json(text, arena, &doc, &err));
    assert_string_equal(err.msg, expected);
}

TEST(numbers_are_correctly_rounded)
{
    /* Against the C library; the shapes are those of XGBoost's writers ("5E-1", "0.500000") and of others. */
    static const char *const texts[] = {"0",
                                        "0E0",
                                        "-0E0",
                                        "5E-1",
                                        "0.500000",
                                        "1.0000001E0",
                                        "1E-45",
                                        "1.1754944E-38",
                                        "3.4028235E38",
                                        "-7.3984504E-2",
                                        "16777217",
                                        "9007199254740993",
                                        "123456789012345678901234567890",
                                        "1e22",
                                        "1e23",
                                        "4.9e-324",
                                        "2.2250738585072014e-308",
                                        "1e-400",
                                        "12.5e+3"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        double expected = strtod(texts[i], NULL), got = number_of(texts[i]);
        if (memcmp(&expected, &got, sizeof got) != 0)
            fail_msg("%s: %.17g, expected %.17g", texts[i], got, expected);
    }
    assert_true(isnan(number_of("NaN")));
    assert_true(number_of("Infinity") == INFINITY && number_of("-Infinity") == -INFINITY);
    assert_true(number_of("true") == 1 && number_of("false") == 0);
}

TEST(a_decimal_is_not_rounded_twice_on_its_way_to_a_float)
{
    /* Just above half way between 1 and the next float, by less than a double can hold: strtod gives the half-way point
     * itself, which as a float becomes 1. */
    const char *text = "1.00000005960464477539062501";
    assert_true((float)strtod(text, NULL) == 1.0f);
    assert_true((float)number_of(text) == 1.00000011920928955078125f);
    assert_true((float)number_of(text) == strtof(text, NULL));
}

TEST(every_float_that_is_written_shortly_comes_back)
{
    uint32_t bits = 1;
    for (int i = 0; i < 200000; i++) {
        bits = bits * 1664525u + 1013904223u;
        float f, got;
        memcpy(&f, &bits, sizeof f);
        if (!isfinite(f))
            continue;
        char text[32];
        snprintf(text, sizeof text, "%.9gE0", (double)f);
        if (strchr(text, 'e'))
            snprintf(text, sizeof text, "%.9g", (double)f);
        got = (float)number_of(text);
        assert_memory_equal(&got, &f, sizeof f);
    }
}

TEST(texts_keep_their_bytes_and_lose_their_escapes)
{
    static const struct {
        const char *json, *expected;
    } rows[] = {
        {"\"\"", ""},
        {"\"größe\"", "größe"},
        {"\"\\u00e9\\u65e5\\ud83c\\udfe0x\"",
         "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x8f\xa0x"}, /* U+E9, U+65E5, U+1F3E0 */
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new(1 << 16);
        GbtDoc doc = {0};
        Err err;
        T_OK(gbt_doc_json(str_from(rows[i].json), arena, &doc, &err), err);
        T_STR(rows[i].expected, doc.str);
    }
}

TEST(what_is_no_json_is_refused_at_its_byte)
{
    static const struct {
        const char *json, *expected;
    } rows[] = {
        {"", "model, byte 0: ends too early"},
        {"{\"a\":1,}", "model, byte 7: a name is missing"},
        {"{\"a\" 1}", "model, byte 5: a colon is missing"},
        {"{\"a\":1", "model, byte 6: an object does not end"},
        {"[1,2", "model, byte 4: an array does not end"},
        {"[1,]", "model, byte 3: a number is missing"},
        {"[1,\"a\"]", "model, byte 3: a number is missing"},
        {"[1,[2]]", "model, byte 3: a number is missing"},
        {"[\"a\",]", "model, byte 5: a value is missing"},
        {"\"a", "model, byte 1: ends inside a text"},
        {"\"a\\", "model, byte 1: ends inside a text"},
        {"\"a\\x\"", "model, byte 4: an unknown escape"},
        {"\"\\u12", "model, byte 1: ends inside a text"},
        {"\"\\u12g4\"", "model, byte 5: a bad \\u"},
        {"\"\\udc00\"", "model, byte 7: half a surrogate pair"},
        {"1 2", "model, byte 2: goes on after its end"},
        {"-", "model, byte 1: not a number"},
        {"1.", "model, byte 0: not a number"},
        {"1e", "model, byte 0: not a number"},
        {"1e999", "model, byte 5: a number too large or too long"},
        {"nul", "model, byte 0: an unknown word"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "model: the name \"a\" twice in one object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        fails(ERR_CORRUPT, str_from(rows[i].json), rows[i].expected);
    fails(ERR_CORRUPT, (Str){"{\"a\":\0}", 7}, "model, byte 5: a value is missing");
}

T_MAIN(T(numbers_are_correctly_rounded), T(a_decimal_is_not_rounded_twice_on_its_way_to_a_float),
       T(every_float_that_is_written_shortly_comes_back), T(texts_keep_their_bytes_and_lose_their_escapes),
       T(what_is_no_json_is_refused_at_its_byte))
