/* model_train.h - from a CSV file to a model that was judged on rows that nothing else has seen.
 *
 *     CSV --schema, target, objective--> split --5 trainings, each stopped by the fold it did not see-->
 *         best rounds, predictions of unseen rows --calibration--> training on all of them --> judged on the test rows
 *
 * Three uses of rows never mix: the test rows (a share, the last by time, or a file of their own) only judge. All others are
 * predicted once by a model that did not train on them (cross-fitting): these predictions stop the boosting (median of
 * the folds' best rounds) and fit the calibration; the final model then trains on all of them. More than
 * MODEL_SPLIT_ROWS_FOLDS rows, and rows by time: one held fold of 20 % in place of five. quantile:A keeps the model that
 * was trained beside its held fold, since that one is shifted to the right share.
 * Objective when none is asked for (told in the notes):
 *   two values, as text or number      binary:logistic; the one that is 1 is chosen by model_table.h and told
 *   three and more texts               multi:softprob
 *   counts: whole numbers from 0, some 0, at most 60 different ones, mean below 20     count:poisson
 *   any other number                   reg:squarederror
 * Text columns in which nearly every row has a text of its own (identifiers) are left out and told.
 * The reference for drift are all rows, and of the scores those of the test rows, which nothing has learned.
 * Owner:    model_trained_done.
 * Threads:  one; blocks on disk and child process until GbtRun.by or GbtRun.stop.
 * Result:   the same file, parameters, seed and threads give the same model bytes.
 * Errors:   INVALID naming file, line, column, parameter or number . UNSUPPORTED objective . CANCELLED . TIMEOUT . LIMIT. */
#ifndef EHUB_MODEL_MODEL_TRAIN_H
#define EHUB_MODEL_MODEL_TRAIN_H

#include "gbt/gbt_train.h"
#include "model/model_calibrate.h"
#include "model/model_drift.h"
#include "model/model_judge.h"
#include "model/model_split.h"
#include "model/model_table.h"

#define MODEL_IGNORE_MAX 64

/* AUTO: whichever of none, Platt and isotonic has the least Brier score on the cross-fitted rows, each fitted on the
 * other folds; none unless another is better by more than a standard error. */
typedef enum ModelCalibrate {
    MODEL_CALIBRATE_AUTO,
    MODEL_CALIBRATE_NONE,
    MODEL_CALIBRATE_PLATT,
    MODEL_CALIBRATE_ISOTONIC,
} ModelCalibrate;
bool model_calibrate_parse(Str name, ModelCalibrate *ret);
const char *model_calibrate_name(ModelCalibrate c);

typedef struct ModelTrainConf {
    const char *data;
    const char *target;
    const char *valid;                        /* file of the test rows; NULL: a share of data */
    double valid_fraction;                    /* 0.2 */
    const char *time;                         /* column; NULL: at random */
    const char *ignore[MODEL_IGNORE_MAX + 1]; /* NULL-terminated */
    const char *objective;                    /* NULL: from the target */
    const char *class_weight;                 /* "balanced", {"CLASS":WEIGHT} or NULL */
    ModelCalibrate calibrate;
    GbtParams params;                                          /* objective and num_class are set here */
    GbtRun run;                                                /* progress is not used */
    void (*progress)(const char *what, int round, int rounds); /* or NULL */
} ModelTrainConf;

typedef struct ModelTrainFeature {
    int feature;
    double value; /* mean |SHAP| over test rows, in margin units, classes added up */
} ModelTrainFeature;

typedef struct ModelTrained {
    Buf model; /* XGBoost's bytes */
    GbtModel *gbt;
    ModelSchema *schema;
    ModelCalibration *calibration; /* NULL: none */
    ModelCalibrate chosen;
    GbtParams params; /* as trained; texts borrowed from the configuration or constant */
    char objective[64];
    int rounds, folds;
    int64_t rows, train_rows, test_rows, dropped; /* dropped: without a target */
    const char *time;
    int64_t time_first, time_test, time_last; /* as model_table.h has them, when time was given */
    double cross_brier[3];          /* none, Platt, isotonic, on cross-fitted rows; NAN: not tried */
    bool judged;                    /* false: an objective without scores (survival:cox) */
    ModelJudgement raw, final;      /* before and after calibration */
    StatsInterval calibration_gain; /* Brier after minus before, on the test rows */
    double coverage;                /* quantile:A: share of the test rows at or below it; else NAN */
    ModelTrainFeature *importance;  /* falling [schema->n_columns] */
    int64_t importance_rows;
    ModelReference *reference; /* what later rows are compared with, for drift */
    double seconds;
    Buf notes; /* one line each */
} ModelTrained;

ErrKind MUST_USE model_train(const ModelTrainConf *c, ModelTrained *ret, Err *reterr);
void model_trained_done(ModelTrained *t);

void model_train_json(Jw *w, const ModelTrainConf *c, const ModelTrained *t); /* the report, one object */
void model_train_print(Buf *out, const ModelTrainConf *c, const ModelTrained *t);

#endif
