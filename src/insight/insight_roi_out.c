/* insight_roi_out.c - returns as JSON. See insight_roi.h. */
#include "insight/insight_estimate.h"
#include "insight/insight_roi.h"

#include <math.h>

static void step_json(Jw *w, const char *name, double amount)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", name);
    jw_kv_f64(w, "amount", amount);
    jw_end(w);
}

static void sum_json(Jw *w, const InsightRoiSum *s)
{
    jw_kv_cstr(w, "name", s->name);
    jw_kv_f64(w, "agent_months", s->agent_months);
    insight_interval_json(w, "value", &s->value);
    insight_interval_json(w, "cost", &s->cost);
    insight_interval_json(w, "net", &s->net);
    jw_kv_f64(w, "net_se_delta", s->net_se_delta);
    insight_interval_json(w, "roi", &s->ratio);
    jw_kv_f64(w, "p_payback", s->pays_back);
    jw_kv_f64(w, "break_even_effect", s->break_even_effect);
    jw_kv_f64(w, "break_even_licence", s->break_even_licence);
    jw_key(w, "waterfall");
    jw_arr(w);
    step_json(w, "value of additional closings", s->value.estimate);
    step_json(w, "coach hours", -s->coach_cost);
    step_json(w, "agent hours", -s->agent_cost);
    step_json(w, "licence", -s->licence_cost);
    step_json(w, "fixed", -s->fixed_cost);
    step_json(w, "net", s->net.estimate);
    jw_end(w);
}

static void sums_json(Jw *w, const char *key, const InsightRoiSum *s, int32_t n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int32_t i = 0; i < n; i++) {
        jw_obj(w);
        sum_json(w, &s[i]);
        jw_end(w);
    }
    jw_end(w);
}

static void moves_json(Jw *w, const InsightRoiPlan *p, const InsightRoi *r)
{
    jw_key(w, "sensitivity");
    jw_arr(w);
    for (int i = 0; i < r->n_moves; i++) {
        const InsightRoiMove *m = &r->move[i];
        const InsightRoiInput *in = &p->input[m->input];
        jw_obj(w);
        jw_kv_cstr(w, "input", insight_roi_role_name(in->role));
        if (in->line > 0)
            jw_kv_i64(w, "line", in->line);
        jw_kv_f64(w, "mean", in->mean);
        jw_kv_f64(w, "se", in->se);
        jw_kv_f64(w, "low", m->at_low);
        jw_kv_f64(w, "high", m->at_high);
        jw_kv_f64(w, "net_at_low", m->net_low);
        jw_kv_f64(w, "net_at_high", m->net_high);
        jw_kv_f64(w, "variance_share", m->share);
        jw_end(w);
    }
    jw_end(w);
}

static void grid_json(Jw *w, const InsightRoi *r)
{
    jw_key(w, "grid");
    jw_arr(w);
    for (int e = 0; e < INSIGHT_ROI_EFFECTS; e++)
        for (int c = 0; c < INSIGHT_ROI_COSTS; c++) {
            jw_obj(w);
            jw_kv_f64(w, "effect_times", r->effect_times[e]);
            jw_kv_f64(w, "cost_times", r->cost_times[c]);
            jw_kv_f64(w, "net", r->grid[e][c]);
            jw_end(w);
        }
    jw_end(w);
}

void insight_roi_json(Jw *w, const InsightRoiPlan *p, const InsightRoi *r)
{
    jw_kv_f64(w, "level", p->level);
    jw_kv_i64(w, "draws", r->draws);
    sum_json(w, &r->total);
    sums_json(w, "groups", r->group, p->n_groups);
    if (p->n_periods)
        sums_json(w, "periods", r->period, p->n_periods);
    moves_json(w, p, r);
    grid_json(w, r);
}
