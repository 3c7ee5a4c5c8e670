/* scale_forecast.c - see scale_forecast.h. */
#include "scale/scale_forecast.h"

#include "base/mem.h"
#include "scale/scale_window.h"

#include <math.h>

#define MISS 0.05  /* on either side */
#define GAMMA 0.01 /* how fast the levels move */
#define SEEN_LEAST 40
#define MEMORY_DAYS 3.0
#define LATELY (1.0 / 8) /* of that memory */
#define SHARPNESS 10     /* of the weights */
#define TRIM 0.25        /* of the weight on either side does not count */

struct ScaleForecaster {
    ScaleModels *models;
    int64_t lead, k;
    double last; /* value */
    ScaleForecast *made;
    double *spread; /* rings of lead: forecasts made, and their spreads */
    double error[SCALE_MODELS_MAX], lately[SCALE_MODELS_MAX], seen[SCALE_MODELS_MAX],
        memory;                 /* mean absolute errors */
    double least, below, above; /* least value seen; levels of the two sides */
    ScaleWindow errors;         /* in units of their spread */
};

ScaleForecaster *scale_forecast_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                                    size_t n_seasons)
{
    ScaleForecaster *f = MEM_NEW(ScaleForecaster);
    f->models = scale_models_new(step_s, lead, phase_s, seasons, n_seasons);
    f->errors.size = SCALE_WINDOW_MAX;
    f->lead = lead;
    f->made = mem_array((size_t)lead, sizeof *f->made);
    f->spread = mem_array((size_t)lead, sizeof *f->spread);
    f->memory = MAX(MEMORY_DAYS * 86400 / (double)step_s, 50);
    f->least = INFINITY;
    f->below = f->above = MISS;
    return f;
}

void scale_forecast_free(ScaleForecaster *f)
{
    if (!f)
        return;
    scale_models_free(f->models);
    mem_free(f->made);
    mem_free(f->spread);
    mem_free(f);
}

void scale_forecast_events(ScaleForecaster *f, const ScaleEvents *events, int64_t start_us)
{
    scale_models_events(f->models, events, start_us);
}

/* The forecast for this step, made lead steps ago, meets its value. */
static void learn(ScaleForecaster *f, double y)
{
    const ScaleForecast *m = &f->made[f->k % f->lead];
    double spread = f->spread[f->k % f->lead];
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        if (!isnan(m->model[i])) {
            f->seen[i]++;
            double off = fabs(y - m->model[i]);
            f->error[i] += (off - f->error[i]) / MIN(f->seen[i], f->memory);
            f->lately[i] += (off - f->lately[i]) / MIN(f->seen[i], MAX(LATELY * f->memory, 50));
        }
    if (!isnan(m->lower)) {
        f->below += GAMMA * (MISS - (y < m->lower));
        f->above += GAMMA * (MISS - (y > m->upper));
    }
    scale_window_keep(&f->errors, (y - m->middle) / spread);
}

/* The mean of the forecasts, sorted, that is left when TRIM of the weight is cut off below and above. */
static double middle_of(const ScaleForecast *r)
{
    size_t by_size[SCALE_MODELS_MAX], n = 0;
    double below = 0, sum = 0, weights = 0;
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        if (r->weight[i] > 0) {
            size_t at = n++;
            for (; at > 0 && r->model[by_size[at - 1]] > r->model[i]; at--)
                by_size[at] = by_size[at - 1];
            by_size[at] = i;
        }
    for (size_t i = 0; i < n; i++) {
        double weight = r->weight[by_size[i]];
        double kept = MIN(below + weight, 1 - TRIM) - MAX(below, TRIM);
        below += weight;
        sum += MAX(kept, 0) * r->model[by_size[i]];
        weights += MAX(kept, 0);
    }
    return sum / weights;
}

static void mix(const ScaleForecaster *f, ScaleForecast *ret)
{
    double sum = 0, best = INFINITY, error[SCALE_MODELS_MAX];
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++) {
        error[i] = isnan(ret->model[i]) || f->seen[i] <= 0 ? NAN : sqrt(f->error[i] * f->lately[i]);
        if (error[i] < best)
            best = error[i];
    }
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++) {
        double against = best > 0 ? best / error[i] : error[i] <= 0;
        ret->weight[i] = isnan(error[i]) ? 0 : pow(against, SHARPNESS);
        sum += ret->weight[i];
    }
    if (!(sum > 0))
        ret->weight[SCALE_MODEL_LAST] = sum = 1;
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        ret->weight[i] /= sum;
    ret->middle = middle_of(ret);
}

static void add_interval(const ScaleForecaster *f, double spread, ScaleForecast *ret)
{
    ret->lower = ret->upper = NAN;
    if (f->errors.n < SEEN_LEAST)
        return;
    ret->lower = ret->middle + spread * scale_window_quantile(&f->errors, f->below);
    ret->upper = ret->middle + spread * scale_window_quantile(&f->errors, 1 - f->above);
    if (f->least >= 0)
        ret->lower = MAX(ret->lower, 0);
    ret->upper = MAX(ret->upper, ret->lower);
}

ScaleForecast scale_forecast_see(ScaleForecaster *f, double y)
{
    bool missing = isnan(y);
    if (missing)
        y = f->k >= f->lead ? f->made[f->k % f->lead].middle : f->last;
    else if (f->k >= f->lead)
        learn(f, y);
    f->last = y;
    f->least = MIN(f->least, y);
    ScaleForecast r;
    ScaleNearly near = scale_models_see(f->models, y, missing, r.model);
    mix(f, &r);
    r.model[SCALE_MODEL_TREES] = scale_models_correct(f->models, r.middle, r.model);
    mix(f, &r);
    add_interval(f, near.spread, &r);
    f->made[f->k % f->lead] = r;
    f->spread[f->k % f->lead] = near.spread;
    f->k++;
    return r;
}
