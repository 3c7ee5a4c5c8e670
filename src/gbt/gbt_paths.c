/* gbt_paths.c - see gbt_paths.h. */
#include "gbt/gbt_paths.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define BYTES_MAX ((size_t)2 << 30)
#define VECTOR (GBT_EIGHT * sizeof(double))

/* Abramowitz, Stegun 25.4.30, moved from [-1, 1] to [0, 1]. */
#define POINTS1                        \
    {                                  \
        .n = 1, .t = {0.5}, .w = { 1 } \
    }
#define POINTS2                                                                          \
    {                                                                                    \
        .n = 2, .t = {0.21132486540518711775, 0.78867513459481288225}, .w = { 0.5, 0.5 } \
    }
#define POINTS3                                                                    \
    {                                                                              \
        .n = 3, .t = {0.11270166537925831148, 0.5, 0.88729833462074168852}, .w = { \
            0.27777777777777777778,                                                \
            0.44444444444444444444,                                                \
            0.27777777777777777778                                                 \
        }                                                                          \
    }
#define POINTS4                                                                       \
    {                                                                                 \
        .n = 4,                                                                       \
        .t = {0.06943184420297371239, 0.33000947820757186760, 0.66999052179242813240, \
              0.93056815579702628761},                                                \
        .w = {                                                                        \
            0.17392742256872692869,                                                   \
            0.32607257743127307131,                                                   \
            0.32607257743127307131,                                                   \
            0.17392742256872692869                                                    \
        }                                                                             \
    }
/* Trees of depth d need ceil(d / 2) points. */
GbtPoints GBT_POINTS[GBT_PACK_DEPTH + 1] = {POINTS1, POINTS1, POINTS1, POINTS2, POINTS2,
                                            POINTS3, POINTS3, POINTS4, POINTS4};

int gbt_post_order(int depth, int p)
{
    int level = 31 - __builtin_clz((unsigned)p), at = 0;
    /* From the root down: a right turn passes the whole left subtree; then everything below comes before the split. */
    for (int i = level - 1; i >= 0; i--)
        if (p >> i & 1)
            at += (1 << (depth - (level - i))) - 1;
    return at + (1 << (depth - level)) - 2;
}

/* One tree on its way into one lane of an eight. */
typedef struct Fill {
    const GbtModel *m;
    const GbtTree *tree;
    double *values, *leaves;
    uint32_t *feature;
    uint8_t *same; /* of this lane: same[p * GBT_LANES] */
    int lane, depth, points;
} Fill;

/* What a path has seen: the feature of each level's split and z after it. */
typedef struct Way {
    uint32_t feature[GBT_PACK_DEPTH];
    double z[GBT_PACK_DEPTH];
    bool real[GBT_PACK_DEPTH];
} Way;

static void put(const Fill *f, uint32_t node, int p, int level, Way *way)
{
    const GbtNode *n = &f->m->nodes[f->tree->first + node];
    if (level == f->depth) {
        f->leaves[(p - (1 << f->depth)) * GBT_EIGHT + f->lane] = (double)n->value;
        return;
    }
    uint32_t feature = n->feature & GBT_FEATURE_MASK;
    double above = 1, share = 1;
    uint8_t same = 0;
    for (int i = 0; i < level && n->split; i++)
        if (way->real[i] && way->feature[i] == feature) {
            above = way->z[i];
            same |= (uint8_t)(1 << i);
        }
    if (n->split)
        share = gbt_share(f->m->cover[f->tree->first + n->left], f->m->cover[f->tree->first + n->left + 1]);
    double *v = f->values + (size_t)p * (size_t)(2 + f->points) * GBT_EIGHT + f->lane;
    v[0] = share;
    v[GBT_EIGHT] = above;
    for (int q = 0; q < f->points; q++)
        v[(2 + q) * GBT_EIGHT] = 1 / (above + (1 - above) * GBT_POINTS[f->depth].t[q]);
    f->feature[p * GBT_EIGHT + f->lane] =
        (uint32_t)f->tree->group * ((uint32_t)f->m->n_features + 1) + (n->split ? feature : 0);
    f->same[(size_t)p * GBT_LANES] = same;
    way->feature[level] = feature;
    way->real[level] = n->split;
    way->z[level] = above * share;
    put(f, n->split ? n->left : node, 2 * p, level + 1, way);
    way->z[level] = above * (1 - share);
    put(f, n->split ? n->left + 1 : node, 2 * p + 1, level + 1, way);
}

/* A lane without a tree: splits that change nothing, leaves of 0. */
static void fill_empty(const Fill *f)
{
    for (int p = 1; p < 1 << f->depth; p++)
        for (int i = 0; i < 2 + f->points; i++)
            f->values[(p * (2 + f->points) + i) * GBT_EIGHT + f->lane] = 1;
}

static size_t fill_lanes(const GbtModel *m, GbtPaths *paths, int l, size_t at)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    int points = GBT_POINTS[lanes->depth].n;
    size_t n = (size_t)1 << lanes->depth;
    paths->same[l] = paths->same_all + at * GBT_EIGHT;
    for (int i = 0; i < GBT_EIGHTS; i++, at += n) {
        GbtEightPaths *e = &paths->eights[l * GBT_EIGHTS + i];
        Fill f = {.m = m,
                  .values = paths->values + at * (2 + GBT_POINTS_MAX) * GBT_EIGHT,
                  .leaves = paths->leaves + at * GBT_EIGHT,
                  .feature = paths->feature + at * GBT_EIGHT,
                  .depth = lanes->depth,
                  .points = points};
        *e = (GbtEightPaths){.values = f.values, .leaves = f.leaves, .feature = f.feature};
        for (f.lane = 0; f.lane < GBT_EIGHT; f.lane++) {
            if (i * GBT_EIGHT + f.lane >= lanes->n_trees) {
                fill_empty(&f);
                continue;
            }
            f.tree = &m->trees[lanes->tree + i * GBT_EIGHT + f.lane];
            f.same = paths->same[l] + i * GBT_EIGHT + f.lane;
            e->base[f.lane] = (uint32_t)f.tree->group * ((uint32_t)m->n_features + 1);
            Way way;
            put(&f, 0, 1, 0, &way);
        }
    }
    return at;
}

GbtPaths *gbt_paths_new(const GbtModel *m)
{
    if (!m->pack || m->pack->n_lanes == 0)
        return NULL;
    size_t splits = 0, groups = (size_t)m->n_groups;
    for (int l = 0; l < m->pack->n_lanes; l++)
        splits += (size_t)GBT_EIGHTS << m->pack->lanes[l].depth;
    if (splits > BYTES_MAX / (VECTOR * (4 + GBT_POINTS_MAX)) ||
        groups * ((size_t)m->n_features + 1) > UINT32_MAX)
        return NULL;
    GbtPaths *p = MEM_NEW(GbtPaths);
    p->values = mem_aligned(VECTOR, splits * (2 + GBT_POINTS_MAX) * VECTOR);
    p->leaves = mem_aligned(VECTOR, splits * VECTOR);
    p->feature = mem_array(splits * GBT_EIGHT, sizeof *p->feature);
    p->same_all = mem_aligned(GBT_LANES, splits * GBT_EIGHT);
    p->eights = mem_array((size_t)m->pack->n_lanes * GBT_EIGHTS, sizeof *p->eights);
    p->same = mem_array((size_t)m->pack->n_lanes, sizeof *p->same);
    size_t at = 0;
    for (int l = 0; l < m->pack->n_lanes; l++)
        at = fill_lanes(m, p, l, at);
    return p;
}

void gbt_paths_free(GbtPaths *p)
{
    if (!p)
        return;
    mem_free(p->values);
    mem_free(p->leaves);
    mem_free(p->feature);
    mem_free(p->same_all);
    mem_free(p->eights);
    mem_free(p->same);
    mem_free(p);
}
