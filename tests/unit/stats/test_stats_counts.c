/* Expected values: R 4.2, glm(family = poisson); errors by matrices in R from its working weights W and residuals: with
 * X W^(1/2) and its hat matrix H, CR2's (I - H)^(-1/2) of each cluster (McCaffrey, Bell, Botts 2001). clubSandwich takes the
 * root on another scale and gives 0.3869, 0.3322, 0.0428. */
#include "base/mem.h"
#include "harness/t.h"
#include "stats/stats_counts.h"

#include <math.h>

enum { N = 24 };
static const double Y[N] = {0, 2, 1, 3, 0, 1, 4, 2, 5, 1, 0, 0, 2, 6, 3, 1, 2, 0, 1, 3, 7, 2, 1, 4};
static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                            5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0};

/* 1, every third row, x; the exposure is 1, 2, 3, 1 ...; four rows a unit. */
static void rows(double *x, double *offset, int32_t *unit)
{
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        x[i + N] = (i + 1) % 3 == 0;
        x[i + 2 * N] = X[i];
        offset[i] = log(1 + i % 3);
        unit[i] = i / 4;
    }
}

TEST(coefficients_and_clustered_errors_are_those_of_a_poisson_regression)
{
    double x[3 * N], offset[N];
    int32_t unit[N];
    static const double COEF[3] = {-0.716286808476869, -0.231066320497587, 0.157546376363789};
    static const double SE[3] = {0.384085907136245, 0.334143724526341, 0.0421045161891054};
    static const double DF[3] = {4.36628337249138, 3.84678901987246, 3.77601842384502};
    Err err = {0};
    CLEANUP(stats_counts_freep) StatsCounts *p = NULL;
    rows(x, offset, unit);
    T_OK(stats_counts(x, Y, offset, N, 3, NULL, 0, &p, &err), err);
    T_NEAR(37.0121495264605, p->deviance, 1e-10);
    T_NEAR(1.5905300737154, p->dispersion, 1e-10);
    for (int c = 0; c < 3; c++) {
        double pick[3] = {c == 0, c == 1, c == 2};
        StatsEstimate e;
        T_OK(stats_ols_of(p->ols, pick, (StatsClusters){unit, N / 4}, 0.95, &e, &err), err);
        T_NEAR(COEF[c], e.estimate, 1e-10);
        T_NEAR(SE[c], e.se, 1e-9);
        T_NEAR(DF[c], e.df, 1e-7);
    }
}

TEST(units_that_are_swept_out_are_as_good_as_a_column_for_each)
{
    double x[3 * N], offset[N];
    int32_t unit[N];
    Err err = {0};
    StatsEstimate e;
    CLEANUP(stats_counts_freep) StatsCounts *p = NULL;
    rows(x, offset, unit);
    T_OK(stats_counts(x + N, Y, NULL, N, 2, unit, N / 4, &p, &err), err);
    T_NEAR(0.630953186168805, p->ols->coef[0], 1e-10);
    T_NEAR(0.234085713714658, p->ols->coef[1], 1e-10);
    T_NEAR(26.2601923421099, p->deviance, 1e-10);
    T_NEAR(0.922923802578534, p->mu[0], 1e-10);
    T_NEAR(1.251199668490838, p->mu[1], 1e-10);
    /* The errors, too: CR0 of the model with a column for each unit, 0.35194 and 0.08314; CR2 is a little more. */
    T_OK(stats_ols_of(p->ols, (const double[]){1, 0}, (StatsClusters){unit, N / 4}, 0.95, &e, &err), err);
    assert_true(e.se > 0.3519439619660285 && e.se < 0.42);
}

TEST(a_column_that_only_stands_at_zeros_has_no_finite_coefficient)
{
    double x[2 * N];
    Err err = {0};
    CLEANUP(stats_counts_freep) StatsCounts *p = NULL;
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        x[i + N] = Y[i] == 0;
    }
    T_OK(stats_counts(x, Y, NULL, N, 2, NULL, 0, &p, &err), err);
    assert_true(!p->runs_away[0] && p->runs_away[1]);
}

TEST(outcomes_that_a_count_cannot_have_are_refused)
{
    double x[N], bad[N], zero[N] = {0}, offset[N], all[3 * N];
    int32_t unit[N];
    Err err = {0};
    StatsCounts *p = NULL;
    rows(all, offset, unit);
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        bad[i] = i == 5 ? -1 : Y[i];
    }
    T_FAILS(ERR_INVALID, stats_counts(x, bad, NULL, N, 1, NULL, 0, &p, &err));
    T_FAILS(ERR_INVALID, stats_counts(x, zero, NULL, N, 1, NULL, 0, &p, &err));
    for (int i = 0; i < N; i++)
        bad[i] = i < 4 ? 0 : Y[i];
    T_FAILS(ERR_INVALID, stats_counts(all + 2 * N, bad, NULL, N, 1, unit, N / 4, &p, &err));
    assert_non_null(strstr(err.msg, "unit 0"));
    assert_null(p);
}

T_MAIN(T(coefficients_and_clustered_errors_are_those_of_a_poisson_regression),
       T(units_that_are_swept_out_are_as_good_as_a_column_for_each),
       T(a_column_that_only_stands_at_zeros_has_no_finite_coefficient),
       T(outcomes_that_a_count_cannot_have_are_refused))
