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

double stats_brier(const double *p, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (p[i] - y[i]) * (p[i] - y[i]);
    return n > 0 ? sum / (double)n : NAN;
}

double stats_log_loss(const double *p, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double q = fmin(fmax(p[i], 1e-15), 1 - 1e-15);
        sum -= y[i] * log(q) + (1 - y[i]) * log1p(-q);
    }
    return n > 0 ? sum / (double)n : NAN;
}

double stats_mae(const double *p, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += fabs(p[i] - y[i]);
    return n > 0 ? sum / (double)n : NAN;
}

double stats_poisson_deviance(const double *p, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double mu = fmax(p[i], 1e-9);
        double ylog = y[i] > 0 ? y[i] * log(y[i] / mu) : 0;
        sum += 2 * (ylog - (y[i] - mu));
    }
    return n > 0 ? sum / (double)n : NAN;
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
