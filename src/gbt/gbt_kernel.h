/* gbt_kernel.h - the vector code: one table for each kind of processor. Private to src/gbt.
 *
 *     gbt_margins --> gbt_kernel_now() --> avx512 | avx2 | plain (which walks)
 *
 * All give the same bits: which leaf a row reaches is a matter of comparisons, and leaves are added in the order of the
 * trees in float by everyone. */
#ifndef EHUB_GBT_GBT_KERNEL_H
#define EHUB_GBT_GBT_KERNEL_H

#include "gbt/gbt_paths.h"

#define GBT_BLOCK_ROWS 256

typedef struct GbtExplain {
    const GbtTrail *trail;
    double *room;  /* double[GBT_EXPLAIN_ROOM], 64-byte aligned */
    double *out;   /* [n_groups][width] */
    double *cross; /* [n_groups][width][width], or NULL */
    size_t width;  /* n_features + 1 */
} GbtExplain;

/* A split and one above it: as many as a complete tree has. */
#define GBT_PAIRS_MAX ((GBT_PACK_DEPTH - 2) * GBT_SPLITS_MAX + 2)
#define GBT_EXPLAIN_ROOM (GBT_EIGHT * (GBT_SPLITS_MAX * (5 * GBT_POINTS_MAX + 2) + GBT_PAIRS_MAX))

typedef struct GbtKernel {
    const char *name;
    bool (*present)(void);
    /* Ranks of one row: uint8_t[n_slots]; as gbt_cuts_rank. */
    void (*rank)(const GbtModel *m, const float *row, uint8_t *ranks);
    /* The leaf index of every tree for one row, by tree: uint8_t[n_lanes * GBT_LANES]; for models with at most
     * row_slots slots. NULL: none, walk. */
    uint32_t row_slots;
    void (*row)(const GbtModel *m, const float *row, uint8_t *ranks, uint8_t *leaf);
    /* Margins of n <= GBT_BLOCK_ROWS rows, added to sums float[n_groups][GBT_BLOCK_ROWS].
 NULL: none, walk.
     * planes: uint8_t[n_slots][GBT_BLOCK_ROWS], 64-byte aligned. */
    void (*block)(const GbtModel *m, const float *rows, size_t n, uint8_t *planes, float *sums);
    /* Adds the contributions of one row to x->out and x->cross; trail: room that x->trail points to. */
    void (*explain)(const GbtModel *m, const float *row, uint8_t *ranks, GbtTrail *trail,
                    const GbtExplain *x);
} GbtKernel;

const GbtKernel *gbt_kernel_now(void);

/* The ways of one row through lanes l, from its ranks. */
void gbt_follow_plain(const GbtModel *m, int l, const uint8_t *ranks, GbtTrail *trail);

extern const GbtKernel GBT_AVX512, GBT_AVX2, GBT_PLAIN;

#endif
