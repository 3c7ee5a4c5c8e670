/* gbt_goal.h - what each objective that can be trained asks of labels, and its metric. Private to src/gbt.
 *
 * One table for the parent (which checks the labels) and the child (which sets up libxgboost). */
#ifndef EHUB_GBT_GBT_GOAL_H
#define EHUB_GBT_GBT_GOAL_H

#include "gbt/gbt_param.h"

typedef enum GbtLabels {
    GBT_LABEL_ANY,
    GBT_LABEL_SHARE,     /* 0 .. 1 */
    GBT_LABEL_TWO,       /* 0 or 1 */
    GBT_LABEL_NOT_BELOW, /* 0 and more */
    GBT_LABEL_ABOVE,     /* more than 0 */
    GBT_LABEL_CLASS,     /* 0 .. num_class - 1 */
    GBT_LABEL_NOT_ZERO,  /* survival:cox: a time, negative when it ended without the event */
} GbtLabels;

typedef enum GbtBase { GBT_BASE_NONE, GBT_BASE_MEAN, GBT_BASE_MEDIAN, GBT_BASE_QUANTILE } GbtBase;

typedef struct GbtGoal {
    const char *name;    /* as in GbtParams.objective; quantile: without its number */
    const char *xgboost; /* the objective that libxgboost is given, and stores */
    GbtLabels labels;
    GbtBase base;
    const char *metric;
    const char *help;
    double alpha; /* of quantile:ALPHA */
} GbtGoal;

/* UNSUPPORTED naming the objective. */
ErrKind MUST_USE gbt_goal_find(const char *objective, GbtGoal *ret, Err *reterr);
bool gbt_goal_label_fits(const GbtGoal *g, double y, int num_class);
bool gbt_goal_is_multi(const GbtGoal *g);
const GbtGoal *gbt_goal_at(int i); /* NULL after the last */

/* Whether a metric is known, and whether more is better. */
bool gbt_goal_metric(Str name, bool *ret_rises);

/* The starting point from labels and weights (NULL: all 1), kept off the ends where the link has none; NAN: leave it to
 * libxgboost. y is not changed. */
double gbt_goal_base(const GbtGoal *g, const float *y, const float *weight, int64_t n);

/* Pinball loss of predictions p at g->alpha, weighted mean (Koenker, Bassett 1978). */
double gbt_goal_pinball(const GbtGoal *g, const float *p, const float *y, const float *weight, int64_t n);

#endif
