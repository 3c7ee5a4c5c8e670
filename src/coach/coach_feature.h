/* coach_feature.h - the features of every agent as of a moment, computed in SQL on the shards.
 *
 *     lead, activity, opportunity, coaching_session, goal --one statement a shard, four at once-->
 * feature_snapshot
 *                                                         --one agent, not stored---------------> float[46]
 *
 * What "as of D" means: only what was known strictly before D 00:00 UTC. In detail:
 *   activity     known_at < D (an entry made later does not count, even when it happened earlier) and, for
 * everything but appointments_set_30d, at < D. An appointment's outcome counts as known at the appointment's
 * time. lead         received_at < D; an answer or a contact at or after D counts as none yet. opportunity
 * opened_at < D; closed_at >= D counts as open. Its value counts only in tenants whose open opportunities
 *                carry values (else the value would tell the end).
 *   coaching     at < D.  goal: valid_from <= D < valid_to.
 * Days are UTC days. A window of n days is [D - n days, D).
 *
 * Not known is NaN, never 0: a source the whole tenant did not have yet before D (table source_seen, kept by
 * triggers); a rate or ratio whose denominator is 0; a median of nothing. A source that is there and silent
 * for an agent gives 0.
 *
 * Shapes:   float[COACH_N_FEATURES] in the order of feature_table.h, NaN = not known.
 * Threads:  any worker thread; blocks until the deadline.
 * Limits:   COACH_DATES_MAX dates a call (ERR_LIMIT).
 * Errors:   those of pg_shard.h; NOT_FOUND for an agent that does not exist in the tenant.
 * See also: docs/reference/features.md (generated), tests/integration/test_coach_features.py. */
#ifndef EHUB_COACH_COACH_FEATURE_H
#define EHUB_COACH_COACH_FEATURE_H

#include "coach/feature_table.h"
#include "pg/pg_shard.h"

#define COACH_DATES_MAX 400

typedef enum CoachFeature {
#define X(name, window, unit, direction, label) COACH_F_##name,
    FEATURE_TABLE(X)
#undef X
        COACH_N_FEATURES
} CoachFeature;

typedef struct CoachFeatureInfo {
    const char *name;
    int window_days; /* 0: no window */
    const char *unit;
    int direction; /* +1 more is better, -1 less is better, 0 neither */
    const char *label;
    const char *meaning; /* one sentence: how it is computed */
} CoachFeatureInfo;

extern const CoachFeatureInfo COACH_FEATURES[COACH_N_FEATURES];
int coach_feature_index(Str name); /* -1: no such feature */

/* All agents in office on that date (started, not left); stored, replacing snapshots of the same date.
 * ret_rows (may be NULL): snapshots written. */
ErrKind MUST_USE coach_features_compute(PgShards *s, Uuid tenant, int32_t as_of, Deadline by,
                                        int64_t *ret_rows, Err *reterr);
/* The same for many dates in one statement a shard. */
ErrKind MUST_USE coach_features_history(PgShards *s, Uuid tenant, const int32_t *dates, int n_dates,
                                        Deadline by, int64_t *ret_rows, Err *reterr);
/* One agent, live, not stored: everything known before `at_us`. Two round trips. ret_location may be NULL. */
ErrKind MUST_USE coach_features_agent(PgShards *s, Uuid tenant, Uuid agent, int64_t at_us, Deadline by,
                                      float x[static COACH_N_FEATURES], Uuid *ret_location, Err *reterr);
/* Medians over the office's stored snapshots of that date; NaN where nobody has a value. */
ErrKind MUST_USE coach_features_medians(PgShards *s, Uuid tenant, Uuid location, int32_t as_of, Deadline by,
                                        float median[static COACH_N_FEATURES], Err *reterr);

/* Until when the tenant's data reach: the date after its last event, at most today. ret_live_us (may be
 * NULL): the moment a live prediction stands for: now when the data reach today, else the horizon's midnight
 * (a CRM export that ended in the past). ret_first (may be NULL): date of the first activity or lead, else of
 * the first opportunity. NOT_FOUND: the tenant has no events. The answer may be COACH_HORIZON_FRESH_MS old:
 * for a tenant without an event since yesterday it is costly and remembered in this process. */
#define COACH_HORIZON_FRESH_MS 30000
ErrKind MUST_USE coach_horizon(PgShards *s, Uuid tenant, Deadline by, int32_t *ret_as_of,
                               int64_t *ret_live_us, int32_t *ret_first, Err *reterr);
/* The dates of a training history: every step_days back from `last`, while at least COACH_WARMUP_DAYS after
 * `first`; rising order; at most max. Returns how many. */
#define COACH_WARMUP_DAYS 90
int coach_feature_dates(int32_t first, int32_t last, int step_days, int32_t *ret_dates, int max);

/* PostgreSQL's text of a real[] ("{1,NaN,2.5}") into exactly n floats; false when it is anything else. */
bool coach_parse_reals(Str text, float *ret, int n);
void coach_write_reals(Buf *out, const float *x, int n);

/* docs/reference/features.md */
void coach_features_docs(Buf *out);

#endif
