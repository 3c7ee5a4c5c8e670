/* insight_did_panel.c - difference in differences of a panel: every unit is followed over time, one common start.
 *
 *   balanced, no covariates     change of each unit (mean of after - mean of before) on its group: the same estimate as the
 *                               regression with unit and time effects, at the size of the units
 *   unbalanced                  rows without their unit's means, on treatment and a column for each time
 *   covariates                  doubly robust on the changes (insight_twobytwo.h), covariates as of the last row before */
#include "base/mem.h"
#include "insight/insight_did.h"
#include "insight/insight_grouptime.h"
#include "insight/insight_panel.h"
#include "insight/insight_twobytwo.h"
#include "stats/stats_influence.h"

#include <math.h>

/* The panel with what did makes of it: times before `end_before` are before, from `start` on after. */
typedef struct Times {
    const InsightData *d;
    const InsightPanel *p;
    int32_t end_before, start;
} Times;

static bool counts(const Times *t, int32_t time)
{
    return time < t->end_before || time >= t->start;
}

static ErrKind one_start(const InsightData *d, const InsightPanel *p, Err *reterr)
{
    char first[INSIGHT_TIME_TEXT], last[INSIGHT_TIME_TEXT];
    if (p->first == p->last)
        return ERR_NONE;
    return err_set(
        reterr, ERR_INVALID,
        "did: units start at different times (%s to %s), so that early ones would serve as controls of late "
        "ones after their own start; staggered-did is made for this",
        insight_time_text(d, p->time[p->first], first), insight_time_text(d, p->time[p->last], last));
}

static ErrKind check_clusters(const InsightPanel *p, InsightAnswer *a, Err *reterr)
{
    int32_t n[2] = {0};
    CLEANUP(mem_freep) bool *seen = mem_array(2 * (size_t)p->n_clusters, sizeof *seen);
    for (int32_t u = 0; u < p->n_units; u++) {
        int side = insight_panel_starts(p, u);
        bool *s = &seen[2 * p->cluster[u] + side];
        n[side] += !*s;
        *s = true;
    }
    return insight_check_sides("did", n[1], n[0], p->clustered, a, reterr);
}

static void report(const Times *t, const InsightQuestion *q, InsightAnswer *a)
{
    char text[INSIGHT_TIME_TEXT];
    const InsightPanel *p = t->p;
    CLEANUP(insight_did_cells_done) InsightDidCells c = insight_did_cells((int64_t)p->n_units * p->n_times);
    for (int32_t u = 0; u < p->n_units; u++)
        for (int32_t s = 0; s < p->n_times; s++) {
            int64_t i = insight_panel_row(p, u, s);
            if (i >= 0 && counts(t, s))
                insight_did_count(&c, insight_panel_starts(p, u), s >= t->start, t->d->y[i],
                                  p->weight ? p->weight[u] : 1);
        }
    a->n_treated = p->n_treated;
    a->n_control = p->n_units - p->n_treated;
    jw_kv_cstr(&a->w, "design", "panel");
    jw_kv_cstr(&a->w, "start", insight_time_text(t->d, p->time[t->start], text));
    jw_kv_i64(&a->w, "times_before", t->end_before);
    jw_kv_i64(&a->w, "times_after", p->n_times - t->start);
    jw_kv_i64(&a->w, "units", p->n_units);
    jw_kv_i64(&a->w, "clusters", p->n_clusters);
    jw_kv_bool(&a->w, "balanced", p->balanced);
    insight_did_report(&c, q, a);
}

/* Mean of after minus mean of before; NAN when the unit lacks one of them. *ret_row: its last row of before. */
static double change_of(const Times *t, int32_t unit, int64_t *ret_row)
{
    double sum[2] = {0}, n[2] = {0};
    *ret_row = -1;
    for (int32_t s = 0; s < t->p->n_times; s++) {
        int64_t i = insight_panel_row(t->p, unit, s);
        if (i < 0 || !counts(t, s))
            continue;
        int after = s >= t->start;
        sum[after] += t->d->y[i];
        n[after]++;
        if (!after)
            *ret_row = i;
    }
    return sum[1] / n[1] - sum[0] / n[0];
}

/* ---- no covariates ---- */

static ErrKind fit_changes(const Times *t, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    const InsightPanel *p = t->p;
    int64_t n = p->n_units, row;
    CLEANUP(mem_freep) double *x = mem_array(2 * (size_t)n, sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)n, sizeof *y);
    for (int32_t u = 0; u < n; u++) {
        x[u] = insight_panel_starts(p, u);
        x[u + n] = 1;
        y[u] = change_of(t, u, &row);
    }
    InsightDid r = {.n = n, .k = 2, .x = x, .y = y, .weight = p->weight};
    if (p->clustered)
        r.clusters = (StatsClusters){p->cluster, p->n_clusters};
    return insight_did_fit(&r, q, a, reterr);
}

/* Treatment and a column for each time but the first, of the rows that count, without the unit's means. */
static ErrKind fit_rows(const Times *t, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    const InsightPanel *p = t->p;
    int k = p->n_times;
    if (k > INSIGHT_DID_TIMES_MAX)
        return err_set(
            reterr, ERR_INVALID,
            "did: not every unit has a row at each of %d times: at most %d times then; give weeks or months "
            "as time",
            k, INSIGHT_DID_TIMES_MAX);
    int64_t n = 0;
    for (int64_t c = 0; c < (int64_t)p->n_units * p->n_times; c++)
        n += p->row[c] >= 0 && counts(t, (int32_t)(c % p->n_times));
    if (n * k > INSIGHT_CELLS_MAX)
        return err_set(reterr, ERR_LIMIT, "did: %lld rows at %d times are too many", (long long)n, k);
    CLEANUP(mem_freep) double *x = mem_array((size_t)n * (size_t)k, sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)n, sizeof *y);
    CLEANUP(mem_freep) int32_t *cluster = mem_array((size_t)n, sizeof *cluster);
    CLEANUP(mem_freep) double *weight = p->weight ? mem_array((size_t)n, sizeof *weight) : NULL;
    int64_t at = 0;
    for (int32_t u = 0; u < p->n_units; u++) {
        int64_t begin = at;
        for (int32_t s = 0; s < p->n_times; s++) {
            int64_t i = insight_panel_row(p, u, s);
            if (i < 0 || !counts(t, s))
                continue;
            x[at] = insight_panel_starts(p, u) && s >= t->start;
            if (s > 0)
                x[at + s * n] = 1;
            y[at] = t->d->y[i];
            if (weight)
                weight[at] = p->weight[u];
            cluster[at++] = p->cluster[u];
        }
        for (int c = -1; c < k && at > begin; c++) {
            double *v = c < 0 ? y : x + c * n, sum = 0;
            for (int64_t i = begin; i < at; i++)
                sum += v[i];
            for (int64_t i = begin; i < at; i++)
                v[i] -= sum / (double)(at - begin);
        }
    }
    InsightDid r = {.n = n, .k = k, .x = x, .y = y, .weight = weight, .clusters = {cluster, p->n_clusters}};
    return insight_did_fit(&r, q, a, reterr);
}

/* ---- covariates ---- */

/* The units that have rows of before and of after. */
typedef struct Whole {
    int64_t n;
    double *change, *x, *weight;
    bool *treated;
    int32_t *cluster;
} Whole;

static void whole_done(Whole *w)
{
    mem_free(w->change);
    mem_free(w->x);
    mem_free(w->weight);
    mem_free(w->treated);
    mem_free(w->cluster);
}

static Whole whole_units(const Times *t)
{
    const InsightPanel *p = t->p;
    size_t units = (size_t)p->n_units, k = (size_t)t->d->n_x;
    Whole w = {.change = mem_array(units, sizeof(double)),
               .x = mem_array(units * k, sizeof(double)),
               .weight = p->weight ? mem_array(units, sizeof(double)) : NULL,
               .treated = mem_array(units, sizeof(bool)),
               .cluster = mem_array(units, sizeof(int32_t))};
    CLEANUP(mem_freep) int64_t *row = mem_array(units, sizeof *row);
    for (int32_t u = 0; u < p->n_units; u++) {
        double change = change_of(t, u, &row[w.n]);
        if (isnan(change))
            continue;
        w.change[w.n] = change;
        if (w.weight)
            w.weight[w.n] = p->weight[u];
        w.treated[w.n] = insight_panel_starts(p, u);
        w.cluster[w.n++] = p->cluster[u];
    }
    for (size_t c = 0; c < k; c++)
        for (int64_t i = 0; i < w.n; i++)
            w.x[i + (int64_t)c * w.n] = t->d->x[row[i] + (int64_t)c * t->d->n];
    return w;
}

/* From single units to clusters. */
static StatsEstimate influence_of(const Whole *w, const InsightTwoByTwo *e, int32_t n_clusters, double level)
{
    size_t n = (size_t)n_clusters;
    CLEANUP(mem_freep) double *room = mem_array(4 * n, sizeof *room);
    double *part[2] = {room, room + n}, *share[2] = {room + 2 * n, room + 3 * n};
    for (int64_t i = 0; i < w->n; i++) {
        int side = w->treated[i];
        part[side][w->cluster[i]] += e->part[i];
        part[0][w->cluster[i]] += e->nuisance[i];
        share[side][w->cluster[i]] += e->share[i];
    }
    StatsInfluence f = {.n = n_clusters,
                        .part = {part[0], part[1]},
                        .share = {share[0], share[1]},
                        .fitted = {e->fitted},
                        .rows = {(double)e->n_control, (double)e->n_treated}};
    return stats_influence(e->effect, &f, level, NULL);
}

static ErrKind fit_adjusted(const Times *t, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(whole_done) Whole w = whole_units(t);
    CLEANUP(insight_twobytwo_done) InsightTwoByTwo plain = {0};
    CLEANUP(insight_twobytwo_done) InsightTwoByTwo e = {0};
    if (w.n < t->p->n_units)
        insight_answer_warn(a, "%d units left out: no row of before or none of after",
                            (int)(t->p->n_units - w.n));
    TRY(insight_twobytwo(w.change, w.treated, NULL, w.weight, w.n, 0, &plain, reterr));
    TRY(insight_twobytwo(w.change, w.treated, w.x, w.weight, w.n, t->d->n_x, &e, reterr));
    a->n_treated = e.n_treated;
    a->n_control = e.n_control;
    a->effect = influence_of(&w, &e, t->p->n_clusters, q->level);
    if (e.no_overlap)
        insight_answer_warn(
            a, "no overlap: the covariates tell the treated from the others; the controls are not "
               "weighted, the effect rests on a regression alone");
    if (e.trimmed)
        insight_answer_warn(a, "%lld controls left out: they look treated with certainty",
                            (long long)e.trimmed);
    jw_kv_cstr(&a->w, "adjustment", e.no_overlap ? "outcome regression" : "doubly robust");
    jw_kv_f64(&a->w, "unadjusted", plain.effect);
    jw_kv_cstr(&a->w, "variance", "influence function");
    return ERR_NONE;
}

/* The event study beside the effect; where its cells are too small there is none. */
static ErrKind report_events(const Times *t, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(insight_group_times_freep) InsightGroupTimes *g = NULL;
    ErrKind kind = insight_group_times(t->d, t->p, q, &g, reterr);
    if (kind == ERR_INVALID)
        return ERR_NONE;
    TRY(kind);
    insight_group_times_report(t->d, t->p, g, q, a);
    return ERR_NONE;
}

ErrKind insight_did_panel(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    TRY(insight_panel_new(d, a, &p, reterr));
    TRY(one_start(d, p, reterr));
    TRY(check_clusters(p, a, reterr));
    Times t = {.d = d, .p = p, .end_before = p->first - q->anticipation, .start = p->first};
    if (t.end_before < 1)
        return err_set(reterr, ERR_INVALID,
                       "did: %d times before the start, all of them within the anticipation", (int)p->first);
    report(&t, q, a);
    if (p->n_times > 2)
        TRY(report_events(&t, q, a, reterr));
    if (d->n_x > 0)
        return fit_adjusted(&t, q, a, reterr);
    return p->balanced ? fit_changes(&t, q, a, reterr) : fit_rows(&t, q, a, reterr);
}
