#include "harness/t.h"

#include "base/clock.h"
#include "base/mem.h"
#include "pii/pii_custom.h"

typedef struct Custom {
    PiiCustom *c;
    PiiScanner *s;
    PiiScratch *scratch;
    PiiFound found;
} Custom;

static void done(Custom *x)
{
    pii_scratch_free(x->scratch);
    pii_scanner_free(x->s);
    pii_custom_free(x->c);
    pii_found_done(&x->found);
}

static Custom open_custom(const char *yaml)
{
    Custom x = {0};
    Err err = {0};
    PiiOptions o = PII_OPTIONS_DEFAULT;
    T_OK(pii_custom_parse(str_from(yaml), "t.yaml", &x.c, &err), err);
    o.custom = x.c;
    o.names = false;
    T_OK(pii_scanner_new(&o, &x.s, &err), err);
    x.scratch = pii_scratch_new(x.s);
    return x;
}

static size_t count(Custom *x, Str text, PiiType type)
{
    Err err = {0};
    size_t n = 0;
    T_OK(pii_scan(x->s, x->scratch, text, &x->found, &err), err);
    for (size_t i = 0; i < x->found.n; i++)
        n += x->found.spans[i].type == type;
    return n;
}

TEST(words_are_found_whole_and_in_any_case)
{
    CLEANUP(done)
    Custom x = open_custom("words:\n  - Project Heron\n  - {text: Acme, type: ORGANIZATION, score: 0.9}\n");
    assert_int_equal(count(&x, STR("project\n HERON is on"), PII_CUSTOM), 1);
    assert_int_equal(x.found.spans[0].start, 0);
    assert_int_equal(x.found.spans[0].end, 14);
    assert_int_equal(count(&x, STR("Project Herons, subproject heron, project-heron"), PII_CUSTOM), 0);
    assert_int_equal(count(&x, STR("acme Acme, ACMEs"), PII_ORGANIZATION), 2);
    T_NEAR(0.9, (double)x.found.spans[0].score, 1e-6);
    assert_int_equal(count(&x, STR("Project "), PII_CUSTOM), 0);
    assert_int_equal(count(&x, STR(""), PII_CUSTOM), 0);
}

TEST(patterns_are_found_beside_bytes_that_are_no_utf8)
{
    CLEANUP(done) Custom x = open_custom("patterns:\n  - {regex: '\\bHF-\\d{6}\\b', score: 0.7}\n");
    assert_int_equal(count(&x, STR("\xff HF-123456\0HF-1234567 \xc3\nHF-654321"), PII_CUSTOM), 2);
    assert_int_equal(x.found.spans[0].start, 2);
    assert_int_equal(x.found.spans[0].end, 11);
}

TEST(a_match_at_every_place_around_a_slice_is_found_once)
{
    CLEANUP(done) Custom x = open_custom("patterns:\n  - '\\bHF-\\d{6}\\b'\n");
    static char text[3 * PII_CUSTOM_SLICE];
    for (size_t at = 2 * PII_CUSTOM_SLICE - 2 * PII_CUSTOM_MATCH - 20; at < 2 * PII_CUSTOM_SLICE + 20; at++) {
        memset(text, ' ', sizeof text);
        memcpy(text + at, "HF-123456", 9);
        assert_int_equal(count(&x, (Str){text, sizeof text}, PII_CUSTOM), 1);
        assert_int_equal(x.found.spans[0].start, at);
        assert_int_equal(x.found.spans[0].end, at + 9);
    }
}

TEST(what_is_allowed_is_left_alone)
{
    CLEANUP(done) Custom x = open_custom("allow:\n  - Office@Acme.com\n  - {text: b@acme.com, type: URL}\n");
    assert_int_equal(count(&x, STR("office@acme.com x@acme.com b@acme.com"), PII_EMAIL_ADDRESS), 2);
}

TEST(a_wrong_file_is_refused_naming_the_line)
{
    static const struct {
        const char *yaml, *message;
    } ROWS[] = {{"word: [x]\n", "t.yaml:1: unknown key \"word\""},
                {"words:\n  - ab\n  - x\n", "t.yaml:3: a word of one byte"},
                {"words:\n  - {type: PERSON}\n", "t.yaml:2: an entry without text"},
                {"words:\n  - {text: abc, type: FOO}\n", "t.yaml:2: no type \"FOO\""},
                {"words:\n  - {text: abc, score: 2}\n", "t.yaml:2: the score"},
                {"words: abc\n", "t.yaml:1: \"words\" is no list"},
                {"patterns:\n\n  - 'a(b'\n", "t.yaml:3: the pattern is wrong at byte 3"},
                {"patterns:\n  - 'x*'\n", "t.yaml:2: the pattern matches the empty text"},
                {"patterns:\n  - {text: x}\n", "t.yaml:2: unknown key \"text\""},
                {"patterns:\n  - '(a+)+$'\n", "t.yaml:2: the pattern takes too many steps"},
                {"patterns:\n  - '(\\d+)*-?!!'\n", "t.yaml:2: the pattern takes too many steps"},
                {"patterns:\n  - '(?:\\s*a*\\s*)*b'\n", "t.yaml:2: the pattern takes too many steps"},
                {"allow:\n  - [x]\n", "t.yaml:2: a list"},
                {"- x\n", "t.yaml:1: not a map"}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        CLEANUP(pii_custom_freep) PiiCustom *c = NULL;
        Err err = {0};
        T_FAILS(ERR_INVALID, pii_custom_parse(str_from(ROWS[i].yaml), "t.yaml", &c, &err));
        if (strncmp(err.msg, ROWS[i].message, strlen(ROWS[i].message)) != 0)
            fail_msg("expected \"%s\", got \"%s\"", ROWS[i].message, err.msg);
    }
}

/* Patterns that are slow on letters that the check when they are loaded does not try. */
TEST(a_pattern_that_explodes_on_some_text_ends_soon_and_the_rest_is_found)
{
    static const char *const PATTERNS[] = {"(z+)+!", "(?:zz?)+!", "(z|z)+!", "z+z*z*z*z*!", "z(z*)*!"};
    enum { LEN = 256 << 10 };
    char *text = mem_array(LEN, 1);
    memset(text, 'z', LEN);
    for (size_t i = 900; i < LEN;
         i += 900) /* what each pattern must end with is never far, and never right behind a z */
        memcpy(text + i, " !", 2);
    memcpy(text + LEN - 10, " HF-12345 ", 10);
    for (size_t i = 0; i < ARRAY_LEN(PATTERNS); i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "patterns:\n  - '%s'\n  - 'HF-\\d{5}'\n", PATTERNS[i]);
        CLEANUP(done) Custom x = open_custom(yaml);
        int64_t from = clock_mono_us();
        assert_int_equal(count(&x, (Str){text, LEN}, PII_CUSTOM), 1);
        assert_true(clock_mono_us() - from <
                    20 * US_PER_S); /* without limits: longer than the world will last */
    }
    mem_free(text);
}

T_MAIN(T(words_are_found_whole_and_in_any_case), T(patterns_are_found_beside_bytes_that_are_no_utf8),
       T(a_match_at_every_place_around_a_slice_is_found_once), T(what_is_allowed_is_left_alone),
       T(a_wrong_file_is_refused_naming_the_line),
       T(a_pattern_that_explodes_on_some_text_ends_soon_and_the_rest_is_found))
