/* cmd_insight.h - what the commands of ehub insight share. */
#ifndef EHUB_CLI_CMD_INSIGHT_H
#define EHUB_CLI_CMD_INSIGHT_H

#include "cli/cli.h"
#include "insight/insight_effect.h"

#define CMD_INSIGHT_TEXT_MAX 65536

extern const CliCmd CMD_INSIGHT_EFFECT, CMD_INSIGHT_COVERAGE;

/* "a,b,c" into names, which point into copy; none for NULL. */
ErrKind MUST_USE cmd_insight_names(const char *list, const char *option, char *copy, size_t cap,
                                   const char **ret, int *ret_n, Err *reterr);
/* --level, *ret stays when it is not given. */
ErrKind MUST_USE cmd_insight_level(const CliCall *call, double *ret, Err *reterr);

#endif
