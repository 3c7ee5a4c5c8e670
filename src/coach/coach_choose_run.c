/* coach_choose_run.c - suggestions for every agent of a tenant: read, rank, store office by office. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/strmap.h"
#include "coach/coach_belief.h"
#include "coach/coach_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_ARENA (8u << 20)
#define OFFICE_JSON_MAX (64u << 20)
#define AGENTS_MAX 100000

static const PgStmt SNAPSHOTS = {
    "coach_choose_snapshots",
    "select f.agent_id, f.location_id, f.x, a.name from feature_snapshot f"
    " join agent a on a.tenant_id = $1::uuid and a.location_id = f.location_id and a.id = f.agent_id"
    " where f.tenant_id = $1::uuid and f.as_of = $2::date and (a.left_on is null or a.left_on >= $2::date)"};
static const PgStmt PREDICTIONS = {
    "coach_choose_predictions",
    "select " COACH_PREDICTION_COLUMNS
    " from prediction where tenant_id = $1::uuid and kind = 'goal' and as_of = $2::date"
    " and model_id is not null"};
/* What was sent or refused; a change counts for the intervention that was chosen instead. */
static const PgStmt HISTORY = {
    "coach_choose_history",
    "select agent_id, coalesce(replaced_key, playbook_key), status = 'refused',"
    " date_part('epoch', $2::timestamptz - coalesce(sent_at, decided_at)) / 86400"
    " from intervention where tenant_id = $1::uuid and (sent_at > $2::timestamptz - interval '366 days'"
    "   or (status = 'refused' and decided_at > $2::timestamptz - interval '366 days'))"};
/* Of running experiments, at the moment. */
static const PgStmt HELD_BACK = {"coach_choose_held_back",
                                 "select agent_id, jsonb_array_elements_text(keys) from experiment_arm where "
                                 "tenant_id = $1::uuid and not closed"
                                 " and (opens_on is null or opens_on > $2::date)"};
static const PgStmt STORE = {
    "coach_choose_store",
    "with new as (select * from jsonb_to_recordset($3::jsonb) as n (id uuid, agent_id uuid, key text, "
    "prediction_id uuid,"
    "   rank int, score float8, reason jsonb, title text, agent_name text, policy text, propensity float8,"
    "   choice jsonb)),"
    " old as (update intervention set status = 'expired' where tenant_id = $1::uuid and location_id = "
    "$2::uuid"
    "   and status = 'suggested' returning 1),"
    " ins as (insert into intervention (location_id, id, tenant_id, agent_id, playbook_key, prediction_id, "
    "rank, score,"
    "     reason, status, policy, propensity, choice)"
    "   select $2::uuid, id, $1::uuid, agent_id, key, prediction_id, rank, score, reason, 'suggested', "
    "policy,"
    "     propensity, choice from new"
    "   returning id),"
    " told as (select live_publish($2::uuid, n.agent_id, 'intervention', jsonb_build_object('id', n.id, "
    "'agent_id',"
    "     n.agent_id, 'location_id', $2::uuid, 'key', n.key, 'title', n.title, 'status', 'suggested', "
    "'agent_name',"
    "     n.agent_name)) as seq from new n join ins on ins.id = n.id where n.rank = 1 order by n.score desc)"
    " select (select count(*) from old), (select count(*) from ins), (select count(seq) from told)"};

typedef struct Candidate {
    Uuid agent, location;
    Str name; /* in a result that outlives the run */
    float x[COACH_N_FEATURES];
    bool predicted;
    CoachPrediction goal;
    CoachPast past;
} Candidate;

typedef struct Run {
    PgShards *s;
    Uuid tenant;
    Deadline by;
    int32_t as_of;
    CoachPlaybook book;
    Candidate *agents;
    int n;
    StrMap *by_agent;
    CoachBelief *beliefs; /* NULL: the choice goes by the priors */
    CoachThirds thirds;
    CoachChooseSummary *sum;
    PgResult *snapshots[PG_SHARDS]; /* own the names */
} Run;

static Str key_of(const Uuid *id)
{
    return (Str){(const char *)id->b, sizeof(id->b)};
}

static Candidate *find(Run *run, Uuid agent)
{
    uint32_t i;
    return strmap_get(run->by_agent, key_of(&agent), &i) ? &run->agents[i] : NULL;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static int by_office(const void *a, const void *b)
{
    const Candidate *x = a, *y = b;
    int c = memcmp(x->location.b, y->location.b, sizeof(x->location.b));
    return c ? c : memcmp(x->agent.b, y->agent.b, sizeof(x->agent.b));
}

static ErrKind read_snapshots(Run *run, Err *reterr)
{
    const PgParam params[] = {pg_uuid(run->tenant), pg_date(run->as_of)};
    TRY(pg_shard_scatter(run->s, run->tenant, &SNAPSHOTS, params, 2, run->by, run->snapshots, reterr));
    if (pg_results_rows(run->snapshots) == 0) {
        pg_results_free(run->snapshots);
        TRY(coach_features_compute(run->s, run->tenant, run->as_of, run->by, NULL, reterr));
        TRY(pg_shard_scatter(run->s, run->tenant, &SNAPSHOTS, params, 2, run->by, run->snapshots, reterr));
    }
    int64_t n = pg_results_rows(run->snapshots);
    if (n > AGENTS_MAX)
        return err_set(reterr, ERR_LIMIT, "%lld agents, at most %d", (long long)n, AGENTS_MAX);
    run->agents = mem_array((size_t)MAX(n, 1), sizeof(Candidate));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(run->snapshots[k]); row++) {
            Candidate *c = &run->agents[run->n++];
            c->agent = pg_get_uuid(run->snapshots[k], row, 0);
            c->location = pg_get_uuid(run->snapshots[k], row, 1);
            c->name = pg_str(run->snapshots[k], row, 3);
            for (int i = 0; i < COACH_PLAYS_MAX; i++)
                c->past.days_since[i] = INFINITY;
            if (!coach_parse_reals(pg_str(run->snapshots[k], row, 2), c->x, COACH_N_FEATURES))
                return err_set(reterr, ERR_CORRUPT, "a feature snapshot does not hold %d numbers",
                               COACH_N_FEATURES);
        }
    qsort(run->agents, (size_t)run->n, sizeof(Candidate), by_office);
    for (int i = 0; i < run->n; i++)
        (void)strmap_add(run->by_agent, key_of(&run->agents[i].agent), (uint32_t)i);
    return ERR_NONE;
}

static ErrKind read_predictions(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &PREDICTIONS,
                         PG_PARAMS(pg_uuid(run->tenant), pg_date(run->as_of)), run->by, results, reterr));
    ErrKind kind = ERR_NONE;
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]) && kind == ERR_NONE; row++) {
            CoachPrediction p;
            if (!coach_prediction_from_row(results[k], row, 0, &p)) {
                kind = err_set(reterr, ERR_CORRUPT, "a stored prediction cannot be read: predict again");
                break;
            }
            Candidate *c = find(run, p.agent);
            if (!c)
                continue;
            c->goal = p;
            c->predicted = true;
        }
    pg_results_free(results);
    return kind;
}

static int play_index(const CoachPlaybook *book, Str key)
{
    for (int i = 0; i < book->n; i++)
        if (str_eq_c(key, book->plays[i].key))
            return i;
    return -1;
}

static ErrKind read_history(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(run->s, run->tenant, &HISTORY,
                         PG_PARAMS(pg_uuid(run->tenant), pg_time(clock_now_us())), run->by, results, reterr));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            Candidate *c = find(run, pg_get_uuid(results[k], row, 0));
            int play = play_index(&run->book, pg_str(results[k], row, 1));
            double days = pg_get_f64(results[k], row, 3);
            if (!c)
                continue;
            c->past.sent_7d += !pg_get_bool(results[k], row, 2) && days < 7.0;
            if (play >= 0)
                c->past.days_since[play] = fmin(c->past.days_since[play], days);
        }
    pg_results_free(results);
    return ERR_NONE;
}

static ErrKind read_held_back(Run *run, Err *reterr)
{
    PgResult *results[PG_SHARDS] = {0};
    int32_t today = (int32_t)(clock_now_us() / US_PER_DAY);
    TRY(pg_shard_scatter(run->s, run->tenant, &HELD_BACK, PG_PARAMS(pg_uuid(run->tenant), pg_date(today)),
                         run->by, results, reterr));
    for (int k = 0; k < PG_SHARDS; k++)
        for (int row = 0; row < pg_rows(results[k]); row++) {
            Candidate *c = find(run, pg_get_uuid(results[k], row, 0));
            int play = play_index(&run->book, pg_str(results[k], row, 1));
            if (c && play >= 0)
                c->past.held_back[play] = true;
        }
    pg_results_free(results);
    return ERR_NONE;
}

/* The lowest third of the tenant by closings in the year; nobody when all closed the same. */
static void mark_lowest(Run *run)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)MAX(run->n, 1), sizeof(double));
    int n = 0;
    for (int i = 0; i < run->n; i++)
        if (!isnan(run->agents[i].x[COACH_F_closings_365d]))
            v[n++] = (double)run->agents[i].x[COACH_F_closings_365d];
    run->thirds = coach_thirds(v, n);
    double third = run->thirds.lower, top = stats_quantile(v, n, 1.0);
    for (int i = 0; i < run->n; i++) {
        double own = (double)run->agents[i].x[COACH_F_closings_365d];
        run->agents[i].past.lowest_tier = own <= third && third < top;
    }
}

/* ---- one office ---------------------------------------------------------------------------------------------------- */

static float median_of(double *v, int n)
{
    return n ? (float)stats_quantile(v, n, 0.5) : NAN;
}

static void office_levels(const Candidate *agents, int n, float *median, float *mad)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof(double));
    for (int f = 0; f < COACH_N_FEATURES; f++) {
        int known = 0;
        for (int i = 0; i < n; i++)
            if (!isnan(agents[i].x[f]))
                v[known++] = (double)agents[i].x[f];
        median[f] = median_of(v, known);
        for (int i = 0; i < known; i++)
            v[i] = fabs(v[i] - (double)median[f]);
        mad[f] = median_of(v, known);
    }
}

/* What a driver without a prediction says: value and median, no points. */
static void gap_json(Jw *w, const CoachStanding *st, int feature)
{
    const CoachFeatureInfo *f = &COACH_FEATURES[feature];
    CLEANUP(buf_done) Buf text = BUF(1024);
    coach_words_gap(&text, f, (double)st->x[feature], (double)st->median[feature]);
    jw_obj(w);
    jw_kv_cstr(w, "feature", f->name);
    jw_kv_cstr(w, "label", f->label);
    jw_kv_f64(w, "value", (double)st->x[feature]);
    jw_kv_cstr(w, "unit", f->unit);
    jw_kv_f64(w, "median", (double)st->median[feature]);
    jw_key(w, "points");
    jw_null(w);
    jw_key(w, "shap");
    jw_null(w);
    jw_kv_str(w, "text", buf_str(&text));
    jw_end(w);
}

/* learned: a sentence, empty without one. */
static void reason_json(Jw *w, const Candidate *c, const CoachStanding *st, const CoachChoice *choice,
                        Str learned)
{
    int top = choice->drivers[0];
    CLEANUP(buf_done) Buf text = BUF(1024);
    if (st->by_rule)
        coach_words_gap(&text, &COACH_FEATURES[top], (double)st->x[top], (double)st->median[top]);
    else
        coach_words_driver(&text, &COACH_FEATURES[top], (double)st->x[top], (double)st->median[top],
                           coach_points(&c->goal, top), false);
    jw_obj(w);
    jw_kv_str(w, "text", buf_str(&text));
    jw_kv_cstr(w, "method", st->by_rule ? "rule" : "shap");
    if (learned.len > 0)
        jw_kv_str(w, "learned", learned);
    jw_key(w, "drivers");
    jw_arr(w);
    for (int i = 0; i < choice->n_drivers; i++) {
        if (st->by_rule)
            gap_json(w, st, choice->drivers[i]);
        else
            coach_driver_json(w, &c->goal, choice->drivers[i]);
    }
    jw_end(w);
    jw_end(w);
}

/* A choice by what was learned, as it is kept with its first suggestion. */
typedef struct Learned {
    CoachTier tier;
    CoachOpen open[COACH_PLAYS_MAX];
    int n_open;
    double propensity[COACH_PLAYS_MAX]; /* of open */
    int taken, greedy;                  /* in open; what was chosen, what is expected to help most */
} Learned;

/* The same tenant, agent and date give the same draws. */
static void seed_of(const Run *run, const Candidate *c, StatsRng *rng)
{
    uint8_t text[2 * sizeof(Uuid) + sizeof(int32_t)];
    uint64_t seed;
    memcpy(text, run->tenant.b, sizeof(Uuid));
    memcpy(text + sizeof(Uuid), c->agent.b, sizeof(Uuid));
    memcpy(text + 2 * sizeof(Uuid), &run->as_of, sizeof(int32_t));
    Sha256 h = crypto_sha256((Str){(const char *)text, sizeof text});
    memcpy(&seed, h.b, sizeof seed);
    stats_seed(rng, seed);
}

static int position(const Learned *l, int play)
{
    int o = 0;
    while (l->open[o].play != play)
        o++;
    return o;
}

static int choose_learned(const Run *run, const Candidate *c, const CoachStanding *st, CoachChoice *choices,
                          Learned *l, int *ret_withheld)
{
    double mean[COACH_PLAYS_MAX], ignored;
    CoachChoice best[COACH_CHOICES];
    StatsRng rng;
    l->tier = coach_tier((double)c->x[COACH_F_tenure_days], (double)c->x[COACH_F_closings_365d], run->thirds);
    l->n_open = coach_choose_open(&run->book, st, &c->past, l->open, ret_withheld);
    coach_learn_propensity(run->beliefs, l->tier, l->open, l->n_open, l->propensity);
    seed_of(run, c, &rng);
    int n = coach_learn_choose(&run->book, run->beliefs, l->tier, l->open, l->n_open, st->margin, &rng,
                               choices, &ignored);
    for (int k = 0; k < run->book.n; k++)
        mean[k] = run->beliefs[k].mean[l->tier];
    int any = coach_choose_best(&run->book, l->open, l->n_open, st->margin, mean, best);
    l->taken = n > 0 ? position(l, choices[0].play) : -1;
    l->greedy = any > 0 ? position(l, best[0].play) : -1;
    return n;
}

/* {"tier","margin","open":[...]}: all that another way to choose needs to know (coach_evaluate.h). */
static void learned_json(Jw *w, const Run *run, const CoachStanding *st, const Learned *l)
{
    jw_obj(w);
    jw_kv_cstr(w, "tier", coach_tier_name(l->tier));
    jw_kv_f64(w, "margin", st->margin);
    jw_key(w, "open");
    jw_arr(w);
    for (int o = 0; o < l->n_open; o++) {
        const CoachPlay *play = &run->book.plays[l->open[o].play];
        jw_obj(w);
        jw_kv_cstr(w, "key", play->key);
        jw_kv_f64(w, "share", l->open[o].share);
        jw_kv_f64(w, "most", l->open[o].most);
        jw_kv_f64(w, "prior", play->prior_effect);
        jw_kv_f64(w, "mean", run->beliefs[l->open[o].play].mean[l->tier]);
        jw_kv_f64(w, "p", l->propensity[o]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

/* Why this one: it was tried to learn, or what was learned speaks for it; nothing when nothing was seen yet. The tier is not
 * named: the agent reads this too. */
static void learned_words(Buf *out, const Run *run, const Learned *l)
{
    int play = l->open[l->taken].play;
    long long n = (long long)run->beliefs[play].n[l->tier];
    const char *outcomes = n == 1 ? "outcome" : "outcomes";
    if (l->greedy >= 0 && l->greedy != l->taken)
        buf_addf(out,
                 "Chosen to learn more: by what is known \"%s\" would come first, but what this one does for "
                 "agents like this one is uncertain (%lld %s so far)",
                 run->book.plays[l->open[l->greedy].play].title, n, outcomes);
    else if (n > 0)
        buf_addf(
            out,
            "Learned from %lld %s of agents like this one: its effect is put at %.2f, where the playbook "
            "assumes %.2f",
            n, outcomes, run->beliefs[play].mean[l->tier], run->book.plays[play].prior_effect);
}

static void write_choice(Jw *w, const Run *run, const Candidate *c, const CoachStanding *st,
                         const CoachChoice *choice, int rank, const Learned *l)
{
    const CoachPlay *play = &run->book.plays[choice->play];
    CLEANUP(buf_done) Buf learned = BUF(2048);
    if (l && rank == 1)
        learned_words(&learned, run, l);
    jw_obj(w);
    jw_kv_uuid(w, "id", uuid_v7_in_slot(pg_slot_of_location(c->location)));
    jw_kv_uuid(w, "agent_id", c->agent);
    jw_kv_str(w, "agent_name", c->name);
    jw_kv_cstr(w, "key", play->key);
    jw_kv_cstr(w, "title", play->title);
    if (c->predicted)
        jw_kv_uuid(w, "prediction_id", c->goal.id);
    jw_kv_i64(w, "rank", rank);
    jw_kv_f64(w, "score", choice->score);
    jw_key(w, "reason");
    reason_json(w, c, st, choice, buf_str(&learned));
    if (l)
        jw_kv_cstr(w, "policy", "thompson");
    if (l && rank == 1) {
        jw_kv_f64(w, "propensity", l->propensity[l->taken]);
        jw_key(w, "choice");
        learned_json(w, run, st, l);
    }
    jw_end(w);
}

/* Without a prediction nothing can be learned from an outcome: such agents are ranked by the priors. */
static void choose_agent(Run *run, const Candidate *c, const float *median, const float *mad, Jw *w)
{
    CoachStanding st;
    CoachChoice choices[COACH_CHOICES];
    Learned l;
    int withheld = 0, n;
    bool learns = run->beliefs && c->predicted;
    if (c->predicted)
        coach_standing_shap(&c->goal, &st);
    else
        coach_standing_rule(c->x, median, mad, &st);
    if (learns)
        n = choose_learned(run, c, &st, choices, &l, &withheld);
    else
        n = coach_choose_rank(&run->book, &st, &c->past, choices, &withheld);
    run->sum->withheld += withheld;
    run->sum->by_rule += !c->predicted;
    run->sum->learned += learns;
    run->sum->explored += learns && n > 0 && l.taken != l.greedy;
    for (int i = 0; i < n; i++)
        write_choice(w, run, c, &st, &choices[i], i + 1, learns ? &l : NULL);
}

static ErrKind choose_office(Run *run, const Candidate *agents, int n, Err *reterr)
{
    float median[COACH_N_FEATURES], mad[COACH_N_FEATURES];
    office_levels(agents, n, median, mad);
    CLEANUP(buf_done) Buf json = BUF(OFFICE_JSON_MAX);
    Jw w = jw(&json);
    jw_arr(&w);
    for (int i = 0; i < n; i++)
        choose_agent(run, &agents[i], median, mad, &w);
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    Uuid location = agents[0].location;
    TRY(pg_shard_query(run->s, run->tenant, pg_slot_of_location(location), &STORE,
                       PG_PARAMS(pg_uuid(run->tenant), pg_uuid(location), pg_cstr(buf_cstr(&json))), run->by,
                       &r, reterr));
    run->sum->agents += n;
    run->sum->expired += pg_get_i64(r, 0, 0);
    run->sum->suggested += pg_get_i64(r, 0, 1);
    return ERR_NONE;
}

static ErrKind choose_offices(Run *run, Err *reterr)
{
    for (int from = 0, to; from < run->n; from = to) {
        for (to = from + 1; to < run->n && uuid_eq(run->agents[to].location, run->agents[from].location);)
            to++;
        TRY(choose_office(run, &run->agents[from], to - from, reterr));
    }
    return ERR_NONE;
}

static ErrKind read_beliefs(Run *run, Err *reterr)
{
    bool on;
    TRY(coach_belief_on(run->s, run->tenant, run->by, &on, reterr));
    if (!on)
        return ERR_NONE;
    run->beliefs = mem_array((size_t)MAX(run->book.n, 1), sizeof *run->beliefs);
    return coach_belief_read(run->s, run->tenant, &run->book, run->by, run->beliefs, reterr);
}

static ErrKind run_all(Run *run, Err *reterr)
{
    TRY(read_beliefs(run, reterr));
    TRY(read_snapshots(run, reterr));
    TRY(read_predictions(run, reterr));
    TRY(read_history(run, reterr));
    TRY(read_held_back(run, reterr));
    mark_lowest(run);
    return choose_offices(run, reterr);
}

ErrKind coach_choose_all(PgShards *s, Uuid tenant, int32_t as_of, Deadline by, CoachChooseSummary *ret,
                         Err *reterr)
{
    *ret = (CoachChooseSummary){.as_of = as_of};
    if (as_of == INT32_MIN)
        TRY(coach_horizon(s, tenant, by, &ret->as_of, NULL, NULL, reterr));
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CLEANUP(strmap_freep) StrMap *by_agent = strmap_new();
    Run run = {.s = s, .tenant = tenant, .by = by, .as_of = ret->as_of, .by_agent = by_agent, .sum = ret};
    TRY(coach_playbook_get(s, tenant, arena, by, &run.book, reterr));
    ErrKind kind = run_all(&run, reterr);
    pg_results_free(run.snapshots);
    mem_free(run.agents);
    mem_free(run.beliefs);
    return kind;
}
