/* scale_plan.h - how many replicas to want now, so that the promise is kept at least cost.
 *
 *     demand of a step --scale_plan_see--> forecast for the step that an order of now reaches (start-up + metric delay)
 *                                            |  candidates: replicas for that step
 *                                            v
 *     every tick --scale_plan_want--> the highest of the steps from the one seen (less hold) to now + start-up, and the safety net
 *
 * Candidates: factors on the forecast's spread; shares on top of the demand of now and of the larger of the last two; and, for each
 *   worth of a violated step, the replicas at which one more costs more than the violation that it probably saves (scale_odds.h), so
 *   that spare room is had where it is cheap. They are followed in thought through the last three weeks: what each would have cost, how
 *   many requests it would have missed, how long it would have violated the promise. The reactive autoscaler runs along as a shadow.
 *   Taken is the first there is of
 *     1. the safest that costs at most a tenth more than what was needed, if it violates at most a tenth as long as the shadow (half
 *        a miss more is no difference) and keeps the promise as far as any candidate could
 *     2. the safest at the shadow's cost, if it does not violate longer than the shadow
 *     3. the shadow
 *   How much dearer, and how much longer in violation, those taken were in fact than in thought is learned and reckoned with.
 * Sums: what the fleet cost in fact and what the shadow cost are added up from the first tick. What has been saved may be spent over
 *   the next week, up to 2 % a step. Where more has been spent than the shadow would have, the shadow decides, and what is too many is
 *   given back without its five minutes, until that is paid back.
 * Safety net: never less than the demand of now needs, and what there is is kept until the demand of the next step is seen. When demand
 *   is above what was planned for (nobody announced it) and 1 % has been saved, for ten minutes also never less than the shadow, and
 *   the rise is carried on over the start-up, as far as what has been saved pays for it. When it is half above that, a spike: for an
 *   hour never less than the shadow.
 * Long steps: what turns out to be too many for the step is given back after five minutes, where the step is long enough for it.
 * Cold start: the shadow decides for half a day, two days where the load is not smooth (second differences small against first ones).
 *
 * Owner:    scale_plan_free. Threads: one at a time. Memory: two weeks of values, and some hundred candidates.
 * Cost:     some five microseconds a step. */
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
    SCALE_CAUSE_COLD,     /* no better forecast: reactive */
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
    double saved;                /* of what reactive would have cost so far */
    const char *why;             /* of the choice among the candidates */
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
