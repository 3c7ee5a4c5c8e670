/* scale_live.h - one decision for now: the history is gone through as it came, and what the plan wants at its end is the decision.
 *
 *     ScaleConf + ScaleSeries (up to now) --scale_live_decide--> replicas, cause, words
 *
 * Nothing is kept between decisions: a restart, or another machine, decides the same from the same history.
 * Threads: pure. Cost: about 2 microseconds a step of history (two weeks of minutes: about 40 ms). */
#ifndef EHUB_SCALE_SCALE_LIVE_H
#define EHUB_SCALE_SCALE_LIVE_H

#include "scale/scale_series.h"
#include "scale/scale_store.h"

/* override: as of scale_store_overridden. The budget caps the number: dearer than conf->budget_per_day / 24 an hour is not wanted. */
ErrKind MUST_USE scale_live_decide(const ScaleConf *c, const ScaleSeries *s, int64_t now_us,
                                   const ScaleOverride *override, ScaleStored *ret, Err *reterr);

/* What is known beforehand, for the history and two days after: the file is read anew. */
ErrKind MUST_USE scale_live_events(const ScaleConf *c, const ScaleSeries *s, ScaleEvents *events,
                                   Err *reterr);

/* Keeps to conf->up and conf->down, counted from the number decided before (-1: none was). */
void scale_live_limit(const ScaleConf *c, int64_t before, ScaleStored *d);

/* The most replicas that the budget allows; world.max without one. */
int64_t scale_live_affordable(const ScaleConf *c);

#endif
