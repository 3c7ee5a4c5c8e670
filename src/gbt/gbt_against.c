/* gbt_against.c - interventional SHAP: a row against the rows of a background sample.
 *
 * A feature that is not in the coalition takes its value from the background row (Janzing, Minorics, Bloebaum 2020). For one
 * tree and one background row a leaf is reached by the coalitions that hold all of A (features whose split only the row
 * passes) and none of B (only the background row passes), so that with a = |A| and b = |B|
 *
 *     phi_i += v (a - 1)! b! / (a + b)!  for i in A,        phi_i -= v a! (b - 1)! / (a + b)!  for i in B
 *
 * (Lundberg et al. 2020, "From local explanations to global understanding", supplement, algorithm 3.) One descent visits the
 * leaves that either row can reach; both go the same way at a split on a feature that is in A or B already.
 *
 * Cost: for each background row and tree the leaves that either row, or a mixture of the two, can reach. */
#include "gbt/gbt_scratch.h"

#include <string.h>

enum { FREE, OF_ROW, OF_BACKGROUND };

typedef struct Descent {
    const GbtModel *m;
    const GbtTree *tree;
    const float *row, *background;
    uint8_t *state; /* [n_features] */
    double *out;    /* [n_features] */
} Descent;

/* What the leaves below are worth to each member of A and, negative, of B. */
typedef struct Worth {
    double row, background;
} Worth;

/* (a - 1)! b! / (a + b)!, a >= 1 = 1 / (a * binomial(a + b, a)). */
static double weight(int a, int b)
{
    double binomial = 1;
    for (int i = 1; i <= b; i++)
        binomial = binomial * (a + i) / i;
    return 1 / (a * binomial);
}

static Worth descend(const Descent *d, uint32_t at, int a, int b)
{
    const GbtNode *n = &d->m->nodes[d->tree->first + at];
    if (!n->split) {
        double v = (double)n->value;
        return (Worth){.row = a ? v * weight(a, b) : 0, .background = b ? v * weight(b, a) : 0};
    }
    uint32_t f = n->feature & GBT_FEATURE_MASK;
    uint32_t own = n->left + gbt_goes_right(d->m, d->tree, n, d->row);
    uint32_t other = n->left + gbt_goes_right(d->m, d->tree, n, d->background);
    if (own == other)
        return descend(d, own, a, b);
    if (d->state[f] != FREE)
        return descend(d, d->state[f] == OF_ROW ? own : other, a, b);
    d->state[f] = OF_ROW;
    Worth with = descend(d, own, a + 1, b);
    d->state[f] = OF_BACKGROUND;
    Worth without = descend(d, other, a, b + 1);
    d->state[f] = FREE;
    d->out[f] += with.row - without.background;
    return (Worth){with.row + without.row, with.background + without.background};
}

static double leaf_value(const GbtModel *m, const GbtTree *t, const float *row)
{
    const GbtNode *n = &m->nodes[t->first];
    while (n->split)
        n = &m->nodes[t->first + n->left + gbt_goes_right(m, t, n, row)];
    return (double)n->value;
}

void gbt_shap_against(const GbtModel *m, const float *row, const float *background, size_t n, double *out,
                      GbtScratch *s)
{
    size_t width = (size_t)m->n_features + 1;
    memset(out, 0, (size_t)m->n_groups * width * sizeof *out);
    memset(s->state, FREE, (size_t)m->n_features);
    for (int t = 0; t < m->n_trees; t++) {
        double *group = out + (size_t)m->trees[t].group * width;
        for (size_t i = 0; i < n; i++) {
            Descent d = {.m = m,
                         .tree = &m->trees[t],
                         .row = row,
                         .background = background + i * (size_t)m->n_features,
                         .state = s->state,
                         .out = group};
            (void)descend(&d, 0, 0, 0);
            group[width - 1] += leaf_value(m, d.tree, d.background);
        }
    }
    for (int g = 0; g < m->n_groups; g++) {
        for (size_t f = 0; f < width; f++)
            out[(size_t)g * width + f] /= (double)n;
        out[(size_t)(g + 1) * width - 1] += (double)m->base_margin[g];
    }
}
