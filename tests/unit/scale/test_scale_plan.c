/* Unit tests for src/scale/scale_plan.c, by replaying made-up loads. */
#include "harness/t.h"

#include "base/mem.h"
#include "scale/scale_plan.h"
#include "scale/scale_policy.h"
#include "scale/scale_replay.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define DAY 288

static double *days(int64_t n_days, double noise)
{
    double *d = mem_array((size_t)(n_days * DAY), sizeof *d);
    StatsRng rng;
    stats_seed(&rng, 5);
    for (int64_t k = 0; k < n_days * DAY; k++)
        d[k] = 100 + 60 * sin(2 * PI * (double)k / DAY) + noise * stats_normal(&rng);
    return d;
}

static ScaleWorld world(const double *demand, int64_t n)
{
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.demand = demand;
    w.n = n;
    w.step_s = 300;
    w.capacity = 16;
    return w;
}

static ScaleReplay *replayed(const ScaleWorld *w)
{
    ScaleReplay *r = NULL;
    Err err = {0};
    T_OK(scale_replay(w, 0, true, &r, &err), err);
    return r;
}

TEST(a_seasonal_load_is_served_as_promised_near_the_oracle)
{
    CLEANUP(mem_freep) double *d = days(28, 2);
    ScaleWorld w = world(d, 28 * DAY);
    CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
    const ScaleOutcome *o = r->of;
    assert_true(o[SCALE_PREDICTIVE].availability >= w.slo);
    assert_true(o[SCALE_PREDICTIVE].cost <= o[SCALE_REACTIVE].cost);
    assert_true(o[SCALE_PREDICTIVE].cost <= 1.2 * o[SCALE_ORACLE].cost);
    assert_true(o[SCALE_ORACLE].cost <= o[SCALE_PREDICTIVE].cost);
}

/* Half hours of a day's wave so steep that reactive is late on most mornings. */
static double *mornings(int64_t n_days, double steep)
{
    double *d = mem_array((size_t)(n_days * 48), sizeof *d);
    StatsRng rng;
    stats_seed(&rng, 11);
    for (int64_t k = 0; k < n_days * 48; k++)
        d[k] = 100 * exp(-steep * cos(2 * PI * (double)k / 48)) + stats_normal(&rng);
    return d;
}

TEST(of_two_weeks_with_seasons_a_tenth_is_violated_near_the_oracle)
{
    static const double STEEP[] = {0.3, 1.2};
    for (size_t i = 0; i < ARRAY_LEN(STEEP); i++) {
        CLEANUP(mem_freep) double *d = mornings(14, STEEP[i]);
        ScaleWorld w = world(d, 14 * 48);
        w.step_s = 1800;
        w.capacity = scale_replay_capacity(d, w.n);
        CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
        const ScaleOutcome *ours = &r->of[SCALE_PREDICTIVE], *theirs = &r->of[SCALE_REACTIVE];
        assert_int_equal(theirs->violation_minutes > 0, i == 1);
        assert_true(ours->violation_minutes <= 0.1 * theirs->violation_minutes);
        assert_true(ours->cost <= theirs->cost);
        assert_true(ours->cost <= 1.15 * r->of[SCALE_ORACLE].cost);
    }
}

/* Loads that no forecast helps with. */
static double noise(int kind, int64_t k, double before, StatsRng *rng)
{
    double z = stats_normal(rng);
    switch (kind) {
    case 0: return 100 * exp(0.8 * z);                     /* large, each by itself */
    case 1: return MAX(before + 5 * z, 1);                 /* a walk */
    case 2: return k % 37 == 5 || k % 101 == 3 ? 900 : 10; /* quiet, with spikes */
    default: return k == 150 ? 9000 : 100 * exp(0.4 * z);  /* a huge one as the cold start ends */
    }
}

TEST(no_load_is_served_dearer_than_by_the_reactive_autoscaler)
{
    for (int kind = 0; kind < 4; kind++) {
        CLEANUP(mem_freep) double *d = mem_array(14 * DAY, sizeof *d);
        StatsRng rng;
        stats_seed(&rng, 7);
        for (int64_t k = 0; k < 14 * DAY; k++)
            d[k] = noise(kind, k, k > 0 ? d[k - 1] : 100, &rng);
        ScaleWorld w = world(d, 14 * DAY);
        w.capacity = kind == 2 ? 100 : 20;
        CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
        assert_true(r->of[SCALE_PREDICTIVE].cost <= 1.002 * r->of[SCALE_REACTIVE].cost);
        assert_true(r->of[SCALE_PREDICTIVE].violation_minutes <=
                    1.02 * r->of[SCALE_REACTIVE].violation_minutes);
    }
}

TEST(a_decision_says_why_and_what_was_saved)
{
    CLEANUP(mem_freep) double *d = mornings(14, 0.3);
    CLEANUP(buf_done) Buf cold = BUF(1000), warm = BUF(1000);
    ScaleWorld w = world(d, 14 * 48);
    w.step_s = 1800;
    CLEANUP(scale_plan_freep) ScalePlan *p = NULL;
    Err err = {0};
    T_OK(scale_plan_new(&w, 0, &p, &err), err);
    ScaleDecision at = {0};
    int64_t ready = 0;
    for (int64_t k = 0; k < 14 * 48; k++) {
        scale_plan_see(p, d[k]);
        for (int64_t t = 0; t < 120; t++) {
            ScaleView v = {.tick = k * 120 + t,
                           .t_s = (double)(k * 120 + t) * 15,
                           .step = k,
                           .seen_step = k,
                           .seen = d[k],
                           .ready = ready};
            at = scale_plan_want(p, &v);
            ready = at.replicas;
            if (k == 0 && t == 0)
                scale_decision_words(&at, &w, &cold);
        }
    }
    scale_decision_words(&at, &w, &warm);
    assert_non_null(strstr(buf_str(&cold).ptr, "as the reactive autoscaler wants"));
    assert_non_null(strstr(buf_str(&cold).ptr, "there is no better forecast yet"));
    assert_non_null(strstr(buf_str(&warm).ptr, "the safest near what is needed"));
    assert_true(at.saved > 0.05);
    assert_non_null(strstr(buf_str(&warm).ptr, "cheaper than the reactive autoscaler so far"));
}

TEST(a_spike_that_nothing_announces_is_no_worse_than_reactive)
{
    static const double HEIGHTS[] = {1.5, 3, 10};
    for (size_t i = 0; i < ARRAY_LEN(HEIGHTS); i++) {
        CLEANUP(mem_freep) double *d = days(21, 2);
        int64_t at = 18 * DAY + 100;
        for (int64_t k = at; k < at + 12; k++)
            d[k] *= HEIGHTS[i];
        ScaleWorld w = world(d, 21 * DAY);
        CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
        double ours = 0, theirs = 0;
        for (int64_t k = at; k < at + 24; k++) {
            ours += r->trace[SCALE_PREDICTIVE].late[k] > 0;
            theirs += r->trace[SCALE_REACTIVE].late[k] > 0;
        }
        assert_true(ours <= theirs);
    }
}

/* Each value by itself, and an hour of three times as much; over six such loads. */
TEST(nor_is_one_in_a_noisy_load)
{
    int64_t ours = 0, theirs = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        CLEANUP(mem_freep) double *d = mem_array(14 * DAY, sizeof *d);
        StatsRng rng;
        stats_seed(&rng, seed);
        int64_t at = 12 * DAY + 40 * (int64_t)seed;
        for (int64_t k = 0; k < 14 * DAY; k++)
            d[k] = 100 * exp(0.4 * stats_normal(&rng)) * (k >= at && k < at + 12 ? 3 : 1);
        ScaleWorld w = world(d, 14 * DAY);
        w.capacity = 25;
        CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
        for (int64_t k = at; k < at + 24; k++) {
            ours += r->trace[SCALE_PREDICTIVE].late[k] > 0;
            theirs += r->trace[SCALE_REACTIVE].late[k] > 0;
        }
    }
    assert_true(ours <= theirs);
}

TEST(without_a_history_it_is_reactive)
{
    CLEANUP(mem_freep) double *d = days(1, 2);
    ScaleWorld w = world(d, DAY);
    CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&w);
    T_NEAR(r->of[SCALE_REACTIVE].cost, r->of[SCALE_PREDICTIVE].cost, 0.01 * r->of[SCALE_REACTIVE].cost);
    assert_true(r->of[SCALE_PREDICTIVE].violation_minutes <= r->of[SCALE_REACTIVE].violation_minutes);
}

TEST(what_comes_later_changes_no_decision)
{
    CLEANUP(mem_freep) double *d = days(10, 2), *e = days(10, 2);
    int64_t cut = 9 * DAY;
    for (int64_t k = cut; k < 10 * DAY; k++)
        e[k] = 1;
    ScaleWorld a = world(d, 10 * DAY), b = world(e, 10 * DAY);
    CLEANUP(scale_replay_freep) ScaleReplay *r = replayed(&a), *s = replayed(&b);
    for (int64_t k = 0; k < cut; k++)
        assert_true(r->trace[SCALE_PREDICTIVE].replicas[k] == s->trace[SCALE_PREDICTIVE].replicas[k]);
}

TEST(never_fewer_than_the_demand_of_now_needs)
{
    ScaleWorld w = world(NULL, 0);
    CLEANUP(scale_plan_freep) ScalePlan *p = NULL;
    Err err = {0};
    T_OK(scale_plan_new(&w, 0, &p, &err), err);
    StatsRng rng;
    stats_seed(&rng, 9);
    for (int64_t k = 0; k < 5 * DAY; k++) {
        double demand = 1000 * stats_uniform(&rng);
        scale_plan_see(p, demand);
        for (int64_t t = 0; t < 20; t++) {
            ScaleView v = {.tick = k * 20 + t,
                           .t_s = (double)(k * 20 + t) * 15,
                           .step = k,
                           .seen_step = k,
                           .seen = demand};
            assert_true((double)scale_plan_want(p, &v).replicas * w.capacity >= demand);
        }
    }
}

TEST(limits_are_kept_and_said)
{
    CLEANUP(buf_done) Buf words = BUF(1000);
    ScaleWorld w = world(NULL, 0);
    w.min = 3;
    w.max = 5;
    CLEANUP(scale_plan_freep) ScalePlan *p = NULL;
    Err err = {0};
    T_OK(scale_plan_new(&w, 0, &p, &err), err);
    scale_plan_see(p, 1e6);
    ScaleDecision d = scale_plan_want(p, &(ScaleView){.seen = 1e6});
    assert_int_equal(d.replicas, 5);
    scale_decision_words(&d, &w, &words);
    T_STR("5 replicas: the maximum; the demand of now is 1e+06.", buf_str(&words));
}

T_MAIN(T(a_seasonal_load_is_served_as_promised_near_the_oracle),
       T(a_spike_that_nothing_announces_is_no_worse_than_reactive), T(nor_is_one_in_a_noisy_load),
       T(of_two_weeks_with_seasons_a_tenth_is_violated_near_the_oracle),
       T(no_load_is_served_dearer_than_by_the_reactive_autoscaler), T(a_decision_says_why_and_what_was_saved),
       T(without_a_history_it_is_reactive), T(what_comes_later_changes_no_decision),
       T(never_fewer_than_the_demand_of_now_needs), T(limits_are_kept_and_said))
