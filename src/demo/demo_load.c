/* demo_load.c - rows of the simulation as COPY lines. */
#include "demo/demo_load.h"

#include "base/clock.h"

#include <stdio.h>

enum { T_AGENT, T_GOAL, T_LEAD, T_OPPORTUNITY, T_ACTIVITY, T_SESSION };

#define TABLE(table, columns_, names)                                                                       \
    {                                                                                                       \
        .temp = "demo_" table, .columns = columns_,                                                         \
        .insert_sql =                                                                                       \
            "insert into " table " (" names ") select " names " from demo_" table " on conflict do nothing" \
    }

const PgBulkTable DEMO_LOAD_LIST[DEMO_LOAD_TABLES] = {
    [T_AGENT] = TABLE(
        "agent",
        "location_id uuid, id uuid, tenant_id uuid, external_id text, name text, email text, "
        "started_on date, left_on date, coach_name text, created_at timestamptz",
        "location_id, id, tenant_id, external_id, name, email, started_on, left_on, coach_name, created_at"),
    [T_GOAL] =
        TABLE("goal",
              "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, metric text, target float8, "
              "valid_from date, valid_to date, created_at timestamptz",
              "location_id, id, tenant_id, agent_id, metric, target, valid_from, valid_to, created_at"),
    [T_LEAD] =
        TABLE("lead",
              "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, external_id text, source text, "
              "received_at timestamptz, first_response_at timestamptz, contacted_at timestamptz",
              "location_id, id, tenant_id, agent_id, external_id, source, received_at, first_response_at, "
              "contacted_at"),
    [T_OPPORTUNITY] =
        TABLE("opportunity",
              "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, lead_id uuid, external_id text, "
              "product text, stage text, status text, opened_at timestamptz, closed_at timestamptz, "
              "value_cents int8, commission_cents int8",
              "location_id, id, tenant_id, agent_id, lead_id, external_id, product, stage, status, "
              "opened_at, closed_at, value_cents, commission_cents"),
    [T_ACTIVITY] =
        TABLE("activity",
              "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, lead_id uuid, opportunity_id uuid, "
              "kind text, direction text, at timestamptz, known_at timestamptz, duration_s int, outcome text",
              "location_id, id, tenant_id, agent_id, lead_id, opportunity_id, kind, direction, at, known_at, "
              "duration_s, outcome"),
    [T_SESSION] =
        TABLE("coaching_session",
              "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, at timestamptz, minutes int, "
              "topic text, playbook_key text, created_at timestamptz",
              "location_id, id, tenant_id, agent_id, at, minutes, topic, playbook_key, created_at"),
};

/* The columns that every row begins with. */
static Buf *row_begin(const DemoLoad *l, int table, Uuid id)
{
    Buf *row = pg_bulk_row(l->bulk, table, l->slot);
    pg_bulk_uuid(row, l->location);
    pg_bulk_uuid(row, id);
    pg_bulk_uuid(row, l->tenant);
    return row;
}

static ErrKind row_end(const DemoLoad *l, int table, Err *reterr)
{
    return pg_bulk_row_end(l->bulk, table, l->slot, l->by, reterr);
}

static void put_time(Buf *row, int64_t at) /* 0: null */
{
    if (at)
        pg_bulk_time(row, at);
    else
        pg_bulk_null(row);
}

static void put_date(Buf *row, int32_t day) /* 0: null */
{
    if (day)
        pg_bulk_date(row, day);
    else
        pg_bulk_null(row);
}

static void put_i64(Buf *row, int64_t v) /* -1: null */
{
    if (v >= 0)
        pg_bulk_i64(row, v);
    else
        pg_bulk_null(row);
}

/* An external id that is unique in the tenant: the row's own id, shortened. */
static void put_external(Buf *row, char kind, Uuid id)
{
    char text[UUID_TEXT], out[24];
    uuid_format(id, text);
    snprintf(out, sizeof(out), "%c-%.8s%.4s", kind, text + 24, text + 19);
    pg_bulk_str(row, str_from(out));
}

static ErrKind load_head(const DemoLoad *l, const DemoAgent *a, Err *reterr)
{
    Buf *row = row_begin(l, T_AGENT, a->id);
    pg_bulk_str(row, str_from(a->external_id));
    pg_bulk_str(row, str_from(a->name));
    pg_bulk_str(row, str_from(a->email));
    pg_bulk_date(row, a->started_on);
    put_date(row, a->left_on);
    pg_bulk_str(row, str_from(l->coach));
    pg_bulk_time(row, a->started_on * US_PER_DAY);
    return row_end(l, T_AGENT, reterr);
}

static ErrKind load_lead(const DemoLoad *l, Uuid agent, const DemoLead *d, Err *reterr)
{
    Buf *row = row_begin(l, T_LEAD, d->id);
    pg_bulk_uuid(row, agent);
    put_external(row, 'L', d->id);
    pg_bulk_str(row, str_from(d->source));
    pg_bulk_time(row, d->received_at);
    put_time(row, d->response_at);
    put_time(row, d->contact_at);
    return row_end(l, T_LEAD, reterr);
}

static ErrKind load_opportunity(const DemoLoad *l, Uuid agent, const DemoOpportunity *o, Err *reterr)
{
    Buf *row = row_begin(l, T_OPPORTUNITY, o->id);
    pg_bulk_uuid(row, agent);
    pg_bulk_uuid(row, o->lead);
    put_external(row, 'O', o->id);
    pg_bulk_str(row, str_from(o->product));
    pg_bulk_str(row, str_from(o->stage));
    pg_bulk_str(row, str_from(o->status));
    pg_bulk_time(row, o->opened_at);
    put_time(row, o->closed_at);
    pg_bulk_i64(row, o->value_cents);
    put_i64(row, o->commission_cents);
    return row_end(l, T_OPPORTUNITY, reterr);
}

static ErrKind load_activity(const DemoLoad *l, Uuid agent, const DemoActivity *a, Err *reterr)
{
    Buf *row = row_begin(l, T_ACTIVITY, a->id);
    pg_bulk_uuid(row, agent);
    pg_bulk_uuid(row, a->lead);
    pg_bulk_uuid(row, a->opportunity);
    pg_bulk_str(row, str_from(a->kind));
    pg_bulk_str(row, str_from(a->direction));
    pg_bulk_time(row, a->at);
    pg_bulk_time(row, a->known_at);
    put_i64(row, a->duration_s);
    pg_bulk_str(row, str_from(a->outcome));
    return row_end(l, T_ACTIVITY, reterr);
}

static ErrKind load_session(const DemoLoad *l, Uuid agent, const DemoSession *c, Err *reterr)
{
    const DemoTopic *topic = &DEMO_TOPIC_LIST[c->topic];
    Buf *row = row_begin(l, T_SESSION, c->id);
    pg_bulk_uuid(row, agent);
    pg_bulk_time(row, c->at);
    pg_bulk_i64(row, topic->minutes);
    pg_bulk_str(row, str_from(topic->key));
    pg_bulk_str(row, str_from(topic->key));
    pg_bulk_time(row, c->at);
    return row_end(l, T_SESSION, reterr);
}

ErrKind demo_load_agent(const DemoLoad *l, const DemoRows *rows, Err *reterr)
{
    Uuid agent = rows->agent.id;
    TRY(load_head(l, &rows->agent, reterr));
    for (int i = 0; i < rows->n_leads; i++)
        TRY(load_lead(l, agent, &rows->leads[i], reterr));
    for (int i = 0; i < rows->n_opportunities; i++)
        TRY(load_opportunity(l, agent, &rows->opportunities[i], reterr));
    for (int i = 0; i < rows->n_activities; i++)
        TRY(load_activity(l, agent, &rows->activities[i], reterr));
    for (int i = 0; i < rows->n_sessions; i++)
        TRY(load_session(l, agent, &rows->sessions[i], reterr));
    return ERR_NONE;
}

ErrKind demo_load_goal(const DemoLoad *l, const DemoAgent *agent, const DemoGoal *goal, Err *reterr)
{
    char day[11], name[32];
    clock_format_date(goal->valid_from, day);
    snprintf(name, sizeof(name), "goal %s", day);
    Buf *row = row_begin(l, T_GOAL, uuid_from_name_in_slot(agent->id, str_from(name), l->slot));
    pg_bulk_uuid(row, agent->id);
    pg_bulk_str(row, STR("closings"));
    pg_bulk_i64(row, goal->target);
    pg_bulk_date(row, goal->valid_from);
    put_date(row, goal->valid_to);
    pg_bulk_time(row, goal->valid_from * US_PER_DAY);
    return row_end(l, T_GOAL, reterr);
}
