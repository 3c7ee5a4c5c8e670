/* crm_tenant.h - the tenant that an operator names, found or made.
 *
 *     "Acme Realty" --slug or name--> tenant | made with slug acme-realty
 *
 * Threads: any; blocks. */
#ifndef EHUB_CRM_CRM_TENANT_H
#define EHUB_CRM_CRM_TENANT_H

#include "pg/pg_shard.h"

#define CRM_TENANT_SLUG_MAX 63
#define CRM_TENANT_NAME_MAX 200

typedef struct CrmTenant {
    Uuid id;
    char slug[CRM_TENANT_SLUG_MAX + 1];
    char name[CRM_TENANT_NAME_MAX + 1];
    bool simulated;
    bool made; /* by this call; with dry_run: would be */
} CrmTenant;

/* Compares slugs exactly, then names without regard to ASCII case. INVALID when a new one cannot be called so,
 * CONFLICT when two tenants have the name. dry_run makes nothing: the id is then one that no row has. */
ErrKind MUST_USE crm_tenant_find_or_make(PgShards *shards, Str slug_or_name, bool dry_run, Deadline by,
                                         CrmTenant *ret, Err *reterr);
/* "Acme Realty, Inc." to "acme-realty-inc"; false when nothing is left. */
bool crm_tenant_slug(Str name, char out[static CRM_TENANT_SLUG_MAX + 1]);

#endif
