/* scale_scenario.h - made-up loads to show and to try a policy with: two weeks of history, then the minutes in question.
 *
 * All are requests a second in steps of a minute: a day's wave with a quieter weekend and noise, and after the history
 *   high_load          rises to three times the usual within the first quarter, and stays
 *   low_load           falls to a fifth within the first quarter, and stays
 *   traffic_spike      four times the usual, without a sign beforehand, for a sixth of the time from the middle on
 *   cost_optimization  an ordinary day from its busiest hour into the night
 * Owner: the caller (mem_free). Label of everything that comes of it: simulated. */
#ifndef EHUB_SCALE_SCALE_SCENARIO_H
#define EHUB_SCALE_SCALE_SCENARIO_H

#include "base/err.h"

#define SCALE_SCENARIO_HISTORY (14 * 1440)
#define SCALE_SCENARIO_MINUTES_MAX (30 * 1440)
#define SCALE_SCENARIO_CAPACITY 25.0

extern const char *const SCALE_SCENARIOS[]; /* NULL-terminated */

/* double[SCALE_SCENARIO_HISTORY + minutes]. USAGE: no such name, minutes out of 1..SCALE_SCENARIO_MINUTES_MAX. */
ErrKind MUST_USE scale_scenario(const char *name, int64_t minutes, uint64_t seed, double **ret, Err *reterr);

#endif
