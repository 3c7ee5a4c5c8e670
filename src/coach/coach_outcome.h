/* coach_outcome.h - what came of the suggestions that somebody decided on, measured once, four weeks later.
 *
 *     prediction before, prediction 28 days after --+--> the agent's change, over what others did
 *     the same of agents to whom nothing was sent ---'        --> coach_outcome on the shard --> coach_belief.h, coach_evaluate.h
 *
 * Both dates are scored anew by the model that is active now, so that a model trained in between changes nothing.
 *   change  of the sum of the SHAP values of the drivers that the agent was behind in (log-odds of the goal)
 *   gain    of the chance to reach the goal
 * Who is behind comes closer to the others without any coaching (regression to the mean). So both are taken over what is
 * expected of an agent who stood as high before: the line of least squares, after on before, of agents of the same tier to
 * whom nothing was sent from the first date to the second; for change of those who were behind in the intervention's
 * drivers themselves, each in its own (fewer than COACH_OUTCOME_COMPARED of them: of all tiers).
 * variance: that of one agent around that line (the prediction variance of simple regression: Draper, Smith 1998, 1.4), its
 * error being Student's with n - 2 degrees of freedom:
 *     s^2 (1 + 1/n + (x - mean x)^2 / Sxx),    s^2 = sum of squared residuals / (n - 4)
 * Assumption: beside where they stand, agents to whom it was sent would have moved as those to whom nothing was sent, with
 * sessions of their coaches as usual on both sides. Whoever decides who gets it knows more than that; only a draw by
 * chance, an experiment, needs no such assumption. What was sent to the same agent in the same weeks for the same drivers
 * is not told apart.
 *
 * Threads:  any worker thread; blocks; expected is pure. Limits: AGENTS_MAX agents, the last COACH_OUTCOME_BACK_DAYS.
 * Errors:   those of pg_shard.h and coach_model.h. Again and after a crash: what is stored stays, the rest is done.
 * See also: docs/coaching-choice.md, tests/unit/coach/test_coach_outcome.c. */
#ifndef EHUB_COACH_COACH_OUTCOME_H
#define EHUB_COACH_COACH_OUTCOME_H

#include "coach/coach_playbook.h"

#define COACH_OUTCOME_DAYS 28
#define COACH_OUTCOME_LATE_DAYS 6 /* the first predictions from 28 to 34 days after */
#define COACH_OUTCOME_BACK_DAYS 366
#define COACH_OUTCOME_COMPARED 10

/* What is expected after of one who had `own` before, from others' before and after double[n]. Others who were all the same
 * before: their mean. false: fewer than COACH_OUTCOME_COMPARED, or they lie on a line. */
bool coach_outcome_expected(const double *before, const double *after, int64_t n, double own,
                            double *ret_expected, double *ret_variance);

typedef struct CoachOutcomeSummary {
    int64_t measured; /* now, of these decisions: with a figure */
    int64_t
        unmeasured; /* now, for good: no later prediction, nobody to compare with, or not behind in its drivers */
    int64_t waiting; /* not yet four weeks old */
} CoachOutcomeSummary;
/* Every decision that has no row yet and whose second date is not after `as_of`. Without an active goal model: none. */
ErrKind MUST_USE coach_outcome_measure(PgShards *s, Uuid tenant, const CoachPlaybook *book, int32_t as_of,
                                       Deadline by, CoachOutcomeSummary *ret, Err *reterr);

#endif
