/* gbt_avx512.c - scoring with AVX-512 (F, BW, VL, DQ, VBMI: Ice Lake, Zen 4 and later). See gbt_pack.h for the layout.
 *
 * A comparison is vpcmpub of 64 ranks with 64 cuts; the mask then picks, lane by lane, the index that the left or the right
 * subtree gave. One row: the rank of each lane's slot comes from the row's ranks by byte permutation, no memory is touched
 * but the tests themselves, which lie in the order in which they are read. */
#define GBT_W 8
#include "gbt/gbt_trail.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

static bool present(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vbmi");
}

/* ---- ranks ---- */

/* How many of the feature's thresholds are not above x: first among the pivots, then in the run that they point to. What
 * lies behind that run is above x, or padding, and counts nothing. */
INLINE uint32_t count_not_above(const GbtFeatureCuts *f, const float *cuts, float value)
{
    __m512 x = _mm512_set1_ps(value);
    uint32_t pivots =
        (uint32_t)__builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(f->pivot), x, _CMP_LE_OQ));
    uint32_t at = pivots * f->stride;
    if (at > f->n) /* x is infinite: it is not below the padding */
        return f->n;
    const float *run = cuts + f->first + at;
    for (uint32_t i = 0; i < f->stride; i += 16)
        at += (uint32_t)__builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(run + i), x, _CMP_LE_OQ));
    return at;
}

/* Ranks of one row; that of slot s at ranks[s * stride]. */
INLINE void rank_row(const GbtModel *m, const float *row, uint8_t *ranks, size_t stride)
{
    const GbtCuts *c = m->cuts;
    for (uint32_t i = 0; i < c->n_features; i++) {
        const GbtFeatureCuts *f = &c->features[i];
        float x = row[f->feature];
        uint32_t all = count_not_above(f, c->cuts, x);
        for (uint32_t s = f->first_slot; s < f->first_slot + f->n_slots; s++)
            ranks[s * stride] = gbt_rank_in_slot(&c->slots[s], all, x);
    }
    if (c->n_cats)
        gbt_cuts_rank_cats(m, row, ranks, stride);
}

TARGET static void rank(const GbtModel *m, const float *row, uint8_t *ranks)
{
    rank_row(m, row, ranks, 1);
}

/* ---- one tree, many rows: lanes are rows ---- */

typedef struct Tree {
    const uint8_t *planes; /* of this block's 64 rows */
    const uint16_t *slot;
    const uint8_t *cut;
} Tree;

INLINE __mmask64 test(const Tree *t, int at)
{
    __m512i rank = _mm512_load_si512(t->planes + (size_t)t->slot[at] * GBT_BLOCK_ROWS);
    return _mm512_cmpgt_epu8_mask(rank, _mm512_set1_epi8((char)t->cut[at]));
}

/* The index below the split at the end of its subtree, which stands at `at`; in post-order both halves come before it. */
INLINE __m512i fold1(const Tree *t, int at)
{
    return _mm512_maskz_set1_epi8(test(t, at), 1);
}
#define FOLD(depth, below)                                                       \
    INLINE __m512i fold##depth(const Tree *t, int at)                            \
    {                                                                            \
        enum { HALF = (1 << ((depth)-1)) - 1 };                                  \
        __m512i left = fold##below(t, at);                                       \
        __m512i right = fold##below(t, at + HALF);                               \
        return _mm512_mask_add_epi8(left, test(t, at + 2 * HALF), right,         \
                                    _mm512_set1_epi8((char)(1 << ((depth)-1)))); \
    }
FOLD(2, 1)
FOLD(3, 2)
FOLD(4, 3)
FOLD(5, 4)
FOLD(6, 5)
TARGET static __attribute__((noinline)) __m512i fold6_call(const Tree *t, int at)
{
    return fold6(t, at);
}
#define fold6_ fold6_call
FOLD(7, 6_)
FOLD(8, 7)

INLINE __m512i fold(const Tree *t, int depth)
{
    switch (depth) {
    case 0: return _mm512_setzero_si512();
    case 1: return fold1(t, 0);
    case 2: return fold2(t, 0);
    case 3: return fold3(t, 0);
    case 4: return fold4(t, 0);
    case 5: return fold5(t, 0);
    case 6: return fold6(t, 0);
    case 7: return fold7(t, 0);
    default: return fold8(t, 0);
    }
}

/* Leaf values of 16 indices: from registers while the table fits there. */
INLINE __m512 look_up(const float *leaf, int depth, __m512i index)
{
    if (depth > 6)
        return _mm512_i32gather_ps(index, leaf, 4);
    __m512 low = _mm512_permutex2var_ps(_mm512_loadu_ps(leaf), index, _mm512_loadu_ps(leaf + 16));
    if (depth <= 5)
        return low;
    __m512 high = _mm512_permutex2var_ps(_mm512_loadu_ps(leaf + 32), index, _mm512_loadu_ps(leaf + 48));
    return _mm512_mask_mov_ps(low, _mm512_test_epi32_mask(index, _mm512_set1_epi32(32)), high);
}

INLINE void add_leaves(const float *leaf, int depth, __m512i index, float *sums)
{
    for (int q = 0; q < 4; q++) {
        __m128i part = q == 0   ? _mm512_extracti32x4_epi32(index, 0)
                       : q == 1 ? _mm512_extracti32x4_epi32(index, 1)
                       : q == 2 ? _mm512_extracti32x4_epi32(index, 2)
                                : _mm512_extracti32x4_epi32(index, 3);
        __m512 value = look_up(leaf, depth, _mm512_cvtepu8_epi32(part));
        _mm512_store_ps(sums + 16 * q, _mm512_add_ps(_mm512_load_ps(sums + 16 * q), value));
    }
}

#define TREE_OF_DEPTH(d)                                   \
    case d:                                                \
        for (size_t r = 0; r < n; r += GBT_LANES) {        \
            tree.planes = planes + r;                      \
            add_leaves(leaf, d, fold(&tree, d), sums + r); \
        }                                                  \
        break

TARGET static void block(const GbtModel *m, const float *rows, size_t n, uint8_t *planes, float *all_sums)
{
    const GbtPack *p = m->pack;
    for (size_t i = 0; i < n; i++)
        rank_row(m, rows + i * (size_t)m->n_features, planes + i, GBT_BLOCK_ROWS);
    for (int t = 0; t < m->n_trees; t++) {
        const GbtPackTree *pt = &p->trees[t];
        Tree tree = {.slot = p->slots + pt->first, .cut = p->cuts + pt->first};
        const float *leaf = p->leaves + pt->leaf;
        float *sums = all_sums + (size_t)pt->group * GBT_BLOCK_ROWS;
        switch (pt->depth) {
            TREE_OF_DEPTH(0);
            TREE_OF_DEPTH(1);
            TREE_OF_DEPTH(2);
            TREE_OF_DEPTH(3);
            TREE_OF_DEPTH(4);
            TREE_OF_DEPTH(5);
            TREE_OF_DEPTH(6);
            TREE_OF_DEPTH(7);
            TREE_OF_DEPTH(8);
        }
    }
}

/* ---- one row, 64 trees: lanes are trees ---- */

typedef struct Ranks {
    __m512i table[4]; /* of slots 0..63, 64..127 ... */
} Ranks;

INLINE __m512i rank_of(const Ranks *r, int n_tables, __m512i slot)
{
    if (n_tables == 1)
        return _mm512_permutexvar_epi8(slot, r->table[0]);
    __m512i low = _mm512_permutex2var_epi8(r->table[0], slot, r->table[1]);
    if (n_tables == 2)
        return low;
    __m512i high = _mm512_permutex2var_epi8(r->table[2], slot, r->table[3]);
    return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(slot), high);
}

INLINE __mmask64 lane_test(const Ranks *r, int n_tables, const uint8_t *tests, int at)
{
    const uint8_t *t = tests + (size_t)at * 2 * GBT_LANES;
    return _mm512_cmpgt_epu8_mask(rank_of(r, n_tables, _mm512_load_si512(t)),
                                  _mm512_load_si512(t + GBT_LANES));
}

INLINE __m512i lane_fold1(const Ranks *r, int n_tables, const uint8_t *t, int at)
{
    return _mm512_maskz_set1_epi8(lane_test(r, n_tables, t, at), 1);
}
#define LANE_FOLD(depth, below)                                                             \
    INLINE __m512i lane_fold##depth(const Ranks *r, int n_tables, const uint8_t *t, int at) \
    {                                                                                       \
        enum { HALF = (1 << ((depth)-1)) - 1 };                                             \
        __m512i left = lane_fold##below(r, n_tables, t, at);                                \
        __m512i right = lane_fold##below(r, n_tables, t, at + HALF);                        \
        return _mm512_mask_add_epi8(left, lane_test(r, n_tables, t, at + 2 * HALF), right,  \
                                    _mm512_set1_epi8((char)(1 << ((depth)-1))));            \
    }
LANE_FOLD(2, 1)
LANE_FOLD(3, 2)
LANE_FOLD(4, 3)

/* Deeper trees: subtrees of depth 4 one after the other, their indices kept and folded on. */
INLINE __m512i lane_fold(const Ranks *r, int n_tables, const uint8_t *t, int depth)
{
    switch (depth) {
    case 0: return _mm512_setzero_si512();
    case 1: return lane_fold1(r, n_tables, t, 0);
    case 2: return lane_fold2(r, n_tables, t, 0);
    case 3: return lane_fold3(r, n_tables, t, 0);
    case 4: return lane_fold4(r, n_tables, t, 0);
    default: break;
    }
    __m512i done[1 << (GBT_PACK_DEPTH - 4)];
    int n = 0, at = 0;
    for (int i = 0; i < 1 << (depth - 4); i++) {
        done[n++] = lane_fold4(r, n_tables, t, at);
        at += 15;
        for (int level = 4; i >> (level - 4) & 1; level++) { /* as many splits follow as subtrees end here */
            n--;
            done[n - 1] = _mm512_mask_add_epi8(done[n - 1], lane_test(r, n_tables, t, at++), done[n],
                                               _mm512_set1_epi8((char)(1 << level)));
        }
    }
    return done[0];
}

INLINE void all_lanes(const GbtPack *p, const Ranks *r, int n_tables, uint8_t *leaf)
{
    for (int l = 0; l < p->n_lanes; l++) {
        const GbtLanes *lanes = &p->lanes[l];
        _mm512_store_si512(leaf + (size_t)l * GBT_LANES,
                           lane_fold(r, n_tables, p->tests + lanes->first, lanes->depth));
    }
}

TARGET static Ranks load_ranks(const uint8_t *ranks)
{
    Ranks r;
    for (int i = 0; i < 4; i++)
        r.table[i] = _mm512_load_si512(ranks + (size_t)i * GBT_LANES);
    return r;
}

TARGET static void row(const GbtModel *m, const float *x, uint8_t *ranks, uint8_t *leaf)
{
    rank_row(m, x, ranks, 1);
    Ranks r = load_ranks(ranks);
    if (m->cuts->n_slots <= GBT_LANES)
        all_lanes(m->pack, &r, 1, leaf);
    else if (m->cuts->n_slots <= 2 * GBT_LANES)
        all_lanes(m->pack, &r, 2, leaf);
    else
        all_lanes(m->pack, &r, 4, leaf);
}

/* ---- explanation ---- */

/* failed[p]: the levels at which the row does not take the way to split p. */
INLINE void follow(const GbtModel *m, int l, const Ranks *r, int n_tables, GbtTrail *trail)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    const uint8_t *tests = m->pack->tests + lanes->first, *same = m->paths->same[l];
    __m512i failed[GBT_SPLITS_MAX];
    failed[1] = _mm512_setzero_si512();
    for (int level = 0; level < lanes->depth; level++)
        for (int p = 1 << level; p < 2 << level; p++) {
            __mmask64 right = lane_test(r, n_tables, tests, gbt_post_order(lanes->depth, p));
            trail->right[p] = right;
            trail->alive[p] =
                _mm512_testn_epi8_mask(failed[p], _mm512_load_si512(same + (size_t)p * GBT_LANES));
            if (level + 1 < lanes->depth) {
                __m512i bit = _mm512_set1_epi8((char)(1 << level));
                failed[2 * p] = _mm512_mask_add_epi8(failed[p], right, failed[p], bit);
                failed[2 * p + 1] = _mm512_mask_add_epi8(failed[p], ~right, failed[p], bit);
            }
        }
}

TARGET static void explain(const GbtModel *m, const float *x, uint8_t *ranks, GbtTrail *trail,
                           const GbtExplain *e)
{
    rank_row(m, x, ranks, 1);
    Ranks r = load_ranks(ranks);
    for (int l = 0; l < m->pack->n_lanes; l++) {
        if (m->cuts->n_slots <= 2 * GBT_LANES)
            follow(m, l, &r, 2, trail);
        else
            follow(m, l, &r, 4, trail);
        gbt_explain_lanes(m, l, e);
    }
}

const GbtKernel GBT_AVX512 = {.name = "avx512",
                              .present = present,
                              .rank = rank,
                              .row_slots = GBT_ROW_SLOTS,
                              .row = row,
                              .block = block,
                              .explain = explain};
#else
static bool absent(void)
{
    return false;
}
const GbtKernel GBT_AVX512 = {.name = "avx512", .present = absent};
#endif
