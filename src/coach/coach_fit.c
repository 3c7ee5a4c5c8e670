/* coach_fit.c - folds, choice of parameters, naive forecasts, acceptance. Steps in the order of coach_fit at the end. */
#include "coach/coach_fit.h"

#include "base/mem.h"
#include "gbt/gbt_train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LEVEL 0.95
#define NAIVE_LEAST 0.05 /* closings: the deviance of a forecast of 0 is without bound */
#define SEED 20240229
#define INNER_ROWS_MIN 60
#define FALLBACK_TREES 40 /* when a training part is too short to be split again */
#define SHAP_ROWS_MAX 2000
#define SEASON_DAYS 730

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
    p.num_boost_round = 400;
    p.max_depth = c->max_depth;
    p.eta = 0.05;
    p.subsample = 0.8;
    p.colsample_bytree = 0.5;
    p.min_child_weight = c->min_child_weight;
    p.lambda = 3;
    p.monotone = c->monotone ? directions : NULL;
    p.seed = 7;
    p.nthread = f->conf->threads;
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
    const GbtRun run = {.work_dir = f->conf->work_dir, .by = f->by, .program = f->conf->program};
    TRY(gbt_train(train, valid, p, &run, bytes, NULL, f->reterr));
    tell(f);
    return gbt_load(buf_str(bytes), GBT_ROUNDS_ALL, ret, f->reterr);
}

static double loss_of(CoachKind kind, const double *p, const double *y, int64_t n)
{
    return kind == COACH_GOAL ? stats_log_loss(p, y, n) : stats_poisson_deviance(p, y, n);
}

/* Predictions and outcomes of the rows from..to-1 into p and y. */
static void predict_rows(const GbtModel *m, const CoachFitRows *rows, int64_t from, int64_t to, double *p,
                         double *y)
{
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    for (int64_t i = from; i < to; i++) {
        float value;
        gbt_predict(m, rows->x + i * COACH_N_FEATURES, 1, &value, scratch);
        p[i - from] = (double)value;
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
        params.early_stopping_rounds = 30;
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
    params.num_boost_round = trees;
    GbtMatrix train = matrix_of(f->rows, 0, to);
    return train_model(f, &params, &train, NULL, bytes, ret);
}

/* ---- the naive forecast ---- */

typedef struct Naive {
    CoachKind kind;
    double rate[2]; /* goal: after a period that did not, and that did reach it */
    double weight;  /* closings: of the agent's own last period, against that of all agents */
} Naive;

/* The mean of the last period over all agents, for the date of each of the rows from..to-1. */
static void pool_last(const CoachFitRows *rows, int64_t from, int64_t to, double *out)
{
    for (int64_t i = from, end; i < to; i = end) {
        end = first_at(rows, i, to, rows->as_of[i] + 1);
        double mean = sum_of(rows->naive, i, end) / (double)(end - i);
        for (int64_t j = i; j < end; j++)
            out[j - from] = mean;
    }
}

static double naive_forecast(const Naive *n, float last, double pooled)
{
    if (n->kind == COACH_GOAL)
        return n->rate[last > 0.5f];
    return fmax((1 - n->weight) * pooled + n->weight * last, NAIVE_LEAST);
}

static void learn_rates(Naive *n, const CoachFitRows *rows, int64_t to)
{
    double sum[2] = {0}, count[2] = {0}, mean = sum_of(rows->y, 0, to) / (double)to;
    for (int64_t i = 0; i < to; i++) {
        sum[rows->naive[i] > 0.5f] += rows->y[i];
        count[rows->naive[i] > 0.5f] += 1;
    }
    for (int b = 0; b < 2; b++)
        n->rate[b] = (sum[b] + 2 * mean) / (count[b] + 2); /* an empty side leans on the mean */
}

static void learn_weight(Naive *n, const CoachFitRows *rows, int64_t to)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)to * 3, sizeof *v);
    double *pooled = v, *p = v + to, *y = v + 2 * to, best = INFINITY, best_weight = 0;
    pool_last(rows, 0, to, pooled);
    for (int step = 0; step <= 10; step++) {
        n->weight = step / 10.0;
        for (int64_t i = 0; i < to; i++) {
            p[i] = naive_forecast(n, rows->naive[i], pooled[i]);
            y[i] = rows->y[i];
        }
        double deviance = stats_poisson_deviance(p, y, to);
        if (deviance < best) {
            best = deviance;
            best_weight = n->weight;
        }
    }
    n->weight = best_weight;
}

/* Learned from the rows 0..to-1, applied to the rows from..until-1. */
static void forecast_naively(const CoachFitRows *rows, CoachKind kind, int64_t to, int64_t from,
                             int64_t until, double *out)
{
    Naive n = {.kind = kind};
    if (kind == COACH_GOAL)
        learn_rates(&n, rows, to);
    else
        learn_weight(&n, rows, to);
    pool_last(rows, from, until, out);
    for (int64_t i = from; i < until; i++)
        out[i - from] = naive_forecast(&n, rows->naive[i], out[i - from]);
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
    double *p = tests->p + tests->n, *naive = tests->naive + tests->n, *y = tests->y + tests->n;
    predict_rows(m, rows, from, to, p, y);
    forecast_naively(rows, f->kind, train_to, from, to, naive);
    for (int64_t i = from; i < to; i++) {
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

static void add_score(CoachReport *r, const char *name, StatsScore *score, const Tests *t,
                      const double *naive)
{
    int rounds = (int)MAX(200, MIN(1000, 4000000 / MAX(t->n, 1)));
    CoachScore *s = &r->scores[r->n_scores++];
    s->name = name;
    s->model = stats_bootstrap(score, t->p, t->y, t->group, t->n, rounds, LEVEL, SEED);
    s->naive = stats_bootstrap(score, naive, t->y, t->group, t->n, rounds, LEVEL, SEED);
    s->difference = stats_bootstrap_diff(score, t->p, naive, t->y, t->group, t->n, rounds, LEVEL, SEED);
}

static void measure(CoachReport *r, const Tests *t)
{
    r->test_rows = t->n;
    for (int64_t i = 0; i < t->n; i++)
        r->test_outcome_sum += t->y[i];
    r->ece = NAN;
    if (r->kind == COACH_GOAL) {
        add_score(r, "brier", stats_brier, t, t->naive);
        add_score(r, "log_loss", stats_log_loss, t, t->naive);
        add_score(r, "auc", stats_auc, t, t->naive);
        add_score(r, "pr_auc", stats_pr_auc, t, t->naive);
        r->ece = stats_calibration(t->p, t->y, t->n, r->bins, COACH_BINS);
        return;
    }
    add_score(r, "poisson_deviance", stats_poisson_deviance, t, t->naive);
    add_score(r, "mae", stats_mae, t, t->last);
    stats_calibration(t->p, t->y, t->n, r->bins, COACH_BINS);
}

/* The first score on which the model is worse for certain, or NULL. Lower is better but for the areas. */
static const CoachScore *certainly_worse(const CoachReport *r)
{
    for (int k = 0; k < r->n_scores; k++) {
        const CoachScore *s = &r->scores[k];
        bool area = strcmp(s->name, "auc") == 0 || strcmp(s->name, "pr_auc") == 0;
        if (area ? s->difference.high < 0 : s->difference.low > 0)
            return s;
    }
    return NULL;
}

static void decide(CoachReport *r)
{
    const CoachScore *s = &r->scores[0], *worse = certainly_worse(r);
    const char *name = r->kind == COACH_GOAL ? "Brier score" : "Poisson deviance";
    bool better = s->difference.high < 0; /* false for NaN */
    r->accepted = better && !worse;
    char verdict[160];
    if (r->accepted)
        snprintf(verdict, sizeof verdict, "Accepted: the model beats the naive forecast");
    else if (worse)
        snprintf(verdict, sizeof verdict,
                 "Rejected: the naive forecast is better in %s (difference %.4f to %.4f)", worse->name,
                 worse->difference.low, worse->difference.high);
    else
        snprintf(verdict, sizeof verdict, "Rejected: the model does not beat the naive forecast for certain");
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
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
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

/* In less than two years a season is seen once: it would stand for the date itself, and the date for everything that
 * changed since. Then the features of the season are blank. */
static float *without_season(const CoachFitRows *rows)
{
    float *x = mem_array((size_t)rows->n * COACH_N_FEATURES, sizeof *x);
    memcpy(x, rows->x, (size_t)rows->n * COACH_N_FEATURES * sizeof *x);
    bool two_years = rows->as_of[rows->n - 1] - rows->as_of[0] >= SEASON_DAYS;
    for (int64_t i = 0; i < rows->n && !two_years; i++)
        x[i * COACH_N_FEATURES + COACH_F_season_sin] = x[i * COACH_N_FEATURES + COACH_F_season_cos] = NAN;
    return x;
}

ErrKind coach_fit(const CoachFitRows *given, CoachKind kind, const CoachFitConf *conf, Deadline by,
                  Buf *ret_model, CoachReport *ret, Err *reterr)
{
    TRY(check_rows(given, kind, reterr));
    CLEANUP(mem_freep) float *x = without_season(given);
    CoachFitRows copy = *given, *rows = &copy;
    copy.x = x;
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
