/* model_judge.c - see model_judge.h. */
#include "model/model_judge.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL 0.95
#define CHUNK 1024 /* rows predicted at once */

/* ---- tasks ---- */

static const struct {
    const char *objective;
    ModelTask task;
} TASKS[] = {
    {"binary:logistic", MODEL_TASK_BINARY},      {"binary:logitraw", MODEL_TASK_BINARY},
    {"binary:hinge", MODEL_TASK_BINARY},         {"reg:logistic", MODEL_TASK_BINARY},
    {"multi:softprob", MODEL_TASK_CLASSES},      {"multi:softmax", MODEL_TASK_CLASSES},
    {"count:poisson", MODEL_TASK_COUNT},         {"reg:gamma", MODEL_TASK_GAMMA},
    {"reg:tweedie", MODEL_TASK_TWEEDIE},         {"reg:squarederror", MODEL_TASK_NUMBER},
    {"reg:linear", MODEL_TASK_NUMBER}, /* as squarederror was called before 0.90 */
    {"reg:squaredlogerror", MODEL_TASK_NUMBER},  {"reg:absoluteerror", MODEL_TASK_NUMBER},
    {"reg:pseudohubererror", MODEL_TASK_NUMBER}, {"reg:quantileerror", MODEL_TASK_NUMBER},
};

static const char *const TASK_NAMES[] = {"binary", "classes", "number", "count", "gamma", "tweedie"};

const char *model_task_name(ModelTask t)
{
    return TASK_NAMES[t];
}

ErrKind model_task(const GbtModel *m, ModelTask *ret, Err *reterr)
{
    Str objective = str_from(gbt_objective(m));
    for (size_t i = 0; i < ARRAY_LEN(TASKS); i++)
        if (str_eq_c(objective, TASKS[i].objective)) {
            *ret = TASKS[i].task;
            return ERR_NONE;
        }
    return err_set(reterr, ERR_UNSUPPORTED, "a model of the objective %s cannot be judged by its targets",
                   gbt_objective(m));
}

/* ---- outputs ---- */

int model_judge_width(const GbtModel *m)
{
    return gbt_n_groups(m);
}

static void softmax(const float *margins, int k, double *out)
{
    double most = -INFINITY, sum = 0;
    for (int c = 0; c < k; c++)
        most = fmax(most, (double)margins[c]);
    for (int c = 0; c < k; c++)
        sum += out[c] = exp((double)margins[c] - most);
    for (int c = 0; c < k; c++)
        out[c] /= sum;
}

static void outputs_of(const ModelBundle *b, const float *x, int64_t n, bool raw, float *part, double *out,
                       GbtScratch *s)
{
    Str objective = str_from(gbt_objective(b->gbt));
    int k = gbt_n_groups(b->gbt);
    bool calibrated = b->calibration && !raw;
    bool logit = str_eq_c(objective, "binary:logitraw") && !calibrated;
    bool classes = str_starts(objective, STR("multi:"));
    if (classes || logit)
        gbt_margins(b->gbt, x, (size_t)n, part, s);
    else if (raw)
        gbt_predict(b->gbt, x, (size_t)n, part, s);
    else
        model_bundle_predict(b, x, (size_t)n, part, s);
    for (int64_t i = 0; classes && i < n; i++)
        softmax(part + i * k, k, out + i * k);
    for (int64_t i = 0; !classes && i < n * k; i++)
        out[i] = logit ? 1 / (1 + exp(-(double)part[i])) : (double)part[i];
}

void model_judge_outputs(const ModelBundle *b, const float *x, int64_t n, bool raw, double *out)
{
    int features = gbt_n_features(b->gbt), k = gbt_n_groups(b->gbt);
    CLEANUP(gbt_scratch_freep) GbtScratch *s = gbt_scratch_new(b->gbt);
    CLEANUP(mem_freep) float *part = mem_array((size_t)k * CHUNK, sizeof *part);
    for (int64_t i = 0; i < n; i += CHUNK)
        outputs_of(b, x + i * features, MIN(CHUNK, n - i), raw, part, out + i * k, s);
}

/* ---- scores ---- */

static ErrKind check_targets(ModelTask task, const ModelJudgeInput *in, Err *reterr)
{
    if (in->n <= 0)
        return err_set(reterr, ERR_INVALID, "there are no rows to judge by");
    for (int64_t i = 0; i < in->n; i++) {
        double y = in->y[i];
        bool good = isfinite(y);
        const char *wants = "a number";
        switch (task) {
        case MODEL_TASK_BINARY:
            good = y == 0 || y == 1;
            wants = "0 or 1";
            break;
        case MODEL_TASK_CLASSES:
            good = y >= 0 && y < in->width && y == floor(y);
            wants = "the number of a class that the model knows";
            break;
        case MODEL_TASK_COUNT:
        case MODEL_TASK_TWEEDIE:
            good = good && y >= 0;
            wants = "0 or above";
            break;
        case MODEL_TASK_GAMMA:
            good = good && y > 0;
            wants = "above 0";
            break;
        case MODEL_TASK_NUMBER: break;
        }
        if (!good)
            return err_set(reterr, ERR_INVALID, "target %g of row %lld is not %s", y, (long long)i + 1,
                           wants);
    }
    return ERR_NONE;
}

/* How each score is made of the losses of the rows. */
typedef struct Recipe {
    const char *name;
    StatsMeasureKind kind;
    StatsLoss loss; /* MEAN and ROOT_MEAN */
    bool more_is_better;
} Recipe;

#define LOG_LOSS                                 \
    {                                            \
        "log_loss", STATS_MEAN, STATS_LOG, false \
    }
#define MAE                                      \
    {                                            \
        "mae", STATS_MEAN, STATS_ABSOLUTE, false \
    }
#define RMSE                                          \
    {                                                 \
        "rmse", STATS_ROOT_MEAN, STATS_SQUARED, false \
    }
static const Recipe RECIPES[][MODEL_JUDGE_SCORES] = {
    [MODEL_TASK_BINARY] = {LOG_LOSS,
                           {"brier", STATS_MEAN, STATS_SQUARED, false},
                           {"auc", STATS_AUC, STATS_LOG, true},
                           {"pr_auc", STATS_PR_AUC, STATS_LOG, true},
                           {"ece", STATS_ECE, STATS_LOG, false}},
    [MODEL_TASK_CLASSES] = {LOG_LOSS, {"accuracy", STATS_MEAN, STATS_LOG, true}},
    [MODEL_TASK_NUMBER] = {RMSE, MAE},
    [MODEL_TASK_COUNT] = {{"poisson_deviance", STATS_MEAN, STATS_POISSON, false}, MAE, RMSE},
    [MODEL_TASK_GAMMA] = {{"gamma_deviance", STATS_MEAN, STATS_GAMMA, false}, MAE, RMSE},
    [MODEL_TASK_TWEEDIE] = {{"tweedie_deviance", STATS_MEAN, STATS_TWEEDIE, false}, MAE, RMSE},
};

/* Losses of model and naive forecast for each score: rows double[n_scores][2][n]. */
static double *losses_of(ModelTask task, const Recipe *recipes, int n_scores, const ModelJudgeInput *in,
                         double naive)
{
    size_t n = (size_t)in->n;
    double *rows = mem_array((size_t)n_scores * 2 * n, sizeof *rows);
    if (task == MODEL_TASK_CLASSES) {
        CLEANUP(mem_freep) double *share = mem_array((size_t)in->width, sizeof *share);
        for (size_t i = 0; i < n; i++)
            share[(int)in->y[i]] += 1 / (double)n;
        stats_losses_classes(in->out, in->y, in->n, in->width, rows, rows + 2 * n);
        for (size_t i = 0; i < n; i++)
            stats_losses_classes(share, in->y + i, 1, in->width, rows + n + i, rows + 3 * n + i);
        return rows;
    }
    CLEANUP(mem_freep) double *constant = mem_array(n, sizeof *constant);
    for (size_t i = 0; i < n; i++)
        constant[i] = naive;
    for (int k = 0; k < n_scores; k++) {
        if (recipes[k].kind != STATS_MEAN && recipes[k].kind != STATS_ROOT_MEAN)
            continue;
        stats_losses(recipes[k].loss, in->out, in->y, in->n, rows + (size_t)k * 2 * n);
        stats_losses(recipes[k].loss, constant, in->y, in->n, rows + (size_t)k * 2 * n + n);
    }
    return rows;
}

/* The scores that are no means: what a forecast gets that says the same for all. */
static double naive_score(StatsMeasureKind kind, double naive, double mean_target)
{
    if (kind == STATS_AUC)
        return 0.5;
    return kind == STATS_PR_AUC ? mean_target : fabs(naive - mean_target);
}

static StatsInterval minus(StatsInterval i, double v)
{
    return (StatsInterval){i.estimate - v, i.low - v, i.high - v};
}

static void score_all(const ModelJudgeInput *in, double naive, const Recipe *recipes, ModelJudgement *j)
{
    CLEANUP(mem_freep) double *rows = losses_of(j->task, recipes, j->n_scores, in, naive);
    StatsMeasure measures[3 * MODEL_JUDGE_SCORES];
    StatsInterval got[3 * MODEL_JUDGE_SCORES];
    for (int k = 0; k < j->n_scores; k++) {
        const double *of = rows + (size_t)k * 2 * (size_t)in->n;
        bool mean = recipes[k].kind == STATS_MEAN || recipes[k].kind == STATS_ROOT_MEAN;
        measures[3 * k] = (StatsMeasure){recipes[k].kind, mean ? of : NULL, NULL};
        measures[3 * k + 1] = (StatsMeasure){mean ? recipes[k].kind : STATS_MEAN, of + in->n, NULL};
        measures[3 * k + 2] =
            (StatsMeasure){mean ? recipes[k].kind : STATS_MEAN, of, mean ? of + in->n : NULL};
    }
    bool ranked = j->task == MODEL_TASK_BINARY;
    StatsRows of = {ranked ? in->out : NULL, in->y, in->group, in->n, ranked ? MODEL_JUDGE_BINS : 0};
    stats_measure(&of, measures, 3 * j->n_scores, in->rounds, LEVEL, in->seed, got);
    for (int k = 0; k < j->n_scores; k++) {
        bool mean = recipes[k].kind == STATS_MEAN || recipes[k].kind == STATS_ROOT_MEAN;
        double base = mean ? got[3 * k + 1].estimate : naive_score(recipes[k].kind, naive, j->mean_target);
        j->scores[k] = (ModelScore){recipes[k].name, recipes[k].more_is_better, got[3 * k], base,
                                    mean ? got[3 * k + 2] : minus(got[3 * k], base)};
    }
}

ErrKind model_judge(ModelTask task, const ModelJudgeInput *in, ModelJudgement *ret, Err *reterr)
{
    TRY(check_targets(task, in, reterr));
    *ret = (ModelJudgement){.task = task, .rows = in->n, .mean_target = NAN, .mean_output = NAN};
    const Recipe *recipes = RECIPES[task];
    while (ret->n_scores < MODEL_JUDGE_SCORES && recipes[ret->n_scores].name)
        ret->n_scores++;
    if (task != MODEL_TASK_CLASSES) {
        ret->mean_target = stats_mean(in->y, in->n);
        ret->mean_output = stats_mean(in->out, in->n);
    }
    score_all(in, isnan(in->naive) ? ret->mean_target : in->naive, recipes, ret);
    if (task == MODEL_TASK_BINARY) {
        ret->n_bins = MODEL_JUDGE_BINS;
        (void)stats_calibration(in->out, in->y, in->n, ret->bins, ret->n_bins);
    }
    return ERR_NONE;
}

const ModelScore *model_judgement_score(const ModelJudgement *j, const char *name)
{
    for (int k = 0; k < j->n_scores; k++)
        if (strcmp(j->scores[k].name, name) == 0)
            return &j->scores[k];
    return NULL;
}

void model_judge_losses(ModelTask task, const double *out, const double *y, int64_t n, int width,
                        double *losses)
{
    CLEANUP(mem_freep) double *right = NULL;
    if (task != MODEL_TASK_CLASSES) {
        stats_losses(RECIPES[task][0].loss, out, y, n, losses);
        return;
    }
    right = mem_array((size_t)n, sizeof *right);
    stats_losses_classes(out, y, n, width, losses, right);
}

/* ---- forward in time ---- */

typedef struct Moment {
    int64_t time, row;
} Moment;

static int moment_cmp(const void *a, const void *b)
{
    const Moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

int model_folds(const int64_t *time, int64_t n, int folds, int64_t *order, ModelFold *out)
{
    CLEANUP(mem_freep) Moment *moments = mem_array((size_t)MAX(n, 1), sizeof *moments);
    for (int64_t i = 0; i < n; i++)
        moments[i] = (Moment){time[i], i};
    qsort(moments, (size_t)n, sizeof *moments, moment_cmp);
    for (int64_t i = 0; i < n; i++)
        order[i] = moments[i].row;
    folds = MIN(MAX(folds, 1), MODEL_FOLDS_MAX);
    int got = 0;
    int64_t last = 0;
    for (int k = 1; k <= folds; k++) {
        int64_t cut = MAX(n * k / (folds + 1), last);
        while (cut > 0 && cut < n && moments[cut].time == moments[cut - 1].time)
            cut++;
        if (cut <= last || cut >= n) /* few times: this block went into the one before */
            continue;
        if (got > 0)
            out[got - 1].test_to = cut;
        out[got++] = (ModelFold){cut, n};
        last = cut;
    }
    return got;
}
