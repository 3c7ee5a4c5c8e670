/* stats_ols.c - see stats_ols.h.
 *
 * With M = (X'X)^-1 = L L', L = R^-1, the hat matrix of a cluster is H = X L L' X'. CR2 multiplies its residuals by
 * (I - H)^(-1/2). H has at most k eigenvalues that are not 0: with B = L' X'X L (k x k) = V diag(s) V' and
 * U = X L V diag(s)^(-1/2) it is U diag(s) U', so that (I - H)^(-1/2) = I + U diag((1 - s)^(-1/2) - 1) U' and nothing of the size of the
 * cluster squared is ever made. */
#include "stats/stats_ols.h"

#include "base/mem.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define DEPENDENT 1e-7 /* as R's lm */
#define DETERMINED (1 - 1e-9)

static double *column(double *a, int64_t rows, int64_t c)
{
    return a + (size_t)rows * (size_t)c;
}

static const double *column_of(const double *a, int64_t rows, int64_t c)
{
    return a + (size_t)rows * (size_t)c;
}

static double fit_r2(const StatsOls *o, const double *y, const double *weight)
{
    double sum = 0, all = 0, left = 0, spread = 0;
    for (int64_t i = 0; i < o->n; i++) {
        double w = weight ? weight[i] : 1;
        sum += w * y[i];
        all += w;
    }
    for (int64_t i = 0; i < o->n; i++) {
        double w = weight ? weight[i] : 1, off = y[i] - sum / all;
        spread += w * off * off;
        left += w * o->residual[i] * o->residual[i];
    }
    return spread > 0 ? 1 - left / spread : NAN;
}

/* The kept columns of x, times the roots of the weights. */
static void gather(StatsOls *o, const double *x, const double *weight)
{
    o->x = mem_array((size_t)o->n * (size_t)MAX(o->rank, 1), sizeof *o->x);
    for (int c = 0, at = 0; c < o->k; c++) {
        if (!o->kept[c])
            continue;
        double *to = column(o->x, o->n, at++);
        const double *from = column_of(x, o->n, c);
        for (int64_t i = 0; i < o->n; i++)
            to[i] = weight ? from[i] * sqrt(weight[i]) : from[i];
    }
}

static void predict_and_leave(StatsOls *o, const double *y, const double *weight, const double *coef)
{
    int r = o->rank;
    CLEANUP(mem_freep) double *half = mem_array((size_t)r, sizeof *half);
    for (int64_t i = 0; i < o->n; i++) {
        double fitted = 0, root = weight ? sqrt(weight[i]) : 1, h = 0;
        for (int c = 0; c < r; c++)
            fitted += o->x[i + (int64_t)c * o->n] * coef[c];
        for (int c = 0; c < r; c++) {
            half[c] = 0;
            for (int b = 0; b <= c; b++)
                half[c] += o->x[i + (int64_t)b * o->n] * o->r_inverse[b + c * r];
            h += half[c] * half[c];
        }
        o->leverage[i] = h;
        o->e[i] = root * y[i] - fitted;
        o->residual[i] = o->e[i] / root;
    }
}

ErrKind stats_ols(const double *x, const double *y, const double *weight, int64_t n, int k, StatsOls **ret,
                  Err *reterr)
{
    *ret = NULL;
    if (n < 1 || k < 1)
        return err_set(reterr, ERR_INVALID, "least squares of %lld rows and %d columns", (long long)n, k);
    CLEANUP(stats_ols_freep) StatsOls *o = MEM_NEW(StatsOls);
    o->n = n;
    o->k = k;
    o->coef = mem_array((size_t)k, sizeof *o->coef);
    o->kept = mem_array((size_t)k, sizeof *o->kept);
    o->residual = mem_array((size_t)n, sizeof *o->residual);
    o->leverage = mem_array((size_t)n, sizeof *o->leverage);
    o->e = mem_array((size_t)n, sizeof *o->e);
    o->rank = stats_independent(x, n, k, DEPENDENT, o->kept);
    if (o->rank == 0)
        return err_set(reterr, ERR_INVALID, "least squares: every column is 0 or not finite");
    gather(o, x, weight);
    size_t r = (size_t)o->rank, cells = (size_t)n * r;
    o->r_inverse = mem_array(r * r, sizeof(double));
    o->bread = mem_array(r * r, sizeof(double));
    CLEANUP(mem_freep) double *qr = mem_array(cells, sizeof *qr);
    CLEANUP(mem_freep) double *right = mem_array((size_t)n, sizeof *right);
    CLEANUP(mem_freep) double *coef = mem_array(r, sizeof *coef);
    memcpy(qr, o->x, cells * sizeof *qr);
    for (int64_t i = 0; i < n; i++)
        right[i] = weight ? y[i] * sqrt(weight[i]) : y[i];
    TRY(stats_qr_solve(qr, right, n, o->rank, coef, o->r_inverse, reterr));
    for (size_t a = 0; a < r; a++)
        for (size_t b = 0; b < r; b++)
            for (size_t c = MAX(a, b); c < r; c++)
                o->bread[a + b * r] += o->r_inverse[a + c * r] * o->r_inverse[b + c * r];
    for (int c = 0, at = 0; c < k; c++)
        o->coef[c] = o->kept[c] ? coef[at++] : 0;
    predict_and_leave(o, y, weight, coef);
    o->r2 = fit_r2(o, y, weight);
    *ret = o;
    o = NULL;
    return ERR_NONE;
}

void stats_ols_free(StatsOls *o)
{
    if (!o)
        return;
    mem_free(o->coef);
    mem_free(o->kept);
    mem_free(o->residual);
    mem_free(o->leverage);
    mem_free(o->x);
    mem_free(o->e);
    mem_free(o->r_inverse);
    mem_free(o->bread);
    mem_free(o);
}

/* ---- clusters ---- */

/* Rows by cluster: those of g are row[start[g]] .. row[start[g + 1] - 1]. */
typedef struct Groups {
    int32_t n;
    int64_t *start, *row;
    int64_t largest;
} Groups;

static void groups_done(Groups *g)
{
    mem_free(g->start);
    mem_free(g->row);
}

static Groups groups_of(StatsClusters c, int64_t n)
{
    Groups g = {.n = c.id ? c.n : (int32_t)n};
    g.start = mem_array((size_t)g.n + 2, sizeof *g.start);
    g.row = mem_array((size_t)n, sizeof *g.row);
    for (int64_t i = 0; i < n; i++)
        g.start[(c.id ? c.id[i] : i) + 2]++;
    for (int32_t k = 0; k < g.n; k++) {
        g.largest = MAX(g.largest, g.start[k + 2]);
        g.start[k + 2] += g.start[k + 1];
    }
    for (int64_t i = 0; i < n; i++)
        g.row[g.start[(c.id ? c.id[i] : i) + 1]++] = i;
    return g;
}

/* One cluster's rows of X, with room for what is made of them. */
typedef struct Block {
    int r;
    int64_t m;
    double *x;              /* [m][r] */
    double *xl, *u, *b, *s; /* X L [m][r]; U [m][r]; B and its eigenvectors [r][r]; eigenvalues [r] */
} Block;

static void block_done(Block *b)
{
    mem_free(b->x);
    mem_free(b->xl);
    mem_free(b->u);
    mem_free(b->b);
    mem_free(b->s);
}

static Block block_new(int r, int64_t largest)
{
    size_t cells = (size_t)largest * (size_t)r;
    return (Block){.r = r,
                   .x = mem_array(cells, sizeof(double)),
                   .xl = mem_array(cells, sizeof(double)),
                   .u = mem_array(cells, sizeof(double)),
                   .b = mem_array((size_t)r * (size_t)r, sizeof(double)),
                   .s = mem_array((size_t)r, sizeof(double))};
}

static ErrKind block_load(Block *b, const StatsOls *o, const Groups *g, int32_t cluster, Err *reterr)
{
    int r = b->r;
    const int64_t *rows = g->row + g->start[cluster];
    b->m = g->start[cluster + 1] - g->start[cluster];
    for (int c = 0; c < r; c++)
        for (int64_t i = 0; i < b->m; i++)
            b->x[i + c * b->m] = o->x[rows[i] + (int64_t)c * o->n];
    if (b->m <= 1)
        return ERR_NONE;
    stats_multiply(b->x, o->r_inverse, b->m, r, r, b->xl);
    stats_cross(b->xl, b->xl, b->m, r, r, b->b);
    TRY(stats_eigen(b->b, r, b->s, reterr));
    stats_multiply(b->xl, b->b, b->m, r, r, b->u);
    return ERR_NONE;
}

/* v = (I - H)^(-1/2) v; directions that the cluster alone determines are left out. h: leverage of a single row. */
static void block_adjust(const Block *b, double h, double *v)
{
    if (b->m == 1) {
        v[0] = h < DETERMINED ? v[0] / sqrt(1 - h) : 0;
        return;
    }
    for (int c = 0; c < b->r; c++) {
        double s = b->s[c];
        if (s < 1e-12)
            continue;
        const double *u = b->u + (size_t)c * (size_t)b->m; /* of length sqrt(s) */
        double factor = s < DETERMINED ? 1 / sqrt(1 - s) - 1 : -1;
        double along = factor * stats_dot(u, v, b->m) / s;
        for (int64_t i = 0; i < b->m; i++)
            v[i] += along * u[i];
    }
}

static ErrKind check_clusters(StatsClusters c, int64_t n, Err *reterr)
{
    if ((c.id ? c.n : n) < 2)
        return err_set(reterr, ERR_INVALID, "a standard error needs two %s or more",
                       c.id ? "clusters" : "rows");
    return ERR_NONE;
}

/* score[r][n of clusters]: X' (adjusted residuals) of each cluster. */
static ErrKind scores(const StatsOls *o, const Groups *g, double *score, Err *reterr)
{
    int r = o->rank;
    Block b = block_new(r, g->largest);
    CLEANUP(mem_freep) double *v = mem_array((size_t)g->largest, sizeof *v);
    ErrKind kind = ERR_NONE;
    for (int32_t c = 0; c < g->n && kind == ERR_NONE; c++) {
        kind = block_load(&b, o, g, c, reterr);
        const int64_t *rows = g->row + g->start[c];
        for (int64_t i = 0; i < b.m; i++)
            v[i] = o->e[rows[i]];
        if (b.m > 0)
            block_adjust(&b, o->leverage[rows[0]], v);
        for (int k = 0; k < r; k++)
            score[k + (int64_t)c * r] = stats_dot(b.x + (size_t)k * (size_t)b.m, v, b.m);
    }
    block_done(&b);
    return kind;
}

ErrKind stats_ols_covariance(const StatsOls *o, StatsClusters clusters, double *ret, Err *reterr)
{
    int r = o->rank;
    TRY(check_clusters(clusters, o->n, reterr));
    Groups g = groups_of(clusters, o->n);
    CLEANUP(mem_freep) double *score = mem_array((size_t)r * (size_t)g.n, sizeof *score);
    ErrKind kind = scores(o, &g, score, reterr);
    memset(ret, 0, (size_t)o->k * (size_t)o->k * sizeof *ret);
    CLEANUP(mem_freep) double *through = mem_array((size_t)r * (size_t)g.n, sizeof *through);
    stats_multiply(o->bread, score, r, r, g.n, through);
    for (int a = 0, ra = 0; a < o->k; a++) {
        if (!o->kept[a])
            continue;
        for (int b = 0, rb = 0; b < o->k; b++) {
            if (!o->kept[b])
                continue;
            double sum = 0;
            for (int32_t c = 0; c < g.n; c++)
                sum += through[ra + (int64_t)c * r] * through[rb + (int64_t)c * r];
            ret[a + b * o->k] = sum;
            rb++;
        }
        ra++;
    }
    groups_done(&g);
    return kind;
}

/* What the variance and its degrees of freedom are made of: p = A X M c of each cluster. */
typedef struct Spread {
    double variance;      /* sum over clusters of (p'e)^2 */
    double trace, square; /* of P: see degrees() */
    double *uu;           /* [r][r] sum of u u', u = X'p */
} Spread;

/* Bell, McCaffrey 2002: with equal variances the estimate of the variance is a quadratic form whose matrix has the elements
 * [g = h] p_g'p_g - u_g' M u_h; (trace)^2 / trace of its square are the degrees of freedom. */
static double degrees(const Spread *s, const StatsOls *o)
{
    int r = o->rank;
    CLEANUP(mem_freep) double *mu = mem_array((size_t)r * (size_t)r, sizeof *mu);
    stats_multiply(o->bread, s->uu, r, r, r, mu);
    double trace = s->trace, square = s->square;
    for (int a = 0; a < r; a++) {
        trace -= mu[a + a * r];
        for (int b = 0; b < r; b++)
            square += mu[a + b * r] * mu[b + a * r];
    }
    return square > 0 ? trace * trace / square : NAN;
}

static ErrKind spread_of(const StatsOls *o, const double *mc, const Groups *g, Spread *s, Err *reterr)
{
    int r = o->rank;
    Block b = block_new(r, g->largest);
    CLEANUP(mem_freep) double *p = mem_array((size_t)g->largest, sizeof *p);
    CLEANUP(mem_freep) double *u = mem_array((size_t)r, sizeof *u);
    CLEANUP(mem_freep) double *mu = mem_array((size_t)r, sizeof *mu);
    ErrKind kind = ERR_NONE;
    for (int32_t c = 0; c < g->n && kind == ERR_NONE; c++) {
        kind = block_load(&b, o, g, c, reterr);
        if (kind != ERR_NONE || b.m == 0)
            continue;
        const int64_t *rows = g->row + g->start[c];
        stats_multiply(b.x, mc, b.m, r, 1, p);
        block_adjust(&b, o->leverage[rows[0]], p);
        double pe = 0;
        for (int64_t i = 0; i < b.m; i++)
            pe += p[i] * o->e[rows[i]];
        s->variance += pe * pe;
        stats_cross(b.x, p, b.m, r, 1, u);
        stats_multiply(o->bread, u, r, r, 1, mu);
        double pp = stats_dot(p, p, b.m), umu = stats_dot(u, mu, r);
        s->trace += pp;
        s->square += pp * pp - 2 * pp * umu;
        for (int a = 0; a < r; a++)
            for (int d = 0; d < r; d++)
                s->uu[a + d * r] += u[a] * u[d];
    }
    block_done(&b);
    return kind;
}

ErrKind stats_ols_of(const StatsOls *o, const double *c, StatsClusters clusters, double level,
                     StatsEstimate *ret, Err *reterr)
{
    int r = o->rank;
    double estimate = 0;
    TRY(check_clusters(clusters, o->n, reterr));
    CLEANUP(mem_freep) double *short_c = mem_array((size_t)r, sizeof *short_c);
    CLEANUP(mem_freep) double *mc = mem_array((size_t)r, sizeof *mc);
    for (int k = 0, at = 0; k < o->k; k++) {
        if (!o->kept[k] && c[k] != 0)
            return err_set(reterr, ERR_INVALID,
                           "column %d is a combination of the others: its coefficient cannot be told", k + 1);
        estimate += c[k] * o->coef[k];
        if (o->kept[k])
            short_c[at++] = c[k];
    }
    stats_multiply(o->bread, short_c, r, r, 1, mc);
    Groups g = groups_of(clusters, o->n);
    Spread s = {.uu = mem_array((size_t)r * (size_t)r, sizeof(double))};
    ErrKind kind = spread_of(o, mc, &g, &s, reterr);
    if (kind == ERR_NONE)
        *ret = stats_estimate(estimate, sqrt(s.variance), degrees(&s, o), level);
    mem_free(s.uu);
    groups_done(&g);
    return kind;
}

StatsEstimate stats_estimate(double estimate, double se, double df, double level)
{
    double reach = stats_t_quantile(0.5 + level / 2, df) * se;
    double t = se > 0 ? estimate / se : estimate == 0 ? 0 : INFINITY;
    return (StatsEstimate){.estimate = estimate,
                           .se = se,
                           .df = df,
                           .low = estimate - reach,
                           .high = estimate + reach,
                           .p = stats_t_two_sided(t, df)};
}
