/* stats_tilt.c - see stats_tilt.h.
 *
 * The dual is convex and has no constraints: f(g) = log sum w exp(z'g) + penalty/2 |g|^2, z the scaled distance from the mean.
 * Its gradient is the weighted mean of z plus penalty g, its Hessian their weighted covariance plus the penalty: Newton with
 * halved steps. */
#include "stats/stats_tilt.h"

#include "base/mem.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define STEPS_MAX 50
#define HALVINGS_MAX 40
#define STANDS 1e-10
#define LEAST_PENALTY 1e-8 /* columns that repeat each other */

typedef struct Tilt {
    int64_t n;
    int k;
    const double *start; /* double[n]: weights, sum 1 */
    double *z;           /* double[n][k] */
    double penalty;
    double *g, *trial, *gradient, *hessian;
    double *w; /* double[n]: weights at g, sum 1 */
} Tilt;

static void tilt_done(Tilt *t)
{
    mem_free(t->z);
    mem_free(t->g);
    mem_free(t->trial);
    mem_free(t->gradient);
    mem_free(t->hessian);
    mem_free(t->w);
}

/* f(g), and the weights there. */
static double value(Tilt *t, const double *g)
{
    double most = -INFINITY, sum = 0, square = 0;
    for (int64_t i = 0; i < t->n; i++)
        t->w[i] = 0;
    for (int c = 0; c < t->k; c++) {
        square += g[c] * g[c];
        for (int64_t i = 0; i < t->n; i++)
            t->w[i] += g[c] * t->z[i + c * t->n];
    }
    for (int64_t i = 0; i < t->n; i++)
        most = t->start[i] > 0 ? fmax(most, t->w[i]) : most;
    for (int64_t i = 0; i < t->n; i++) {
        t->w[i] = t->start[i] > 0 ? t->start[i] * exp(t->w[i] - most) : 0;
        sum += t->w[i];
    }
    for (int64_t i = 0; i < t->n; i++)
        t->w[i] /= sum;
    return most + log(sum) + t->penalty / 2 * square;
}

static ErrKind direction(Tilt *t, Err *reterr)
{
    size_t k = (size_t)t->k;
    CLEANUP(mem_freep) double *wz = mem_array((size_t)t->n * k, sizeof *wz);
    CLEANUP(mem_freep) double *mean = mem_array(k, sizeof *mean);
    for (int c = 0; c < t->k; c++)
        for (int64_t i = 0; i < t->n; i++) {
            wz[i + c * t->n] = t->w[i] * t->z[i + c * t->n];
            mean[c] += wz[i + c * t->n];
        }
    stats_cross(wz, t->z, t->n, t->k, t->k, t->hessian);
    for (size_t a = 0; a < k; a++) {
        t->gradient[a] = mean[a] + t->penalty * t->g[a];
        for (size_t b = 0; b < k; b++)
            t->hessian[a + b * k] -= mean[a] * mean[b];
        t->hessian[a + a * k] += t->penalty;
    }
    memcpy(t->trial, t->gradient, k * sizeof *t->trial);
    return stats_spd_solve(t->hessian, t->k, t->trial, 1, reterr);
}

static ErrKind solve(Tilt *t, Err *reterr)
{
    size_t k = (size_t)t->k;
    CLEANUP(mem_freep) double *to = mem_array(k, sizeof *to);
    double now = value(t, t->g);
    for (int step = 0; step < STEPS_MAX; step++) {
        TRY(direction(t, reterr));
        double fall = stats_dot(t->gradient, t->trial, t->k), size = 1, next = INFINITY;
        if (!(fall > STANDS))
            return ERR_NONE;
        for (int h = 0; h < HALVINGS_MAX && !(next <= now - 1e-4 * size * fall); h++) {
            size = h ? size / 2 : 1;
            for (size_t c = 0; c < k; c++)
                to[c] = t->g[c] - size * t->trial[c];
            next = value(t, to);
        }
        if (!(next < now))
            break;
        memcpy(t->g, to, k * sizeof *to);
        now = next;
    }
    value(t, t->g);
    return ERR_NONE;
}

ErrKind stats_tilt(const double *x, int64_t n, int k, const double *mean, const double *scale, double penalty,
                   double *weight, Err *reterr)
{
    double sum = 0;
    int64_t rows = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += weight[i];
        rows += weight[i] > 0;
    }
    if (rows < 2 || !isfinite(sum))
        return err_set(reterr, ERR_INVALID, "balancing: %lld rows have a weight", (long long)rows);
    CLEANUP(mem_freep) double *start = mem_array((size_t)n, sizeof *start);
    for (int64_t i = 0; i < n; i++)
        start[i] = weight[i] / sum;
    CLEANUP(tilt_done) Tilt t = {.n = n, .start = start, .penalty = fmax(penalty, LEAST_PENALTY)};
    size_t columns = (size_t)MAX(k, 1);
    t.z = mem_array((size_t)n * columns, sizeof *t.z);
    t.g = mem_array(columns, sizeof *t.g);
    t.trial = mem_array(columns, sizeof *t.trial);
    t.gradient = mem_array(columns, sizeof *t.gradient);
    t.hessian = mem_array(columns * columns, sizeof *t.hessian);
    t.w = mem_array((size_t)n, sizeof *t.w);
    for (int c = 0; c < k; c++) {
        if (!(scale[c] > 0))
            continue;
        double *z = t.z + (size_t)t.k++ * (size_t)n;
        for (int64_t i = 0; i < n; i++)
            z[i] = (x[i + c * n] - mean[c]) / scale[c];
    }
    if (t.k == 0)
        return ERR_NONE;
    TRY(solve(&t, reterr));
    for (int64_t i = 0; i < n; i++)
        weight[i] = sum * t.w[i];
    return ERR_NONE;
}
