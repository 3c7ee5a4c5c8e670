/* insight_history.c - panels out of a history: pure. See insight_history.h. */
#include "insight/insight_history.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

/* ---- names --------------------------------------------------------------------------------------------------------- */

int32_t insight_names_find(const InsightNames *names, Str name)
{
    for (int32_t i = 0; i < names->n; i++)
        if (str_eq_c(name, names->name[i]))
            return i;
    return -1;
}

int32_t insight_names_add(InsightNames *names, Str name)
{
    int32_t at = insight_names_find(names, name);
    if (at >= 0)
        return at;
    names->name = mem_grow(names->name, (size_t)names->n + 1, sizeof *names->name);
    names->name[names->n] = mem_zalloc(name.len + 1);
    memcpy(names->name[names->n], name.ptr, name.len);
    return names->n++;
}

static void names_done(InsightNames *names)
{
    for (int32_t i = 0; i < names->n; i++)
        mem_free(names->name[i]);
    mem_free(names->name);
}

void insight_history_free(InsightHistory *h)
{
    if (!h)
        return;
    names_done(&h->key);
    names_done(&h->coach);
    mem_free(h->agent);
    mem_free(h->closings);
    mem_free(h->commission);
    mem_free(h->start);
    mem_free(h->office);
    mem_free(h);
}

/* ---- tiers --------------------------------------------------------------------------------------------------------- */

void insight_history_tiers(InsightHistory *h)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)MAX(h->n_agents, 1), sizeof *v);
    int32_t day = h->first_day + INSIGHT_PER_DAYS * h->tier_period;
    int64_t n = 0;
    for (int32_t i = 0; i < h->n_agents; i++) {
        InsightAgent *a = &h->agent[i];
        bool there = h->tier_period < h->n_periods && a->closings_from <= day && a->to > day;
        a->tier = there ? 0 : INSIGHT_ALL_TIERS;
        if (there)
            v[n++] = a->before;
    }
    double low = stats_quantile(v, n, 1.0 / 3), high = stats_quantile(v, n, 2.0 / 3);
    for (int32_t i = 0; i < h->n_agents; i++) {
        InsightAgent *a = &h->agent[i];
        if (a->tier != INSIGHT_ALL_TIERS)
            a->tier = (a->before > low) + (a->before > high);
    }
}

/* ---- who starts when ----------------------------------------------------------------------------------------------- */

/* Periods: when it begins for an agent, and from when on the agent is in no panel; n_periods: never. */
typedef struct Begin {
    int own, out;
} Begin;

static int period_of(const InsightHistory *h, int32_t day)
{
    if (day >= h->to)
        return h->n_periods;
    return day < h->first_day ? 0 : (day - h->first_day) / INSIGHT_PER_DAYS;
}

static bool is_focal(const InsightHistory *h, const InsightAsk *ask, int32_t agent, const InsightStart *first)
{
    if (ask->scope == INSIGHT_SCOPE_COACH)
        return first->coach == ask->which;
    return ask->scope != INSIGHT_SCOPE_OFFICE || h->agent[agent].office == ask->which;
}

/* The earliest start of each agent that counts; day INT32_MAX: none. On one day that of the lower number first. */
static InsightStart *first_starts(const InsightHistory *h, const bool *keys)
{
    InsightStart *first = mem_array((size_t)MAX(h->n_agents, 1), sizeof *first);
    for (int32_t i = 0; i < h->n_agents; i++)
        first[i] = (InsightStart){.agent = i, .key = -1, .coach = -1, .day = INT32_MAX};
    for (int64_t i = 0; i < h->n_starts; i++) {
        const InsightStart *s = &h->start[i];
        if ((!keys || (s->key >= 0 && keys[s->key])) && s->day < first[s->agent].day)
            first[s->agent] = *s;
    }
    return first;
}

static Begin begin_of(const InsightHistory *h, const InsightAsk *ask, const InsightStart *first)
{
    int period = first->day == INT32_MAX ? h->n_periods : period_of(h, first->day);
    if (period == h->n_periods || is_focal(h, ask, first->agent, first))
        return (Begin){period, h->n_periods};
    return (Begin){h->n_periods, period};
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

typedef struct Span {
    int from, to; /* periods that are in the panel */
} Span;

static Span span_of(const InsightHistory *h, const InsightAsk *ask, const InsightAgent *a, Begin b)
{
    int32_t from = ask->outcome == INSIGHT_COMMISSION ? a->commission_from : a->closings_from;
    if (ask->tier != INSIGHT_ALL_TIERS && a->tier != ask->tier)
        return (Span){0, 0};
    if (from >= h->to || a->to <= h->first_day)
        return (Span){0, 0};
    int begins = from <= h->first_day ? 0 : (from - h->first_day + INSIGHT_PER_DAYS - 1) / INSIGHT_PER_DAYS;
    int ends = a->to >= h->to ? h->n_periods : (a->to - h->first_day) / INSIGHT_PER_DAYS;
    if (ask->tier != INSIGHT_ALL_TIERS)
        begins = MAX(begins, h->tier_period - 1);
    return (Span){begins, MAX(begins, MIN(ends, b.out))};
}

static InsightData *new_data(int64_t n, int32_t units)
{
    InsightData *d = MEM_NEW(InsightData);
    size_t rows = (size_t)MAX(n, 1);
    d->n = n;
    d->y = mem_array(rows, sizeof *d->y);
    d->t = mem_array(rows, sizeof *d->t);
    d->time = mem_array(rows, sizeof *d->time);
    d->time_kind = INSIGHT_TIME_DATE;
    d->first_treated = mem_array(rows, sizeof *d->first_treated);
    d->unit.id = mem_array(rows, sizeof *d->unit.id);
    d->unit.n = units;
    d->unit.name = mem_array((size_t)MAX(units, 1), sizeof *d->unit.name);
    d->warnings = (Buf)BUF(INSIGHT_DIAGNOSTICS_MAX);
    return d;
}

static int32_t day_of(const InsightHistory *h, int period)
{
    return h->first_day + INSIGHT_PER_DAYS * period;
}

static void fill_unit(const InsightHistory *h, const InsightAsk *ask, int32_t agent, int32_t unit, Begin b,
                      Span s, InsightData *d, int64_t *at)
{
    const double *y = ask->outcome == INSIGHT_COMMISSION ? h->commission : h->closings;
    for (int p = s.from; p < s.to; p++, (*at)++) {
        d->y[*at] = y[(int64_t)agent * h->n_periods + p];
        d->t[*at] = p >= b.own;
        d->time[*at] = day_of(h, p);
        d->first_treated[*at] = b.own == h->n_periods ? INFINITY : day_of(h, b.own);
        d->unit.id[*at] = unit;
    }
}

static void sum_up(const InsightHistory *h, const InsightData *d, int first_start, int last,
                   InsightPanelSum *ret)
{
    double sum = 0, n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        bool without = d->t[i] == 0 && d->time[i] >= day_of(h, first_start);
        sum += without ? d->y[i] : 0;
        n += without;
    }
    ret->control_mean = n > 0 ? sum / n : NAN;
    ret->last_day = last < 0 ? INT32_MIN : day_of(h, last) - 1;
}

InsightData *insight_history_data(const InsightHistory *h, const InsightAsk *ask, InsightPanelSum *ret)
{
    bool by_key = ask->scope == INSIGHT_SCOPE_INTERVENTION || ask->scope == INSIGHT_SCOPE_PROGRAMME;
    CLEANUP(mem_freep) InsightStart *first = first_starts(h, by_key ? ask->keys : NULL);
    CLEANUP(mem_freep) Begin *begin = mem_array((size_t)MAX(h->n_agents, 1), sizeof *begin);
    CLEANUP(mem_freep) Span *span = mem_array((size_t)MAX(h->n_agents, 1), sizeof *span);
    int64_t rows = 0, at = 0;
    int32_t units = 0, unit = 0;
    int first_period = h->n_periods, first_start = h->n_periods, last = -1;
    *ret = (InsightPanelSum){0};
    for (int32_t i = 0; i < h->n_agents; i++) {
        begin[i] = begin_of(h, ask, &first[i]);
        span[i] = span_of(h, ask, &h->agent[i], begin[i]);
        if (span[i].from == span[i].to)
            continue;
        bool starts = begin[i].own > span[i].from && begin[i].own < span[i].to;
        units++;
        rows += span[i].to - span[i].from;
        ret->starters += starts;
        ret->others += begin[i].own >= span[i].to;
        first_start = starts ? MIN(first_start, begin[i].own) : first_start;
        first_period = MIN(first_period, span[i].from);
        last = MAX(last, span[i].to);
    }
    InsightData *d = new_data(rows, units);
    for (int32_t i = 0; i < h->n_agents; i++)
        if (span[i].from < span[i].to)
            fill_unit(h, ask, i, unit++, begin[i], span[i], d, &at);
    ret->first_day = units > 0 ? day_of(h, first_period) : INT32_MIN;
    sum_up(h, d, first_start, last, ret);
    return d;
}
