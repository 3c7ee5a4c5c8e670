/* Scores without noise: what a policy is worth can be counted. */
#include "base/mem.h"
#include "harness/t.h"
#include "insight/insight_policy.h"

#include <math.h>

enum { SIDE = 40, N = SIDE * SIDE };

/* Rows on a grid: age 0 .. 39, skill 0 .. 39; treating helps by 2 where age <= 9, harms by 1 elsewhere, but where skill > 29 it
 * helps by 1 there. */
typedef struct Grid {
    InsightData d;
    InsightScores s;
    double x[2 * N], t[N], phi0[N], phi1[N], effect[N], tau[N], rank[N];
    int32_t fold[N];
    char *names[2];
} Grid;

static char AGE[] = "age", SKILL[] = "skill";

static void fill(Grid *g)
{
    *g = (Grid){.names = {AGE, SKILL}};
    g->d = (InsightData){.n = N, .t = g->t, .n_x = 2, .x = g->x, .x_name = g->names};
    g->s = (InsightScores){.n = N,
                           .fold = g->fold,
                           .n_folds = 5,
                           .phi = {g->phi0, g->phi1},
                           .effect = g->effect,
                           .tau = g->tau,
                           .rank = g->rank};
    for (int i = 0; i < N; i++) {
        int age = i / SIDE, skill = i % SIDE;
        g->x[i] = age;
        g->x[i + N] = skill;
        g->t[i] = i % 2;
        g->fold[i] = (age * 7 + skill) % 5;
        g->effect[i] = g->tau[i] = age <= 9 ? 2 : skill > 29 ? 1 : -1;
        g->phi0[i] = 10;
        g->phi1[i] = 10 + g->effect[i];
        g->rank[i] = (age + 0.5) / SIDE; /* by age: the first 25 % are those helped by 2 */
    }
}

TEST(values_are_the_means_of_what_each_row_would_get)
{
    static Grid g;
    Err err = {0};
    CLEANUP(insight_policy_freep) InsightPolicy *p = NULL;
    fill(&g);
    T_OK(insight_policy(&g.d, &g.s, 0, 0.95, &p, &err), err);
    /* 25 % get 2; of the other 75 %, a quarter 1 and three quarters -1. */
    double ate = 0.25 * 2 + 0.75 * (0.25 - 0.75);
    T_NEAR(10, p->none.value.estimate, 1e-12);
    T_NEAR(10 + ate, p->all.value.estimate, 1e-12);
    T_NEAR(ate, p->all.over_none.estimate, 1e-12);
    T_NEAR(0.1 * 2, p->top[0].over_none.estimate, 1e-12);
    T_NEAR(0.1, p->top[0].share, 1e-12);
    T_NEAR(0.1 * 2 - ate, p->top[0].over_all.estimate, 1e-12);
    T_NEAR(0.25 * 2 + 0.75 * 0.25, p->expected.over_none.estimate, 1e-12);
    T_NEAR(0, p->none.over_none.estimate, 0);
}

TEST(the_rule_finds_both_questions_and_reads_like_a_sentence)
{
    static Grid g;
    Err err = {0};
    CLEANUP(insight_policy_freep) InsightPolicy *p = NULL;
    CLEANUP(buf_done) Buf text = BUF(4096);
    fill(&g);
    T_OK(insight_policy(&g.d, &g.s, 0, 0.95, &p, &err), err);
    insight_rule_text(&p->rule, &g.d, &text);
    assert_int_equal(0, p->rule.first);
    T_NEAR(9.5, p->rule.at[0], 1.01); /* the nearest of 16 cuts */
    T_NEAR(29.5, p->rule.at[2], 1.01);
    assert_true(str_find(buf_str(&text), STR("age <= ")) == 0);
    assert_true(str_find(buf_str(&text), STR("and skill > ")) > 0);
    assert_true(str_find(buf_str(&text), STR(": do not treat\n")) > 0);
    /* Judged on folds it was not learned from; at most a row of cuts is lost. */
    double best = 0.25 * 2 + 0.75 * 0.25;
    assert_true(p->ruled.over_none.estimate > best - 0.06 && p->ruled.over_none.estimate <= best + 1e-12);
}

TEST(a_cost_above_every_effect_leaves_nobody_to_treat)
{
    static Grid g;
    Err err = {0};
    CLEANUP(insight_policy_freep) InsightPolicy *p = NULL;
    CLEANUP(buf_done) Buf text = BUF(4096);
    fill(&g);
    T_OK(insight_policy(&g.d, &g.s, 3, 0.95, &p, &err), err);
    insight_rule_text(&p->rule, &g.d, &text);
    T_STR("everybody: do not treat\n", buf_str(&text));
    T_NEAR(0, p->ruled.share, 0);
    T_NEAR(0, p->expected.share, 0);
    T_NEAR(0.25 * 2 + 0.75 * (0.25 - 0.75) - 3, p->all.over_none.estimate, 1e-12);
}

TEST(indicators_are_questions_of_yes_and_no)
{
    static Grid g;
    Err err = {0};
    static char TIER[] = "tier=novice";
    CLEANUP(insight_policy_freep) InsightPolicy *p = NULL;
    CLEANUP(buf_done) Buf text = BUF(4096);
    fill(&g);
    g.names[0] = TIER;
    for (int i = 0; i < N; i++) {
        g.x[i] = i / SIDE <= 9;
        g.effect[i] = g.x[i] > 0 ? 2 : -1;
    }
    T_OK(insight_policy(&g.d, &g.s, 0, 0.95, &p, &err), err);
    insight_rule_text(&p->rule, &g.d, &text);
    T_STR("not tier=novice: do not treat\ntier=novice: treat\n", buf_str(&text));
    T_NEAR(0.25 * 2, p->ruled.over_none.estimate, 1e-12);
}

T_MAIN(T(values_are_the_means_of_what_each_row_would_get),
       T(the_rule_finds_both_questions_and_reads_like_a_sentence),
       T(a_cost_above_every_effect_leaves_nobody_to_treat), T(indicators_are_questions_of_yes_and_no))
