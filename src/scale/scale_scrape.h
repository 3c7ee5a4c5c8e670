/* scale_scrape.h - the load out of a counter that a program shows itself, without a Prometheus in between.
 *
 *     GET URL --scale_scrape_sum--> the counter now --> STATE/samples.csv --scale_scrape_rates--> load by step, a second
 *
 * The text is that of Prometheus (text 0.0.4, OpenMetrics 1.0). All label sets of the metric are added up.
 * A counter that falls was restarted: what it shows is what was counted since. Between two samples it is taken to grow evenly; a
 * step that lies in a gap of more than SCALE_SCRAPE_GAP_S (or two steps) is missing.
 * The samples of the history are kept in a file, so that a restart, or `--once` from cron, knows the past.
 * Threads: pure but for scale_scrape, which blocks on the network and the disk.
 * Errors:  NOT_FOUND the metric is not there . MALFORMED with the line . those of scale_http. */
#ifndef EHUB_SCALE_SCALE_SCRAPE_H
#define EHUB_SCALE_SCALE_SCRAPE_H

#include "scale/scale_conf.h"
#include "scale/scale_series.h"

#define SCALE_SCRAPE_GAP_S 300.0
#define SCALE_SCRAPE_TIMEOUT_MS 5000
#define SCALE_SCRAPE_SAMPLES_MAX INT64_C(2000000) /* 14 days at one a second, and more */

typedef struct ScaleSample {
    double t_s; /* since 1970 */
    double counter;
} ScaleSample;

ErrKind MUST_USE scale_scrape_sum(Str text, const char *metric, double *ret, Err *reterr);

/* v[k]: increase a second in start_s + k * step_s .. + step_s, NAN where it is not known. Samples in order of time. */
void scale_scrape_rates(const ScaleSample *s, int64_t n, int64_t start_s, int64_t step_s, double *v,
                        int64_t n_steps);

/* Takes one sample, adds it to the file, and gives the load of the whole history up to the last step that is over. */
ErrKind MUST_USE scale_scrape(const ScaleConf *c, int64_t now_us, ScaleSeries **ret, Err *reterr);

#endif
