/* stats_counts.c - see stats_counts.h. */
#include "stats/stats_counts.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define ITERATIONS_MAX 100
#define CONVERGED 1e-12 /* relative change of the deviance */
#define ETA_LEAST (-30.0)
#define ETA_MOST 700.0
#define FAR 12.0 /* coefficients that have moved so far in units of the column's spread have no maximum */

typedef struct Work {
    const double *x, *y, *offset;
    int64_t n;
    int k;
    const int32_t *unit;
    int32_t n_units;
    double *eta;      /* with the offset */
    double *swept;    /* [n][k] */
    double *z;        /* [n] working outcome, swept */
    double *raw_z;    /* [n] */
    double *sum, *of; /* [n_units] */
} Work;

static double deviance_of(const double *y, const double *mu, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += 2 * ((y[i] > 0 ? y[i] * log(y[i] / mu[i]) : 0) - (y[i] - mu[i]));
    return sum;
}

/* Takes off each unit's weighted mean. */
static void sweep(Work *w, const double *mu, const double *from, double *to)
{
    if (!w->unit) {
        memcpy(to, from, (size_t)w->n * sizeof *to);
        return;
    }
    memset(w->of, 0, (size_t)w->n_units * sizeof *w->of);
    for (int64_t i = 0; i < w->n; i++)
        w->of[w->unit[i]] += mu[i] * from[i];
    for (int64_t i = 0; i < w->n; i++)
        to[i] = from[i] - w->of[w->unit[i]] / w->sum[w->unit[i]];
}

static ErrKind step(Work *w, StatsCounts *p, Err *reterr)
{
    for (int64_t i = 0; i < w->n; i++)
        w->raw_z[i] = w->eta[i] - (w->offset ? w->offset[i] : 0) + (w->y[i] - p->mu[i]) / p->mu[i];
    if (w->unit) {
        memset(w->sum, 0, (size_t)w->n_units * sizeof *w->sum);
        for (int64_t i = 0; i < w->n; i++)
            w->sum[w->unit[i]] += p->mu[i];
    }
    sweep(w, p->mu, w->raw_z, w->z);
    for (int c = 0; c < w->k; c++)
        sweep(w, p->mu, w->x + (int64_t)c * w->n, w->swept + (int64_t)c * w->n);
    stats_ols_free(p->ols);
    p->ols = NULL;
    TRY(stats_ols(w->swept, w->z, p->mu, w->n, w->k, &p->ols, reterr));
    for (int64_t i = 0; i < w->n; i++) {
        double eta = w->raw_z[i] - p->ols->residual[i] + (w->offset ? w->offset[i] : 0);
        w->eta[i] = fmax(ETA_LEAST, fmin(ETA_MOST, eta));
        p->mu[i] = exp(w->eta[i]);
    }
    return ERR_NONE;
}

static ErrKind check(const Work *w, Err *reterr)
{
    double all = 0;
    CLEANUP(mem_freep) double *of = mem_array((size_t)MAX(w->n_units, 1), sizeof *of);
    CLEANUP(mem_freep) bool *seen = mem_array((size_t)MAX(w->n_units, 1), sizeof *seen);
    for (int64_t i = 0; i < w->n; i++) {
        if (!(w->y[i] >= 0) || !isfinite(w->y[i]))
            return err_set(reterr, ERR_INVALID, "an outcome of %g: counts and amounts start at 0", w->y[i]);
        all += w->y[i];
        if (w->unit) {
            of[w->unit[i]] += w->y[i];
            seen[w->unit[i]] = true;
        }
    }
    if (!(all > 0))
        return err_set(reterr, ERR_INVALID, "all outcomes are 0");
    for (int32_t u = 0; w->unit && u < w->n_units; u++)
        if (seen[u] && !(of[u] > 0))
            return err_set(reterr, ERR_INVALID,
                           "unit %d has only outcomes of 0: it says nothing about differences", (int)u);
    return ERR_NONE;
}

static void find_running(const Work *w, StatsCounts *p)
{
    for (int c = 0; c < w->k; c++) {
        const double *x = w->x + (int64_t)c * w->n;
        double mean = 0, square = 0;
        for (int64_t i = 0; i < w->n; i++)
            mean += x[i] / (double)w->n;
        for (int64_t i = 0; i < w->n; i++)
            square = fmax(square, fabs(x[i] - mean));
        p->runs_away[c] = square > 0 && fabs(p->ols->coef[c]) * square > FAR;
    }
}

static ErrKind fit(Work *w, StatsCounts *p, Err *reterr)
{
    double mean = 0, before = INFINITY, square = 0;
    for (int64_t i = 0; i < w->n; i++)
        mean += w->y[i] / (double)w->n;
    for (int64_t i = 0; i < w->n; i++) {
        p->mu[i] = (w->y[i] + mean) / 2;
        w->eta[i] = log(p->mu[i]);
    }
    for (p->iterations = 1; p->iterations <= ITERATIONS_MAX; p->iterations++) {
        TRY(step(w, p, reterr));
        p->deviance = deviance_of(w->y, p->mu, w->n);
        if (!isfinite(p->deviance))
            return err_set(reterr, ERR_INVALID, "the regression of counts has no maximum");
        if (fabs(p->deviance - before) <= CONVERGED * (fabs(p->deviance) + 0.1))
            break;
        before = p->deviance;
    }
    TRY(step(w, p, reterr)); /* errors from weights and residuals at the maximum */
    for (int64_t i = 0; i < w->n; i++)
        square += (w->y[i] - p->mu[i]) * (w->y[i] - p->mu[i]) / p->mu[i];
    double left = (double)w->n - p->ols->rank - (w->unit ? w->n_units : 0);
    p->dispersion = left > 0 ? square / left : NAN;
    find_running(w, p);
    return ERR_NONE;
}

ErrKind stats_counts(const double *x, const double *y, const double *offset, int64_t n, int k,
                     const int32_t *unit, int32_t n_units, StatsCounts **ret, Err *reterr)
{
    *ret = NULL;
    Work w = {.x = x, .y = y, .offset = offset, .n = n, .k = k, .unit = unit, .n_units = unit ? n_units : 0};
    if (n < 1 || k < 1)
        return err_set(reterr, ERR_INVALID, "a regression of %lld rows on %d columns", (long long)n, k);
    TRY(check(&w, reterr));
    CLEANUP(stats_counts_freep) StatsCounts *p = MEM_NEW(StatsCounts);
    CLEANUP(mem_freep) double *room = mem_array(3 * (size_t)n + 2 * (size_t)MAX(n_units, 1), sizeof *room);
    CLEANUP(mem_freep) double *swept = mem_array((size_t)n * (size_t)k, sizeof *swept);
    p->mu = mem_array((size_t)n, sizeof *p->mu);
    p->runs_away = mem_array((size_t)k, sizeof *p->runs_away);
    w.swept = swept;
    w.eta = room;
    w.z = room + n;
    w.raw_z = room + 2 * n;
    w.sum = room + 3 * n;
    w.of = w.sum + MAX(n_units, 1);
    TRY(fit(&w, p, reterr));
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

void stats_counts_free(StatsCounts *p)
{
    if (!p)
        return;
    stats_ols_free(p->ols);
    mem_free(p->mu);
    mem_free(p->runs_away);
    mem_free(p);
}
