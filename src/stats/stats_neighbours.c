/* stats_neighbours.c - see stats_neighbours.h.
 *
 * The tree is an order of the points: a range is split at its middle by the coordinate that spreads most in it. Two walks: the
 * first finds the distance of the m-th nearest, the second takes all within it. */
#include "stats/stats_neighbours.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define LEAF 8
#define TIE 1e-7

/* Of the range [low, high) split at its middle; leaves have none. */
typedef struct Split {
    int axis;
    double at;
} Split;

struct StatsNeighbours {
    const double *point;
    int64_t n;
    int k;
    int64_t *order;
    Split *split; /* of the range whose middle is i */
};

typedef struct Search {
    const StatsNeighbours *s;
    const double *at;
    int64_t self;
    StatsFound *f;
    double within; /* square: in the second walk what is taken */
    bool taking;
} Search;

static const double *point_of(const StatsNeighbours *s, int64_t i)
{
    return s->point + s->order[i] * s->k;
}

static int widest(const StatsNeighbours *s, int64_t low, int64_t high)
{
    int best = 0;
    double most = -1;
    for (int c = 0; c < s->k; c++) {
        double least = INFINITY, greatest = -INFINITY;
        for (int64_t i = low; i < high; i++) {
            double v = point_of(s, i)[c];
            least = fmin(least, v);
            greatest = fmax(greatest, v);
        }
        if (greatest - least > most) {
            most = greatest - least;
            best = c;
        }
    }
    return best;
}

/* Quickselect (Hoare 1961): the middle of [low, high) by one coordinate comes to its place. */
static void select_middle(StatsNeighbours *s, int64_t low, int64_t high, int64_t middle, int axis)
{
    int64_t a = low, b = high - 1;
    while (a < b) {
        double pivot = point_of(s, a + (b - a) / 2)[axis];
        int64_t i = a, j = b;
        while (i <= j) {
            while (point_of(s, i)[axis] < pivot)
                i++;
            while (point_of(s, j)[axis] > pivot)
                j--;
            if (i <= j) {
                int64_t kept = s->order[i];
                s->order[i++] = s->order[j];
                s->order[j--] = kept;
            }
        }
        if (middle <= j)
            b = j;
        else if (middle >= i)
            a = i;
        else
            return;
    }
}

static void build(StatsNeighbours *s, int64_t low, int64_t high)
{
    if (high - low <= LEAF)
        return;
    int64_t middle = low + (high - low) / 2;
    int axis = widest(s, low, high);
    select_middle(s, low, high, middle, axis);
    s->split[middle] = (Split){axis, point_of(s, middle)[axis]};
    build(s, low, middle);
    build(s, middle, high);
}

StatsNeighbours *stats_neighbours_new(const double *point, int64_t n, int k)
{
    StatsNeighbours *s = MEM_NEW(StatsNeighbours);
    *s = (StatsNeighbours){.point = point, .n = n, .k = k};
    s->order = mem_array((size_t)MAX(n, 1), sizeof *s->order);
    s->split = mem_array((size_t)MAX(n, 1), sizeof *s->split);
    for (int64_t i = 0; i < n; i++)
        s->order[i] = i;
    build(s, 0, n);
    return s;
}

void stats_neighbours_free(StatsNeighbours *s)
{
    if (!s)
        return;
    mem_free(s->order);
    mem_free(s->split);
    mem_free(s);
}

void stats_found_done(StatsFound *f)
{
    mem_free(f->id);
    mem_free(f->nearest);
    *f = (StatsFound){0};
}

/* The squares of the m nearest, rising; the last is the limit. */
static void note(Search *q, double square)
{
    double *d = q->f->nearest;
    int at = q->f->m - 1;
    for (; at > 0 && d[at - 1] > square; at--)
        d[at] = d[at - 1];
    d[at] = square;
}

static void take(Search *q, int64_t id)
{
    StatsFound *f = q->f;
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 16;
        f->id = mem_grow(f->id, (size_t)f->cap, sizeof *f->id);
    }
    f->id[f->n++] = id;
}

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double limit(const Search *q)
{
    return q->taking ? q->within : q->f->nearest[q->f->m - 1];
}

static void look(Search *q, int64_t i)
{
    const StatsNeighbours *s = q->s;
    const double *p = point_of(s, i);
    double square = 0, most = limit(q);
    if (s->order[i] == q->self)
        return;
    for (int c = 0; c < s->k && square <= most; c++)
        square += (p[c] - q->at[c]) * (p[c] - q->at[c]);
    if (q->taking && square <= most)
        take(q, s->order[i]);
    else if (!q->taking && square < most)
        note(q, square);
}

static void walk(Search *q, int64_t low, int64_t high)
{
    if (high - low <= LEAF) {
        for (int64_t i = low; i < high; i++)
            look(q, i);
        return;
    }
    int64_t middle = low + (high - low) / 2;
    Split split = q->s->split[middle];
    double off = q->at[split.axis] - split.at;
    if (off < 0)
        walk(q, low, middle);
    else
        walk(q, middle, high);
    if (off * off > limit(q))
        return;
    if (off < 0)
        walk(q, middle, high);
    else
        walk(q, low, middle);
}

void stats_neighbours_find(const StatsNeighbours *s, const double *at, int m, int64_t self, StatsFound *ret)
{
    if (ret->m != m)
        ret->nearest = mem_grow(ret->nearest, (size_t)m, sizeof *ret->nearest);
    ret->m = m;
    ret->n = 0;
    for (int i = 0; i < m; i++)
        ret->nearest[i] = INFINITY;
    Search q = {.s = s, .at = at, .self = self, .f = ret};
    walk(&q, 0, s->n);
    ret->distance = sqrt(ret->nearest[m - 1]);
    double reach = ret->distance * (1 + TIE) + 1e-12;
    q.taking = true;
    q.within = reach * reach;
    walk(&q, 0, s->n);
    if (ret->n > 1)
        qsort(ret->id, (size_t)ret->n, sizeof *ret->id, rising);
}
