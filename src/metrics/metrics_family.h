/* metrics_family.h - private to src/metrics: what stands behind Metric.state.
 *
 *     Metric (static, public) --state--> MetricFamily --cells--> MetricCell (atomic values)
 *
 * Threads: values are atomic; the list of cells is read and written under `lock`. */
#ifndef EHUB_METRICS_METRICS_FAMILY_H
#define EHUB_METRICS_METRICS_FAMILY_H

#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

#define METRICS_INDEX_SIZE (2 * METRICS_CELLS_MAX) /* open addressing, at most half full */

struct MetricCell {
    const Metric *metric;
    char *label_values[METRICS_LABELS_MAX]; /* valid UTF-8 */
    uint64_t hash;
    _Atomic uint64_t value;    /* bits of a double; histograms: the sum */
    _Atomic uint64_t *buckets; /* histograms: n_bounds + 1 counts, not cumulative; the last one is +Inf */
};

typedef struct MetricFamily {
    pthread_mutex_t lock;
    MetricCell *cells[METRICS_CELLS_MAX];
    int n_cells;
    MetricCell *index[METRICS_INDEX_SIZE];
    MetricCell *other; /* made when the family is full */
} MetricFamily;

/* All registered families in order of name, in an array that the caller frees with mem_free. */
Metric **metrics_families(int *ret_n);
void metrics_run_collectors(void);
void metrics_process_update(void); /* the process_* families; linux, /proc */

#endif
