/* insight_update.h - the effects of all coaching, of each intervention, programme, coach and office, found anew and stored.
 *
 *     experiments --look--> guard-rails, effects      history (insight_history.h) --staggered-did--> effects
 *                     '----------- one row for each question, outcome and tier ----------'--> insight_store.h
 *
 * An experiment with exactly the keys of an intervention or programme, and the same outcome, takes the place of the history
 * there, and nowhere else: the newest one that gives an answer and has run for INSIGHT_PER_DAYS. A running or early stopped
 * one's interval is that which holds at every look. A programme is an experiment with several keys, called like the newest with
 * these. What the data cannot give is a row with its refusal; tiers need INSIGHT_TIER_LEAST agents on each side.
 * Threads:  one; blocks. The same data give the same rows.
 * Limits:   INSIGHT_UPDATE_NAMES offices and coaches (those with the most agents), INSIGHT_UPDATE_EXPERIMENTS newest experiments for
 *           effects; guards are looked at in all that run.
 * Errors:   those of pg_shard.h; TIMEOUT past `by`: the rows of before stay. */
#ifndef EHUB_INSIGHT_INSIGHT_UPDATE_H
#define EHUB_INSIGHT_INSIGHT_UPDATE_H

#include "coach/coach_tenant.h"
#include "insight/insight_store.h"

#define INSIGHT_UPDATE_NAMES 256
#define INSIGHT_UPDATE_EXPERIMENTS 64
#define INSIGHT_TIER_LEAST 10

typedef struct InsightUpdate {
    int32_t first_day, to; /* of the history; to is not in it */
    int64_t rows, answers; /* stored; the others are refusals */
    int64_t by_experiment; /* answers that an experiment gave */
    int running, stopped;  /* experiments that ran; of these stopped by a guard now */
    int past_end;          /* that run on although their planned end is past */
    int left_out;          /* offices, coaches, programmes beyond the limits */
} InsightUpdate;

/* Until `to`, the day of the tenant's data (coach_horizon). record: see insight_experiment_stop. */
ErrKind MUST_USE insight_update(PgShards *s, const CoachTenant *tenant, int32_t to, InsightRecord *record,
                                void *arg, Deadline by, InsightUpdate *ret, Err *reterr);

#endif
