/* scale_sim.h - a fleet of replicas that serves a demand, tick by tick, under a policy.
 *
 *     demand --> [arrivals] --> queue --> ready replicas --> served in time | late
 *                    |                        ^
 *                    v metric, delayed        | ready after the start-up
 *                 policy --wanted replicas--> starting    (fewer wanted: starting ones first, then draining)
 *
 * The demand is constant within a step of the series; a step is cut into equal ticks of at most 15 s. In each tick:
 *   1. replicas whose start-up is over become ready; failed ones are replaced by new ones (which start up first)
 *   2. the policy sees the demand as it was metric_delay_s before, and says how many replicas it wants
 *   3. requests are served first come, first served; who has waited patience_s has gone
 *
 * How it is counted (all requests and minutes of the series):
 *   late               requests that were not served in the tick in which they came: queued behind others or never served
 *   availability       1 - late / requests; 1 when there was none
 *   violation_minutes  minutes in which at least one request was late: demand, with what had queued up, was above ready
 *                      replicas * capacity in any tick of the minute
 *   replica_hours      every replica from its start (start-up is paid) to the end of draining
 *   cost               replica_hours * price
 *   scale_events       how often the wanted number changed
 * A fleet begins with what the policy wants first, ready.
 *
 * Threads:  pure; the policy is called in order of time.
 * Limits:   SCALE_TICKS_MAX ticks, SCALE_REPLICAS_MAX replicas. Errors: LIMIT, INVALID (ScaleWorld, naming the setting).
 * See also: docs/how-to/scaling.md, tests/unit/scale/test_scale_sim.c */
#ifndef EHUB_SCALE_SCALE_SIM_H
#define EHUB_SCALE_SCALE_SIM_H

#include "scale/scale_events.h"

#define SCALE_TICK_S 15.0
#define SCALE_TICKS_MAX INT64_C(200000000)
#define SCALE_REPLICAS_MAX INT64_C(1000000)
#define SCALE_STARTUP_MAX_S 86400.0

typedef struct ScaleWorld {
    const double *demand; /* double[n], in the unit of the series, not negative, no NaN */
    int64_t n, step_s;
    double capacity;           /* demand that one ready replica serves, in the same unit */
    double startup_s;          /* from the order to being ready */
    double drain_s;            /* paid after a replica was taken out */
    double metric_delay_s;     /* age of the demand that a policy sees */
    double patience_s;         /* a request that waited so long is gone */
    double price;              /* of a replica-hour */
    double mtbf_h;             /* mean time between failures of a replica, 0: none fails */
    double slo;                /* promised availability, 0..1 */
    int64_t min, max;          /* replicas wanted are kept within these */
    uint64_t seed;             /* of the failures */
    const ScaleEvents *events; /* known beforehand to the plan, NULL: nothing; the caller's */
    int64_t start_us;          /* when the first step begins: for the events */
} ScaleWorld;

/* What is usual where nothing else is known: start-up 120 s, drain 30 s, delay 30 s, patience 1 s, price 1, min 1. */
extern const ScaleWorld SCALE_WORLD_USUAL;

ErrKind MUST_USE scale_world_check(const ScaleWorld *w, Err *reterr);
/* Ticks in a step, and the ticks that a start-up takes (rounded up). */
int64_t scale_world_ticks(const ScaleWorld *w);
int64_t scale_world_startup_ticks(const ScaleWorld *w);
/* The replicas that serve that demand, within min and max. */
int64_t scale_world_replicas(const ScaleWorld *w, double demand);

typedef struct ScaleView {
    int64_t tick;      /* from 0 */
    double t_s;        /* start of the tick, seconds after the start of the series */
    int64_t step;      /* that the tick belongs to */
    int64_t seen_step; /* the step whose demand the metric shows; never above step */
    double seen;       /* that demand */
    int64_t ready, starting;
} ScaleView;

typedef struct ScalePolicy {
    const char *name;
    int64_t (*want)(void *self, const ScaleView *v); /* any number; the fleet keeps to min and max */
    void *self;
} ScalePolicy;

typedef struct ScaleOutcome {
    double cost, replica_hours, violation_minutes, availability;
    double requests, late; /* demand * seconds */
    int64_t scale_events, failures, peak;
    double mean; /* replicas paid for */
} ScaleOutcome;

/* What stood at each step, for plots; each array double[n] or NULL. */
typedef struct ScaleTrace {
    double *replicas; /* paid for, mean of the step */
    double *ready;    /* least of the step */
    double *late;     /* demand * seconds */
} ScaleTrace;

ErrKind MUST_USE scale_sim(const ScaleWorld *w, const ScalePolicy *policy, const ScaleTrace *trace,
                           ScaleOutcome *ret, Err *reterr);

#endif
