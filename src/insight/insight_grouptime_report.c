/* insight_grouptime_report.c - effects of groups and times as members of the answer's diagnostics, and the warnings they call for. */
#include "insight/insight_grouptime.h"

#include "base/mem.h"
#include "insight/insight_estimate.h"

#include <math.h>

#define CELLS_SHOWN 2000
#define REJECTED 0.05

static void point_json(Jw *w, const InsightPoint *p)
{
    insight_estimate_members(w, &p->e);
    jw_kv_i64(w, "n_treated", p->n_treated);
    jw_kv_i64(w, "n_control", p->n_control);
}

static void events_json(Jw *w, const InsightAnswer *a)
{
    jw_key(w, "event_study");
    jw_arr(w);
    for (int i = 0; i < a->n_events; i++) {
        jw_obj(w);
        jw_kv_i64(w, "event_time", a->event[i].at);
        point_json(w, &a->event[i]);
        jw_kv_f64(w, "band_low", a->event[i].band_low);
        jw_kv_f64(w, "band_high", a->event[i].band_high);
        jw_end(w);
    }
    jw_end(w);
}

static void points_json(Jw *w, const char *name, const char *key, const InsightData *d, const InsightPanel *p,
                        const InsightPoint *point, int n)
{
    char text[INSIGHT_TIME_TEXT];
    jw_key(w, name);
    jw_arr(w);
    for (int i = 0; i < n; i++) {
        jw_obj(w);
        jw_kv_cstr(w, key, insight_time_text(d, p->time[point[i].at], text));
        point_json(w, &point[i]);
        jw_end(w);
    }
    jw_end(w);
}

static void cells_json(Jw *w, const InsightData *d, const InsightPanel *p, const InsightGroupTimes *g)
{
    char text[INSIGHT_TIME_TEXT];
    jw_kv_i64(w, "cells", g->n_cells);
    jw_key(w, "group_time");
    jw_arr(w);
    for (int64_t i = 0; i < MIN(g->n_cells, CELLS_SHOWN); i++) {
        const InsightCell *c = &g->cell[i];
        jw_obj(w);
        jw_kv_cstr(w, "start", insight_time_text(d, p->time[c->start], text));
        jw_kv_cstr(w, "time", insight_time_text(d, p->time[c->time], text));
        jw_kv_f64(w, "estimate", c->effect);
        jw_kv_i64(w, "n_treated", c->n_treated);
        jw_kv_i64(w, "n_control", c->n_control);
        jw_end(w);
    }
    jw_end(w);
}

static void pretrend_json(Jw *w, const InsightGroupTimes *g)
{
    jw_key(w, "pretrend");
    if (g->leads == 0) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_kv_f64(w, "f", g->pretrend.f);
    jw_kv_i64(w, "df1", g->pretrend.df1);
    jw_kv_f64(w, "df2", g->pretrend.df2);
    jw_kv_f64(w, "p", g->pretrend.p);
    jw_kv_i64(w, "leads", g->leads);
    jw_end(w);
}

/* The event study of the answer: with the base, at which the effect is 0 by construction. */
static void copy_events(const InsightGroupTimes *g, const InsightQuestion *q, InsightAnswer *a)
{
    InsightPoint base = {
        .at = -1 - q->anticipation, .e = {0, NAN, NAN, NAN, NAN, NAN}, .band_low = NAN, .band_high = NAN};
    bool done = false;
    a->event = mem_array((size_t)g->n_events + 1, sizeof *a->event);
    for (int i = 0; i < g->n_events; i++) {
        if (!done && g->event[i].at > base.at) {
            a->event[a->n_events++] = base;
            done = true;
        }
        a->event[a->n_events++] = g->event[i];
    }
    if (!done)
        a->event[a->n_events++] = base;
}

void insight_group_times_report(const InsightData *d, const InsightPanel *p, InsightGroupTimes *g,
                                const InsightQuestion *q, InsightAnswer *a)
{
    copy_events(g, q, a);
    events_json(&a->w, a);
    pretrend_json(&a->w, g);
    a->pretrend_p = g->leads > 0 ? g->pretrend.p : NAN;
    jw_kv_cstr(&a->w, "band", "simultaneous, multiplier bootstrap");
    jw_kv_f64(&a->w, "band_factor", g->band_factor);
    jw_kv_i64(&a->w, "band_draws", g->band_draws);
    if (p->first < p->last) {
        points_json(&a->w, "by_start", "start", d, p, g->group, g->n_groups);
        points_json(&a->w, "by_time", "time", d, p, g->calendar, g->n_calendar);
        cells_json(&a->w, d, p, g);
    }
    if (a->pretrend_p < REJECTED)
        insight_answer_warn(
            a,
            "before the start the treated already changed otherwise than the controls (joint test p = "
            "%.2g): the assumption of parallel trends is in doubt",
            g->pretrend.p);
}

void insight_group_times_warn(const InsightPanel *p, const InsightGroupTimes *g, InsightAnswer *a)
{
    int single = 0;
    for (int i = 0; i < g->n_events; i++)
        single += isnan(g->event[i].e.se);
    if (g->no_base)
        insight_answer_warn(a,
                            "%lld of %d treated units left out: no row at the last time before their start",
                            (long long)g->no_base, (int)p->n_treated);
    if (g->without_controls)
        insight_answer_warn(a,
                            "%lld treated units and times left out: nobody is left to compare with by then",
                            (long long)g->without_controls);
    if (g->too_small)
        insight_answer_warn(a, "%lld groups and times left out: too few controls for the covariates",
                            (long long)g->too_small);
    if (g->not_adjusted)
        insight_answer_warn(
            a,
            "%lld of %lld groups and times without overlap: the covariates tell the treated from the "
            "others; there the effect rests on a regression alone",
            (long long)g->not_adjusted, (long long)g->n_cells);
    if (g->trimmed)
        insight_answer_warn(a, "%lld controls left out of groups and times: they look treated with certainty",
                            (long long)g->trimmed);
    if (single)
        insight_answer_warn(a, "%d event times rest on one treated %s: no standard error there", single,
                            p->clustered ? "cluster" : "unit");
}
