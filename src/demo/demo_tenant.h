/* demo_tenant.h - the simulated tenant's rows in the control database: tenant, offices, users, training modules.
 *
 * Threads: one; blocks. Errors: as in demo.h. */
#ifndef EHUB_DEMO_DEMO_TENANT_H
#define EHUB_DEMO_DEMO_TENANT_H

#include "demo/demo.h"

/* The id that a demo tenant of this slug has. */
Uuid demo_tenant_id(const char *slug);
uint8_t demo_office_slot(int office); /* neighbours lie on different shards */
Uuid demo_office_id(Uuid tenant, int office);

/* Refuses or empties what is there (see demo.h); then the tenant has no rows. */
ErrKind MUST_USE demo_tenant_clear(PgShards *s, const DemoConf *conf, Deadline by, Uuid *ret_tenant,
                                   Err *reterr);
/* agent: whose page the demo agent sees; in office 0. */
ErrKind MUST_USE demo_tenant_make(PgShards *s, const DemoConf *conf, Uuid tenant, int offices, int32_t first,
                                  Uuid agent, Deadline by, Err *reterr);

#endif
