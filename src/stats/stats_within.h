/* stats_within.h - takes the means of groups out of columns: unit and time effects without a column for each.
 *
 *     v --minus means by unit, by time, by unit, ...--> v that has mean 0 within every unit and every time
 *
 * A regression of what is left of y on what is left of x has the coefficients of the one with all indicators (Frisch, Waugh
 * 1933; Lovell 1963). The means are taken out in turns (von Neumann's alternating projections; Gaure 2013); with every group at
 * every time one turn is enough. Clustered errors of that regression (stats/stats_ols.h) are those of the full one when each
 * group of one effect lies within a cluster; for the other effect's columns the small-sample factor is a little small.
 * Threads:  pure. Cost: O(rows columns effects turns). Errors: INVALID when the turns do not settle (STATS_WITHIN_TURNS). */
#ifndef EHUB_STATS_STATS_WITHIN_H
#define EHUB_STATS_STATS_WITHIN_H

#include "stats/stats_ols.h"

#define STATS_WITHIN_TURNS 10000

/* v double[n][k] column-major, replaced. weight double[n], positive, or NULL. */
ErrKind MUST_USE stats_within(double *v, int64_t n, int k, const StatsClusters *effects, int n_effects,
                              const double *weight, Err *reterr);

#endif
