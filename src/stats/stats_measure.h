/* stats_measure.h - many scores of the same rows with bootstrap intervals, also of millions of rows.
 *
 *     rows --sorted once by p--> counts of each resample --one pass--> every measure --percentiles--> StatsInterval
 *
 * A resample is how often each row (or whole group) was drawn, so that nothing is copied and nothing sorted again: a
 * resample costs a few nanoseconds a row for each measure. All measures see the same resamples.
 * Threads:  pure. Result: the same rows, rounds and seed give the same figures.
 * Limits:   n below 2^32. Source: Efron 1979, percentile method; groups as in stats_bootstrap. */
#ifndef EHUB_STATS_STATS_MEASURE_H
#define EHUB_STATS_STATS_MEASURE_H

#include "stats/stats.h"

typedef enum StatsMeasureKind {
    STATS_MEAN,      /* of rows */
    STATS_ROOT_MEAN, /* its square root */
    STATS_AUC,       /* of p and y, as stats_auc */
    STATS_PR_AUC,
    STATS_ECE, /* of p and y, as stats_calibration; the bins stay those of all rows */
} StatsMeasureKind;

typedef struct StatsMeasure {
    StatsMeasureKind kind;
    const double *rows; /* MEAN, ROOT_MEAN: double[n], e.g. from stats_losses */
    const double
        *minus; /* double[n]: the measure is rows' minus that of these, on the same resamples; or NULL */
} StatsMeasure;

typedef struct StatsRows {
    const double *p; /* double[n]; NULL: there are only means */
    const double *y;
    const int32_t *group; /* int32[n], or NULL: single rows */
    int64_t n;
    int ece_bins;
} StatsRows;

/* rounds 0: estimates only. out[n_measures]. */
void stats_measure(const StatsRows *rows, const StatsMeasure *measures, int n_measures, int rounds,
                   double level, uint64_t seed, StatsInterval *out);

#endif
