/* scale_backtest.c - see scale_backtest.h. */
#include "scale/scale_backtest.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_near.h"

#include <math.h>
#include <string.h>

static void find_seasons(const ScaleSeries *s, ScaleBacktest *b)
{
    static const int64_t SPANS[] = {86400, 604800};
    for (size_t i = 0; i < ARRAY_LEN(SPANS); i++) {
        int64_t steps = SPANS[i] / s->step_s;
        if (SPANS[i] % s->step_s == 0 && steps >= 2 && steps * 2 <= MAX(b->from, s->n / 2))
            b->season[b->n_seasons++] = steps;
    }
}

static double pinball(double y, double q, double level)
{
    return y >= q ? level * (y - q) : (1 - level) * (q - y);
}

typedef struct Sums {
    double values, off, naive, seasonal[SCALE_SEASONS_MAX], covered, with_interval, pinball;
} Sums;

static void score(const ScaleForecast *f, double y, Sums *sum, ScaleBacktest *b)
{
    b->n++;
    sum->values += fabs(y);
    sum->off += fabs(y - f->middle);
    sum->naive += fabs(y - f->model[SCALE_MODEL_LAST]);
    for (size_t i = 0; i < b->n_seasons; i++)
        sum->seasonal[i] += fabs(y - f->model[SCALE_MODEL_SEASON + i]);
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        b->weight[i] += f->weight[i];
    if (isnan(f->lower))
        return;
    sum->with_interval++;
    sum->covered += y >= f->lower && y <= f->upper;
    sum->pinball +=
        (pinball(y, f->lower, 0.05) + pinball(y, f->middle, 0.5) + pinball(y, f->upper, 0.95)) / 3;
}

static bool is_whole(const ScaleForecast *f, size_t n_seasons)
{
    for (size_t i = 0; i < n_seasons; i++)
        if (isnan(f->model[SCALE_MODEL_SEASON + i]))
            return false;
    return true;
}

static void conclude(const Sums *sum, ScaleBacktest *b)
{
    b->wape = sum->off / sum->values;
    b->naive_wape = sum->naive / sum->values;
    b->coverage_90 = sum->with_interval > 0 ? sum->covered / sum->with_interval : NAN;
    b->pinball = sum->with_interval > 0 ? sum->pinball / sum->with_interval : NAN;
    b->seasonal_naive_wape = NAN;
    for (size_t i = 0; i < b->n_seasons; i++)
        if (!(b->seasonal_naive_wape <= sum->seasonal[i] / sum->values)) {
            b->seasonal_naive_wape = sum->seasonal[i] / sum->values;
            b->best_season = i;
        }
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        b->weight[i] /= (double)b->n;
}

ErrKind scale_backtest(const ScaleSeries *s, const ScaleBacktestConf *conf, ScaleBacktest *b, Err *reterr)
{
    *b =
        (ScaleBacktest){.from = conf->from >= 0 ? conf->from : s->n - s->n / 3, .n_seasons = conf->n_seasons};
    memcpy(b->season, conf->season, sizeof b->season);
    if (conf->lead < 1 || conf->lead > SCALE_NEAR_LEAD_MAX)
        return err_set(reterr, ERR_INVALID, "the horizon is %lld steps: from 1 to %d", (long long)conf->lead,
                       SCALE_NEAR_LEAD_MAX);
    if (b->n_seasons == 0)
        find_seasons(s, b);
    if (b->from >= s->n || s->n < 3 * conf->lead + 3)
        return err_set(reterr, ERR_INVALID,
                       "%lld steps, scored from step %lld on, %lld ahead: too short to score",
                       (long long)s->n, (long long)b->from, (long long)conf->lead);
    CLEANUP(scale_forecast_freep)
    ScaleForecaster *f =
        scale_forecast_new(s->step_s, conf->lead, s->start_us / US_PER_S % 604800, b->season, b->n_seasons);
    scale_forecast_events(f, conf->events, s->start_us);
    CLEANUP(mem_freep) ScaleForecast *made = mem_array((size_t)conf->lead, sizeof *made);
    Sums sum = {0};
    for (int64_t k = 0; k < s->n; k++) {
        ScaleForecast *at = &made[k % conf->lead]; /* made lead steps ago, for this step */
        if (k >= b->from && isnan(s->v[k]))
            b->n_missing++;
        else if (k >= b->from && k >= conf->lead && is_whole(at, b->n_seasons))
            score(at, s->v[k], &sum, b);
        *at = scale_forecast_see(f, s->v[k]);
    }
    if (b->n == 0)
        return err_set(reterr, ERR_INVALID, "no step from step %lld on has a value and a forecast",
                       (long long)b->from);
    if (!(sum.values > 0))
        return err_set(reterr, ERR_INVALID, "all values that are scored are 0: WAPE has no meaning");
    conclude(&sum, b);
    return ERR_NONE;
}
