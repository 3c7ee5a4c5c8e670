/* insight_job.c - see insight_job.h. */
#include "insight/insight_job.h"

#define US(column) "(extract(epoch from " column ") * 1000000)::bigint"

/* $3: after how many seconds without a beat one counts as gone. */
static const PgStmt BEGIN = {
    "insight_job_begin",
    "insert into effect_update as u (tenant_id, state, asked_by) values ($1::uuid, 'running', $2) "
    "on conflict (tenant_id) do update set state = 'running', asked_by = excluded.asked_by, "
    "started_at = now(), beat_at = now(), ended_at = null, reason = null "
    "where u.state <> 'running' or u.beat_at < now() - make_interval(secs => $3::float8) returning 1"};
static const PgStmt BEAT = {
    "insight_job_beat",
    "update effect_update set beat_at = now() where tenant_id = $1::uuid and state = 'running'"};
static const PgStmt END = {
    "insight_job_end",
    "update effect_update set state = case when $2::text is null then 'done' else 'failed' end, "
    "ended_at = now(), reason = left($2::text, $3::int) where tenant_id = $1::uuid and state = 'running'"};
static const PgStmt READ = {
    "insight_job_read",
    "select state, beat_at < now() - make_interval(secs => $2::float8), " US("started_at") ", " US(
        "ended_at") ", reason from effect_update where tenant_id = $1::uuid"};

static ErrKind begin_in(PgConn *c, Uuid tenant, const char *asked_by, InsightJobRecord *record, void *arg,
                        Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_begin(c, tenant, by, reterr));
    TRY(pg_query(c, &BEGIN, PG_PARAMS(pg_uuid(tenant), pg_cstr(asked_by), pg_f64(INSIGHT_JOB_GONE_S)), by, &r,
                 reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_CONFLICT, "an update of the effects is running already");
    if (record)
        TRY(record(arg, c, by, reterr));
    return pg_commit(c, by, reterr);
}

ErrKind insight_job_begin(PgShards *s, Uuid tenant, const char *asked_by, InsightJobRecord *record, void *arg,
                          Deadline by, Err *reterr)
{
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pg_control_pool(s), by, &c, reterr));
    ErrKind kind = begin_in(c, tenant, asked_by, record, arg, by, reterr);
    pg_pool_release(pg_control_pool(s), c); /* rolls back what was not committed */
    return kind;
}

ErrKind insight_job_beat(PgShards *s, Uuid tenant, Deadline by, Err *reterr)
{
    return pg_control_query(s, tenant, &BEAT, PG_PARAMS(pg_uuid(tenant)), by, NULL, reterr);
}

ErrKind insight_job_end(PgShards *s, Uuid tenant, const char *reason, Deadline by, Err *reterr)
{
    return pg_control_query(s, tenant, &END,
                            PG_PARAMS(pg_uuid(tenant), reason ? pg_cstr(reason) : pg_null(),
                                      pg_i64((INSIGHT_JOB_REASON_MAX - 1) / 4)), /* characters of UTF-8 */
                            by, NULL, reterr);
}

ErrKind insight_job_read(PgShards *s, Uuid tenant, Deadline by, InsightJob *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    *ret = (InsightJob){.state = INSIGHT_JOB_NEVER};
    TRY(pg_control_query(s, tenant, &READ, PG_PARAMS(pg_uuid(tenant), pg_f64(INSIGHT_JOB_GONE_S)), by, &r,
                         reterr));
    if (pg_rows(r) == 0)
        return ERR_NONE;
    Str state = pg_str(r, 0, 0);
    bool running = str_eq_c(state, "running"), gone = running && pg_get_bool(r, 0, 1);
    ret->state = running && !gone          ? INSIGHT_JOB_RUNNING
                 : str_eq_c(state, "done") ? INSIGHT_JOB_DONE
                                           : INSIGHT_JOB_FAILED;
    ret->started_at = pg_get_i64(r, 0, 2);
    ret->ended_at = pg_is_null(r, 0, 3) ? 0 : pg_get_i64(r, 0, 3);
    (void)str_copy(ret->reason, sizeof(ret->reason),
                   gone ? STR("the server that ran it is gone") : pg_str(r, 0, 4));
    return ERR_NONE;
}

static void time_json(Jw *w, const char *key, int64_t at)
{
    jw_key(w, key);
    at ? jw_time_us(w, at) : jw_null(w);
}

void insight_job_json(Jw *w, const InsightJob *j)
{
    static const char *const STATES[] = {[INSIGHT_JOB_NEVER] = "never",
                                         [INSIGHT_JOB_RUNNING] = "running",
                                         [INSIGHT_JOB_DONE] = "done",
                                         [INSIGHT_JOB_FAILED] = "failed"};
    jw_kv_cstr(w, "state", STATES[j->state]);
    time_json(w, "started_at", j->started_at);
    time_json(w, "ended_at", j->ended_at);
    jw_kv_cstr(w, "reason", j->reason[0] ? j->reason : NULL);
}
