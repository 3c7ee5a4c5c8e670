/* stats_wild.c - see stats_wild.h.
 *
 * z: the column without what the others explain, S = z'z. The value tested is estimate + d; the restricted residual is
 * e - d z, e that of y without the estimate. With, for cluster g, a = z'e, b = z'z, A = X'z, P = (X'X)^-1 X'e and
 * Q = (X'X)^-1 X'z (all over the cluster's rows) and the draw's weights v:
 *
 *     coefficient* - value = sum v (a - d b) / S            score*_g = v (a - d b) - A' sum_h v (P - d Q)
 *
 * so that the numerator is linear and the sum of squared scores quadratic in d: five numbers a draw. */
#include "stats/stats_wild.h"

#include "base/mem.h"
#include "stats/stats.h"
#include "stats/stats_influence.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define STEPS 60   /* of the bisection */
#define WIDEST 1e6 /* standard errors */

typedef struct Draw {
    double n0, n1;     /* numerator n0 + n1 d */
    double c0, c1, c2; /* sum of squared scores c0 + c1 d + c2 d^2 */
} Draw;

typedef struct Wild {
    int k;                    /* kept columns */
    int32_t g;                /* clusters */
    double *a, *b;            /* [g] */
    double *score_x, *p, *q;  /* [k][g]: A, P, Q of each cluster */
    double *kk;               /* [k][k] sum of A A' */
    double estimate, squares; /* sum of the squared scores of the data */
    double zz;
    Draw *draw;
    int draws;
} Wild;

static void wild_done(Wild *w)
{
    mem_free(w->a);
    mem_free(w->b);
    mem_free(w->score_x);
    mem_free(w->p);
    mem_free(w->q);
    mem_free(w->kk);
    mem_free(w->draw);
}

/* Of `target` on all columns of x but `column`. */
static ErrKind residual_of(const double *x, const double *target, int64_t n, int k, int column, double *out,
                           Err *reterr)
{
    CLEANUP(mem_freep) double *others = mem_array((size_t)n * (size_t)MAX(k - 1, 1), sizeof *others);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    memcpy(out, target, (size_t)n * sizeof *out);
    if (k == 1)
        return ERR_NONE;
    for (int c = 0, at = 0; c < k; c++)
        if (c != column)
            memcpy(others + n * at++, x + n * c, (size_t)n * sizeof *x);
    TRY(stats_ols(others, target, NULL, n, k - 1, &o, reterr));
    memcpy(out, o->residual, (size_t)n * sizeof *out);
    return ERR_NONE;
}

/* Sums of each cluster. e: residuals of the full regression (y without the estimate, restricted, is the same at d = 0). */
static void add_up(Wild *w, const StatsOls *o, const double *z, StatsClusters c)
{
    size_t cells = (size_t)w->k * (size_t)w->g;
    CLEANUP(mem_freep) double *xe = mem_array(cells, sizeof *xe);
    w->a = mem_array((size_t)w->g, sizeof(double));
    w->b = mem_array((size_t)w->g, sizeof(double));
    w->score_x = mem_array(cells, sizeof(double));
    w->p = mem_array(cells, sizeof(double));
    w->q = mem_array(cells, sizeof(double));
    w->kk = mem_array((size_t)w->k * (size_t)w->k, sizeof(double));
    for (int64_t i = 0; i < o->n; i++) {
        int64_t g = c.id ? c.id[i] : i;
        w->a[g] += z[i] * o->residual[i];
        w->b[g] += z[i] * z[i];
        w->zz += z[i] * z[i];
        for (int k = 0; k < w->k; k++) {
            double x = o->x[i + (int64_t)k * o->n];
            w->score_x[k + g * w->k] += x * z[i];
            xe[k + g * w->k] += x * o->residual[i];
        }
    }
    for (int32_t g = 0; g < w->g; g++) {
        w->squares += w->a[g] * w->a[g];
        const double *s = w->score_x + (int64_t)g * w->k;
        for (int i = 0; i < w->k; i++)
            for (int j = 0; j < w->k; j++)
                w->kk[i + j * w->k] += s[i] * s[j];
    }
    stats_multiply(o->bread, xe, w->k, w->k, w->g, w->p);
    stats_multiply(o->bread, w->score_x, w->k, w->k, w->g, w->q);
}

static double form(const double *x, const double *m, const double *y, int k)
{
    double sum = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++)
            sum += x[i] * m[i + j * k] * y[j];
    return sum;
}

/* room: [4][k] */
static Draw one_draw(const Wild *w, StatsRng *r, double *room)
{
    int k = w->k;
    double *zp = room, *zq = room + k, *wa = room + 2 * k, *wb = room + 3 * k;
    Draw d = {0};
    double aa = 0, ab = 0, bb = 0;
    memset(room, 0, 4 * (size_t)k * sizeof *room);
    for (int32_t g = 0; g < w->g; g++) {
        double v = stats_webb(stats_u64(r)), va = v * w->a[g], vb = v * w->b[g];
        d.n0 += va;
        d.n1 -= vb;
        aa += va * va;
        ab += va * vb;
        bb += vb * vb;
        const double *s = w->score_x + (int64_t)g * k, *p = w->p + (int64_t)g * k, *q = w->q + (int64_t)g * k;
        for (int c = 0; c < k; c++) {
            zp[c] += v * p[c];
            zq[c] += v * q[c];
            wa[c] += va * s[c];
            wb[c] += vb * s[c];
        }
    }
    d.c0 = aa - 2 * stats_dot(zp, wa, k) + form(zp, w->kk, zp, k);
    d.c1 = -2 * ab + 2 * (stats_dot(zp, wb, k) + stats_dot(zq, wa, k)) - 2 * form(zp, w->kk, zq, k);
    d.c2 = bb - 2 * stats_dot(zq, wb, k) + form(zq, w->kk, zq, k);
    return d;
}

/* Of the value estimate + d. */
static double p_value(const Wild *w, double d)
{
    double mine = d * d * w->zz * w->zz / w->squares;
    int as_far = 0;
    for (int i = 0; i < w->draws; i++) {
        const Draw *v = &w->draw[i];
        double top = v->n0 + v->n1 * d, bottom = v->c0 + d * (v->c1 + d * v->c2);
        as_far += top * top >= mine * bottom * (1 - 1e-12);
    }
    return (1.0 + as_far) / (1.0 + w->draws);
}

/* The last value in direction +1 or -1 that is not rejected. */
static double end_of_interval(const Wild *w, double alpha, double direction)
{
    double se = sqrt(w->squares) / w->zz, inside = 0, outside = 2 * se;
    while (p_value(w, direction * outside) > alpha) {
        inside = outside;
        outside *= 2;
        if (outside > WIDEST * se)
            return direction * INFINITY;
    }
    for (int i = 0; i < STEPS; i++) {
        double mid = (inside + outside) / 2;
        if (p_value(w, direction * mid) > alpha)
            inside = mid;
        else
            outside = mid;
    }
    return w->estimate + direction * inside;
}

ErrKind stats_wild(const double *x, const double *y, int64_t n, int k, int column, StatsClusters clusters,
                   int draws, double level, uint64_t seed, StatsWild *ret, Err *reterr)
{
    StatsRng r;
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    CLEANUP(mem_freep) double *z = mem_array((size_t)n, sizeof *z);
    Wild w = {.g = clusters.id ? clusters.n : (int32_t)n, .draws = draws};
    if (w.g < 2)
        return err_set(reterr, ERR_INVALID, "a bootstrap of clusters needs two or more");
    TRY(stats_ols(x, y, NULL, n, k, &o, reterr));
    TRY(residual_of(x, x + n * column, n, k, column, z, reterr));
    w.k = o->rank;
    w.estimate = o->coef[column];
    if (!o->kept[column] || stats_dot(z, z, n) <= 1e-14 * stats_dot(x + n * column, x + n * column, n))
        return err_set(reterr, ERR_INVALID, "column %d is a combination of the others", column + 1);
    add_up(&w, o, z, clusters);
    w.draw = mem_array((size_t)MAX(draws, 1), sizeof *w.draw);
    CLEANUP(mem_freep) double *room = mem_array(4 * (size_t)w.k, sizeof *room);
    stats_seed(&r, seed);
    for (int i = 0; i < draws; i++)
        w.draw[i] = one_draw(&w, &r, room);
    *ret = (StatsWild){.p = p_value(&w, -w.estimate), .draws = draws};
    ret->low = end_of_interval(&w, 1 - level, -1);
    ret->high = end_of_interval(&w, 1 - level, 1);
    wild_done(&w);
    return ERR_NONE;
}
