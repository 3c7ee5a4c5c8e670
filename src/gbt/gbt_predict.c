/* gbt_predict.c - walks the trees. Eight at a time, so that their cache misses overlap; a leaf points at itself, so
 * that the eight need not end together. The leaves are added in the order of the trees, in float, as XGBoost adds them. */
#include "gbt/gbt_impl.h"

#include <math.h>

#define TOGETHER 8
#define STEPS_TOGETHER_MAX 16 /* deeper trees are walked alone: few of their paths are that long */

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

static float add_together(const GbtModel *m, const GbtTree *t, const float *row, float sum, int depth)
{
    uint32_t at[TOGETHER] = {0};
    for (int s = 0; s < depth; s++)
        for (int i = 0; i < TOGETHER; i++)
            at[i] = step(m->nodes + t[i].first, at[i], row);
    for (int i = 0; i < TOGETHER; i++)
        sum += m->nodes[t[i].first + at[i]].value;
    return sum;
}

float gbt_margin(const GbtModel *m, const float *row)
{
    float sum = m->base_margin;
    int t = 0;
    for (; t + TOGETHER <= m->n_trees; t += TOGETHER) {
        int depth = 0;
        for (int i = 0; i < TOGETHER; i++)
            depth = m->trees[t + i].depth > depth ? m->trees[t + i].depth : depth;
        if (depth <= STEPS_TOGETHER_MAX) {
            sum = add_together(m, m->trees + t, row, sum, depth);
            continue;
        }
        for (int i = 0; i < TOGETHER; i++)
            sum += leaf_of(m, &m->trees[t + i], row);
    }
    for (; t < m->n_trees; t++)
        sum += leaf_of(m, &m->trees[t], row);
    return sum;
}

double gbt_link(const GbtModel *m, double margin)
{
    if (m->logistic)
        return 1.0 / (1.0 + exp(-margin));
    return m->exponential ? exp(margin) : margin;
}

double gbt_predict(const GbtModel *m, const float *row)
{
    return gbt_link(m, gbt_margin(m, row));
}
