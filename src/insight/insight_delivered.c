/* insight_delivered.c - see insight_delivered.h. */
#include "insight/insight_delivered.h"

#include "base/mem.h"
#include "insight/insight_given.h"

#include <stdlib.h>
#include <string.h>

#define EXPERIMENTS_JSON_MAX (8u << 20)

/* $1 the tenant, [$2, $3) the time. */
#define FROM "($2::date::timestamp at time zone 'UTC')"
#define TO "($3::date::timestamp at time zone 'UTC')"

/* By what a coaching counts: $4 is the scope, or the programmes as JSON. */
#define OF_SCOPE                                                   \
    "case $4 when 'all' then 'all' when 'intervention' then v.key" \
    " when 'coach' then v.coach when 'office' then v.location_id::text end"
#define OF_PROGRAMME "e.name"
#define WITH_PROGRAMMES " join jsonb_to_recordset($4::jsonb) as e (name text, keys jsonb) on e.keys ? v.key"

/* A coaching counts for an agent from the first one until the agent left, in days of the time. */
#define DAYS "greatest(0, least(g.left_on, $3::date) - greatest(min(g.day), $2::date, g.started_on))"
#define COACHINGS "count(distinct (g.key, g.day)) filter (where g.day >= $2::date)"
#define SUMS                                                                                \
    "select f.name, count(*) filter (where f.days > 0), coalesce(sum(f.days), 0),"          \
    " coalesce(sum(f.n), 0) from (select g.name, " DAYS " as days, " COACHINGS " as n from" \
    " (select v.agent_id, v.key, v.day, a.started_on, a.left_on, "
#define GIVEN_TO \
    " as name from " INSIGHT_GIVEN " v join agent a on a.location_id = v.location_id and a.id = v.agent_id"
#define BY_AGENT                                                                     \
    " where a.tenant_id = $1::uuid and v.day < $3::date) g where g.name is not null" \
    " group by g.name, g.agent_id, g.started_on, g.left_on) f group by f.name"
static const PgStmt DELIVERED = {"insight_delivered", SUMS OF_SCOPE GIVEN_TO BY_AGENT};
static const PgStmt OF_PROGRAMMES = {"insight_delivered_programmes",
                                     SUMS OF_PROGRAMME GIVEN_TO WITH_PROGRAMMES BY_AGENT};

#define AGENT_DAYS "greatest(0, least(a.left_on, $3::date) - greatest(a.started_on, $2::date))"
#define PAID                                                                   \
    "select count(*) as n, sum(w.commission_cents)::float8 as paid,"           \
    " sum(w.commission_cents::float8 ^ 2) as squares from opportunity w"       \
    " where w.tenant_id = $1::uuid and w.agent_id = a.id and w.status = 'won'" \
    " and w.commission_cents is not null and w.closed_at >= " FROM " and w.closed_at < " TO
static const PgStmt OFFICES = {"insight_delivered_offices",
                               "select a.location_id, coalesce(sum(" AGENT_DAYS "), 0),"
                               " coalesce(sum(o.n), 0), coalesce(sum(o.paid), 0), coalesce(sum(o.squares), 0)"
                               " from agent a left join lateral (" PAID ") o on true"
                               " where a.tenant_id = $1::uuid group by a.location_id"};

/* Experiments on several keys: name and keys. */
static ErrKind programmes(PgShards *s, Uuid tenant, Deadline by, Buf *out, Err *reterr)
{
    CLEANUP(mem_freep) InsightExperiment *e = NULL;
    int n;
    TRY(insight_experiments(s, tenant, by, &e, &n, reterr));
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < n; i++) {
        if (e[i].n_keys < 2)
            continue;
        jw_obj(&w);
        jw_kv_cstr(&w, "name", e[i].name);
        jw_key(&w, "keys");
        jw_arr(&w);
        for (int k = 0; k < e[i].n_keys; k++)
            jw_cstr(&w, e[i].keys[k]);
        jw_end(&w);
        jw_end(&w);
    }
    jw_end(&w);
    return buf_check(out, reterr);
}

static int by_name(const void *a, const void *b)
{
    const InsightDelivered *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

/* The rows of the shards, those with one name added up. */
static void merge(InsightDeliveredList *l)
{
    InsightDelivered *row = mem_array((size_t)MAX(pg_results_rows(l->r_), 1), sizeof *row);
    int n = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int i = 0; i < pg_rows(l->r_[k]); i++)
            row[n++] = (InsightDelivered){pg_str(l->r_[k], i, 0), pg_get_i64(l->r_[k], i, 1),
                                          pg_get_i64(l->r_[k], i, 2), pg_get_i64(l->r_[k], i, 3)};
    qsort(row, (size_t)n, sizeof *row, by_name);
    l->row = row;
    for (int i = 0; i < n; i++) {
        InsightDelivered *last = l->n > 0 ? &row[l->n - 1] : NULL;
        if (last && str_eq(last->name, row[i].name)) {
            last->agents += row[i].agents;
            last->agent_days += row[i].agent_days;
            last->coachings += row[i].coachings;
        } else {
            row[l->n++] = row[i];
        }
    }
}

static ErrKind read_offices(PgShards *s, Uuid tenant, int32_t from, int32_t to, Deadline by,
                            InsightDeliveredList *ret, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &OFFICES, PG_PARAMS(pg_uuid(tenant), pg_date(from), pg_date(to)), by, r,
                         reterr));
    ret->office = mem_array((size_t)MAX(pg_results_rows(r), 1), sizeof *ret->office);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int i = 0; i < pg_rows(r[k]); i++)
            ret->office[ret->n_offices++] =
                (InsightOffice){pg_get_uuid(r[k], i, 0), pg_get_i64(r[k], i, 1), pg_get_i64(r[k], i, 2),
                                pg_get_f64(r[k], i, 3), pg_get_f64(r[k], i, 4)};
    pg_results_free(r);
    return ERR_NONE;
}

ErrKind insight_delivered(PgShards *s, Uuid tenant, InsightScope scope, int32_t from, int32_t to, Deadline by,
                          InsightDeliveredList *ret, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(EXPERIMENTS_JSON_MAX);
    bool keyed = scope == INSIGHT_SCOPE_PROGRAMME;
    *ret = (InsightDeliveredList){0};
    if (keyed)
        TRY(programmes(s, tenant, by, &json, reterr));
    TRY(pg_shard_scatter(s, tenant, keyed ? &OF_PROGRAMMES : &DELIVERED,
                         PG_PARAMS(pg_uuid(tenant), pg_date(from), pg_date(to),
                                   pg_cstr(keyed ? buf_cstr(&json) : insight_scope_name(scope))),
                         by, ret->r_, reterr));
    merge(ret);
    return read_offices(s, tenant, from, to, by, ret, reterr);
}

void insight_delivered_done(InsightDeliveredList *l)
{
    pg_results_free(l->r_);
    mem_free(l->row);
    mem_free(l->office);
    *l = (InsightDeliveredList){0};
}

InsightDelivered insight_delivered_to(const InsightDeliveredList *l, Str name)
{
    const InsightDelivered key = {.name = name};
    const InsightDelivered *found =
        l->n > 0 ? bsearch(&key, l->row, (size_t)l->n, sizeof *l->row, by_name) : NULL;
    return found ? *found : (InsightDelivered){.name = STR_NULL};
}

InsightOffice insight_delivered_office(const InsightDeliveredList *l, Uuid location)
{
    InsightOffice sum = {.location = location};
    for (int i = 0; i < l->n_offices; i++) {
        const InsightOffice *o = &l->office[i];
        if (!uuid_is_nil(location) && !uuid_eq(location, o->location))
            continue;
        sum.agent_days += o->agent_days;
        sum.n_paid += o->n_paid;
        sum.paid += o->paid;
        sum.squares += o->squares;
    }
    return sum;
}
