/* gbt_edges.h - path-dependent SHAP by quadrature, edge by edge: for trees of any shape. Private to src/gbt.
 *
 * Made at load from nodes and covers; read by gbt_shap. */
#ifndef EHUB_GBT_GBT_EDGES_H
#define EHUB_GBT_GBT_EDGES_H

#include "gbt/gbt_impl.h"

typedef struct GbtEdges GbtEdges;

ErrKind MUST_USE gbt_edges_new(GbtModel *m, GbtEdges **ret, Err *reterr); /* fills m->bias as well */
void gbt_edges_free(GbtEdges *e);
size_t gbt_edges_scratch(const GbtModel *m); /* doubles */
/* Adds the contributions of one tree to out double[n_features]. */
void gbt_edges_tree(const GbtModel *m, int tree, const float *row, double *out, double *scratch);

#endif
