/* metrics.h - counters, gauges and histograms; Prometheus text 0.0.4 and OpenMetrics 1.0.
 *
 *     static Metric m_req = METRIC_COUNTER("ehub_http_requests_total", "Requests answered.", "route", "status");
 *     metrics_add(metrics_cell(&m_req, "/v1/today", "200"), 1);
 *
 * Owner:    families are static; cells live as long as the process. Threads: any; updates are atomic and lock-free,
 *           finding a cell takes a short lock (keep the pointer where it is hot).
 * Limits:   METRICS_CELLS_MAX cells a family; further label sets share one cell labelled "other" and are counted in
 *           ehub_metrics_dropped_total. Source: facts of the Prometheus and OpenMetrics exposition formats. */
#ifndef EHUB_METRICS_METRICS_H
#define EHUB_METRICS_METRICS_H

#include "base/buf.h"

#define METRICS_LABELS_MAX 4
#define METRICS_CELLS_MAX 512
#define METRICS_BUCKETS_MAX 24

typedef enum MetricKind { METRIC_IS_COUNTER, METRIC_IS_GAUGE, METRIC_IS_HISTOGRAM } MetricKind;
typedef struct MetricCell MetricCell;

typedef struct Metric {
    const char *name; /* counters end in _total; the unit is in the name: _seconds, _bytes */
    const char *help;
    MetricKind kind;
    const char *labels[METRICS_LABELS_MAX + 1];
    const double *bounds; /* histograms: rising upper bounds, without +Inf */
    int n_bounds;
    /* private */
    void *state;
    struct Metric *next;
} Metric;

#define METRIC_COUNTER(name_, help_, ...)                                                  \
    {                                                                                      \
        .name = name_, .help = help_, .kind = METRIC_IS_COUNTER, .labels = { __VA_ARGS__ } \
    }
#define METRIC_GAUGE(name_, help_, ...)                                                  \
    {                                                                                    \
        .name = name_, .help = help_, .kind = METRIC_IS_GAUGE, .labels = { __VA_ARGS__ } \
    }
#define METRIC_HISTOGRAM(name_, help_, bounds_, ...)                                        \
    {                                                                                       \
        .name = name_, .help = help_, .kind = METRIC_IS_HISTOGRAM, .labels = {__VA_ARGS__}, \
        .bounds = bounds_, .n_bounds = (int)(sizeof(bounds_) / sizeof((bounds_)[0]))        \
    }

/* Latency bounds in seconds, 0.5 ms to 10 s, with one at each promised limit (5, 50, 200, 500 ms). */
extern const double METRICS_LATENCY_BOUNDS[14];

/* The cell for these label values, in the order of the family's labels; as many arguments as labels, each a C
 * string. Registers the family on first use. Never NULL. */
#define metrics_cell(metric, ...) \
    metrics_cell_of((metric), (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
MetricCell *metrics_cell_of(Metric *m, const char *const *label_values);

void metrics_add(MetricCell *c, double by);    /* counters (by >= 0) and gauges */
void metrics_set(MetricCell *c, double v);     /* gauges */
void metrics_observe(MetricCell *c, double v); /* histograms */
double metrics_value(const MetricCell *c);     /* counters and gauges: value; histograms: count */

typedef enum MetricsFormat { METRICS_TEXT_0_0_4, METRICS_OPENMETRICS_1_0 } MetricsFormat;
/* Picks the format from an Accept header (may be STR_NULL). */
MetricsFormat metrics_negotiate(Str accept);
const char *metrics_content_type(MetricsFormat f);
/* All registered families, in order of name. Callbacks registered with metrics_collect run first. */
void metrics_render(MetricsFormat f, Buf *out);
/* Something that sets gauges just before each rendering (pool depths, memory). At most 32 in a process. */
void metrics_collect(void (*fn)(void *arg), void *arg);

#endif
