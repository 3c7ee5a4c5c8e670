/* cmd_model_evaluate.c - ehub model evaluate: scores of a model on rows whose outcome is known. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_model.h"
#include "model/model_importance.h"

#include <math.h>
#include <stdio.h>

#define OUT_MAX (64u << 20)
#define PERIODS 4
#define PERMUTATION_ROUNDS 200
#define TOP 20

typedef struct Period {
    int64_t from, to; /* times */
    ModelJudgement j;
} Period;

typedef struct Evaluation {
    const char *model, *data;
    ModelBundle *bundle;
    ModelTask task;
    int64_t n, without_target, unknown;
    float *x;
    double *y, *out;
    int64_t *time; /* or NULL */
    int width, rounds;
    uint64_t seed;
    ModelJudgement judged, raw; /* raw: with a calibration only */
    Period periods[PERIODS];
    int n_periods;
    ModelPermutation *permutations; /* or NULL */
    int64_t permuted_rows;
} Evaluation;

static void evaluation_done(Evaluation *e)
{
    model_bundle_free(e->bundle);
    mem_free(e->x);
    mem_free(e->y);
    mem_free(e->out);
    mem_free(e->time);
    mem_free(e->permutations);
}

/* ---- rows ---- */

/* What the texts of the target mean is learned from this file: a model of XGBoost does not say. False when they are no
 * classes. */
static bool learn_target(ModelSchema *s, const char *path)
{
    CLEANUP(model_schema_freep) ModelSchema *learned = NULL;
    Err none;
    if (model_schema_learn(path, &(ModelLearn){.target = s->target}, &learned, &none) != ERR_NONE ||
        learned->target_kind == MODEL_TARGET_NUMBER)
        return false;
    s->target_kind = learned->target_kind;
    s->classes = learned->classes;
    s->n_classes = learned->n_classes;
    learned->classes = NULL;
    learned->n_classes = 0;
    if (s->target_kind == MODEL_TARGET_TWO)
        fprintf(stderr, "ehub: target \"%s\": %s is taken as 1, %s as 0\n", s->target, s->classes[1],
                s->classes[0]);
    else
        fprintf(stderr, "ehub: target \"%s\": the classes are taken in the order of the alphabet\n",
                s->target);
    return true;
}

static ErrKind read_table(const CliCall *call, Evaluation *e, ModelTable **ret, Err *reterr)
{
    ModelSchema *s = e->bundle->schema;
    const char *target = cli_text(call, "target", s->target);
    if (!target)
        return err_set(reterr, ERR_USAGE, "%s does not say what it predicts: give the column with --target",
                       e->model);
    bool known = s->target_kind != MODEL_TARGET_NONE;
    if (target != s->target) {
        mem_free(s->target);
        s->target = mem_strdup(target);
    }
    for (int i = 0; i < s->n_columns; i++)
        if (strcmp(s->columns[i].name, target) == 0)
            return err_set(reterr, ERR_USAGE, "--target: \"%.100s\" is a feature of the model", target);
    if (!known)
        s->target_kind = MODEL_TARGET_NUMBER;
    const ModelRead how = {.target = true, .time = cli_text(call, "time", NULL)};
    ErrKind kind = model_table_read(e->data, s, &how, ret, reterr);
    if (kind != ERR_INVALID || known || !learn_target(s, e->data))
        return kind;
    return model_table_read(e->data, s, &how, ret, reterr);
}

/* Rows without a target leave. */
static ErrKind take_rows(Evaluation *e, const ModelTable *t, Err *reterr)
{
    size_t width = (size_t)t->n_columns, n = 0;
    e->x = mem_array((size_t)t->n_rows * width, sizeof *e->x);
    e->y = mem_array((size_t)t->n_rows, sizeof *e->y);
    e->time = t->time ? mem_array((size_t)t->n_rows, sizeof *e->time) : NULL;
    for (int64_t i = 0; i < t->n_rows; i++) {
        if (isnan(t->y[i]))
            continue;
        memcpy(e->x + n * width, t->x + (size_t)i * width, width * sizeof *e->x);
        if (e->time)
            e->time[n] = t->time[i];
        e->y[n++] = (double)t->y[i];
    }
    e->n = (int64_t)n;
    e->without_target = t->n_rows - e->n;
    e->unknown = t->unknown;
    if (n == 0)
        return err_set(reterr, ERR_INVALID, "%s: no row has a target", e->data);
    if (e->without_target)
        fprintf(stderr, "ehub: %lld rows without a target were left out\n", (long long)e->without_target);
    return ERR_NONE;
}

/* ---- judging ---- */

static ModelJudgeInput input_of(const Evaluation *e, int64_t n)
{
    return (ModelJudgeInput){.out = e->out,
                             .y = e->y,
                             .n = n,
                             .width = e->width,
                             .naive = NAN,
                             .rounds = e->rounds,
                             .seed = e->seed};
}

/* Rows order[from .. to - 1] as one period. */
static ErrKind judge_period(Evaluation *e, const int64_t *order, int64_t from, int64_t to, Err *reterr)
{
    Period *p = &e->periods[e->n_periods++];
    int64_t n = to - from;
    CLEANUP(mem_freep) double *out = mem_array((size_t)n * (size_t)e->width, sizeof *out);
    CLEANUP(mem_freep) double *y = mem_array((size_t)n, sizeof *y);
    for (int64_t i = 0; i < n; i++) {
        memcpy(out + i * e->width, e->out + order[from + i] * e->width, (size_t)e->width * sizeof *out);
        y[i] = e->y[order[from + i]];
    }
    p->from = e->time[order[from]];
    p->to = e->time[order[to - 1]];
    ModelJudgeInput in = input_of(e, n);
    in.out = out;
    in.y = y;
    return model_judge(e->task, &in, &p->j, reterr);
}

static ErrKind judge_periods(Evaluation *e, Err *reterr)
{
    CLEANUP(mem_freep) int64_t *order = mem_array((size_t)e->n, sizeof *order);
    ModelFold folds[MODEL_FOLDS_MAX];
    int n = model_folds(e->time, e->n, PERIODS - 1, order, folds);
    TRY(judge_period(e, order, 0, n ? folds[0].test_from : e->n, reterr));
    for (int k = 0; k < n; k++)
        TRY(judge_period(e, order, folds[k].test_from, folds[k].test_to, reterr));
    return ERR_NONE;
}

static ErrKind judge(const CliCall *call, Evaluation *e, Err *reterr)
{
    e->width = model_judge_width(e->bundle->gbt);
    e->out = mem_array((size_t)e->n * (size_t)e->width, sizeof *e->out);
    ModelJudgeInput in = input_of(e, e->n);
    ErrKind kind = ERR_NONE;
    if (e->bundle->calibration) {
        model_judge_outputs(e->bundle, e->x, e->n, true, e->out);
        kind = model_judge(e->task, &in, &e->raw, reterr);
    }
    model_judge_outputs(e->bundle, e->x, e->n, false, e->out);
    if (!kind)
        kind = model_judge(e->task, &in, &e->judged, reterr);
    if (kind)
        return err_wrap(reterr, kind, "%s, column \"%.100s\"", e->data, e->bundle->schema->target);
    if (e->time)
        TRY(judge_periods(e, reterr));
    if (!cli_flag(call, "permutation"))
        return ERR_NONE;
    e->permutations = mem_array((size_t)gbt_n_features(e->bundle->gbt), sizeof *e->permutations);
    e->permuted_rows = model_importance(e->bundle, e->task, e->x, e->y, e->n, MODEL_IMPORTANCE_REPEATS,
                                        MIN(e->rounds, PERMUTATION_ROUNDS), e->seed, e->permutations);
    return ERR_NONE;
}

/* ---- telling ---- */

static void metrics_json(Jw *w, const ModelJudgement *j)
{
    jw_obj(w);
    for (int k = 0; k < j->n_scores; k++)
        jw_kv_f64(w, j->scores[k].name, j->scores[k].model.estimate);
    jw_end(w);
}

static void periods_json(Jw *w, const Evaluation *e)
{
    char text[40];
    jw_key(w, "periods");
    jw_arr(w);
    for (int k = 0; k < e->n_periods; k++) {
        jw_obj(w);
        model_time_text(e->periods[k].from, text);
        jw_kv_cstr(w, "from", text);
        model_time_text(e->periods[k].to, text);
        jw_kv_cstr(w, "to", text);
        jw_key(w, "evaluation");
        model_judgement_json(w, &e->periods[k].j);
        jw_end(w);
    }
    jw_end(w);
}

static void evaluation_json(Buf *out, const Evaluation *e)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "model", e->model);
    jw_kv_cstr(&w, "model_sha256", e->bundle->sha256);
    jw_kv_cstr(&w, "objective", gbt_objective(e->bundle->gbt));
    jw_kv_cstr(&w, "data", e->data);
    jw_kv_cstr(&w, "target", e->bundle->schema->target);
    jw_kv_i64(&w, "rows", e->n);
    jw_kv_i64(&w, "rows_without_target", e->without_target);
    jw_kv_i64(&w, "unknown_categories", e->unknown);
    jw_kv_i64(&w, "bootstrap_rounds", e->rounds);
    jw_kv_i64(&w, "seed", (int64_t)e->seed);
    jw_key(&w, "metrics");
    metrics_json(&w, &e->judged);
    jw_key(&w, "evaluation");
    model_judgement_json(&w, &e->judged);
    if (e->bundle->calibration) {
        jw_key(&w, "before_calibration");
        model_judgement_json(&w, &e->raw);
    }
    if (e->time)
        periods_json(&w, e);
    if (e->permutations) {
        jw_key(&w, "permutation");
        jw_obj(&w);
        jw_kv_cstr(&w, "loss", e->task == MODEL_TASK_NUMBER ? "squared_error" : e->judged.scores[0].name);
        jw_kv_i64(&w, "rows", e->permuted_rows);
        jw_kv_i64(&w, "repeats", MODEL_IMPORTANCE_REPEATS);
        jw_key(&w, "features");
        model_importance_json(&w, e->bundle, e->permutations);
        jw_end(&w);
    }
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void periods_print(Buf *out, const Evaluation *e)
{
    char from[40], to[40];
    const ModelJudgement *all = &e->judged;
    bool auc = model_judgement_score(all, "auc") != NULL;
    buf_addf(out, "\n  forward in time\n  %-24s  %-24s  %9s  %9s  %-16s  %s\n", "from", "to", "rows",
             e->task == MODEL_TASK_CLASSES ? "" : "mean", all->scores[0].name, auc ? "auc" : "");
    for (int k = 0; k < e->n_periods; k++) {
        const ModelJudgement *j = &e->periods[k].j;
        model_time_text(e->periods[k].from, from);
        model_time_text(e->periods[k].to, to);
        buf_addf(out, "  %-24s  %-24s  %9lld", from, to, (long long)j->rows);
        if (e->task == MODEL_TASK_CLASSES)
            buf_addf(out, "  %9s", "");
        else
            buf_addf(out, "  %9.5g", j->mean_target);
        buf_addf(out, "  %-16.5g", j->scores[0].model.estimate);
        double a = auc ? model_judgement_score(j, "auc")->model.estimate : NAN;
        if (!isnan(a))
            buf_addf(out, "  %.5g", a);
        buf_add_char(out, '\n');
    }
}

static void evaluation_print(Buf *out, const Evaluation *e)
{
    const ModelJudgement *j = &e->judged;
    buf_addf(out, "%s (%s) on %s: %lld rows", e->model, gbt_objective(e->bundle->gbt), e->data,
             (long long)e->n);
    if (e->task == MODEL_TASK_BINARY)
        buf_addf(out, ", %.2f %% with %s = 1", 100 * j->mean_target, e->bundle->schema->target);
    else if (e->task != MODEL_TASK_CLASSES)
        buf_addf(out, ", mean %s %.5g", e->bundle->schema->target, j->mean_target);
    if (e->rounds)
        buf_addf(out, "\n95 %% intervals of %d bootstrap rounds", e->rounds);
    buf_addf(out, "%s the naive forecast says the %s of these rows for each\n\n", e->rounds ? ";" : "\n",
             e->task == MODEL_TASK_BINARY    ? "rate"
             : e->task == MODEL_TASK_CLASSES ? "shares"
                                             : "mean");
    model_judgement_print(out, j, e->bundle->calibration ? &e->raw : NULL);
    if (e->time)
        periods_print(out, e);
    if (e->permutations) {
        buf_addf(out, "\n  %s grows by so much when a column is shuffled (%lld rows, mean of %d)\n",
                 e->task == MODEL_TASK_NUMBER ? "squared error" : j->scores[0].name,
                 (long long)e->permuted_rows, MODEL_IMPORTANCE_REPEATS);
        model_importance_print(out, e->bundle, e->permutations, TOP);
    }
}

static ErrKind run_on(const CliCall *call, Evaluation *e, Err *reterr)
{
    e->model = cli_text(call, "model", NULL);
    e->data = cli_text(call, "data", NULL);
    e->rounds = (int)cli_int(call, "rounds-bootstrap", MODEL_JUDGE_ROUNDS);
    e->seed = (uint64_t)cli_int(call, "seed", 1);
    TRY(cmd_model_open(e->model, cli_text(call, "rounds", NULL), &e->bundle, reterr));
    TRY(model_task(e->bundle->gbt, &e->task, reterr));
    CLEANUP(model_table_freep) ModelTable *t = NULL;
    TRY(read_table(call, e, &t, reterr));
    cmd_model_notes(buf_str(&t->notes));
    TRY(take_rows(e, t, reterr));
    TRY(judge(call, e, reterr));
    CLEANUP(buf_done) Buf json = BUF(OUT_MAX), text = BUF(OUT_MAX);
    evaluation_json(&json, e);
    evaluation_print(&text, e);
    TRY(buf_check(&json, reterr));
    TRY(buf_check(&text, reterr));
    const char *report = cli_text(call, "report", NULL);
    if (report)
        TRY(file_write(report, buf_str(&json), 0600, reterr));
    const Buf *out = cli_flag(call, "json") ? &json : &text;
    fwrite(out->ptr, 1, out->len, stdout);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(evaluation_done) Evaluation e = {0};
    return run_on(call, &e, reterr);
}

const CliCmd CMD_MODEL_EVALUATE = {
    .name = "evaluate",
    .help = "Judge a model on rows whose outcome is known",
    .details =
        "Two outcomes: log loss, Brier score, AUC, average precision, expected calibration error and "
        "reliability bins,\n"
        "with a calibration also before it. Classes: log loss, accuracy. Numbers: RMSE, MAE; counts: Poisson "
        "deviance\n"
        "besides (gamma and Tweedie: theirs). Each with a 95 % bootstrap interval and beside a naive "
        "forecast: "
        "the mean\n"
        "of these rows for all. With --time the rows are also judged in up to four periods, one after the "
        "other;\n"
        "--permutation tells how much the loss grows when a column is shuffled.\n"
        "\n"
        "A bundle knows its target; an XGBoost file needs --target: numbers, or texts (of two texts the one "
        "that says\n"
        "yes, or the later in the alphabet, is 1). Rows without a target are left out.",
    .options =
        (const CliOption[]){
            CMD_MODEL_OPTION,
            CMD_MODEL_DATA_OPTION,
            {"target", CLI_TEXT, "COLUMN", "The outcome (default: the bundle's)"},
            {"time", CLI_TEXT, "COLUMN", "Judge by periods of this column too"},
            {"rounds-bootstrap", CLI_INT, "N", "Bootstrap rounds, 0: none (default 1000)", false, 0, 100000},
            {"seed", CLI_INT, "N", "Of the bootstrap and of shuffling (default 1)", false, 0, INT32_MAX},
            {"permutation", CLI_FLAG, NULL, "Permutation importance"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {"report", CLI_TEXT, "FILE", "Write the JSON there as well"},
            CMD_MODEL_ROUNDS_OPTION,
            {.name = NULL}},
    .run = run,
    .no_conf = true,
};
