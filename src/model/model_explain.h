/* model_explain.h - what moves a model's answers: SHAP values over all rows of a file, and of one row.
 *
 *     ModelBundle + CSV --model_explain--> mean |SHAP| of each feature, a sample of points, the row asked for
 *
 * Values are exact path-dependent SHAP values in margin units (gbt_shap).
 * Owner:    model_explained_free. Threads: one; blocks on the disk.
 * Memory:   flat: sums over all rows, points of at most `sample` rows (each row with the same chance; Vitter's reservoir,
 *           1985, with a fixed seed: the same file gives the same sample).
 * Errors:   those of model_reader_next; INVALID when the file has no such row or the model no such group. */
#ifndef EHUB_MODEL_MODEL_EXPLAIN_H
#define EHUB_MODEL_MODEL_EXPLAIN_H

#include "model/model_bundle.h"

typedef struct ModelExplain {
    const char *path;
    int64_t row;                    /* to be explained alone, from 1; 0: none */
    int group;                      /* whose points are kept; -1: the row's highest, else 0 */
    int sample;                     /* at most so many rows of points; 0: none */
    void (*progress)(int64_t rows); /* called now and then; or NULL */
} ModelExplain;

typedef struct ModelExplained {
    int n_features, n_groups;
    int group;
    int64_t n_rows;
    double *mean_abs; /* double[n_groups][n_features] */
    double *mean;     /* double[n_groups][n_features] */
    double *bias;     /* double[n_groups] */
    double *total;    /* double[n_features]: mean_abs over all groups added up */
    int *order;       /* int[n_features]: by falling total */
    int n_sample;
    float *sample_x;    /* float[n_sample][n_features] */
    double *sample_phi; /* double[n_sample][n_features] of `group` */
    bool has_row;
    float *row_x;       /* float[n_features] */
    double *row_phi;    /* double[n_groups][n_features + 1], bias last */
    float *row_margins; /* float[n_groups] */
    float *row_outputs; /* float[gbt_n_outputs] */
    Buf notes;          /* of the reader */
} ModelExplained;

ErrKind MUST_USE model_explain(const ModelBundle *b, const ModelExplain *how, ModelExplained **ret,
                               Err *reterr);
void model_explained_free(ModelExplained *e);
DEFINE_FREEP(ModelExplained, model_explained_free)

/* A value as people read it: the category, a short number, "missing". */
void model_value_text(Buf *out, const ModelColumn *c, float v);

#endif
