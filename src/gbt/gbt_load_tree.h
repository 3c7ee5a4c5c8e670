/* gbt_load_tree.h - one tree of an XGBoost file into the model. Private to src/gbt.
 *
 *     parallel arrays of the file --gbt_load_tree--> nodes breadth first, siblings side by side; categories as bits
 *
 * Limits:   GBT_NODES_MAX nodes, GBT_CAT_WORDS_MAX words of categories of the whole model.
 * Errors:   CORRUPT, LIMIT, UNSUPPORTED naming the tree and the node. */
#ifndef EHUB_GBT_GBT_LOAD_TREE_H
#define EHUB_GBT_GBT_LOAD_TREE_H

#include "gbt/gbt_doc.h"
#include "gbt/gbt_impl.h"

#define GBT_CAT_WORDS_MAX ((uint32_t)16 << 20)
#define GBT_CATEGORY_MAX ((1 << 24) - 1) /* XGBoost's: a float has no odd whole numbers above */

/* Loads trees one after another; zeroed but for what the caller sets. */
typedef struct GbtTreeLoader {
    GbtModel *m;
    Arena *arena; /* used for one tree, then reset */
    uint32_t nodes_cap;
    uint32_t n_cats, cats_cap;
    uint32_t n_words, words_cap;
    int tree; /* index of the tree being read, for messages */
} GbtTreeLoader;

/* weight: what dart multiplies the leaves with, else 1. Fills *ret but for its group. */
ErrKind MUST_USE gbt_load_tree(GbtTreeLoader *l, const GbtDoc *doc, float weight, GbtTree *ret, Err *reterr);

#endif
