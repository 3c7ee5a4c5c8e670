/* test_insight_coverage.c - the simulated worlds have the effect they say, and coverage counts what it says. */
#include "base/mem.h"
#include "harness/t.h"
#include "insight/insight_coverage.h"

#include <math.h>
#include <string.h>

static InsightQuestion soon(void)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.draws = 0;
    q.by = deadline_in_ms(60000);
    return q;
}

static InsightAsk ask_of(const char *name)
{
    InsightAsk ask = {0};
    assert_true(insight_ask_find(name, &ask));
    return ask;
}

/* With 100,000 agents the plain difference of a randomised world is the truth within its own error of about 0.02. */
TEST(the_effect_of_a_randomised_world_is_its_truth)
{
    Err err = {0};
    CLEANUP(insight_data_freep) InsightData *d = insight_sim(INSIGHT_WORLD_RANDOMISED, 100000, 3);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = soon();
    T_OK(insight_effect(d, insight_method("rct"), &q, &a, &err), err);
    T_NEAR(insight_sim_truth(INSIGHT_WORLD_RANDOMISED).ate, a.effect.estimate, 4 * a.effect.se);
    assert_true(a.effect.se < 0.03);
}

TEST(picked_agents_make_the_plain_difference_wrong)
{
    Err err = {0};
    CLEANUP(insight_data_freep) InsightData *d = insight_sim(INSIGHT_WORLD_PICKS_WEAK, 20000, 3);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = soon();
    T_OK(insight_effect(d, insight_method("rct"), &q, &a, &err), err);
    assert_true(a.naive.high < insight_sim_truth(INSIGHT_WORLD_PICKS_WEAK).ate);
}

/* In 100,000 agents the answer is the truth within its own error, which is small beside the effect. */
TEST(other_questions_have_their_truths)
{
    static const struct {
        const char *name;
        InsightWorld world;
        int agents;
    } ROWS[] = {{"productivity", INSIGHT_WORLD_CLOSINGS, 20000},
                {"survival", INSIGHT_WORLD_FIRST_CLOSING, 100000}};
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        Err err = {0};
        CLEANUP(insight_data_freep) InsightData *d = insight_sim(ROWS[r].world, ROWS[r].agents, 4);
        InsightAsk ask = ask_of(ROWS[r].name);
        InsightAsked a = {0};
        InsightQuestion q = soon();
        InsightTruth truth = insight_sim_truth(ROWS[r].world);
        double right = insight_ask_truth(&ask, &truth, INSIGHT_ATE);
        T_OK(ask.put(&ask, d, &q, &a, &err), err);
        T_NEAR(right, a.effect.estimate, 4 * a.effect.se);
        assert_true(a.effect.se < fabs(right) / 8);
    }
}

TEST(a_world_without_a_truth_for_the_question_is_refused)
{
    Err err = {0};
    InsightCoverage c;
    InsightQuestion q = soon();
    InsightAsk ask = ask_of("uplift");
    assert_int_equal(ERR_INVALID,
                     insight_coverage(INSIGHT_WORLD_STAGGERED, &ask, &q, 60, 2, 1, NULL, NULL, &c, &err));
    assert_non_null(strstr(err.msg, "uplift has no truth in staggered"));
}

TEST(the_same_seed_gives_the_same_rows_and_another_one_others)
{
    for (int w = 0; w < INSIGHT_N_WORLDS; w++) {
        CLEANUP(insight_data_freep) InsightData *a = insight_sim((InsightWorld)w, 60, 5);
        CLEANUP(insight_data_freep) InsightData *b = insight_sim((InsightWorld)w, 60, 5);
        CLEANUP(insight_data_freep) InsightData *c = insight_sim((InsightWorld)w, 60, 6);
        assert_int_equal(a->n, b->n);
        assert_memory_equal(a->y, b->y, (size_t)a->n * sizeof *a->y);
        assert_memory_not_equal(a->y, c->y, (size_t)a->n * sizeof *a->y);
    }
}

TEST(coverage_does_not_depend_on_the_number_of_threads)
{
    Err err = {0};
    InsightCoverage one, two;
    InsightQuestion q = soon();
    InsightAsk m = ask_of("rct");
    T_OK(insight_coverage(INSIGHT_WORLD_RANDOMISED, &m, &q, 60, 40, 1, NULL, NULL, &one, &err), err);
    T_OK(insight_coverage(INSIGHT_WORLD_RANDOMISED, &m, &q, 60, 40, 2, NULL, NULL, &two, &err), err);
    assert_int_equal(one.covered, two.covered);
    T_NEAR(one.bias, two.bias, 0);
    assert_int_equal(40, one.draws);
    assert_int_equal(40, one.covered + one.low + one.high);
}

TEST(an_interval_of_fifty_percent_holds_the_truth_in_about_half_of_the_draws)
{
    Err err = {0};
    InsightCoverage c;
    InsightQuestion q = soon();
    q.level = 0.5;
    InsightAsk ask = ask_of("rct");
    T_OK(insight_coverage(INSIGHT_WORLD_RANDOMISED, &ask, &q, 100, 400, 2, NULL, NULL, &c, &err), err);
    assert_true(c.share > 0.4 && c.share < 0.6); /* four standard errors */
}

TEST(refusals_are_counted_with_their_reason)
{
    Err err = {0};
    InsightCoverage c;
    InsightQuestion q = soon();
    q.level = 0.2;
    InsightAsk ask = ask_of("cuped");
    T_OK(insight_coverage(INSIGHT_WORLD_RANDOMISED, &ask, &q, 60, 5, 1, NULL, NULL, &c, &err), err);
    assert_int_equal(5, c.refused);
    assert_non_null(strstr(c.reason, "from 0.5 to 0.999"));
}

T_MAIN(T(the_effect_of_a_randomised_world_is_its_truth), T(picked_agents_make_the_plain_difference_wrong),
       T(other_questions_have_their_truths), T(a_world_without_a_truth_for_the_question_is_refused),
       T(the_same_seed_gives_the_same_rows_and_another_one_others),
       T(coverage_does_not_depend_on_the_number_of_threads),
       T(an_interval_of_fifty_percent_holds_the_truth_in_about_half_of_the_draws),
       T(refusals_are_counted_with_their_reason))
