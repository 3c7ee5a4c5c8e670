/* Unit tests for src/scale/scale_live.c. */
#include "harness/t.h"

#include "base/clock.h"
#include "scale/scale_live.h"

static ScaleConf conf(void)
{
    ScaleConf c = {.world = SCALE_WORLD_USUAL, .currency = "EUR"};
    c.world.capacity = 10;
    c.world.max = 50;
    return c;
}

static ScaleStored decided(const ScaleConf *c, const ScaleOverride *o)
{
    double v[200];
    for (int k = 0; k < 200; k++)
        v[k] = 95;
    CLEANUP(scale_series_freep) ScaleSeries *s = scale_series_new(0, 60, v, 200);
    ScaleStored d = {0};
    Err err = {0};
    T_OK(scale_live_decide(c, s, US_PER_DAY, o, &d, &err), err);
    return d;
}

TEST(a_young_history_is_decided_as_the_reactive_autoscaler_would)
{
    ScaleConf c = conf();
    ScaleStored d = decided(&c, &(ScaleOverride){.replicas = -1});
    assert_int_equal(d.replicas, 12); /* ceil(95 / (0.8 * 10)) */
    assert_string_equal(d.cause, "cold start");
    assert_non_null(strstr(d.words, "12 replicas: "));
}

TEST(a_number_set_by_hand_wins_and_the_words_say_so)
{
    ScaleConf c = conf();
    ScaleStored d = decided(&c, &(ScaleOverride){.replicas = 3, .until_us = 2 * US_PER_DAY});
    assert_int_equal(d.replicas, 3);
    assert_string_equal(d.words, "3 replicas: set by hand; the plan would have 12.");
}

TEST(the_budget_is_a_ceiling)
{
    ScaleConf c = conf();
    c.world.price = 0.5;
    c.reserved = 2;
    c.reserved_price = 0.25;
    c.budget_per_day = 24 * 2.75; /* an hour: 0.5 for the reserved, and four and a half at 0.5 */
    assert_int_equal(scale_live_affordable(&c), 6);
    ScaleStored d = decided(&c, &(ScaleOverride){.replicas = -1});
    assert_int_equal(d.replicas, 6);
    assert_string_equal(d.cause, "budget");
    c.world.min = 8; /* the minimum stands above the budget */
    assert_int_equal(scale_live_affordable(&c), 8);
}

TEST(steps_are_limited_up_and_down_and_not_at_the_first_decision)
{
    const struct {
        int64_t before, wanted, expected;
    } rows[] = {{10, 20, 13}, {10, 12, 12}, {10, 2, 8}, {10, 9, 9}, {-1, 40, 40}};
    ScaleConf c = conf();
    c.up = 3;
    c.down = 2;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ScaleStored d = {.replicas = rows[i].wanted, .words = "as wanted"};
        scale_live_limit(&c, rows[i].before, &d);
        assert_int_equal(d.replicas, rows[i].expected);
        if (i == 0)
            assert_string_equal(d.words, "13 replicas: no more than 3 more at a time; 20 are wanted.");
    }
}

T_MAIN(T(a_young_history_is_decided_as_the_reactive_autoscaler_would),
       T(a_number_set_by_hand_wins_and_the_words_say_so), T(the_budget_is_a_ceiling),
       T(steps_are_limited_up_and_down_and_not_at_the_first_decision))
