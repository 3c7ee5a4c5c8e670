/* stats.c - quantiles, means and the bootstrap. */
#include "stats/stats.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double stats_quantile(double *x, int64_t n, double q)
{
    if (n <= 0)
        return NAN;
    qsort(x, (size_t)n, sizeof *x, double_cmp);
    double at = fmin(fmax(q, 0), 1) * (double)(n - 1);
    int64_t low = (int64_t)at;
    if (low + 1 >= n)
        return x[n - 1];
    return x[low] + (at - (double)low) * (x[low + 1] - x[low]);
}

double stats_mean(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / (double)n : NAN;
}

/* The rows of each group, one after the other: group g has row[start[g]] .. row[start[g + 1] - 1]. */
typedef struct Groups {
    int64_t *row;
    int64_t *start;
    int64_t n;
} Groups;

typedef struct Member {
    int32_t group;
    int64_t row;
} Member;

static int member_cmp(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void groups_done(Groups *g)
{
    mem_free(g->row);
    mem_free(g->start);
}

static void groups_init(Groups *g, const int32_t *group, int64_t n)
{
    CLEANUP(mem_freep) Member *members = mem_array((size_t)n, sizeof *members);
    for (int64_t i = 0; i < n; i++)
        members[i] = (Member){group ? group[i] : 0, i};
    qsort(members, (size_t)n, sizeof *members, member_cmp);
    g->row = mem_array((size_t)n, sizeof *g->row);
    g->start = mem_array((size_t)n + 1, sizeof *g->start);
    g->n = 0;
    for (int64_t i = 0; i < n; i++) {
        g->row[i] = members[i].row;
        if (i == 0 || !group || members[i].group != members[i - 1].group)
            g->start[g->n++] = i;
    }
    g->start[g->n] = n;
}

/* Draws as many groups as there are, with replacement; gives the number of rows. *rows grows as needed. */
static int64_t resample(const Groups *g, StatsRng *rng, int64_t **rows, int64_t *cap)
{
    int64_t n = 0;
    for (int64_t i = 0; i < g->n; i++) {
        int64_t pick = stats_below(rng, g->n);
        int64_t size = g->start[pick + 1] - g->start[pick];
        if (n + size > *cap) {
            *cap = (n + size) * 2;
            *rows = mem_grow(*rows, (size_t)*cap, sizeof **rows);
        }
        for (int64_t j = g->start[pick]; j < g->start[pick + 1]; j++)
            (*rows)[n++] = g->row[j];
    }
    return n;
}

/* Scores of one resample: rows picked from p, y and, if given, q. */
static double score_rows(StatsScore *score, const double *p, const double *q, const double *y,
                         const int64_t *rows, int64_t n)
{
    CLEANUP(mem_freep) double *copy = mem_array((size_t)n * 3, sizeof *copy);
    double *cp = copy, *cq = copy + n, *cy = copy + 2 * n;
    for (int64_t i = 0; i < n; i++) {
        cp[i] = p[rows[i]];
        cq[i] = q ? q[rows[i]] : 0;
        cy[i] = y[rows[i]];
    }
    double s = score(cp, cy, n);
    return q ? s - score(cq, cy, n) : s;
}

static StatsInterval bootstrap(StatsScore *score, const double *p, const double *q, const double *y,
                               const int32_t *group, int64_t n, int rounds, double level, uint64_t seed)
{
    if (n <= 0)
        return (StatsInterval){NAN, NAN, NAN};
    StatsInterval out = {score(p, y, n), NAN, NAN};
    if (q)
        out.estimate -= score(q, y, n);
    Groups groups;
    groups_init(&groups, group, n);
    StatsRng rng;
    stats_seed(&rng, seed);
    CLEANUP(mem_freep) double *drawn = mem_array((size_t)rounds, sizeof *drawn);
    CLEANUP(mem_freep) int64_t *rows = NULL;
    int64_t cap = 0, n_drawn = 0;
    for (int i = 0; i < rounds; i++) {
        int64_t n_rows = resample(&groups, &rng, &rows, &cap);
        double s = score_rows(score, p, q, y, rows, n_rows);
        if (isfinite(s))
            drawn[n_drawn++] = s;
    }
    groups_done(&groups);
    if (n_drawn * 2 < rounds) /* mostly not computable, e.g. one class only: no interval */
        return out;
    out.low = stats_quantile(drawn, n_drawn, (1 - level) / 2);
    out.high = stats_quantile(drawn, n_drawn, 1 - (1 - level) / 2);
    return out;
}

StatsInterval stats_bootstrap(StatsScore *score, const double *p, const double *y, const int32_t *group,
                              int64_t n, int rounds, double level, uint64_t seed)
{
    return bootstrap(score, p, NULL, y, group, n, rounds, level, seed);
}

StatsInterval stats_bootstrap_diff(StatsScore *score, const double *p, const double *q, const double *y,
                                   const int32_t *group, int64_t n, int rounds, double level, uint64_t seed)
{
    return bootstrap(score, p, q, y, group, n, rounds, level, seed);
}
