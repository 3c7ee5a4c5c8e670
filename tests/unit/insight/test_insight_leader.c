#include "base/clock.h"
#include "harness/t.h"
#include "insight/insight_leader.h"

#include <math.h>

static int32_t day(int y, int m, int d)
{
    return clock_days(y, m, d);
}

/* Fiscal years: of the United States' government from October, of the United Kingdom's from April, of many from January. */
TEST(periods_are_months_and_quarters_of_the_fiscal_year)
{
    static const struct {
        int y, m, d;
        bool quarter;
        int starts;
        int from[3], to[3], before_from[3], before_to[3];
    } ROWS[] = {
        {2026, 5, 15, false, 1, {2026, 5, 1}, {2026, 6, 1}, {2026, 4, 1}, {2026, 4, 15}},
        {2026, 1, 1, false, 1, {2026, 1, 1}, {2026, 2, 1}, {2025, 12, 1}, {2025, 12, 1}},
        {2026,
         3,
         31,
         false,
         1,
         {2026, 3, 1},
         {2026, 4, 1},
         {2026, 2, 1},
         {2026, 3, 1}}, /* February is shorter */
        {2024, 2, 29, true, 1, {2024, 1, 1}, {2024, 4, 1}, {2023, 10, 1}, {2023, 11, 29}},
        {2026, 1, 10, true, 2, {2025, 11, 1}, {2026, 2, 1}, {2025, 8, 1}, {2025, 10, 10}},
        {2026, 12, 31, true, 10, {2026, 10, 1}, {2027, 1, 1}, {2026, 7, 1}, {2026, 9, 30}},
        {2026, 5, 1, true, 12, {2026, 3, 1}, {2026, 6, 1}, {2025, 12, 1}, {2026, 1, 31}},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        InsightPeriod p =
            insight_period(day(ROWS[i].y, ROWS[i].m, ROWS[i].d), ROWS[i].quarter, ROWS[i].starts);
        assert_int_equal(p.from, day(ROWS[i].from[0], ROWS[i].from[1], ROWS[i].from[2]));
        assert_int_equal(p.to, day(ROWS[i].to[0], ROWS[i].to[1], ROWS[i].to[2]));
        assert_int_equal(p.before_from,
                         day(ROWS[i].before_from[0], ROWS[i].before_from[1], ROWS[i].before_from[2]));
        assert_int_equal(p.before_to, day(ROWS[i].before_to[0], ROWS[i].before_to[1], ROWS[i].before_to[2]));
    }
}

/* By hand: June has 30 days, so the goal of the period is that of 30 days: 3; after 10 days the pacer has 1. */
TEST(the_pacer_has_the_goals_share_of_the_days_that_passed)
{
    InsightPeriod p = insight_period(day(2026, 6, 11), false, 1);
    InsightStand s = insight_stand(p, day(2026, 6, 11), INT32_MIN, 3, 2);
    T_NEAR(3, s.goal, 1e-12);
    T_NEAR(1, s.pacer, 1e-12);
    T_NEAR(1, s.gap, 1e-12);
    T_NEAR(6, s.pace, 1e-12);
}

TEST(who_started_within_the_period_has_a_shorter_one)
{
    InsightPeriod p = insight_period(day(2026, 6, 21), false, 1);
    InsightStand s = insight_stand(p, day(2026, 6, 21), day(2026, 6, 16), 3, 1);
    T_NEAR(1.5, s.goal, 1e-12);
    T_NEAR(0.5, s.pacer, 1e-12);
    T_NEAR(3, s.pace, 1e-12); /* 1 in 5 days, 15 days in all */
}

TEST(without_a_goal_or_a_day_nothing_is_made_up)
{
    InsightPeriod p = insight_period(day(2026, 6, 1), false, 1);
    InsightStand first = insight_stand(p, day(2026, 6, 1), INT32_MIN, 3, 0);
    T_NEAR(0, first.pacer, 1e-12);
    assert_true(isnan(first.pace));
    InsightStand none = insight_stand(p, day(2026, 6, 9), INT32_MIN, NAN, 4);
    assert_true(isnan(none.goal) && isnan(none.pacer) && isnan(none.gap));
}

T_MAIN(T(periods_are_months_and_quarters_of_the_fiscal_year),
       T(the_pacer_has_the_goals_share_of_the_days_that_passed),
       T(who_started_within_the_period_has_a_shorter_one), T(without_a_goal_or_a_day_nothing_is_made_up))
