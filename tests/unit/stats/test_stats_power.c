/* Expected values: R 4.2, power.t.test and power.prop.test (n there is that of one group). */
#include "harness/t.h"
#include "stats/stats_power.h"

#include <math.h>

static const StatsDesign PLAIN = {.sd = 1, .share = 0.5, .level = 0.95, .cluster_size = 1};

TEST(power_is_that_of_the_t_test)
{
    T_NEAR(0.801458623368, stats_power(&PLAIN, 128, 0.5), 0.005);
    T_NEAR(0.868952801692, stats_power(&PLAIN, 40, 1), 0.005);
    T_NEAR(0.05, stats_power(&PLAIN, 1000, 0), 0.001);
}

TEST(rows_and_effect_invert_it)
{
    StatsDesign two = PLAIN;
    two.sd = 2;
    T_NEAR(2 * 63.7657637143, stats_power_rows(&PLAIN, 0.5, 0.8), 2);
    T_NEAR(2 * 526.333371163, stats_power_rows(&PLAIN, 0.2, 0.9), 4);
    T_NEAR(0.796280089964, stats_power_effect(&two, 200, 0.8), 0.003);
    assert_true(isinf(stats_power_rows(&PLAIN, 0, 0.8)));
}

TEST(clusters_need_more_rows_and_what_is_known_before_fewer)
{
    StatsDesign clusters = PLAIN, known = PLAIN;
    clusters.cluster_size = 11;
    clusters.icc = 0.1; /* design effect 2 */
    known.r2 = 0.75;    /* a quarter of the variance */
    double n = stats_power_rows(&PLAIN, 0.1, 0.8);
    T_NEAR(2 * n, stats_power_rows(&clusters, 0.1, 0.8), 0.01 * n + 60);
    T_NEAR(n / 4, stats_power_rows(&known, 0.1, 0.8), 0.01 * n);
}

TEST(shares_have_the_variance_of_each_group)
{
    StatsDesign up = PLAIN, down = PLAIN;
    up.rate = 0.1;
    up.sd = 0.3;
    down.rate = 0.5;
    down.sd = 0.5;
    T_NEAR(2 * 685.6, stats_power_rows(&up, 0.05, 0.8), 0.01 * 1371);
    T_NEAR(2 * 387.3, stats_power_rows(&down, -0.1, 0.8), 0.01 * 775); /* that of 0.5 against 0.4 */
    T_NEAR(0.05, stats_power_effect(&up, 1371, 0.8), 0.0005);
    assert_true(isinf(stats_power_effect(
        &(StatsDesign){.rate = 0.95, .sd = 0.218, .share = 0.5, .level = 0.95, .cluster_size = 1}, 10, 0.8)));
}

T_MAIN(T(shares_have_the_variance_of_each_group), T(power_is_that_of_the_t_test),
       T(rows_and_effect_invert_it), T(clusters_need_more_rows_and_what_is_known_before_fewer))
