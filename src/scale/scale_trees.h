/* scale_trees.h - corrects the forecasts of another model by boosted trees on what was known when they were made.
 *
 *     what is known + a base forecast --> rows kept until their value comes --> trees fitted on (value - base) --> base + correction
 *
 * Gradient boosting (Friedman 2001) of the pinball loss at 0.5, so the correction aims at the median: splits by the sum of the
 * gradients on SCALE_TREES_BINS bins a column, each tree on a random half of the rows (Friedman 2002), the median of what is left
 * in every leaf, shrunk. Rows and targets are in units of the usual error, so that calm and busy hours count alike. Fitted again
 * whenever SCALE_TREES_FRESH of the rows are new.
 *
 * Owner:    scale_trees_free. Threads: one at a time. Deterministic: the random halves are seeded.
 * Limits:   SCALE_TREES_ROWS rows (older ones are thrown out; where the steps are short, not every step is a row).
 * Cost:     a fit about 30 ms at the most rows; a forecast about a microsecond. */
#ifndef EHUB_SCALE_SCALE_TREES_H
#define EHUB_SCALE_SCALE_TREES_H

#include "base/base.h"

#define SCALE_TREES_COLUMNS_MAX 32
#define SCALE_TREES_ROWS 6000
#define SCALE_TREES_BINS 32
#define SCALE_TREES_FRESH 0.1

typedef struct ScaleTrees ScaleTrees;

/* every: of so many rows one is kept, from 1. */
ScaleTrees *scale_trees_new(int n_columns, int every);
void scale_trees_free(ScaleTrees *t);
DEFINE_FREEP(ScaleTrees, scale_trees_free)
/* A row (double[n_columns]) whose target is known now. Fits when it is time. */
void scale_trees_learn(ScaleTrees *t, const double *row, double target);
/* The correction for a row; NAN: too few rows yet. */
double scale_trees_ask(const ScaleTrees *t, const double *row);

#endif
