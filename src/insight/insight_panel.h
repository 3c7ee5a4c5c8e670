/* insight_panel.h - rows of units and times as a rectangle: who starts when, and which row is where.
 *
 *     InsightData (unit, time, treatment or first-treated) --insight_panel_new--> InsightPanel
 *
 *                 time 0   time 1   time 2   time 3
 *     unit A        y        y     [ y        y  ]     start 2
 *     unit B        y        -        y        y       start INSIGHT_NEVER   (-: no row)
 *
 * When a unit starts, says the column of first treatment; without it the treatment column, which is then 1 from the start on;
 * a treatment that never changes within a unit says who and not when, which is enough with two times. A unit that is treated
 * at its first row already has no before: it is left out with a warning. Times are counted by their order, so that months
 * may be of unequal length.
 * Owner:    insight_panel_free. Threads: pure.
 * Limits:   INSIGHT_PANEL_TIMES_MAX times, INSIGHT_CELLS_MAX cells; past them ERR_LIMIT.
 * Errors:   INVALID naming unit, time and line: two rows of one unit and time, a unit that switches back or has two starts or
 *           two clusters; one time only; nobody who starts, nobody to compare with. */
#ifndef EHUB_INSIGHT_INSIGHT_PANEL_H
#define EHUB_INSIGHT_INSIGHT_PANEL_H

#include "insight/insight_effect.h"

#define INSIGHT_PANEL_TIMES_MAX 5000
#define INSIGHT_NEVER INT32_MAX

typedef struct InsightPanel {
    int32_t n_units, n_times;
    double *time; /* double[n_times], ascending */
    int32_t *
        start; /* int32_t[n_units]: index of the first treated time; n_times: after the last; INSIGHT_NEVER */
    int64_t *row;     /* int64_t[n_units][n_times]: index into the data, -1: no row */
    int32_t *unit;    /* int32_t[n_units]: id in the data */
    double *weight;   /* double[n_units]: mean over the unit's rows; NULL: none are given */
    int32_t *cluster; /* int32_t[n_units] */
    int32_t n_clusters;
    bool clustered;      /* clusters are more than single units */
    bool balanced;       /* every unit has a row at every time */
    int32_t n_treated;   /* units that start within the times */
    int32_t always;      /* units left out: treated from their first time on */
    int32_t first, last; /* the earliest and the latest start within the times */
} InsightPanel;

ErrKind MUST_USE insight_panel_new(const InsightData *d, InsightAnswer *warn, InsightPanel **ret,
                                   Err *reterr);
void insight_panel_free(InsightPanel *p);
DEFINE_FREEP(InsightPanel, insight_panel_free)

static inline int64_t insight_panel_row(const InsightPanel *p, int32_t unit, int32_t time)
{
    return p->row[(int64_t)unit * p->n_times + time];
}
static inline bool insight_panel_starts(const InsightPanel *p, int32_t unit)
{
    return p->start[unit] < p->n_times;
}

/* At least two clusters (or units) on each side, or INVALID; few of them are a warning. */
ErrKind MUST_USE insight_check_sides(const char *method, int32_t treated, int32_t control, bool clustered,
                                     InsightAnswer *a, Err *reterr);

/* Roles that were given and that differences in differences make no use of. */
void insight_warn_unused(const InsightData *d, InsightAnswer *a);

/* The distinct times of the data, ascending: double[*ret_n], to be freed. */
double *insight_times(const InsightData *d, int32_t *ret_n);
int32_t insight_time_index(const double *times, int32_t n,
                           double time); /* of the first that is not before it */

#endif
