/* scale_smooth.h - exponential smoothing with the seasons of a day and a week: the load `lead` steps ahead.
 *
 *     value = level + day's season + week's season + rest; rest fades by `fade` a step    (Taylor 2003, additive)
 *
 * SCALE_SMOOTHERS sets of shares run side by side; that one answers whose forecasts were off least, lately. What is
 * far off (Huber 1964) moves the seasons only as far as a usual error would, so an outage does not become a season.
 *
 * Owner:    scale_smooth_free. Threads: one at a time.
 * Cost:     a quarter of a microsecond a step; memory: a week and a day of floats for each set. */
#ifndef EHUB_SCALE_SCALE_SMOOTH_H
#define EHUB_SCALE_SCALE_SMOOTH_H

#include "base/base.h"

#define SCALE_SMOOTHERS 5

typedef struct ScaleSmooth ScaleSmooth;

/* phase_s: seconds since the beginning of a week (any day) at which the first step begins. */
ScaleSmooth *scale_smooth_new(int64_t step_s, int64_t lead, int64_t phase_s);
void scale_smooth_free(ScaleSmooth *f);
DEFINE_FREEP(ScaleSmooth, scale_smooth_free)
/* The next step's value. The forecast for `lead` steps after it; NAN: not two days of values yet. */
double scale_smooth_see(ScaleSmooth *f, double value);

#endif
