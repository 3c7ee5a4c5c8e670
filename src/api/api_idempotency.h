/* api_idempotency.h - the same POST sent twice is done once.
 *
 *     Idempotency-Key --insert (tenant, user, key, hash of method, path and body)--> new: run, store the answer
 *                                                                                    seen: answer again, or refuse
 *
 * Only answers of success are kept; after a failure the key is free again. When it cannot be known whether the change was
 * made (its commit got no answer, the process died), the key stays taken: who wants to try again must look first and use
 * another key. Kept for a day.
 * Threads:  any worker thread; blocks until the deadline.
 * Errors:   INVALID the key was used for another request . CONFLICT the first one is still running,
 *           or nobody knows what became of it. */
#ifndef EHUB_API_API_IDEMPOTENCY_H
#define EHUB_API_API_IDEMPOTENCY_H

#include "api/api.h"

#define API_IDEMPOTENCY_KEY_MAX 128

/* ret_replayed: the stored answer was written to the response; the handler must not run. */
ErrKind MUST_USE api_idempotency_begin(ApiCall *c, Str key, bool *ret_replayed, Err *reterr);
/* After the handler: keeps the answer, or frees the key when it failed. may_be_done: it failed, and yet the change may
 * have been made. Has a deadline of its own, for the request's may be what has passed. */
ErrKind MUST_USE api_idempotency_end(ApiCall *c, Str key, ErrKind result, bool may_be_done, Err *reterr);
/* Deletes what is older than a day. */
ErrKind MUST_USE api_idempotency_clean(PgShards *shards, Uuid tenant, Deadline by, Err *reterr);

#endif
