/* api_jobs.h - what the server does by itself: predictions, effects and coaching every night, and throwing away what is old.
 *
 *     every night at coach.nightly_hour (UTC): for each tenant `ehub coach predict`, `ehub insight update` (which stops the
 *                       experiments whose guard-rail is crossed), `ehub coach choose`
 *     every pii.audit_every: the counts of personal data (privacy/pii_audit.h), once more at the end
 *     every hour: idempotency keys older than a day, ended sessions, live events older than seven days
 *
 * However many servers run, one does it: an advisory lock in the control database is held for the whole run.
 * Owner:    api_jobs_new .. api_jobs_free (which stops a running child). Threads: one of its own.
 * Metrics:  ehub_jobs_runs_total{job,result}, ehub_jobs_last_success_seconds{job}; job: nightly (predict and choose), effects (insight
 *           update), clean, pii_audit. */
#ifndef EHUB_API_API_JOBS_H
#define EHUB_API_API_JOBS_H

#include "api/api_self.h"
#include "pg/pg_shard.h"
#include "pii/pii_guard.h"

typedef struct ApiJobs ApiJobs;

typedef struct ApiJobsConf {
    PgShards *shards;
    PiiGuard *guard; /* whose counts are written */
    ApiSelf self;
} ApiJobsConf;

ErrKind MUST_USE api_jobs_new(const ApiJobsConf *conf, ApiJobs **ret, Err *reterr);
void api_jobs_free(ApiJobs *j);

#endif
