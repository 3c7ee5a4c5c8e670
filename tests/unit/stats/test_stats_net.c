/* Expected values: R 4.2, glmnet 4.1 (thresh = 1e-16) on the rows below. glmnet scales a linear outcome to variance 1 before
 * it penalises, so the outcome of the test is scaled the same way and the coefficients are scaled back. */
#include "harness/t.h"
#include "base/mem.h"
#include "stats/stats_net.h"

#include <math.h>
#include <string.h>

enum { N = 24, K = 5 };

static const double X[2][N] = {{2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                                5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0},
                               {3.9, 5.2, 6.8, 7.4, 6.0, 11.1, 9.2, 3.1,  15.0, 10.4, 4.8, 9.9,
                                7.7, 8.1, 6.2, 9.3, 9.8, 8.4,  5.0, 12.5, 11.2, 8.3,  5.9, 13.1}};
static const double Y[N] = {1.2, 3.3, 0.4, 4.1, 3.9, 2.2, 6.8, 1.9, 5.5, 9.7, 2.6, 2.1,
                            5.4, 4.4, 1.8, 6.9, 7.1, 0.6, 3.7, 8.2, 3.0, 6.6, 2.8, 4.9};
static const double Z[N] = {0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0};
static const double SD = 2.4237503939601992; /* of Y, divisor n */

/* Two numbers, every third row, (7 i) mod 11, and a constant. */
static void design(double x[K * N])
{
    memcpy(x, X, sizeof X);
    for (int i = 0; i < N; i++) {
        x[i + 2 * N] = (i + 1) % 3 == 0;
        x[i + 3 * N] = (i + 1) * 7 % 11;
        x[i + 4 * N] = 2;
    }
}

typedef struct Row {
    bool logistic;
    double alpha, lambda;
    double coef[1 + K];
} Row;

static const Row ROWS[] = {
    {false, 1, 0.5, {2.0821800969, 0.3856175642}},
    {false, 1, 0.1, {0.6845726023, 0.7623844368, 0, -1.0056422312, -0.0534365154}},
    {false, 1, 0.02, {0.6060009111, 0.8491990829, 0, -1.1920619007, -0.1174624152}},
    {false, 0.5, 0.5, {1.6594918277, 0.4955437500, 0, -0.4825097025}},
    {false, 0.5, 0.02, {0.6326518456, 0.8509692059, 0, -1.2172074379, -0.1229955135}},
    {false, 0, 0.5, {1.1861606734, 0.4573345034, 0.1734737382, -1.4951228053, -0.0839260978}},
    {false, 0, 0.02, {0.4981755604, 0.7213024708, 0.1226994812, -1.7148342172, -0.1280231801}},
    {true, 1, 0.2, {-0.7594285036, 0.1431226021}},
    {true, 1, 0.05, {-2.1165813825, 0.4603007448, 0, -1.0006027764}},
    {true, 1, 0.01, {-2.7517012118, 0.6396835586, 0, -1.5914946502, -0.0287521782}},
    {true, 0.5, 0.05, {-2.0493227969, 0.4554806505, 0, -1.1368638566}},
    {true, 0.5, 0.01, {-2.6817954600, 0.6327208438, 0, -1.5836020495, -0.0367225675}},
};

TEST(coefficients_are_those_of_glmnet)
{
    double x[K * N], y[N];
    design(x);
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        const Row *row = &ROWS[r];
        double sd = row->logistic ? 1 : SD;
        for (int i = 0; i < N; i++)
            y[i] = row->logistic ? Z[i] : Y[i] / sd;
        CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
        StatsNetConf conf = {.logistic = row->logistic,
                             .alpha = row->alpha,
                             .n_lambda = 1,
                             .lambda = &row->lambda,
                             .tolerance = 1e-15};
        Err err = {0};
        T_OK(stats_net(x, y, N, K, &conf, &p, &err), err);
        T_NEAR(row->coef[0], p->intercept[0] * sd, 2e-6);
        for (int j = 0; j < K; j++)
            T_NEAR(row->coef[1 + j], p->coef[j] * sd, 2e-6);
    }
}

TEST(a_path_begins_empty_and_ends_near_least_squares)
{
    double x[K * N], out[N], off = 0;
    Err err = {0};
    CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
    design(x);
    T_OK(stats_net(x, Y, N, K, &STATS_NET_LINEAR, &p, &err), err);
    for (int j = 0; j < K; j++)
        assert_true(p->coef[j] == 0);
    T_NEAR(4.1291666667, p->intercept[0], 1e-9); /* the mean of Y */
    for (int l = 1; l < p->n_lambda; l++)
        assert_true(p->explained[l] >= p->explained[l - 1] && p->lambda[l] < p->lambda[l - 1]);
    T_NEAR(0.897348494, p->explained[p->n_lambda - 1],
           1e-3); /* R: summary(lm(y ~ x1 + x2 + x3 + x4))$r.squared */
    stats_net_predict(p, p->n_lambda - 1, x, N, out);
    for (int i = 0; i < N; i++)
        off += (Y[i] - out[i]) * (Y[i] - out[i]);
    T_NEAR(1 - off / (N * SD * SD), p->explained[p->n_lambda - 1], 1e-6);
}

TEST(columns_that_separate_the_classes_end_the_path_and_stay_finite)
{
    double x[N], z[N];
    Err err = {0};
    CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
    for (int i = 0; i < N; i++) {
        x[i] = i;
        z[i] = i >= N / 2;
    }
    StatsNetConf conf = STATS_NET_LOGISTIC;
    conf.least = 1e-9;
    T_OK(stats_net(x, z, N, 1, &conf, &p, &err), err);
    assert_true(p->n_fitted < p->n_lambda);
    assert_true(isfinite(p->coef[p->n_lambda - 1]) && p->explained[p->n_lambda - 1] >= 0.999);
}

/* The held rows' outcomes go the other way, so that every column makes their loss worse: the start and six lambdas more. */
TEST(held_rows_end_the_path_when_more_columns_do_not_help_them)
{
    double x[K * N], other[N];
    Err err = {0};
    CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
    design(x);
    for (int i = 0; i < N; i++)
        other[i] = 8 - Y[i];
    StatsNetConf conf = STATS_NET_LINEAR;
    conf.held = (StatsNetHeld){x, other, N};
    T_OK(stats_net(x, Y, N, K, &conf, &p, &err), err);
    assert_int_equal(7, p->n_fitted);
    for (int j = 0; j < K; j++)
        assert_true(p->coef[7 * K + j] == p->coef[6 * K + j] && p->coef[39 * K + j] == p->coef[6 * K + j]);
}

TEST(what_cannot_be_fitted_is_refused)
{
    double x[K * N], same[N] = {0};
    Err err = {0};
    CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
    design(x);
    T_FAILS(ERR_INVALID, stats_net(x, Y, 1, K, &STATS_NET_LINEAR, &p, &err));
    T_FAILS(ERR_INVALID, stats_net(x, same, N, K, &STATS_NET_LOGISTIC, &p, &err));
    x[3] = NAN;
    T_FAILS(ERR_INVALID, stats_net(x, Y, N, K, &STATS_NET_LINEAR, &p, &err));
    assert_null(p);
}

T_MAIN(T(coefficients_are_those_of_glmnet), T(a_path_begins_empty_and_ends_near_least_squares),
       T(columns_that_separate_the_classes_end_the_path_and_stay_finite),
       T(held_rows_end_the_path_when_more_columns_do_not_help_them), T(what_cannot_be_fitted_is_refused))
