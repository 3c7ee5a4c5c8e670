/* scale_policy.h - the policies that a replay compares with ours: reactive, static, and a schedule made beforehand.
 *
 * Reactive is the Horizontal Pod Autoscaler of Kubernetes with its defaults (documentation of Kubernetes 1.30):
 *   every 15 s  desired = ceil(demand / (target * capacity)), unless demand per replica is within 10 % of the target;
 *   up          at most to the double, or by 4, of the replicas of 15 s before, the larger of the two;
 *   down        to the highest desired of the last 300 s.
 *   target      80 % utilisation.
 * It is shown the demand itself (requests a second), which is kinder than a CPU that cannot show more than 100 %.
 *
 * Owner:    each struct belongs to the caller; scale_reactive_free. Threads: one at a time. */
#ifndef EHUB_SCALE_SCALE_POLICY_H
#define EHUB_SCALE_SCALE_POLICY_H

#include "scale/scale_sim.h"

#define SCALE_HPA_TARGET 0.8
#define SCALE_HPA_TOLERANCE 0.1
#define SCALE_HPA_DOWN_S 300.0

typedef struct ScaleReactive ScaleReactive;

ScaleReactive *scale_reactive_new(const ScaleWorld *w, double target);
void scale_reactive_free(ScaleReactive *r);
DEFINE_FREEP(ScaleReactive, scale_reactive_free)
/* One call a tick, in order. */
int64_t scale_reactive_want(ScaleReactive *r, double seen_demand);
ScalePolicy scale_reactive_policy(ScaleReactive *r);

ScalePolicy scale_static_policy(const int64_t *replicas);
/* The fewest replicas that keep the promise over the whole series; w->max where even these do not. */
ErrKind MUST_USE scale_static_peak(const ScaleWorld *w, int64_t *ret, Err *reterr);

/* replicas[k] ready at the start of step k: ordered a start-up before. */
typedef struct ScaleSchedule {
    const int64_t *replicas; /* int64_t[n] */
    int64_t n, per_step, startup_ticks;
} ScaleSchedule;
ScalePolicy scale_schedule_policy(ScaleSchedule *s);

#endif
