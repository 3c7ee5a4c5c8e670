#include "base/clock.h"
#include "crm/crm_value.h"
#include "harness/t.h"

/* Expected times: GNU date -u -d TEXT +%s, written beside. */
static const struct {
    const char *text;
    const char *format;
    int64_t unix_s; /* -1: refused */
    bool zoned;
} TIMES[] = {
    {"2017-03-01", "iso", 1488326400, false},
    {" 2017-03-01 ", "iso", 1488326400, false},
    {"2017-03-01T14:05:06Z", "iso", 1488377106, true},
    {"2017-03-01 14:05", "iso", 1488377100, false},
    {"2017-03-01T14:05:06+02:00", "iso", 1488369906, true},
    {"2017-03-01T14:05:06-0730", "iso", 1488404106, true},
    {"2017-03-01T14:05:06.999999", "iso", 1488377106, false},
    {"2016-02-29", "iso", 1456704000, false},
    {"2017-02-29", "iso", -1, false},
    {"2017-3-1", "iso", -1, false},
    {"2017-03-01x", "iso", -1, false},
    {"2017-03-01T25:00", "iso", -1, false},
    {"3/1/2017", "MM/DD/YYYY", 1488326400, false},
    {"03/01/2017", "MM/DD/YYYY", 1488326400, false},
    {"2/30/2017", "MM/DD/YYYY", -1, false},
    {"13/1/2017", "MM/DD/YYYY", -1, false},
    {"1.3.2017", "DD.MM.YYYY", 1488326400, false},
    {"3/1/17", "MM/DD/YY", 1488326400, false},
    {"3/1/1817", "MM/DD/YYYY", -1, false},
    {"3/1/2017 2:05 PM", "MM/DD/YYYY hh:mm AM", 1488377100, false},
    {"3/1/2017 12:05 am", "MM/DD/YYYY hh:mm AM", 1488326700, false},
    {"3/1/2017 12:05 PM", "MM/DD/YYYY hh:mm AM", 1488369900, false},
    {"3/1/2017 13:05 PM", "MM/DD/YYYY hh:mm AM", -1, false},
    {"Mar 1 2017", "MON DD YYYY", 1488326400, false},
    {"march 1 2017", "MON DD YYYY", 1488326400, false},
    {"Foo 1 2017", "MON DD YYYY", -1, false},
    {"", "iso", -1, false},
    {"", "MM/DD/YYYY", -1, false},
};

TEST(times_are_read_exactly_or_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(TIMES); i++) {
        CrmTime t = {0};
        const char *why = NULL;
        bool ok = crm_value_time(str_from(TIMES[i].text), str_from(TIMES[i].format), &t, &why);
        if (ok != (TIMES[i].unix_s >= 0))
            fail_msg("%s as %s: %s", TIMES[i].text, TIMES[i].format, ok ? "taken" : why);
        if (!ok)
            continue;
        if (t.us / US_PER_S != TIMES[i].unix_s || t.zoned != TIMES[i].zoned)
            fail_msg("%s: %lld", TIMES[i].text, (long long)(t.us / US_PER_S));
    }
}

TEST(a_day_that_does_not_exist_is_called_so)
{
    CrmTime t;
    const char *why = NULL;
    assert_false(crm_value_time(STR("2/30/2017"), STR("MM/DD/YYYY"), &t, &why));
    assert_string_equal(why, "no such day");
}

TEST(senseless_date_formats_are_refused)
{
    static const char *const BAD[] = {"",           "YYYY",           "MM/DD",        "MM/MM/YYYY",
                                      "dd/MM/YYYY", "YYYY-MM-DD foo", "YY YYYY MM DD"};
    const char *why;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        if (crm_date_format_ok(str_from(BAD[i]), &why))
            fail_msg("%s was taken", BAD[i]);
    assert_true(crm_date_format_ok(STR("DD-MON-YY hh:mm:ss"), &why));
}

static const struct {
    const char *text;
    char decimal;
    int64_t cents; /* -1: refused */
} AMOUNTS[] = {
    {"1054", '.', 105400},
    {"0", '.', 0},
    {"$1,234.50", '.', 123450},
    {"1.234,50", ',', 123450},
    {"1.234,50", '.', -1}, /* never misread by a factor */
    {"1,234.50", ',', -1},
    {"1,23", '.', -1},
    {"12,34,567", '.', -1},
    {"1,234,567.8", '.', 123456780},
    {"1 234 567", '.', 123456700},
    {"1\xC2\xA0"
     "234,5 \xE2\x82\xAC",
     ',', 123450},
    {"1'234.00 CHF", '.', 123400},
    {"USD 99.99", '.', 9999},
    {".5", '.', 50},
    {"5.", '.', -1},
    {"1.005", '.', 101}, /* halves away from zero */
    {"1.0049", '.', 100},
    {"-5", '.', -1},
    {"(5.00)", '.', -1},
    {"$-5", '.', -1},
    {"abc", '.', -1},
    {"", '.', -1},
    {"1e5", '.', -1},
    {"0x10", '.', -1},
    {"1000000000000.00", '.', 100000000000000},
    {"1000000000000.01", '.', -1},
    {"99999999999999999999999999", '.', -1},
};

TEST(amounts_are_read_to_the_cent_or_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(AMOUNTS); i++) {
        int64_t cents = -1;
        const char *why;
        if (!crm_value_cents(str_from(AMOUNTS[i].text), AMOUNTS[i].decimal, &cents, &why))
            cents = -1;
        if (cents != AMOUNTS[i].cents)
            fail_msg("\"%s\": %lld", AMOUNTS[i].text, (long long)cents);
    }
}

static const struct {
    const char *text;
    CrmDurationUnit unit;
    int64_t s;
} DURATIONS[] = {
    {"95", CRM_DURATION_SECONDS, 95},     {"1.5", CRM_DURATION_MINUTES, 90},
    {"1:30", CRM_DURATION_SECONDS, 90},   {"1:02:03", CRM_DURATION_SECONDS, 3723},
    {"1:60", CRM_DURATION_SECONDS, -1},   {"-1", CRM_DURATION_SECONDS, -1},
    {"x", CRM_DURATION_SECONDS, -1},      {"604800", CRM_DURATION_SECONDS, 604800},
    {"604801", CRM_DURATION_SECONDS, -1}, {"1e300", CRM_DURATION_SECONDS, -1},
};

TEST(durations_are_read_or_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(DURATIONS); i++) {
        int64_t s = -1;
        const char *why;
        if (!crm_value_duration(str_from(DURATIONS[i].text), DURATIONS[i].unit, &s, &why))
            s = -1;
        if (s != DURATIONS[i].s)
            fail_msg("\"%s\": %lld", DURATIONS[i].text, (long long)s);
    }
}

T_MAIN(T(times_are_read_exactly_or_refused), T(a_day_that_does_not_exist_is_called_so),
       T(senseless_date_formats_are_refused), T(amounts_are_read_to_the_cent_or_refused),
       T(durations_are_read_or_refused))
