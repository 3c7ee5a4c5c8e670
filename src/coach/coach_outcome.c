/* coach_outcome.c - see coach_outcome.h. Date by date, so that two days of predictions are in memory, not a year. */
#include "coach/coach_outcome.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "coach/coach_learn.h"
#include "coach/coach_predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AGENTS_MAX 100000
#define DUE_MAX 1000000
#define DAY_JSON_MAX (64u << 20)

/* Decided, with a prediction before: what was sent, and what was refused of a choice whose chance is known. */
static const PgStmt DUE = {
    "coach_outcome_due",
    "select i.id, i.location_id, i.agent_id, coalesce(i.replaced_key, i.playbook_key), i.sent_at is not null,"
    " p.as_of - date '1970-01-01' from intervention i"
    " join prediction p on p.location_id = i.location_id and p.id = i.prediction_id"
    " where i.tenant_id = $1::uuid and i.decided_at is not null"
    " and (i.sent_at is not null or i.propensity is not null) and p.as_of > $2::date"
    " and not exists (select from coach_outcome o where o.location_id = i.location_id"
    "   and o.intervention_id = i.id)"};
static const PgStmt AFTER = {
    "coach_outcome_after", "select min(as_of) - date '1970-01-01' from prediction where tenant_id = $1::uuid"
                           " and kind = 'goal' and as_of between $2::date and $3::date"};
static const PgStmt DAY = {"coach_outcome_day",
                           "select " COACH_PREDICTION_COLUMNS " from prediction"
                           " where tenant_id = $1::uuid and kind = 'goal' and as_of = $2::date"};
/* What was sent counts for the date of its prediction; without one for the day it was sent. */
static const PgStmt COACHED = {
    "coach_outcome_coached",
    "select i.agent_id from intervention i left join prediction p on p.location_id = i.location_id"
    "   and p.id = i.prediction_id where i.tenant_id = $1::uuid and i.sent_at is not null"
    "   and coalesce(p.as_of, (i.sent_at at time zone 'UTC')::date) >= $2::date"
    "   and coalesce(p.as_of, (i.sent_at at time zone 'UTC')::date) < $3::date"};
static const PgStmt STORE = {
    "coach_outcome_store",
    "insert into coach_outcome (location_id, intervention_id, tenant_id, agent_id, playbook_key, sent, as_of,"
    " until, tier, share, change, variance, gain, compared)"
    " select location, id, $1::uuid, agent, key, sent, date '1970-01-01' + as_of, date '1970-01-01' + until,"
    " tier, share, change, variance, gain, compared from jsonb_to_recordset($2::jsonb) as n (location uuid,"
    " id uuid, agent uuid, key text, sent boolean, as_of int, until int, tier text, share float8,"
    " change float8, variance float8, gain float8, compared int)"
    " on conflict do nothing"};

typedef struct Due {
    Uuid id, location, agent;
    char key[64];
    bool sent;
    int32_t as_of;
    int shard;
} Due;

/* One agent on the first date. */
typedef struct Agent {
    CoachPrediction before, after;
    CoachStanding standing; /* before */
    CoachTier tier;
    bool has_after, coached;
} Agent;

typedef struct Run {
    PgShards *s;
    Uuid tenant;
    Deadline by;
    const CoachPlaybook *book;
    const CoachModels *models;
    int32_t horizon;
    Due *due;
    int64_t n_due;
    Agent *agents;
    int n;
    StrMap *by_agent;
    double *x, *y; /* double[n], of the compared ones */
    CoachOutcomeSummary *sum;
} Run;

/* ---- the line ------------------------------------------------------------------------------------------------------ */

bool coach_outcome_expected(const double *before, const double *after, int64_t n, double own,
                            double *ret_expected, double *ret_variance)
{
    double mx = 0, my = 0, sxx = 0, sxy = 0, rss = 0;
    if (n < COACH_OUTCOME_COMPARED)
        return false;
    for (int64_t i = 0; i < n; i++) {
        mx += before[i] / (double)n;
        my += after[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        sxx += (before[i] - mx) * (before[i] - mx);
        sxy += (before[i] - mx) * (after[i] - my);
    }
    bool line = sxx > 1e-12 * (double)n * mx * mx; /* else all the same, but for rounding */
    double slope = line ? sxy / sxx : 0;
    for (int64_t i = 0; i < n; i++) {
        double e = after[i] - my - slope * (before[i] - mx);
        rss += e * e;
    }
    double df = (double)(n - (line ? 2 : 1)), s2 = rss / (df - 2); /* Student's t has df / (df - 2) */
    *ret_expected = my + slope * (own - mx);
    *ret_variance = s2 * (1 + 1 / (double)n + (line ? (own - mx) * (own - mx) / sxx : 0));
    return isfinite(*ret_expected) && isfinite(*ret_variance) && *ret_variance > 1e-12;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static Str key_of(const Uuid *id)
{
    return (Str){(const char *)id->b, sizeof(id->b)};
}

static int by_date(const void *a, const void *b)
{
    const Due *x = a, *y = b;
    return x->as_of != y->as_of ? (x->as_of < y->as_of ? -1 : 1) : memcmp(x->id.b, y->id.b, sizeof(x->id.b));
}

static ErrKind read_due(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &DUE,
                         PG_PARAMS(pg_uuid(run->tenant), pg_date(run->horizon - COACH_OUTCOME_BACK_DAYS)),
                         run->by, results, reterr));
    int64_t n = pg_results_rows(results);
    run->due = mem_array((size_t)MIN(MAX(n, 1), DUE_MAX), sizeof *run->due);
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]) && run->n_due < DUE_MAX; row++) {
            const PgResult *r = results[k];
            Due d = {.id = pg_get_uuid(r, row, 0),
                     .location = pg_get_uuid(r, row, 1),
                     .agent = pg_get_uuid(r, row, 2),
                     .sent = pg_get_bool(r, row, 4),
                     .as_of = (int32_t)pg_get_i64(r, row, 5),
                     .shard = k};
            if (d.as_of + COACH_OUTCOME_DAYS > run->horizon)
                run->sum->waiting++;
            else if (str_copy(d.key, sizeof(d.key), pg_str(r, row, 3)))
                run->due[run->n_due++] = d;
        }
    pg_results_free(results);
    qsort(run->due, (size_t)run->n_due, sizeof *run->due, by_date);
    return ERR_NONE;
}

/* INT32_MIN: none (yet). */
static ErrKind second_date(Run *run, int32_t first, int32_t *ret, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    int32_t from = first + COACH_OUTCOME_DAYS, to = MIN(from + COACH_OUTCOME_LATE_DAYS, run->horizon);
    TRY(pg_shard_scatter(run->s, run->tenant, &AFTER,
                         PG_PARAMS(pg_uuid(run->tenant), pg_date(from), pg_date(to)), run->by, results,
                         reterr));
    *ret = INT32_MIN;
    for (int k = 0; k < PG_SHARDS; k++)
        if (!pg_is_null(results[k], 0, 0)) {
            int32_t day = (int32_t)pg_get_i64(results[k], 0, 0);
            *ret = *ret == INT32_MIN ? day : MIN(*ret, day);
        }
    pg_results_free(results);
    return ERR_NONE;
}

/* Scored by the model of now; agent, location and medians as they were. */
static bool read_prediction(const Run *run, const PgResult *r, int row, CoachPrediction *ret)
{
    float x[COACH_N_FEATURES];
    if (!coach_prediction_from_row(r, row, 0, ret))
        return false;
    memcpy(x, ret->x, sizeof x);
    coach_score(run->models, COACH_GOAL, x, ret);
    return true;
}

static ErrKind read_before(Run *run, int32_t date, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &DAY, PG_PARAMS(pg_uuid(run->tenant), pg_date(date)), run->by,
                         results, reterr));
    int64_t n = pg_results_rows(results);
    if (n > AGENTS_MAX) {
        pg_results_free(results);
        return err_set(reterr, ERR_LIMIT, "%lld agents, at most %d", (long long)n, AGENTS_MAX);
    }
    run->n = 0;
    run->agents = mem_array((size_t)MAX(n, 1), sizeof *run->agents);
    run->x = mem_array((size_t)MAX(n, 1), sizeof *run->x);
    run->y = mem_array((size_t)MAX(n, 1), sizeof *run->y);
    run->by_agent = strmap_new();
    bool ok = true;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]) && ok; row++) {
            Agent *a = &run->agents[run->n];
            *a = (Agent){.has_after = false};
            ok = read_prediction(run, results[k], row, &a->before);
            coach_standing_shap(&a->before, &a->standing);
            if (ok)
                (void)strmap_add(run->by_agent, key_of(&a->before.agent), (uint32_t)run->n++);
        }
    pg_results_free(results);
    return ok ? ERR_NONE
              : err_set(reterr, ERR_CORRUPT, "a stored prediction cannot be read: predict that date again");
}

static Agent *find(const Run *run, Uuid agent)
{
    uint32_t i;
    return strmap_get(run->by_agent, key_of(&agent), &i) ? &run->agents[i] : NULL;
}

static ErrKind read_after(Run *run, int32_t date, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &DAY, PG_PARAMS(pg_uuid(run->tenant), pg_date(date)), run->by,
                         results, reterr));
    bool ok = true;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]) && ok; row++) {
            Agent *a = find(run, pg_get_uuid(results[k], row, COACH_PREDICTION_COL_AGENT));
            if (!a)
                continue;
            ok = read_prediction(run, results[k], row, &a->after);
            a->has_after = ok;
        }
    pg_results_free(results);
    return ok ? ERR_NONE
              : err_set(reterr, ERR_CORRUPT, "a stored prediction cannot be read: predict that date again");
}

static ErrKind read_coached(Run *run, int32_t from, int32_t to, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &COACHED,
                         PG_PARAMS(pg_uuid(run->tenant), pg_date(from), pg_date(to)), run->by, results,
                         reterr));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            Agent *a = find(run, pg_get_uuid(results[k], row, 0));
            if (a)
                a->coached = true;
        }
    pg_results_free(results);
    return ERR_NONE;
}

static void mark_tiers(Run *run)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)MAX(run->n, 1), sizeof *v);
    for (int i = 0; i < run->n; i++)
        v[i] = (double)run->agents[i].before.x[COACH_F_closings_365d];
    CoachThirds thirds = coach_thirds(v, run->n);
    for (int i = 0; i < run->n; i++) {
        const float *x = run->agents[i].before.x;
        run->agents[i].tier =
            coach_tier((double)x[COACH_F_tenure_days], (double)x[COACH_F_closings_365d], thirds);
    }
}

/* ---- measuring ----------------------------------------------------------------------------------------------------- */

/* How high the agent stands in the drivers of a play that it was behind in before; in the chance to reach the goal when
 * fit is NULL. */
static double level(const CoachPrediction *p, const CoachOpen *fit)
{
    double sum = 0;
    if (!fit)
        return p->value;
    for (int i = 0; i < fit->n_drivers; i++)
        sum += p->shap[fit->drivers[i]];
    return sum;
}

/* The others fit as the agent does: behind in drivers of the play (-1: the goal, where all fit). */
static int compared(Run *run, const Agent *own, int play, bool all_tiers)
{
    int n = 0;
    for (int i = 0; i < run->n; i++) {
        const Agent *a = &run->agents[i];
        if (a == own || a->coached || !a->has_after || (!all_tiers && a->tier != own->tier))
            continue;
        CoachOpen fit = {.share = 1};
        if (play >= 0)
            fit = coach_choose_fit(run->book, play, &a->standing);
        if (fit.share <= 0)
            continue;
        run->x[n] = level(&a->before, play < 0 ? NULL : &fit);
        run->y[n++] = level(&a->after, play < 0 ? NULL : &fit);
    }
    return n;
}

/* NAN: there is nobody to compare with. */
static double over_others(Run *run, const Agent *own, int play, const CoachOpen *fit, double *ret_variance,
                          int *ret_n)
{
    double expected;
    *ret_n = compared(run, own, play, false);
    if (*ret_n < COACH_OUTCOME_COMPARED)
        *ret_n = compared(run, own, play, true);
    if (!coach_outcome_expected(run->x, run->y, *ret_n, level(&own->before, fit), &expected, ret_variance))
        return NAN;
    return level(&own->after, fit) - expected;
}

static int play_index(const CoachPlaybook *book, const char *key)
{
    for (int i = 0; i < book->n; i++)
        if (strcmp(key, book->plays[i].key) == 0)
            return i;
    return -1;
}

static void measure(Run *run, const Due *d, int32_t until, Jw *w)
{
    const Agent *a = run->by_agent ? find(run, d->agent) : NULL;
    double share = NAN, change = NAN, variance = NAN, gain = NAN, ignored;
    int n = 0, play = play_index(run->book, d->key);
    bool both = a && a->has_after;
    if (both)
        gain = over_others(run, a, -1, NULL, &ignored, &n);
    if (both && d->sent && play >= 0) {
        CoachOpen fit = coach_choose_fit(run->book, play, &a->standing);
        share = fit.share;
        if (share > 0)
            change = over_others(run, a, play, &fit, &variance, &n);
    }
    bool figure = isfinite(change) || (!d->sent && isfinite(gain));
    *(figure ? &run->sum->measured : &run->sum->unmeasured) += 1;
    jw_obj(w);
    jw_kv_uuid(w, "location", d->location);
    jw_kv_uuid(w, "id", d->id);
    jw_kv_uuid(w, "agent", d->agent);
    jw_kv_cstr(w, "key", d->key);
    jw_kv_bool(w, "sent", d->sent);
    jw_kv_i64(w, "as_of", d->as_of);
    if (both)
        jw_kv_i64(w, "until", until);
    jw_kv_cstr(w, "tier", a ? coach_tier_name(a->tier) : NULL);
    jw_kv_f64(w, "share", share);
    jw_kv_f64(w, "change", change);
    jw_kv_f64(w, "variance", isfinite(change) ? variance : NAN);
    jw_kv_f64(w, "gain", gain);
    jw_kv_i64(w, "compared", n);
    jw_end(w);
}

/* The decisions due[from .. to) are of one date. */
static ErrKind store_shard(Run *run, int64_t from, int64_t to, int shard, int32_t until, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(DAY_JSON_MAX);
    Jw w = jw(&json);
    int64_t any = -1;
    jw_arr(&w);
    for (int64_t i = from; i < to; i++)
        if (run->due[i].shard == shard) {
            measure(run, &run->due[i], until, &w);
            any = i;
        }
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    if (any < 0)
        return ERR_NONE;
    return pg_shard_query(run->s, run->tenant, pg_slot_of_location(run->due[any].location), &STORE,
                          PG_PARAMS(pg_uuid(run->tenant), pg_cstr(buf_cstr(&json))), run->by, NULL, reterr);
}

static void forget_day(Run *run)
{
    strmap_free(run->by_agent);
    run->by_agent = NULL;
    mem_free(run->agents);
    mem_free(run->x);
    mem_free(run->y);
    run->agents = NULL;
    run->x = run->y = NULL;
    run->n = 0;
}

static ErrKind read_days(Run *run, int32_t first, int32_t second, Err *reterr)
{
    TRY(read_before(run, first, reterr));
    TRY(read_after(run, second, reterr));
    TRY(read_coached(run, first, second, reterr));
    mark_tiers(run);
    return ERR_NONE;
}

static ErrKind measure_date(Run *run, int64_t from, int64_t to, Err *reterr)
{
    int32_t first = run->due[from].as_of, second;
    TRY(second_date(run, first, &second, reterr));
    if (second == INT32_MIN && first + COACH_OUTCOME_DAYS + COACH_OUTCOME_LATE_DAYS > run->horizon) {
        run->sum->waiting += to - from;
        return ERR_NONE;
    }
    ErrKind kind = second == INT32_MIN ? ERR_NONE : read_days(run, first, second, reterr);
    for (int k = 0; k < PG_SHARDS && !kind; k++)
        kind = store_shard(run, from, to, k, second, reterr);
    forget_day(run);
    return kind;
}

ErrKind coach_outcome_measure(PgShards *s, Uuid tenant, const CoachPlaybook *book, int32_t as_of, Deadline by,
                              CoachOutcomeSummary *ret, Err *reterr)
{
    *ret = (CoachOutcomeSummary){.measured = 0};
    CLEANUP(coach_models_unrefp) const CoachModels *models = NULL;
    TRY(coach_models_get(s, tenant, by, &models, reterr));
    if (!models->of[COACH_GOAL].gbt)
        return ERR_NONE;
    Run run = {
        .s = s, .tenant = tenant, .by = by, .book = book, .models = models, .horizon = as_of, .sum = ret};
    ErrKind kind = read_due(&run, reterr);
    for (int64_t from = 0, to; from < run.n_due && !kind; from = to) {
        for (to = from + 1; to < run.n_due && run.due[to].as_of == run.due[from].as_of;)
            to++;
        kind = measure_date(&run, from, to, reterr);
    }
    mem_free(run.due);
    return kind;
}
