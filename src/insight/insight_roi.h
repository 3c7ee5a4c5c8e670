/* insight_roi.h - what coaching returned: value of additional closings minus what it cost, with its uncertainty.
 *
 *     inputs (mean, standard error) + lines (office, programme, coach: agents x months) --insight_roi--> net, interval,
 *     chance of paying back, break-even, what moves the result
 *
 *     value = effect x agents x months x commission x split
 *     cost  = (coach hours x coach rate + agent hours x agent rate + licence) x agents x months + fixed
 *
 * Inputs that several lines share are drawn once for all of them: what is unsure about the effect does not average out over
 * offices that were given the same effect. Effects are drawn from t (normal without df), amounts and hours from the
 * log-normal, shares from the beta distribution with the given mean and standard error, each independent of the others.
 * Beside the simulation stands the delta method; where the two differ, the product of the inputs is skew.
 * Owner:    the caller owns the plan; insight_roi_free the result. Threads: pure. Result: same plan and seed, same figures.
 * Limits:   INSIGHT_ROI_LINES_MAX lines, INSIGHT_ROI_GROUPS_MAX groups.
 * Errors:   INVALID naming line and input: not finite, negative amount, share beyond 0 .. 1, standard error too large. */
#ifndef EHUB_INSIGHT_INSIGHT_ROI_H
#define EHUB_INSIGHT_INSIGHT_ROI_H

#include "base/jw.h"
#include "stats/stats_ols.h"

#define INSIGHT_ROI_LINES_MAX 2000
#define INSIGHT_ROI_GROUPS_MAX 2000
#define INSIGHT_ROI_DRAWS 20000 /* with more than 50 groups and periods fewer, down to 2,000 */

/* X(ID, column of a table and name in answers, "what it is", kind) */
#define INSIGHT_ROI_ROLES(X)                                                          \
    X(EFFECT, "effect", "additional closings of an agent and month", REAL)            \
    X(COMMISSION, "commission", "commission of a closing", AMOUNT)                    \
    X(SPLIT, "split", "share of the commission that stays with the brokerage", SHARE) \
    X(COACH_HOURS, "coach_hours", "hours of a coach for an agent and month", AMOUNT)  \
    X(COACH_RATE, "hourly", "cost of a coach's hour", AMOUNT)                         \
    X(AGENT_HOURS, "agent_hours", "hours of the agent itself for a month", AMOUNT)    \
    X(AGENT_RATE, "agent_hourly", "worth of an agent's hour", AMOUNT)                 \
    X(LICENCE, "licence", "price of the licence for an agent and month", AMOUNT)      \
    X(FIXED, "fixed", "cost of the line that does not depend on agents and months", AMOUNT)

typedef enum InsightRoiRole {
#define X(id, name, what, kind) INSIGHT_ROI_##id,
    INSIGHT_ROI_ROLES(X)
#undef X
        INSIGHT_ROI_N_ROLES
} InsightRoiRole;
const char *insight_roi_role_name(InsightRoiRole r);
const char *insight_roi_role_what(InsightRoiRole r);

typedef struct InsightRoiInput {
    InsightRoiRole role;
    double mean, se; /* se 0: taken as exact */
    double df;       /* of an effect; 0 or INFINITY: normal */
    int64_t line;    /* of the file it came from, for messages; 0: not from one */
} InsightRoiInput;

typedef struct InsightRoiLine {
    int32_t group;  /* 0 .. n_groups - 1 */
    int32_t period; /* 0 .. n_periods - 1; n_periods 0: none */
    double agents, months;
    int32_t input[INSIGHT_ROI_N_ROLES]; /* into inputs; -1: none, counts as 0 (split: 1) */
} InsightRoiLine;

typedef struct InsightRoiPlan {
    const InsightRoiInput *input;
    int32_t n_inputs;
    const InsightRoiLine *line;
    int32_t n_lines;
    const char *const *group; /* names */
    int32_t n_groups;
    const char *const *period;
    int32_t n_periods;
    double level;
    uint64_t seed;
} InsightRoiPlan;

/* estimate: at the means of the inputs (also the expected value); low, high, se from the draws. */
typedef struct InsightRoiSum {
    const char *name;
    double agent_months;
    double coach_cost, agent_cost, licence_cost, fixed_cost; /* at the means */
    StatsEstimate value, cost, net, ratio; /* ratio: net / cost; NAN where there is no cost */
    double net_se_delta;
    double pays_back; /* chance of net > 0 */
    double
        break_even_effect; /* of an agent and month: net is 0; NAN: never, nothing is earned by a closing */
    double break_even_licence; /* the highest price at which net is 0; negative: not even for nothing */
} InsightRoiSum;

/* An input moved to the ends of its own interval, the others at their means. */
typedef struct InsightRoiMove {
    int32_t input;
    double at_low, at_high;   /* the input's values */
    double net_low, net_high; /* of the total, there */
    double share;             /* of the delta method's variance */
} InsightRoiMove;

#define INSIGHT_ROI_MOVES_MAX 30
#define INSIGHT_ROI_EFFECTS 6
#define INSIGHT_ROI_COSTS 4

typedef struct InsightRoi {
    int draws;
    InsightRoiSum total;
    InsightRoiSum *group, *period;              /* [n_groups], [n_periods] */
    InsightRoiMove move[INSIGHT_ROI_MOVES_MAX]; /* largest first */
    int n_moves;
    /* Net of the total with effects and costs times these. */
    double effect_times[INSIGHT_ROI_EFFECTS], cost_times[INSIGHT_ROI_COSTS];
    double grid[INSIGHT_ROI_EFFECTS][INSIGHT_ROI_COSTS];
} InsightRoi;

ErrKind MUST_USE insight_roi(const InsightRoiPlan *p, InsightRoi **ret, Err *reterr);
void insight_roi_free(InsightRoi *r);
DEFINE_FREEP(InsightRoi, insight_roi_free)

/* Members of an object that is open: "net", "value", "cost", "roi", "p_payback", "break_even", "waterfall", "groups",
 * "periods", "sensitivity", "grid". */
void insight_roi_json(Jw *w, const InsightRoiPlan *p, const InsightRoi *r);

#endif
