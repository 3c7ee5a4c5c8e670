/* stats_net.h - regression held in by a penalty: lasso, ridge and what lies between, linear and logistic.
 *
 *     y, x --stats_net--> StatsNetPath: coefficients for a falling row of penalties --stats_net_predict--> margins
 *
 * Least squares over 2n (linear) or minus log likelihood over n (logistic) plus
 *     lambda * sum(alpha |b| + (1 - alpha) b^2 / 2), b of the columns scaled to variance 1 (divisor n); the intercept is free
 * (Zou, Hastie 2005), solved by coordinate descent with warm starts and active sets (Friedman, Hastie, Tibshirani 2010).
 * Which lambda: the caller's cross-validation.
 * Shapes:   x double[n][k] column-major, finite; y double[n], of logistic 0 or 1.
 * Owner:    stats_net .. stats_net_free. Threads: pure. Cost: O(n k) for each lambda and pass.
 * Result:   a constant column has coefficient 0. A logistic path ends where the fit is all but perfect (0.999 of the
 *           deviance: the columns separate the classes), any path where held rows say so: the last coefficients stand for the
 *           rest.
 * Errors:   INVALID no rows, no columns, not finite, a logistic y of one value. */
#ifndef EHUB_STATS_STATS_NET_H
#define EHUB_STATS_STATS_NET_H

#include "base/err.h"

/* Rows that are not learned from: the path ends when six lambdas in a row have not made their loss a thousandth better. An
 * empty start, which columns have not entered yet, does not count. */
typedef struct StatsNetHeld {
    const double *x; /* double[n][k] column-major */
    const double *y;
    int64_t n; /* 0: there are none */
} StatsNetHeld;

typedef struct StatsNetConf {
    bool logistic;
    double alpha;     /* 1: lasso, 0: ridge */
    int n_lambda;     /* from the smallest that leaves no column in, evenly on the logarithm ... */
    double least;     /* ... down to this share of it */
    double tolerance; /* change of a fit, as a share of the variance of y, below which a solution stands */
    const double *lambda; /* double[n_lambda], falling, in place of these; or NULL */
    StatsNetHeld held;
} StatsNetConf;
extern const StatsNetConf STATS_NET_LINEAR, STATS_NET_LOGISTIC; /* lasso, 40 lambdas down to 1/2000 */

typedef struct StatsNetPath {
    int k, n_lambda;
    int n_fitted;      /* lambdas before the path ended */
    double *lambda;    /* double[n_lambda] */
    double *intercept; /* double[n_lambda] */
    double *coef;      /* double[n_lambda][k], of the columns as they were given */
    double *explained; /* double[n_lambda]: share of the deviance, as R^2 */
} StatsNetPath;

ErrKind MUST_USE stats_net(const double *x, const double *y, int64_t n, int k, const StatsNetConf *conf,
                           StatsNetPath **ret, Err *reterr);
void stats_net_free(StatsNetPath *p);
DEFINE_FREEP(StatsNetPath, stats_net_free)

/* Intercept plus columns times coefficients at lambda l, of rows x double[n][k]; of logistic the log odds. */
void stats_net_predict(const StatsNetPath *p, int l, const double *x, int64_t n, double *out);

#endif
