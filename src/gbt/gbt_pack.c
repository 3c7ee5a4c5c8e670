/* gbt_pack.c - see gbt_pack.h. */
#include "gbt/gbt_pack.h"

#include "base/mem.h"

#include <string.h>

#define BYTES_MAX ((size_t)1 << 30)

/* Writes one tree out in post-order. */
typedef struct Out {
    const GbtModel *m;
    uint32_t tree;
    int depth;
    GbtTest *tests; /* [2^depth - 1] */
    float *leaves;  /* [2^depth] */
    size_t n_tests, n_leaves;
} Out;

static void put(Out *o, uint32_t node, int depth)
{
    const GbtNode *n = &o->m->nodes[o->m->trees[o->tree].first + node];
    if (depth == o->depth) {
        o->leaves[o->n_leaves++] = n->value;
        return;
    }
    put(o, n->split ? n->left : node, depth + 1);
    put(o, n->split ? n->left + 1 : node, depth + 1);
    o->tests[o->n_tests++] = n->split ? gbt_cuts_test(o->m, o->m->cuts, o->tree, node)
                                      : (GbtTest){.slot = 0, .cut = GBT_CUT_NEVER};
}

static Out unfold(const GbtModel *m, int tree, int depth, GbtTest *tests, float *leaves)
{
    Out o = {.m = m, .tree = (uint32_t)tree, .depth = depth, .tests = tests, .leaves = leaves};
    put(&o, 0, 0);
    return o;
}

static void fill_trees(const GbtModel *m, GbtPack *p)
{
    GbtTest tests[1 << GBT_PACK_DEPTH];
    size_t first = 0, leaf = 0;
    for (int t = 0; t < m->n_trees; t++) {
        int depth = m->trees[t].depth;
        p->trees[t] = (GbtPackTree){.first = first, .leaf = leaf, .depth = depth, .group = m->trees[t].group};
        Out o = unfold(m, t, depth, tests, p->leaves + leaf);
        for (size_t i = 0; i < o.n_tests; i++) {
            p->slots[first + i] = (uint16_t)tests[i].slot;
            p->cuts[first + i] = tests[i].cut;
        }
        first += o.n_tests;
        leaf += o.n_leaves;
    }
}

static int deepest(const GbtModel *m, int from, int to)
{
    int depth = 0;
    for (int t = from; t < to; t++)
        depth = MAX(depth, m->trees[t].depth);
    return depth;
}

static void fill_lanes(const GbtModel *m, GbtPack *p)
{
    GbtTest tests[1 << GBT_PACK_DEPTH];
    size_t first = 0, leaf = 0;
    for (int l = 0; l < p->n_lanes; l++) {
        int tree = l * GBT_LANES, n = MIN(m->n_trees - tree, GBT_LANES);
        int depth = deepest(m, tree, tree + n);
        size_t n_tests = ((size_t)1 << depth) - 1;
        p->lanes[l] = (GbtLanes){.first = first, .leaf = leaf, .depth = depth, .n_trees = n, .tree = tree};
        uint8_t *out = p->tests + first;
        for (int k = 0; k < n; k++) {
            unfold(m, tree + k, depth, tests, p->lane_leaves + leaf + ((size_t)k << depth));
            for (size_t i = 0; i < n_tests; i++) {
                out[i * 2 * GBT_LANES + (size_t)k] = (uint8_t)tests[i].slot;
                out[(i * 2 + 1) * GBT_LANES + (size_t)k] = tests[i].cut;
            }
        }
        first += n_tests * 2 * GBT_LANES;
        leaf += (size_t)GBT_LANES << depth;
    }
}

/* Reserves all that fill_* writes. false: too large. */
static bool reserve(const GbtModel *m, GbtPack *p)
{
    size_t tests = 0, leaves = 0, lane_tests = 0, lane_leaves = 0;
    for (int t = 0; t < m->n_trees; t++) {
        tests += ((size_t)1 << m->trees[t].depth) - 1;
        leaves += (size_t)1 << m->trees[t].depth;
    }
    p->n_lanes = m->cuts->n_slots <= GBT_ROW_SLOTS ? (m->n_trees + GBT_LANES - 1) / GBT_LANES : 0;
    for (int l = 0; l < p->n_lanes; l++) {
        int to = MIN(m->n_trees, (l + 1) * GBT_LANES), depth = deepest(m, l * GBT_LANES, to);
        lane_tests += (((size_t)1 << depth) - 1) * 2 * GBT_LANES;
        lane_leaves += (size_t)GBT_LANES << depth;
    }
    if (tests * 3 + leaves * 4 + lane_tests + lane_leaves * 4 > BYTES_MAX)
        return false;
    p->trees = mem_array((size_t)m->n_trees + 1, sizeof *p->trees);
    p->slots = mem_array(tests + 1, sizeof *p->slots);
    p->cuts = mem_array(tests + 1, 1);
    p->leaves = mem_array(leaves + 256, sizeof *p->leaves); /* vector code reads tables of a fixed size */
    p->lanes = mem_array((size_t)p->n_lanes + 1, sizeof *p->lanes);
    p->tests = mem_aligned(GBT_LANES, lane_tests + 1);
    memset(p->tests, GBT_CUT_NEVER, lane_tests); /* lanes without a tree; the rest is overwritten */
    p->lane_leaves = mem_array(lane_leaves + 1, sizeof *p->lane_leaves);
    return true;
}

GbtPack *gbt_pack_new(const GbtModel *m)
{
    if (deepest(m, 0, m->n_trees) > GBT_PACK_DEPTH || m->cuts->n_slots > GBT_PACK_SLOTS)
        return NULL;
    GbtPack *p = MEM_NEW(GbtPack);
    if (!reserve(m, p)) {
        gbt_pack_free(p);
        return NULL;
    }
    fill_trees(m, p);
    fill_lanes(m, p);
    return p;
}

void gbt_pack_free(GbtPack *p)
{
    if (!p)
        return;
    mem_free(p->trees);
    mem_free(p->slots);
    mem_free(p->cuts);
    mem_free(p->leaves);
    mem_free(p->lanes);
    mem_free(p->tests);
    mem_free(p->lane_leaves);
    mem_free(p);
}
