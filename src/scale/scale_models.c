/* scale_models.c - see scale_models.h. */
#include "scale/scale_models.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_smooth.h"
#include "scale/scale_trees.h"
#include "scale/scale_waves.h"
#include "scale/scale_window.h"

#include <math.h>

#define TREES_MEMORY_S (28 * 86400) /* where steps are short, rows are kept of so long */
enum {
    COLUMN_BASE = SCALE_NEAR_COLUMNS, /* base less the value of now */
    COLUMN_OF_DAY,                    /* seconds */
    COLUMN_OF_WEEK,                   /* day */
    COLUMN_VALUE,
    COLUMN_NEAR, /* what the others say, less the base */
    COLUMN_NEAR_LOG,
    COLUMN_MEDIAN,
    COLUMN_SPREAD,
    COLUMN_EVENT, /* 0: nothing is on then; 1, 2, 3: a ScaleDayOff */
    COLUMNS,
};

const char *const SCALE_MODEL_NAMES[SCALE_MODEL_SEASON] = {
    "regression", "of logarithms", "smoothing", "waves", "trees", "last value", "median of a day",
};

struct ScaleModels {
    int64_t step_s, lead, phase_s, k, n_past; /* k: the next step */
    int64_t season[SCALE_SEASONS_MAX], length[SCALE_SEASONS_MAX];
    size_t n_seasons;
    double *past; /* ring of the longest season and lead */
    double least; /* value seen */
    const ScaleEvents *events;
    int64_t start_us;
    ScaleNear *near, *log;
    ScaleSmooth *smooth;
    ScaleWaves *waves;
    ScaleTrees *trees;
    double *row, *base, *spread; /* rings of lead: of the trees' forecasts; base NAN: none */
    ScaleNearly nearly;          /* of the last step */
    ScaleWindow day;             /* values */
};

ScaleModels *scale_models_new(int64_t step_s, int64_t lead, int64_t phase_s, const int64_t *seasons,
                              size_t n_seasons)
{
    ScaleModels *m = MEM_NEW(ScaleModels);
    BUG_ON(n_seasons > SCALE_SEASONS_MAX);
    m->step_s = step_s;
    m->lead = lead;
    m->phase_s = phase_s;
    m->n_past = lead + 1;
    m->n_seasons = n_seasons;
    for (size_t i = 0; i < n_seasons; i++) {
        BUG_ON(seasons[i] < 1);
        m->season[i] = (lead + seasons[i] - 1) / seasons[i] * seasons[i]; /* whole seasons, lead or more */
        m->n_past = MAX(m->n_past, m->season[i] + (SCALE_SEASONS_MEAN - 1) * seasons[i] + 1);
        m->length[i] = seasons[i];
    }
    m->past = mem_array((size_t)m->n_past, sizeof *m->past);
    m->least = INFINITY;
    m->near = scale_near_new(step_s, lead, phase_s);
    m->log = scale_near_new(step_s, lead, phase_s);
    m->smooth = scale_smooth_new(step_s, lead, phase_s);
    m->waves = scale_waves_new(step_s, lead, phase_s);
    m->trees = scale_trees_new(COLUMNS, (int)MAX(TREES_MEMORY_S / SCALE_TREES_ROWS / step_s, 1));
    m->row = mem_array((size_t)(lead * COLUMNS), sizeof *m->row);
    m->base = mem_array((size_t)lead, sizeof *m->base);
    m->spread = mem_array((size_t)lead, sizeof *m->spread);
    for (int64_t i = 0; i < lead; i++)
        m->base[i] = NAN;
    m->day.size = (int)MIN(MAX(86400 / step_s, 3), SCALE_WINDOW_MAX);
    return m;
}

void scale_models_free(ScaleModels *m)
{
    if (!m)
        return;
    mem_free(m->past);
    scale_near_free(m->near);
    scale_near_free(m->log);
    scale_smooth_free(m->smooth);
    scale_waves_free(m->waves);
    scale_trees_free(m->trees);
    mem_free(m->row);
    mem_free(m->base);
    mem_free(m->spread);
    mem_free(m);
}

void scale_models_events(ScaleModels *m, const ScaleEvents *events, int64_t start_us)
{
    m->events = events;
    m->start_us = start_us;
    scale_near_events(m->near, events, start_us);
    scale_near_events(m->log, events, start_us);
}

static void ask_seasons(const ScaleModels *m, double *ret)
{
    for (size_t i = 0; i < m->n_seasons; i++) {
        double sum = 0;
        int64_t at = m->k + m->lead - m->season[i], n = 0;
        if (at >= 0)
            ret[SCALE_MODEL_SEASON + i] = m->past[at % m->n_past];
        for (; n < SCALE_SEASONS_MEAN && at >= 0; n++, at -= m->length[i])
            sum += m->past[at % m->n_past];
        if (n == SCALE_SEASONS_MEAN)
            ret[SCALE_MODEL_SEASON + m->n_seasons + i] = sum / SCALE_SEASONS_MEAN;
    }
}

ScaleNearly scale_models_see(ScaleModels *m, double y, bool missing, double ret[static SCALE_MODELS_MAX])
{
    int64_t slot = m->k % m->lead; /* of what was made lead steps ago */
    if (!missing && !isnan(m->base[slot]))
        scale_trees_learn(m->trees, m->row + slot * COLUMNS, (y - m->base[slot]) / m->spread[slot]);
    m->past[m->k % m->n_past] = y;
    m->least = MIN(m->least, y);
    scale_window_keep(&m->day, y);
    m->nearly = scale_near_see(m->near, y);
    ScaleNearly in_log = scale_near_see(m->log, log1p(MAX(y, 0)));
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        ret[i] = NAN;
    if (m->nearly.ready)
        ret[SCALE_MODEL_NEAR] = m->nearly.middle;
    if (m->nearly.ready && m->least >= 0)
        ret[SCALE_MODEL_NEAR_LOG] = expm1(MIN(in_log.middle, 700));
    ret[SCALE_MODEL_SMOOTH] = scale_smooth_see(m->smooth, y);
    ret[SCALE_MODEL_WAVES] = scale_waves_see(m->waves, y);
    ret[SCALE_MODEL_LAST] = y;
    ret[SCALE_MODEL_MEDIAN] = scale_window_median(&m->day);
    ask_seasons(m, ret);
    for (size_t i = 0; i < SCALE_MODELS_MAX; i++)
        if (!isfinite(ret[i]))
            ret[i] = NAN;
    m->k++;
    return m->nearly;
}

double scale_models_correct(ScaleModels *m, double base, const double others[static SCALE_MODELS_MAX])
{
    int64_t k = m->k - 1, slot = k % m->lead, then_s = m->phase_s + (k + m->lead) * m->step_s;
    double *row = m->row + slot * COLUMNS, spread = m->nearly.spread;
    const double *x = scale_near_row(m->near);
    for (int i = 0; i < SCALE_NEAR_COLUMNS; i++)
        row[i] = x[i] / spread;
    row[COLUMN_BASE] = (base - others[SCALE_MODEL_LAST]) / spread;
    row[COLUMN_OF_DAY] = (double)(then_s % 86400);
    row[COLUMN_OF_WEEK] = (double)(then_s / 86400 % 7);
    row[COLUMN_VALUE] = others[SCALE_MODEL_LAST];
    row[COLUMN_NEAR] = (m->nearly.middle - base) / spread;
    row[COLUMN_NEAR_LOG] =
        isnan(others[SCALE_MODEL_NEAR_LOG]) ? 0 : (others[SCALE_MODEL_NEAR_LOG] - base) / spread;
    row[COLUMN_MEDIAN] = (others[SCALE_MODEL_MEDIAN] - base) / spread;
    row[COLUMN_SPREAD] = spread;
    ScaleEventAt then = scale_events_at(m->events, m->start_us + (k + m->lead) * m->step_s * US_PER_S);
    row[COLUMN_EVENT] = then.kind < 0 ? 0 : 1 + then.day_off;
    m->base[slot] = m->nearly.ready ? base : NAN;
    m->spread[slot] = spread;
    double made = base + spread * scale_trees_ask(m->trees, row);
    if (!m->nearly.ready || !isfinite(made))
        return NAN;
    return m->least >= 0 ? MAX(made, 0) : made;
}
