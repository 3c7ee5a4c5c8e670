/* api_self.c - see api_self.h. */
#include "api/api_self.h"

#include "rt/rt_child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX 48

static void pass_on(Str line, void *arg)
{
    (void)arg;
    fprintf(stderr, STR_FMT "\n", STR_ARG(line));
}

/* The child's own words, "ehub FAMILY COMMAND: why", without who said them. */
static ErrKind failure(const char *const *words, ErrKind kind, Err *reterr)
{
    char said_by[128], why[sizeof(reterr->msg)];
    if (kind == ERR_CANCELLED || kind == ERR_TIMEOUT)
        return err_set(reterr, ERR_CANCELLED, "%s",
                       kind == ERR_TIMEOUT ? "it took too long" : "it was stopped");
    if (kind != ERR_INTERNAL)
        return kind;
    if (reterr->code == err_exit_status(ERR_NOT_FOUND))
        return err_set(reterr, ERR_NOT_FOUND, "there are no data yet");
    snprintf(said_by, sizeof(said_by), "ehub %s %s: ", words[0], words[1]);
    ptrdiff_t at = str_find(str_from(reterr->msg), str_from(said_by));
    snprintf(why, sizeof(why), "%s", at < 0 ? reterr->msg : reterr->msg + at + strlen(said_by));
    return err_set(reterr, ERR_INTERNAL, "%s", why);
}

ErrKind api_self_run(const ApiSelf *self, const char *const *words, bool (*stop)(void *arg), void *stop_arg,
                     Deadline by, Err *reterr)
{
    const char *argv[ARGS_MAX];
    int n = 0;
    argv[n++] = self->program;
    for (int i = 0; self->global_args && self->global_args[i]; i++) {
        BUG_ON(n >= ARGS_MAX - 8);
        argv[n++] = self->global_args[i];
    }
    for (int i = 0; words[i]; i++)
        argv[n++] = words[i];
    argv[n] = NULL;
    RtChildConf conf = {.name = words[1],
                        .argv = argv,
                        .env = (const char *const *)environ,
                        .death_signal = SIGTERM,
                        .new_session = true,
                        .stop = stop,
                        .stop_arg = stop_arg,
                        .line = pass_on};
    ErrKind kind = rt_child_run(&conf, by, NULL, reterr);
    return kind ? failure(words, kind, reterr) : ERR_NONE;
}
