/* cmd_insight.h - what the commands of ehub insight share. */
#ifndef EHUB_CLI_CMD_INSIGHT_H
#define EHUB_CLI_CMD_INSIGHT_H

#include "cli/cli.h"
#include "insight/insight_experiment.h"

#define CMD_INSIGHT_TEXT_MAX 65536

extern const CliCmd CMD_INSIGHT_COVERAGE;
extern const CliCmd CMD_INSIGHT_EFFECT;
extern const CliCmd CMD_INSIGHT_EFFECTS;
extern const CliCmd CMD_INSIGHT_EXPERIMENT;
extern const CliCmd CMD_INSIGHT_POWER;
extern const CliCmd CMD_INSIGHT_PRODUCTIVITY;
extern const CliCmd CMD_INSIGHT_RETURNS;
extern const CliCmd CMD_INSIGHT_ROI;
extern const CliCmd CMD_INSIGHT_SURVIVAL;
extern const CliCmd CMD_INSIGHT_UPDATE;
extern const CliCmd CMD_INSIGHT_UPLIFT;

/* "a,b,c" into names, which point into copy; none for NULL. */
ErrKind MUST_USE cmd_insight_names(const char *list, const char *option, char *copy, size_t cap,
                                   const char **ret, int *ret_n, Err *reterr);
/* --level, *ret stays when it is not given. */
ErrKind MUST_USE cmd_insight_level(const CliCall *call, double *ret, Err *reterr);
/* A number from lo to hi; *ret stays when the option is not given. */
ErrKind MUST_USE cmd_insight_number(const CliCall *call, const char *option, double lo, double hi,
                                    double *ret, Err *reterr);
/* --covariates into c; room: CMD_INSIGHT_TEXT_MAX bytes, for the names. */
ErrKind MUST_USE cmd_insight_covariates(const CliCall *call, char *room, InsightColumns *c, Err *reterr);

/* The audit row of an experiment's beginning or end. */
ErrKind MUST_USE cmd_insight_record(const char *actor, PgConn *control, const InsightExperiment *e,
                                    const char *action, Deadline by, Err *reterr);

#endif
