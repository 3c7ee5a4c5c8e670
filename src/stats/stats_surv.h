/* stats_surv.h - how long until it happens, when for some rows it has not happened yet.
 *
 *     StatsSurv --stats_km--> StatsKm (curve, at risk) --stats_km_rmst, _quantile, _at--> mean within a horizon, median, share
 *               --stats_logrank--> do groups differ?                                       (regression: stats_cox.h)
 *
 * Right censoring (event 0: not until `time`) and left truncation (entry: the row is watched after that time only). Rows
 * with equal times are tied; an event comes before a censoring of the same time.
 * Shapes:   plain arrays of n values; entry < time where there is an entry, time >= 0, event 0 or 1: the caller has checked.
 * Owner:    stats_km .. stats_km_free. Threads: pure. Cost: O(n log n). */
#ifndef EHUB_STATS_STATS_SURV_H
#define EHUB_STATS_STATS_SURV_H

#include "stats/stats_ols.h"

typedef struct StatsSurv {
    int64_t n;
    const double *entry; /* double[n], or NULL: every row is watched from the start */
    const double *time;
    const double *event;
} StatsSurv;

/* A time at which something happened or somebody was censored. */
typedef struct StatsKmPoint {
    double time;
    int64_t at_risk, events, censored;
    double survival;
    double se; /* of survival (Greenwood 1926) */
    double low,
        high; /* of survival, on the scale of log(-log) (Kalbfleisch, Prentice 1980); NAN where survival is 0 */
} StatsKmPoint;

typedef struct StatsKm {
    int64_t n, n_events;
    StatsKmPoint *point; /* ascending in time */
    int64_t n_points;
    double follow_up; /* the largest time, of events and of censorings */
} StatsKm;

/* Kaplan, Meier 1958, of the rows with group[i] == which (group NULL: of all). */
StatsKm *stats_km(const StatsSurv *s, const int32_t *group, int32_t which, double level);
void stats_km_free(StatsKm *km);
DEFINE_FREEP(StatsKm, stats_km_free)

/* The curve at time t: its last step at or before it; before the first: 1, nothing known to be wrong with it. */
StatsKmPoint stats_km_at(const StatsKm *km, double t);
int64_t stats_km_at_risk(const StatsSurv *s, const int32_t *group, int32_t which, double t);

/* The area under the curve up to the horizon (Irwin 1949), and its standard error from Greenwood's terms. NAN beyond the
 * follow-up, unless the curve has come down to 0. */
double stats_km_rmst(const StatsKm *km, double horizon, double *ret_se);

/* The time by which a share q has had the event; where the curve is flat at 1 - q its middle. Bounds: where the curve's own
 * bounds cross (Brookmeyer, Crowley 1982). NAN: not reached. Scratch: none. */
typedef struct StatsKmQuantile {
    double time, low, high;
} StatsKmQuantile;
StatsKmQuantile stats_km_quantile(const StatsKm *km, double q);

/* Log-rank test (Mantel 1966; Peto, Peto 1972) of n_groups groups, within strata if stratum is not NULL. observed,
 * expected: double[n_groups], of events, or NULL. Groups without expected events do not count in df; df 0: p is NAN. */
typedef struct StatsLogrank {
    double chi2, p;
    int df;
} StatsLogrank;
ErrKind MUST_USE stats_logrank(const StatsSurv *s, const int32_t *group, int32_t n_groups,
                               const int32_t *stratum, int32_t n_strata, double *observed, double *expected,
                               StatsLogrank *ret, Err *reterr);

#endif
