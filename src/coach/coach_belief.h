/* coach_belief.h - what a tenant's coaching is believed to do: learned from its outcomes and experiments, kept, and read again.
 *
 *     playbook's priors --> CoachBelief <-- coach_outcome (coach_outcome.h), CoachStudy (of an experiment, from the caller)
 *                              '--> coach_belief (control) --> coach_choose_all, when the tenant lets its choice learn
 *
 * Made anew from all outcomes each time, in a fixed order: the same outcomes give the same beliefs to the last bit.
 *   outcome  coach_learn_change, with the mean variance of the intervention's outcomes: an outcome's own one comes from the few
 *            that it was compared with, and those among whom nothing happened to move would weigh most. None counts as
 *            more exact than an sd of COACH_BELIEF_LEAST_SD on the scale of the effect. A second one of the same agent
 *            and intervention within COACH_OUTCOME_DAYS of one that counts is part of that one and does not count.
 *   study    the effect of an experiment by assignment, in closings of an agent in 30 days, times the slope of the goal's
 *            log-odds on the expected closings (least squares over the agents' newest predictions): assumes that coaching
 *            moves both along that line. se^2 = slope^2 se^2 + effect^2 se_slope^2. It enters by coach_learn_study with
 *            h_t = sum of the shares of the treated agents of tier t who got it, by all treated agents. Outcomes of its
 *            agents in its days do not count then. Not used: without a slope that is 2 standard errors above 0, and
 *            when nobody who was treated has an outcome yet.
 *
 * Threads:  any worker thread; blocks. Limits: COACH_STUDIES_MAX studies, OUTCOMES_MAX outcomes (the newest).
 * Errors:   those of pg_shard.h and coach_playbook.h.
 * See also: coach_learn.h (the formulas), docs/coaching-choice.md. */
#ifndef EHUB_COACH_COACH_BELIEF_H
#define EHUB_COACH_COACH_BELIEF_H

#include "coach/coach_learn.h"
#include "coach/coach_outcome.h"

#define COACH_STUDIES_MAX 64
#define COACH_BELIEF_LEAST_SD 0.25 /* an assumption: agents alike differ as much as tiers do */

/* The estimate of an experiment with one intervention. */
typedef struct CoachStudy {
    Uuid experiment;
    char key[64];
    int32_t from, to;  /* days that its outcome was counted over */
    double effect, se; /* closings of an agent in 30 days */
} CoachStudy;

typedef struct CoachBeliefSummary {
    CoachOutcomeSummary outcomes;
    int64_t used; /* outcomes that the beliefs rest on */
    int studies;  /* that they rest on */
    double slope; /* log-odds of the goal for one expected closing more; NAN: not known */
} CoachBeliefSummary;

/* Measures what is due at as_of (INT32_MIN: the horizon), then makes and stores the beliefs. */
ErrKind MUST_USE coach_belief_update(PgShards *s, Uuid tenant, int32_t as_of, const CoachStudy *studies,
                                     int n_studies, Deadline by, CoachBeliefSummary *ret, Err *reterr);
/* ret CoachBelief[book->n]: as stored, the prior where nothing is. Across tiers nothing is kept: cov is diagonal. */
ErrKind MUST_USE coach_belief_read(PgShards *s, Uuid tenant, const CoachPlaybook *book, Deadline by,
                                   CoachBelief *ret, Err *reterr);

/* Does the nightly choice of this tenant learn? */
ErrKind MUST_USE coach_belief_on(PgShards *s, Uuid tenant, Deadline by, bool *ret, Err *reterr);
ErrKind MUST_USE coach_belief_switch(PgShards *s, Uuid tenant, bool on, Deadline by, Err *reterr);

#endif
