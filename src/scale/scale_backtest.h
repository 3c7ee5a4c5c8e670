/* scale_backtest.h - how well a series is forecast: a rolling origin, one forecast a step, only the past used.
 *
 * Scored:   for each step from `from` on that has a value: the forecast made `lead` steps before, and beside it the last value
 *           and the value one season before; all three have to be there.
 * WAPE:     sum |value - forecast| / sum |value|; accuracy: 1 - WAPE.
 * Peers:    naive: the last value. Seasonal naive: the season that came out best on the scored steps (which no forecaster could
 *           know: the harder peer).
 * Seasons:  given, or a day and a week as far as two of them fit before `from`, or into half of the series.
 * Pinball:  mean of the losses at 0.05, 0.5 and 0.95, in units of the series.
 * Threads: pure. Errors: INVALID: too short, nothing to score, all values 0. */
#ifndef EHUB_SCALE_SCALE_BACKTEST_H
#define EHUB_SCALE_SCALE_BACKTEST_H

#include "base/err.h"
#include "scale/scale_forecast.h"
#include "scale/scale_series.h"

typedef struct ScaleBacktestConf {
    int64_t lead;                      /* steps ahead, from 1 */
    int64_t season[SCALE_SEASONS_MAX]; /* in steps */
    size_t n_seasons;                  /* 0: found */
    int64_t from;                      /* first step scored; -1: the last third */
    const ScaleEvents *events;         /* known beforehand, NULL: nothing */
} ScaleBacktestConf;

typedef struct ScaleBacktest {
    int64_t from, n, n_missing;
    int64_t season[SCALE_SEASONS_MAX];
    size_t n_seasons, best_season; /* best_season: the one of seasonal_naive_wape */
    double wape, naive_wape, seasonal_naive_wape /* NAN: no season fits */, coverage_90, pinball;
    double weight[SCALE_MODELS_MAX]; /* mean of the scored forecasts */
} ScaleBacktest;

ErrKind MUST_USE scale_backtest(const ScaleSeries *s, const ScaleBacktestConf *conf, ScaleBacktest *ret,
                                Err *reterr);

#endif
