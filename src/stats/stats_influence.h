/* stats_influence.h - error and interval of a difference of two weighted means, from what each cluster adds to it.
 *
 *     side 0: sum of share0[c] * u0[c]        side 1: the same        estimate = mean of side 1 - mean of side 0
 *     part[c] = share[c] * (u[c] - mean)      variance = sum of (f1 part1[c] + f0 part0[c])^2
 *
 * The parts are the influence of a cluster on the estimate; they sum to 0 on each side. A cluster may be on both sides. The
 * factors f make the variance unbiased when the clusters' means vary alike: E part^2 = share^2 (1 - 2 share + s), s the sum of
 * the squared shares; with equal shares f^2 is n / (n - 1). The degrees of freedom of each side are those of that quadratic
 * form, (trace)^2 / trace of the square, as Bell and McCaffrey 2002 do for regressions; both sides together by Satterthwaite
 * 1946. One cluster that has a side alone leaves se = NAN: its spread cannot be seen.
 * Threads:  pure. */
#ifndef EHUB_STATS_STATS_INFLUENCE_H
#define EHUB_STATS_STATS_INFLUENCE_H

#include "stats/stats_ols.h"

typedef struct StatsInfluence {
    int32_t n;
    const double *part[2];  /* double[n] */
    const double *share[2]; /* double[n], sums to 1; 0: not on this side */
    double fitted
        [2]; /* coefficients that were fitted on the side's `rows`: f grows by sqrt(rows / (rows - fitted)) */
    double rows[2];
} StatsInfluence;

/* psi double[n], or NULL: the clusters' influence with the factors, sum of squares = se^2. */
StatsEstimate stats_influence(double estimate, const StatsInfluence *f, double level, double *psi);

/* How many standard errors to each side hold all k estimates at once (Callaway, Sant'Anna 2021, algorithm 1): the quantile of
 * the largest |t| over draws with the six weights of Webb 2023. psi double[k][n]; rows without error (se 0 or NAN) are passed
 * over; 0 when all are. O(draws n k). */
double stats_influence_band(const double *psi, const double *se, int k, int32_t n, int draws, double level,
                            uint64_t seed);

/* Are all k estimates 0? Wald's statistic over k as F(k, n - k), (n - k) / (n - 1) of it as Hotelling 1931. Directions that are
 * combinations of others are passed over. */
typedef struct StatsWald {
    double f, p;
    int df1;
    double df2;
} StatsWald;
ErrKind MUST_USE stats_influence_wald(const double *estimate, const double *psi, int k, int32_t n,
                                      StatsWald *ret, Err *reterr);

double stats_webb(uint64_t bits); /* one of the six weights, mean 0, variance 1 */

#endif
