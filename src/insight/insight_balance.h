/* insight_balance.h - are treated and controls alike, before and after weighting; and is there anybody to compare with?
 *
 * Standardised difference: of means, over the root of the mean of both variances before weighting (Rosenbaum, Rubin 1985).
 * Below 0.1 is held for balanced. Effective rows: (sum w)^2 / sum w^2 (Kish 1965).
 * Threads: pure. Shapes: weight double[n], not negative; 0: the row is not compared. */
#ifndef EHUB_INSIGHT_INSIGHT_BALANCE_H
#define EHUB_INSIGHT_INSIGHT_BALANCE_H

#include "insight/insight_effect.h"

#include <math.h>

/* Member "balance" (worst first, at most 100 columns) and "max_difference_before", "max_difference_after"; a warning when
 * more than 0.1 is left. */
void insight_balance(InsightAnswer *a, const InsightData *d, const double *weight);

/* With fewer effective rows on a side, intervals held the truth less often than they say: docs/insight-quality.md. */
#define INSIGHT_EFFECTIVE_POOR 60

/* Rows of one arm that the weights leave, effectively. */
double insight_effective_rows(const InsightData *d, const double *weight, int arm);

/* Of an arm's weight in one row; past that an interval says too little anyway. */
#define INSIGHT_MOST_OF_ARM 0.5

/* What a row's residual would be had it no part in the weighted mean that is taken off, as a factor: a row with much weight
 * draws that mean to itself (the jackknife of a weighted mean; HC3 of MacKinnon, White 1985). among: sum of the weights. */
static inline double insight_left_out(double weight, double among)
{
    return 1 / (1 - fmin(weight / among, INSIGHT_MOST_OF_ARM));
}

/* Columns that tell too much. INVALID: one alone tells treated from controls without exception, or is the outcome itself.
 * Warnings: one that all but is the outcome; a category that is only treated or only controls. */
ErrKind MUST_USE insight_suspects(InsightAnswer *a, const InsightData *d, Err *reterr);

#endif
