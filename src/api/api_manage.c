/* api_manage.c - see api_manage.h. */
#include "api/api_manage.h"

#include "api/api_json.h"
#include "api/api_live.h"
#include "api/api_page.h"
#include "coach/coach_playbook.h"
#include "privacy/audit.h"
#include "privacy/pii_audit.h"

/* Arrays and objects are taken out of the body by PostgreSQL: it was checked against its shape already. */
static const PgStmt PUT_PLAY = {
    "api_manage_put_play",
    "insert into playbook as p (tenant_id, key, title, summary, drivers, agent_steps, coach_steps, "
    "effort_agent_min, "
    "effort_coach_min, limits, prior_effect, prior_source, enabled, position) "
    "select $1::uuid, $2, b->>'title', b->>'summary', b->'drivers', b->'agent_steps', b->'coach_steps', "
    "(b->>'effort_agent_min')::int, (b->>'effort_coach_min')::int, b->'limits', "
    "(b->>'prior_effect')::float8, "
    "b->>'prior_source', (b->>'enabled')::boolean, "
    "(select coalesce(max(q.position), 0) + 1 from playbook q where q.tenant_id = $1::uuid) from (select "
    "$3::jsonb as b) x "
    "on conflict (tenant_id, key) do update set title = excluded.title, summary = excluded.summary, "
    "drivers = excluded.drivers, agent_steps = excluded.agent_steps, coach_steps = excluded.coach_steps, "
    "effort_agent_min = excluded.effort_agent_min, effort_coach_min = excluded.effort_coach_min, "
    "limits = excluded.limits, prior_effect = excluded.prior_effect, prior_source = excluded.prior_source, "
    "enabled = excluded.enabled, updated_at = now()"};

static const PgStmt MODULES = {"api_manage_modules",
                               "select key, title, minutes, topics::text from training_module where "
                               "tenant_id = $1::uuid order by key limit 1000"};

static const PgStmt MODELS = {
    "api_manage_models",
    "select id, kind, version, status, window_from::text, window_to::text, " API_US(
        "created_at") ", report::text "
                      "from model where tenant_id = $1::uuid order by created_at desc, id limit 1000"};

static const PgStmt TOKENS = {
    "api_manage_tokens",
    "select id, name, " API_US("created_at") ", " API_US(
        "expires_at") " from api_token "
                      "where tenant_id = $1::uuid and user_id = $2::uuid and revoked_at is null "
                      "order by created_at desc, id limit 1000"};
static const PgStmt ADD_TOKEN = {"api_manage_add_token",
                                 "insert into api_token (tenant_id, id, token_hash, user_id, name, "
                                 "expires_at) values ($1::uuid, $2::uuid, "
                                 "decode($3, 'hex'), $4::uuid, $5, now() + $6::bigint * interval '1 day')"};
static const PgStmt DELETE_TOKEN = {"api_manage_delete_token",
                                    "update api_token set revoked_at = now() where tenant_id = $1::uuid and "
                                    "user_id = $2::uuid and id = $3::uuid "
                                    "and revoked_at is null returning encode(token_hash, 'hex')"};

/* ---- a change and its audit row, in one transaction of the control database ---- */

typedef struct Change {
    const PgStmt *stmt;
    const PgParam *params;
    int n_params;
    const char *what;   /* for "no such ..." when the statement changes no row */
    const char *action; /* of the audit row */
    const char *object;
} Change;

static ErrKind change_in(ApiCall *c, PgConn *conn, const Change *change, PgResult **ret, Err *reterr)
{
    Deadline by = c->req->deadline;
    char actor[UUID_TEXT];
    uuid_format(c->who->user, actor);
    AuditEntry e = {.actor = actor, .action = change->action, .object = change->object};
    TRY(pg_begin(conn, c->who->tenant, by, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(conn, change->stmt, change->params, change->n_params, by, &r, reterr));
    if (pg_affected(r) == 0)
        return api_not_found(reterr, change->what);
    TRY(audit_append_in(conn, &e, by, reterr));
    TRY(pg_commit(conn, by, reterr));
    if (ret) {
        *ret = r;
        r = NULL;
    }
    return ERR_NONE;
}

static ErrKind change_control(ApiCall *c, const Change *change, PgResult **ret, Err *reterr)
{
    PgPool *pool = pg_control_pool(c->api->shards);
    PgConn *conn = NULL;
    TRY(pg_pool_acquire(pool, c->req->deadline, &conn, reterr));
    ErrKind k = change_in(c, conn, change, ret, reterr);
    pg_pool_release(pool, conn); /* rolls back what was not committed */
    return k;
}

/* ---- playbook ---- */

static void write_play(Jw *w, const ApiPlay *p)
{
    jw_obj(w);
    jw_kv_str(w, "key", p->key);
    jw_kv_str(w, "title", p->title);
    jw_kv_str(w, "summary", p->summary);
    jw_kv_raw(w, "drivers", p->drivers_json);
    jw_kv_raw(w, "agent_steps", p->agent_steps_json);
    jw_kv_raw(w, "coach_steps", p->coach_steps_json);
    jw_kv_i64(w, "effort_agent_min", p->effort_agent_min);
    jw_kv_i64(w, "effort_coach_min", p->effort_coach_min);
    jw_kv_raw(w, "limits", p->limits_json);
    jw_kv_f64(w, "prior_effect", p->prior_effect);
    jw_kv_str(w, "prior_source", p->prior_source);
    jw_kv_bool(w, "enabled", p->enabled);
    jw_end(w);
}

ErrKind api_manage_playbook(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0; i < c->tenant->n_plays; i++)
        write_play(&w, &c->tenant->plays[i]);
    jw_end(&w);
    api_page_next(c, &w, NULL, 0);
    jw_end(&w);
    return ERR_NONE;
}

/* What the shape cannot say: the key is that of the path, its form, and what coaching itself asks of an entry. */
static ErrKind check_play(ApiCall *c, Str key, Err *reterr)
{
    bool ok = key.len >= 2 && key.len <= 63 && key.ptr[0] >= 'a' && key.ptr[0] <= 'z';
    for (size_t i = 0; ok && i < key.len; i++)
        ok = (key.ptr[i] >= 'a' && key.ptr[i] <= 'z') || (key.ptr[i] >= '0' && key.ptr[i] <= '9') ||
             key.ptr[i] == '_';
    if (!ok)
        return err_set(reterr, ERR_INVALID,
                       "the key must be 2 to 63 of a-z, 0-9 and _, and begin with a letter");
    Str given = jv_get_str(c->body, "key");
    if (given.ptr && !str_eq(given, key))
        return err_set(reterr, ERR_INVALID, "member \"key\" is not the key of the path");
    return coach_playbook_check(c->body, reterr);
}

ErrKind api_manage_put_play(ApiCall *c, Err *reterr)
{
    Str key = c->req->params[0];
    TRY(check_play(c, key, reterr));
    CLEANUP(buf_done)
    Buf clean = BUF(HTTP_ANSWER_MAX); /* not the request's own bytes: its texts were cleaned */
    jv_write(c->body, &clean);
    TRY(buf_check(&clean, reterr));
    const char *key_text = api_text(c, key), *body = buf_cstr(&clean);
    TRY(arena_check(c->req->arena, reterr));
    const PgParam params[] = {pg_uuid(c->who->tenant), pg_cstr(key_text), pg_cstr(body)};
    Change change = {&PUT_PLAY, params, ARRAY_LEN(params), "playbook entry", "playbook.set", key_text};
    TRY(change_control(c, &change, NULL, reterr));
    api_tenant_forget(c->api->tenants, c->who->tenant);
    TRY(api_call_tenant_again(c, reterr));
    const ApiPlay *p = api_tenant_play(c->tenant, key);
    if (!p)
        return api_not_found(reterr, "playbook entry");
    Jw w = jw(&c->res->body);
    write_play(&w, p);
    return ERR_NONE;
}

/* ---- lists of the control database ---- */

static ErrKind list_all(ApiCall *c, const PgStmt *stmt, const PgParam *params, int n_params,
                        ApiRowWriter *write, bool label, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(c->api->shards, c->who->tenant, stmt, params, n_params, c->req->deadline, &r,
                         reterr));
    api_page_write(c, &(ApiList){.rows = r, .write = write, .label = label});
    return ERR_NONE;
}

static void write_module(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_str(w, "key", r, row, 0);
    api_json_str(w, "title", r, row, 1);
    api_json_i64(w, "minutes", r, row, 2);
    api_json_raw(w, "topics", r, row, 3);
    jw_end(w);
}

ErrKind api_manage_modules(ApiCall *c, Err *reterr)
{
    return list_all(c, &MODULES, PG_PARAMS(pg_uuid(c->who->tenant)), write_module, false, reterr);
}

static void write_model(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "kind", r, row, 1);
    api_json_i64(w, "version", r, row, 2);
    api_json_str(w, "status", r, row, 3);
    api_json_str(w, "window_from", r, row, 4);
    api_json_str(w, "window_to", r, row, 5);
    api_json_time(w, "created_at", r, row, 6);
    api_json_raw(w, "report", r, row, 7);
    jw_end(w);
}

ErrKind api_manage_models(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    return list_all(c, &MODELS, PG_PARAMS(pg_uuid(c->who->tenant)), write_model, true, reterr);
}

/* ---- audit ---- */

static void write_audit(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_i64(w, "seq", r, row, 0);
    api_json_time(w, "at", r, row, 1);
    api_json_str(w, "actor", r, row, 2);
    api_json_str(w, "action", r, row, 3);
    api_json_str(w, "object", r, row, 4);
    api_json_raw(w, "detail", r, row, 5);
    jw_end(w);
}

ErrKind api_manage_audit(ApiCall *c, Err *reterr)
{
    ApiPage page;
    int64_t before = INT64_MAX;
    TRY(api_page_read(c, 1, &page, reterr));
    if (page.n_keys > 0 && !str_to_i64(str_from(page.keys[0]), &before))
        return err_set(reterr, ERR_MALFORMED, "the cursor is damaged or belongs to another list");
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(audit_read(c->api->shards, c->who->tenant, before, page.limit + 1, c->req->deadline, &r, reterr));
    api_page_write(c, &(ApiList){r, &page, {0}, 1, write_audit, NULL, false});
    return ERR_NONE;
}

/* ---- personal data ---- */

#define REPORT_DAYS 30

static void write_finding(Jw *w, const PgResult *r, int row)
{
    static const char *const MEMBERS[] = {"source", "purpose", "type", "rule", "action"};
    jw_obj(w);
    for (int i = 0; i < (int)ARRAY_LEN(MEMBERS); i++)
        api_json_str(w, MEMBERS[i], r, row, i);
    api_json_i64(w, "n", r, row, ARRAY_LEN(MEMBERS));
    jw_end(w);
}

static void write_report(Jw *w, int32_t from, int32_t to, const PgResult *r)
{
    char day[11];
    jw_obj(w);
    clock_format_date(from, day);
    jw_kv_cstr(w, "from", day);
    clock_format_date(to, day);
    jw_kv_cstr(w, "to", day);
    jw_key(w, "items");
    jw_arr(w);
    for (int i = 0; i < pg_rows(r); i++)
        write_finding(w, r, i);
    jw_end(w);
    jw_end(w);
}

ErrKind api_manage_pii_report(ApiCall *c, Err *reterr)
{
    int32_t to = (int32_t)(clock_now_us() / US_PER_DAY), from;
    Str given_from = http_query(c->req, "from"), given_to = http_query(c->req, "to");
    if (given_to.ptr && !clock_parse_date(given_to, &to))
        return err_set(reterr, ERR_INVALID, "member \"to\" must be a date YYYY-MM-DD");
    from = to - REPORT_DAYS + 1;
    if (given_from.ptr && !clock_parse_date(given_from, &from))
        return err_set(reterr, ERR_INVALID, "member \"from\" must be a date YYYY-MM-DD");
    if (from > to)
        return err_set(reterr, ERR_INVALID, "\"from\" is after \"to\"");
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pii_audit_report(c->api->shards, c->who->tenant, from, to, c->req->deadline, &r, reterr));
    Jw w = jw(&c->res->body);
    write_report(&w, from, to, r);
    return ERR_NONE;
}

/* The record says how many, never which values. It is written first: nobody reads values without it. */
ErrKind api_manage_pii_restore(ApiCall *c, Err *reterr)
{
    uint64_t back, left;
    CLEANUP(buf_done) Buf text = BUF(HTTP_ANSWER_MAX / 4), detail = BUF(256);
    TRY(api_call_tenant(c, reterr));
    TRY(pii_guard_restore(c->api->guard, api_text(c, c->tenant->slug), jv_get_str(c->body, "text"), &text,
                          &back, &left, reterr));
    buf_addf(&detail, "{\"restored\":%llu,\"left\":%llu}", (unsigned long long)back,
             (unsigned long long)left);
    TRY(api_audit(c, "pii.restore", "", buf_str(&detail), reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_str(&w, "text", buf_str(&text));
    jw_kv_i64(&w, "restored", (int64_t)back);
    jw_kv_i64(&w, "left", (int64_t)left);
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_manage_pii_erase(ApiCall *c, Err *reterr)
{
    Uuid id;
    Str subject = jv_get_str(c->body, "subject");
    TRY(api_call_tenant(c, reterr));
    TRY(pii_guard_erase(c->api->guard, api_text(c, c->tenant->slug), subject, reterr));
    TRY(api_audit(c, "pii.erase", uuid_parse(subject, &id) ? api_text(c, subject) : "", STR_NULL, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_str(&w, "subject", subject);
    jw_end(&w);
    return ERR_NONE;
}

/* ---- tokens ---- */

static void write_token(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "name", r, row, 1);
    api_json_time(w, "created_at", r, row, 2);
    api_json_time(w, "expires_at", r, row, 3);
    jw_end(w);
}

ErrKind api_manage_tokens(ApiCall *c, Err *reterr)
{
    return list_all(c, &TOKENS, PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->who->user)), write_token, false,
                    reterr);
}

ErrKind api_manage_add_token(ApiCall *c, Err *reterr)
{
    char value[API_SECRET_TEXT], hex[65], object[UUID_TEXT];
    Sha256 hash;
    api_secret_make(c->who->tenant, value, &hash);
    crypto_hex(hash.b, sizeof(hash.b), hex);
    Uuid id = uuid_v7();
    uuid_format(id, object);
    int64_t days = jv_get_i64(c->body, "expires_in_days", 0);
    const char *name = api_text(c, jv_get_str(c->body, "name"));
    TRY(arena_check(c->req->arena, reterr));
    const PgParam params[] = {pg_uuid(c->who->tenant), pg_uuid(id),   pg_cstr(hex),
                              pg_uuid(c->who->user),   pg_cstr(name), days > 0 ? pg_i64(days) : pg_null()};
    Change change = {&ADD_TOKEN, params, ARRAY_LEN(params), "user", "token.add", object};
    TRY(change_control(c, &change, NULL, reterr));
    CLEANUP(buf_done) Buf token = BUF(API_SECRET_TEXT + 16);
    buf_add_c(&token, API_TOKEN_PREFIX);
    buf_add_c(&token, value);
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", id);
    jw_kv_cstr(&w, "name", name);
    jw_kv_str(&w, "token", buf_str(&token));
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_manage_delete_token(ApiCall *c, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    char object[UUID_TEXT];
    uuid_format(c->id, object);
    const PgParam params[] = {pg_uuid(c->who->tenant), pg_uuid(c->who->user), pg_uuid(c->id)};
    Change change = {&DELETE_TOKEN, params, ARRAY_LEN(params), "token", "token.revoke", object};
    TRY(change_control(c, &change, &r, reterr));
    Sha256 key;
    if (crypto_unhex(pg_str(r, 0, 0), key.b, sizeof(key.b))) {
        api_session_forget(c->api->sessions, &key);
        api_live_drop(c->api->live, &key);
    }
    return ERR_NONE;
}
