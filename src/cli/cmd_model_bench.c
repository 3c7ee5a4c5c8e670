/* cmd_model_bench.c - ehub model bench: scoring and explaining beside libxgboost. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_model.h"
#include "model/model_bench.h"

#include <stdio.h>

#define ROWS 20000
#define JSON_MAX (1u << 20)

/* The model of --model, or one that is made up. *text and *made: owned by the caller. */
static ErrKind find_model(const CliCall *call, Buf *file, char **made, float **rows, ModelBench *b,
                          Err *reterr)
{
    const char *path = cli_text(call, "model", NULL), *data = cli_text(call, "data", NULL);
    if (!path) {
        if (data)
            return err_set(reterr, ERR_USAGE, "--data needs --model");
        ModelBenchShape s = {.trees = (int)cli_int(call, "trees", 300),
                             .depth = (int)cli_int(call, "depth", 6),
                             .features = (int)cli_int(call, "features", 40),
                             .missing = (double)cli_int(call, "missing", 0) / 100,
                             .n = ROWS};
        TRY(model_bench_make(&s, made, &b->model.len, rows, reterr));
        b->model.ptr = *made;
        b->rows = *rows;
        b->n = ROWS;
        b->simulated = true;
        return ERR_NONE;
    }
    TRY(file_read(path, file, reterr));
    return model_bundle_model(buf_str(file), &b->model, reterr);
}

static ErrKind find_rows(const CliCall *call, ModelTable **table, float **rows, ModelBench *b, Err *reterr)
{
    const char *data = cli_text(call, "data", NULL);
    CLEANUP(model_bundle_freep) ModelBundle *bundle = NULL;
    TRY(cmd_model_open(cli_text(call, "model", NULL), NULL, &bundle, reterr));
    if (data) {
        TRY(model_table_read(data, bundle->schema, &(ModelRead){0}, table, reterr));
        b->rows = (*table)->x;
        b->n = (size_t)(*table)->n_rows;
        return ERR_NONE;
    }
    *rows = model_bench_rows(gbt_n_features(bundle->gbt), ROWS);
    b->rows = *rows;
    b->n = ROWS;
    b->simulated = true;
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(buf_done) Buf file = BUF(GBT_BYTES_MAX);
    CLEANUP(mem_freep) char *made = NULL;
    CLEANUP(mem_freep) float *rows = NULL;
    CLEANUP(model_table_freep) ModelTable *table = NULL;
    ModelBench b = {.seconds = (double)cli_int(call, "seconds", 3)};
    TRY(find_model(call, &file, &made, &rows, &b, reterr));
    if (!b.rows)
        TRY(find_rows(call, &table, &rows, &b, reterr));
    CLEANUP(buf_done) Buf out = BUF(JSON_MAX);
    Jw w = jw(&out);
    TRY(model_bench(&b, &w, reterr));
    TRY(buf_check(&out, reterr));
    printf("%s\n", buf_cstr(&out));
    return ERR_NONE;
}

const CliCmd CMD_MODEL_BENCH = {
    .name = "bench",
    .help = "Time scoring and explaining beside libxgboost, in turns, and print JSON",
    .details = "Nanoseconds a row (p50, p99, p99.9, max) of one row, a batch of 10,000, exact SHAP of one "
               "row and of 100, and "
               "interactions, for every vector code of this processor and for libxgboost's fastest call, on "
               "one thread, with the "
               "ratio of the medians. Without --model a model is trained on simulated rows.",
    .options =
        (const CliOption[]){
            {"model", CLI_TEXT, "FILE", "The model (default: one trained on simulated rows)"},
            {"data", CLI_TEXT, "FILE", "Its rows as CSV (default: simulated)"},
            {"seconds", CLI_INT, "N", "Seconds for each way to ask (default 3)", false, 1, 600},
            {"trees", CLI_INT, "N", "Trees of the simulated model (default 300)", false, 1, 5000},
            {"depth", CLI_INT, "N", "Depth of its trees (default 6)", false, 1, 16},
            {"features", CLI_INT, "N", "Its features (default 40)", false, 1, 1000},
            {"missing", CLI_INT, "PERCENT", "Missing cells in its rows (default 0)", false, 0, 90},
            {.name = NULL}},
    .run = run,
    .no_conf = true,
};
