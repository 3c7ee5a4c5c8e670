#include "harness/t.h"

#include "pii/pii_act.h"

static PiiActOptions all(PiiAction action)
{
    PiiActOptions o = {0};
    for (int t = 0; t < PII_N_TYPES; t++)
        o.actions[t] = action;
    return o;
}

/* "" when it fails. */
static const char *one(PiiAct *a, PiiType type, const char *value)
{
    static Buf out = BUF(1u << 16);
    buf_clear(&out);
    return pii_act_value(a, type, str_from(value), &out, NULL) == ERR_NONE ? buf_cstr(&out) : "";
}

typedef struct Row {
    PiiType type;
    const char *value, *expected;
} Row;

static void check(PiiAction action, const Row *rows, size_t n)
{
    PiiActOptions o = all(action);
    CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR("c"));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(one(a, rows[i].type, rows[i].value), rows[i].expected);
}

TEST(a_mask_keeps_the_last_four_and_nothing_of_a_short_value)
{
    const Row rows[] = {{PII_CREDIT_CARD, "4111 1111 1111 1234", "**** **** **** 1234"},
                        {PII_PHONE_NUMBER, "(212) 736-5000", "(***) ***-5000"},
                        {PII_ZIP_CODE, "10001", "*****"},
                        {PII_PERSON, "J\xc3\xbcrgen", "******"},
                        {PII_CUSTOM, "", ""}};
    check(PII_ACT_MASK, rows, ARRAY_LEN(rows));
}

TEST(a_date_becomes_its_month_and_an_address_its_city)
{
    const Row rows[] = {{PII_DATE_TIME, "2024-03-09", "March 2024"},
                        {PII_DATE_TIME, "2024-03-09T10:11:12Z", "March 2024"},
                        {PII_DATE_TIME, "3/9/2024", "March 2024"},
                        {PII_DATE_TIME, "25/12/99", "December 1999"},
                        {PII_DATE_OF_BIRTH, "January 5, 1980", "January 1980"},
                        {PII_DATE_TIME, "5 Sept", "September"},
                        {PII_DATE_TIME, "may 3 '21", "May 2021"},
                        {PII_DATE_TIME, "10:30 pm", "[DATE_TIME]"},
                        {PII_DATE_TIME, "99/99/2020", "[DATE_TIME]"},
                        {PII_DATE_TIME, "2019", "2019"},
                        {PII_STREET_ADDRESS, "12 Oak St, Austin, TX 78701", "Austin, TX"},
                        {PII_STREET_ADDRESS, "12 Oak St\nSan Jose CA 95112-1234", "San Jose, CA"},
                        {PII_STREET_ADDRESS, "12 Oak St, Apt 4, Fort Worth, TX", "Fort Worth, TX"},
                        {PII_STREET_ADDRESS, "12 Oak St", "[STREET_ADDRESS]"},
                        {PII_STREET_ADDRESS, "12 Oak St, OR", "[STREET_ADDRESS]"},
                        {PII_AGE, "34", "30-39"},
                        {PII_AGE, "aged 7 years", "0-9"},
                        {PII_AGE, "97-year-old", "90+"},
                        {PII_AGE, "thirty", "[AGE]"},
                        {PII_ZIP_CODE, "90210-1234", "902xx"},
                        {PII_IP_ADDRESS, "10.20.30.40", "10.20.30.0/24"},
                        {PII_IP_ADDRESS, "fe80::1", "[IP_ADDRESS]"},
                        {PII_US_SSN, "123-45-6789", "[US_SSN]"}};
    check(PII_ACT_GENERALISE, rows, ARRAY_LEN(rows));
}

TEST(one_person_has_one_stand_in_in_every_writing)
{
    PiiActOptions o = all(PII_ACT_PSEUDONYM);
    CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR("c"));
    char full[100], first[50], expected[120];
    assert_true(str_copy(full, sizeof full, str_from(one(a, PII_PERSON, "Maria Lopez"))));
    assert_null(strstr(full, "Maria"));
    assert_null(strstr(full, "Lopez"));
    const char *blank = strchr(full, ' ');
    assert_non_null(blank);
    assert_true(str_copy(first, sizeof first, (Str){full, (size_t)(blank - full)}));
    assert_string_equal(one(a, PII_PERSON, "Maria"), first);
    assert_string_equal(one(a, PII_PERSON, "Lopez"), blank + 1);
    assert_string_equal(one(a, PII_PERSON, "Maria Lopez"), full);
    snprintf(expected, sizeof expected, "%s's", full);
    assert_string_equal(one(a, PII_PERSON, "Maria Lopez's"), expected);
    snprintf(expected, sizeof expected, "Mrs. %s", blank + 1);
    assert_string_equal(one(a, PII_PERSON, "Mrs. Lopez"), expected);
    for (size_t i = 0; expected[i]; i++)
        expected[i] = full[i] >= 'a' && full[i] <= 'z' ? (char)(full[i] - 32) : full[i];
    assert_true(str_eq_nocase(str_from(one(a, PII_PERSON, "MARIA LOPEZ")), str_from(full)));
    assert_true(str_eq_nocase(str_from(one(a, PII_PERSON, "maria lopez")), str_from(full)));
}

TEST(many_people_never_share_a_stand_in)
{
    PiiActOptions o = all(PII_ACT_PSEUDONYM);
    CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR("c"));
    enum { N = 300 };
    static char given[N][60];
    for (int i = 0; i < N; i++) {
        char name[20];
        snprintf(name, sizeof name, "N%c%c", 'a' + i / 26 % 26, 'a' + i % 26);
        assert_true(str_copy(given[i], sizeof given[i], str_from(one(a, PII_PERSON, name))));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(given[i], given[k]);
    }
    assert_string_equal(one(a, PII_PERSON, "Naa"), given[0]);
}

TEST(stand_ins_come_from_ranges_that_nobody_has)
{
    PiiActOptions o = all(PII_ACT_PSEUDONYM);
    CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR("c"));
    assert_non_null(strstr(one(a, PII_EMAIL_ADDRESS, "a@b.com"), "@example.com"));
    const char *p = one(a, PII_PHONE_NUMBER, "(212) 736-5000");
    assert_int_equal(strlen(p), 14);
    assert_memory_equal(p + 5, " 555-01", 7);
    p = one(a, PII_PHONE_NUMBER, "+44 20 7946 0958");
    assert_memory_equal(p + 3, "-555-01", 7);
    assert_memory_equal(one(a, PII_IP_ADDRESS, "fe80::1"), "2001:db8::", 10);
    assert_memory_equal(one(a, PII_ZIP_CODE, "90210"), "00", 2);
    assert_memory_equal(one(a, PII_US_SSN, "219-09-9999"), "[US_SSN_", 8);
    char mail[100];
    assert_true(str_copy(mail, sizeof mail, str_from(one(a, PII_EMAIL_ADDRESS, "Q@b.com"))));
    assert_string_equal(one(a, PII_EMAIL_ADDRESS, "q@B.com"), mail);
}

TEST(the_same_key_and_conversation_give_the_same_stand_ins_and_hashes)
{
    PiiActOptions o = all(PII_ACT_PSEUDONYM), h = all(PII_ACT_HASH), other = h;
    other.key.b[0] = 1;
    CLEANUP(pii_act_freep)
    PiiAct *a = pii_act_new(&o, STR("c")), *b = pii_act_new(&o, STR("c")), *c = pii_act_new(&o, STR("d")),
           *d = pii_act_new(&h, STR("c")), *e = pii_act_new(&other, STR("c"));
    char first[100];
    assert_true(str_copy(first, sizeof first, str_from(one(a, PII_EMAIL_ADDRESS, "a@b.com"))));
    assert_string_equal(one(b, PII_EMAIL_ADDRESS, "a@b.com"), first);
    assert_string_not_equal(one(c, PII_EMAIL_ADDRESS, "a@b.com"), first);
    assert_true(str_copy(first, sizeof first, str_from(one(d, PII_PHONE_NUMBER, "(212) 736-5000"))));
    assert_string_equal(one(d, PII_PHONE_NUMBER, "212.736.5000"), first);
    assert_string_equal(one(d, PII_PHONE_NUMBER, "+1 (212) 736-5000"),
                        first); /* with the country or without */
    assert_string_not_equal(one(d, PII_PHONE_NUMBER, "+49 212 736 5000"), first);
    assert_string_not_equal(one(e, PII_PHONE_NUMBER, "212.736.5000"), first);
}

TEST(text_around_the_spans_stays_byte_for_byte)
{
    PiiActOptions o = all(PII_ACT_REDACT);
    o.actions[PII_URL] = PII_ACT_KEEP;
    CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR("c"));
    Str text = STR("\xff\0 a@b.co and http://x\n");
    PiiSpan spans[] = {{.start = 3, .end = 9, .type = PII_EMAIL_ADDRESS},
                       {.start = 14, .end = 22, .type = PII_URL}};
    uint64_t counts[PII_N_TYPES] = {0};
    CLEANUP(buf_done) Buf out = BUF(1000), small = BUF(5);
    Err err = {0};
    T_OK(pii_act(a, text, spans, 2, &out, counts, &err), err);
    assert_true(str_eq(buf_str(&out), STR("\xff\0 [EMAIL_ADDRESS] and http://x\n")));
    assert_int_equal(counts[PII_EMAIL_ADDRESS], 1);
    assert_int_equal(counts[PII_URL], 0);
    T_FAILS(ERR_LIMIT, pii_act(a, text, spans, 2, &small, NULL, &err));
}

TEST(no_purpose_sends_a_secret_or_a_number_of_a_person_away)
{
    for (int p = 0; p < PII_N_PURPOSES; p++) {
        assert_int_equal(pii_policy((PiiPurpose)p, PII_SECRET), PII_ACT_REDACT);
        assert_int_equal(pii_policy((PiiPurpose)p, PII_US_SSN), PII_ACT_REDACT);
        assert_int_not_equal(pii_policy((PiiPurpose)p, PII_PERSON), PII_ACT_KEEP);
    }
    for (int t = 0; t < PII_N_TYPES; t++)
        assert_int_not_equal(pii_policy(PII_FOR_LOG, (PiiType)t), PII_ACT_KEEP);
}

T_MAIN(T(a_mask_keeps_the_last_four_and_nothing_of_a_short_value),
       T(a_date_becomes_its_month_and_an_address_its_city), T(one_person_has_one_stand_in_in_every_writing),
       T(many_people_never_share_a_stand_in), T(stand_ins_come_from_ranges_that_nobody_has),
       T(the_same_key_and_conversation_give_the_same_stand_ins_and_hashes),
       T(text_around_the_spans_stays_byte_for_byte),
       T(no_purpose_sends_a_secret_or_a_number_of_a_person_away))
