/* scale_resample.c - rows at any times become one value for each step. See scale_series.h. */
#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_series.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

#define REGULAR_SHARE 0.5 /* of the distances that are the step itself */
#define WHOLE_SHARE 0.5   /* of a step that must be there */

typedef struct Steps {
    const char *path;
    ScaleRows *rows;
    ScaleSeries *s;
    int64_t native_us; /* distance of two rows; 0: they are irregular */
    int64_t origin_us; /* a time at which a native step begins */
} Steps;

static int by_time(const void *a, const void *b)
{
    const ScaleRow *x = a, *y = b;
    return x->us != y->us ? (x->us > y->us) - (x->us < y->us) : (x->line > y->line) - (x->line < y->line);
}

static void sort_rows(Steps *t)
{
    ScaleRow *r = t->rows->row;
    for (int64_t i = 1; i < t->rows->n; i++)
        t->s->n_unordered += r[i].us < r[i - 1].us;
    if (t->s->n_unordered)
        qsort(r, (size_t)t->rows->n, sizeof *r, by_time);
}

/* A time that stands twice gets the mean of its values: the hour that clocks set back give twice, files joined twice. */
static void join_same_times(Steps *t)
{
    ScaleRow *r = t->rows->row;
    int64_t out = 0;
    for (int64_t i = 0, end; i < t->rows->n; i = end) {
        double sum = 0;
        int64_t n = 0;
        for (end = i; end < t->rows->n && r[end].us == r[i].us; end++)
            if (!isnan(r[end].v)) {
                sum += r[end].v;
                n++;
            }
        t->s->n_twice += end - i - 1;
        r[out] = r[i];
        r[out++].v = n ? sum / (double)n : NAN;
    }
    t->rows->n = out;
}

/* In place: the increase since the row before. After a restart the counter's own value is what was counted since. */
static void counter_to_increase(Steps *t)
{
    ScaleRow *r = t->rows->row;
    double last = NAN;
    for (int64_t i = 0; i < t->rows->n; i++) {
        double v = r[i].v;
        if (isnan(v))
            continue;
        t->s->n_restarts += v < last;
        r[i].v = v < last ? v : v - last;
        last = v;
    }
}

static int64_t nice_step(double seconds, bool next_above)
{
    static const int64_t NICE[] = {1,   2,    5,    10,   15,   20,    30,    60,    120,   180,   300,   600,
                                   900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 604800};
    for (size_t i = 0; i < ARRAY_LEN(NICE); i++)
        if (next_above ? (double)NICE[i] >= seconds
                       : fabs((double)NICE[i] - seconds) <= 0.05 * (double)NICE[i])
            return NICE[i];
    return next_above ? SCALE_STEP_MAX_S : MAX(1, llround(seconds));
}

static ErrKind find_native_step(Steps *t, Err *reterr)
{
    const ScaleRow *r = t->rows->row;
    int64_t n = t->rows->n - 1, same = 0;
    if (t->rows->index_step_s) {
        t->native_us = t->rows->index_step_s * US_PER_S;
        return ERR_NONE;
    }
    if (n < 1)
        return err_set(reterr, ERR_INVALID, "%s: rows at one time only: no step can be found", t->path);
    CLEANUP(mem_freep) double *gap = mem_array((size_t)n, sizeof *gap);
    for (int64_t i = 0; i < n; i++)
        gap[i] = (double)(r[i + 1].us - r[i].us) / 1e6;
    double median = stats_quantile(gap, n, 0.5);
    for (int64_t i = 0; i < n; i++)
        same += fabs(gap[i] - median) <= 0.05 * median;
    bool regular = (double)same >= REGULAR_SHARE * (double)n;
    int64_t step = nice_step(median, !regular);
    if (step > SCALE_STEP_MAX_S)
        return err_set(reterr, ERR_INVALID, "%s: rows are %.1f days apart; a step is at most 7", t->path,
                       median / 86400);
    t->native_us = regular ? step * US_PER_S : 0;
    t->s->native_step_s = step;
    if (!regular)
        buf_addf(&t->s->notes, "rows come at irregular times, %.4g s apart on the median\n", median);
    return ERR_NONE;
}

static bool is_counted(const ScaleRows *rows)
{
    for (int64_t i = 0; i < rows->n; i++)
        if (!isnan(rows->row[i].v) && (rows->row[i].v < 0 || rows->row[i].v != floor(rows->row[i].v)))
            return false;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static ErrKind lay_out(Steps *t, const ScaleSeriesConf *conf, Err *reterr)
{
    const ScaleRow *r = t->rows->row;
    ScaleSeries *s = t->s;
    int64_t native_s = t->native_us / US_PER_S;
    if (native_s)
        s->native_step_s = native_s;
    s->step_s = conf->step_s ? conf->step_s : s->native_step_s;
    if (s->step_s < native_s)
        return err_set(reterr, ERR_INVALID, "%s has a row every %lld s: a step of %lld s is finer than that",
                       t->path, (long long)native_s, (long long)s->step_s);
    int64_t step_us = s->step_s * US_PER_S;
    /* Native steps begin at the first row, so that a scrape at second 7 stays whole; asked for ones on the clock. */
    if (t->native_us == step_us) {
        t->origin_us = r[0].us - step_us / 2;
        s->start_us = r[0].us;
    } else {
        s->start_us = t->origin_us = floor_div(r[0].us, step_us) * step_us;
    }
    int64_t last = (r[t->rows->n - 1].us - t->origin_us) / step_us;
    if (last >= SCALE_STEPS_MAX) {
        int64_t i = t->rows->n - 1;
        while (i > 0 && r[i].us - r[i - 1].us < (r[t->rows->n - 1].us - r[0].us) / 10)
            i--;
        return err_set(
            reterr, ERR_LIMIT,
            "%s: %lld steps of %lld s from the first to the last time, more than %lld; look at line %lld",
            t->path, (long long)last + 1, (long long)s->step_s, (long long)SCALE_STEPS_MAX,
            (long long)r[i].line);
    }
    s->n = last + 1;
    s->v = mem_array((size_t)s->n, sizeof *s->v);
    return ERR_NONE;
}

/* Sums and counts of the rows of each step; a row's missing value is no row. */
static void fill(Steps *t)
{
    ScaleSeries *s = t->s;
    int64_t step_us = s->step_s * US_PER_S;
    double expected = t->native_us ? (double)step_us / (double)t->native_us : 0;
    CLEANUP(mem_freep) int32_t *count = mem_array((size_t)s->n, sizeof *count);
    for (int64_t i = 0; i < t->rows->n; i++) {
        const ScaleRow *r = &t->rows->row[i];
        int64_t at = (r->us - t->origin_us) / step_us;
        if (isnan(r->v))
            continue;
        s->v[at] += r->v;
        count[at]++;
    }
    for (int64_t i = 0; i < s->n; i++) {
        double n = count[i];
        if (n == 0 || n < WHOLE_SHARE * expected)
            s->v[i] = NAN;
        else if (!s->summed)
            s->v[i] /= n;
        else if (n < expected)
            s->v[i] *= expected / n;
        s->n_missing += isnan(s->v[i]);
    }
}

static void note(const Steps *t)
{
    ScaleSeries *s = t->s;
    if (s->n_unordered)
        buf_addf(&s->notes, "%lld rows stand before one with an earlier time: sorted\n",
                 (long long)s->n_unordered);
    if (s->n_twice)
        buf_addf(&s->notes, "%lld rows have a time that stands there already: the mean of each time counts\n",
                 (long long)s->n_twice);
    if (s->n_restarts)
        buf_addf(&s->notes, "the counter fell %lld times: each is a restart from 0\n",
                 (long long)s->n_restarts);
    if (s->n_missing)
        buf_addf(&s->notes, "%lld of %lld steps have no value\n", (long long)s->n_missing, (long long)s->n);
    if (s->step_s != s->native_step_s)
        buf_addf(&s->notes, "steps of %lld s are the %s of rows every %lld s\n", (long long)s->step_s,
                 s->summed ? "sum" : "mean", (long long)s->native_step_s);
}

ErrKind scale_resample(const char *path, ScaleRows *rows, const ScaleSeriesConf *conf, ScaleSeries *s,
                       Err *reterr)
{
    Steps t = {.path = path, .rows = rows, .s = s};
    s->n_rows = rows->n;
    if (conf->step_s < 0 || conf->step_s > SCALE_STEP_MAX_S)
        return err_set(reterr, ERR_INVALID, "a step of %lld s: from 1 s to 7 days", (long long)conf->step_s);
    if (rows->n == 0)
        return err_set(reterr, ERR_INVALID, "%s has no rows", path);
    sort_rows(&t);
    join_same_times(&t);
    if (conf->counter == SCALE_COUNTER_YES)
        counter_to_increase(&t);
    TRY(find_native_step(&t, reterr));
    s->summed = conf->agg == SCALE_AGG_SUM || conf->counter == SCALE_COUNTER_YES ||
                (conf->agg == SCALE_AGG_AUTO && is_counted(rows));
    TRY(lay_out(&t, conf, reterr));
    fill(&t);
    note(&t);
    if (s->n_missing == s->n)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": no step has a value", path,
                       s->value_name ? s->value_name : "");
    return ERR_NONE;
}
