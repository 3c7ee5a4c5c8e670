/* coach_goal.c - goals for tenants whose CRM has none, from the office's own history. */
#include "base/clock.h"
#include "coach/coach_label.h"

/* The id follows from agent and month, and ends in the location's slot like every id of a location. The trailing 90 days
 * are complete before the month begins, so a derived goal tells nothing of the month it is for. */
static const PgStmt DERIVE = {
    "coach_goal_derive",
    "with m as (select t::date as first, (t + interval '1 month')::date as next from generate_series("
    "   date_trunc('month', $2::date::timestamp), $3::date::timestamp, interval '1 month') t),"
    " who as (select a.location_id, a.id, m.first, m.next from agent a, m where a.tenant_id = $1::uuid"
    "   and (a.started_on is null or a.started_on < m.next) and (a.left_on is null or a.left_on > m.first)),"
    " won as (select w.location_id, w.id, w.first, (select count(*) from opportunity o where o.tenant_id = "
    "$1::uuid"
    "     and o.agent_id = w.id and o.status = 'won' and o.closed_at >= (w.first - 90)::timestamptz"
    "     and o.closed_at < w.first::timestamptz) as n from who w),"
    " office as (select location_id, first,"
    "   greatest(1, round(percentile_cont(0.5) within group (order by n) / 3)) as target from won group by "
    "1, 2)"
    " insert into goal (location_id, id, tenant_id, agent_id, metric, target, valid_from, valid_to, derived)"
    " select w.location_id, (substr(h.hex, 1, 12) || '8' || substr(h.hex, 14, 3) || 'a' || substr(h.hex, 18, "
    "13)"
    "     || right(w.location_id::text, 2))::uuid,"
    "   $1::uuid, w.id, 'closings', o.target, w.first, w.next, true"
    " from who w join office o on o.location_id = w.location_id and o.first = w.first"
    " cross join lateral (select md5('derived goal ' || w.id || ' ' || w.first) as hex) h"
    " where not exists (select from goal g where g.tenant_id = $1::uuid and g.agent_id = w.id"
    "     and g.valid_from < w.next and (g.valid_to is null or g.valid_to > w.first))"
    " on conflict do nothing"};

ErrKind coach_goals_derive(PgShards *s, Uuid tenant, int32_t first, int32_t last, Deadline by,
                           int64_t *ret_made, Err *reterr)
{
    if (ret_made)
        *ret_made = 0;
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &DERIVE, PG_PARAMS(pg_uuid(tenant), pg_date(first), pg_date(last)), by,
                         results, reterr));
    for (int k = 0; k < PG_SHARDS; k++) {
        if (ret_made)
            *ret_made += pg_affected(results[k]);
        pg_result_free(results[k]);
    }
    return ERR_NONE;
}
