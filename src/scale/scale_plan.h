/* scale_plan.h - how many replicas to want now, so that the promise is kept at least cost.
 *
 *     demand of a step --scale_plan_see--> forecast for the step that an order of now reaches (start-up + metric delay)
 *                                            |  middle + factor * spread, rounded up to replicas
 *                                            v
 *     every tick --scale_plan_want--> the highest of the steps from now (less hold) to now + start-up, and the safety net
 *
 * Factor: a newsvendor's quantile found by trying. Every candidate (factors on the forecast, shares on top of the demand of now,
 *   the reactive autoscaler itself) is followed in thought through the last three weeks: what it would have cost, how many
 *   requests and minutes it would have missed. Taken is the first there is of
 *     1. the cheapest that keeps the promise and a tenth of the violation time of the reactive autoscaler, at its cost
 *     2. of those that keep the promise at reactive's cost the one with least violation time
 *     3. the cheapest that keeps the promise: only for this is more spent than the reactive autoscaler would
 *     4. the one with fewest late requests at reactive's cost
 *   In 1 and 2 misses that no candidate would have avoided are left out. When the fleet has in fact missed more than the
 *   budget allows, the budget that is planned with shrinks.
 *   What a choice cost in fact is watched too: where it is dearer than the reactive autoscaler by more than it breaks less, and it
 *   does not alone keep the promise, the reactive autoscaler decides until that has changed.
 * Safety net: never less than the demand of now needs. When demand is above what was planned for (nobody announced it), for ten
 *   minutes also never less than the reactive autoscaler, and its rise is carried on over the start-up.
 * Long steps: what turns out to be too many for the step is given back after five minutes, where the step is long enough for it.
 * Cold start: until a day of values is there, the reactive autoscaler decides.
 *
 * Owner:    scale_plan_free. Threads: one at a time. Memory: two weeks of values and SCALE_PLAN_CHOICES counters.
 * Cost:     a few microseconds a step. */
#ifndef EHUB_SCALE_SCALE_PLAN_H
#define EHUB_SCALE_SCALE_PLAN_H

#include "base/buf.h"
#include "scale/scale_sim.h"

typedef struct ScalePlan ScalePlan;

/* world: demand and n are not read. phase_s: seconds since the beginning of a week at which the first step begins. */
ErrKind MUST_USE scale_plan_new(const ScaleWorld *world, int64_t phase_s, ScalePlan **ret, Err *reterr);
void scale_plan_free(ScalePlan *p);
DEFINE_FREEP(ScalePlan, scale_plan_free)

/* The demand of the next step; the first call is step 0. */
void scale_plan_see(ScalePlan *p, double demand);

typedef enum ScaleCause {
    SCALE_CAUSE_COLD,     /* not enough history: reactive */
    SCALE_CAUSE_FORECAST, /* what is expected within the start-up */
    SCALE_CAUSE_NOW,      /* the demand of now is above the forecast */
    SCALE_CAUSE_SURPRISE, /* above what was planned for: with the reactive autoscaler */
    SCALE_CAUSE_LIMIT,    /* minimum or maximum */
} ScaleCause;
extern const char *const SCALE_CAUSES[]; /* "cold start", ... */

typedef struct ScaleDecision {
    int64_t replicas;
    ScaleCause cause;
    double now, middle, planned; /* demand: seen, expected, provided for */
    double factor;               /* spreads above the middle; NAN: another candidate */
    int64_t reactive;            /* what reactive would want */
} ScaleDecision;

/* Called each tick, in order; sees are up to view->seen_step. */
ScaleDecision scale_plan_want(ScalePlan *p, const ScaleView *view);
/* One sentence. */
void scale_decision_words(const ScaleDecision *d, const ScaleWorld *w, Buf *out);

/* The plan as a policy for scale_sim: is shown only what the view shows. */
typedef struct ScalePlanned {
    ScalePlan *plan;
    const double *demand; /* of the world; read up to seen_step */
    int64_t seen;         /* steps shown, 0 at first */
    void (*decided)(const ScaleDecision *d, const ScaleView *v, void *arg); /* NULL: nobody listens */
    void *arg;
} ScalePlanned;
ScalePolicy scale_plan_policy(ScalePlanned *p);

#endif
