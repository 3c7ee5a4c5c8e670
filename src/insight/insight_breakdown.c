/* insight_breakdown.c - effects on groups of rows, and whether they differ. See insight_uplift.h. */
#include "insight/insight_uplift.h"

#include "base/mem.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <string.h>

#define ARM_MIN 5 /* rows of an arm in a group: with fewer there is no answer */

ErrKind insight_mean_of(const InsightData *d, const double *x, double level, StatsEstimate *ret, Err *reterr)
{
    CLEANUP(mem_freep) double *one = mem_array((size_t)d->n, sizeof *one);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    const double c = 1;
    for (int64_t i = 0; i < d->n; i++)
        one[i] = 1;
    TRY(stats_ols(one, x, NULL, d->n, 1, &o, reterr));
    return stats_ols_of(o, &c, (StatsClusters){d->cluster.id, d->cluster.n}, level, ret, reterr);
}

void insight_holm(const double *p, int n, double *adjusted)
{
    int m = 0;
    double least = 0;
    CLEANUP(mem_freep) bool *done = mem_array((size_t)MAX(n, 1), sizeof *done);
    for (int i = 0; i < n; i++) {
        adjusted[i] = NAN;
        m += !isnan(p[i]);
    }
    for (int step = 0; step < m; step++) { /* the least p that is left, times how many are left */
        int best = -1;
        for (int i = 0; i < n; i++)
            if (!done[i] && !isnan(p[i]) && (best < 0 || p[i] < p[best]))
                best = i;
        done[best] = true;
        least = fmax(least, fmin(1, p[best] * (m - step)));
        adjusted[best] = least;
    }
}

/* ---- parts ---- */

static void count(const InsightData *d, const int32_t *group, InsightBreakdown *b)
{
    for (int64_t i = 0; i < d->n; i++) {
        if (group[i] < 0)
            continue;
        b->part[group[i]].n++;
        b->part[group[i]].n_treated += d->t[i] > 0.5;
    }
}

static bool enough(const InsightPart *p)
{
    return p->n_treated >= ARM_MIN && p->n - p->n_treated >= ARM_MIN;
}

/* All parts equal: the differences to the first in their covariance, by F with the clusters' degrees of freedom. */
static void test_equal(const StatsOls *o, int m, StatsClusters clusters, InsightBreakdown *b)
{
    CLEANUP(mem_freep) double *cov = mem_array((size_t)m * (size_t)m, sizeof *cov);
    CLEANUP(mem_freep) double *v = mem_array((size_t)m * (size_t)m, sizeof *v);
    CLEANUP(mem_freep) double *off = mem_array((size_t)m, sizeof *off);
    CLEANUP(mem_freep) double *solved = mem_array((size_t)m, sizeof *solved);
    Err ignored = {0};
    b->f = b->p = b->p_holm = NAN;
    b->df = m - 1;
    if (m < 2 || stats_ols_covariance(o, clusters, cov, &ignored) != ERR_NONE)
        return;
    for (int a = 1; a < m; a++) {
        off[a - 1] = solved[a - 1] = o->coef[a] - o->coef[0];
        for (int c = 1; c < m; c++)
            v[(a - 1) + (c - 1) * (m - 1)] = cov[a + c * m] - cov[0 + c * m] - cov[a] + cov[0];
    }
    if (stats_spd_solve(v, m - 1, solved, 1, &ignored) != ERR_NONE)
        return;
    double rest = clusters.id ? clusters.n - 1 : (double)o->n - m;
    b->f = stats_dot(off, solved, m - 1) / (m - 1);
    if (rest > 0)
        b->p = stats_f_upper(b->f, m - 1, rest);
}

/* Of the difference of two means whose errors are known from so many effective rows each. */
static double degrees(const InsightData *d, const double *score, const int32_t *group, int g, double mean,
                      const double *effective)
{
    double square[2] = {0}, parts = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (group[i] == g)
            square[d->t[i] > 0.5] += (score[i] - mean) * (score[i] - mean);
    for (int a = 0; a < 2; a++)
        parts += square[a] * square[a] / fmax(effective[a] - 1, 1);
    return parts > 0 ? (square[0] + square[1]) * (square[0] + square[1]) / parts : INFINITY;
}

/* One answer of the regression, at the level for itself and at the one for all m together. */
static ErrKind fill_part(const StatsOls *o, const double *c, StatsClusters clusters, double df, double level,
                         int m, InsightPart *p, Err *reterr)
{
    double level_all = fmin(1 - (1 - level) / m, 0.99999);
    TRY(stats_ols_of(o, c, clusters, level, &p->effect, reterr));
    df = clusters.id ? p->effect.df : fmin(df, p->effect.df);
    StatsEstimate all = stats_estimate(p->effect.estimate, p->effect.se, df, level_all);
    p->effect = stats_estimate(p->effect.estimate, p->effect.se, df, level);
    p->low_all = all.low;
    p->high_all = all.high;
    return ERR_NONE;
}

static ErrKind estimate(const InsightData *d, const double *score, double (*effective)[2],
                        const int32_t *group, const int *column, int m, double level, InsightBreakdown *b,
                        Err *reterr)
{
    int64_t n = 0;
    CLEANUP(mem_freep) double *y = mem_array((size_t)d->n, sizeof *y);
    CLEANUP(mem_freep) int32_t *cluster = mem_array((size_t)d->n, sizeof *cluster);
    CLEANUP(mem_freep) int64_t *row = mem_array((size_t)d->n, sizeof *row);
    CLEANUP(mem_freep) int32_t *renamed = mem_array((size_t)MAX(d->cluster.n, 1), sizeof *renamed);
    int32_t n_clusters = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (group[i] < 0 || column[group[i]] < 0)
            continue;
        row[n] = i;
        y[n] = score[i];
        if (d->cluster.id) { /* only clusters that are left count */
            int32_t *to = &renamed[d->cluster.id[i]];
            if (*to == 0)
                *to = ++n_clusters;
            cluster[n] = *to - 1;
        }
        n++;
    }
    CLEANUP(mem_freep) double *x = mem_array((size_t)n * (size_t)m, sizeof *x);
    CLEANUP(mem_freep) double *c = mem_array((size_t)m, sizeof *c);
    for (int64_t k = 0; k < n; k++)
        x[k + (int64_t)column[group[row[k]]] * n] = 1;
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    StatsClusters clusters = {d->cluster.id ? cluster : NULL, n_clusters};
    TRY(stats_ols(x, y, NULL, n, m, &o, reterr));
    for (int g = 0; g < b->n; g++) {
        if (column[g] < 0)
            continue;
        memset(c, 0, (size_t)m * sizeof *c);
        c[column[g]] = 1;
        double df = degrees(d, score, group, g, o->coef[column[g]], effective[g]);
        TRY(fill_part(o, c, clusters, df, level, m, &b->part[g], reterr));
    }
    test_equal(o, m, clusters, b);
    return ERR_NONE;
}

ErrKind insight_break_down(const InsightData *d, const InsightScores *s, const int32_t *group, double level,
                           double *score, InsightBreakdown *b, Err *reterr)
{
    int column[INSIGHT_GROUPS_MAX], m = 0;
    double p[INSIGHT_GROUPS_MAX], adjusted[INSIGHT_GROUPS_MAX], effective[INSIGHT_GROUPS_MAX][2];
    CLEANUP(mem_freep) double *own = score ? NULL : mem_array((size_t)d->n, sizeof *own);
    if (!score)
        score = own;
    b->f = b->p = b->p_holm = NAN;
    count(d, group, b);
    insight_scores_within(d, s, group, b->n, score, effective);
    for (int g = 0; g < b->n; g++) {
        b->part[g].effect = (StatsEstimate){NAN, NAN, NAN, NAN, NAN, NAN};
        b->part[g].low_all = b->part[g].high_all = NAN;
        b->part[g].effective = fmin(effective[g][0], effective[g][1]);
        column[g] = enough(&b->part[g]) ? m++ : -1;
    }
    if (m > 0)
        TRY(estimate(d, score, effective, group, column, m, level, b, reterr));
    for (int g = 0; g < b->n; g++)
        p[g] = b->part[g].effect.p;
    insight_holm(p, b->n, adjusted);
    for (int g = 0; g < b->n; g++)
        b->part[g].p_holm = adjusted[g];
    return ERR_NONE;
}
