/* Sets of types, also past the first 64 when there are so many. */
#include "harness/t.h"

#include "pii/pii_types.h"

TEST(a_set_holds_what_was_added_and_lists_it_in_order)
{
    const PiiType last = (PiiType)(PII_N_TYPES - 1);
    PiiTypes s = {0};
    assert_false(pii_types_any(&s));
    assert_int_equal(pii_types_next(&s, 0), PII_N_TYPES);
    pii_types_add(&s, last);
    pii_types_add(&s, PII_EMAIL_ADDRESS);
    pii_types_add(&s, PII_US_SSN);
    pii_types_add(&s, PII_US_SSN);
    assert_true(pii_types_any(&s));
    assert_int_equal(pii_types_count(&s), 3);
    assert_int_equal(pii_types_next(&s, 0), PII_EMAIL_ADDRESS);
    assert_int_equal(pii_types_next(&s, PII_EMAIL_ADDRESS + 1), PII_US_SSN);
    assert_int_equal(pii_types_next(&s, PII_US_SSN + 1), last);
    assert_int_equal(pii_types_next(&s, last + 1), PII_N_TYPES);
    pii_types_remove(&s, PII_US_SSN);
    assert_false(pii_types_has(&s, PII_US_SSN));
    assert_true(pii_types_has(&s, last));
    assert_int_equal(pii_types_count(&s), 2);
}

TEST(every_type_alone_is_the_only_one_of_its_set)
{
    for (int t = 0; t < PII_N_TYPES; t++) {
        PiiTypes s = {0};
        pii_types_add(&s, (PiiType)t);
        for (int other = 0; other < PII_N_TYPES; other++)
            assert_int_equal(pii_types_has(&s, (PiiType)other), other == t);
        assert_int_equal(pii_types_next(&s, 0), t);
        assert_int_equal(pii_types_next(&s, (PiiType)(t + 1)), PII_N_TYPES);
    }
}

T_MAIN(T(a_set_holds_what_was_added_and_lists_it_in_order), T(every_type_alone_is_the_only_one_of_its_set))
