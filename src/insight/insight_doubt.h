/* insight_doubt.h - what an outcome cannot tell, whatever the method: no false precision.
 *
 *     y --insight_outcome_check--> refusal: it never varies
 *     y --insight_outcome_doubt--> warning: one row makes up most of its variation
 *     effect --insight_chance_check--> a standard error that is only rounding becomes 0 without p, with a warning
 *
 * Threads: any. Cost: O(n). */
#ifndef EHUB_INSIGHT_INSIGHT_DOUBT_H
#define EHUB_INSIGHT_INSIGHT_DOUBT_H

#include "insight/insight_effect.h"

/* A figure below this part of the outcome's standard deviation is rounding. */
#define INSIGHT_ROUNDING 1e-12

/* The standard deviation of y, double[n]. */
double insight_spread(const double *y, int64_t n);

/* ERR_INVALID when the outcome has one value only. */
ErrKind MUST_USE insight_outcome_check(const InsightData *d, Err *reterr);
void insight_outcome_doubt(const InsightData *d, InsightAnswer *a);
void insight_chance_check(const InsightData *d, InsightAnswer *a);

#endif
