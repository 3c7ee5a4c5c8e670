/* model_train.c - the steps of a training, in the order of model_train at the end. See model_train.h. */
#include "model/model_train.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/model_target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_BYTES GBT_BYTES_MAX
#define NOTES_MAX (1u << 20)
#define SHAP_ROWS_MAX 1000
#define SHAP_WORK_MAX 4000000 /* rows times trees: explaining stays a matter of seconds */
#define ONE_STANDARD_ERROR 0.6827
#define LEVEL 0.95
#define BOOTSTRAPS 1000
#define REFERENCE_ROWS_MIN 200

static const char *const CALIBRATE_NAMES[] = {"auto", "none", "platt", "isotonic"};

bool model_calibrate_parse(Str name, ModelCalibrate *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(CALIBRATE_NAMES); i++)
        if (str_eq_c(name, CALIBRATE_NAMES[i])) {
            *ret = (ModelCalibrate)i;
            return true;
        }
    return false;
}

const char *model_calibrate_name(ModelCalibrate c)
{
    return CALIBRATE_NAMES[c];
}

void model_trained_done(ModelTrained *t)
{
    buf_done(&t->model);
    buf_done(&t->notes);
    gbt_unref(t->gbt);
    model_schema_free(t->schema);
    model_calibration_free(t->calibration);
    mem_free(t->importance);
    model_reference_free(t->reference);
}

typedef struct Trainer {
    const ModelTrainConf *c;
    ModelTarget *target;
    ModelTrained *out;
    int8_t *part;       /* [n_rows] */
    float *weight;      /* [n_rows], or NULL */
    const char **names; /* [n_columns] */
    bool *category;     /* [n_columns], or NULL */
    double *margin;     /* [n_rows]: cross-fitted, two outcomes only; NAN: not predicted */
    char what[64];      /* for the progress */
    Err *reterr;
} Trainer;

static void trainer_done(Trainer *t)
{
    mem_free(t->part);
    mem_free(t->weight);
    mem_free(t->names);
    mem_free(t->category);
    mem_free(t->margin);
}

/* ---- rows of a part, as training data ---- */

typedef struct Rows {
    GbtMatrix m;
    int64_t *index; /* in the table */
    float *x, *y, *weight;
} Rows;

static void rows_done(Rows *r)
{
    mem_free(r->index);
    mem_free(r->x);
    mem_free(r->y);
    mem_free(r->weight);
}

/* Rows of fold `fold`; held false: of all other folds. fold -2: of all folds. Test rows: fold MODEL_PART_TEST, held. */
#define NO_FOLD (-2)
static Rows gather(const Trainer *t, int fold, bool held)
{
    const ModelTable *table = t->target->table;
    size_t width = (size_t)table->n_columns, n = 0;
    Rows r = {.index = mem_array((size_t)table->n_rows, sizeof *r.index)};
    for (int64_t i = 0; i < table->n_rows; i++) {
        bool in = held ? t->part[i] == fold : t->part[i] != MODEL_PART_TEST && t->part[i] != fold;
        if (in)
            r.index[n++] = i;
    }
    r.x = mem_array(n * width, sizeof *r.x);
    r.y = mem_array(n, sizeof *r.y);
    r.weight = t->weight ? mem_array(n, sizeof *r.weight) : NULL;
    for (size_t k = 0; k < n; k++) {
        size_t i = (size_t)r.index[k];
        memcpy(r.x + k * width, table->x + i * width, width * sizeof *r.x);
        r.y[k] = table->y[i];
        if (r.weight)
            r.weight[k] = t->weight[i];
    }
    r.m = (GbtMatrix){.x = r.x,
                      .y = r.y,
                      .weight = r.weight,
                      .n_rows = (int64_t)n,
                      .n_features = table->n_columns,
                      .names = t->names,
                      .category = t->category};
    return r;
}

/* ---- the trainings ---- */

static void show(int round, int rounds, double metric, void *arg)
{
    (void)metric;
    Trainer *t = arg;
    t->c->progress(t->what, round, rounds);
}

static ErrKind fit(Trainer *t, const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *p,
                   GbtTrained *trained)
{
    GbtRun run = t->c->run;
    run.progress = t->c->progress ? show : NULL;
    run.progress_arg = t;
    buf_clear(&t->out->model);
    gbt_unref(t->out->gbt);
    t->out->gbt = NULL;
    TRY(gbt_train(train, valid, p, &run, &t->out->model, trained, t->reterr));
    return gbt_load(buf_str(&t->out->model), GBT_ROUNDS_ALL, &t->out->gbt, t->reterr);
}

static void keep_margins(Trainer *t, const Rows *held)
{
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(t->out->gbt);
    for (int64_t i = 0; i < held->m.n_rows; i++) {
        float margin;
        gbt_margins(t->out->gbt, held->x + i * held->m.n_features, 1, &margin, scratch);
        t->margin[held->index[i]] = (double)margin;
    }
}

static int by_int(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* One training for each held fold. */
static ErrKind fit_folds(Trainer *t, int *ret_rounds)
{
    int rounds[MODEL_SPLIT_FOLDS], folds = t->out->folds, unfinished = 0;
    for (int k = 0; k < folds; k++) {
        CLEANUP(rows_done) Rows train = gather(t, k, false), held = gather(t, k, true);
        GbtTrained trained;
        snprintf(t->what, sizeof t->what, "training %d of %d", k + 1, folds + 1);
        TRY(fit(t, &train.m, &held.m, &t->out->params, &trained));
        rounds[k] = trained.best_round + 1;
        unfinished += trained.rounds == t->out->params.num_boost_round;
        if (t->margin)
            keep_margins(t, &held);
    }
    qsort(rounds, (size_t)folds, sizeof *rounds, by_int);
    *ret_rounds = rounds[folds / 2];
    if (unfinished > 0 && t->out->params.early_stopping_rounds > 0)
        buf_addf(&t->out->notes,
                 "num_boost_round=%d ended %d of %d trainings before they stopped: more may be better\n",
                 t->out->params.num_boost_round, unfinished, folds);
    return ERR_NONE;
}

static bool is_quantile(const Trainer *t)
{
    return str_starts(str_from(t->out->objective), STR("quantile:"));
}

static ErrKind fit_all(Trainer *t)
{
    ModelTrained *out = t->out;
    bool folds = out->params.early_stopping_rounds > 0 || t->margin || is_quantile(t);
    int rounds = out->params.num_boost_round;
    if (!folds)
        out->folds = 0;
    if (folds)
        TRY(fit_folds(t, &rounds));
    out->rounds = rounds;
    if (is_quantile(t))
        return ERR_NONE; /* the model beside its held fold is the one */
    CLEANUP(rows_done) Rows all = gather(t, NO_FOLD, false);
    GbtParams p = out->params;
    p.num_boost_round = rounds;
    snprintf(t->what, sizeof t->what, "training %d of %d", out->folds + 1, out->folds + 1);
    return fit(t, &all.m, NULL, &p, NULL);
}

/* ---- calibration ---- */

typedef struct Cross {
    double *margin, *y, *p; /* [n] cross-fitted rows; p: the probability under test */
    int8_t *fold;
    int64_t n;
} Cross;

static void cross_done(Cross *x)
{
    mem_free(x->margin);
    mem_free(x->y);
    mem_free(x->p);
    mem_free(x->fold);
}

static Cross cross_rows(const Trainer *t)
{
    size_t n = (size_t)t->target->table->n_rows;
    Cross x = {.margin = mem_array(n, sizeof(double)),
               .y = mem_array(n, sizeof(double)),
               .p = mem_array(n, sizeof(double)),
               .fold = mem_array(n, 1)};
    for (size_t i = 0; i < n; i++) {
        if (isnan(t->margin[i]))
            continue;
        /* One held fold is cut in two halves here. */
        x.fold[x.n] = t->out->folds > 1 ? t->part[i] : (int8_t)(x.n % 2);
        x.margin[x.n] = t->margin[i];
        x.y[x.n++] = t->target->table->y[i];
    }
    return x;
}

/* p of every row by a calibration that was fitted on the other folds; false when some fold has one class only. */
static bool cross_calibrate(const Cross *x, ModelCalibrationKind kind, int folds)
{
    CLEANUP(mem_freep) double *rest = mem_array(2 * (size_t)x->n, sizeof *rest);
    for (int k = 0; k < folds; k++) {
        int64_t n = 0;
        for (int64_t i = 0; i < x->n; i++)
            if (x->fold[i] != k) {
                rest[n] = x->margin[i];
                rest[x->n + n++] = x->y[i];
            }
        CLEANUP(model_calibration_freep) ModelCalibration *c = NULL;
        Err why;
        if (model_calibrate(kind, rest, rest + x->n, n, &c, &why) != ERR_NONE)
            return false;
        for (int64_t i = 0; i < x->n; i++)
            if (x->fold[i] == k)
                x->p[i] = model_calibrated(c, x->margin[i]);
    }
    return true;
}

static ModelCalibrate choose_calibration(Trainer *t, Cross *x)
{
    static const ModelCalibrationKind kinds[] = {MODEL_PLATT, MODEL_ISOTONIC};
    ModelCalibrate best = MODEL_CALIBRATE_NONE;
    CLEANUP(mem_freep) double *plain = mem_array((size_t)x->n, sizeof *plain);
    for (int64_t i = 0; i < x->n; i++)
        plain[i] = 1 / (1 + exp(-x->margin[i]));
    double *brier = t->out->cross_brier, least = brier[0] = stats_brier(plain, x->y, x->n);
    for (int k = 0; k < 2; k++) {
        if (!cross_calibrate(x, kinds[k], t->out->folds > 1 ? t->out->folds : 2))
            continue;
        brier[k + 1] = stats_brier(x->p, x->y, x->n);
        StatsInterval gain = stats_bootstrap_diff(stats_brier, x->p, plain, x->y, NULL, x->n, 200,
                                                  ONE_STANDARD_ERROR, (uint64_t)t->out->params.seed);
        if (gain.high < 0 && brier[k + 1] < least) {
            least = brier[k + 1];
            best = k == 0 ? MODEL_CALIBRATE_PLATT : MODEL_CALIBRATE_ISOTONIC;
        }
    }
    return best;
}

static ErrKind calibrate(Trainer *t)
{
    ModelTrained *out = t->out;
    out->chosen = MODEL_CALIBRATE_NONE;
    for (int k = 0; k < 3; k++)
        out->cross_brier[k] = NAN;
    if (!t->margin)
        return ERR_NONE;
    CLEANUP(cross_done) Cross x = cross_rows(t);
    ModelCalibrate chosen = choose_calibration(t, &x);
    out->chosen = t->c->calibrate == MODEL_CALIBRATE_AUTO ? chosen : t->c->calibrate;
    if (out->chosen == MODEL_CALIBRATE_NONE)
        return ERR_NONE;
    ModelCalibrationKind kind = out->chosen == MODEL_CALIBRATE_PLATT ? MODEL_PLATT : MODEL_ISOTONIC;
    ErrKind err = model_calibrate(kind, x.margin, x.y, x.n, &out->calibration, t->reterr);
    return err ? err_wrap(t->reterr, err, "calibration") : ERR_NONE;
}

/* ---- judging ---- */

static double mean_target(const Trainer *t)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < t->target->table->n_rows; i++)
        if (t->part[i] != MODEL_PART_TEST) {
            sum += t->target->table->y[i];
            n++;
        }
    return sum / (double)n;
}

static ErrKind judge_one(Trainer *t, const Rows *test, const double *y, bool raw, double *p,
                         ModelJudgement *ret)
{
    ModelTrained *out = t->out;
    ModelTask task;
    ModelBundle b = {.gbt = out->gbt, .schema = out->schema, .calibration = out->calibration};
    TRY(model_task(out->gbt, &task, t->reterr));
    model_judge_outputs(&b, test->x, test->m.n_rows, raw, p);
    ModelJudgeInput in = {.out = p,
                          .y = y,
                          .n = test->m.n_rows,
                          .width = model_judge_width(out->gbt),
                          .naive = mean_target(t),
                          .rounds = BOOTSTRAPS,
                          .seed = (uint64_t)out->params.seed};
    return model_judge(task, &in, ret, t->reterr);
}

static double share_below(const double *p, const double *y, int64_t n)
{
    double below = 0;
    for (int64_t i = 0; i < n; i++)
        below += y[i] <= p[i];
    return below / (double)n;
}

static ErrKind judge(Trainer *t, const Rows *test)
{
    ModelTrained *out = t->out;
    ModelTask task;
    Err none;
    out->coverage = NAN;
    out->calibration_gain = (StatsInterval){NAN, NAN, NAN};
    out->judged = model_task(out->gbt, &task, &none) == ERR_NONE;
    if (!out->judged) {
        buf_addf(&out->notes, "not judged: %s\n", none.msg);
        return ERR_NONE;
    }
    size_t n = (size_t)test->m.n_rows, width = (size_t)model_judge_width(out->gbt);
    CLEANUP(mem_freep) double *raw = mem_array(n * width, sizeof *raw), *p = mem_array(n * width, sizeof *p);
    CLEANUP(mem_freep) double *y = mem_array(n, sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] = test->y[i];
    TRY(judge_one(t, test, y, true, raw, &out->raw));
    TRY(judge_one(t, test, y, false, p, &out->final));
    if (out->calibration)
        out->calibration_gain = stats_bootstrap_diff(stats_brier, p, raw, y, NULL, (int64_t)n, BOOTSTRAPS,
                                                     LEVEL, (uint64_t)out->params.seed);
    if (is_quantile(t))
        out->coverage = share_below(p, y, (int64_t)n);
    return ERR_NONE;
}

static int by_value(const void *a, const void *b)
{
    const ModelTrainFeature *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value ? 1 : -1) : x->feature - y->feature;
}

static void weigh_features(Trainer *t, const Rows *test)
{
    ModelTrained *out = t->out;
    int n = gbt_n_features(out->gbt), groups = gbt_n_groups(out->gbt);
    int64_t most = MAX(20, SHAP_WORK_MAX / MAX(1, gbt_n_trees(out->gbt)));
    int64_t rows = MIN(test->m.n_rows, MIN(SHAP_ROWS_MAX, most));
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(out->gbt);
    CLEANUP(mem_freep) double *shap = mem_array((size_t)groups * ((size_t)n + 1), sizeof *shap);
    out->importance = mem_array((size_t)n, sizeof *out->importance);
    out->importance_rows = rows;
    for (int f = 0; f < n; f++)
        out->importance[f].feature = f;
    for (int64_t i = 0; i < rows; i++) {
        gbt_shap(out->gbt, test->x + i * test->m.n_rows / rows * n, shap, scratch);
        for (int g = 0; g < groups; g++)
            for (int f = 0; f < n; f++)
                out->importance[f].value += fabs(shap[g * (n + 1) + f]) / (double)rows;
    }
    qsort(out->importance, (size_t)n, sizeof *out->importance, by_value);
}

static void keep_reference(Trainer *t, const Rows *test)
{
    ModelTrained *out = t->out;
    ModelBundle b = {.gbt = out->gbt, .schema = out->schema, .calibration = out->calibration};
    bool enough = test->m.n_rows >= REFERENCE_ROWS_MIN;
    const ModelTable *all = t->target->table;
    out->reference =
        model_reference_of(&b, all->x, all->n_rows, enough ? test->x : NULL, enough ? test->m.n_rows : 0);
}

/* ---- all of it ---- */

static void describe_columns(Trainer *t)
{
    const ModelSchema *s = t->target->schema;
    bool any = false;
    t->names = mem_array((size_t)s->n_columns, sizeof *t->names);
    t->category = mem_array((size_t)s->n_columns, sizeof *t->category);
    for (int i = 0; i < s->n_columns; i++) {
        t->names[i] = s->columns[i].name;
        t->category[i] = s->columns[i].category;
        any = any || t->category[i];
    }
    if (!any) {
        mem_free(t->category);
        t->category = NULL;
    }
}

static ErrKind divide(Trainer *t)
{
    const ModelTarget *target = t->target;
    const ModelTable *table = target->table;
    size_t n = (size_t)table->n_rows;
    t->part = mem_array(n, sizeof *t->part);
    memset(t->part, MODEL_PART_TEST, n);
    ModelSplitConf split = {.class_of = target->class_of,
                            .n_classes = target->class_of ? target->n_classes : 1,
                            .time = table->time,
                            .test_fraction = t->c->valid ? 0 : t->c->valid_fraction,
                            .folds = is_quantile(t) ? 1 : MODEL_SPLIT_FOLDS,
                            .seed = (uint64_t)t->out->params.seed};
    TRY(model_split(&split, target->test_from, t->part, &t->out->folds, t->reterr));
    for (size_t i = 0; i < n; i++)
        t->out->test_rows += t->part[i] == MODEL_PART_TEST;
    t->out->train_rows = (int64_t)n - t->out->test_rows;
    if (t->out->test_rows == 0)
        return err_set(t->reterr, ERR_INVALID, "%zu rows leave none to judge on", n);
    if (t->out->train_rows < MODEL_SPLIT_ROWS_MIN / 2)
        return err_set(t->reterr, ERR_INVALID, "%zu rows leave %lld to train on, at least %d are needed", n,
                       (long long)t->out->train_rows, MODEL_SPLIT_ROWS_MIN / 2);
    return ERR_NONE;
}

static void tell_times(Trainer *t)
{
    const int64_t *time = t->target->table->time;
    ModelTrained *out = t->out;
    if (!time)
        return;
    out->time = t->c->time;
    out->time_first = out->time_test = INT64_MAX;
    out->time_last = INT64_MIN;
    for (int64_t i = 0; i < t->target->table->n_rows; i++) {
        out->time_first = MIN(out->time_first, time[i]);
        out->time_last = MAX(out->time_last, time[i]);
        if (t->part[i] == MODEL_PART_TEST)
            out->time_test = MIN(out->time_test, time[i]);
    }
}

/* What is wrong whatever the data is: before a large file is read. */
static ErrKind check_first(const ModelTrainConf *c, Err *reterr)
{
    GbtParams p = c->params;
    p.objective = c->objective ? c->objective : p.objective;
    p.num_class = str_starts(str_from(p.objective), STR("multi:")) ? 2 : 0;
    /* Without an objective a parameter may belong to the one that the target decides. */
    return c->objective ? gbt_params_check(&p, false, reterr) : ERR_NONE;
}

static ErrKind prepare(Trainer *t)
{
    ModelTrained *out = t->out;
    ModelTarget *target = t->target;
    TRY(check_first(t->c, t->reterr));
    TRY(model_target_read(t->c, target, &out->notes, t->reterr));
    str_copy(out->objective, sizeof out->objective, str_from(target->objective));
    out->params = t->c->params;
    out->params.objective = out->objective;
    out->params.num_class = target->num_class;
    gbt_params_warn(&out->params, &out->notes);
    TRY(gbt_params_check(&out->params, false, t->reterr));
    if (t->c->class_weight)
        buf_add_c(&out->notes,
                  "--class-weight: without a calibration predicted probabilities are no frequencies\n");
    TRY(model_target_weights(t->c, target, &t->weight, t->reterr));
    TRY(divide(t));
    tell_times(t);
    describe_columns(t);
    out->rows = target->table->n_rows;
    out->dropped = target->dropped;
    bool two = strcmp(out->objective, "binary:logistic") == 0 && target->class_of;
    if (two && t->c->calibrate != MODEL_CALIBRATE_NONE) {
        t->margin = mem_array((size_t)out->rows, sizeof *t->margin);
        for (int64_t i = 0; i < out->rows; i++)
            t->margin[i] = NAN;
    } else if (t->c->calibrate > MODEL_CALIBRATE_NONE) {
        return err_set(t->reterr, ERR_INVALID, "--calibrate %s needs objective binary:logistic, this is %s",
                       model_calibrate_name(t->c->calibrate), out->objective);
    }
    return ERR_NONE;
}

static ErrKind run(Trainer *t)
{
    TRY(prepare(t));
    TRY(fit_all(t));
    TRY(calibrate(t));
    CLEANUP(rows_done) Rows test = gather(t, MODEL_PART_TEST, true);
    t->out->schema = t->target->schema;
    t->target->schema = NULL;
    TRY(judge(t, &test));
    weigh_features(t, &test);
    keep_reference(t, &test);
    return ERR_NONE;
}

ErrKind model_train(const ModelTrainConf *c, ModelTrained *ret, Err *reterr)
{
    int64_t from = clock_mono_us();
    *ret = (ModelTrained){.model = BUF(MODEL_BYTES), .notes = BUF(NOTES_MAX)};
    CLEANUP(model_target_done) ModelTarget target = {0};
    CLEANUP(trainer_done) Trainer t = {.c = c, .target = &target, .out = ret, .reterr = reterr};
    TRY(run(&t));
    ret->seconds = (double)(clock_mono_us() - from) / US_PER_S;
    return ERR_NONE;
}
