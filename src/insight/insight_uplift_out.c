/* insight_uplift_out.c - for whom it works, as JSON and as a picture. See insight_uplift.h. */
#include "insight/insight_estimate.h"
#include "insight/insight_uplift.h"

#include <math.h>

static void breakdown_members(Jw *w, const InsightBreakdown *b)
{
    jw_kv_cstr(w, "name", b->name);
    jw_key(w, "groups");
    jw_arr(w);
    for (int g = 0; g < b->n; g++) {
        const InsightPart *p = &b->part[g];
        jw_obj(w);
        jw_kv_cstr(w, "name", p->name);
        jw_kv_i64(w, "n_treated", p->n_treated);
        jw_kv_i64(w, "n_control", p->n - p->n_treated);
        insight_estimate_members(w, &p->effect);
        jw_kv_f64(w, "p_holm", p->p_holm);
        jw_kv_f64(w, "ci_low_simultaneous", p->low_all);
        jw_kv_f64(w, "ci_high_simultaneous", p->high_all);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "equal");
    if (isnan(b->p)) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_kv_f64(w, "f", b->f);
    jw_kv_i64(w, "df", b->df);
    jw_kv_f64(w, "p", b->p);
    if (!isnan(b->p_holm))
        jw_kv_f64(w, "p_holm", b->p_holm);
    jw_end(w);
}

void insight_breakdown_json(Jw *w, const char *key, const InsightBreakdown *b)
{
    jw_key(w, key);
    if (b->n == 0) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    breakdown_members(w, b);
    jw_end(w);
}

static void models_json(Jw *w, const InsightScores *s)
{
    jw_key(w, "models");
    jw_obj(w);
    jw_kv_i64(w, "folds", s->n_folds);
    jw_kv_cstr(w, "chance_of_treatment", s->known ? "given" : "modelled");
    jw_kv_i64(w, "clipped", s->n_clipped);
    jw_key(w, "effect_model");
    jw_obj(w);
    jw_kv_f64(w, "loss", s->learned.combined_loss);
    jw_kv_f64(w, "loss_of_the_mean", s->learned.constant_loss);
    jw_key(w, "learners");
    jw_arr(w);
    for (int k = 0; k < s->learned.n_learners; k++) {
        jw_obj(w);
        jw_kv_cstr(w, "name", s->learned.name[k]);
        jw_kv_f64(w, "loss", s->learned.loss[k]);
        jw_kv_f64(w, "weight", s->learned.weight[k]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
    insight_nuisance_json(w, s->u);
    jw_end(w);
}

static void order_json(Jw *w, const InsightUplift *u)
{
    jw_key(w, "heterogeneity");
    jw_obj(w);
    jw_key(w, "blp_slope");
    jw_obj(w);
    insight_estimate_members(w, &u->slope);
    jw_end(w);
    jw_kv_f64(w, "p", u->p_differs);
    insight_estimate_json(w, "most_minus_least", &u->most_minus_least);
    jw_end(w);
    insight_breakdown_json(w, "gates", &u->sorted);
    jw_key(w, "clan"); /* who they are: means of the most and the least promising group */
    jw_arr(w);
    for (int k = 0; k < u->n_contrasts; k++) {
        jw_obj(w);
        jw_kv_cstr(w, "name", u->contrast[k].name);
        jw_kv_f64(w, "most", u->contrast[k].most);
        jw_kv_f64(w, "least", u->contrast[k].least);
        jw_kv_f64(w, "p", u->contrast[k].difference.p);
        jw_end(w);
    }
    jw_end(w);
    insight_estimate_json(w, "auuc", &u->auuc);
    insight_estimate_json(w, "qini", &u->qini);
    jw_key(w, "curve");
    jw_arr(w);
    for (int k = 0; k < INSIGHT_CURVE_POINTS && !u->scores->flat; k++) {
        jw_obj(w);
        jw_kv_f64(w, "share", u->curve[k].share);
        jw_kv_f64(w, "gain", u->curve[k].gain.estimate);
        jw_kv_f64(w, "ci_low", u->curve[k].gain.low);
        jw_kv_f64(w, "ci_high", u->curve[k].gain.high);
        jw_kv_f64(w, "random", u->curve[k].share * u->ate.estimate);
        jw_kv_f64(w, "effect_on_treated", u->curve[k].mean);
        jw_end(w);
    }
    jw_end(w);
}

void insight_uplift_json(Jw *w, const InsightData *d, const InsightUplift *u)
{
    jw_obj(w);
    jw_kv_f64(w, "level", u->level);
    jw_kv_i64(w, "n_treated", insight_n_treated(d));
    jw_kv_i64(w, "n_control", d->n - insight_n_treated(d));
    insight_estimate_json(w, "ate", &u->ate);
    insight_breakdown_json(w, "tiers", &u->tiers);
    jw_key(w, "features");
    jw_arr(w);
    for (int k = 0; k < u->n_features; k++) {
        jw_obj(w);
        breakdown_members(w, &u->feature[k]);
        jw_end(w);
    }
    jw_end(w);
    order_json(w, u);
    jw_key(w, "policy");
    insight_policy_json(w, d, u->policy);
    models_json(w, u->scores);
    jw_key(w, "warnings");
    jw_arr(w);
    Str rest = buf_str(&u->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
    jw_end(w);
}

/* The gain curve beside the line of treating at random. */
void insight_uplift_plot(const InsightUplift *u, const char *y_label, bool svg, Buf *out)
{
    enum { N = INSIGHT_CURVE_POINTS + 1 };
    double x[N] = {0}, y[N] = {0}, low[N] = {0}, high[N] = {0}, lo = 0, hi = 0;
    double line_x[2] = {0, 1}, line_y[2] = {0, u->ate.estimate};
    for (int k = 1; k < N; k++) {
        const InsightGain *g = &u->curve[k - 1];
        x[k] = g->share;
        y[k] = g->gain.estimate;
        low[k] = g->gain.low;
        high[k] = g->gain.high;
        lo = fmin(lo, low[k]);
        hi = fmax(hi, high[k]);
    }
    InsightCurve curve[2] = {{"chosen at random", line_x, line_y, NULL, NULL, 2},
                             {"most promising first", x, y, low, high, N}};
    InsightPlot p = {.title = "Gain by the share that is treated",
                     .x_label = "share treated",
                     .y_label = y_label,
                     .x_hi = 1,
                     .y_lo = lo,
                     .y_hi = hi > lo ? hi : lo + 1,
                     .n = 2,
                     .curve = curve};
    if (u->scores->flat)
        p.n = 1;
    if (svg)
        insight_plot_svg(out, &p);
    else
        insight_plot_text(out, &p);
}
