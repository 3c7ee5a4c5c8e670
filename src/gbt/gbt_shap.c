/* gbt_shap.c - explanations of a row, tree by tree. */
#include "gbt/gbt_impl.h"
#include "gbt/gbt_scratch.h"

#include <string.h>

void gbt_shap(const GbtModel *m, const float *row, double *out, GbtScratch *s)
{
    size_t width = (size_t)m->n_features + 1;
    memset(out, 0, (size_t)m->n_groups * width * sizeof *out);
    for (int g = 0; g < m->n_groups; g++)
        out[(size_t)g * width + width - 1] = m->bias[g];
    for (int i = 0; i < m->n_trees; i++)
        gbt_edges_tree(m, i, row, out + (size_t)m->trees[i].group * width, s->edges);
}
