/* What is expected of an agent from others who stood as high: by hand, and by simulation where nothing was done. */
#include "coach/coach_outcome.h"
#include "harness/t.h"
#include "stats/stats.h"

#include <math.h>

TEST(the_expected_level_is_the_line_of_least_squares_and_its_variance_that_of_a_prediction)
{
    /* x = 1 .. 10, y = 2 x + 1, -1, 1, ...: mean x 5.5, mean y 11, Sxx 82.5, Sxy 165 - 5, slope 160 / 82.5; the squared
     * residuals are 10 - 25 / 82.5; own 12 is 6.5 away: factor 1 + 1/10 + 6.5^2 / 82.5. With 8 degrees of freedom the
     * error is Student's: 8 / 6 of the variance. */
    double x[10], y[10], expected, variance;
    for (int i = 0; i < 10; i++) {
        x[i] = i + 1;
        y[i] = 2 * x[i] + (i % 2 ? -1 : 1);
    }
    assert_true(coach_outcome_expected(x, y, 10, 12, &expected, &variance));
    T_NEAR(11 + 6.5 * 160 / 82.5, expected, 1e-12);
    T_NEAR((10 - 25 / 82.5) / 6 * (1.1 + 42.25 / 82.5), variance, 1e-12);
}

TEST(others_who_were_all_the_same_before_are_expected_at_their_mean)
{
    double x[10], y[10], expected, variance;
    for (int i = 0; i < 10; i++) {
        x[i] = 3;
        y[i] = i; /* mean 4.5, sum of squares 82.5, 9 degrees of freedom */
    }
    assert_true(coach_outcome_expected(x, y, 10, 7, &expected, &variance));
    T_NEAR(4.5, expected, 1e-12);
    T_NEAR(82.5 / 7 * 1.1, variance, 1e-12);
}

TEST(too_few_others_or_others_without_any_spread_say_nothing)
{
    double x[10], y[10], expected, variance;
    for (int i = 0; i < 10; i++)
        x[i] = y[i] = i;
    assert_false(coach_outcome_expected(x, y, COACH_OUTCOME_COMPARED - 1, 1, &expected, &variance));
    assert_false(coach_outcome_expected(x, y, 10, 1, &expected, &variance));
}

/* Levels that fall back to 0 by half; the agent is the one that stands lowest. Without coaching nothing may be found. */
TEST(who_stands_low_is_not_found_to_gain_by_coming_back_to_the_others)
{
    enum { RUNS = 4000, N = 12 };
    StatsRng rng;
    double sum = 0, squares = 0;
    stats_seed(&rng, 3);
    for (int run = 0; run < RUNS; run++) {
        double x[N], y[N], expected, variance, own;
        int low = 0;
        for (int i = 0; i < N; i++) {
            x[i] = stats_normal(&rng);
            y[i] = 0.5 * x[i] + 0.4 * stats_normal(&rng);
            low = x[i] < x[low] ? i : low;
        }
        own = y[low];
        double before = x[low];
        x[low] = x[N - 1];
        y[low] = y[N - 1];
        assert_true(coach_outcome_expected(x, y, N - 1, before, &expected, &variance));
        double z = (own - expected) / sqrt(variance);
        sum += z;
        squares += z * z;
    }
    T_NEAR(0, sum / RUNS, 4 / sqrt(RUNS));
    T_NEAR(1, squares / RUNS, 0.1);
}

T_MAIN(T(the_expected_level_is_the_line_of_least_squares_and_its_variance_that_of_a_prediction),
       T(others_who_were_all_the_same_before_are_expected_at_their_mean),
       T(too_few_others_or_others_without_any_spread_say_nothing),
       T(who_stands_low_is_not_found_to_gain_by_coming_back_to_the_others))
