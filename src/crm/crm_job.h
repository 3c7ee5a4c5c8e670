/* crm_job.h - the record of one import in the control database: one at a time, and where to go on after a break.
 *
 *     crm_job_open (lock, row) --> crm_job_checkpoint after every batch --> crm_job_finish --> crm_job_close
 *
 * The same file with the same mapping and teams file is the same job; its id is derived from them. A job that was not
 * finished goes on at its checkpoint; a finished one starts from the beginning.
 * Threads: one; blocks. Errors: BUSY when the same file is being imported now. */
#ifndef EHUB_CRM_CRM_JOB_H
#define EHUB_CRM_CRM_JOB_H

#include "base/crypto.h"
#include "crm/crm_row.h"
#include "pg/pg_shard.h"

typedef struct CrmCounts {
    int64_t fresh; /* rows that were not there before */
    int64_t changed;
    int64_t same;
    int64_t rejected;
    int64_t reasons[CRM_REASON_COUNT];
} CrmCounts;

typedef struct CrmJob {
    PgShards *shards;
    Uuid tenant;
    Uuid id;
    PgConn *lock;   /* a session of its own holds the advisory lock */
    int64_t offset; /* of the text, for crm_csv_seek; 0: from the beginning */
    int64_t line;
    int64_t rejects_bytes;
    bool first; /* the tenant has no other import of this kind */
    CrmCounts counts;
} CrmJob;

/* On success crm_job_close must follow. */
ErrKind MUST_USE crm_job_open(PgShards *shards, Uuid tenant, CrmKind kind, const char *file_name, Sha256 file,
                              Sha256 setup, Deadline by, CrmJob *ret, Err *reterr);
void crm_job_restart(CrmJob *j); /* forgets the checkpoint; the next one is written from the beginning */
ErrKind MUST_USE crm_job_checkpoint(CrmJob *j, Deadline by, Err *reterr);
/* done: and an audit row. Otherwise the job is marked as failed, and goes on at its checkpoint next time. */
ErrKind MUST_USE crm_job_finish(CrmJob *j, bool done, Deadline by, Err *reterr);
void crm_job_close(CrmJob *j);

/* Totals by reason as JSON: {"unknown agent": 3}. */
void crm_counts_json(const CrmCounts *c, Buf *out);

#endif
