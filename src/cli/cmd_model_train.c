/* cmd_model_train.c - ehub model train: a CSV file becomes a bundle and a report. */
#include "base/file.h"
#include "base/jw.h"
#include "cli/cmd_model.h"
#include "model/model_train.h"
#include "rt/rt_signal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define REPORT_MAX (32u << 20)
#define TIME_MAX_MS (INT64_C(7) * 86400 * 1000)

static void show_progress(const char *what, int round, int rounds)
{
    cli_progress("%s: round %d of at most %d", what, round, rounds);
}

static int option_index(const CliCall *call, const char *name)
{
    for (int i = 0; call->cmd->options[i].name; i++)
        if (strcmp(call->cmd->options[i].name, name) == 0)
            return i;
    return 0;
}

/* --param k=v ..., then the options that stand for parameters. */
static ErrKind read_params(const CliCall *call, GbtParams *p, Err *reterr)
{
    int at = option_index(call, "param");
    for (int i = 0; i < call->n_lists[at]; i++) {
        Str text = str_from(call->lists[at][i]), name;
        const char *equals = strchr(call->lists[at][i], '=');
        if (!equals)
            return err_set(reterr, ERR_USAGE, "--param \"%.80s\" is not NAME=VALUE", text.ptr);
        name = str_slice(text, 0, (size_t)(equals - text.ptr));
        if (str_eq_c(name, "objective") || str_eq_c(name, "num_class"))
            return err_set(reterr, ERR_USAGE, "--param " STR_FMT ": %s", STR_ARG(name),
                           str_eq_c(name, "objective") ? "use --objective" : "it is counted in the data");
        TRY(gbt_params_set(p, name, equals + 1, reterr));
    }
    p->seed = (int)cli_int(call, "seed", p->seed);
    p->nthread = (int)cli_int(call, "threads", p->nthread);
    return ERR_NONE;
}

static ErrKind read_split(const CliCall *call, ModelTrainConf *c, Err *reterr)
{
    const char *fraction = cli_text(call, "valid-fraction", NULL);
    c->valid = cli_text(call, "valid", NULL);
    c->time = cli_text(call, "time", NULL);
    c->valid_fraction = 0.2;
    if (fraction && c->valid)
        return err_set(reterr, ERR_USAGE, "--valid and --valid-fraction exclude each other");
    if (fraction && (!str_to_f64(str_from(fraction), &c->valid_fraction) || !(c->valid_fraction >= 0.01) ||
                     !(c->valid_fraction <= 0.9)))
        return err_set(reterr, ERR_USAGE, "--valid-fraction \"%.40s\" is not in 0.01 .. 0.9", fraction);
    return ERR_NONE;
}

static ErrKind read_conf(const CliCall *call, ModelTrainConf *c, Err *reterr)
{
    const char *calibrate = cli_text(call, "calibrate", "auto");
    int at = option_index(call, "ignore");
    c->data = cli_text(call, "data", NULL);
    c->target = cli_text(call, "target", NULL);
    c->objective = cli_text(call, "objective", NULL);
    c->class_weight = cli_text(call, "class-weight", NULL);
    c->params = GBT_PARAMS_DEFAULT;
    c->progress = show_progress;
    for (int i = 0; i < call->n_lists[at]; i++)
        c->ignore[i] = call->lists[at][i];
    if (!model_calibrate_parse(str_from(calibrate), &c->calibrate))
        return err_set(reterr, ERR_USAGE, "--calibrate \"%.40s\" is not auto, isotonic, platt or none",
                       calibrate);
    TRY(read_split(call, c, reterr));
    return read_params(call, &c->params, reterr);
}

/* Temporary files go where the bundle will be: somebody chose that place for these figures. */
static ErrKind work_dir(const char *out, char dir[static PATH_MAX], Err *reterr)
{
    const char *slash = strrchr(out, '/');
    Str parent = slash ? (Str){out, (size_t)(slash - out) + (slash == out)} : STR(".");
    if (!str_copy(dir, PATH_MAX, parent))
        return err_set(reterr, ERR_LIMIT, "--out: the path is too long");
    if (!file_exists(dir))
        return err_set(reterr, ERR_NOT_FOUND, "--out: there is no directory %s", dir);
    return ERR_NONE;
}

static ErrKind finish(const CliCall *call, const ModelTrainConf *c, const ModelTrained *t, Err *reterr)
{
    const char *out = cli_text(call, "out", NULL), *report = cli_text(call, "report", NULL);
    CLEANUP(buf_done) Buf json = BUF(REPORT_MAX), text = BUF(REPORT_MAX);
    CLEANUP(buf_done) Buf drift = BUF(REPORT_MAX);
    CLEANUP(jv_freep) Jv *doc = NULL, *reference = NULL;
    Jw w = jw(&json), d = jw(&drift);
    model_train_json(&w, c, t);
    TRY(buf_check(&json, reterr));
    TRY(jv_parse(buf_str(&json), &doc, reterr));
    model_reference_write(&d, t->reference);
    TRY(buf_check(&drift, reterr));
    TRY(jv_parse(buf_str(&drift), &reference, reterr));
    TRY(model_bundle_write(out, buf_str(&t->model), t->schema, t->calibration, doc, reference, reterr));
    buf_add_char(&json, '\n');
    if (report)
        TRY(file_write(report, buf_str(&json), 0600, reterr));
    model_train_print(&text, c, t);
    TRY(buf_check(&text, reterr));
    const Buf *shown = cli_flag(call, "json") ? &json : &text;
    fwrite(shown->ptr, 1, shown->len, stdout);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    char dir[PATH_MAX];
    ModelTrainConf c = {0};
    ModelTrained t;
    TRY(read_conf(call, &c, reterr));
    TRY(work_dir(cli_text(call, "out", NULL), dir, reterr));
    TRY(rt_signal_init(reterr));
    c.run = (GbtRun){.work_dir = dir, .by = deadline_in_ms(TIME_MAX_MS), .stop = rt_signal_stop_requested};
    ErrKind kind = model_train(&c, &t, reterr);
    cli_progress_end();
    cmd_model_notes(buf_str(&t.notes));
    if (kind == ERR_NONE && rt_signal_stop_requested())
        kind = err_set(reterr, ERR_CANCELLED, "stopped before the bundle was written");
    if (kind == ERR_NONE)
        kind = finish(call, &c, &t, reterr);
    model_trained_done(&t);
    return kind;
}

const CliCmd CMD_MODEL_TRAIN = {
    .name = "train",
    .help = "Train a model from a CSV file and judge it on rows that it has not seen",
    .details =
        "Columns that are not numbers become categories; the target may be two texts, several, or a number, "
        "and the "
        "objective follows\n"
        "from it unless it is given (the rules: docs/reference/training.md is the list of objectives and "
        "parameters). Boosting stops early.\n"
        "The rows to judge are 20 % at random, a file of their own, or with --time the last ones. Nothing "
        "else "
        "sees them: early stopping\n"
        "and calibration use predictions of training rows by models that were trained without them.\n"
        "Exit status 65: data or parameters that cannot be trained on; the message names the place.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "CSV with a header", true},
            {"target", CLI_TEXT, "COLUMN", "What is to be predicted", true},
            {"out", CLI_TEXT, "FILE", "The bundle to write", true},
            {"objective", CLI_TEXT, "NAME", "XGBoost's, or quantile:A; without it the target decides"},
            {"valid", CLI_TEXT, "FILE", "CSV with the rows to judge"},
            {"valid-fraction", CLI_TEXT, "F", "Share of the rows to judge (default 0.2)"},
            {"time", CLI_TEXT, "COLUMN", "Judge forward in time by this column, which is no feature"},
            {"param", CLI_LIST, "NAME=VALUE", "A training parameter; may be repeated"},
            {"ignore", CLI_LIST, "COLUMN", "A column that is no feature; may be repeated"},
            {"class-weight", CLI_TEXT, "W", "balanced, or {\"CLASS\":2}: weights of rows by their class"},
            {"calibrate", CLI_TEXT, "HOW", "auto (default), isotonic, platt or none"},
            {"seed", CLI_INT, "N", "Of the split and the training (default 1)", false, 0, INT32_MAX},
            {"threads", CLI_INT, "N", "Threads of the trainer (default 1)", false, 1, 256},
            {"report", CLI_TEXT, "FILE", "Write the report as JSON"},
            {"json", CLI_FLAG, NULL, "Print the report as JSON"},
            {.name = NULL}},
    .run = run,
    .no_conf = true,
};
