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

/* Of each split and child the change of its factor over the factor, the telescoped (o - z) / f: GbtV[2][points] at
 * 2 * points * p, left child first. */
GBT_TRAIL_INLINE void gbt_cuts_of(const GbtEightPaths *e, const GbtTrail *trail, int shift, int depth,
                                  int points, const GbtPoints *quad, const GbtV *up, GbtV *cut)
{
    for (int p = 1; p < 1 << (depth - 1); p++) {
        const GbtV *u = up + p * (2 * points + 1), *v = e->values + p * (2 + points);
        GbtM right, alive;
        gbt_mask(trail->right[p] >> shift, &right);
        gbt_mask(trail->alive[p] >> shift, &alive);
        GbtV change = GBT_PICK(right, -u[2 * points], u[2 * points]);
        for (int q = 0; q < points; q++) {
            GbtV inverse = v[2 + q], taken = GBT_PICK(right, 1.0 - u[q], u[q]);
            GbtV is = change * inverse * inverse / taken, not = GBT_ONLY(alive, inverse / (quad->t[q] - 1.0));
            cut[2 * points * p + q] = GBT_PICK(right, not, is);
            cut[2 * points * p + points + q] = GBT_PICK(right, is, not );
        }
    }
}

/* Every split with every one above it. weight: as gbt_down left it. */
GBT_TRAIL_INLINE void gbt_cross(const GbtEightPaths *e, int depth, int points, const GbtV *up,
                                const GbtV *weight, const GbtV *cut, size_t width, double *cross)
{
    for (int p = 2; p < 1 << depth; p++) {
        const GbtV *u = up + p * (2 * points + 1);
        GbtV here[GBT_POINTS_MAX];
        for (int q = 0; q < points; q++)
            here[q] = weight[p * points + q] * u[points + q] * (u[2 * points] * 0.5);
        for (int below = p, at = p / 2; at > 0; below = at, at /= 2) {
            const GbtV *c = cut + 2 * points * at + (below & 1) * points;
            GbtV sum = {0};
            for (int q = 0; q < points; q++)
                sum += here[q] * c[q];
            for (int i = 0; i < GBT_EIGHT; i++)
                cross[e->feature[at * GBT_EIGHT + i] * width + e->feature[p * GBT_EIGHT + i] - e->base[i]] +=
                    sum[i];
        }
    }
}

typedef struct GbtExplain {
    const GbtTrail *trail;
    GbtV *room;    /* GBT_EXPLAIN_ROOM */
    double *out;   /* [n_groups][width] */
    double *cross; /* [n_groups][width][width], or NULL */
    size_t width;  /* n_features + 1 */
} GbtExplain;

#define GBT_EXPLAIN_ROOM (GBT_SPLITS_MAX * (5 * GBT_POINTS_MAX + 1))

GBT_TRAIL_INLINE void gbt_explain_eight(const GbtEightPaths *e, int shift, int depth, int points,
                                        const GbtExplain *x)
{
    const GbtPoints *quad = &GBT_POINTS[depth];
    GbtV *weight = x->room, *up = weight + GBT_SPLITS_MAX * points,
         *cut = up + GBT_SPLITS_MAX * (2 * points + 1);
    gbt_up(e, x->trail, shift, depth, points, quad, up, weight);
    gbt_down(e, depth, points, quad, up, weight, x->out);
    if (x->cross) {
        gbt_cuts_of(e, x->trail, shift, depth, points, quad, up, cut);
        gbt_cross(e, depth, points, up, weight, cut, x->width, x->cross);
    }
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
