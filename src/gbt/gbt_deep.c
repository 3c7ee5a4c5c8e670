/* gbt_deep.c - see gbt_deep.h. */
#include "gbt/gbt_deep.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define BYTES_MAX ((size_t)2 << 30)
#define NO_COVER 1e-12 /* share of a child that no training weight reached */
#define POINTS_MAX ((GBT_DEPTH_MAX + 1) / 2)
#define NONE (-1)

typedef struct Split {
    double share;    /* of the weight that may still pass, how much goes left */
    double above;    /* z before this split; 1 when the feature is new on the path */
    int32_t parent;  /* NONE at the root */
    int32_t prev;    /* the nearest split above on the same feature, or NONE */
    uint8_t side;    /* 1: the right child of parent */
    uint8_t on_side; /* 1: below the right child of prev */
} Split;

typedef struct Tree {
    int points;
    size_t inverse; /* of its first node in GbtDeep.inverse */
} Tree;

struct GbtDeep {
    Split *splits; /* [n_nodes], as nodes */
    Tree *trees;
    double *inverse; /* 1 / (above + (1 - above) t) of each node and point */
    int points_max;
    double t[POINTS_MAX + 1][POINTS_MAX];
    double w[POINTS_MAX + 1][POINTS_MAX];
};

/* By Newton's method on P_n (Abramowitz, Stegun 25.4.29). */
void gbt_quadrature(int n, double *t, double *w)
{
    for (int i = 0; i < n; i++) {
        double x = cos(M_PI * (i + 0.75) / (n + 0.5)), slope = 1;
        for (int round = 0; round < 100; round++) {
            double p = 1, before = 0;
            for (int k = 1; k <= n; k++) {
                double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
                before = p;
                p = next;
            }
            slope = n * (x * p - before) / (x * x - 1);
            double delta = p / slope;
            x -= delta;
            if (fabs(delta) < 1e-15)
                break;
        }
        t[i] = 0.5 * (1 - x);
        w[i] = 1 / ((1 - x * x) * slope * slope);
    }
}

double gbt_share(float child, float sibling)
{
    double sum = (double)child + (double)sibling;
    double z = sum > 0 ? (double)child / sum : 0.5;
    return fmin(fmax(z, NO_COVER), 1 - NO_COVER);
}

void gbt_deep_bias(GbtModel *m)
{
    CLEANUP(mem_freep) double *mean = mem_array((size_t)m->tree_nodes_max + 1, sizeof *mean);
    for (int g = 0; g < m->n_groups; g++)
        m->bias[g] = (double)m->base_margin[g];
    for (int i = 0; i < m->n_trees; i++) {
        const GbtTree *t = &m->trees[i];
        const GbtNode *nodes = m->nodes + t->first;
        const float *cover = m->cover + t->first;
        for (uint32_t k = t->n; k-- > 0;) {
            double share = nodes[k].split ? gbt_share(cover[nodes[k].left], cover[nodes[k].left + 1]) : 0;
            mean[k] = nodes[k].split ? share * mean[nodes[k].left] + (1 - share) * mean[nodes[k].left + 1]
                                     : (double)nodes[k].value;
        }
        m->bias[t->group] += mean[0];
    }
}

/* ---- at load ---- */

/* Gives the most distinct features on a path. */
static int fill_splits(const GbtModel *m, const GbtTree *t, Split *splits, uint8_t *distinct)
{
    const GbtNode *nodes = m->nodes + t->first;
    const float *cover = m->cover + t->first;
    int most = 0;
    splits[0].parent = NONE;
    for (uint32_t k = 0; k < t->n; k++) {
        Split *s = &splits[k];
        distinct[k] = k ? distinct[s->parent] : 0;
        s->prev = NONE;
        s->above = 1;
        if (!nodes[k].split)
            continue;
        uint32_t feature = nodes[k].feature & GBT_FEATURE_MASK;
        int32_t at = (int32_t)k;
        while (at > 0 && s->prev == NONE) {
            uint8_t side = splits[at].side;
            at = splits[at].parent;
            if ((nodes[at].feature & GBT_FEATURE_MASK) == feature) {
                s->prev = at;
                s->on_side = side;
                s->above = splits[at].above * (side ? 1 - splits[at].share : splits[at].share);
            }
        }
        distinct[k] = (uint8_t)(distinct[k] + (s->prev == NONE));
        most = distinct[k] > most ? distinct[k] : most;
        s->share = gbt_share(cover[nodes[k].left], cover[nodes[k].left + 1]);
        for (uint8_t side = 0; side < 2; side++) {
            splits[nodes[k].left + side].parent = (int32_t)k;
            splits[nodes[k].left + side].side = side;
        }
    }
    return most;
}

ErrKind gbt_deep_new(const GbtModel *m, GbtDeep **ret, Err *reterr)
{
    GbtDeep *d = MEM_NEW(GbtDeep);
    *ret = d;
    d->splits = mem_array((size_t)m->n_nodes + 1, sizeof *d->splits);
    d->trees = mem_array((size_t)m->n_trees + 1, sizeof *d->trees);
    CLEANUP(mem_freep) uint8_t *distinct = mem_zalloc((size_t)m->tree_nodes_max + 1);
    size_t inverse = 0;
    for (int i = 0; i < m->n_trees; i++) {
        const GbtTree *t = &m->trees[i];
        int points = (fill_splits(m, t, d->splits + t->first, distinct) + 1) / 2;
        points = points ? points : 1;
        d->trees[i] = (Tree){.points = points, .inverse = inverse};
        d->points_max = points > d->points_max ? points : d->points_max;
        inverse += (size_t)t->n * (size_t)points;
    }
    if (inverse > BYTES_MAX / sizeof *d->inverse)
        return err_set(reterr, ERR_LIMIT, "model: explaining it would take %zu bytes",
                       inverse * sizeof *d->inverse);
    d->inverse = mem_array(inverse + 1, sizeof *d->inverse);
    for (int n = 1; n <= d->points_max; n++)
        gbt_quadrature(n, d->t[n], d->w[n]);
    for (int i = 0; i < m->n_trees; i++)
        for (uint32_t k = 0; k < m->trees[i].n; k++)
            for (int q = 0; q < d->trees[i].points; q++) {
                double above = d->splits[m->trees[i].first + k].above;
                d->inverse[d->trees[i].inverse + k * (size_t)d->trees[i].points + (size_t)q] =
                    1 / (above + (1 - above) * d->t[d->trees[i].points][q]);
            }
    return ERR_NONE;
}

void gbt_deep_free(GbtDeep *d)
{
    if (!d)
        return;
    mem_free(d->splits);
    mem_free(d->trees);
    mem_free(d->inverse);
    mem_free(d);
}

/* ---- for each row ---- */

/* Of one tree and row, double[n][points] each but the last two. */
typedef struct Work {
    const GbtNode *nodes;
    const Split *splits;
    const double *inverse;
    const double *t, *w;
    uint32_t n;
    size_t points;
    double *sum;  /* on the way up what is below a node; on the way down the weight that arrives */
    double *left; /* how much of the weight goes left */
    double *gap;  /* (left - right) / f^2 */
    double *cut
        [2]; /* the factor's change over the factor, for the left and the right child: see gbt_interactions */
    double *change; /* double[n]; 0 when dead */
    uint8_t
        *right; /* [n] bit 0: the row goes right here, bit 1: it passed the splits above on this feature */
} Work;

static size_t room_of(size_t n, size_t points)
{
    return n * (5 * points + 1) + (n + sizeof(double) - 1) / sizeof(double);
}

size_t gbt_deep_room(const GbtModel *m)
{
    return m->deep ? room_of(m->tree_nodes_max, (size_t)m->deep->points_max) : 0;
}

static Work work_of(const GbtModel *m, int tree, double *room)
{
    const GbtTree *t = &m->trees[tree];
    const Tree *deep = &m->deep->trees[tree];
    size_t points = (size_t)deep->points, all = t->n * points;
    return (Work){.nodes = m->nodes + t->first,
                  .splits = m->deep->splits + t->first,
                  .inverse = m->deep->inverse + deep->inverse,
                  .t = m->deep->t[points],
                  .w = m->deep->w[points],
                  .n = t->n,
                  .points = points,
                  .sum = room,
                  .left = room + all,
                  .gap = room + 2 * all,
                  .cut = {room + 3 * all, room + 4 * all},
                  .change = room + 5 * all,
                  .right = (uint8_t *)(room + 5 * all + t->n)};
}

static void follow(const GbtModel *m, const GbtTree *t, Work *w, const float *row)
{
    for (uint32_t k = 0; k < w->n; k++) {
        if (!w->nodes[k].split)
            continue;
        const Split *s = &w->splits[k];
        bool alive = s->prev == NONE || ((w->right[s->prev] & 2) && (w->right[s->prev] & 1) == s->on_side);
        w->right[k] = (uint8_t)(gbt_goes_right(m, t, &w->nodes[k], row) | (uint32_t)alive << 1);
    }
}

static void go_up(Work *w)
{
    for (uint32_t k = w->n; k-- > 0;) {
        const Split *s = &w->splits[k];
        double *sum = w->sum + k * w->points;
        const double *below = w->sum + w->nodes[k].left * w->points;
        bool right = w->right[k] & 1, alive = w->right[k] & 2;
        double part = s->share * s->above;
        for (size_t q = 0; q < w->points; q++) {
            if (!w->nodes[k].split) {
                sum[q] = (double)w->nodes[k].value;
                continue;
            }
            double inverse = w->inverse[k * w->points + q];
            double left = alive ? (part * (1 - w->t[q]) + (right ? 0 : w->t[q])) * inverse : s->share;
            double gap = below[q] - below[w->points + q];
            sum[q] = below[w->points + q] + left * gap;
            w->left[k * w->points + q] = left;
            w->gap[k * w->points + q] = gap * inverse * inverse;
        }
        w->change[k] = !alive ? 0 : right ? -part : s->above - part;
    }
}

static void go_down(Work *w, double *out)
{
    memcpy(w->sum, w->w, w->points * sizeof *w->sum);
    for (uint32_t k = 0; k < w->n; k++) {
        if (!w->nodes[k].split)
            continue;
        const double *here = w->sum + k * w->points;
        double *below = w->sum + w->nodes[k].left * w->points, sum = 0;
        for (size_t q = 0; q < w->points; q++) {
            sum += here[q] * w->gap[k * w->points + q];
            below[q] = here[q] * w->left[k * w->points + q];
            below[w->points + q] = here[q] - below[q];
        }
        out[w->nodes[k].feature & GBT_FEATURE_MASK] += sum * w->change[k];
    }
}

static void fill_cuts(Work *w)
{
    for (uint32_t k = 0; k < w->n; k++) {
        bool right = w->right[k] & 1, alive = w->right[k] & 2;
        for (size_t q = 0; q < w->points && w->nodes[k].split; q++) {
            size_t at = k * w->points + q;
            double inverse = w->inverse[at], taken = right ? 1 - w->left[at] : w->left[at];
            w->cut[right][at] = alive ? fabs(w->change[k]) * inverse * inverse / taken : 0;
            w->cut[!right][at] = alive ? -inverse / (1 - w->t[q]) : 0;
        }
    }
}

static void cross_pairs(const Work *w, size_t width, double *cross)
{
    for (uint32_t k = 0; k < w->n; k++) {
        if (!w->nodes[k].split)
            continue;
        uint32_t feature = w->nodes[k].feature & GBT_FEATURE_MASK;
        for (uint32_t at = k; w->splits[at].parent != NONE;) {
            uint8_t side = w->splits[at].side;
            at = (uint32_t)w->splits[at].parent;
            double sum = 0;
            for (size_t q = 0; q < w->points; q++)
                sum +=
                    w->sum[k * w->points + q] * w->gap[k * w->points + q] * w->cut[side][at * w->points + q];
            cross[(w->nodes[at].feature & GBT_FEATURE_MASK) * width + feature] += 0.5 * sum * w->change[k];
        }
    }
}

void gbt_deep_tree(const GbtModel *m, int tree, const float *row, double *out, double *cross, double *room)
{
    Work w = work_of(m, tree, room);
    follow(m, &m->trees[tree], &w, row);
    go_up(&w);
    go_down(&w, out);
    if (cross) {
        fill_cuts(&w);
        cross_pairs(&w, (size_t)m->n_features + 1, cross);
    }
}
