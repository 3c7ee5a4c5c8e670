/* gbt_trail.h - the arithmetic of SHAP on eight trees at once, written once and compiled for each kind of processor.
 * Private to src/gbt; the algorithm stands in gbt_shap.c. The includer says how many trees fit in its registers: GBT_W.
 *
 * Vectors are the compiler's own, so that every processor gives the same bits: no fused multiply-add (the build forbids
 * contraction), the same operations in the same order in each lane, and sums across lanes are left to gbt_scatter. */
#ifndef EHUB_GBT_GBT_TRAIL_H
#define EHUB_GBT_GBT_TRAIL_H

#include "gbt/gbt_kernel.h"

#define GBT_TRAIL_INLINE static inline __attribute__((always_inline))
#define GBT_STEP (GBT_EIGHT / GBT_W) /* vectors of an eight */

typedef double GbtV __attribute__((vector_size(8 * GBT_W)));  /* one value of each of GBT_W trees */
typedef int64_t GbtM __attribute__((vector_size(8 * GBT_W))); /* all bits or none */

GBT_TRAIL_INLINE void gbt_mask(uint64_t bits, GbtM *ret)
{
#if GBT_W == 8
    const GbtM each = {1, 2, 4, 8, 16, 32, 64, 128};
#elif GBT_W == 4
    const GbtM each = {1, 2, 4, 8};
#else
    const GbtM each = {1, 2};
#endif
    GbtM b = (GbtM){0} + (int64_t)(bits & ((1 << GBT_W) - 1));
    *ret = (b & each) == each;
}

#define GBT_PICK(mask, yes, no) ((GbtV)(((mask) & (GbtM)(yes)) | (~(mask) & (GbtM)(no))))
#define GBT_ONLY(mask, yes) ((GbtV)((mask) & (GbtM)(yes)))

/* Some lanes of an eight, in registers of GBT_W. */
typedef struct GbtPart {
    const GbtV *values; /* of split p at p * (2 + points) * GBT_STEP */
    const GbtV *leaves;
    const GbtTrail *trail;
    int shift; /* of its first tree in the trail */
    const GbtPoints *quad;
} GbtPart;

GBT_TRAIL_INLINE void gbt_masks(const GbtPart *e, int p, GbtM *ret_right, GbtM *ret_alive)
{
    gbt_mask(e->trail->right[p] >> e->shift, ret_right);
    gbt_mask(e->trail->alive[p] >> e->shift, ret_alive);
}

/* From the leaves to the root. What it leaves for the way down, of each split, GbtV[2 * points + 1] at p * (2 * points + 1):
 *     left[points]  how much of the weight at this point goes left
 *     gap[points]   (left subtree - right subtree) / (z + (1 - z) t)^2
 *     change        of z by the direction taken, signed; 0 when dead
 * sum: room for GbtV[2^depth][points]. */
GBT_TRAIL_INLINE void gbt_up(const GbtPart *e, int depth, int points, GbtV *up, GbtV *sum)
{
    for (int p = (1 << depth) - 1; p > 0; p--) {
        const GbtV *v = e->values + p * (2 + points) * GBT_STEP;
        GbtV *u = up + p * (2 * points + 1);
        GbtV share = v[0], above = v[GBT_STEP], part = share * above;
        GbtM right, alive;
        gbt_masks(e, p, &right, &alive);
        bool low = p >= 1 << (depth - 1); /* below it are leaves */
        const GbtV *leaf = e->leaves + (2 * p - (1 << depth)) * GBT_STEP;
        for (int q = 0; q < points; q++) {
            GbtV t = (GbtV){0} + e->quad->t[q], inverse = v[(2 + q) * GBT_STEP];
            GbtV left = (part * (1.0 - t) + GBT_ONLY(~right, t)) * inverse;
            left = GBT_PICK(alive, left, share);
            GbtV l = low ? leaf[0] : sum[2 * p * points + q];
            GbtV r = low ? leaf[GBT_STEP] : sum[(2 * p + 1) * points + q];
            GbtV gap = l - r;
            sum[p * points + q] = r + left * gap;
            u[q] = left;
            u[points + q] = gap * inverse * inverse;
        }
        u[2 * points] = GBT_ONLY(alive, GBT_PICK(right, -part, above - part));
    }
}

/* From the root to the leaves: the weight that arrives at each split, times its gap, is the contribution; of split p to
 * given[p * GBT_STEP]. */
GBT_TRAIL_INLINE void gbt_down(const GbtPart *e, int depth, int points, const GbtV *up, GbtV *weight,
                               GbtV *given)
{
    for (int q = 0; q < points; q++)
        weight[points + q] = (GbtV){0} + e->quad->w[q];
    for (int p = 1; p < 1 << depth; p++) {
        const GbtV *u = up + p * (2 * points + 1);
        GbtV sum = {0};
        for (int q = 0; q < points; q++) {
            GbtV here = weight[p * points + q];
            sum += here * u[points + q];
            if (p < 1 << (depth - 1)) {
                GbtV left = here * u[q];
                weight[2 * p * points + q] = left;
                weight[(2 * p + 1) * points + q] = here - left;
            }
        }
        given[p * GBT_STEP] = sum * u[2 * points];
    }
}

/* Of each split and child the change of its factor over the factor, the telescoped (o - z) / f: GbtV[2][points] at
 * 2 * points * p, left child first. */
GBT_TRAIL_INLINE void gbt_changes(const GbtPart *e, int depth, int points, const GbtV *up, GbtV *change)
{
    for (int p = 1; p < 1 << (depth - 1); p++) {
        const GbtV *u = up + p * (2 * points + 1), *v = e->values + p * (2 + points) * GBT_STEP;
        GbtM right, alive;
        gbt_masks(e, p, &right, &alive);
        GbtV size = GBT_PICK(right, -u[2 * points], u[2 * points]);
        for (int q = 0; q < points; q++) {
            GbtV inverse = v[(2 + q) * GBT_STEP], weight = GBT_PICK(right, 1.0 - u[q], u[q]);
            GbtV taken = size * inverse * inverse / weight;
            GbtV other = GBT_ONLY(alive, inverse / (e->quad->t[q] - 1.0));
            change[2 * points * p + q] = GBT_PICK(right, other, taken);
            change[2 * points * p + points + q] = GBT_PICK(right, taken, other);
        }
    }
}

/* Every split with every one above it, nearest first, to given[]. weight: as gbt_down left it. */
GBT_TRAIL_INLINE void gbt_pairs(int depth, int points, const GbtV *up, const GbtV *weight, const GbtV *change,
                                GbtV *given)
{
    for (int p = 2; p < 1 << depth; p++) {
        const GbtV *u = up + p * (2 * points + 1);
        GbtV here[GBT_POINTS_MAX];
        for (int q = 0; q < points; q++)
            here[q] = weight[p * points + q] * u[points + q] * (u[2 * points] * 0.5);
        for (int below = p, at = p / 2; at > 0; below = at, at /= 2, given += GBT_STEP) {
            const GbtV *c = change + 2 * points * at + (below & 1) * points;
            GbtV sum = {0};
            for (int q = 0; q < points; q++)
                sum += here[q] * c[q];
            *given = sum;
        }
    }
}

/* Lane by lane, in one order for all processors. */
GBT_TRAIL_INLINE void gbt_scatter(const GbtEightPaths *e, int depth, const double *given, double *out)
{
    for (int i = GBT_EIGHT; i < GBT_EIGHT << depth; i++)
        out[e->feature[i]] += given[i];
}

GBT_TRAIL_INLINE void gbt_scatter_pairs(const GbtEightPaths *e, int depth, const double *given, size_t width,
                                        double *cross)
{
    for (int p = 2; p < 1 << depth; p++)
        for (int at = p / 2; at > 0; at /= 2, given += GBT_EIGHT)
            for (int i = 0; i < GBT_EIGHT; i++)
                cross[e->feature[at * GBT_EIGHT + i] * width + e->feature[p * GBT_EIGHT + i] - e->base[i]] +=
                    given[i];
}

GBT_TRAIL_INLINE void gbt_explain_eight(const GbtEightPaths *e, int shift, int depth, int points,
                                        const GbtExplain *x)
{
    GbtV *given = (GbtV *)x->room, *pairs = given + (GBT_STEP << depth);
    GbtV *weight = (GbtV *)(x->room + (GBT_SPLITS_MAX + GBT_PAIRS_MAX) * GBT_EIGHT);
    GbtV *up = weight + (points << depth), *change = up + ((2 * points + 1) << depth);
    for (int i = 0; i < GBT_STEP; i++) {
        GbtPart part = {.values = (const GbtV *)e->values + i,
                        .leaves = (const GbtV *)e->leaves + i,
                        .trail = x->trail,
                        .shift = shift + i * GBT_W,
                        .quad = &GBT_POINTS[depth]};
        gbt_up(&part, depth, points, up, weight);
        gbt_down(&part, depth, points, up, weight, given + i);
        if (x->cross) {
            gbt_changes(&part, depth, points, up, change);
            gbt_pairs(depth, points, up, weight, change, pairs + i);
        }
    }
    gbt_scatter(e, depth, (const double *)given, x->out);
    if (x->cross)
        gbt_scatter_pairs(e, depth, (const double *)pairs, x->width, x->cross);
}

/* Adds the contributions of lanes l. */
GBT_TRAIL_INLINE void gbt_explain_lanes(const GbtModel *m, int l, const GbtExplain *x)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    for (int i = 0; i * GBT_EIGHT < lanes->n_trees; i++) {
        const GbtEightPaths *e = &m->paths->eights[l * GBT_EIGHTS + i];
        switch (lanes->depth) {
        case 0: break;
        case 1:
        case 2: gbt_explain_eight(e, i * GBT_EIGHT, lanes->depth, 1, x); break;
        case 3:
        case 4: gbt_explain_eight(e, i * GBT_EIGHT, lanes->depth, 2, x); break;
        case 5:
        case 6: gbt_explain_eight(e, i * GBT_EIGHT, lanes->depth, 3, x); break;
        default: gbt_explain_eight(e, i * GBT_EIGHT, lanes->depth, 4, x);
        }
    }
}

#endif
