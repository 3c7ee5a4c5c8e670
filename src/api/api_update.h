/* api_update.h - effects of coaching found anew because somebody asked: a queue, and the thread that works on it.
 *
 *     POST /v1/insight/update --insight_job_begin (one for a tenant)--> queue --`ehub insight update`--> insight_job_end
 *
 * The nightly run goes the same way past the queue: api_update_run.
 * Owner:    api_updates_new .. api_updates_stop (ends what runs and fails what waits; further asking is refused) .. api_updates_free.
 * Threads:  one of its own; api_updates_ask from any, blocks for a query.
 * Limits:   API_UPDATES_MAX wait or run in this server: BUSY. One takes an hour at most.
 * Errors:   CONFLICT one of the tenant runs already . BUSY . UNAVAILABLE the server stops . those of pg_shard.h. */
#ifndef EHUB_API_API_UPDATE_H
#define EHUB_API_API_UPDATE_H

#include "api/api_self.h"
#include "insight/insight_job.h"

#define API_UPDATES_MAX 16

typedef struct ApiUpdates ApiUpdates;

ErrKind MUST_USE api_updates_new(PgShards *shards, ApiSelf self, ApiUpdates **ret, Err *reterr);
/* Returns once it waits; asked_by, record, arg: as in insight_job_begin. */
ErrKind MUST_USE api_updates_ask(ApiUpdates *u, Uuid tenant, Str slug, const char *asked_by,
                                 InsightJobRecord *record, void *arg, Deadline by, Err *reterr);
void api_updates_stop(ApiUpdates *u);
void api_updates_free(ApiUpdates *u);

/* Runs one that has begun, on the caller's thread, and writes how it ended. beat: called every INSIGHT_JOB_BEAT_MS or so; it must
 * beat for the tenant. stop: as in api_self.h. */
typedef struct ApiUpdateRun {
    PgShards *shards;
    const ApiSelf *self;
    Uuid tenant;
    const char *slug;
    bool (*stop)(void *arg);
    void (*beat)(void *arg); /* NULL: for this tenant only */
    void *arg;
} ApiUpdateRun;
ErrKind MUST_USE api_update_run(const ApiUpdateRun *run, Deadline by, Err *reterr);

#endif
