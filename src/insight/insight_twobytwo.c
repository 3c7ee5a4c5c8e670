/* insight_twobytwo.c - see insight_twobytwo.h. With r = change - x b, b fitted to the controls, and w = p / (1 - p):
 *
 *     effect = mean of r over the treated - sum w r / sum w over the controls
 *
 * The influence of a unit (the paper's appendix, in matrix form): its own deviation from the mean of its side, plus the
 * derivative of the effect by b times its influence on b, plus the same through the coefficients of p. */
#include "insight/insight_twobytwo.h"

#include "base/mem.h"
#include "stats/stats_logit.h"
#include "stats/stats_matrix.h"
#include "stats/stats_ols.h"

#include <math.h>
#include <string.h>

#define TRIM 0.995 /* as the authors' program */

void insight_twobytwo_done(InsightTwoByTwo *t)
{
    mem_free(t->part);
    mem_free(t->nuisance);
    mem_free(t->share);
    *t = (InsightTwoByTwo){0};
}

/* Means of both sides; effect, shares and own deviations. */
static void compare(const double *r, const bool *treated, const double *weight, int64_t n, InsightTwoByTwo *t)
{
    double sum[2] = {0}, all[2] = {0};
    for (int64_t i = 0; i < n; i++) {
        sum[treated[i]] += weight[i] * r[i];
        all[treated[i]] += weight[i];
    }
    t->weight = all[1];
    t->effect = sum[1] / all[1] - sum[0] / all[0];
    for (int64_t i = 0; i < n; i++) {
        int side = treated[i];
        t->share[i] = weight[i] / all[side];
        t->part[i] = (side ? 1 : -1) * t->share[i] * (r[i] - sum[side] / all[side]);
    }
}

/* Row i of (1, x). */
static void row_of(const double *x, int64_t n, int k, int64_t i, double *out)
{
    out[0] = 1;
    for (int c = 0; c < k; c++)
        out[c + 1] = x[i + (int64_t)c * n];
}

/* ---- covariates ---- */

typedef struct Adjust {
    const double *change, *x, *given; /* given: the rows' own weights, or NULL */
    const bool *treated;
    int64_t n;
    int k;            /* without the ones */
    double *one_x;    /* [n][k + 1] */
    double *residual; /* [n] */
    double *weight;   /* [n] the rows' own, of controls times p / (1 - p) */
    double *bread;    /* [k + 1][k + 1] (X'X)^-1 of the controls, 0 for dropped columns */
} Adjust;

static double given(const Adjust *a, int64_t i)
{
    return a->given ? a->given[i] : 1;
}

static void adjust_done(Adjust *a)
{
    mem_free(a->one_x);
    mem_free(a->residual);
    mem_free(a->weight);
    mem_free(a->bread);
}

static void spread_bread(const StatsOls *o, double *bread)
{
    for (int a = 0, ra = 0; a < o->k; a++) {
        if (!o->kept[a])
            continue;
        for (int b = 0, rb = 0; b < o->k; b++)
            if (o->kept[b])
                bread[a + b * o->k] = o->bread[ra + o->rank * rb++];
        ra++;
    }
}

static ErrKind fit_controls(Adjust *a, InsightTwoByTwo *t, Err *reterr)
{
    int k = a->k + 1;
    int64_t m = t->n_control, at = 0;
    CLEANUP(mem_freep) double *x = mem_array((size_t)m * (size_t)k, sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)m, sizeof *y);
    CLEANUP(mem_freep) double *w = mem_array((size_t)m, sizeof *w);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    for (int64_t i = 0; i < a->n; i++) {
        if (a->treated[i])
            continue;
        for (int c = 0; c < k; c++)
            x[at + c * m] = a->one_x[i + c * a->n];
        w[at] = given(a, i);
        y[at++] = a->change[i];
    }
    TRY(stats_ols(x, y, a->given ? w : NULL, m, k, &o, reterr));
    if (m < o->rank + 2)
        return err_set(reterr, ERR_INVALID, "%lld controls are too few for %d covariates", (long long)m,
                       a->k);
    stats_multiply(a->one_x, o->coef, a->n, k, 1, a->residual);
    for (int64_t i = 0; i < a->n; i++)
        a->residual[i] = a->change[i] - a->residual[i];
    t->fitted = o->rank;
    spread_bread(o, a->bread);
    return ERR_NONE;
}

/* NULL when nothing separates less than perfectly: then the controls are not weighted. */
static StatsLogit *fit_chances(Adjust *a, InsightTwoByTwo *t)
{
    CLEANUP(mem_freep) double *y = mem_array((size_t)a->n, sizeof *y);
    StatsLogit *l = NULL;
    int64_t left = 0;
    for (int64_t i = 0; i < a->n; i++)
        y[i] = a->treated[i];
    if (stats_logit(a->one_x, y, a->given, a->n, a->k + 1, &l, NULL) != ERR_NONE)
        l = NULL;
    for (int64_t i = 0; i < a->n; i++) {
        bool out = l && l->chance[i] > TRIM && !a->treated[i];
        double odds = l ? l->chance[i] / (1 - l->chance[i]) : 1;
        a->weight[i] = out ? 0 : given(a, i) * (a->treated[i] ? 1 : odds);
        left += !a->treated[i] && !out;
        t->trimmed += out;
    }
    t->no_overlap = !l || left < 2;
    if (!t->no_overlap)
        return l;
    for (int64_t i = 0; i < a->n; i++)
        a->weight[i] = given(a, i);
    t->trimmed = 0;
    stats_logit_free(l);
    return NULL;
}

/* Adds what each unit adds through the coefficients of both models. */
static void add_nuisance(const Adjust *a, const StatsLogit *l, InsightTwoByTwo *t)
{
    int k = a->k + 1;
    CLEANUP(mem_freep) double *by_b = mem_array((size_t)k, sizeof *by_b);
    CLEANUP(mem_freep) double *by_p = mem_array((size_t)k, sizeof *by_p);
    CLEANUP(mem_freep) double *mb = mem_array((size_t)k, sizeof *mb);
    CLEANUP(mem_freep) double *mp = mem_array((size_t)k, sizeof *mp);
    CLEANUP(mem_freep) double *x = mem_array((size_t)k, sizeof *x);
    for (int64_t i = 0; i < a->n; i++) {
        row_of(a->x, a->n, a->k, i, x);
        for (int c = 0; c < k; c++) {
            by_b[c] += (a->treated[i] ? -1 : 1) * t->share[i] * x[c];
            by_p[c] += a->treated[i] ? 0 : t->part[i] * x[c];
        }
    }
    stats_multiply(a->bread, by_b, k, k, 1, mb);
    if (l)
        stats_multiply(l->inverse, by_p, k, k, 1, mp);
    for (int64_t i = 0; i < a->n; i++) {
        row_of(a->x, a->n, a->k, i, x);
        double through_b = a->treated[i] ? 0 : stats_dot(mb, x, k) * given(a, i) * a->residual[i];
        double through_p = l ? stats_dot(mp, x, k) * given(a, i) * (a->treated[i] - l->chance[i]) : 0;
        if (a->treated[i])
            t->nuisance[i] = through_p;
        else
            t->part[i] += through_b + through_p;
    }
}

static ErrKind adjusted(Adjust *a, InsightTwoByTwo *t, Err *reterr)
{
    size_t n = (size_t)a->n, k = (size_t)a->k + 1;
    a->one_x = mem_array(n * k, sizeof(double));
    a->residual = mem_array(n, sizeof(double));
    a->weight = mem_array(n, sizeof(double));
    a->bread = mem_array(k * k, sizeof(double));
    for (size_t i = 0; i < n; i++)
        a->one_x[i] = 1;
    memcpy(a->one_x + n, a->x, n * (k - 1) * sizeof *a->x);
    TRY(fit_controls(a, t, reterr));
    CLEANUP(stats_logit_freep) StatsLogit *l = fit_chances(a, t);
    compare(a->residual, a->treated, a->weight, a->n, t);
    add_nuisance(a, l, t);
    return ERR_NONE;
}

ErrKind insight_twobytwo(const double *change, const bool *treated, const double *x, const double *weight,
                         int64_t n, int k, InsightTwoByTwo *ret, Err *reterr)
{
    *ret = (InsightTwoByTwo){0};
    for (int64_t i = 0; i < n; i++)
        ret->n_treated += treated[i];
    ret->n_control = n - ret->n_treated;
    if (ret->n_treated == 0 || ret->n_control == 0)
        return err_set(reterr, ERR_INVALID, "%lld treated and %lld controls: nothing to compare",
                       (long long)ret->n_treated, (long long)ret->n_control);
    ret->part = mem_array((size_t)n, sizeof(double));
    ret->nuisance = mem_array((size_t)n, sizeof(double));
    ret->share = mem_array((size_t)n, sizeof(double));
    Adjust a = {.change = change, .x = x, .given = weight, .treated = treated, .n = n, .k = k};
    ErrKind kind = ERR_NONE;
    if (k > 0) {
        kind = adjusted(&a, ret, reterr);
    } else {
        a.weight = mem_array((size_t)n, sizeof(double));
        for (int64_t i = 0; i < n; i++)
            a.weight[i] = given(&a, i);
        compare(change, treated, a.weight, n, ret);
    }
    adjust_done(&a);
    if (kind != ERR_NONE)
        insight_twobytwo_done(ret);
    return kind;
}
