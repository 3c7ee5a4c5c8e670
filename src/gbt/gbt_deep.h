/* gbt_deep.h - SHAP of one tree of any shape, split by split: for models that are not packed. Private to src/gbt.
 *
 * The arithmetic is that of gbt_trail.h without the lanes; the algorithm stands in gbt_shap.c.
 * Owner: made at load from nodes and covers, freed with the model; immutable. */
#ifndef EHUB_GBT_GBT_DEEP_H
#define EHUB_GBT_GBT_DEEP_H

#include "gbt/gbt_impl.h"

typedef struct GbtDeep GbtDeep;

/* The mean of every tree over its training weight, added to m->bias[group] double[n_groups], which begins with the base. */
void gbt_deep_bias(GbtModel *m);

/* ERR_LIMIT when it would need too much memory. */
ErrKind MUST_USE gbt_deep_new(const GbtModel *m, GbtDeep **ret, Err *reterr);
void gbt_deep_free(GbtDeep *d);
size_t gbt_deep_room(const GbtModel *m); /* doubles; 0 when the model has no GbtDeep */
/* Adds the contributions of one tree to out double[n_features]; with cross also those of pairs, ordered (above, below), to
 * cross double[n_features + 1][n_features + 1]. */
void gbt_deep_tree(const GbtModel *m, int tree, const float *row, double *out, double *cross, double *room);

/* Gauss-Legendre quadrature on [0, 1] with n points. */
void gbt_quadrature(int n, double *t, double *w);

#endif
