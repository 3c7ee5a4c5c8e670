/* cmd_model.c - ehub model ...: train, judge, ask and explain models outside the database. */
#include "cli/cmd_model.h"

#include "base/mem.h"

#include <stdio.h>

#define BLOCK_ROWS 4096
#define BLOCK_CELLS (1 << 20)

ErrKind cmd_model_open(const char *path, const char *rounds, ModelBundle **ret, Err *reterr)
{
    int64_t n = GBT_ROUNDS_ALL;
    if (rounds && str_eq_c(str_from(rounds), "best"))
        n = GBT_ROUNDS_BEST;
    else if (rounds && (!str_to_i64(str_from(rounds), &n) || n < 1 || n > GBT_TREES_MAX))
        return err_set(reterr, ERR_USAGE, "--rounds: \"%.40s\" is neither \"best\" nor a number from 1 to %d",
                       rounds, GBT_TREES_MAX);
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    TRY(model_bundle_read(path, (int)n, &b, reterr));
    if (n > gbt_n_rounds(b->gbt))
        return err_set(reterr, ERR_INVALID, "--rounds %lld: the model has %d", (long long)n,
                       gbt_n_rounds(b->gbt));
    if (n == GBT_ROUNDS_BEST && gbt_best_round(b->gbt) < 0)
        cmd_model_notes(STR("the model does not say which round was its best: all are used\n"));
    *ret = b;
    b = NULL;
    return ERR_NONE;
}

void cmd_model_notes(Str lines)
{
    Str line;
    while (str_next(&lines, '\n', &line))
        if (line.len > 0)
            fprintf(stderr, "ehub: " STR_FMT "\n", STR_ARG(line));
}

int64_t cmd_model_block(int n_columns)
{
    return MAX(1, MIN(BLOCK_ROWS, BLOCK_CELLS / MAX(1, n_columns)));
}

const CliCmd CMD_MODEL = {
    .name = "model",
    .help = "Ask, explain and judge boosted tree models, XGBoost's and our own",
    .subs =
        (const CliCmd *const[]){
            &CMD_MODEL_PREDICT,
            &CMD_MODEL_EXPLAIN,
            &CMD_MODEL_INSPECT,
            &CMD_MODEL_TRAIN,
            &CMD_MODEL_EVALUATE,
            &CMD_MODEL_DRIFT,
            &CMD_MODEL_BENCH,
            NULL,
        },
};
