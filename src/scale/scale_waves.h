/* scale_waves.h - harmonic regression with a trend that bends: the load `lead` steps ahead.
 *
 *     value = level + trend + waves of a day and a week + rest; the share of the rest that is left after `lead` steps is learned
 *
 * Waves: sine and cosine of whole numbers of cycles a week: those of a day (7, 14, ...), of a week, and beside each of a day
 * (6, 8, 13, 15, ...), so that the days of a week may differ in shape. Fitted again each hour with weights that forget. Where
 * the rest stays on one side for long and is far above its usual size, level and trend start anew there (a changepoint).
 *
 * Owner:    scale_waves_free. Threads: one at a time. Cost: about 2 microseconds a step. */
#ifndef EHUB_SCALE_SCALE_WAVES_H
#define EHUB_SCALE_SCALE_WAVES_H

#include "base/base.h"

typedef struct ScaleWaves ScaleWaves;

/* phase_s: seconds since the beginning of a week (any day) at which the first step begins. */
ScaleWaves *scale_waves_new(int64_t step_s, int64_t lead, int64_t phase_s);
void scale_waves_free(ScaleWaves *f);
DEFINE_FREEP(ScaleWaves, scale_waves_free)
/* The next step's value. The forecast for `lead` steps after it; NAN: not two days of values yet. */
double scale_waves_see(ScaleWaves *f, double value);

#endif
