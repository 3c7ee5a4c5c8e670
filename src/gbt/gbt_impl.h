/* gbt_impl.h - the model as it lies in memory; private to src/gbt.
 *
 *     nodes:  [tree 0: root, left, right, ...] [tree 1: ...]     parents before children, siblings side by side
 *
 * gbt_load.c fills everything down to `bias`; what follows is made from it, each part by its own file, for speed only. */
#ifndef EHUB_GBT_GBT_IMPL_H
#define EHUB_GBT_GBT_IMPL_H

#include "gbt/gbt.h"

#define GBT_DEFAULT_LEFT UINT32_C(0x80000000)
#define GBT_FEATURE_MASK UINT32_C(0x7fffffff)

/* One step: next = left + (goes_right & split). At a leaf split is 0 and left is the leaf itself, so that a walk may
 * take more steps than the path has. */
typedef struct GbtNode {
    float value;      /* threshold, or the leaf's value; of a categorical split nothing */
    uint32_t feature; /* and GBT_DEFAULT_LEFT */
    uint32_t left;    /* from the tree's first node */
    uint16_t split;   /* 1 split, 0 leaf */
    uint16_t cat;     /* 0: numeric; else 1 + index in GbtTree.cats */
} GbtNode;

/* The categories of one split that go right: category c is bit c % 32 (from the lowest) of words[first + c / 32]. A category
 * past n_words, negative or 2^24 and above goes left; a fraction falls away; missing goes the node's default way. */
typedef struct GbtCats {
    uint32_t first; /* index in GbtModel.cat_words */
    uint32_t n_words;
} GbtCats;

typedef struct GbtTree {
    uint32_t first; /* index in nodes */
    uint32_t n;
    int depth;     /* edges of the longest path */
    int group;     /* the margin that it adds to */
    uint32_t cats; /* index in GbtModel.cats of its first categorical split */
} GbtTree;

struct GbtModel {
    int refs; /* atomic */
    int n_features;
    int n_groups;
    int n_trees;
    int n_rounds;
    int best_round;
    uint32_t n_nodes;
    uint32_t tree_nodes_max;
    const struct GbtObjective *objective; /* link and name */
    const char *booster;
    GbtNode *nodes;
    GbtTree *trees;
    GbtCats *cats; /* NULL: no categorical split in the whole model */
    uint32_t *cat_words;
    float *cover;       /* float[n_nodes]: training weight that reached each node */
    float *base_margin; /* float[n_groups] */
    char **names;       /* [n_features], or NULL */
    char **types;       /* [n_features], or NULL */
    double *bias; /* double[n_groups]: base margin and the mean of every tree over the training weight */
    struct GbtCuts *cuts;   /* gbt_cut.h */
    struct GbtPack *pack;   /* gbt_pack.h; NULL: only the plain walk fits this model */
    struct GbtPaths *paths; /* gbt_paths.h; NULL: then deep */
    struct GbtDeep *deep;   /* gbt_deep.h */
};

/* Share of the training weight at a split that goes to this child; never 0 or 1. */
double gbt_share(float child, float sibling);
/* Where a row goes at a node: 1 right, 0 left. The definition that everything else must agree with. */
uint32_t gbt_goes_right(const GbtModel *m, const GbtTree *t, const GbtNode *n, const float *row);
/* The margins of one row by walking every tree: plain, exact, for any model. out float[n_groups]. */
void gbt_walk(const GbtModel *m, const float *row, float *out);

#endif
