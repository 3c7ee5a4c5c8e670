/* gbt_trail.h - the arithmetic of SHAP on eight trees at once, written once and compiled for each kind of processor.
 * Private to src/gbt; the algorithm stands in gbt_shap.c.
 *
 * Vectors are GCC's own, so that every processor gives the same bits: no fused multiply-add (the build forbids contraction),
 * the same operations in the same order, eight lanes whatever the width of the registers. */
#ifndef EHUB_GBT_GBT_TRAIL_H
#define EHUB_GBT_GBT_TRAIL_H

#include "gbt/gbt_paths.h"

#define GBT_TRAIL_INLINE static inline __attribute__((always_inline))

GBT_TRAIL_INLINE void gbt_mask(uint64_t bits, GbtM *ret)
{
    const GbtM each = {1, 2, 4, 8, 16, 32, 64, 128};
    GbtM b = (GbtM){0} + (int64_t)(bits & 255);
    *ret = (b & each) != 0;
}

#define GBT_PICK(mask, yes, no) ((GbtV)(((mask) & (GbtM)(yes)) | (~(mask) & (GbtM)(no))))
#define GBT_ONLY(mask, yes) ((GbtV)((mask) & (GbtM)(yes)))

/* What the way up leaves for the way down, of each split: GbtV[2 * points + 1] at p * (2 * points + 1):
 *     left[points]  how much of the weight at this point goes left
 *     gap[points]   (left subtree - right subtree) / (z + (1 - z) t)^2
 *     change        of z by the direction taken, signed; 0 when dead
 * sum: room for GbtV[2^depth][points]. */
GBT_TRAIL_INLINE void gbt_up(const GbtEightPaths *e, const GbtTrail *trail, int shift, int depth, int points,
                             const GbtPoints *quad, GbtV *up, GbtV *sum)
{
    for (int p = (1 << depth) - 1; p > 0; p--) {
        const GbtV *v = e->values + p * (2 + points);
        GbtV *u = up + p * (2 * points + 1);
        GbtV share = v[0], part = share * v[1];
        GbtM right, alive;
        gbt_mask(trail->right[p] >> shift, &right);
        gbt_mask(trail->alive[p] >> shift, &alive);
        bool low = p >= 1 << (depth - 1); /* below it are leaves */
        const GbtV *leaf = e->leaves + (2 * p - (1 << depth));
        for (int q = 0; q < points; q++) {
            GbtV t = (GbtV){0} + quad->t[q], inverse = v[2 + q];
            GbtV left = (part * (1.0 - t) + GBT_ONLY(~right, t)) * inverse;
            left = GBT_PICK(alive, left, share);
            GbtV l = low ? leaf[0] : sum[2 * p * points + q];
            GbtV r = low ? leaf[1] : sum[(2 * p + 1) * points + q];
            GbtV gap = l - r;
            sum[p * points + q] = r + left * gap;
            u[q] = left;
            u[points + q] = gap * inverse * inverse;
        }
        u[2 * points] = GBT_ONLY(alive, GBT_PICK(right, -part, v[1] - part));
    }
}

GBT_TRAIL_INLINE void gbt_scatter(const uint32_t *at, const GbtV *values, double *out)
{
    for (int i = 0; i < GBT_EIGHT; i++)
        out[at[i]] += (*values)[i];
}

/* From the root to the leaves: the weight that arrives at each split, times its gap, is the contribution. */
GBT_TRAIL_INLINE void gbt_down(const GbtEightPaths *e, int depth, int points, const GbtPoints *quad,
                               const GbtV *up, GbtV *weight, double *out)
{
    for (int q = 0; q < points; q++)
        weight[points + q] = (GbtV){0} + quad->w[q];
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
        sum *= u[2 * points];
        gbt_scatter(e->feature + p * GBT_EIGHT, &sum, out);
    }
}

GBT_TRAIL_INLINE void gbt_explain_eight(const GbtEightPaths *e, const GbtTrail *trail, int shift, int depth,
                                        int points, GbtV *up, GbtV *room, double *out)
{
    const GbtPoints *quad = &GBT_POINTS[depth];
    gbt_up(e, trail, shift, depth, points, quad, up, room);
    gbt_down(e, depth, points, quad, up, room, out);
}

/* Adds the contributions of lanes l to out. */
GBT_TRAIL_INLINE void gbt_explain_lanes(const GbtModel *m, int l, const GbtTrail *trail, GbtV *up, GbtV *room,
                                        double *out)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    for (int i = 0; i * GBT_EIGHT < lanes->n_trees; i++) {
        const GbtEightPaths *e = &m->paths->eights[l * GBT_EIGHTS + i];
        switch (lanes->depth) {
        case 0: break;
        case 1:
        case 2: gbt_explain_eight(e, trail, i * GBT_EIGHT, lanes->depth, 1, up, room, out); break;
        case 3:
        case 4: gbt_explain_eight(e, trail, i * GBT_EIGHT, lanes->depth, 2, up, room, out); break;
        case 5:
        case 6: gbt_explain_eight(e, trail, i * GBT_EIGHT, lanes->depth, 3, up, room, out); break;
        default: gbt_explain_eight(e, trail, i * GBT_EIGHT, lanes->depth, 4, up, room, out);
        }
    }
}

#endif
