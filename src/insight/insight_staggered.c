/* insight_staggered.c - difference in differences of units that start at different times (insight_grouptime.h), beside the
 * regression with unit and time effects that does not allow for that (insight_twfe.h). */
#include "base/mem.h"
#include "insight/insight_grouptime.h"
#include "insight/insight_twfe.h"

#include <math.h>

#define UNEVEN 1.5           /* longest step over the shortest: months are within it */
#define ALREADY_TREATED 0.05 /* share of comparisons of the regression that is worth a warning */

static void report_panel(const InsightData *d, const InsightPanel *p, const InsightGroupTimes *g,
                         InsightAnswer *a)
{
    char text[INSIGHT_TIME_TEXT];
    double shortest = INFINITY, longest = 0;
    int32_t never = 0;
    for (int32_t u = 0; u < p->n_units; u++)
        never += !insight_panel_starts(p, u);
    for (int32_t t = 1; t < p->n_times; t++) {
        shortest = fmin(shortest, p->time[t] - p->time[t - 1]);
        longest = fmax(longest, p->time[t] - p->time[t - 1]);
    }
    if (longest > UNEVEN * shortest)
        insight_answer_warn(
            a, "the times are unevenly spaced: times since the start are counted in steps, not in length");
    jw_kv_cstr(&a->w, "design", "staggered");
    jw_kv_cstr(&a->w, "controls", g->never ? "never treated" : "not yet treated");
    jw_kv_i64(&a->w, "units", p->n_units);
    jw_kv_i64(&a->w, "never_treated", never);
    jw_kv_i64(&a->w, "always_treated", p->always);
    jw_kv_i64(&a->w, "clusters", p->n_clusters);
    jw_kv_i64(&a->w, "times", p->n_times);
    jw_kv_cstr(&a->w, "first_start", insight_time_text(d, p->time[p->first], text));
    jw_kv_cstr(&a->w, "last_start", insight_time_text(d, p->time[p->last], text));
    jw_kv_bool(&a->w, "balanced", p->balanced);
    jw_kv_cstr(&a->w, "adjustment", d->n_x > 0 ? "doubly robust" : "none");
    jw_kv_cstr(&a->w, "variance", "influence function by cluster");
}

static void report_bootstrap(const InsightGroupTimes *g, InsightAnswer *a)
{
    const StatsEstimate *e = &g->overall.e;
    jw_key(&a->w, "bootstrap");
    jw_obj(&a->w);
    jw_kv_f64(&a->w, "ci_low", e->estimate - g->overall_factor * e->se);
    jw_kv_f64(&a->w, "ci_high", e->estimate + g->overall_factor * e->se);
    jw_kv_i64(&a->w, "draws", g->band_draws);
    jw_kv_cstr(&a->w, "weights", "webb");
    jw_end(&a->w);
}

static ErrKind report_twfe(const InsightData *d, const InsightPanel *p, const InsightQuestion *q,
                           InsightAnswer *a, Err *reterr)
{
    InsightTwfe f;
    ErrKind kind = insight_twfe(d, p, q->level, &f, reterr);
    if (kind == ERR_INVALID) /* it is shown beside the effect only */
        return ERR_NONE;
    TRY(kind);
    jw_key(&a->w, "two_way_fixed_effects");
    jw_obj(&a->w);
    jw_kv_f64(&a->w, "estimate", f.effect.estimate);
    jw_kv_f64(&a->w, "se", f.effect.se);
    jw_kv_f64(&a->w, "already_treated_controls", f.already_treated);
    jw_end(&a->w);
    if (f.already_treated > ALREADY_TREATED)
        insight_answer_warn(
            a,
            "a regression with unit and time effects would say %.4g; %.0f %% of its comparisons take units "
            "for controls that are treated already",
            f.effect.estimate, 100 * f.already_treated);
    return ERR_NONE;
}

/* The treated rows of from their start on against all others. */
static StatsEstimate naive(const InsightData *d, const InsightPanel *p, double level)
{
    size_t cells = (size_t)p->n_units * (size_t)p->n_times;
    CLEANUP(mem_freep) double *y = mem_array(cells, sizeof *y);
    CLEANUP(mem_freep) double *t = mem_array(cells, sizeof *t);
    int64_t n = 0;
    for (int32_t u = 0; u < p->n_units; u++)
        for (int32_t s = 0; s < p->n_times; s++) {
            int64_t i = insight_panel_row(p, u, s);
            if (i < 0)
                continue;
            y[n] = d->y[i];
            t[n++] = s >= p->start[u];
        }
    return insight_naive(y, t, n, level);
}

ErrKind insight_staggered(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    CLEANUP(insight_group_times_freep) InsightGroupTimes *g = NULL;
    a->estimand = INSIGHT_ATT;
    insight_warn_unused(d, a);
    TRY(insight_panel_new(d, a, &p, reterr));
    TRY(insight_group_times(d, p, q, &g, reterr));
    TRY(insight_check_sides("staggered-did", g->treated_clusters, g->control_clusters, p->clustered, a,
                            reterr));
    a->naive = naive(d, p, q->level);
    a->effect = g->overall.e;
    a->n_treated = g->treated_units;
    a->n_control = g->control_units;
    report_panel(d, p, g, a);
    report_bootstrap(g, a);
    insight_group_times_report(d, p, g, q, a);
    insight_group_times_warn(p, g, a);
    return report_twfe(d, p, q, a, reterr);
}
