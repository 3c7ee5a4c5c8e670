/* cmd_tenant.h - what the commands about tenants and users share. Threads: one. */
#ifndef EHUB_CLI_CMD_TENANT_H
#define EHUB_CLI_CMD_TENANT_H

#include "cli/cli.h"
#include "coach/coach_tenant.h"
#include "insight/insight_money.h"

#define CMD_TENANT_LIMIT_MS 30000

extern const CliCmd CMD_TENANT_MONEY;

/* Opens the databases and finds the tenant of --tenant SLUG (without it: the only one). Free with pg_shards_free. */
ErrKind MUST_USE cmd_tenant_open(const CliCall *call, PgShards **ret_shards, CoachTenant *ret_tenant,
                                 Err *reterr);
/* The user of that e-mail address in the tenant: NOT_FOUND. */
ErrKind MUST_USE cmd_user_find(PgShards *shards, const CoachTenant *tenant, const char *email, Uuid *ret,
                               Err *reterr);
/* Writes the audit row of a command. */
ErrKind MUST_USE cmd_tenant_audit(PgShards *shards, Uuid tenant, const char *action, Uuid object,
                                  Err *reterr);
/* The audit entry of changed settings of money; arg: the tenant's id as text. */
InsightMoneyRecord cmd_tenant_money_record;

#endif
