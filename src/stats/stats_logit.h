/* stats_logit.h - logistic regression by maximum likelihood.
 *
 *     y (0, 1), x --stats_logit--> StatsLogit: coefficients, fitted chances, inverse information
 *
 * Newton's method with halved steps. Columns that are a combination of earlier ones are dropped.
 * Shapes:   x double[n][k] column-major, without missing values, with its own column of ones; weight double[n], positive,
 *           or NULL.
 * Owner:    stats_logit .. stats_logit_free. Threads: pure. Cost: O(n k^2) a step.
 * Errors:   INVALID when one value of y is missing, or when the columns separate the two perfectly (no maximum exists). */
#ifndef EHUB_STATS_STATS_LOGIT_H
#define EHUB_STATS_STATS_LOGIT_H

#include "base/err.h"

typedef struct StatsLogit {
    int64_t n;
    int k, rank;
    bool *kept;      /* bool[k] */
    double *coef;    /* double[k], 0 for a dropped column */
    double *chance;  /* double[n], of 1 */
    double *inverse; /* double[k][k] of the information; 0 in the rows of dropped columns */
} StatsLogit;

ErrKind MUST_USE stats_logit(const double *x, const double *y, const double *weight, int64_t n, int k,
                             StatsLogit **ret, Err *reterr);
void stats_logit_free(StatsLogit *l);
DEFINE_FREEP(StatsLogit, stats_logit_free)

#endif
