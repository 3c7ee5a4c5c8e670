/* gbt_cut.h - a row as small ranks, so that a split is a comparison of two bytes. Private to src/gbt.
 *
 *     x of feature f --how many of the model's thresholds on f are <= x--> R --minus the slot's base--> rank 0..254
 *
 * A slot holds up to GBT_SLOT_CUTS neighbouring thresholds of one feature and one default direction. The split "x < c[k]
 * goes left" becomes "rank > k goes right", exactly. A missing value has rank 0 (left of every cut) where the default is
 * left, GBT_RANK_RIGHT where it is right. A categorical split has a slot of its own: 0 or GBT_RANK_RIGHT.
 *
 * Owner: made at load, freed with the model; immutable. */
#ifndef EHUB_GBT_GBT_CUT_H
#define EHUB_GBT_GBT_CUT_H

#include "gbt/gbt_impl.h"

#define GBT_SLOT_CUTS 254
#define GBT_RANK_RIGHT 255
#define GBT_CUT_NEVER 255 /* no rank is above it: always left */
#define GBT_CUT_CAT 127
#define GBT_PIVOTS 16

typedef struct GbtSlot {
    uint32_t base;   /* thresholds of the feature before this slot */
    uint8_t n;       /* thresholds in this slot */
    uint8_t missing; /* rank of a missing value */
} GbtSlot;

/* The thresholds of one feature that has any, rising and distinct: cuts[first .. first + n - 1], then enough NaN that a
 * register may be read at every stride. */
typedef struct GbtFeatureCuts {
    uint32_t feature;
    uint32_t first, n;
    uint32_t first_slot, n_slots;
    uint32_t stride; /* of the pivots */
    float pivot
        [GBT_PIVOTS]; /* every stride-th threshold, then +inf: the first steps of a search, in one register */
} GbtFeatureCuts;

typedef struct GbtCatSlot {
    uint32_t tree, node, slot;
} GbtCatSlot;

typedef struct GbtCuts {
    GbtFeatureCuts *features;
    uint32_t n_features;
    float *cuts;
    uint32_t n_cuts;
    GbtSlot *slots; /* those of features first, then the categorical ones */
    uint32_t n_slots;
    GbtCatSlot *cats;
    uint32_t n_cats;
} GbtCuts;

/* Where a split looks: rank[slot] > cut goes right. */
typedef struct GbtTest {
    uint32_t slot;
    uint8_t cut;
} GbtTest;

GbtCuts *gbt_cuts_new(const GbtModel *m);
void gbt_cuts_free(GbtCuts *c);
GbtTest gbt_cuts_test(const GbtModel *m, const GbtCuts *c, uint32_t tree, uint32_t node);

/* all: how many of the feature's thresholds are not above x. */
static inline uint8_t gbt_rank_in_slot(const GbtSlot *slot, uint32_t all, float x)
{
    uint32_t above = all > slot->base ? all - slot->base : 0;
    above = above < slot->n ? above : slot->n;
    return x != x ? slot->missing : (uint8_t)above; /* x != x: NaN */
}

/* Ranks of one row: uint8_t[n_slots]. */
void gbt_cuts_rank(const GbtModel *m, const float *row, uint8_t *ranks);
/* The categorical slots of one row, ranks of slot s at ranks[s * stride]. */
void gbt_cuts_rank_cats(const GbtModel *m, const float *row, uint8_t *ranks, size_t stride);

#endif
