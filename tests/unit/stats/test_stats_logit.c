/* test_stats_logit.c - expected values: R 4.2, glm(binomial, epsilon = 1e-15), vcov, fitted. */
#include "harness/t.h"
#include "stats/stats_logit.h"

#include <math.h>
#include <string.h>

enum { N = 24 };

static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                            5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0};
static const double Y[N] = {0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0};

/* 1, x, z, and 2 x + 3. */
static void design(double x[4 * N])
{
    static const double Z[4] = {1, 0, 0, 2};
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        x[i + N] = X[i];
        x[i + 2 * N] = Z[i % 4];
        x[i + 3 * N] = 2 * X[i] + 3;
    }
}

TEST(coefficients_and_their_covariance_are_those_of_maximum_likelihood)
{
    static const double COEF[3] = {-3.089958599705537, 0.629458692321227, -0.635481504383456};
    static const double COV[9] = {2.0044881205702509,  -0.3335672714610152, 0.0705383432447548,
                                  -0.3335672714610152, 0.0714042996286387,  -0.0724608500594096,
                                  0.0705383432447548,  -0.0724608500594096, 0.4280932880736144};
    double x[4 * N];
    Err err = {0};
    CLEANUP(stats_logit_freep) StatsLogit *l = NULL;
    design(x);
    T_OK(stats_logit(x, Y, NULL, N, 3, &l, &err), err);
    for (int c = 0; c < 3; c++)
        T_NEAR(COEF[c], l->coef[c], 1e-7);
    for (int c = 0; c < 9; c++)
        T_NEAR(COV[c], l->inverse[c], 1e-6);
    T_NEAR(0.0829003501236319, l->chance[0], 1e-7);
    T_NEAR(0.2789252372830650, l->chance[1], 1e-7);
}

TEST(a_column_that_repeats_others_changes_nothing)
{
    double x[4 * N];
    Err err = {0};
    CLEANUP(stats_logit_freep) StatsLogit *l = NULL;
    design(x);
    T_OK(stats_logit(x, Y, NULL, N, 4, &l, &err), err);
    assert_int_equal(3, l->rank);
    assert_false(l->kept[3]);
    T_NEAR(0.629458692321227, l->coef[1], 1e-7);
    T_NEAR(0.4280932880736144, l->inverse[2 + 2 * 4], 1e-6);
}

TEST(columns_that_separate_the_two_values_are_an_error)
{
    double x[4 * N], y[N];
    Err err = {0};
    StatsLogit *l;
    design(x);
    for (int i = 0; i < N; i++)
        y[i] = X[i] > 5;
    T_FAILS(ERR_INVALID, stats_logit(x, y, NULL, N, 3, &l, &err));
    assert_non_null(strstr(err.msg, "no overlap"));
}

TEST(one_value_only_is_an_error)
{
    double x[4 * N], y[N] = {0};
    Err err = {0};
    StatsLogit *l;
    design(x);
    T_FAILS(ERR_INVALID, stats_logit(x, y, NULL, N, 3, &l, &err));
}

T_MAIN(T(coefficients_and_their_covariance_are_those_of_maximum_likelihood),
       T(a_column_that_repeats_others_changes_nothing), T(columns_that_separate_the_two_values_are_an_error),
       T(one_value_only_is_an_error))
