/* Packs through the scanner: what is found, where, and what keeps a number from being one. */
#include "harness/t.h"

#include "base/buf.h"
#include "pii/pii.h"

typedef struct Scan {
    PiiScanner *scanner;
    PiiScratch *scratch;
    PiiFound found;
} Scan;

static Scan scan_new(const char *pack, bool plain)
{
    Scan s = {0};
    Err err = {0};
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    o.plain = plain;
    if (pack)
        T_OK(pii_packs_read(str_from(pack), &o.packs, &err), err);
    T_OK(pii_scanner_new(&o, &s.scanner, &err), err);
    s.scratch = pii_scratch_new(s.scanner);
    return s;
}

static void scan_done(Scan *s)
{
    pii_found_done(&s->found);
    pii_scratch_free(s->scratch);
    pii_scanner_free(s->scanner);
}

static const PiiSpan *find(Scan *s, Str text, PiiType type)
{
    Err err = {0};
    T_OK(pii_scan(s->scanner, s->scratch, text, &s->found, &err), err);
    for (size_t i = 0; i < s->found.n; i++)
        if (s->found.spans[i].type == type || pii_types_has(&s->found.spans[i].also, type))
            return &s->found.spans[i];
    return NULL;
}

static bool is_value(const PiiSpan *span, Str text, const char *value)
{
    ptrdiff_t at = str_find(text, str_from(value));
    return span && at >= 0 && span->start == (size_t)at && span->end == (size_t)at + strlen(value);
}

static const struct {
    PiiType type;
    const char *example;
} EXAMPLES[] = {
#define X(name, pack, what, rule, example) {PII_##name, example},
    PII_PACK_TYPES(X)
#undef X
};

TEST(the_example_of_each_type_is_found_by_its_pack_and_by_the_type_alone_and_not_without)
{
    Scan none = scan_new(NULL, false);
    for (size_t i = 0; i < ARRAY_LEN(EXAMPLES); i++) {
        Str text = str_from(EXAMPLES[i].example);
        Scan own = scan_new(pii_pack_of(EXAMPLES[i].type), false);
        const PiiSpan *span = find(&own, text, EXAMPLES[i].type);
        if (!span || span->end != text.len)
            fail_msg("%s is not found in \"%s\"", pii_type_name(EXAMPLES[i].type), EXAMPLES[i].example);
        scan_done(&own);
        assert_null(find(&none, text, EXAMPLES[i].type));

        PiiOptions o = PII_OPTIONS_DEFAULT;
        o.names = false;
        pii_types_add(&o.types, EXAMPLES[i].type);
        Scan alone = {0};
        Err err = {0};
        T_OK(pii_scanner_new(&o, &alone.scanner, &err), err);
        alone.scratch = pii_scratch_new(alone.scanner);
        assert_non_null(find(&alone, text, EXAMPLES[i].type));
        assert_int_equal(alone.found.n, 1);
        scan_done(&alone);
    }
    scan_done(&none);
}

static const struct {
    const char *pack;
    PiiType type;
    const char *text;
    const char *value; /* NULL: nothing of the type */
} ROWS[] = {
    {"uk", PII_UK_POSTCODE, "Send it to 10 Downing St, SW1A 2AA, please", "SW1A 2AA"},
    {"uk", PII_UK_POSTCODE, "the a1 2ab road", NULL}, /* small letters in running text */
    {"uk", PII_UK_NINO, "Her NI number: AB123456C.", "AB123456C"},
    {"uk", PII_UK_NINO, "shown as QQ123456C", NULL},
    {"uk", PII_UK_VEHICLE_REGISTRATION, "parked a Ford (AB51 ABC) outside", "AB51 ABC"},
    {"uk", PII_UK_NHS, "NHS 9434765919", "9434765919"},
    {"de", PII_DE_KFZ, "Der Wagen W\xc3\x9c-AB 123 steht dort", "W\xc3\x9c-AB 123"},
    {"de", PII_DE_KFZ, "Kennzeichen M AB 1234", "M AB 1234"},
    {"de", PII_DE_KFZ, "ich bin es 12 mal", NULL},
    {"de", PII_DE_VAT_ID, "USt-IdNr. DE 136 695 976", "DE 136 695 976"},
    {"de", PII_DE_VAT_ID, "USt-IdNr. DE136695978", "DE136695978"}, /* mistyped, but announced */
    {"de", PII_DE_VAT_ID, "DE136695978", NULL},
    {"de", PII_DE_TAX_ID, "order 86095742719 shipped", NULL},
    {"de", PII_DE_TAX_ID, "F\xc3\x9cR DIE STEUER-ID 86095742719", "86095742719"},
    {"de", PII_DE_PLZ, "Tel. +49 30 10115", NULL}, /* a part of something longer */
    {"fr", PII_FR_NIR, "NIR 255081416802538", "255081416802538"},
    {"fr", PII_FR_SIRET, "SIRET : 732 829 320 00074", "732 829 320 00074"},
    {"it", PII_IT_FISCAL_CODE, "codice fiscale mrtmtt91d08f205j", "mrtmtt91d08f205j"},
    {"it", PII_IT_IDENTITY_CARD, "call at 1234567 later", NULL},
    {"es", PII_ES_NIF, "DNI 12345678-Z", "12345678-Z"},
    {"se", PII_SE_PERSONNUMMER, "personnummer 811228-9874", "811228-9874"},
    {"kr", PII_KR_PASSPORT,
     "\xec\x97\xac\xea\xb6\x8c\xeb\xb2\x88\xed\x98\xb8\xeb\x8a\x94 M789C1234\xec\x9e\x85", "M789C1234"},
    {"in", PII_IN_AADHAAR, "Aadhaar: 2341 2341 2346", "2341 2341 2346"},
    {"in", PII_IN_AADHAAR, "card 2341 2341 2346 1111", NULL},
    {"au", PII_AU_TFN, "TFN 123 456 782", "123 456 782"},
    {"ca", PII_CA_SIN, "NAS : 130-692-544", "130-692-544"},
    {"ca", PII_CA_SIN, "130-692 544", NULL}, /* one kind of separator */
    {"za", PII_ZA_ID_NUMBER, "ID number 7503305044089", "7503305044089"},
    {"tr", PII_TR_LICENSE_PLATE, "on 12 May 2021 we met", NULL},
};

TEST(values_are_found_in_sentences_exactly_and_what_only_looks_like_one_is_not)
{
    for (int plain = 0; plain < 2; plain++)
        for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
            for (int all = 0; all < 2; all++) {
                Scan s = scan_new(all ? "all" : ROWS[i].pack, plain);
                Str text = str_from(ROWS[i].text);
                const PiiSpan *span = find(&s, text, ROWS[i].type);
                if (ROWS[i].value ? !is_value(span, text, ROWS[i].value) : span != NULL)
                    fail_msg("%s in \"%s\"", pii_type_name(ROWS[i].type), ROWS[i].text);
                scan_done(&s);
            }
}

TEST(the_same_digits_keep_their_other_types)
{
    Scan s = scan_new("all", false);
    Str text = STR("876543210");
    assert_non_null(find(&s, text, PII_AU_TFN));
    assert_non_null(find(&s, text, PII_US_PASSPORT));
    scan_done(&s);
}

TEST(a_pack_that_does_not_exist_is_refused)
{
    PiiTypes t = {0};
    Err err = {0};
    assert_int_equal(pii_packs_read(STR("xx"), &t, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "\"xx\""));
    assert_non_null(strstr(err.msg, " de "));
    assert_int_equal(pii_packs_read(STR(","), &t, &err), ERR_INVALID);
    assert_false(pii_types_any(&t));
    T_OK(pii_packs_read(STR(" UK , fr"), &t, &err), err);
    assert_true(pii_types_has(&t, PII_FR_NIR));
    assert_true(pii_types_has(&t, PII_UK_NHS));
    assert_false(pii_types_has(&t, PII_DE_PLZ));
}

TEST(a_megabyte_of_digits_and_separators_ends_in_time_and_within_limits)
{
    static const char *const PARTS[] = {"1 ",           "12-",     "1234567890",  "A1",
                                        "AB 12 34 56 ", "9.9.9.9", "\xc3\x84-B 1"};
    Scan s = scan_new("all", false);
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        CLEANUP(buf_done) Buf text = BUF(PII_TEXT_MAX);
        while (text.len + strlen(PARTS[i]) <= PII_TEXT_MAX)
            buf_add_c(&text, PARTS[i]);
        Err err = {0};
        ErrKind kind = pii_scan(s.scanner, s.scratch, buf_str(&text), &s.found, &err);
        assert_true(kind == ERR_NONE || kind == ERR_LIMIT);
    }
    scan_done(&s);
}

T_MAIN(T(the_example_of_each_type_is_found_by_its_pack_and_by_the_type_alone_and_not_without),
       T(values_are_found_in_sentences_exactly_and_what_only_looks_like_one_is_not),
       T(the_same_digits_keep_their_other_types), T(a_pack_that_does_not_exist_is_refused),
       T(a_megabyte_of_digits_and_separators_ends_in_time_and_within_limits))
