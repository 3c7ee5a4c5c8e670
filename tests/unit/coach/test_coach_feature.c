/* Names, dates and the text of arrays; the values themselves are checked against PostgreSQL in tests/integration. */
#include "base/clock.h"
#include "coach/coach_feature.h"
#include "harness/t.h"

#include <math.h>

TEST(every_feature_has_a_name_that_finds_it_and_a_meaning)
{
    assert_int_equal(COACH_N_FEATURES, 46);
    for (int i = 0; i < COACH_N_FEATURES; i++) {
        assert_int_equal(coach_feature_index(str_from(COACH_FEATURES[i].name)), i);
        assert_true(str_from(COACH_FEATURES[i].meaning).len > 5);
        assert_in_range(COACH_FEATURES[i].direction + 1, 0, 2);
    }
    assert_int_equal(coach_feature_index(STR("calls_31d")), -1);
}

TEST(an_array_of_the_database_is_read_exactly_or_refused)
{
    float x[3];
    assert_true(coach_parse_reals(STR("{1,NaN,-2.5e+06}"), x, 3));
    assert_true(x[0] == 1.0f && isnan(x[1]) && x[2] == -2500000.0f);
    assert_false(coach_parse_reals(STR("{1,2}"), x, 3));
    assert_false(coach_parse_reals(STR("{1,2,3,4}"), x, 3));
    assert_false(coach_parse_reals(STR("{1,NULL,3}"), x, 3));
    assert_false(coach_parse_reals(STR("1,2,3"), x, 3));
    assert_false(coach_parse_reals(STR(""), x, 3));
}

TEST(an_array_that_was_written_reads_back_the_same)
{
    const float x[4] = {0.1f, NAN, 424200000.0f, -3.4e-38f};
    float back[4];
    Buf out = BUF(1024);
    coach_write_reals(&out, x, 4);
    assert_true(coach_parse_reals(buf_str(&out), back, 4));
    assert_true(back[0] == x[0] && isnan(back[1]) && back[2] == x[2] && back[3] == x[3]);
    buf_done(&out);
}

TEST(history_dates_rise_end_at_the_last_and_leave_90_days_to_warm_up)
{
    int32_t first = clock_days(2026, 1, 1), last = clock_days(2026, 6, 30), dates[COACH_DATES_MAX];
    /* 2026-01-01 + 90 days = 2026-04-01; from 06-30 back by 30: 06-30, 05-31, 05-01, 04-01 */
    int n = coach_feature_dates(first, last, 30, dates, COACH_DATES_MAX);
    assert_int_equal(n, 4);
    assert_int_equal(dates[0], clock_days(2026, 4, 1));
    assert_int_equal(dates[1], clock_days(2026, 5, 1));
    assert_int_equal(dates[2], clock_days(2026, 5, 31));
    assert_int_equal(dates[3], last);
    assert_int_equal(coach_feature_dates(first, first + 89, 15, dates, COACH_DATES_MAX), 0);
    assert_int_equal(coach_feature_dates(first, last, 1, dates, 5), 5);
    assert_int_equal(dates[4], last);
}

T_MAIN(T(every_feature_has_a_name_that_finds_it_and_a_meaning),
       T(an_array_of_the_database_is_read_exactly_or_refused),
       T(an_array_that_was_written_reads_back_the_same),
       T(history_dates_rise_end_at_the_last_and_leave_90_days_to_warm_up))
