/* http_metrics.c - see http_metrics.h. */
#include "http/http_metrics.h"

#include "base/mem.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdio.h>

#define STATUS_MIN 100
#define STATUS_COUNT 500

static Metric requests_metric =
    METRIC_COUNTER("ehub_http_requests_total", "Requests answered.", "route", "method", "status");
static Metric seconds_metric = METRIC_HISTOGRAM(
    "ehub_http_request_seconds", "From the last byte of a request to its answer, with the wait for a thread.",
    METRICS_LATENCY_BOUNDS, "route");
static Metric connections_metric = METRIC_GAUGE("ehub_http_connections", "Open connections.", NULL);
static Metric refused_metric = METRIC_COUNTER(
    "ehub_http_refused_total", "Connections and requests that the edge turned away.", "reason");
static Metric threads_metric = METRIC_GAUGE("ehub_rt_pool_threads", "Threads of a worker pool.", "pool");
static Metric running_metric =
    METRIC_GAUGE("ehub_rt_pool_running", "Jobs that run in a worker pool.", "pool");
static Metric queued_metric = METRIC_GAUGE("ehub_rt_pool_queued", "Jobs that wait for a thread.", "pool");
static Metric done_metric =
    METRIC_COUNTER("ehub_rt_pool_jobs_total", "Jobs that a worker pool has finished.", "pool");
static Metric rejected_metric = METRIC_COUNTER(
    "ehub_rt_pool_rejected_total", "Jobs turned away because the queue of the pool was full.", "pool");

typedef struct RouteCells {
    MetricCell *seconds;
    MetricCell *by_status[STATUS_COUNT]; /* of the route's own method; found at first use */
} RouteCells;

typedef struct PoolSeen {
    RtPool *pool;
    uint64_t done, rejected; /* already counted */
} PoolSeen;

struct HttpMetrics {
    const HttpRoute *routes;
    int n_routes;
    RouteCells *cells; /* n_routes, and one for no route */
    PoolSeen pools[HTTP_POOL_COUNT];
    HttpMetrics *next;
};

/* The servers alive; the collector is registered once for all. */
static pthread_mutex_t live_lock = PTHREAD_MUTEX_INITIALIZER;
static HttpMetrics *live;
static bool collector_registered;

static void collect_pool(PoolSeen *seen)
{
    RtPoolStats s = rt_pool_stats(seen->pool);
    metrics_set(metrics_cell(&threads_metric, s.name), s.threads);
    metrics_set(metrics_cell(&running_metric, s.name), s.running);
    metrics_set(metrics_cell(&queued_metric, s.name), s.queued);
    metrics_add(metrics_cell(&done_metric, s.name), (double)(s.done - seen->done));
    metrics_add(metrics_cell(&rejected_metric, s.name), (double)(s.rejected - seen->rejected));
    seen->done = s.done;
    seen->rejected = s.rejected;
}

static void collect(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&live_lock);
    for (HttpMetrics *m = live; m != NULL; m = m->next)
        for (int i = 0; i < HTTP_POOL_COUNT; i++)
            if (m->pools[i].pool != NULL)
                collect_pool(&m->pools[i]);
    pthread_mutex_unlock(&live_lock);
}

HttpMetrics *http_metrics_new(const HttpRoute *routes, int n_routes, RtPool *const pools[HTTP_POOL_COUNT])
{
    HttpMetrics *m = MEM_NEW(HttpMetrics);
    m->routes = routes;
    m->n_routes = n_routes;
    m->cells = mem_array((size_t)n_routes + 1, sizeof *m->cells);
    for (int i = 0; i < HTTP_POOL_COUNT; i++)
        m->pools[i].pool = pools[i];
    for (int i = 0; i <= n_routes; i++)
        m->cells[i].seconds = metrics_cell(&seconds_metric, i < n_routes ? routes[i].pattern : "unmatched");
    pthread_mutex_lock(&live_lock);
    bool first = !collector_registered;
    collector_registered = true;
    m->next = live;
    live = m;
    pthread_mutex_unlock(&live_lock);
    if (first)
        metrics_collect(collect, NULL);
    return m;
}

void http_metrics_free(HttpMetrics *m)
{
    if (m == NULL)
        return;
    pthread_mutex_lock(&live_lock);
    HttpMetrics **at = &live;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    pthread_mutex_unlock(&live_lock);
    mem_free(m->cells);
    mem_free(m);
}

/* Methods outside of the usual ones share a label: a client must not be able to fill the family. */
static const char *method_label(Str method)
{
    static const char *const KNOWN[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
        if (str_eq_c(method, KNOWN[i]))
            return KNOWN[i];
    return "other";
}

static MetricCell *request_cell(const char *route, const char *method, int status)
{
    char text[12];
    snprintf(text, sizeof text, "%d", status);
    return metrics_cell(&requests_metric, route, method, text);
}

void http_metrics_answered(HttpMetrics *m, const HttpRoute *route, Str method, int status, double seconds)
{
    int i = route != NULL ? (int)(route - m->routes) : m->n_routes;
    metrics_observe(m->cells[i].seconds, seconds);
    int at = status - STATUS_MIN;
    if (route == NULL || !str_eq_c(method, route->method) || at < 0 || at >= STATUS_COUNT) {
        metrics_add(request_cell(route != NULL ? route->pattern : "unmatched", method_label(method), status),
                    1);
        return;
    }
    MetricCell **kept = &m->cells[i].by_status[at];
    if (*kept == NULL)
        *kept = request_cell(route->pattern, route->method, status);
    metrics_add(*kept, 1);
}

void http_metrics_connections(int by)
{
    metrics_add(metrics_cell(&connections_metric), by);
}

void http_metrics_refused(const char *reason)
{
    metrics_add(metrics_cell(&refused_metric, reason), 1);
}
