/* coach_evaluate.h - what the choice was worth, and what another one would have been worth, from the log of decisions alone.
 *
 *     intervention (propensity, what was open) + coach_outcome (gain) --> CoachDecided --> done | prior | learned: value, interval
 *
 * A decision is a first suggestion, drawn with a known chance, that somebody accepted, changed or refused; its reward is
 * the agent's gain in the chance to reach the goal in the four weeks after, over comparable agents (coach_outcome.h).
 * Its chance is that among all suggestions that could have been made, so that contexts in which nothing was suggested are
 * left out for every way to choose. Judged are:
 *     done     what was done: the mean reward
 *     prior    always the best by the playbook's prior effects
 *     learned  always the best by what was believed on that day: beliefs of before the outcome, so that no way to choose
 *              is judged by what it learned from
 * ratio: self-normalised inverse propensities (Swaminathan, Joachims 2015), w_i = q(a_i) / p(a_i):
 *     sum w_i r_i / sum w_i, its error that of a weighted mean with clusters of agents
 * robust: doubly robust (coach_learn_value) with the belief of the day as the model of the reward.
 * Effective sample: (sum w)^2 / sum w^2 (Kish 1965). Below COACH_EVALUATE_LEAST a value is refused.
 * Assumption: whether a coach decides on a suggestion at all does not depend on which one it is.
 * Threads:  any worker thread; blocks; log, judge are pure. Limits: the newest DECISIONS_MAX decisions.
 * Errors:   those of pg_shard.h; CORRUPT a stored choice that cannot be read. What cannot be told is a refusal, no error. */
#ifndef EHUB_COACH_COACH_EVALUATE_H
#define EHUB_COACH_COACH_EVALUATE_H

#include "coach/coach_learn.h"

#define COACH_EVALUATE_LEAST 30.0

#define COACH_JUDGED(X)                        \
    X(DONE, "done", "what was done")           \
    X(PRIOR, "prior", "the playbook's priors") \
    X(LEARNED, "learned", "what was believed")
typedef enum CoachJudged {
#define X(id, name, what) COACH_JUDGED_##id,
    COACH_JUDGED(X)
#undef X
        COACH_N_JUDGED
} CoachJudged;
const char *coach_judged_name(CoachJudged j);
const char *coach_judged_words(CoachJudged j);

/* What was open on that day. */
typedef struct CoachChance {
    double share, most; /* of CoachOpen */
    double prior, mean; /* effects: the playbook's, the belief of the day */
    double p;           /* the chance to be chosen */
} CoachChance;

typedef struct CoachDecided {
    CoachChance *open; /* mem_free */
    int n_open, taken; /* taken: position in open */
    double margin, gain;
    int32_t agent; /* 0 .. n_agents - 1 */
} CoachDecided;

/* {"margin","open":[...]} of intervention.choice; key: what was suggested. false: cannot be read; nothing to free. */
bool coach_decided_parse(Str choice, Str key, CoachDecided *ret);
void coach_decided_done(CoachDecided *d);
CoachLogged coach_evaluate_log(const CoachDecided *d, CoachJudged j);

typedef struct CoachJudgement {
    StatsEstimate ratio, robust;
    double effective;  /* decisions */
    char refusal[512]; /* empty: there is a value */
} CoachJudgement;
CoachJudgement coach_evaluate_judge(const CoachDecided *list, int64_t n, int32_t n_agents, CoachJudged j);

typedef struct CoachEvaluation {
    int64_t decisions;          /* that are judged */
    int64_t without_propensity; /* chosen by the priors: they say nothing about another choice */
    int32_t agents;
    CoachJudgement of[COACH_N_JUDGED];
} CoachEvaluation;
ErrKind MUST_USE coach_evaluate(PgShards *s, Uuid tenant, Deadline by, CoachEvaluation *ret, Err *reterr);

#endif
