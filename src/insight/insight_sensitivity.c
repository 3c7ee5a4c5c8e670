/* insight_sensitivity.c - see insight_sensitivity.h.
 *
 * All partial correlations come from one matrix: with P the inverse of the cross products of centred columns, the partial
 * correlation of a and b given all others is -P[a][b] / sqrt(P[a][a] P[b][b]). */
#include "insight/insight_sensitivity.h"

#include "base/mem.h"
#include "stats/stats.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define DEPENDENT 1e-6
#define DF_MIN 10
#define BENCHMARKS 5

double insight_e_value(double rr)
{
    double up = rr < 1 ? 1 / rr : rr;
    return up + sqrt(up * (up - 1));
}

double insight_robustness(double t, double df, double q, double alpha)
{
    double f = q * fabs(t) / sqrt(df);
    if (alpha > 0)
        f -= stats_t_quantile(1 - alpha / 2, df - 1) / sqrt(df - 1);
    if (!(f > 0))
        return 0;
    return 0.5 * (sqrt(f * f * f * f + 4 * f * f) - f * f);
}

double insight_adjusted(double estimate, double se, double df, double r2_with_treatment,
                        double r2_with_outcome)
{
    double bias = se * sqrt(df) * sqrt(r2_with_outcome * r2_with_treatment / (1 - r2_with_treatment));
    return estimate < 0 ? estimate + bias : estimate - bias;
}

/* ---- E-value ---- */

static bool is_rate(const InsightData *d)
{
    for (int64_t i = 0; i < d->n; i++)
        if (d->y[i] != 0 && d->y[i] != 1)
            return false;
    return true;
}

static double deviation(const double *x, int64_t n)
{
    double mean = stats_mean(x, n), sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)n);
}

/* Risk ratio of an effect. The rate without treatment is what was seen, less what treatment added to it. */
static double risk_ratio(const InsightAnswer *a, const InsightData *d, double effect)
{
    if (!is_rate(d))
        return exp(0.91 * effect / deviation(d->y, d->n));
    double treated = 0, all = 0, n1 = (double)a->n_treated, n = (double)d->n;
    for (int64_t i = 0; i < d->n; i++) {
        treated += d->t[i] * d->y[i];
        all += d->y[i];
    }
    double without = a->estimand == INSIGHT_ATT ? treated / n1 - a->effect.estimate
                                                : all / n - n1 / n * a->effect.estimate;
    return without > 0 && without + effect > 0 ? (without + effect) / without : NAN;
}

static void e_values(InsightAnswer *a, const InsightData *d)
{
    const StatsEstimate *e = &a->effect;
    double nearest = e->low > 0 ? e->low : e->high < 0 ? e->high : 0;
    jw_kv_f64(&a->w, "e_value", insight_e_value(risk_ratio(a, d, e->estimate)));
    jw_kv_f64(&a->w, "e_value_interval", nearest != 0 ? insight_e_value(risk_ratio(a, d, nearest)) : 1);
}

/* ---- linear ---- */

typedef struct Partial {
    int k;          /* covariates that are kept */
    int *column;    /* int[k] */
    double *p, *py; /* inverses of covariates and treatment [k + 1]^2, and outcome too [k + 2]^2 */
    double df, sd_t, sd_y;
} Partial;

static void partial_done(Partial *g)
{
    mem_free(g->column);
    mem_free(g->p);
    mem_free(g->py);
}

static void standardised(const double *x, int64_t n, double *out)
{
    double mean = stats_mean(x, n), sd = deviation(x, n);
    for (int64_t i = 0; i < n; i++)
        out[i] = sd > 0 ? (x[i] - mean) / sd / sqrt((double)n) : 0;
}

static double r2_of(const double *p, int k, int a, int b)
{
    double off = p[a + b * k];
    return off * off / (p[a + a * k] * p[b + b * k]);
}

/* False: too few rows, or treatment or outcome are a combination of the covariates. */
static bool partial_of(const InsightData *d, Partial *g)
{
    size_t n = (size_t)d->n, most = (size_t)d->n_x + 2;
    CLEANUP(mem_freep) double *z = mem_array(n * most, sizeof *z);
    CLEANUP(mem_freep) bool *kept = mem_array(most, sizeof *kept);
    for (int c = 0; c < d->n_x; c++)
        standardised(d->x + n * (size_t)c, d->n, z + n * (size_t)c);
    standardised(d->t, d->n, z + n * (size_t)d->n_x);
    standardised(d->y, d->n, z + n * (size_t)(d->n_x + 1));
    stats_independent(z, d->n, d->n_x + 2, DEPENDENT, kept);
    if (!kept[d->n_x] || !kept[d->n_x + 1])
        return false;
    g->column = mem_array(most, sizeof *g->column);
    for (int c = 0; c < d->n_x + 2; c++) {
        if (!kept[c])
            continue;
        memmove(z + n * (size_t)g->k, z + n * (size_t)c, n * sizeof *z);
        g->column[g->k++] = c;
    }
    g->k -= 2;
    g->df = (double)d->n - g->k - 2;
    g->sd_t = deviation(d->t, d->n);
    g->sd_y = deviation(d->y, d->n);
    if (g->df < DF_MIN)
        return false;
    int k1 = g->k + 1, k2 = g->k + 2;
    g->py = mem_array((size_t)k2 * (size_t)k2, sizeof *g->py);
    g->p = mem_array((size_t)k1 * (size_t)k1, sizeof *g->p);
    stats_cross(z, z, d->n, k2, k2, g->py);
    for (int c = 0; c < k1; c++)
        memcpy(g->p + (size_t)c * (size_t)k1, g->py + (size_t)c * (size_t)k2, (size_t)k1 * sizeof *g->p);
    return stats_spd_inverse(g->p, k1, NULL) == ERR_NONE && stats_spd_inverse(g->py, k2, NULL) == ERR_NONE;
}

typedef struct Benchmark {
    int column;
    double with_treatment, with_outcome, estimate;
} Benchmark;

/* Something as strong as this covariate: Cinelli, Hazlett 2020, section 4.4 with k_D = k_Y = 1. */
static Benchmark benchmark(const Partial *g, int c, double estimate, double se)
{
    double d = r2_of(g->p, g->k + 1, c, g->k), y = r2_of(g->py, g->k + 2, c, g->k + 1);
    double with_t = d / (1 - d), shared = d * d / ((1 - d) * (1 - d)), with_y = 1;
    if (shared < 1)
        with_y = pow((1 + sqrt(shared)) / sqrt(1 - shared), 2) * y / (1 - y);
    with_t = fmin(with_t, 0.999);
    with_y = fmin(with_y, 1);
    return (Benchmark){g->column[c], with_t, with_y, insight_adjusted(estimate, se, g->df, with_t, with_y)};
}

static void benchmarks(InsightAnswer *a, const InsightData *d, const Partial *g, double estimate, double se)
{
    Benchmark top[BENCHMARKS];
    int n = 0;
    for (int c = 0; c < g->k; c++) {
        Benchmark b = benchmark(g, c, estimate, se);
        int at = n;
        while (at > 0 && fabs(estimate - b.estimate) > fabs(estimate - top[at - 1].estimate)) {
            if (at < BENCHMARKS)
                top[at] = top[at - 1];
            at--;
        }
        if (at < BENCHMARKS)
            top[at] = b;
        n = MIN(n + 1, BENCHMARKS);
    }
    jw_key(&a->w, "benchmarks");
    jw_arr(&a->w);
    for (int k = 0; k < n; k++) {
        jw_obj(&a->w);
        jw_kv_cstr(&a->w, "as_strong_as", d->x_name[top[k].column]);
        jw_kv_f64(&a->w, "r2_with_treatment", top[k].with_treatment);
        jw_kv_f64(&a->w, "r2_with_outcome", top[k].with_outcome);
        jw_kv_f64(&a->w, "linear_estimate", top[k].estimate);
        jw_end(&a->w);
    }
    jw_end(&a->w);
}

ErrKind insight_sensitivity(InsightAnswer *a, const InsightData *d, const InsightQuestion *q, Err *reterr)
{
    CLEANUP(partial_done) Partial g = {0};
    jw_key(&a->w, "sensitivity");
    jw_obj(&a->w);
    e_values(a, d);
    if (partial_of(d, &g)) {
        int k2 = g.k + 2, t = g.k, y = g.k + 1;
        double r2 = r2_of(g.py, k2, t, y), t_value = sqrt(r2 / (1 - r2) * g.df);
        double estimate = -g.py[t + y * k2] / g.py[y + y * k2] * g.sd_y / g.sd_t;
        jw_kv_f64(&a->w, "linear_estimate", estimate);
        jw_kv_f64(&a->w, "partial_r2", r2);
        jw_kv_f64(&a->w, "robustness_value", insight_robustness(t_value, g.df, 1, 0));
        jw_kv_f64(&a->w, "robustness_value_interval", insight_robustness(t_value, g.df, 1, 1 - q->level));
        benchmarks(a, d, &g, estimate, fabs(estimate) / t_value);
    }
    jw_end(&a->w);
    return buf_check(&a->diagnostics, reterr);
}
