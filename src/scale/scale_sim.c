/* scale_sim.c - see scale_sim.h. */
#include "scale/scale_sim.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>

const ScaleWorld SCALE_WORLD_USUAL = {.step_s = 60,
                                      .startup_s = 120,
                                      .drain_s = 30,
                                      .metric_delay_s = 30,
                                      .patience_s = 1,
                                      .price = 1,
                                      .slo = 0.9995,
                                      .min = 1,
                                      .max = SCALE_REPLICAS_MAX,
                                      .seed = 1};

typedef struct Fleet {
    int64_t ready, starting, draining;
    int64_t *starts; /* ring: become ready at tick i at [i % n_starts] */
    int64_t *drains; /* ring: gone at tick i */
    int64_t n_starts, n_drains;
} Fleet;

int64_t scale_world_ticks(const ScaleWorld *w)
{
    return MAX((int64_t)ceil((double)w->step_s / SCALE_TICK_S - 1e-9), 1);
}

static double tick_s(const ScaleWorld *w)
{
    return (double)w->step_s / (double)scale_world_ticks(w);
}

int64_t scale_world_startup_ticks(const ScaleWorld *w)
{
    return (int64_t)ceil(w->startup_s / tick_s(w) - 1e-9);
}

int64_t scale_world_replicas(const ScaleWorld *w, double demand)
{
    int64_t n = (int64_t)ceil(demand / w->capacity - 1e-9);
    return MAX(w->min, MIN(w->max, n));
}

static ErrKind check_number(double v, double lo, double hi, const char *name, Err *reterr)
{
    if (v >= lo && v <= hi)
        return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "%s: %g: from %g to %g", name, v, lo, hi);
}

ErrKind scale_world_check(const ScaleWorld *w, Err *reterr)
{
    if (w->n < 1)
        return err_set(reterr, ERR_INVALID, "series: no step");
    if (w->step_s < 1)
        return err_set(reterr, ERR_INVALID, "step: below a second");
    if (!(w->capacity > 0) || isinf(w->capacity))
        return err_set(reterr, ERR_INVALID, "capacity: %g: must be above 0", w->capacity);
    TRY(check_number(w->startup_s, 0, SCALE_STARTUP_MAX_S, "startup (seconds)", reterr));
    TRY(check_number(w->drain_s, 0, SCALE_STARTUP_MAX_S, "drain (seconds)", reterr));
    TRY(check_number(w->metric_delay_s, 0, SCALE_STARTUP_MAX_S, "metric delay (seconds)", reterr));
    TRY(check_number(w->patience_s, 0, SCALE_STARTUP_MAX_S, "patience (seconds)", reterr));
    TRY(check_number(w->price, 0, 1e9, "price", reterr));
    TRY(check_number(w->mtbf_h, 0, 1e9, "mtbf (hours)", reterr));
    TRY(check_number(w->slo, 0.5, 0.9999999, "slo", reterr));
    if (w->min < 0 || w->max > SCALE_REPLICAS_MAX || w->max < 1)
        return err_set(reterr, ERR_INVALID, "replicas: from 0 to %lld", (long long)SCALE_REPLICAS_MAX);
    if (w->min > w->max)
        return err_set(reterr, ERR_INVALID, "min %lld is above max %lld", (long long)w->min,
                       (long long)w->max);
    if (w->n > SCALE_TICKS_MAX / scale_world_ticks(w))
        return err_set(reterr, ERR_LIMIT, "series: more than %lld ticks of %g s", (long long)SCALE_TICKS_MAX,
                       tick_s(w));
    for (int64_t k = 0; k < w->n; k++) {
        if (!(w->demand[k] >= 0) || isinf(w->demand[k]))
            return err_set(reterr, ERR_INVALID, "series, step %lld: demand %g", (long long)k, w->demand[k]);
        if (w->demand[k] / w->capacity > (double)SCALE_REPLICAS_MAX / 4)
            return err_set(reterr, ERR_LIMIT,
                           "series, step %lld: demand %g needs more than %lld replicas of capacity %g",
                           (long long)k, w->demand[k], (long long)SCALE_REPLICAS_MAX / 4, w->capacity);
    }
    return ERR_NONE;
}

static void fleet_advance(Fleet *f, int64_t tick)
{
    int64_t *s = &f->starts[tick % f->n_starts], *d = &f->drains[tick % f->n_drains];
    f->starting -= *s;
    f->ready += *s;
    f->draining -= *d;
    *s = *d = 0;
}

static void fleet_start(Fleet *f, int64_t tick, int64_t count)
{
    if (f->n_starts == 1) { /* no start-up at all */
        f->ready += count;
        return;
    }
    f->starts[(tick + f->n_starts - 1) % f->n_starts] += count;
    f->starting += count;
}

static void fleet_remove(Fleet *f, int64_t tick, int64_t count)
{
    for (int64_t back = 1; back < f->n_starts && count > 0 && f->starting > 0; back++) {
        int64_t *s = &f->starts[(tick + f->n_starts - back) % f->n_starts]; /* the newest first */
        int64_t take = MIN(*s, count);
        *s -= take;
        f->starting -= take;
        count -= take;
    }
    count = MIN(count, f->ready);
    f->ready -= count;
    if (f->n_drains > 1) {
        f->drains[(tick + f->n_drains - 1) % f->n_drains] += count;
        f->draining += count;
    }
}

/* Those that fail in this tick; the platform orders a new one for each at once. */
static int64_t fleet_fail(Fleet *f, int64_t tick, double chance, StatsRng *rng)
{
    int64_t failed = stats_poisson(rng, (double)f->ready * chance);
    failed = MIN(failed, f->ready);
    f->ready -= failed;
    fleet_start(f, tick, failed);
    return failed;
}

static int64_t ask(const ScaleWorld *w, const ScalePolicy *p, const Fleet *f, int64_t tick, double tick_len)
{
    int64_t per_step = scale_world_ticks(w);
    double t = (double)tick * tick_len;
    ScaleView v = {
        .tick = tick, .t_s = t, .step = tick / per_step, .ready = f->ready, .starting = f->starting};
    v.seen_step = (int64_t)floor((t - w->metric_delay_s) / (double)w->step_s + 1e-9);
    v.seen_step = MAX(0, MIN(v.seen_step, v.step));
    v.seen = w->demand[v.seen_step];
    int64_t want = p->want(p->self, &v);
    return MAX(w->min, MIN(w->max, want));
}

/* Serves one tick; the requests of it that were late. */
static double serve(const ScaleWorld *w, int64_t ready, double arrivals, double tick_len, double *queue)
{
    double room = (double)ready * w->capacity * tick_len;
    double from_queue = MIN(*queue, room);
    double in_time = MIN(arrivals, room - from_queue), late = arrivals - in_time;
    *queue = MIN(*queue - from_queue + late, (double)ready * w->capacity * w->patience_s);
    return late > 1e-9 * arrivals ? late : 0;
}

static void trace_tick(const ScaleTrace *tr, int64_t step, int64_t first, double share, const Fleet *f,
                       double late)
{
    if (!tr)
        return;
    if (tr->replicas)
        tr->replicas[step] =
            (first ? 0 : tr->replicas[step]) + share * (double)(f->ready + f->starting + f->draining);
    if (tr->ready)
        tr->ready[step] = first ? (double)f->ready : MIN(tr->ready[step], (double)f->ready);
    if (tr->late)
        tr->late[step] = (first ? 0 : tr->late[step]) + late;
}

static void run(const ScaleWorld *w, const ScalePolicy *policy, const ScaleTrace *trace, Fleet *f,
                ScaleOutcome *o)
{
    StatsRng rng;
    stats_seed(&rng, w->seed);
    int64_t per_step = scale_world_ticks(w), n = w->n * per_step, minute = -1, wanted = -1;
    double len = tick_s(w), queue = 0, paid = 0, chance = w->mtbf_h > 0 ? len / (w->mtbf_h * 3600) : 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t step = i / per_step;
        fleet_advance(f, i);
        if (chance > 0)
            o->failures += fleet_fail(f, i, chance, &rng);
        int64_t want = ask(w, policy, f, i, len);
        if (i == 0)
            f->ready = want;
        else if (want != wanted)
            o->scale_events++;
        wanted = want;
        int64_t have = f->ready + f->starting;
        if (want > have)
            fleet_start(f, i, want - have);
        else if (want < have)
            fleet_remove(f, i, have - want);
        double arrivals = w->demand[step] * len, late = serve(w, f->ready, arrivals, len, &queue);
        if (late > 0 && (int64_t)((double)i * len / 60) != minute) {
            minute = (int64_t)((double)i * len / 60);
            o->violation_minutes++;
        }
        o->requests += arrivals;
        o->late += late;
        int64_t all = f->ready + f->starting + f->draining;
        paid += (double)all * len;
        o->peak = MAX(o->peak, all);
        trace_tick(trace, step, i % per_step == 0, 1.0 / (double)per_step, f, late);
    }
    o->replica_hours = paid / 3600;
    o->mean = paid / ((double)n * len);
    o->cost = o->replica_hours * w->price;
    o->availability = o->requests > 0 ? 1 - o->late / o->requests : 1;
}

ErrKind scale_sim(const ScaleWorld *w, const ScalePolicy *policy, const ScaleTrace *trace, ScaleOutcome *ret,
                  Err *reterr)
{
    TRY(scale_world_check(w, reterr));
    *ret = (ScaleOutcome){0};
    Fleet f = {.n_starts = scale_world_startup_ticks(w) + 1,
               .n_drains = (int64_t)ceil(w->drain_s / tick_s(w) - 1e-9) + 1};
    CLEANUP(mem_freep) int64_t *starts = mem_array((size_t)f.n_starts, sizeof *starts);
    CLEANUP(mem_freep) int64_t *drains = mem_array((size_t)f.n_drains, sizeof *drains);
    f.starts = starts;
    f.drains = drains;
    run(w, policy, trace, &f, ret);
    return ERR_NONE;
}
