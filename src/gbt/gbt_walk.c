/* gbt_walk.c - walks the trees node by node: the plain way, for any model. Eight at a time, so that their cache misses
 * overlap; a leaf points at itself, so that the eight need not end together. The leaves are added in the order of the
 * trees, in float, as XGBoost adds them. */
#include "gbt/gbt_impl.h"

#include <math.h>
#include <string.h>

#define CATEGORY_END (1 << 24)
#define TOGETHER 8
#define STEPS_TOGETHER_MAX 16 /* deeper trees are walked alone: few of their paths are that long */

/* As libxgboost 1.7, 3.0 and 3.3 do: categories that were not seen, or are none, go left. */
static uint32_t category_goes_right(const GbtModel *m, const GbtTree *t, const GbtNode *n, float x)
{
    const GbtCats *set = &m->cats[t->cats + n->cat - 1];
    if (!(x >= 0 && x < (float)CATEGORY_END))
        return 0;
    uint32_t c = (uint32_t)x;
    return c / 32 < set->n_words ? m->cat_words[set->first + c / 32] >> c % 32 & 1 : 0;
}

uint32_t gbt_goes_right(const GbtModel *m, const GbtTree *t, const GbtNode *n, const float *row)
{
    float x = row[n->feature & GBT_FEATURE_MASK];
    if (isnan(x))
        return !(n->feature >> 31);
    return n->cat ? category_goes_right(m, t, n, x) : !(x < n->value);
}

static inline uint32_t step(const GbtNode *nodes, uint32_t at, const float *row)
{
    const GbtNode *n = &nodes[at];
    float x = row[n->feature & GBT_FEATURE_MASK];
    uint32_t right = isnan(x) ? !(n->feature >> 31) : !(x < n->value);
    return n->left + (right & n->split);
}

static float leaf_of(const GbtModel *m, const GbtTree *t, const float *row)
{
    const GbtNode *nodes = m->nodes + t->first;
    uint32_t at = 0;
    while (nodes[at].split)
        at = step(nodes, at, row);
    return nodes[at].value;
}

static void add_together(const GbtModel *m, const GbtTree *t, const float *row, float *out, int depth)
{
    uint32_t at[TOGETHER] = {0};
    for (int s = 0; s < depth; s++)
        for (int i = 0; i < TOGETHER; i++)
            at[i] = step(m->nodes + t[i].first, at[i], row);
    for (int i = 0; i < TOGETHER; i++)
        out[t[i].group] += m->nodes[t[i].first + at[i]].value;
}

/* Trees that may have categorical splits: one by one, a branch more at each node. */
static void walk_categorical(const GbtModel *m, const float *row, float *out)
{
    for (const GbtTree *t = m->trees; t < m->trees + m->n_trees; t++) {
        const GbtNode *nodes = m->nodes + t->first;
        uint32_t at = 0;
        while (nodes[at].split)
            at = nodes[at].left + gbt_goes_right(m, t, &nodes[at], row);
        out[t->group] += nodes[at].value;
    }
}

void gbt_walk(const GbtModel *m, const float *row, float *out)
{
    memcpy(out, m->base_margin, (size_t)m->n_groups * sizeof *out);
    if (m->cats) {
        walk_categorical(m, row, out);
        return;
    }
    int t = 0;
    for (; t + TOGETHER <= m->n_trees; t += TOGETHER) {
        int depth = 0;
        for (int i = 0; i < TOGETHER; i++)
            depth = m->trees[t + i].depth > depth ? m->trees[t + i].depth : depth;
        if (depth <= STEPS_TOGETHER_MAX) {
            add_together(m, m->trees + t, row, out, depth);
            continue;
        }
        for (int i = 0; i < TOGETHER; i++)
            out[m->trees[t + i].group] += leaf_of(m, &m->trees[t + i], row);
    }
    for (; t < m->n_trees; t++)
        out[m->trees[t].group] += leaf_of(m, &m->trees[t], row);
}
