/* stats.h - small statistics: quantiles, bootstrap, scores of forecasts.
 *
 * Shapes: plain arrays of n values. Threads: pure. Sources stand at each function. */
#ifndef EHUB_STATS_STATS_H
#define EHUB_STATS_STATS_H

#include "base/err.h"

/* A seeded generator: xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64. Not for secrets. */
typedef struct StatsRng {
    uint64_t s[4];
} StatsRng;
void stats_seed(StatsRng *r, uint64_t seed);
uint64_t stats_u64(StatsRng *r);
double stats_uniform(StatsRng *r);                           /* [0, 1) */
int64_t stats_below(StatsRng *r, int64_t n);                 /* 0 .. n-1, unbiased */
double stats_normal(StatsRng *r);                            /* mean 0, variance 1 */
double stats_gamma(StatsRng *r, double shape, double scale); /* Marsaglia, Tsang 2000 */
int64_t stats_poisson(StatsRng *r, double mean);
double stats_exponential(StatsRng *r, double mean);

/* Type 7 of Hyndman and Fan (1996). Sorts x. NaN for n = 0. */
double stats_quantile(double *x, int64_t n, double q);
/* The same in O(n), where only a quantile or two are wanted: reorders x. */
double stats_quantile_once(double *x, int64_t n, double q);
double stats_mean(const double *x, int64_t n);

typedef struct StatsInterval {
    double estimate, low, high; /* NaN when it cannot be computed, e.g. one class only */
} StatsInterval;

/* A score of predictions p against outcomes y, both double[n]. */
typedef double StatsScore(const double *p, const double *y, int64_t n);
double stats_auc(const double *p, const double *y, int64_t n);    /* ties count half (Mann, Whitney 1947) */
double stats_pr_auc(const double *p, const double *y, int64_t n); /* average precision */
double stats_brier(const double *p, const double *y, int64_t n);
double stats_log_loss(const double *p, const double *y, int64_t n); /* p clipped to 1e-15 */
double stats_mae(const double *p, const double *y, int64_t n);
double stats_rmse(const double *p, const double *y, int64_t n);
/* Mean deviances (McCullagh, Nelder 1989); p clipped to 1e-9. gamma: y > 0. tweedie: power 1.5. */
double stats_poisson_deviance(const double *p, const double *y, int64_t n);
double stats_gamma_deviance(const double *p, const double *y, int64_t n);
double stats_tweedie_deviance(const double *p, const double *y, int64_t n);
/* More than two classes: p double[n][k], y the index of the class. Both NaN for n = 0. */
double stats_log_loss_classes(const double *p, const double *y, int64_t n, int k);
double stats_accuracy_classes(const double *p, const double *y, int64_t n, int k); /* the first of equals */

/* What one row adds to the means above: rows double[n]. */
typedef enum StatsLoss {
    STATS_SQUARED,  /* of brier and, under the root, of rmse */
    STATS_ABSOLUTE, /* mae */
    STATS_LOG,
    STATS_POISSON,
    STATS_GAMMA,
    STATS_TWEEDIE,
} StatsLoss;
void stats_losses(StatsLoss loss, const double *p, const double *y, int64_t n, double *rows);
/* STATS_LOG and whether the class is right (1, 0), of p double[n][k]. */
void stats_losses_classes(const double *p, const double *y, int64_t n, int k, double *log_rows,
                          double *right_rows);

/* Percentile bootstrap (Efron 1979), resampling whole groups (group int32[n], or NULL: single rows). */
StatsInterval stats_bootstrap(StatsScore *score, const double *p, const double *y, const int32_t *group,
                              int64_t n, int rounds, double level, uint64_t seed);
/* Of score(p) - score(q) on the same resamples: is p better than q? */
StatsInterval stats_bootstrap_diff(StatsScore *score, const double *p, const double *q, const double *y,
                                   const int32_t *group, int64_t n, int rounds, double level, uint64_t seed);

/* Reliability bins of equal count: mean prediction, observed rate and count of each; returns the expected calibration
 * error (Naeini et al. 2015). */
typedef struct StatsBin {
    double mean_p, rate;
    int64_t n;
} StatsBin;
double stats_calibration(const double *p, const double *y, int64_t n, StatsBin *bins, int n_bins);

#endif
