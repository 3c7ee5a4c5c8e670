#include "harness/t.h"

#include "pii/pii_evaluate.h"

/* Counted by hand: of 20 characters 0..9 are a PERSON, 12..15 a LOCATION, 16..18 a name without a type. */
TEST(a_card_counted_by_hand)
{
    PiiLabel labels[] = {{0, 10, PII_PERSON}, {12, 16, PII_LOCATION}, {16, 19, PII_N_TYPES}};
    PiiSpan spans[] = {{.start = 0, .end = 5, .type = PII_PERSON},
                       {.start = 10, .end = 11, .type = PII_AGE},
                       {.start = 12, .end = 16, .type = PII_STREET_ADDRESS},
                       {.start = 17, .end = 18, .type = PII_URL}};
    PiiCard c = {0};
    pii_evaluate(&c, 20, labels, 3, spans, 4);
    assert_int_equal(c.types[PII_PERSON].labelled, 1);
    assert_int_equal(c.types[PII_PERSON].found, 1); /* 5 of 10 */
    assert_int_equal(c.types[PII_PERSON].exact, 0);
    assert_int_equal(c.types[PII_PERSON].hidden, 0);
    assert_int_equal(c.types[PII_LOCATION].found, 1); /* an address hides a place */
    assert_int_equal(c.types[PII_LOCATION].exact, 0);
    assert_int_equal(c.types[PII_LOCATION].hidden, 1);
    assert_int_equal(pii_card_false(&c), 1);
    assert_int_equal(c.types[PII_AGE].false_findings, 1);
    assert_int_equal(c.hit, 9);    /* 5 + 4 */
    assert_int_equal(c.missed, 5); /* 5..9 */
    assert_int_equal(c.extra, 1);  /* 10; 17 is not counted */
    T_NEAR(0.9, pii_card_precision(&c), 1e-12);
    T_NEAR(9.0 / 14, pii_card_recall(&c), 1e-12);
    T_NEAR(18.0 / 24, pii_card_f(&c, 1), 1e-12); /* 2PR / (P + R) */
    T_NEAR(45.0 / 66, pii_card_f(&c, 2), 1e-12); /* 5PR / (4P + R) */
}

TEST(half_of_a_value_is_found_less_is_not_and_another_type_is_not)
{
    PiiLabel l = {0, 10, PII_PERSON};
    PiiSpan four = {.end = 4, .type = PII_PERSON}, other = {.end = 10, .type = PII_ORGANIZATION};
    PiiCard c = {0};
    pii_evaluate(&c, 10, &l, 1, &four, 1);
    pii_evaluate(&c, 10, &l, 1, &other, 1);
    pii_evaluate(&c, 10, &l, 1, NULL, 0);
    assert_int_equal(c.types[PII_PERSON].labelled, 3);
    assert_int_equal(c.types[PII_PERSON].found, 0);
    assert_int_equal(c.types[PII_PERSON].hidden, 1);
    assert_int_equal(c.n_texts, 3);
}

TEST(foreign_names_have_types)
{
    PiiType t;
    assert_true(pii_label_parse(STR("GPE"), &t));
    assert_int_equal(t, PII_LOCATION);
    assert_true(pii_label_parse(STR("ADDRESS"), &t));
    assert_int_equal(t, PII_STREET_ADDRESS);
    assert_true(pii_label_parse(STR("US_SSN"), &t));
    assert_int_equal(t, PII_US_SSN);
    assert_false(pii_label_parse(STR("TITLE"), &t));
}

T_MAIN(T(a_card_counted_by_hand), T(half_of_a_value_is_found_less_is_not_and_another_type_is_not),
       T(foreign_names_have_types))
