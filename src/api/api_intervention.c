/* api_intervention.c - GET /v1/agents/{id}/interventions, POST /v1/interventions/{id}/decision and /outcome. */
#include "api/api_intervention.h"

#include "api/api_agent.h"
#include "api/api_json.h"
#include "api/api_page.h"
#include "coach/coach_deliver.h"

#define MESSAGE_MAX 4000 /* code points, the message table's limit */

static const PgStmt LIST = {"api_intervention_list",
                            "select " API_INTERVENTION_COLUMNS " from intervention i "
                            "where i.tenant_id = $1::uuid and i.agent_id = $2::uuid and ($3::uuid is null or "
                            "i.location_id = $3::uuid) "
                            "and ($4::bigint is null or (i.suggested_at, i.id) < ('epoch'::timestamptz + "
                            "$4::bigint * interval '1 microsecond', "
                            "$5::uuid)) order by i.suggested_at desc, i.id desc limit $6::int"};

static const PgStmt GET = {"api_intervention_get",
                           "select i.location_id, " API_INTERVENTION_COLUMNS
                           " from intervention i where i.tenant_id = $1::uuid and i.id = $2::uuid"};

static void write_play(Jw *w, const ApiPlay *play)
{
    jw_kv_raw(w, "agent_steps", play ? play->agent_steps_json : STR("[]"));
    jw_kv_raw(w, "coach_steps", play ? play->coach_steps_json : STR("[]"));
    jw_kv_i64(w, "effort_agent_min", play ? play->effort_agent_min : 0);
    jw_kv_i64(w, "effort_coach_min", play ? play->effort_coach_min : 0);
}

void api_intervention_write(const ApiTenant *t, Jw *w, const PgResult *r, int row, int first)
{
    Str key = pg_str(r, row, first + 2);
    const ApiPlay *play = api_tenant_play(t, key);
    jw_obj(w);
    api_json_uuid(w, "id", r, row, first);
    api_json_uuid(w, "agent_id", r, row, first + 1);
    jw_kv_str(w, "key", key);
    jw_kv_str(w, "title", play ? play->title : key);
    jw_kv_str(w, "summary", play ? play->summary : STR(""));
    api_json_i64(w, "rank", r, row, first + 3);
    api_json_f64(w, "score", r, row, first + 4);
    api_json_str(w, "status", r, row, first + 5);
    api_json_raw(w, "reason", r, row, first + 6);
    write_play(w, play);
    api_json_time(w, "suggested_at", r, row, first + 7);
    api_json_time(w, "decided_at", r, row, first + 8);
    api_json_str(w, "decision_reason", r, row, first + 9);
    api_json_str(w, "replaced_key", r, row, first + 10);
    api_json_time(w, "sent_at", r, row, first + 11);
    api_json_str(w, "outcome", r, row, first + 12);
    jw_end(w);
}

static void write_row(const void *tenant, Jw *w, const PgResult *r, int row)
{
    api_intervention_write(tenant, w, r, row, 0);
}

ErrKind api_intervention_list(ApiCall *c, Err *reterr)
{
    ApiPage page;
    Uuid location;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_agent_check(c, &location, NULL, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &LIST,
        PG_PARAMS(API_AGENT_PARAMS(c), pg_cstr(page.keys[0]), pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
        c->req->deadline, &r, reterr));
    api_page_write(c, &(ApiList){r, &page, {7, 0}, 2, write_row, c->tenant, true});
    return ERR_NONE;
}

/* The row, if the caller may see it. */
static ErrKind fetch(ApiCall *c, PgResult **ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &GET,
                       PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->id)), c->req->deadline, &r, reterr));
    if (pg_rows(r) == 0 || !api_scope_sees(c->who, pg_get_uuid(r, 0, 0), pg_get_uuid(r, 0, 2)))
        return api_not_found(reterr, "intervention");
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

static ErrKind answer(ApiCall *c, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(fetch(c, &r, reterr));
    Jw w = jw(&c->res->body);
    api_intervention_write(c->tenant, &w, r, 0, 1);
    return ERR_NONE;
}

/* What is written to the agent when the coach writes nothing: title, then the steps. */
static const char *default_message(ApiCall *c, const ApiPlay *play)
{
    CLEANUP(buf_done) Buf text = BUF(16384);
    buf_add_str(&text, play->title);
    CLEANUP(jv_freep) Jv *steps = NULL;
    if (jv_parse(play->agent_steps_json, &steps, NULL) == ERR_NONE)
        for (size_t i = 0; i < jv_len(steps); i++) {
            Str step;
            if (jv_is_str(jv_at(steps, i), &step) &&
                str_utf8_len(buf_str(&text)) + str_utf8_len(step) + 8 < MESSAGE_MAX)
                buf_addf(&text, "\n%zu. " STR_FMT, i + 1, STR_ARG(step));
        }
    return api_text(c, buf_str(&text));
}

typedef struct AuditArg {
    ApiCall *c;
    const char *action;
    const char *object;
    Str detail;
} AuditArg;

static ErrKind audit_before_commit(void *arg, Err *reterr)
{
    AuditArg *a = arg;
    return api_audit(a->c, a->action, a->object, a->detail, reterr);
}

static ErrKind decision_of_body(ApiCall *c, const PgResult *r, CoachDecision *d, Err *reterr)
{
    Str word = jv_get_str(c->body, "decision");
    d->kind = str_eq_c(word, "accept")   ? COACH_ACCEPT
              : str_eq_c(word, "change") ? COACH_CHANGE
                                         : COACH_REFUSE;
    d->reason = api_text(c, jv_get_str(c->body, "reason"));
    d->replace_key = api_text(c, jv_get_str(c->body, "key"));
    Str key = d->replace_key ? str_from(d->replace_key) : pg_str(r, 0, 3);
    const ApiPlay *play = api_tenant_play(c->tenant, key);
    if (!play && d->replace_key)
        return err_set(reterr, ERR_INVALID, "member \"key\": the playbook has no entry \"%s\"",
                       d->replace_key);
    if (d->replace_key && !play->enabled)
        return err_set(reterr, ERR_INVALID, "member \"key\": the entry \"%s\" of the playbook is disabled",
                       d->replace_key);
    d->title = api_text(c, play ? play->title : key);
    if (d->kind != COACH_REFUSE) {
        Str message = jv_get_str(c->body, "message");
        d->message = message.len > 0 ? api_text(c, message) : play ? default_message(c, play) : d->title;
    }
    return arena_check(c->req->arena, reterr);
}

ErrKind api_intervention_decide(ApiCall *c, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(fetch(c, &r, reterr));
    TRY(api_call_tenant(c, reterr));
    char object[UUID_TEXT];
    uuid_format(c->id, object);
    static const char *const ACTION[] = {"intervention.accept", "intervention.change", "intervention.refuse"};
    CoachDecision d = {
        .tenant = c->who->tenant, .intervention = c->id, .by = c->who->user, .by_name = c->who->name};
    TRY(decision_of_body(c, r, &d, reterr));
    CLEANUP(buf_done) Buf detail = BUF(8192);
    Jw w = jw(&detail);
    jw_obj(&w);
    jw_kv_str(&w, "key", pg_str(r, 0, 3));
    jw_kv_cstr(&w, "replaced_key", d.replace_key);
    jw_kv_bool(&w, "reason_given", d.reason != NULL);
    jw_end(&w);
    AuditArg arg = {c, ACTION[d.kind], object, buf_str(&detail)};
    d.before_commit = audit_before_commit;
    d.arg = &arg;
    TRY(coach_deliver_decide(c->api->shards, &d, c->req->deadline, reterr));
    c->changed = true;
    return answer(c, reterr);
}

ErrKind api_intervention_outcome(ApiCall *c, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(fetch(c, &r, reterr));
    TRY(api_call_tenant(c, reterr));
    char object[UUID_TEXT];
    uuid_format(c->id, object);
    CLEANUP(buf_done) Buf detail = BUF(1024);
    Jw w = jw(&detail);
    jw_obj(&w);
    jw_kv_str(&w, "outcome", jv_get_str(c->body, "outcome"));
    jw_end(&w);
    AuditArg arg = {c, "intervention.outcome", object, buf_str(&detail)};
    const ApiPlay *play = api_tenant_play(c->tenant, pg_str(r, 0, 3));
    CoachOutcome o = {.tenant = c->who->tenant,
                      .intervention = c->id,
                      .outcome = api_text(c, jv_get_str(c->body, "outcome")),
                      .note = api_text(c, jv_get_str(c->body, "note")),
                      .title = api_text(c, play ? play->title : pg_str(r, 0, 3)),
                      .before_commit = audit_before_commit,
                      .arg = &arg};
    TRY(arena_check(c->req->arena, reterr));
    TRY(coach_deliver_outcome(c->api->shards, &o, c->req->deadline, reterr));
    c->changed = true;
    return answer(c, reterr);
}
