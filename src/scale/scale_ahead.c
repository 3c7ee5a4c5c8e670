/* scale_ahead.c - see scale_ahead.h. */
#include "scale/scale_ahead.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_live.h"
#include "scale/scale_near.h"
#include "scale/scale_replay.h"
#include "stats/stats.h"

#include <math.h>

#define MEMORY_S (14 * 86400)

/* The forecast for `lead` steps after the last value; false: there were too few to know its errors. */
static bool foresee(const double *demand, const ScaleSeries *s, const ScaleEvents *known, int64_t lead,
                    double *past, double *ret_middle, double *ret_high)
{
    int64_t n = s->n, step_s = s->step_s;
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(step_s, lead, s->start_us / US_PER_S % 604800);
    scale_near_events(f, known, s->start_us);
    CLEANUP(mem_freep) ScaleNearly *made = mem_array((size_t)n, sizeof *made);
    int64_t from = MAX(n - MEMORY_S / step_s, lead), m = 0;
    for (int64_t k = 0; k < n; k++) {
        made[k] = scale_near_see(f, demand[k]);
        if (k >= from && made[k - lead].ready)
            past[m++] = (demand[k] - made[k - lead].middle) / made[k - lead].spread;
    }
    if (m < 20)
        return false;
    *ret_middle = made[n - 1].middle;
    *ret_high = *ret_middle + MAX(stats_quantile(past, m, SCALE_AHEAD_QUANTILE), 0) * made[n - 1].spread;
    return true;
}

ErrKind scale_ahead(const ScaleConf *c, const ScaleSeries *s, int hours, ScaleAhead *ret, Err *reterr)
{
    CLEANUP(mem_freep) double *demand = mem_array((size_t)s->n, sizeof *demand);
    CLEANUP(mem_freep) double *past = mem_array((size_t)s->n, sizeof *past);
    CLEANUP(scale_events_freep) ScaleEvents *events = scale_events_new();
    int64_t most = scale_live_affordable(c);
    if (hours < 1 || hours > SCALE_AHEAD_HOURS_MAX)
        return err_set(reterr, ERR_USAGE, "%d hours ahead: from 1 to %d", hours, SCALE_AHEAD_HOURS_MAX);
    TRY(scale_live_events(c, s, events, reterr));
    scale_replay_demand(s->v, s->n, demand);
    for (int h = 1; h <= hours; h++) {
        int64_t lead = MAX((int64_t)h * 3600 / s->step_s, 1);
        ScaleAhead *a = &ret[h - 1];
        if (lead > SCALE_NEAR_LEAD_MAX)
            return err_set(reterr, ERR_LIMIT,
                           "%d hours ahead are more than %d steps of %lld s: a longer $.step", h,
                           SCALE_NEAR_LEAD_MAX, (long long)s->step_s);
        if (!foresee(demand, s, events, lead, past, &a->middle, &a->high))
            return err_set(reterr, ERR_INVALID,
                           "the history of %lld steps is too short to look %d hours ahead", (long long)s->n,
                           h);
        a->at_us = scale_series_time(s, s->n - 1 + lead);
        a->replicas = (int64_t)ceil(a->high / c->world.capacity - 1e-9);
        a->replicas = MAX(c->world.min, MIN(most, a->replicas));
        a->cost = scale_conf_price(c, (double)a->replicas);
    }
    return ERR_NONE;
}
