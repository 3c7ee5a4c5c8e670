/* gbt_avx2.c - scoring with AVX2 (Haswell, Zen and later): gbt_avx512.c in lanes of 32, with masks as bytes.
 *
 * There is no byte permutation over 256 bytes here: the rank of a lane's slot is put together from 16-byte tables, one for
 * each 16 slots, so one-row code pays off only for models with few slots. */
#define GBT_W 4
#include "gbt/gbt_trail.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define WIDE 32
#define ROW_SLOTS 128

static bool present(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

/* ---- ranks ---- */

INLINE uint32_t count16(const float *cuts, __m256 x)
{
    int low = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(cuts), x, _CMP_LE_OQ));
    int high = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(cuts + 8), x, _CMP_LE_OQ));
    return (uint32_t)__builtin_popcount((unsigned)(low | high << 8));
}

/* As in gbt_avx512.c. */
INLINE uint32_t count_not_above(const GbtFeatureCuts *f, const float *cuts, float value)
{
    __m256 x = _mm256_set1_ps(value);
    uint32_t at = count16(f->pivot, x) * f->stride;
    if (at > f->n)
        return f->n;
    const float *run = cuts + f->first + at;
    for (uint32_t i = 0; i < f->stride; i += 16)
        at += count16(run + i, x);
    return at;
}

TARGET static void rank_row(const GbtModel *m, const float *row, uint8_t *ranks, size_t stride)
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

/* ---- folding: bytes of all ones where the way goes left ---- */

INLINE __m256i goes_left(__m256i rank, __m256i cut)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(rank, cut), rank);
}

INLINE __m256i join(__m256i is_left, __m256i left, __m256i right, int bit)
{
    return _mm256_blendv_epi8(_mm256_add_epi8(right, _mm256_set1_epi8((char)bit)), left, is_left);
}

TARGET static void rank(const GbtModel *m, const float *row, uint8_t *ranks)
{
    rank_row(m, row, ranks, 1);
}

/* ---- one tree, many rows: lanes are rows ---- */

typedef struct Tree {
    const uint8_t *planes; /* of this block's 32 rows */
    const uint16_t *slot;
    const uint8_t *cut;
} Tree;

INLINE __m256i test(const Tree *t, int at)
{
    __m256i rank = _mm256_load_si256((const __m256i *)(t->planes + (size_t)t->slot[at] * GBT_BLOCK_ROWS));
    return goes_left(rank, _mm256_set1_epi8((char)t->cut[at]));
}

INLINE __m256i fold1(const Tree *t, int at)
{
    return _mm256_andnot_si256(test(t, at), _mm256_set1_epi8(1));
}
#define FOLD(depth, below)                                                  \
    INLINE __m256i fold##depth(const Tree *t, int at)                       \
    {                                                                       \
        enum { HALF = (1 << ((depth)-1)) - 1 };                             \
        __m256i left = fold##below(t, at);                                  \
        __m256i right = fold##below(t, at + HALF);                          \
        return join(test(t, at + 2 * HALF), left, right, 1 << ((depth)-1)); \
    }
FOLD(2, 1)
FOLD(3, 2)
FOLD(4, 3)
FOLD(5, 4)
FOLD(6, 5)
TARGET static __attribute__((noinline)) __m256i fold6_call(const Tree *t, int at)
{
    return fold6(t, at);
}
#define fold6_ fold6_call
FOLD(7, 6_)
FOLD(8, 7)

INLINE __m256i fold(const Tree *t, int depth)
{
    switch (depth) {
    case 0: return _mm256_setzero_si256();
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

INLINE void add_leaves(const float *leaf, __m256i index, float *sums)
{
    __m128i half[2] = {_mm256_castsi256_si128(index), _mm256_extracti128_si256(index, 1)};
    for (int q = 0; q < 4; q++) {
        __m128i part = q & 1 ? _mm_srli_si128(half[q / 2], 8) : half[q / 2];
        __m256 value = _mm256_i32gather_ps(leaf, _mm256_cvtepu8_epi32(part), 4);
        _mm256_store_ps(sums + 8 * q, _mm256_add_ps(_mm256_load_ps(sums + 8 * q), value));
    }
}

#define TREE_OF_DEPTH(d)                                \
    case d:                                             \
        for (size_t r = 0; r < n; r += WIDE) {          \
            tree.planes = planes + r;                   \
            add_leaves(leaf, fold(&tree, d), sums + r); \
        }                                               \
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

/* ---- one row, half a lanes group: lanes are trees ---- */

/* Table i is what changes from the ranks of slots 16 (i - 1) .. to those of 16 i ..: all tables up to a slot's own, put
 * together by exclusive or, give its rank. */
typedef struct Ranks {
    __m128i change[ROW_SLOTS / 16];
    int n;
} Ranks;

INLINE Ranks load_ranks(const GbtModel *m, const uint8_t *bytes)
{
    Ranks r = {.n = (int)(m->cuts->n_slots + 15) / 16};
    __m128i before = _mm_setzero_si128();
    for (int i = 0; i < ROW_SLOTS / 16; i++) {
        __m128i table = _mm_load_si128((const __m128i *)(bytes + 16 * i));
        r.change[i] = _mm_xor_si128(table, before);
        before = table;
    }
    return r;
}

INLINE __m256i rank_of(const Ranks *r, int n, __m256i slot)
{
    __m256i rank = _mm256_setzero_si256();
    for (int i = 0; i < n; i++) { /* below table i the difference is negative: such an index gives 0 */
        __m256i index = _mm256_sub_epi8(slot, _mm256_set1_epi8((char)(16 * i)));
        rank = _mm256_xor_si256(rank, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(r->change[i]), index));
    }
    return rank;
}

INLINE __m256i lane_test(const Ranks *r, int n, const uint8_t *tests, int at)
{
    const uint8_t *t = tests + (size_t)at * 2 * GBT_LANES;
    return goes_left(rank_of(r, n, _mm256_load_si256((const __m256i *)t)),
                     _mm256_load_si256((const __m256i *)(t + GBT_LANES)));
}

INLINE __m256i lane_fold1(const Ranks *r, int n, const uint8_t *t, int at)
{
    return _mm256_andnot_si256(lane_test(r, n, t, at), _mm256_set1_epi8(1));
}
INLINE __m256i lane_fold2(const Ranks *r, int n, const uint8_t *t, int at)
{
    __m256i left = lane_fold1(r, n, t, at), right = lane_fold1(r, n, t, at + 1);
    return join(lane_test(r, n, t, at + 2), left, right, 2);
}
INLINE __m256i lane_fold3(const Ranks *r, int n, const uint8_t *t, int at)
{
    __m256i left = lane_fold2(r, n, t, at), right = lane_fold2(r, n, t, at + 3);
    return join(lane_test(r, n, t, at + 6), left, right, 4);
}

/* Deeper trees: subtrees of depth 3 one after the other, their indices kept and folded on. */
INLINE __m256i lane_fold(const Ranks *r, int n, const uint8_t *t, int depth)
{
    switch (depth) {
    case 0: return _mm256_setzero_si256();
    case 1: return lane_fold1(r, n, t, 0);
    case 2: return lane_fold2(r, n, t, 0);
    default: break;
    }
    __m256i done[GBT_PACK_DEPTH];
    int kept = 0, at = 0;
    for (int i = 0; i < 1 << (depth - 3); i++) {
        done[kept++] = lane_fold3(r, n, t, at);
        at += 7;
        for (int level = 3; i >> (level - 3) & 1; level++) { /* as many splits follow as subtrees end here */
            kept--;
            done[kept - 1] = join(lane_test(r, n, t, at++), done[kept - 1], done[kept], 1 << level);
        }
    }
    return done[0];
}

INLINE void all_lanes(const GbtPack *p, const Ranks *r, int n, uint8_t *leaf)
{
    for (int l = 0; l < p->n_lanes; l++)
        for (int half = 0; half < GBT_LANES && half < p->lanes[l].n_trees; half += WIDE)
            _mm256_store_si256((__m256i *)(leaf + l * GBT_LANES + half),
                               lane_fold(r, n, p->tests + p->lanes[l].first + half, p->lanes[l].depth));
}

TARGET static void row(const GbtModel *m, const float *x, uint8_t *ranks, uint8_t *leaf)
{
    rank_row(m, x, ranks, 1);
    Ranks r = load_ranks(m, ranks);
    switch (r.n) {
    case 0:
    case 1: all_lanes(m->pack, &r, 1, leaf); break;
    case 2: all_lanes(m->pack, &r, 2, leaf); break;
    case 3: all_lanes(m->pack, &r, 3, leaf); break;
    case 4: all_lanes(m->pack, &r, 4, leaf); break;
    case 5: all_lanes(m->pack, &r, 5, leaf); break;
    case 6: all_lanes(m->pack, &r, 6, leaf); break;
    default: all_lanes(m->pack, &r, ROW_SLOTS / 16, leaf); break;
    }
}

/* ---- explanation ---- */

INLINE void follow_half(const GbtModel *m, int l, int half, const Ranks *r, GbtTrail *trail)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    const uint8_t *tests = m->pack->tests + lanes->first + half * WIDE,
                  *same = m->paths->same[l] + half * WIDE;
    __m256i failed[GBT_SPLITS_MAX];
    failed[1] = _mm256_setzero_si256();
    for (int level = 0; level < lanes->depth; level++)
        for (int p = 1 << level; p < 2 << level; p++) {
            __m256i left = lane_test(r, r->n, tests, gbt_post_order(lanes->depth, p));
            __m256i before =
                _mm256_and_si256(failed[p], _mm256_load_si256((const __m256i *)(same + p * GBT_LANES)));
            __m256i alive = _mm256_cmpeq_epi8(before, _mm256_setzero_si256());
            trail->right[p] |= (uint64_t)(uint32_t)~_mm256_movemask_epi8(left) << (half * WIDE);
            trail->alive[p] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(alive) << (half * WIDE);
            if (level + 1 < lanes->depth) {
                __m256i bit = _mm256_set1_epi8((char)(1 << level));
                failed[2 * p] = _mm256_or_si256(failed[p], _mm256_andnot_si256(left, bit));
                failed[2 * p + 1] = _mm256_or_si256(failed[p], _mm256_and_si256(left, bit));
            }
        }
}

INLINE void follow(const GbtModel *m, int l, const Ranks *r, GbtTrail *trail)
{
    memset(trail, 0, sizeof *trail);
    follow_half(m, l, 0, r, trail);
    follow_half(m, l, 1, r, trail);
}

TARGET static void explain(const GbtModel *m, const float *x, uint8_t *ranks, GbtTrail *trail,
                           const GbtExplain *e)
{
    rank_row(m, x, ranks, 1);
    bool few = m->cuts->n_slots <= ROW_SLOTS;
    Ranks r = few ? load_ranks(m, ranks) : (Ranks){0};
    for (int l = 0; l < m->pack->n_lanes; l++) {
        if (few)
            follow(m, l, &r, trail);
        else
            gbt_follow_plain(m, l, ranks, trail);
        gbt_explain_lanes(m, l, e);
    }
}

const GbtKernel GBT_AVX2 = {.name = "avx2",
                            .present = present,
                            .rank = rank,
                            .row_slots = ROW_SLOTS,
                            .row = row,
                            .block = block,
                            .explain = explain};
#else
static bool absent(void)
{
    return false;
}
const GbtKernel GBT_AVX2 = {.name = "avx2", .present = absent};
#endif
