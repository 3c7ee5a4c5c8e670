/* Unit tests for src/scale/scale_learn.c: replicas whose service time is known, so that the capacity is known beforehand. */
#include "harness/t.h"

#include "scale/scale_learn.h"
#include "stats/stats.h"

#include <math.h>

#define N 400

typedef struct World {
    double load[N], replicas[N], utilisation[N], latency[N];
    ScaleLearnFrom from;
} World;

/* Replicas with one server each that takes service_s; utilisation from lo to hi; latency: `slower` times that of M/M/1. */
static World *world(double service_s, double lo, double hi, double slower)
{
    static World w;
    for (int k = 0; k < N; k++) {
        double u = lo + (hi - lo) * k / (N - 1);
        w.replicas[k] = 2 + k % 3;
        w.utilisation[k] = u;
        w.load[k] = w.replicas[k] * u / service_s;
        w.latency[k] = slower * service_s * log(20) / (1 - u);
    }
    w.from = (ScaleLearnFrom){w.load, w.replicas, w.utilisation, w.latency, N};
    return &w;
}

TEST(the_capacity_keeps_the_promised_latency_as_it_was_measured)
{
    ScaleLearn conf = {.servers = 1, .target = 0.8, .p95_s = 0.5, .fallback = 7};
    ScaleLearned r;
    scale_learn(&conf, &world(0.05, 0.1, 0.7, 1.2)->from, &r);
    assert_true(r.learned);
    assert_int_equal(r.n, N);
    T_NEAR(20, r.saturated, 1e-9); /* one request in 0.05 s */
    double u = 1 - 1.2 * 0.05 * log(20) / 0.5;
    T_NEAR(u, r.utilisation, 1e-6);
    T_NEAR(20 * u, r.capacity, 1e-4);
    assert_non_null(strstr(r.words, "saturated at 20 (400 samples), at 64 % of it p95 stays below 0.5 s."));
}

TEST(without_a_latency_the_target_utilisation_holds)
{
    ScaleLearn conf = {.servers = 1, .target = 0.6, .fallback = 7};
    ScaleLearned r;
    scale_learn(&conf, &world(0.05, 0.1, 0.7, 1)->from, &r);
    assert_true(r.learned);
    T_NEAR(12, r.capacity, 1e-9);
}

TEST(no_more_is_claimed_than_half_above_what_was_seen)
{
    ScaleLearn conf = {.servers = 1, .target = 0.8, .fallback = 7};
    ScaleLearned r;
    World *w = world(0.05, 0.1, 0.2, 1);
    scale_learn(&conf, &w->from, &r);
    assert_true(r.learned);
    T_NEAR(1.5 * 20 * 0.2, r.capacity, 0.05);
    assert_non_null(strstr(r.words, "at most 1.5 times what one was seen with."));
}

TEST(noise_and_missing_steps_do_not_move_it)
{
    ScaleLearn conf = {.servers = 1, .target = 0.8, .fallback = 7};
    ScaleLearned r;
    World *w = world(0.05, 0.1, 0.7, 1);
    StatsRng rng;
    stats_seed(&rng, 3);
    for (int k = 0; k < N; k++) {
        w->utilisation[k] *= exp(0.1 * stats_normal(&rng));
        if (k % 7 == 0)
            w->load[k] = NAN;
        if (k % 11 == 0)
            w->utilisation[k] = 0; /* a metric that restarts */
        if (k % 13 == 0)
            w->replicas[k] = 0;
    }
    scale_learn(&conf, &w->from, &r);
    assert_true(r.learned);
    T_NEAR(20, r.saturated, 0.3); /* standard error of the median: 1.25 * 0.1 * 20 / sqrt(290) = 0.15 */
}

TEST(what_cannot_be_learned_is_refused_with_the_reason_and_the_fallback)
{
    const struct {
        ScaleLearn conf;
        double service_s, lo, hi, slower;
        int64_t n;
        double scatter;
        const char *why;
    } rows[] = {
        {{.servers = 1, .target = 0.8}, 0.05, 0.1, 0.7, 1, 59, 0, "59 of the 60 samples with some load"},
        {{.servers = 1, .target = 0.8}, 0.05, 0, 0.049, 1, N, 0, "0 of the 60 samples"},
        {{.servers = 1, .target = 0.8},
         0.05,
         0.1,
         0.7,
         1,
         N,
         2,
         "400 samples of load by utilisation disagree"},
        {{.servers = 1, .target = 0.8, .p95_s = 0.14}, 0.05, 0.1, 0.7, 1, N, 0, "cannot be kept"},
        {{.servers = 1, .target = 0.8, .p95_s = 0.5}, 0.05, 0.1, 0.7, 6, N, 0, "latencies are 6 times"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        World *w = world(rows[i].service_s, rows[i].lo, rows[i].hi, rows[i].slower);
        ScaleLearn conf = rows[i].conf;
        ScaleLearned r;
        StatsRng rng;
        stats_seed(&rng, 4);
        conf.fallback = 7;
        w->from.n = rows[i].n;
        for (int k = 0; k < N; k++)
            w->load[k] *= exp(rows[i].scatter * stats_normal(&rng));
        scale_learn(&conf, &w->from, &r);
        assert_false(r.learned);
        T_NEAR(7, r.capacity, 0);
        if (!strstr(r.words, rows[i].why) ||
            !strstr(r.words, "A replica is taken to serve 7, as configured: "))
            fail_msg("\"%s\" does not say \"%s\"", r.words, rows[i].why);
    }
}

T_MAIN(T(the_capacity_keeps_the_promised_latency_as_it_was_measured),
       T(without_a_latency_the_target_utilisation_holds), T(no_more_is_claimed_than_half_above_what_was_seen),
       T(noise_and_missing_steps_do_not_move_it),
       T(what_cannot_be_learned_is_refused_with_the_reason_and_the_fallback))
