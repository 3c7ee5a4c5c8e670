/* audit.h - the record of who did what: append-only, each row's hash covers the row and the hash before it.
 *
 *     audit_append --> SQL audit_append() under a lock of the tenant --> seq, hash = SHA-256(row, previous hash)
 *
 * The application's role may insert and read, not update or delete; whoever changes a row by other means breaks the
 * chain at that row, and audit_verify names it. Rows cut off the end leave a correct, shorter chain: compare the head
 * with one that was written down elsewhere.
 * Threads:  any worker thread; every call blocks until its deadline.
 * Limits:   detail at most AUDIT_DETAIL_MAX bytes of JSON.
 * See also: `ehub audit`, GET /v1/audit. */
#ifndef EHUB_PRIVACY_AUDIT_H
#define EHUB_PRIVACY_AUDIT_H

#include "pg/pg_shard.h"

#define AUDIT_DETAIL_MAX 16384

typedef struct AuditEntry {
    const char *actor;  /* user id, or the name of a program */
    const char *action; /* "intervention.refuse" */
    const char *object; /* id of what it was done to; "" for none */
    Str detail;         /* a JSON object; STR_NULL: {} */
} AuditEntry;

typedef struct AuditVerdict {
    int64_t rows;
    int64_t bad_seq;    /* 0: the chain is whole; else the first row that does not fit */
    char head_hash[65]; /* hex of the last row's hash; "" when there is no row */
} AuditVerdict;

ErrKind MUST_USE audit_append(PgShards *shards, Uuid tenant, const AuditEntry *entry, Deadline by,
                              Err *reterr);
/* The same inside the open transaction of a connection to the control database: row and change stand or fall together.
 * The tenant's chain is locked until the transaction ends, so append last. */
ErrKind MUST_USE audit_append_in(PgConn *c, const AuditEntry *entry, Deadline by, Err *reterr);
/* Computes every hash again, in portions. ERR_CORRUPT never: the verdict says it. */
ErrKind MUST_USE audit_verify(PgShards *shards, Uuid tenant, Deadline by, AuditVerdict *ret, Err *reterr);

/* Rows with seq below `before` (INT64_MAX: the newest), newest first. Columns: seq, at (microseconds), actor, action,
 * object, detail (JSON text). */
ErrKind MUST_USE audit_read(PgShards *shards, Uuid tenant, int64_t before, int limit, Deadline by,
                            PgResult **ret, Err *reterr);

#endif
