/* cmd_model.h - what the leaves of `ehub model` share: opening a model, printing rows of numbers. Threads: one.
 *
 * A new leaf: declare it here, list it in cmd_model.c. */
#ifndef EHUB_CLI_CMD_MODEL_H
#define EHUB_CLI_CMD_MODEL_H

#include "cli/cli.h"
#include "model/model_bundle.h"

#define CMD_MODEL_OPTION                                                                                  \
    {                                                                                                     \
        "model", CLI_TEXT, "FILE", "The model: XGBoost's .json or .ubj, or a bundle of ehub model train", \
            true                                                                                          \
    }
#define CMD_MODEL_DATA_OPTION                                                    \
    {                                                                            \
        "data", CLI_TEXT, "FILE", "Rows as CSV; columns are found by name", true \
    }
#define CMD_MODEL_ROUNDS_OPTION                                                  \
    {                                                                            \
        "rounds", CLI_TEXT, "N|best",                                            \
            "Only the first N boosting rounds, or up to the best one (default: " \
            "all)"                                                               \
    }

/* The file of --model; --rounds when `rounds` (the text) is not NULL. */
ErrKind MUST_USE cmd_model_open(const char *path, const char *rounds, ModelBundle **ret, Err *reterr);
/* One line "ehub: ..." on standard error for each line. */
void cmd_model_notes(Str lines);
/* So many rows of that many numbers are scored at a time. */
int64_t cmd_model_block(int n_columns);

/* Rows of numbers as CSV, or as one JSON object {"columns":[...],"rows":[[...],...]}, written while they come. Floats and
 * doubles get the fewest digits that read back to the same value; what is not finite is nan, inf, -inf (JSON: null).
 * A reader that goes away ends the output quietly: `closed`. A file is written beside and renamed at the end, so that it is
 * there whole or not at all. */
typedef struct CmdModelOut {
    int fd;
    char *path; /* NULL: standard output */
    char *part; /* the file beside it, NULL: written directly */
    Buf buf;
    Jw json;
    bool is_json;
    bool closed;
    int n_cells; /* in this row */
    Err err;     /* the first failure */
} CmdModelOut;

ErrKind MUST_USE cmd_model_out_open(CmdModelOut *o, const char *path, bool json, Err *reterr);
void cmd_model_out_column(CmdModelOut *o, Str name);
void cmd_model_out_columns_end(CmdModelOut *o);
void cmd_model_out_row(CmdModelOut *o);
void cmd_model_out_float(CmdModelOut *o, float v);
void cmd_model_out_double(CmdModelOut *o, double v);
void cmd_model_out_row_end(CmdModelOut *o);
/* The end of what was written well. */
ErrKind MUST_USE cmd_model_out_finish(CmdModelOut *o, Err *reterr);
void cmd_model_out_done(CmdModelOut *o); /* without finish: nothing is left of the file */

/* The leaves of this folder, listed in cmd_model.c. */
extern const CliCmd CMD_MODEL_BENCH;
extern const CliCmd CMD_MODEL_EXPLAIN;
extern const CliCmd CMD_MODEL_INSPECT;
extern const CliCmd CMD_MODEL_PREDICT;
extern const CliCmd CMD_MODEL_TRAIN;
extern const CliCmd CMD_MODEL_EVALUATE;
extern const CliCmd CMD_MODEL_DRIFT;

#endif
