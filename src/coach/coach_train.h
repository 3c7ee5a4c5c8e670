/* coach_train.h - trains the models of a tenant from its own history and activates those that beat the naive forecast.
 *
 *     goals, snapshots of the past --> CoachRows --coach_fit--> report and model --> control.model (active or rejected)
 *
 * A rejected model is kept with its report; the one that was active before stays active.
 * Threads:  one worker; blocks for seconds to minutes.
 * Errors:   those of coach_fit.h (INVALID: too little to learn from), coach_label.h, pg_shard.h. */
#ifndef EHUB_COACH_COACH_TRAIN_H
#define EHUB_COACH_COACH_TRAIN_H

#include "coach/coach_fit.h"

#define COACH_TRAIN_STEP_DAYS 15 /* between the dates of the training history */

/* Derives goals where there are none and computes the snapshots of the whole history, every COACH_TRAIN_STEP_DAYS. */
ErrKind MUST_USE coach_train_prepare(PgShards *s, Uuid tenant, Deadline by, int64_t *ret_snapshots,
                                     Err *reterr);

typedef struct CoachTrained {
    CoachReport report;
    int version; /* as stored */
} CoachTrained;

ErrKind MUST_USE coach_train(PgShards *s, Uuid tenant, const CoachRows *rows, CoachKind kind,
                             const CoachFitConf *conf, Deadline by, CoachTrained *ret, Err *reterr);

#endif
