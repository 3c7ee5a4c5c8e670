/* gbt_cut.c - see gbt_cut.h. */
#include "gbt/gbt_cut.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One numeric split of the model while the slots are made. */
typedef struct Use {
    uint32_t feature;
    float cut;
    bool left; /* default direction */
} Use;

static int by_feature_and_cut(const void *a, const void *b)
{
    const Use *x = a, *y = b;
    if (x->feature != y->feature)
        return x->feature < y->feature ? -1 : 1;
    return x->cut < y->cut ? -1 : x->cut > y->cut;
}

static uint32_t numeric_splits(const GbtModel *m, Use *uses)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_nodes; i++) {
        const GbtNode *node = &m->nodes[i];
        if (node->split && !node->cat)
            uses[n++] = (Use){.feature = node->feature & GBT_FEATURE_MASK,
                              .cut = node->value,
                              .left = (node->feature & GBT_DEFAULT_LEFT) != 0};
    }
    return n;
}

static void fill_pivots(GbtFeatureCuts *f, const float *cuts)
{
    f->stride = f->n / GBT_PIVOTS + 1;
    for (uint32_t i = 0; i < GBT_PIVOTS; i++) {
        uint32_t at = (i + 1) * f->stride - 1;
        f->pivot[i] = at < f->n ? cuts[f->first + at] : INFINITY;
    }
}

/* The slots of one feature: its thresholds cut into runs, each once for every default direction that it is used with. */
static void add_slots(GbtCuts *c, GbtFeatureCuts *f, const Use *use, const Use *end)
{
    f->first_slot = c->n_slots;
    for (uint32_t base = 0; base < f->n; base += GBT_SLOT_CUTS) {
        uint32_t n = MIN(f->n - base, (uint32_t)GBT_SLOT_CUTS);
        float high = c->cuts[f->first + base + n - 1];
        bool seen[2] = {false, false};
        for (; use < end && use->cut <= high; use++)
            seen[use->left] = true;
        for (int left = 0; left < 2; left++)
            if (seen[left])
                c->slots[c->n_slots++] =
                    (GbtSlot){.base = base, .n = (uint8_t)n, .missing = left ? 0 : GBT_RANK_RIGHT};
    }
    f->n_slots = c->n_slots - f->first_slot;
}

static void add_features(GbtCuts *c, const Use *uses, uint32_t n)
{
    for (uint32_t from = 0, to; from < n; from = to) {
        GbtFeatureCuts *f = &c->features[c->n_features++];
        *f = (GbtFeatureCuts){.feature = uses[from].feature, .first = c->n_cuts};
        for (to = from; to < n && uses[to].feature == f->feature; to++)
            if (f->n == 0 || uses[to].cut != c->cuts[c->n_cuts - 1]) {
                c->cuts[c->n_cuts++] = uses[to].cut;
                f->n++;
            }
        fill_pivots(f, c->cuts);
        for (uint32_t i = 0; i < (f->stride + GBT_PIVOTS - 1) / GBT_PIVOTS * GBT_PIVOTS; i++)
            c->cuts[c->n_cuts++] = NAN;
        add_slots(c, f, uses + from, uses + to);
    }
}

static void add_cats(GbtCuts *c, const GbtModel *m)
{
    for (int t = 0; t < m->n_trees; t++)
        for (uint32_t k = 0; k < m->trees[t].n; k++)
            if (m->nodes[m->trees[t].first + k].cat) {
                c->cats[c->n_cats++] = (GbtCatSlot){.tree = (uint32_t)t, .node = k, .slot = c->n_slots};
                c->slots[c->n_slots++] = (GbtSlot){0};
            }
}

GbtCuts *gbt_cuts_new(const GbtModel *m)
{
    GbtCuts *c = MEM_NEW(GbtCuts);
    CLEANUP(mem_freep) Use *uses = mem_array((size_t)m->n_nodes + 1, sizeof *uses);
    uint32_t n = numeric_splits(m, uses), n_cats = 0;
    for (uint32_t i = 0; i < m->n_nodes; i++)
        n_cats += m->nodes[i].cat != 0;
    qsort(uses, n, sizeof *uses, by_feature_and_cut);
    c->features = mem_array((size_t)m->n_features, sizeof *c->features);
    /* A run of padding is at most as long as the thresholds before it and one register. */
    c->cuts = mem_array(2 * (size_t)n + (size_t)m->n_features * 2 * GBT_PIVOTS + 1, sizeof *c->cuts);
    c->slots = mem_array((size_t)n + n_cats + 1, sizeof *c->slots);
    c->cats = mem_array((size_t)n_cats + 1, sizeof *c->cats);
    add_features(c, uses, n);
    add_cats(c, m);
    return c;
}

void gbt_cuts_free(GbtCuts *c)
{
    if (!c)
        return;
    mem_free(c->features);
    mem_free(c->cuts);
    mem_free(c->slots);
    mem_free(c->cats);
    mem_free(c);
}

static const GbtFeatureCuts *find_feature(const GbtCuts *c, uint32_t feature)
{
    uint32_t low = 0, high = c->n_features;
    while (high - low > 1) {
        uint32_t mid = (low + high) / 2;
        if (c->features[mid].feature <= feature)
            low = mid;
        else
            high = mid;
    }
    return &c->features[low];
}

/* How many of c[0 .. n - 1] are <= x; n >= 1. Without branches. */
static inline uint32_t count_not_above(const float *c, uint32_t n, float x)
{
    uint32_t at = 0;
    while (n > 1) {
        uint32_t half = n / 2;
        at += half & -(uint32_t)(c[at + half - 1] <= x);
        n -= half;
    }
    return at + (c[at] <= x);
}

GbtTest gbt_cuts_test(const GbtModel *m, const GbtCuts *c, uint32_t tree, uint32_t node)
{
    const GbtNode *n = &m->nodes[m->trees[tree].first + node];
    if (n->cat) {
        uint32_t low = 0, high = c->n_cats;
        while (high - low > 1) { /* they rise by tree, then node */
            uint32_t mid = (low + high) / 2;
            bool after = c->cats[mid].tree > tree || (c->cats[mid].tree == tree && c->cats[mid].node > node);
            low = after ? low : mid;
            high = after ? mid : high;
        }
        return (GbtTest){.slot = c->cats[low].slot, .cut = GBT_CUT_CAT};
    }
    const GbtFeatureCuts *f = find_feature(c, n->feature & GBT_FEATURE_MASK);
    uint32_t at = count_not_above(c->cuts + f->first, f->n, n->value) - 1;
    uint8_t missing = n->feature & GBT_DEFAULT_LEFT ? 0 : GBT_RANK_RIGHT;
    uint32_t s = f->first_slot;
    while (at - c->slots[s].base >= GBT_SLOT_CUTS || c->slots[s].missing != missing)
        s++;
    return (GbtTest){.slot = s, .cut = (uint8_t)(at - c->slots[s].base)};
}

void gbt_cuts_rank_cats(const GbtModel *m, const float *row, uint8_t *ranks, size_t stride)
{
    const GbtCuts *c = m->cuts;
    for (uint32_t i = 0; i < c->n_cats; i++) {
        const GbtTree *t = &m->trees[c->cats[i].tree];
        const GbtNode *n = &m->nodes[t->first + c->cats[i].node];
        ranks[c->cats[i].slot * stride] = gbt_goes_right(m, t, n, row) ? GBT_RANK_RIGHT : 0;
    }
}

void gbt_cuts_rank(const GbtModel *m, const float *row, uint8_t *ranks)
{
    const GbtCuts *c = m->cuts;
    for (uint32_t i = 0; i < c->n_features; i++) {
        const GbtFeatureCuts *f = &c->features[i];
        float x = row[f->feature];
        uint32_t all = count_not_above(c->cuts + f->first, f->n, x); /* 0 when x is NaN */
        for (uint32_t s = f->first_slot; s < f->first_slot + f->n_slots; s++)
            ranks[s] = gbt_rank_in_slot(&c->slots[s], all, x);
    }
    gbt_cuts_rank_cats(m, row, ranks, 1);
}
