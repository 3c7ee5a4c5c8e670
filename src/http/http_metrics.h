/* http_metrics.h - what the edge counts. One instance a server: cells are found once and kept.
 * Threads: http_metrics_answered from the edge thread only; the rest from any. */
#ifndef EHUB_HTTP_HTTP_METRICS_H
#define EHUB_HTTP_HTTP_METRICS_H

#include "http/http.h"

typedef struct HttpMetrics HttpMetrics;

HttpMetrics *http_metrics_new(const HttpRoute *routes, int n_routes, RtPool *const pools[HTTP_POOL_COUNT]);
void http_metrics_free(HttpMetrics *m);
DEFINE_FREEP(HttpMetrics, http_metrics_free)

/* route NULL: none matched. */
void http_metrics_answered(HttpMetrics *m, const HttpRoute *route, Str method, int status, double seconds);
void http_metrics_connections(int by);
/* reason: a literal, lower case. */
void http_metrics_refused(const char *reason);

#endif
