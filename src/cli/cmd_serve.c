/* cmd_serve.c - ehub serve: the API, live delivery, the console and the nightly jobs in one process. */
#include "api/api_serve.h"
#include "cli/cli.h"
#include "cli/cli_guard.h"
#include "rt/rt_signal.h"

/* --config and --set again, for the program's own child processes. */
static void global_args(const CliCall *call, const char *argv[static 2 * CLI_ARGS_MAX + 8])
{
    int n = 0;
    if (call->conf_source.file) {
        argv[n++] = "--config";
        argv[n++] = call->conf_source.file;
    }
    for (int i = 0; call->conf_source.sets && call->conf_source.sets[i] && i <= CLI_ARGS_MAX; i++) {
        argv[n++] = "--set";
        argv[n++] = call->conf_source.sets[i];
    }
    argv[n] = NULL;
}

static ErrKind run_serve(const CliCall *call, Err *reterr)
{
    TRY(rt_signal_init(reterr));
    const char *args[2 * CLI_ARGS_MAX + 8];
    global_args(call, args);
    ApiServeConf sc = {.source = call->conf_source,
                       .program = call->program,
                       .global_args = args,
                       .reload_guard = cli_guard_reload};
    TRY(cli_guard(&sc.guard, reterr));
    return api_serve(&sc, reterr);
}

const CliCmd CMD_SERVE = {
    .name = "serve",
    .help = "Run the server: API, console, live delivery, nightly jobs",
    .details = "Prints its address once it answers. SIGTERM: /readyz answers 503, running requests end, exit "
               "status 0. "
               "SIGHUP: the settings are read again.",
    .run = run_serve,
};
