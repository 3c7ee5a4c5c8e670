/* insight_estimate.h - an estimate as JSON, the same everywhere: "estimate", "se", "ci_low", "ci_high", and "p" of a test.
 *
 * Threads: pure. What is not known (NAN) is null. */
#ifndef EHUB_INSIGHT_INSIGHT_ESTIMATE_H
#define EHUB_INSIGHT_INSIGHT_ESTIMATE_H

#include "base/jw.h"
#include "stats/stats_ols.h"

/* Members of an object that is open, without "p" and with it. */
void insight_interval_members(Jw *w, const StatsEstimate *e);
void insight_estimate_members(Jw *w, const StatsEstimate *e);
/* A member that is an object of these. */
void insight_interval_json(Jw *w, const char *key, const StatsEstimate *e);
void insight_estimate_json(Jw *w, const char *key, const StatsEstimate *e);

#endif
