/* scale_models.h - the models that compete in a forecast, behind one interface.
 *
 *     value --scale_models_see--> each model's forecast --weights--> middle --scale_models_correct--> that of the trees
 *
 * The trees (scale_trees.h) look at what the regression knew (scale_near.h), at the time of day and of week, and at what the
 * others say; they correct the middle of the others, so they are asked last.
 * Only values that were shown to scale_models_see are used.
 *
 * Owner:    scale_models_free. Threads: one at a time.
 * Limits:   leads 1..SCALE_NEAR_LEAD_MAX, SCALE_SEASONS_MAX seasons.
 * Cost:     some 10 microseconds a step, and a fit of the trees now and then; memory: the longest season, two weeks of values, and
 *           the trees' rows. */
#ifndef EHUB_SCALE_SCALE_MODELS_H
#define EHUB_SCALE_SCALE_MODELS_H

#include "scale/scale_near.h"

#define SCALE_SEASONS_MAX 4
#define SCALE_SEASONS_MEAN 3 /* seasons in the mean */
enum {
    SCALE_MODEL_NEAR,     /* scale_near.h */
    SCALE_MODEL_NEAR_LOG, /* the same on log(1 + value), where none is below 0 */
    SCALE_MODEL_SMOOTH,   /* scale_smooth.h */
    SCALE_MODEL_WAVES,    /* scale_waves.h */
    SCALE_MODEL_TREES,    /* scale_trees.h */
    SCALE_MODEL_LAST,     /* the last value */
    SCALE_MODEL_MEDIAN,   /* of the last day */
    SCALE_MODEL_SEASON, /* and on: the value one season before for each season, then the mean of the last three for each */
    SCALE_MODELS_MAX = SCALE_MODEL_SEASON + 2 * SCALE_SEASONS_MAX,
};
extern const char *const SCALE_MODEL_NAMES[SCALE_MODEL_SEASON]; /* "regression", ... */

typedef struct ScaleModels ScaleModels;

/* phase_s: seconds since the beginning of a week (any day) at which the first step begins. seasons: in steps. */
ScaleModels *scale_models_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                              size_t n_seasons);
void scale_models_free(ScaleModels *m);
DEFINE_FREEP(ScaleModels, scale_models_free)
/* As scale_near_events. */
void scale_models_events(ScaleModels *m, const ScaleEvents *events, int64_t start_us);
/* The next step's value. Fills the forecasts for `lead` steps after it, NAN: none yet; the trees' always NAN.
 * missing: the value is made up: nobody learns from it where that can be helped. */
ScaleNearly scale_models_see(ScaleModels *m, double value, bool missing, double ret[static SCALE_MODELS_MAX]);
/* The trees' forecast for the same step: base corrected. Once after each scale_models_see. */
double scale_models_correct(ScaleModels *m, double base, const double others[static SCALE_MODELS_MAX]);

#endif
