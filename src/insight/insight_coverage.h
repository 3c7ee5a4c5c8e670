/* insight_coverage.h - do intervals hold what they promise? A question over many simulated draws with a known effect.
 *
 *     world, question, draws --each: insight_sim, insight_ask--> share of intervals that contain the truth
 *
 * Threads:  `threads` of them, each with draws of its own; the result does not depend on their number. Blocks.
 * Errors:   INVALID the world has no truth for the question . the first failure of a draw that is no refusal (INVALID): TIMEOUT, INTERNAL ... */
#ifndef EHUB_INSIGHT_INSIGHT_COVERAGE_H
#define EHUB_INSIGHT_INSIGHT_COVERAGE_H

#include "insight/insight_ask.h"

#define INSIGHT_DRAWS_MAX 1000000

typedef struct InsightCoverage {
    double truth;
    int draws, refused;     /* a refused draw counts nowhere else */
    int covered, low, high; /* the truth lies inside, below, above the interval */
    double share, share_low,
        share_high; /* covered, with Wilson's interval (1927) for the simulation's own error */
    double bias, spread,
        mean_se; /* of the estimates: mean minus truth, standard deviation; mean standard error */
    double naive_bias;
    double pretrend_rejected; /* at 5 %, of draws with a test of the leads; NAN: none have one */
    double rejected;          /* share of draws whose interval excludes 0: the power */
    char reason[200];         /* of the first refusal */
} InsightCoverage;

typedef void InsightCoverageProgress(void *arg, int done, int of);
ErrKind MUST_USE insight_coverage(InsightWorld w, const InsightAsk *ask, const InsightQuestion *q,
                                  int n_agents, int draws, int threads, InsightCoverageProgress *progress,
                                  void *arg, InsightCoverage *ret, Err *reterr);

#endif
