/* insight_survival_out.c - survival as JSON and as a picture. See insight_survival.h. */
#include "insight/insight_survival.h"

#include "base/mem.h"
#include "insight/insight_estimate.h"

#include <math.h>

#define POINTS_MAX 2000 /* of a curve in JSON; longer ones are thinned */

static void estimate_json(Jw *w, const char *key, const StatsEstimate *e)
{
    isnan(e->p) ? insight_interval_json(w, key, e) : insight_estimate_json(w, key, e);
}

static void test_json(Jw *w, const char *key, double chi2, int df, double p)
{
    jw_key(w, key);
    if (df < 1) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_kv_f64(w, "chi2", chi2);
    jw_kv_i64(w, "df", df);
    jw_kv_f64(w, "p", p);
    jw_end(w);
}

static void curve_json(Jw *w, const StatsKm *km)
{
    int64_t step = (km->n_points + POINTS_MAX - 1) / POINTS_MAX;
    jw_kv_bool(w, "curve_thinned", step > 1);
    jw_key(w, "curve");
    jw_arr(w);
    for (int64_t i = 0; i < km->n_points; i++) {
        const StatsKmPoint *p = &km->point[i];
        if (step > 1 && i % step != 0 && i != km->n_points - 1)
            continue;
        jw_obj(w);
        jw_kv_f64(w, "time", p->time);
        jw_kv_i64(w, "at_risk", p->at_risk);
        jw_kv_i64(w, "events", p->events);
        jw_kv_i64(w, "censored", p->censored);
        jw_kv_f64(w, "survival", p->survival);
        jw_kv_f64(w, "se", p->se);
        jw_kv_f64(w, "ci_low", p->low);
        jw_kv_f64(w, "ci_high", p->high);
        jw_end(w);
    }
    jw_end(w);
}

static void group_json(Jw *w, const InsightSurvival *s, const InsightSurvivalGroup *g)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", g->name);
    jw_kv_i64(w, "n", g->km->n);
    jw_kv_i64(w, "events", g->km->n_events);
    jw_kv_f64(w, "follow_up", g->km->follow_up);
    jw_key(w, "median");
    jw_obj(w);
    jw_kv_f64(w, "estimate", g->median.time);
    jw_kv_f64(w, "ci_low", g->median.low);
    jw_kv_f64(w, "ci_high", g->median.high);
    jw_end(w);
    estimate_json(w, "rmst", &g->rmst);
    estimate_json(w, "share_by_horizon", &g->shared);
    if (s->n_groups > 1) {
        jw_kv_f64(w, "observed", g->observed);
        jw_kv_f64(w, "expected", g->expected);
    }
    jw_key(w, "at_risk");
    jw_arr(w);
    for (int i = 0; i < s->n_ticks; i++) {
        jw_obj(w);
        jw_kv_f64(w, "time", s->tick[i]);
        jw_kv_i64(w, "n", g->at_risk[i]);
        jw_end(w);
    }
    jw_end(w);
    curve_json(w, g->km);
    jw_end(w);
}

static void hazard_json(Jw *w, const InsightHazard *h)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", h->name);
    jw_kv_f64(w, "coef", h->log_ratio.estimate);
    jw_kv_f64(w, "hazard_ratio", exp(h->log_ratio.estimate));
    jw_kv_f64(w, "ci_low", exp(h->log_ratio.low));
    jw_kv_f64(w, "ci_high", exp(h->log_ratio.high));
    jw_kv_f64(w, "se", h->log_ratio.se);
    jw_kv_f64(w, "model_se", h->model_se);
    jw_kv_f64(w, "robust_se", h->robust_se);
    jw_kv_f64(w, "p", h->log_ratio.p);
    test_json(w, "proportional", h->proportional.chi2, h->proportional.df, h->proportional.p);
    jw_end(w);
}

static void cox_json(Jw *w, const InsightSurvival *s)
{
    const StatsCox *c = s->cox;
    jw_key(w, "cox");
    if (!c) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_kv_cstr(w, "ties", "efron");
    jw_kv_i64(w, "n", c->n);
    jw_kv_i64(w, "events", c->n_events);
    jw_key(w, "terms");
    jw_arr(w);
    for (int k = 0; k < s->n_hazards; k++)
        hazard_json(w, &s->hazard[k]);
    jw_end(w);
    jw_kv_f64(w, "log_likelihood", c->log_likelihood);
    test_json(w, "likelihood_ratio", c->likelihood_ratio.chi2, c->likelihood_ratio.df, c->likelihood_ratio.p);
    test_json(w, "wald", c->wald.chi2, c->wald.df, c->wald.p);
    test_json(w, "score", c->score.chi2, c->score.df, c->score.p);
    test_json(w, "proportional", c->proportional_all.chi2, c->proportional_all.df, c->proportional_all.p);
    jw_end(w);
}

void insight_survival_json(Jw *w, const InsightSurvival *s)
{
    jw_obj(w);
    jw_kv_f64(w, "level", s->level);
    jw_kv_f64(w, "horizon", s->horizon);
    jw_key(w, "groups");
    jw_arr(w);
    for (int g = 0; g < s->n_groups; g++)
        group_json(w, s, &s->group[g]);
    jw_end(w);
    if (s->compares) {
        estimate_json(w, "rmst_difference", &s->rmst_difference);
        jw_key(w, "rmst_ratio");
        jw_obj(w);
        jw_kv_f64(w, "estimate", exp(s->rmst_ratio_log.estimate));
        jw_kv_f64(w, "ci_low", exp(s->rmst_ratio_log.low));
        jw_kv_f64(w, "ci_high", exp(s->rmst_ratio_log.high));
        jw_kv_f64(w, "p", s->rmst_ratio_log.p);
        jw_end(w);
        estimate_json(w, "share_difference", &s->share_difference);
    }
    test_json(w, "logrank", s->logrank.chi2, s->logrank.df, s->logrank.p);
    test_json(w, "logrank_stratified", s->logrank_stratified.chi2, s->logrank_stratified.df,
              s->logrank_stratified.p);
    jw_key(w, "hazard_ratio"); /* of the treatment */
    if (s->compares && s->cox)
        hazard_json(w, &s->hazard[0]);
    else
        jw_null(w);
    jw_key(w, "hazard_ratio_unadjusted");
    if (s->alone.name)
        hazard_json(w, &s->alone);
    else
        jw_null(w);
    cox_json(w, s);
    jw_key(w, "warnings");
    jw_arr(w);
    Str rest = buf_str(&s->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
    jw_end(w);
}

/* ---- picture ---- */

/* Each curve starts at time 0 with 1 and is drawn as the share that has got there. */
void insight_survival_plot(const InsightSurvival *s, const char *x_label, bool svg, Buf *out)
{
    InsightCurve curve[INSIGHT_CURVES_MAX] = {0};
    double *room[INSIGHT_CURVES_MAX] = {0};
    int64_t counts[INSIGHT_CURVES_MAX * INSIGHT_SURVIVAL_TICKS];
    for (int g = 0; g < s->n_groups; g++) {
        const StatsKm *km = s->group[g].km;
        size_t n = (size_t)km->n_points + 2;
        double *x = room[g] = mem_array(4 * n, sizeof(double)), *y = x + n, *low = y + n, *high = low + n;
        int64_t m = 1; /* the first: nobody at 0 */
        for (int64_t i = 0; i < km->n_points && km->point[i].time <= s->horizon; i++, m++) {
            const StatsKmPoint *p = &km->point[i];
            x[m] = p->time;
            y[m] = 1 - p->survival;
            low[m] = isnan(p->high) ? 1 : 1 - p->high;
            high[m] = isnan(p->low) ? 1 : 1 - p->low;
        }
        x[m] = s->horizon;
        y[m] = y[m - 1];
        low[m] = low[m - 1];
        high[m] = high[m - 1];
        curve[g] = (InsightCurve){s->group[g].name, x, y, low, high, m + 1};
        for (int i = 0; i < s->n_ticks; i++)
            counts[g * s->n_ticks + i] = s->group[g].at_risk[i];
    }
    InsightPlot p = {.title = "Share that has got there",
                     .x_label = x_label,
                     .y_label = "had the event",
                     .x_hi = s->horizon,
                     .y_hi = 1,
                     .steps = true,
                     .shares = true,
                     .n = s->n_groups,
                     .curve = curve,
                     .n_ticks = s->n_ticks,
                     .tick = s->tick,
                     .counts = counts,
                     .counts_label = "at risk"};
    if (svg)
        insight_plot_svg(out, &p);
    else
        insight_plot_text(out, &p);
    for (int g = 0; g < s->n_groups; g++)
        mem_free(room[g]);
}
