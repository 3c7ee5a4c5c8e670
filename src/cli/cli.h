/* cli.h - the command tree as data: parsing, --help, completion and docs/reference/cli.md all come from it.
 *
 *     ehub [GLOBAL OPTIONS] COMMAND [SUBCOMMAND] [OPTIONS] [ARGUMENTS]
 *
 * Results go to standard output, messages to standard error. Exit status comes from the error's kind.
 * A command family lives in cmd_<family>.c and exports one CliCmd; cmd_tree.c lists them. */
#ifndef EHUB_CLI_CLI_H
#define EHUB_CLI_CLI_H

#include "conf/conf.h"

#define CLI_OPTIONS_MAX 40 /* of one command; test_cli counts them */
#define CLI_ARGS_MAX 64

typedef enum CliKind {
    CLI_FLAG,
    CLI_TEXT,
    CLI_INT,
    CLI_MS,
    CLI_DATE,
    CLI_LIST
} CliKind; /* LIST: may be repeated */

typedef struct CliOption {
    const char *name; /* without the dashes; NULL ends the list */
    CliKind kind;
    const char *metavar; /* NULL for flags */
    const char *help;
    bool required;
    int64_t min, max; /* CLI_INT, both 0: any */
} CliOption;

typedef struct CliCmd CliCmd;

typedef struct CliCall {
    const CliCmd *cmd;
    const char *values[CLI_OPTIONS_MAX]; /* by position in cmd->options; NULL: not given; flags: "" */
    const char *lists[CLI_OPTIONS_MAX][CLI_ARGS_MAX]; /* CLI_LIST: all values given */
    int n_lists[CLI_OPTIONS_MAX];
    const char *args[CLI_ARGS_MAX];
    int n_args;
    const Conf *conf;       /* loaded from --config, --data, --set and the environment */
    ConfSource conf_source; /* for commands about settings themselves */
    const char *program;    /* path of this executable, for running itself again */
} CliCall;

struct CliCmd {
    const char *name;
    const char *help;    /* one sentence, without a full stop at the end */
    const char *details; /* paragraphs shown by --help; may be NULL */
    const char *args;    /* "FILE", "[KEY...]"; NULL: none are accepted */
    int min_args, max_args;
    const CliOption *options;
    const CliCmd *const *subs; /* NULL-terminated; NULL: this is a leaf */
    ErrKind (*run)(const CliCall *call, Err *reterr);
    bool hidden;  /* not in help and reference: run by the program itself */
    bool no_conf; /* runs without loading the configuration */
};

bool cli_flag(const CliCall *c, const char *name);
const char *cli_text(const CliCall *c, const char *name, const char *otherwise);
int64_t cli_int(const CliCall *c, const char *name, int64_t otherwise);
/* The number of a CLI_INT, the milliseconds of a CLI_MS. */
/* Unknown option names in these three are a bug (BUG_ON). */

extern const CliCmd CLI_ROOT;
/* Parses, runs, prints the error. The exit status. */
int cli_main(int argc, char **argv);

/* A line on standard error that is rewritten in place on a terminal, and printed at most every 10 s
 * otherwise. */
void cli_progress(const char *fmt, ...) PRINTF_LIKE(1, 2);
void cli_progress_end(void);

#endif
