/* insight_sim.h - small brokerages with a known effect of coaching, to see whether intervals keep their promise.
 *
 *     world + seed --insight_sim--> InsightData (as if read from a CSV)        insight_sim_truth --> the effect that was put in
 *
 * The agents are those of docs/simulator.md in short: four skills with a common factor, beginners with a gap, leads that
 * differ; what coaches and the data see of them is noisy. Coaching lifts beginners by 30 %, those under four years by 15 %,
 * others by 3 % (the direction of Brynjolfsson, Li, Raymond 2025; the sizes are assumptions). Everything here is simulated.
 * Threads: pure. Result: the same world, size and seed give the same rows. */
#ifndef EHUB_INSIGHT_INSIGHT_SIM_H
#define EHUB_INSIGHT_INSIGHT_SIM_H

#include "insight/insight_data.h"
#include "stats/stats.h"

/* X(ID, "name", months (0: one row an agent), coaches (0: every agent for itself), "what it is") */
#define INSIGHT_WORLDS(X)                                                                                 \
    X(RANDOMISED, "randomised", 0, 0, "half of the agents are drawn by chance")                           \
    X(FEW_CLUSTERS, "few-clusters", 0, 30,                                                                \
      "15 of 30 coaches are drawn by chance; agents of a coach hang together")                            \
    X(PICKS_WEAK, "picks-weak", 0, 0, "coaches pick agents whose figures are weak")                       \
    X(PICKS_STRONG, "picks-strong", 0, 0, "coaches pick agents whose figures are strong")                 \
    X(TWO_PERIODS, "two-periods", 12, 0, "the weaker agents are coached from month 7 of 12 on")           \
    X(TWO_PERIODS_30, "two-periods-30", 12, 30, "the same, decided by 15 of 30 coaches")                  \
    X(STAGGERED, "staggered", 24, 0, "coaching starts in month 9, 13, 17 or never, earlier for the weak") \
    X(STAGGERED_30, "staggered-30", 24, 30, "the same, decided by 30 coaches")                            \
    X(TRENDS, "two-periods-trends", 12, 0,                                                                \
      "as two-periods, and agents with more closings before grow faster, which covariates show")          \
    X(STAGGERED_TRENDS, "staggered-trends", 24, 0, "as staggered, with such trends")                      \
    X(CLOSINGS, "monthly-closings", 12, 0,                                                                \
      "counts a month with season and good and bad months; the weaker are coached from month 7 on")       \
    X(FIRST_CLOSING, "first-closing", 0, 0,                                                               \
      "months to the first closing, watched for 9 to 12; half of the agents are drawn by chance")

#define INSIGHT_SIM_HORIZON 9 /* months */

typedef enum InsightWorld {
#define X(id, name, months, coaches, what) INSIGHT_WORLD_##id,
    INSIGHT_WORLDS(X)
#undef X
        INSIGHT_N_WORLDS
} InsightWorld;

const char *insight_world_name(InsightWorld w);
const char *insight_world_what(InsightWorld w);
bool insight_world_parse(const char *name, InsightWorld *ret);

typedef struct InsightTruth {
    /* Panels: att is the mean over the coached agents' months from their start on; ate is the same. Monthly closings: log
     * of the factor on their closings. First closing: change of the mean time up to INSIGHT_SIM_HORIZON. */
    double ate, att;
    double beginners; /* ate among those under a year; worlds of one row an agent only, else NAN */
} InsightTruth;

/* n_agents >= 60. Columns: see insight_sim.c; roles are filled as the world has them. */
InsightData *insight_sim(InsightWorld w, int n_agents, uint64_t seed);
/* From 200,000 agents of the world, without the noise of outcomes. */
InsightTruth insight_sim_truth(InsightWorld w);

#endif
