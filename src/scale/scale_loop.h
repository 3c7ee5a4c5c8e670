/* scale_loop.h - predictive scaling at work: read the load, decide, act, store, and tell people.
 *
 *     every round: source --scale_feed--> scale_live --> step limits --> actuator --> decisions.jsonl, report.json
 *
 * When the load cannot be read, what runs keeps running, or what an operator has set by hand: that is stored as a decision with its
 * reason. When the actuator refuses, the decision is stored as not acted and tried again in the next round.
 * A capacity that is learned is learned anew every SCALE_REPORT_EVERY_S; it stands in *conf, which stays the caller's.
 * Owner:    scale_loop_done. Threads: one at a time; blocks on source, actuator and disk.
 * Errors:   of the part that failed; the round has gone as far as it could. */
#ifndef EHUB_SCALE_SCALE_LOOP_H
#define EHUB_SCALE_SCALE_LOOP_H

#include "scale/scale_report.h"

typedef struct ScaleLoop {
    ScaleConf *conf;
    int64_t learned_us; /* when the capacity was last learned */
    bool dry_run;       /* decide and store, do not act */
    bool paused;        /* in the last round, by an operator */
    bool stored;        /* the last round has stored last */
    ScaleStored last;   /* replicas -1: there is none */
    ScaleReport report;
} ScaleLoop;

/* Goes on from the last decision of twenty minutes, so that a restart keeps to the step limits; it is acted again. */
ErrKind MUST_USE scale_loop_init(ScaleLoop *l, ScaleConf *c, bool dry_run, int64_t now_us, Err *reterr);
void scale_loop_done(ScaleLoop *l);
ErrKind MUST_USE scale_loop_round(ScaleLoop *l, int64_t now_us, Err *reterr);

#endif
