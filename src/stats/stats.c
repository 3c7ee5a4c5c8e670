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

/* Brings the values of [from, to) below the pivot (or not above it) to the front; the first place after them. */
static int64_t part(double *x, int64_t from, int64_t to, double pivot, bool with_equals)
{
    int64_t end = from;
    for (int64_t i = from; i < to; i++) { /* without a branch that would depend on the value */
        double v = x[i];
        x[i] = x[end];
        x[end] = v;
        end += (v < pivot) | (with_equals & (v == pivot));
    }
    return end;
}

static double middle_of(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Reorders x until x[k] stands where it would if x were sorted, with nothing greater before and nothing less after it
 * (Hoare 1961, "Find"). */
static void place(double *x, int64_t n, int64_t k)
{
    for (int64_t from = 0, to = n; to - from > 1;) {
        double pivot = middle_of(x[from], x[from + (to - from) / 2], x[to - 1]);
        int64_t less = part(x, from, to, pivot, false);
        if (k < less) {
            to = less;
            continue;
        }
        int64_t upto = part(x, less, to, pivot, true);
        if (k < upto || upto == from) /* the latter: only NaN */
            return;
        from = upto;
    }
}

double stats_quantile_once(double *x, int64_t n, double q)
{
    if (n <= 0)
        return NAN;
    double at = fmin(fmax(q, 0), 1) * (double)(n - 1);
    int64_t low = (int64_t)at;
    place(x, n, low);
    if (low + 1 >= n)
        return x[low];
    double next = x[low + 1];
    for (int64_t i = low + 2; i < n; i++)
        next = fmin(next, x[i]);
    return x[low] + (at - (double)low) * (next - x[low]);
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
