/* stats_logit.c - see stats_logit.h. */
#include "stats/stats_logit.h"

#include "base/mem.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define DEPENDENT 1e-7
#define STEPS_MAX 50
#define HALVES_MAX 20
#define CONVERGED 1e-10 /* change of the deviance, relative */
#define CERTAIN 1e-9    /* a chance this near to 0 or 1 for every row: the columns separate the two values */

/* The kept columns, and room for a step. */
typedef struct Fit {
    int64_t n;
    int k;
    const double *y, *weight;
    double *x, *scaled;                  /* [n][k] */
    double *coef, *tried, *gradient, *h; /* [k], [k], [k], [k][k] */
    double *chance;                      /* [n] */
} Fit;

static double weight_of(const Fit *f, int64_t i)
{
    return f->weight ? f->weight[i] : 1;
}

static void fit_done(Fit *f)
{
    mem_free(f->x);
    mem_free(f->scaled);
    mem_free(f->coef);
    mem_free(f->tried);
    mem_free(f->gradient);
    mem_free(f->h);
}

/* Fills the chances; minus twice the log likelihood. */
static double deviance(Fit *f, const double *coef)
{
    double sum = 0;
    stats_multiply(f->x, coef, f->n, f->k, 1, f->chance);
    for (int64_t i = 0; i < f->n; i++) {
        double z = f->y[i] > 0.5 ? f->chance[i] : -f->chance[i]; /* log(1 + exp(-z)) without overflow */
        sum += weight_of(f, i) * (z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z);
        f->chance[i] = 1 / (1 + exp(-f->chance[i]));
    }
    return 2 * sum;
}

static void information(Fit *f)
{
    for (int c = 0; c < f->k; c++)
        for (int64_t i = 0; i < f->n; i++)
            f->scaled[i + c * f->n] =
                f->x[i + c * f->n] * weight_of(f, i) * f->chance[i] * (1 - f->chance[i]);
    stats_cross(f->x, f->scaled, f->n, f->k, f->k, f->h);
}

static ErrKind separated(Err *reterr)
{
    return err_set(reterr, ERR_INVALID,
                   "the covariates tell the treated from the others with certainty: there is no overlap");
}

static ErrKind newton(Fit *f, Err *reterr)
{
    double now = deviance(f, f->coef), all = 0;
    for (int64_t i = 0; i < f->n; i++)
        all += weight_of(f, i);
    for (int step = 0; step < STEPS_MAX; step++) {
        information(f);
        for (int c = 0; c < f->k; c++) {
            f->gradient[c] = 0;
            for (int64_t i = 0; i < f->n; i++)
                f->gradient[c] += f->x[i + c * f->n] * weight_of(f, i) * (f->y[i] - f->chance[i]);
        }
        if (stats_spd_solve(f->h, f->k, f->gradient, 1, NULL) != ERR_NONE)
            return separated(reterr);
        double next = now, share = 1;
        for (int half = 0; half <= HALVES_MAX; half++, share /= 2) {
            for (int c = 0; c < f->k; c++)
                f->tried[c] = f->coef[c] + share * f->gradient[c];
            next = deviance(f, f->tried);
            if (next <= now)
                break;
        }
        bool still = fabs(now - next) <= CONVERGED * (fabs(next) + 0.1);
        memcpy(f->coef, f->tried, (size_t)f->k * sizeof *f->coef);
        now = next;
        if (now < CERTAIN * all)
            return separated(reterr);
        if (still)
            return ERR_NONE;
    }
    return separated(reterr);
}

static ErrKind check_both(const double *y, int64_t n, Err *reterr)
{
    int64_t ones = 0;
    for (int64_t i = 0; i < n; i++)
        ones += y[i] > 0.5;
    if (ones == 0 || ones == n)
        return err_set(reterr, ERR_INVALID, "logistic regression: all %lld values are %d", (long long)n,
                       ones > 0);
    return ERR_NONE;
}

static ErrKind finish(Fit *f, StatsLogit *l, Err *reterr)
{
    deviance(f, f->coef);
    information(f);
    if (stats_spd_inverse(f->h, f->k, NULL) != ERR_NONE)
        return separated(reterr);
    for (int a = 0, ra = 0; a < l->k; a++) {
        if (!l->kept[a])
            continue;
        l->coef[a] = f->coef[ra];
        for (int b = 0, rb = 0; b < l->k; b++)
            if (l->kept[b])
                l->inverse[a + b * l->k] = f->h[ra + f->k * rb++];
        ra++;
    }
    return ERR_NONE;
}

ErrKind stats_logit(const double *x, const double *y, const double *weight, int64_t n, int k,
                    StatsLogit **ret, Err *reterr)
{
    *ret = NULL;
    TRY(check_both(y, n, reterr));
    CLEANUP(stats_logit_freep) StatsLogit *l = MEM_NEW(StatsLogit);
    l->n = n;
    l->k = k;
    l->kept = mem_array((size_t)k, sizeof *l->kept);
    l->coef = mem_array((size_t)k, sizeof *l->coef);
    l->chance = mem_array((size_t)n, sizeof *l->chance);
    l->inverse = mem_array((size_t)k * (size_t)k, sizeof *l->inverse);
    l->rank = stats_independent(x, n, k, DEPENDENT, l->kept);
    if (l->rank == 0)
        return err_set(reterr, ERR_INVALID, "logistic regression: every column is 0 or not finite");
    size_t r = (size_t)l->rank;
    Fit f = {.n = n,
             .k = l->rank,
             .y = y,
             .weight = weight,
             .x = mem_array((size_t)n * r, sizeof(double)),
             .scaled = mem_array((size_t)n * r, sizeof(double)),
             .coef = mem_array(r, sizeof(double)),
             .tried = mem_array(r, sizeof(double)),
             .gradient = mem_array(r, sizeof(double)),
             .h = mem_array(r * r, sizeof(double)),
             .chance = l->chance};
    for (int c = 0, at = 0; c < k; c++)
        if (l->kept[c])
            memcpy(f.x + (size_t)n * (size_t)at++, x + (size_t)n * (size_t)c, (size_t)n * sizeof *x);
    ErrKind kind = newton(&f, reterr);
    if (kind == ERR_NONE)
        kind = finish(&f, l, reterr);
    fit_done(&f);
    if (kind != ERR_NONE)
        return kind;
    *ret = l;
    l = NULL;
    return ERR_NONE;
}

void stats_logit_free(StatsLogit *l)
{
    if (!l)
        return;
    mem_free(l->kept);
    mem_free(l->coef);
    mem_free(l->chance);
    mem_free(l->inverse);
    mem_free(l);
}
