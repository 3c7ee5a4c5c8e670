/* gbt_inspect.h - what a model file holds beyond what scoring needs: counts, gains, attributes.
 *
 *     XGBoost JSON or UBJSON --gbt_inspect--> GbtInspect: nodes, depths, splits and gain of each feature
 *
 * Counts are over all trees of the file, whichever rounds were loaded; pruned nodes do not count.
 * Owner:    gbt_inspect_free. Threads: pure.
 * Limits:   those of gbt_load.
 * Errors:   those of gbt_load: the file is loaded first. */
#ifndef EHUB_GBT_GBT_INSPECT_H
#define EHUB_GBT_GBT_INSPECT_H

#include "gbt/gbt.h"

typedef struct GbtAttribute {
    char *key, *value;
} GbtAttribute;

typedef struct GbtInspect {
    int n_features, n_trees;
    int version[3];   /* of the XGBoost that wrote it; 0.0.0: not said */
    char *base_score; /* as in the file: "5E-1" */
    int64_t n_nodes, n_leaves, n_categorical;
    int depth_max;
    int64_t depths[GBT_DEPTH_MAX + 1]; /* trees of that depth (edges of the longest path) */
    int64_t *splits;                   /* int64_t[n_features] */
    double *
        gain; /* double[n_features]: sum of the splits' loss reduction; divided by splits: XGBoost's "gain" */
    double *cover;            /* double[n_features]: sum of the training weight at the splits */
    bool has_gain;            /* some splits had one */
    GbtAttribute *attributes; /* such as best_iteration */
    int n_attributes;
} GbtInspect;

ErrKind MUST_USE gbt_inspect(Str bytes, GbtInspect **ret, Err *reterr);
void gbt_inspect_free(GbtInspect *i);
DEFINE_FREEP(GbtInspect, gbt_inspect_free)

#endif
