/* rt_child.h - child processes: start, watch, stop.
 *
 *     RtChildConf --fork, setsid, drop privileges, PDEATHSIG, exec--> pid --waitpid--> exit status
 *
 * Owner:    rt_child_start .. rt_child_free (which kills what still runs).
 * Threads:  start from a thread that lives as long as the child (PDEATHSIG fires when the forking THREAD
 *           ends); everything else from any one thread.
 * Limits:   argv and env as the kernel's. All other descriptors are closed in the child; standard input is
 *           /dev/null. */
#ifndef EHUB_RT_RT_CHILD_H
#define EHUB_RT_RT_CHILD_H

#include "base/buf.h"
#include "base/err.h"
#include "rt/deadline.h"

#include <sys/types.h>

#define RT_CHILD_LINE_MAX 1024

typedef struct RtChildConf {
    const char *name;        /* for messages */
    const char *const *argv; /* NULL-terminated; argv[0] is an absolute path, or searched in PATH */
    const char *const *env;  /* NULL-terminated "K=V"; NULL: PATH, HOME=dir, LC_ALL=C.UTF-8, TZ=UTC only */
    const char *dir;         /* working directory; NULL: unchanged */
    const char *log_path;    /* stdout and stderr are appended here; NULL: inherited stderr */
    uid_t uid;               /* 0: keep. Otherwise setgroups(0), setgid, setuid, no_new_privs */
    gid_t gid;
    int death_signal; /* sent when the starting thread dies; 0: none */
    bool new_session; /* setsid: Ctrl-C on the terminal does not reach it */
    /* rt_child_run only: asked about every 50 ms, true kills the child (ERR_CANCELLED); each whole line of output, of at
     * most RT_CHILD_LINE_MAX bytes, as it comes. NULL: not. */
    bool (*stop)(void *arg);
    void *stop_arg;
    void (*line)(Str line, void *arg);
    void *line_arg;
} RtChildConf;

typedef struct RtChild RtChild;

/* ERR_NOT_FOUND no such program, ERR_DENIED, ERR_IO. exec failures are reported here, not by an exit status.
 */
ErrKind MUST_USE rt_child_start(const RtChildConf *conf, RtChild **ret, Err *reterr);
pid_t rt_child_pid(const RtChild *c);
/* true when it has ended; ret_status as of waitpid(2). */
bool rt_child_ended(RtChild *c, int *ret_status);
/* Sends `signal`, waits; SIGKILL at the deadline. Already ended: fine. */
void rt_child_stop(RtChild *c, int signal, Deadline by);
ErrKind MUST_USE rt_child_wait(RtChild *c, Deadline by, int *ret_status, Err *reterr);
void rt_child_free(RtChild *c);
DEFINE_FREEP(RtChild, rt_child_free)

/* Runs to the end; output (stdout and stderr) goes to `out` if not NULL. A status other than 0 is
 * ERR_INTERNAL with the last line of output in the message. */
ErrKind MUST_USE rt_child_run(const RtChildConf *conf, Deadline by, Buf *out, Err *reterr);

#endif
