/* api_insight.c - see api_insight.h. */
#include "api/api_insight.h"

#include "api/api_json.h"
#include "api/api_merge.h"
#include "api/api_sql.h"
#include "base/clock.h"
#include "base/mem.h"
#include "insight/insight_leader.h"
#include "insight/insight_rampup.h"

#include <math.h>
#include <stdlib.h>

#define LANDMARK_DAYS 90
#define LEADERS_DEFAULT 200
#define LEVEL 0.95

/* The day of the tenant's newest predictions, like on the other pages: what the CRM sent later is not whole yet. */
static const PgStmt DAY = {"api_insight_day",
                           "select max(as_of)::text from prediction where tenant_id = $1::uuid and "
                           "kind = 'goal'"};

#define EPOCH "date '1970-01-01'"
#define AGENTS_OF_SCOPE "where a.tenant_id = $1::uuid and ($2::uuid is null or a.location_id = $2::uuid) "
#define GOAL_ON_DAY "cross join (select $3::date as day) d " SQL_CURRENT_GOAL

/* Days since 1970 of what an agent came to, on or after the start. */
#define STARTED "a.started_on::timestamp at time zone 'UTC'"
#define WON                                                                                       \
    "from opportunity o where o.tenant_id = $1::uuid and o.agent_id = a.id and o.status = 'won' " \
    "and o.closed_at >= " STARTED
#define FIRST_CLOSING "(select (min(o.closed_at) at time zone 'UTC')::date - " EPOCH " " WON ")"
#define IN_30_DAYS \
    "count(*) over (order by o.closed_at range between interval '30 days' preceding and current row)"
#define GOAL_REACHED                                                                                        \
    "(select (min(w.closed_at) at time zone 'UTC')::date - " EPOCH " from (select o.closed_at, " IN_30_DAYS \
    " as n " WON ") w where w.n >= g.target)"
#define FIRST_SESSION                                       \
    "(select (min(s.at) at time zone 'UTC')::date - " EPOCH \
    " from coaching_session s where s.tenant_id = $1::uuid and s.agent_id = a.id and s.at >= " STARTED ")"
/* From when on both opportunities and coaching of the office are in the data. */
#define KNOWN_SINCE                                                                                  \
    "(select case when count(*) = 2 then (max(k.first_at) at time zone 'UTC')::date - " EPOCH " end" \
    " from source_seen k where k.tenant_id = $1::uuid and k.location_id = a.location_id"             \
    " and k.kind in ('opportunity', 'coaching'))"

/* $5: to the goal (as many closings as it asks for within 30 days) instead of to the first closing. */
static const PgStmt RAMPUP = {"api_insight_rampup",
                              "select a.started_on - " EPOCH ", a.left_on - " EPOCH ","
                              " case when $5::boolean then " GOAL_REACHED " else " FIRST_CLOSING
                              " end, " FIRST_SESSION ", " KNOWN_SINCE
                              " from agent a " GOAL_ON_DAY AGENTS_OF_SCOPE "limit $4::int"};
enum { COL_STARTED, COL_LEFT, COL_REACHED, COL_COACHED, COL_SINCE };

/* Within the period of the page, and within the one before. */
#define SINCE SQL_MIDNIGHT("$5::date")
#define UNTIL SQL_MIDNIGHT("$3::date")
#define BEFORE_SINCE SQL_MIDNIGHT("$6::date")
#define BEFORE_UNTIL SQL_MIDNIGHT("$7::date")
#define WINDOWS                                                                \
    "cross join (select " SINCE " as since, " UNTIL " as until, " BEFORE_SINCE \
    " as before_since, " BEFORE_UNTIL " as before_until offset 0) w "
#define CLOSINGS                                                                             \
    "(select count(*) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = a.id" \
    " and o.status = 'won' and o.closed_at >= w.since and o.closed_at < w.until)"
#define CLOSINGS_BEFORE                                                                      \
    "(select count(*) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = a.id" \
    " and o.status = 'won' and o.closed_at >= w.before_since and o.closed_at < w.before_until)"
static const PgStmt LEADERS = {
    "api_insight_leaders",
    "select a.location_id, a.id, a.name, a.started_on - " EPOCH ", g.target, " CLOSINGS ", " CLOSINGS_BEFORE
    " from agent a " GOAL_ON_DAY WINDOWS AGENTS_OF_SCOPE "and a.left_on is null limit $4::int"};
enum { COL_LOCATION, COL_AGENT, COL_NAME, COL_AGENT_STARTED, COL_TARGET, COL_CLOSINGS, COL_BEFORE };

static int no_order(const PgResult *a, int row_a, const PgResult *b, int row_b)
{
    (void)a, (void)row_a, (void)b, (void)row_b;
    return 0;
}

/* The office asked for, which must be in scope; nil: every one. */
static ErrKind find_office(ApiCall *c, Uuid *ret, Err *reterr)
{
    Str asked = http_query(c->req, "location");
    *ret = api_scope(c->who).location;
    if (!asked.ptr)
        return ERR_NONE;
    if (!uuid_parse(asked, ret) || !api_tenant_location(c->tenant, *ret).ptr ||
        !api_scope_sees(c->who, *ret, UUID_NIL))
        return api_not_found(reterr, "location");
    return ERR_NONE;
}

static ErrKind find_day(ApiCall *c, Uuid office, int32_t *ret, Err *reterr)
{
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = no_order};
    TRY(api_merge_query(c, &m, office, &DAY, PG_PARAMS(pg_uuid(c->who->tenant)), reterr));
    const PgResult *r;
    int row;
    int32_t day, newest = INT32_MIN;
    while (api_merge_next(&m, &r, &row))
        if (clock_parse_date(pg_str(r, row, 0), &day) && day > newest)
            newest = day;
    *ret = newest == INT32_MIN ? (int32_t)(clock_now_us() / US_PER_DAY) : newest;
    return ERR_NONE;
}

static ErrKind count_rows(const ApiMerge *m, int64_t *ret, Err *reterr)
{
    *ret = 0;
    for (int s = 0; s < PG_SHARDS; s++)
        *ret += m->results[s] ? pg_rows(m->results[s]) : 0;
    if (*ret > API_INSIGHT_AGENTS_MAX)
        return err_set(reterr, ERR_LIMIT,
                       "more than %d agents: ask for one office with ?location=", API_INSIGHT_AGENTS_MAX);
    return ERR_NONE;
}

static int64_t query_int(const ApiCall *c, const char *name, int64_t otherwise)
{
    Str text = http_query(c->req, name);
    int64_t v;
    return text.ptr && str_to_i64(text, &v) ? v : otherwise;
}

static void write_day(Jw *w, const char *key, int32_t day)
{
    char text[11];
    clock_format_date(day, text);
    jw_kv_cstr(w, key, text);
}

static void write_texts(Jw *w, const char *key, const char *const *text, size_t n)
{
    jw_key(w, key);
    jw_arr(w);
    for (size_t i = 0; i < n; i++)
        jw_cstr(w, text[i]);
    jw_end(w);
}

/* ---- ramp-up ---- */

static int32_t day_or_none(const PgResult *r, int row, int col)
{
    return pg_is_null(r, row, col) ? INSIGHT_RAMPUP_NONE : (int32_t)pg_get_i64(r, row, col);
}

static void write_rampup(ApiCall *c, const InsightRampUp *u, bool goal, int landmark, int32_t today)
{
    static const char *const ASSUMES[] = {
        "Among agents who were still on the way on the landmark day, coached and not coached agents would "
        "have "
        "got there equally soon without coaching. Coaches choose whom they coach: this is a comparison, not "
        "an experiment.",
        "Leaving says nothing about how soon the agent would have got there.",
        "Sessions and closings are in the data from the day on which the office's first ones are.",
        "The goal is the one that holds today, also for the time before it was set.", /* only to the goal */
    };
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_cstr(&w, "until", goal ? "goal" : "closing");
    jw_kv_i64(&w, "landmark_days", landmark);
    write_day(&w, "as_of", today);
    jw_key(&w, "started");
    if (u->n_compared > 0) {
        jw_arr(&w);
        char day[11];
        clock_format_date(u->first, day);
        jw_cstr(&w, day);
        clock_format_date(u->last, day);
        jw_cstr(&w, day);
        jw_end(&w);
    } else {
        jw_null(&w);
    }
    jw_kv_i64(&w, "n_compared", u->n_compared);
    jw_kv_i64(&w, "n_coached", u->n_coached);
    jw_key(&w, "left_out");
    jw_obj(&w);
    jw_kv_i64(&w, "no_start", u->n_no_start);
    jw_kv_i64(&w, "early", u->n_early);
    jw_kv_i64(&w, "new", u->n_new);
    jw_kv_i64(&w, "decided", u->n_decided);
    jw_end(&w);
    jw_kv_cstr(&w, "method",
               "Kaplan-Meier curves from the landmark day on; restricted means (Irwin), log-rank test "
               "(Mantel)");
    write_texts(&w, "assumes", ASSUMES, ARRAY_LEN(ASSUMES) - !goal);
    jw_kv_cstr(&w, "refusal", u->survival ? NULL : u->refusal);
    jw_key(&w, "survival");
    if (u->survival)
        insight_survival_json(&w, u->survival);
    else
        jw_null(&w);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
}

ErrKind api_insight_rampup(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Uuid office;
    int32_t today;
    TRY(find_office(c, &office, reterr));
    TRY(find_day(c, office, &today, reterr));
    bool goal = str_eq_c(http_query(c->req, "until"), "goal");
    int landmark = (int)query_int(c, "landmark", LANDMARK_DAYS);
    char day[11];
    clock_format_date(today, day);
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = no_order};
    TRY(api_merge_query(c, &m, office, &RAMPUP,
                        PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(office), pg_cstr(day),
                                  pg_i64(API_INSIGHT_AGENTS_MAX + 1), pg_cstr(goal ? "true" : "false")),
                        reterr));
    int64_t n;
    TRY(count_rows(&m, &n, reterr));
    CLEANUP(mem_freep) InsightRampUpAgent *agent = mem_array((size_t)n, sizeof *agent);
    const PgResult *r;
    int row;
    for (int64_t i = 0; i < n && api_merge_next(&m, &r, &row); i++)
        agent[i] = (InsightRampUpAgent){.started = day_or_none(r, row, COL_STARTED),
                                        .left = day_or_none(r, row, COL_LEFT),
                                        .reached = day_or_none(r, row, COL_REACHED),
                                        .coached = day_or_none(r, row, COL_COACHED),
                                        .since = day_or_none(r, row, COL_SINCE)};
    CLEANUP(insight_rampup_done) InsightRampUp u = {0};
    TRY(insight_rampup(agent, n, today, landmark, LEVEL, &u, reterr));
    write_rampup(c, &u, goal, landmark, today);
    return ERR_NONE;
}

/* ---- leaderboard ---- */

typedef struct Leader {
    const PgResult *r;
    int row;
    InsightStand stand;
    int64_t closings;
} Leader;

/* Most closings first; then the further ahead of the pacer; then by name. */
static int by_closings(const void *pa, const void *pb)
{
    const Leader *a = pa, *b = pb;
    if (a->closings != b->closings)
        return a->closings > b->closings ? -1 : 1;
    double gap_a = isnan(a->stand.gap) ? -INFINITY : a->stand.gap;
    double gap_b = isnan(b->stand.gap) ? -INFINITY : b->stand.gap;
    if (gap_a != gap_b)
        return gap_a > gap_b ? -1 : 1;
    int names = str_cmp(pg_str(a->r, a->row, COL_NAME), pg_str(b->r, b->row, COL_NAME));
    return names ? names : str_cmp(pg_str(a->r, a->row, COL_AGENT), pg_str(b->r, b->row, COL_AGENT));
}

static void write_leader(Jw *w, const ApiCall *c, const Leader *l, int64_t rank)
{
    jw_obj(w);
    jw_kv_i64(w, "rank", rank);
    api_json_uuid(w, "agent_id", l->r, l->row, COL_AGENT);
    api_json_str(w, "name", l->r, l->row, COL_NAME);
    api_json_uuid(w, "location_id", l->r, l->row, COL_LOCATION);
    jw_kv_str(w, "location", api_tenant_location(c->tenant, pg_get_uuid(l->r, l->row, COL_LOCATION)));
    jw_kv_i64(w, "closings", l->closings);
    api_json_i64(w, "before", l->r, l->row, COL_BEFORE);
    jw_kv_f64(w, "goal", l->stand.goal);
    jw_kv_f64(w, "pacer", l->stand.pacer);
    jw_kv_f64(w, "gap", l->stand.gap);
    jw_kv_f64(w, "pace", l->stand.pace);
    jw_end(w);
}

static void write_leaders(ApiCall *c, const Leader *leader, int64_t n, InsightPeriod p, int32_t today)
{
    static const char *const ASSUMES[] = {
        "A goal counts for 30 days; the period's is as much of it as the period has days.",
        "The pacer earns the same share each day and reaches the goal on the last one.",
        "The pace carries what was closed so far on to the end of the period: early in it, it varies much.",
    };
    int64_t limit = query_int(c, "limit", LEADERS_DEFAULT), closings = 0, with_goal = 0, on_pace = 0;
    double pacer = 0;
    for (int64_t i = 0; i < n; i++) {
        closings += leader[i].closings;
        if (isnan(leader[i].stand.goal))
            continue;
        with_goal++;
        on_pace += leader[i].stand.gap >= 0;
        pacer += leader[i].stand.pacer;
    }
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    write_day(&w, "from", p.from);
    write_day(&w, "to", p.to - 1);
    write_day(&w, "as_of", today);
    jw_kv_i64(&w, "days", p.to - p.from);
    jw_kv_i64(&w, "days_passed", today - p.from);
    jw_kv_i64(&w, "n_agents", n);
    jw_kv_i64(&w, "n_with_goal", with_goal);
    jw_kv_i64(&w, "n_on_pace", on_pace);
    jw_kv_i64(&w, "closings", closings);
    jw_kv_f64(&w, "pacer", pacer);
    jw_key(&w, "items");
    jw_arr(&w);
    int64_t rank = 0;
    for (int64_t i = 0; i < n && i < limit; i++) {
        if (i == 0 || leader[i].closings != leader[i - 1].closings)
            rank = i + 1;
        write_leader(&w, c, &leader[i], rank);
    }
    jw_end(&w);
    jw_kv_cstr(&w, "method", "Closings won since the period began, before the day of the answer, counted");
    write_texts(&w, "assumes", ASSUMES, ARRAY_LEN(ASSUMES));
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
}

ErrKind api_insight_leaderboard(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Uuid office;
    int32_t today;
    TRY(find_office(c, &office, reterr));
    TRY(find_day(c, office, &today, reterr));
    InsightPeriod p = insight_period(today, str_eq_c(http_query(c->req, "period"), "quarter"),
                                     (int)query_int(c, "year_starts", 1));
    char day[11], from[11], before_from[11], before_to[11];
    clock_format_date(today, day);
    clock_format_date(p.from, from);
    clock_format_date(p.before_from, before_from);
    clock_format_date(p.before_to, before_to);
    CLEANUP(api_merge_done) ApiMerge m = {.cmp = no_order};
    TRY(api_merge_query(c, &m, office, &LEADERS,
                        PG_PARAMS(pg_uuid(c->who->tenant), api_uuid_or_null(office), pg_cstr(day),
                                  pg_i64(API_INSIGHT_AGENTS_MAX + 1), pg_cstr(from), pg_cstr(before_from),
                                  pg_cstr(before_to)),
                        reterr));
    int64_t n;
    TRY(count_rows(&m, &n, reterr));
    CLEANUP(mem_freep) Leader *leader = mem_array((size_t)n, sizeof *leader);
    for (int64_t i = 0; i < n && api_merge_next(&m, &leader[i].r, &leader[i].row); i++) {
        const Leader *l = &leader[i];
        int32_t started = pg_is_null(l->r, l->row, COL_AGENT_STARTED)
                              ? INT32_MIN
                              : (int32_t)pg_get_i64(l->r, l->row, COL_AGENT_STARTED);
        leader[i].closings = pg_get_i64(l->r, l->row, COL_CLOSINGS);
        leader[i].stand = insight_stand(p, today, started, pg_get_f64(l->r, l->row, COL_TARGET), l->closings);
    }
    qsort(leader, (size_t)n, sizeof *leader, by_closings);
    write_leaders(c, leader, n, p, today);
    return ERR_NONE;
}
