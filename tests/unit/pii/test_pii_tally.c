#include "harness/t.h"

#include "base/mem.h"
#include "pii/pii_tally.h"

#include <stdio.h>

static PiiTallyRow row(const char *source, PiiType type, uint64_t n)
{
    PiiTallyRow r = {.purpose = PII_FOR_STORE, .type = type, .action = PII_ACT_REDACT, .n = n};
    (void)str_copy(r.source, sizeof r.source, str_from(source));
    return r;
}

TEST(equal_findings_are_one_row_and_taking_empties)
{
    CLEANUP(pii_tally_freep) PiiTally *t = pii_tally_new();
    PiiTallyRow a = row("import", PII_PERSON, 2), b = row("import", PII_PERSON, 3),
                c = row("api", PII_PERSON, 1);
    size_t n;
    pii_tally_add(t, &a);
    pii_tally_add(t, &b);
    pii_tally_add(t, &c);
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(t, &n);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].n, 5);
    T_STR("import", str_from(rows[0].source));
    assert_int_equal(rows[1].n, 1);
    assert_null(pii_tally_take(t, &n));
    assert_int_equal(n, 0);
}

TEST(what_is_put_back_is_counted_with_what_came_since)
{
    CLEANUP(pii_tally_freep) PiiTally *t = pii_tally_new();
    PiiTallyRow a = row("import", PII_PERSON, 2);
    size_t n;
    pii_tally_add(t, &a);
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(t, &n);
    pii_tally_add(t, &a);
    pii_tally_put_back(t, rows, n);
    CLEANUP(mem_freep) PiiTallyRow *again = pii_tally_take(t, &n);
    assert_int_equal(n, 1);
    assert_int_equal(again[0].n, 4);
}

TEST(past_the_limit_sources_are_other_and_nothing_is_lost_from_the_sum)
{
    CLEANUP(pii_tally_freep) PiiTally *t = pii_tally_new();
    enum { MORE = PII_TALLY_MAX + 50 };
    for (int i = 0; i < MORE; i++) {
        char source[32];
        snprintf(source, sizeof source, "s%d", i);
        PiiTallyRow r = row(source, PII_US_SSN, 1);
        pii_tally_add(t, &r);
    }
    size_t n;
    uint64_t sum = 0;
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(t, &n);
    for (size_t i = 0; i < n; i++)
        sum += rows[i].n;
    assert_int_equal(n, PII_TALLY_MAX + 1);
    T_STR("other", str_from(rows[n - 1].source));
    assert_int_equal(sum, MORE);
    assert_int_equal(pii_tally_lost(t), 0);
}

T_MAIN(T(equal_findings_are_one_row_and_taking_empties), T(what_is_put_back_is_counted_with_what_came_since),
       T(past_the_limit_sources_are_other_and_nothing_is_lost_from_the_sum))
