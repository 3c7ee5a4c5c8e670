/* api_jobs.c - see api_jobs.h. */
#include "api/api_jobs.h"

#include "api/api_idempotency.h"
#include "api/api_live.h"
#include "api/api_update.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "privacy/pii_audit.h"

#include <pthread.h>

#define STEP_MS 200
#define QUERY_MS 30000
#define AUDIT_MS 5000
#define NIGHT_MS INT64_C(7200000) /* the longest that one night's run may take */
#define CLEAN_EVERY_US (3600 * US_PER_S)

static Metric m_runs =
    METRIC_COUNTER("ehub_jobs_runs_total", "Runs of the server's own jobs.", "job", "result");
static Metric m_last =
    METRIC_GAUGE("ehub_jobs_last_success_seconds", "When a job last ended well (Unix time).", "job");

static const PgStmt TENANTS = {"api_jobs_tenants", "select id, slug from tenant_list()"};
static const PgStmt LOCK = {"api_jobs_lock",
                            "select pg_try_advisory_lock(hashtextextended('ehub nightly', 0))"};
static const PgStmt UNLOCK = {"api_jobs_unlock",
                              "select pg_advisory_unlock(hashtextextended('ehub nightly', 0))"};
static const PgStmt CLEAN_SESSIONS = {
    "api_jobs_clean_sessions", "delete from session where tenant_id = $1::uuid and expires_at < now()"};

struct ApiJobs {
    ApiJobsConf conf;
    pthread_t thread;
    atomic_bool stop;
    int32_t night_done; /* the day whose night was tried */
    int64_t next_clean_us, next_audit_us;
};

static void finished(const char *job, const Err *err)
{
    metrics_add(metrics_cell(&m_runs, job, err ? "failed" : "ok"), 1);
    if (err)
        log_err(LOG_ERROR, "api.jobs", err);
    else
        metrics_set(metrics_cell(&m_last, job), (double)(clock_now_us() / US_PER_S));
}

/* ---- cleaning ---- */

static ErrKind clean_tenant(ApiJobs *j, Uuid tenant, Err *reterr)
{
    Deadline by = deadline_in_ms(QUERY_MS);
    TRY(api_idempotency_clean(j->conf.shards, tenant, by, reterr));
    TRY(pg_control_query(j->conf.shards, tenant, &CLEAN_SESSIONS, PG_PARAMS(pg_uuid(tenant)), by, NULL,
                         reterr));
    return api_live_clean(j->conf.shards, tenant, by, reterr);
}

static ErrKind clean(ApiJobs *j, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(j->conf.shards, UUID_NIL, &TENANTS, PG_NO_PARAMS, deadline_in_ms(QUERY_MS), &r,
                         reterr));
    for (int i = 0; i < pg_rows(r) && !atomic_load(&j->stop); i++)
        TRY(clean_tenant(j, pg_get_uuid(r, i, 0), reterr));
    return ERR_NONE;
}

/* ---- the night ---- */

static bool is_stopping(void *arg)
{
    ApiJobs *j = arg;
    return atomic_load(&j->stop);
}

static ErrKind run_self(ApiJobs *j, const char *family, const char *command, const char *slug, Deadline by,
                        Err *reterr)
{
    const char *const words[] = {family, command, "--tenant", slug, NULL};
    ErrKind kind = api_self_run(&j->conf.self, words, is_stopping, j, by, reterr);
    return kind ? err_wrap(reterr, kind, "ehub %s %s --tenant %s", family, command, slug) : ERR_NONE;
}

/* One that somebody asked for and that runs now is as good. */
static ErrKind update_effects(ApiJobs *j, Uuid tenant, const char *slug, Deadline by, Err *reterr)
{
    const ApiUpdateRun run = {.shards = j->conf.shards,
                              .self = &j->conf.self,
                              .tenant = tenant,
                              .slug = slug,
                              .stop = is_stopping,
                              .arg = j};
    ErrKind kind =
        insight_job_begin(j->conf.shards, tenant, "ehub", NULL, NULL, deadline_in_ms(QUERY_MS), reterr);
    if (kind == ERR_CONFLICT)
        return ERR_NONE;
    if (!kind)
        kind = api_update_run(&run, by, reterr);
    return kind ? err_wrap(reterr, kind, "ehub insight update --tenant %s", slug) : ERR_NONE;
}

/* How a step of the night went over all tenants: the first failure. */
typedef struct Step {
    ErrKind kind;
    Err err;
} Step;

/* Logs a failure; that a tenant has no data is none. */
static void note(Step *step, ErrKind kind, const Err *err)
{
    if (kind == ERR_NONE || kind == ERR_NOT_FOUND)
        return;
    log_err(LOG_WARN, "api.jobs", err);
    if (!step->kind)
        *step = (Step){kind, *err};
}

/* Neither waits for the other: guard-rails are looked at when predictions fail, coaching goes on with the effects of before. */
static void run_tenant(ApiJobs *j, Uuid tenant, const char *slug, Deadline by, Step *coaching, Step *effects)
{
    Err err;
    ErrKind predicted = run_self(j, "coach", "predict", slug, by, &err);
    note(coaching, predicted, &err);
    if (predicted == ERR_NOT_FOUND) /* nothing imported yet: nothing to do */
        return;
    ErrKind k = update_effects(j, tenant, slug, by, &err);
    note(effects, k, &err);
    if (predicted)
        return;
    k = run_self(j, "coach", "choose", slug, by, &err);
    note(coaching, k, &err);
}

/* Each tenant by itself: what fails for one must not keep the others from their night. */
static ErrKind run_night(ApiJobs *j, Err *reterr)
{
    Step coaching = {ERR_NONE}, effects = {ERR_NONE};
    Deadline by = deadline_in_ms(NIGHT_MS);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(j->conf.shards, UUID_NIL, &TENANTS, PG_NO_PARAMS, deadline_in_ms(QUERY_MS), &r,
                         reterr));
    for (int i = 0; i < pg_rows(r) && !atomic_load(&j->stop); i++) {
        char slug[64];
        if (str_copy(slug, sizeof(slug), pg_str(r, i, 1)))
            run_tenant(j, pg_get_uuid(r, i, 0), slug, by, &coaching, &effects);
    }
    finished("effects", effects.kind ? &effects.err : NULL);
    if (coaching.kind)
        *reterr = coaching.err;
    return coaching.kind;
}

/* The lock belongs to a connection, which is held for the whole run. */
static void night(ApiJobs *j)
{
    Err err;
    PgPool *pool = pg_control_pool(j->conf.shards);
    PgConn *conn = NULL;
    if (pg_pool_acquire(pool, deadline_in_ms(QUERY_MS), &conn, &err)) {
        finished("nightly", &err);
        return;
    }
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    ErrKind k = pg_query(conn, &LOCK, PG_NO_PARAMS, deadline_in_ms(QUERY_MS), &r, &err);
    if (k) {
        finished("nightly", &err);
    } else if (pg_get_bool(r, 0, 0)) {
        log_info("api.jobs", "the nightly run begins");
        k = run_night(j, &err);
        finished("nightly", k ? &err : NULL);
        if (pg_query(conn, &UNLOCK, PG_NO_PARAMS, deadline_in_ms(QUERY_MS), NULL, &err))
            log_err(LOG_WARN, "api.jobs", &err); /* the connection is spent, and its lock with it */
    } else {
        log_info("api.jobs", "the nightly run is done by another server");
    }
    pg_pool_release(pool, conn);
}

static void write_counts(ApiJobs *j)
{
    Err err;
    ErrKind k =
        pii_audit_flush(j->conf.shards, pii_guard_tally(j->conf.guard), deadline_in_ms(AUDIT_MS), &err);
    if (k)
        finished("pii_audit", &err);
}

static void *jobs_thread(void *arg)
{
    ApiJobs *j = arg;
    while (!atomic_load(&j->stop)) {
        int64_t now = clock_now_us();
        int32_t today = (int32_t)(now / US_PER_DAY);
        const Conf *conf = conf_current();
        bool hour = now % US_PER_DAY / (3600 * US_PER_S) == conf->coach_nightly_hour;
        int64_t audit_every_us = conf->pii_audit_every * 1000;
        conf_unref(conf);
        if (now >= j->next_audit_us) {
            write_counts(j);
            j->next_audit_us = now + audit_every_us;
        }
        if (hour && j->night_done != today) {
            j->night_done = today;
            night(j);
        }
        if (now >= j->next_clean_us && !atomic_load(&j->stop)) {
            Err err;
            ErrKind k = clean(j, &err);
            finished("clean", k ? &err : NULL);
            j->next_clean_us = now + CLEAN_EVERY_US;
        }
        clock_sleep_ms(STEP_MS);
    }
    return NULL;
}

ErrKind api_jobs_new(const ApiJobsConf *conf, ApiJobs **ret, Err *reterr)
{
    ApiJobs *j = MEM_NEW(ApiJobs);
    j->conf = *conf;
    j->next_clean_us = clock_now_us() + 60 * US_PER_S; /* not while the start has everything to do */
    int rc = pthread_create(&j->thread, NULL, jobs_thread, j);
    if (rc) {
        mem_free(j);
        return err_set_errno(reterr, ERR_UNAVAILABLE, rc, "start the thread of the jobs");
    }
    *ret = j;
    return ERR_NONE;
}

void api_jobs_free(ApiJobs *j)
{
    if (!j)
        return;
    atomic_store(&j->stop, true);
    (void)pthread_join(j->thread, NULL);
    write_counts(j);
    mem_free(j);
}
