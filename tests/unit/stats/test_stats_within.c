/* test_stats_within.c - expected values: R 4.2, lm with an indicator for each group. */
#include "harness/t.h"
#include "stats/stats_within.h"

#include <math.h>

enum { N = 12 };

static const double Y[N] = {3.9, 5.2, 6.8, 7.4, 6.0, 11.1, 9.2, 3.1, 15.0, 10.4, 4.8, 9.9};
static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7};
static const int32_t A[N] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3}, B[N] = {0, 1, 2, 0, 1, 0, 1, 2, 3, 1, 2, 3};
static const StatsClusters EFFECTS[2] = {{A, 4}, {B, 4}};

static double slope(const double *weight)
{
    double v[2 * N], top = 0, bottom = 0;
    Err err = {0};
    memcpy(v, X, sizeof X);
    memcpy(v + N, Y, sizeof Y);
    T_OK(stats_within(v, N, 2, EFFECTS, 2, weight, &err), err);
    for (int i = 0; i < N; i++) {
        top += (weight ? weight[i] : 1) * v[i] * v[i + N];
        bottom += (weight ? weight[i] : 1) * v[i] * v[i];
    }
    return top / bottom;
}

TEST(what_is_left_has_the_coefficient_of_the_regression_with_indicators)
{
    double w[N];
    for (int i = 0; i < N; i++)
        w[i] = 1 + (i + 1) % 3;
    T_NEAR(1.30018459005073, slope(NULL), 1e-9);
    T_NEAR(1.30798113636064, slope(w), 1e-9);
}

TEST(every_group_of_every_effect_has_mean_zero)
{
    double v[N], sum[2][4] = {{0}};
    Err err = {0};
    memcpy(v, Y, sizeof Y);
    T_OK(stats_within(v, N, 1, EFFECTS, 2, NULL, &err), err);
    for (int i = 0; i < N; i++) {
        sum[0][A[i]] += v[i];
        sum[1][B[i]] += v[i];
    }
    for (int g = 0; g < 4; g++) {
        T_NEAR(0, sum[0][g], 1e-9);
        T_NEAR(0, sum[1][g], 1e-9);
    }
}

TEST(what_is_not_finite_is_an_error_not_a_loop)
{
    double v[N] = {NAN};
    Err err = {0};
    T_FAILS(ERR_INVALID, stats_within(v, N, 1, EFFECTS, 2, NULL, &err));
}

T_MAIN(T(what_is_left_has_the_coefficient_of_the_regression_with_indicators),
       T(every_group_of_every_effect_has_mean_zero), T(what_is_not_finite_is_an_error_not_a_loop))
