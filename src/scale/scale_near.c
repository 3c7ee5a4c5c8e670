/* scale_near.c - see scale_near.h. */
#include "scale/scale_near.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_ridge.h"

#include <math.h>
#include <string.h>

#define N_X SCALE_NEAR_COLUMNS
#define DAYS 7
#define ALIKE_S 10800.0 /* the hours, about, in which days are compared */
#define ALIKE_POWER 4
#define HOURS 24
#define EFFECT_HOURS 72
#define EFFECT_SHARE 0.5 /* of the last time */
#define SUNDAY 3         /* 1970 began on a Thursday */
#define MEMORY_DAYS 21.0
#define READY_DAYS 2
#define RIDGE 0.02
#define HUBER 4.0
#define QUIET 0.1 /* of what the load moves within the lead: no error is taken to be usually smaller */

struct ScaleNear {
    int64_t step_s, lead, day, week, phase, k; /* day, week: in steps; k: the next step */
    double *past, *calm; /* rings of week + lead values: as they came; what is usual where an event was on */
    int64_t n_past;
    double *of_day, *of_week; /* usual values by slot, NAN: none yet */
    double *x;                /* ring of lead rows of N_X: what was known when the forecast was made */
    double *made;             /* ring of lead: that forecast; NAN: none */
    ScaleRidge r;
    double ema[3];
    double unlike[DAYS]; /* mean distance, lately, from each day of the week, from today on; NAN: none yet */
    double moved;        /* how far the load moves within the lead, mean */
    double level, least, error, recent, hour[HOURS]; /* least: value seen, at most 0 */
    double hour_weight[HOURS];
    int64_t refit;
    const ScaleEvents *events;
    int64_t start_us;
    float (*effect)
        [EFFECT_HOURS]; /* by kind and hours since the beginning: the value above the usual one; NAN: none yet */
};

ScaleNear *scale_near_new(int64_t step_s, int64_t lead, int64_t phase_s)
{
    ScaleNear *f = MEM_NEW(ScaleNear);
    BUG_ON(step_s < 1 || lead < 1 || lead > SCALE_NEAR_LEAD_MAX);
    f->step_s = step_s;
    f->r.n = N_X;
    f->lead = lead;
    f->day = MAX(86400 / step_s, 1);
    f->week = MAX(604800 / step_s, 1);
    f->phase = phase_s / step_s;
    f->n_past = f->week + lead + 1;
    f->past = mem_array((size_t)f->n_past, sizeof *f->past);
    f->calm = mem_array((size_t)f->n_past, sizeof *f->calm);
    f->effect = mem_array(SCALE_EVENT_KINDS_MAX, sizeof *f->effect);
    for (int i = 0; i < SCALE_EVENT_KINDS_MAX; i++)
        for (int h = 0; h < EFFECT_HOURS; h++)
            f->effect[i][h] = NAN;
    f->of_day = mem_array((size_t)f->day, sizeof *f->of_day);
    f->of_week = mem_array((size_t)f->week, sizeof *f->of_week);
    f->x = mem_array((size_t)(lead * N_X), sizeof *f->x);
    f->made = mem_array((size_t)lead, sizeof *f->made);
    for (int64_t i = 0; i < f->day; i++)
        f->of_day[i] = NAN;
    for (int64_t i = 0; i < f->week; i++)
        f->of_week[i] = NAN;
    for (int64_t i = 0; i < lead; i++)
        f->made[i] = NAN;
    for (int i = 0; i < DAYS; i++)
        f->unlike[i] = NAN;
    return f;
}

void scale_near_free(ScaleNear *f)
{
    if (!f)
        return;
    mem_free(f->past);
    mem_free(f->calm);
    mem_free(f->effect);
    mem_free(f->of_day);
    mem_free(f->of_week);
    mem_free(f->x);
    mem_free(f->made);
    mem_free(f);
}

void scale_near_events(ScaleNear *f, const ScaleEvents *events, int64_t start_us)
{
    f->events = events;
    f->start_us = start_us;
}

static ScaleEventAt event_at(const ScaleNear *f, int64_t k)
{
    return scale_events_at(f->events, f->start_us + k * f->step_s * US_PER_S);
}

static double from(const ScaleNear *f, const double *ring, int64_t k, double otherwise)
{
    return k < 0 || f->k - k > f->n_past ? otherwise : ring[k % f->n_past];
}

static double past(const ScaleNear *f, int64_t k, double otherwise)
{
    return from(f, f->past, k, otherwise);
}

static double calm(const ScaleNear *f, int64_t k, double otherwise)
{
    return from(f, f->calm, k, otherwise);
}

static double usual(const double *slots, int64_t n, int64_t at, double otherwise)
{
    double v = slots[at % n];
    return isnan(v) ? otherwise : v;
}

/* Where the step k would stand if its day were `on` days later in the week. */
static int64_t slot_on(const ScaleNear *f, int64_t k, int on)
{
    return (k + f->phase + on * f->day) % f->week;
}

/* How far the last hours were from those of each day of the week. */
static void compare_days(ScaleNear *f, int64_t k, double y)
{
    double share = MIN(1.0, (double)f->step_s / ALIKE_S);
    for (int i = 0; i < DAYS; i++) {
        double v = f->of_week[slot_on(f, k, i)];
        if (!isnan(v))
            f->unlike[i] =
                isnan(f->unlike[i]) ? fabs(y - v) : f->unlike[i] + share * (fabs(y - v) - f->unlike[i]);
    }
}

/* The usual change from now to then, of the days of the week that the last hours are like. */
static double change_alike(const ScaleNear *f, int64_t k)
{
    double sum = 0, weights = 0, least = INFINITY;
    for (int i = 0; i < DAYS; i++)
        if (f->unlike[i] < least)
            least = f->unlike[i];
    for (int i = 0; i < DAYS; i++) {
        double now = f->of_week[slot_on(f, k, i)], then = f->of_week[slot_on(f, k + f->lead, i)];
        if (isnan(now) || isnan(then) || isnan(f->unlike[i]))
            continue;
        double w = f->unlike[i] > 0 ? pow(least / f->unlike[i], ALIKE_POWER) : 1;
        sum += w * (then - now);
        weights += w;
    }
    return weights > 0 ? sum / weights : 0;
}

static float *effect_slot(const ScaleNear *f, const ScaleEventAt *at)
{
    int64_t hours = at->since_us / (3600 * US_PER_S);
    return &f->effect[at->kind][MIN(hours, EFFECT_HOURS - 1)];
}

/* What is usual then and what events of the same kind added at that hour; otherwise: none is known. */
static double usual_with_effect(const ScaleNear *f, int64_t k, double usually, double otherwise)
{
    ScaleEventAt at = event_at(f, k);
    double effect = at.kind < 0 ? NAN : (double)*effect_slot(f, &at);
    return isnan(effect) ? otherwise : usually + effect;
}

/* What a Sunday would add, where such a day off is on. */
static double sunday_of(const ScaleNear *f, int64_t k, ScaleDayOff which)
{
    ScaleEventAt at = event_at(f, k);
    if (at.kind < 0 || at.day_off != which)
        return 0;
    int64_t days = (f->start_us + k * f->step_s * US_PER_S) / US_PER_DAY;
    double usually = f->of_week[slot_on(f, k, 0)],
           sunday = f->of_week[slot_on(f, k, (int)((SUNDAY - days % DAYS + DAYS) % DAYS))];
    return isnan(usually) || isnan(sunday) ? 0 : sunday - usually;
}

/* What is known now, as distances from the value y of now (step k). */
static void describe(const ScaleNear *f, int64_t k, double y, double *x)
{
    int64_t then = k + f->lead, at = k + f->phase, at_then = then + f->phase;
    double day_now = usual(f->of_day, f->day, at, y), day_then = usual(f->of_day, f->day, at_then, y);
    double before_now = calm(f, k - f->day, y), before_then = calm(f, then - f->day, y);
    if (f->lead > f->day)
        before_then = calm(f, then - f->day * (1 + (f->lead - 1) / f->day), y);
    double v[N_X] = {
        y + f->level,
        past(f, k - 1, y),
        past(f, k - 2, y),
        past(f, k - 3, y),
        f->ema[0],
        f->ema[1],
        f->ema[2],
        day_then,
        day_now,
        usual(f->of_week, f->week, at_then, day_then),
        usual(f->of_week, f->week, at, day_now),
        before_then,
        before_now,
        calm(f, then - f->week, before_then),
        calm(f, k - f->week, before_now),
        y + (k > f->week ? change_alike(f, k) : 0),
        usual_with_effect(f, then, usual(f->of_week, f->week, at_then, day_then), y),
        y + sunday_of(f, k + f->lead, SCALE_DAY_OFF_MANY) - sunday_of(f, k, SCALE_DAY_OFF_MANY),
        y + sunday_of(f, k + f->lead, SCALE_DAY_OFF_FEW) - sunday_of(f, k, SCALE_DAY_OFF_FEW),
    };
    for (int i = 0; i < N_X; i++)
        x[i] = v[i] - y;
}

/* The forecast for this step, made lead steps ago, meets its value. */
static void learn(ScaleNear *f, double y)
{
    double forgets = exp(-(double)f->step_s / (86400 * MEMORY_DAYS));
    const double *x = f->x + (f->k % f->lead) * N_X;
    double made = f->made[f->k % f->lead], from = past(f, f->k - f->lead, NAN);
    if (isnan(made) || isnan(from))
        return;
    double off = fabs(y - made);
    f->moved += (fabs(y - from) - f->moved) / MIN(f->r.weight + 1, 86400.0 * 7 / (double)f->step_s);
    double usually = MAX(f->error, QUIET * f->moved);
    bool told = event_at(f, f->k).kind >= 0 || event_at(f, f->k - f->lead).kind >= 0; /* no surprise */
    double w = f->r.weight > 50 && off > HUBER * usually && !told ? HUBER * usually / off : 1;
    scale_ridge_add(&f->r, x, y - from, w, forgets);
    double kept = MIN(off, MAX(8 * usually, f->r.weight < 50 ? off : 0));
    int h = (int)((f->k + f->phase) * f->step_s / 3600 % HOURS);
    f->error += (kept - f->error) / MIN(f->r.weight, 86400.0 * 7 / (double)f->step_s);
    f->hour_weight[h] += 1;
    f->hour[h] += (kept - f->hour[h]) / MIN(f->hour_weight[h], 3600.0 * 10 / (double)MIN(f->step_s, 3600));
    f->recent += (kept - f->recent) / MIN(f->r.weight, 20);
}

static void remember(double *slots, int64_t n, int64_t at, double y, double share)
{
    double *v = &slots[at % n];
    *v = isnan(*v) ? y : *v + share * (y - *v);
}

const double *scale_near_row(const ScaleNear *f)
{
    return f->x + ((f->k - 1) % f->lead) * N_X;
}

ScaleNearly scale_near_see(ScaleNear *f, double y)
{
    static const double STEPS[3] = {3, 10, 40};
    learn(f, y);
    int64_t k = f->k;
    ScaleEventAt on = event_at(f, k);
    double usually = usual(f->of_week, f->week, k + f->phase, y);
    f->past[k % f->n_past] = y;
    f->calm[k % f->n_past] = on.kind < 0 ? y : usually;
    if (on.kind >= 0) {
        float *effect = effect_slot(f, &on);
        double now = y - usually;
        *effect = (float)(isnan(*effect) ? now : (double)*effect + EFFECT_SHARE * (now - (double)*effect));
    }
    f->k++;
    f->least = MIN(f->least, 2 * y); /* of a series that goes below 0: far enough */
    f->level = k == 0 ? y : f->level + (y - f->level) / MIN((double)(k + 1), (double)f->day * 7);
    for (int i = 0; i < 3; i++)
        f->ema[i] = k == 0 ? y : f->ema[i] + (y - f->ema[i]) / MIN((double)(k + 1), STEPS[i]);
    double *x = f->x + (k % f->lead) * N_X; /* the row of step k + lead: k % lead is the same slot */
    compare_days(f, k, y);
    describe(f, k, y, x);
    if (on.kind < 0) {
        remember(f->of_day, f->day, k + f->phase, y, 0.25);
        remember(f->of_week, f->week, k + f->phase, y, 0.35);
    }
    if (--f->refit <= 0 && f->r.weight > 10) {
        scale_ridge_fit(&f->r, RIDGE);
        f->refit = MAX(MIN(f->k / 50, 3600 / f->step_s), 1);
    }
    ScaleNearly n = {.middle = y + scale_ridge_ask(&f->r, x)};
    n.middle = isfinite(n.middle) ? MAX(n.middle, f->least) : y; /* a load is never below nothing */
    f->made[k % f->lead] = n.middle;
    int h = (int)((k + f->lead + f->phase) * f->step_s / 3600 % HOURS);
    double by_hour = f->hour_weight[h] > 8 ? f->hour[h] : f->error;
    n.spread = sqrt(MAX(by_hour, 0.3 * f->error) * MAX(f->recent, 0.3 * f->error));
    n.spread = MAX(n.spread, 1e-3 * MAX(f->level, y) + 1e-12);
    n.early = f->k > f->lead + f->day / 2;
    n.ready = f->k > f->lead + READY_DAYS * f->day;
    return n;
}
