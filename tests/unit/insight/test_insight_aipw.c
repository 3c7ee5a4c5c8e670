/* Truth: put into the data by the test. Treatment goes to rows with a high x1, which raises the outcome too; the effect is 2
 * on average and 2 + x1, so that the treated gain more. */
#include "base/jv.h"
#include "harness/t.h"
#include "stats/stats.h"
#include "unit/insight/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char program[4096];

static InsightData *confounded(int n, uint64_t seed)
{
    InsightData *d = world_new(n, 3);
    StatsRng r;
    stats_seed(&r, seed);
    for (int i = 0; i < n; i++) {
        double x1 = stats_normal(&r), x2 = stats_normal(&r);
        d->x[i] = x1;
        d->x[n + i] = x2;
        d->x[2 * n + i] = stats_uniform(&r) < 0.3;
        d->t[i] = stats_uniform(&r) < 1 / (1 + exp(0.4 - 0.8 * x1));
        d->y[i] = 2 * x1 + x2 * x2 + (2 + x1) * d->t[i] + stats_normal(&r);
    }
    return d;
}

static InsightQuestion question(void)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    snprintf(program, sizeof program, "%s/ehub", getenv("EHUB_TEST_BUILD"));
    q.program = program;
    q.by = deadline_in_ms(120000);
    return q;
}

static ErrKind ask(InsightData *d, const InsightQuestion *q, InsightAnswer *ret, Err *err)
{
    return insight_effect(d, insight_method("aipw"), q, ret, err);
}

TEST(confounding_that_was_measured_is_taken_out_and_the_treated_gain_more)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(1000, 3);
    CLEANUP(insight_answer_done) InsightAnswer ate = {0}, att = {0};
    InsightQuestion q = question();
    double among_treated = 0;
    Err err = {0};
    for (int i = 0; i < 1000; i++)
        among_treated += d->t[i] > 0.5 ? (2 + d->x[i]) / (double)insight_n_treated(d) : 0;
    T_OK(ask(d, &q, &ate, &err), err);
    T_NEAR(2, ate.effect.estimate, 3 * 0.09); /* the noise alone leaves an error of about 0.08 */
    T_NEAR(0.09, ate.effect.se, 0.025);
    assert_true(ate.naive.estimate > 3);
    q.estimand = INSIGHT_ATT;
    T_OK(ask(d, &q, &att, &err), err);
    T_NEAR(among_treated, att.effect.estimate, 3 * 0.1);
    assert_true(among_treated > 2.25);
}

TEST(the_same_seed_gives_the_same_answer)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(200, 5);
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, b = {0};
    InsightQuestion q = question();
    Err err = {0};
    T_OK(ask(d, &q, &a, &err), err);
    T_OK(ask(d, &q, &b, &err), err);
    assert_int_equal(a.diagnostics.len, b.diagnostics.len);
    assert_memory_equal(a.diagnostics.ptr, b.diagnostics.ptr, a.diagnostics.len);
    assert_true(a.effect.estimate == b.effect.estimate && a.effect.se == b.effect.se);
}

/* Every row twice, as a cluster of two: twice the rows, no more knowledge. */
TEST(rows_that_hang_together_do_not_narrow_the_interval)
{
    CLEANUP(insight_data_freep) InsightData *once = confounded(300, 7), *twice = world_new(600, 3);
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, b = {0};
    InsightQuestion q = question();
    Err err = {0};
    world_cluster(twice, 2);
    for (int i = 0; i < 600; i++) {
        twice->y[i] = once->y[i / 2];
        twice->t[i] = once->t[i / 2];
        for (int c = 0; c < 3; c++)
            twice->x[c * 600 + i] = once->x[c * 300 + i / 2];
    }
    T_OK(ask(once, &q, &a, &err), err);
    T_OK(ask(twice, &q, &b, &err), err);
    T_NEAR(a.effect.se, b.effect.se, 0.15 * a.effect.se);
}

TEST(a_rate_is_estimated_as_a_difference_of_rates)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(600, 11);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = question();
    StatsRng r;
    Err err = {0};
    stats_seed(&r, 1);
    for (int i = 0; i < 600; i++) /* 0.3 + 0.2 with treatment, whatever else */
        d->y[i] = stats_uniform(&r) < 0.3 + 0.2 * d->t[i];
    T_OK(ask(d, &q, &a, &err), err);
    T_NEAR(0.2, a.effect.estimate, 3 * 0.045);
    T_NEAR(0.042, a.effect.se, 0.01);
}

TEST(what_the_rows_cannot_tell_is_refused_with_the_reason)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(200, 5);
    InsightQuestion q = question();
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer few = {0}, apart = {0};
    for (int i = 0; i < 200; i++)
        d->t[i] = i % 40 == 0;
    T_FAILS(ERR_INVALID, ask(d, &q, &few, &err));
    assert_true(strstr(err.msg, "5 treated and 195 controls") != NULL);
    for (int i = 0; i < 200; i++) /* told apart by the sum, by no column alone */
        d->t[i] = d->x[i] + d->x[200 + i] > 0;
    T_FAILS(ERR_INVALID, ask(d, &q, &apart, &err));
    assert_true(strstr(err.msg, "no overlap") != NULL);
}

T_MAIN(T(confounding_that_was_measured_is_taken_out_and_the_treated_gain_more),
       T(the_same_seed_gives_the_same_answer), T(rows_that_hang_together_do_not_narrow_the_interval),
       T(a_rate_is_estimated_as_a_difference_of_rates),
       T(what_the_rows_cannot_tell_is_refused_with_the_reason))
