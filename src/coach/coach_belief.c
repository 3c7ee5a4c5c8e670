/* coach_belief.c - see coach_belief.h. */
#include "coach/coach_belief.h"

#include "base/jw.h"
#include "base/mem.h"
#include "base/strmap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_ARENA (8u << 20)
#define JSON_MAX (1u << 20)
#define OUTCOMES_MAX 2000000
#define SLOPE_AGENTS 30 /* fewer say nothing about the slope */

static const PgStmt OUTCOMES = {
    "coach_belief_outcomes",
    "select intervention_id, agent_id, playbook_key, as_of - date '1970-01-01', tier, share, change, variance"
    " from coach_outcome where tenant_id = $1::uuid and sent and share > 0 and change is not null"
    " order by as_of desc limit $2::int"};
/* Everybody in the experiment, with the first outcome in its days. */
static const PgStmt ARMS = {
    "coach_belief_arms",
    "select m.agent_id, m.arm > 0 and m.opens_on < $4::date, o.tier, o.share from experiment_arm m"
    " left join lateral (select o.tier, o.share from coach_outcome o where o.location_id = m.location_id"
    "   and o.agent_id = m.agent_id and o.playbook_key = $5 and o.sent and o.share > 0 and o.change is not "
    "null"
    "   and o.as_of >= $3::date and o.as_of < $4::date order by o.as_of limit 1) o on true"
    " where m.tenant_id = $1::uuid and m.experiment_id = $2::uuid"};
static const PgStmt PAIRS = {
    "coach_belief_pairs",
    "select g.margin, c.value from prediction g join prediction c on c.location_id = g.location_id"
    "   and c.agent_id = g.agent_id and c.as_of = g.as_of and c.kind = 'closings'"
    " where g.tenant_id = $1::uuid and g.kind = 'goal' and g.model_id is not null and c.model_id is not null"
    "   and g.as_of = (select max(as_of) from prediction where tenant_id = $1::uuid and kind = 'goal'"
    "     and as_of <= $2::date)"};
static const PgStmt STORE = {
    "coach_belief_store",
    "with new as (select * from jsonb_to_recordset($2::jsonb) as n (key text, tier text, prior float8,"
    "   mean float8, sd float8, n bigint)),"
    " gone as (delete from coach_belief b where b.tenant_id = $1::uuid"
    "   and b.playbook_key not in (select key from new))"
    " insert into coach_belief (tenant_id, playbook_key, tier, prior, mean, sd, n)"
    "   select $1::uuid, key, tier, prior, mean, sd, n from new"
    "   on conflict (tenant_id, playbook_key, tier) do update set prior = excluded.prior,"
    "     mean = excluded.mean, sd = excluded.sd, n = excluded.n, updated_at = now()"};
static const PgStmt READ = {"coach_belief_read",
                            "select playbook_key, tier, mean, sd, n from coach_belief where tenant_id = "
                            "$1::uuid"};
static const PgStmt IS_ON = {"coach_belief_on", "select learned_choice from tenant where id = $1::uuid"};
static const PgStmt SWITCH = {"coach_belief_switch",
                              "update tenant set learned_choice = $2::boolean where id = $1::uuid"};

typedef struct Outcome {
    Uuid id, agent;
    int play;
    int32_t as_of;
    CoachTier tier;
    double share, change, variance;
    bool counts;
} Outcome;

typedef struct Run {
    PgShards *s;
    Uuid tenant;
    Deadline by;
    int32_t as_of;
    CoachPlaybook book;
    CoachBelief *beliefs;
    Outcome *outcomes;
    int64_t n;
    double slope, slope_se;
    CoachBeliefSummary *sum;
} Run;

static Str key_of(const Uuid *id)
{
    return (Str){(const char *)id->b, sizeof(id->b)};
}

static int play_index(const CoachPlaybook *book, Str key)
{
    for (int i = 0; i < book->n; i++)
        if (str_eq_c(key, book->plays[i].key))
            return i;
    return -1;
}

/* ---- outcomes ------------------------------------------------------------------------------------------------------ */

/* By agent, intervention and time: a second one within four weeks stands behind the first. */
static int by_agent(const void *a, const void *b)
{
    const Outcome *x = a, *y = b;
    int c = memcmp(x->agent.b, y->agent.b, sizeof(x->agent.b));
    if (c == 0)
        c = x->play - y->play;
    if (c == 0)
        c = (x->as_of > y->as_of) - (x->as_of < y->as_of);
    return c ? c : memcmp(x->id.b, y->id.b, sizeof(x->id.b));
}

static ErrKind read_outcomes(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &OUTCOMES,
                         PG_PARAMS(pg_uuid(run->tenant), pg_i64(OUTCOMES_MAX / PG_SHARDS)), run->by, results,
                         reterr));
    int64_t n = pg_results_rows(results);
    run->outcomes = mem_array((size_t)MAX(n, 1), sizeof *run->outcomes);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            const PgResult *r = results[k];
            Outcome o = {.id = pg_get_uuid(r, row, 0),
                         .agent = pg_get_uuid(r, row, 1),
                         .play = play_index(&run->book, pg_str(r, row, 2)),
                         .as_of = (int32_t)pg_get_i64(r, row, 3),
                         .share = pg_get_f64(r, row, 5),
                         .change = pg_get_f64(r, row, 6),
                         .variance = pg_get_f64(r, row, 7)};
            if (o.play >= 0 && coach_tier_parse(pg_str(r, row, 4), &o.tier))
                run->outcomes[run->n++] = o;
        }
    pg_results_free(results);
    qsort(run->outcomes, (size_t)run->n, sizeof *run->outcomes, by_agent);
    return ERR_NONE;
}

static void mark_first(Run *run)
{
    const Outcome *last = NULL;
    for (int64_t i = 0; i < run->n; i++) {
        Outcome *o = &run->outcomes[i];
        o->counts = !last || last->play != o->play || !uuid_eq(last->agent, o->agent) ||
                    o->as_of >= last->as_of + COACH_OUTCOME_DAYS;
        last = o->counts ? o : last;
    }
}

/* double[book.n]: what one outcome of each intervention varies by. */
static void mean_variances(const Run *run, double *ret)
{
    CLEANUP(mem_freep) int64_t *n = mem_array((size_t)MAX(run->book.n, 1), sizeof *n);
    for (int64_t i = 0; i < run->n; i++)
        if (run->outcomes[i].counts) {
            ret[run->outcomes[i].play] += run->outcomes[i].variance;
            n[run->outcomes[i].play]++;
        }
    for (int k = 0; k < run->book.n; k++)
        ret[k] /= (double)MAX(n[k], 1);
}

static void learn_outcomes(Run *run)
{
    CLEANUP(mem_freep) double *variance = mem_array((size_t)MAX(run->book.n, 1), sizeof *variance);
    mean_variances(run, variance);
    for (int64_t i = 0; i < run->n; i++) {
        const Outcome *o = &run->outcomes[i];
        double least = COACH_BELIEF_LEAST_SD * o->share;
        if (!o->counts)
            continue;
        coach_learn_change(&run->beliefs[o->play], o->tier, o->share, o->change,
                           fmax(variance[o->play], least * least));
        run->sum->used++;
    }
}

/* ---- studies ------------------------------------------------------------------------------------------------------- */

/* Of the goal's log-odds on the expected closings; NAN: cannot be told. */
static ErrKind read_slope(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    run->slope = NAN;
    TRY(pg_shard_scatter(run->s, run->tenant, &PAIRS, PG_PARAMS(pg_uuid(run->tenant), pg_date(run->as_of)),
                         run->by, results, reterr));
    int64_t n = 0, at = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        n += pg_rows(results[k]);
    CLEANUP(mem_freep) double *x = mem_array((size_t)MAX(2 * n, 1), sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)MAX(n, 1), sizeof *y);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            x[at] = 1;
            x[n + at] = pg_get_f64(results[k], row, 1);
            y[at++] = pg_get_f64(results[k], row, 0);
        }
    pg_results_free(results);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    StatsEstimate e;
    if (n < SLOPE_AGENTS || stats_ols(x, y, NULL, n, 2, &o, NULL) || !o->kept[1] ||
        stats_ols_of(o, (const double[]){0, 1}, (StatsClusters){NULL, 0}, 0.95, &e, NULL))
        return ERR_NONE;
    if (e.estimate > 2 * e.se) {
        run->slope = e.estimate;
        run->slope_se = e.se;
    }
    return ERR_NONE;
}

/* Whose outcomes in the study's days do not count for themselves. */
static void leave_out(Run *run, const CoachStudy *st, int play, const StrMap *agents)
{
    uint32_t ignored;
    for (int64_t i = 0; i < run->n; i++) {
        Outcome *o = &run->outcomes[i];
        if (o->play == play && o->as_of >= st->from && o->as_of < st->to &&
            strmap_get(agents, key_of(&o->agent), &ignored))
            o->counts = false;
    }
}

static ErrKind learn_study(Run *run, const CoachStudy *st, Err *reterr)
{
    int play = play_index(&run->book, str_from(st->key));
    if (play < 0 || isnan(run->slope))
        return ERR_NONE;
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &ARMS,
                         PG_PARAMS(pg_uuid(run->tenant), pg_uuid(st->experiment), pg_date(st->from),
                                   pg_date(st->to), pg_cstr(st->key)),
                         run->by, results, reterr));
    CLEANUP(strmap_freep) StrMap *agents = strmap_new();
    double h[COACH_N_TIERS] = {0}, treated = 0, got = 0;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            Uuid agent = pg_get_uuid(results[k], row, 0);
            CoachTier tier;
            (void)strmap_add(agents, key_of(&agent), 0);
            if (!pg_get_bool(results[k], row, 1))
                continue;
            treated++;
            if (coach_tier_parse(pg_str(results[k], row, 2), &tier)) {
                h[tier] += pg_get_f64(results[k], row, 3);
                got++;
            }
        }
    pg_results_free(results);
    if (got == 0)
        return ERR_NONE;
    for (int t = 0; t < COACH_N_TIERS; t++)
        h[t] /= treated;
    coach_learn_study(&run->beliefs[play], h, st->effect * run->slope,
                      hypot(run->slope * st->se, st->effect * run->slope_se));
    leave_out(run, st, play, agents);
    run->sum->studies++;
    return ERR_NONE;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static ErrKind store(Run *run, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(JSON_MAX);
    Jw w = jw(&json);
    jw_arr(&w);
    for (int k = 0; k < run->book.n; k++)
        for (int t = 0; t < COACH_N_TIERS; t++) {
            jw_obj(&w);
            jw_kv_cstr(&w, "key", run->book.plays[k].key);
            jw_kv_cstr(&w, "tier", coach_tier_name((CoachTier)t));
            jw_kv_f64(&w, "prior", run->book.plays[k].prior_effect);
            jw_kv_f64(&w, "mean", run->beliefs[k].mean[t]);
            jw_kv_f64(&w, "sd", coach_belief_sd(&run->beliefs[k], (CoachTier)t));
            jw_kv_i64(&w, "n", run->beliefs[k].n[t]);
            jw_end(&w);
        }
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    return pg_control_query(run->s, run->tenant, &STORE,
                            PG_PARAMS(pg_uuid(run->tenant), pg_cstr(buf_cstr(&json))), run->by, NULL, reterr);
}

static ErrKind update(Run *run, const CoachStudy *studies, int n_studies, Err *reterr)
{
    for (int k = 0; k < run->book.n; k++)
        run->beliefs[k] = coach_belief(run->book.plays[k].prior_effect);
    TRY(coach_outcome_measure(run->s, run->tenant, &run->book, run->as_of, run->by, &run->sum->outcomes,
                              reterr));
    TRY(read_outcomes(run, reterr));
    mark_first(run);
    TRY(read_slope(run, reterr));
    run->sum->slope = run->slope;
    for (int i = 0; i < n_studies; i++)
        TRY(learn_study(run, &studies[i], reterr));
    learn_outcomes(run);
    return store(run, reterr);
}

ErrKind coach_belief_update(PgShards *s, Uuid tenant, int32_t as_of, const CoachStudy *studies, int n_studies,
                            Deadline by, CoachBeliefSummary *ret, Err *reterr)
{
    *ret = (CoachBeliefSummary){.slope = NAN};
    Run run = {.s = s, .tenant = tenant, .by = by, .as_of = as_of, .sum = ret};
    if (as_of == INT32_MIN)
        TRY(coach_horizon(s, tenant, by, &run.as_of, NULL, NULL, reterr));
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    TRY(coach_playbook_get(s, tenant, arena, by, &run.book, reterr));
    run.beliefs = mem_array((size_t)MAX(run.book.n, 1), sizeof *run.beliefs);
    ErrKind kind = update(&run, studies, n_studies, reterr);
    mem_free(run.beliefs);
    mem_free(run.outcomes);
    return kind;
}

ErrKind coach_belief_read(PgShards *s, Uuid tenant, const CoachPlaybook *book, Deadline by, CoachBelief *ret,
                          Err *reterr)
{
    for (int k = 0; k < book->n; k++)
        ret[k] = coach_belief(book->plays[k].prior_effect);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &READ, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    for (int row = 0; row < pg_rows(r); row++) {
        int k = play_index(book, pg_str(r, row, 0));
        CoachTier t;
        double sd = pg_get_f64(r, row, 3);
        if (k < 0 || !coach_tier_parse(pg_str(r, row, 1), &t))
            continue;
        ret[k].mean[t] = pg_get_f64(r, row, 2);
        ret[k].cov[t][t] = sd * sd;
        ret[k].n[t] = pg_get_i64(r, row, 4);
        for (int other = 0; other < COACH_N_TIERS; other++)
            if (other != (int)t)
                ret[k].cov[t][other] = ret[k].cov[other][t] = 0;
    }
    return ERR_NONE;
}

ErrKind coach_belief_on(PgShards *s, Uuid tenant, Deadline by, bool *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &IS_ON, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    *ret = pg_rows(r) > 0 && pg_get_bool(r, 0, 0);
    return ERR_NONE;
}

ErrKind coach_belief_switch(PgShards *s, Uuid tenant, bool on, Deadline by, Err *reterr)
{
    return pg_control_query(s, tenant, &SWITCH, PG_PARAMS(pg_uuid(tenant), pg_bool(on)), by, NULL, reterr);
}
