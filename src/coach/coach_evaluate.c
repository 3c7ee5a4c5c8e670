/* coach_evaluate.c - see coach_evaluate.h. */
#include "coach/coach_evaluate.h"

#include "base/jv.h"
#include "base/mem.h"
#include "base/strmap.h"

#include <math.h>
#include <stdio.h>

#define DECISIONS_MAX 400000

static const PgStmt DECISIONS = {
    "coach_evaluate_decisions",
    "select i.agent_id, i.playbook_key, i.choice::text, o.gain from intervention i"
    " join coach_outcome o on o.location_id = i.location_id and o.intervention_id = i.id"
    " where i.tenant_id = $1::uuid and i.rank = 1 and i.propensity is not null and o.gain is not null"
    " order by o.as_of desc, i.id limit $2::int"};
static const PgStmt WITHOUT = {
    "coach_evaluate_without",
    "select count(*) from intervention where tenant_id = $1::uuid and rank = 1 and decided_at is not null"
    " and propensity is null"};

static double sigmoid(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

const char *coach_judged_name(CoachJudged j)
{
    static const char *const NAMES[] = {
#define X(id, name, what) name,
        COACH_JUDGED(X)
#undef X
    };
    return NAMES[j];
}

const char *coach_judged_words(CoachJudged j)
{
    static const char *const WORDS[] = {
#define X(id, name, what) what,
        COACH_JUDGED(X)
#undef X
    };
    return WORDS[j];
}

/* ---- one decision -------------------------------------------------------------------------------------------------- */

static bool parse_open(const Jv *open, Str key, CoachDecided *ret)
{
    for (int o = 0; o < ret->n_open; o++) {
        const Jv *one = jv_at(open, (size_t)o);
        CoachChance *c = &ret->open[o];
        *c = (CoachChance){jv_get_f64(one, "share", NAN), jv_get_f64(one, "most", INFINITY),
                           jv_get_f64(one, "prior", NAN), jv_get_f64(one, "mean", NAN),
                           jv_get_f64(one, "p", NAN)};
        if (!isfinite(c->share + c->prior + c->mean) || !(c->p >= 0 && c->p <= 1))
            return false;
        if (str_eq(jv_get_str(one, "key"), key))
            ret->taken = o;
    }
    return ret->taken >= 0 && ret->open[ret->taken].p > 0;
}

bool coach_decided_parse(Str choice, Str key, CoachDecided *ret)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    if (jv_parse(choice, &v, NULL))
        return false;
    const Jv *open = jv_get(v, "open");
    *ret = (CoachDecided){.margin = jv_get_f64(v, "margin", NAN), .n_open = (int)jv_len(open), .taken = -1};
    if (!isfinite(ret->margin) || ret->n_open < 1 || ret->n_open > COACH_PLAYS_MAX)
        return false;
    ret->open = mem_array((size_t)ret->n_open, sizeof *ret->open);
    bool ok = parse_open(open, key, ret);
    if (!ok)
        coach_decided_done(ret);
    return ok;
}

void coach_decided_done(CoachDecided *d)
{
    mem_free(d->open);
    d->open = NULL;
}

static double delta(const CoachChance *c, double effect)
{
    CoachOpen open = {.share = c->share, .most = c->most};
    return coach_choose_delta(&open, effect);
}

/* What is best by the effects; -1: nothing helps. */
static int best(const CoachDecided *d, CoachJudged j)
{
    int at = -1;
    double most = 0;
    for (int o = 0; o < d->n_open; o++) {
        double v = delta(&d->open[o], j == COACH_JUDGED_PRIOR ? d->open[o].prior : d->open[o].mean);
        if (v > most) {
            most = v;
            at = o;
        }
    }
    return at;
}

static double expected(const CoachDecided *d, int o)
{
    return o < 0 ? 0 : sigmoid(d->margin + delta(&d->open[o], d->open[o].mean)) - sigmoid(d->margin);
}

CoachLogged coach_evaluate_log(const CoachDecided *d, CoachJudged j)
{
    double all = 0;
    for (int o = 0; o < d->n_open; o++)
        all += d->open[o].p;
    double p = fmin(d->open[d->taken].p / all, 1);
    int chosen = j == COACH_JUDGED_DONE ? d->taken : best(d, j);
    return (CoachLogged){.logged_p = p,
                         .judged_p = j == COACH_JUDGED_DONE ? p : (chosen == d->taken ? 1 : 0),
                         .reward = d->gain,
                         .expected = expected(d, d->taken),
                         .judged_expected = expected(d, chosen),
                         .agent = d->agent};
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

CoachJudgement coach_evaluate_judge(const CoachDecided *list, int64_t n, int32_t n_agents, CoachJudged j)
{
    CoachJudgement ret = {.effective = 0};
    CLEANUP(mem_freep) CoachLogged *log = mem_array((size_t)MAX(n, 1), sizeof *log);
    Err err = {.msg = ""};
    for (int64_t i = 0; i < n; i++)
        log[i] = coach_evaluate_log(&list[i], j);
    ret.effective = coach_learn_effective(log, n);
    if (ret.effective < COACH_EVALUATE_LEAST) {
        (void)snprintf(ret.refusal, sizeof(ret.refusal),
                       "the log holds as much about it as %.1f decisions would: at least %.0f are needed",
                       ret.effective, COACH_EVALUATE_LEAST);
        return ret;
    }
    if (coach_learn_value(log, n, n_agents, &ret.robust, &err) ||
        coach_learn_ratio(log, n, n_agents, &ret.ratio, &err))
        (void)snprintf(ret.refusal, sizeof(ret.refusal), "%s", err.msg);
    return ret;
}

static ErrKind read_decisions(const PgResult *const results[PG_SHARDS], CoachDecided *list, int64_t *ret_n,
                              int32_t *ret_agents, Err *reterr)
{
    CLEANUP(strmap_freep) StrMap *agents = strmap_new();
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            const PgResult *r = results[k];
            Uuid agent = pg_get_uuid(r, row, 0);
            Str key = {(const char *)agent.b, sizeof(agent.b)};
            uint32_t number = (uint32_t)strmap_len(agents);
            CoachDecided *d = &list[*ret_n];
            if (!coach_decided_parse(pg_str(r, row, 2), pg_str(r, row, 1), d))
                return err_set(reterr, ERR_CORRUPT,
                               "the choice that is kept with a suggestion of %.40s cannot be read",
                               pg_str(r, row, 1).ptr);
            if (!strmap_add(agents, key, number))
                (void)strmap_get(agents, key, &number);
            d->agent = (int32_t)number;
            d->gain = pg_get_f64(r, row, 3);
            ++*ret_n;
        }
    *ret_agents = (int32_t)strmap_len(agents);
    return ERR_NONE;
}

static ErrKind count_without(PgShards *s, Uuid tenant, Deadline by, int64_t *ret, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &WITHOUT, PG_PARAMS(pg_uuid(tenant)), by, results, reterr));
    for (int k = 0; k < PG_SHARDS; k++) {
        *ret += pg_get_i64(results[k], 0, 0);
        pg_result_free(results[k]);
    }
    return ERR_NONE;
}

ErrKind coach_evaluate(PgShards *s, Uuid tenant, Deadline by, CoachEvaluation *ret, Err *reterr)
{
    *ret = (CoachEvaluation){.decisions = 0};
    PgResult *results[PG_SHARDS] = {0};
    TRY(count_without(s, tenant, by, &ret->without_propensity, reterr));
    TRY(pg_shard_scatter(s, tenant, &DECISIONS, PG_PARAMS(pg_uuid(tenant), pg_i64(DECISIONS_MAX / PG_SHARDS)),
                         by, results, reterr));
    int64_t n = pg_results_rows(results);
    CLEANUP(mem_freep) CoachDecided *list = mem_array((size_t)MAX(n, 1), sizeof *list);
    ErrKind kind =
        read_decisions((const PgResult *const *)results, list, &ret->decisions, &ret->agents, reterr);
    pg_results_free(results);
    for (int j = 0; j < COACH_N_JUDGED && !kind; j++)
        ret->of[j] = coach_evaluate_judge(list, ret->decisions, ret->agents, (CoachJudged)j);
    for (int64_t i = 0; i < ret->decisions; i++)
        coach_decided_done(&list[i]);
    return kind;
}
