/* insight_experiment.c - drawing arms and judging guards: pure. See insight_experiment.h. */
#include "insight/insight_experiment.h"

#include "base/mem.h"
#include "stats/stats.h"
#include "stats/stats_power.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const INSIGHT_METRIC_NAMES[INSIGHT_N_METRICS] = {"closings", "commission", "calls", "left"};

/* ---- assignment ---------------------------------------------------------------------------------------------------- */

static int by_office(const void *a, const void *b)
{
    const InsightUnit *x = a, *y = b;
    int c = memcmp(x->location.b, y->location.b, sizeof(x->location.b));
    return c ? c : memcmp(x->agent.b, y->agent.b, sizeof(x->agent.b));
}

static int by_stratum(const void *a, const void *b)
{
    const InsightUnit *x = a, *y = b;
    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    return memcmp(x->agent.b, y->agent.b, sizeof(x->agent.b));
}

void insight_strata(InsightUnit *u, int64_t n)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)MAX(n, 1), sizeof *v);
    qsort(u, (size_t)n, sizeof *u, by_office);
    for (int64_t i = 0; i < n; i++)
        v[i] = u[i].before;
    double low = stats_quantile(v, n, 1.0 / 3), high = stats_quantile(v, n, 2.0 / 3);
    int32_t office = 0;
    for (int64_t i = 0; i < n; i++) {
        office += i > 0 && !uuid_eq(u[i].location, u[i - 1].location);
        u[i].stratum = 3 * office + (u[i].before > low) + (u[i].before > high);
    }
}

static void shuffle(InsightUnit *u, int64_t n, StatsRng *rng)
{
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = stats_below(rng, i + 1);
        InsightUnit other = u[j];
        u[j] = u[i];
        u[i] = other;
    }
}

void insight_assign(InsightUnit *u, int64_t n, double share, int waves, uint64_t seed)
{
    StatsRng rng;
    stats_seed(&rng, seed);
    qsort(u, (size_t)n, sizeof *u, by_stratum);
    int64_t given = 0;
    int wave = 0;
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && u[to].stratum == u[from].stratum;)
            to++;
        shuffle(u + from, to - from, &rng);
        /* what is due so far, rounded: a stratum's remainder is carried into the next */
        int64_t due = llround(share * (double)to);
        for (int64_t i = from; i < to; i++)
            u[i].arm = i - from < due - given ? 1 + wave++ % waves : 0;
        given = due;
    }
}

/* ---- guards -------------------------------------------------------------------------------------------------------- */

InsightGuardVerdict insight_guard(const InsightGuard *g, const InsightRow *rows, int64_t n, int64_t planned)
{
    InsightGuardVerdict v = {.guard = *g, .low = NAN, .high = NAN};
    double sum[2] = {0}, square[2] = {0}, count[2] = {0};
    for (int64_t i = 0; i < n; i++) {
        int arm = rows[i].arm > 0 && rows[i].open;
        if (rows[i].arm > 0 && !rows[i].open)
            continue;
        sum[arm] += rows[i].since[g->metric];
        count[arm]++;
    }
    v.control = sum[0] / count[0];
    v.treated = sum[1] / count[1];
    for (int64_t i = 0; i < n; i++) {
        int arm = rows[i].arm > 0 && rows[i].open;
        double off = rows[i].since[g->metric] - (arm ? v.treated : v.control);
        square[arm] += rows[i].arm > 0 && !rows[i].open ? 0 : off * off;
    }
    if (count[0] < 2 || count[1] < 2)
        return v;
    double se = sqrt(square[0] / (count[0] - 1) / count[0] + square[1] / (count[1] - 1) / count[1]);
    double seen = count[0] + count[1];
    double reach = se * stats_always_valid_reach(seen, fmax((double)planned, seen), 0.95);
    v.low = v.treated - v.control - reach;
    v.high = v.treated - v.control + reach;
    v.crossed = g->metric == INSIGHT_LEFT ? v.low > g->drop : v.high < -g->drop * fabs(v.control);
    return v;
}

void insight_guard_text(const InsightGuardVerdict *v, char *ret, size_t cap)
{
    (void)snprintf(ret, cap,
                   "guard-rail: %s of those who may get it is %.4g, of the hold-out %.4g; the difference is "
                   "surely (at every look, 95 %%) worse than the limit of %g %%",
                   INSIGHT_METRIC_NAMES[v->guard.metric], v->treated, v->control, 100 * v->guard.drop);
}

/* ---- status -------------------------------------------------------------------------------------------------------- */

bool insight_experiment_name_ok(Str name)
{
    bool ok = name.len >= 1 && name.len <= 63 && name.ptr[0] != '-';
    for (size_t i = 0; ok && i < name.len; i++) {
        char c = name.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return ok;
}

double insight_experiment_balance(const InsightRow *rows, int64_t n, InsightMetric metric)
{
    double sum[2] = {0}, square[2] = {0}, count[2] = {0};
    for (int64_t i = 0; i < n; i++) {
        double v = rows[i].before[metric];
        int arm = rows[i].arm > 0;
        sum[arm] += v;
        square[arm] += v * v;
        count[arm]++;
    }
    double mean[2], var = 0;
    for (int arm = 0; arm < 2; arm++) {
        mean[arm] = sum[arm] / count[arm];
        var += (square[arm] / count[arm] - mean[arm] * mean[arm]) / 2;
    }
    return var > 0 ? (mean[1] - mean[0]) / sqrt(var) : 0;
}

InsightStratum *insight_strata_of(const InsightRow *rows, int64_t n, InsightMetric outcome, int *ret_n)
{
    int32_t most = -1;
    for (int64_t i = 0; i < n; i++)
        most = MAX(most, rows[i].stratum);
    InsightStratum *s = mem_array((size_t)most + 2, sizeof *s);
    for (int64_t i = 0; i < n; i++) {
        InsightStratum *x = &s[rows[i].stratum];
        x->location = rows[i].location;
        x->third = rows[i].stratum % 3;
        x->n_treated += rows[i].arm > 0;
        x->n_control += rows[i].arm == 0;
        *(rows[i].arm > 0 ? &x->treated_before : &x->control_before) += rows[i].before[outcome];
    }
    *ret_n = 0;
    for (int32_t i = 0; i <= most; i++) {
        if (s[i].n_treated + s[i].n_control == 0)
            continue;
        s[i].treated_before /= (double)s[i].n_treated;
        s[i].control_before /= (double)s[i].n_control;
        s[(*ret_n)++] = s[i];
    }
    return s;
}

bool insight_experiment_overdue(const InsightExperiment *e, int32_t today)
{
    return e->running && today >= e->ends_on;
}

void insight_status_done(InsightStatus *st)
{
    mem_free(st->strata);
    st->strata = NULL;
    if (st->has_answer)
        insight_answer_done(&st->answer);
}
