/* Unit tests for src/scale/scale_cost.c. */
#include "harness/t.h"

#include "base/clock.h"
#include "scale/scale_cost.h"

#include <math.h>

#define N (8 * 24)

static ScaleSeries *hours_of(double demand)
{
    double v[N];
    for (int k = 0; k < N; k++)
        v[k] = demand;
    return scale_series_new(1000 * 3600 * US_PER_S, 3600, v, N);
}

static ScaleConf conf(void)
{
    ScaleConf c = {.world = SCALE_WORLD_USUAL, .reserved = 1, .reserved_price = 0.25};
    c.world.capacity = 10;
    c.world.price = 1;
    c.world.step_s = 3600;
    return c;
}

TEST(stored_decisions_are_what_was_spent)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = hours_of(30);
    CLEANUP(scale_cost_freep) ScaleCost *c = NULL;
    ScaleConf cf = conf();
    ScaleStored d[24];
    Err err = {0};
    for (int h = 0; h < 24;
         h++) /* four replicas, then for the last six hours two: a third of the load is late */
        d[h] = (ScaleStored){
            .at_us = scale_series_time(s, N - 24 + h), .replicas = h < 18 ? 4 : 2, .cause = "forecast"};
    T_OK(scale_cost(&cf, s, 24, d, 24, &c, &err), err);
    assert_int_equal(c->n_hours, 24);
    T_NEAR(1, c->measured, 0);
    T_NEAR(18 * 3.25 + 6 * 1.25, c->all.spent, 1e-9); /* one of them reserved at 0.25 */
    T_NEAR(24 * 2.25, c->all.fixed, 1e-9);            /* three would do */
    T_NEAR(6 * 10 * 3600, c->all.late, 1e-6);
    T_NEAR(c->all.spent, c->cause[0].spent, 1e-9);
    T_NEAR(1 - (18 * 3.25 + 6 * 1.25) / (24 * 2.25), c->saving_vs_static.estimate, 1e-12);
    assert_true(c->saving_vs_static.low < c->saving_vs_static.estimate);
    assert_true(c->saving_vs_static.high > c->saving_vs_static.estimate);
}

TEST(without_decisions_it_is_a_replay_and_says_so)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = hours_of(25);
    CLEANUP(scale_cost_freep) ScaleCost *c = NULL;
    CLEANUP(buf_done) Buf out = BUF(100000);
    ScaleConf cf = conf();
    Err err = {0};
    T_OK(scale_cost(&cf, s, 24, NULL, 0, &c, &err), err);
    T_NEAR(0, c->measured, 0);
    assert_string_equal(c->cause[0].name, "replayed");
    scale_cost_text(&out, &cf, c);
    assert_non_null(strstr(buf_cstr(&out), "(simulated)"));
}

TEST(an_old_decision_does_not_hold_for_ever)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = hours_of(25);
    CLEANUP(scale_cost_freep) ScaleCost *c = NULL;
    ScaleConf cf = conf();
    ScaleStored d = {.at_us = scale_series_time(s, N - 24), .replicas = 3, .cause = "forecast"};
    Err err = {0};
    T_OK(scale_cost(&cf, s, 24, &d, 1, &c, &err), err);
    T_NEAR(1.0 / 24, c->measured, 1e-12);
}

TEST(more_hours_than_there_are_is_all_there_is)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = hours_of(25);
    CLEANUP(scale_cost_freep) ScaleCost *c = NULL;
    ScaleConf cf = conf();
    Err err = {0};
    T_OK(scale_cost(&cf, s, 100000, NULL, 0, &c, &err), err);
    assert_int_equal(c->n_hours, N);
}

T_MAIN(T(stored_decisions_are_what_was_spent), T(without_decisions_it_is_a_replay_and_says_so),
       T(an_old_decision_does_not_hold_for_ever), T(more_hours_than_there_are_is_all_there_is))
