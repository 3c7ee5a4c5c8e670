/* coach_fit.c - folds, choice of parameters, naive forecasts, acceptance. Steps in the order of coach_fit at the end. */
#include "coach/coach_fit.h"

#include "base/mem.h"
#include "gbt/gbt_train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LEVEL 0.95
#define BUCKETS 9
#define SEED 20240229
#define INNER_ROWS_MIN 60
#define FALLBACK_TREES 40 /* when a training part is too short to be split again */
#define SHAP_ROWS_MAX 2000

typedef struct Candidate {
    const char *name;
    int max_depth;
    double min_child_weight;
    bool monotone;
} Candidate;

/* Small, and regularised: tenants have thousands of rows, not millions. Weights of classes are left alone, they would
 * ruin the calibration. */
static const Candidate CANDIDATES[COACH_CANDIDATES] = {
    {"depth 3, monotone", 3, 4, true},
    {"depth 2", 2, 4, false},
    {"depth 3", 3, 4, false},
    {"depth 5", 5, 8, false},
};

const char *coach_candidate_name(int candidate)
{
    return CANDIDATES[candidate].name;
}

/* Where no honest data would turn the direction around. */
static void certain_directions(CoachKind kind, int8_t out[static COACH_N_FEATURES])
{
    memset(out, 0, COACH_N_FEATURES);
    out[COACH_F_speed_to_lead_min_30d] = -1;
    out[COACH_F_contact_rate_30d] = 1;
    out[COACH_F_followup_day_rate_30d] = 1;
    out[COACH_F_show_rate_90d] = 1;
    out[COACH_F_offer_accept_rate_180d] = 1;
    out[COACH_F_win_rate_365d] = 1;
    out[COACH_F_closings_365d] = 1;
    if (kind == COACH_GOAL)
        out[COACH_F_goal_target_30d] = -1;
}

/* ---- rows ---- */

/* A copy of the rows from..to-1 as training data. */
static GbtMatrix matrix_of(const CoachFitRows *rows, int64_t from, int64_t to)
{
    static const char *names[COACH_N_FEATURES] = {
#define X(name, window, unit, direction, label) #name,
        FEATURE_TABLE(X)
#undef X
    };
    return (GbtMatrix){.x = rows->x + from * COACH_N_FEATURES,
                       .y = rows->y + from,
                       .n_rows = to - from,
                       .n_features = COACH_N_FEATURES,
                       .names = names};
}

/* The first row in from..to-1 whose date is at least `date`. Rows rise by date. */
static int64_t first_at(const CoachFitRows *rows, int64_t from, int64_t to, int32_t date)
{
    while (from < to) {
        int64_t mid = from + (to - from) / 2;
        if (rows->as_of[mid] < date)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* Rows before `to` whose label days were over when `date` began. */
static int64_t known_before(const CoachFitRows *rows, int32_t date)
{
    return first_at(rows, 0, rows->n, date - COACH_LABEL_DAYS + 1);
}

static double sum_of(const float *v, int64_t from, int64_t to)
{
    double sum = 0;
    for (int64_t i = from; i < to; i++)
        sum += v[i];
    return sum;
}

static bool trainable(const CoachFitRows *rows, int64_t to, CoachKind kind, int64_t least)
{
    double sum = sum_of(rows->y, 0, to);
    return to >= least && sum > 0 && (kind == COACH_CLOSINGS || sum < (double)to);
}

static int64_t count_groups(const CoachFitRows *rows, int64_t from, int64_t to)
{
    int32_t most = 0;
    for (int64_t i = from; i < to; i++)
        most = MAX(most, rows->group[i]);
    CLEANUP(mem_freep) uint8_t *seen = mem_zalloc((size_t)most + 1);
    int64_t n = 0;
    for (int64_t i = from; i < to; i++) {
        n += !seen[rows->group[i]];
        seen[rows->group[i]] = 1;
    }
    return n;
}

/* ---- one model ---- */

typedef struct Fitter {
    const CoachFitRows *rows;
    CoachKind kind;
    const CoachFitConf *conf;
    Deadline by;
    int done, total;
    Err *reterr;
} Fitter;

static GbtParams params_of(const Fitter *f, int candidate, const int8_t *directions)
{
    const Candidate *c = &CANDIDATES[candidate];
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.objective = coach_kind_objective(f->kind);
    p.rounds = 400;
    p.max_depth = c->max_depth;
    p.eta = 0.05;
    p.subsample = 0.8;
    p.colsample = 0.5;
    p.min_child_weight = c->min_child_weight;
    p.lambda = 3;
    p.monotone = c->monotone ? directions : NULL;
    p.seed = 7;
    p.threads = f->conf->threads;
    p.program = f->conf->program;
    return p;
}

static void tell(Fitter *f)
{
    f->done++;
    if (f->conf->progress)
        f->conf->progress(f->done, f->total, f->conf->progress_arg);
}

static ErrKind train_model(Fitter *f, const GbtParams *p, const GbtMatrix *train, const GbtMatrix *valid,
                           Buf *bytes, GbtModel **ret)
{
    buf_clear(bytes);
    TRY(gbt_train(train, valid, p, f->conf->work_dir, f->by, bytes, f->reterr));
    tell(f);
    return gbt_load(buf_str(bytes), ret, f->reterr);
}

static double loss_of(CoachKind kind, const double *p, const double *y, int64_t n)
{
    return kind == COACH_GOAL ? stats_log_loss(p, y, n) : stats_poisson_deviance(p, y, n);
}

/* Predictions and outcomes of the rows from..to-1 into p and y. */
static void predict_rows(const GbtModel *m, const CoachFitRows *rows, int64_t from, int64_t to, double *p,
                         double *y)
{
    for (int64_t i = from; i < to; i++) {
        p[i - from] = gbt_predict(m, rows->x + i * COACH_N_FEATURES);
        y[i - from] = rows->y[i];
    }
}

/* Chooses the candidate and its number of trees on the last quarter of the dates of the rows 0..to-1. */
static ErrKind choose(Fitter *f, int64_t to, int *ret_candidate, int *ret_trees)
{
    const CoachFitRows *rows = f->rows;
    *ret_candidate = 1;
    *ret_trees = FALLBACK_TREES;
    int32_t valid_date = rows->as_of[to - to / 4 - 1];
    int64_t valid_from = first_at(rows, 0, to, valid_date);
    int64_t train_to = known_before(rows, valid_date);
    bool enough = trainable(rows, train_to, f->kind, INNER_ROWS_MIN) && valid_from < to;
    if (!enough) {
        f->done += COACH_CANDIDATES;
        return ERR_NONE;
    }
    int8_t directions[COACH_N_FEATURES];
    certain_directions(f->kind, directions);
    GbtMatrix train = matrix_of(rows, 0, train_to), valid = matrix_of(rows, valid_from, to);
    int64_t n = to - valid_from;
    CLEANUP(mem_freep) double *p = mem_array((size_t)n * 2, sizeof *p);
    double best = INFINITY;
    for (int c = 0; c < COACH_CANDIDATES; c++) {
        GbtParams params = params_of(f, c, directions);
        params.early_stop = 30;
        CLEANUP(buf_done) Buf bytes = BUF(COACH_MODEL_BYTES);
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        TRY(train_model(f, &params, &train, &valid, &bytes, &m));
        predict_rows(m, rows, valid_from, to, p, p + n);
        double loss = loss_of(f->kind, p, p + n, n);
        if (loss < best) {
            best = loss;
            *ret_candidate = c;
            *ret_trees = gbt_n_trees(m);
        }
    }
    return ERR_NONE;
}

static ErrKind refit(Fitter *f, int64_t to, int candidate, int trees, Buf *bytes, GbtModel **ret)
{
    int8_t directions[COACH_N_FEATURES];
    certain_directions(f->kind, directions);
    GbtParams params = params_of(f, candidate, directions);
    params.rounds = trees;
    GbtMatrix train = matrix_of(f->rows, 0, to);
    return train_model(f, &params, &train, NULL, bytes, ret);
}

/* ---- the naive forecast ---- */

static int bucket_of(CoachKind kind, float naive)
{
    return kind == COACH_GOAL ? naive > 0.5f : MIN((int)naive, BUCKETS - 1);
}

/* What each outcome of the last period meant in the rows 0..to-1; empty buckets lean on the overall mean. */
static void learn_naive(const CoachFitRows *rows, int64_t to, CoachKind kind, double rate[static BUCKETS])
{
    double sum[BUCKETS] = {0}, n[BUCKETS] = {0};
    for (int64_t i = 0; i < to; i++) {
        int b = bucket_of(kind, rows->naive[i]);
        sum[b] += rows->y[i];
        n[b] += 1;
    }
    double mean = sum_of(rows->y, 0, to) / (double)to;
    for (int b = 0; b < BUCKETS; b++)
        rate[b] = (sum[b] + 2 * mean) / (n[b] + 2);
}

/* ---- the folds ---- */

/* All test rows together. */
typedef struct Tests {
    double *p, *naive, *last, *y;
    int32_t *group;
    int64_t n;
} Tests;

static void tests_done(Tests *t)
{
    mem_free(t->p);
    mem_free(t->naive);
    mem_free(t->last);
    mem_free(t->y);
    mem_free(t->group);
}

static void tests_init(Tests *t, int64_t cap)
{
    size_t n = (size_t)cap;
    *t = (Tests){.p = mem_array(n, sizeof *t->p),
                 .naive = mem_array(n, sizeof *t->naive),
                 .last = mem_array(n, sizeof *t->last),
                 .y = mem_array(n, sizeof *t->y),
                 .group = mem_array(n, sizeof *t->group)};
}

static double deciding_loss(CoachKind kind, const double *p, const double *y, int64_t n)
{
    return kind == COACH_GOAL ? stats_brier(p, y, n) : stats_poisson_deviance(p, y, n);
}

static ErrKind run_fold(Fitter *f, int64_t from, int64_t to, Tests *tests, CoachReport *report)
{
    const CoachFitRows *rows = f->rows;
    int64_t train_to = known_before(rows, rows->as_of[from]);
    if (!trainable(rows, train_to, f->kind, COACH_FIT_ROWS_MIN / 2)) {
        f->done += COACH_CANDIDATES + 1;
        return ERR_NONE;
    }
    CoachFold fold = {.train_to = rows->as_of[train_to - 1],
                      .test_from = rows->as_of[from],
                      .test_to = rows->as_of[to - 1],
                      .train_rows = train_to,
                      .test_rows = to - from};
    CLEANUP(buf_done) Buf bytes = BUF(COACH_MODEL_BYTES);
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    TRY(choose(f, train_to, &fold.candidate, &fold.trees));
    TRY(refit(f, train_to, fold.candidate, fold.trees, &bytes, &m));
    double rate[BUCKETS];
    learn_naive(rows, train_to, f->kind, rate);
    double *p = tests->p + tests->n, *naive = tests->naive + tests->n, *y = tests->y + tests->n;
    predict_rows(m, rows, from, to, p, y);
    for (int64_t i = from; i < to; i++) {
        naive[i - from] = rate[bucket_of(f->kind, rows->naive[i])];
        tests->last[tests->n + i - from] = rows->naive[i];
        tests->group[tests->n + i - from] = rows->group[i];
    }
    fold.loss = deciding_loss(f->kind, p, y, fold.test_rows);
    fold.naive_loss = deciding_loss(f->kind, naive, y, fold.test_rows);
    tests->n += fold.test_rows;
    report->folds[report->n_folds++] = fold;
    report->test_agents = count_groups(rows, first_at(rows, 0, rows->n, report->folds[0].test_from), to);
    return ERR_NONE;
}

/* The later 60 % of the rows, in blocks of about equal size that begin and end with a date. */
static ErrKind run_folds(Fitter *f, Tests *tests, CoachReport *report)
{
    const CoachFitRows *rows = f->rows;
    int64_t start = rows->n * 2 / 5;
    int64_t from = first_at(rows, 0, rows->n, rows->as_of[start]);
    for (int k = 0; k < COACH_FOLDS_MAX && from < rows->n; k++) {
        int64_t end = start + (rows->n - start) * (k + 1) / COACH_FOLDS_MAX;
        int64_t to = end >= rows->n ? rows->n : first_at(rows, 0, rows->n, rows->as_of[end]);
        if (to <= from) {
            f->done += COACH_CANDIDATES + 1;
            continue;
        }
        TRY(run_fold(f, from, to, tests, report));
        from = to;
    }
    if (report->n_folds < 2)
        return err_set(f->reterr, ERR_INVALID,
                       "%s: %lld rows do not reach far enough back for two tests forward in time",
                       coach_kind_name(f->kind), (long long)rows->n);
    return ERR_NONE;
}

/* ---- scores ---- */

static void add_score(CoachReport *r, const char *name, StatsScore *score, const Tests *t)
{
    int rounds = (int)MAX(200, MIN(1000, 4000000 / MAX(t->n, 1)));
    CoachScore *s = &r->scores[r->n_scores++];
    s->name = name;
    s->model = stats_bootstrap(score, t->p, t->y, t->group, t->n, rounds, LEVEL, SEED);
    s->naive = stats_bootstrap(score, t->naive, t->y, t->group, t->n, rounds, LEVEL, SEED);
    s->difference = stats_bootstrap_diff(score, t->p, t->naive, t->y, t->group, t->n, rounds, LEVEL, SEED);
}

static void measure(CoachReport *r, const Tests *t)
{
    r->test_rows = t->n;
    for (int64_t i = 0; i < t->n; i++)
        r->test_outcome_sum += t->y[i];
    r->last_period_mae = NAN;
    r->ece = NAN;
    if (r->kind == COACH_GOAL) {
        add_score(r, "brier", stats_brier, t);
        add_score(r, "log_loss", stats_log_loss, t);
        add_score(r, "auc", stats_auc, t);
        add_score(r, "pr_auc", stats_pr_auc, t);
        r->ece = stats_calibration(t->p, t->y, t->n, r->bins, COACH_BINS);
        return;
    }
    add_score(r, "poisson_deviance", stats_poisson_deviance, t);
    add_score(r, "mae", stats_mae, t);
    r->last_period_mae = stats_mae(t->last, t->y, t->n);
    stats_calibration(t->p, t->y, t->n, r->bins, COACH_BINS);
}

static void decide(CoachReport *r)
{
    const CoachScore *s = &r->scores[0];
    const char *name = r->kind == COACH_GOAL ? "Brier score" : "Poisson deviance";
    r->accepted = s->difference.high < 0; /* false for NaN */
    const char *verdict = r->accepted ? "Accepted: the model beats the naive forecast"
                                      : "Rejected: the model does not beat the naive forecast for certain";
    snprintf(r->reason, sizeof r->reason,
             "%s; %s %.4f against %.4f, difference %.4f (95%% interval %.4f to %.4f, %lld rows of %lld "
             "agents that no "
             "model had seen).",
             verdict, name, s->model.estimate, s->naive.estimate, s->difference.estimate, s->difference.low,
             s->difference.high, (long long)r->test_rows, (long long)r->test_agents);
}

static void rank_features(const GbtModel *m, const CoachFitRows *rows, CoachReport *r)
{
    double mean[COACH_N_FEATURES] = {0}, out[COACH_N_FEATURES + 1];
    CLEANUP(mem_freep) double *scratch = mem_array(gbt_shap_scratch(m), sizeof *scratch);
    int64_t n = MIN(rows->n, SHAP_ROWS_MAX);
    for (int64_t i = rows->n - n; i < rows->n; i++) {
        gbt_shap(m, rows->x + i * COACH_N_FEATURES, out, scratch);
        for (int k = 0; k < COACH_N_FEATURES; k++)
            mean[k] += fabs(out[k]) / (double)n;
    }
    for (r->n_top = 0; r->n_top < COACH_TOP; r->n_top++) {
        int best = 0;
        for (int k = 1; k < COACH_N_FEATURES; k++)
            best = mean[k] > mean[best] ? k : best;
        if (mean[best] <= 0)
            return;
        r->top[r->n_top] = best;
        r->top_shap[r->n_top] = mean[best];
        mean[best] = 0;
    }
}

static ErrKind check_rows(const CoachFitRows *rows, CoachKind kind, Err *reterr)
{
    double sum = sum_of(rows->y, 0, rows->n);
    if (rows->n < COACH_FIT_ROWS_MIN)
        return err_set(reterr, ERR_INVALID, "%s: %lld rows with a known outcome, at least %d are needed",
                       coach_kind_name(kind), (long long)rows->n, COACH_FIT_ROWS_MIN);
    if (!trainable(rows, rows->n, kind, 1))
        return err_set(reterr, ERR_INVALID,
                       "%s: the outcome is %g in every one of %lld rows: nothing to learn",
                       coach_kind_name(kind), sum > 0 ? 1.0 : 0.0, (long long)rows->n);
    return ERR_NONE;
}

ErrKind coach_fit(const CoachFitRows *rows, CoachKind kind, const CoachFitConf *conf, Deadline by,
                  Buf *ret_model, CoachReport *ret, Err *reterr)
{
    TRY(check_rows(rows, kind, reterr));
    *ret = (CoachReport){.kind = kind,
                         .rows = rows->n,
                         .agents = count_groups(rows, 0, rows->n),
                         .outcome_sum = sum_of(rows->y, 0, rows->n),
                         .from = rows->as_of[0],
                         .to = rows->as_of[rows->n - 1]};
    Fitter f = {.rows = rows, .kind = kind, .conf = conf, .by = by, .reterr = reterr};
    f.total = (COACH_FOLDS_MAX + 1) * (COACH_CANDIDATES + 1);
    CLEANUP(tests_done) Tests tests;
    tests_init(&tests, rows->n);
    TRY(run_folds(&f, &tests, ret));
    measure(ret, &tests);
    decide(ret);
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    TRY(choose(&f, rows->n, &ret->candidate, &ret->trees));
    TRY(refit(&f, rows->n, ret->candidate, ret->trees, ret_model, &m));
    rank_features(m, rows, ret);
    return ERR_NONE;
}
