/* cmd_model_drift.c - ehub model drift: are these rows still like those that the model learned from? */
#include "base/mem.h"
#include "cli/cmd_model.h"
#include "model/model_drift.h"

#include <stdio.h>

#define OUT_MAX (64u << 20)

static ErrKind read_rows(const char *path, const ModelBundle *b, ModelTable **ret, Err *reterr)
{
    TRY(model_table_read(path, b->schema, &(ModelRead){0}, ret, reterr));
    cmd_model_notes(buf_str(&(*ret)->notes));
    return ERR_NONE;
}

static ErrKind get_reference(const CliCall *call, const ModelBundle *b, ModelReference **ret, Err *reterr)
{
    const char *path = cli_text(call, "reference", NULL);
    if (path) {
        CLEANUP(model_table_freep) ModelTable *old = NULL;
        TRY(read_rows(path, b, &old, reterr));
        *ret = model_reference_of(b, old->x, old->n_rows, NULL, 0);
        return ERR_NONE;
    }
    if (!b->drift)
        return err_set(
            reterr, ERR_USAGE,
            "%s keeps nothing of its training rows to compare with: give them with --reference FILE",
            cli_text(call, "model", NULL));
    return model_reference_parse(b->drift, b->schema, ret, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    CLEANUP(model_reference_freep) ModelReference *reference = NULL;
    CLEANUP(model_table_freep) ModelTable *now = NULL;
    TRY(cmd_model_open(cli_text(call, "model", NULL), cli_text(call, "rounds", NULL), &b, reterr));
    TRY(get_reference(call, b, &reference, reterr));
    TRY(read_rows(cli_text(call, "data", NULL), b, &now, reterr));
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(reference, b, now->x, now->n_rows);
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        model_drift_json(&w, d);
        buf_add_char(&out, '\n');
    } else {
        model_drift_print(&out, d);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_MODEL_DRIFT = {
    .name = "drift",
    .help = "Compare rows with those of the training: inputs and score",
    .details =
        "For each feature and for the score: the population stability index over ten quantile bins and "
        "missing "
        "values\n"
        "(categories: their shares), and the Kolmogorov-Smirnov distance with its p value. By the index a "
        "feature is\n"
        "stable below 0.1, moved up to 0.25, shifted above; with few rows it is large by chance, so that "
        "what "
        "does not\n"
        "exceed its 95 % point under no change is stable too (column \"by chance\"). Largest first.\n"
        "\n"
        "The reference stands in a bundle of ehub model train; --reference takes another one from a CSV "
        "file, "
        "and an\n"
        "XGBoost file needs it. The score of --reference is that of its rows: of rows that the model was "
        "trained on it\n"
        "is bolder than of others.",
    .options = (const CliOption[]){CMD_MODEL_OPTION,
                                   CMD_MODEL_DATA_OPTION,
                                   {"reference", CLI_TEXT, "FILE", "Rows to compare with, as CSV"},
                                   {"json", CLI_FLAG, NULL, "Print JSON"},
                                   CMD_MODEL_ROUNDS_OPTION,
                                   {.name = NULL}},
    .run = run,
    .no_conf = true,
};
