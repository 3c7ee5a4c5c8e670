/* insight_learner.h - one kind of model trained without each fold in turn, at several settings. Private to src/insight.
 *
 *     rows outside fold f --train--> model f --predict the rows of f--> double[n] of models that have not seen their row
 *
 * A setting is a penalty, or a number of boosting rounds: all are had from one training. Who chooses: insight_nuisance.c.
 * Owner: insight_net_free, insight_trees_free. Threads: one; trees run a child (gbt/gbt_train.h). */
#ifndef EHUB_INSIGHT_INSIGHT_LEARNER_H
#define EHUB_INSIGHT_INSIGHT_LEARNER_H

#include "insight/insight_effect.h"
#include "insight/insight_folds.h"
#include "stats/stats_net.h"

typedef struct InsightFolds {
    const int32_t *of; /* int32_t[n] */
    int n;
} InsightFolds;

/* What is to be predicted, and from which rows it is learned. */
typedef struct InsightTarget {
    const double *y; /* double[n] */
    int arm;         /* rows with t == arm; -1: all */
    bool chance;     /* y is 0 or 1: learned by likelihood, predicted as a chance */
    const bool
        *hidden; /* bool[n]: rows that nothing is learned from, not even which setting is best; or NULL */
} InsightTarget;

static inline bool insight_learns_from(const InsightData *d, const InsightTarget *g, int64_t i)
{
    return !(g->hidden && g->hidden[i]) && (g->arm < 0 || (d->t[i] > 0.5) == g->arm);
}

/* ---- penalised regression (insight_learner_net.c) ---- */

/* The covariates, or with their squares and products. x double[n][k] column-major. */
typedef struct InsightBasis {
    double *x;
    int k;
} InsightBasis;
InsightBasis insight_basis(const InsightData *d);
InsightBasis insight_basis_wide(const InsightData *d); /* k 0: there are too many columns for it */
void insight_basis_done(InsightBasis *b);

typedef struct InsightNet InsightNet;
ErrKind MUST_USE insight_net_train(const InsightData *d, const InsightBasis *b, InsightFolds folds,
                                   const InsightTarget *g, double alpha, InsightNet **ret, Err *reterr);
void insight_net_free(InsightNet *net);
int insight_net_settings(const InsightNet *net);
void insight_net_predict(const InsightNet *net, int setting, double *out);

/* ---- boosted trees (insight_learner_trees.c) ---- */

#define INSIGHT_TREES_MAX 16
typedef struct InsightTreeSpec {
    InsightTarget target;
    bool with_t; /* the treatment is a feature too */
    int depth;
} InsightTreeSpec;

typedef struct InsightTrees InsightTrees;
/* All specs in as few children as memory allows. */
ErrKind MUST_USE insight_trees_train(const InsightData *d, InsightFolds folds, const InsightTreeSpec *spec,
                                     int n_specs, const InsightQuestion *q, uint64_t seed, InsightTrees **ret,
                                     Err *reterr);
void insight_trees_free(InsightTrees *t);
int insight_trees_settings(const InsightTrees *t);
/* t: the value of the treatment where it is a feature. */
ErrKind MUST_USE insight_trees_predict(const InsightTrees *t, int spec, int setting, double treatment,
                                       double *out, Err *reterr);

#endif
