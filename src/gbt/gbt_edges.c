/* gbt_edges.c - exact path-dependent SHAP by quadrature, edge by edge.
 *
 * The game (Lundberg, Erion, Lee 2018, "Consistent individualized feature attribution for tree ensembles"): a leaf with
 * value v is worth  v * prod over the features j of its path of (j known ? o_j : z_j), where o_j is 1 when the row passes
 * every split on j and 0 otherwise, and z_j is the share of the training weight that passes them. Shapley's value is the
 * marginal contribution when every other player is present with probability t, integrated over t (Owen 1972,
 * "Multilinear extensions of games"):
 *
 *     phi_i = v (o_i - z_i)  Integral_0^1  prod_{j != i} f_j(t) dt,      f_j(t) = z_j + (o_j - z_j) t
 *
 * With d features on the path the integrand is a polynomial of degree d - 1, which Gauss-Legendre quadrature with
 * ceil(d / 2) points integrates exactly. So at each point t_q, going down: P(edge) = prod f_j(t_q); going up: H(edge) = sum
 * of v P over the leaves below; and phi_i collects w_q H(edge) (o_i - z_i) / f_i(t_q) at every edge of feature i, minus
 * the same with the values that the previous edge of i had, so that for each leaf only the deepest edge counts (the
 * telescoping of Yu et al. 2022, "Linear TreeShap"). With o = 0 that quotient is -1 / (1 - t): two edges that are both
 * not taken cancel and are skipped.
 *
 * Cost: two passes over the nodes of each tree, `quad` multiplications each; no allocation. */
#include "gbt/gbt_edges.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define NO_EDGE (-1)

/* The edge to a node. "The same feature" is that of the parent's split. */
typedef struct Edge {
    double z;       /* share of the training weight that takes every edge of this feature down to here */
    double z_prev;  /* the same at prev; 1 when there is none */
    int32_t parent; /* node; NO_EDGE at the root */
    int32_t prev;   /* the nearest edge above with the same feature, or NO_EDGE */
    uint32_t feature;
    uint32_t goes_right;
} Edge;

/* Gauss-Legendre quadrature on [0, 1], made once for each number of points. */
#define QUAD_MAX ((GBT_DEPTH_MAX + 1) / 2 + 1)
typedef struct Quad {
    double t[QUAD_MAX];
    double w[QUAD_MAX];
    double rest[QUAD_MAX];      /* 1 - t */
    double not_taken[QUAD_MAX]; /* -1 / (1 - t) */
    double one[QUAD_MAX];
} Quad;

typedef struct TreeQuad {
    int n;      /* quadrature points, padded to a multiple of 2 */
    size_t inv; /* where its rows of quad values begin in GbtEdges.inv */
} TreeQuad;

struct GbtEdges {
    Edge *edges;     /* of each node of the model */
    double *inv;     /* 1 / (z + (1 - z) t_q) of each edge and point */
    TreeQuad *trees; /* [n_trees] */
    Quad *quads;     /* [n / 2] has n points */
    int quad_max;
};

#define INV_BYTES_MAX ((size_t)2 << 30)
#define NO_COVER 1e-12 /* share of a child that no training weight reached: keeps every f above 0 */

/* Points and weights of Gauss-Legendre quadrature on [0, 1], by Newton's method on P_n (Abramowitz, Stegun 25.4.29). */
static void gauss_legendre(int n, Quad *quad)
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
        quad->t[i] = 0.5 * (1 - x);
        quad->rest[i] = 1 - quad->t[i];
        quad->not_taken[i] = -1 / quad->rest[i];
        quad->w[i] = 1 / ((1 - x * x) * slope * slope);
        quad->one[i] = 1;
    }
}

/* ---- at load ---- */

double gbt_share(float child, float sibling)
{
    double sum = (double)child + (double)sibling;
    double z = sum > 0 ? (double)child / sum : 0.5;
    return fmin(fmax(z, NO_COVER), 1 - NO_COVER);
}

/* Edges of one tree; gives the most distinct features on a path. */
static int fill_edges(const GbtModel *m, GbtEdges *all, const GbtTree *t, uint8_t *distinct)
{
    const GbtNode *nodes = m->nodes + t->first;
    Edge *edges = all->edges + t->first;
    const float *cover = m->cover + t->first;
    edges[0] = (Edge){.z = 1, .z_prev = 1, .parent = NO_EDGE, .prev = NO_EDGE};
    distinct[0] = 0;
    int most = 0;
    for (uint32_t k = 0; k < t->n; k++) {
        for (uint32_t side = 0; side < 2 && nodes[k].split; side++) {
            uint32_t c = nodes[k].left + side;
            uint32_t feature = nodes[k].feature & GBT_FEATURE_MASK;
            int32_t prev = (int32_t)k;
            while (prev > 0 && edges[prev].feature != feature)
                prev = edges[prev].parent;
            bool first = prev <= 0;
            double z_prev = first ? 1 : edges[prev].z;
            double z = z_prev * gbt_share(cover[c], cover[nodes[k].left + !side]);
            edges[c] = (Edge){.z = z,
                              .z_prev = z_prev,
                              .parent = (int32_t)k,
                              .prev = first ? NO_EDGE : prev,
                              .feature = feature,
                              .goes_right = side};
            distinct[c] = (uint8_t)(distinct[k] + first);
            most = MAX(most, distinct[c]);
        }
    }
    return most;
}

static double tree_mean(const GbtModel *m, const GbtEdges *all, const GbtTree *t, double *mean)
{
    const GbtNode *nodes = m->nodes + t->first;
    const Edge *edges = all->edges + t->first;
    for (uint32_t k = t->n; k-- > 0;) {
        mean[k] = nodes[k].value;
        if (!nodes[k].split)
            continue;
        mean[k] = 0;
        for (uint32_t c = nodes[k].left; c < nodes[k].left + 2; c++)
            mean[k] += mean[c] * edges[c].z / edges[c].z_prev;
    }
    return mean[0];
}

static void fill_inv(GbtEdges *all, const GbtTree *t, const TreeQuad *tq)
{
    const double *points = all->quads[tq->n / 2].t;
    const Edge *edges = all->edges + t->first;
    double *inv = all->inv + tq->inv;
    for (uint32_t k = 0; k < t->n; k++)
        for (int q = 0; q < tq->n; q++)
            *inv++ = 1.0 / (edges[k].z + (1 - edges[k].z) * points[q]);
}

ErrKind gbt_edges_new(GbtModel *m, GbtEdges **ret, Err *reterr)
{
    GbtEdges *e = MEM_NEW(GbtEdges);
    *ret = e;
    e->edges = mem_array(MAX(m->n_nodes, 1), sizeof *e->edges);
    e->trees = mem_array((size_t)MAX(m->n_trees, 1), sizeof *e->trees);
    CLEANUP(mem_freep) uint8_t *distinct = mem_zalloc(m->tree_nodes_max + 1);
    CLEANUP(mem_freep) double *mean = mem_array(m->tree_nodes_max + 1, sizeof *mean);
    size_t inv = 0;
    for (int g = 0; g < m->n_groups; g++)
        m->bias[g] = m->base_margin[g];
    for (int i = 0; i < m->n_trees; i++) {
        const GbtTree *t = &m->trees[i];
        int quad = (fill_edges(m, e, t, distinct) + 1) / 2;
        e->trees[i] =
            (TreeQuad){.n = MAX(2, (quad + 1) / 2 * 2), .inv = inv}; /* more points than needed stay exact */
        inv += (size_t)t->n * (size_t)e->trees[i].n;
        e->quad_max = MAX(e->quad_max, e->trees[i].n);
        m->bias[t->group] += tree_mean(m, e, t, mean);
    }
    if (inv > INV_BYTES_MAX / sizeof *e->inv)
        return err_set(reterr, ERR_LIMIT, "model: explaining it would take %zu bytes", inv * sizeof *e->inv);
    e->inv = mem_array(MAX(inv, 1), sizeof *e->inv);
    e->quads = mem_array((size_t)e->quad_max / 2 + 1, sizeof *e->quads);
    for (int n = 2; n <= e->quad_max; n += 2)
        gauss_legendre(n, &e->quads[n / 2]);
    for (int i = 0; i < m->n_trees; i++)
        fill_inv(e, &m->trees[i], &e->trees[i]);
    return ERR_NONE;
}

void gbt_edges_free(GbtEdges *e)
{
    if (!e)
        return;
    mem_free(e->edges);
    mem_free(e->inv);
    mem_free(e->trees);
    mem_free(e->quads);
    mem_free(e);
}

/* ---- for each row ---- */

/* The edge's own quotient times H, to phi: (o - z) / f, less the same at prev. */
static inline double quotient(const Edge *e, bool taken, const double *inv, const double *inv_prev,
                              const double *h, const Quad *quad, int n_quad)
{
    double sum = 0;
    double one_z = 1 - e->z, one_z_prev = 1 - e->z_prev;
    for (int q = 0; q < n_quad; q++) {
        double own = taken ? one_z * inv[q] : quad->not_taken[q];
        sum += h[q] * (own - one_z_prev * inv_prev[q]);
    }
    return sum;
}

/* Down: p of each node from its parent's. taken[k]: the row passes every split of this edge's feature down to k. */
static inline void go_down(const GbtModel *m, const GbtTree *t, const float *row, double *p, uint8_t *taken,
                           const Quad *quad, int n_quad)
{
    const GbtNode *nodes = m->nodes + t->first;
    const Edge *edges = m->edges->edges + t->first;
    const double *inv = m->edges->inv + m->edges->trees[t - m->trees].inv;
    memcpy(p, quad->w, (size_t)n_quad * sizeof *p);
    for (uint32_t k = 1; k < t->n; k++) {
        const Edge *e = &edges[k];
        const double *from = p + (size_t)e->parent * (size_t)n_quad;
        double *to = p + (size_t)k * (size_t)n_quad;
        bool was = e->prev == NO_EDGE || taken[e->prev];
        taken[k] = was && gbt_goes_right(m, t, &nodes[e->parent], row) == e->goes_right;
        const double *inv_prev = e->prev == NO_EDGE ? quad->one : inv + (size_t)e->prev * (size_t)n_quad;
        if (!was) {
            double ratio = e->z / e->z_prev;
            for (int q = 0; q < n_quad; q++)
                to[q] = from[q] * ratio;
        } else if (taken[k]) {
            for (int q = 0; q < n_quad; q++)
                to[q] = from[q] * (e->z + (1 - e->z) * quad->t[q]) * inv_prev[q];
        } else {
            for (int q = 0; q < n_quad; q++)
                to[q] = from[q] * e->z * quad->rest[q] * inv_prev[q];
        }
    }
}

/* Up: p becomes H, and each edge that counts adds to its feature. */
static inline void go_up(const GbtModel *m, const GbtTree *t, double *p, const uint8_t *taken, double *out,
                         const Quad *quad, int n_quad)
{
    const GbtNode *nodes = m->nodes + t->first;
    const Edge *edges = m->edges->edges + t->first;
    const double *inv = m->edges->inv + m->edges->trees[t - m->trees].inv;
    for (uint32_t k = t->n; k-- > 1;) {
        double *h = p + (size_t)k * (size_t)n_quad;
        const double *below = p + (size_t)nodes[k].left * (size_t)n_quad;
        double value = nodes[k].value;
        if (nodes[k].split) {
            for (int q = 0; q < n_quad; q++)
                h[q] = below[q] + below[n_quad + q];
        } else {
            for (int q = 0; q < n_quad; q++)
                h[q] *= value;
        }
        const Edge *e = &edges[k];
        bool was = e->prev == NO_EDGE || taken[e->prev];
        if (!was)
            continue;
        const double *inv_prev = e->prev == NO_EDGE ? quad->one : inv + (size_t)e->prev * (size_t)n_quad;
        out[e->feature] += quotient(e, taken[k], inv + (size_t)k * (size_t)n_quad, inv_prev, h, quad, n_quad);
    }
}

/* One body, compiled for the usual numbers of points. */
static inline __attribute__((always_inline)) void explain(const GbtModel *m, const GbtTree *t,
                                                          const float *row, double *out, double *scratch,
                                                          const Quad *quad, int n_quad)
{
    uint8_t *taken = (uint8_t *)(scratch + (size_t)m->tree_nodes_max * (size_t)m->edges->quad_max);
    go_down(m, t, row, scratch, taken, quad, n_quad);
    go_up(m, t, scratch, taken, out, quad, n_quad);
}

void gbt_edges_tree(const GbtModel *m, int tree, const float *row, double *out, double *scratch)
{
    const GbtTree *t = &m->trees[tree];
    int n_quad = m->edges->trees[tree].n;
    const Quad *quad = &m->edges->quads[n_quad / 2];
    switch (n_quad) {
    case 2: explain(m, t, row, out, scratch, quad, 2); break;
    case 4: explain(m, t, row, out, scratch, quad, 4); break;
    default: explain(m, t, row, out, scratch, quad, n_quad);
    }
}

size_t gbt_edges_scratch(const GbtModel *m)
{
    return (size_t)m->tree_nodes_max * (size_t)m->edges->quad_max + m->tree_nodes_max / sizeof(double) + 1;
}
