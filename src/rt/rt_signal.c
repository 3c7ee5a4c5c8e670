/* rt_signal.c - see rt_signal.h. */
#include "rt/rt_signal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signal_fd = -1;
static atomic_bool stop_seen;

static sigset_t handled_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    return set;
}

ErrKind rt_signal_init(Err *reterr)
{
    sigset_t set = handled_signals();
    int errnum = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (errnum != 0)
        return err_set_errno(reterr, ERR_IO, errnum, "block signals");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored by whoever started us, children would vanish unseen */
    signal(SIGTERM, SIG_DFL);
    if (signal_fd < 0)
        signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0)
        return err_set_errno(reterr, ERR_IO, errno, "signalfd");
    return ERR_NONE;
}

int rt_signal_fd(void)
{
    return signal_fd;
}

int rt_signal_wait(Deadline by)
{
    for (;;) {
        struct signalfd_siginfo info;
        if (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
            if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM)
                atomic_store(&stop_seen, true);
            return (int)info.ssi_signo;
        }
        int left_ms = deadline_left_ms(by);
        struct pollfd p = {.fd = signal_fd, .events = POLLIN};
        if (poll(&p, 1, left_ms) == 0 && left_ms == 0)
            return 0;
    }
}

bool rt_signal_stop_requested(void)
{
    if (atomic_load(&stop_seen))
        return true;
    /* Work on the main thread never gets to rt_signal_wait: look without taking the signal. */
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

void rt_signal_reset_in_child(void)
{
    sigset_t none;
    sigemptyset(&none);
    /* Ignored signals stay ignored through exec: SIGPIPE by us, SIGINT by a shell that started us with &, SIGHUP by
     * nohup. A child that is stopped with one of them must hear it. */
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL); /* not possible for SIGKILL and SIGSTOP, nor needed */
    sigprocmask(SIG_SETMASK, &none, NULL);
}
