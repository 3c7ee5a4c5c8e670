/* api_location.c - see api_location.h. */
#include "api/api_location.h"

#include "api/api_json.h"
#include "api/api_merge.h"
#include "api/api_page.h"
#include "api/api_predict.h"
#include "api/api_sql.h"

#define AGENTS_MAX 5000
#define TEXT_MAX 512
#define WEEKS "26"

static const PgStmt LIST = {"api_location_list",
                            "select a.location_id, count(*), avg(p.value), sum(" SQL_CLOSINGS(
                                "30") ")::bigint, "
                                      "(select count(*) from intervention i where i.tenant_id = $1::uuid and "
                                      "i.location_id = a.location_id "
                                      "and i.status = 'suggested') from agent a " SQL_LAST_GOAL_PREDICTION
                                      "where a.tenant_id = $1::uuid and a.left_on is null and ($2::uuid is "
                                      "null or a.location_id = $2::uuid) "
                                      "group by a.location_id order by a.location_id"};

enum { COL_AGENT, COL_NAME, COL_CLOSINGS_30D, COL_CLOSINGS_90D, COL_TARGET, COL_PREDICTION };

static const PgStmt AGENTS = {
    "api_location_agents",
    "select a.id, a.name, " SQL_CLOSINGS("30") ", " SQL_CLOSINGS(
        "90") ", g.target, p.* from agent a " SQL_LAST_GOAL_PREDICTION SQL_CURRENT_GOAL
              "where a.tenant_id = $1::uuid and a.location_id = $2::uuid "
              "and a.left_on is null order by a.name collate \"C\", a.id limit $3::int"};

static const PgStmt TREND = {
    "api_location_trend",
    "with w as (select (date_trunc('week', $3::date::timestamp) - (" WEEKS " - 1 - k) * interval '7 days') "
    "at time zone 'UTC' as at from generate_series(0, " WEEKS " - 1) k), "
    "cl as (select date_trunc('week', o.closed_at at time zone 'UTC') at time zone 'UTC' as at, count(*) as "
    "n "
    "from opportunity o where o.tenant_id = $1::uuid and o.location_id = $2::uuid and o.status = 'won' "
    "and o.closed_at >= (select min(at) from w) group by 1), "
    "le as (select date_trunc('week', l.received_at at time zone 'UTC') at time zone 'UTC' as at, count(*) "
    "as n "
    "from lead l where l.tenant_id = $1::uuid and l.location_id = $2::uuid "
    "and l.received_at >= (select min(at) from w) group by 1) "
    "select to_char(w.at at time zone 'UTC', 'YYYY-MM-DD'), coalesce(cl.n, 0), "
    "case when w.at + interval '7 days' > (select min(s.first_at) from source_seen s where s.tenant_id = "
    "$1::uuid "
    "and s.kind = 'lead') then coalesce(le.n, 0) end "
    "from w left join cl on cl.at = w.at left join le on le.at = w.at order by w.at"};

static int by_location(const PgResult *a, int row_a, const PgResult *b, int row_b)
{
    return str_cmp(pg_str(a, row_a, 0), pg_str(b, row_b, 0));
}

static int find_row(const ApiMerge *m, Uuid location, const PgResult **ret)
{
    for (int s = 0; s < PG_SHARDS; s++)
        for (int i = 0; i < pg_rows(m->results[s]); i++)
            if (uuid_eq(pg_get_uuid(m->results[s], i, 0), location)) {
                *ret = m->results[s];
                return i;
            }
    return -1;
}

ErrKind api_location_list(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Uuid scope = api_scope(c->who).location;
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = by_location};
    TRY(api_merge_query(c, &m, scope, &LIST, PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(scope)),
                        reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0; i < c->tenant->n_locations; i++) {
        const ApiLocation *l = &c->tenant->locations[i];
        if (!api_scope_sees(c->who, l->id, UUID_NIL))
            continue;
        const PgResult *r = NULL;
        int row = find_row(&m, l->id, &r);
        jw_obj(&w);
        jw_kv_uuid(&w, "id", l->id);
        jw_kv_str(&w, "name", l->name);
        jw_kv_i64(&w, "agents", row < 0 ? 0 : pg_get_i64(r, row, 1));
        jw_key(&w, "mean_probability");
        row < 0 ? jw_null(&w) : jw_f64(&w, pg_get_f64(r, row, 2));
        jw_kv_i64(&w, "closings_30d", row < 0 ? 0 : pg_get_i64(r, row, 3));
        jw_kv_i64(&w, "open_interventions", row < 0 ? 0 : pg_get_i64(r, row, 4));
        jw_end(&w);
    }
    jw_end(&w);
    api_page_next(c, &w, NULL, 0);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

static void write_agent(Jw *w, const PgResult *r, int row, const CoachPrediction *p)
{
    jw_obj(w);
    api_json_uuid(w, "id", r, row, COL_AGENT);
    api_json_str(w, "name", r, row, COL_NAME);
    jw_key(w, "probability");
    p->present ? jw_f64(w, p->value) : jw_null(w);
    api_json_i64(w, "closings_30d", r, row, COL_CLOSINGS_30D);
    api_json_i64(w, "closings_90d", r, row, COL_CLOSINGS_90D);
    api_json_f64(w, "target", r, row, COL_TARGET);
    jw_key(w, "why");
    int why = p->present ? api_predict_why(p) : -1;
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    if (why >= 0)
        api_predict_text(&text, p, why);
    why >= 0 ? jw_str(w, buf_str(&text)) : jw_null(w);
    jw_end(w);
}

static void write_medians(Jw *w, const CoachPrediction *newest)
{
    jw_key(w, "medians");
    jw_arr(w);
    for (int f = 0; newest->present && f < COACH_N_FEATURES; f++) {
        jw_obj(w);
        jw_kv_cstr(w, "feature", COACH_FEATURES[f].name);
        jw_kv_cstr(w, "label", COACH_FEATURES[f].label);
        jw_kv_cstr(w, "unit", COACH_FEATURES[f].unit);
        jw_kv_f64(w, "median", (double)newest->median[f]);
        jw_end(w);
    }
    jw_end(w);
}

static void write_trend(Jw *w, const PgResult *r)
{
    static const char *const NAMES[] = {"weeks", "closings", "leads"};
    jw_key(w, "trend");
    jw_obj(w);
    for (int col = 0; col < (int)ARRAY_LEN(NAMES); col++) {
        jw_key(w, NAMES[col]);
        jw_arr(w);
        for (int i = 0; i < pg_rows(r); i++) {
            if (pg_is_null(r, i, col))
                jw_null(w);
            else if (col == 0)
                jw_str(w, pg_str(r, i, col));
            else
                jw_i64(w, pg_get_i64(r, i, col));
        }
        jw_end(w);
    }
    jw_end(w);
}

ErrKind api_location_get(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Str name = api_tenant_location(c->tenant, c->id);
    if (!name.ptr || !api_scope_sees(c->who, c->id, UUID_NIL))
        return api_not_found(reterr, "location");
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &AGENTS,
                       PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->id), pg_i64(AGENTS_MAX + 1)),
                       c->req->deadline, &r, reterr));
    if (pg_rows(r) > AGENTS_MAX)
        return err_set(reterr, ERR_LIMIT, "the office has more than %d agents", AGENTS_MAX);
    CoachPrediction p, newest = {0};
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_uuid(&w, "id", c->id);
    jw_kv_str(&w, "name", name);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_key(&w, "agents");
    jw_arr(&w);
    for (int i = 0; i < pg_rows(r); i++) {
        if (api_predict_row(c->tenant, r, i, COL_PREDICTION, &p) &&
            (!newest.present || p.as_of > newest.as_of))
            newest = p;
        write_agent(&w, r, i, &p);
    }
    jw_end(&w);
    char as_of[11];
    clock_format_date(newest.present ? newest.as_of : (int32_t)(clock_now_us() / US_PER_DAY), as_of);
    jw_kv_cstr(&w, "as_of", as_of);
    write_medians(&w, &newest);
    CLEANUP(pg_result_freep) PgResult *t = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &TREND,
                       PG_PARAMS(pg_uuid(c->who->tenant), pg_uuid(c->id), pg_cstr(as_of)), c->req->deadline,
                       &t, reterr));
    write_trend(&w, t);
    jw_end(&w);
    return ERR_NONE;
}
