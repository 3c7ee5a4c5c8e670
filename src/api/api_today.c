/* api_today.c - see api_today.h. Two statements on every shard: the page's agents with their figures (the shards' sorted rows
 * are merged), then the open suggestions of those agents. */
#include "api/api_today.h"

#include "api/api_intervention.h"
#include "api/api_json.h"
#include "api/api_merge.h"
#include "api/api_page.h"
#include "api/api_predict.h"
#include "api/api_sql.h"

#include <math.h>

#define DRIVERS 3
#define TEXT_MAX 512

enum {
    COL_AGENT,
    COL_NAME,
    COL_LOCATION,
    COL_GAIN,
    COL_LAST,
    COL_EXPECTED,
    COL_CLOSINGS,
    COL_TARGET,
    COL_PREDICTION
};

/* Without a suggestion the gain is -1: such agents come last. */
static const PgStmt TODAY = {
    "api_today",
    "select a.id, a.name, a.location_id, a.gain, before.value, expected.value, " SQL_CLOSINGS(
        "30") ", g.target, p.* "
              "from (select b.id, b.name, b.location_id, coalesce(m.gain, -1) as gain from agent b left join "
              "(select n.agent_id, max(n.score) as gain from intervention n where n.tenant_id = $1::uuid and "
              "n.status = 'suggested' "
              "and ($2::uuid is null or n.location_id = $2::uuid) group by n.agent_id) m on m.agent_id = "
              "b.id "
              "where b.tenant_id = $1::uuid and b.left_on is null and ($2::uuid is null or b.location_id = "
              "$2::uuid) "
              "and ($3::uuid is null or b.location_id = $3::uuid) "
              "and ($4::float8 is null or coalesce(m.gain, -1) < $4::float8 "
              "or (coalesce(m.gain, -1) = $4::float8 and b.id > $5::uuid)) "
              "order by coalesce(m.gain, -1) desc, b.id limit $6::int) a " SQL_LAST_GOAL_PREDICTION
                  SQL_CURRENT_GOAL "left join lateral (select q.value from prediction q where q.tenant_id = "
              "$1::uuid and q.agent_id = a.id "
              "and q.kind = 'goal' and q.as_of < p.as_of order by q.as_of desc limit 1) before on true "
              "left join lateral (select q.value from prediction q where q.tenant_id = $1::uuid and "
              "q.agent_id = a.id "
              "and q.kind = 'closings' order by q.as_of desc limit 1) expected on true order by a.gain desc, "
              "a.id"};

/* Column 1 is the agent's id. */
static const PgStmt OPEN = {
    "api_today_open",
    "select " API_INTERVENTION_COLUMNS " from intervention i where i.tenant_id = $1::uuid "
    "and i.agent_id = any($2::uuid[]) and i.status = 'suggested' order by i.agent_id, i.rank"};

typedef struct PageRow { /* one agent of the page */
    const PgResult *r;
    int row;
} PageRow;

static int by_gain(const PgResult *a, int row_a, const PgResult *b, int row_b)
{
    double ga = pg_get_f64(a, row_a, COL_GAIN), gb = pg_get_f64(b, row_b, COL_GAIN);
    if (ga != gb)
        return ga > gb ? -1 : 1;
    return str_cmp(pg_str(a, row_a, COL_AGENT), pg_str(b, row_b, COL_AGENT));
}

static void write_figures(Jw *w, const CoachPrediction *p, const PgResult *r, int row)
{
    double before = pg_get_f64(r, row, COL_LAST);
    jw_key(w, "goal");
    jw_obj(w);
    jw_kv_f64(w, "probability", p->present ? p->value : (double)NAN);
    jw_kv_f64(w, "points_vs_last", p->present ? 100 * (p->value - before) : (double)NAN);
    jw_end(w);
    jw_key(w, "closings");
    jw_obj(w);
    api_json_f64(w, "expected", r, row, COL_EXPECTED);
    api_json_i64(w, "last_30d", r, row, COL_CLOSINGS);
    api_json_f64(w, "target", r, row, COL_TARGET);
    jw_end(w);
}

/* The agent's open suggestions: rows from..to of one shard's result. */
typedef struct OpenRows {
    const PgResult *r;
    int from, to;
} OpenRows;

static OpenRows find_open(PgResult *const open[static PG_SHARDS], Str agent)
{
    for (int s = 0; s < PG_SHARDS; s++)
        for (int i = 0; open[s] && i < pg_rows(open[s]); i++)
            if (str_eq(pg_str(open[s], i, 1), agent)) {
                int to = i;
                while (to < pg_rows(open[s]) && str_eq(pg_str(open[s], to, 1), agent))
                    to++;
                return (OpenRows){open[s], i, to};
            }
    return (OpenRows){0};
}

/* One line: the prediction's strongest reason; without a model the first suggestion's own. */
static void write_why(Jw *w, const CoachPrediction *p, OpenRows open)
{
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    CLEANUP(jv_freep) Jv *reason = NULL;
    int why = p->present ? api_predict_why(p) : -1;
    if (why >= 0)
        api_predict_text(&text, p, why);
    else if (open.r && jv_parse(pg_str(open.r, open.from, 6), &reason, NULL) == ERR_NONE)
        buf_add_str(&text, jv_get_str(reason, "text"));
    jw_kv_cstr(w, "why", buf_cstr(&text));
}

static void write_agent(ApiCall *c, Jw *w, const PageRow *a, OpenRows open, int32_t *as_of)
{
    CoachPrediction p;
    if (api_predict_row(c->tenant, a->r, a->row, COL_PREDICTION, &p))
        *as_of = MAX(*as_of, p.as_of);
    jw_obj(w);
    jw_key(w, "agent");
    jw_obj(w);
    api_json_uuid(w, "id", a->r, a->row, COL_AGENT);
    api_json_str(w, "name", a->r, a->row, COL_NAME);
    api_json_uuid(w, "location_id", a->r, a->row, COL_LOCATION);
    jw_kv_str(w, "location", api_tenant_location(c->tenant, pg_get_uuid(a->r, a->row, COL_LOCATION)));
    jw_end(w);
    write_figures(w, &p, a->r, a->row);
    write_why(w, &p, open);
    jw_key(w, "drivers");
    jw_arr(w);
    int features[DRIVERS], n = p.present ? coach_drivers(&p, true, DRIVERS, features) : 0;
    for (int i = 0; i < n; i++)
        coach_driver_json(w, &p, features[i]);
    jw_end(w);
    jw_key(w, "interventions");
    jw_arr(w);
    for (int i = open.from; i < open.to; i++)
        api_intervention_write(c->tenant, w, open.r, i, 0);
    jw_end(w);
    jw_end(w);
}

static ErrKind read_open(ApiCall *c, const PageRow *rows, int n, PgResult *ret[static PG_SHARDS], Err *reterr)
{
    CLEANUP(buf_done) Buf ids = BUF(API_PAGE_MAX * UUID_TEXT + 2);
    buf_add_char(&ids, '{');
    for (int i = 0; i < n; i++)
        buf_addf(&ids, "%s" STR_FMT, i > 0 ? "," : "", STR_ARG(pg_str(rows[i].r, rows[i].row, COL_AGENT)));
    buf_add_char(&ids, '}');
    TRY(buf_check(&ids, reterr));
    return pg_shard_scatter(c->api->shards, c->who->tenant, &OPEN,
                            PG_PARAMS(pg_uuid(c->who->tenant), pg_cstr(buf_cstr(&ids))), c->req->deadline,
                            ret, reterr);
}

static void write_model(ApiCall *c, Jw *w)
{
    const ApiModel *m = api_tenant_active_model(c->tenant);
    jw_key(w, "model");
    jw_obj(w);
    jw_kv_bool(w, "active", m != NULL);
    jw_key(w, "version");
    m ? jw_i64(w, m->version) : jw_null(w);
    jw_kv_cstr(w, "note",
               m ? "Ranked by the expected change of the predicted chance"
                 : "No model is active: ranked by the gaps to the office's medians");
    jw_end(w);
}

ErrKind api_today_get(ApiCall *c, Err *reterr)
{
    ApiPage page;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = by_gain};
    TRY(api_merge_query(c, &m, &TODAY,
                        PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(api_scope(c->who).location),
                                  pg_cstr(api_text(c, http_query(c->req, "location"))), pg_cstr(page.keys[0]),
                                  pg_cstr(page.keys[1]), pg_i64(page.limit + 1)),
                        reterr));
    PageRow rows[API_PAGE_MAX];
    int n = 0;
    while (n < page.limit && api_merge_next(&m, &rows[n].r, &rows[n].row))
        n++;
    PageRow beyond;
    bool more = n == page.limit && api_merge_next(&m, &beyond.r, &beyond.row);
    CLEANUP(api_merge_done) ApiMerge open = {0};
    if (n > 0)
        TRY(read_open(c, rows, n, open.results, reterr));

    int32_t as_of = INT32_MIN;
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0; i < n; i++)
        write_agent(c, &w, &rows[i], find_open(open.results, pg_str(rows[i].r, rows[i].row, COL_AGENT)),
                    &as_of);
    jw_end(&w);
    Str keys[2] = {STR_NULL, STR_NULL};
    if (n > 0) {
        keys[0] = pg_str(rows[n - 1].r, rows[n - 1].row, COL_GAIN);
        keys[1] = pg_str(rows[n - 1].r, rows[n - 1].row, COL_AGENT);
    }
    api_page_next(c, &w, more ? keys : NULL, 2);
    char date[11];
    clock_format_date(as_of == INT32_MIN ? (int32_t)(clock_now_us() / US_PER_DAY) : as_of, date);
    jw_kv_cstr(&w, "as_of", date);
    write_model(c, &w);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}
