/* coach_deliver.c - see coach_deliver.h. Each operation is one transaction on the shard of the agent's office. */
#include "coach/coach_deliver.h"

#include "base/jw.h"

#define EVENT_MAX 32768

static const PgStmt LOCK_ROW = {
    "coach_deliver_lock",
    "select i.location_id, i.agent_id, i.status, i.playbook_key, a.name, i.outcome is not null "
    "from intervention i join agent a on a.location_id = i.location_id and a.id = i.agent_id "
    "where i.tenant_id = $1::uuid and i.id = $2::uuid for update of i"};

/* What was shown is kept beside the decision: the prediction may be made again, the suggestion's words may change. */
static const PgStmt DECIDE = {
    "coach_deliver_decide",
    "update intervention i set status = $4, decided_by = $5::uuid, decided_at = now(), decision_reason = $6, "
    "replaced_key = $7, sent_at = case when $8::boolean then now() end, "
    "explanation_seen = jsonb_build_object('reason', i.reason, 'score', i.score, 'rank', i.rank, "
    "'prediction', "
    "(select jsonb_build_object('id', p.id, 'kind', p.kind, 'value', p.value, 'as_of', p.as_of, 'model_id', "
    "p.model_id) "
    "from prediction p where p.location_id = i.location_id and p.id = i.prediction_id)) "
    "where i.tenant_id = $1::uuid and i.location_id = $2::uuid and i.id = $3::uuid"};

static const PgStmt OUTCOME = {
    "coach_deliver_outcome",
    "update intervention set status = 'done', outcome = $4, outcome_note = $5, outcome_at = now() "
    "where tenant_id = $1::uuid and location_id = $2::uuid and id = $3::uuid"};

static const PgStmt MESSAGE = {
    "coach_deliver_message",
    "insert into message (location_id, id, tenant_id, agent_id, from_user, from_name, body, intervention_id) "
    "values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7, $8::uuid) "
    "returning (extract(epoch from at) * 1000000)::bigint"};

static const PgStmt PUBLISH = {"coach_deliver_publish",
                               "select live_publish($1::uuid, $2::uuid, $3, $4::jsonb)"};

typedef struct Row {
    Uuid location, agent;
    char status[16];
    char key[64];
    char agent_name[801];
    bool has_outcome;
} Row;

static ErrKind lock_row(PgConn *c, Uuid tenant, Uuid id, Deadline by, Row *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(c, &LOCK_ROW, PG_PARAMS(pg_uuid(tenant), pg_uuid(id)), by, &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no such intervention");
    *ret = (Row){
        .location = pg_get_uuid(r, 0, 0), .agent = pg_get_uuid(r, 0, 1), .has_outcome = pg_get_bool(r, 0, 5)};
    if (!str_copy(ret->status, sizeof(ret->status), pg_str(r, 0, 2)) ||
        !str_copy(ret->key, sizeof(ret->key), pg_str(r, 0, 3)) ||
        !str_copy(ret->agent_name, sizeof(ret->agent_name), pg_str(r, 0, 4)))
        return err_set(reterr, ERR_CORRUPT, "intervention has a member that is too long");
    return ERR_NONE;
}

static ErrKind publish(PgConn *c, Uuid location, Uuid agent, const char *kind, const Buf *payload,
                       Deadline by, Err *reterr)
{
    TRY(buf_check(payload, reterr));
    return pg_query(c, &PUBLISH,
                    PG_PARAMS(pg_uuid(location), pg_uuid(agent), pg_cstr(kind), pg_cstr(buf_cstr(payload))),
                    by, NULL, reterr);
}

static ErrKind publish_intervention(PgConn *c, Uuid id, const Row *row, const char *key, const char *title,
                                    const char *status, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(EVENT_MAX);
    Jw w = jw(&json);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", id);
    jw_kv_uuid(&w, "agent_id", row->agent);
    jw_kv_uuid(&w, "location_id", row->location);
    jw_kv_cstr(&w, "key", key);
    jw_kv_cstr(&w, "title", title);
    jw_kv_cstr(&w, "status", status);
    jw_kv_cstr(&w, "agent_name", row->agent_name);
    jw_end(&w);
    return publish(c, row->location, row->agent, "intervention", &json, by, reterr);
}

static ErrKind insert_message(PgConn *c, const CoachMessage *m, Deadline by, Uuid *ret_id, int64_t *ret_at_us,
                              Err *reterr)
{
    *ret_id = uuid_v7_in_slot(pg_slot_of_location(m->location));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(c, &MESSAGE,
                 PG_PARAMS(pg_uuid(m->location), pg_uuid(*ret_id), pg_uuid(m->tenant), pg_uuid(m->agent),
                           pg_uuid(m->from), pg_cstr(m->from_name), pg_cstr(m->body),
                           uuid_is_nil(m->intervention) ? pg_null() : pg_uuid(m->intervention)),
                 by, &r, reterr));
    *ret_at_us = pg_get_i64(r, 0, 0);
    CLEANUP(buf_done) Buf json = BUF(EVENT_MAX);
    Jw w = jw(&json);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", *ret_id);
    jw_kv_uuid(&w, "agent_id", m->agent);
    jw_kv_uuid(&w, "location_id", m->location);
    jw_kv_cstr(&w, "from_name", m->from_name);
    jw_kv_cstr(&w, "body", m->body);
    jw_key(&w, "at");
    jw_time_us(&w, *ret_at_us);
    jw_end(&w);
    return publish(c, m->location, m->agent, "message", &json, by, reterr);
}

static ErrKind finish(PgConn *c, CoachBeforeCommit *before_commit, void *arg, Deadline by, Err *reterr)
{
    if (before_commit)
        TRY(before_commit(arg, reterr));
    return pg_commit(c, by, reterr);
}

static ErrKind decide(PgConn *c, const CoachDecision *d, Deadline by, Err *reterr)
{
    static const char *const STATUS[] = {
        [COACH_ACCEPT] = "accepted", [COACH_CHANGE] = "changed", [COACH_REFUSE] = "refused"};
    Row row;
    TRY(pg_begin(c, d->tenant, by, reterr));
    TRY(lock_row(c, d->tenant, d->intervention, by, &row, reterr));
    if (strcmp(row.status, "suggested") != 0)
        return err_set(reterr, ERR_CONFLICT, "this suggestion is already %s", row.status);
    bool sent = d->kind != COACH_REFUSE;
    TRY(pg_query(c, &DECIDE,
                 PG_PARAMS(pg_uuid(d->tenant), pg_uuid(row.location), pg_uuid(d->intervention),
                           pg_cstr(STATUS[d->kind]), pg_uuid(d->by), pg_cstr(d->reason),
                           pg_cstr(d->replace_key), pg_bool(sent)),
                 by, NULL, reterr));
    if (sent) {
        CoachMessage m = {.tenant = d->tenant,
                          .location = row.location,
                          .agent = row.agent,
                          .from = d->by,
                          .from_name = d->by_name,
                          .body = d->message,
                          .intervention = d->intervention};
        Uuid id;
        int64_t at_us;
        TRY(insert_message(c, &m, by, &id, &at_us, reterr));
    }
    TRY(publish_intervention(c, d->intervention, &row, d->replace_key ? d->replace_key : row.key, d->title,
                             STATUS[d->kind], by, reterr));
    return finish(c, d->before_commit, d->arg, by, reterr);
}

ErrKind coach_deliver_decide(PgShards *s, const CoachDecision *d, Deadline by, Err *reterr)
{
    if (d->kind != COACH_ACCEPT && (!d->reason || !d->reason[0]))
        return err_set(reterr, ERR_INVALID, "member \"reason\" is needed to change or refuse a suggestion");
    if ((d->kind == COACH_CHANGE) != (d->replace_key != NULL))
        return err_set(reterr, ERR_INVALID, "member \"key\" is needed to change a suggestion, and only then");
    PgPool *pool = pg_shard_pool(s, pg_shard_of_slot(s, uuid_slot(d->intervention)));
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pool, by, &c, reterr));
    ErrKind k = decide(c, d, by, reterr);
    pg_pool_release(pool, c); /* rolls back what was not committed */
    return k;
}

static ErrKind note_outcome(PgConn *c, const CoachOutcome *o, Deadline by, Err *reterr)
{
    Row row;
    TRY(pg_begin(c, o->tenant, by, reterr));
    TRY(lock_row(c, o->tenant, o->intervention, by, &row, reterr));
    if (strcmp(row.status, "accepted") != 0 && strcmp(row.status, "changed") != 0)
        return err_set(reterr, ERR_CONFLICT,
                       row.has_outcome ? "the outcome is already noted"
                                       : "this suggestion was not sent, so it has no outcome");
    TRY(pg_query(c, &OUTCOME,
                 PG_PARAMS(pg_uuid(o->tenant), pg_uuid(row.location), pg_uuid(o->intervention),
                           pg_cstr(o->outcome), pg_cstr(o->note)),
                 by, NULL, reterr));
    TRY(publish_intervention(c, o->intervention, &row, row.key, o->title, "done", by, reterr));
    return finish(c, o->before_commit, o->arg, by, reterr);
}

ErrKind coach_deliver_outcome(PgShards *s, const CoachOutcome *o, Deadline by, Err *reterr)
{
    PgPool *pool = pg_shard_pool(s, pg_shard_of_slot(s, uuid_slot(o->intervention)));
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pool, by, &c, reterr));
    ErrKind k = note_outcome(c, o, by, reterr);
    pg_pool_release(pool, c);
    return k;
}

static ErrKind send_message(PgConn *c, const CoachMessage *m, Deadline by, Uuid *ret_id, int64_t *ret_at_us,
                            Err *reterr)
{
    TRY(pg_begin(c, m->tenant, by, reterr));
    TRY(insert_message(c, m, by, ret_id, ret_at_us, reterr));
    return finish(c, m->before_commit, m->arg, by, reterr);
}

ErrKind coach_deliver_message(PgShards *s, const CoachMessage *m, Deadline by, Uuid *ret_id,
                              int64_t *ret_at_us, Err *reterr)
{
    PgPool *pool = pg_shard_pool(s, pg_shard_of_slot(s, pg_slot_of_location(m->location)));
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pool, by, &c, reterr));
    ErrKind k = send_message(c, m, by, ret_id, ret_at_us, reterr);
    pg_pool_release(pool, c);
    return k;
}
