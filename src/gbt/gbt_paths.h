/* gbt_paths.h - what SHAP needs of packed trees: eight trees side by side, complete, split by split. Private to src/gbt.
 *
 *     GbtLanes (64 trees) = 8 eights; of each split of the complete tree, in heap order 1 .. 2^depth - 1, eight values of
 *         share     of the training weight that reaches the split and may still pass, how much goes left
 *         above     z: the share of the training weight that passes the splits above on the same feature (1: none above)
 *         inverse   1 / (z + (1 - z) t) for each quadrature point t
 *         same      the levels above that split on the same feature
 *         feature   where the contribution goes
 *     and of each leaf its value. The algorithm and its source: gbt_shap.c.
 *
 * Owner: made at load, freed with the model; immutable. */
#ifndef EHUB_GBT_GBT_PATHS_H
#define EHUB_GBT_GBT_PATHS_H

#include "gbt/gbt_pack.h"

#define GBT_EIGHT 8
#define GBT_EIGHTS (GBT_LANES / GBT_EIGHT)
#define GBT_POINTS_MAX (GBT_PACK_DEPTH / 2)
#define GBT_SPLITS_MAX (1 << GBT_PACK_DEPTH)

/* One eight: the split at heap position p has double[8] each of share, above, inverse[points] at
 * values[p * (2 + points) * 8]. */
typedef struct GbtEightPaths {
    const double *values;
    const double *leaves;     /* double[2^depth][8] */
    const uint32_t *feature;  /* uint32_t[2^depth][8]: group * (n_features + 1) + feature */
    uint32_t base[GBT_EIGHT]; /* group * (n_features + 1) */
} GbtEightPaths;

typedef struct GbtPaths {
    double *values; /* 64-byte aligned, as leaves */
    double *leaves;
    uint32_t *feature;
    GbtEightPaths *eights; /* [n_lanes * GBT_EIGHTS] */
    uint8_t **same;        /* [n_lanes]: uint8_t[2^depth][64], 64-byte aligned, into same_all */
    uint8_t *same_all;
} GbtPaths;

/* Gauss-Legendre on [0, 1]; w are the weights. Made once, for every depth of packed trees. */
typedef struct GbtPoints {
    int n;
    double t[GBT_POINTS_MAX];
    double w[GBT_POINTS_MAX];
} GbtPoints;
extern GbtPoints GBT_POINTS[GBT_PACK_DEPTH + 1];

/* Which way a row goes at the splits of 64 trees: bit k of right[p]: right at split p of tree k; of alive[p]: it passed the
 * splits above on the same feature. */
typedef struct GbtTrail {
    uint64_t right[GBT_SPLITS_MAX];
    uint64_t alive[GBT_SPLITS_MAX];
} GbtTrail;

/* NULL when the model is not packed for single rows. */
GbtPaths *gbt_paths_new(const GbtModel *m);
void gbt_paths_free(GbtPaths *p);

/* The place of heap position p among the tests of a complete tree, which stand in post-order. */
int gbt_post_order(int depth, int p);

#endif
