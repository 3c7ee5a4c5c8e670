/* gbt_impl.h - the model as it lies in memory; private to src/gbt.
 *
 *     nodes:  [tree 0: root, left, right, ...] [tree 1: ...]     parents before children, siblings side by side
 *
 * Scoring reads `nodes` only. SHAP reads `edges` (one for each node: the edge that leads to it) and `inv` beside it. */
#ifndef EHUB_GBT_GBT_IMPL_H
#define EHUB_GBT_GBT_IMPL_H

#include "gbt/gbt.h"

#define GBT_DEFAULT_LEFT UINT32_C(0x80000000)
#define GBT_FEATURE_MASK UINT32_C(0x7fffffff)
#define GBT_NO_EDGE (-1)

/* One step: next = left + (goes_right & split). At a leaf split is 0 and left is the leaf itself, so that a walk may
 * take more steps than the path has. */
typedef struct GbtNode {
    float value;      /* threshold, or the leaf's value */
    uint32_t feature; /* and GBT_DEFAULT_LEFT */
    uint32_t left;    /* from the tree's first node */
    uint32_t split;   /* 1 split, 0 leaf */
} GbtNode;

typedef struct GbtTree {
    uint32_t first; /* index in nodes */
    uint32_t n;
    int depth;  /* edges of the longest path */
    int quad;   /* quadrature points, padded to a multiple of 2 */
    size_t inv; /* where its rows of quad values begin in GbtModel.inv */
} GbtTree;

/* The edge to a node. "The same feature" is that of the parent's split. */
typedef struct GbtEdge {
    double z;       /* share of the training weight that takes every edge of this feature down to here */
    double z_prev;  /* the same at prev; 1 when there is none */
    int32_t parent; /* node; GBT_NO_EDGE at the root */
    int32_t prev;   /* the nearest edge above with the same feature, or GBT_NO_EDGE */
    uint32_t feature;
    uint32_t goes_right;
} GbtEdge;

/* Gauss-Legendre quadrature on [0, 1], made once for each number of points. */
#define GBT_QUAD_MAX ((GBT_DEPTH_MAX + 1) / 2 + 1)
typedef struct GbtQuad {
    double t[GBT_QUAD_MAX];
    double w[GBT_QUAD_MAX];
    double rest[GBT_QUAD_MAX];      /* 1 - t */
    double not_taken[GBT_QUAD_MAX]; /* -1 / (1 - t) */
    double one[GBT_QUAD_MAX];
} GbtQuad;

struct GbtModel {
    int refs; /* atomic */
    int n_features;
    int n_trees;
    uint32_t n_nodes;
    int quad_max;
    uint32_t tree_nodes_max;
    float base_margin;
    bool logistic; /* link: logistic, else see exponential */
    bool exponential;
    char objective[40];
    GbtNode *nodes;
    GbtTree *trees;
    GbtEdge *edges;
    double *inv;    /* 1 / (z + (1 - z) t_q) of each edge and point */
    GbtQuad *quads; /* [n / 2] has n points */
    double bias;    /* base margin and the mean of every tree over the training weight */
    char **names;   /* [n_features], or NULL */
};

/* Fills edges, inv, quad and bias from nodes and the covers float[n_nodes] in the order of nodes. */
ErrKind MUST_USE gbt_shap_prepare(GbtModel *m, const float *cover, Err *reterr);

#endif
