/* gbt.h - a boosted tree model, ready to score and explain. Own code: allocation-free, lock-free, exact.
 *
 *     XGBoost JSON or UBJSON --gbt_load--> GbtModel --gbt_margins-------> margins --gbt_link--> probability, count ...
 *                                                    --gbt_shap----------> one contribution for each feature, and the bias
 *                                                    --gbt_interactions--> one for each pair of features
 *
 * Owner:    gbt_load .. gbt_unref; immutable, counted references, swapped whole.
 * Threads:  any number may score one model at once, each with a GbtScratch of its own. No call below gbt_scratch_new
 *           allocates or locks.
 * Shapes:   row float[n_features], NaN = missing; groups = margins a row (classes, else 1).
 * Bits:     margins are those of libxgboost, bit for bit, whatever vector code runs (gbt_kernel).
 * Limits:   GBT_BYTES_MAX bytes, GBT_TREES_MAX trees, GBT_NODES_MAX nodes, depth GBT_DEPTH_MAX; past them ERR_LIMIT.
 * Formats:  XGBoost 1.0 to 3.x, boosters gbtree and dart; objectives: gbt_objective.h.
 * Errors:   CORRUPT damaged or hostile model, naming the tree and node . UNSUPPORTED by name (booster, objective ...). */
#ifndef EHUB_GBT_GBT_H
#define EHUB_GBT_GBT_H

#include "base/err.h"
#include "base/str.h"

#define GBT_BYTES_MAX (256 << 20)
#define GBT_TREES_MAX 20000
#define GBT_NODES_MAX 4000000
#define GBT_DEPTH_MAX 255
#define GBT_FEATURES_MAX 4096
#define GBT_GROUPS_MAX 1024
#define GBT_NAME_MAX 1024 /* bytes of a feature's name */

typedef struct GbtModel GbtModel;
typedef struct GbtScratch GbtScratch;

/* rounds: only the first so many boosting rounds (XGBoost's iteration_range), or one of: */
#define GBT_ROUNDS_ALL 0
#define GBT_ROUNDS_BEST (-1) /* up to the model's attribute best_iteration; all when it has none */
ErrKind MUST_USE gbt_load(Str bytes, int rounds, GbtModel **ret, Err *reterr);
GbtModel *gbt_ref(GbtModel *m);
void gbt_unref(GbtModel *m);
DEFINE_FREEP(GbtModel, gbt_unref)

int gbt_n_features(const GbtModel *m);
int gbt_n_groups(const GbtModel *m);  /* margins a row */
int gbt_n_outputs(const GbtModel *m); /* values a row after the link: 1 for multi:softmax, else n_groups */
int gbt_n_trees(const GbtModel *m);
int gbt_n_rounds(const GbtModel *m);
int gbt_best_round(const GbtModel *m);                  /* index of the best iteration, -1: not known */
const char *gbt_feature_name(const GbtModel *m, int i); /* "" when the model has none */
const char *gbt_feature_type(const GbtModel *m,
                             int i); /* XGBoost's: "float", "int", "i", "q", "c"; "" when none */
const char *gbt_objective(const GbtModel *m);
const char *gbt_booster(const GbtModel *m); /* "gbtree" or "dart" */

/* What a thread needs to score: no call allocates. */
GbtScratch *gbt_scratch_new(const GbtModel *m);
void gbt_scratch_free(GbtScratch *s);
DEFINE_FREEP(GbtScratch, gbt_scratch_free)

/* The sums of the leaves and the base, before the link function. rows float[n][n_features], out float[n][groups]. One row
 * and many rows run different code and give the same bits. */
void gbt_margins(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s);

/* Sparse rows: row i has the values at start[i] .. start[i + 1] - 1 of the columns feature[]; all others are missing. A
 * column that is not the model's is passed over. */
typedef struct GbtCsr {
    const size_t *start;     /* size_t[n + 1] */
    const uint32_t *feature; /* of each value */
    const float *value;
} GbtCsr;
void gbt_margins_csr(const GbtModel *m, const GbtCsr *rows, size_t n, float *out, GbtScratch *s);

/* Margins of one row float[groups] through the link of the objective to float[outputs]: probability, expected count,
 * class. In float, as XGBoost. in and out may be the same array. */
void gbt_link(const GbtModel *m, const float *margins, float *out);
/* Both: rows float[n][n_features] to out float[n][outputs]. */
void gbt_predict(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s);

/* Exact path-dependent SHAP (the meaning of XGBoost's pred_contribs): out double[groups][n_features + 1], the last is the
 * bias, in margin units; each group adds up to its margin within 1e-6. Source: gbt_shap.c. */
void gbt_shap(const GbtModel *m, const float *row, double *out, GbtScratch *s);
/* SHAP interaction values (pred_interactions): out double[groups][n_features + 1][n_features + 1], symmetric; a row adds
 * up to that feature's SHAP value, the last diagonal element is the bias. */
void gbt_interactions(const GbtModel *m, const float *row, double *out, GbtScratch *s);
/* Interventional SHAP: features outside the coalition take their values from the rows of a background sample
 * float[n][n_features] (n >= 1) instead of the training weights. out double[groups][n_features + 1]; the bias is the mean
 * margin of the background. Cost grows with n. */
void gbt_shap_against(const GbtModel *m, const float *row, const float *background, size_t n, double *out,
                      GbtScratch *s);

/* The vector code in use: "avx512", "avx2" or "plain"; chosen at the first use from what the processor has. */
const char *gbt_kernel(void);
/* Another one, for tests and benches; false when the processor has not got it. NULL: the best again. */
bool gbt_kernel_choose(const char *name);

#endif
