/* crm_load.h - sends rows to the shards of their offices, batch by batch.
 *
 *     crm_load_add ... crm_load_add --> crm_load_commit: insert, or update where something differs; counts
 *
 * Product, account, stage and outcome are free text: they pass `clean` (may be NULL) on their way.
 * Sending a row again changes nothing, so a batch that was committed on some shards only may be sent once more.
 * Owner:   crm_load_new .. crm_load_free. Threads: one at a time; blocks. Errors: as pg_bulk.h. */
#ifndef EHUB_CRM_CRM_LOAD_H
#define EHUB_CRM_CRM_LOAD_H

#include "crm/crm_row.h"
#include "pg/pg_shard.h"

typedef struct CrmLoad CrmLoad;

CrmLoad *crm_load_new(PgShards *shards, Uuid tenant, Uuid import_id, const CrmMapping *m,
                      const CrmPeople *people, CrmClean *clean);
void crm_load_free(CrmLoad *l);
DEFINE_FREEP(CrmLoad, crm_load_free)

ErrKind MUST_USE crm_load_add(CrmLoad *l, const CrmRow *row, Deadline by, Err *reterr);
/* Of the rows since the last commit; the rest of them were the same already. */
ErrKind MUST_USE crm_load_commit(CrmLoad *l, Deadline by, int64_t *ret_new, int64_t *ret_changed,
                                 Err *reterr);

#endif
