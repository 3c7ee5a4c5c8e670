/* Published: VanderWeele, Ding 2017 (risk ratio 3.9, interval from 1.8: E-values 7.26 and 3.0); Cinelli, Hazlett 2020, table 1
 * (Darfur: t 4.18 with 783 degrees of freedom: robustness values 13.9 % and 7.6 %; as strong as "female", R^2 0.9 % and 12.5 %:
 * the estimate 0.097, se 0.023, becomes 0.075). The rows: R 4.2, lm, and the paper's formulas by hand. */
#include "base/jv.h"
#include "harness/t.h"
#include "insight/insight_balance.h"
#include "insight/insight_sensitivity.h"
#include "unit/insight/world.h"

#include <math.h>
#include <string.h>

enum { N = 24 };

static const double X[N] = {2.1, 3.4, 1.7, 5.9, 4.4, 6.1, 7.3, 2.2, 8.8, 9.1, 3.3, 4.7,
                            5.5, 6.6, 1.2, 7.7, 8.1, 2.9, 3.8, 9.9, 5.1, 6.4, 4.2, 7.0};
static const double Y[N] = {1.2, 3.3, 0.4, 4.1, 3.9, 2.2, 6.8, 1.9, 5.5, 9.7, 2.6, 2.1,
                            5.4, 4.4, 1.8, 6.9, 7.1, 0.6, 3.7, 8.2, 3.0, 6.6, 2.8, 4.9};
static const double T_[N] = {0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0};

static InsightData *rows(void)
{
    InsightData *d = world_new(N, 2);
    memcpy(d->y, Y, sizeof Y);
    memcpy(d->t, T_, sizeof T_);
    memcpy(d->x, X, sizeof X);
    for (int i = 0; i < N; i++)
        d->x[N + i] = (i + 1) * 7 % 11;
    return d;
}

static InsightAnswer answer_new(const InsightData *d)
{
    InsightAnswer a = {.diagnostics = BUF(1 << 20), .warnings = BUF(1 << 16)};
    a.n_treated = insight_n_treated(d);
    a.n_control = d->n - a.n_treated;
    a.effect = stats_estimate(0.78, 0.49, 20, 0.95);
    return a;
}

TEST(e_values_are_the_published_ones)
{
    T_NEAR(7.26, insight_e_value(3.9), 0.005);
    T_NEAR(3.0, insight_e_value(1.8), 0.005);
    T_NEAR(7.26, insight_e_value(1 / 3.9), 0.005);
    T_NEAR(1, insight_e_value(1), 1e-12);
}

TEST(robustness_values_are_the_published_ones)
{
    T_NEAR(0.139, insight_robustness(4.18, 783, 1, 0), 0.0005);
    T_NEAR(0.076, insight_robustness(4.18, 783, 1, 0.05), 0.0005);
    T_NEAR(0, insight_robustness(1.5, 783, 1, 0.05), 1e-12);
    T_NEAR(0.075, insight_adjusted(0.097, 0.0233, 783, 0.009, 0.125), 0.0006);
    T_NEAR(-0.075, insight_adjusted(-0.097, 0.0233, 783, 0.009, 0.125), 0.0006);
}

TEST(partial_shares_and_benchmarks_are_those_of_regressions)
{
    CLEANUP(insight_data_freep) InsightData *d = rows();
    CLEANUP(insight_answer_done) InsightAnswer a = answer_new(d);
    CLEANUP(jv_freep) Jv *doc = NULL;
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    Err err = {0};
    a.w = jw(&a.diagnostics);
    jw_obj(&a.w);
    T_OK(insight_sensitivity(&a, d, &q, &err), err);
    jw_end(&a.w);
    T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
    const Jv *s = jv_get(doc, "sensitivity");
    T_NEAR(0.7820044978, jv_get_f64(s, "linear_estimate", NAN), 1e-9);
    T_NEAR(0.1137286365, jv_get_f64(s, "partial_r2", NAN), 1e-9);
    T_NEAR(0.2997607592, jv_get_f64(s, "robustness_value", NAN), 1e-9);
    T_NEAR(0, jv_get_f64(s, "robustness_value_interval", NAN), 1e-9);
    const Jv *weaker = jv_at(jv_get(s, "benchmarks"), 1);
    T_NEAR(0.0218069535, jv_get_f64(weaker, "r2_with_treatment", NAN), 1e-9);
    T_NEAR(0.4363885924, jv_get_f64(weaker, "r2_with_outcome", NAN), 1e-9);
    T_NEAR(0.5666868627, jv_get_f64(weaker, "linear_estimate", NAN), 1e-8);
    /* sd of Y 2.42375: exp(0.91 * 0.78 / 2.42375) = 1.34023; 1.34023 + sqrt(1.34023 * 0.34023) */
    T_NEAR(2.01549, jv_get_f64(s, "e_value", NAN), 1e-4);
    T_NEAR(1, jv_get_f64(s, "e_value_interval", NAN), 1e-12);
}

TEST(differences_are_standardised_by_the_spread_before_weighting)
{
    CLEANUP(insight_data_freep) InsightData *d = rows();
    CLEANUP(insight_answer_done) InsightAnswer a = answer_new(d);
    CLEANUP(jv_freep) Jv *doc = NULL;
    Err err = {0};
    double weight[N];
    for (int i = 0; i < N; i++)
        weight[i] = 1;
    a.w = jw(&a.diagnostics);
    jw_obj(&a.w);
    insight_balance(&a, d, weight);
    jw_end(&a.w);
    T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
    T_NEAR(1.3854055669, jv_get_f64(doc, "max_difference_before", NAN), 1e-9);
    T_NEAR(-0.0540935817, jv_get_f64(jv_at(jv_get(doc, "balance"), 1), "before", NAN), 1e-9);
    assert_true(strstr(buf_cstr(&a.warnings), "x1 still differs by 1.39") != NULL);
    T_NEAR(12, insight_effective_rows(d, weight, 1), 1e-12);
}

TEST(columns_that_tell_too_much_are_named)
{
    CLEANUP(insight_data_freep) InsightData *d = rows();
    CLEANUP(insight_answer_done) InsightAnswer a = answer_new(d);
    Err err = {0};
    T_OK(insight_suspects(&a, d, &err), err);
    assert_int_equal(0, a.warnings.len);
    for (int i = 0; i < N; i++)
        d->x[N + i] = 3 * d->y[i] - 1;
    T_FAILS(ERR_INVALID, insight_suspects(&a, d, &err));
    assert_true(strstr(err.msg, "x2 is the outcome itself") != NULL);
    for (int i = 0; i < N; i++)
        d->x[N + i] = d->y[i] + (i % 2 ? 0.05 : -0.05);
    T_OK(insight_suspects(&a, d, &err), err);
    assert_true(strstr(buf_cstr(&a.warnings), "x2 alone explains 100.0 %") != NULL);
    for (int i = 0; i < N; i++)
        d->x[N + i] = d->t[i] * 5 + i % 3;
    T_FAILS(ERR_INVALID, insight_suspects(&a, d, &err));
    assert_true(strstr(err.msg, "x2 tells the treated from the controls") != NULL);
}

T_MAIN(T(e_values_are_the_published_ones), T(robustness_values_are_the_published_ones),
       T(partial_shares_and_benchmarks_are_those_of_regressions),
       T(differences_are_standardised_by_the_spread_before_weighting),
       T(columns_that_tell_too_much_are_named))
