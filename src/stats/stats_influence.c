/* stats_influence.c - see stats_influence.h. */
#include "stats/stats_influence.h"

#include "base/mem.h"
#include "stats/stats.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>

typedef struct Side {
    double factor; /* of its parts */
    double df;
    double variance;
} Side;

/* With A = diag(share^2) and P = I - 1 share' the variance is u' P' A P u. Its trace is the sum of a^2 (1 - 2 a + s); that of its
 * square sums (a_i a_j ([i = j] - a_i - a_j + s))^2 over all pairs, which power sums of the shares give at once. */
static Side side_of(const StatsInfluence *f, int side)
{
    double p[5] = {0}, trace = 0, own = 0, sum = 0;
    for (int32_t c = 0; c < f->n; c++) {
        double a = f->share[side][c], power = 1;
        for (int k = 0; k <= 4; k++, power *= a)
            p[k] += power;
    }
    double s = p[2];
    for (int32_t c = 0; c < f->n; c++) {
        double a = f->share[side][c], aa = a * a, off = s - 2 * a;
        trace += aa * (1 + off);
        own += aa * aa * ((1 + off) * (1 + off) - off * off);
        sum += f->part[side][c] * f->part[side][c];
    }
    /* sum over i, j of a_i^2 a_j^2 (s - a_i - a_j)^2 */
    double pairs = s * s * p[2] * p[2] + 2 * p[4] * p[2] + 2 * p[3] * p[3] - 4 * s * p[3] * p[2];
    double square = own + pairs, left = f->rows[side] - f->fitted[side];
    if (!(trace > 1e-12 * s) || (f->fitted[side] > 0 && left <= 0))
        return (Side){NAN, NAN, NAN};
    double factor = s / trace * (f->fitted[side] > 0 ? f->rows[side] / left : 1);
    return (Side){.factor = sqrt(factor), .df = trace * trace / square, .variance = factor * sum};
}

StatsEstimate stats_influence(double estimate, const StatsInfluence *f, double level, double *psi)
{
    Side a = side_of(f, 0), b = side_of(f, 1);
    double sum = 0, both = a.variance + b.variance;
    int32_t taking_part = 0;
    for (int32_t c = 0; c < f->n; c++) {
        double v = a.factor * f->part[0][c] + b.factor * f->part[1][c];
        taking_part += f->share[0][c] > 0 || f->share[1][c] > 0;
        sum += v * v;
        if (psi)
            psi[c] = v;
    }
    double df = both * both / (a.variance * a.variance / a.df + b.variance * b.variance / b.df);
    if (both == 0)
        df = MIN(a.df, b.df);
    if (!isfinite(sum) || !isfinite(df))
        return (StatsEstimate){estimate, NAN, NAN, NAN, NAN, NAN};
    return stats_estimate(estimate, sqrt(sum), MIN(df, taking_part - 1.0), level);
}

double stats_webb(uint64_t bits)
{
    static const double SIZE[3] = {0.70710678118654752, 1, 1.2247448713915890}; /* roots of 1/2, 1, 3/2 */
    double size = SIZE[(bits >> 32) % 3];
    return bits & 1 ? size : -size;
}

double stats_influence_band(const double *psi, const double *se, int k, int32_t n, int draws, double level,
                            uint64_t seed)
{
    StatsRng r;
    stats_seed(&r, seed);
    CLEANUP(mem_freep) double *weight = mem_array((size_t)n, sizeof *weight);
    CLEANUP(mem_freep) double *largest = mem_array((size_t)MAX(draws, 1), sizeof *largest);
    for (int b = 0; b < draws; b++) {
        for (int32_t c = 0; c < n; c++)
            weight[c] = stats_webb(stats_u64(&r));
        for (int j = 0; j < k; j++)
            if (se[j] > 0)
                largest[b] = fmax(largest[b], fabs(stats_dot(psi + (int64_t)j * n, weight, n)) / se[j]);
    }
    return draws > 0 ? stats_quantile(largest, draws, level) : 0;
}

ErrKind stats_influence_wald(const double *estimate, const double *psi, int k, int32_t n, StatsWald *ret,
                             Err *reterr)
{
    CLEANUP(mem_freep) double *cov = mem_array((size_t)k * (size_t)k, sizeof *cov);
    CLEANUP(mem_freep) double *value = mem_array((size_t)k, sizeof *value);
    double wald = 0;
    int rank = 0;
    stats_cross(psi, psi, n, k, k, cov);
    TRY(stats_eigen(cov, k, value, reterr));
    for (int j = 0; j < k; j++) {
        double along = stats_dot(cov + (size_t)j * (size_t)k, estimate, k);
        if (!(value[j] > 1e-10 * value[k - 1]))
            continue;
        wald += along * along / value[j];
        rank++;
    }
    double df2 = n - rank;
    *ret = (StatsWald){.f = NAN, .p = NAN, .df1 = rank, .df2 = df2};
    if (rank == 0 || df2 < 1)
        return ERR_NONE;
    ret->f = wald / rank * df2 / (n - 1);
    ret->p = stats_f_upper(ret->f, rank, df2);
    return ERR_NONE;
}
