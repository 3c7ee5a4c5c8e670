/* scale_near.h - the demand a few steps ahead, cheap enough to be asked at every step of a year of minutes.
 *
 * A linear regression, fitted again and again with weights that forget: the change from now to `lead` steps ahead on the last
 * values, their moving averages, the usual value of that time of day and of week now and then, what was there one day and one
 * week before (now and then), and the usual change on those days of the week that the last hours are like: so a holiday that
 * began as a Sunday is foreseen as one, with no calendar. Ridge towards "stays as it is"; a surprise weighs less (Huber 1964). Beside it the usual size of
 * its errors, by hour of the day and lately.
 * Only values that were shown to scale_near_see are used.
 *
 * Owner:    scale_near_free. Threads: one at a time.
 * Limits:   leads 1..SCALE_NEAR_LEAD_MAX. Cost: about a microsecond a step; memory two weeks of values. */
#ifndef EHUB_SCALE_SCALE_NEAR_H
#define EHUB_SCALE_SCALE_NEAR_H

#include "scale/scale_events.h"

#define SCALE_NEAR_LEAD_MAX 4096
#define SCALE_NEAR_COLUMNS 19

typedef struct ScaleNear ScaleNear;

typedef struct ScaleNearly {
    double middle; /* as likely above as below, about */
    double spread; /* mean absolute error that is usual at this hour, above 0 */
    bool early;    /* half a day of values is there */
    bool ready;    /* false: not two days of values yet */
} ScaleNearly;

/* phase_s: seconds since the beginning of a week (any day) at which the first step begins. */
ScaleNear *scale_near_new(int64_t step_s, int64_t lead, int64_t phase_s);
void scale_near_free(ScaleNear *f);
DEFINE_FREEP(ScaleNear, scale_near_free)
/* What is known beforehand, NULL: nothing; stays the caller's, and start_us: when the first step begins. Before the first value.
 * A day off is compared with Sunday, and what has the same kind had the same effect before; how much of either counts is learned.
 * Usual values are not learned while something is on. */
void scale_near_events(ScaleNear *f, const ScaleEvents *events, int64_t start_us);
/* The next step's value. The forecast for `lead` steps after it. */
ScaleNearly scale_near_see(ScaleNear *f, double value);
/* What that forecast was made of, after a first scale_near_see: double[SCALE_NEAR_COLUMNS], distances from the value. */
const double *scale_near_row(const ScaleNear *f);

#endif
