/* insight_sensitivity.h - how strong must something nobody measured be, to explain the effect away?
 *
 * E-value (VanderWeele, Ding 2017): the least risk ratio that it must have with both treatment and outcome. Differences
 * become risk ratios by exp(0.91 d), d in standard deviations of the outcome (Chinn 2000); of outcomes 0 and 1 the ratio is
 * taken from the rates.
 * Robustness value (Cinelli, Hazlett 2020): the share of what is left of the variance of treatment and of outcome that it
 * must explain, in a linear regression on treatment and covariates. Benchmarks: what the effect would be if it were as
 * strong as a covariate that was measured.
 * Threads: pure. Cost: O(n k^2 + k^3). */
#ifndef EHUB_INSIGHT_INSIGHT_SENSITIVITY_H
#define EHUB_INSIGHT_INSIGHT_SENSITIVITY_H

#include "insight/insight_effect.h"

/* Member "sensitivity". Where there are too few rows for the regression, without its part. */
ErrKind MUST_USE insight_sensitivity(InsightAnswer *a, const InsightData *d, const InsightQuestion *q,
                                     Err *reterr);

double insight_e_value(double risk_ratio);
/* Of a coefficient with this t value: share `q` of it is to be explained away (1: all); beyond significance at alpha (0: the
 * estimate itself). */
double insight_robustness(double t, double df, double q, double alpha);

/* The estimate after something as strong as r2_with_treatment and r2_with_outcome (both partial) was left out, in the
 * direction that brings it towards 0. */
double insight_adjusted(double estimate, double se, double df, double r2_with_treatment,
                        double r2_with_outcome);

#endif
