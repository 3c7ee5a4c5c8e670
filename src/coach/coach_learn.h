/* coach_learn.h - what coaching has been seen to do, by tier of agent, and a choice that keeps learning from it.
 *
 *     prior of the playbook --coach_learn_change, _goal, _estimate--> CoachBelief of each intervention
 *     beliefs --coach_learn_choose--> Thompson's choice with its propensity --log--> coach_learn_value: what another choice
 *                                                                                   would have been worth
 *
 * The effect of intervention k on an agent of tier t, in log-odds of the goal when all of the shortfall lies in its drivers
 * (the scale of prior_effect), is e_kt = c_k + d_kt with c_k ~ N(prior_effect, COMMON^2), d_kt ~ N(0, TIER^2): what is seen
 * in one tier says something about the others. The belief in (e_k1 .. e_kT) stays normal; seeing r with E r = z e_kt and
 * variance v changes it by Kalman's step, h = z * unit vector t:
 *     K = cov h / (h' cov h + v)      mean += K (r - h' mean)      cov -= K h' cov
 *   change:    r = margin after - margin before - the same of others (coach_outcome.h), v given (a surrogate for the goal
 *              under the model: Athey, Chetty, Imbens, Kang 2019)
 *   goal:      y = 0 or 1 with p = sigmoid(margin + z mean_t): r = z mean_t + (y - p) / (p (1 - p)), v = 1 / (p (1 - p))
 *              (one step of Laplace's approximation; Spiegelhalter, Lauritzen 1990)
 *   estimate:  r of a study with its standard error, z = 1. An outcome must not enter twice, alone and in an estimate.
 *   study:     r of a study over several tiers: h_t = the sum of z over its treated agents of tier t, by all treated agents.
 * Choice (Thompson 1933; Russo et al. 2018): e is drawn for each agent; with chance EXPLORE any open intervention instead,
 * evenly, so that no propensity is below EXPLORE / n. The chance that k is first is, over x = delta,
 *     P_k = integral over x > 0 of f_k(x) prod_{j != k} F_j(x) dx   (+ the mass at the cap delta_k <= most_k)
 * and is computed by the midpoint rule, not simulated; all of them and that of nothing helping add up to 1. Its error is below
 * 0.002 (the unit test compares with a grid of 200,000 steps). Limits and experiments act before, by what is open
 * (coach_choose.h).
 * Value of a policy q from the log of a policy p (doubly robust: Dudik, Langford, Li 2011), m any model of the reward:
 *     mean over decisions of sum_a q(a) m(a) + q(a_i) / p(a_i) (y_i - m(a_i))
 *
 * Threads: pure. Limits: COACH_PLAYS_MAX. See also: docs/coaching-choice.md, tests/unit/coach/test_coach_learn.c. */
#ifndef EHUB_COACH_COACH_LEARN_H
#define EHUB_COACH_COACH_LEARN_H

#include "coach/coach_choose.h"
#include "stats/stats.h"
#include "stats/stats_ols.h"

#define COACH_LEARN_COMMON 0.15 /* sd of an intervention's own effect around the playbook's, log-odds */
#define COACH_LEARN_TIER 0.25   /* sd of a tier's around the intervention's */
#define COACH_LEARN_EXPLORE 0.02

/* Tier of an agent: in the job for less than a year, else the third of the tenant by closings in the year. */
#define COACH_TIERS(X)                  \
    X(NEW, "new", "under a year")       \
    X(LOW, "low", "lowest third")       \
    X(MIDDLE, "middle", "middle third") \
    X(TOP, "top", "top third")
typedef enum CoachTier {
#define X(id, name, what) COACH_TIER_##id,
    COACH_TIERS(X)
#undef X
        COACH_N_TIERS
} CoachTier;
const char *coach_tier_name(CoachTier t);
const char *coach_tier_words(CoachTier t); /* "lowest third" */
bool coach_tier_parse(Str name, CoachTier *ret);
/* Of a tenant's closings; lower = upper: nobody is in the lowest or the top third. */
typedef struct CoachThirds {
    double lower, upper;
} CoachThirds;
/* closings double[n], NAN where not known; changed. */
CoachThirds coach_thirds(double *closings, int64_t n);
/* NAN tenure counts as more than a year, NAN closings as none. */
CoachTier coach_tier(double tenure_days, double closings, CoachThirds thirds);

typedef struct CoachBelief {
    double mean[COACH_N_TIERS];
    double cov[COACH_N_TIERS][COACH_N_TIERS];
    int64_t n[COACH_N_TIERS]; /* outcomes and estimates seen of each tier */
} CoachBelief;
CoachBelief coach_belief(double prior_effect);
double coach_belief_sd(const CoachBelief *b, CoachTier t);

/* z in (0, 1]; what is not finite, and variances that are not positive, are left out. */
void coach_learn_change(CoachBelief *b, CoachTier t, double z, double change, double variance);
void coach_learn_goal(CoachBelief *b, CoachTier t, double z, double margin, bool reached);
void coach_learn_estimate(CoachBelief *b, CoachTier t, double estimate, double se);
/* h double[COACH_N_TIERS], none below 0; all 0 teaches nothing. */
void coach_learn_study(CoachBelief *b, const double *h, double estimate, double se);

/* Draws effect double[n plays] for one agent. */
void coach_learn_draw(const CoachBelief *beliefs, int n, CoachTier t, StatsRng *rng, double *effect);
/* Chance double[n_open] that each is first when effects are drawn, EXPLORE mixed in; what is missing to 1: nothing helps. */
void coach_learn_propensity(const CoachBelief *beliefs, CoachTier t, const CoachOpen *open, int n_open,
                            double *ret);
/* The best by effects that are drawn, with the scores that are expected. Returns how many of ret are filled; *ret_propensity
 * that of ret[0], or of choosing nothing; NAN when nothing is open. */
int coach_learn_choose(const CoachPlaybook *book, const CoachBelief *beliefs, CoachTier t,
                       const CoachOpen *open, int n_open, double margin, StatsRng *rng,
                       CoachChoice ret[static COACH_CHOICES], double *ret_propensity);

/* One logged decision: the chance that the logging policy and the judged one had to take what was taken, the outcome, and the
 * model's expectation of it (0 and 0: plain inverse propensities) for what was taken and for what the judged one takes. */
typedef struct CoachLogged {
    double logged_p, judged_p, reward, expected, judged_expected;
    int32_t agent; /* 0 .. n_agents - 1: decisions about one agent hang together */
} CoachLogged;
/* Interval of 95 %, clustered by agent. INVALID: fewer than two agents, or a propensity outside (0, 1]. */
ErrKind MUST_USE coach_learn_value(const CoachLogged *log, int64_t n, int32_t n_agents, StatsEstimate *ret,
                                   Err *reterr);
/* Self-normalised inverse propensities (coach_evaluate.h), expected is not used. INVALID as above, and fewer than two agents
 * for whom the judged one had a chance to take what was taken. */
ErrKind MUST_USE coach_learn_ratio(const CoachLogged *log, int64_t n, int32_t n_agents, StatsEstimate *ret,
                                   Err *reterr);
/* (sum w)^2 / sum w^2, 0 without any weight. */
double coach_learn_effective(const CoachLogged *log, int64_t n);

#endif
