/* scale_oracle.c - see scale_oracle.h. */
#include "scale/scale_oracle.h"

#include "base/mem.h"
#include "scale/scale_policy.h"

#include <math.h>
#include <string.h>

#define ROUNDS 16

/* Adds the steps in which one group of replicas is on. served: what it would serve, from demand `from` up to `to`. */
static void add_layer(const ScaleWorld *w, double from, double to, int64_t size, double lambda, uint8_t *came,
                      int64_t *replicas)
{
    double dt = (double)w->step_s, on_cost = (double)size * dt;
    double start = (double)size * (w->startup_s + w->drain_s), off = 0, on = 0; /* in replica-seconds */
    for (int64_t k = 0; k < w->n; k++) {
        double loss = lambda * dt * MAX(0, MIN(w->demand[k], to) - from);
        bool started = k > 0 && off + start < on, stopped = on < off;
        double next_on = (started ? off + start : on) + on_cost, next_off = (stopped ? on : off) + loss;
        came[k] = (uint8_t)(started | (stopped << 1));
        double least = MIN(next_on, next_off); /* differences are all that counts: no loss of digits */
        on = next_on - least;
        off = next_off - least;
    }
    bool is_on = on < off;
    for (int64_t k = w->n - 1; k >= 0; k--) {
        if (is_on)
            replicas[k] += size;
        is_on = is_on ? !(came[k] & 1) : (came[k] & 2) != 0;
    }
}

static void plan(const ScaleWorld *w, double peak, double lambda, uint8_t *came, int64_t *replicas)
{
    int64_t layers = MIN((int64_t)ceil(peak / w->capacity - 1e-9), w->max);
    int64_t size = (layers + SCALE_ORACLE_LAYERS - 1) / SCALE_ORACLE_LAYERS;
    memset(replicas, 0, (size_t)w->n * sizeof *replicas);
    for (int64_t j = 0; j < layers; j += size) {
        int64_t count = MIN(size, layers - j);
        add_layer(w, (double)j * w->capacity, (double)(j + count) * w->capacity, count, lambda, came,
                  replicas);
    }
    for (int64_t k = 0; k < w->n; k++)
        replicas[k] = MAX(w->min, MIN(w->max, replicas[k]));
}

ErrKind scale_oracle(const ScaleWorld *w, int64_t *replicas, Err *reterr)
{
    TRY(scale_world_check(w, reterr));
    CLEANUP(mem_freep) uint8_t *came = mem_array((size_t)w->n, sizeof *came);
    CLEANUP(mem_freep) int64_t *best = mem_array((size_t)w->n, sizeof *best);
    ScaleWorld quiet = *w; /* failures are not foreseen */
    quiet.mtbf_h = 0;
    ScaleSchedule s = {replicas, w->n, scale_world_ticks(w), scale_world_startup_ticks(w)};
    ScalePolicy p = scale_schedule_policy(&s);
    double peak = 0, lowest = INFINITY;
    for (int64_t k = 0; k < w->n; k++)
        peak = MAX(peak, w->demand[k]);
    /* In replica-seconds a request: at 1 / capacity a full replica is just worth its price. */
    double lo = 0.1 / w->capacity, hi = 1e7 / w->capacity;
    plan(w, peak, hi, came, best);
    for (int i = 0; i < ROUNDS; i++) {
        double mid = sqrt(lo * hi);
        ScaleOutcome o;
        plan(w, peak, mid, came, replicas);
        TRY(scale_sim(&quiet, &p, NULL, &o, reterr));
        if (o.availability < w->slo) {
            lo = mid;
            continue;
        }
        hi = mid;
        if (o.replica_hours < lowest) {
            lowest = o.replica_hours;
            memcpy(best, replicas, (size_t)w->n * sizeof *best);
        }
    }
    memcpy(replicas, best, (size_t)w->n * sizeof *best);
    return ERR_NONE;
}
