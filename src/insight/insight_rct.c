/* insight_rct.c - a randomised experiment: the difference of means, adjusted by regression when there are covariates.
 *
 * Lin 2013: y on t, the centred covariates and their products with t; the coefficient of t is the average effect and never
 * less exact than the plain difference, asymptotically. For the ATT the covariates are centred at the treated. Strata enter
 * as covariates. Standard errors: HC2, or CR2 by cluster (stats/stats_ols.h). */
#include "insight/insight_effect.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define PER_ROW 0.25 /* columns for each row of the smaller group: beyond, the adjustment is left out */

/* 1, t, then for each covariate x - mean, then t (x - mean). Strata come as indicators. */
typedef struct Design {
    double *x;
    int k;
} Design;

static double *next_column(Design *g, int64_t n)
{
    return g->x + (size_t)n * (size_t)g->k++;
}

static void centred(const InsightData *d, const double *x, InsightEstimand estimand, double *out)
{
    double sum = 0, n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double w = estimand == INSIGHT_ATT ? d->t[i] : 1;
        sum += w * x[i];
        n += w;
    }
    for (int64_t i = 0; i < d->n; i++)
        out[i] = x[i] - sum / n;
}

static Design make_design(const InsightData *d, InsightEstimand estimand, bool adjust)
{
    int n_strata = d->stratum.id ? d->stratum.n - 1 : 0, n_x = adjust ? d->n_x : 0;
    int most = 2 + 2 * (n_x + n_strata);
    Design g = {.x = mem_array((size_t)d->n * (size_t)most, sizeof *g.x)};
    double *one = next_column(&g, d->n), *t = next_column(&g, d->n);
    for (int64_t i = 0; i < d->n; i++)
        one[i] = 1;
    memcpy(t, d->t, (size_t)d->n * sizeof *t);
    CLEANUP(mem_freep) double *flag = mem_array((size_t)d->n, sizeof *flag);
    for (int c = 0; c < n_x + n_strata; c++) {
        const double *x = d->x + (size_t)d->n * (size_t)c;
        for (int64_t i = 0; c >= n_x && i < d->n; i++)
            flag[i] = d->stratum.id[i] == c - n_x + 1;
        centred(d, c >= n_x ? flag : x, estimand, next_column(&g, d->n));
    }
    for (int c = 2; c < 2 + n_x + n_strata; c++) {
        const double *from = g.x + (size_t)d->n * (size_t)c;
        double *to = next_column(&g, d->n);
        for (int64_t i = 0; i < d->n; i++)
            to[i] = d->t[i] * from[i];
    }
    return g;
}

static ErrKind fit(const InsightData *d, const InsightQuestion *q, bool adjust, StatsEstimate *ret,
                   double *r2, Err *reterr)
{
    Design g = make_design(d, q->estimand, adjust);
    CLEANUP(mem_freep) double *x = g.x;
    CLEANUP(mem_freep) double *c = mem_array((size_t)g.k, sizeof *c);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    c[1] = 1;
    TRY(stats_ols(x, d->y, NULL, d->n, g.k, &o, reterr));
    *r2 = o->r2;
    return stats_ols_of(o, c, (StatsClusters){d->cluster.id, d->cluster.n}, q->level, ret, reterr);
}

ErrKind insight_rct(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    int64_t smaller = MIN(a->n_treated, a->n_control);
    if (smaller < 2)
        return err_set(reterr, ERR_INVALID, "rct: %lld treated and %lld controls: two of each at least",
                       (long long)a->n_treated, (long long)a->n_control);
    bool adjust = d->n_x > 0 && (double)d->n_x <= PER_ROW * (double)smaller;
    if (d->n_x > 0 && !adjust)
        insight_answer_warn(a, "not adjusted: %d covariates are too many for %lld rows of the smaller group",
                            d->n_x, (long long)smaller);
    double r2 = 0, plain_r2 = 0;
    StatsEstimate plain;
    TRY(fit(d, q, false, &plain, &plain_r2, reterr));
    a->effect = plain;
    if (adjust)
        TRY(fit(d, q, true, &a->effect, &r2, reterr));
    if (d->cluster.id && d->cluster.n < 10)
        insight_answer_warn(a, "%d clusters only: the interval is wide for a reason", (int)d->cluster.n);
    jw_kv_bool(&a->w, "adjusted", adjust);
    jw_kv_f64(&a->w, "unadjusted", plain.estimate);
    jw_kv_f64(&a->w, "unadjusted_se", plain.se);
    jw_kv_f64(&a->w, "r2", adjust ? r2 : plain_r2);
    jw_kv_cstr(&a->w, "variance", d->cluster.id ? "CR2" : "HC2");
    insight_always_valid(a, d->n, q);
    insight_permute(d, q, a);
    return ERR_NONE;
}
