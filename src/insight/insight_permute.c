/* insight_permute.c - randomisation inference: how often chance alone gives a difference as large.
 *
 * The treatment is drawn again as it was drawn: among all rows, within strata, or whole clusters where every cluster has one
 * treatment (else within clusters). The statistic is the difference of means over its own standard error (Welch), so that the test is
 * exact for "no effect on anybody" and right in large samples for "no effect on average" (Chung, Romano 2013). */
#include "insight/insight_effect.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define WORK_MAX 4e8 /* rows times draws */

/* What is permuted: rows, or clusters with their sums. */
typedef struct Units {
    int32_t n;
    double *y; /* mean of a cluster's rows */
    double *t;
    int32_t *block; /* within which t moves; ids 0 .. n_blocks - 1 */
    int32_t n_blocks;
} Units;

static void units_done(Units *u)
{
    mem_free(u->y);
    mem_free(u->t);
    mem_free(u->block);
}

static bool one_treatment_each(const InsightData *d)
{
    CLEANUP(mem_freep) int8_t *seen = mem_array((size_t)d->cluster.n, sizeof *seen);
    for (int64_t i = 0; i < d->n; i++) {
        int8_t mark = d->t[i] > 0.5 ? 2 : 1;
        int8_t *s = &seen[d->cluster.id[i]];
        if (*s && *s != mark)
            return false;
        *s = mark;
    }
    return true;
}

static Units clusters_as_units(const InsightData *d)
{
    Units u = {.n = d->cluster.n, .n_blocks = d->stratum.id ? d->stratum.n : 1};
    CLEANUP(mem_freep) double *rows = mem_array((size_t)u.n, sizeof *rows);
    u.y = mem_array((size_t)u.n, sizeof *u.y);
    u.t = mem_array((size_t)u.n, sizeof *u.t);
    u.block = mem_array((size_t)u.n, sizeof *u.block);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t c = d->cluster.id[i];
        u.y[c] += d->y[i];
        u.t[c] = d->t[i];
        u.block[c] = d->stratum.id ? d->stratum.id[i] : 0;
        rows[c]++;
    }
    for (int32_t c = 0; c < u.n; c++)
        u.y[c] /= rows[c];
    return u;
}

static Units rows_as_units(const InsightData *d)
{
    const InsightIds *blocks = d->stratum.id ? &d->stratum : d->cluster.id ? &d->cluster : NULL;
    Units u = {.n = (int32_t)d->n, .n_blocks = blocks ? blocks->n : 1};
    u.y = mem_array((size_t)u.n, sizeof *u.y);
    u.t = mem_array((size_t)u.n, sizeof *u.t);
    u.block = mem_array((size_t)u.n, sizeof *u.block);
    memcpy(u.y, d->y, (size_t)u.n * sizeof *u.y);
    memcpy(u.t, d->t, (size_t)u.n * sizeof *u.t);
    if (blocks)
        memcpy(u.block, blocks->id, (size_t)u.n * sizeof *u.block);
    return u;
}

static double statistic(const Units *u, const double *t)
{
    double sum[2] = {0}, square[2] = {0}, n[2] = {0};
    for (int32_t i = 0; i < u->n; i++) {
        int g = t[i] > 0.5;
        sum[g] += u->y[i];
        square[g] += u->y[i] * u->y[i];
        n[g]++;
    }
    double v = 0;
    for (int g = 0; g < 2; g++)
        v += fmax(square[g] / n[g] - (sum[g] / n[g]) * (sum[g] / n[g]), 0) / (n[g] - 1);
    double off = sum[1] / n[1] - sum[0] / n[0];
    return v > 0 ? fabs(off) / sqrt(v) : fabs(off) > 0 ? INFINITY : 0;
}

/* Members of each block one after the other: those of b are at start[b] .. start[b + 1] - 1. */
static void by_block(const Units *u, int32_t *start, int32_t *member)
{
    for (int32_t i = 0; i < u->n; i++)
        start[u->block[i] + 2]++;
    for (int32_t b = 0; b < u->n_blocks; b++)
        start[b + 2] += start[b + 1];
    for (int32_t i = 0; i < u->n; i++)
        member[start[u->block[i] + 1]++] = i;
}

static int exceed(const Units *u, int draws, uint64_t seed)
{
    CLEANUP(mem_freep) int32_t *start = mem_array((size_t)u->n_blocks + 2, sizeof *start);
    CLEANUP(mem_freep) int32_t *member = mem_array((size_t)u->n, sizeof *member);
    CLEANUP(mem_freep) double *t = mem_array((size_t)u->n, sizeof *t);
    StatsRng r;
    stats_seed(&r, seed);
    by_block(u, start, member);
    memcpy(t, u->t, (size_t)u->n * sizeof *t);
    double seen = statistic(u, u->t) * (1 - 1e-12);
    int above = 0;
    for (int k = 0; k < draws; k++) {
        for (int32_t b = 0; b < u->n_blocks; b++)
            for (int32_t i = start[b + 1] - 1; i > start[b]; i--) { /* Fisher, Yates 1938 */
                int32_t j = start[b] + (int32_t)stats_below(&r, i - start[b] + 1);
                double kept = t[member[i]];
                t[member[i]] = t[member[j]];
                t[member[j]] = kept;
            }
        above += statistic(u, t) >= seen;
    }
    return above;
}

void insight_permute(InsightData *d, const InsightQuestion *q, InsightAnswer *a)
{
    bool whole = d->cluster.id && one_treatment_each(d);
    if (q->draws < 1 || d->n > INT32_MAX || (double)d->n * q->draws > WORK_MAX)
        return;
    Units u = whole ? clusters_as_units(d) : rows_as_units(d);
    int above = exceed(&u, q->draws, q->seed);
    units_done(&u);
    jw_kv_f64(&a->w, "randomisation_p", (above + 1.0) / (q->draws + 1.0));
    jw_kv_i64(&a->w, "randomisation_draws", q->draws);
    jw_kv_cstr(&a->w, "randomised",
               whole           ? "clusters"
               : d->stratum.id ? "within strata"
               : d->cluster.id ? "within clusters"
                               : "rows");
}
