/* scale_size.h - how much processor and memory a replica should ask for, from what replicas used: advice, nothing is changed.
 *
 *     use of a replica by step --> processor: 90th percentile; memory: 90th percentile of the days' peaks; both and SCALE_SIZE_MARGIN
 *
 * These are the defaults of the recommender of Kubernetes' Vertical Pod Autoscaler 1.0 (target-cpu-percentile 0.9,
 * memory-aggregation-interval 24h, recommendation-margin-fraction 0.15), without its decay: all of the history counts alike.
 * Too little processor makes a replica slow, too little memory ends it: hence peaks for the latter.
 * Refused with a reason while less than SCALE_SIZE_DAYS days are known. Threads: pure. Cost: a sort. */
#ifndef EHUB_SCALE_SCALE_SIZE_H
#define EHUB_SCALE_SCALE_SIZE_H

#include "base/err.h"

#define SCALE_SIZE_MARGIN 0.15
#define SCALE_SIZE_QUANTILE 0.9
#define SCALE_SIZE_DAYS 1

typedef struct ScaleSize {
    int64_t n;         /* steps that were known */
    double used, most; /* the percentile, the highest */
    double ask;        /* used and the margin */
} ScaleSize;

/* v: double[n] by step, NAN: not known. days: peaks of the days instead of the steps. ERR_INVALID: too little is known. */
ErrKind MUST_USE scale_size(const double *v, int64_t n, int64_t step_s, bool days, ScaleSize *ret,
                            Err *reterr);

#endif
