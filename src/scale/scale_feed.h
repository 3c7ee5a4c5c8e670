/* scale_feed.h - the load up to now, from where the configuration says: Prometheus, a counter that a program shows, or a file.
 *
 *     Prometheus --query_range, SCALE_FEED_POINTS a request--> ScaleSeries: the value at time t is the load of the step that ends at t
 *
 * A counter is sampled at each call, and the samples are kept: scale_scrape.h.
 * A file is a series whose end is now (to try a configuration out, or written by a job of yours).
 * Threads: any; blocks. Errors: those of scale_http and scale_series; INVALID when the query gives more than one series or none. */
#ifndef EHUB_SCALE_SCALE_FEED_H
#define EHUB_SCALE_SCALE_FEED_H

#include "scale/scale_conf.h"
#include "scale/scale_series.h"

#define SCALE_FEED_POINTS 10000 /* Prometheus answers at most 11,000 */
#define SCALE_FEED_TIMEOUT_MS 30000

/* The whole history, up to the last step that is over at now_us. */
ErrKind MUST_USE scale_feed(const ScaleConf *c, int64_t now_us, ScaleSeries **ret, Err *reterr);

/* What Prometheus says to a query: v[k] of the step that ends at start_s + (k + 1) * step, NAN: nothing. */
ErrKind MUST_USE scale_feed_query(const ScaleConf *c, const char *query, int64_t start_s, double *v,
                                  int64_t n, Err *reterr);

/* Reads an answer of query_range into v (double[n], NAN where nothing stands): the value at start_s + (k + 1) * step_s is v[k]. */
ErrKind MUST_USE scale_feed_parse(Str json, int64_t start_s, int64_t step_s, double *v, int64_t n,
                                  Err *reterr);

#endif
