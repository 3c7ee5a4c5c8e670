/* cmd_coach_common.h - what the leaves of `ehub coach` share: --tenant SLUG | --all, and one loop over those tenants.
 *
 * Threads: one. */
#ifndef EHUB_CLI_CMD_COACH_COMMON_H
#define EHUB_CLI_CMD_COACH_COMMON_H

#include "cli/cli.h"
#include "coach/coach_belief.h"
#include "coach/coach_tenant.h"

#define CMD_COACH_LIMIT_MS (INT64_C(2) * 3600 * 1000)

#define CMD_COACH_TENANT_OPTIONS                                        \
    {"tenant", CLI_TEXT, "SLUG", "The tenant (default: the only one)"}, \
    {                                                                   \
        "all", CLI_FLAG, NULL, "Every tenant"                           \
    }

/* Called for each tenant. The failure of the one tenant is the command's. With --all the others go on; each failure is
 * printed with the tenant's slug, and the command fails at the end, unless all that was missing were events. */
typedef ErrKind CmdCoachFn(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                           void *arg, Err *reterr);
ErrKind MUST_USE cmd_coach_each(const CliCall *call, CmdCoachFn *fn, void *arg, Err *reterr);

/* --as-of, or INT32_MIN when it was not given. */
ErrKind MUST_USE cmd_coach_as_of(const CliCall *call, int32_t *ret, Err *reterr);

/* coach_belief_update with the tenant's experiments (cmd_coach_learn.c). */
ErrKind MUST_USE cmd_coach_update_beliefs(PgShards *s, Uuid tenant, int32_t as_of, Deadline by,
                                          CoachBeliefSummary *ret, Err *reterr);

/* The leaves of this folder, listed in cmd_coach.c. */
extern const CliCmd CMD_COACH_FEATURES;
extern const CliCmd CMD_COACH_TRAIN;
extern const CliCmd CMD_COACH_MODELS;
extern const CliCmd CMD_COACH_PREDICT;
extern const CliCmd CMD_COACH_CHOOSE;
extern const CliCmd CMD_COACH_LEARN;
extern const CliCmd CMD_COACH_EVALUATE_CHOICE;
extern const CliCmd CMD_COACH_PLAYBOOK;
extern const CliCmd CMD_COACH_SIMULATE_CHOICE;

#endif
