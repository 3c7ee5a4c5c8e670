/* cli_parse.h - from argv to a CliCall. Private to cli.
 *
 * Global options may stand anywhere. `--name value` and `--name=value`; `--` ends the options.
 * Errors: USAGE naming the word; a word close to a known one is suggested. */
#ifndef EHUB_CLI_CLI_PARSE_H
#define EHUB_CLI_CLI_PARSE_H

#include "cli/cli.h"

#define CLI_DEPTH_MAX 4

typedef struct CliParsed {
    CliCall call;
    const CliCmd *path[CLI_DEPTH_MAX]; /* from the root to the command */
    int depth;
    bool help;
    bool version;
    const char *config;
    const char *sets[CLI_ARGS_MAX + 3]; /* --set, and --data as data.dir=..., NULL-terminated */
    int n_sets;
    char data_set[4200];
} CliParsed;

extern const CliOption CLI_GLOBALS[];

ErrKind MUST_USE cli_parse(int argc, char **argv, CliParsed *ret, Err *reterr);

#endif
