/* insight_experiment_store.c - experiments in the databases: the plan and its arms, what happened since, the end. The arms are
 * written before the experiment's own row and taken back when that fails: an agent held back for nothing would be found by
 * nobody, an experiment without arms would answer. */
#include "base/clock.h"
#include "base/jv.h"
#include "base/mem.h"
#include "insight/insight_experiment.h"
#include "stats/stats_power.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define JSON_MAX (64u << 20)

/* Closings and so on of one agent from $2 to $3 (dates); commission in whole units of the currency. */
#define METRICS(agent, from, to)                                                                         \
    "(select count(*) from opportunity o where o.agent_id = " agent                                      \
    " and o.status = 'won' and o.closed_at >= " from " and o.closed_at < " to "),"                       \
    " (select coalesce(sum(o.commission_cents), 0) / 100.0 from opportunity o where o.agent_id = " agent \
    " and o.status = 'won' and o.closed_at >= " from " and o.closed_at < " to "),"                       \
    " (select count(*) from activity v where v.agent_id = " agent                                        \
    " and v.kind = 'call' and v.direction = 'out'"                                                       \
    " and v.at >= " from " and v.at < " to ")"

#define BEFORE_TODAY METRICS("a.id", "$2::date", "$3::date")
#define DURING METRICS("m.agent_id", "$3::date", "$4::date")
#define BEFORE METRICS("m.agent_id", "($3::date - 180)", "$3::date")
#define IN_PERIOD METRICS("m.agent_id", "($3::date + 28 * p)", "($3::date + 28 * p + 28)")

/* In the order of the agents: a seed gives the same arms, and a sum the same last digit, every time. */
static const PgStmt AGENTS = {"insight_experiment_agents",
                              "select a.id, a.location_id, " BEFORE_TODAY
                              " from agent a where a.tenant_id = $1::uuid and a.started_on <= $3::date"
                              " and (a.left_on is null or a.left_on > $3::date) order by a.id"};
static const PgStmt ARMS = {
    "insight_experiment_arms",
    "insert into experiment_arm (location_id, experiment_id, agent_id, tenant_id, stratum, arm, keys, "
    "opens_on)"
    " select l, $2::uuid, a, $1::uuid, s, w, $3::jsonb, d from jsonb_to_recordset($4::jsonb)"
    " as n (l uuid, a uuid, s text, w int, d date)"};
static const PgStmt DROP_ARMS = {
    "insight_experiment_drop",
    "delete from experiment_arm where tenant_id = $1::uuid and experiment_id = $2::uuid"};
static const PgStmt CLOSE_ARMS = {
    "insight_experiment_close",
    "update experiment_arm set closed = true where tenant_id = $1::uuid and experiment_id = $2::uuid"};
static const PgStmt ROWS = {
    "insight_experiment_rows",
    "select m.agent_id, m.stratum, m.arm, coalesce(m.opens_on < $4::date, false), " DURING
    ", (a.left_on is not null and a.left_on >= $3::date)::int, " BEFORE
    ", m.location_id from experiment_arm m join agent a on a.id = m.agent_id"
    " where m.tenant_id = $1::uuid and m.experiment_id = $2::uuid and a.tenant_id = $1::uuid"
    " order by m.agent_id"};
static const PgStmt PANEL = {
    "insight_experiment_panel",
    "select m.agent_id, p, m.stratum, m.opens_on - $3::date, " IN_PERIOD
    " from experiment_arm m, generate_series(-6, $4::int - 1) p"
    " where m.tenant_id = $1::uuid and m.experiment_id = $2::uuid order by m.agent_id, p"};
static const PgStmt INSERT = {"insight_experiment_insert",
                              "insert into experiment (tenant_id, id, name, keys, outcome, share, seed, "
                              "waves, starts_on, ends_on, guards, effect,"
                              " n_agents, state) values ($1::uuid, $2::uuid, $3, $4::jsonb, $5, $6::float8, "
                              "$7::bigint, $8::jsonb, $9::date,"
                              " $10::date, $11::jsonb, $12::float8, $13::int, 'running')"};
static const PgStmt STOP = {
    "insight_experiment_stop",
    "update experiment set state = 'stopped', stopped_at = now(), stop_reason = $3 where tenant_id = $1::uuid"
    " and id = $2::uuid and state = 'running' returning 1"};
static const PgStmt LIST = {"insight_experiment_list",
                            "select id, name, keys, outcome, share, seed, waves, ends_on, guards, effect, "
                            "n_agents, state = 'running',"
                            " coalesce(stop_reason, ''), (stopped_at at time zone 'UTC')::date::text from "
                            "experiment where tenant_id = $1::uuid and "
                            "($2::text is null or name = $2::text)"
                            " order by created_at desc"};

/* ---- planning ------------------------------------------------------------------------------------------------------ */

static ErrKind check(const InsightExperiment *e, Err *reterr)
{
    for (int i = 1; i < e->n_waves; i++)
        if (e->waves[i] <= e->waves[i - 1])
            return err_set(reterr, ERR_INVALID, "the waves must begin one after the other");
    if (!insight_experiment_name_ok(str_from(e->name)))
        return err_set(reterr, ERR_INVALID, "the name \"%.70s\": up to 63 of a-z, 0-9 and -, no - first",
                       e->name);
    if (e->n_keys < 1 || e->n_waves < 1)
        return err_set(reterr, ERR_INVALID, "an experiment needs an intervention and a date to begin");
    if (e->ends_on <= e->waves[e->n_waves - 1])
        return err_set(reterr, ERR_INVALID, "it must end after its last wave has begun");
    if (!(e->share > 0 && e->share < 1))
        return err_set(reterr, ERR_INVALID, "a share of %g: more than 0 and less than 1", e->share);
    return ERR_NONE;
}

/* The agents of that day; ret_sd: of the outcome over as many days before as the experiment is long. */
static ErrKind read_units(PgShards *s, Uuid tenant, const InsightExperiment *e, int32_t from, bool outcome,
                          Deadline by, InsightUnit **ret, int64_t *ret_n, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &AGENTS, PG_PARAMS(pg_uuid(tenant), pg_date(from), pg_date(e->waves[0])),
                         by, r, reterr));
    int64_t n = pg_results_rows(r);
    InsightUnit *u = mem_array((size_t)MAX(n, 1), sizeof *u);
    int64_t at = 0;
    int column = outcome && e->outcome == INSIGHT_COMMISSION ? 3 : 2;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++)
            u[at++] = (InsightUnit){.agent = pg_get_uuid(r[k], row, 0),
                                    .location = pg_get_uuid(r[k], row, 1),
                                    .before = pg_get_f64(r[k], row, column)};
    pg_results_free(r);
    *ret = u;
    *ret_n = n;
    return ERR_NONE;
}

static double sd_of(const InsightUnit *u, int64_t n)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        sum += u[i].before;
    for (int64_t i = 0; i < n; i++)
        square += (u[i].before - sum / (double)n) * (u[i].before - sum / (double)n);
    return sqrt(square / (double)(n - 1));
}

static ErrKind make_plan(PgShards *s, Uuid tenant, const InsightExperiment *e, const InsightUnit *u,
                         int64_t n, Deadline by, InsightPlan *ret, Err *reterr)
{
    *ret = (InsightPlan){.power = NAN, .needed = NAN};
    for (int64_t i = 0; i < n; i++) {
        ret->n_treated += u[i].arm > 0;
        ret->n_strata += i == 0 || u[i].stratum != u[i - 1].stratum;
    }
    ret->n_control = n - ret->n_treated;
    if (MIN(ret->n_treated, ret->n_control) < 2)
        return err_set(reterr, ERR_INVALID, "%lld agents would get it and %lld not: two of each at least",
                       (long long)ret->n_treated, (long long)ret->n_control);
    CLEANUP(mem_freep) InsightUnit *past = NULL;
    int64_t n_past;
    TRY(read_units(s, tenant, e, e->waves[0] - (e->ends_on - e->waves[0]), true, by, &past, &n_past, reterr));
    StatsDesign d = {.sd = sd_of(past, n_past), .share = e->share, .level = 0.95, .cluster_size = 1};
    ret->sd = d.sd;
    if (!(d.sd > 0))
        return ERR_NONE; /* nothing is known of the outcome's spread */
    ret->found = stats_power_effect(&d, (double)n, 0.8);
    if (!isnan(e->effect)) {
        ret->power = stats_power(&d, (double)n, e->effect);
        ret->needed = stats_power_rows(&d, e->effect, 0.8);
    }
    return ERR_NONE;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static void keys_json(Buf *out, const InsightExperiment *e)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < e->n_keys; i++)
        jw_cstr(&w, e->keys[i]);
    jw_end(&w);
}

static void waves_json(Buf *out, const InsightExperiment *e)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < e->n_waves; i++) {
        char day[11];
        clock_format_date(e->waves[i], day);
        jw_cstr(&w, day);
    }
    jw_end(&w);
}

static void guards_json(Buf *out, const InsightExperiment *e)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < e->n_guards; i++) {
        jw_obj(&w);
        jw_kv_cstr(&w, "metric", INSIGHT_METRIC_NAMES[e->guards[i].metric]);
        jw_kv_f64(&w, "drop", e->guards[i].drop);
        jw_end(&w);
    }
    jw_end(&w);
}

/* The arms whose office lies on this shard. */
static void arms_json(PgShards *s, Buf *out, const InsightExperiment *e, const InsightUnit *u, int64_t n,
                      int shard)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int64_t i = 0; i < n; i++) {
        if (pg_shard_of_slot(s, pg_slot_of_location(u[i].location)) != shard)
            continue;
        char text[16], day[11];
        (void)snprintf(text, sizeof(text), "%d", u[i].stratum);
        jw_obj(&w);
        jw_kv_uuid(&w, "l", u[i].location);
        jw_kv_uuid(&w, "a", u[i].agent);
        jw_kv_cstr(&w, "s", text);
        jw_kv_i64(&w, "w", u[i].arm);
        if (u[i].arm > 0) {
            clock_format_date(e->waves[u[i].arm - 1], day);
            jw_kv_cstr(&w, "d", day);
        }
        jw_end(&w);
    }
    jw_end(&w);
}

static ErrKind write_arms(PgShards *s, Uuid tenant, const InsightExperiment *e, const InsightUnit *u,
                          int64_t n, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf keys = BUF(JSON_MAX);
    keys_json(&keys, e);
    Buf json[PG_SHARDS];
    PgParam params[PG_SHARDS][4];
    const PgParam *each[PG_SHARDS];
    PgResult *r[PG_SHARDS] = {0};
    for (int k = 0; k < PG_SHARDS; k++) {
        json[k] = (Buf)BUF(JSON_MAX);
        arms_json(s, &json[k], e, u, n, k);
        params[k][0] = pg_uuid(tenant);
        params[k][1] = pg_uuid(e->id);
        params[k][2] = pg_cstr(buf_cstr(&keys));
        params[k][3] = pg_cstr(buf_cstr(&json[k]));
        each[k] = params[k];
    }
    ErrKind kind = pg_shard_scatter_each(s, tenant, &ARMS, each, 4, by, r, reterr);
    if (!kind)
        pg_results_free(r);
    for (int k = 0; k < PG_SHARDS; k++)
        buf_done(&json[k]);
    return kind;
}

static ErrKind on_shards(PgShards *s, Uuid tenant, const PgStmt *stmt, Uuid id, Deadline by, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, stmt, PG_PARAMS(pg_uuid(tenant), pg_uuid(id)), by, r, reterr));
    pg_results_free(r);
    return ERR_NONE;
}

static ErrKind insert_in(PgConn *c, Uuid tenant, const InsightExperiment *e, InsightRecord *record, void *arg,
                         Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf keys = BUF(JSON_MAX), waves = BUF(JSON_MAX), guards = BUF(JSON_MAX);
    keys_json(&keys, e);
    waves_json(&waves, e);
    guards_json(&guards, e);
    TRY(pg_begin(c, tenant, by, reterr));
    TRY(pg_query(c, &INSERT,
                 PG_PARAMS(pg_uuid(tenant), pg_uuid(e->id), pg_cstr(e->name), pg_cstr(buf_cstr(&keys)),
                           pg_cstr(INSIGHT_METRIC_NAMES[e->outcome]), pg_f64(e->share),
                           pg_i64((int64_t)e->seed), pg_cstr(buf_cstr(&waves)), pg_date(e->waves[0]),
                           pg_date(e->ends_on), pg_cstr(buf_cstr(&guards)),
                           isnan(e->effect) ? pg_null() : pg_f64(e->effect), pg_i64(e->n_agents)),
                 by, NULL, reterr));
    TRY(record(arg, c, e, "experiment.create", by, reterr));
    return pg_commit(c, by, reterr);
}

ErrKind insight_experiment_create(PgShards *s, Uuid tenant, InsightExperiment *e, bool dry,
                                  InsightRecord *record, void *arg, Deadline by, InsightPlan *ret,
                                  Err *reterr)
{
    CLEANUP(mem_freep) InsightUnit *u = NULL;
    int64_t n;
    TRY(check(e, reterr));
    TRY(read_units(s, tenant, e, e->waves[0] - INSIGHT_BEFORE_DAYS, false, by, &u, &n, reterr));
    if (n > INSIGHT_EXPERIMENT_AGENTS_MAX)
        return err_set(reterr, ERR_LIMIT, "%lld agents, at most %d", (long long)n,
                       INSIGHT_EXPERIMENT_AGENTS_MAX);
    insight_strata(u, n);
    insight_assign(u, n, e->share, e->n_waves, e->seed);
    TRY(make_plan(s, tenant, e, u, n, by, ret, reterr));
    e->n_agents = (int)n;
    e->id = uuid_v7();
    e->running = true;
    e->stopped_on = INT32_MAX;
    if (dry)
        return ERR_NONE;
    TRY(write_arms(s, tenant, e, u, n, by, reterr));
    PgConn *c = NULL;
    ErrKind kind = pg_pool_acquire(pg_control_pool(s), by, &c, reterr);
    if (!kind) {
        kind = insert_in(c, tenant, e, record, arg, by, reterr);
        pg_pool_release(pg_control_pool(s), c);
    }
    if (kind && !reterr->in_doubt) {
        Err second;
        if (on_shards(s, tenant, &DROP_ARMS, e->id, by, &second))
            return err_wrap(reterr, kind, "and its arms could not be taken back (%.100s)", second.msg);
    }
    return kind;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool parse_metric(Str name, InsightMetric *ret)
{
    for (int m = 0; m < INSIGHT_N_METRICS; m++)
        if (str_eq_c(name, INSIGHT_METRIC_NAMES[m])) {
            *ret = (InsightMetric)m;
            return true;
        }
    return false;
}

static ErrKind parse_lists(InsightExperiment *e, Str keys, Str waves, Str guards, Err *reterr)
{
    CLEANUP(jv_freep) Jv *k = NULL, *w = NULL, *g = NULL;
    TRY(jv_parse(keys, &k, reterr));
    TRY(jv_parse(waves, &w, reterr));
    TRY(jv_parse(guards, &g, reterr));
    Str text;
    bool good =
        jv_len(k) <= INSIGHT_KEYS_MAX && jv_len(w) <= INSIGHT_WAVES_MAX && jv_len(g) <= INSIGHT_GUARDS_MAX;
    for (size_t i = 0; good && i < jv_len(k); i++)
        good = jv_is_str(jv_at(k, i), &text) && str_copy(e->keys[e->n_keys++], sizeof(e->keys[0]), text);
    for (size_t i = 0; good && i < jv_len(w); i++)
        good = jv_is_str(jv_at(w, i), &text) && clock_parse_date(text, &e->waves[e->n_waves++]);
    for (size_t i = 0; good && i < jv_len(g); i++) {
        e->guards[e->n_guards].drop = jv_get_f64(jv_at(g, i), "drop", NAN);
        good = parse_metric(jv_get_str(jv_at(g, i), "metric"), &e->guards[e->n_guards++].metric);
    }
    return good && e->n_waves > 0 ? ERR_NONE
                                  : err_set(reterr, ERR_CORRUPT, "the experiment %s cannot be read", e->name);
}

static ErrKind from_row(const PgResult *r, int row, InsightExperiment *e, Err *reterr)
{
    *e = (InsightExperiment){.id = pg_get_uuid(r, row, 0),
                             .share = pg_get_f64(r, row, 4),
                             .seed = (uint64_t)pg_get_i64(r, row, 5),
                             .effect = pg_get_f64(r, row, 9),
                             .n_agents = (int)pg_get_i64(r, row, 10),
                             .running = pg_get_bool(r, row, 11)};
    (void)str_copy(e->name, sizeof(e->name), pg_str(r, row, 1));
    (void)str_copy(e->stop_reason, sizeof(e->stop_reason), pg_str(r, row, 12));
    if (e->running || !clock_parse_date(pg_str(r, row, 13), &e->stopped_on))
        e->stopped_on = INT32_MAX;
    if (!parse_metric(pg_str(r, row, 3), &e->outcome) || !clock_parse_date(pg_str(r, row, 7), &e->ends_on))
        return err_set(reterr, ERR_CORRUPT, "the experiment %s cannot be read", e->name);
    return parse_lists(e, pg_str(r, row, 2), pg_str(r, row, 6), pg_str(r, row, 8), reterr);
}

ErrKind insight_experiments(PgShards *s, Uuid tenant, Deadline by, InsightExperiment **ret, int *ret_n,
                            Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &LIST, PG_PARAMS(pg_uuid(tenant), pg_null()), by, &r, reterr));
    InsightExperiment *list = mem_array((size_t)MAX(pg_rows(r), 1), sizeof *list);
    for (int i = 0; i < pg_rows(r); i++) {
        ErrKind kind = from_row(r, i, &list[i], reterr);
        if (kind) {
            mem_free(list);
            return kind;
        }
    }
    *ret = list;
    *ret_n = pg_rows(r);
    return ERR_NONE;
}

ErrKind insight_experiment_get(PgShards *s, Uuid tenant, const char *name, Deadline by,
                               InsightExperiment *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &LIST, PG_PARAMS(pg_uuid(tenant), pg_cstr(name)), by, &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no experiment \"%.100s\"", name);
    return from_row(r, 0, ret, reterr);
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static ErrKind stop_in(PgConn *c, Uuid tenant, InsightExperiment *e, const char *reason,
                       InsightRecord *record, void *arg, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_begin(c, tenant, by, reterr));
    TRY(pg_query(c, &STOP, PG_PARAMS(pg_uuid(tenant), pg_uuid(e->id), pg_cstr(reason)), by, &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_CONFLICT, "the experiment %s has ended already", e->name);
    e->running = false;
    e->stopped_on = (int32_t)(clock_now_us() / US_PER_DAY);
    (void)snprintf(e->stop_reason, sizeof(e->stop_reason), "%s", reason);
    TRY(record(arg, c, e, "experiment.stop", by, reterr));
    return pg_commit(c, by, reterr);
}

ErrKind insight_experiment_stop(PgShards *s, Uuid tenant, InsightExperiment *e, const char *reason,
                                InsightRecord *record, void *arg, Deadline by, Err *reterr)
{
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pg_control_pool(s), by, &c, reterr));
    ErrKind kind = stop_in(c, tenant, e, reason, record, arg, by, reterr);
    pg_pool_release(pg_control_pool(s), c);
    TRY(kind);
    return on_shards(s, tenant, &CLOSE_ARMS, e->id, by, reterr);
}

/* ---- status -------------------------------------------------------------------------------------------------------- */

#define ALL_THIRDS -1

static bool in_third(int32_t stratum, int third)
{
    return third == ALL_THIRDS || stratum % 3 == third;
}

static ErrKind read_rows(PgShards *s, Uuid tenant, const InsightExperiment *e, int third, int32_t today,
                         Deadline by, InsightRow **ret, int64_t *ret_n, Err *reterr)
{
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &ROWS,
                         PG_PARAMS(pg_uuid(tenant), pg_uuid(e->id), pg_date(e->waves[0]), pg_date(today)), by,
                         r, reterr));
    InsightRow *rows = mem_array((size_t)MAX(pg_results_rows(r), 1), sizeof *rows);
    int64_t n = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            if (!in_third((int32_t)pg_get_i64(r[k], row, 1), third))
                continue;
            InsightRow *x = &rows[n++];
            x->agent = pg_get_uuid(r[k], row, 0);
            x->location = pg_get_uuid(r[k], row, 4 + INSIGHT_N_METRICS + INSIGHT_LEFT);
            x->stratum = (int32_t)pg_get_i64(r[k], row, 1);
            x->arm = (int)pg_get_i64(r[k], row, 2);
            x->open = pg_get_bool(r[k], row, 3);
            for (int m = 0; m < INSIGHT_N_METRICS; m++)
                x->since[m] = pg_get_f64(r[k], row, 4 + m);
            for (int m = 0; m < INSIGHT_LEFT; m++)
                x->before[m] = pg_get_f64(r[k], row, 4 + INSIGHT_N_METRICS + m);
        }
    pg_results_free(r);
    *ret = rows;
    *ret_n = n;
    return ERR_NONE;
}

static InsightData *new_data(int64_t n)
{
    InsightData *d = MEM_NEW(InsightData);
    d->n = n;
    d->y = mem_array((size_t)MAX(n, 1), sizeof *d->y);
    d->t = mem_array((size_t)MAX(n, 1), sizeof *d->t);
    d->warnings = (Buf)BUF(INSIGHT_DIAGNOSTICS_MAX);
    return d;
}

/* One row an agent, with the strata numbered anew (those of agents who are there). */
static InsightData *cuped_data(const InsightExperiment *e, const InsightRow *rows, int64_t n)
{
    InsightData *d = new_data(n);
    d->n_pre = 1;
    d->pre = mem_array((size_t)n, sizeof *d->pre);
    d->stratum.id = mem_array((size_t)n, sizeof *d->stratum.id);
    int32_t most = 0;
    for (int64_t i = 0; i < n; i++)
        most = MAX(most, rows[i].stratum);
    CLEANUP(mem_freep) int32_t *number = mem_array((size_t)most + 1, sizeof *number);
    for (int64_t i = 0; i < n; i++) {
        if (number[rows[i].stratum] == 0)
            number[rows[i].stratum] = ++d->stratum.n;
        d->stratum.id[i] = number[rows[i].stratum] - 1;
        d->y[i] = rows[i].since[e->outcome];
        d->t[i] = rows[i].arm > 0;
        d->pre[i] = rows[i].before[e->outcome];
    }
    d->stratum.name = mem_array((size_t)MAX(d->stratum.n, 1), sizeof *d->stratum.name);
    return d;
}

static ErrKind panel_data(PgShards *s, Uuid tenant, const InsightExperiment *e, int third, int32_t today,
                          Deadline by, InsightData **ret, Err *reterr)
{
    int periods = (today - e->waves[0]) / 28;
    if (periods < 1)
        return err_set(reterr, ERR_INVALID,
                       "a roll-out is measured in periods of 28 days: none has passed yet");
    PgResult *r[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &PANEL,
                         PG_PARAMS(pg_uuid(tenant), pg_uuid(e->id), pg_date(e->waves[0]), pg_i64(periods)),
                         by, r, reterr));
    InsightData *d = new_data(pg_results_rows(r));
    size_t n = (size_t)MAX(d->n, 1);
    d->time = mem_array(n, sizeof *d->time);
    d->first_treated = mem_array(n, sizeof *d->first_treated);
    d->unit.id = mem_array(n, sizeof *d->unit.id);
    int64_t at = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(r[k]); row++) {
            bool new_unit = row == 0 || !uuid_eq(pg_get_uuid(r[k], row, 0), pg_get_uuid(r[k], row - 1, 0));
            if (!in_third((int32_t)pg_get_i64(r[k], row, 2), third))
                continue;
            d->unit.n += new_unit;
            d->unit.id[at] = d->unit.n - 1;
            d->time[at] = pg_get_f64(r[k], row, 1);
            d->first_treated[at] = pg_is_null(r[k], row, 3) ? INFINITY : ceil(pg_get_f64(r[k], row, 3) / 28);
            d->t[at] = d->time[at] >= d->first_treated[at];
            d->y[at++] = pg_get_f64(r[k], row, e->outcome == INSIGHT_COMMISSION ? 5 : 4);
        }
    d->n = at;
    d->unit.name = mem_array((size_t)MAX(d->unit.n, 1), sizeof *d->unit.name);
    pg_results_free(r);
    *ret = d;
    return ERR_NONE;
}

/* What the data refuse is the status' refusal, not an error. */
static ErrKind estimate(InsightData *d, const InsightExperiment *e, int third, Deadline by,
                        InsightStatus *ret, Err *reterr)
{
    double units = e->n_waves > 1 ? d->unit.n : (double)d->n;
    double planned = fmax(third == ALL_THIRDS ? e->n_agents : units, units);
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    const char *name = e->n_waves > 1 ? "staggered-did" : "cuped";
    q.seed = e->seed;
    q.planned = third == ALL_THIRDS ? MAX(e->n_agents, (int)d->n) : d->n;
    q.by = by;
    if (e->n_waves > 1)
        q.estimand = INSIGHT_ATT;
    ErrKind kind = insight_effect(d, insight_method(name), &q, &ret->answer, reterr);
    if (kind)
        insight_answer_done(&ret->answer);
    if (kind == ERR_INVALID) {
        (void)snprintf(ret->refusal, sizeof(ret->refusal), "%s", reterr->msg);
        return ERR_NONE;
    }
    TRY(kind);
    ret->has_answer = true;
    double reach = ret->answer.effect.se * stats_always_valid_reach(units, planned, q.level);
    ret->always_low = ret->answer.effect.estimate - reach;
    ret->always_high = ret->answer.effect.estimate + reach;
    return ERR_NONE;
}

static double hold_out_mean(const InsightRow *rows, int64_t n, InsightMetric outcome)
{
    double sum = 0, count = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += rows[i].arm == 0 ? rows[i].since[outcome] : 0;
        count += rows[i].arm == 0;
    }
    return count > 0 ? sum / count : NAN;
}

static ErrKind status_of(PgShards *s, Uuid tenant, const InsightExperiment *e, int third, int32_t today,
                         Deadline by, InsightStatus *ret, Err *reterr)
{
    *ret = (InsightStatus){.from = e->waves[0],
                           .to = MIN(MIN(today, e->ends_on), e->stopped_on),
                           .n_guards = e->n_guards,
                           .crossed = -1,
                           .always_low = NAN,
                           .always_high = NAN};
    CLEANUP(mem_freep) InsightRow *rows = NULL;
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    int64_t n;
    TRY(read_rows(s, tenant, e, third, ret->to, by, &rows, &n, reterr));
    for (int64_t i = 0; i < n; i++)
        ret->n_treated += rows[i].arm > 0;
    ret->n_control = n - ret->n_treated;
    ret->control_mean = hold_out_mean(rows, n, e->outcome);
    for (int m = 0; m < INSIGHT_LEFT; m++)
        ret->balance[m] = insight_experiment_balance(rows, n, (InsightMetric)m);
    ret->strata = insight_strata_of(rows, n, e->outcome, &ret->n_strata);
    for (int g = 0; g < e->n_guards; g++) {
        ret->guards[g] = insight_guard(&e->guards[g], rows, n, e->n_agents);
        if (ret->guards[g].crossed && ret->crossed < 0)
            ret->crossed = g;
    }
    if (ret->to <= ret->from) {
        (void)snprintf(ret->refusal, sizeof(ret->refusal), "it has not begun yet");
        return ERR_NONE;
    }
    if (n == 0) {
        (void)snprintf(ret->refusal, sizeof(ret->refusal), "nobody is in it");
        return ERR_NONE;
    }
    if (e->n_waves == 1) {
        d = cuped_data(e, rows, n);
    } else {
        ErrKind kind = panel_data(s, tenant, e, third, ret->to, by, &d, reterr);
        if (kind == ERR_INVALID) {
            (void)snprintf(ret->refusal, sizeof(ret->refusal), "%s", reterr->msg);
            return ERR_NONE;
        }
        TRY(kind);
    }
    return estimate(d, e, third, by, ret, reterr);
}

ErrKind insight_experiment_status(PgShards *s, Uuid tenant, const InsightExperiment *e, int32_t today,
                                  Deadline by, InsightStatus *ret, Err *reterr)
{
    return status_of(s, tenant, e, ALL_THIRDS, today, by, ret, reterr);
}

ErrKind insight_experiment_third(PgShards *s, Uuid tenant, const InsightExperiment *e, int third,
                                 int32_t today, Deadline by, InsightStatus *ret, Err *reterr)
{
    return status_of(s, tenant, e, third, today, by, ret, reterr);
}

ErrKind insight_experiment_look(PgShards *s, Uuid tenant, InsightExperiment *e, int32_t today,
                                InsightRecord *record, void *arg, Deadline by, InsightStatus *ret,
                                Err *reterr)
{
    TRY(insight_experiment_status(s, tenant, e, today, by, ret, reterr));
    if (!e->running || ret->crossed < 0)
        return ERR_NONE;
    char why[sizeof(e->stop_reason)];
    insight_guard_text(&ret->guards[ret->crossed], why, sizeof(why));
    return insight_experiment_stop(s, tenant, e, why, record, arg, by, reterr);
}
