/* insight_scores.h - what a row says about the effect on itself, and what models that have not seen it expect.
 *
 *     rows --insight_nuisance--> e, mu0, mu1 --> phi[0], phi[1] --phi[1] - phi[0] on covariates, by fold--> tau
 *
 * phi[a] = mu[a] + (y - mu[a]) / chance of a, where a was seen (Robins, Rotnitzky, Zhao 1994): noisy, but right on average in
 * any group of rows, when either the chances or the outcome models are right. tau is the DR-learner (Kennedy 2020): a mixture
 * of penalised regression and boosted trees of phi[1] - phi[0].
 * Honest (Athey, Imbens 2016): a row has no part in its own tau, neither in the models behind the scores that tau is learned
 * from, nor in the choice of settings; so that groups that are made by tau are judged on rows that did not make them. That
 * costs as many rounds of training as there are folds; one round would do if its groups were not made by the rows they are
 * judged on.
 * Owner:    insight_scores_free. Threads: one; trees are trained in a child. Result: same rows and seed, same scores.
 * Errors:   INVALID an arm too small, no covariates, no overlap; those of training. */
#ifndef EHUB_INSIGHT_INSIGHT_SCORES_H
#define EHUB_INSIGHT_INSIGHT_SCORES_H

#include "insight/insight_effect.h"
#include "insight/insight_nuisance.h"

#define INSIGHT_SCORES_ARM_MIN 30

typedef struct InsightScores {
    int64_t n;
    int32_t *fold; /* int32_t[n] */
    int n_folds;
    double *e; /* double[n] chance of treatment, clipped */
    double clip;
    int64_t n_clipped;
    bool known;             /* the chances were given, not modelled */
    double *phi[2];         /* double[n] */
    double *effect;         /* double[n] phi[1] - phi[0] */
    double *residual;       /* double[n] y less what the models of the row's own arm expect */
    double *tau;            /* double[n]; NULL: not asked for */
    double *rank;           /* double[n] share of its fold's rows with a higher tau, 0 .. 1 */
    bool flat;              /* tau does not differ within folds: there is no order */
    InsightLearned learned; /* the mixture behind tau, averaged over folds; p is NULL */
    InsightNuisance *u;     /* of the last fold */
} InsightScores;

ErrKind MUST_USE insight_scores(const InsightData *d, const InsightQuestion *q, bool with_tau,
                                InsightScores **ret, Err *reterr);
/* Scores for the means of groups: within each group the weights of an arm are made to sum to the group's rows, as
 * insight_aipw.c does for all, and a row's correction counts as if the row had no part in the arm's mean correction. The mean
 * over the group is its effect, their spread its error.
 * group: int32_t[n], 0 .. n_groups - 1 or -1 for none. score: double[n]. effective:
 * double[n_groups][2], rows of each arm as the weights leave them (Kish 1965). */
void insight_scores_within(const InsightData *d, const InsightScores *s, const int32_t *group, int n_groups,
                           double *score, double (*effective)[2]);
void insight_scores_free(InsightScores *s);
DEFINE_FREEP(InsightScores, insight_scores_free)

#endif
