/* crm_move.h - after an import: a record whose agent works in another office now leaves its old office.
 *
 *     four shards, each sorted by id --merge--> same id but for the slot, two offices --> the older row is deleted
 *
 * A record's id is derived from the CRM's; only its last byte, the slot, tells the office. When an export gives a record
 * to an agent of another office, its row there is new and the one in the old office would stay beside it.
 * Threads: one; blocks. Cost: each shard sorts the tenant's ids once; memory is flat. */
#ifndef EHUB_CRM_CRM_MOVE_H
#define EHUB_CRM_CRM_MOVE_H

#include "crm/crm_job.h"

/* Deletes what stands beside a row of this job. ret_moved: how many. */
ErrKind MUST_USE crm_move_sweep(const CrmJob *job, CrmKind kind, Deadline by, int64_t *ret_moved,
                                Err *reterr);

#endif
