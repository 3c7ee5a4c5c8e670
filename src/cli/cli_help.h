/* cli_help.h - what the command tree prints of itself: --help, bash completion, docs/reference/cli.md.
 * Private to cli. */
#ifndef EHUB_CLI_CLI_HELP_H
#define EHUB_CLI_CLI_HELP_H

#include "cli/cli_parse.h"

void cli_help(const CliCmd *const *path, int depth, Buf *out);
void cli_help_completion(Buf *out);
void cli_help_reference(Buf *out);

#endif
