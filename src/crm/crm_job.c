#include "crm/crm_job.h"

#include "base/jv.h"
#include "base/jw.h"

#define JSON_MAX 4096

static const PgStmt LOCK = {"crm_job_lock",
                            "select pg_try_advisory_lock(hashtextextended('import:' || $1, 0))"};
static const PgStmt UNLOCK = {"crm_job_unlock",
                              "select pg_advisory_unlock(hashtextextended('import:' || $1, 0))"};
static const PgStmt GET = {"crm_job_get",
                           "select bytes_done, line_done, rejects_bytes, rows_new, rows_changed, rows_same, "
                           "rows_rejected, reasons::text from import_job where tenant_id = $1::uuid and "
                           "id = $2::uuid and state <> 'done'"};
static const PgStmt OTHERS = {
    "crm_job_others", "select exists (select from import_job where tenant_id = $1::uuid and kind = $2 and "
                      "id <> $3::uuid and bytes_done > 0)"};
static const PgStmt PUT = {
    "crm_job_put",
    "insert into import_job (tenant_id, id, kind, file_name, file_sha256, setup_sha256, state) "
    "values ($1::uuid, $2::uuid, $3, $4, decode($5, 'hex'), decode($6, 'hex'), 'running') "
    "on conflict (id) do update set state = 'running', file_name = excluded.file_name, "
    "started_at = now(), finished_at = null"};
static const PgStmt CHECKPOINT = {
    "crm_job_checkpoint", "update import_job set bytes_done = $3::bigint, line_done = $4::bigint, "
                          "rejects_bytes = $5::bigint, rows_new = $6::bigint, rows_changed = $7::bigint, "
                          "rows_same = $8::bigint, rows_rejected = $9::bigint, reasons = $10::jsonb "
                          "where tenant_id = $1::uuid and id = $2::uuid"};
static const PgStmt FINISH = {
    "crm_job_finish", "update import_job set state = $3, finished_at = now() where tenant_id = $1::uuid "
                      "and id = $2::uuid"};
static const PgStmt AUDIT = {"crm_job_audit",
                             "select audit_append('ehub import', 'import.done', $1, $2::jsonb)"};

static ErrKind take_lock(CrmJob *j, const char *file_name, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    char id[UUID_TEXT];
    uuid_format(j->id, id);
    TRY(pg_pool_acquire(pg_control_pool(j->shards), by, &j->lock, reterr));
    TRY(pg_query(j->lock, &LOCK, PG_PARAMS(pg_cstr(id)), by, &r, reterr));
    if (!pg_get_bool(r, 0, 0))
        return err_set(reterr, ERR_BUSY, "%s is being imported by another process now", file_name);
    return ERR_NONE;
}

static void read_reasons(CrmJob *j, Str json)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    if (jv_parse(json, &v, NULL) != ERR_NONE)
        return;
    for (int r = 1; r < CRM_REASON_COUNT; r++)
        j->counts.reasons[r] = jv_get_i64(v, crm_reason_words((CrmReason)r), 0);
}

static ErrKind read_checkpoint(CrmJob *j, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(j->shards, j->tenant, &GET, PG_PARAMS(pg_uuid(j->tenant), pg_uuid(j->id)), by, &r,
                         reterr));
    if (pg_rows(r) == 0)
        return ERR_NONE;
    j->offset = pg_get_i64(r, 0, 0);
    j->line = pg_get_i64(r, 0, 1);
    j->rejects_bytes = pg_get_i64(r, 0, 2);
    j->counts.fresh = pg_get_i64(r, 0, 3);
    j->counts.changed = pg_get_i64(r, 0, 4);
    j->counts.same = pg_get_i64(r, 0, 5);
    j->counts.rejected = pg_get_i64(r, 0, 6);
    read_reasons(j, pg_str(r, 0, 7));
    return ERR_NONE;
}

static ErrKind open_locked(CrmJob *j, CrmKind kind, const char *file_name, Sha256 file, Sha256 setup,
                           Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *others = NULL;
    char file_hex[65], setup_hex[65];
    crypto_hex(file.b, sizeof file.b, file_hex);
    crypto_hex(setup.b, sizeof setup.b, setup_hex);
    TRY(take_lock(j, file_name, by, reterr));
    TRY(read_checkpoint(j, by, reterr));
    TRY(pg_control_query(j->shards, j->tenant, &OTHERS,
                         PG_PARAMS(pg_uuid(j->tenant), pg_cstr(crm_kind_name(kind)), pg_uuid(j->id)), by,
                         &others, reterr));
    j->first = !pg_get_bool(others, 0, 0);
    return pg_control_query(j->shards, j->tenant, &PUT,
                            PG_PARAMS(pg_uuid(j->tenant), pg_uuid(j->id), pg_cstr(crm_kind_name(kind)),
                                      pg_cstr(file_name), pg_cstr(file_hex), pg_cstr(setup_hex)),
                            by, NULL, reterr);
}

ErrKind crm_job_open(PgShards *shards, Uuid tenant, CrmKind kind, const char *file_name, Sha256 file,
                     Sha256 setup, Deadline by, CrmJob *ret, Err *reterr)
{
    uint8_t name[2 * sizeof(Sha256) + 1];
    memcpy(name, file.b, sizeof file.b);
    memcpy(name + sizeof file.b, setup.b, sizeof setup.b);
    name[sizeof name - 1] = (uint8_t)kind;
    *ret = (CrmJob){.shards = shards, .tenant = tenant, .line = 0};
    ret->id = uuid_from_name(tenant, (Str){(const char *)name, sizeof name});
    ErrKind result = open_locked(ret, kind, file_name, file, setup, by, reterr);
    if (result != ERR_NONE)
        crm_job_close(ret);
    return result;
}

void crm_job_restart(CrmJob *j)
{
    j->offset = j->line = j->rejects_bytes = 0;
    j->counts = (CrmCounts){0};
}

ErrKind crm_job_checkpoint(CrmJob *j, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf reasons = BUF(JSON_MAX);
    crm_counts_json(&j->counts, &reasons);
    const CrmCounts *c = &j->counts;
    return pg_control_query(j->shards, j->tenant, &CHECKPOINT,
                            PG_PARAMS(pg_uuid(j->tenant), pg_uuid(j->id), pg_i64(j->offset), pg_i64(j->line),
                                      pg_i64(j->rejects_bytes), pg_i64(c->fresh), pg_i64(c->changed),
                                      pg_i64(c->same), pg_i64(c->rejected), pg_cstr(buf_cstr(&reasons))),
                            by, NULL, reterr);
}

ErrKind crm_job_finish(CrmJob *j, bool done, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf detail = BUF(JSON_MAX);
    char id[UUID_TEXT];
    uuid_format(j->id, id);
    TRY(pg_control_query(j->shards, j->tenant, &FINISH,
                         PG_PARAMS(pg_uuid(j->tenant), pg_uuid(j->id), pg_cstr(done ? "done" : "failed")), by,
                         NULL, reterr));
    if (!done)
        return ERR_NONE;
    Jw w = jw(&detail);
    jw_obj(&w);
    jw_kv_i64(&w, "new", j->counts.fresh);
    jw_kv_i64(&w, "changed", j->counts.changed);
    jw_kv_i64(&w, "same", j->counts.same);
    jw_kv_i64(&w, "rejected", j->counts.rejected);
    jw_end(&w);
    return pg_control_query(j->shards, j->tenant, &AUDIT, PG_PARAMS(pg_cstr(id), pg_cstr(buf_cstr(&detail))),
                            by, NULL, reterr);
}

void crm_job_close(CrmJob *j)
{
    char id[UUID_TEXT];
    if (!j->lock)
        return;
    uuid_format(j->id, id);
    if (pg_usable(j->lock))
        (void)!pg_query(j->lock, &UNLOCK, PG_PARAMS(pg_cstr(id)), deadline_in_ms(5000), NULL, NULL);
    pg_pool_release(pg_control_pool(j->shards), j->lock);
    j->lock = NULL;
}

void crm_counts_json(const CrmCounts *c, Buf *out)
{
    Jw w = jw(out);
    jw_obj(&w);
    for (int r = 1; r < CRM_REASON_COUNT; r++)
        if (c->reasons[r])
            jw_kv_i64(&w, crm_reason_words((CrmReason)r), c->reasons[r]);
    jw_end(&w);
}
