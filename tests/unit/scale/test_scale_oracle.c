/* Unit tests for src/scale/scale_oracle.c, against every schedule of small worlds. */
#include "harness/t.h"

#include "scale/scale_oracle.h"
#include "scale/scale_policy.h"
#include "stats/stats.h"

#include <math.h>

#define N 7
#define MOST 3

static ScaleWorld world(const double *demand, int64_t n)
{
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.demand = demand;
    w.n = n;
    w.capacity = 10;
    w.min = 0;
    return w;
}

static ScaleOutcome played(const ScaleWorld *w, const int64_t *replicas)
{
    ScaleSchedule s = {replicas, w->n, scale_world_ticks(w), scale_world_startup_ticks(w)};
    ScalePolicy p = scale_schedule_policy(&s);
    ScaleOutcome o;
    Err err = {0};
    T_OK(scale_sim(w, &p, NULL, &o, &err), err);
    return o;
}

TEST(no_schedule_that_keeps_the_promise_is_cheaper)
{
    StatsRng rng;
    stats_seed(&rng, 11);
    for (int round = 0; round < 12; round++) {
        double demand[N], best = INFINITY;
        for (int k = 0; k < N; k++)
            demand[k] = 1 + 29 * stats_uniform(&rng);
        ScaleWorld w = world(demand, N);
        int64_t mine[N], each[N];
        Err err = {0};
        T_OK(scale_oracle(&w, mine, &err), err);
        ScaleOutcome o = played(&w, mine);
        assert_true(o.availability >= w.slo);
        for (int code = 0; code < 16384; code++) { /* 4^7 */
            for (int k = 0, c = code; k < N; k++, c /= MOST + 1)
                each[k] = c % (MOST + 1);
            ScaleOutcome e = played(&w, each);
            if (e.availability >= w.slo && e.replica_hours < best)
                best = e.replica_hours;
        }
        T_NEAR(best, o.replica_hours, 1e-9);
    }
}

TEST(a_short_gap_is_bridged_and_a_long_one_is_not)
{
    const double demand[] = {20, 10, 20, 10, 10, 10, 10, 10, 20};
    ScaleWorld w = world(demand, 9);
    int64_t n[9];
    Err err = {0};
    T_OK(scale_oracle(&w, n, &err), err);
    assert_int_equal(n[1], 2); /* a minute idle costs less than start-up and draining */
    assert_int_equal(n[5], 1); /* five do not */
}

TEST(the_budget_of_late_requests_is_used)
{
    static double demand[4000];
    for (int k = 0; k < 4000; k++)
        demand[k] = k % 1000 == 500 ? 10.4 : 9.9;
    ScaleWorld w = world(demand, 4000);
    static int64_t n[4000];
    Err err = {0};
    T_OK(scale_oracle(&w, n, &err), err);
    assert_true(played(&w, n).availability >= w.slo);
    T_NEAR(4000 / 60.0, played(&w, n).replica_hours,
           1e-9); /* a second replica for four minutes is not bought */
}

T_MAIN(T(no_schedule_that_keeps_the_promise_is_cheaper), T(a_short_gap_is_bridged_and_a_long_one_is_not),
       T(the_budget_of_late_requests_is_used))
