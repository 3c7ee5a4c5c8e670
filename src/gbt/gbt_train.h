/* gbt_train.h - trains a model with XGBoost. The border to libxgboost (gbt_fit.c): no other file includes it.
 *
 *     GbtMatrix --written to a file--> child process `ehub gbt-fit` --> model file --gbt_load--> GbtModel
 *
 * libxgboost crashes on damaged files and its OpenMP disturbs a server, so gbt_train runs it in a process of its own
 * (this program executed again, passive waiting, explicit threads); gbt_fit is what that process calls.
 * Limits:   GBT_ROWS_MAX rows (training and validation together), GBT_FEATURES_MAX features, GBT_TREES_MAX rounds.
 * Errors:   INVALID parameters or data that cannot be trained on . TIMEOUT . INTERNAL with the child's last line.
 * Threads:  gbt_train blocks until the child ends or the deadline (then the child is killed: ERR_TIMEOUT).
 * Result:   the same data, parameters, seed and thread count give the same model. */
#ifndef EHUB_GBT_GBT_TRAIN_H
#define EHUB_GBT_GBT_TRAIN_H

#include "base/buf.h"
#include "gbt/gbt.h"
#include "rt/deadline.h"

#define GBT_ROWS_MAX INT64_C(8000000)

typedef struct GbtMatrix {
    const float *x;      /* float[n_rows * n_features], row-major, NaN = missing */
    const float *y;      /* float[n_rows] */
    const float *weight; /* float[n_rows], or NULL: all 1 */
    int64_t n_rows;
    int n_features;
    const char *const *names; /* [n_features] */
} GbtMatrix;

typedef struct GbtParams {
    const char *objective; /* "binary:logistic" or "count:poisson" */
    int rounds;            /* most trees */
    int early_stop;        /* rounds without improvement on valid; 0: none */
    int max_depth;
    double eta;
    double subsample;
    double colsample;
    double min_child_weight;
    double lambda;
    const int8_t *monotone; /* int8_t[n_features] of -1, 0, +1, or NULL */
    uint32_t seed;
    int threads;
    const char *program; /* executable that has the command gbt-fit; NULL: this one (/proc/self/exe) */
} GbtParams;

extern const GbtParams GBT_PARAMS_DEFAULT;

/* valid may be NULL when early_stop is 0; otherwise the model ends with the round that was best on it (log loss, Poisson
 * deviance). work_dir: for the two temporary files, which hold personal figures: mode 0600, removed at the end.
 * ret_model: UBJSON bytes, for gbt_load and for the database. */
ErrKind MUST_USE gbt_train(const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *params,
                           const char *work_dir, Deadline by, Buf *ret_model, Err *reterr);

/* The child's side: reads the request file, trains, writes the model. Called by the hidden command `ehub gbt-fit`. */
ErrKind MUST_USE gbt_fit(const char *request_path, const char *model_path, Err *reterr);

#endif
