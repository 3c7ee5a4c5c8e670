/* stats_wild.h - wild cluster bootstrap of one coefficient: a p value and an interval that hold with few clusters.
 *
 *     for each draw: y* = restricted fit + weight of the cluster * restricted residual  ->  t*        p = share of |t*| >= |t|
 *
 * Cameron, Gelbach, Miller 2008: the null hypothesis is imposed, t is studentised by the clustered error, the weights are the
 * six of Webb 2023. The interval holds every value that is not rejected. A draw's t* is a ratio of polynomials in the value
 * tested, so that each draw is made once (after Roodman, MacKinnon, Nielsen, Webb 2019) and the interval costs nothing more.
 * Shapes:   x double[n][k] column-major. Threads: pure. Cost: O(n k^2 + draws clusters k).
 * Errors:   as stats_ols; INVALID when the column is a combination of the others, with fewer than two clusters. */
#ifndef EHUB_STATS_STATS_WILD_H
#define EHUB_STATS_STATS_WILD_H

#include "stats/stats_ols.h"

typedef struct StatsWild {
    double p;         /* of 0; never below 1 / (draws + 1) */
    double low, high; /* infinite where no value is rejected */
    int draws;
} StatsWild;

ErrKind MUST_USE stats_wild(const double *x, const double *y, int64_t n, int k, int column,
                            StatsClusters clusters, int draws, double level, uint64_t seed, StatsWild *ret,
                            Err *reterr);

#endif
