/* stats_measure.c - see stats_measure.h. */
#include "stats/stats_measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define ECE_BINS_MAX 1000
#define COUNT_MAX UINT16_MAX

enum { POSITIVE = 1, TIES_END = 2, TIES_START = 4 };

/* All arrays in rising order of p. */
typedef struct Sorted {
    int64_t n;
    double *gap;      /* double[n]: p - y */
    uint8_t *flags;   /* POSITIVE, and the limits of equal p */
    int64_t *bin_end; /* int64[n_bins]: one past the last row of each bin */
    int n_bins;
    const double **of[2]; /* for each measure its rows and minus, sorted; NULL */
    uint32_t *group;      /* uint32[n], 0 .. n_groups - 1; NULL: single rows */
    int64_t n_groups;
    uint16_t *drawn; /* how often: uint16[n_groups] */
    uint16_t *count; /* uint16[n]; the same array without groups */
} Sorted;

typedef struct Key {
    double p;
    uint32_t row;
} Key;

static int key_cmp(const void *a, const void *b)
{
    const Key *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static double *sorted_copy(const double *v, const Key *keys, int64_t n)
{
    double *copy = mem_array((size_t)n, sizeof *copy);
    for (int64_t i = 0; i < n; i++)
        copy[i] = v[keys[i].row];
    return copy;
}

static void mark_ties(Sorted *s, const StatsRows *rows, const Key *keys)
{
    s->flags = mem_array((size_t)s->n, 1);
    s->gap = mem_array((size_t)s->n, sizeof *s->gap);
    for (int64_t i = 0; i < s->n; i++) {
        double p = keys[i].p, y = rows->y[keys[i].row];
        s->gap[i] = p - y;
        s->flags[i] |= y > 0.5 ? POSITIVE : 0;
        s->flags[i] |= i == 0 || keys[i - 1].p != p ? TIES_START : 0;
        s->flags[i] |= i + 1 == s->n || keys[i + 1].p != p ? TIES_END : 0;
    }
}

/* Bins of equal count that keep equal predictions together, as stats_calibration. */
static void cut_bins(Sorted *s, int bins)
{
    BUG_ON(bins < 1 || bins > ECE_BINS_MAX);
    s->bin_end = mem_array((size_t)bins, sizeof *s->bin_end);
    int64_t from = 0;
    for (int b = 0; b < bins && from < s->n; b++) {
        int64_t end = MAX(s->n * (b + 1) / bins, from);
        if (end == from)
            continue;
        while (!(s->flags[end - 1] & TIES_END))
            end++;
        s->bin_end[s->n_bins++] = from = end;
    }
}

static int int32_cmp(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

/* Group numbers of any size become 0, 1 ... */
static void number_groups(Sorted *s, const int32_t *group, const Key *keys)
{
    CLEANUP(mem_freep) int32_t *names = mem_array((size_t)s->n, sizeof *names);
    for (int64_t i = 0; i < s->n; i++)
        names[i] = group[i];
    qsort(names, (size_t)s->n, sizeof *names, int32_cmp);
    s->n_groups = 0;
    for (int64_t i = 0; i < s->n; i++)
        if (i == 0 || names[i] != names[s->n_groups - 1])
            names[s->n_groups++] = names[i];
    s->group = mem_array((size_t)s->n, sizeof *s->group);
    for (int64_t i = 0; i < s->n; i++) {
        const int32_t *at =
            bsearch(&group[keys[i].row], names, (size_t)s->n_groups, sizeof *names, int32_cmp);
        s->group[i] = (uint32_t)(at - names);
    }
}

static void sorted_init(Sorted *s, const StatsRows *rows, const StatsMeasure *measures, int n_measures)
{
    size_t n = (size_t)rows->n;
    *s = (Sorted){.n = rows->n, .n_groups = rows->n};
    CLEANUP(mem_freep) Key *keys = mem_array(n, sizeof *keys);
    for (size_t i = 0; i < n; i++)
        keys[i] = (Key){rows->p ? rows->p[i] : 0, (uint32_t)i};
    if (rows->p)
        qsort(keys, n, sizeof *keys, key_cmp);
    if (rows->p)
        mark_ties(s, rows, keys);
    if (rows->p && rows->ece_bins)
        cut_bins(s, rows->ece_bins);
    for (int k = 0; k < 2; k++) {
        s->of[k] = mem_array((size_t)n_measures, sizeof *s->of[k]);
        for (int m = 0; m < n_measures; m++) {
            const double *v = k ? measures[m].minus : measures[m].rows;
            s->of[k][m] = v ? sorted_copy(v, keys, s->n) : NULL;
        }
    }
    if (rows->group)
        number_groups(s, rows->group, keys);
    s->drawn = mem_array((size_t)s->n_groups, sizeof *s->drawn);
    s->count = rows->group ? mem_array(n, sizeof *s->count) : s->drawn;
}

static void sorted_done(Sorted *s, int n_measures)
{
    for (int k = 0; k < 2; k++) {
        for (int m = 0; m < n_measures; m++)
            mem_free((void *)(uintptr_t)s->of[k][m]);
        mem_free(s->of[k]);
    }
    if (s->count != s->drawn)
        mem_free(s->count);
    mem_free(s->drawn);
    mem_free(s->group);
    mem_free(s->bin_end);
    mem_free(s->flags);
    mem_free(s->gap);
}

/* ---- one resample ---- */

/* Draws n_groups times. Numbers below n from 32 bits by multiplication, without bias (Lemire 2019). */
static void draw(Sorted *s, StatsRng *rng)
{
    uint64_t n = (uint64_t)s->n_groups;
    uint32_t reject_below = (uint32_t)(((uint64_t)1 << 32) % n);
    for (int64_t i = 0; i < s->n_groups; i++)
        s->drawn[i] = 0;
    uint64_t bits = 0;
    for (int64_t i = 0, half = 0; i < s->n_groups; half ^= 1) {
        bits = half ? bits >> 32 : stats_u64(rng);
        uint64_t product = (bits & UINT32_MAX) * n;
        if ((uint32_t)product < reject_below)
            continue;
        uint16_t *c = &s->drawn[product >> 32];
        *c = (uint16_t)(*c + (*c < COUNT_MAX));
        i++;
    }
    if (s->group)
        for (int64_t i = 0; i < s->n; i++)
            s->count[i] = s->drawn[s->group[i]];
}

static double mean_of(const Sorted *s, const double *v)
{
    /* Four sums: one would wait for itself at every addition. */
    double sum[4] = {0};
    int64_t n[4] = {0};
    for (int64_t i = 0; i < s->n; i++) {
        sum[i & 3] += s->count[i] * v[i];
        n[i & 3] += s->count[i];
    }
    return (sum[0] + sum[1] + sum[2] + sum[3]) / (double)(n[0] + n[1] + n[2] + n[3]);
}

static double auc_of(const Sorted *s)
{
    double wins = 0;
    int64_t neg_below = 0, pos = 0, tie[2] = {0}; /* tie: negatives, positives */
    for (int64_t i = 0; i < s->n; i++) {
        tie[s->flags[i] & POSITIVE] += s->count[i];
        if (!(s->flags[i] & TIES_END))
            continue;
        wins += (double)tie[1] * ((double)neg_below + 0.5 * (double)tie[0]);
        neg_below += tie[0];
        pos += tie[1];
        tie[0] = tie[1] = 0;
    }
    return pos && neg_below ? wins / ((double)pos * (double)neg_below) : NAN;
}

static double pr_auc_of(const Sorted *s)
{
    double sum = 0;
    int64_t seen = 0, hits = 0, tie_hits = 0;
    for (int64_t i = s->n - 1; i >= 0; i--) {
        seen += s->count[i];
        tie_hits += s->flags[i] & POSITIVE ? s->count[i] : 0;
        if (!(s->flags[i] & TIES_START) || !tie_hits)
            continue;
        hits += tie_hits;
        sum += (double)tie_hits * (double)hits / (double)seen;
        tie_hits = 0;
    }
    return hits ? sum / (double)hits : NAN;
}

static double ece_of(const Sorted *s)
{
    double error = 0;
    int64_t n = 0, i = 0;
    for (int b = 0; b < s->n_bins; b++) {
        double gap = 0;
        for (; i < s->bin_end[b]; i++) {
            gap += s->count[i] * s->gap[i];
            n += s->count[i];
        }
        error += fabs(gap);
    }
    return n ? error / (double)n : NAN;
}

static double one_of(const Sorted *s, StatsMeasureKind kind, const double *rows)
{
    switch (kind) {
    case STATS_MEAN: return mean_of(s, rows);
    case STATS_ROOT_MEAN: return sqrt(mean_of(s, rows));
    case STATS_AUC: return auc_of(s);
    case STATS_PR_AUC: return pr_auc_of(s);
    case STATS_ECE: return ece_of(s);
    }
    return NAN;
}

static double measure_of(const Sorted *s, const StatsMeasure *m, int at)
{
    double v = one_of(s, m->kind, s->of[0][at]);
    return s->of[1][at] ? v - one_of(s, m->kind, s->of[1][at]) : v;
}

void stats_measure(const StatsRows *rows, const StatsMeasure *measures, int n_measures, int rounds,
                   double level, uint64_t seed, StatsInterval *out)
{
    for (int m = 0; m < n_measures; m++)
        out[m] = (StatsInterval){NAN, NAN, NAN};
    if (rows->n <= 0)
        return;
    BUG_ON(rows->n > UINT32_MAX);
    Sorted s;
    sorted_init(&s, rows, measures, n_measures);
    for (int64_t i = 0; i < s.n; i++)
        s.count[i] = 1;
    for (int m = 0; m < n_measures; m++)
        out[m].estimate = measure_of(&s, &measures[m], m);
    StatsRng rng;
    stats_seed(&rng, seed);
    size_t most = (size_t)MAX(rounds, 0);
    CLEANUP(mem_freep) double *got = mem_array(most * (size_t)n_measures + 1, sizeof *got);
    CLEANUP(mem_freep) int64_t *n_got = mem_array((size_t)n_measures + 1, sizeof *n_got);
    for (int r = 0; r < rounds; r++) {
        draw(&s, &rng);
        for (int m = 0; m < n_measures; m++) {
            double v = measure_of(&s, &measures[m], m);
            if (isfinite(v))
                got[(size_t)m * most + (size_t)n_got[m]++] = v;
        }
    }
    sorted_done(&s, n_measures);
    for (int m = 0; m < n_measures; m++) {
        if (n_got[m] == 0 || n_got[m] * 2 < rounds) /* mostly not computable, e.g. one class only */
            continue;
        double *of = got + (size_t)m * most;
        out[m].low = stats_quantile(of, n_got[m], (1 - level) / 2);
        out[m].high = stats_quantile(of, n_got[m], 1 - (1 - level) / 2);
    }
}
