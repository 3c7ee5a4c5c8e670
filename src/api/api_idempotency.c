/* api_idempotency.c - see api_idempotency.h. A row that is still without a status after STALE_S seconds, longer than any
 * request may run, is of a request that died with its process: nobody knows how far it came. */
#include "api/api_idempotency.h"

#include "api/api_table.h"
#include "base/crypto.h"

#define STALE_S "700" /* http.deadline is at most 600 s */
#define UNKNOWN 0     /* the status of a row whose request may have been carried out */
#define END_MS 2000

static const PgStmt CLAIM = {"api_idempotency_claim",
                             "insert into idempotency (tenant_id, user_id, key, request_hash) values "
                             "($1::uuid, $2::uuid, $3, decode($4, 'hex')) "
                             "on conflict (tenant_id, user_id, key) do nothing returning 1"};
static const PgStmt SEEN = {"api_idempotency_seen",
                            "select request_hash = decode($4, 'hex'), coalesce(status, case when created_at "
                            "< now() - interval '" STALE_S " seconds' then 0 end), body from idempotency "
                            "where tenant_id = $1::uuid and user_id = $2::uuid and key = $3"};
static const PgStmt KEEP = {"api_idempotency_keep",
                            "update idempotency set status = $4::int, body = $5 "
                            "where tenant_id = $1::uuid and user_id = $2::uuid and key = $3"};
static const PgStmt FREE = {
    "api_idempotency_free",
    "delete from idempotency where tenant_id = $1::uuid and user_id = $2::uuid and key = $3"};
static const PgStmt CLEAN = {
    "api_idempotency_clean",
    "delete from idempotency where tenant_id = $1::uuid and created_at < now() - interval '1 day'"};

static void hash_request(const ApiCall *c, char hex[static 65])
{
    CryptoHash *h = crypto_hash_new();
    crypto_hash_add(h, c->req->method);
    crypto_hash_add(h, STR(" "));
    crypto_hash_add(h, c->req->path);
    crypto_hash_add(h, STR("\n"));
    crypto_hash_add(h, c->req->body);
    Sha256 sum = crypto_hash_end(h);
    crypto_hex(sum.b, sizeof(sum.b), hex);
}

static ErrKind key_text(ApiCall *c, Str key, const char **ret, Err *reterr)
{
    if (key.len == 0 || key.len > API_IDEMPOTENCY_KEY_MAX || !str_is_utf8(key, NULL))
        return err_set(reterr, ERR_INVALID, "Idempotency-Key must have from 1 to %d characters",
                       API_IDEMPOTENCY_KEY_MAX);
    char hex[65]; /* the key is a client's own words: what is stored is its hash */
    Sha256 sum = crypto_sha256(key);
    crypto_hex(sum.b, sizeof(sum.b), hex);
    *ret = api_text(c, str_from(hex));
    return arena_check(c->req->arena, reterr);
}

ErrKind api_idempotency_begin(ApiCall *c, Str key, bool *ret_replayed, Err *reterr)
{
    *ret_replayed = false;
    const char *text;
    TRY(key_text(c, key, &text, reterr));
    char hex[65];
    hash_request(c, hex);
    PgParam tenant = pg_uuid(c->who->tenant), user = pg_uuid(c->who->user);
    CLEANUP(pg_result_freep) PgResult *claimed = NULL;
    TRY(pg_control_query(c->api->shards, c->who->tenant, &CLAIM,
                         PG_PARAMS(tenant, user, pg_cstr(text), pg_cstr(hex)), c->req->deadline, &claimed,
                         reterr));
    if (pg_rows(claimed) > 0)
        return ERR_NONE;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(c->api->shards, c->who->tenant, &SEEN,
                         PG_PARAMS(tenant, user, pg_cstr(text), pg_cstr(hex)), c->req->deadline, &r, reterr));
    if (pg_rows(r) == 0) /* it failed and was freed in between */
        return err_set(reterr, ERR_CONFLICT,
                       "the first request with this Idempotency-Key has just failed; send it again");
    if (!pg_get_bool(r, 0, 0))
        return err_set(reterr, ERR_INVALID, "this Idempotency-Key was used for another request");
    if (pg_is_null(r, 0, 1))
        return err_set(reterr, ERR_CONFLICT, "the first request with this Idempotency-Key is still running");
    if (pg_get_i64(r, 0, 1) == UNKNOWN)
        return err_set(reterr, ERR_CONFLICT,
                       "it is not known whether the first request with this Idempotency-Key was carried out; "
                       "look, and send it again with another key if it was not");
    c->res->status = (int)pg_get_i64(r, 0, 1);
    buf_add_str(&c->res->body, pg_str(r, 0, 2));
    http_add_header(c->res, "Idempotency-Replayed", STR("true"));
    *ret_replayed = true;
    return buf_check(&c->res->body, reterr);
}

ErrKind api_idempotency_end(ApiCall *c, Str key, ErrKind result, bool may_be_done, Err *reterr)
{
    const char *text;
    TRY(key_text(c, key, &text, reterr));
    Deadline by = deadline_in_ms(END_MS);
    PgParam tenant = pg_uuid(c->who->tenant), user = pg_uuid(c->who->user);
    if (result != ERR_NONE && !may_be_done)
        return pg_control_query(c->api->shards, c->who->tenant, &FREE, PG_PARAMS(tenant, user, pg_cstr(text)),
                                by, NULL, reterr);
    PgParam status = pg_i64(result ? UNKNOWN : c->res->status);
    PgParam body = result ? pg_null() : pg_cstr(buf_cstr(&c->res->body));
    return pg_control_query(c->api->shards, c->who->tenant, &KEEP,
                            PG_PARAMS(tenant, user, pg_cstr(text), status, body), by, NULL, reterr);
}

ErrKind api_idempotency_clean(PgShards *shards, Uuid tenant, Deadline by, Err *reterr)
{
    return pg_control_query(shards, tenant, &CLEAN, PG_PARAMS(pg_uuid(tenant)), by, NULL, reterr);
}
