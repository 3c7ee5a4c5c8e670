/* insight_cuped.c - a randomised experiment made more exact by outcomes of before it.
 *
 * CUPED (Deng, Xu, Kohavi, Walker 2013): y minus theta (pre - mean of pre), theta by least squares in both groups together,
 * so the estimate is the coefficient of t in y on t, the earlier outcomes and, where given, covariates and strata. For the ATT all
 * of them are centred at the treated and stand once more times t (Lin 2013). A missing earlier outcome is the mean with an
 * indicator beside it. Standard errors: HC2, or CR2 by cluster. */
#include "insight/insight_effect.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* The earlier outcome k with its mean where it is missing; flag: 1 where it is. False when it never varies. */
static bool fill_pre(const InsightData *d, int k, double *out, double *flag)
{
    const double *pre = d->pre + (size_t)k * (size_t)d->n;
    double sum = 0, n = 0, least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < d->n; i++)
        if (!isnan(pre[i])) {
            sum += pre[i];
            n++;
            least = fmin(least, pre[i]);
            most = fmax(most, pre[i]);
        }
    for (int64_t i = 0; i < d->n; i++) {
        flag[i] = isnan(pre[i]);
        out[i] = isnan(pre[i]) ? 0 : pre[i] - sum / n;
    }
    return most > least;
}

/* The columns from 2 to k - 1 centred at the treated, and behind them the same times t. */
static void interact(const InsightData *d, double *x, int k)
{
    int64_t n = d->n;
    for (int c = 2; c < k; c++) {
        double *col = x + n * c, *times = x + n * (k + c - 2), sum = 0, treated = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += d->t[i] * col[i];
            treated += d->t[i];
        }
        for (int64_t i = 0; i < n; i++) {
            col[i] -= sum / treated;
            times[i] = d->t[i] * col[i];
        }
    }
}

/* 1, t, earlier outcomes, indicators of missing ones, covariates, strata; columns that never vary fall out later. */
static double *make_design(const InsightData *d, InsightEstimand estimand, int *ret_k, int *ret_used)
{
    int n_strata = d->stratum.id ? d->stratum.n - 1 : 0;
    int k = 2 + 2 * d->n_pre + d->n_x + n_strata, at = 2;
    size_t n = (size_t)d->n;
    int most = estimand == INSIGHT_ATT ? 2 * k - 2 : k;
    double *x = mem_array(n * (size_t)most, sizeof *x);
    for (int64_t i = 0; i < d->n; i++)
        x[i] = 1;
    memcpy(x + n, d->t, n * sizeof *x);
    *ret_used = 0;
    for (int p = 0; p < d->n_pre; p++, at += 2)
        *ret_used += fill_pre(d, p, x + n * (size_t)at, x + n * (size_t)(at + 1));
    if (d->n_x > 0)
        memcpy(x + n * (size_t)at, d->x, n * (size_t)d->n_x * sizeof *x);
    at += d->n_x;
    for (int s = 0; s < n_strata; s++, at++)
        for (int64_t i = 0; i < d->n; i++)
            x[i + (int64_t)at * d->n] = d->stratum.id[i] == s + 1;
    if (estimand == INSIGHT_ATT)
        interact(d, x, k);
    *ret_k = most;
    return x;
}

static ErrKind fit(const InsightData *d, const InsightQuestion *q, const double *x, int k, StatsEstimate *ret,
                   double *r2, Err *reterr)
{
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    CLEANUP(mem_freep) double *c = mem_array((size_t)k, sizeof *c);
    c[1] = 1;
    TRY(stats_ols(x, d->y, NULL, d->n, k, &o, reterr));
    *r2 = o->r2;
    return stats_ols_of(o, c, (StatsClusters){d->cluster.id, d->cluster.n}, q->level, ret, reterr);
}

ErrKind insight_cuped(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    int k, used;
    double r2, plain_r2;
    StatsEstimate plain;
    if (MIN(a->n_treated, a->n_control) < 2)
        return err_set(reterr, ERR_INVALID, "cuped: %lld treated and %lld controls: two of each at least",
                       (long long)a->n_treated, (long long)a->n_control);
    CLEANUP(mem_freep) double *x = make_design(d, q->estimand, &k, &used);
    if (used == 0)
        return err_set(reterr, ERR_INVALID, "cuped: the outcomes of before never vary: they explain nothing");
    if (k + 2 > d->n)
        return err_set(reterr, ERR_INVALID, "cuped: %lld rows cannot carry %d columns", (long long)d->n, k);
    TRY(fit(d, q, x, 2, &plain, &plain_r2, reterr));
    TRY(fit(d, q, x, k, &a->effect, &r2, reterr));
    double saved = 1 - a->effect.se * a->effect.se / (plain.se * plain.se);
    if (d->cluster.id && d->cluster.n < 10)
        insight_answer_warn(a, "%d clusters only: the interval is wide for a reason", (int)d->cluster.n);
    jw_kv_f64(&a->w, "unadjusted", plain.estimate);
    jw_kv_f64(&a->w, "unadjusted_se", plain.se);
    jw_kv_f64(&a->w, "variance_saved", saved);
    jw_kv_f64(&a->w, "r2", r2);
    jw_kv_cstr(&a->w, "variance", d->cluster.id ? "CR2" : "HC2");
    insight_always_valid(a, d->n, q);
    if (saved < 0.02)
        insight_answer_warn(a,
                            "the outcomes of before explain next to nothing: the interval is not narrower");
    return ERR_NONE;
}
