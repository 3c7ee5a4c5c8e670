/* model_bench.h - times scoring and explaining beside libxgboost, in turns, in one run, on one thread.
 *
 *     ModelBench --model_bench--> JSON: of each way to ask (row, batch, shap, interactions) nanoseconds a row p50, p99, p99.9
 *                                 and max, ours and libxgboost's, and the ratio of the medians
 *
 * Turns: a few hundred of our calls, a few of theirs, and again, until the time is over, so that a noisy machine disturbs both
 * alike and our caches are not always theirs. Of libxgboost's ways to do the same the one with the lower median counts.
 * Every vector code that the processor has is measured. Margins are compared bit for bit while they are timed.
 * Threads: one; blocks for about the seconds asked for, times the number of ways. Label of all figures: measured. */
#ifndef EHUB_MODEL_MODEL_BENCH_H
#define EHUB_MODEL_MODEL_BENCH_H

#include "base/jw.h"
#include "gbt/gbt.h"

#define MODEL_BENCH_BATCH 10000

typedef struct ModelBench {
    Str model;         /* XGBoost's bytes, accepted by gbt_load */
    const float *rows; /* float[n][features], n >= 1 */
    size_t n;
    double seconds; /* for each way to ask */
    bool simulated; /* model and rows are made up */
} ModelBench;

/* Writes one object. What libxgboost cannot do with the model (it is of another version, say) has null in place of its
 * figures and a note. */
ErrKind MUST_USE model_bench(const ModelBench *b, Jw *w, Err *reterr);

/* Rows and a model of that shape for who has none: normal columns with a share of missing cells. *ret_model and *ret_rows are
 * the caller's: mem_free. */
typedef struct ModelBenchShape {
    int trees, depth, features;
    double missing; /* share of cells */
    size_t n;
} ModelBenchShape;
ErrKind MUST_USE model_bench_make(const ModelBenchShape *s, char **ret_model, size_t *ret_len,
                                  float **ret_rows, Err *reterr);
/* Simulated rows alone: normal values float[n][features]; the caller's: mem_free. */
float *model_bench_rows(int features, size_t n);

#endif
