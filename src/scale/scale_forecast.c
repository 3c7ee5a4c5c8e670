/* scale_forecast.c - see scale_forecast.h. */
#include "scale/scale_forecast.h"

#include "base/mem.h"
#include "scale/scale_near.h"

#include <math.h>
#include <string.h>

#define MISS 0.05  /* on either side */
#define GAMMA 0.01 /* how fast the levels move */
#define SEEN_LEAST 40

/* The last values: in the order they came, and sorted. */
typedef struct Window {
    double came[SCALE_FORECAST_KEPT], sorted[SCALE_FORECAST_KEPT];
    int n, next, size;
} Window;

struct ScaleForecaster {
    ScaleNear *near, *log;
    int64_t lead, k, n_past, season[SCALE_SEASONS_MAX], length[SCALE_SEASONS_MAX];
    size_t n_models, n_seasons;
    double *past; /* ring of the longest season and lead */
    ScaleForecast *made;
    double *spread; /* rings of lead: forecasts made, and their spreads */
    double error[SCALE_MODELS_MAX], seen[SCALE_MODELS_MAX], memory;
    double least, below, above; /* least value seen; levels of the two sides */
    Window errors, day;         /* errors in units of their spread; values of a day */
};

ScaleForecaster *scale_forecast_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                                    size_t n_seasons)
{
    ScaleForecaster *f = MEM_NEW(ScaleForecaster);
    BUG_ON(n_seasons > SCALE_SEASONS_MAX);
    f->near = scale_near_new(step_s, lead, phase_s);
    f->log = scale_near_new(step_s, lead, phase_s);
    f->errors.size = SCALE_FORECAST_KEPT;
    f->day.size = (int)MIN(MAX(86400 / step_s, 3), SCALE_FORECAST_KEPT);
    f->lead = lead;
    f->n_past = lead + 1;
    for (size_t i = 0; i < n_seasons; i++) {
        BUG_ON(seasons[i] < 1);
        f->season[i] = (lead + seasons[i] - 1) / seasons[i] * seasons[i]; /* whole seasons, lead or more */
        f->n_past = MAX(f->n_past, f->season[i] + (SCALE_SEASONS_MEAN - 1) * seasons[i] + 1);
        f->length[i] = seasons[i];
    }
    f->n_seasons = n_seasons;
    f->n_models = SCALE_MODEL_SEASON + 2 * n_seasons;
    f->past = mem_array((size_t)f->n_past, sizeof *f->past);
    f->made = mem_array((size_t)lead, sizeof *f->made);
    f->spread = mem_array((size_t)lead, sizeof *f->spread);
    f->memory = MAX(3 * 86400.0 / (double)step_s, 50);
    f->least = INFINITY;
    f->below = f->above = MISS;
    return f;
}

void scale_forecast_free(ScaleForecaster *f)
{
    if (!f)
        return;
    scale_near_free(f->near);
    scale_near_free(f->log);
    mem_free(f->past);
    mem_free(f->made);
    mem_free(f->spread);
    mem_free(f);
}

/* Where v stands, or would stand. */
static int place(const Window *e, double v)
{
    int from = 0, to = e->n;
    while (from < to) {
        int middle = (from + to) / 2;
        if (e->sorted[middle] < v)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void keep(Window *e, double v)
{
    if (e->n == e->size) {
        int out = place(e, e->came[e->next]);
        memmove(e->sorted + out, e->sorted + out + 1, (size_t)(--e->n - out) * sizeof *e->sorted);
    }
    int in = place(e, v);
    memmove(e->sorted + in + 1, e->sorted + in, (size_t)(e->n++ - in) * sizeof *e->sorted);
    e->sorted[in] = e->came[e->next] = v;
    e->next = (e->next + 1) % e->size;
}

/* Between the two errors that stand there; a level out of 0..1 is as far again as the outermost. */
static double quantile(const Window *e, double level)
{
    double lowest = e->sorted[0], highest = e->sorted[e->n - 1], at = level * (e->n + 1) - 1;
    if (level <= 0)
        return lowest - fabs(lowest);
    if (level >= 1)
        return highest + fabs(highest);
    if (at <= 0)
        return lowest;
    if (at >= e->n - 1)
        return highest;
    int i = (int)at;
    return e->sorted[i] + (at - i) * (e->sorted[i + 1] - e->sorted[i]);
}

/* The forecast for this step, made lead steps ago, meets its value. */
static void learn(ScaleForecaster *f, double y)
{
    const ScaleForecast *m = &f->made[f->k % f->lead];
    double spread = f->spread[f->k % f->lead];
    for (size_t i = 0; i < f->n_models; i++)
        if (!isnan(m->model[i])) {
            f->seen[i]++;
            f->error[i] += (fabs(y - m->model[i]) - f->error[i]) / MIN(f->seen[i], f->memory);
        }
    if (!isnan(m->lower)) {
        f->below += GAMMA * (MISS - (y < m->lower));
        f->above += GAMMA * (MISS - (y > m->upper));
    }
    keep(&f->errors, (y - m->middle) / spread);
}

static void ask_models(ScaleForecaster *f, const ScaleNearly *near, double y, ScaleForecast *ret)
{
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        ret->model[i] = NAN;
    ScaleNearly in_log = scale_near_see(f->log, log1p(MAX(y, 0)));
    ret->model[SCALE_MODEL_LAST] = y;
    ret->model[SCALE_MODEL_MEDIAN] = f->day.sorted[f->day.n / 2];
    if (near->ready)
        ret->model[SCALE_MODEL_NEAR] = near->middle;
    if (near->ready && f->least >= 0)
        ret->model[SCALE_MODEL_NEAR_LOG] = expm1(MIN(in_log.middle, 700));
    for (size_t i = 0; i < f->n_seasons; i++) {
        double sum = 0;
        int64_t at = f->k + f->lead - f->season[i], n = 0;
        if (at >= 0)
            ret->model[SCALE_MODEL_SEASON + i] = f->past[at % f->n_past];
        for (; n < SCALE_SEASONS_MEAN && at >= 0; n++, at -= f->length[i])
            sum += f->past[at % f->n_past];
        if (n == SCALE_SEASONS_MEAN)
            ret->model[SCALE_MODEL_SEASON + f->n_seasons + i] = sum / SCALE_SEASONS_MEAN;
    }
}

static void mix(const ScaleForecaster *f, ScaleForecast *ret)
{
    double sum = 0, best = INFINITY;
    for (size_t i = 0; i < f->n_models; i++)
        if (!isnan(ret->model[i]) && f->seen[i] > 0)
            best = MIN(best, f->error[i]);
    for (size_t i = 0; i < f->n_models; i++) {
        bool known = !isnan(ret->model[i]) && f->seen[i] > 0;
        double against = known && best > 0 ? best / f->error[i] : known && f->error[i] <= 0;
        ret->weight[i] = known ? pow(against, 8) : 0;
        sum += ret->weight[i];
    }
    if (!(sum > 0))
        ret->weight[SCALE_MODEL_LAST] = sum = 1;
    ret->middle = 0;
    for (size_t i = 0; i < f->n_models; i++) {
        ret->weight[i] /= sum;
        if (ret->weight[i] > 0)
            ret->middle += ret->weight[i] * ret->model[i];
    }
}

ScaleForecast scale_forecast_see(ScaleForecaster *f, double y)
{
    if (isnan(y))
        y = f->k >= f->lead ? f->made[f->k % f->lead].middle : f->k > 0 ? f->past[(f->k - 1) % f->n_past] : 0;
    else if (f->k >= f->lead)
        learn(f, y);
    f->past[f->k % f->n_past] = y;
    f->least = MIN(f->least, y);
    keep(&f->day, y);
    ScaleNearly near = scale_near_see(f->near, y);
    ScaleForecast r = {.lower = NAN, .upper = NAN};
    ask_models(f, &near, y, &r);
    mix(f, &r);
    if (f->errors.n >= SEEN_LEAST) {
        r.lower = r.middle + near.spread * quantile(&f->errors, f->below);
        r.upper = r.middle + near.spread * quantile(&f->errors, 1 - f->above);
        if (f->least >= 0)
            r.lower = MAX(r.lower, 0);
        r.upper = MAX(r.upper, r.lower);
    }
    f->made[f->k % f->lead] = r;
    f->spread[f->k % f->lead] = near.spread;
    f->k++;
    return r;
}
