/* stats_ols.h - least squares with standard errors that hold without equal variances and with clusters.
 *
 *     y, x --stats_ols--> StatsOls (coefficients, residuals) --stats_ols_of--> estimate, se, degrees of freedom, interval, p
 *
 * Columns that are a combination of earlier ones are dropped, as R's lm does: put what matters first.
 * Variance: HC2 (MacKinnon, White 1985) for single rows, CR2 (Bell, McCaffrey 2002; Pustejovsky, Tipton 2018) for clusters,
 *           both with the Satterthwaite degrees of freedom of Bell and McCaffrey under equal variances, so that intervals
 *           hold with few or unequal clusters too.
 * Shapes:   x double[n][k] column-major, without missing values; weights double[n], positive, or NULL.
 * Owner:    stats_ols .. stats_ols_free. Threads: pure. Cost: O(n k^2).
 * Errors:   INVALID no rows, fewer rows than columns that are needed, not finite. */
#ifndef EHUB_STATS_STATS_OLS_H
#define EHUB_STATS_STATS_OLS_H

#include "base/err.h"

typedef struct StatsOls {
    int64_t n;
    int k, rank;
    double *coef;     /* double[k], 0 for a dropped column */
    bool *kept;       /* bool[k] */
    double *residual; /* double[n], not weighted */
    double *leverage; /* double[n] */
    double r2;        /* share of the (weighted) variance around the mean */
    /* Private: the kept columns times the root of the weights, weighted residuals, R^-1 and R^-1 R^-T. */
    double *x, *e, *r_inverse, *bread;
} StatsOls;

/* Clusters of rows: id[n] in 0 .. n_clusters - 1; NULL: every row is its own. */
typedef struct StatsClusters {
    const int32_t *id;
    int32_t n;
} StatsClusters;

/* What is known of one number. df INFINITY: normal. */
typedef struct StatsEstimate {
    double estimate, se, df, low, high, p;
} StatsEstimate;

ErrKind MUST_USE stats_ols(const double *x, const double *y, const double *weight, int64_t n, int k,
                           StatsOls **ret, Err *reterr);
void stats_ols_free(StatsOls *o);
DEFINE_FREEP(StatsOls, stats_ols_free)

/* Of the combination sum of c[k] coef[k]. INVALID when it rests on a dropped column, or fewer than two clusters. */
ErrKind MUST_USE stats_ols_of(const StatsOls *o, const double *c, StatsClusters clusters, double level,
                              StatsEstimate *ret, Err *reterr);
/* The covariance of all coefficients: double[k][k], zero in the rows of dropped columns. */
ErrKind MUST_USE stats_ols_covariance(const StatsOls *o, StatsClusters clusters, double *ret, Err *reterr);

/* Interval and p value against 0 from estimate, se and df. */
StatsEstimate stats_estimate(double estimate, double se, double df, double level);

#endif
