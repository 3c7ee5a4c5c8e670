/* insight_delivered.h - what was delivered in a time, and what closings paid: the amounts that returns are reckoned with.
 *
 *     coaching_session, intervention, agent, opportunity (every shard) --> by name of a scope: agents, agent-days, coachings
 *
 * A coaching is a session that was noted, or a suggestion that was sent and not reported as not done (as in insight_history.h);
 * several with one key on one day to one agent count as one. It counts for an agent from the first one until the agent left.
 * Times are days since 1970, [from, to). Cost: reads the tenant's coachings until `to` once.
 * Owner:    insight_delivered_done. Threads: one; blocks. Errors: those of pg_shard.h. */
#ifndef EHUB_INSIGHT_INSIGHT_DELIVERED_H
#define EHUB_INSIGHT_INSIGHT_DELIVERED_H

#include "insight/insight_store.h"

typedef struct InsightDelivered {
    Str name;           /* as in insight_store.h; STR_NULL in what insight_delivered_to did not find */
    int64_t agents;     /* for whom it counted on at least a day of the time */
    int64_t agent_days; /* on which it counted */
    int64_t coachings;  /* delivered within the time */
} InsightDelivered;

typedef struct InsightOffice {
    Uuid location;
    int64_t agent_days;   /* of all its agents, coached or not, until they left */
    int64_t n_paid;       /* closings with a known commission within the time */
    double paid, squares; /* sum of their commissions in cents, and of the squares */
} InsightOffice;

typedef struct InsightDeliveredList {
    InsightDelivered *row; /* in order of name */
    int n;
    InsightOffice *office; /* in order of id */
    int n_offices;
    PgResult *r_[PG_SHARDS]; /* private: what the names point into */
} InsightDeliveredList;

ErrKind MUST_USE insight_delivered(PgShards *s, Uuid tenant, InsightScope scope, int32_t from, int32_t to,
                                   Deadline by, InsightDeliveredList *ret, Err *reterr);
void insight_delivered_done(InsightDeliveredList *l);
/* All zero when nothing was. */
InsightDelivered insight_delivered_to(const InsightDeliveredList *l, Str name);
/* The sum over the offices for UUID_NIL. */
InsightOffice insight_delivered_office(const InsightDeliveredList *l, Uuid location);

#endif
