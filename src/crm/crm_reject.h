/* crm_reject.h - the file of rows that were not loaded: line, reason and the row itself, as CSV.
 *
 *     line,reason,row
 *     17,"close_date ""2/30/2017"": no such day","1C1I7A6R,Moses Frase,..."
 *
 * Made when the first row is rejected, so a clean import leaves none. After an interruption it is cut back to the
 * length it had at the last checkpoint: then it has each row once.
 *
 * Owner:    crm_reject_open .. crm_reject_free. Threads: one at a time; blocks on the disk.
 * Limits:   setting import.reject_limit: ERR_LIMIT. Errors: IO, DENIED naming the path. */
#ifndef EHUB_CRM_CRM_REJECT_H
#define EHUB_CRM_CRM_REJECT_H

#include "base/err.h"
#include "base/str.h"

typedef struct CrmReject CrmReject;

/* keep_bytes: length at the checkpoint, 0: a new file. CONFLICT: the file is absent or shorter than that. */
ErrKind MUST_USE crm_reject_open(const char *path, int64_t keep_bytes, int64_t limit_bytes, CrmReject **ret,
                                 Err *reterr);
void crm_reject_free(CrmReject *r); /* what was not synced may be lost */
DEFINE_FREEP(CrmReject, crm_reject_free)

ErrKind MUST_USE crm_reject_add(CrmReject *r, int64_t line, const char *reason, Str row, Err *reterr);
/* Everything added so far is on the disk; ret_bytes is what the checkpoint has to remember. */
ErrKind MUST_USE crm_reject_sync(CrmReject *r, int64_t *ret_bytes, Err *reterr);

#endif
