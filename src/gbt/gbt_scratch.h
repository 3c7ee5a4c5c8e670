/* gbt_scratch.h - what one thread needs to score; private to src/gbt. */
#ifndef EHUB_GBT_GBT_SCRATCH_H
#define EHUB_GBT_GBT_SCRATCH_H

#include "gbt/gbt_deep.h"
#include "gbt/gbt_paths.h"

#define GBT_SPARSE_ROWS 64

struct GbtScratch {
    double *deep;   /* gbt_deep_room(m) doubles */
    uint8_t *state; /* [n_features], of gbt_shap_against */
    double *shap;   /* double[n_groups][n_features + 1] */
    float *margins; /* float[n_groups] */
    float *rows;    /* float[GBT_SPARSE_ROWS][n_features]: sparse rows written out */
    uint8_t *ranks; /* these four: gbt_kernel.h; NULL when the model is not packed */
    uint8_t *leaf;
    uint8_t *planes;
    float *sums;
    GbtTrail *trail; /* these two: gbt_kernel.h explain; NULL when the model has no paths */
    double *room;
};

#endif
