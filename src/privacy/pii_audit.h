/* pii_audit.h - the record of what personal data was found and what was done: counts, never a value.
 *
 *     PiiTally in memory --pii_audit_flush, every pii.audit_every and at the end--> control.pii_finding, by the hour
 *                                                                       --pii_audit_report--> a period's table
 *
 * Threads:  any worker thread; both block until their deadline.
 * Errors:   those of pg_shard.h. What could not be written goes back into the tally and is written the next time; a process
 *           that is killed loses what it had counted since the last time.
 * See also: `ehub pii report`, GET /v1/pii/report. */
#ifndef EHUB_PRIVACY_PII_AUDIT_H
#define EHUB_PRIVACY_PII_AUDIT_H

#include "pg/pg_shard.h"
#include "pii/pii_tally.h"

#define PII_AUDIT_ROWS_MAX 10000

ErrKind MUST_USE pii_audit_flush(PgShards *shards, PiiTally *tally, Deadline by, Err *reterr);

/* Days since 1970, both inclusive, UTC. tenant nil: what belongs to no tenant. Columns: source, purpose, type, rule, action,
 * n; the most first, at most PII_AUDIT_ROWS_MAX rows. */
ErrKind MUST_USE pii_audit_report(PgShards *shards, Uuid tenant, int32_t from, int32_t to, Deadline by,
                                  PgResult **ret, Err *reterr);

#endif
