/* gbt_pack.h - the trees as complete trees of byte comparisons, for vector code. Private to src/gbt.
 *
 *     GbtPackTree  one tree, many rows:   lanes are rows     slot[2^depth - 1], cut[...], leaf[2^depth]
 *     GbtLanes     one row, 64 trees:     lanes are trees    test[2^depth - 1][64 slots, 64 cuts], leaf[64][2^depth]
 *
 * Every path of a tree is made `depth` long: below a leaf stand splits that always go left. The leaf's index has one bit for
 * each level, the root's the highest; 1 = right. Splits stand in post-order (left subtree, right subtree, split): the order
 * in which a leaf's index is folded together.
 *
 * All comparisons of a tree are made, not only those on the path: 63 bytes compared in 64 lanes at once cost less than six
 * steps that each wait for memory. Past GBT_PACK_DEPTH that no longer holds, and the plain walk scores the model.
 *
 * Owner: made at load, freed with the model; immutable. */
#ifndef EHUB_GBT_GBT_PACK_H
#define EHUB_GBT_GBT_PACK_H

#include "gbt/gbt_cut.h"

#define GBT_PACK_DEPTH 8
#define GBT_LANES 64
#define GBT_PACK_SLOTS 4096
#define GBT_ROW_SLOTS 256 /* of one-row code: a slot is a byte there */

typedef struct GbtPackTree {
    size_t first; /* of its splits in slots[] and cuts[] */
    size_t leaf;  /* in leaves[] */
    int depth;
    int group;
} GbtPackTree;

typedef struct GbtLanes {
    size_t first; /* of its tests: byte index in tests[] */
    size_t leaf;  /* of the first tree's leaves in lane_leaves[]; tree k at leaf + (k << depth) */
    int depth;
    int n_trees;
    int tree; /* index of the first one */
} GbtLanes;

typedef struct GbtPack {
    GbtPackTree *trees;
    uint16_t *slots;
    uint8_t *cuts;
    float *leaves;

    GbtLanes *lanes; /* NULL: too many slots */
    int n_lanes;
    uint8_t *tests; /* 64-byte aligned */
    float *lane_leaves;
} GbtPack;

/* NULL when the model is too deep or has too many slots. */
GbtPack *gbt_pack_new(const GbtModel *m);
void gbt_pack_free(GbtPack *p);

#endif
