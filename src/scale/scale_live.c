/* scale_live.c - see scale_live.h. */
#include "scale/scale_live.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_replay.h"

#include <math.h>
#include <stdio.h>

#define AHEAD_US (2 * US_PER_DAY)

static void keep_last(const ScaleDecision *d, const ScaleView *v, void *arg)
{
    (void)v;
    *(ScaleDecision *)arg = *d;
}

int64_t scale_live_affordable(const ScaleConf *c)
{
    double hour = c->budget_per_day / 24, base = scale_conf_price(c, 0);
    double one = scale_conf_price(c, (double)c->reserved + 1) - base;
    if (!(c->budget_per_day > 0) || !(one > 0))
        return c->world.max;
    double more = floor((hour - base) / one + 1e-9);
    double n = (double)c->reserved + MAX(more, 0);
    return n < (double)c->world.max ? MAX((int64_t)n, c->world.min) : c->world.max;
}

ErrKind scale_live_events(const ScaleConf *c, const ScaleSeries *s, ScaleEvents *events, Err *reterr)
{
    if (c->events[0])
        TRY(scale_events_read(events, c->events, reterr));
    return scale_events_holidays(events, c->holidays, s->start_us, scale_series_time(s, s->n) + AHEAD_US,
                                 reterr);
}

ErrKind scale_live_decide(const ScaleConf *c, const ScaleSeries *s, int64_t now_us,
                          const ScaleOverride *override, ScaleStored *ret, Err *reterr)
{
    CLEANUP(scale_plan_freep) ScalePlan *plan = NULL;
    CLEANUP(scale_events_freep) ScaleEvents *events = scale_events_new();
    CLEANUP(mem_freep) double *demand = mem_array((size_t)s->n, sizeof *demand);
    CLEANUP(buf_done) Buf words = BUF(sizeof ret->words - 1);
    ScaleDecision d = {0};
    ScaleOutcome o;
    ScaleWorld w = c->world;
    scale_replay_demand(s->v, s->n, demand);
    w.demand = demand;
    w.n = s->n;
    w.step_s = s->step_s;
    w.start_us = s->start_us;
    TRY(scale_live_events(c, s, events, reterr));
    w.events = events;
    TRY(scale_plan_new(&w, s->start_us / US_PER_S % 604800, &plan, reterr));
    ScalePlanned planned = {plan, demand, 0, keep_last, &d};
    ScalePolicy p = scale_plan_policy(&planned);
    TRY(scale_sim(&w, &p, NULL, &o, reterr));
    int64_t most = scale_live_affordable(c);
    *ret = (ScaleStored){.at_us = now_us, .replicas = d.replicas, .now = d.now, .planned = d.planned};
    const char *cause = SCALE_CAUSES[d.cause];
    if (override->until_us > 0 && override->replicas >= 0) {
        ret->replicas = override->replicas;
        cause = "override";
        buf_addf(&words, "%lld replicas: set by hand; the plan would have %lld.", (long long)ret->replicas,
                 (long long)d.replicas);
    } else if (d.replicas > most) {
        ret->replicas = most;
        cause = "budget";
        buf_addf(&words,
                 "%lld replicas: more than the budget of %g %s a day allows are not wanted; the plan would "
                 "have %lld.",
                 (long long)most, c->budget_per_day, c->currency, (long long)d.replicas);
    } else {
        scale_decision_words(&d, &w, &words);
    }
    if (c->capacity_words[0])
        buf_addf(&words, " %s", c->capacity_words);
    (void)str_copy(ret->cause, sizeof ret->cause, str_from(cause));
    (void)str_copy(ret->words, sizeof ret->words, buf_str(&words));
    return ERR_NONE;
}

void scale_live_limit(const ScaleConf *c, int64_t before, ScaleStored *d)
{
    int64_t most = c->up > 0 ? before + c->up : INT64_MAX, least = c->down > 0 ? before - c->down : 0;
    int64_t wanted = d->replicas, kept = MAX(least, MIN(most, wanted));
    if (before < 0 || kept == wanted)
        return;
    d->replicas = kept;
    (void)str_copy(d->cause, sizeof d->cause, STR("step limit"));
    snprintf(d->words, sizeof d->words, "%lld replicas: no more than %lld %s at a time; %lld are wanted.",
             (long long)kept, (long long)(kept > before ? c->up : c->down), kept > before ? "more" : "fewer",
             (long long)wanted);
}
