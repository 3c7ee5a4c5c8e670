/* coach_label.h - training rows: what was known on a date, and what happened in the 30 days after it.
 *
 *     feature_snapshot (as_of) + goal + opportunities closed in [as_of, as_of + 30 days) --> CoachRows
 *
 * Only dates whose 30 days are complete (as_of + 30 <= the tenant's horizon) and in which the agent did not
 * leave.
 * Owner:    coach_rows_done frees.
 * Threads:  any worker thread; blocks.
 * Limits:   COACH_ROWS_MAX rows: ERR_LIMIT.
 * Errors:   those of pg_shard.h; NOT_FOUND when the tenant has no events. */
#ifndef EHUB_COACH_COACH_LABEL_H
#define EHUB_COACH_COACH_LABEL_H

#include "coach/coach_feature.h"

#define COACH_LABEL_DAYS 30
#define COACH_ROWS_MAX 2000000

typedef struct CoachRows {
    int64_t n;
    float *x;      /* float[n * COACH_N_FEATURES], row-major, NaN = not known */
    float *y_goal; /* float[n]: 1 the goal in force on as_of was reached in the next 30 days, 0 not, NaN no
                      goal */
    float *y_closings;     /* float[n]: closings in the next 30 days */
    float *naive_goal;     /* float[n]: 1 when the last 30 days would have reached that goal, NaN no goal */
    float *naive_closings; /* float[n]: closings in the last 30 days */
    int32_t *group; /* int32[n]: index of the agent, 0 .. n_groups-1, for splitting and for the bootstrap */
    int32_t *as_of; /* int32[n]: days since 1970 */
    Uuid *agent;    /* Uuid[n] */
    Uuid *location; /* Uuid[n] */
    int32_t n_groups;
} CoachRows;

/* Rows in rising order of as_of, then agent. No snapshots: n = 0. */
ErrKind MUST_USE coach_training_rows(PgShards *s, Uuid tenant, Deadline by, CoachRows *ret, Err *reterr);
void coach_rows_done(CoachRows *r);

/* Goals for months in which an agent has none (a CRM export has no goals): metric closings, target = max(1,
 * the median over the office's agents of their closings in the 90 days before the month, divided by 3,
 * rounded), valid for the month, derived = true. Only months from `first` to `last` (days since 1970).
 * ret_made (may be NULL): goals inserted. */
ErrKind MUST_USE coach_goals_derive(PgShards *s, Uuid tenant, int32_t first, int32_t last, Deadline by,
                                    int64_t *ret_made, Err *reterr);

#endif
