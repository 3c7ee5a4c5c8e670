/* Unit tests for src/scale/scale_odds.c. */
#include "harness/t.h"

#include "scale/scale_odds.h"
#include "stats/stats.h"

#define N SCALE_ODDS_LEVELS

/* The chance that more than that comes, by the level next to it. */
static double beyond(const ScaleOdds *o, double middle, double spread, double demand)
{
    double level[N], more[N];
    assert_true(scale_odds_ask(o, middle, spread, level, more));
    int g = 0;
    while (g < N - 1 && level[g] < demand)
        g++;
    return more[g];
}

TEST(too_few_values_are_no_answer)
{
    CLEANUP(scale_odds_freep) ScaleOdds *o = scale_odds_new(10, 1);
    double level[N], more[N];
    for (int i = 0; i < SCALE_ODDS_LEAST; i++) {
        assert_false(scale_odds_ask(o, 100, 5, level, more));
        scale_odds_keep(o, 100, 5, 100);
    }
    assert_true(scale_odds_ask(o, 100, 5, level, more));
}

/* 100 is expected, and anything from 50 to 150 comes: beyond 75, 100, 125 are 3, 2, 1 quarters; the levels are 8 % apart. */
TEST(chances_are_those_of_what_came)
{
    CLEANUP(scale_odds_freep) ScaleOdds *o = scale_odds_new(10, 1);
    StatsRng rng;
    stats_seed(&rng, 3);
    for (int i = 0; i < 20000; i++)
        scale_odds_keep(o, 100, 25, 50 + 100 * stats_uniform(&rng));
    T_NEAR(0.75, beyond(o, 100, 25, 75), 0.08);
    T_NEAR(0.5, beyond(o, 100, 25, 100), 0.08);
    T_NEAR(0.25, beyond(o, 100, 25, 125), 0.1);
    assert_true(beyond(o, 100, 25, 163) == 0);
}

TEST(levels_rise_and_chances_fall)
{
    CLEANUP(scale_odds_freep) ScaleOdds *o = scale_odds_new(10, 0.999);
    StatsRng rng;
    stats_seed(&rng, 4);
    for (int i = 0; i < 3000; i++)
        scale_odds_keep(o, 100 * stats_uniform(&rng), 5, 200 * stats_uniform(&rng));
    double level[N], more[N];
    for (double middle = -5; middle < 1e6; middle = 10 * middle + 60) {
        assert_true(scale_odds_ask(o, middle, 5, level, more));
        for (int g = 0; g < N; g++) {
            assert_true(more[g] >= 0 && more[g] < 1 + 1e-9);
            assert_true(g == 0 || (level[g] > level[g - 1] && more[g] <= more[g - 1]));
        }
    }
}

/* Calm and wild times of the same height are told apart by the spread, high and low ones by the forecast. */
TEST(what_is_like_now_counts)
{
    CLEANUP(scale_odds_freep) ScaleOdds *o = scale_odds_new(10, 1);
    for (int i = 0; i < 4000; i++) {
        scale_odds_keep(o, 100, 5, 100);
        scale_odds_keep(o, 100, 50, i % 2 ? 200 : 100);
        scale_odds_keep(o, 1000, 50, i % 4 ? 1000 : 2000);
    }
    T_NEAR(0, beyond(o, 100, 5, 150), 0.01);
    T_NEAR(0.5, beyond(o, 100, 50, 150), 0.01);
    T_NEAR(0.25, beyond(o, 1000, 50, 1500), 0.01);
}

TEST(what_was_long_ago_is_forgotten)
{
    CLEANUP(scale_odds_freep)
    ScaleOdds *o = scale_odds_new(10, 0.5); /* as fast as this the weights grow beyond all bounds */
    for (int i = 0; i < 2000; i++)
        scale_odds_keep(o, 100, 5, 300);
    for (int i = 0; i < 100; i++)
        scale_odds_keep(o, 100, 5, 100);
    T_NEAR(0, beyond(o, 100, 5, 200), 1e-9);
}

T_MAIN(T(too_few_values_are_no_answer), T(chances_are_those_of_what_came), T(levels_rise_and_chances_fall),
       T(what_is_like_now_counts), T(what_was_long_ago_is_forgotten))
