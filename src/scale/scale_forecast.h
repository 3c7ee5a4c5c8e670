/* scale_forecast.h - the load `lead` steps ahead, by several models that compete, with an interval.
 *
 *     value --> each model's forecast --weights by past errors--> middle --conformal quantiles of past errors--> lower, upper
 *
 * Models:   the regression of scale_near.h, on the values and (where none is below 0) on log(1 + value); the last value; the
 *           median of the last day; for each season the value one season before, and the mean of the last three of them.
 * Weights:  1 / error^8, error: mean absolute error of the forecasts whose time has come, of the last three days or so.
 * Interval: quantiles of the last SCALE_FORECAST_KEPT errors, each divided by the spread that was usual at its hour, at levels
 *           that are moved after each miss and hit so that 5 % lie below and 5 % above in the long run, whatever the series does
 *           (adaptive conformal inference: Gibbs, Candes 2021), a side for itself.
 * Only values that were shown to scale_forecast_see are used. A missing value is replaced by what had been expected.
 *
 * Owner:    scale_forecast_free. Threads: one at a time.
 * Limits:   leads 1..SCALE_NEAR_LEAD_MAX, SCALE_SEASONS_MAX seasons. Cost: some microseconds a step; memory: the longest season. */
#ifndef EHUB_SCALE_SCALE_FORECAST_H
#define EHUB_SCALE_SCALE_FORECAST_H

#include "base/base.h"

#define SCALE_SEASONS_MAX 4
#define SCALE_FORECAST_KEPT 2000
#define SCALE_SEASONS_MEAN 3 /* seasons in the mean */
#define SCALE_MODELS_MAX (4 + 2 * SCALE_SEASONS_MAX)
enum {
    SCALE_MODEL_NEAR,
    SCALE_MODEL_NEAR_LOG,
    SCALE_MODEL_LAST,
    SCALE_MODEL_MEDIAN,
    SCALE_MODEL_SEASON, /* and on: the value one season before for each season, then the mean for each */
};

typedef struct ScaleForecaster ScaleForecaster;

typedef struct ScaleForecast {
    double middle;
    double lower, upper;            /* 90 %; NAN: not enough errors seen yet */
    double model[SCALE_MODELS_MAX]; /* of each; NAN: none yet */
    double weight[SCALE_MODELS_MAX];
} ScaleForecast;

/* phase_s: seconds since the beginning of a week (any day) at which the first step begins. seasons: in steps. */
ScaleForecaster *scale_forecast_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                                    size_t n_seasons);
void scale_forecast_free(ScaleForecaster *f);
DEFINE_FREEP(ScaleForecaster, scale_forecast_free)
/* The next step's value, NAN: missing. The forecast for `lead` steps after it. */
ScaleForecast scale_forecast_see(ScaleForecaster *f, double value);

#endif
