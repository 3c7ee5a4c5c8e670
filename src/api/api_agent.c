/* api_agent.c - GET /v1/agents, GET /v1/agents/{id}. */
#include "api/api_agent.h"

#include "api/api_json.h"
#include "api/api_merge.h"
#include "api/api_page.h"
#include "api/api_sql.h"

static const PgStmt LIST = {
    "api_agent_list",
    "select a.id, a.name, a.location_id, a.started_on::text, p.value, " SQL_CLOSINGS(
        "30") ", g.target "
              "from agent a " SQL_LAST_GOAL_PREDICTION SQL_CURRENT_GOAL
              "where a.tenant_id = $1::uuid and a.left_on is null "
              "and ($2::uuid is null or a.location_id = $2::uuid) and ($3::uuid is null or a.id = $3::uuid) "
              "and ($4::uuid is null or a.location_id = $4::uuid) "
              "and ($5::text is null or position(lower($5) in lower(a.name)) > 0) "
              "and ($6::uuid is null or (a.name collate \"C\", a.id) > ($7::text collate \"C\", $6::uuid)) "
              "order by a.name collate \"C\", a.id limit $8::int"};

static const PgStmt GET = {
    "api_agent_get",
    "select a.id, a.name, a.email, a.location_id, a.started_on::text, a.coach_name, g.metric, g.target, "
    "g.derived "
    "from agent a " SQL_LAST_GOAL_PREDICTION SQL_CURRENT_GOAL
    "where a.tenant_id = $1::uuid and a.id = $2::uuid and ($3::uuid is null or a.location_id = $3::uuid)"};

static const PgStmt CHECK = {
    "api_agent_check", "select location_id, name from agent where tenant_id = $1::uuid and id = $2::uuid "
                       "and ($3::uuid is null or location_id = $3::uuid)"};

static int by_name(const PgResult *a, int row_a, const PgResult *b, int row_b)
{
    int d = str_cmp(pg_str(a, row_a, 1), pg_str(b, row_b, 1));
    return d ? d : str_cmp(pg_str(a, row_a, 0), pg_str(b, row_b, 0));
}

static void write_item(ApiCall *c, Jw *w, const PgResult *r, int row)
{
    jw_obj(w);
    api_json_uuid(w, "id", r, row, 0);
    api_json_str(w, "name", r, row, 1);
    api_json_uuid(w, "location_id", r, row, 2);
    jw_kv_str(w, "location", api_tenant_location(c->tenant, pg_get_uuid(r, row, 2)));
    api_json_f64(w, "probability", r, row, 4);
    api_json_i64(w, "closings_30d", r, row, 5);
    api_json_f64(w, "target", r, row, 6);
    api_json_str(w, "started_on", r, row, 3);
    jw_end(w);
}

ErrKind api_agent_list(ApiCall *c, Err *reterr)
{
    ApiPage page;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_call_tenant(c, reterr));
    ApiScope scope = api_scope(c->who);
    if (c->who->role == API_AGENT && uuid_is_nil(scope.agent))
        return api_not_found(reterr, "agent");
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = by_name};
    TRY(api_merge_query(c, &m, api_merge_location(c), &LIST,
                        PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(scope.location),
                                  api_uuid_or_null(scope.agent),
                                  pg_cstr(api_text(c, http_query(c->req, "location"))),
                                  pg_cstr(api_text(c, http_query(c->req, "q"))), pg_cstr(page.keys[0]),
                                  pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
                        reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    const PgResult *r;
    int row, n = 0;
    Str keys[2] = {STR_NULL, STR_NULL};
    while (n < page.limit && api_merge_next(&m, &r, &row)) {
        write_item(c, &w, r, row);
        keys[0] = pg_str(r, row, 0);
        keys[1] = pg_str(r, row, 1);
        n++;
    }
    jw_end(&w);
    bool more = n == page.limit && api_merge_next(&m, &r, &row);
    api_page_next(c, &w, more ? keys : NULL, 2);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_agent_own(const ApiCall *c, Err *reterr)
{
    if (c->who->role == API_AGENT && !uuid_eq(c->who->agent, c->id))
        return api_not_found(reterr, "agent");
    return ERR_NONE;
}

ErrKind api_agent_check(ApiCall *c, Uuid *ret_location, const char **ret_name, Err *reterr)
{
    TRY(api_agent_own(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &CHECK,
                       PG_PARAMS(API_AGENT_PARAMS(c)), c->req->deadline, &r, reterr));
    if (pg_rows(r) == 0)
        return api_not_found(reterr, "agent");
    *ret_location = pg_get_uuid(r, 0, 0);
    if (ret_name)
        *ret_name = api_text(c, pg_str(r, 0, 1));
    return ERR_NONE;
}

ErrKind api_agent_get(ApiCall *c, Err *reterr)
{
    TRY(api_agent_own(c, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &GET, PG_PARAMS(API_AGENT_PARAMS(c)),
                       c->req->deadline, &r, reterr));
    if (pg_rows(r) == 0)
        return api_not_found(reterr, "agent");
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    api_json_uuid(&w, "id", r, 0, 0);
    api_json_str(&w, "name", r, 0, 1);
    api_json_str(&w, "email", r, 0, 2);
    api_json_uuid(&w, "location_id", r, 0, 3);
    jw_kv_str(&w, "location", api_tenant_location(c->tenant, pg_get_uuid(r, 0, 3)));
    api_json_str(&w, "started_on", r, 0, 4);
    api_json_str(&w, "coach_name", r, 0, 5);
    jw_key(&w, "goal");
    if (pg_is_null(r, 0, 6)) {
        jw_null(&w);
    } else {
        jw_obj(&w);
        api_json_str(&w, "metric", r, 0, 6);
        api_json_f64(&w, "target", r, 0, 7);
        api_json_bool(&w, "derived", r, 0, 8);
        jw_end(&w);
    }
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}
