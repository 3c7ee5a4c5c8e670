/* Unit tests for src/scale/scale_policy.c: the rules of the Horizontal Pod Autoscaler, worked out by hand. */
#include "harness/t.h"

#include "scale/scale_policy.h"

static ScaleWorld world(void)
{
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.capacity = 10; /* 8 at the target of 80 % */
    return w;
}

TEST(the_reactive_one_divides_by_the_target_and_rounds_up)
{
    ScaleWorld w = world();
    CLEANUP(scale_reactive_freep) ScaleReactive *r = scale_reactive_new(&w, SCALE_HPA_TARGET);
    assert_int_equal(scale_reactive_want(r, 80), 10);
    assert_int_equal(scale_reactive_want(r, 87), 10); /* 8.7 % above the target: tolerated */
    assert_int_equal(scale_reactive_want(r, 89), 12); /* 11 %: ceil(89 / 8) */
}

TEST(the_reactive_one_at_most_doubles_or_adds_four)
{
    ScaleWorld w = world();
    CLEANUP(scale_reactive_freep) ScaleReactive *r = scale_reactive_new(&w, SCALE_HPA_TARGET);
    assert_int_equal(scale_reactive_want(r, 8), 1);
    assert_int_equal(scale_reactive_want(r, 800), 5);
    assert_int_equal(scale_reactive_want(r, 800), 10);
    assert_int_equal(scale_reactive_want(r, 800), 20);
}

TEST(the_reactive_one_waits_five_minutes_before_it_shrinks)
{
    ScaleWorld w = world();
    CLEANUP(scale_reactive_freep) ScaleReactive *r = scale_reactive_new(&w, SCALE_HPA_TARGET);
    assert_int_equal(scale_reactive_want(r, 80), 10);
    for (int s = 15; s <= 300; s += 15)
        assert_int_equal(scale_reactive_want(r, 8), 10);
    assert_int_equal(scale_reactive_want(r, 8), 1);
}

TEST(static_peak_is_the_fewest_that_keep_the_promise)
{
    /* 1999 minutes of 10 and one of 20. Of 20010 a second replica saves 10: 0.05 % of 20010 is 10.005. */
    static double demand[2000];
    for (int k = 0; k < 2000; k++)
        demand[k] = k == 1000 ? 20 : 10;
    ScaleWorld w = world();
    w.demand = demand;
    w.n = 2000;
    w.patience_s = 0;
    int64_t n;
    Err err = {0};
    T_OK(scale_static_peak(&w, &n, &err), err);
    assert_int_equal(n, 1);
    w.slo = 0.9996;
    T_OK(scale_static_peak(&w, &n, &err), err);
    assert_int_equal(n, 2);
}

TEST(a_schedule_is_ordered_a_start_up_before)
{
    const int64_t replicas[] = {1, 1, 1, 5, 1};
    ScaleWorld w = world();
    ScaleSchedule s = {replicas, 5, scale_world_ticks(&w), scale_world_startup_ticks(&w)};
    ScalePolicy p = scale_schedule_policy(&s);
    assert_int_equal(p.want(p.self, &(ScaleView){.tick = 3, .step = 0}), 1);
    assert_int_equal(p.want(p.self, &(ScaleView){.tick = 4, .step = 1}), 5);
    assert_int_equal(p.want(p.self, &(ScaleView){.tick = 16, .step = 4}), 1);
}

T_MAIN(T(the_reactive_one_divides_by_the_target_and_rounds_up),
       T(the_reactive_one_at_most_doubles_or_adds_four),
       T(the_reactive_one_waits_five_minutes_before_it_shrinks),
       T(static_peak_is_the_fewest_that_keep_the_promise), T(a_schedule_is_ordered_a_start_up_before))
