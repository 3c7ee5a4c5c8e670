/* scale_replay.c - see scale_replay.h. */
#include "scale/scale_replay.h"

#include "base/mem.h"
#include "scale/scale_oracle.h"
#include "scale/scale_policy.h"
#include "stats/stats.h"

#include <math.h>

const char *const SCALE_KIND_NAMES[SCALE_KINDS] = {"predictive", "reactive", "static", "oracle"};

void scale_replay_demand(const double *v, int64_t n, double *out)
{
    int64_t last = -1;
    for (int64_t k = 0; k < n; k++) {
        if (isnan(v[k])) {
            out[k] = 0;
            continue;
        }
        out[k] = MAX(v[k], 0);
        if (last >= 0 && k - last > 1 && k - last - 1 <= SCALE_GAP_STEPS)
            for (int64_t i = last + 1; i < k; i++)
                out[i] = out[last] + (out[k] - out[last]) * (double)(i - last) / (double)(k - last);
        last = k;
    }
}

double scale_replay_capacity(const double *v, int64_t n)
{
    CLEANUP(mem_freep) double *x = mem_array((size_t)MAX(n, 1), sizeof *x);
    int64_t m = 0;
    for (int64_t k = 0; k < n; k++)
        if (!isnan(v[k]))
            x[m++] = MAX(v[k], 0);
    return m > 0 ? stats_quantile(x, m, 0.99) / 10 : 0;
}

static ScaleTrace new_trace(int64_t n)
{
    return (ScaleTrace){.replicas = mem_array((size_t)n, sizeof(double)),
                        .ready = mem_array((size_t)n, sizeof(double)),
                        .late = mem_array((size_t)n, sizeof(double))};
}

static void count_cause(const ScaleDecision *d, const ScaleView *v, void *arg)
{
    (void)v;
    ((int64_t *)arg)[d->cause]++;
}

static ErrKind run_predictive(ScaleReplay *r, int64_t phase_s, const ScaleTrace *tr, Err *reterr)
{
    CLEANUP(scale_plan_freep) ScalePlan *plan = NULL;
    TRY(scale_plan_new(&r->world, phase_s, &plan, reterr));
    ScalePlanned planned = {plan, r->world.demand, 0, count_cause, r->by_cause};
    ScalePolicy p = scale_plan_policy(&planned);
    return scale_sim(&r->world, &p, tr, &r->of[SCALE_PREDICTIVE], reterr);
}

static ErrKind run_reactive(ScaleReplay *r, const ScaleTrace *tr, Err *reterr)
{
    CLEANUP(scale_reactive_freep) ScaleReactive *reactive = scale_reactive_new(&r->world, SCALE_HPA_TARGET);
    ScalePolicy p = scale_reactive_policy(reactive);
    return scale_sim(&r->world, &p, tr, &r->of[SCALE_REACTIVE], reterr);
}

static ErrKind run_oracle(ScaleReplay *r, const ScaleTrace *tr, Err *reterr)
{
    CLEANUP(mem_freep) int64_t *replicas = mem_array((size_t)r->world.n, sizeof *replicas);
    TRY(scale_oracle(&r->world, replicas, reterr));
    ScaleSchedule s = {replicas, r->world.n, scale_world_ticks(&r->world),
                       scale_world_startup_ticks(&r->world)};
    ScalePolicy p = scale_schedule_policy(&s);
    return scale_sim(&r->world, &p, tr, &r->of[SCALE_ORACLE], reterr);
}

ErrKind scale_replay(const ScaleWorld *world, int64_t phase_s, bool keep, ScaleReplay **ret, Err *reterr)
{
    TRY(scale_world_check(world, reterr));
    CLEANUP(scale_replay_freep) ScaleReplay *r = MEM_NEW(ScaleReplay);
    r->world = *world;
    for (int k = 0; keep && k < SCALE_KINDS; k++)
        r->trace[k] = new_trace(world->n);
    TRY(run_predictive(r, phase_s, &r->trace[SCALE_PREDICTIVE], reterr));
    TRY(run_reactive(r, &r->trace[SCALE_REACTIVE], reterr));
    TRY(scale_static_peak(&r->world, &r->static_replicas, reterr));
    ScalePolicy p = scale_static_policy(&r->static_replicas);
    TRY(scale_sim(&r->world, &p, &r->trace[SCALE_STATIC], &r->of[SCALE_STATIC], reterr));
    TRY(run_oracle(r, &r->trace[SCALE_ORACLE], reterr));
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

void scale_replay_free(ScaleReplay *r)
{
    if (!r)
        return;
    for (int k = 0; k < SCALE_KINDS; k++) {
        mem_free(r->trace[k].replicas);
        mem_free(r->trace[k].ready);
        mem_free(r->trace[k].late);
    }
    mem_free(r);
}

static double saving(const ScaleReplay *r, ScaleKind kind, ScaleKind against)
{
    double theirs = r->of[against].replica_hours;
    return theirs > 0 ? 1 - r->of[kind].replica_hours / theirs : NAN;
}

static void add_outcome(Jw *w, const ScaleReplay *r, ScaleKind kind)
{
    const ScaleOutcome *o = &r->of[kind];
    jw_kv_cstr(w, "policy", SCALE_KIND_NAMES[kind]);
    jw_kv_f64_digits(w, "cost", o->cost, 10);
    jw_kv_f64_digits(w, "replica_hours", o->replica_hours, 10);
    jw_kv_f64_digits(w, "violation_minutes", o->violation_minutes, 10);
    jw_kv_f64_digits(w, "availability", o->availability, 10);
    jw_kv_bool(w, "slo_met", o->availability >= r->world.slo);
    jw_kv_i64(w, "scale_events", o->scale_events);
    jw_kv_f64_digits(w, "replicas_mean", o->mean, 6);
    jw_kv_i64(w, "replicas_peak", o->peak);
    jw_kv_i64(w, "failures", o->failures);
    jw_kv_f64_digits(w, "saving_vs_static", saving(r, kind, SCALE_STATIC), 6);
    jw_kv_f64_digits(w, "saving_vs_reactive", saving(r, kind, SCALE_REACTIVE), 6);
    jw_kv_f64_digits(w, "oracle_ratio", o->replica_hours / r->of[SCALE_ORACLE].replica_hours, 6);
}

void scale_replay_json(Jw *w, const ScaleReplay *r, ScaleKind kind)
{
    jw_obj(w);
    add_outcome(w, r, kind);
    jw_kv_f64_digits(w, "capacity", r->world.capacity, 10);
    jw_kv_i64(w, "steps", r->world.n);
    jw_kv_i64(w, "step_s", r->world.step_s);
    jw_kv_f64(w, "startup_s", r->world.startup_s);
    jw_kv_f64(w, "price", r->world.price);
    jw_kv_f64(w, "slo", r->world.slo);
    jw_kv_cstr(w, "label", "simulated");
    jw_key(w, "policies");
    jw_arr(w);
    for (int k = 0; k < SCALE_KINDS; k++) {
        jw_obj(w);
        add_outcome(w, r, (ScaleKind)k);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "predictive_decided_by");
    jw_obj(w);
    double ticks = (double)(r->world.n * scale_world_ticks(&r->world));
    for (int c = 0; c < 5; c++)
        jw_kv_f64_digits(w, SCALE_CAUSES[c], (double)r->by_cause[c] / ticks, 4);
    jw_end(w);
    jw_end(w);
}

void scale_replay_text(Buf *out, const ScaleReplay *r)
{
    buf_addf(out, "%-11s %12s %14s %12s %10s %10s %9s %9s %9s\n", "policy", "cost", "replica-hours",
             "availability", "violation", "events", "v static", "v react.", "/ oracle");
    for (int k = 0; k < SCALE_KINDS; k++) {
        const ScaleOutcome *o = &r->of[k];
        buf_addf(out, "%-11s %12.2f %14.1f %10.4f %% %6.0f min %10lld %7.1f %% %7.1f %% %9.3f\n",
                 SCALE_KIND_NAMES[k], o->cost, o->replica_hours, 100 * o->availability, o->violation_minutes,
                 (long long)o->scale_events, 100 * saving(r, (ScaleKind)k, SCALE_STATIC),
                 100 * saving(r, (ScaleKind)k, SCALE_REACTIVE),
                 o->replica_hours / r->of[SCALE_ORACLE].replica_hours);
    }
    buf_addf(out, "simulated: %lld steps of %lld s, capacity %.4g, promise %.4g %%, start-up %g s\n",
             (long long)r->world.n, (long long)r->world.step_s, r->world.capacity, 100 * r->world.slo,
             r->world.startup_s);
}
