/* Unit tests for src/scale/scale_scenario.c. */
#include "harness/t.h"

#include "base/mem.h"
#include "scale/scale_scenario.h"
#include "stats/stats.h"

TEST(the_same_seed_gives_the_same_load_and_another_a_different_one)
{
    CLEANUP(mem_freep) double *a = NULL, *b = NULL, *c = NULL;
    Err err = {0};
    T_OK(scale_scenario("high_load", 60, 7, &a, &err), err);
    T_OK(scale_scenario("high_load", 60, 7, &b, &err), err);
    T_OK(scale_scenario("high_load", 60, 8, &c, &err), err);
    assert_memory_equal(a, b, sizeof *a * (SCALE_SCENARIO_HISTORY + 60));
    assert_memory_not_equal(a, c, sizeof *a * (SCALE_SCENARIO_HISTORY + 60));
}

TEST(each_scenario_does_what_it_is_called)
{
    const struct {
        const char *name;
        double from, to; /* mean of minutes 33..39 of 60 over the mean of the ordinary day's */
    } rows[] = {{"high_load", 2.9, 3.1},
                {"low_load", 0.19, 0.21},
                {"traffic_spike", 3.9, 4.1},
                {"cost_optimization", 0.99, 1.01}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(mem_freep) double *d = NULL, *usual = NULL;
        Err err = {0};
        T_OK(scale_scenario(rows[i].name, 60, 1, &d, &err), err);
        T_OK(scale_scenario("cost_optimization", 60, 1, &usual, &err), err);
        double times = stats_mean(d + SCALE_SCENARIO_HISTORY + 33, 6) /
                       stats_mean(usual + SCALE_SCENARIO_HISTORY + 33, 6);
        assert_true(times >= rows[i].from && times <= rows[i].to);
    }
}

TEST(unknown_names_and_lengths_are_refused)
{
    double *d = NULL;
    T_FAILS(ERR_USAGE, scale_scenario("storm", 60, 1, &d, NULL));
    T_FAILS(ERR_USAGE, scale_scenario("high_load", 0, 1, &d, NULL));
    T_FAILS(ERR_USAGE, scale_scenario("high_load", SCALE_SCENARIO_MINUTES_MAX + 1, 1, &d, NULL));
}

T_MAIN(T(the_same_seed_gives_the_same_load_and_another_a_different_one),
       T(each_scenario_does_what_it_is_called), T(unknown_names_and_lengths_are_refused))
