/* insight_folds.c - see insight_folds.h. */
#include "insight/insight_folds.h"

#include "base/mem.h"
#include "stats/stats.h"

/* A row, or a cluster of them. */
typedef struct Unit {
    int64_t rows, treated;
    int32_t fold;
} Unit;

static bool is_treated(const Unit *u)
{
    return 2 * u->treated > u->rows;
}

static void shuffle(int32_t *order, int32_t n, StatsRng *r)
{
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t k = (int32_t)stats_below(r, i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
}

ErrKind insight_folds(const InsightData *d, int most, uint64_t seed, int32_t *fold, int *ret_n, Err *reterr)
{
    int32_t n = d->cluster.id ? d->cluster.n : (int32_t)d->n, count[2] = {0};
    CLEANUP(mem_freep) Unit *unit = mem_array((size_t)n, sizeof *unit);
    CLEANUP(mem_freep) int32_t *order = mem_array((size_t)n, sizeof *order);
    for (int64_t i = 0; i < d->n; i++) {
        Unit *u = &unit[d->cluster.id ? d->cluster.id[i] : i];
        u->rows++;
        u->treated += d->t[i] > 0.5;
    }
    for (int32_t i = 0; i < n; i++) {
        order[i] = i;
        count[is_treated(&unit[i])]++;
    }
    /* Where every cluster has both arms, each fold has both anyway. */
    int32_t fewest = count[0] && count[1] ? MIN(count[0], count[1]) : n;
    *ret_n = MIN(MIN(most, INSIGHT_FOLDS_MAX), fewest);
    if (*ret_n < 2)
        return err_set(
            reterr, ERR_INVALID,
            "%d %s treated and %d not: at least two of each are needed, to predict some from others",
            (int)count[1], d->cluster.id ? "clusters are" : "rows are", (int)count[0]);
    StatsRng r;
    stats_seed(&r, seed);
    shuffle(order, n, &r);
    int32_t next[2] = {0, *ret_n - 1}; /* from both ends, so that no fold gets the first of both */
    for (int32_t i = 0; i < n; i++) {
        Unit *u = &unit[order[i]];
        int g = is_treated(u);
        u->fold = next[g];
        next[g] = g ? (next[g] + *ret_n - 1) % *ret_n : (next[g] + 1) % *ret_n;
    }
    for (int64_t i = 0; i < d->n; i++)
        fold[i] = unit[d->cluster.id ? d->cluster.id[i] : i].fold;
    return ERR_NONE;
}
