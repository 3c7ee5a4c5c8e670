/* model_drift.h - are the rows of today still like those that the model was trained on, and does it say the same of them?
 *
 *     training rows --model_reference_of--> ModelReference (in the bundle as JSON) --model_drift(+ new rows)--> ModelDrift
 *
 * The reference keeps no rows: for each feature and for the score the counts of its bins (ten by quantiles, or one for each
 * value where there are few; categories: the most frequent ones; others; missing) and up to MODEL_DRIFT_SAMPLE quantiles.
 * Population stability index over the bins, Kolmogorov-Smirnov over the values that are not missing (stats_shift.h).
 * Verdict: by the index, below 0.1 stable, to 0.25 moved, above shifted (Siddiqi 2006). With few rows the index is large
 * by chance alone: what does not exceed its 95 % point under no change is stable.
 * The score of classes is the class that is most likely.
 * Threads:  pure. Owner: model_*_free.
 * Errors:   CORRUPT a reference that is damaged or belongs to other columns. */
#ifndef EHUB_MODEL_MODEL_DRIFT_H
#define EHUB_MODEL_MODEL_DRIFT_H

#include "model/model_bundle.h"

#define MODEL_DRIFT_BINS 10  /* by quantiles; numbers with so many values or fewer have a bin for each */
#define MODEL_DRIFT_CODES 20 /* categories with a bin of their own */
#define MODEL_DRIFT_SAMPLE 500
#define MODEL_DRIFT_MOVED 0.1
#define MODEL_DRIFT_SHIFTED 0.25

typedef struct ModelDistribution {
    char *name;
    bool category; /* of codes: no order, no quantiles */
    bool
        values; /* a bin for each of cuts and one for all others; else bin i goes from above cuts[i - 1] to cuts[i] */
    int n_cuts;
    float *cuts;     /* rising */
    int64_t *counts; /* int64_t[n_cuts + 2]: the bins, above or others, missing */
    int n_sample;    /* number i is the (i + 1/2) / n_sample quantile of the values that are not missing */
    double *sample;  /* rising */
} ModelDistribution;

typedef struct ModelReference {
    int64_t rows;
    int n;                 /* features */
    ModelDistribution *of; /* [n + 1]: the last is the score */
} ModelReference;

/* x float[n][features], n >= 1. Of b only model, schema and calibration are looked at. The score of rows that the model
 * was trained on is bolder than that of new ones: give unseen rows float[n_unseen][features] for it, if there are any. */
ModelReference *model_reference_of(const ModelBundle *b, const float *x, int64_t n, const float *unseen,
                                   int64_t n_unseen);
void model_reference_write(Jw *w, const ModelReference *r);
ErrKind MUST_USE model_reference_parse(const Jv *json, const ModelSchema *s, ModelReference **ret,
                                       Err *reterr);
void model_reference_free(ModelReference *r);
DEFINE_FREEP(ModelReference, model_reference_free)

typedef enum ModelVerdict { MODEL_STABLE, MODEL_MOVED, MODEL_SHIFTED } ModelVerdict;
const char *model_verdict_name(ModelVerdict v); /* "stable" ... */

typedef struct ModelDriftLine {
    char *name;
    ModelVerdict verdict;
    double psi, chance;                 /* the index, and what chance alone exceeds once in twenty */
    double ks, ks_p;                    /* NaN: categories, or nothing but missing values */
    double missing_before, missing_now; /* shares */
    double median_before, median_now;   /* NaN: categories */
} ModelDriftLine;

typedef struct ModelDrift {
    int64_t rows_before, rows_now;
    int n;
    int n_of[3];           /* features of each verdict */
    ModelDriftLine *lines; /* [n], the largest index first */
    ModelDriftLine score;
} ModelDrift;

/* x float[n][features], n >= 1. The reference must be one of this model. */
ModelDrift *model_drift(const ModelReference *r, const ModelBundle *b, const float *x, int64_t n);
void model_drift_json(Jw *w, const ModelDrift *d); /* one object */
void model_drift_print(Buf *out, const ModelDrift *d);
void model_drift_free(ModelDrift *d);
DEFINE_FREEP(ModelDrift, model_drift_free)

#endif
