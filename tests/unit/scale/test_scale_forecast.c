/* Unit tests for src/scale/scale_forecast.c. */
#include "harness/t.h"

#include "scale/scale_forecast.h"
#include "stats/stats.h"

#include <math.h>

#define PI 3.14159265358979323846
#define DAY 48
static const int64_t SEASONS[] = {DAY, 7 * DAY};

/* A day and a week, and noise of 5 in 100. */
static double noisy(int64_t k, StatsRng *rng)
{
    return 100 + 50 * sin(2 * PI * (double)k / DAY) + 20 * sin(2 * PI * (double)k / (7 * DAY)) +
           5 * stats_normal(rng);
}

TEST(the_future_does_not_change_a_forecast_that_was_made)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *a = scale_forecast_new(1800, 2, 0, SEASONS, 2);
    CLEANUP(scale_forecast_freep) ScaleForecaster *b = scale_forecast_new(1800, 2, 0, SEASONS, 2);
    StatsRng rng;
    stats_seed(&rng, 1);
    for (int64_t k = 0; k < 30 * DAY; k++) {
        double y = noisy(k, &rng);
        ScaleForecast of_a = scale_forecast_see(a, y), of_b = scale_forecast_see(b, y);
        assert_memory_equal(&of_a.middle, &of_b.middle, sizeof of_a.middle);
    }
    ScaleForecast of_a = scale_forecast_see(a, 100), of_b = scale_forecast_see(b, 1e6);
    assert_true(of_a.middle != of_b.middle); /* what is seen counts from then on */
}

TEST(ninety_percent_intervals_hold_nine_of_ten_values_and_as_many_are_below_as_above)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *f = scale_forecast_new(1800, 2, 0, SEASONS, 2);
    StatsRng rng;
    stats_seed(&rng, 2);
    ScaleForecast made[2] = {0};
    int n = 0, below = 0, above = 0;
    double off = 0;
    for (int64_t k = 0; k < 200 * DAY; k++) {
        double y = noisy(k, &rng);
        if (k > 60 * DAY) {
            n++;
            below += y < made[k % 2].lower;
            above += y > made[k % 2].upper;
            off += fabs(y - made[k % 2].middle);
        }
        made[k % 2] = scale_forecast_see(f, y);
    }
    assert_in_range(below, n * 3 / 100, n * 7 / 100);
    assert_in_range(above, n * 3 / 100, n * 7 / 100);
    assert_true(off / n < 5 * sqrt(2 / PI) * 1.25); /* 1.25 times what nobody can foresee */
}

TEST(what_is_missing_is_passed_over)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *f = scale_forecast_new(1800, 2, 0, SEASONS, 2);
    StatsRng rng;
    stats_seed(&rng, 3);
    ScaleForecast r = scale_forecast_see(f, NAN);
    assert_true(isfinite(r.middle));
    for (int64_t k = 1; k < 40 * DAY; k++)
        r = scale_forecast_see(f, k % 10 < 3 || k / DAY == 30 ? NAN : noisy(k, &rng));
    assert_true(fabs(r.middle - (100 + 50 * sin(2 * PI * (40 * DAY + 1) / DAY) +
                                 20 * sin(2 * PI * (40 * DAY + 1) / (7 * DAY)))) < 15);
}

TEST(a_load_is_never_forecast_below_nothing_and_other_series_may_be)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *load = scale_forecast_new(3600, 1, 0, SEASONS, 1);
    CLEANUP(scale_forecast_freep) ScaleForecaster *frost = scale_forecast_new(3600, 1, 0, SEASONS, 1);
    StatsRng rng;
    stats_seed(&rng, 4);
    ScaleForecast r = {0};
    for (int k = 0; k < 1000; k++) {
        r = scale_forecast_see(load, fabs(stats_normal(&rng)));
        assert_true(r.middle >= 0 && !(r.lower < 0));
        r = scale_forecast_see(frost, -20 + stats_normal(&rng));
    }
    assert_true(r.middle < -15 && r.middle > -25);
}

TEST(an_outage_does_not_poison_the_day_after_and_a_new_level_is_believed_within_a_day)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *f = scale_forecast_new(1800, 2, 0, SEASONS, 2);
    StatsRng rng;
    stats_seed(&rng, 5);
    double made[2] = {0}, day_after = 0, new_level = 0;
    for (int64_t k = 0; k < 60 * DAY; k++) {
        bool out = k >= 40 * DAY + 20 && k < 40 * DAY + 28;
        double y = out ? 0 : noisy(k, &rng) + (k >= 50 * DAY ? 100 : 0);
        if (k >= 41 * DAY + 20 && k < 41 * DAY + 28)
            day_after += fabs(y - made[k % 2]) / 8;
        if (k >= 51 * DAY && k < 52 * DAY)
            new_level += fabs(y - made[k % 2]) / DAY;
        made[k % 2] = scale_forecast_see(f, y).middle;
    }
    assert_true(day_after < 4 * 5 * sqrt(2 / PI)); /* the noise alone is 4; the outage was 100 deep */
    assert_true(new_level < 4 * 5 * sqrt(2 / PI)); /* the new level is 100 higher */
}

TEST(weights_are_shares_and_the_middle_lies_between_the_models)
{
    CLEANUP(scale_forecast_freep) ScaleForecaster *f = scale_forecast_new(3600, 1, 0, SEASONS, 1);
    StatsRng rng;
    stats_seed(&rng, 6);
    for (int k = 0; k < 1000; k++) {
        ScaleForecast r = scale_forecast_see(f, k == 500 ? 1e100 : 100 + stats_normal(&rng));
        double sum = 0, least = INFINITY, most = -INFINITY;
        for (size_t i = 0; i < SCALE_MODELS_MAX; i++) {
            assert_true(r.weight[i] == 0 || !isnan(r.model[i]));
            sum += r.weight[i];
            if (r.weight[i] > 0) {
                least = fmin(least, r.model[i]);
                most = fmax(most, r.model[i]);
            }
        }
        T_NEAR(1, sum, 1e-9);
        assert_true(r.middle >= least * (1 - 1e-9) && r.middle <= most * (1 + 1e-9));
    }
}

T_MAIN(T(the_future_does_not_change_a_forecast_that_was_made),
       T(ninety_percent_intervals_hold_nine_of_ten_values_and_as_many_are_below_as_above),
       T(what_is_missing_is_passed_over), T(a_load_is_never_forecast_below_nothing_and_other_series_may_be),
       T(an_outage_does_not_poison_the_day_after_and_a_new_level_is_believed_within_a_day),
       T(weights_are_shares_and_the_middle_lies_between_the_models))
