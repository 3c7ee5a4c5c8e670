#include "harness/t.h"
#include "stats/stats_shift.h"

#include <math.h>
#include <stdlib.h>

TEST(the_index_is_the_sum_over_the_shares)
{
    /* By hand: shares .1 .2 .3 .4 against .15 .19 .26 .4:
     * .05 ln 1.5 + (-.01) ln .95 + (-.04) ln .8667 = 0.0265102 */
    int64_t before[] = {100, 200, 300, 400}, after[] = {150, 190, 260, 400}, tenth[] = {15, 19, 26, 40};
    T_NEAR(0.05 * log(1.5) - 0.01 * log(0.95) - 0.04 * log(26.0 / 30), stats_psi(before, after, 4), 1e-12);
    T_NEAR(0.02651, stats_psi(before, tenth, 4), 1e-5); /* shares, not sizes */
    T_NEAR(0, stats_psi(before, before, 4), 0);
    T_NEAR(stats_psi(before, after, 4), stats_psi(after, before, 4), 1e-12); /* symmetric */
}

TEST(an_empty_bin_counts_as_half_a_row)
{
    /* (.5 - .005) ln(.5 / .005) + (.5 - 1) ln .5 */
    int64_t before[] = {0, 100, 0}, after[] = {50, 50, 0};
    T_NEAR(0.495 * log(100) + 0.5 * log(2), stats_psi(before, after, 3), 1e-12);
    int64_t none[] = {0, 0, 0};
    assert_true(isnan(stats_psi(before, none, 3)) && isnan(stats_psi(none, before, 3)));
}

TEST(chi_square_and_normal_points_are_those_of_the_tables)
{
    static const struct {
        int degrees;
        double expected;
    } rows[] = {{1, 3.841}, {2, 5.991}, {3, 7.815}, {5, 11.070}, {9, 16.919}, {20, 31.410}, {100, 124.342}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        T_NEAR(1, stats_chi2_quantile(0.95, rows[i].degrees) / rows[i].expected, 0.01);
    T_NEAR(1.959963985, stats_normal_quantile(0.975), 1e-8);
    T_NEAR(-1.281551566, stats_normal_quantile(0.1), 1e-8);
}

TEST(chance_exceeds_its_limit_once_in_twenty)
{
    /* Two samples of one distribution over 10 bins, 4,000 times: 5 % with a standard error of 0.35 %. */
    StatsRng r;
    stats_seed(&r, 31);
    int above = 0;
    for (int k = 0; k < 4000; k++) {
        int64_t before[10] = {0}, after[10] = {0};
        for (int i = 0; i < 900; i++)
            before[stats_below(&r, 10)]++;
        for (int i = 0; i < 400; i++)
            after[stats_below(&r, 10)]++;
        above += stats_psi(before, after, 10) > stats_psi_chance(before, after, 10);
    }
    T_NEAR(0.05, above / 4000.0, 0.015);
    T_NEAR(0, stats_psi_chance((int64_t[]){5, 0}, (int64_t[]){9, 0}, 2), 0);
}

/* The distance at every value of both, counted anew. */
static double ks_of_counts(const double *a, int n, const double *b, int m)
{
    double most = 0;
    for (int k = 0; k < n + m; k++) {
        double at = k < n ? a[k] : b[k - n], below_a = 0, below_b = 0;
        for (int i = 0; i < n; i++)
            below_a += a[i] <= at;
        for (int i = 0; i < m; i++)
            below_b += b[i] <= at;
        most = fmax(most, fabs(below_a / n - below_b / m));
    }
    return most;
}

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

TEST(the_distance_is_the_largest_one_also_with_ties)
{
    /* By hand: {1, 2, 3} and {3, 4}: at 2 it is 2/3 - 0, at 3 it is 1 - 1/2. */
    T_NEAR(2.0 / 3, stats_ks((double[]){1, 2, 3}, 3, (double[]){3, 4}, 2), 1e-12);
    StatsRng r;
    stats_seed(&r, 32);
    for (int k = 0; k < 50; k++) {
        double a[40], b[23];
        for (int i = 0; i < 40; i++)
            a[i] = k % 2 ? stats_normal(&r) : (double)stats_below(&r, 6);
        for (int i = 0; i < 23; i++)
            b[i] = k % 2 ? stats_normal(&r) + 0.3 : (double)stats_below(&r, 7);
        qsort(a, 40, sizeof *a, double_cmp);
        qsort(b, 23, sizeof *b, double_cmp);
        T_NEAR(ks_of_counts(a, 40, b, 23), stats_ks(a, 40, b, 23), 1e-12);
    }
    assert_true(isnan(stats_ks(NULL, 0, (double[]){1}, 1)));
}

TEST(the_p_value_is_that_of_smirnovs_table)
{
    /* Critical values of sqrt(nm / (n + m)) D for large samples (Smirnov 1948). */
    static const struct {
        double x, p;
    } rows[] = {{1.07275, 0.20}, {1.22385, 0.10}, {1.35810, 0.05},
                {1.51743, 0.02}, {1.62762, 0.01}, {1.94947, 0.001}};
    const int64_t n = INT64_C(2000000000);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        T_NEAR(rows[i].p, stats_ks_p(rows[i].x / sqrt(1e9), n, n), 2e-5);
    T_NEAR(1, stats_ks_p(0, 10, 10), 0);
    T_NEAR(0, stats_ks_p(1, 1000, 1000), 1e-12);
    assert_true(isnan(stats_ks_p(NAN, 1, 1)));
}

TEST(the_p_value_of_small_samples_is_uniform_when_nothing_moved)
{
    StatsRng r;
    stats_seed(&r, 33);
    int below[2] = {0};
    for (int k = 0; k < 3000; k++) {
        double a[60], b[45];
        for (int i = 0; i < 60; i++)
            a[i] = stats_uniform(&r);
        for (int i = 0; i < 45; i++)
            b[i] = stats_uniform(&r);
        qsort(a, 60, sizeof *a, double_cmp);
        qsort(b, 45, sizeof *b, double_cmp);
        double p = stats_ks_p(stats_ks(a, 60, b, 45), 60, 45);
        below[0] += p < 0.05;
        below[1] += p < 0.5;
    }
    T_NEAR(0.05, below[0] / 3000.0, 0.02);
    T_NEAR(0.5, below[1] / 3000.0, 0.06);
}

T_MAIN(T(the_index_is_the_sum_over_the_shares), T(an_empty_bin_counts_as_half_a_row),
       T(chi_square_and_normal_points_are_those_of_the_tables), T(chance_exceeds_its_limit_once_in_twenty),
       T(the_distance_is_the_largest_one_also_with_ties), T(the_p_value_is_that_of_smirnovs_table),
       T(the_p_value_of_small_samples_is_uniform_when_nothing_moved))
