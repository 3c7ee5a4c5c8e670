/* stats_tilt.h - the weights nearest to given ones under which columns have given means.
 *
 *     weights, columns, means --stats_tilt--> weights * exp(columns' g), adding up to as much as before
 *
 * Entropy balancing (Hainmueller 2012), with a penalty on g that gives way where the means cannot all be met (Zhao, Percival
 * 2017): what is left of a difference, in standard deviations of the column, is penalty * g.
 * Threads:  pure. Cost: O(n k^2) for each of some ten steps. Shapes: x double[n][k] column-major.
 * Errors:   INVALID fewer than two rows with weight, not finite. */
#ifndef EHUB_STATS_STATS_TILT_H
#define EHUB_STATS_STATS_TILT_H

#include "base/err.h"

/* weight double[n], not negative, replaced. scale double[k]: the columns' standard deviations; a column of 0 is left out. */
ErrKind MUST_USE stats_tilt(const double *x, int64_t n, int k, const double *mean, const double *scale,
                            double penalty, double *weight, Err *reterr);

#endif
