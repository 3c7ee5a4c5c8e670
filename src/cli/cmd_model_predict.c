/* cmd_model_predict.c - ehub model predict: a CSV file of rows to predictions, margins or contributions. */
#include "base/mem.h"
#include "cli/cmd_model.h"

#include <stdio.h>

#define CONTRIBS_MAX (INT64_C(1) << 27) /* doubles a row: 1 GiB */

typedef enum What { PREDICT, MARGIN, CONTRIBS, INTERACTIONS } What;

typedef struct Job {
    const ModelBundle *bundle;
    What what;
    int n_features, n_groups;
    int64_t n_out; /* values a row */
    ModelReader *reader;
    GbtScratch *scratch;
    CmdModelOut *out;
    float *x, *values; /* of a block */
    double *contribs;  /* of a row */
} Job;

static ErrKind choose(const CliCall *call, What *ret, Err *reterr)
{
    static const char *const NAMES[] = {"margin", "contribs", "interactions"};
    *ret = PREDICT;
    for (int i = 0; i < 3; i++) {
        if (!cli_flag(call, NAMES[i]))
            continue;
        if (*ret != PREDICT)
            return err_set(reterr, ERR_USAGE, "--%s and --%s exclude each other", NAMES[*ret - 1], NAMES[i]);
        *ret = (What)(i + 1);
    }
    return ERR_NONE;
}

/* ---- the header ---- */

static Str feature(const Job *j, int i)
{
    return i == j->n_features ? STR("bias") : str_from(j->bundle->schema->columns[i].name);
}

static void add_column(Job *j, Buf *name, int group)
{
    if (j->n_groups > 1)
        buf_addf(name, "@%d", group);
    cmd_model_out_column(j->out, buf_str(name));
    buf_clear(name);
}

static void header(Job *j)
{
    CLEANUP(buf_done) Buf name = BUF(1u << 20);
    if (j->what == PREDICT || j->what == MARGIN)
        for (int k = 0; k < j->n_out; k++) {
            buf_addf(&name, "%c%d", j->what == MARGIN ? 'm' : 'p', k);
            cmd_model_out_column(j->out, buf_str(&name));
            buf_clear(&name);
        }
    for (int k = 0; k < j->n_groups && j->what >= CONTRIBS; k++)
        for (int a = 0; a <= j->n_features; a++) {
            if (j->what == CONTRIBS) {
                buf_add_str(&name, feature(j, a));
                add_column(j, &name, k);
                continue;
            }
            for (int b = 0; b <= j->n_features; b++) {
                buf_add_str(&name, feature(j, a));
                buf_add_char(&name, '*');
                buf_add_str(&name, feature(j, b));
                add_column(j, &name, k);
            }
        }
    cmd_model_out_columns_end(j->out);
}

/* ---- rows ---- */

static void contribs_row(Job *j, const float *row)
{
    if (j->what == CONTRIBS)
        gbt_shap(j->bundle->gbt, row, j->contribs, j->scratch);
    else
        gbt_interactions(j->bundle->gbt, row, j->contribs, j->scratch);
    cmd_model_out_row(j->out);
    for (int64_t k = 0; k < j->n_out; k++)
        cmd_model_out_double(j->out, j->contribs[k]);
    cmd_model_out_row_end(j->out);
}

static void score_block(Job *j, int64_t n)
{
    for (int64_t i = 0; i < n && j->what >= CONTRIBS && !j->out->closed; i++)
        contribs_row(j, j->x + i * j->n_features);
    if (j->what >= CONTRIBS)
        return;
    if (j->what == MARGIN)
        gbt_margins(j->bundle->gbt, j->x, (size_t)n, j->values, j->scratch);
    else
        model_bundle_predict(j->bundle, j->x, (size_t)n, j->values, j->scratch);
    for (int64_t i = 0; i < n; i++) {
        cmd_model_out_row(j->out);
        for (int64_t k = 0; k < j->n_out; k++)
            cmd_model_out_float(j->out, j->values[i * j->n_out + k]);
        cmd_model_out_row_end(j->out);
    }
}

/* Nothing is printed before the first rows were read: a file that does not fit leaves no header behind. */
static ErrKind run_blocks(Job *j, Err *reterr)
{
    int64_t block = cmd_model_block(j->n_features), n;
    bool first = true;
    CLEANUP(mem_freep) float *x = mem_array((size_t)(block * j->n_features), sizeof *x);
    CLEANUP(mem_freep) float *values = mem_array((size_t)(block * MAX(j->n_groups, 1)), sizeof *values);
    CLEANUP(mem_freep)
    double *contribs = j->what < CONTRIBS ? NULL : mem_array((size_t)j->n_out, sizeof *contribs);
    j->x = x;
    j->values = values;
    j->contribs = contribs;
    do {
        TRY(model_reader_next(j->reader, block, x, NULL, NULL, &n, reterr));
        if (first)
            header(j);
        first = false;
        score_block(j, n);
    } while (n > 0 && !j->out->closed && j->out->err.kind == ERR_NONE);
    return cmd_model_out_finish(j->out, reterr);
}

static ErrKind count_outputs(Job *j, Err *reterr)
{
    int64_t side = j->n_features + 1;
    j->n_out = j->what == PREDICT    ? gbt_n_outputs(j->bundle->gbt)
               : j->what == MARGIN   ? j->n_groups
               : j->what == CONTRIBS ? j->n_groups * side
                                     : j->n_groups * side * side;
    if (j->n_out > CONTRIBS_MAX)
        return err_set(reterr, ERR_LIMIT, "a row has %lld values, more than %lld", (long long)j->n_out,
                       (long long)CONTRIBS_MAX);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    Job j = {0};
    TRY(choose(call, &j.what, reterr));
    CLEANUP(model_bundle_freep) ModelBundle *bundle = NULL;
    TRY(cmd_model_open(cli_text(call, "model", NULL), cli_text(call, "rounds", NULL), &bundle, reterr));
    j.bundle = bundle;
    j.n_features = gbt_n_features(bundle->gbt);
    j.n_groups = gbt_n_groups(bundle->gbt);
    TRY(count_outputs(&j, reterr));
    CLEANUP(model_reader_freep) ModelReader *reader = NULL;
    TRY(model_reader_open(cli_text(call, "data", NULL), bundle->schema, &(ModelRead){0}, &reader, reterr));
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(bundle->gbt);
    CLEANUP(cmd_model_out_done) CmdModelOut out = {.fd = -1};
    j.reader = reader;
    j.scratch = scratch;
    j.out = &out;
    TRY(cmd_model_out_open(&out, cli_text(call, "out", NULL), cli_flag(call, "json"), reterr));
    ErrKind kind = run_blocks(&j, reterr);
    CLEANUP(buf_done) Buf notes = BUF(1u << 20);
    if (!kind)
        TRY(model_reader_notes(reader, &notes, reterr));
    cmd_model_notes(buf_str(&notes));
    return kind;
}

const CliCmd CMD_MODEL_PREDICT = {
    .name = "predict",
    .help = "Score the rows of a CSV file, one line for each, in order",
    .details =
        "Columns are found by name in any order; an empty cell is missing; columns that the model does not "
        "use are\n"
        "passed over with a note on standard error; one that it needs and that is not there is an error. A "
        "model\n"
        "that does not name its features takes f0, f1 ..., or as many columns as it has features, by "
        "position.\n"
        "\n"
        "The first line names the columns: p0 (p0,p1,... for several classes): what the objective gives, "
        "such as a\n"
        "probability, calibrated when a bundle has a calibration; m0,... with --margin; with --contribs the\n"
        "features and bias (several classes: feature@class, class by class), which add up to the margin; "
        "with\n"
        "--interactions feature*feature for every pair, row by row, bias last. --json prints one object "
        "with\n"
        "\"columns\" and \"rows\". Numbers have the fewest digits that read back to the same value.",
    .options = (const CliOption[]){CMD_MODEL_OPTION,
                                   CMD_MODEL_DATA_OPTION,
                                   {"margin", CLI_FLAG, NULL, "Margins, before the link function"},
                                   {"contribs", CLI_FLAG, NULL, "Exact SHAP values of each feature"},
                                   {"interactions", CLI_FLAG, NULL, "Exact SHAP interaction values"},
                                   {"json", CLI_FLAG, NULL, "Print JSON"},
                                   CMD_MODEL_ROUNDS_OPTION,
                                   {"out", CLI_TEXT, "FILE", "Write there instead of standard output"},
                                   {.name = NULL}},
    .run = run,
    .no_conf = true,
};
