/* gbt_score.c - from rows to margins: picks the code that fits the model, the processor and the number of rows. */
#include "gbt/gbt_kernel.h"
#include "gbt/gbt_scratch.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define BLOCK_ROWS_MIN 16 /* fewer are cheaper one by one: a block costs the same for 1 row and for 64 */

GbtScratch *gbt_scratch_new(const GbtModel *m)
{
    GbtScratch *s = MEM_NEW(GbtScratch);
    s->deep = mem_array(gbt_deep_room(m), sizeof *s->deep);
    s->state = mem_zalloc((size_t)m->n_features);
    s->shap = mem_array((size_t)m->n_groups * ((size_t)m->n_features + 1), sizeof *s->shap);
    s->margins = mem_array((size_t)m->n_groups, sizeof *s->margins);
    if (m->pack) {
        s->ranks = mem_aligned(GBT_LANES, GBT_ROW_SLOTS);
        s->leaf = mem_aligned(GBT_LANES, (size_t)(m->pack->n_lanes + 1) * GBT_LANES);
        s->planes = mem_aligned(GBT_LANES, ((size_t)m->cuts->n_slots + 1) * GBT_BLOCK_ROWS);
        s->sums = mem_aligned(GBT_LANES, (size_t)m->n_groups * GBT_BLOCK_ROWS * sizeof *s->sums);
    }
    if (m->paths) {
        s->trail = MEM_NEW(GbtTrail);
        s->room = mem_aligned(GBT_LANES, GBT_EXPLAIN_ROOM * sizeof *s->room);
    }
    s->rows = mem_array((size_t)GBT_SPARSE_ROWS * (size_t)m->n_features, sizeof *s->rows);
    return s;
}

void gbt_scratch_free(GbtScratch *s)
{
    if (!s)
        return;
    mem_free(s->deep);
    mem_free(s->shap);
    mem_free(s->state);
    mem_free(s->margins);
    mem_free(s->ranks);
    mem_free(s->leaf);
    mem_free(s->planes);
    mem_free(s->sums);
    mem_free(s->trail);
    mem_free(s->room);
    mem_free(s->rows);
    mem_free(s);
}

/* One row: the leaf of every tree at once, then their sum, in the order of the trees. */
static void score_row(const GbtModel *m, const GbtKernel *k, const float *row, float *out, GbtScratch *s)
{
    const GbtPack *p = m->pack;
    k->row(m, row, s->ranks, s->leaf);
    memcpy(out, m->base_margin, (size_t)m->n_groups * sizeof *out);
    for (int l = 0; l < p->n_lanes; l++) {
        const GbtLanes *lanes = &p->lanes[l];
        const uint8_t *leaf = s->leaf + (size_t)l * GBT_LANES;
        const float *value = p->lane_leaves + lanes->leaf;
        if (m->n_groups == 1) {
            float sum = out[0];
            for (int i = 0; i < lanes->n_trees; i++)
                sum += value[((size_t)i << lanes->depth) + leaf[i]];
            out[0] = sum;
        } else {
            for (int i = 0; i < lanes->n_trees; i++)
                out[m->trees[lanes->tree + i].group] += value[((size_t)i << lanes->depth) + leaf[i]];
        }
    }
}

static void score_block(const GbtModel *m, const GbtKernel *k, const float *rows, size_t n, float *out,
                        GbtScratch *s)
{
    size_t groups = (size_t)m->n_groups;
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < GBT_BLOCK_ROWS; i++)
            s->sums[g * GBT_BLOCK_ROWS + i] = m->base_margin[g];
    k->block(m, rows, n, s->planes, s->sums);
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g < groups; g++)
            out[i * groups + g] = s->sums[g * GBT_BLOCK_ROWS + i];
}

void gbt_margins(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s)
{
    const GbtKernel *k = gbt_kernel_now();
    size_t features = (size_t)m->n_features, groups = (size_t)m->n_groups, at = 0;
    while (m->pack && k->block && n - at >= BLOCK_ROWS_MIN) {
        size_t block = MIN(n - at, (size_t)GBT_BLOCK_ROWS);
        score_block(m, k, rows + at * features, block, out + at * groups, s);
        at += block;
    }
    for (; at < n; at++)
        if (m->pack && k->row && m->pack->n_lanes && m->cuts->n_slots <= k->row_slots)
            score_row(m, k, rows + at * features, out + at * groups, s);
        else
            gbt_walk(m, rows + at * features, out + at * groups);
}

/* Sparse rows are written out, a few at a time: missing wherever they say nothing. */
void gbt_margins_csr(const GbtModel *m, const GbtCsr *rows, size_t n, float *out, GbtScratch *s)
{
    size_t features = (size_t)m->n_features;
    for (size_t at = 0; at < n; at += GBT_SPARSE_ROWS) {
        size_t block = MIN(n - at, (size_t)GBT_SPARSE_ROWS);
        for (size_t i = 0; i < block * features; i++)
            s->rows[i] = NAN;
        for (size_t i = 0; i < block; i++)
            for (size_t v = rows->start[at + i]; v < rows->start[at + i + 1]; v++)
                if (rows->feature[v] < features)
                    s->rows[i * features + rows->feature[v]] = rows->value[v];
        gbt_margins(m, s->rows, block, out + at * (size_t)m->n_groups, s);
    }
}

void gbt_predict(const GbtModel *m, const float *rows, size_t n, float *out, GbtScratch *s)
{
    size_t outputs = (size_t)gbt_n_outputs(m), groups = (size_t)m->n_groups;
    if (outputs == groups) { /* in place */
        gbt_margins(m, rows, n, out, s);
        for (size_t i = 0; i < n; i++)
            gbt_link(m, out + i * groups, out + i * groups);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        gbt_margins(m, rows + i * (size_t)m->n_features, 1, s->margins, s);
        gbt_link(m, s->margins, out + i * outputs);
    }
}
