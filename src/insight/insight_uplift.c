/* insight_uplift.c - see insight_uplift.h. */
#include "insight/insight_uplift.h"

#include "base/mem.h"
#include "insight/insight_balance.h"
#include "insight/insight_doubt.h"
#include "insight/insight_folds.h"
#include "stats/stats.h"
#include "stats/stats_dist.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_OF_NUMBER 3
#define ROWS_OF_SORTED 60 /* a group of GATES has at least so many */
#define CURVE_DRAWS_MAX 500
#define CLUSTERS_FEW 20

static void warn(InsightUplift *u, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void warn(InsightUplift *u, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&u->warnings, fmt, ap);
    va_end(ap);
    buf_add_char(&u->warnings, '\n');
}

static void name_part(InsightPart *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void name_part(InsightPart *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->name, sizeof p->name, fmt, ap);
    va_end(ap);
    size_t bad;
    while (!str_is_utf8(str_from(p->name), &bad)) /* cut in the middle of a letter */
        p->name[bad] = 0;
}

/* ---- tiers ---- */

static void doubt_tier(const InsightPart *p, InsightUplift *u)
{
    if (isnan(p->effect.estimate)) {
        warn(u, "tier %s: %lld treated and %lld controls are too few for an answer", p->name,
             (long long)p->n_treated, (long long)(p->n - p->n_treated));
        return;
    }
    if (!u->scores->known && p->effective < INSIGHT_EFFECTIVE_POOR)
        warn(u, "tier %s: the weights leave effectively %.0f on a side: the interval may be too narrow",
             p->name, p->effective);
}

static ErrKind fill_tiers(const InsightData *d, InsightUplift *u, Err *reterr)
{
    InsightBreakdown *b = &u->tiers;
    if (!d->tier.id)
        return ERR_NONE;
    if (d->tier.n > INSIGHT_GROUPS_MAX)
        return err_set(reterr, ERR_INVALID, "%d tiers are too many to tell apart, at most %d", (int)d->tier.n,
                       INSIGHT_GROUPS_MAX);
    b->name = "tier";
    b->n = d->tier.n;
    for (int g = 0; g < b->n; g++)
        name_part(&b->part[g], "%s", d->tier.name[g]);
    TRY(insight_break_down(d, u->scores, d->tier.id, u->level, NULL, b, reterr));
    for (int g = 0; g < b->n; g++)
        doubt_tier(&b->part[g], u);
    return ERR_NONE;
}

/* ---- features ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Thirds of a number, or its two values. */
static void parts_of_number(const InsightData *d, int column, InsightBreakdown *b, int32_t *group)
{
    const double *x = d->x + (int64_t)column * d->n;
    CLEANUP(mem_freep) double *sorted = mem_array((size_t)d->n, sizeof *sorted);
    memcpy(sorted, x, (size_t)d->n * sizeof *sorted);
    qsort(sorted, (size_t)d->n, sizeof *sorted, by_value);
    double top[PARTS_OF_NUMBER]; /* the last value of each part */
    int m = 0;
    for (int k = 1; k <= PARTS_OF_NUMBER; k++) {
        double v = sorted[d->n * k / PARTS_OF_NUMBER - 1];
        if (m == 0 || v > top[m - 1])
            top[m++] = v;
    }
    bool all_first = m == 1; /* most rows have the largest value: the smaller ones are a part */
    if (all_first) {
        int64_t i = d->n - 1;
        while (sorted[i] == top[0])
            i--;
        top[1] = top[0];
        top[0] = sorted[i];
        m = 2;
    }
    b->n = m;
    for (int64_t i = 0; i < d->n; i++) {
        group[i] = 0;
        while (x[i] > top[group[i]])
            group[i]++;
    }
    double from = sorted[0];
    for (int k = 0; k < m; k++) {
        if (from == top[k])
            name_part(&b->part[k], "%.6g", from);
        else
            name_part(&b->part[k], "%.6g to %.6g", from, top[k]);
        int64_t i = 0;
        while (k + 1 < m && sorted[i] <= top[k])
            i++;
        from = sorted[i];
    }
}

/* The category without an indicator is the first part; the rarest are the last one together. */
static void parts_of_texts(const InsightData *d, int first, int end, InsightBreakdown *b, int32_t *group)
{
    int n = MIN(end - first, INSIGHT_GROUPS_MAX - 2);
    size_t prefix = strlen(d->covariate_name[d->x_column[first]]) + 1;
    name_part(&b->part[0], "(most frequent)");
    b->n = n + 1 + (n < end - first);
    for (int c = 0; c < n; c++) {
        const char *name = d->x_name[first + c];
        name_part(&b->part[1 + c], "%s", strlen(name) > prefix ? name + prefix : name);
    }
    if (n < end - first)
        name_part(&b->part[n + 1], "(others)");
    for (int64_t i = 0; i < d->n; i++) {
        group[i] = 0;
        for (int c = first; c < end; c++)
            if (d->x[i + (int64_t)c * d->n] > 0.5)
                group[i] = MIN(1 + c - first, n + 1);
    }
}

static bool is_indicator(const InsightData *d, int column)
{
    const char *name = d->x_name[column], *covariate = d->covariate_name[d->x_column[column]];
    return strcmp(name, covariate) != 0;
}

static ErrKind fill_features(const InsightData *d, InsightUplift *u, Err *reterr)
{
    CLEANUP(mem_freep) int32_t *group = mem_array((size_t)d->n, sizeof *group);
    u->feature = mem_array(MIN((size_t)MAX(d->n_covariates, 1), INSIGHT_FEATURES_MAX), sizeof *u->feature);
    for (int first = 0, end; first < d->n_x && u->n_features < INSIGHT_FEATURES_MAX; first = end) {
        for (end = first + 1; end < d->n_x && d->x_column[end] == d->x_column[first]; end++)
            ;
        InsightBreakdown *b = &u->feature[u->n_features++];
        b->name = d->covariate_name[d->x_column[first]];
        if (is_indicator(d, first))
            parts_of_texts(d, first, end, b, group);
        else
            parts_of_number(d, first, b, group);
        TRY(insight_break_down(d, u->scores, group, u->level, NULL, b, reterr));
    }
    double p[INSIGHT_FEATURES_MAX], adjusted[INSIGHT_FEATURES_MAX];
    for (int k = 0; k < u->n_features; k++)
        p[k] = u->feature[k].p;
    insight_holm(p, u->n_features, adjusted);
    for (int k = 0; k < u->n_features; k++)
        u->feature[k].p_holm = adjusted[k];
    return ERR_NONE;
}

/* ---- by what models expect ---- */

/* The score on tau less its fold's mean, with a constant for each fold. */
static ErrKind fill_slope(const InsightData *d, InsightUplift *u, Err *reterr)
{
    const InsightScores *s = u->scores;
    int k = s->n_folds + 1;
    double mean[INSIGHT_FOLDS_MAX] = {0}, n[INSIGHT_FOLDS_MAX] = {0}, c[INSIGHT_FOLDS_MAX + 1] = {1};
    CLEANUP(mem_freep) double *x = mem_array((size_t)d->n * (size_t)k, sizeof *x);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    for (int64_t i = 0; i < d->n; i++) {
        mean[s->fold[i]] += s->tau[i];
        n[s->fold[i]]++;
    }
    for (int64_t i = 0; i < d->n; i++) {
        x[i] = s->tau[i] - mean[s->fold[i]] / n[s->fold[i]];
        x[i + (int64_t)(1 + s->fold[i]) * d->n] = 1;
    }
    TRY(stats_ols(x, s->effect, NULL, d->n, k, &o, reterr));
    TRY(stats_ols_of(o, c, (StatsClusters){d->cluster.id, d->cluster.n}, u->level, &u->slope, reterr));
    u->p_differs = stats_t_cdf(-u->slope.estimate / u->slope.se, u->slope.df);
    return ERR_NONE;
}

static ErrKind fill_sorted(const InsightData *d, InsightUplift *u, Err *reterr)
{
    const InsightScores *s = u->scores;
    InsightBreakdown *b = &u->sorted;
    CLEANUP(mem_freep) int32_t *group = mem_array((size_t)d->n, sizeof *group);
    CLEANUP(mem_freep) double *x = mem_array((size_t)d->n * 2, sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)d->n, sizeof *y);
    CLEANUP(mem_freep) double *score = mem_array((size_t)d->n, sizeof *score);
    b->name = "expected effect";
    b->n = (int)MAX(2, MIN(INSIGHT_SORTED_GROUPS, d->n / ROWS_OF_SORTED));
    for (int g = 0; g < b->n; g++)
        name_part(&b->part[g], "%s%d of %d", g == 0 ? "most, " : g == b->n - 1 ? "least, " : "", g + 1, b->n);
    for (int64_t i = 0; i < d->n; i++)
        group[i] = (int32_t)MIN(b->n - 1, (int)(s->rank[i] * b->n));
    TRY(insight_break_down(d, s, group, u->level, score, b, reterr));
    /* Among the first and the last group: a constant and being in the first. Also for the columns themselves. */
    for (int64_t i = 0; i < d->n; i++) {
        double in = group[i] == 0 || group[i] == b->n - 1;
        x[i] = in * (group[i] == 0);
        x[i + d->n] = in;
    }
    u->contrast = mem_array((size_t)MAX(d->n_x, 1), sizeof *u->contrast);
    for (int c = -1; c < d->n_x; c++) {
        CLEANUP(stats_ols_freep) StatsOls *o = NULL;
        StatsEstimate e;
        for (int64_t i = 0; i < d->n; i++)
            y[i] = x[i + d->n] == 0 ? 0 : c < 0 ? score[i] : d->x[i + (int64_t)c * d->n];
        TRY(stats_ols(x, y, NULL, d->n, 2, &o, reterr));
        TRY(stats_ols_of(o, (const double[]){1, 0}, (StatsClusters){d->cluster.id, d->cluster.n}, u->level,
                         &e, reterr));
        if (c < 0)
            u->most_minus_least = e;
        else
            u->contrast[u->n_contrasts++] = (InsightContrast){
                .name = d->x_name[c], .most = o->coef[0] + o->coef[1], .least = o->coef[1], .difference = e};
    }
    return ERR_NONE;
}

/* ---- curve ---- */

typedef struct Curve {
    double gain[INSIGHT_CURVE_POINTS], auuc, qini;
} Curve;

/* order: rows by rank; weight: of each row, NULL 1. The area from the exact sum: a row that is treated from share r on
 * counts for 1 - r of it. */
static Curve curve_of(const InsightScores *s, const int64_t *order, const double *weight)
{
    Curve c = {.auuc = 0};
    double all = 0, done = 0, sum = 0;
    for (int64_t i = 0; i < s->n; i++)
        all += weight ? weight[i] : 1;
    int point = 0;
    for (int64_t k = 0; k < s->n; k++) {
        int64_t i = order[k];
        double w = weight ? weight[i] : 1;
        c.auuc += w * s->effect[i] * (1 - (done + w / 2) / all) / all;
        done += w;
        sum += w * s->effect[i];
        while (point < INSIGHT_CURVE_POINTS && done >= all * (point + 1) / INSIGHT_CURVE_POINTS * (1 - 1e-12))
            c.gain[point++] = sum / all;
    }
    while (point < INSIGHT_CURVE_POINTS)
        c.gain[point++] = sum / all;
    c.qini = c.auuc - sum / all / 2;
    return c;
}

typedef struct Place {
    double rank;
    int64_t row;
} Place;

static int by_rank(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
                              : (x->row > y->row) - (x->row < y->row);
}

/* Bayesian bootstrap (Rubin 1981): exponential weights of rows or clusters; the order of the rows stays. */
static void fill_curve(const InsightData *d, InsightUplift *u, const InsightQuestion *q)
{
    const InsightScores *s = u->scores;
    size_t n = (size_t)s->n;
    int draws = MIN(MAX(q->draws, 20), CURVE_DRAWS_MAX);
    CLEANUP(mem_freep) Place *place = mem_array(n, sizeof *place);
    CLEANUP(mem_freep) int64_t *order = mem_array(n, sizeof *order);
    CLEANUP(mem_freep) double *weight = mem_array(n, sizeof *weight);
    CLEANUP(mem_freep) double *of = mem_array((size_t)MAX(d->cluster.n, 1), sizeof *of);
    for (size_t i = 0; i < n; i++)
        place[i] = (Place){s->rank[i], (int64_t)i};
    qsort(place, n, sizeof *place, by_rank);
    for (size_t i = 0; i < n; i++)
        order[i] = place[i].row;
    Curve c = curve_of(s, order, NULL), square = {.auuc = 0};
    StatsRng rng;
    stats_seed(&rng, q->seed + 3);
    for (int k = 0; k < draws; k++) {
        for (int32_t g = 0; g < d->cluster.n; g++)
            of[g] = stats_exponential(&rng, 1);
        for (size_t i = 0; i < n; i++)
            weight[i] = d->cluster.id ? of[d->cluster.id[i]] : stats_exponential(&rng, 1);
        Curve b = curve_of(s, order, weight);
        square.auuc += pow(b.auuc - c.auuc, 2);
        square.qini += pow(b.qini - c.qini, 2);
        for (int p = 0; p < INSIGHT_CURVE_POINTS; p++)
            square.gain[p] += pow(b.gain[p] - c.gain[p], 2);
    }
    double df = d->cluster.id ? d->cluster.n - 1 : INFINITY;
    u->auuc = stats_estimate(c.auuc, sqrt(square.auuc / draws), df, u->level);
    u->qini = stats_estimate(c.qini, sqrt(square.qini / draws), df, u->level);
    for (int p = 0; p < INSIGHT_CURVE_POINTS; p++) {
        double share = (p + 1.0) / INSIGHT_CURVE_POINTS;
        u->curve[p] =
            (InsightGain){.share = share,
                          .gain = stats_estimate(c.gain[p], sqrt(square.gain[p] / draws), df, u->level),
                          .mean = c.gain[p] / share};
    }
}

/* ---- all ---- */

static void add_warnings(const InsightData *d, InsightUplift *u)
{
    const InsightScores *s = u->scores;
    if ((double)s->n_clipped > 0.1 * (double)s->n)
        warn(u, "poor overlap: the chances of treatment of %.0f %% of the rows were clipped at %.2g",
             100.0 * (double)s->n_clipped / (double)s->n, s->clip);
    if (s->flat)
        warn(u, "the models expect the same effect on everybody: there is no order to treat by");
    else if (u->p_differs > 0.05)
        warn(u,
             "no difference of effects that holds on rows that the models have not seen (p %.2g): groups by "
             "expected "
             "effect and the rule are likely chance",
             u->p_differs);
    if (d->cluster.id && d->cluster.n < CLUSTERS_FEW)
        warn(u, "%d clusters only: intervals may be too narrow", (int)d->cluster.n);
    if (u->policy->columns_left_out)
        warn(u, "the rule looks at the first %d columns only", INSIGHT_RULE_COLUMNS);
}

static ErrKind fill(const InsightData *d, const InsightQuestion *q, double cost, InsightUplift *u,
                    Err *reterr)
{
    u->level = q->level;
    u->warnings = BUF(1u << 20);
    buf_add_str(&u->warnings, buf_str(&d->warnings));
    if (d->cluster.id && d->cluster.n < 4)
        return err_set(reterr, ERR_INVALID, "%d clusters are too few to tell for whom it works",
                       (int)d->cluster.n);
    TRY(insight_scores(d, q, true, &u->scores, reterr));
    TRY(insight_mean_of(d, u->scores->effect, u->level, &u->ate, reterr));
    TRY(fill_tiers(d, u, reterr));
    TRY(fill_features(d, u, reterr));
    u->p_differs = NAN;
    u->slope = u->most_minus_least = u->auuc = u->qini = (StatsEstimate){NAN, NAN, NAN, NAN, NAN, NAN};
    if (!u->scores->flat) {
        TRY(fill_slope(d, u, reterr));
        TRY(fill_sorted(d, u, reterr));
        fill_curve(d, u, q);
    }
    TRY(insight_policy(d, u->scores, cost, u->level, &u->policy, reterr));
    add_warnings(d, u);
    return buf_check(&u->warnings, reterr);
}

ErrKind insight_uplift(const InsightData *d, const InsightQuestion *q, double cost, InsightUplift **ret,
                       Err *reterr)
{
    *ret = NULL;
    TRY(insight_outcome_check(d, reterr));
    CLEANUP(insight_uplift_freep) InsightUplift *u = MEM_NEW(InsightUplift);
    TRY(fill(d, q, cost, u, reterr));
    *ret = u;
    u = NULL;
    return ERR_NONE;
}

void insight_uplift_free(InsightUplift *u)
{
    if (!u)
        return;
    insight_scores_free(u->scores);
    insight_policy_free(u->policy);
    mem_free(u->feature);
    mem_free(u->contrast);
    buf_done(&u->warnings);
    mem_free(u);
}
