/* insight_nuisance.h - what is expected of each row, treated and not, by models that have not seen it.
 *
 *     rows --K folds--> lasso, lasso with products, boosted trees --cross-validation--> best setting of each
 *          --mixture with the least loss (stats/stats_stack.h)--> chance of treatment e, outcomes mu[0], mu[1]
 *
 * Cross-fitting (Chernozhukov et al. 2018) with a super learner (van der Laan, Polley, Hubbard 2007). Settings and weights
 * are chosen on the same held-out predictions (short stacking: Ahrens, Hansen, Schaffer, Wiemann 2024): a handful of numbers
 * from all rows, which costs a fifth of doing it inside each fold.
 * Owner:    insight_nuisance_free. Threads: one; blocks while trees are trained in a child.
 * Result:   the same rows, folds and seed give the same predictions.
 * Errors:   those of training; INVALID an arm too small to learn from. */
#ifndef EHUB_INSIGHT_INSIGHT_NUISANCE_H
#define EHUB_INSIGHT_INSIGHT_NUISANCE_H

#include "insight/insight_effect.h"

#define INSIGHT_LEARNERS_MAX 8

typedef struct InsightLearned {
    double *p; /* double[n] */
    int n_learners;
    const char *name[INSIGHT_LEARNERS_MAX];
    double loss
        [INSIGHT_LEARNERS_MAX]; /* of held-out rows: mean square error, of a chance minus log likelihood */
    double weight[INSIGHT_LEARNERS_MAX];
    double combined_loss, constant_loss; /* of the mixture; of knowing the mean only */
} InsightLearned;

typedef struct InsightNuisance {
    InsightLearned treated; /* chance of treatment, not clipped */
    InsightLearned outcome[2];
} InsightNuisance;

/* hidden: bool[n], rows that are predicted but not learned from in any way; NULL: none. */
ErrKind MUST_USE insight_nuisance(const InsightData *d, const int32_t *fold, int n_folds, const bool *hidden,
                                  const InsightQuestion *q, uint64_t seed, InsightNuisance **ret,
                                  Err *reterr);
void insight_nuisance_free(InsightNuisance *u);
DEFINE_FREEP(InsightNuisance, insight_nuisance_free)

/* Members "treatment_model", "outcome_model_control", "outcome_model_treated" into an object that is open. */
void insight_nuisance_json(Jw *w, const InsightNuisance *u);

#endif
