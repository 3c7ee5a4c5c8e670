/* gbt_plain.c - for processors without vector code of ours: scoring walks, explaining uses the compiler's own vectors. */
#define GBT_W 2
#include "gbt/gbt_trail.h"

static bool present(void)
{
    return true;
}

/* As in gbt_avx512.c, one tree after the other. */
void gbt_follow_plain(const GbtModel *m, int l, const uint8_t *ranks, GbtTrail *trail)
{
    const GbtLanes *lanes = &m->pack->lanes[l];
    const uint8_t *same = m->paths->same[l];
    uint8_t failed[GBT_SPLITS_MAX][GBT_LANES] = {0};
    for (int p = 1; p < 1 << lanes->depth; p++) {
        int level = 31 - __builtin_clz((unsigned)p);
        const uint8_t *test =
            m->pack->tests + lanes->first + (size_t)gbt_post_order(lanes->depth, p) * 2 * GBT_LANES;
        uint64_t right = 0, alive = 0;
        for (int i = 0; i < lanes->n_trees; i++) {
            bool goes_right = ranks[test[i]] > test[GBT_LANES + i];
            right |= (uint64_t)goes_right << i;
            alive |= (uint64_t) !(failed[p][i] & same[(size_t)p * GBT_LANES + (size_t)i]) << i;
            if (level + 1 < lanes->depth) {
                failed[2 * p][i] = (uint8_t)(failed[p][i] | goes_right << level);
                failed[2 * p + 1][i] = (uint8_t)(failed[p][i] | !goes_right << level);
            }
        }
        trail->right[p] = right;
        trail->alive[p] = alive;
    }
}

static void explain(const GbtModel *m, const float *x, uint8_t *ranks, GbtTrail *trail, const GbtExplain *e)
{
    gbt_cuts_rank(m, x, ranks);
    for (int l = 0; l < m->pack->n_lanes; l++) {
        gbt_follow_plain(m, l, ranks, trail);
        gbt_explain_lanes(m, l, e);
    }
}

const GbtKernel GBT_PLAIN = {.name = "plain", .present = present, .rank = gbt_cuts_rank, .explain = explain};
