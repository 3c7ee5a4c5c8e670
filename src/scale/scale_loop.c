/* scale_loop.c - see scale_loop.h. */
#include "scale/scale_loop.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_act.h"
#include "scale/scale_feed.h"
#include "scale/scale_learn.h"
#include "scale/scale_live.h"

#include <math.h>
#include <stdio.h>

#define KEEP_US (600 * US_PER_S) /* a decision that stays is stored again after so long */

ErrKind scale_loop_init(ScaleLoop *l, ScaleConf *c, bool dry_run, int64_t now_us, Err *reterr)
{
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    *l = (ScaleLoop){.conf = c,
                     .dry_run = dry_run,
                     .last = {.replicas = -1},
                     .report = {.present = -1, .dry_run = dry_run}};
    TRY(scale_store_read(c, now_us - 2 * KEEP_US, &d, &n, &damaged, reterr));
    if (n > 0)
        l->last = d[n - 1];
    l->last.acted = false;
    l->last.at_us = 0;
    return ERR_NONE;
}

void scale_loop_done(ScaleLoop *l)
{
    scale_report_done(&l->report);
}

/* Reads the load and decides. */
static ErrKind look(ScaleLoop *l, int64_t now_us, const ScaleOverride *o, ScaleStored *ret, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    TRY(scale_feed(l->conf, now_us, &s, reterr));
    if (now_us - l->learned_us >= SCALE_REPORT_EVERY_S * US_PER_S) {
        scale_learn_now(l->conf, now_us);
        l->learned_us = now_us;
    }
    TRY(scale_live_decide(l->conf, s, now_us, o, ret, reterr));
    if (o->until_us == 0 || o->replicas < 0)
        scale_live_limit(l->conf, l->last.replicas, ret);
    scale_series_free(l->report.series);
    l->report.series = s;
    l->report.read_us = now_us;
    s = NULL;
    return ERR_NONE;
}

/* What holds while the load cannot be read. false: nothing was ever decided. */
static bool without_load(const ScaleLoop *l, int64_t now_us, const ScaleOverride *o, const Err *err,
                         ScaleStored *ret)
{
    bool by_hand = o->until_us > 0 && o->replicas >= 0;
    *ret = (ScaleStored){
        .at_us = now_us, .replicas = by_hand ? o->replicas : l->last.replicas, .now = NAN, .planned = NAN};
    if (ret->replicas < 0)
        return false;
    (void)str_copy(ret->cause, sizeof ret->cause, by_hand ? STR("override") : STR("no load"));
    snprintf(ret->words, sizeof ret->words, "%lld replicas: %s; the load cannot be read: %.300s.",
             (long long)ret->replicas, by_hand ? "set by hand" : "as before", err->msg);
    return true;
}

static void set_trouble(ScaleReport *r, ErrKind kind, const Err *err, int64_t now_us)
{
    if (kind == ERR_NONE) {
        r->trouble[0] = 0;
        r->trouble_us = 0;
        return;
    }
    snprintf(r->trouble, sizeof r->trouble, "%.255s", err->msg);
    if (r->trouble_us == 0)
        r->trouble_us = now_us;
}

/* Acts where the number is another one or the last try failed; d->acted says whether it stands. */
static ErrKind act(ScaleLoop *l, ScaleStored *d, Err *reterr)
{
    if (l->dry_run || l->paused || l->conf->actor == SCALE_ACTOR_ADVISE)
        return ERR_NONE;
    if (d->replicas != l->last.replicas || !l->last.acted)
        TRY(scale_act(l->conf, d->replicas, reterr));
    d->acted = true;
    return ERR_NONE;
}

static ErrKind store(ScaleLoop *l, const ScaleStored *d, Err *reterr)
{
    bool changed = d->replicas != l->last.replicas || d->acted != l->last.acted ||
                   str_eq_c(str_from(d->cause), "no load") != str_eq_c(str_from(l->last.cause), "no load");
    if (!changed && d->at_us - l->last.at_us < KEEP_US)
        return ERR_NONE;
    TRY(scale_store_add(l->conf, d, reterr));
    l->last = *d;
    l->stored = true;
    return ERR_NONE;
}

static ErrKind tell(ScaleLoop *l, int64_t now_us, Err *reterr)
{
    ScaleReport *r = &l->report;
    if (scale_act_count(l->conf, &r->present, NULL) != ERR_NONE)
        r->present = -1;
    if (r->series && now_us - r->looked_us >= SCALE_REPORT_EVERY_S * US_PER_S)
        scale_report_look(r, l->conf, now_us);
    return scale_report_write(r, l->conf, now_us, reterr);
}

ErrKind scale_loop_round(ScaleLoop *l, int64_t now_us, Err *reterr)
{
    Err first = {0}, err = {0};
    ScaleOverride o;
    ScaleStored d;
    l->stored = false;
    TRY(scale_store_overridden(l->conf, now_us, &o, reterr));
    l->paused = o.until_us > 0 && o.paused;
    ErrKind kind = look(l, now_us, &o, &d, &first), then;
    if (kind == ERR_NONE || without_load(l, now_us, &o, &first, &d)) {
        then = act(l, &d, kind == ERR_NONE ? &first : &err);
        kind = kind == ERR_NONE ? then : kind;
        TRY(store(l, &d, reterr));
    }
    set_trouble(&l->report, kind, &first, now_us);
    TRY(tell(l, now_us, reterr));
    if (kind != ERR_NONE && reterr)
        *reterr = first;
    return kind;
}
