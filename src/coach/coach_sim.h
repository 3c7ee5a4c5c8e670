/* coach_sim.h - does the choice learn? Ways to choose over small simulated brokerages whose true effects are known.
 *
 *     playbook + seed --coach_sim--> value of the best possible, Thompson's, the priors' and a random choice, month by month
 *
 * Everything here is simulated. Agents have a tier, a log-odds of the goal and shortfalls that move; each is decided on once in
 * `every` weeks, within the playbook's limits, and what came of it is known four weeks later. The true effect of intervention k in tier t is the prior effect of another
 * intervention (they are dealt anew: the priors are wrong) times the tier's factor, plus noise:
 *     e_kt = prior_effect_deal(k) * factor_t + N(0, 0.15^2)    factor: new 2, low 0.5, middle 1, top 0.2
 * (direction: Brynjolfsson, Li, Raymond 2025; Luo et al. 2021; sizes are assumptions). Coaching moves the log-odds by delta
 * (coach_choose.h). Seen of it: the change of the drivers' SHAP values with noise of sd CHANGE_SD (docs/coaching-choice.md says
 * where it was measured), or only whether the goal was reached. The model's margin is off by N(0, 0.3^2) for each agent. Left
 * out: what decisions within the same four weeks do to each other.
 * The value of a choice is the mean gain in the chance to reach the goal over no coaching, from the true effects. The best
 * possible knows them and takes the best open intervention each time.
 * Threads: pure. Result: the same playbook, size and seed give the same numbers. */
#ifndef EHUB_COACH_COACH_SIM_H
#define EHUB_COACH_COACH_SIM_H

#include "coach/coach_learn.h"

#define COACH_SIM_MONTHS_MAX 60
#define COACH_SIM_AGENTS_MAX 20000

#define COACH_POLICIES(X)                                     \
    X(BEST, "best", "knows the true effects")                 \
    X(THOMPSON, "thompson", "draws from what it has learned") \
    X(PRIOR, "prior", "the playbook's priors, never learns")  \
    X(RANDOM, "random", "any open intervention, evenly")
typedef enum CoachPolicy {
#define X(id, name, what) COACH_POLICY_##id,
    COACH_POLICIES(X)
#undef X
        COACH_N_POLICIES
} CoachPolicy;
const char *coach_policy_name(CoachPolicy p);

typedef struct CoachSimConf {
    const CoachPlaybook *book;
    int agents, months; /* of four weeks */
    int every;          /* weeks from one decision about an agent to the next: 1, 2 or 4 */
    uint64_t seed;
    bool goal_only; /* learns from reached goals alone */
} CoachSimConf;

typedef struct CoachSim {
    double value[COACH_N_POLICIES]
                [COACH_SIM_MONTHS_MAX]; /* mean gain in the chance by a decision of that month */
    /* The prior's value on the decisions that Thompson's choice met, from its log, and the truth. */
    StatsEstimate judged;
    double judged_truth;
} CoachSim;

ErrKind MUST_USE coach_sim(const CoachSimConf *conf, CoachSim *ret, Err *reterr);

#endif
