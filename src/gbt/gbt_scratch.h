/* gbt_scratch.h - what one thread needs to score; private to src/gbt. */
#ifndef EHUB_GBT_GBT_SCRATCH_H
#define EHUB_GBT_GBT_SCRATCH_H

#include "gbt/gbt_edges.h"
#include "gbt/gbt_impl.h"

struct GbtScratch {
    double *edges;  /* gbt_edges_scratch(m) doubles */
    float *margins; /* float[n_groups] */
    float *row;     /* float[n_features]: a sparse row written out */
};

#endif
