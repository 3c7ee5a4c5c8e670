/* scale_ledger.h - what our fleet and a reactive one in its place cost and violate, tick by tick. Private to src/scale.
 *
 *     view of a tick --scale_ledger_tick--> what reactive wants; the sums of both fleets
 *
 * The reactive fleet is a shadow (scale_policy.h): what it wants is paid from then on, and ready a start-up later. A tick shows a
 * demand as old as the metric: it is held against what was ready then.
 * Debt: from the moment when our fleet has cost more than the shadow, until a little is saved again.
 *
 * Owner:    scale_ledger_free. Threads: one at a time. */
#ifndef EHUB_SCALE_SCALE_LEDGER_H
#define EHUB_SCALE_SCALE_LEDGER_H

#include "scale/scale_policy.h"

typedef struct ScaleFleet {
    double cost, late, violation; /* since the last step: replica ticks, demand * ticks, ticks */
    double all;                   /* cost since the first tick */
    int64_t paid;                 /* in the tick before */
    int64_t *ready;               /* ring of what was ready, as old as the metric */
} ScaleFleet;

typedef struct ScaleLedger {
    ScaleFleet own, other;
    bool in_debt;
    double capacity, queued; /* queued: share of what is served in a shortage that had to wait */
    double drain_ticks;
    int64_t per_step, startup_ticks, delay_ticks, tick;
    ScaleReactive *reactive;
    int64_t *reactive_wants; /* ring of startup_ticks + 1 */
} ScaleLedger;

ScaleLedger *scale_ledger_new(const ScaleWorld *w);
void scale_ledger_free(ScaleLedger *l);
DEFINE_FREEP(ScaleLedger, scale_ledger_free)
/* Each tick, in order. Returns the replicas that reactive wants. */
int64_t scale_ledger_tick(ScaleLedger *l, const ScaleView *v);
/* The step's sums begin anew. */
void scale_ledger_next_step(ScaleLedger *l);
/* Is more spent than the shadow would have? */
void scale_ledger_add_up(ScaleLedger *l);
/* Replica ticks that the shadow has cost more than ours, 0 or below: none. */
double scale_ledger_saved(const ScaleLedger *l);

#endif
