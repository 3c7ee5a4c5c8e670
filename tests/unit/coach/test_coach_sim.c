/* The mark: a choice that learns comes near to the best possible one within a simulated year. */
#include "base/arena.h"
#include "coach/coach_sim.h"
#include "harness/t.h"

#include <math.h>
#include <string.h>

static void simulate(int agents, int months, uint64_t seed, CoachSim *ret)
{
    Err err;
    CLEANUP(arena_freep) Arena *arena = arena_new(8u << 20);
    CoachPlaybook book;
    T_OK(coach_playbook_parse(arena, str_from(COACH_PLAYBOOK_DEFAULT), "default", &book, &err), err);
    const CoachSimConf conf = {.book = &book, .agents = agents, .months = months, .every = 1, .seed = seed};
    T_OK(coach_sim(&conf, ret, &err), err);
}

/* A mean of 20 brokerages is 94 % (docs/coaching-choice.md), the least of them over 90 %. */
TEST(after_a_year_with_300_agents_the_learning_choice_is_worth_90_percent_of_the_best)
{
    CoachSim s;
    simulate(300, 13, 1, &s);
    double best = s.value[COACH_POLICY_BEST][12];
    assert_true(best > 0.005);
    assert_true(s.value[COACH_POLICY_THOMPSON][12] >= 0.9 * best);
    assert_true(s.value[COACH_POLICY_THOMPSON][12] > s.value[COACH_POLICY_PRIOR][12]);
    assert_true(s.value[COACH_POLICY_PRIOR][12] > s.value[COACH_POLICY_RANDOM][12]);
    /* it starts with the same wrong priors */
    assert_true(s.value[COACH_POLICY_THOMPSON][0] < 0.9 * s.value[COACH_POLICY_BEST][0]);
    /* five standard errors: the reward of each decision is drawn, the truth is its expectation */
    T_NEAR(s.judged_truth, s.judged.estimate, 5 * s.judged.se);
}

TEST(the_same_seed_gives_the_same_year)
{
    static CoachSim a, b;
    simulate(20, 3, 7, &a);
    simulate(20, 3, 7, &b);
    assert_memory_equal(a.value, b.value, sizeof(a.value));
    simulate(20, 3, 8, &b);
    assert_true(memcmp(a.value, b.value, sizeof(a.value)) != 0);
}

TEST(sizes_out_of_range_are_refused)
{
    static const CoachSimConf ROWS[] = {{.agents = 1, .months = 3, .every = 1},
                                        {.agents = 10, .months = 0, .every = 1},
                                        {.agents = 10, .months = COACH_SIM_MONTHS_MAX + 1, .every = 1},
                                        {.agents = 10, .months = 3, .every = 3},
                                        {.agents = 10, .months = 3, .every = 1}};
    CoachPlaybook empty = {.n = 0};
    CoachSim s;
    Err err;
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        CoachSimConf conf = ROWS[i];
        conf.book = &empty;
        assert_int_equal(coach_sim(&conf, &s, &err), ERR_INVALID);
    }
}

T_MAIN(T(after_a_year_with_300_agents_the_learning_choice_is_worth_90_percent_of_the_best),
       T(the_same_seed_gives_the_same_year), T(sizes_out_of_range_are_refused))
