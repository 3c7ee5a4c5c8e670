/* insight_twobytwo.h - one comparison of the changes of treated and control units: the brick of difference in differences.
 *
 *     change, treated, x --insight_twobytwo--> effect on the treated, and what each unit adds to it
 *
 * Without covariates: the difference of the mean changes. With covariates the doubly robust estimator of Sant'Anna and Zhao
 * 2020 (their equation 3.1): the changes that the controls' regression on x does not explain, the controls weighted with
 * p / (1 - p) of a logistic regression to look like the treated. It is right when either of the two models is.
 * Shapes:   x double[n][k] column-major without a column of ones; weight double[n], positive, or NULL. Threads: pure.
 * Errors:   INVALID no treated, no controls, fewer controls than the regression needs. */
#ifndef EHUB_INSIGHT_INSIGHT_TWOBYTWO_H
#define EHUB_INSIGHT_INSIGHT_TWOBYTWO_H

#include "base/err.h"

typedef struct InsightTwoByTwo {
    double effect;
    double weight; /* of the treated; their number without weights */
    int64_t n_treated, n_control;
    double *part;     /* double[n]: influence on the effect through the mean of its own side */
    double *nuisance; /* double[n]: of treated, through the weights of the controls; 0 for controls */
    double *share;    /* double[n]: weight in the mean of its side */
    int fitted;       /* coefficients of the controls' regression; 0: none */
    bool no_overlap;  /* the logistic regression has no maximum: the controls are not weighted */
    int64_t trimmed;  /* controls left out, their chance of being treated is above 0.995 */
} InsightTwoByTwo;

ErrKind MUST_USE insight_twobytwo(const double *change, const bool *treated, const double *x,
                                  const double *weight, int64_t n, int k, InsightTwoByTwo *ret, Err *reterr);
void insight_twobytwo_done(InsightTwoByTwo *t);

#endif
