/* scale_replay.h - what a series would have cost, and broken, under each policy.
 *
 *     ScaleWorld --scale_sim x 4--> predictive, reactive, static peak, oracle --> savings, ratio to the oracle
 *
 * Threads:  pure. Cost: a year of minutes in seconds. Label of every number: simulated. */
#ifndef EHUB_SCALE_SCALE_REPLAY_H
#define EHUB_SCALE_SCALE_REPLAY_H

#include "base/jw.h"
#include "scale/scale_plan.h"
#include "scale/scale_sim.h"

typedef enum ScaleKind {
    SCALE_PREDICTIVE,
    SCALE_REACTIVE,
    SCALE_STATIC,
    SCALE_ORACLE,
    SCALE_KINDS
} ScaleKind;
extern const char *const SCALE_KIND_NAMES[SCALE_KINDS];

typedef struct ScaleReplay {
    ScaleWorld world;
    ScaleOutcome of[SCALE_KINDS];
    ScaleTrace trace[SCALE_KINDS]; /* double[n] each, where kept */
    int64_t static_replicas;
    int64_t by_cause[5]; /* ticks of the predictive policy by ScaleCause */
} ScaleReplay;

/* Times missing from the series: up to SCALE_GAP_STEPS a straight line, in longer gaps nobody asks for anything (0), as the
 * metric of a service without requests shows. Negative values count as 0. Copies into out (double[n]). */
#define SCALE_GAP_STEPS 3
void scale_replay_demand(const double *v, int64_t n, double *out);
/* A tenth of the 99th percentile of the values that are there. */
double scale_replay_capacity(const double *v, int64_t n);

/* world->demand stays the caller's. keep: the traces too. phase_s as of scale_plan_new. */
ErrKind MUST_USE scale_replay(const ScaleWorld *world, int64_t phase_s, bool keep, ScaleReplay **ret,
                              Err *reterr);
void scale_replay_free(ScaleReplay *r);
DEFINE_FREEP(ScaleReplay, scale_replay_free)

void scale_replay_json(Jw *w, const ScaleReplay *r, ScaleKind kind);
void scale_replay_text(Buf *out, const ScaleReplay *r);

#endif
