/* bench_frontier.c - what a tenth of the reactive autoscaler's violated minutes costs where no forecast is used, tuned in hindsight.
 *
 *     bench_frontier FILE STEP_S|0      prints one JSON object; simulated
 *
 * The family: the reactive autoscaler with another target utilisation and so many replicas to spare at any time. Every member is
 * replayed on the whole load; the cheapest that reaches a tenth is what somebody would have chosen who knew the load beforehand.
 * Run by bench/scaling-replay --frontier. */
#include "base/mem.h"
#include "scale/scale_policy.h"
#include "scale/scale_replay.h"
#include "scale/scale_series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Member {
    ScaleReactive *reactive;
    int64_t spare;
} Member;

static int64_t want(void *self, const ScaleView *v)
{
    Member *m = self;
    return scale_reactive_want(m->reactive, v->seen) + m->spare;
}

static void must(ErrKind kind, const Err *err)
{
    if (kind == ERR_NONE)
        return;
    fprintf(stderr, "bench_frontier: %s\n", err->msg);
    exit(1);
}

static ScaleOutcome replay(const ScaleWorld *w, double target, int64_t spare)
{
    CLEANUP(scale_reactive_freep) ScaleReactive *r = scale_reactive_new(w, target);
    Member m = {r, spare};
    ScaleOutcome o;
    Err err = {0};
    must(scale_sim(w, &(ScalePolicy){.name = "member", .want = want, .self = &m}, NULL, &o, &err), &err);
    return o;
}

int main(int argc, char **argv)
{
    static const double TARGETS[] = {0.95, 0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.1};
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    Err err = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: bench_frontier FILE STEP_S|0\n");
        return 2;
    }
    must(scale_series_read(argv[1], &(ScaleSeriesConf){.step_s = atoll(argv[2])}, &s, &err), &err);
    CLEANUP(mem_freep) double *demand = mem_array((size_t)s->n, sizeof *demand);
    scale_replay_demand(s->v, s->n, demand);
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.demand = demand;
    w.n = s->n;
    w.step_s = s->step_s;
    w.capacity = scale_replay_capacity(s->v, s->n);
    ScaleOutcome usual = replay(&w, SCALE_HPA_TARGET, 0);
    double cheapest = INFINITY, target = NAN;
    int64_t spare = 0;
    for (size_t t = 0; t < ARRAY_LEN(TARGETS); t++) {
        for (int64_t more = 0; more <= 64; more = more < 4 ? more + 1 : more * 5 / 4) {
            ScaleOutcome o = replay(&w, TARGETS[t], more);
            if (o.violation_minutes > 0.1 * usual.violation_minutes || o.cost >= cheapest)
                continue;
            cheapest = o.cost;
            target = TARGETS[t];
            spare = more;
        }
    }
    printf("{\"violation_minutes\": %.0f, \"cost_of_a_tenth\": %.4g, \"target\": %.2g, \"spare\": %lld}\n",
           usual.violation_minutes, isinf(cheapest) ? -1 : cheapest / usual.cost, isnan(target) ? -1 : target,
           (long long)spare);
    return 0;
}
