/* gbt.h - a boosted tree model, ready to score and explain. Own code: allocation-free, lock-free, exact.
 *
 *     XGBoost JSON or UBJSON --gbt_load--> GbtModel --gbt_predict--> margin and probability
 *                                                    --gbt_shap----> one contribution for each feature, and the bias
 *
 * Owner:    gbt_load .. gbt_unref; immutable, counted references, swapped whole. Threads: any number may score at once.
 * Shapes:   row float[n_features], NaN = missing.
 * Limits:   GBT_BYTES_MAX bytes, GBT_TREES_MAX trees, GBT_NODES_MAX nodes, depth GBT_DEPTH_MAX; past them ERR_LIMIT.
 * Formats:  XGBoost 1.7 gbtree with numeric splits; binary:logistic, reg:logistic, reg:squarederror, count:poisson.
 * Errors:   CORRUPT damaged or hostile model, naming the tree and node . UNSUPPORTED by name (booster, objective ...). */
#ifndef EHUB_GBT_GBT_H
#define EHUB_GBT_GBT_H

#include "base/err.h"
#include "base/str.h"

#define GBT_BYTES_MAX (256 << 20)
#define GBT_TREES_MAX 20000
#define GBT_NODES_MAX 4000000
#define GBT_DEPTH_MAX 64
#define GBT_FEATURES_MAX 4096

typedef struct GbtModel GbtModel;

ErrKind MUST_USE gbt_load(Str bytes, GbtModel **ret, Err *reterr);
GbtModel *gbt_ref(GbtModel *m);
void gbt_unref(GbtModel *m);
DEFINE_FREEP(GbtModel, gbt_unref)

int gbt_n_features(const GbtModel *m);
int gbt_n_trees(const GbtModel *m);
const char *gbt_feature_name(const GbtModel *m, int i); /* "" when the model has none */
const char *gbt_objective(const GbtModel *m);

/* The sum of the leaves and the base, before the link function; bit-identical to XGBoost's output_margin. */
float gbt_margin(const GbtModel *m, const float *row);
/* Through the link of the objective: probability, expected count. */
double gbt_predict(const GbtModel *m, const float *row);
double gbt_link(const GbtModel *m, double margin);

/* Exact path-dependent SHAP (the meaning of XGBoost's pred_contribs): out[n_features] contributions and out[n_features]
 * the bias, in margin units; they add up to the margin within 1e-6. scratch: gbt_shap_scratch(m) doubles. */
void gbt_shap(const GbtModel *m, const float *row, double *out, double *scratch);
size_t gbt_shap_scratch(const GbtModel *m);

#endif
