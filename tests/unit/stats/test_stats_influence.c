/* test_stats_influence.c - errors from the influence of clusters. */
#include "harness/t.h"
#include "stats/stats_influence.h"

#include <math.h>

enum { N = 6 };

/* Expected: the quadratic forms as matrices in R 4.2 (P = I - 1 a', M = P' diag(a^2) P, trace and trace of the square), for the
 * cluster means u and the two sets of shares below; the fourth cluster and the third are on one and on both sides. */
static const double U[N] = {3, 5, 4, 1, 2.5, 0.5};
static const double SHARE[2][N] = {{0, 0, 0.1, 0.4, 0.25, 0.25}, {0.5, 0.3, 0.2, 0, 0, 0}};

static double fill(double part[2][N])
{
    double mean[2] = {0};
    for (int s = 0; s < 2; s++) {
        for (int c = 0; c < N; c++)
            mean[s] += SHARE[s][c] * U[c];
        for (int c = 0; c < N; c++)
            part[s][c] = (s ? 1 : -1) * SHARE[s][c] * (U[c] - mean[s]);
    }
    return mean[1] - mean[0];
}

TEST(unequal_clusters_have_the_error_and_degrees_of_the_quadratic_form)
{
    double part[2][N], psi[N], sum = 0;
    double effect = fill(part);
    T_NEAR(2.25, effect, 1e-14);
    StatsInfluence f = {.n = N, .part = {part[0], part[1]}, .share = {SHARE[0], SHARE[1]}};
    StatsEstimate e = stats_influence(effect, &f, 0.95, psi);
    T_NEAR(0.933727009180619, e.se, 1e-13);
    T_NEAR(3.392820118649464, e.df, 1e-12);
    for (int c = 0; c < N; c++)
        sum += psi[c] * psi[c];
    T_NEAR(e.se * e.se, sum, 1e-14);
}

/* Two samples of single rows: 1 2 4 7 and 2 3 3. Variances 7 and 1/3: se^2 = 7/4 + 1/9 = 67/36; Welch's degrees of freedom
 * (67/36)^2 / ((7/4)^2 / 3 + (1/9)^2 / 2) = 4489/1296 / (49/48 + 1/162) = 3.37278. */
TEST(equal_shares_are_the_two_sample_comparison_of_welch)
{
    static const double A[4] = {1, 2, 4, 7}, B[3] = {2, 3, 3};
    double part[2][7] = {{0}}, share[2][7] = {{0}};
    for (int i = 0; i < 4; i++) {
        share[1][i] = 0.25;
        part[1][i] = 0.25 * (A[i] - 3.5);
    }
    for (int i = 0; i < 3; i++) {
        share[0][4 + i] = 1.0 / 3;
        part[0][4 + i] = -(B[i] - 8.0 / 3) / 3;
    }
    StatsInfluence f = {.n = 7, .part = {part[0], part[1]}, .share = {share[0], share[1]}};
    StatsEstimate e = stats_influence(3.5 - 8.0 / 3, &f, 0.95, NULL);
    T_NEAR(sqrt(67.0 / 36), e.se, 1e-13);
    T_NEAR(4489.0 / 1296 / (49.0 / 48 + 1.0 / 162), e.df, 1e-11);
}

TEST(a_side_of_one_cluster_has_no_error)
{
    double part[2][3] = {{0, 0.5, -0.5}, {0}}, share[2][3] = {{0, 0.5, 0.5}, {1, 0, 0}};
    StatsInfluence f = {.n = 3, .part = {part[0], part[1]}, .share = {share[0], share[1]}};
    StatsEstimate e = stats_influence(1, &f, 0.95, NULL);
    assert_true(isnan(e.se) && isnan(e.low) && isnan(e.p));
    T_NEAR(1, e.estimate, 0);
}

/* For one estimate of many equal clusters the band is the normal interval; for five independent ones Sidak's: the quantile of
 * the normal at (1 + 0.95^(1/5)) / 2 = 2.5688. */
TEST(the_band_of_independent_estimates_is_that_of_sidak)
{
    enum { CLUSTERS = 1000, K = 5 };
    static double psi[K * CLUSTERS];
    double se[K];
    for (int k = 0; k < K; k++) {
        for (int c = 0; c < 200; c++)
            psi[k * CLUSTERS + k * 200 + c] = c % 2 ? 1 : -1;
        se[k] = sqrt(200);
    }
    T_NEAR(1.96, stats_influence_band(psi, se, 1, CLUSTERS, 4000, 0.95, 3), 0.09);
    T_NEAR(2.5688, stats_influence_band(psi, se, K, CLUSTERS, 4000, 0.95, 3), 0.09);
    se[0] = 0;
    se[1] = NAN;
    T_NEAR(2.3877, stats_influence_band(psi, se, K, CLUSTERS, 4000, 0.95, 3), 0.09); /* three */
}

/* Estimates 2 and 1, covariance [[2, 0], [0, 0.5]] from four clusters: W = 4/2 + 1/0.5 = 4; F = 4 / 2 * (4 - 2) / 3 = 4/3 with 2 and
 * 2 degrees of freedom, p = 1 / (1 + F) = 3/7. */
TEST(the_joint_test_is_that_of_hotelling)
{
    static const double PSI[2 * 4] = {1, -1, 0, 0, 0, 0, 0.5, -0.5}, ESTIMATE[2] = {2, 1};
    Err err = {0};
    StatsWald w;
    T_OK(stats_influence_wald(ESTIMATE, PSI, 2, 4, &w, &err), err);
    assert_int_equal(2, w.df1);
    T_NEAR(2, w.df2, 0);
    T_NEAR(4.0 / 3, w.f, 1e-12);
    T_NEAR(3.0 / 7, w.p, 1e-12);
}

TEST(a_repeated_estimate_is_tested_once)
{
    static const double PSI[3 * 4] = {1, -1, 0, 0, 0, 0, 0.5, -0.5, 1, -1, 0, 0}, ESTIMATE[3] = {2, 1, 2};
    Err err = {0};
    StatsWald w;
    T_OK(stats_influence_wald(ESTIMATE, PSI, 3, 4, &w, &err), err);
    assert_int_equal(2, w.df1);
    T_NEAR(4.0 / 3, w.f, 1e-9);
}

T_MAIN(T(unequal_clusters_have_the_error_and_degrees_of_the_quadratic_form),
       T(equal_shares_are_the_two_sample_comparison_of_welch), T(a_side_of_one_cluster_has_no_error),
       T(the_band_of_independent_estimates_is_that_of_sidak), T(the_joint_test_is_that_of_hotelling),
       T(a_repeated_estimate_is_tested_once))
