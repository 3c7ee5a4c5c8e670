/* Expected values: R 4.2, lm, sandwich::vcovHC and clubSandwich::coef_test(vcov = "CR2", test = "Satterthwaite") on the rows
 * below, printed with 15 digits. */
#include "base/mem.h"
#include "harness/t.h"
#include "stats/stats_ols.h"

#include <math.h>

enum { N = 24 };

static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                            5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0};
static const double Y[N] = {3.9, 5.2, 6.8, 7.4, 6.0, 11.1, 9.2, 3.1,  15.0, 10.4, 4.8, 9.9,
                            7.7, 8.1, 6.2, 9.3, 9.8, 8.4,  5.0, 12.5, 11.2, 8.3,  5.9, 13.1};
static const int32_t CLUSTER[N] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 6, 7};

/* 1, t (every third row), x. */
static void design(double x[3 * N])
{
    for (int i = 0; i < N; i++) {
        x[i] = 1;
        x[i + N] = (i + 1) % 3 == 0;
        x[i + 2 * N] = X[i];
    }
}

static const double PICK[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

typedef struct Row {
    double estimate, se, df, p;
} Row;

static void check(const StatsOls *o, StatsClusters clusters, const Row *want)
{
    Err err = {0};
    for (int c = 0; c < 3; c++) {
        StatsEstimate e;
        T_OK(stats_ols_of(o, PICK[c], clusters, 0.9, &e, &err), err);
        T_NEAR(want[c].estimate, e.estimate, 1e-12 * fabs(want[c].estimate));
        T_NEAR(want[c].se, e.se, 1e-11 * want[c].se);
        T_NEAR(want[c].df, e.df, 1e-9 * want[c].df);
        T_NEAR(want[c].p, e.p, 1e-7 * want[c].p);
    }
}

TEST(single_rows_have_the_errors_of_HC2_with_satterthwaite_degrees)
{
    double x[3 * N];
    Err err = {0};
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    T_OK(stats_ols(x, Y, NULL, N, 3, &o, &err), err);
    T_NEAR(0.985431149974884, o->r2, 1e-13);
    check(o, (StatsClusters){0},
          (const Row[]){{1.13591848305550, 0.2106506282705654, 10.4429698844626, 2.62346073152503e-04},
                        {3.94456134151806, 0.1773608499172031, 12.8555757391945, 1.21025830175654e-11},
                        {1.09483097075764, 0.0373366887030742, 11.0289944381002, 8.12559143073825e-12}});
}

TEST(clusters_have_the_errors_of_CR2_with_satterthwaite_degrees)
{
    double x[3 * N];
    Err err = {0};
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    T_OK(stats_ols(x, Y, NULL, N, 3, &o, &err), err);
    check(o, (StatsClusters){CLUSTER, 8},
          (const Row[]){{1.13591848305550, 0.1872485072213661, 4.12907073104481, 3.36263433396773e-03},
                        {3.94456134151806, 0.1302206183623193, 5.50131692737853, 2.47429756320206e-07},
                        {1.09483097075764, 0.0317080694325899, 4.62675600068045, 9.22507272198861e-07}});
}

TEST(weights_are_those_of_weighted_least_squares)
{
    double x[3 * N], w[N];
    Err err = {0};
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    for (int i = 0; i < N; i++)
        w[i] = 1 + (i + 1) % 4;
    T_OK(stats_ols(x, Y, w, N, 3, &o, &err), err);
    check(o, (StatsClusters){0}, /* clubSandwich with inverse_var = TRUE: the variance goes with 1 / weight */
          (const Row[]){{1.24975812642012, 0.2056444745986523, 10.5704932933272, 9.45176450017644e-05},
                        {3.85367692591762, 0.1852552330759433, 11.4100915219700, 1.97830993923713e-10},
                        {1.07338410951658, 0.0389609083177511, 11.0272451271988, 1.60742580670524e-11}});
}

TEST(the_covariance_has_the_squared_errors_on_its_diagonal)
{
    double x[3 * N], cov[9];
    Err err = {0};
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    T_OK(stats_ols(x, Y, NULL, N, 3, &o, &err), err);
    T_OK(stats_ols_covariance(o, (StatsClusters){CLUSTER, 8}, cov, &err), err);
    T_NEAR(0.1872485072213661, sqrt(cov[0]), 1e-12);
    T_NEAR(0.1302206183623193, sqrt(cov[4]), 1e-12);
    T_NEAR(cov[1], cov[3], 1e-15);
}

TEST(a_column_that_repeats_earlier_ones_is_dropped_and_cannot_be_asked_for)
{
    double x[4 * N];
    Err err = {0};
    StatsEstimate e;
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    for (int i = 0; i < N; i++)
        x[i + 3 * N] = 2 * x[i + N] - 5 * x[i + 2 * N] + 1;
    T_OK(stats_ols(x, Y, NULL, N, 4, &o, &err), err);
    assert_int_equal(3, o->rank);
    assert_false(o->kept[3]);
    T_OK(stats_ols_of(o, (const double[]){0, 1, 0, 0}, (StatsClusters){0}, 0.95, &e, &err), err);
    T_NEAR(0.1773608499172031, e.se, 1e-11);
    T_FAILS(ERR_INVALID, stats_ols_of(o, (const double[]){0, 0, 0, 1}, (StatsClusters){0}, 0.95, &e, &err));
}

TEST(too_few_rows_or_clusters_are_an_error)
{
    double x[3 * N];
    int32_t one[N] = {0};
    Err err = {0};
    StatsEstimate e;
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    design(x);
    T_OK(stats_ols(x, Y, NULL, N, 3, &o, &err), err);
    T_FAILS(ERR_INVALID, stats_ols_of(o, PICK[1], (StatsClusters){one, 1}, 0.95, &e, &err));
    CLEANUP(stats_ols_freep) StatsOls *none = NULL;
    T_FAILS(ERR_INVALID, stats_ols(x, Y, NULL, 0, 3, &none, &err));
    CLEANUP(stats_ols_freep) StatsOls *nan = NULL;
    for (int i = 0; i < 3 * N; i++)
        x[i] = NAN;
    T_FAILS(ERR_INVALID, stats_ols(x, Y, NULL, N, 3, &nan, &err));
}

T_MAIN(T(single_rows_have_the_errors_of_HC2_with_satterthwaite_degrees),
       T(clusters_have_the_errors_of_CR2_with_satterthwaite_degrees),
       T(weights_are_those_of_weighted_least_squares),
       T(the_covariance_has_the_squared_errors_on_its_diagonal),
       T(a_column_that_repeats_earlier_ones_is_dropped_and_cannot_be_asked_for),
       T(too_few_rows_or_clusters_are_an_error))
