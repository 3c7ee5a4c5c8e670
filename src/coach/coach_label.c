/* coach_label.c - training rows: snapshots joined with what happened in the 30 days after them. */
#include "coach/coach_label.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/strmap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns: days, agent, location, x, won, paid, metric, target. $2: the horizon. */
static const PgStmt ROWS = {
    "coach_label_rows",
    "select f.as_of - date '1970-01-01', f.agent_id, f.location_id, f.x, o.won, coalesce(o.paid, 0), "
    "go.metric, go.target"
    " from feature_snapshot f"
    " join agent g on g.tenant_id = $1::uuid and g.location_id = f.location_id and g.id = f.agent_id"
    " cross join lateral (select count(*) as won, sum(q.commission_cents) as paid from opportunity q"
    "   where q.tenant_id = $1::uuid and q.agent_id = f.agent_id and q.status = 'won'"
    "     and q.closed_at >= f.as_of::timestamptz and q.closed_at < (f.as_of + 30)::timestamptz) o"
    " left join lateral (select t.metric, t.target from goal t where t.tenant_id = $1::uuid and t.agent_id = "
    "f.agent_id"
    "     and t.valid_from <= f.as_of and (t.valid_to is null or t.valid_to > f.as_of)"
    "   order by t.derived, t.valid_from desc, t.id limit 1) go on true"
    " where f.tenant_id = $1::uuid and f.as_of + 30 <= $2::date and (g.left_on is null or g.left_on >= "
    "f.as_of + 30)"};

enum { COL_DAYS, COL_AGENT, COL_LOCATION, COL_X, COL_WON, COL_PAID, COL_METRIC, COL_TARGET };

typedef struct RowRef {
    int32_t as_of;
    Uuid agent;
    const PgResult *result;
    int row;
} RowRef;

static int by_date_and_agent(const void *a, const void *b)
{
    const RowRef *x = a, *y = b;
    if (x->as_of != y->as_of)
        return x->as_of < y->as_of ? -1 : 1;
    return memcmp(x->agent.b, y->agent.b, sizeof(x->agent.b));
}

static void rows_alloc(CoachRows *r, int64_t n)
{
    size_t rows = (size_t)n;
    *r = (CoachRows){.n = n};
    r->x = mem_array(rows * COACH_N_FEATURES, sizeof(float));
    r->y_goal = mem_array(rows, sizeof(float));
    r->y_closings = mem_array(rows, sizeof(float));
    r->naive_goal = mem_array(rows, sizeof(float));
    r->naive_closings = mem_array(rows, sizeof(float));
    r->group = mem_array(rows, sizeof(int32_t));
    r->as_of = mem_array(rows, sizeof(int32_t));
    r->agent = mem_array(rows, sizeof(Uuid));
    r->location = mem_array(rows, sizeof(Uuid));
}

void coach_rows_done(CoachRows *r)
{
    mem_free(r->x);
    mem_free(r->y_goal);
    mem_free(r->y_closings);
    mem_free(r->naive_goal);
    mem_free(r->naive_closings);
    mem_free(r->group);
    mem_free(r->as_of);
    mem_free(r->agent);
    mem_free(r->location);
    *r = (CoachRows){0};
}

static float known_or_0(float v)
{
    return isnan(v) ? 0.0f : v;
}

static ErrKind fill_row(CoachRows *r, int64_t i, const RowRef *ref, StrMap *agents, Err *reterr)
{
    const PgResult *p = ref->result;
    float *x = r->x + i * COACH_N_FEATURES;
    if (!coach_parse_reals(pg_str(p, ref->row, COL_X), x, COACH_N_FEATURES))
        return err_set(reterr, ERR_CORRUPT,
                       "a feature snapshot does not hold %d numbers: compute the features again",
                       COACH_N_FEATURES);
    r->as_of[i] = ref->as_of;
    r->agent[i] = ref->agent;
    r->location[i] = pg_get_uuid(p, ref->row, COL_LOCATION);
    r->y_closings[i] = (float)pg_get_i64(p, ref->row, COL_WON);
    r->naive_closings[i] = known_or_0(x[COACH_F_closings_30d]);
    r->y_goal[i] = r->naive_goal[i] = NAN;
    if (!pg_is_null(p, ref->row, COL_TARGET)) {
        double target = pg_get_f64(p, ref->row, COL_TARGET);
        bool commission = str_eq_c(pg_str(p, ref->row, COL_METRIC), "commission");
        double next = commission ? pg_get_f64(p, ref->row, COL_PAID) : r->y_closings[i];
        double last = commission ? known_or_0(x[COACH_F_commission_cents_30d]) : r->naive_closings[i];
        r->y_goal[i] = next >= target ? 1.0f : 0.0f;
        r->naive_goal[i] = last >= target ? 1.0f : 0.0f;
    }
    Str key = {(const char *)ref->agent.b, sizeof(ref->agent.b)};
    uint32_t group = (uint32_t)strmap_len(agents);
    if (!strmap_add(agents, key, group))
        (void)strmap_get(agents, key, &group);
    r->group[i] = (int32_t)group;
    return ERR_NONE;
}

static ErrKind collect(PgResult *const results[PG_SHARDS], int64_t n, CoachRows *ret, Err *reterr)
{
    CLEANUP(mem_freep) RowRef *refs = mem_array((size_t)n, sizeof(RowRef));
    int64_t i = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++)
            refs[i++] = (RowRef){(int32_t)pg_get_i64(results[k], row, COL_DAYS),
                                 pg_get_uuid(results[k], row, COL_AGENT), results[k], row};
    qsort(refs, (size_t)n, sizeof(RowRef), by_date_and_agent);
    rows_alloc(ret, n);
    CLEANUP(strmap_freep) StrMap *agents = strmap_new();
    ErrKind kind = ERR_NONE;
    for (i = 0; i < n && kind == ERR_NONE; i++)
        kind = fill_row(ret, i, &refs[i], agents, reterr);
    ret->n_groups = (int32_t)strmap_len(agents);
    if (kind != ERR_NONE)
        coach_rows_done(ret);
    return kind;
}

ErrKind coach_training_rows(PgShards *s, Uuid tenant, Deadline by, CoachRows *ret, Err *reterr)
{
    *ret = (CoachRows){0};
    int32_t horizon;
    TRY(coach_horizon(s, tenant, by, &horizon, NULL, NULL, reterr));
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &ROWS, PG_PARAMS(pg_uuid(tenant), pg_date(horizon)), by, results,
                         reterr));
    int64_t n = pg_results_rows(results);
    ErrKind kind = n > COACH_ROWS_MAX ? err_set(reterr, ERR_LIMIT, "%lld training rows, at most %d",
                                                (long long)n, COACH_ROWS_MAX)
                                      : collect(results, n, ret, reterr);
    pg_results_free(results);
    return kind;
}
