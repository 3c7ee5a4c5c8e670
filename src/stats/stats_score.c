/* stats_score.c - scores of forecasts against outcomes. */
#include "stats/stats.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

typedef struct Pair {
    double p, y;
    int64_t at; /* keeps the order of equal predictions independent of the outcome */
} Pair;

static int pair_cmp(const void *a, const void *b)
{
    const Pair *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Ascending by prediction; the caller frees. */
static Pair *sorted_pairs(const double *p, const double *y, int64_t n)
{
    Pair *pairs = mem_array((size_t)n, sizeof *pairs);
    for (int64_t i = 0; i < n; i++)
        pairs[i] = (Pair){p[i], y[i], i};
    qsort(pairs, (size_t)n, sizeof *pairs, pair_cmp);
    return pairs;
}

static int64_t ties_end(const Pair *pairs, int64_t from, int64_t n)
{
    int64_t end = from + 1;
    while (end < n && pairs[end].p == pairs[from].p)
        end++;
    return end;
}

static double positives(const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += y[i] > 0.5;
    return sum;
}

double stats_auc(const double *p, const double *y, int64_t n)
{
    double pos = positives(y, n), neg = (double)n - pos;
    if (pos == 0 || neg == 0)
        return NAN;
    CLEANUP(mem_freep) Pair *pairs = sorted_pairs(p, y, n);
    double wins = 0, neg_below = 0;
    for (int64_t i = 0, end; i < n; i = end) {
        end = ties_end(pairs, i, n);
        double tie_pos = 0;
        for (int64_t j = i; j < end; j++)
            tie_pos += pairs[j].y > 0.5;
        double tie_neg = (double)(end - i) - tie_pos;
        wins += tie_pos * (neg_below + 0.5 * tie_neg);
        neg_below += tie_neg;
    }
    return wins / (pos * neg);
}

double stats_pr_auc(const double *p, const double *y, int64_t n)
{
    double pos = positives(y, n);
    if (pos == 0)
        return NAN;
    CLEANUP(mem_freep) Pair *pairs = sorted_pairs(p, y, n);
    double sum = 0, hits = 0, seen = 0;
    for (int64_t i = n, start; i > 0; i = start) {
        start = i - 1;
        while (start > 0 && pairs[start - 1].p == pairs[i - 1].p)
            start--;
        double tie_hits = 0;
        for (int64_t j = start; j < i; j++)
            tie_hits += pairs[j].y > 0.5;
        hits += tie_hits;
        seen += (double)(i - start);
        sum += tie_hits * hits / seen;
    }
    return sum / pos;
}

static double log_loss_1(double p, double y)
{
    double q = fmin(fmax(p, 1e-15), 1 - 1e-15);
    return -(y * log(q) + (1 - y) * log1p(-q));
}

static double poisson_1(double p, double y)
{
    double mu = fmax(p, 1e-9);
    return 2 * ((y > 0 ? y * log(y / mu) : 0) - (y - mu));
}

static double gamma_1(double p, double y)
{
    double mu = fmax(p, 1e-9);
    return 2 * (log(mu / y) + y / mu - 1);
}

/* 2 (y^(2-q) / ((1-q)(2-q)) - y mu^(1-q) / (1-q) + mu^(2-q) / (2-q)) for q = 1.5 */
static double tweedie_1(double p, double y)
{
    double root = sqrt(fmax(p, 1e-9));
    return 4 * (y / root + root - 2 * sqrt(fmax(y, 0)));
}

static double loss_1(StatsLoss loss, double p, double y)
{
    switch (loss) {
    case STATS_SQUARED: return (p - y) * (p - y);
    case STATS_ABSOLUTE: return fabs(p - y);
    case STATS_LOG: return log_loss_1(p, y);
    case STATS_POISSON: return poisson_1(p, y);
    case STATS_GAMMA: return gamma_1(p, y);
    case STATS_TWEEDIE: return tweedie_1(p, y);
    }
    return NAN;
}

void stats_losses(StatsLoss loss, const double *p, const double *y, int64_t n, double *rows)
{
    for (int64_t i = 0; i < n; i++)
        rows[i] = loss_1(loss, p[i], y[i]);
}

static double mean_loss(StatsLoss loss, const double *p, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += loss_1(loss, p[i], y[i]);
    return n > 0 ? sum / (double)n : NAN;
}

double stats_brier(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_SQUARED, p, y, n);
}

double stats_rmse(const double *p, const double *y, int64_t n)
{
    return sqrt(mean_loss(STATS_SQUARED, p, y, n));
}

double stats_log_loss(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_LOG, p, y, n);
}

double stats_mae(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_ABSOLUTE, p, y, n);
}

double stats_poisson_deviance(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_POISSON, p, y, n);
}

double stats_gamma_deviance(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_GAMMA, p, y, n);
}

double stats_tweedie_deviance(const double *p, const double *y, int64_t n)
{
    return mean_loss(STATS_TWEEDIE, p, y, n);
}

void stats_losses_classes(const double *p, const double *y, int64_t n, int k, double *log_rows,
                          double *right_rows)
{
    for (int64_t i = 0; i < n; i++) {
        const double *row = p + i * k;
        int best = 0, of = (int)y[i];
        for (int c = 1; c < k; c++)
            if (row[c] > row[best])
                best = c;
        log_rows[i] = -log(fmin(fmax(row[of], 1e-15), 1));
        right_rows[i] = best == of;
    }
}

/* which: 0 log loss, 1 accuracy */
static double mean_classes(const double *p, const double *y, int64_t n, int k, int which)
{
    double sum = 0, one[2];
    for (int64_t i = 0; i < n; i++) {
        stats_losses_classes(p + i * k, y + i, 1, k, &one[0], &one[1]);
        sum += one[which];
    }
    return n > 0 ? sum / (double)n : NAN;
}

double stats_log_loss_classes(const double *p, const double *y, int64_t n, int k)
{
    return mean_classes(p, y, n, k, 0);
}

double stats_accuracy_classes(const double *p, const double *y, int64_t n, int k)
{
    return mean_classes(p, y, n, k, 1);
}

double stats_calibration(const double *p, const double *y, int64_t n, StatsBin *bins, int n_bins)
{
    for (int b = 0; b < n_bins; b++)
        bins[b] = (StatsBin){NAN, NAN, 0};
    if (n <= 0)
        return NAN;
    CLEANUP(mem_freep) Pair *pairs = sorted_pairs(p, y, n);
    double ece = 0;
    int64_t from = 0;
    for (int b = 0; b < n_bins && from < n; b++) {
        int64_t end = MAX(n * (b + 1) / n_bins, from);
        if (end == from)
            continue;
        end = ties_end(pairs, end - 1, n); /* equal predictions stay together */
        double sum_p = 0, sum_y = 0, count = (double)(end - from);
        for (int64_t i = from; i < end; i++) {
            sum_p += pairs[i].p;
            sum_y += pairs[i].y;
        }
        bins[b] = (StatsBin){sum_p / count, sum_y / count, end - from};
        ece += fabs(sum_p - sum_y) / (double)n;
        from = end;
    }
    return ece;
}
