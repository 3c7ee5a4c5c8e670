/* coach_tenant.h - the tenants a command or the nightly job works on.
 *
 * Owner: mem_free the array. Threads: any worker thread; blocks.
 * Errors: NOT_FOUND naming the slug; those of pg_shard.h. */
#ifndef EHUB_COACH_COACH_TENANT_H
#define EHUB_COACH_COACH_TENANT_H

#include "pg/pg_shard.h"

typedef struct CoachTenant {
    Uuid id;
    bool simulated;
    char slug[64];
    char name[201 * 4];
} CoachTenant;

/* The one with this slug; NULL: all of them, in order of slug. */
ErrKind MUST_USE coach_tenants(PgShards *s, const char *slug, Deadline by, CoachTenant **ret, int *ret_n,
                               Err *reterr);

#endif
