/* insight_productivity.h - output of an agent and month, adjusted for season, market and mix.
 *
 *     InsightData (y = closings, commission or activity; time; unit = agent; stratum = office; covariates)
 *         --regression on the log scale (stats/stats_counts.h)--> index of each month, of each office, of each covariate
 *         --expected from month and mix--> each agent's observed over expected, shrunk by what chance explains
 *         --agent and month effects swept out--> what the treatment changes within agents
 *
 * Errors by agent where there is one, else by cluster, else by row. Shrinkage: gamma prior with the spread between agents that
 * the rows show (Clayton, Kaldor 1987), counts divided by the dispersion within agents. A ratio is to the average, weighted by
 * exposure.
 * Owner:    insight_productivity_free; names of offices and agents belong to the data. Threads: pure.
 * Limits:   INSIGHT_PERIODS_MAX months, INSIGHT_OFFICES_MAX offices.
 * Errors:   INVALID negative or only 0 outcomes, exposure not positive, no columns to adjust for. */
#ifndef EHUB_INSIGHT_INSIGHT_PRODUCTIVITY_H
#define EHUB_INSIGHT_INSIGHT_PRODUCTIVITY_H

#include "base/jw.h"
#include "insight/insight_data.h"

#define INSIGHT_PERIODS_MAX 400
#define INSIGHT_OFFICES_MAX 400

/* A month, an office, a covariate: its factor on the output. */
typedef struct InsightFactor {
    char name[160];
    double exposure, observed;
    StatsEstimate log_ratio; /* NAN: it cannot be told */
    double adjusted;         /* output of a month of exposure, if all were of this kind; NAN for covariates */
} InsightFactor;

typedef struct InsightAgent {
    const char *name;
    double exposure, observed, expected;
    double ratio, low, high; /* shrunk, with its interval */
    double above;            /* chance that the agent is above average */
} InsightAgent;

typedef struct InsightProductivity {
    double level;
    double mean; /* observed output of a unit of exposure */
    double dispersion, dispersion_within;
    InsightFactor *period, *office, *covariate;
    int n_periods, n_offices, n_covariates;
    InsightAgent *agent; /* best first */
    int32_t n_agents;
    double spread;              /* standard deviation of agents' true ratios; NAN: no agents */
    bool has_treatment, within; /* within: agents' own levels are swept out */
    StatsEstimate treatment_log_ratio;
    double additional, additional_low, additional_high; /* a treated row's output because of the treatment */
    int64_t zero_rows; /* of agents without any output: left out of `within` */
    Buf warnings;
} InsightProductivity;

ErrKind MUST_USE insight_productivity(const InsightData *d, double level, InsightProductivity **ret,
                                      Err *reterr);
void insight_productivity_free(InsightProductivity *p);
DEFINE_FREEP(InsightProductivity, insight_productivity_free)
/* Members of an object that is open. */
void insight_productivity_json(Jw *w, const InsightProductivity *p);

#endif
