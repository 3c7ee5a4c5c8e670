/* cmd_up.c - ehub up|down|status: the private stack of a data directory. */
#include "base/file.h"
#include "base/jv.h"
#include "cli/cli.h"
#include "demo/demo.h"
#include "stack/stack.h"
#include "stack/stack_dir.h"

#include <stdio.h>
#include <unistd.h>

#define DOWN_LIMIT_MS 90000
#define STATE_MAX (64u << 10)

static void say(const char *line)
{
    cli_progress_end();
    fprintf(stderr, "ehub up: %s\n", line);
}

static void print_ready(const char *url, const char *data_dir)
{
    printf("ready %s pid=%d data=%s\n", url ? url : "-", (int)getpid(), data_dir);
    fflush(stdout);
}

static void print_ready_demo(const char *url, const char *data_dir)
{
    char path[4096], email[160];
    CLEANUP(buf_done) Buf password = BUF(4096);
    print_ready(url, data_dir);
    snprintf(path, sizeof path, "%s/" STACK_DEMO_PASSWORD, data_dir);
    if (file_read(path, &password, NULL))
        return; /* the demo was made with another password; its users know it */
    Str secret = str_trim(buf_str(&password));
    printf("\nLog in at %s with the password " STR_FMT " as\n", url ? url : "the server", STR_ARG(secret));
    for (int i = 0; i < DEMO_USERS; i++) {
        demo_user_email(STACK_DEMO_TENANT, i, email, sizeof email);
        printf("  %-28s %s\n", email, demo_user_role(i));
    }
    printf("Everything in it is simulated. Stop with Ctrl-C.\n");
    fflush(stdout);
}

static ErrKind run_up(const CliCall *call, Err *reterr)
{
    const char *profile = cli_text(call, "profile", "local");
    if (!str_eq_c(str_from(profile), "local"))
        return err_set(reterr, ERR_UNSUPPORTED, "profile \"%s\" is not supported, only local", profile);
    StackOptions o = {.conf = call->conf,
                      .source = &call->conf_source,
                      .program = call->program,
                      .port = (int)cli_int(call, "port", 0),
                      .demo = cli_flag(call, "demo"),
                      .tls = cli_flag(call, "tls"),
                      .database_only = cli_flag(call, "database-only"),
                      .say = say,
                      .ready = cli_flag(call, "demo") ? print_ready_demo : print_ready};
    return stack_up(&o, reterr);
}

static ErrKind run_down(const CliCall *call, Err *reterr)
{
    pid_t pid;
    TRY(stack_down(call->conf->data_dir, deadline_in_ms(DOWN_LIMIT_MS), &pid, reterr));
    if (pid == 0)
        return err_set(reterr, ERR_NOT_FOUND, "nothing runs in %s", call->conf->data_dir);
    printf("stopped process %d\n", (int)pid);
    return ERR_NONE;
}

static ErrKind print_state(const Buf *text, const char *url, Err *reterr)
{
    CLEANUP(jv_freep) Jv *state = NULL;
    TRY(jv_parse(buf_str(text), &state, reterr));
    const Jv *children = jv_get(state, "children");
    printf("%-12s %s\n", "address", url);
    printf("%-12s pid %lld\n", "supervisor", (long long)jv_get_i64(state, "supervisor", 0));
    for (size_t i = 0; i < jv_len(children); i++) {
        const Jv *c = jv_at(children, i);
        Str end = jv_get_str(c, "last_end");
        printf("%-12.*s pid %-8lld restarts %lld%s" STR_FMT "\n", STR_ARG(jv_get_str(c, "name")),
               (long long)jv_get_i64(c, "pid", 0), (long long)jv_get_i64(c, "restarts", 0),
               end.len ? ", last ended with " : "", STR_ARG(end));
    }
    return ERR_NONE;
}

static ErrKind run_status(const CliCall *call, Err *reterr)
{
    char path[4096];
    pid_t pid;
    const char *dir = call->conf->data_dir;
    TRY(stack_dir_owner(dir, &pid, reterr));
    if (pid == 0)
        return err_set(reterr, ERR_UNAVAILABLE, "nothing runs in %s", dir);
    CLEANUP(buf_done) Buf state = BUF(STATE_MAX);
    CLEANUP(buf_done) Buf url = BUF(256);
    snprintf(path, sizeof path, "%s/run/children.json", dir);
    TRY(file_read(path, &state, reterr));
    snprintf(path, sizeof path, "%s/run/ready", dir);
    if (file_read(path, &url, NULL)) {
        buf_clear(&url);
        buf_add_c(&url, "starting");
    }
    if (cli_flag(call, "json")) {
        fwrite(state.ptr, 1, state.len, stdout);
        return ERR_NONE;
    }
    const char *line = buf_cstr(&url);
    char first[128] = "";
    str_copy(first, sizeof first, str_trim(str_from(line)));
    return print_state(&state, first, reterr);
}

const CliCmd CMD_UP = {
    .name = "up",
    .help = "Start everything in a data directory and keep it running: PostgreSQL and the server",
    .details =
        "Stop it with Ctrl-C, SIGTERM or `ehub down`. When everything answers, one line is printed: "
        "ready URL pid=PID data=DIR.\n\nRun as root, PostgreSQL gets the account postgres (else nobody).",
    .options =
        (const CliOption[]){
            {"profile", CLI_TEXT, "NAME", "local: one PostgreSQL instance with all databases (the default)",
             .required = false},
            {"port", CLI_INT, "N", "Port of the server; must be free. Without it 8420 or the next free one",
             .required = false, .min = 1, .max = 65535},
            {"demo", CLI_FLAG, NULL, "On the first start, fill it with a simulated brokerage",
             .required = false},
            {"database-only", CLI_FLAG, NULL, "Without the server (to run `ehub serve` by hand)",
             .required = false},
            {"tls", CLI_FLAG, NULL, "Serve https with a self-signed certificate in DIR/tls",
             .required = false},
            {.name = NULL},
        },
    .run = run_up,
};
const CliCmd CMD_DOWN = {
    .name = "down",
    .help = "Stop what `ehub up` runs in the data directory, and wait until it has stopped",
    .run = run_down,
};
const CliCmd CMD_STATUS = {
    .name = "status",
    .help = "Show what `ehub up` runs in the data directory",
    .options = (const CliOption[]){{"json", CLI_FLAG, NULL, "Print JSON", .required = false}, {.name = NULL}},
    .run = run_status,
};
