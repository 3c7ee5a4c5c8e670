#include "harness/t.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

TEST(quantiles_are_type_7)
{
    /* R: quantile(c(7, 1, 3, 10), c(0, .25, .5, .9, 1)) gives 1 2.5 5 9.1 10 */
    static const struct {
        double q, expected;
    } rows[] = {{0, 1}, {0.25, 2.5}, {0.5, 5}, {0.9, 9.1}, {1, 10}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double x[] = {7, 1, 3, 10};
        T_NEAR(rows[i].expected, stats_quantile(x, 4, rows[i].q), 1e-12);
    }
    assert_true(isnan(stats_quantile(NULL, 0, 0.5)));
    assert_true(isnan(stats_mean(NULL, 0)));
}

TEST(one_quantile_is_the_same_as_of_sorted_values)
{
    enum { N = 1000 };
    static double x[N], sorted[N];
    StatsRng r;
    stats_seed(&r, 3);
    for (int round = 0; round < 200; round++) {
        int64_t n = 1 + stats_below(&r, N);
        int64_t ties = round % 3 == 0   ? 1
                       : round % 3 == 1 ? 10
                                        : 1000000; /* all alike, many alike, hardly any */
        for (int64_t i = 0; i < n; i++)
            sorted[i] = (double)stats_below(&r, ties) - 5;
        double q = round % 7 == 0 ? 1 : stats_uniform(&r);
        memcpy(x, sorted, sizeof x);
        T_NEAR(stats_quantile(sorted, n, q), stats_quantile_once(x, n, q), 0);
        T_NEAR(stats_quantile(sorted, n, 1 - q), stats_quantile_once(x, n, 1 - q),
               0); /* of what was reordered */
        double sum = 0, sum_sorted = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += x[i];
            sum_sorted += sorted[i];
        }
        T_NEAR(sum_sorted, sum, 0); /* whole numbers: exact */
    }
    assert_true(isnan(stats_quantile_once(NULL, 0, 0.5)));
    double none[] = {NAN, NAN, NAN, NAN}, some[] = {NAN, 2, NAN, 1};
    assert_true(isnan(stats_quantile_once(none, 4, 0.5)));
    (void)stats_quantile_once(some, 4, 0.5); /* ends */
}

static double score_mean(const double *p, const double *y, int64_t n)
{
    (void)y;
    return stats_mean(p, n);
}

TEST(the_interval_of_a_mean_is_its_normal_one)
{
    enum { N = 2000 };
    static double p[N], y[N];
    StatsRng r;
    stats_seed(&r, 3);
    for (int i = 0; i < N; i++)
        p[i] = stats_normal(&r);
    StatsInterval got = stats_bootstrap(score_mean, p, y, NULL, N, 2000, 0.95, 5);
    T_NEAR(2 * 1.96 / sqrt(N), got.high - got.low, 0.1 * 2 * 1.96 / sqrt(N));
    assert_true(got.low < got.estimate && got.estimate < got.high);
}

TEST(rows_of_one_group_go_together_and_widen_the_interval)
{
    /* 50 groups of 20 equal rows hold 50 values, not 1,000: the interval is sqrt(20) times as wide. */
    enum { GROUPS = 50, EACH = 20, N = GROUPS * EACH };
    static double p[N], y[N];
    static int32_t group[N];
    StatsRng r;
    stats_seed(&r, 4);
    for (int g = 0; g < GROUPS; g++) {
        double v = stats_normal(&r);
        for (int k = 0; k < EACH; k++) {
            p[g * EACH + k] = v;
            group[g * EACH + k] = 1000 - g;
        }
    }
    StatsInterval single = stats_bootstrap(score_mean, p, y, NULL, N, 1000, 0.95, 5);
    StatsInterval grouped = stats_bootstrap(score_mean, p, y, group, N, 1000, 0.95, 5);
    T_NEAR(sqrt(EACH), (grouped.high - grouped.low) / (single.high - single.low), 0.8);
}

TEST(a_difference_is_taken_on_the_same_resamples)
{
    double p[100], q[100], y[100];
    StatsRng r;
    stats_seed(&r, 9);
    for (int i = 0; i < 100; i++) {
        p[i] = stats_normal(&r);
        q[i] = p[i] + 1;
        y[i] = 0;
    }
    StatsInterval d = stats_bootstrap_diff(score_mean, p, q, y, NULL, 100, 200, 0.9, 1);
    T_NEAR(-1, d.estimate, 1e-12);
    T_NEAR(-1, d.low, 1e-12); /* paired: the spread of p itself drops out */
    T_NEAR(-1, d.high, 1e-12);
}

TEST(the_same_seed_gives_the_same_interval_and_one_class_gives_none)
{
    double p[] = {0.2, 0.9, 0.4, 0.6, 0.1}, y[] = {0, 1, 1, 0, 0}, ones[] = {1, 1, 1, 1, 1};
    StatsInterval a = stats_bootstrap(stats_brier, p, y, NULL, 5, 100, 0.95, 77);
    StatsInterval b = stats_bootstrap(stats_brier, p, y, NULL, 5, 100, 0.95, 77);
    assert_memory_equal(&a, &b, sizeof a);
    StatsInterval none = stats_bootstrap(stats_auc, p, ones, NULL, 5, 100, 0.95, 77);
    assert_true(isnan(none.estimate) && isnan(none.low) && isnan(none.high));
}

T_MAIN(T(quantiles_are_type_7), T(one_quantile_is_the_same_as_of_sorted_values),
       T(the_interval_of_a_mean_is_its_normal_one), T(rows_of_one_group_go_together_and_widen_the_interval),
       T(a_difference_is_taken_on_the_same_resamples),
       T(the_same_seed_gives_the_same_interval_and_one_class_gives_none))
