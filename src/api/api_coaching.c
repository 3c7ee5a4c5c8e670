/* api_coaching.c - see api_coaching.h. Every change is one transaction on the office's shard; the audit record is written
 * before it is committed, so that nothing is done that is not on record. */
#include "api/api_coaching.h"

#include "api/api_agent.h"
#include "api/api_json.h"
#include "api/api_page.h"
#include "coach/coach_deliver.h"

static const PgStmt SESSIONS = {
    "api_coaching_sessions",
    "select s.id, " API_US(
        "s.at") ", s.minutes, s.topic, s.playbook_key, s.notes, s.coach_id from coaching_session s "
                "where s.tenant_id = $1::uuid and s.agent_id = $2::uuid and ($3::uuid is null or "
                "s.location_id = $3::uuid) "
                "and ($4::bigint is null or (s.at, s.id) < ('epoch'::timestamptz + $4::bigint * interval '1 "
                "microsecond', $5::uuid)) "
                "order by s.at desc, s.id desc limit $6::int"};

static const PgStmt COACH_NAMES = {
    "api_coaching_names",
    "select id, name from app_user where tenant_id = $1::uuid and id = any($2::uuid[])"};

static const PgStmt ADD_SESSION = {
    "api_coaching_add_session",
    "insert into coaching_session (location_id, id, tenant_id, agent_id, coach_id, at, minutes, topic, "
    "playbook_key, notes) "
    "values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::timestamptz, $7::int, $8, $9, $10)"};

static const PgStmt PUBLISH = {"api_coaching_publish",
                               "select live_publish($1::uuid, $2::uuid, 'session', $3::jsonb)"};

/* Progress: what was reached since the goal began, against the goal for as many days. */
static const PgStmt GOALS = {
    "api_coaching_goals",
    "select g.id, g.metric, g.target, g.valid_from::text, g.valid_to::text, g.derived, "
    "(select case when g.metric = 'closings' then count(*)::float8 else coalesce(sum(o.commission_cents), "
    "0)::float8 end "
    "from opportunity o where o.tenant_id = $1::uuid and o.agent_id = g.agent_id and o.status = 'won' "
    "and o.closed_at >= (span.first::timestamp at time zone 'UTC') "
    "and o.closed_at < (span.last::timestamp at time zone 'UTC')) "
    "/ nullif(g.target * (span.last - span.first) / 30.0, 0) "
    "from goal g cross join lateral (select g.valid_from as first, "
    "least(coalesce(g.valid_to, 'infinity'), greatest((now() at time zone 'UTC')::date, g.valid_from)) as "
    "last) span "
    "where g.tenant_id = $1::uuid and g.agent_id = $2::uuid and ($3::uuid is null or g.location_id = "
    "$3::uuid) "
    "order by g.valid_from desc, g.id desc limit 200"};

/* A new goal ends the open ones of its kind on the day it begins, and replaces one that begins on the same day or later. */
static const PgStmt END_GOALS = {
    "api_coaching_end_goals",
    "update goal set valid_to = $4::date where tenant_id = $1::uuid and agent_id = $2::uuid and metric = $3 "
    "and valid_from < $4::date and (valid_to is null or valid_to > $4::date)"};
static const PgStmt DROP_GOALS = {
    "api_coaching_drop_goals",
    "delete from goal where tenant_id = $1::uuid and agent_id = $2::uuid and metric = $3 "
    "and valid_from >= $4::date"};
static const PgStmt ADD_GOAL = {
    "api_coaching_add_goal",
    "insert into goal (location_id, id, tenant_id, agent_id, metric, target, valid_from) "
    "values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6::float8, $7::date)"};

static const PgStmt MESSAGES = {
    "api_coaching_messages",
    "select m.id, m.from_name, m.body, " API_US("m.at") ", " API_US(
        "m.read_at") ", m.intervention_id from message m "
                     "where m.tenant_id = $1::uuid and m.agent_id = $2::uuid and ($3::uuid is null or "
                     "m.location_id = $3::uuid) "
                     "and ($4::bigint is null or (m.at, m.id) < ('epoch'::timestamptz + $4::bigint * "
                     "interval '1 microsecond', $5::uuid)) "
                     "order by m.at desc, m.id desc limit $6::int"};

static const PgStmt READ = {
    "api_coaching_read",
    "update message set read_at = coalesce(read_at, now()) "
    "where tenant_id = $1::uuid and id = $2::uuid and agent_id = $3::uuid and from_user <> $4::uuid"};

/* ---- sessions ---- */

/* Names of the coaches on this page: one look-up in the control database. */
static ErrKind coach_names(ApiCall *c, const PgResult *sessions, PgResult **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf ids = BUF(16384);
    buf_add_char(&ids, '{');
    for (int i = 0; i < pg_rows(sessions); i++)
        if (!pg_is_null(sessions, i, 6))
            buf_addf(&ids, "%s" STR_FMT, ids.len > 1 ? "," : "", STR_ARG(pg_str(sessions, i, 6)));
    buf_add_char(&ids, '}');
    TRY(buf_check(&ids, reterr));
    if (ids.len == 2)
        return ERR_NONE;
    return pg_control_query(c->api->shards, c->who->tenant, &COACH_NAMES,
                            PG_PARAMS(pg_uuid(c->who->tenant), pg_cstr(buf_cstr(&ids))), c->req->deadline,
                            ret, reterr);
}

static Str name_of(const PgResult *names, Str id)
{
    for (int i = 0; names && id.ptr && i < pg_rows(names); i++)
        if (str_eq(pg_str(names, i, 0), id))
            return pg_str(names, i, 1);
    return STR_NULL;
}

/* arg: the names of the coaches; NULL: none has one. */
static void write_session(const void *arg, Jw *w, const PgResult *r, int row)
{
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_time(w, "at", r, row, 1);
    api_json_i64(w, "minutes", r, row, 2);
    api_json_str(w, "topic", r, row, 3);
    api_json_str(w, "playbook_key", r, row, 4);
    api_json_str(w, "notes", r, row, 5);
    jw_kv_str(w, "coach", name_of(arg, pg_str(r, row, 6)));
    jw_end(w);
}

ErrKind api_coaching_sessions(ApiCall *c, Err *reterr)
{
    ApiPage page;
    Uuid location;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_agent_check(c, &location, NULL, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &SESSIONS,
        PG_PARAMS(API_AGENT_PARAMS(c), pg_cstr(page.keys[0]), pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
        c->req->deadline, &r, reterr));
    CLEANUP(pg_result_freep) PgResult *names = NULL;
    TRY(coach_names(c, r, &names, reterr));
    api_page_write(c, &(ApiList){r, &page, {1, 0}, 2, write_session, names, false});
    return ERR_NONE;
}

typedef struct NewSession {
    Uuid id, location;
    const char *topic, *key, *notes;
    int64_t at_us, minutes;
} NewSession;

static ErrKind store_session(ApiCall *c, PgConn *conn, const NewSession *s, Err *reterr)
{
    Deadline by = c->req->deadline;
    TRY(pg_begin(conn, c->who->tenant, by, reterr));
    TRY(pg_query(conn, &ADD_SESSION,
                 PG_PARAMS(pg_uuid(s->location), pg_uuid(s->id), pg_uuid(c->who->tenant), pg_uuid(c->id),
                           pg_uuid(c->who->user), pg_time(s->at_us), pg_i64(s->minutes), pg_cstr(s->topic),
                           pg_cstr(s->key), pg_cstr(s->notes)),
                 by, NULL, reterr));
    CLEANUP(buf_done) Buf json = BUF(8192);
    Jw w = jw(&json);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", s->id);
    jw_kv_uuid(&w, "agent_id", c->id);
    jw_kv_uuid(&w, "location_id", s->location);
    jw_key(&w, "at");
    jw_time_us(&w, s->at_us);
    jw_kv_cstr(&w, "topic", s->topic);
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    TRY(pg_query(conn, &PUBLISH, PG_PARAMS(pg_uuid(s->location), pg_uuid(c->id), pg_cstr(buf_cstr(&json))),
                 by, NULL, reterr));
    char object[UUID_TEXT];
    uuid_format(s->id, object);
    TRY(api_audit(c, "session.add", object, STR_NULL, reterr));
    return pg_commit(conn, by, reterr);
}

ErrKind api_coaching_add_session(ApiCall *c, Err *reterr)
{
    NewSession s = {.topic = api_text(c, jv_get_str(c->body, "topic")),
                    .key = api_text(c, jv_get_str(c->body, "playbook_key")),
                    .notes = api_text(c, jv_get_str(c->body, "notes")),
                    .minutes = jv_get_i64(c->body, "minutes", 0)};
    if (!clock_parse(jv_get_str(c->body, "at"), &s.at_us))
        return err_set(reterr, ERR_INVALID, "member \"at\" must be an RFC 3339 time");
    TRY(api_agent_check(c, &s.location, NULL, reterr));
    TRY(api_call_tenant(c, reterr));
    TRY(arena_check(c->req->arena, reterr));
    if (s.key && !api_tenant_play(c->tenant, str_from(s.key)))
        return err_set(reterr, ERR_INVALID, "member \"playbook_key\": the playbook has no entry \"%s\"",
                       s.key);
    s.id = uuid_v7_in_slot(uuid_slot(c->id));
    PgPool *pool = pg_shard_pool(c->api->shards, pg_shard_of_slot(c->api->shards, uuid_slot(c->id)));
    PgConn *conn = NULL;
    TRY(pg_pool_acquire(pool, c->req->deadline, &conn, reterr));
    ErrKind k = store_session(c, conn, &s, reterr);
    pg_pool_release(pool, conn);
    if (k)
        return k;
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", s.id);
    jw_key(&w, "at");
    jw_time_us(&w, s.at_us);
    jw_kv_i64(&w, "minutes", s.minutes);
    jw_kv_cstr(&w, "topic", s.topic);
    jw_kv_cstr(&w, "playbook_key", s.key);
    jw_kv_cstr(&w, "notes", s.notes);
    jw_kv_cstr(&w, "coach", c->who->name);
    jw_end(&w);
    return ERR_NONE;
}

/* ---- goals ---- */

static ErrKind read_goals(ApiCall *c, PgResult **ret, Err *reterr)
{
    return pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &GOALS,
                          PG_PARAMS(API_AGENT_PARAMS(c)), c->req->deadline, ret, reterr);
}

static void write_goal(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "metric", r, row, 1);
    api_json_f64(w, "target", r, row, 2);
    api_json_str(w, "valid_from", r, row, 3);
    api_json_str(w, "valid_to", r, row, 4);
    api_json_bool(w, "derived", r, row, 5);
    api_json_f64(w, "progress", r, row, 6);
    jw_end(w);
}

ErrKind api_coaching_goals(ApiCall *c, Err *reterr)
{
    Uuid location;
    TRY(api_agent_check(c, &location, NULL, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(read_goals(c, &r, reterr));
    api_page_write(c, &(ApiList){.rows = r, .write = write_goal, .label = true});
    return ERR_NONE;
}

static ErrKind store_goal(ApiCall *c, PgConn *conn, Uuid location, Uuid id, int32_t from, Err *reterr)
{
    Deadline by = c->req->deadline;
    const char *metric = api_text(c, jv_get_str(c->body, "metric"));
    PgParam tenant = pg_uuid(c->who->tenant), agent = pg_uuid(c->id);
    TRY(arena_check(c->req->arena, reterr));
    TRY(pg_begin(conn, c->who->tenant, by, reterr));
    TRY(pg_query(conn, &END_GOALS, PG_PARAMS(tenant, agent, pg_cstr(metric), pg_date(from)), by, NULL,
                 reterr));
    TRY(pg_query(conn, &DROP_GOALS, PG_PARAMS(tenant, agent, pg_cstr(metric), pg_date(from)), by, NULL,
                 reterr));
    TRY(pg_query(conn, &ADD_GOAL,
                 PG_PARAMS(pg_uuid(location), pg_uuid(id), tenant, agent, pg_cstr(metric),
                           pg_f64(jv_get_f64(c->body, "target", 0)), pg_date(from)),
                 by, NULL, reterr));
    char object[UUID_TEXT], who[UUID_TEXT];
    uuid_format(id, object);
    uuid_format(c->id, who);
    CLEANUP(buf_done) Buf detail = BUF(512);
    Jw w = jw(&detail);
    jw_obj(&w);
    jw_kv_cstr(&w, "agent_id", who);
    jw_kv_cstr(&w, "metric", metric);
    jw_kv_f64(&w, "target", jv_get_f64(c->body, "target", 0));
    jw_end(&w);
    TRY(api_audit(c, "goal.set", object, buf_str(&detail), reterr));
    return pg_commit(conn, by, reterr);
}

ErrKind api_coaching_add_goal(ApiCall *c, Err *reterr)
{
    int32_t from = (int32_t)(clock_now_us() / US_PER_DAY);
    Str given = jv_get_str(c->body, "valid_from");
    if (given.ptr && !clock_parse_date(given, &from))
        return err_set(reterr, ERR_INVALID, "member \"valid_from\" must be a date YYYY-MM-DD");
    Uuid location, id = uuid_v7_in_slot(uuid_slot(c->id));
    TRY(api_agent_check(c, &location, NULL, reterr));
    PgPool *pool = pg_shard_pool(c->api->shards, pg_shard_of_slot(c->api->shards, uuid_slot(c->id)));
    PgConn *conn = NULL;
    TRY(pg_pool_acquire(pool, c->req->deadline, &conn, reterr));
    ErrKind k = store_goal(c, conn, location, id, from, reterr);
    pg_pool_release(pool, conn);
    if (k)
        return k;
    c->changed = true;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(read_goals(c, &r, reterr));
    Jw w = jw(&c->res->body);
    for (int i = 0; i < pg_rows(r); i++)
        if (uuid_eq(pg_get_uuid(r, i, 0), id)) {
            write_goal(NULL, &w, r, i);
            return ERR_NONE;
        }
    return err_set(reterr, ERR_CONFLICT, "the goal was replaced by another one at the same moment");
}

/* ---- messages ---- */

static void write_message(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "from_name", r, row, 1);
    api_json_str(w, "body", r, row, 2);
    api_json_time(w, "at", r, row, 3);
    api_json_time(w, "read_at", r, row, 4);
    api_json_uuid(w, "intervention_id", r, row, 5);
    jw_end(w);
}

ErrKind api_coaching_messages(ApiCall *c, Err *reterr)
{
    ApiPage page;
    Uuid location;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_agent_check(c, &location, NULL, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &MESSAGES,
        PG_PARAMS(API_AGENT_PARAMS(c), pg_cstr(page.keys[0]), pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
        c->req->deadline, &r, reterr));
    api_page_write(c, &(ApiList){r, &page, {3, 0}, 2, write_message, NULL, false});
    return ERR_NONE;
}

static ErrKind audit_message(void *arg, Err *reterr)
{
    ApiCall *c = arg;
    char object[UUID_TEXT];
    uuid_format(c->id, object);
    return api_audit(c, "message.send", object, STR_NULL, reterr);
}

ErrKind api_coaching_send(ApiCall *c, Err *reterr)
{
    Uuid location, id;
    int64_t at_us;
    TRY(api_agent_check(c, &location, NULL, reterr));
    const char *body = api_text(c, jv_get_str(c->body, "body"));
    TRY(arena_check(c->req->arena, reterr));
    CoachMessage m = {.tenant = c->who->tenant,
                      .location = location,
                      .agent = c->id,
                      .from = c->who->user,
                      .from_name = c->who->name,
                      .body = body,
                      .before_commit = audit_message,
                      .arg = c};
    TRY(coach_deliver_message(c->api->shards, &m, c->req->deadline, &id, &at_us, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", id);
    jw_kv_cstr(&w, "from_name", c->who->name);
    jw_kv_cstr(&w, "body", body);
    jw_key(&w, "at");
    jw_time_us(&w, at_us);
    jw_key(&w, "read_at");
    jw_null(&w);
    jw_key(&w, "intervention_id");
    jw_null(&w);
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_coaching_read(ApiCall *c, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &READ,
        PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->id), pg_uuid(c->who->agent), pg_uuid(c->who->user)),
        c->req->deadline, &r, reterr));
    return pg_affected(r) > 0 ? ERR_NONE : api_not_found(reterr, "message");
}
