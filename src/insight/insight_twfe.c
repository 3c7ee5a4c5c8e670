/* insight_twfe.c - see insight_twfe.h. */
#include "insight/insight_twfe.h"

#include "base/mem.h"
#include "stats/stats_within.h"

#include <math.h>

/* Two groups of sizes n1, n2 (shares of all units); where n12 = n1 / (n1 + n2) the variance of being in group 1. */
static double pair(double n1, double n2)
{
    double share = n1 / (n1 + n2);
    return (n1 + n2) * (n1 + n2) * share * (1 - share);
}

/* units: those that start at each time; [n_times]: never. treated: share of the times that are treated. */
static double already_treated(const double *units, int32_t n_times)
{
    double all = 0, wrong = 0;
    for (int32_t early = 1; early < n_times; early++) {
        double a = (double)(n_times - early) / n_times;
        if (units[early] <= 0)
            continue;
        if (units[n_times] > 0)
            all += pair(units[early], units[n_times]) * a * (1 - a);
        for (int32_t late = early + 1; late < n_times; late++) {
            double b = (double)(n_times - late) / n_times;
            if (units[late] <= 0)
                continue;
            double both = pair(units[early], units[late]) * (a - b);
            all += both * (1 - a) +
                   both * b; /* early against late before its start; late against early after its own */
            wrong += both * b;
        }
    }
    return all > 0 ? wrong / all : 0;
}

static double share_of(const InsightPanel *p)
{
    CLEANUP(mem_freep) double *units = mem_array((size_t)p->n_times + 1, sizeof *units);
    for (int32_t u = 0; u < p->n_units; u++)
        units[MIN(p->start[u], p->n_times)] += p->weight ? p->weight[u] : 1;
    return already_treated(units, p->n_times);
}

ErrKind insight_twfe(const InsightData *d, const InsightPanel *p, double level, InsightTwfe *ret, Err *reterr)
{
    int64_t n = 0, at = 0, cells = (int64_t)p->n_units * p->n_times;
    for (int64_t c = 0; c < cells; c++)
        n += p->row[c] >= 0;
    CLEANUP(mem_freep) double *v = mem_array(2 * (size_t)n, sizeof *v); /* treatment, outcome */
    CLEANUP(mem_freep) int32_t *ids = mem_array(3 * (size_t)n, sizeof *ids);
    CLEANUP(mem_freep) double *weight = p->weight ? mem_array((size_t)n, sizeof *weight) : NULL;
    int32_t *unit = ids, *time = ids + n, *cluster = ids + 2 * n;
    for (int32_t u = 0; u < p->n_units; u++)
        for (int32_t t = 0; t < p->n_times; t++) {
            int64_t i = insight_panel_row(p, u, t);
            if (i < 0)
                continue;
            v[at] = t >= p->start[u];
            v[at + n] = d->y[i];
            if (weight)
                weight[at] = p->weight[u];
            unit[at] = u;
            time[at] = t;
            cluster[at++] = p->cluster[u];
        }
    const StatsClusters effects[2] = {{unit, p->n_units}, {time, p->n_times}};
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    TRY(stats_within(v, n, 2, effects, 2, weight, reterr));
    TRY(stats_ols(v, v + n, weight, n, 1, &o, reterr));
    ret->already_treated = share_of(p);
    return stats_ols_of(o, (const double[]){1}, (StatsClusters){cluster, p->n_clusters}, level, &ret->effect,
                        reterr);
}
