/* insight_grouptime.h - effects of staggered starts: one for each group of units that start together and each time.
 *
 *     InsightPanel --ATT(g, t) for every start g and time t--> averages: overall, by time since the start, by start, by time
 *
 *              time 0   1   2   3          ATT(2, 3): change of the group that starts at 2 from time 1 (the base) to time 3, minus
 *     starts 2   .      b   x   x          that of units that are not treated by then. Cells before the base are placebos.
 *     never      .      .   .   .
 *
 * Callaway and Sant'Anna 2021: no unit is a control after its own start, which a regression with unit and time effects gets wrong
 * when effects differ (Goodman-Bacon 2021). The base is the last time before the start (and before the anticipation) for all
 * cells, so that the event study starts at 0 there. Covariates: those of the base, doubly robust (insight_twobytwo.h).
 * An average weighs each treated unit and time once. Its error takes the units, their starts among them, as drawn; influence of
 * each cluster, factors and degrees of freedom: stats/stats_influence.h.
 * Owner:    insight_group_times_free. Threads: pure.
 * Limits:   INSIGHT_GROUP_CELLS_MAX numbers of clusters times averages; past it ERR_LIMIT.
 * Errors:   INVALID when no start has controls, when the covariates are too many for every cell. */
#ifndef EHUB_INSIGHT_INSIGHT_GROUPTIME_H
#define EHUB_INSIGHT_INSIGHT_GROUPTIME_H

#include "insight/insight_panel.h"
#include "stats/stats_influence.h"

#define INSIGHT_GROUP_CELLS_MAX (INT64_C(1) << 25)

typedef struct InsightCell {
    int32_t start, time; /* indices of times */
    int64_t n_treated, n_control;
    double effect;
} InsightCell;

typedef struct InsightGroupTimes {
    bool never; /* controls are the never treated only, else all that are not treated yet */
    InsightCell *cell;
    int64_t n_cells;
    InsightPoint overall; /* of the cells from the start on */
    InsightPoint *event;  /* ascending; at: times since the start, -1 - anticipation is the base */
    int n_events;
    InsightPoint *group; /* at: index of the start */
    int n_groups;
    InsightPoint *calendar; /* at: index of the time */
    int n_calendar;
    int band_draws; /* of the bootstrap: fewer than asked for where they would take minutes */
    double band_factor,
        overall_factor; /* standard errors that hold all event times, the overall effect, in the bootstrap */
    StatsWald pretrend; /* of the leads before the base; df1 = 0: there are none */
    int leads;
    int32_t treated_units, control_units;       /* that take part in a cell from its start on */
    int32_t treated_clusters, control_clusters; /* that take part in the overall effect */
    int64_t no_base;                            /* treated units without a row, or times, at their base */
    int64_t without_controls;                   /* units and times after a start without controls */
    int64_t not_adjusted, trimmed;              /* cells without overlap; controls left out of cells */
    int64_t too_small;                          /* cells left out: too few controls for the covariates */
} InsightGroupTimes;

ErrKind MUST_USE insight_group_times(const InsightData *d, const InsightPanel *p, const InsightQuestion *q,
                                     InsightGroupTimes **ret, Err *reterr);
void insight_group_times_free(InsightGroupTimes *g);
DEFINE_FREEP(InsightGroupTimes, insight_group_times_free)

/* Into the diagnostics: event_study, by_start, by_time, pretrend (rejected, it is a warning); the event study into the answer. */
void insight_group_times_report(const InsightData *d, const InsightPanel *p, InsightGroupTimes *g,
                                const InsightQuestion *q, InsightAnswer *a);
/* What was left out of the effects. */
void insight_group_times_warn(const InsightPanel *p, const InsightGroupTimes *g, InsightAnswer *a);

#endif
