/* insight_job.h - the update of a tenant's effects as a job: one at a time, and how the last one went.
 *
 *     begin --running, a beat every INSIGHT_JOB_BEAT_MS--> end: done, or failed with the reason (control.effect_update)
 *
 * One that has not beaten for INSIGHT_JOB_GONE_S is read as failed, and another may begin: whoever ran it is gone.
 * Threads:  any worker thread; blocks until the deadline. Errors: CONFLICT one is running . those of pg_shard.h.
 * See also: api_update.h (who runs it), insight_update.h (what it does). */
#ifndef EHUB_INSIGHT_INSIGHT_JOB_H
#define EHUB_INSIGHT_INSIGHT_JOB_H

#include "base/jw.h"
#include "pg/pg_shard.h"

#define INSIGHT_JOB_BEAT_MS 10000
#define INSIGHT_JOB_GONE_S 60
#define INSIGHT_JOB_REASON_MAX 1201

typedef enum InsightJobState {
    INSIGHT_JOB_NEVER,
    INSIGHT_JOB_RUNNING,
    INSIGHT_JOB_DONE,
    INSIGHT_JOB_FAILED
} InsightJobState;

typedef struct InsightJob {
    InsightJobState state;
    int64_t started_at, ended_at;        /* microseconds since 1970; 0: not */
    char reason[INSIGHT_JOB_REASON_MAX]; /* of a failure, else "" */
} InsightJob;

/* Runs in the transaction of the beginning, just before its commit: the audit entry. */
typedef ErrKind InsightJobRecord(void *arg, PgConn *control, Deadline by, Err *reterr);
/* asked_by: id of a user, or "ehub". record: NULL for none. */
ErrKind MUST_USE insight_job_begin(PgShards *s, Uuid tenant, const char *asked_by, InsightJobRecord *record,
                                   void *arg, Deadline by, Err *reterr);
ErrKind MUST_USE insight_job_beat(PgShards *s, Uuid tenant, Deadline by, Err *reterr);
/* reason: NULL when it is done; what is too long is cut. */
ErrKind MUST_USE insight_job_end(PgShards *s, Uuid tenant, const char *reason, Deadline by, Err *reterr);
ErrKind MUST_USE insight_job_read(PgShards *s, Uuid tenant, Deadline by, InsightJob *ret, Err *reterr);

/* Members of an object that is open. */
void insight_job_json(Jw *w, const InsightJob *j);

#endif
