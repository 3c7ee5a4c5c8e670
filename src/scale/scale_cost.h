/* scale_cost.h - what the last hours cost, and what static peak and reactive would have cost for the same load.
 *
 *     stored decisions (measured) or, where there are none, a replay (simulated) --> cost by hour and by cause
 *     replay of the same load --> static peak, reactive (simulated)
 *
 * Spent: replicas decided, at the prices of the configuration; a decision holds until the next, at most SCALE_COST_HOLD_S.
 * Interval of the saving: percentile bootstrap over hours (Efron 1979), 2,000 rounds, 90 %.
 * Threads: pure. */
#ifndef EHUB_SCALE_SCALE_COST_H
#define EHUB_SCALE_SCALE_COST_H

#include "base/jw.h"
#include "scale/scale_series.h"
#include "scale/scale_store.h"
#include "stats/stats.h"

#define SCALE_COST_HOLD_S 1800
#define SCALE_COST_CAUSES 16

typedef struct ScaleCostHour {
    int64_t at_us;
    double spent, fixed, reactive; /* fixed: static peak */
    double requests, late;         /* demand * seconds */
} ScaleCostHour;

typedef struct ScaleCost {
    int64_t n_hours;
    ScaleCostHour *hour;
    ScaleCostHour all;
    double measured; /* share of the steps with a stored decision */
    StatsInterval saving_vs_static, saving_vs_reactive;
    int64_t static_replicas;
    int n_causes;
    struct {
        char name[24];
        double spent;
    } cause[SCALE_COST_CAUSES];
} ScaleCost;

ErrKind MUST_USE scale_cost(const ScaleConf *c, const ScaleSeries *s, int64_t hours,
                            const ScaleStored *stored, int64_t n_stored, ScaleCost **ret, Err *reterr);
void scale_cost_free(ScaleCost *c);
DEFINE_FREEP(ScaleCost, scale_cost_free)
void scale_cost_json(Jw *w, const ScaleConf *conf, const ScaleCost *c);
void scale_cost_text(Buf *out, const ScaleConf *conf, const ScaleCost *c);

#endif
