/* rt_child.c - see rt_child.h.
 *
 * All that can allocate or take a lock happens before fork: between fork and exec only async-signal-safe
 * calls are made, because another thread may hold any lock at the moment of the fork. The child reports the
 * step that failed and its errno through a pipe that exec closes: an empty pipe means that the program runs.
 */
#include "rt/rt_child.h"

#include "base/mem.h"
#include "rt/rt_signal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define RUN_CHUNK 4096
#define LAST_LINE_MAX 300
#define STOP_EVERY_MS 50

struct RtChild {
    char *name;
    pid_t pid;
    int pidfd; /* -1 on kernels without it: then waiting polls */
    bool own_session;
    bool ended;
    int status;
};

/* What the child does after fork, prepared before it. */
typedef struct Launch {
    const RtChildConf *conf;
    char program[PATH_MAX];
    const char *const *env;
    int out_fd;
    int error_fd;
    pid_t parent;
} Launch;

typedef enum LaunchStep {
    STEP_DIR,
    STEP_CREDENTIALS,
    STEP_DEATH_SIGNAL,
    STEP_DESCRIPTORS,
    STEP_EXEC
} LaunchStep;
static const char *const STEP_NAMES[] = {"change directory", "drop privileges", "death signal", "descriptors",
                                         "start"};

typedef struct LaunchFailure {
    LaunchStep step;
    int errnum;
} LaunchFailure;

static ErrKind find_program(const char *argv0, char out[static PATH_MAX], Err *reterr)
{
    if (strchr(argv0, '/') != NULL) {
        if (!str_copy(out, PATH_MAX, str_from(argv0)))
            return err_set(reterr, ERR_LIMIT, "path of the program is longer than %d bytes", PATH_MAX - 1);
        return ERR_NONE;
    }
    const char *path = getenv("PATH");
    Str rest = str_from(path != NULL && path[0] != '\0' ? path : DEFAULT_PATH), dir;
    while (str_next(&rest, ':', &dir)) {
        int len = snprintf(out, PATH_MAX, STR_FMT "/%s", STR_ARG(dir), argv0);
        if (dir.len > 0 && len < PATH_MAX && access(out, X_OK) == 0)
            return ERR_NONE;
    }
    return err_set(reterr, ERR_NOT_FOUND, "program %s is not in PATH", argv0);
}

/* --- in the child: async-signal-safe calls only
 * ---------------------------------------------------------------- */

NORETURN static void launch_failed(int error_fd, LaunchStep step, int errnum)
{
    LaunchFailure f = {step, errnum};
    ssize_t written = write(error_fd, &f, sizeof f);
    (void)written; /* nobody is left to tell */
    _exit(127);
}

static bool drop_privileges(const RtChildConf *conf)
{
    if (conf->uid == 0)
        return true;
    /* An ordinary user may not call setgroups, and has nothing to drop when it is that user already. */
    if (geteuid() == 0 && setgroups(0, NULL) != 0)
        return false;
    if (setgid(conf->gid) != 0 || setuid(conf->uid) != 0)
        return false;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* 0 null, 1 and 2 output, 3 the error pipe (closed by exec), nothing else. */
static bool arrange_descriptors(int out_fd, int *error_fd)
{
    /* First out of the way of 0..3, so that no dup2 overwrites one that is still needed. */
    int out = fcntl(out_fd, F_DUPFD, 4), err = fcntl(*error_fd, F_DUPFD_CLOEXEC, 4);
    if (err >= 0)
        *error_fd = err;
    if (out < 0 || err < 0)
        return false;
    int null_fd = open("/dev/null", O_RDONLY);
    if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        dup3(err, 3, O_CLOEXEC) < 0)
        return false;
    *error_fd = 3;
    return close_range(4, ~0U, 0) == 0;
}

NORETURN static void child_main(Launch *l)
{
    const RtChildConf *conf = l->conf;
    rt_signal_reset_in_child();
    if (conf->new_session)
        setsid();
    if (!arrange_descriptors(l->out_fd, &l->error_fd))
        launch_failed(l->error_fd, STEP_DESCRIPTORS, errno);
    if (!drop_privileges(conf))
        launch_failed(l->error_fd, STEP_CREDENTIALS, errno);
    if (conf->dir != NULL && chdir(conf->dir) != 0)
        launch_failed(l->error_fd, STEP_DIR, errno);
    /* After the change of credentials, which clears it. The parent may have died before: then it never comes.
     */
    if (conf->death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, conf->death_signal, 0, 0, 0) != 0)
            launch_failed(l->error_fd, STEP_DEATH_SIGNAL, errno);
        if (getppid() != l->parent)
            _exit(127);
    }
    execve(l->program, (char *const *)conf->argv, (char *const *)l->env);
    launch_failed(l->error_fd, STEP_EXEC, errno);
}

/* --- in the parent
 * --------------------------------------------------------------------------------------------- */

static ErrKind launch_outcome(const Launch *l, int read_fd, Err *reterr)
{
    LaunchFailure f;
    ssize_t got;
    do
        got = read(read_fd, &f, sizeof f);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return ERR_NONE;
    if (got != (ssize_t)sizeof f)
        return err_set(reterr, ERR_IO, "%s: the new process died before it could start", l->conf->name);
    ErrKind kind = f.errnum == ENOENT || f.errnum == ENOTDIR ? ERR_NOT_FOUND
                   : f.errnum == EACCES || f.errnum == EPERM ? ERR_DENIED
                                                             : ERR_IO;
    const char *object = f.step == STEP_DIR && l->conf->dir != NULL ? l->conf->dir : l->program;
    return err_set_errno(reterr, kind, f.errnum, "%s: %s %s", l->conf->name, STEP_NAMES[f.step], object);
}

static ErrKind fork_and_exec(Launch *l, RtChild **ret, Err *reterr)
{
    int error_pipe[2];
    if (pipe2(error_pipe, O_CLOEXEC) != 0)
        return err_set_errno(reterr, ERR_IO, errno, "%s: pipe", l->conf->name);
    l->error_fd = error_pipe[1];
    l->parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_main(l);
    int fork_errno = errno;
    close(error_pipe[1]);
    if (pid < 0) {
        close(error_pipe[0]);
        return err_set_errno(reterr, ERR_UNAVAILABLE, fork_errno, "%s: fork", l->conf->name);
    }
    ErrKind kind = launch_outcome(l, error_pipe[0], reterr);
    close(error_pipe[0]);
    if (kind != ERR_NONE) {
        waitpid(pid, NULL, 0);
        return kind;
    }
    RtChild *c = MEM_NEW(RtChild);
    c->name = mem_strdup(l->conf->name);
    c->pid = pid;
    c->pidfd = pidfd_open(pid, 0);
    c->own_session = l->conf->new_session;
    *ret = c;
    return ERR_NONE;
}

static ErrKind start_with_output(const RtChildConf *conf, int out_fd, RtChild **ret, Err *reterr)
{
    Launch l = {.conf = conf, .out_fd = out_fd};
    TRY(find_program(conf->argv[0], l.program, reterr));
    const char *dir = conf->dir != NULL ? conf->dir : "/";
    size_t home_size = sizeof "HOME=" + strlen(dir);
    CLEANUP(mem_freep) char *home = mem_zalloc(home_size);
    snprintf(home, home_size, "HOME=%s", dir);
    const char *const default_env[] = {"PATH=" DEFAULT_PATH, home, "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    l.env = conf->env != NULL ? conf->env : default_env;
    return fork_and_exec(&l, ret, reterr);
}

ErrKind rt_child_start(const RtChildConf *conf, RtChild **ret, Err *reterr)
{
    *ret = NULL;
    if (conf->log_path == NULL)
        return start_with_output(conf, STDERR_FILENO, ret, reterr);
    int log_fd = open(conf->log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (log_fd < 0) {
        ErrKind kind = errno == EACCES ? ERR_DENIED : errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
        return err_set_errno(reterr, kind, errno, "%s: log file %s", conf->name, conf->log_path);
    }
    ErrKind kind = start_with_output(conf, log_fd, ret, reterr);
    close(log_fd);
    return kind;
}

pid_t rt_child_pid(const RtChild *c)
{
    return c->pid;
}

bool rt_child_ended(RtChild *c, int *ret_status)
{
    if (!c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
        c->ended = true;
    if (c->ended && ret_status != NULL)
        *ret_status = c->status;
    return c->ended;
}

/* Sleeps until the child may have ended, at most `ms`. */
static void await_exit(const RtChild *c, int ms)
{
    if (c->pidfd < 0) {
        clock_sleep_ms(MIN(ms, 5));
        return;
    }
    struct pollfd p = {.fd = c->pidfd, .events = POLLIN};
    poll(&p, 1, ms);
}

ErrKind rt_child_wait(RtChild *c, Deadline by, int *ret_status, Err *reterr)
{
    while (!rt_child_ended(c, ret_status)) {
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "%s (process %d) still runs", c->name, (int)c->pid);
        await_exit(c, deadline_left_ms(by));
    }
    return ERR_NONE;
}

static void kill_and_reap(RtChild *c)
{
    if (rt_child_ended(c, NULL))
        return;
    if (c->own_session)
        kill(-c->pid, SIGKILL);
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
        ;
    c->ended = true;
}

void rt_child_stop(RtChild *c, int signal, Deadline by)
{
    if (rt_child_ended(c, NULL))
        return;
    kill(c->pid, signal);
    if (rt_child_wait(c, by, NULL, NULL) != ERR_NONE)
        kill_and_reap(c);
}

void rt_child_free(RtChild *c)
{
    if (c == NULL)
        return;
    kill_and_reap(c);
    if (c->pidfd >= 0)
        close(c->pidfd);
    mem_free(c->name);
    mem_free(c);
}

/* --- run to the end
 * -------------------------------------------------------------------------------------------- */

/* The end of the output, for the message, and the line that is not whole yet. */
typedef struct Tail {
    char bytes[LAST_LINE_MAX];
    size_t len;
    const RtChildConf *conf;
    char line[RT_CHILD_LINE_MAX];
    size_t line_len; /* past the end: the line is too long and passed over */
} Tail;

static void tail_lines(Tail *t, const char *bytes, size_t len)
{
    for (size_t i = 0; t->conf->line && i < len; i++) {
        if (bytes[i] != '\n') {
            if (t->line_len < sizeof t->line)
                t->line[t->line_len] = bytes[i];
            t->line_len += t->line_len <= sizeof t->line;
            continue;
        }
        if (t->line_len <= sizeof t->line)
            t->conf->line((Str){t->line, t->line_len}, t->conf->line_arg);
        t->line_len = 0;
    }
}

static void tail_add(Tail *t, const char *bytes, size_t len)
{
    if (len >= sizeof t->bytes) {
        bytes += len - sizeof t->bytes;
        len = sizeof t->bytes;
    }
    size_t keep = MIN(t->len, sizeof t->bytes - len);
    memmove(t->bytes, t->bytes + t->len - keep, keep);
    memcpy(t->bytes + keep, bytes, len);
    t->len = keep + len;
}

static Str tail_last_line(const Tail *t)
{
    Str s = str_trim((Str){t->bytes, t->len});
    const char *newline = s.len > 0 ? memrchr(s.ptr, '\n', s.len) : NULL;
    return newline == NULL ? s : str_slice(s, (size_t)(newline + 1 - s.ptr), s.len);
}

/* Reads what is there; false when nothing more can come. */
static bool read_output(int fd, Buf *out, Tail *tail)
{
    char chunk[RUN_CHUNK];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) > 0) {
        tail_lines(tail, chunk, (size_t)got);
        tail_add(tail, chunk, (size_t)got);
        if (out != NULL)
            buf_add(out, chunk, (size_t)got);
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static ErrKind exit_outcome(const RtChild *c, int status, const Tail *tail, Err *reterr)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return ERR_NONE;
    Str line = tail_last_line(tail);
    const char *colon = line.len > 0 ? ": " : "";
    if (WIFSIGNALED(status))
        err_set(reterr, ERR_INTERNAL, "%s was ended by signal %d (%s)%s" STR_FMT, c->name, WTERMSIG(status),
                sigdescr_np(WTERMSIG(status)), colon, STR_ARG(line));
    else
        err_set(reterr, ERR_INTERNAL, "%s exited with status %d%s" STR_FMT, c->name, WEXITSTATUS(status),
                colon, STR_ARG(line));
    if (reterr != NULL)
        reterr->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ERR_INTERNAL;
}

/* Until the child has ended, not until the pipe does: a grandchild may hold it open for ever. */
static ErrKind follow_to_end(RtChild *c, const RtChildConf *conf, int fd, Deadline by, Buf *out, Err *reterr)
{
    Tail tail = {.conf = conf};
    int status = 0;
    bool open = true;
    while (!rt_child_ended(c, &status)) {
        if (deadline_passed(by)) {
            kill_and_reap(c);
            return err_set(reterr, ERR_TIMEOUT, "%s did not end in time", c->name);
        }
        if (conf->stop && conf->stop(conf->stop_arg)) {
            kill_and_reap(c);
            return err_set(reterr, ERR_CANCELLED, "%s was stopped", c->name);
        }
        struct pollfd fds[] = {{.fd = open ? fd : -1, .events = POLLIN}, {.fd = c->pidfd, .events = POLLIN}};
        int left_ms = conf->stop ? MIN(deadline_left_ms(by), STOP_EVERY_MS) : deadline_left_ms(by);
        poll(fds, ARRAY_LEN(fds), c->pidfd < 0 ? MIN(left_ms, 20) : left_ms);
        if (open)
            open = read_output(fd, out, &tail);
    }
    if (open)
        read_output(fd, out, &tail);
    TRY(exit_outcome(c, status, &tail, reterr));
    return out != NULL ? buf_check(out, reterr) : ERR_NONE;
}

ErrKind rt_child_run(const RtChildConf *conf, Deadline by, Buf *out, Err *reterr)
{
    int output[2];
    if (pipe2(output, O_CLOEXEC) != 0)
        return err_set_errno(reterr, ERR_IO, errno, "%s: pipe", conf->name);
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    CLEANUP(rt_child_freep) RtChild *c = NULL;
    ErrKind kind = start_with_output(conf, output[1], &c, reterr);
    close(output[1]);
    if (kind == ERR_NONE)
        kind = follow_to_end(c, conf, output[0], by, out, reterr);
    close(output[0]);
    return kind;
}
