/* stats_cox.h - proportional hazards: what makes it happen sooner, when for some rows it has not happened yet.
 *
 *     StatsSurv, x --stats_cox--> StatsCox: log hazard ratios, their covariances, tests
 *
 * Partial likelihood (Cox 1972) with Efron's (1977) treatment of ties, by Newton's method; strata have baselines of their own.
 * Robust covariance: the sum of dfbetas of rows or clusters (Lin, Wei 1989). Proportionality: score test of x times a
 * function of time (Grambsch, Therneau 1994), that function being 1 - Kaplan-Meier just before the event.
 * Columns that are a combination of earlier ones are dropped (coefficient 0). A coefficient that runs away (no events where
 * x is large, say) is marked: only its direction is known.
 * Shapes:   x double[n][k] column-major, without missing values. Owner: stats_cox .. stats_cox_free. Threads: pure.
 * Cost:     O(n k^2) for each of about six iterations; memory O(n k).
 * Errors:   INVALID no events, no columns that vary, no maximum found. */
#ifndef EHUB_STATS_STATS_COX_H
#define EHUB_STATS_STATS_COX_H

#include "stats/stats_surv.h"

typedef struct StatsCoxTest {
    double chi2, p;
    int df;
} StatsCoxTest;

typedef struct StatsCox {
    int64_t n, n_events;
    int k, rank, iterations;
    bool *kept;         /* bool[k] */
    bool *runs_away;    /* bool[k] */
    double *coef;       /* double[k]: log hazard ratio of one unit; 0 for a dropped column */
    double *covariance; /* double[k][k], from the information; zero for dropped columns */
    double *robust;     /* double[k][k], by row or by cluster */
    double log_likelihood, log_likelihood_0; /* at the coefficients, at zero */
    StatsCoxTest likelihood_ratio, score, wald;
    StatsCoxTest *proportional;    /* [k], of each kept column; df 0 for the others */
    StatsCoxTest proportional_all; /* of all together */
} StatsCox;

ErrKind MUST_USE stats_cox(const StatsSurv *s, const double *x, int k, const int32_t *stratum,
                           int32_t n_strata, StatsClusters clusters, StatsCox **ret, Err *reterr);
void stats_cox_free(StatsCox *c);
DEFINE_FREEP(StatsCox, stats_cox_free)

#endif
