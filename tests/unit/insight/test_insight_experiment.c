/* Who is drawn, and when a guard-rail stops: pure parts. */
#include "harness/t.h"
#include "base/mem.h"
#include "insight/insight_experiment.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define N 200

/* Offices of 40, closings 0 .. 4. Ids differ in their first bytes. */
static void agents(InsightUnit *u)
{
    for (int i = 0; i < N; i++) {
        u[i] = (InsightUnit){.before = i % 5};
        u[i].agent.b[0] = (uint8_t)i;
        u[i].location.b[0] = (uint8_t)(i / 40);
    }
}

TEST(the_share_holds_over_all_and_in_each_stratum_to_within_one)
{
    static const double SHARES[] = {0.5, 0.3, 0.9};
    for (size_t s = 0; s < ARRAY_LEN(SHARES); s++) {
        InsightUnit u[N];
        int treated = 0, in[15] = {0}, of[15] = {0};
        agents(u);
        insight_strata(u, N);
        insight_assign(u, N, SHARES[s], 1, 7);
        for (int i = 0; i < N; i++) {
            treated += u[i].arm > 0;
            in[u[i].stratum] += u[i].arm > 0;
            of[u[i].stratum]++;
        }
        assert_int_equal(treated, (int)lround(SHARES[s] * N));
        for (int k = 0; k < 15; k++)
            assert_true(fabs(in[k] - SHARES[s] * of[k]) < 1.001);
    }
}

TEST(strata_are_offices_by_thirds_of_what_was_before)
{
    InsightUnit u[N];
    agents(u);
    insight_strata(u, N);
    /* thirds of 0,1,2,3,4 in equal numbers: quantiles 1 and 3, so 0-1, 2-3 and 4 */
    for (int i = 0; i < N; i++) {
        int third = u[i].before > 3 ? 2 : u[i].before > 1 ? 1 : 0;
        assert_int_equal(u[i].stratum, 3 * u[i].location.b[0] + third);
    }
}

TEST(the_same_seed_gives_the_same_arms_in_whatever_order_the_agents_come)
{
    InsightUnit a[N], b[N];
    agents(a);
    agents(b);
    for (int i = 0; i < N / 2; i++) {
        InsightUnit other = b[i];
        b[i] = b[N - 1 - i];
        b[N - 1 - i] = other;
    }
    insight_strata(a, N);
    insight_strata(b, N);
    insight_assign(a, N, 0.4, 2, 7);
    insight_assign(b, N, 0.4, 2, 7);
    assert_memory_equal(a, b, sizeof(a));
    insight_assign(b, N, 0.4, 2, 8);
    assert_memory_not_equal(a, b, sizeof(a));
}

TEST(waves_are_of_equal_size_and_every_agent_is_as_likely_to_be_drawn)
{
    int drawn[N] = {0};
    for (uint64_t seed = 0; seed < 1000; seed++) {
        InsightUnit u[N];
        int size[4] = {0};
        agents(u);
        insight_strata(u, N);
        insight_assign(u, N, 0.5, 3, seed);
        for (int i = 0; i < N; i++) {
            size[u[i].arm]++;
            drawn[u[i].agent.b[0]] += u[i].arm > 0;
        }
        assert_true(size[1] - size[3] <= 1 && size[0] == N / 2);
    }
    for (int i = 0; i < N; i++)
        T_NEAR(500, drawn[i], 80); /* five standard deviations of sqrt(1000 / 4) */
}

/* ---- guard-rails --------------------------------------------------------------------------------------------------- */

static void fill(InsightRow *rows, double control, double treated)
{
    StatsRng rng;
    stats_seed(&rng, 3);
    for (int i = 0; i < N; i++) {
        rows[i] = (InsightRow){.arm = i % 2, .open = true};
        rows[i].since[INSIGHT_CLOSINGS] = (i % 2 ? treated : control) + 0.3 * stats_normal(&rng);
        rows[i].since[INSIGHT_LEFT] = i % 2 ? i % 4 == 1 : 0; /* half of the treated left */
    }
}

TEST(a_guard_stops_what_is_surely_worse_than_its_limit_and_nothing_else)
{
    static const struct {
        double treated;
        bool crossed;
    } ROWS[] = {{2, false}, {3, false}, {1.9, false}, {1, true}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        InsightRow rows[N];
        fill(rows, 2, ROWS[i].treated);
        InsightGuardVerdict v = insight_guard(&(InsightGuard){INSIGHT_CLOSINGS, 0.2}, rows, N, N);
        assert_int_equal(v.crossed, ROWS[i].crossed);
        assert_true(v.low < ROWS[i].treated - 2 + 0.1 && v.high > ROWS[i].treated - 2 - 0.1);
    }
    InsightRow rows[N];
    fill(rows, 2, 2);
    assert_true(insight_guard(&(InsightGuard){INSIGHT_LEFT, 0.1}, rows, N, N).crossed);
    assert_false(insight_guard(&(InsightGuard){INSIGHT_LEFT, 0.9}, rows, N, N).crossed);
}

TEST(agents_whose_wave_has_not_begun_are_on_neither_side_and_too_few_stop_nothing)
{
    InsightRow rows[N];
    fill(rows, 2, 0);
    for (int i = 0; i < N; i++)
        rows[i].open = rows[i].arm == 0;
    InsightGuardVerdict v = insight_guard(&(InsightGuard){INSIGHT_CLOSINGS, 0.2}, rows, N, N);
    assert_false(v.crossed);
    assert_true(isnan(v.low));
}

/* By hand: offices 0 and 1, thirds 0 and 2; means 2 and 4 drawn, 1 and 5 held out. Differences: drawn 2, 4, held out 1, 5:
 * means 3 and 3. */
TEST(strata_count_each_agent_once_and_skip_those_without_agents)
{
    InsightRow rows[4] = {{.stratum = 0, .arm = 1}, {.stratum = 0}, {.stratum = 5, .arm = 2}, {.stratum = 5}};
    static const double BEFORE[4] = {2, 1, 4, 5};
    int n;
    for (int i = 0; i < 4; i++) {
        rows[i].before[INSIGHT_CLOSINGS] = BEFORE[i];
        rows[i].location.b[0] = (uint8_t)(i / 2);
    }
    CLEANUP(mem_freep) InsightStratum *s = insight_strata_of(rows, 4, INSIGHT_CLOSINGS, &n);
    assert_int_equal(n, 2);
    assert_int_equal(s[1].third, 2);
    assert_int_equal(s[1].location.b[0], 1);
    assert_true(s[1].treated_before == 4 && s[1].control_before == 5);
    assert_true(s[0].n_treated == 1 && s[0].n_control == 1 && s[0].treated_before == 2);
    assert_true(insight_experiment_balance(rows, 4, INSIGHT_CLOSINGS) == 0);
}

T_MAIN(T(strata_count_each_agent_once_and_skip_those_without_agents),
       T(the_share_holds_over_all_and_in_each_stratum_to_within_one),
       T(strata_are_offices_by_thirds_of_what_was_before),
       T(the_same_seed_gives_the_same_arms_in_whatever_order_the_agents_come),
       T(waves_are_of_equal_size_and_every_agent_is_as_likely_to_be_drawn),
       T(a_guard_stops_what_is_surely_worse_than_its_limit_and_nothing_else),
       T(agents_whose_wave_has_not_begun_are_on_neither_side_and_too_few_stop_nothing))
