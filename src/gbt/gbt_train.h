/* gbt_train.h - trains a model with XGBoost. The border to libxgboost (gbt_fit.c): no other file includes it.
 *
 *     GbtMatrix, GbtParams --written to a file--> child process `ehub gbt-fit` --> model file --gbt_load--> GbtModel
 *
 * libxgboost crashes on damaged files and its OpenMP disturbs a server, so gbt_train runs it in a process of its own
 * (this program executed again, passive waiting, explicit threads); gbt_fit is what that process calls. Whatever happens
 * to the child, running out of memory too, is an error here.
 * Limits:   GBT_ROWS_MAX rows (training and validation together), GBT_FEATURES_MAX features, GBT_TREES_MAX trees.
 * Errors:   INVALID parameters or data that cannot be trained on, naming parameter, row or feature . UNSUPPORTED objective .
 *           LIMIT too large, or memory ran out . TIMEOUT . CANCELLED . INTERNAL with the child's last line.
 * Threads:  gbt_train blocks until the child ends, the deadline, or GbtRun.stop (then the child is killed).
 * Result:   the same data, parameters, seed and thread count give the same bytes. */
#ifndef EHUB_GBT_GBT_TRAIN_H
#define EHUB_GBT_GBT_TRAIN_H

#include "base/buf.h"
#include "gbt/gbt.h"
#include "gbt/gbt_param.h"
#include "rt/deadline.h"

#define GBT_ROWS_MAX INT64_C(8000000)
#define GBT_CATEGORIES_MAX 100000

typedef struct GbtMatrix {
    const float *x;      /* float[n_rows * n_features], row-major, NaN = missing */
    const float *y;      /* float[n_rows] */
    const float *weight; /* float[n_rows], or NULL: all 1 */
    int64_t n_rows;
    int n_features;
    const char *const *names; /* [n_features] */
    const bool *category;     /* [n_features]: its values are codes 0, 1 ..; or NULL: none is */
} GbtMatrix;

typedef struct GbtRun {
    const char
        *work_dir; /* for two temporary files, which hold personal figures: mode 0600, removed at the end */
    Deadline by;
    bool (*stop)(void); /* asked about every 50 ms: true ends the training; or NULL */
    /* After each round; metric is NAN without validation rows. Or NULL. */
    void (*progress)(int round, int rounds, double metric, void *arg);
    void *progress_arg;
    const char *program; /* executable that has the command gbt-fit; NULL: this one (/proc/self/exe) */
} GbtRun;

typedef struct GbtTrained {
    int rounds;      /* that were boosted */
    int best_round;  /* index of the last one kept */
    double best;     /* the metric at that round; NAN without validation rows */
    char metric[48]; /* "" without validation rows */
} GbtTrained;

/* With valid (or NULL) and early_stopping_rounds the model is cut after the round that was best on it: everybody who reads
 * the file then predicts the same. Its attributes best_iteration and best_score say so; ehub_objective is the objective
 * as it was asked for (quantile:0.9 stands in the file as reg:squarederror). dart's model is the one of the best round
 * itself, since later rounds change the weights of earlier trees.
 * With valid a quantile is shifted so that the right share of the validation rows lies below it.
 * ret_model: UBJSON bytes, for gbt_load. ret may be NULL. */
ErrKind MUST_USE gbt_train(const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *params,
                           const GbtRun *run, Buf *ret_model, GbtTrained *ret, Err *reterr);

/* One training of several. */
typedef struct GbtJob {
    const GbtMatrix *train, *valid; /* valid: or NULL */
    const GbtParams *params;        /* nthread is the first job's for all */
    Buf *model;                     /* the bytes are added to it */
    GbtTrained trained;             /* set by gbt_train_jobs */
} GbtJob;

/* Several small models, one after the other in one child: starting one costs more than a model of a few hundred rows. The
 * first failure ends them all. */
#define GBT_JOBS_MAX 1024
ErrKind MUST_USE gbt_train_jobs(GbtJob *jobs, int n, const GbtRun *run, Err *reterr);

/* The child's side, for each job: reads and removes dir/request-N, trains, writes dir/model-N; a line on standard output for
 * each round and for the error. Called by the hidden command `ehub gbt-fit`. */
ErrKind MUST_USE gbt_fit_jobs(const char *dir, int n, Err *reterr);
ErrKind MUST_USE gbt_fit(const char *request_path, const char *model_path, Err *reterr);

#endif
