/* Unit tests for src/scale/scale_backtest.c. */
#include "harness/t.h"

#include "scale/scale_backtest.h"

#include <math.h>

TEST(the_naive_scores_are_those_of_a_sum_by_hand)
{
    double v[6 * 24];
    for (int k = 0; k < 6 * 24; k++)
        v[k] = k % 24 < 12 ? 10 : 20; /* half a day each: the day before is always right */
    CLEANUP(scale_series_freep) ScaleSeries *s = scale_series_new(0, 3600, v, 6 * 24);
    ScaleBacktestConf c = {.lead = 1, .from = 3 * 24};
    ScaleBacktest b;
    Err err = {0};
    T_OK(scale_backtest(s, &c, &b, &err), err);
    assert_int_equal(b.n, 3 * 24);
    assert_true(b.seasonal_naive_wape == 0);
    /* each of the three days: up once and down once, by 10 each; 36 hours of 10 and 36 of 20 */
    assert_true(fabs(b.naive_wape - 3 * 2 * 10.0 / (36 * 10 + 36 * 20)) < 1e-12);
    assert_int_equal(b.n_seasons, 1); /* two weeks do not fit */
}

TEST(missing_steps_are_not_scored_and_counted)
{
    double v[96];
    for (int k = 0; k < 96; k++)
        v[k] = k % 8 == 0 ? NAN : 5;
    CLEANUP(scale_series_freep) ScaleSeries *s = scale_series_new(0, 3600, v, 96);
    ScaleBacktestConf c = {.lead = 1, .from = 48};
    ScaleBacktest b;
    Err err = {0};
    T_OK(scale_backtest(s, &c, &b, &err), err);
    assert_int_equal(b.n_missing, 6);
    assert_int_equal(b.n, 42);
}

TEST(what_cannot_be_scored_is_said)
{
    double v[48] = {0};
    CLEANUP(scale_series_freep) ScaleSeries *s = scale_series_new(0, 3600, v, 48);
    CLEANUP(scale_series_freep) ScaleSeries *two = scale_series_new(0, 3600, v, 2);
    ScaleBacktest b;
    Err err;
    T_FAILS(ERR_INVALID, scale_backtest(s, &(ScaleBacktestConf){.lead = 1, .from = -1}, &b, &err));
    assert_non_null(strstr(err.msg, "are 0"));
    T_FAILS(ERR_INVALID, scale_backtest(two, &(ScaleBacktestConf){.lead = 1, .from = -1}, &b, &err));
    T_FAILS(ERR_INVALID, scale_backtest(s, &(ScaleBacktestConf){.lead = 0, .from = -1}, &b, &err));
    T_FAILS(ERR_INVALID, scale_backtest(s, &(ScaleBacktestConf){.lead = 1, .from = 48}, &b, &err));
}

T_MAIN(T(the_naive_scores_are_those_of_a_sum_by_hand), T(missing_steps_are_not_scored_and_counted),
       T(what_cannot_be_scored_is_said))
