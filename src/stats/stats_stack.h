/* stats_stack.h - the best mixture of several predictions: weights that are not negative and add up to 1.
 *
 *     p[n_learners][n], y --stats_stack--> weights (super learner: van der Laan, Polley, Hubbard 2007)
 *
 * Predictions should be of models that have not seen the row, or the one that learned by heart gets all the weight.
 * Threads: pure. Cost: O(n L^2) and small. Shapes: p[l] double[n]; y double[n]. */
#ifndef EHUB_STATS_STATS_STACK_H
#define EHUB_STATS_STATS_STACK_H

#include "base/base.h"

/* Least mean square error. Equal learners share equally. */
void stats_stack_squares(const double *const *p, int n_learners, const double *y, int64_t n, double *weights);
/* Greatest likelihood of y 0 or 1 under the mixture of chances p (clipped to 1e-6). */
void stats_stack_likelihood(const double *const *p, int n_learners, const double *y, int64_t n,
                            double *weights);

#endif
