/* insight_survival.h - how fast agents get there (first closing, goal), with and without coaching.
 *
 *     InsightData (y = time, event, entry) --insight_survival--> curve, restricted mean, median of each group; differences;
 *                                                                log-rank; hazard ratios with the test of proportionality
 *
 * Groups are controls and treated where there is a treatment, else the values of the unit column, else all rows together.
 * Curves, means and tests hold nothing equal; only the hazard ratios hold the covariates equal.
 * Owner:    insight_survival_free; names belong to the data. Threads: pure.
 * Limits:   INSIGHT_CURVES_MAX groups.
 * Errors:   INVALID naming the line: negative time, entry not before time; no event in any row; a horizon beyond what a
 *           group was watched for. */
#ifndef EHUB_INSIGHT_INSIGHT_SURVIVAL_H
#define EHUB_INSIGHT_INSIGHT_SURVIVAL_H

#include "base/jw.h"
#include "insight/insight_data.h"
#include "insight/insight_plot.h"
#include "stats/stats_cox.h"

#define INSIGHT_SURVIVAL_TICKS 7

typedef struct InsightSurvivalGroup {
    const char *name;
    StatsKm *km;
    StatsEstimate rmst;   /* mean time up to the horizon */
    StatsEstimate shared; /* share that had the event by the horizon; bounds of the curve */
    StatsKmQuantile median;
    double observed, expected; /* events, of the log-rank test */
    int64_t at_risk[INSIGHT_SURVIVAL_TICKS];
} InsightSurvivalGroup;

typedef struct InsightHazard {
    char *name;
    StatsEstimate log_ratio; /* NAN: it cannot be told */
    double model_se, robust_se;
    StatsCoxTest proportional;
} InsightHazard;

typedef struct InsightSurvival {
    double level, horizon;
    bool compares; /* two groups by treatment: the differences below are of treated against controls */
    int n_groups;
    InsightSurvivalGroup group[INSIGHT_CURVES_MAX];
    int n_ticks;
    double tick[INSIGHT_SURVIVAL_TICKS];
    StatsEstimate rmst_difference, share_difference;
    StatsEstimate rmst_ratio_log;
    StatsLogrank logrank, logrank_stratified; /* df 0: not made */
    StatsCox *cox, *cox_alone; /* of the columns in hazard; of the treatment alone. NULL: not made */
    int n_hazards;
    InsightHazard *hazard;
    InsightHazard alone; /* of the treatment, nothing held equal */
    Buf warnings;
} InsightSurvival;

/* horizon NAN: the longest time for which every group was watched. */
ErrKind MUST_USE insight_survival(const InsightData *d, double level, double horizon, InsightSurvival **ret,
                                  Err *reterr);
void insight_survival_free(InsightSurvival *s);
DEFINE_FREEP(InsightSurvival, insight_survival_free)

void insight_survival_json(Jw *w, const InsightSurvival *s);
/* Draws the curves: svg true as SVG, else in letters. */
void insight_survival_plot(const InsightSurvival *s, const char *x_label, bool svg, Buf *out);

#endif
