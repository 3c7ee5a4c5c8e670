/* scale_series.h - a load over time, one value for each step of a fixed length.
 *
 *     CSV file --scale_rows_read--> (time, value) rows --scale_resample--> ScaleSeries: start, step, double[n] (NAN = missing)
 *
 * Times:    found by the name of the column or by what its cells look like: ISO 8601 with or without an offset, other dates with
 *           a time of day (scale_time.h), seconds, milliseconds, microseconds or nanoseconds since 1970; or the numbers of the
 *           rows, when the step is known. Times without an offset are taken as they stand (wall clock).
 * Step:     asked for, or the commonest distance of two times; irregular rows get the next usual step above their median
 *           distance. Steps begin at multiples of their length since 1970 (of native ones: where the first row is).
 * Rows:     may stand in any order. Times that stand more than once (clocks set back, a file joined with itself) count once,
 *           with the mean of their values. A step of which less than half is there is missing. A sum over a step of which a
 *           part is missing is scaled up to the whole.
 * Counters: values that only grow until a restart (Prometheus' *_total) become their increase per step; a fall is a restart.
 * Owner:    scale_series_free. Threads: one; blocks on the disk.
 * Limits:   SCALE_ROWS_MAX rows, SCALE_STEPS_MAX steps: ERR_LIMIT.
 * Errors:   INVALID naming file, line and column. */
#ifndef EHUB_SCALE_SCALE_SERIES_H
#define EHUB_SCALE_SCALE_SERIES_H

#include "base/buf.h"

#define SCALE_ROWS_MAX INT64_C(8000000)
#define SCALE_STEPS_MAX INT64_C(4000000)
#define SCALE_STEP_MAX_S INT64_C(604800) /* a week */

typedef enum ScaleAgg {
    SCALE_AGG_AUTO, /* the sum of what was counted (whole numbers from 0), else the mean */
    SCALE_AGG_MEAN,
    SCALE_AGG_SUM,
} ScaleAgg;

typedef enum ScaleCounter {
    SCALE_COUNTER_AUTO, /* by its name (*_total) */
    SCALE_COUNTER_NO,
    SCALE_COUNTER_YES,
} ScaleCounter;

typedef struct ScaleSeriesConf {
    const char *time_column, *value_column; /* NULL: found */
    int64_t step_s;                         /* 0: that of the file */
    ScaleAgg agg;
    ScaleCounter counter;
} ScaleSeriesConf;

typedef struct ScaleSeries {
    int64_t start_us; /* since 1970: when the first step begins */
    int64_t step_s;
    int64_t n;
    double *v; /* double[n], NAN: missing */
    char *time_name, *value_name;
    bool has_times; /* false: row numbers, the series begins in 1970 */
    bool summed;
    int64_t native_step_s; /* of the rows */
    int64_t n_rows, n_missing;
    int64_t n_twice, n_unordered,
        n_restarts; /* rows with a time that was there, before the one above; falls of a counter */
    Buf notes;      /* what was made of the file, one line each */
} ScaleSeries;

ErrKind MUST_USE scale_series_read(const char *path, const ScaleSeriesConf *conf, ScaleSeries **ret,
                                   Err *reterr);
/* A series of values that are there already (copied). */
ScaleSeries *scale_series_new(int64_t start_us, int64_t step_s, const double *v, int64_t n);
void scale_series_free(ScaleSeries *s);
DEFINE_FREEP(ScaleSeries, scale_series_free)

static inline int64_t scale_series_time(const ScaleSeries *s, int64_t i)
{
    return s->start_us + i * s->step_s * INT64_C(1000000);
}

/* Rows as they stand in a file. */
typedef struct ScaleRow {
    int64_t us;
    double v; /* NAN: missing */
    int64_t line;
} ScaleRow;

typedef struct ScaleRows {
    ScaleRow *row;
    int64_t n, cap;
    int64_t index_step_s; /* what a row number counts, 0: rows have times. -1: nobody knows */
} ScaleRows;

/* Sorts the rows. path: for messages. Fills everything of *s but the names. */
ErrKind MUST_USE scale_resample(const char *path, ScaleRows *rows, const ScaleSeriesConf *conf,
                                ScaleSeries *s, Err *reterr);

#endif
