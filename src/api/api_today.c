/* api_today.c - see api_today.h.
 *
 *     RANK     on the shards in scope: who, by the gain of the best open suggestion; the shards' sorted rows are merged
 *     DETAILS  on the shards of the page's agents: their figures, and their open suggestions without the reasons
 *     WHY, REASONS  only for what api_rendered does not keep: the predictions' arrays, the suggestions' reasons
 *
 * What follows from one version of a row (the why-line and the drivers from a prediction, a suggestion's reason) is kept by
 * api_rendered; DETAILS says for every request which rows there are, in which version. */
#include "api/api_today.h"

#include "api/api_json.h"
#include "api/api_merge.h"
#include "api/api_page.h"
#include "api/api_predict.h"
#include "api/api_sql.h"

#include <math.h>

#define DRIVERS 3
#define TEXT_MAX 512
#define IDS_MAX (1u << 20)    /* bytes of an array of ids as text */
#define TEXTS_MAX (16u << 20) /* bytes of the kept texts of a page */

/* Without a suggestion the gain is -1: such agents come last. */
static const PgStmt RANK = {
    "api_today_rank",
    "select b.id, coalesce(m.gain, -1) from agent b left join (select n.agent_id, max(n.score) as gain "
    "from intervention n where n.tenant_id = $1::uuid and n.status = 'suggested' "
    "and ($2::uuid is null or n.location_id = $2::uuid) group by n.agent_id) m on m.agent_id = b.id "
    "where b.tenant_id = $1::uuid and b.left_on is null and ($2::uuid is null or b.location_id = $2::uuid) "
    "and ($3::uuid is null or b.location_id = $3::uuid) and ($4::float8 is null "
    "or coalesce(m.gain, -1) < $4::float8 or (coalesce(m.gain, -1) = $4::float8 and b.id > $5::uuid)) "
    "order by coalesce(m.gain, -1) desc, b.id limit $6::int"};

enum { RANK_AGENT, RANK_GAIN };

enum {
    COL_AT, /* from 1: which id of $2 */
    COL_NAME,
    COL_LOCATION,
    COL_PREDICTION,
    COL_MADE_AT,
    COL_AS_OF,
    COL_VALUE,
    COL_LAST,
    COL_EXPECTED,
    COL_CLOSINGS,
    COL_TARGET,
    COL_SUGGESTION,
    COL_KEY,
    COL_RANK,
    COL_SCORE,
    COL_VERSION,
    COL_SUGGESTED_AT
};

/* One row for each agent and open suggestion. (select $2): the plan must not depend on how many ids there are, or it would
 * be made anew each time. */
/* clang-format off */
static const PgStmt DETAILS = {
    "api_today_details",
    "select k.at, a.name, a.location_id, p.id, p.made_at_us, p.as_of - date '1970-01-01', p.value, before.value, "
    "expected.value, closings.n, g.target, i.id, i.playbook_key, i.rank, i.score, i.xmin, "
    API_US("i.suggested_at") " from unnest((select $2::uuid[])) with ordinality k (id, at) "
    "join agent a on a.tenant_id = $1::uuid and a.id = k.id " SQL_LAST_GOAL_PREDICTION SQL_CURRENT_GOAL
    "left join lateral (select q.value from prediction q where q.tenant_id = $1::uuid and q.agent_id = a.id "
    "and q.kind = 'goal' and q.as_of < p.as_of order by q.as_of desc limit 1) before on true "
    "left join lateral (select q.value from prediction q where q.tenant_id = $1::uuid and q.agent_id = a.id "
    "and q.kind = 'closings' order by q.as_of desc limit 1) expected on true "
    "cross join lateral (select " SQL_CLOSINGS("30") " as n offset 0) closings " /* once for an agent, not a suggestion */
    "left join intervention i on i.tenant_id = $1::uuid and i.agent_id = a.id and i.status = 'suggested' "
    "order by k.at, i.rank"};
/* clang-format on */

static const PgStmt WHY = {
    "api_today_why",
    "select p.* from unnest((select $2::uuid[])) k (id) cross join lateral (select " COACH_PREDICTION_COLUMNS
    " from prediction where tenant_id = $1::uuid and agent_id = k.id and kind = 'goal' order by as_of desc "
    "limit 1) p"};

static const PgStmt REASONS = {"api_today_reasons",
                               "select i.id, i.xmin, i.reason::text from unnest((select $2::uuid[])) k (id) "
                               "join intervention i on i.tenant_id = $1::uuid and i.id = k.id"};

typedef struct Text { /* a part of Page.kept */
    size_t from, len;
} Text;

typedef struct PageAgent {
    Str id, gain; /* of RANK */
    int shard;
    const PgResult *r; /* DETAILS; NULL: the agent has gone in between */
    int from, to;      /* its rows */
    Text why;          /* "why" and "drivers"; empty: no prediction */
} PageAgent;

typedef struct Page {
    ApiCall *c;
    ApiMerge rank, details, why, reasons;
    Buf kept;
    Text *reason[PG_SHARDS]; /* of each row of DETAILS */
    bool *used;              /* of the tenant's plays: a suggestion on the page has its key */
    int n;
    PageAgent agents[API_PAGE_MAX];
} Page;

static void page_done(Page *p)
{
    api_merge_done(&p->rank);
    api_merge_done(&p->details);
    api_merge_done(&p->why);
    api_merge_done(&p->reasons);
    buf_done(&p->kept);
}

static int by_gain(const PgResult *a, int row_a, const PgResult *b, int row_b)
{
    double ga = pg_get_f64(a, row_a, RANK_GAIN), gb = pg_get_f64(b, row_b, RANK_GAIN);
    if (ga != gb)
        return ga > gb ? -1 : 1;
    return str_cmp(pg_str(a, row_a, RANK_AGENT), pg_str(b, row_b, RANK_AGENT));
}

/* ---- who ---- */

static int shard_of_id(const Page *p, Str id)
{
    Uuid v = UUID_NIL;
    (void)uuid_parse(id, &v);
    return pg_shard_of_slot(p->c->api->shards, uuid_slot(v));
}

static ErrKind rank(Page *p, const ApiPage *page, bool *ret_more, Err *reterr)
{
    ApiCall *c = p->c;
    p->rank.cmp = by_gain;
    TRY(api_merge_query(c, &p->rank, api_merge_location(c), &RANK,
                        PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(api_scope(c->who).location),
                                  pg_cstr(api_text(c, http_query(c->req, "location"))),
                                  pg_cstr(page->keys[0]), pg_cstr(page->keys[1]), pg_i64(page->limit + 1)),
                        reterr));
    const PgResult *r;
    int row;
    while (p->n < page->limit && api_merge_next(&p->rank, &r, &row)) {
        PageAgent *a = &p->agents[p->n++];
        *a = (PageAgent){.id = pg_str(r, row, RANK_AGENT), .gain = pg_str(r, row, RANK_GAIN)};
        a->shard = shard_of_id(p, a->id);
    }
    *ret_more = p->n == page->limit && api_merge_next(&p->rank, &r, &row);
    return ERR_NONE;
}

/* ---- what is asked about many ids, each on its own shard ---- */

typedef struct Ids {
    Buf text[PG_SHARDS]; /* an array of ids, or empty */
} Ids;

static void ids_done(Ids *ids)
{
    for (int s = 0; s < PG_SHARDS; s++)
        buf_done(&ids->text[s]);
}

static void ids_add(Ids *ids, int shard, Str id)
{
    Buf *b = &ids->text[shard];
    if (b->max == 0)
        *b = BUF(IDS_MAX);
    buf_add_char(b, b->len == 0 ? '{' : ',');
    buf_add_str(b, id);
}

static ErrKind ask(const Page *p, Ids *ids, const PgStmt *stmt, ApiMerge *ret, Err *reterr)
{
    PgParam params[PG_SHARDS][2];
    const PgParam *each[PG_SHARDS] = {0};
    for (int s = 0; s < PG_SHARDS; s++) {
        Buf *b = &ids->text[s];
        if (b->len == 0)
            continue;
        buf_add_char(b, '}');
        TRY(buf_check(b, reterr));
        params[s][0] = pg_uuid(p->c->who->tenant);
        params[s][1] = pg_cstr(buf_cstr(b));
        each[s] = params[s];
    }
    return pg_shard_scatter_each(p->c->api->shards, p->c->who->tenant, stmt, each, 2, p->c->req->deadline,
                                 ret->results, reterr);
}

/* ---- the figures ---- */

static ErrKind read_details(Page *p, Err *reterr)
{
    CLEANUP(ids_done) Ids ids = {0};
    int place[PG_SHARDS][API_PAGE_MAX],
        count[PG_SHARDS] = {0}; /* of the shard's ids: which agent of the page */
    for (int i = 0; i < p->n; i++) {
        int s = p->agents[i].shard;
        ids_add(&ids, s, p->agents[i].id);
        place[s][count[s]++] = i;
    }
    TRY(ask(p, &ids, &DETAILS, &p->details, reterr));
    for (int s = 0; s < PG_SHARDS; s++)
        for (int row = 0; p->details.results[s] && row < pg_rows(p->details.results[s]); row++) {
            int64_t at = pg_get_i64(p->details.results[s], row, COL_AT);
            BUG_ON(at < 1 || at > count[s]);
            PageAgent *a = &p->agents[place[s][at - 1]];
            if (!a->r) {
                a->r = p->details.results[s];
                a->from = row;
            }
            a->to = row + 1;
        }
    return ERR_NONE;
}

/* ---- what follows from one version of a row ---- */

static ApiRenderedKey why_key(const PageAgent *a)
{
    return (ApiRenderedKey){API_RENDERED_TODAY, pg_get_uuid(a->r, a->from, COL_PREDICTION),
                            pg_get_i64(a->r, a->from, COL_MADE_AT)};
}

static ApiRenderedKey reason_key(const PageAgent *a, int row)
{
    return (ApiRenderedKey){API_RENDERED_REASON, pg_get_uuid(a->r, row, COL_SUGGESTION),
                            pg_get_i64(a->r, row, COL_VERSION)};
}

/* The members "why" and "drivers": the prediction's strongest reason, and the strongest that one can act on. */
static void write_why(Buf *out, const CoachPrediction *p)
{
    Jw w = jw(out);
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    int why = api_predict_why(p);
    if (why >= 0)
        api_predict_text(&text, p, why);
    jw_kv_cstr(&w, "why", buf_cstr(&text));
    jw_key(&w, "drivers");
    jw_arr(&w);
    int features[DRIVERS], n = coach_drivers(p, true, DRIVERS, features);
    for (int i = 0; i < n; i++)
        coach_driver_json(&w, p, features[i]);
    jw_end(&w);
}

static Text end_text(const Page *p, size_t from)
{
    return (Text){from, p->kept.len - from};
}

static Str text_of(const Page *p, Text t)
{
    return str_slice(buf_str(&p->kept), t.from, t.from + t.len);
}

/* Copies what is kept; the agents and suggestions for which something is missing go to the ids. */
static void take_kept(Page *p, Ids *agents, Ids *suggestions)
{
    ApiRendered *kept = p->c->api->rendered;
    for (int i = 0; i < p->n; i++) {
        PageAgent *a = &p->agents[i];
        ApiRenderedKey key;
        size_t from = p->kept.len;
        if (a->r && !pg_is_null(a->r, a->from, COL_PREDICTION)) {
            key = why_key(a);
            if (api_rendered_get(kept, &key, &p->kept))
                a->why = end_text(p, from);
            else
                ids_add(agents, a->shard, a->id);
        }
        for (int row = a->from; row < a->to && !pg_is_null(a->r, row, COL_SUGGESTION); row++) {
            key = reason_key(a, row);
            from = p->kept.len;
            if (api_rendered_get(kept, &key, &p->kept))
                p->reason[a->shard][row] = end_text(p, from);
            else
                ids_add(suggestions, a->shard, pg_str(a->r, row, COL_SUGGESTION));
        }
    }
}

static ErrKind read_why(Page *p, Ids *agents, Err *reterr)
{
    TRY(ask(p, agents, &WHY, &p->why, reterr));
    for (int i = 0; i < p->n; i++) {
        PageAgent *a = &p->agents[i];
        const PgResult *r = p->why.results[a->shard];
        for (int row = 0; r && a->r && a->why.len == 0 && row < pg_rows(r); row++) {
            CoachPrediction of;
            if (!str_eq(pg_str(r, row, COACH_PREDICTION_COL_AGENT), a->id) ||
                !coach_prediction_from_row(r, row, 0, &of))
                continue;
            size_t from = p->kept.len;
            write_why(&p->kept, &of);
            a->why = end_text(p, from);
            api_rendered_put(p->c->api->rendered, &(ApiRenderedKey){API_RENDERED_TODAY, of.id, of.made_at_us},
                             text_of(p, a->why));
        }
    }
    return buf_check(&p->kept, reterr);
}

/* The row of DETAILS that has this suggestion; -1: none. */
static int row_of_suggestion(const PgResult *details, Str id)
{
    for (int row = 0; row < pg_rows(details); row++)
        if (str_eq(pg_str(details, row, COL_SUGGESTION), id))
            return row;
    return -1;
}

static ErrKind read_reasons(Page *p, Ids *suggestions, Err *reterr)
{
    TRY(ask(p, suggestions, &REASONS, &p->reasons, reterr));
    for (int s = 0; s < PG_SHARDS; s++) {
        const PgResult *r = p->reasons.results[s];
        for (int i = 0; r && i < pg_rows(r); i++) {
            int row = row_of_suggestion(p->details.results[s], pg_str(r, i, 0));
            if (row < 0)
                continue;
            size_t from = p->kept.len;
            buf_add_str(&p->kept, pg_str(r, i, 2));
            p->reason[s][row] = end_text(p, from);
            api_rendered_put(
                p->c->api->rendered,
                &(ApiRenderedKey){API_RENDERED_REASON, pg_get_uuid(r, i, 0), pg_get_i64(r, i, 1)},
                pg_str(r, i, 2));
        }
    }
    return buf_check(&p->kept, reterr);
}

static ErrKind read_texts(Page *p, Err *reterr)
{
    CLEANUP(ids_done) Ids agents = {0}, suggestions = {0};
    for (int s = 0; s < PG_SHARDS; s++)
        if (p->details.results[s])
            p->reason[s] =
                arena_alloc(p->c->req->arena, ((size_t)pg_rows(p->details.results[s]) + 1) * sizeof(Text));
    TRY(arena_check(p->c->req->arena, reterr));
    take_kept(p, &agents, &suggestions);
    TRY(buf_check(&p->kept, reterr));
    TRY(read_why(p, &agents, reterr));
    return read_reasons(p, &suggestions, reterr);
}

/* ---- the answer ---- */

static void write_figures(Jw *w, const PageAgent *a)
{
    double value = pg_get_f64(a->r, a->from, COL_VALUE), before = pg_get_f64(a->r, a->from, COL_LAST);
    jw_key(w, "goal");
    jw_obj(w);
    jw_kv_f64(w, "probability", value);
    jw_kv_f64(w, "points_vs_last", 100 * (value - before));
    jw_end(w);
    jw_key(w, "closings");
    jw_obj(w);
    api_json_f64(w, "expected", a->r, a->from, COL_EXPECTED);
    api_json_i64(w, "last_30d", a->r, a->from, COL_CLOSINGS);
    api_json_f64(w, "target", a->r, a->from, COL_TARGET);
    jw_end(w);
}

/* Without a prediction the first suggestion's own words. */
static void write_reason_alone(Jw *w, const Page *p, const PageAgent *a)
{
    CLEANUP(jv_freep) Jv *reason = NULL;
    Str text = STR("");
    if (!pg_is_null(a->r, a->from, COL_SUGGESTION) &&
        jv_parse(text_of(p, p->reason[a->shard][a->from]), &reason, NULL) == ERR_NONE)
        text = jv_get_str(reason, "text");
    jw_kv_str(w, "why", text.ptr ? text : STR(""));
    jw_key(w, "drivers");
    jw_arr(w);
    jw_end(w);
}

static void write_suggestion(Jw *w, Page *p, const PageAgent *a, int row)
{
    Str key = pg_str(a->r, row, COL_KEY), reason = text_of(p, p->reason[a->shard][row]);
    const ApiPlay *play = api_tenant_play(p->c->tenant, key);
    if (play)
        p->used[play - p->c->tenant->plays] = true;
    jw_obj(w);
    api_json_uuid(w, "id", a->r, row, COL_SUGGESTION);
    jw_kv_str(w, "agent_id", a->id);
    jw_kv_str(w, "key", key);
    jw_kv_str(w, "title", play ? play->title : key);
    api_json_i64(w, "rank", a->r, row, COL_RANK);
    api_json_f64(w, "score", a->r, row, COL_SCORE);
    jw_kv_cstr(w, "status", "suggested");
    jw_kv_raw(w, "reason", reason.len > 0 ? reason : STR("{\"text\":\"\",\"drivers\":[],\"method\":\"\"}"));
    jw_kv_i64(w, "effort_agent_min", play ? play->effort_agent_min : 0);
    jw_kv_i64(w, "effort_coach_min", play ? play->effort_coach_min : 0);
    api_json_time(w, "suggested_at", a->r, row, COL_SUGGESTED_AT);
    jw_end(w);
}

static void write_agent(Jw *w, Page *p, const PageAgent *a)
{
    jw_obj(w);
    jw_key(w, "agent");
    jw_obj(w);
    jw_kv_str(w, "id", a->id);
    api_json_str(w, "name", a->r, a->from, COL_NAME);
    api_json_uuid(w, "location_id", a->r, a->from, COL_LOCATION);
    jw_kv_str(w, "location", api_tenant_location(p->c->tenant, pg_get_uuid(a->r, a->from, COL_LOCATION)));
    jw_end(w);
    write_figures(w, a);
    if (a->why.len > 0)
        jw_members(w, text_of(p, a->why));
    else
        write_reason_alone(w, p, a);
    jw_key(w, "interventions");
    jw_arr(w);
    for (int row = a->from; row < a->to && !pg_is_null(a->r, row, COL_SUGGESTION); row++)
        write_suggestion(w, p, a, row);
    jw_end(w);
    jw_end(w);
}

/* What the suggestions of one kind have in common, once. */
static void write_plays(Jw *w, const Page *p)
{
    const ApiTenant *t = p->c->tenant;
    jw_key(w, "plays");
    jw_arr(w);
    for (int i = 0; i < t->n_plays; i++) {
        if (!p->used[i])
            continue;
        jw_obj(w);
        jw_kv_str(w, "key", t->plays[i].key);
        jw_kv_str(w, "summary", t->plays[i].summary);
        jw_kv_raw(w, "agent_steps", t->plays[i].agent_steps_json);
        jw_kv_raw(w, "coach_steps", t->plays[i].coach_steps_json);
        jw_end(w);
    }
    jw_end(w);
}

static void write_as_of(Jw *w, const Page *p)
{
    int32_t as_of = INT32_MIN;
    for (int i = 0; i < p->n; i++)
        if (p->agents[i].r && !pg_is_null(p->agents[i].r, p->agents[i].from, COL_AS_OF))
            as_of = MAX(as_of, (int32_t)pg_get_i64(p->agents[i].r, p->agents[i].from, COL_AS_OF));
    char date[11];
    clock_format_date(as_of == INT32_MIN ? (int32_t)(clock_now_us() / US_PER_DAY) : as_of, date);
    jw_kv_cstr(w, "as_of", date);
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

static ErrKind answer(Page *p, bool more, Err *reterr)
{
    ApiCall *c = p->c;
    p->used = arena_alloc(c->req->arena, (size_t)c->tenant->n_plays + 1);
    TRY(arena_check(c->req->arena, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0; i < p->n; i++)
        if (p->agents[i].r)
            write_agent(&w, p, &p->agents[i]);
    jw_end(&w);
    write_plays(&w, p);
    Str keys[2] = {STR_NULL, STR_NULL};
    if (p->n > 0) {
        keys[0] = p->agents[p->n - 1].gain;
        keys[1] = p->agents[p->n - 1].id;
    }
    api_page_next(c, &w, more ? keys : NULL, 2);
    write_as_of(&w, p);
    write_model(c, &w);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_today_get(ApiCall *c, Err *reterr)
{
    ApiPage page;
    bool more;
    TRY(api_page_read(c, 2, &page, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(page_done) Page p = {.c = c, .kept = BUF(TEXTS_MAX)};
    TRY(rank(&p, &page, &more, reterr));
    TRY(read_details(&p, reterr));
    TRY(read_texts(&p, reterr));
    return answer(&p, more, reterr);
}
