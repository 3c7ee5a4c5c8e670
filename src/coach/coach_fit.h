/* coach_fit.h - trains one kind of model and measures it forward in time; accepts it only when it beats the naive forecast.
 *
 *     dates  ----train----|gap|-test 1-|-test 2-|-test 3-|-test 4-|        fold k trains on all that ended before test k
 *
 * Rolling origin: a test block is predicted by a model that saw only rows whose 30 label days were over when the block
 * began. Inside each training part the last quarter of its dates, with the same gap, chooses among COACH_CANDIDATES and
 * stops the boosting. Scores are of all test rows together; intervals are 95 % bootstraps that resample whole agents.
 *
 * The naive forecast is the last period again, as well as the training rows allow:
 *   goal      share that reached the goal among rows whose last 30 days did, or did not
 *   closings  (1 - w) a + w b: b the agent's closings of the last 30 days, a their mean over all agents on that date,
 *             w of 0, 0.1 .. 1 the one with the least deviance in the training rows
 *             (the mean absolute error is compared with the last 30 days themselves)
 * A model is accepted when the whole interval of its Brier score (goal) or Poisson deviance (closings) minus the naive
 * one lies below 0, and no other score is worse for certain. The final model is then trained on everything.
 * Features of the season are blank when the rows span less than two years: they would stand for the date.
 *
 * Threads:  one caller; every training is a process of its own (gbt_train.h). Blocks until the deadline.
 * Result:   the same rows give the same model and report.
 * Errors:   INVALID naming the numbers: fewer than COACH_FIT_ROWS_MIN rows, one class only, too few dates. */
#ifndef EHUB_COACH_COACH_FIT_H
#define EHUB_COACH_COACH_FIT_H

#include "base/jw.h"
#include "coach/coach_label.h"
#include "coach/coach_model.h"
#include "rt/deadline.h"
#include "stats/stats.h"

#define COACH_FIT_ROWS_MIN 200
#define COACH_FOLDS_MAX 5
#define COACH_SCORES_MAX 5
#define COACH_BINS 10
#define COACH_TOP 10

/* Rows of one kind, in rising order of as_of; borrowed. */
typedef struct CoachFitRows {
    int64_t n;
    const float *x; /* float[n * COACH_N_FEATURES] */
    const float *y;
    const float *naive; /* the outcome of the last 30 days */
    const int32_t *group;
    const int32_t *as_of;
} CoachFitRows;

typedef struct CoachFold {
    int32_t train_to, test_from, test_to; /* dates of rows, inclusive */
    int64_t train_rows, test_rows;
    int candidate, trees;
    double loss, naive_loss; /* Brier or deviance */
} CoachFold;

typedef struct CoachScore {
    const char *name;
    StatsInterval model, naive, difference; /* model minus naive */
} CoachScore;

typedef struct CoachReport {
    CoachKind kind;
    int64_t rows, agents;
    double outcome_sum; /* rows that reached the goal, or closings */
    int32_t from, to;
    int64_t test_rows, test_agents;
    double test_outcome_sum;
    int n_folds;
    CoachFold folds[COACH_FOLDS_MAX];
    int n_scores; /* the first decides */
    CoachScore scores[COACH_SCORES_MAX];
    double ece; /* goal only */
    StatsBin bins[COACH_BINS];
    int candidate, trees; /* of the final model */
    int n_top;
    int top[COACH_TOP]; /* features by mean |contribution| of the final model */
    double top_shap[COACH_TOP];
    bool accepted;
    char reason[320];
} CoachReport;

typedef struct CoachFitConf {
    const char *work_dir;
    const char *program; /* as GbtParams.program */
    int threads;
    void (*progress)(int done, int total, void *arg); /* trainings; may be NULL */
    void *progress_arg;
} CoachFitConf;

ErrKind MUST_USE coach_fit(const CoachFitRows *rows, CoachKind kind, const CoachFitConf *conf, Deadline by,
                           Buf *ret_model, CoachReport *ret, Err *reterr);

void coach_report_json(Jw *w, const CoachReport *r);
void coach_report_print(Buf *out, const CoachReport *r); /* a table for people */

/* The settings that are tried. */
#define COACH_CANDIDATES 4
const char *coach_candidate_name(int candidate);

#endif
