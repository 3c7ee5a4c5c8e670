/* insight_grouptime.c - see insight_grouptime.h.
 *
 * With n1 treated units (or their weight) in a cell, an average over cells is sum n1 ATT / N, N = sum n1. A treated unit adds to it
 * (r - mean of r + ATT - average) / N from each of its cells: its own deviation within the cell and that of the cell, because
 * the starts are drawn with the units. A control adds n1 / N times its part in the cell. Both are added up by cluster; the
 * average itself, not known before the last cell, is taken out at the end. */
#include "insight/insight_grouptime.h"

#include "base/mem.h"
#include "insight/insight_doubt.h"
#include "insight/insight_twobytwo.h"
#include "stats/stats_dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEVER_ENOUGH 10 /* clusters of never treated units that AUTO takes as the only controls */
#define CLUSTERS_PER_LEAD 3
#define BAND_COST_MAX 1e10 /* draws times clusters times event times */

/* Which point an average is: 0 the overall one, then event times, starts, times. */
typedef struct Work {
    const InsightData *d;
    const InsightPanel *p;
    const InsightQuestion *q;
    InsightGroupTimes *g;
    int k, first_event, n_events, at_events, at_groups, at_calendar;
    int *group_of;              /* int[n_times]: which group starts then, -1: none */
    double *part[2], *share[2]; /* double[k][n_clusters] */
    double *sum, *count;        /* double[k]: of n1 ATT, of n1 */
    double *rows, *fitted;      /* double[k]: n1 times controls, n1 times fitted coefficients */
    int64_t *units;             /* int64_t[k]: treated, over all cells */
    int64_t *most_controls;     /* int64_t[k] */
    double *psi;                /* double[k][n_clusters] */
    int64_t cells_cap;
    /* One cell. */
    double *change, *x, *weight;
    bool *treated;
    int32_t *cluster, *unit;
    int64_t *base_row;
    bool *used; /* bool[n_units][2]: as a control, as treated it takes part in a cell from its start on */
    Err last;   /* of a cell that was left out */
} Work;

static void work_done(Work *w)
{
    mem_free(w->group_of);
    for (int s = 0; s < 2; s++) {
        mem_free(w->part[s]);
        mem_free(w->share[s]);
    }
    mem_free(w->sum);
    mem_free(w->count);
    mem_free(w->rows);
    mem_free(w->fitted);
    mem_free(w->units);
    mem_free(w->most_controls);
    mem_free(w->psi);
    mem_free(w->change);
    mem_free(w->x);
    mem_free(w->weight);
    mem_free(w->treated);
    mem_free(w->cluster);
    mem_free(w->unit);
    mem_free(w->used);
    mem_free(w->base_row);
}

static int32_t base_of(const Work *w, int32_t start)
{
    return start - 1 - w->q->anticipation;
}

/* ---- plan ---- */

static ErrKind choose_controls(Work *w, Err *reterr)
{
    const InsightPanel *p = w->p;
    int32_t n = 0;
    CLEANUP(mem_freep) bool *seen = mem_array((size_t)p->n_clusters, sizeof *seen);
    for (int32_t u = 0; u < p->n_units; u++) {
        bool *s = &seen[p->cluster[u]];
        n += !insight_panel_starts(p, u) && !*s;
        *s = *s || !insight_panel_starts(p, u);
    }
    w->g->never = w->q->controls == INSIGHT_CONTROLS_NEVER ||
                  (w->q->controls == INSIGHT_CONTROLS_AUTO && n >= NEVER_ENOUGH);
    if (w->g->never && n == 0)
        return err_set(reterr, ERR_INVALID,
                       "no unit is never treated; those not treated yet may be controls");
    return ERR_NONE;
}

static ErrKind plan(Work *w, Err *reterr)
{
    const InsightPanel *p = w->p;
    InsightGroupTimes *g = w->g;
    w->group_of = mem_array((size_t)p->n_times, sizeof *w->group_of);
    for (int32_t t = 0; t < p->n_times; t++)
        w->group_of[t] = -1;
    for (int32_t u = 0; u < p->n_units; u++)
        if (insight_panel_starts(p, u))
            w->group_of[p->start[u]] = 0;
    for (int32_t t = 0; t < p->n_times; t++)
        if (w->group_of[t] == 0)
            w->group_of[t] = g->n_groups++;
    w->first_event = -p->last;
    w->n_events = p->n_times - p->first - w->first_event;
    w->at_events = 1;
    w->at_groups = w->at_events + w->n_events;
    w->at_calendar = w->at_groups + g->n_groups;
    w->k = w->at_calendar + p->n_times - p->first;
    size_t k = (size_t)w->k, units = (size_t)p->n_units, cells = k * (size_t)p->n_clusters;
    if ((int64_t)cells > INSIGHT_GROUP_CELLS_MAX)
        return err_set(
            reterr, ERR_LIMIT,
            "%d clusters with %d averages over starts and times are too many; give weeks or months as time",
            (int)p->n_clusters, w->k);
    for (int s = 0; s < 2; s++) {
        w->part[s] = mem_array(cells, sizeof(double));
        w->share[s] = mem_array(cells, sizeof(double));
    }
    w->psi = mem_array(cells, sizeof(double));
    w->sum = mem_array(k, sizeof(double));
    w->count = mem_array(k, sizeof(double));
    w->rows = mem_array(k, sizeof(double));
    w->fitted = mem_array(k, sizeof(double));
    w->units = mem_array(k, sizeof(int64_t));
    w->most_controls = mem_array(k, sizeof(int64_t));
    w->change = mem_array(units, sizeof(double));
    w->x = mem_array(units * (size_t)MAX(w->d->n_x, 1), sizeof(double));
    w->weight = p->weight ? mem_array(units, sizeof(double)) : NULL;
    w->treated = mem_array(units, sizeof(bool));
    w->cluster = mem_array(units, sizeof(int32_t));
    w->unit = mem_array(units, sizeof(int32_t));
    w->used = mem_array(2 * units, sizeof(bool));
    w->base_row = mem_array(units, sizeof(int64_t));
    return ERR_NONE;
}

/* ---- cells ---- */

static bool is_control(const Work *w, int32_t unit, int32_t start, int32_t time)
{
    int32_t s = w->p->start[unit], latest = MAX(time, base_of(w, start)) + w->q->anticipation;
    return s != start && s > latest && (!w->g->never || s >= w->p->n_times);
}

/* The units of a cell with rows at the time and at the base; how many. */
static int64_t gather(Work *w, int32_t start, int32_t time)
{
    const InsightPanel *p = w->p;
    int64_t n = 0;
    for (int32_t u = 0; u < p->n_units; u++) {
        bool treated = p->start[u] == start;
        if (!treated && !is_control(w, u, start, time))
            continue;
        int64_t base = insight_panel_row(p, u, base_of(w, start)), now = insight_panel_row(p, u, time);
        if (base < 0 || now < 0)
            continue;
        w->change[n] = w->d->y[now] - w->d->y[base];
        w->treated[n] = treated;
        if (w->weight)
            w->weight[n] = p->weight[u];
        w->cluster[n] = p->cluster[u];
        w->unit[n] = u;
        w->base_row[n++] = base;
    }
    for (int c = 0; c < w->d->n_x; c++)
        for (int64_t i = 0; i < n; i++)
            w->x[i + c * n] = w->d->x[w->base_row[i] + c * w->d->n];
    return n;
}

static void add_to_point(Work *w, int point, const InsightTwoByTwo *e, int64_t n)
{
    double n1 = e->weight;
    double *part[2], *share[2];
    for (int s = 0; s < 2; s++) {
        part[s] = w->part[s] + (int64_t)point * w->p->n_clusters;
        share[s] = w->share[s] + (int64_t)point * w->p->n_clusters;
    }
    w->sum[point] += n1 * e->effect;
    w->count[point] += n1;
    w->units[point] += e->n_treated;
    w->rows[point] += n1 * (double)e->n_control;
    w->fitted[point] += n1 * e->fitted;
    w->most_controls[point] = MAX(w->most_controls[point], e->n_control);
    for (int64_t i = 0; i < n; i++) {
        int s = w->treated[i];
        int32_t c = w->cluster[i];
        part[s][c] += n1 * (e->part[i] + (s ? e->share[i] * e->effect : 0));
        part[0][c] += n1 * e->nuisance[i];
        share[s][c] += n1 * e->share[i];
    }
}

static void keep_cell(Work *w, InsightCell cell)
{
    if (w->g->n_cells == w->cells_cap) {
        w->cells_cap = w->cells_cap ? 2 * w->cells_cap : 64;
        w->g->cell = mem_grow(w->g->cell, (size_t)w->cells_cap, sizeof *w->g->cell);
    }
    w->g->cell[w->g->n_cells++] = cell;
}

static ErrKind add_cell(Work *w, int32_t start, int32_t time, Err *reterr)
{
    InsightGroupTimes *g = w->g;
    CLEANUP(insight_twobytwo_done) InsightTwoByTwo e = {0};
    int64_t n = gather(w, start, time), treated = 0;
    for (int64_t i = 0; i < n; i++)
        treated += w->treated[i];
    if (treated == n && time >= start)
        g->without_controls += treated;
    if (treated == 0 || treated == n)
        return ERR_NONE;
    ErrKind kind = insight_twobytwo(w->change, w->treated, w->x, w->weight, n, w->d->n_x, &e, &w->last);
    if (kind == ERR_INVALID && w->d->n_x > 0) {
        g->too_small++;
        return ERR_NONE;
    }
    if (kind != ERR_NONE)
        return err_set(reterr, kind, "%s", w->last.msg);
    g->not_adjusted += e.no_overlap;
    g->trimmed += e.trimmed;
    keep_cell(w, (InsightCell){start, time, e.n_treated, e.n_control, e.effect});
    add_to_point(w, w->at_events + time - start - w->first_event, &e, n);
    if (time < start)
        return ERR_NONE;
    for (int64_t i = 0; i < n; i++)
        w->used[2 * w->unit[i] + w->treated[i]] = true;
    add_to_point(w, 0, &e, n);
    add_to_point(w, w->at_groups + w->group_of[start], &e, n);
    add_to_point(w, w->at_calendar + time - w->p->first, &e, n);
    return ERR_NONE;
}

static ErrKind add_cells(Work *w, Err *reterr)
{
    const InsightPanel *p = w->p;
    for (int32_t u = 0; u < p->n_units; u++) {
        int32_t base = insight_panel_starts(p, u) ? base_of(w, p->start[u]) : 0;
        w->g->no_base += base < 0 || (insight_panel_starts(p, u) && insight_panel_row(p, u, base) < 0);
    }
    for (int32_t start = 0; start < p->n_times; start++) {
        if (w->group_of[start] < 0 || base_of(w, start) < 0)
            continue;
        if (deadline_passed(w->q->by))
            return err_set(reterr, ERR_TIMEOUT, "effects of groups and times: out of time");
        for (int32_t time = 0; time < p->n_times; time++)
            if (time != base_of(w, start))
                TRY(add_cell(w, start, time, reterr));
    }
    if (w->count[0] > 0)
        return ERR_NONE;
    if (w->g->too_small)
        return err_set(reterr, ERR_INVALID, "no group can be adjusted: %s", w->last.msg);
    return err_set(
        reterr, ERR_INVALID,
        w->g->without_controls
            ? "nobody who has not started yet, or never does, is left to compare with"
            : "no treated unit has a row at its base, the last time before its start and anticipation");
}

/* ---- averages ---- */

static InsightPoint point_of(Work *w, int point, int32_t at)
{
    int32_t clusters = w->p->n_clusters;
    double n = w->count[point], effect = w->sum[point] / n;
    double *part[2], *share[2], *psi = w->psi + (int64_t)point * clusters;
    for (int s = 0; s < 2; s++) {
        part[s] = w->part[s] + (int64_t)point * clusters;
        share[s] = w->share[s] + (int64_t)point * clusters;
    }
    for (int32_t c = 0; c < clusters; c++) {
        part[1][c] = (part[1][c] - effect * share[1][c]) / n;
        part[0][c] /= n;
        share[0][c] /= n;
        share[1][c] /= n;
    }
    StatsInfluence f = {.n = clusters,
                        .part = {part[0], part[1]},
                        .share = {share[0], share[1]},
                        .fitted = {w->fitted[point] / n},
                        .rows = {w->rows[point] / n}};
    return (InsightPoint){.at = at,
                          .e = stats_influence(effect, &f, w->q->level, psi),
                          .band_low = NAN,
                          .band_high = NAN,
                          .n_treated = w->units[point],
                          .n_control = w->most_controls[point]};
}

/* The points that have cells; *ret_n of them. */
static InsightPoint *points(Work *w, int first, int n, int32_t at, int *ret_n)
{
    InsightPoint *out = mem_array((size_t)MAX(n, 1), sizeof *out);
    *ret_n = 0;
    for (int i = 0; i < n; i++)
        if (w->count[first + i] > 0)
            out[(*ret_n)++] = point_of(w, first + i, at + i);
    return out;
}

static const double *psi_of_event(const Work *w, int32_t at)
{
    return w->psi + (int64_t)(w->at_events + at - w->first_event) * w->p->n_clusters;
}

/* Of the event times' points, put together so that they lie beside each other. */
static void band(Work *w)
{
    InsightGroupTimes *g = w->g;
    int32_t clusters = w->p->n_clusters;
    CLEANUP(mem_freep) double *psi = mem_array((size_t)MAX(g->n_events, 1) * (size_t)clusters, sizeof *psi);
    CLEANUP(mem_freep) double *se = mem_array((size_t)MAX(g->n_events, 1), sizeof *se);
    for (int i = 0; i < g->n_events; i++) {
        se[i] = g->event[i].e.se;
        if (isfinite(se[i]))
            memcpy(psi + (int64_t)i * clusters, psi_of_event(w, g->event[i].at),
                   (size_t)clusters * sizeof *psi);
    }
    g->band_draws = (int)fmin(w->q->draws, fmax(200, BAND_COST_MAX / clusters / MAX(g->n_events, 1)));
    g->band_factor =
        stats_influence_band(psi, se, g->n_events, clusters, g->band_draws, w->q->level, w->q->seed);
    g->overall_factor =
        stats_influence_band(w->psi, &g->overall.e.se, 1, clusters, g->band_draws, w->q->level, w->q->seed);
    double z = stats_t_quantile(0.5 + w->q->level / 2, INFINITY);
    for (int i = 0; i < g->n_events; i++) {
        InsightPoint *e = &g->event[i];
        double t = stats_t_quantile(0.5 + w->q->level / 2, e->e.df);
        double reach =
            fmax(1, g->band_factor / z) * t * e->e.se; /* few clusters: wider as their interval is */
        e->band_low = e->e.estimate - reach;
        e->band_high = e->e.estimate + reach;
    }
}

/* The leads nearest to the start, not more than the clusters of either side can carry. */
static ErrKind pretrend(Work *w, Err *reterr)
{
    InsightGroupTimes *g = w->g;
    int32_t clusters = w->p->n_clusters;
    int most = MAX(1, MIN(g->treated_clusters, g->control_clusters) / CLUSTERS_PER_LEAD);
    CLEANUP(mem_freep) double *psi = mem_array((size_t)most * (size_t)clusters, sizeof *psi);
    CLEANUP(mem_freep) double *estimate = mem_array((size_t)most, sizeof *estimate);
    double rounding = INSIGHT_ROUNDING * insight_spread(w->d->y, w->d->n);
    for (int i = g->n_events - 1; i >= 0 && g->leads < most; i--) {
        const InsightPoint *e = &g->event[i];
        if (e->at >= -1 - w->q->anticipation || !(e->e.se > rounding))
            continue;
        memcpy(psi + (int64_t)g->leads * clusters, psi_of_event(w, e->at), (size_t)clusters * sizeof *psi);
        estimate[g->leads++] = e->e.estimate;
    }
    if (g->leads == 0)
        return ERR_NONE;
    return stats_influence_wald(estimate, psi, g->leads, clusters, &g->pretrend, reterr);
}

static void count_parts(Work *w)
{
    for (int32_t u = 0; u < w->p->n_units; u++) {
        w->g->treated_units += w->used[2 * u + 1];
        w->g->control_units += w->used[2 * u];
    }
    for (int32_t c = 0; c < w->p->n_clusters; c++) {
        w->g->treated_clusters += w->share[1][c] > 0;
        w->g->control_clusters += w->share[0][c] > 0;
    }
}

static ErrKind average(Work *w, Err *reterr)
{
    InsightGroupTimes *g = w->g;
    const InsightPanel *p = w->p;
    g->overall = point_of(w, 0, 0);
    g->event = points(w, w->at_events, w->n_events, w->first_event, &g->n_events);
    g->group = points(w, w->at_groups, g->n_groups, 0, &g->n_groups);
    g->calendar = points(w, w->at_calendar, p->n_times - p->first, p->first, &g->n_calendar);
    for (int i = 0; i < g->n_groups; i++) /* from the group's number to its start */
        for (int32_t t = 0; t < p->n_times; t++)
            if (w->group_of[t] == g->group[i].at) {
                g->group[i].at = t;
                break;
            }
    count_parts(w);
    band(w);
    return pretrend(w, reterr);
}

ErrKind insight_group_times(const InsightData *d, const InsightPanel *p, const InsightQuestion *q,
                            InsightGroupTimes **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_group_times_freep) InsightGroupTimes *g = MEM_NEW(InsightGroupTimes);
    CLEANUP(work_done) Work w = {.d = d, .p = p, .q = q, .g = g};
    TRY(choose_controls(&w, reterr));
    TRY(plan(&w, reterr));
    TRY(add_cells(&w, reterr));
    TRY(average(&w, reterr));
    *ret = g;
    g = NULL;
    return ERR_NONE;
}

void insight_group_times_free(InsightGroupTimes *g)
{
    if (!g)
        return;
    mem_free(g->cell);
    mem_free(g->event);
    mem_free(g->group);
    mem_free(g->calendar);
    mem_free(g);
}
