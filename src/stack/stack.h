/* stack.h - the supervisor of a private stack in one data directory: `ehub up`.
 *
 *     lock -> port -> initdb -> postgres -> roles, databases -> migrations -> demo data -> server -> ready
 *                                                                                            |
 *     SIGTERM, Ctrl-C: server (drains), then PostgreSQL  <-------- watches, restarts <-------+
 *
 * Owner:    the process: one supervisor in it. Threads: call from the main thread; it forks the children, and they die
 *           with it (PDEATHSIG), also after kill -9.
 * Errors:   those of stack_dir, stack_pg, stack_serve, of the migrations and of the demo steps.
 * See also: docs/how-to/run.md, tests/integration/test_up.py. */
#ifndef EHUB_STACK_STACK_H
#define EHUB_STACK_STACK_H

#include "conf/conf.h"
#include "rt/deadline.h"
#include "stack/stack_demo.h"

typedef struct StackOptions {
    const Conf *conf;
    const ConfSource *source; /* what conf was made from: handed on to the children */
    const char *program;      /* this executable */
    int port;                 /* 0: http.port */
    bool demo;
    bool tls;
    bool database_only;                                   /* no server: it is run by hand */
    StackSay *say;                                        /* progress while starting */
    void (*ready)(const char *url, const char *data_dir); /* all answers; url NULL: no server */
} StackOptions;

/* Runs until SIGINT or SIGTERM: success. */
ErrKind MUST_USE stack_up(const StackOptions *o, Err *reterr);
/* Tells the supervisor of the directory to stop and waits. ret_pid: 0 when none was running. */
ErrKind MUST_USE stack_down(const char *data_dir, Deadline by, pid_t *ret_pid, Err *reterr);

#endif
