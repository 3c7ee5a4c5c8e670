/* model_judge.h - how good is a model on rows that it has not seen? Scores with intervals, beside a naive forecast.
 *
 *     rows --model_judge_outputs--> probabilities, counts ... --model_judge(+ targets)--> ModelJudgement --> JSON, text
 *
 * Scores by the model's objective (the first is what the model is judged by):
 *   two outcomes     log_loss, brier, auc, pr_auc (average precision), ece and reliability bins of equal count
 *   classes          log_loss, accuracy
 *   a number         rmse, mae
 *   counts           poisson_deviance, mae, rmse; reg:gamma and reg:tweedie with their own deviance (tweedie: power 1.5)
 * Intervals are percentile bootstraps (stats_measure.h). The naive forecast says the same for every row: the base rate or
 * mean, of the training rows when it is given, else of these rows, which is the best that such a forecast can be.
 * Threads:  pure; no clock, no file. The same input and seed give the same figures.
 * Errors:   INVALID naming the row whose target the objective cannot have . UNSUPPORTED objectives without such targets
 *           (rank:*, survival:*). */
#ifndef EHUB_MODEL_MODEL_JUDGE_H
#define EHUB_MODEL_MODEL_JUDGE_H

#include "model/model_bundle.h"
#include "stats/stats_measure.h"

#define MODEL_JUDGE_BINS 10
#define MODEL_JUDGE_SCORES 5
#define MODEL_JUDGE_ROUNDS 1000 /* of the bootstrap, unless the caller says another number */
#define MODEL_FOLDS_MAX 20

typedef enum ModelTask {
    MODEL_TASK_BINARY,
    MODEL_TASK_CLASSES,
    MODEL_TASK_NUMBER,
    MODEL_TASK_COUNT,
    MODEL_TASK_GAMMA,
    MODEL_TASK_TWEEDIE,
} ModelTask;
const char *model_task_name(ModelTask t); /* "binary", "classes" ... */
ErrKind MUST_USE model_task(const GbtModel *m, ModelTask *ret, Err *reterr);

/* What is judged of each row: double[n][model_judge_width]. Probabilities of two outcomes (also for binary:logitraw) and
 * of classes (also for multi:softmax), else what model_bundle_predict gives. raw: before the calibration. */
int model_judge_width(const GbtModel *m);
void model_judge_outputs(const ModelBundle *b, const float *x, int64_t n, bool raw, double *out);

typedef struct ModelJudgeInput {
    const double *out; /* double[n][width] */
    const double *y;   /* double[n]: 0 or 1, class, number */
    int64_t n;
    int width;
    double naive;         /* mean of the training targets; NaN: of y */
    const int32_t *group; /* rows that are drawn together; NULL: single rows */
    int rounds;           /* 0: no intervals */
    uint64_t seed;
} ModelJudgeInput;

typedef struct ModelScore {
    const char *name;
    bool more_is_better;
    StatsInterval model;
    double naive;
    StatsInterval difference; /* model minus naive */
} ModelScore;

typedef struct ModelJudgement {
    ModelTask task;
    int64_t rows;
    double mean_target; /* of two outcomes the base rate; NaN for classes */
    double mean_output;
    int n_scores;
    ModelScore scores[MODEL_JUDGE_SCORES];
    int n_bins; /* 0: not two outcomes */
    StatsBin bins[MODEL_JUDGE_BINS];
} ModelJudgement;

ErrKind MUST_USE model_judge(ModelTask task, const ModelJudgeInput *in, ModelJudgement *ret, Err *reterr);
const ModelScore *model_judgement_score(const ModelJudgement *j, const char *name); /* NULL: none */
void model_judgement_json(Jw *w, const ModelJudgement *j);                          /* one object */
/* A table for people; raw, if given, is the same before the calibration. */
void model_judgement_print(Buf *out, const ModelJudgement *j, const ModelJudgement *raw);

/* The loss of the first score of each row, so that its mean (or the root of it) is that score. double[n]. */
void model_judge_losses(ModelTask task, const double *out, const double *y, int64_t n, int width,
                        double *losses);

/* Forward in time: fold k trains on order[0 .. test_from - 1] and tests on order[test_from .. test_to - 1]. Rows of one
 * time are never on both sides. */
typedef struct ModelFold {
    int64_t test_from, test_to;
} ModelFold;
/* order[n]: the rows by time, equal times in the order of the file. Gives the number of folds, at most MODEL_FOLDS_MAX,
 * fewer than asked for when there are too few times; 0 for one time only. */
int model_folds(const int64_t *time, int64_t n, int folds, int64_t *order, ModelFold *out);

#endif
