/* Unit tests for src/scale/scale_sim.c. Expected values are counted by hand. */
#include "harness/t.h"

#include "scale/scale_policy.h"
#include "scale/scale_sim.h"

#include <math.h>

static ScaleWorld world(const double *demand, int64_t n)
{
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.demand = demand;
    w.n = n;
    w.capacity = 10;
    w.patience_s = 0;
    return w;
}

TEST(a_constant_fleet_costs_its_hours)
{
    const double demand[60] = {0};
    ScaleWorld w = world(demand, 60);
    int64_t four = 4;
    ScalePolicy p = scale_static_policy(&four);
    ScaleOutcome o;
    Err err = {0};
    w.price = 2.5;
    T_OK(scale_sim(&w, &p, NULL, &o, &err), err);
    T_NEAR(4, o.replica_hours, 1e-9); /* 4 replicas, 60 minutes */
    T_NEAR(10, o.cost, 1e-9);
    T_NEAR(1, o.availability, 0);
    assert_int_equal(o.scale_events, 0);
}

TEST(what_is_above_capacity_is_late_and_its_minutes_are_violated)
{
    /* One replica serves 10: of 12 in minutes 2 and 3, a sixth is late. 100 requests a second-unit in all: 8*5+12*2=64. */
    const double demand[] = {8, 8, 12, 12, 8, 8, 8};
    ScaleWorld w = world(demand, 7);
    int64_t one = 1;
    ScalePolicy p = scale_static_policy(&one);
    ScaleOutcome o;
    Err err = {0};
    T_OK(scale_sim(&w, &p, NULL, &o, &err), err);
    T_NEAR(2, o.violation_minutes, 0);
    T_NEAR(1 - 4.0 / 64, o.availability, 1e-12);
}

TEST(who_waits_makes_those_behind_late_until_the_queue_is_gone)
{
    /* Two too many for a minute: 120 wait, at 8 of 10 the spare 2 clear them in the minute after. */
    const double demand[] = {8, 12, 8, 8};
    ScaleWorld w = world(demand, 4);
    int64_t one = 1;
    ScalePolicy p = scale_static_policy(&one);
    ScaleOutcome o;
    Err err = {0};
    w.patience_s = 3600;
    T_OK(scale_sim(&w, &p, NULL, &o, &err), err);
    T_NEAR(2, o.violation_minutes, 0);
    assert_true(o.late > 120);
}

typedef struct Steps {
    int64_t before, after, at_tick;
} Steps;

static int64_t steps_want(void *self, const ScaleView *v)
{
    const Steps *s = self;
    return v->tick < s->at_tick ? s->before : s->after;
}

TEST(a_replica_serves_only_after_its_start_up_and_is_paid_from_its_order)
{
    const double demand[] = {20, 20, 20, 20, 20};
    ScaleWorld w = world(demand, 5);
    Steps s = {1, 2, 4}; /* ordered at the start of minute 1, ready at the start of minute 3 */
    ScalePolicy p = {"steps", steps_want, &s};
    ScaleOutcome o;
    Err err = {0};
    double ready[5];
    ScaleTrace tr = {.ready = ready};
    T_OK(scale_sim(&w, &p, &tr, &o, &err), err);
    const double expected[5] = {1, 1, 1, 2, 2};
    for (int k = 0; k < 5; k++)
        T_NEAR(expected[k], ready[k], 0);
    T_NEAR(3, o.violation_minutes, 0);
    T_NEAR((5 + 4) / 60.0, o.replica_hours, 1e-12);
    assert_int_equal(o.scale_events, 1);
}

TEST(draining_is_paid)
{
    const double demand[] = {1, 1, 1, 1};
    ScaleWorld w = world(demand, 4);
    Steps s = {3, 1, 4};
    ScalePolicy p = {"steps", steps_want, &s};
    ScaleOutcome o;
    Err err = {0};
    T_OK(scale_sim(&w, &p, NULL, &o, &err), err);
    T_NEAR((4 + 2 * 1.5) / 60.0, o.replica_hours, 1e-12); /* two drain for 30 s after the first minute */
}

TEST(failures_come_as_often_as_said_and_the_same_for_a_seed)
{
    static double demand[1000];
    ScaleWorld w = world(demand, 1000);
    int64_t hundred = 100;
    ScalePolicy p = scale_static_policy(&hundred);
    ScaleOutcome o, again;
    Err err = {0};
    w.step_s = 3600;
    w.mtbf_h = 100;
    T_OK(scale_sim(&w, &p, NULL, &o, &err), err);
    T_OK(scale_sim(&w, &p, NULL, &again, &err), err);
    T_NEAR(1000, (double)o.failures, 4 * sqrt(1000)); /* 100 replicas, 1000 hours, one in 100 hours */
    assert_int_equal(o.failures, again.failures);
    T_NEAR(100, o.mean, 1e-9); /* a failed one is replaced at once */
}

TEST(impossible_worlds_are_refused_by_the_name_of_the_setting)
{
    const double demand[] = {1}, bad[] = {NAN}, below[] = {-1}, huge[] = {1e300};
    struct {
        const char *word;
        ScaleWorld w;
    } rows[12];
    int n = 0;
#define ROW(word_, member, value)     \
    do {                              \
        rows[n].word = (word_);       \
        rows[n].w = world(demand, 1); \
        rows[n++].w.member = (value); \
    } while (0)
    ROW("capacity", capacity, 0);
    ROW("capacity", capacity, NAN);
    ROW("price", price, -1);
    ROW("price", price, NAN);
    ROW("slo", slo, 1.5);
    ROW("startup", startup_s, -5);
    ROW("min", min, SCALE_REPLICAS_MAX + 1);
    ROW("series", n, 0);
    ROW("series, step 0", demand, bad);
    ROW("series, step 0", demand, below);
    ROW("series, step 0", demand, huge);
    ROW("mtbf", mtbf_h, -1);
    for (int i = 0; i < n; i++) {
        Err err = {0};
        assert_int_not_equal(scale_world_check(&rows[i].w, &err), ERR_NONE);
        assert_non_null(strstr(err.msg, rows[i].word));
    }
}

T_MAIN(T(a_constant_fleet_costs_its_hours), T(what_is_above_capacity_is_late_and_its_minutes_are_violated),
       T(who_waits_makes_those_behind_late_until_the_queue_is_gone),
       T(a_replica_serves_only_after_its_start_up_and_is_paid_from_its_order), T(draining_is_paid),
       T(failures_come_as_often_as_said_and_the_same_for_a_seed),
       T(impossible_worlds_are_refused_by_the_name_of_the_setting))
