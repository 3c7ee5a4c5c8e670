/* insight_folds.h - which rows are predicted together by models that have not seen them.
 *
 * Whole clusters stay together; treated and controls are spread evenly, so that every model sees both.
 * Threads: pure. Result: the same rows and seed give the same folds. */
#ifndef EHUB_INSIGHT_INSIGHT_FOLDS_H
#define EHUB_INSIGHT_INSIGHT_FOLDS_H

#include "insight/insight_data.h"

#define INSIGHT_FOLDS_MAX 50

/* fold int32_t[n], 0 .. *ret_n - 1. At most `most` folds, fewer where an arm has fewer rows (clusters); INVALID below two. */
ErrKind MUST_USE insight_folds(const InsightData *d, int most, uint64_t seed, int32_t *fold, int *ret_n,
                               Err *reterr);

#endif
