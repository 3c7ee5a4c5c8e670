/* stats_net.c - see stats_net.h.
 *
 * Both families are weighted least squares of a residual: w = 1/n for linear, w = p (1 - p) / n at the current fit for
 * logistic. What is kept is v = w * residual, so that a coordinate's gradient is one dot product:
 *     b_j <- soft(x_j'v + s_j b_j, lambda alpha) / (s_j + lambda (1 - alpha)),   s_j = sum w x_j^2 */
#include "stats/stats_net.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define PASSES_MAX 1000
#define QUADRATIC_MAX 25
#define PERFECT 0.999
#define BETTER 0.999
#define PATIENCE 6
#define P_LEAST 1e-5 /* as glmnet: below it a row's weight would be nothing */

const StatsNetConf STATS_NET_LINEAR = {.alpha = 1, .n_lambda = 40, .least = 1.0 / 2000, .tolerance = 1e-7};
const StatsNetConf STATS_NET_LOGISTIC = {
    .logistic = true, .alpha = 1, .n_lambda = 40, .least = 1.0 / 2000, .tolerance = 1e-7};

typedef struct Net {
    const StatsNetConf *conf;
    const double *y;
    int64_t n;
    int k;
    double *x; /* [n][k], scaled */
    double *mean, *sd;
    double *w, *v, *eta;
    double *b, b0;
    double *s; /* [k] */
    double w_sum;
    bool *active;
    double null_deviance;
} Net;

static void net_done(Net *f)
{
    mem_free(f->x);
    mem_free(f->mean);
    mem_free(f->sd);
    mem_free(f->w);
    mem_free(f->v);
    mem_free(f->eta);
    mem_free(f->b);
    mem_free(f->s);
    mem_free(f->active);
}

/* Two sums of four at once: a single one waits for each addition. */
typedef double Four __attribute__((vector_size(32), aligned(8), may_alias));

static double dot(const double *a, const double *b, int64_t n)
{
    Four s = {0}, t = {0};
    double rest = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        s += *(const Four *)(a + i) * *(const Four *)(b + i);
        t += *(const Four *)(a + i + 4) * *(const Four *)(b + i + 4);
    }
    for (; i < n; i++)
        rest += a[i] * b[i];
    s += t;
    return (s[0] + s[1]) + (s[2] + s[3]) + rest;
}

/* v -= by * w * x; w NULL: 1. */
static void take_off(double *v, double by, const double *w, const double *x, int64_t n)
{
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        *(Four *)(v + i) -=
            w ? by * *(const Four *)(w + i) * *(const Four *)(x + i) : by * *(const Four *)(x + i);
    for (; i < n; i++)
        v[i] -= w ? by * w[i] * x[i] : by * x[i];
}

static double *column(const Net *f, int j)
{
    return f->x + (size_t)f->n * (size_t)j;
}

static ErrKind scale(Net *f, const double *x, Err *reterr)
{
    for (int j = 0; j < f->k; j++) {
        const double *from = x + (size_t)f->n * (size_t)j;
        double *to = column(f, j), sum = 0, square = 0;
        for (int64_t i = 0; i < f->n; i++)
            sum += from[i];
        f->mean[j] = sum / (double)f->n;
        for (int64_t i = 0; i < f->n; i++)
            square += (from[i] - f->mean[j]) * (from[i] - f->mean[j]);
        f->sd[j] = sqrt(square / (double)f->n);
        if (!isfinite(f->sd[j]))
            return err_set(reterr, ERR_INVALID, "penalised regression: column %d is not finite", j + 1);
        if (f->sd[j] <= 1e-12 * fabs(f->mean[j]))
            f->sd[j] = 0;
        for (int64_t i = 0; i < f->n; i++)
            to[i] = f->sd[j] > 0 ? (from[i] - f->mean[j]) / f->sd[j] : 0;
    }
    return ERR_NONE;
}

/* Half the square, or log(1 + e^eta) - y eta without overflow. */
static double loss(bool logistic, double y, double eta)
{
    return logistic ? fmax(eta, 0) + log1p(exp(-fabs(eta))) - y * eta : (y - eta) * (y - eta) / 2;
}

/* Mean of the current fit. */
static double deviance(const Net *f)
{
    double sum = 0;
    for (int64_t i = 0; i < f->n; i++)
        sum += loss(f->conf->logistic, f->y[i], f->eta[i]);
    return sum / (double)f->n;
}

static void fit_eta(Net *f)
{
    for (int64_t i = 0; i < f->n; i++)
        f->eta[i] = f->b0;
    for (int j = 0; j < f->k; j++) {
        const double *x = column(f, j);
        for (int64_t i = 0; f->b[j] != 0 && i < f->n; i++)
            f->eta[i] += f->b[j] * x[i];
    }
}

/* Weights and residuals at the current fit. */
static void reweight(Net *f)
{
    double n = (double)f->n;
    f->w_sum = 0;
    for (int64_t i = 0; i < f->n; i++) {
        double p = f->conf->logistic ? 1 / (1 + exp(-f->eta[i])) : f->eta[i],
               held = fmin(fmax(p, P_LEAST), 1 - P_LEAST);
        f->w[i] = f->conf->logistic ? held * (1 - held) / n : 1 / n;
        f->v[i] = (f->y[i] - p) / n;
        f->w_sum += f->w[i];
    }
    for (int j = 0; j < f->k; j++) {
        const double *x = column(f, j);
        double s = 0;
        for (int64_t i = 0; (f->conf->logistic || f->s[j] == 0) && i < f->n; i++)
            s += f->w[i] * x[i] * x[i];
        f->s[j] = f->conf->logistic || f->s[j] == 0 ? s : f->s[j];
    }
}

static double soft(double v, double by)
{
    return v > by ? v - by : v < -by ? v + by : 0;
}

/* Returns what the step changed: s_j times its square. */
static double step(Net *f, int j, double l1, double l2)
{
    const double *x = column(f, j);
    if (f->sd[j] == 0)
        return 0;
    double b = soft(dot(x, f->v, f->n) + f->s[j] * f->b[j], l1) / (f->s[j] + l2), by = b - f->b[j];
    if (by == 0)
        return 0;
    f->b[j] = b;
    if (f->conf->logistic)
        take_off(f->v, by, f->w, x, f->n);
    else
        take_off(f->v, by * f->w[0], NULL, x, f->n);
    return f->s[j] * by * by;
}

static double step_intercept(Net *f)
{
    double by = 0;
    for (int64_t i = 0; i < f->n; i++)
        by += f->v[i];
    by /= f->w_sum;
    f->b0 += by;
    for (int64_t i = 0; i < f->n; i++)
        f->v[i] -= by * f->w[i];
    return f->w_sum * by * by;
}

/* Columns whose gradient is beyond the penalty join the active ones; were there any? */
static bool join(Net *f, double l1)
{
    bool any = false;
    for (int j = 0; j < f->k; j++)
        if (!f->active[j] && f->sd[j] > 0 && fabs(dot(column(f, j), f->v, f->n)) > l1)
            any = f->active[j] = true;
    return any;
}

static void solve_quadratic(Net *f, double l1, double l2)
{
    double small = f->conf->tolerance * f->null_deviance;
    int passes = 0;
    do {
        for (double change = INFINITY; change > small && passes < PASSES_MAX; passes++) {
            change = step_intercept(f);
            for (int j = 0; j < f->k; j++)
                if (f->active[j])
                    change = fmax(change, step(f, j, l1, l2));
        }
    } while (passes < PASSES_MAX && join(f, l1));
}

static void solve(Net *f, double lambda)
{
    double l1 = lambda * f->conf->alpha, l2 = lambda * (1 - f->conf->alpha), before = deviance(f);
    for (int r = 0; r < (f->conf->logistic ? QUADRATIC_MAX : 1); r++) {
        reweight(f);
        solve_quadratic(f, l1, l2);
        fit_eta(f);
        double now = deviance(f);
        bool stands = fabs(now - before) <= f->conf->tolerance * f->null_deviance;
        before = now;
        if (stands)
            break;
    }
}

static ErrKind start(Net *f, Err *reterr)
{
    double mean = 0;
    for (int64_t i = 0; i < f->n; i++)
        mean += f->y[i];
    mean /= (double)f->n;
    if (!isfinite(mean))
        return err_set(reterr, ERR_INVALID, "penalised regression: the outcome is not finite");
    if (f->conf->logistic && !(mean > 0 && mean < 1))
        return err_set(reterr, ERR_INVALID, "logistic regression: the outcome is %g in every row", f->y[0]);
    f->b0 = f->conf->logistic ? log(mean / (1 - mean)) : mean;
    fit_eta(f);
    f->null_deviance = deviance(f);
    reweight(f);
    return ERR_NONE;
}

static void fill_lambdas(const Net *f, StatsNetPath *p)
{
    const StatsNetConf *c = f->conf;
    double most = 0;
    for (int j = 0; j < f->k; j++)
        if (f->sd[j] > 0)
            most = fmax(most, fabs(dot(column(f, j), f->v, f->n)) / fmax(c->alpha, 1e-3));
    most = most > 0 ? most : 1;
    for (int l = 0; l < p->n_lambda; l++)
        p->lambda[l] = c->lambda          ? c->lambda[l]
                       : p->n_lambda == 1 ? most
                                          : most * pow(c->least, (double)l / (p->n_lambda - 1));
}

static void keep(const Net *f, StatsNetPath *p, int l)
{
    double *coef = p->coef + (size_t)l * (size_t)p->k;
    p->intercept[l] = f->b0;
    for (int j = 0; j < f->k; j++) {
        coef[j] = f->sd[j] > 0 ? f->b[j] / f->sd[j] : 0;
        p->intercept[l] -= coef[j] * f->mean[j];
    }
    p->explained[l] = f->null_deviance > 0 ? 1 - deviance(f) / f->null_deviance : 1;
}

/* Mean deviance of the held rows at lambda l. */
static double held_loss(const StatsNetHeld *h, const StatsNetPath *p, int l, bool logistic, double *eta)
{
    double sum = 0;
    stats_net_predict(p, l, h->x, h->n, eta);
    for (int64_t i = 0; i < h->n; i++)
        sum += loss(logistic, h->y[i], eta[i]);
    return sum / (double)h->n;
}

static void walk(Net *f, StatsNetPath *p)
{
    const StatsNetHeld *held = &f->conf->held;
    CLEANUP(mem_freep) double *eta = mem_array((size_t)MAX(held->n, 1), sizeof *eta);
    double least = INFINITY;
    int since = 0; /* lambdas without a better loss */
    for (int l = 0; l < p->n_lambda; l++) {
        if (l > 0 && p->n_fitted < l) { /* the path has ended */
            memcpy(p->coef + (size_t)l * (size_t)p->k, p->coef + (size_t)(l - 1) * (size_t)p->k,
                   (size_t)p->k * sizeof *p->coef);
            p->intercept[l] = p->intercept[l - 1];
            p->explained[l] = p->explained[l - 1];
            continue;
        }
        if (f->null_deviance > 0)
            solve(f, p->lambda[l]);
        keep(f, p, l);
        double now = held->n ? held_loss(held, p, l, f->conf->logistic, eta) : 0;
        since = held->n && l > 0 && now > BETTER * least ? since + 1 : 0;
        least = since ? least : now;
        p->n_fitted += since < PATIENCE && (!f->conf->logistic || p->explained[l] < PERFECT);
    }
    p->n_fitted = MIN(p->n_fitted + 1, p->n_lambda);
}

ErrKind stats_net(const double *x, const double *y, int64_t n, int k, const StatsNetConf *conf,
                  StatsNetPath **ret, Err *reterr)
{
    *ret = NULL;
    if (n < 2 || k < 1 || conf->n_lambda < 1)
        return err_set(reterr, ERR_INVALID, "penalised regression of %lld rows and %d columns", (long long)n,
                       k);
    size_t rows = (size_t)n, columns = (size_t)k, lambdas = (size_t)conf->n_lambda;
    CLEANUP(net_done) Net f = {.conf = conf, .y = y, .n = n, .k = k};
    f.x = mem_array(rows * columns, sizeof *f.x);
    f.mean = mem_array(columns, sizeof *f.mean);
    f.sd = mem_array(columns, sizeof *f.sd);
    f.w = mem_array(rows, sizeof *f.w);
    f.v = mem_array(rows, sizeof *f.v);
    f.eta = mem_array(rows, sizeof *f.eta);
    f.b = mem_array(columns, sizeof *f.b);
    f.s = mem_array(columns, sizeof *f.s);
    f.active = mem_array(columns, sizeof *f.active);
    TRY(scale(&f, x, reterr));
    TRY(start(&f, reterr));
    StatsNetPath *p = *ret = MEM_NEW(StatsNetPath);
    p->k = k;
    p->n_lambda = conf->n_lambda;
    p->lambda = mem_array(lambdas, sizeof *p->lambda);
    p->intercept = mem_array(lambdas, sizeof *p->intercept);
    p->explained = mem_array(lambdas, sizeof *p->explained);
    p->coef = mem_array(lambdas * columns, sizeof *p->coef);
    fill_lambdas(&f, p);
    walk(&f, p);
    return ERR_NONE;
}

void stats_net_free(StatsNetPath *p)
{
    if (!p)
        return;
    mem_free(p->lambda);
    mem_free(p->intercept);
    mem_free(p->explained);
    mem_free(p->coef);
    mem_free(p);
}

void stats_net_predict(const StatsNetPath *p, int l, const double *x, int64_t n, double *out)
{
    const double *coef = p->coef + (size_t)l * (size_t)p->k;
    for (int64_t i = 0; i < n; i++)
        out[i] = p->intercept[l];
    for (int j = 0; j < p->k; j++) {
        const double *from = x + (size_t)n * (size_t)j;
        for (int64_t i = 0; coef[j] != 0 && i < n; i++)
            out[i] += coef[j] * from[i];
    }
}
