#include "privacy/pii_audit.h"

#include "base/jw.h"
#include "base/mem.h"

#include <stdlib.h>

#define JSON_MAX (16u << 20)

/* In one order everywhere, so that two processes do not wait for each other. */
static const PgStmt ADD = {
    "pii_audit_add",
    "insert into pii_finding as f (tenant_id, hour, source, purpose, type, rule, action, n) "
    "select $1::uuid, date_trunc('hour', now()), r.source, r.purpose, r.type, r.rule, r.action, r.n "
    "from jsonb_to_recordset($2::jsonb) as r (source text, purpose text, type text, rule text, action text, "
    "n bigint) "
    "order by r.source, r.purpose, r.type, r.rule, r.action "
    "on conflict (tenant_id, hour, source, purpose, type, rule, action) do update set n = f.n + excluded.n"};

static const PgStmt REPORT = {
    "pii_audit_report",
    "select source, purpose, type, rule, action, sum(n)::bigint from pii_finding where tenant_id = $1::uuid "
    "and hour >= ($2::date::timestamp at time zone 'UTC') and hour < (($3::date + 1)::timestamp at time zone "
    "'UTC') "
    "group by 1, 2, 3, 4, 5 order by 6 desc, 1, 2, 3, 4, 5 limit $4::int"};

/* The server's own findings are rows of this id: a nil one would be no tenant at all. */
static Uuid owner(Uuid tenant)
{
    Uuid platform;
    memset(platform.b, 0xff, sizeof platform.b);
    return uuid_is_nil(tenant) ? platform : tenant;
}

static int by_tenant(const void *a, const void *b)
{
    const PiiTallyRow *x = a, *y = b;
    return memcmp(x->tenant.b, y->tenant.b, sizeof x->tenant.b);
}

static void write_row(Jw *w, const PiiTallyRow *row)
{
    jw_obj(w);
    jw_kv_cstr(w, "source", row->source);
    jw_kv_cstr(w, "purpose", pii_purpose_word(row->purpose));
    jw_kv_cstr(w, "type", pii_type_name(row->type));
    jw_kv_cstr(w, "rule", pii_rule_name(row->rule));
    jw_kv_cstr(w, "action", pii_action_word(row->action));
    jw_kv_i64(w, "n", (int64_t)row->n);
    jw_end(w);
}

/* Rows of one tenant. */
static ErrKind add(PgShards *shards, const PiiTallyRow *rows, size_t n, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(JSON_MAX);
    Jw w = jw(&json);
    jw_arr(&w);
    for (size_t i = 0; i < n; i++)
        write_row(&w, &rows[i]);
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    Uuid tenant = owner(rows->tenant);
    return pg_control_query(shards, tenant, &ADD, PG_PARAMS(pg_uuid(tenant), pg_cstr(buf_cstr(&json))), by,
                            NULL, reterr);
}

ErrKind pii_audit_flush(PgShards *shards, PiiTally *tally, Deadline by, Err *reterr)
{
    size_t n, done = 0;
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(tally, &n);
    if (n == 0)
        return ERR_NONE;
    qsort(rows, n, sizeof *rows, by_tenant);
    ErrKind kind = ERR_NONE;
    while (done < n && kind == ERR_NONE) {
        size_t end = done + 1;
        while (end < n && uuid_eq(rows[end].tenant, rows[done].tenant))
            end++;
        kind = add(shards, rows + done, end - done, by, reterr);
        if (kind == ERR_NONE)
            done = end;
    }
    if (kind && !(reterr && reterr->in_doubt)) /* in doubt: rather too few than counted twice */
        pii_tally_put_back(tally, rows + done, n - done);
    return kind ? err_wrap(reterr, kind, "write the counts of personal data") : ERR_NONE;
}

ErrKind pii_audit_report(PgShards *shards, Uuid tenant, int32_t from, int32_t to, Deadline by, PgResult **ret,
                         Err *reterr)
{
    tenant = owner(tenant);
    return pg_control_query(
        shards, tenant, &REPORT,
        PG_PARAMS(pg_uuid(tenant), pg_date(from), pg_date(to), pg_i64(PII_AUDIT_ROWS_MAX)), by, ret, reterr);
}
