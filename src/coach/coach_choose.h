/* coach_choose.h - which coaching is expected to help an agent most.
 *
 *     prediction (SHAP) or gaps to the office --coach_choose_rank--> at most 3 interventions --> `intervention`, live streams
 *
 * The formula. behind_f >= 0 says how much feature f costs the agent:
 *     shap:  max(0, -shap_f)                                      (margin units of the goal model)
 *     rule:  the distance from the office's median on the worse side, in robust standard deviations
 *            (1.4826 * median absolute deviation), at most 3      (when there is no prediction)
 * A driver of an intervention matches when the agent stands on its side of the office's median (high, low) and
 * behind_f > 0. With S = the sum of behind over all features that any enabled intervention addresses, and s_k the part that
 * intervention k's matching drivers address:
 *     delta_k = effect_k * s_k / S,         with shap at most s_k: no more can be gained than is lost
 * effect_k is the playbook's prior_effect; where a tenant lets the choice learn, a draw from what was learned (coach_learn.h).
 *     score_k = sigmoid(margin + delta_k) - sigmoid(margin)       = p' - p;  rule: margin = 0, so an order, not a forecast
 * Left out are: disabled ones; those for which the agent already got per_week (lowest third by closings_365d:
 * per_week_lowest_tier) interventions in the last 7 days; those sent or refused less than cooldown_days ago; those that an
 * experiment holds back from this agent.
 *
 * Threads:  any worker thread; rank is pure, the others block. Limits: COACH_CHOICES suggestions an agent.
 * Errors:   NOT_FOUND the tenant has no events; those of pg_shard.h and coach_playbook.h. */
#ifndef EHUB_COACH_COACH_CHOOSE_H
#define EHUB_COACH_COACH_CHOOSE_H

#include "coach/coach_playbook.h"
#include "coach/coach_predict.h"

#define COACH_CHOICES 3

typedef struct CoachStanding {
    bool by_rule;
    double margin; /* rule: 0 */
    double behind[COACH_N_FEATURES];
    float x[COACH_N_FEATURES];
    float median[COACH_N_FEATURES];
} CoachStanding;

typedef struct CoachPast {
    int sent_7d; /* interventions sent in the last 7 days, of any kind */
    bool lowest_tier;
    double
        days_since[COACH_PLAYS_MAX]; /* by position in the playbook: since sent or refused; INFINITY never */
    bool held_back[COACH_PLAYS_MAX]; /* by an experiment: this agent is not to get it (yet) */
} CoachPast;

/* An intervention that fits the agent and is within the limits. */
typedef struct CoachOpen {
    int play;                          /* in the playbook */
    double share;                      /* s_k / S */
    double most;                       /* delta_k at most: s_k with shap, INFINITY by rule */
    int drivers[COACH_PLAY_RULES_MAX]; /* features, the costliest first */
    int n_drivers;
} CoachOpen;

typedef struct CoachChoice {
    int play;                          /* in the playbook */
    double score;                      /* p' - p */
    int drivers[COACH_PLAY_RULES_MAX]; /* features, the costliest first */
    int n_drivers;
} CoachChoice;

/* Returns how many of ret are filled, in the playbook's order. ret_withheld (may be NULL): interventions that fit but are
 * over a limit or held back. */
int coach_choose_open(const CoachPlaybook *book, const CoachStanding *standing, const CoachPast *past,
                      CoachOpen ret[static COACH_PLAYS_MAX], int *ret_withheld);
/* What intervention k could do for the agent, whatever the limits say; share 0: the agent is not behind in its drivers. */
CoachOpen coach_choose_fit(const CoachPlaybook *book, int k, const CoachStanding *standing);
/* delta_k */
double coach_choose_delta(const CoachOpen *open, double effect);
/* The best of the open ones by effect double[book->n] (NULL: prior_effect). Returns how many of ret are filled, the best
 * first; ties keep the playbook's order. */
int coach_choose_best(const CoachPlaybook *book, const CoachOpen *open, int n_open, double margin,
                      const double *effect, CoachChoice ret[static COACH_CHOICES]);
/* open, then best by prior_effect. */
int coach_choose_rank(const CoachPlaybook *book, const CoachStanding *standing, const CoachPast *past,
                      CoachChoice ret[static COACH_CHOICES], int *ret_withheld);

/* From a goal prediction. */
void coach_standing_shap(const CoachPrediction *p, CoachStanding *ret);
/* From the office: mad float[COACH_N_FEATURES] are median absolute deviations (0 or NaN: the feature is left out). */
void coach_standing_rule(const float *x, const float *median, const float *mad, CoachStanding *ret);

typedef struct CoachChooseSummary {
    int32_t as_of;
    int64_t agents, suggested, expired, withheld;
    int64_t by_rule;  /* agents without a prediction of that date */
    int64_t learned;  /* agents whose choice went by what was learned */
    int64_t explored; /* of them: something else than what is expected to help most */
} CoachChooseSummary;
/* Every agent of the tenant. as_of INT32_MIN: the horizon. Snapshots that are missing are computed; predictions are taken
 * as stored (coach_predict_all). Undecided suggestions from before expire; the best new one of each agent is published. */
ErrKind MUST_USE coach_choose_all(PgShards *s, Uuid tenant, int32_t as_of, Deadline by,
                                  CoachChooseSummary *ret, Err *reterr);

#endif
