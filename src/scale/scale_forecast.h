/* scale_forecast.h - the load `lead` steps ahead, by several models that compete, with an interval.
 *
 *     value --> each model's forecast --weights by past errors--> middle --conformal quantiles of past errors--> lower, upper
 *
 * Models:   scale_models.h.
 * Weights:  1 / error^10; error: mean absolute error of the forecasts whose time has come, the geometric mean of that of the last
 *           three days or so and that of the last nine hours or so.
 * Middle:   the mean of the middle half of the weight: so one model that is far off does not move it.
 * Interval: quantiles of the last SCALE_WINDOW_MAX errors, each divided by the spread that was usual at its hour, at levels
 *           that are moved after each miss and hit so that 5 % lie below and 5 % above in the long run, whatever the series does
 *           (adaptive conformal inference: Gibbs, Candes 2021), a side for itself.
 * Only values that were shown to scale_forecast_see are used. A missing value is replaced by what had been expected.
 *
 * Owner:    scale_forecast_free. Threads: one at a time.
 * Limits, cost: those of scale_models.h. */
#ifndef EHUB_SCALE_SCALE_FORECAST_H
#define EHUB_SCALE_SCALE_FORECAST_H

#include "scale/scale_models.h"

typedef struct ScaleForecaster ScaleForecaster;

typedef struct ScaleForecast {
    double middle;
    double lower, upper;            /* 90 %; NAN: not enough errors seen yet */
    double model[SCALE_MODELS_MAX]; /* of each; NAN: none yet */
    double weight[SCALE_MODELS_MAX];
} ScaleForecast;

/* As scale_models_new. */
ScaleForecaster *scale_forecast_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                                    size_t n_seasons);
void scale_forecast_free(ScaleForecaster *f);
DEFINE_FREEP(ScaleForecaster, scale_forecast_free)
/* As scale_near_events. */
void scale_forecast_events(ScaleForecaster *f, const ScaleEvents *events, int64_t start_us);
/* The next step's value, NAN: missing. The forecast for `lead` steps after it. */
ScaleForecast scale_forecast_see(ScaleForecaster *f, double value);

#endif
