/* coach_deliver.h - what becomes of a suggestion: somebody decides, it is sent, its outcome is noted.
 *
 *     suggested --accept--> accepted --outcome--> done        accept and change: message to the agent + live events
 *               --change--> changed  --outcome--> done        in the same transaction
 *               --refuse--> refused
 *
 * Stored with the decision: who, when, why, and the explanation that was shown (reason, prediction, score). Whoever
 * decides second gets CONFLICT: the row is locked and its status looked at again.
 * Threads:  any worker thread; blocks until the deadline.
 * Errors:   NOT_FOUND . CONFLICT decided already (or nothing to note an outcome for) . those of pg_shard.h. */
#ifndef EHUB_COACH_COACH_DELIVER_H
#define EHUB_COACH_COACH_DELIVER_H

#include "pg/pg_shard.h"

typedef enum CoachDecisionKind { COACH_ACCEPT, COACH_CHANGE, COACH_REFUSE } CoachDecisionKind;

/* Runs inside the transaction just before it is committed (the audit record, which is in another database): when it
 * fails nothing is stored. */
typedef ErrKind CoachBeforeCommit(void *arg, Err *reterr);

typedef struct CoachDecision {
    Uuid tenant;
    Uuid intervention;
    CoachDecisionKind kind;
    Uuid by;
    const char *by_name;
    const char *reason;               /* NULL: none; needed to refuse and to change */
    const char *replace_key;          /* change: the playbook key that is sent instead */
    const char *title;                /* of what is sent, for the live event */
    const char *message;              /* to the agent; NULL when refused */
    CoachBeforeCommit *before_commit; /* may be NULL */
    void *arg;
} CoachDecision;

ErrKind MUST_USE coach_deliver_decide(PgShards *s, const CoachDecision *d, Deadline by, Err *reterr);

typedef struct CoachOutcome {
    Uuid tenant;
    Uuid intervention;
    const char *outcome; /* improved, same, worse, not_done */
    const char *note;    /* may be NULL */
    const char *title;   /* for the live event */
    CoachBeforeCommit *before_commit;
    void *arg;
} CoachOutcome;
ErrKind MUST_USE coach_deliver_outcome(PgShards *s, const CoachOutcome *o, Deadline by, Err *reterr);

typedef struct CoachMessage {
    Uuid tenant;
    Uuid location;
    Uuid agent;
    Uuid from;
    const char *from_name;
    const char *body;
    Uuid intervention; /* nil: none */
    CoachBeforeCommit *before_commit;
    void *arg;
} CoachMessage;
/* ret_id: of the new message; ret_at_us: its time. */
ErrKind MUST_USE coach_deliver_message(PgShards *s, const CoachMessage *m, Deadline by, Uuid *ret_id,
                                       int64_t *ret_at_us, Err *reterr);

#endif
