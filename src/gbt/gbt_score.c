/* gbt_score.c - from rows to margins: picks the code that fits the model, the processor and the number of rows. */
#include "gbt/gbt_impl.h"
#include "gbt/gbt_scratch.h"

#include "base/mem.h"

#include <math.h>

GbtScratch *gbt_scratch_new(const GbtModel *m)
{
    GbtScratch *s = MEM_NEW(GbtScratch);
    s->edges = mem_array(gbt_edges_scratch(m), sizeof *s->edges);
    s->margins = mem_array((size_t)m->n_groups, sizeof *s->margins);
    s->row = mem_array((size_t)m->n_features, sizeof *s->row);
    return s;
}

void gbt_scratch_free(GbtScratch *s)
{
    if (!s)
        return;
    mem_free(s->edges);
    mem_free(s->margins);
    mem_free(s->row);
    mem_free(s);
}

void gbt_margins(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s)
{
    (void)s;
    for (size_t i = 0; i < n; i++)
        gbt_walk(m, rows + i * (size_t)m->n_features, out + i * (size_t)m->n_groups);
}

void gbt_predict(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s)
{
    for (size_t i = 0; i < n; i++) {
        gbt_margins(m, rows + i * (size_t)m->n_features, 1, s->margins, s);
        gbt_link(m, s->margins, out + i * (size_t)gbt_n_outputs(m));
    }
}

/* A sparse row is written out: missing wherever it says nothing. */
void gbt_margins_csr(const GbtModel *m, const GbtCsr *rows, size_t n, float *out, GbtScratch *s)
{
    for (size_t i = 0; i < n; i++) {
        for (int f = 0; f < m->n_features; f++)
            s->row[f] = NAN;
        for (size_t k = rows->start[i]; k < rows->start[i + 1]; k++)
            if (rows->feature[k] < (uint32_t)m->n_features)
                s->row[rows->feature[k]] = rows->value[k];
        gbt_margins(m, s->row, 1, out + i * (size_t)m->n_groups, s);
    }
}
