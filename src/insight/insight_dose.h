/* insight_dose.h - how much coaching is best: each level against the lowest and against the one below it, by tier.
 *
 *     levels of the treatment --each pair: insight_scores--> effect of the step, on all and by tier
 *
 * Luo et al. 2021 found an inverted U: the least able got worse from too much feedback. A step whose interval lies below 0 is
 * such a case, and a warning names it.
 * Owner: insight_doses_free. Threads: one. Limits: INSIGHT_DOSES_MAX levels.
 * Errors: INVALID a level that is no number, fewer than two or too many levels; those of insight_scores.h. */
#ifndef EHUB_INSIGHT_INSIGHT_DOSE_H
#define EHUB_INSIGHT_INSIGHT_DOSE_H

#include "insight/insight_uplift.h"

#define INSIGHT_DOSES_MAX 6
#define INSIGHT_DOSE_STEPS_MAX (2 * INSIGHT_DOSES_MAX)

typedef struct InsightDoseStep {
    char from[60], to[60];
    int64_t n_from, n_to;
    StatsEstimate effect;
    InsightBreakdown tiers; /* n 0: no tier */
} InsightDoseStep;

typedef struct InsightDoses {
    double level;
    char dose[INSIGHT_DOSES_MAX][60]; /* ascending */
    int n_doses;
    InsightDoseStep step[INSIGHT_DOSE_STEPS_MAX]; /* against the lowest, then against the one below */
    int n_steps;
    Buf warnings;
} InsightDoses;

/* c: treated and control are filled in for each step. */
ErrKind MUST_USE insight_doses(const char *path, const InsightColumns *c, const InsightQuestion *q,
                               InsightDoses **ret, Err *reterr);
void insight_doses_free(InsightDoses *s);
DEFINE_FREEP(InsightDoses, insight_doses_free)
void insight_doses_json(Jw *w, const InsightDoses *s);

#endif
