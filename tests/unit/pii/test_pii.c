/* The scanner: any bytes, limits, overlaps, code points. */
#include "harness/t.h"
#include "pii/pii.h"

#include "base/mem.h"

typedef struct Fixture {
    PiiScanner *scanner;
    PiiScratch *scratch;
    PiiFound found;
    Err err;
} Fixture;

static void open_scanner(Fixture *f)
{
    *f = (Fixture){0};
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    T_OK(pii_scanner_new(&o, &f->scanner, &f->err), f->err);
    f->scratch = pii_scratch_new(f->scanner);
}

static void close_scanner(Fixture *f)
{
    pii_found_done(&f->found);
    pii_scratch_free(f->scratch);
    pii_scanner_free(f->scanner);
}

TEST(every_type_has_a_name_that_parses_back)
{
    for (int t = 0; t < PII_N_TYPES; t++) {
        PiiType back;
        assert_true(pii_type_parse(str_from(pii_type_name((PiiType)t)), &back));
        assert_int_equal(back, t);
    }
    PiiType none;
    assert_false(pii_type_parse(STR("EMAIL"), &none));
}

TEST(text_that_is_not_utf8_is_scanned_and_its_bytes_count_as_one_code_point)
{
    Fixture f;
    open_scanner(&f);
    Str text = STR("\xff\xc3 caf\xc3\xa9 jo@example.org \xe2\x82\xac bo@example.org");
    T_OK(pii_scan(f.scanner, f.scratch, text, &f.found, &f.err), f.err);
    assert_int_equal(f.found.n, 2);
    T_STR("jo@example.org", str_slice(text, f.found.spans[0].start, f.found.spans[0].end));
    pii_codepoints(text, f.found.spans, f.found.n);
    /* by hand: 2 bad bytes, blank, c a f e-acute, blank: 8; 14 long; blank, euro, blank */
    assert_int_equal(f.found.spans[0].start, 8);
    assert_int_equal(f.found.spans[0].end, 22);
    assert_int_equal(f.found.spans[1].start, 25);
    assert_int_equal(f.found.spans[1].end, 39);
    close_scanner(&f);
}

TEST(a_text_past_the_limit_is_an_error_and_finds_nothing)
{
    Fixture f;
    open_scanner(&f);
    char *big = mem_zalloc(PII_TEXT_MAX + 1);
    T_FAILS(ERR_LIMIT, pii_scan(f.scanner, f.scratch, (Str){big, PII_TEXT_MAX + 1}, &f.found, &f.err));
    assert_int_equal(f.found.n, 0);
    mem_free(big);
    close_scanner(&f);
}

TEST(more_findings_than_the_limit_are_an_error_and_none_is_returned)
{
    Fixture f;
    open_scanner(&f);
    char *big = mem_zalloc(PII_TEXT_MAX);
    for (size_t i = 0; i + 8 <= PII_TEXT_MAX; i += 8)
        memcpy(big + i, "a@b.com ", 8);
    T_FAILS(ERR_LIMIT, pii_scan(f.scanner, f.scratch, (Str){big, PII_TEXT_MAX}, &f.found, &f.err));
    assert_int_equal(f.found.n, 0);
    T_OK(pii_scan(f.scanner, f.scratch, (Str){big, PII_TEXT_MAX / 4}, &f.found, &f.err), f.err);
    assert_int_equal(f.found.n, PII_TEXT_MAX / 32);
    mem_free(big);
    close_scanner(&f);
}

TEST(a_least_score_outside_0_to_1_is_refused)
{
    PiiOptions o = PII_OPTIONS_DEFAULT;
    PiiScanner *s = NULL;
    Err err = {0};
    o.min_score = 1.5f;
    T_FAILS(ERR_INVALID, pii_scanner_new(&o, &s, &err));
    assert_null(s);
}

T_MAIN(T(every_type_has_a_name_that_parses_back),
       T(text_that_is_not_utf8_is_scanned_and_its_bytes_count_as_one_code_point),
       T(a_text_past_the_limit_is_an_error_and_finds_nothing),
       T(more_findings_than_the_limit_are_an_error_and_none_is_returned),
       T(a_least_score_outside_0_to_1_is_refused))
