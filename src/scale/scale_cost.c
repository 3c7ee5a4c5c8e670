/* scale_cost.c - see scale_cost.h. */
#include "scale/scale_cost.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_replay.h"

#include <math.h>
#include <string.h>

#define ROUNDS 2000
#define LEVEL 0.9

static StatsInterval saving(const ScaleCost *c, bool against_static, uint64_t seed)
{
    StatsRng rng;
    double draws[ROUNDS];
    stats_seed(&rng, seed);
    double theirs = against_static ? c->all.fixed : c->all.reactive;
    if (!(theirs > 0))
        return (StatsInterval){NAN, NAN, NAN};
    for (int r = 0; r < ROUNDS; r++) {
        double a = 0, b = 0;
        for (int64_t h = 0; h < c->n_hours; h++) {
            const ScaleCostHour *d = &c->hour[stats_below(&rng, c->n_hours)];
            a += d->spent;
            b += against_static ? d->fixed : d->reactive;
        }
        draws[r] = b > 0 ? 1 - a / b : 0;
    }
    return (StatsInterval){1 - c->all.spent / theirs, stats_quantile(draws, ROUNDS, (1 - LEVEL) / 2),
                           stats_quantile(draws, ROUNDS, (1 + LEVEL) / 2)};
}

static void add_cause(ScaleCost *c, const char *name, double spent)
{
    int i = 0;
    while (i < c->n_causes && strcmp(c->cause[i].name, name) != 0)
        i++;
    if (i == SCALE_COST_CAUSES)
        return;
    if (i == c->n_causes) {
        (void)str_copy(c->cause[i].name, sizeof c->cause[i].name, str_from(name));
        c->n_causes++;
    }
    c->cause[i].spent += spent;
}

/* The decision that held at that time; NULL: none. */
static const ScaleStored *held(const ScaleStored *stored, int64_t n, int64_t at_us, int64_t *from)
{
    while (*from + 1 < n && stored[*from + 1].at_us <= at_us)
        ++*from;
    bool there =
        n > 0 && stored[*from].at_us <= at_us && at_us - stored[*from].at_us <= SCALE_COST_HOLD_S * US_PER_S;
    return there ? &stored[*from] : NULL;
}

static void add_step(const ScaleConf *conf, ScaleCost *c, const ScaleReplay *r, const ScaleSeries *s,
                     int64_t k, ScaleCostHour *h, const ScaleStored *d)
{
    double hours = (double)s->step_s / 3600, dt = (double)s->step_s, demand = r->world.demand[k];
    double replicas = d ? (double)d->replicas : r->trace[SCALE_PREDICTIVE].replicas[k];
    double spent = hours * scale_conf_price(conf, replicas);
    h->spent += spent;
    h->fixed += hours * scale_conf_price(conf, (double)r->static_replicas);
    h->reactive += hours * scale_conf_price(conf, r->trace[SCALE_REACTIVE].replicas[k]);
    h->requests += demand * dt;
    h->late += d ? MAX(demand - replicas * r->world.capacity, 0) * dt : r->trace[SCALE_PREDICTIVE].late[k];
    c->measured += d ? 1 : 0;
    add_cause(c, d ? d->cause : "replayed", spent);
}

static void add_hour(ScaleCostHour *all, const ScaleCostHour *h)
{
    all->spent += h->spent;
    all->fixed += h->fixed;
    all->reactive += h->reactive;
    all->requests += h->requests;
    all->late += h->late;
}

ErrKind scale_cost(const ScaleConf *conf, const ScaleSeries *s, int64_t hours, const ScaleStored *stored,
                   int64_t n_stored, ScaleCost **ret, Err *reterr)
{
    CLEANUP(scale_replay_freep) ScaleReplay *r = NULL;
    CLEANUP(scale_cost_freep) ScaleCost *c = MEM_NEW(ScaleCost);
    CLEANUP(mem_freep) double *demand = mem_array((size_t)s->n, sizeof *demand);
    ScaleWorld w = conf->world;
    scale_replay_demand(s->v, s->n, demand);
    w.demand = demand;
    w.n = s->n;
    w.step_s = s->step_s;
    TRY(scale_replay(&w, s->start_us / US_PER_S % 604800, true, &r, reterr));
    int64_t first = MAX(s->n - hours * 3600 / s->step_s, 0), from = 0;
    c->n_hours = ((s->n - first) * s->step_s + 3599) / 3600;
    c->hour = mem_array((size_t)MAX(c->n_hours, 1), sizeof *c->hour);
    c->static_replicas = r->static_replicas;
    for (int64_t k = first; k < s->n; k++) {
        ScaleCostHour *h = &c->hour[(k - first) * s->step_s / 3600];
        if (h->at_us == 0)
            h->at_us = scale_series_time(s, k);
        add_step(conf, c, r, s, k, h, held(stored, n_stored, scale_series_time(s, k), &from));
    }
    c->measured /= (double)MAX(s->n - first, 1);
    for (int64_t h = 0; h < c->n_hours; h++)
        add_hour(&c->all, &c->hour[h]);
    c->saving_vs_static = saving(c, true, 1);
    c->saving_vs_reactive = saving(c, false, 2);
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

void scale_cost_free(ScaleCost *c)
{
    if (!c)
        return;
    mem_free(c->hour);
    mem_free(c);
}

static double level_of(const ScaleCostHour *h)
{
    return h->requests > 0 ? 1 - h->late / h->requests : 1;
}

static const char *label_of(const ScaleCost *c)
{
    return c->measured >= 0.99 ? "measured"
           : c->measured > 0   ? "partly measured, partly simulated"
                               : "simulated";
}

static void add_interval(Jw *w, const char *key, const StatsInterval *i)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kv_f64_digits(w, "estimate", i->estimate, 6);
    jw_kv_f64_digits(w, "low", i->low, 6);
    jw_kv_f64_digits(w, "high", i->high, 6);
    jw_kv_f64(w, "level", LEVEL);
    jw_end(w);
}

static void add_costs(Jw *w, const ScaleCostHour *h)
{
    jw_kv_f64_digits(w, "spent", h->spent, 10);
    jw_kv_f64_digits(w, "static_peak", h->fixed, 10);
    jw_kv_f64_digits(w, "reactive", h->reactive, 10);
    jw_kv_f64_digits(w, "service_level", level_of(h), 8);
}

void scale_cost_json(Jw *w, const ScaleConf *conf, const ScaleCost *c)
{
    jw_obj(w);
    jw_kv_cstr(w, "service", conf->service);
    jw_kv_i64(w, "hours", c->n_hours);
    jw_kv_cstr(w, "currency", conf->currency);
    add_costs(w, &c->all);
    jw_kv_f64(w, "slo", conf->world.slo);
    add_interval(w, "saving_vs_static", &c->saving_vs_static);
    add_interval(w, "saving_vs_reactive", &c->saving_vs_reactive);
    jw_kv_i64(w, "static_replicas", c->static_replicas);
    jw_kv_cstr(w, "label", label_of(c));
    jw_kv_cstr(w, "label_of_comparison", "simulated");
    jw_kv_f64_digits(w, "measured_share", c->measured, 4);
    jw_key(w, "by_cause");
    jw_obj(w);
    for (int i = 0; i < c->n_causes; i++)
        jw_kv_f64_digits(w, c->cause[i].name, c->cause[i].spent, 10);
    jw_end(w);
    jw_key(w, "by_hour");
    jw_arr(w);
    for (int64_t h = 0; h < c->n_hours; h++) {
        jw_obj(w);
        jw_key(w, "at");
        jw_time_us(w, c->hour[h].at_us);
        add_costs(w, &c->hour[h]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

void scale_cost_text(Buf *out, const ScaleConf *conf, const ScaleCost *c)
{
    const StatsInterval *s = &c->saving_vs_static, *r = &c->saving_vs_reactive;
    buf_addf(out, "%s, the last %lld hours (%s)\n\n", conf->service, (long long)c->n_hours, label_of(c));
    buf_addf(out, "spent               %12.2f %s\n", c->all.spent, conf->currency);
    buf_addf(out, "static peak         %12.2f %s (%lld replicas, simulated)\n", c->all.fixed, conf->currency,
             (long long)c->static_replicas);
    buf_addf(out, "reactive            %12.2f %s (simulated)\n", c->all.reactive, conf->currency);
    buf_addf(out, "saving v static     %11.1f %% (%.1f to %.1f %%)\n", 100 * s->estimate, 100 * s->low,
             100 * s->high);
    buf_addf(out, "saving v reactive   %11.1f %% (%.1f to %.1f %%)\n", 100 * r->estimate, 100 * r->low,
             100 * r->high);
    buf_addf(out, "service level       %11.4f %% (promise %.4g %%)\n\n", 100 * level_of(&c->all),
             100 * conf->world.slo);
    for (int i = 0; i < c->n_causes; i++)
        buf_addf(out, "by cause            %12.2f %s %s\n", c->cause[i].spent, conf->currency,
                 c->cause[i].name);
    buf_addf(out, "\n%-26s %10s %10s %10s %12s\n", "hour", "spent", "static", "reactive", "service");
    for (int64_t h = 0; h < c->n_hours; h++) {
        char at[25];
        clock_format(c->hour[h].at_us, at);
        buf_addf(out, "%-26s %10.2f %10.2f %10.2f %10.4f %%\n", at, c->hour[h].spent, c->hour[h].fixed,
                 c->hour[h].reactive, 100 * level_of(&c->hour[h]));
    }
}
