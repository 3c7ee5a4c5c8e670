/* api_merge.h - one sorted list out of the four shards' sorted results.
 *
 *     CLEANUP(api_merge_done) ApiMerge m = {.cmp = by_name};  TRY(api_merge_query(c, &m, location, &STMT, ...));
 *     while (api_merge_next(&m, &r, &row)) ...
 *
 * Owner:   the results are freed by api_merge_done. Threads: one; the query blocks until the request's deadline. */
#ifndef EHUB_API_API_MERGE_H
#define EHUB_API_API_MERGE_H

#include "api/api.h"

typedef int ApiMergeCmp(const PgResult *a, int row_a, const PgResult *b, int row_b);

typedef struct ApiMerge {
    ApiMergeCmp *cmp;
    PgResult *results[PG_SHARDS];
    int at[PG_SHARDS];
} ApiMerge;

/* Asks only the shard of an office when the answer can only hold rows of it; UUID_NIL: every shard. */
ErrKind MUST_USE api_merge_query(ApiCall *c, ApiMerge *m, Uuid location, const PgStmt *stmt,
                                 const PgParam *params, int n_params, Err *reterr);
/* The office that the scope or else ?location= names; UUID_NIL: any. */
Uuid api_merge_location(const ApiCall *c);
bool api_merge_next(ApiMerge *m, const PgResult **ret, int *ret_row);
void api_merge_done(ApiMerge *m);

#endif
