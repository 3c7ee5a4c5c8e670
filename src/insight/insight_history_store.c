/* insight_history_store.c - the history from the shards. See insight_history.h. */
#include "base/clock.h"
#include "base/mem.h"
#include "insight/insight_given.h"
#include "insight/insight_history.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH "date '1970-01-01'"
#define FROM "($2::date::timestamp at time zone 'UTC')"
#define TO "($3::date::timestamp at time zone 'UTC')"

/* Agents whose start nobody entered are there from their first trace on. */
#define OF_AGENT "where x.tenant_id = $1::uuid and x.agent_id = a.id"
#define FIRST_TRACE                                                                          \
    "least((select min((x.received_at at time zone 'UTC')::date) from lead x " OF_AGENT ")," \
    " (select min((x.opened_at at time zone 'UTC')::date) from opportunity x " OF_AGENT ")," \
    " (select min((x.at at time zone 'UTC')::date) from activity x " OF_AGENT "))"
static const PgStmt AGENTS = {"insight_history_agents",
                              "select a.id, a.location_id, coalesce(a.started_on, " FIRST_TRACE ") - " EPOCH
                              ", a.left_on - " EPOCH " from agent a where a.tenant_id = $1::uuid"};
static const PgStmt SEEN = {
    "insight_history_seen",
    "select location_id, kind = 'commission', (min(first_at) at time zone 'UTC')::date - " EPOCH
    " from source_seen where tenant_id = $1::uuid and kind in ('closed', 'commission') group by 1, 2"};

/* Won within [$2, $3). */
#define WON                                                                 \
    " from opportunity o where o.tenant_id = $1::uuid and o.status = 'won'" \
    " and o.closed_at >= " FROM " and o.closed_at < " TO
static const PgStmt CLOSED = {
    "insight_history_closed",
    "select o.agent_id, ((o.closed_at at time zone 'UTC')::date - $2::date) / 28, count(*),"
    " coalesce(sum(o.commission_cents), 0) / 100.0" WON " group by 1, 2"};
static const PgStmt BEFORE = {"insight_history_before", "select o.agent_id, count(*)" WON " group by 1"};
static const PgStmt STARTS = {"insight_history_starts",
                              "select g.agent_id, g.key, g.coach, min(g.day) - " EPOCH " from " INSIGHT_GIVEN
                              " g"
                              " where g.day < $2::date group by 1, 2, 3 order by 1, 2, 3"};

static int compare_uuid(Uuid a, Uuid b)
{
    return memcmp(a.b, b.b, sizeof(a.b));
}

static int by_id(const void *a, const void *b)
{
    return compare_uuid(((const InsightAgent *)a)->id, ((const InsightAgent *)b)->id);
}

/* -1: it is not there, because it came after the agents were read. */
static int32_t find_agent(const InsightHistory *h, Uuid id)
{
    const InsightAgent key = {.id = id};
    const InsightAgent *a = bsearch(&key, h->agent, (size_t)h->n_agents, sizeof key, by_id);
    return a ? (int32_t)(a - h->agent) : -1;
}

static int by_office(const void *a, const void *b)
{
    return compare_uuid(*(const Uuid *)a, *(const Uuid *)b);
}

static void number_offices(InsightHistory *h)
{
    h->office = mem_array((size_t)MAX(h->n_agents, 1), sizeof *h->office);
    for (int32_t i = 0; i < h->n_agents; i++)
        h->office[i] = h->agent[i].location;
    qsort(h->office, (size_t)h->n_agents, sizeof *h->office, by_office);
    for (int32_t i = 0; i < h->n_agents; i++)
        if (h->n_offices == 0 || compare_uuid(h->office[i], h->office[h->n_offices - 1]) != 0)
            h->office[h->n_offices++] = h->office[i];
    for (int32_t i = 0; i < h->n_agents; i++) {
        const Uuid *at =
            bsearch(&h->agent[i].location, h->office, (size_t)h->n_offices, sizeof *at, by_office);
        h->agent[i].office = (int32_t)(at - h->office);
    }
}

static ErrKind read_agents(PgShards *s, Uuid tenant, Deadline by, InsightHistory *h, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &AGENTS, PG_PARAMS(pg_uuid(tenant)), by, r, reterr));
    int64_t n = pg_results_rows(r);
    if (n > INSIGHT_EXPERIMENT_AGENTS_MAX) {
        pg_results_free(r);
        return err_set(reterr, ERR_LIMIT, "%lld agents, at most %d", (long long)n,
                       INSIGHT_EXPERIMENT_AGENTS_MAX);
    }
    h->agent = mem_array((size_t)MAX(n, 1), sizeof *h->agent);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            int32_t from = pg_is_null(r[k], row, 2) ? INT32_MAX : (int32_t)pg_get_i64(r[k], row, 2);
            h->agent[h->n_agents++] = (InsightAgent){
                .id = pg_get_uuid(r[k], row, 0),
                .location = pg_get_uuid(r[k], row, 1),
                .closings_from = from,
                .commission_from = from,
                .to = pg_is_null(r[k], row, 3) ? INT32_MAX : (int32_t)pg_get_i64(r[k], row, 3)};
        }
    pg_results_free(r);
    qsort(h->agent, (size_t)h->n_agents, sizeof *h->agent, by_id);
    number_offices(h);
    return ERR_NONE;
}

/* Of an office whose closings (or commissions) nobody entered nothing is known. */
static ErrKind read_seen(PgShards *s, Uuid tenant, Deadline by, InsightHistory *h, int32_t *ret_first,
                         Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &SEEN, PG_PARAMS(pg_uuid(tenant)), by, r, reterr));
    CLEANUP(mem_freep) int32_t *seen = mem_array(2 * (size_t)MAX(h->n_offices, 1), sizeof *seen);
    for (int32_t i = 0; i < 2 * h->n_offices; i++)
        seen[i] = INT32_MAX;
    *ret_first = INT32_MAX;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            Uuid office = pg_get_uuid(r[k], row, 0);
            const Uuid *at = bsearch(&office, h->office, (size_t)h->n_offices, sizeof office, by_office);
            int32_t day = (int32_t)pg_get_i64(r[k], row, 2);
            bool commission = pg_get_bool(r[k], row, 1);
            if (at)
                seen[2 * (at - h->office) + commission] = day;
            *ret_first = commission ? *ret_first : MIN(*ret_first, day);
        }
    pg_results_free(r);
    for (int32_t i = 0; i < h->n_agents; i++) {
        InsightAgent *a = &h->agent[i];
        a->closings_from = MAX(a->closings_from, seen[2 * a->office]);
        a->commission_from = MAX(a->commission_from, seen[2 * a->office + 1]);
    }
    return ERR_NONE;
}

static void lay_periods(InsightHistory *h, int32_t to, int32_t first_seen)
{
    h->to = to;
    h->n_periods = first_seen >= to ? 0 : MIN((to - first_seen) / INSIGHT_PER_DAYS, INSIGHT_PERIODS_MAX);
    h->first_day = to - INSIGHT_PER_DAYS * h->n_periods;
    int32_t wait = h->n_periods == 0 ? 0 : first_seen + INSIGHT_BEFORE_DAYS - h->first_day;
    h->tier_period = MIN(h->n_periods, wait <= 0 ? 0 : (wait + INSIGHT_PER_DAYS - 1) / INSIGHT_PER_DAYS);
    size_t cells = (size_t)MAX(h->n_agents, 1) * (size_t)MAX(h->n_periods, 1);
    h->closings = mem_array(cells, sizeof *h->closings);
    h->commission = mem_array(cells, sizeof *h->commission);
}

static ErrKind read_closed(PgShards *s, Uuid tenant, Deadline by, InsightHistory *h, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &CLOSED,
                         PG_PARAMS(pg_uuid(tenant), pg_date(h->first_day), pg_date(h->to)), by, r, reterr));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            int32_t agent = find_agent(h, pg_get_uuid(r[k], row, 0));
            if (agent < 0)
                continue;
            int64_t at = (int64_t)agent * h->n_periods + pg_get_i64(r[k], row, 1);
            h->closings[at] = pg_get_f64(r[k], row, 2);
            h->commission[at] = pg_get_f64(r[k], row, 3);
        }
    pg_results_free(r);
    return ERR_NONE;
}

static ErrKind read_before(PgShards *s, Uuid tenant, Deadline by, InsightHistory *h, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    int32_t day = h->first_day + INSIGHT_PER_DAYS * h->tier_period;
    TRY(pg_shard_scatter(s, tenant, &BEFORE,
                         PG_PARAMS(pg_uuid(tenant), pg_date(day - INSIGHT_BEFORE_DAYS), pg_date(day)), by, r,
                         reterr));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            int32_t agent = find_agent(h, pg_get_uuid(r[k], row, 0));
            if (agent >= 0)
                h->agent[agent].before = pg_get_f64(r[k], row, 1);
        }
    pg_results_free(r);
    insight_history_tiers(h);
    return ERR_NONE;
}

static int by_agent(const void *a, const void *b)
{
    const InsightStart *x = a, *y = b;
    if (x->agent != y->agent)
        return x->agent < y->agent ? -1 : 1;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->coach > y->coach) - (x->coach < y->coach);
}

static ErrKind read_starts(PgShards *s, Uuid tenant, Deadline by, InsightHistory *h, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &STARTS, PG_PARAMS(pg_uuid(tenant), pg_date(h->to)), by, r, reterr));
    h->start = mem_array((size_t)MAX(pg_results_rows(r), 1), sizeof *h->start);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            int32_t agent = find_agent(h, pg_get_uuid(r[k], row, 0));
            Str key = pg_str(r[k], row, 1), coach = pg_str(r[k], row, 2);
            if (agent < 0)
                continue;
            h->start[h->n_starts++] =
                (InsightStart){.agent = agent,
                               .key = key.ptr ? insight_names_add(&h->key, key) : -1,
                               .coach = coach.ptr ? insight_names_add(&h->coach, coach) : -1,
                               .day = (int32_t)pg_get_i64(r[k], row, 3)};
        }
    pg_results_free(r);
    qsort(h->start, (size_t)h->n_starts, sizeof *h->start, by_agent);
    return ERR_NONE;
}

static ErrKind read_all(PgShards *s, Uuid tenant, int32_t to, Deadline by, InsightHistory *h, Err *reterr)
{
    int32_t first_seen;
    TRY(read_agents(s, tenant, by, h, reterr));
    TRY(read_seen(s, tenant, by, h, &first_seen, reterr));
    lay_periods(h, to, first_seen);
    TRY(read_closed(s, tenant, by, h, reterr));
    TRY(read_before(s, tenant, by, h, reterr));
    return read_starts(s, tenant, by, h, reterr);
}

ErrKind insight_history_read(PgShards *s, Uuid tenant, int32_t to, Deadline by, InsightHistory **ret,
                             Err *reterr)
{
    CLEANUP(insight_history_freep) InsightHistory *h = MEM_NEW(InsightHistory);
    TRY(read_all(s, tenant, to, by, h, reterr));
    *ret = h;
    h = NULL;
    return ERR_NONE;
}
