/* scale_ahead.h - the replicas that the next hours will probably need: for budgets and for people, not for acting.
 *
 *     series --a scale_near for each hour ahead--> middle, and the quantile of its past errors --> replicas, cost by hour
 *
 * For each lead the forecasts of the whole series are made as they would have been at the time; the quantile is that of their
 * errors (in usual errors at that hour) over the last two weeks: it covered SCALE_AHEAD_QUANTILE of them. Label: projection.
 * Threads: pure. Cost: a pass over the series for each hour. Errors: INVALID when the series is too short for a lead. */
#ifndef EHUB_SCALE_SCALE_AHEAD_H
#define EHUB_SCALE_SCALE_AHEAD_H

#include "scale/scale_conf.h"
#include "scale/scale_series.h"

#define SCALE_AHEAD_HOURS_MAX 48
#define SCALE_AHEAD_QUANTILE 0.99

typedef struct ScaleAhead {
    int64_t at_us;       /* the moment that is foreseen */
    double middle, high; /* demand */
    int64_t replicas;    /* that serve high, within minimum, maximum and budget */
    double cost;         /* of that hour */
} ScaleAhead;

/* ret: hours entries, for 1 .. hours after the end of the series. */
ErrKind MUST_USE scale_ahead(const ScaleConf *c, const ScaleSeries *s, int hours, ScaleAhead *ret,
                             Err *reterr);

#endif
