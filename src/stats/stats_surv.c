/* stats_surv.c - see stats_surv.h. */
#include "stats/stats_surv.h"

#include "base/mem.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME 1e-9 /* of rounding, where a curve stands exactly at a share */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted values lie below t. */
static int64_t below(const double *sorted, int64_t n, double t)
{
    int64_t lo = 0, hi = n;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (sorted[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* ---- the curve ---- */

typedef struct Moment {
    double time, event;
} Moment;

static int by_time(const void *a, const void *b)
{
    return ascending(&((const Moment *)a)->time, &((const Moment *)b)->time);
}

static void bounds(StatsKmPoint *p, double log_se, double z)
{
    if (p->survival <= 0 || p->survival >= 1) {
        p->low = p->high = p->survival > 0 ? 1 : NAN;
        return;
    }
    double l = log(p->survival), reach = z * log_se / l;
    p->low = exp(-exp(log(-l) - reach));
    p->high = exp(-exp(log(-l) + reach));
}

StatsKm *stats_km(const StatsSurv *s, const int32_t *group, int32_t which, double level)
{
    StatsKm *km = MEM_NEW(StatsKm);
    CLEANUP(mem_freep) Moment *m = mem_array((size_t)MAX(s->n, 1), sizeof *m);
    CLEANUP(mem_freep) double *entry = mem_array((size_t)MAX(s->n, 1), sizeof *entry);
    for (int64_t i = 0; i < s->n; i++) {
        if (group && group[i] != which)
            continue;
        entry[km->n] = s->entry ? s->entry[i] : -INFINITY;
        m[km->n++] = (Moment){s->time[i], s->event[i]};
        km->n_events += s->event[i] > 0;
    }
    qsort(m, (size_t)km->n, sizeof *m, by_time);
    qsort(entry, (size_t)km->n, sizeof *entry, ascending);
    km->point = mem_array((size_t)MAX(km->n, 1), sizeof *km->point);
    double survival = 1, greenwood = 0, z = stats_t_quantile(0.5 + level / 2, INFINITY);
    for (int64_t i = 0, next; i < km->n; i = next) {
        StatsKmPoint *p = &km->point[km->n_points++];
        p->time = m[i].time;
        for (next = i; next < km->n && m[next].time == p->time; next++)
            p->events += m[next].event > 0;
        p->censored = next - i - p->events;
        p->at_risk = below(entry, km->n, p->time) - i; /* entered before, not yet left */
        double n = (double)p->at_risk, d = (double)p->events;
        survival *= 1 - d / n;
        greenwood += d > 0 && d < n ? d / (n * (n - d)) : 0;
        p->survival = survival;
        p->se = survival * sqrt(greenwood);
        bounds(p, sqrt(greenwood), z);
        km->follow_up = p->time;
    }
    return km;
}

void stats_km_free(StatsKm *km)
{
    if (!km)
        return;
    mem_free(km->point);
    mem_free(km);
}

StatsKmPoint stats_km_at(const StatsKm *km, double t)
{
    StatsKmPoint p = {.time = 0, .at_risk = km->n, .survival = 1, .low = 1, .high = 1};
    int64_t lo = 0, hi = km->n_points;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (km->point[mid].time <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? km->point[lo - 1] : p;
}

int64_t stats_km_at_risk(const StatsSurv *s, const int32_t *group, int32_t which, double t)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++)
        n += (!group || group[i] == which) && s->time[i] >= t && (!s->entry || s->entry[i] < t);
    return n;
}

double stats_km_rmst(const StatsKm *km, double horizon, double *ret_se)
{
    double last = km->n_points ? km->point[km->n_points - 1].survival : 1;
    *ret_se = NAN;
    if (km->n == 0 || !(horizon > 0) || (horizon > km->follow_up && last > 0))
        return NAN;
    double area = 0, variance = 0, end = horizon;
    for (int64_t i = km->n_points - 1; i >= 0;
         i--) { /* backwards: the variance needs the area to the right */
        const StatsKmPoint *p = &km->point[i];
        if (p->time >= horizon)
            continue;
        area += p->survival * (end - p->time);
        double n = (double)p->at_risk, d = (double)p->events;
        if (d > 0 && d < n)
            variance += area * area * d / (n * (n - d));
        end = p->time;
    }
    *ret_se = sqrt(variance);
    return area + end;
}

/* Where a bound of the curve has come down to the level; which: 0 the curve, 1 low, 2 high. */
static double crossing(const StatsKm *km, double level, int which)
{
    double first = NAN;
    for (int64_t i = 0; i < km->n_points; i++) {
        const StatsKmPoint *p = &km->point[i];
        double v = which == 0 ? p->survival : which == 1 ? p->low : p->high;
        if (isnan(v) || v >= level + SAME)
            continue;
        if (fabs(v - level) >= SAME)
            return isnan(first) ? p->time : (first + p->time) / 2;
        if (isnan(first))
            first = p->time;
    }
    return first;
}

StatsKmQuantile stats_km_quantile(const StatsKm *km, double q)
{
    return (StatsKmQuantile){
        .time = crossing(km, 1 - q, 0), .low = crossing(km, 1 - q, 1), .high = crossing(km, 1 - q, 2)};
}

/* ---- log-rank ---- */

typedef struct Row {
    int32_t stratum, group;
    double time, event;
} Row;

static int by_stratum_time(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    return x->stratum != y->stratum ? (x->stratum > y->stratum) - (x->stratum < y->stratum)
                                    : ascending(&y->time, &x->time); /* latest first */
}

typedef struct Tally {
    int32_t k;
    double *at_risk, *events;    /* [k], of the moment */
    double *observed, *expected; /* [k] */
    double *v;                   /* [k][k] */
} Tally;

static void tally_moment(Tally *t)
{
    double n = 0, d = 0;
    for (int32_t g = 0; g < t->k; g++) {
        n += t->at_risk[g];
        d += t->events[g];
    }
    double rest = n > 1 ? d * (n - d) / (n - 1) : 0;
    for (int32_t g = 0; g < t->k; g++) {
        double share = t->at_risk[g] / n;
        t->observed[g] += t->events[g];
        t->expected[g] += d * share;
        for (int32_t h = 0; h < t->k; h++)
            t->v[g + h * t->k] += rest * share * ((g == h) - t->at_risk[h] / n);
    }
}

/* One stratum's rows, latest first: a row joins at its time and leaves where its entry lies at or after the moment. */
static void tally_stratum(Tally *t, const Row *row, int64_t n, Row *entry)
{
    int64_t left = 0;
    memset(t->at_risk, 0, (size_t)t->k * sizeof *t->at_risk);
    for (int64_t i = 0, next; i < n; i = next) {
        bool any = false;
        memset(t->events, 0, (size_t)t->k * sizeof *t->events);
        for (next = i; next < n && row[next].time == row[i].time; next++) {
            t->at_risk[row[next].group]++;
            t->events[row[next].group] += row[next].event > 0;
            any = any || row[next].event > 0;
        }
        for (; entry && left < n && entry[left].time >= row[i].time; left++)
            t->at_risk[entry[left].group]--;
        if (any)
            tally_moment(t);
    }
}

/* (O - E)' V^- (O - E), over the groups that could have events but one. */
static ErrKind quadratic(const Tally *t, StatsLogrank *ret, Err *reterr)
{
    CLEANUP(mem_freep) int32_t *used = mem_array((size_t)t->k, sizeof *used);
    int32_t m = 0;
    for (int32_t g = 0; g < t->k; g++)
        if (t->v[g + g * t->k] > 0)
            used[m++] = g;
    ret->df = (int)m - 1;
    ret->chi2 = ret->p = NAN;
    if (ret->df < 1) {
        ret->df = 0;
        return ERR_NONE;
    }
    size_t k = (size_t)ret->df;
    CLEANUP(mem_freep) double *v = mem_array(k * k, sizeof *v);
    CLEANUP(mem_freep) double *off = mem_array(k, sizeof *off);
    CLEANUP(mem_freep) double *solved = mem_array(k, sizeof *solved);
    for (size_t a = 0; a < k; a++) {
        off[a] = solved[a] = t->observed[used[a + 1]] - t->expected[used[a + 1]];
        for (size_t b = 0; b < k; b++)
            v[a + b * k] = t->v[used[a + 1] + used[b + 1] * t->k];
    }
    TRY(stats_spd_solve(v, ret->df, solved, 1, reterr));
    ret->chi2 = stats_dot(off, solved, ret->df);
    ret->p = stats_chi2_upper(ret->chi2, ret->df);
    return ERR_NONE;
}

ErrKind stats_logrank(const StatsSurv *s, const int32_t *group, int32_t n_groups, const int32_t *stratum,
                      int32_t n_strata, double *observed, double *expected, StatsLogrank *ret, Err *reterr)
{
    size_t n = (size_t)s->n, k = (size_t)n_groups;
    BUG_ON(n_groups < 1 || (stratum && n_strata < 1));
    CLEANUP(mem_freep) Row *rows = mem_array(MAX(n, 1), sizeof *rows);
    CLEANUP(mem_freep) Row *entry = s->entry ? mem_array(MAX(n, 1), sizeof *entry) : NULL;
    CLEANUP(mem_freep) double *room = mem_array(4 * k + k * k, sizeof *room);
    Tally t = {.k = n_groups,
               .at_risk = room,
               .events = room + k,
               .observed = room + 2 * k,
               .expected = room + 3 * k,
               .v = room + 4 * k};
    for (size_t i = 0; i < n; i++) {
        rows[i] = (Row){stratum ? stratum[i] : 0, group[i], s->time[i], s->event[i]};
        if (entry)
            entry[i] = (Row){rows[i].stratum, group[i], s->entry[i], 0};
    }
    qsort(rows, n, sizeof *rows, by_stratum_time);
    if (entry)
        qsort(entry, n, sizeof *entry, by_stratum_time);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i; next < n && rows[next].stratum == rows[i].stratum; next++)
            ;
        tally_stratum(&t, rows + i, (int64_t)(next - i), entry ? entry + i : NULL);
    }
    if (observed)
        memcpy(observed, t.observed, k * sizeof *observed);
    if (expected)
        memcpy(expected, t.expected, k * sizeof *expected);
    return quadratic(&t, ret, reterr);
}
