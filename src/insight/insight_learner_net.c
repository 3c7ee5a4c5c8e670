/* insight_learner_net.c - penalised regression as a learner. See insight_learner.h. */
#include "base/mem.h"
#include "insight/insight_learner.h"

#include <math.h>
#include <string.h>

#define WIDE_MAX 400 /* columns with squares and products */

struct InsightNet {
    InsightFolds folds;
    int64_t n;
    int k;
    bool chance;
    int n_settings;
    StatsNetPath *path[INSIGHT_FOLDS_MAX];
    double *held[INSIGHT_FOLDS_MAX]; /* double[n_held][k]: the basis of the fold's rows */
    int64_t n_held[INSIGHT_FOLDS_MAX];
    int64_t most_held;
};

/* ---- basis ---- */

InsightBasis insight_basis(const InsightData *d)
{
    size_t cells = (size_t)d->n * (size_t)d->n_x;
    InsightBasis b = {.x = mem_array(cells, sizeof *b.x), .k = d->n_x};
    memcpy(b.x, d->x, cells * sizeof *b.x);
    return b;
}

static bool is_flag(const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (x[i] != 0 && x[i] != 1)
            return false;
    return true;
}

InsightBasis insight_basis_wide(const InsightData *d)
{
    int k = d->n_x;
    CLEANUP(mem_freep) bool *flag = mem_array((size_t)k, sizeof *flag);
    int numbers = 0;
    for (int c = 0; c < k; c++)
        numbers += !(flag[c] = is_flag(d->x + (size_t)d->n * (size_t)c, d->n));
    bool products = k + numbers + (int64_t)k * (k - 1) / 2 <= WIDE_MAX;
    InsightBasis b = insight_basis(d);
    int most = k + numbers + (products ? k * (k - 1) / 2 : 0);
    b.x = mem_grow(b.x, (size_t)d->n * (size_t)most, sizeof *b.x);
    for (int a = 0; a < k; a++)
        for (int c = a; c < k; c++) {
            const double *xa = d->x + (size_t)d->n * (size_t)a, *xc = d->x + (size_t)d->n * (size_t)c;
            if (a == c ? flag[a] : !products || d->x_column[a] == d->x_column[c])
                continue;
            double *to = b.x + (size_t)d->n * (size_t)b.k++;
            double mean_a = 0, mean_c = 0; /* centred: a square is then no copy of its column */
            for (int64_t i = 0; i < d->n; i++) {
                mean_a += xa[i] / (double)d->n;
                mean_c += xc[i] / (double)d->n;
            }
            for (int64_t i = 0; i < d->n; i++)
                to[i] = (xa[i] - mean_a) * (xc[i] - mean_c);
        }
    if (b.k == k)
        b.k = 0;
    return b;
}

void insight_basis_done(InsightBasis *b)
{
    mem_free(b->x);
}

/* ---- learner ---- */

/* Column-major copy of the rows for which `take` holds. */
static double *rows_of(const InsightBasis *b, int64_t n, const bool *take, int64_t n_taken)
{
    double *out = mem_array(MAX((size_t)n_taken, 1) * (size_t)b->k, sizeof *out), *to = out;
    for (int c = 0; c < b->k; c++) {
        const double *from = b->x + (size_t)n * (size_t)c;
        for (int64_t i = 0; i < n; i++)
            if (take[i])
                *to++ = from[i];
    }
    return out;
}

/* Rows with take, their basis and outcomes. */
typedef struct Part {
    double *x, *y;
    int64_t n;
} Part;

static void part_done(Part *p)
{
    mem_free(p->x);
    mem_free(p->y);
}

static Part part_of(const InsightData *d, const InsightBasis *b, const InsightTarget *g, const bool *take)
{
    Part p = {.y = mem_array((size_t)d->n, sizeof *p.y)};
    for (int64_t i = 0; i < d->n; i++)
        if (take[i])
            p.y[p.n++] = g->y[i];
    p.x = rows_of(b, d->n, take, p.n);
    return p;
}

static ErrKind train_fold(InsightNet *net, const InsightData *d, const InsightBasis *b,
                          const InsightTarget *g, StatsNetConf conf, int f, Err *reterr)
{
    CLEANUP(mem_freep) bool *take = mem_array((size_t)d->n, sizeof *take);
    for (int64_t i = 0; i < d->n; i++)
        net->n_held[f] += take[i] = net->folds.of[i] == f;
    net->held[f] = rows_of(b, d->n, take, net->n_held[f]);
    net->most_held = MAX(net->most_held, net->n_held[f]);
    for (int64_t i = 0; i < d->n; i++)
        take[i] = net->folds.of[i] == f && insight_learns_from(d, g, i);
    CLEANUP(part_done) Part held = part_of(d, b, g, take);
    for (int64_t i = 0; i < d->n; i++)
        take[i] = net->folds.of[i] != f && insight_learns_from(d, g, i);
    CLEANUP(part_done) Part learned = part_of(d, b, g, take);
    conf.held = (StatsNetHeld){held.x, held.y, held.n};
    return stats_net(learned.x, learned.y, learned.n, b->k, &conf, &net->path[f], reterr);
}

ErrKind insight_net_train(const InsightData *d, const InsightBasis *b, InsightFolds folds,
                          const InsightTarget *g, double alpha, InsightNet **ret, Err *reterr)
{
    InsightNet *net = *ret = MEM_NEW(InsightNet);
    StatsNetConf conf = g->chance ? STATS_NET_LOGISTIC : STATS_NET_LINEAR;
    conf.alpha = alpha;
    conf.tolerance = 1e-6; /* their noise is far larger */
    *net =
        (InsightNet){.folds = folds, .n = d->n, .k = b->k, .chance = g->chance, .n_settings = conf.n_lambda};
    for (int f = 0; f < folds.n; f++)
        TRY(train_fold(net, d, b, g, conf, f, reterr));
    return ERR_NONE;
}

void insight_net_free(InsightNet *net)
{
    if (!net)
        return;
    for (int f = 0; f < net->folds.n; f++) {
        stats_net_free(net->path[f]);
        mem_free(net->held[f]);
    }
    mem_free(net);
}

int insight_net_settings(const InsightNet *net)
{
    return net->n_settings;
}

void insight_net_predict(const InsightNet *net, int setting, double *out)
{
    CLEANUP(mem_freep) double *p = mem_array((size_t)net->most_held, sizeof *p);
    for (int f = 0; f < net->folds.n; f++) {
        stats_net_predict(net->path[f], setting, net->held[f], net->n_held[f], p);
        for (int64_t i = 0, at = 0; i < net->n; i++)
            if (net->folds.of[i] == f) {
                out[i] = net->chance ? 1 / (1 + exp(-p[at])) : p[at];
                at++;
            }
    }
}
