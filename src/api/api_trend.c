/* api_trend.c - an agent's weeks, and the single activities behind them. */
#include "api/api_trend.h"

#include "api/api_agent.h"
#include "api/api_json.h"
#include "api/api_page.h"
#include "api/api_sql.h"

#define WEEKS_DEFAULT 26
#define N_SERIES 6

/* Null in the weeks before the source's first row, and for ever when there is none. */
#define SEEN(kind)                                                                                        \
    "w.at + interval '7 days' > (select min(s.first_at) from source_seen s where s.tenant_id = $1::uuid " \
    "and s.kind = '" kind "')"

static const PgStmt WEEKS = {
    "api_trend_weeks",
    "select to_char(w.at at time zone 'UTC', 'YYYY-MM-DD'), "
    "case when " SEEN("call") " then act.calls end, case when " SEEN(
        "text") " then act.texts end, "
                "case when " SEEN("appointment") " then act.appointments end, case when " SEEN(
                    "lead") " then le.n end, "
                            "case when " SEEN("closed") " then cl.n end, case when " SEEN(
                                "commission") " then cl.commission end "
                                              "from agent a " SQL_LAST_GOAL_PREDICTION
                                              "cross join lateral generate_series(0, $4::int - 1) k "
                                              "cross join lateral (select (date_trunc('week', " SQL_AS_OF
                                              "::timestamp) - ($4::int - 1 - k) * interval '7 days') "
                                              "at time zone 'UTC' as at) w "
                                              "cross join lateral (select count(*) filter (where v.kind = "
                                              "'call') as calls, "
                                              "count(*) filter (where v.kind = 'text') as texts, count(*) "
                                              "filter (where v.kind = 'appointment') as appointments "
                                              "from activity v where v.tenant_id = $1::uuid and v.agent_id = "
                                              "a.id and v.at >= w.at "
                                              "and v.at < w.at + interval '7 days') act "
                                              "cross join lateral (select count(*) as n from lead l where "
                                              "l.tenant_id = $1::uuid and l.agent_id = a.id "
                                              "and l.received_at >= w.at and l.received_at < w.at + interval "
                                              "'7 days') le "
                                              "cross join lateral (select count(*) as n, "
                                              "coalesce(sum(o.commission_cents), 0)::bigint as commission "
                                              "from opportunity o where o.tenant_id = $1::uuid and "
                                              "o.agent_id = a.id and o.status = 'won' and o.closed_at >= "
                                              "w.at "
                                              "and o.closed_at < w.at + interval '7 days') cl "
                                              "where a.tenant_id = $1::uuid and a.id = $2::uuid and "
                                              "($3::uuid is null or a.location_id = $3::uuid) order by w.at"};

static const PgStmt PROBABILITY = {
    "api_trend_probability",
    "select as_of::text, value from prediction where tenant_id = $1::uuid and agent_id = $2::uuid "
    "and kind = 'goal' and as_of >= $3::date order by as_of"};

static const PgStmt ACTIVITIES = {
    "api_trend_activities", "select v.id, v.kind, v.direction, " API_US(
                                "v.at") ", v.duration_s, v.outcome from activity v "
                                        "where v.tenant_id = $1::uuid and v.agent_id = $2::uuid and "
                                        "($3::uuid is null or v.location_id = $3::uuid) "
                                        "and ($4::bigint is null or (v.at, v.id) < ('epoch'::timestamptz + "
                                        "$4::bigint * interval '1 microsecond', $5::uuid)) "
                                        "order by v.at desc, v.id desc limit $6::int"};

static void write_series(Jw *w, const PgResult *r)
{
    static const char *const NAMES[N_SERIES] = {"calls", "texts",    "appointments",
                                                "leads", "closings", "commission_cents"};
    jw_key(w, "weeks");
    jw_arr(w);
    for (int i = 0; i < pg_rows(r); i++)
        jw_str(w, pg_str(r, i, 0));
    jw_end(w);
    jw_key(w, "series");
    jw_obj(w);
    for (int s = 0; s < N_SERIES; s++) {
        jw_key(w, NAMES[s]);
        jw_arr(w);
        for (int i = 0; i < pg_rows(r); i++)
            pg_is_null(r, i, s + 1) ? jw_null(w) : jw_i64(w, pg_get_i64(r, i, s + 1));
        jw_end(w);
    }
    jw_end(w);
}

ErrKind api_trend_get(ApiCall *c, Err *reterr)
{
    TRY(api_agent_own(c, reterr));
    TRY(api_call_tenant(c, reterr));
    int64_t weeks = WEEKS_DEFAULT;
    Str given = http_query(c->req, "weeks");
    if (given.ptr && !str_to_i64(given, &weeks))
        weeks = WEEKS_DEFAULT; /* cannot be: the query's shape was checked */
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &WEEKS,
                       PG_PARAMS(API_AGENT_PARAMS(c), pg_i64(weeks)), c->req->deadline, &r, reterr));
    if (pg_rows(r) == 0)
        return api_not_found(reterr, "agent");
    CLEANUP(pg_result_freep) PgResult *p = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &PROBABILITY,
        PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->id), pg_cstr(api_text(c, pg_str(r, 0, 0)))),
        c->req->deadline, &p, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    write_series(&w, r);
    jw_key(&w, "probability");
    jw_arr(&w);
    for (int i = 0; i < pg_rows(p); i++) {
        jw_obj(&w);
        api_json_str(&w, "as_of", p, i, 0);
        api_json_f64(&w, "value", p, i, 1);
        jw_end(&w);
    }
    jw_end(&w);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

static void write_activity(const void *arg, Jw *w, const PgResult *r, int row)
{
    (void)arg;
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "kind", r, row, 1);
    api_json_str(w, "direction", r, row, 2);
    api_json_time(w, "at", r, row, 3);
    api_json_i64(w, "duration_s", r, row, 4);
    api_json_str(w, "outcome", r, row, 5);
    jw_end(w);
}

ErrKind api_trend_activities(ApiCall *c, Err *reterr)
{
    ApiPage page;
    Uuid location;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_agent_check(c, &location, NULL, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        c->api->shards, c->who->tenant, uuid_slot(c->id), &ACTIVITIES,
        PG_PARAMS(API_AGENT_PARAMS(c), pg_cstr(page.keys[0]), pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
        c->req->deadline, &r, reterr));
    api_page_write(c, &(ApiList){r, &page, {3, 0}, 2, write_activity, NULL, true});
    return ERR_NONE;
}
