/* test_stats_wild.c - expected values: all 6^5 draws of Webb's weights, each refitted by matrices in R 4.2 (restricted
 * residuals, t with (X'X)^-1 S (X'X)^-1), on the rows below; the interval of 90 % by uniroot over the same p value. */
#include "harness/t.h"
#include "stats/stats_wild.h"

#include <math.h>

enum { N = 24, DRAWS = 40000 };

static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                            5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0};
static const double Y[N] = {3.9, 5.2, 6.8, 7.4, 6.0, 11.1, 9.2, 3.1,  15.0, 10.4, 4.8, 9.9,
                            7.7, 8.1, 6.2, 9.3, 9.8, 8.4,  5.0, 12.5, 11.2, 8.3,  5.9, 13.1};
static const int32_t CLUSTER[N] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4};

/* 1, t (every third row), x. */
static void design(double x[3 * N])
{
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        x[i + N] = (i + 1) % 3 == 0;
        x[i + 2 * N] = X[i];
    }
}

/* Testing b = value is testing 0 of y - value * column. */
static StatsWild test_value(int column, double value, double level)
{
    double x[3 * N], y[N];
    Err err = {0};
    StatsWild w;
    design(x);
    for (int i = 0; i < N; i++)
        y[i] = Y[i] - value * x[i + column * N];
    T_OK(stats_wild(x, y, N, 3, column, (StatsClusters){CLUSTER, 5}, DRAWS, level, 1, &w, &err), err);
    return w;
}

TEST(p_values_are_those_of_all_possible_draws)
{
    static const struct {
        int column;
        double value, p;
    } CASES[] = {{1, 0, 0.003858025}, {1, 1, 0.006944444}, {1, 3, 0.02340535},
                 {1, 4, 0.7934671},   {2, 0, 0.002314815}, {2, 1, 0.0313786}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        double p = CASES[i].p, error = sqrt(p * (1 - p) / DRAWS);
        T_NEAR(p, test_value(CASES[i].column, CASES[i].value, 0.9).p, 4 * error + 1.0 / DRAWS);
    }
}

TEST(the_interval_holds_the_values_that_are_not_rejected)
{
    StatsWild w = test_value(1, 0, 0.9);
    T_NEAR(3.497831, w.low, 0.03);
    T_NEAR(4.219408, w.high, 0.03);
}

TEST(a_p_value_is_never_below_one_in_draws_plus_one)
{
    double x[3 * N], y[N];
    Err err = {0};
    StatsWild w;
    design(x);
    for (int i = 0; i < N; i++)
        y[i] = 1000 * x[i + N] + X[i] + 1e-3 * (i % 5);
    T_OK(stats_wild(x, y, N, 3, 1, (StatsClusters){0}, 99, 0.95, 1, &w, &err), err);
    T_NEAR(0.01, w.p, 1e-12);
}

TEST(a_column_that_others_explain_and_a_single_cluster_are_refused)
{
    double x[3 * N];
    Err err = {0};
    StatsWild w;
    int32_t one[N] = {0};
    design(x);
    T_FAILS(ERR_INVALID, stats_wild(x, Y, N, 3, 1, (StatsClusters){one, 1}, 99, 0.95, 1, &w, &err));
    for (int i = 0; i < N; i++)
        x[i + N] = 2 * x[i + 2 * N] + 3;
    T_FAILS(ERR_INVALID, stats_wild(x, Y, N, 3, 1, (StatsClusters){CLUSTER, 5}, 99, 0.95, 1, &w, &err));
    T_FAILS(ERR_INVALID, stats_wild(x, Y, N, 3, 2, (StatsClusters){CLUSTER, 5}, 99, 0.95, 1, &w, &err));
}

T_MAIN(T(p_values_are_those_of_all_possible_draws), T(the_interval_holds_the_values_that_are_not_rejected),
       T(a_p_value_is_never_below_one_in_draws_plus_one),
       T(a_column_that_others_explain_and_a_single_cluster_are_refused))
