/* insight_survival.c - see insight_survival.h. */
#include "insight/insight_survival.h"

#include "base/mem.h"
#include "model/model_plot.h"
#include "stats/stats_dist.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define EVENTS_PER_COLUMN 10 /* Peduzzi et al. 1995 */
#define THIN 5               /* at risk at the horizon: below, the curve's end says little */

static void warn(InsightSurvival *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void warn(InsightSurvival *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&s->warnings, fmt, ap);
    va_end(ap);
    buf_add_char(&s->warnings, '\n');
}

/* ---- rows ---- */

static ErrKind check_rows(const InsightData *d, InsightSurvival *s, Err *reterr)
{
    int64_t zero = 0, events = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double from = d->entry ? d->entry[i] : 0;
        if (!(d->y[i] >= 0) || from < 0)
            return err_set(reterr, ERR_INVALID, "line %lld: a time of %g: times start at 0",
                           (long long)insight_line(d, i), d->y[i] >= 0 ? from : d->y[i]);
        if (d->entry && from >= d->y[i])
            return err_set(reterr, ERR_INVALID, "line %lld: watched from %g, which is not before its time %g",
                           (long long)insight_line(d, i), from, d->y[i]);
        zero += d->y[i] == 0;
        events += d->event[i] > 0;
    }
    if (events == 0)
        return err_set(reterr, ERR_INVALID,
                       "all %lld rows are censored: none has had the event yet, so there is no time to tell",
                       (long long)d->n);
    if (zero)
        warn(s, "%lld rows have time 0: an event there counts as happening at the very start",
             (long long)zero);
    if (events < 10)
        warn(s, "%lld events only: intervals are rough", (long long)events);
    return ERR_NONE;
}

/* The group of each row; NULL: one group. */
static int32_t *groups_of(const InsightData *d, InsightSurvival *s)
{
    if (d->t) {
        int32_t *group = mem_array((size_t)d->n, sizeof *group);
        for (int64_t i = 0; i < d->n; i++)
            group[i] = d->t[i] > 0.5;
        s->compares = true;
        s->n_groups = 2;
        s->group[0].name = d->control_name;
        s->group[1].name = d->treated_name;
        return group;
    }
    s->n_groups = d->unit.id ? d->unit.n : 1;
    s->group[0].name = "all";
    for (int g = 0; d->unit.id && g < s->n_groups; g++)
        s->group[g].name = d->unit.name[g];
    if (!d->unit.id)
        return NULL;
    int32_t *group = mem_array((size_t)d->n, sizeof *group);
    memcpy(group, d->unit.id, (size_t)d->n * sizeof *group);
    return group;
}

/* ---- curves ---- */

static double survivors(const StatsKm *km)
{
    return km->n_points ? km->point[km->n_points - 1].survival : 1;
}

/* Where everybody of a group has got there, its end limits nothing. */
static double common_horizon(const InsightSurvival *s)
{
    double least = INFINITY, most = 0;
    for (int g = 0; g < s->n_groups; g++) {
        const StatsKm *km = s->group[g].km;
        most = MAX(most, km->follow_up);
        if (survivors(km) > 0)
            least = MIN(least, km->follow_up);
    }
    return isfinite(least) ? least : most;
}

static ErrKind fill_groups(const StatsSurv *v, const int32_t *group, double horizon, InsightSurvival *s,
                           Err *reterr)
{
    for (int g = 0; g < s->n_groups; g++)
        s->group[g].km = stats_km(v, group, g, s->level);
    s->horizon = isnan(horizon) ? common_horizon(s) : horizon;
    if (!(s->horizon > 0))
        return err_set(reterr, ERR_INVALID, "a horizon of %g: it must be more than 0", s->horizon);
    ModelTicks ticks = model_plot_ticks(0, s->horizon, INSIGHT_SURVIVAL_TICKS - 2);
    s->n_ticks = MIN(ticks.n, INSIGHT_SURVIVAL_TICKS);
    for (int i = 0; i < s->n_ticks; i++)
        s->tick[i] = ticks.first + i * ticks.step;
    for (int g = 0; g < s->n_groups; g++) {
        InsightSurvivalGroup *r = &s->group[g];
        double se, area = stats_km_rmst(r->km, s->horizon, &se);
        if (isnan(area))
            return err_set(
                reterr, ERR_INVALID,
                "the horizon %g is beyond what is known of %.100s: watched up to %g, and not all have got "
                "there",
                s->horizon, r->name, r->km->follow_up);
        StatsKmPoint end = stats_km_at(r->km, s->horizon);
        r->rmst = stats_estimate(area, se, INFINITY, s->level);
        r->shared = (StatsEstimate){.estimate = 1 - end.survival,
                                    .se = end.se,
                                    .df = INFINITY,
                                    .low = 1 - end.high,
                                    .high = 1 - end.low,
                                    .p = NAN};
        r->median = stats_km_quantile(r->km, 0.5);
        for (int i = 0; i < s->n_ticks; i++)
            r->at_risk[i] = stats_km_at_risk(v, group, g, s->tick[i] > 0 ? s->tick[i] : 1e-300);
        int64_t last = stats_km_at_risk(v, group, g, s->horizon);
        if (last < THIN && survivors(r->km) > 0)
            warn(s, "%.100s: %lld at risk at the horizon %g: the end of the curve says little", r->name,
                 (long long)last, s->horizon);
        if (r->km->n_events == 0)
            warn(s, "%.100s: none of %lld has had the event", r->name, (long long)r->km->n);
        for (int64_t i = 0; i + 1 < r->km->n_points; i++)
            if (r->km->point[i].survival == 0) {
                warn(s,
                     "%.100s: at time %g everybody watched had the event, others came later: the curve is 0 "
                     "from "
                     "there on for that reason",
                     r->name, r->km->point[i].time);
                break;
            }
    }
    return ERR_NONE;
}

static StatsEstimate difference(StatsEstimate a, StatsEstimate b, double level)
{
    return stats_estimate(a.estimate - b.estimate, sqrt(a.se * a.se + b.se * b.se), INFINITY, level);
}

static ErrKind compare(const InsightData *d, const StatsSurv *v, const int32_t *group, InsightSurvival *s,
                       Err *reterr)
{
    CLEANUP(mem_freep) double *observed = mem_array(2 * (size_t)s->n_groups, sizeof *observed);
    double *expected = observed + s->n_groups;
    if (s->n_groups < 2)
        return ERR_NONE;
    TRY(stats_logrank(v, group, s->n_groups, NULL, 0, observed, expected, &s->logrank, reterr));
    for (int g = 0; g < s->n_groups; g++) {
        s->group[g].observed = observed[g];
        s->group[g].expected = expected[g];
    }
    if (d->stratum.id)
        TRY(stats_logrank(v, group, s->n_groups, d->stratum.id, d->stratum.n, NULL, NULL,
                          &s->logrank_stratified, reterr));
    if (!s->compares)
        return ERR_NONE;
    const InsightSurvivalGroup *off = &s->group[0], *on = &s->group[1];
    double a = on->rmst.estimate, b = off->rmst.estimate;
    s->rmst_difference = difference(on->rmst, off->rmst, s->level);
    s->share_difference = difference(on->shared, off->shared, s->level);
    s->rmst_ratio_log =
        stats_estimate(log(a / b), hypot(on->rmst.se / a, off->rmst.se / b), INFINITY, s->level);
    return ERR_NONE;
}

/* ---- hazard ratios ---- */

static InsightHazard hazard_of(const StatsCox *c, int k, const char *name, StatsClusters clusters,
                               double level)
{
    int at = k * (c->k + 1);
    InsightHazard h = {.name = mem_strdup(name),
                       .model_se = sqrt(c->covariance[at]),
                       .robust_se = sqrt(c->robust[at]),
                       .proportional = c->proportional[k]};
    double df = clusters.id ? clusters.n - 1 : INFINITY;
    h.log_ratio = stats_estimate(c->coef[k], clusters.id ? h.robust_se : h.model_se, df, level);
    if (!c->kept[k] || c->runs_away[k]) {
        h.log_ratio = (StatsEstimate){NAN, NAN, NAN, NAN, NAN, NAN};
        h.model_se = h.robust_se = NAN;
    }
    return h;
}

static const char *column_name(const InsightData *d, int k, Buf *room)
{
    buf_clear(room);
    int n_first = d->t ? 1 : d->unit.id ? d->unit.n - 1 : 0;
    if (k >= n_first)
        return d->x_name[k - n_first];
    buf_add_c(room, d->t ? d->treated_name : d->unit.name[k + 1]);
    buf_addf(room, " against %.200s", d->t ? d->control_name : d->unit.name[0]);
    return buf_cstr(room);
}

static void warn_of_hazards(const InsightData *d, InsightSurvival *s, StatsClusters clusters)
{
    const StatsCox *c = s->cox;
    for (int k = 0; k < s->n_hazards; k++) {
        const char *name = s->hazard[k].name;
        if (!c->kept[k])
            warn(s, "%.200s is a combination of other columns: its hazard ratio cannot be told", name);
        else if (c->runs_away[k])
            warn(s, "%.200s: the hazard ratio goes to %s (one side has no events): it cannot be told", name,
                 c->coef[k] < 0 ? "0" : "infinity");
        else if (c->proportional[k].df > 0 && c->proportional[k].p < 0.05 && k == 0 && d->t)
            warn(s,
                 "the hazard ratio of %.200s changes with time (p %.2g): read the difference of the "
                 "restricted "
                 "means instead",
                 name, c->proportional[k].p);
    }
    if (c->n_events < (int64_t)EVENTS_PER_COLUMN * c->rank)
        warn(s, "%lld events for %d columns: fewer than %d for each make hazard ratios unsure",
             (long long)c->n_events, c->rank, EVENTS_PER_COLUMN);
    if (!clusters.id)
        return;
    warn(s,
         "curves, restricted means and the log-rank test take each row for itself: only the errors of hazard "
         "ratios are by cluster");
    if (clusters.n < 30)
        warn(s, "%d clusters only: the errors of hazard ratios are likely too small", (int)clusters.n);
}

/* One cluster alone on a side says nothing of how clusters differ: the ratio stands without an error. */
static void drop_errors(const InsightData *d, InsightSurvival *s)
{
    int32_t n[2] = {d->cluster.n, d->cluster.n};
    if (!d->cluster.id)
        return;
    if (d->t)
        insight_cluster_sides(d, n);
    if (n[0] >= 2 && n[1] >= 2)
        return;
    warn(s,
         "a side is one cluster alone: its own ups and downs cannot be told from the effect; hazard ratios "
         "have no interval");
    for (int k = -1; k < s->n_hazards; k++) {
        InsightHazard *h = k < 0 ? &s->alone : &s->hazard[k];
        h->robust_se = NAN;
        h->log_ratio = (StatsEstimate){h->log_ratio.estimate, NAN, NAN, NAN, NAN, NAN};
    }
}

static ErrKind fill_hazards(const InsightData *d, const StatsSurv *v, InsightSurvival *s, Err *reterr)
{
    int n_first = d->t ? 1 : d->unit.id ? d->unit.n - 1 : 0, k = n_first + d->n_x;
    if (k == 0)
        return ERR_NONE;
    size_t n = (size_t)d->n;
    StatsClusters clusters = {d->cluster.id, d->cluster.n};
    CLEANUP(mem_freep) double *x = mem_array(n * (size_t)k, sizeof *x);
    CLEANUP(buf_done) Buf room = BUF(8192);
    Err why = {0};
    for (int c = 0; c < n_first; c++)
        for (size_t i = 0; i < n; i++)
            x[i + (size_t)c * n] = d->t ? d->t[i] : d->unit.id[i] == c + 1;
    if (d->n_x)
        memcpy(x + n * (size_t)n_first, d->x, n * (size_t)d->n_x * sizeof *x);
    if (d->t && d->n_x &&
        stats_cox(v, x, 1, d->stratum.id, d->stratum.n, clusters, &s->cox_alone, &why) == ERR_NONE)
        s->alone = hazard_of(s->cox_alone, 0, column_name(d, 0, &room), clusters, s->level);
    ErrKind kind = stats_cox(v, x, k, d->stratum.id, d->stratum.n, clusters, &s->cox, &why);
    if (kind == ERR_INVALID) {
        warn(s, "no hazard ratios: %s", why.msg);
        return ERR_NONE;
    }
    if (kind != ERR_NONE)
        return err_set(reterr, kind, "%s", why.msg);
    s->hazard = mem_array((size_t)k, sizeof *s->hazard);
    for (; s->n_hazards < k; s->n_hazards++)
        s->hazard[s->n_hazards] =
            hazard_of(s->cox, s->n_hazards, column_name(d, s->n_hazards, &room), clusters, s->level);
    warn_of_hazards(d, s, clusters);
    drop_errors(d, s);
    return ERR_NONE;
}

/* ---- all ---- */

ErrKind insight_survival(const InsightData *d, double level, double horizon, InsightSurvival **ret,
                         Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = MEM_NEW(InsightSurvival);
    s->level = level;
    s->warnings = BUF(1u << 20);
    buf_add_str(&s->warnings, buf_str(&d->warnings));
    if (!d->y || !d->event)
        return err_set(reterr, ERR_INVALID,
                       "survival needs the time of each row and whether the event was seen then");
    if (!d->t && d->unit.id && d->unit.n > INSIGHT_CURVES_MAX)
        return err_set(reterr, ERR_INVALID, "%d groups are too many to compare, at most %d", (int)d->unit.n,
                       INSIGHT_CURVES_MAX);
    TRY(check_rows(d, s, reterr));
    StatsSurv v = {d->n, d->entry, d->y, d->event};
    CLEANUP(mem_freep) int32_t *group = groups_of(d, s);
    TRY(fill_groups(&v, group, horizon, s, reterr));
    TRY(compare(d, &v, group, s, reterr));
    TRY(fill_hazards(d, &v, s, reterr));
    TRY(buf_check(&s->warnings, reterr));
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

void insight_survival_free(InsightSurvival *s)
{
    if (!s)
        return;
    for (int g = 0; g < INSIGHT_CURVES_MAX; g++)
        stats_km_free(s->group[g].km);
    for (int k = 0; k < s->n_hazards; k++)
        mem_free(s->hazard[k].name);
    mem_free(s->alone.name);
    mem_free(s->hazard);
    stats_cox_free(s->cox);
    stats_cox_free(s->cox_alone);
    buf_done(&s->warnings);
    mem_free(s);
}
