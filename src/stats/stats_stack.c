/* stats_stack.c - see stats_stack.h. */
#include "stats/stats_stack.h"

#include "base/mem.h"

#include <math.h>

#define PASSES_MAX 500
#define STANDS 1e-9
#define P_LEAST 1e-6

/* The mean square error is w'Gw with G[a][b] = mean (p_a - y)(p_b - y), since the weights add up to 1. Moving s from b to a
 * changes it by a parabola in s, whose lowest point is known: pairs in turn until nothing moves. */
static double move(const double *g, int k, double *w, int a, int b)
{
    double slope = 0, bend = g[a * k + a] + g[b * k + b] - 2 * g[a * k + b];
    for (int c = 0; c < k; c++)
        slope += w[c] * (g[a * k + c] - g[b * k + c]);
    if (!(bend > 0))
        return 0;
    double s = fmin(fmax(-slope / bend, -w[a]), w[b]);
    w[a] += s;
    w[b] -= s;
    return fabs(s);
}

void stats_stack_squares(const double *const *p, int n_learners, const double *y, int64_t n, double *weights)
{
    int k = n_learners;
    CLEANUP(mem_freep) double *g = mem_array((size_t)k * (size_t)k, sizeof *g);
    for (int a = 0; a < k; a++)
        for (int b = 0; b <= a; b++) {
            double sum = 0;
            for (int64_t i = 0; i < n; i++)
                sum += (p[a][i] - y[i]) * (p[b][i] - y[i]);
            g[a * k + b] = g[b * k + a] = sum / (double)n;
        }
    for (int a = 0; a < k; a++)
        weights[a] = 1.0 / k;
    double moved = 1;
    for (int pass = 0; pass < PASSES_MAX && moved > STANDS; pass++) {
        moved = 0;
        for (int a = 0; a < k; a++)
            for (int b = 0; b < a; b++)
                moved = fmax(moved, move(g, k, weights, a, b));
    }
}

static double clipped(double p)
{
    return fmin(fmax(p, P_LEAST), 1 - P_LEAST);
}

/* Expectation and maximisation (Dempster, Laird, Rubin 1977): a learner's new weight is its mean share in the likelihood. */
void stats_stack_likelihood(const double *const *p, int n_learners, const double *y, int64_t n,
                            double *weights)
{
    int k = n_learners;
    CLEANUP(mem_freep) double *share = mem_array(2 * (size_t)k, sizeof *share);
    double *part = share + k;
    for (int a = 0; a < k; a++)
        weights[a] = 1.0 / k;
    double moved = 1;
    for (int pass = 0; pass < PASSES_MAX && k > 1 && moved > STANDS; pass++) {
        for (int a = 0; a < k; a++)
            share[a] = 0;
        for (int64_t i = 0; i < n; i++) {
            double all = 0;
            for (int a = 0; a < k; a++) {
                double chance = clipped(p[a][i]);
                part[a] = weights[a] * (y[i] > 0.5 ? chance : 1 - chance);
                all += part[a];
            }
            for (int a = 0; a < k; a++)
                share[a] += part[a] / all;
        }
        moved = 0;
        for (int a = 0; a < k; a++) {
            moved = fmax(moved, fabs(share[a] / (double)n - weights[a]));
            weights[a] = share[a] / (double)n;
        }
    }
}
