/* insight_ask.h - one question put to simulated rows, whatever answers it, as one estimate with its interval.
 *
 *     "aipw", "did" ... (insight_effect.h)      the effect
 *     "productivity"                            the log of the factor that the treatment has (insight_productivity.h)
 *     "survival"                                the change of the mean time up to INSIGHT_SIM_HORIZON (insight_survival.h)
 *     "uplift"                                  the effect on agents under a year (insight_uplift.h)
 *
 * Threads: one. */
#ifndef EHUB_INSIGHT_INSIGHT_ASK_H
#define EHUB_INSIGHT_INSIGHT_ASK_H

#include "insight/insight_effect.h"
#include "insight/insight_sim.h"

typedef struct InsightAsked {
    StatsEstimate effect;
    double naive, pretrend_p; /* NAN: not made */
} InsightAsked;

typedef struct InsightAsk InsightAsk;
struct InsightAsk {
    const char *name;
    const InsightMethod *method; /* NULL: it is none of insight_effect.h */
    ErrKind (*put)(const InsightAsk *ask, InsightData *d, const InsightQuestion *q, InsightAsked *ret,
                   Err *reterr);
};

/* false: there is no such question. */
bool insight_ask_find(const char *name, InsightAsk *ret);
/* What the world's truth is for this question; NAN: it has none. */
double insight_ask_truth(const InsightAsk *ask, const InsightTruth *truth, InsightEstimand estimand);

#endif
