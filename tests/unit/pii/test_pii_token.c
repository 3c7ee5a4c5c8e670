#include "base/base.h"
#include "base/mem.h"
#include "harness/t.h"
#include "pii/pii_token.h"

/* The pieces of text, joined by '|'. */
static const char *cut(const char *text, char out[512])
{
    PiiToken t[128];
    size_t at = 0, n = pii_tokenize(str_from(text), &at, t, ARRAY_LEN(t)), len = 0;
    assert_int_equal(at, strlen(text));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            out[len++] = '|';
        memcpy(out + len, text + t[i].start, t[i].end - t[i].start);
        len += t[i].end - t[i].start;
    }
    out[len] = 0;
    return out;
}

TEST(text_is_cut_into_words_numbers_and_marks)
{
    static const struct {
        const char *text, *pieces;
    } rows[] = {
        {"", ""},
        {" \n\t ", ""},
        {"Call John.", "Call|John|."},
        {"O'Brien's", "O'Brien|'|s"},
        {"D\xe2\x80\x99"
         "Angelo",
         "D\xe2\x80\x99"
         "Angelo"},
        {"I'll don't", "I|'|ll|don|'|t"},
        {"Smith-Jones", "Smith|-|Jones"},
        {"5th 12B B12", "5th|12B|B12"},
        {"a,b", "a|,|b"},
        {"Jos\xc3\xa9 M\xc3\xbcller", "Jos\xc3\xa9|M\xc3\xbcller"},
        {"\xe2\x80\x9cHi\xe2\x80\x9d", "\xe2\x80\x9c|Hi|\xe2\x80\x9d"},
        {"a\xc2\xa0"
         "b",
         "a|b"},
        {"x\xff\xfey", "x|\xff|\xfe|y"},
        {"cut \xe2\x82", "cut|\xe2|\x82"},
        {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd"},
    };
    char out[512];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(rows[i].pieces, cut(rows[i].text, out));
}

TEST(a_token_knows_how_its_letters_are_written)
{
    static const struct {
        const char *word;
        PiiShape shape;
    } rows[] = {
        {"john", PII_SHAPE_LOWER},
        {"John", PII_SHAPE_TITLE},
        {"JOHN", PII_SHAPE_UPPER},
        {"J", PII_SHAPE_INITIAL},
        {"McDonald", PII_SHAPE_MIXED},
        {"iPhone", PII_SHAPE_MIXED},
        {"123", PII_SHAPE_DIGITS},
        {"5th", PII_SHAPE_DIGITS_LETTERS},
        {"B12", PII_SHAPE_LETTERS_DIGITS},
        {",", PII_SHAPE_MARK},
        {"\xc3\x89mile", PII_SHAPE_TITLE},
        {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", PII_SHAPE_TITLE},
        {"\xe6\x9d\x8e\xe5\x9b\x9b", PII_SHAPE_CASELESS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[4];
        size_t at = 0;
        assert_int_equal(1, pii_tokenize(str_from(rows[i].word), &at, t, ARRAY_LEN(t)));
        if (t[0].shape != rows[i].shape)
            fail_msg("%s: shape %d, not %d", rows[i].word, t[0].shape, rows[i].shape);
    }
}

TEST(case_and_accents_do_not_change_the_hash)
{
    uint32_t jose = pii_token_hash(STR("jose"));
    assert_int_equal(jose, pii_token_hash(STR("JOSE")));
    assert_int_equal(jose, pii_token_hash(STR("Jos\xc3\xa9")));
    assert_int_equal(jose, pii_token_hash(STR("JOS\xc3\x89")));
    assert_int_equal(pii_token_hash(STR("\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd")),
                     pii_token_hash(STR("\xd0\x98\xd0\x92\xd0\x90\xd0\x9d")));
    assert_int_not_equal(jose, pii_token_hash(STR("josef")));
}

TEST(newlines_and_blanks_before_a_token_are_kept)
{
    PiiToken t[8];
    size_t at = 0;
    assert_int_equal(4, pii_tokenize(STR("a\n\nb c,"), &at, t, ARRAY_LEN(t)));
    assert_true(t[0].blank && t[1].blank && t[2].blank && !t[3].blank);
    assert_int_equal(2, t[1].newlines);
    assert_int_equal(0, t[2].newlines);
}

TEST(a_long_text_goes_on_where_the_array_was_full)
{
    PiiToken t[2];
    size_t at = 0;
    assert_int_equal(2, pii_tokenize(STR("a b c"), &at, t, 2));
    assert_int_equal(3, at);
    assert_int_equal(1, pii_tokenize(STR("a b c"), &at, t, 2));
    assert_int_equal(4, t[0].start);
}

typedef size_t Way(Str text, size_t *at, PiiToken *tokens, size_t max);

/* That way and the plain one on the same bytes, `max` tokens at a time. */
static void agree(Way *way, const char *bytes, size_t len, size_t max)
{
    PiiToken a[64], b[64];
    CLEANUP(mem_freep) char *copy = mem_zalloc(len + 1);
    memcpy(copy, bytes, len);
    Str text = {copy, len};
    for (size_t at = 0, at_plain = 0, n = 1; n > 0;) {
        size_t from = at;
        n = way(text, &at, a, max);
        size_t plain = pii_tokenize_plain(text, &at_plain, b, max);
        if (n != plain || at != at_plain || memcmp(a, b, n * sizeof *a) != 0)
            fail_msg("tokens after byte %zu of %.*s differ", from, (int)len, copy);
    }
}

/* Those that this machine can run. */
static size_t ways(Way *ret[2])
{
    size_t n = 0;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        ret[n++] = pii_tokenize_avx2;
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        ret[n++] = pii_tokenize_avx512;
#endif
    return n;
}

TEST(the_vector_tokenizers_and_the_plain_one_agree)
{
    static const char *const pieces[] = {"a",
                                         "the ",
                                         "House",
                                         "O'Brien",
                                         "d'x",
                                         "\xc3\xa9",
                                         "\xe2\x80\x99",
                                         "ABC ",
                                         "12",
                                         "5th",
                                         " ",
                                         "\n",
                                         "\t",
                                         ".",
                                         ", ",
                                         "\xff",
                                         "\xe2\x82",
                                         "\xc2\xa0",
                                         "_",
                                         "x_Y ",
                                         "'s",
                                         "Miller",
                                         "-",
                                         "A",
                                         "\xd0\x98",
                                         "\r\n",
                                         "",
                                         "abcdefghijklmnopqrstuvwxyz",
                                         "@",
                                         "B12 ",
                                         "internationalisation ",
                                         "   \n \n\n  ",
                                         "averylongwordofmorethanthirtytwoletters"};
    uint32_t x = 1;
    for (size_t round = 0; round < 20000; round++) {
        char text[512];
        size_t len = 0;
        for (size_t pieces_left = 1 + round % 60; pieces_left > 0; pieces_left--) {
            x = x * 1664525 + 1013904223;
            const char *piece = pieces[(x >> 16) % ARRAY_LEN(pieces)];
            if (len + strlen(piece) > sizeof text)
                break;
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        Way *all[2];
        for (size_t i = 0, n = ways(all); i < n; i++)
            agree(all[i], text, len, 1 + (x >> 20) % 64);
    }
}

TEST(affixes_are_the_first_and_last_letters_without_case_and_accents)
{
    static const struct {
        const char *word;
        char head[5], tail[5];
    } rows[] = {
        {"Anderson", "ande", "rson"}, {"Jos\xc3\xa9", "jose", "jose"},  {"Al", "al", "al"},
        {"O'Brien", "obri", "rien"},  {"\xc3\x89mile", "emil", "mile"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t;
        size_t at = 0;
        uint32_t head, tail;
        assert_int_equal(1, pii_tokenize(str_from(rows[i].word), &at, &t, 1));
        pii_token_affixes(str_from(rows[i].word), &t, &head, &tail);
        size_t n = strlen(rows[i].tail);
        char shown[4] = {0};
        memcpy(shown + 4 - n, rows[i].tail, n);
        assert_memory_equal(rows[i].head, &head, 4);
        assert_memory_equal(shown, &tail, 4);
    }
}

T_MAIN(T(the_vector_tokenizers_and_the_plain_one_agree),
       T(affixes_are_the_first_and_last_letters_without_case_and_accents),
       T(text_is_cut_into_words_numbers_and_marks), T(a_token_knows_how_its_letters_are_written),
       T(case_and_accents_do_not_change_the_hash), T(newlines_and_blanks_before_a_token_are_kept),
       T(a_long_text_goes_on_where_the_array_was_full))
