/* Expected values: R 4.2, Matching 4.10 (Match with Weight = 2, BiasAdjust = TRUE, Var.calc = 2, ties = TRUE) on the rows made
 * by rows_of_arithmetic. */
#include "base/jv.h"
#include "harness/t.h"
#include "stats/stats.h"
#include "unit/insight/world.h"

#include <math.h>
#include <string.h>

enum { N = 40 };

/* x1 = (17 i mod 41) / 4, x2 = (29 i mod 43) / 3, 15 treated, y = 2 x1 - x2 + 3 t + (11 i mod 13) / 3 to four places. */
static InsightData *rows_of_arithmetic(void)
{
    InsightData *d = world_new(N, 2);
    for (int r = 0; r < N; r++) {
        int i = r + 1;
        d->x[r] = i * 17 % 41 / 4.0;
        d->x[N + r] = i * 29 % 43 / 3.0;
        d->t[r] = i * 7 % 10 < 3.5 && i != 3;
        d->y[r] = round(1e4 * (2 * d->x[r] - d->x[N + r] + 3 * d->t[r] + i * 11 % 13 / 3.0)) / 1e4;
    }
    return d;
}

static InsightQuestion question(InsightEstimand estimand, int neighbours)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.estimand = estimand;
    q.neighbours = neighbours;
    q.by = deadline_in_ms(60000);
    return q;
}

static ErrKind ask(InsightData *d, const InsightQuestion *q, InsightAnswer *ret, Err *err)
{
    return insight_effect(d, insight_method("match"), q, ret, err);
}

TEST(estimates_and_errors_are_those_of_the_package_matching)
{
    static const struct {
        InsightEstimand estimand;
        int neighbours;
        double effect, se;
    } ROWS[] = {
        {INSIGHT_ATT, 1, 2.5538875995, 0.7788409364},
        {INSIGHT_ATT, 2, 2.6190990041, 0.6041808992},
        {INSIGHT_ATE, 1, 2.3506588366, 1.1079037457},
        {INSIGHT_ATE, 2, 2.4853116297, 1.1164317764},
    };
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        CLEANUP(insight_data_freep) InsightData *d = rows_of_arithmetic();
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        InsightQuestion q = question(ROWS[r].estimand, ROWS[r].neighbours);
        Err err = {0};
        T_OK(ask(d, &q, &a, &err), err);
        T_NEAR(ROWS[r].effect, a.effect.estimate, 1e-8);
        CLEANUP(jv_freep) Jv *doc = NULL;
        T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
        T_NEAR(ROWS[r].se, jv_get_f64(doc, "se_of_known_correction", NAN), 1e-8);
        assert_true(a.effect.se >= ROWS[r].se - 1e-8); /* never less for not knowing the coefficients */
    }
}

TEST(a_column_that_repeats_others_changes_nothing)
{
    CLEANUP(insight_data_freep) InsightData *two = rows_of_arithmetic(), *d = world_new(N, 3);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = question(INSIGHT_ATT, 1);
    Err err = {0};
    memcpy(d->y, two->y, N * sizeof *d->y);
    memcpy(d->t, two->t, N * sizeof *d->t);
    memcpy(d->x, two->x, 2 * N * sizeof *d->x);
    for (int i = 0; i < N; i++)
        d->x[2 * N + i] = 5 - d->x[i];
    T_OK(ask(d, &q, &a, &err), err);
    assert_true(isfinite(a.effect.se));
    /* x1 counts twice in the correlations' directions, but the distance is that of two whitened numbers. */
    T_NEAR(2.5538875995, a.effect.estimate, 1e-6);
}

TEST(beyond_the_caliper_rows_are_left_out_and_counted)
{
    CLEANUP(insight_data_freep) InsightData *d = rows_of_arithmetic();
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, none = {0};
    CLEANUP(jv_freep) Jv *doc = NULL;
    InsightQuestion q = question(INSIGHT_ATT, 1);
    Err err = {0};
    d->x[5] += 100; /* the first treated row: nobody is like it */
    q.caliper = 2;
    T_OK(ask(d, &q, &a, &err), err);
    T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
    assert_int_equal(14, jv_get_i64(doc, "matched", 0));
    assert_int_equal(1, jv_get_i64(doc, "beyond_the_caliper", 0));
    assert_true(strstr(buf_cstr(&a.warnings), "no neighbour within the caliper") != NULL);
    q.caliper = 1e-6;
    T_FAILS(ERR_INVALID, ask(d, &q, &none, &err));
}

/* 4,000 rows, both distances: the truth that was put in is 1. */
TEST(both_distances_take_out_confounding_that_was_measured)
{
    for (int propensity = 0; propensity < 2; propensity++) {
        CLEANUP(insight_data_freep) InsightData *d = world_new(4000, 2);
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        InsightQuestion q = question(INSIGHT_ATE, 3);
        StatsRng r;
        Err err = {0};
        q.on_propensity = propensity;
        stats_seed(&r, 1);
        for (int i = 0; i < 4000; i++) {
            double x1 = stats_normal(&r), x2 = stats_normal(&r);
            d->x[i] = x1;
            d->x[4000 + i] = x2;
            d->t[i] = stats_uniform(&r) < 1 / (1 + exp(-x1 + x2 / 2));
            d->y[i] = 3 * x1 + x2 * x2 + d->t[i] + stats_normal(&r);
        }
        T_OK(ask(d, &q, &a, &err), err);
        assert_true(a.naive.estimate > 3);
        T_NEAR(1, a.effect.estimate, 3 * a.effect.se);
        assert_true(a.effect.se < 0.12);
    }
}

/* Every row twice, as a cluster of two: the neighbours are the same, and so must be what is known. */
TEST(rows_that_hang_together_do_not_narrow_the_interval)
{
    CLEANUP(insight_data_freep) InsightData *once = rows_of_arithmetic(), *twice = world_new(2 * N, 2);
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, b = {0};
    InsightQuestion q = question(INSIGHT_ATE, 1);
    Err err = {0};
    world_cluster(once, 1);
    world_cluster(twice, 2);
    for (int i = 0; i < 2 * N; i++) {
        twice->y[i] = once->y[i / 2];
        twice->t[i] = once->t[i / 2];
        twice->x[i] = once->x[i / 2];
        twice->x[2 * N + i] = once->x[N + i / 2];
    }
    T_OK(ask(once, &q, &a, &err), err);
    T_OK(ask(twice, &q, &b, &err), err);
    T_NEAR(a.effect.estimate, b.effect.estimate, 1e-9);
    T_NEAR(a.effect.se, b.effect.se, 1e-9);
}

TEST(without_overlap_or_with_a_handful_it_is_refused)
{
    CLEANUP(insight_data_freep) InsightData *d = rows_of_arithmetic();
    CLEANUP(insight_answer_done) InsightAnswer apart = {0}, few = {0};
    InsightQuestion q = question(INSIGHT_ATT, 1);
    Err err = {0};
    for (int i = 0; i < N; i++)
        d->t[i] = d->x[i] + d->x[N + i] > 12;
    T_FAILS(ERR_INVALID, ask(d, &q, &apart, &err));
    assert_true(strstr(err.msg, "no overlap") != NULL);
    for (int i = 0; i < N; i++)
        d->t[i] = i % 20 == 0;
    T_FAILS(ERR_INVALID, ask(d, &q, &few, &err));
    assert_true(strstr(err.msg, "2 treated and 38 controls") != NULL);
}

T_MAIN(T(estimates_and_errors_are_those_of_the_package_matching),
       T(a_column_that_repeats_others_changes_nothing), T(beyond_the_caliper_rows_are_left_out_and_counted),
       T(both_distances_take_out_confounding_that_was_measured),
       T(rows_that_hang_together_do_not_narrow_the_interval),
       T(without_overlap_or_with_a_handful_it_is_refused))
