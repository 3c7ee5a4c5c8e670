/* insight_did.c - difference in differences with one start: what changed for the treated beyond what changed for the others.
 *
 * The regression is that of the textbooks (Card, Krueger 1994; Angrist, Pischke 2009, ch. 5): group, time, and their product,
 * whose coefficient is the effect on the treated if both would have moved alike without treatment. */
#include "insight/insight_did.h"

#include "base/mem.h"
#include "insight/insight_panel.h"
#include "stats/stats_wild.h"

#include <math.h>

#define WILD_COST_ASIDE \
    1e9 /* draws times clusters times columns: beyond, it is not made beside the other interval */
#define WILD_COST_MAX 1e11

InsightDidCells insight_did_cells(int64_t n_rows)
{
    return (InsightDidCells){.y = mem_array((size_t)n_rows, sizeof(double)),
                             .t = mem_array((size_t)n_rows, sizeof(double))};
}

void insight_did_cells_done(InsightDidCells *c)
{
    mem_free(c->y);
    mem_free(c->t);
}

void insight_did_count(InsightDidCells *c, int group, int after, double y, double weight)
{
    c->n[group][after]++;
    c->weight[group][after] += weight;
    c->sum[group][after] += weight * y;
    if (!after)
        return;
    c->y[c->n_after] = y;
    c->t[c->n_after++] = group;
}

void insight_did_report(const InsightDidCells *c, const InsightQuestion *q, InsightAnswer *a)
{
    static const char *const NAMES[2][2] = {{"control_before", "control_after"},
                                            {"treated_before", "treated_after"}};
    a->naive = insight_naive(c->y, c->t, c->n_after, q->level);
    jw_key(&a->w, "means");
    jw_obj(&a->w);
    for (int g = 1; g >= 0; g--)
        for (int after = 0; after < 2; after++)
            jw_kv_f64(&a->w, NAMES[g][after], c->sum[g][after] / c->weight[g][after]);
    jw_end(&a->w);
    jw_key(&a->w, "rows");
    jw_obj(&a->w);
    for (int g = 1; g >= 0; g--)
        for (int after = 0; after < 2; after++)
            jw_kv_i64(&a->w, NAMES[g][after], (int64_t)c->n[g][after]);
    jw_end(&a->w);
}

/* Weighted least squares are those of rows times the roots of their weights. */
static void scale(InsightDid *r)
{
    for (int64_t i = 0; r->weight && i < r->n; i++) {
        double root = sqrt(r->weight[i]);
        r->y[i] *= root;
        for (int c = 0; c < r->k; c++)
            r->x[i + c * r->n] *= root;
    }
}

ErrKind insight_did_fit(InsightDid *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    double c[INSIGHT_DID_TIMES_MAX + 8] = {1};
    scale(r);
    TRY(stats_ols(r->x, r->y, NULL, r->n, r->k, &o, reterr));
    TRY(stats_ols_of(o, c, r->clusters, q->level, &a->effect, reterr));
    jw_kv_cstr(&a->w, "variance", r->clusters.id ? "CR2" : "HC2");
    int64_t clusters = r->clusters.id ? r->clusters.n : r->n;
    double cost = (double)q->draws * (double)clusters * r->k;
    if (q->wild && cost > WILD_COST_MAX)
        return err_set(reterr, ERR_LIMIT,
                       "did: %d draws of %lld clusters are too many for the wild bootstrap", q->draws,
                       (long long)clusters);
    if (!q->wild && cost > WILD_COST_ASIDE)
        return ERR_NONE;
    StatsWild w;
    TRY(stats_wild(r->x, r->y, r->n, r->k, 0, r->clusters, q->draws, q->level, q->seed, &w, reterr));
    if (q->wild) {
        a->effect.low = w.low;
        a->effect.high = w.high;
        a->effect.p = w.p;
    }
    jw_key(&a->w, "wild_bootstrap");
    jw_obj(&a->w);
    jw_kv_f64(&a->w, "p", w.p);
    jw_kv_f64(&a->w, "ci_low", w.low);
    jw_kv_f64(&a->w, "ci_high", w.high);
    jw_kv_i64(&a->w, "draws", w.draws);
    jw_kv_cstr(&a->w, "weights", "webb");
    jw_end(&a->w);
    return ERR_NONE;
}

ErrKind insight_did(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    a->estimand = INSIGHT_ATT;
    insight_warn_unused(d, a);
    if (q->wild && d->n_x > 0)
        return err_set(reterr, ERR_INVALID,
                       "did: the wild bootstrap is of the regression without covariates");
    if (d->unit.id && d->unit.n < d->n)
        return insight_did_panel(d, q, a, reterr);
    if (d->unit.id)
        insight_answer_warn(a, "every unit has one row: taken as repeated cross-sections");
    return insight_did_rows(d, q, a, reterr);
}
