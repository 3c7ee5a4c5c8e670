/* audit.c - see audit.h. The hash is defined once, in SQL (audit_hash); verification computes it here a second time from
 * the row's canonical text, so that a changed SQL function is noticed too. */
#include "privacy/audit.h"

#include "base/crypto.h"
#include "base/log.h"

#define PORTION 1000

static const PgStmt APPEND = {"audit_append", "select audit_append($1, $2, $3, $4::jsonb)"};

static const PgStmt READ = {
    "audit_read",
    "select seq, (extract(epoch from at) * 1000000)::bigint, actor, action, object, detail::text "
    "from audit where tenant_id = $1::uuid and seq < $2::bigint order by seq desc limit $3::int"};

/* The canonical text without the SQL function audit_hash: what was hashed, from the columns. */
static const PgStmt CHAIN = {
    "audit_chain", "select seq, jsonb_build_array(tenant_id, seq, to_char(at at time zone 'UTC', "
                   "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
                   "actor, action, object, detail, encode(prev_hash, 'hex'))::text, encode(prev_hash, "
                   "'hex'), encode(hash, 'hex') "
                   "from audit where tenant_id = $1::uuid and seq > $2::bigint order by seq limit $3::int"};

/* The detail as APPEND takes it, in `out`. */
static ErrKind detail_text(const AuditEntry *entry, Buf *out, Err *reterr)
{
    if (entry->detail.len > AUDIT_DETAIL_MAX)
        return err_set(reterr, ERR_LIMIT, "audit detail of %zu bytes is over %d", entry->detail.len,
                       AUDIT_DETAIL_MAX);
    buf_add_str(out, entry->detail.ptr ? entry->detail : STR("{}"));
    return buf_check(out, reterr);
}

ErrKind audit_append(PgShards *shards, Uuid tenant, const AuditEntry *entry, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf detail = BUF(AUDIT_DETAIL_MAX + 1);
    TRY(detail_text(entry, &detail, reterr));
    ErrKind k = pg_control_query(shards, tenant, &APPEND,
                                 PG_PARAMS(pg_cstr(entry->actor), pg_cstr(entry->action),
                                           pg_cstr(entry->object), pg_cstr(buf_cstr(&detail))),
                                 by, NULL, reterr);
    return k ? err_wrap(reterr, k, "write audit row %s", entry->action) : ERR_NONE;
}

ErrKind audit_append_in(PgConn *c, const AuditEntry *entry, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf detail = BUF(AUDIT_DETAIL_MAX + 1);
    TRY(detail_text(entry, &detail, reterr));
    ErrKind k = pg_query(c, &APPEND,
                         PG_PARAMS(pg_cstr(entry->actor), pg_cstr(entry->action), pg_cstr(entry->object),
                                   pg_cstr(buf_cstr(&detail))),
                         by, NULL, reterr);
    return k ? err_wrap(reterr, k, "write audit row %s", entry->action) : ERR_NONE;
}

ErrKind audit_read(PgShards *shards, Uuid tenant, int64_t before, int limit, Deadline by, PgResult **ret,
                   Err *reterr)
{
    return pg_control_query(shards, tenant, &READ, PG_PARAMS(pg_uuid(tenant), pg_i64(before), pg_i64(limit)),
                            by, ret, reterr);
}

/* Checks one row against the one before; updates seq and head. false: it does not fit. */
static bool chain_row(const PgResult *r, int row, int64_t expected_seq, const char *prev_hex,
                      char hash_hex[static 65])
{
    Sha256 h = crypto_sha256(pg_str(r, row, 1));
    crypto_hex(h.b, sizeof(h.b), hash_hex);
    return pg_get_i64(r, row, 0) == expected_seq && str_eq_c(pg_str(r, row, 2), prev_hex) &&
           str_eq_c(pg_str(r, row, 3), hash_hex);
}

ErrKind audit_verify(PgShards *shards, Uuid tenant, Deadline by, AuditVerdict *ret, Err *reterr)
{
    *ret = (AuditVerdict){0};
    for (;;) {
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        TRY(pg_control_query(shards, tenant, &CHAIN,
                             PG_PARAMS(pg_uuid(tenant), pg_i64(ret->rows), pg_i64(PORTION)), by, &r, reterr));
        for (int i = 0; i < pg_rows(r); i++) {
            char hash_hex[65];
            if (!chain_row(r, i, ret->rows + 1, ret->head_hash, hash_hex)) {
                ret->bad_seq = pg_get_i64(r, i, 0);
                return ERR_NONE;
            }
            BUG_ON(!str_copy(ret->head_hash, sizeof(ret->head_hash), str_from(hash_hex)));
            ret->rows++;
        }
        if (pg_rows(r) < PORTION)
            return ERR_NONE;
    }
}
