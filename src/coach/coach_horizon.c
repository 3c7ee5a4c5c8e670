/* coach_horizon.c - until when a tenant's data reach, and the dates of its training history. */
#include "base/clock.h"
#include "coach/coach_feature.h"

#include <pthread.h>

#define CACHE_TENANTS 64

/* The last and the first event of each agent come from the indexes; appointments still to come when
 * the data were made do not count. */
static const PgStmt HORIZON = {
    "coach_horizon",
    "select (date_part('epoch', max(e.last)) * 1000000)::bigint,"
    " (date_part('epoch', coalesce(min(e.first), min(e.opened))) * 1000000)::bigint"
    " from agent g cross join lateral ("
    " select greatest("
    "  (select max(least(y.at, y.known_at)) from (select x.at, x.known_at from activity x where x.tenant_id "
    "= $1::uuid"
    "    and x.agent_id = g.id and x.at < $2::timestamptz order by x.at desc limit 50) y),"
    "  (select max(l.received_at) from lead l where l.tenant_id = $1::uuid and l.agent_id = g.id"
    "    and l.received_at < $2::timestamptz),"
    "  (select max(o.closed_at) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = g.id"
    "    and o.closed_at < $2::timestamptz),"
    "  (select max(o.opened_at) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = g.id"
    "    and o.opened_at < $2::timestamptz)) as last,"
    " least((select min(x.at) from activity x where x.tenant_id = $1::uuid and x.agent_id = g.id),"
    "  (select min(l.received_at) from lead l where l.tenant_id = $1::uuid and l.agent_id = g.id)) as first,"
    " (select min(o.opened_at) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = g.id) as "
    "opened) e"
    " where g.tenant_id = $1::uuid"};

/* Has anything happened since yesterday's midnight? Stops at the first agent for whom it has. */
static const PgStmt RECENT = {
    "coach_horizon_recent",
    "select exists (select from agent g where g.tenant_id = $1::uuid and ("
    " exists (select from activity x where x.tenant_id = $1::uuid and x.agent_id = g.id and x.at >= "
    "$2::timestamptz"
    "   and x.at < $3::timestamptz and x.known_at < $3::timestamptz)"
    " or exists (select from lead l where l.tenant_id = $1::uuid and l.agent_id = g.id"
    "   and l.received_at >= $2::timestamptz and l.received_at < $3::timestamptz)"
    " or exists (select from opportunity o where o.tenant_id = $1::uuid and o.agent_id = g.id"
    "   and o.closed_at >= $2::timestamptz and o.closed_at < $3::timestamptz)))"};

/* The full question costs a fifth of a second for 5,000 agents: its answer is remembered for a while. */
typedef struct Remembered {
    Uuid tenant;
    int64_t until_mono_us;
    int32_t next, first;
} Remembered;
static Remembered cache[CACHE_TENANTS];
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

static bool recall(Uuid tenant, Remembered *ret)
{
    bool found = false;
    pthread_mutex_lock(&cache_lock);
    for (int i = 0; i < CACHE_TENANTS && !found; i++) {
        found = uuid_eq(cache[i].tenant, tenant) && clock_mono_us() < cache[i].until_mono_us;
        *ret = cache[i];
    }
    pthread_mutex_unlock(&cache_lock);
    return found;
}

static void remember(const Remembered *r)
{
    pthread_mutex_lock(&cache_lock);
    int oldest = 0;
    for (int i = 0; i < CACHE_TENANTS; i++) {
        if (uuid_eq(cache[i].tenant, r->tenant)) {
            oldest = i;
            break;
        }
        oldest = cache[i].until_mono_us < cache[oldest].until_mono_us ? i : oldest;
    }
    cache[oldest] = *r;
    pthread_mutex_unlock(&cache_lock);
}

static ErrKind ask_recent(PgShards *s, Uuid tenant, int64_t now, Deadline by, bool *ret, Err *reterr)
{
    int64_t since = (now / US_PER_DAY - 1) * US_PER_DAY;
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &RECENT, PG_PARAMS(pg_uuid(tenant), pg_time(since), pg_time(now)), by,
                         results, reterr));
    *ret = false;
    for (int k = 0; k < PG_SHARDS; k++) {
        *ret |= pg_get_bool(results[k], 0, 0);
        pg_result_free(results[k]);
    }
    return ERR_NONE;
}

static ErrKind ask_all(PgShards *s, Uuid tenant, int64_t now, Deadline by, Remembered *ret, Err *reterr)
{
    int64_t last = INT64_MIN, first = INT64_MAX;
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &HORIZON, PG_PARAMS(pg_uuid(tenant), pg_time(now)), by, results, reterr));
    for (int k = 0; k < PG_SHARDS; k++) {
        if (pg_rows(results[k]) == 1 && !pg_is_null(results[k], 0, 0)) {
            last = MAX(last, pg_get_i64(results[k], 0, 0));
            first = MIN(first, pg_get_i64(results[k], 0, 1));
        }
        pg_result_free(results[k]);
    }
    if (last == INT64_MIN)
        return err_set(reterr, ERR_NOT_FOUND,
                       "the tenant has no events yet: import data or generate a demo first");
    *ret = (Remembered){tenant, clock_mono_us() + COACH_HORIZON_FRESH_MS * 1000,
                        (int32_t)(last / US_PER_DAY) + 1, (int32_t)(MIN(first, last) / US_PER_DAY)};
    remember(ret);
    return ERR_NONE;
}

ErrKind coach_horizon(PgShards *s, Uuid tenant, Deadline by, int32_t *ret_as_of, int64_t *ret_live_us,
                      int32_t *ret_first, Err *reterr)
{
    int64_t now = clock_now_us();
    int32_t today = (int32_t)(now / US_PER_DAY);
    Remembered r = {.next = today};
    bool known = recall(tenant, &r), recent = false;
    if (!known && !ret_first)
        TRY(ask_recent(s, tenant, now, by, &recent, reterr));
    if (recent)
        r = (Remembered){.next = today};
    else if (!known)
        TRY(ask_all(s, tenant, now, by, &r, reterr));
    *ret_as_of = MIN(r.next, today);
    if (ret_live_us)
        *ret_live_us = r.next >= today ? now : r.next * US_PER_DAY;
    if (ret_first)
        *ret_first = r.first;
    return ERR_NONE;
}

int coach_feature_dates(int32_t first, int32_t last, int step_days, int32_t *ret_dates, int max)
{
    int32_t earliest = first + COACH_WARMUP_DAYS;
    if (last < earliest || step_days < 1)
        return 0;
    int n = (int)MIN((last - earliest) / step_days + 1, max);
    for (int i = 0; i < n; i++)
        ret_dates[i] = last - (n - 1 - i) * step_days;
    return n;
}
