/* rt_signal.h - SIGINT, SIGTERM, SIGHUP, SIGCHLD as bytes in a descriptor instead of interrupts.
 *
 * Call rt_signal_init in main before any thread starts; it blocks the signals for all threads and ignores SIGPIPE.
 * Threads: wait from one thread. */
#ifndef EHUB_RT_RT_SIGNAL_H
#define EHUB_RT_RT_SIGNAL_H

#include "base/err.h"
#include "rt/deadline.h"

ErrKind MUST_USE rt_signal_init(Err *reterr);
int rt_signal_fd(void);              /* readable when one is pending; for poll(2) */
int rt_signal_wait(Deadline by);     /* the signal's number, 0 at the deadline */
bool rt_signal_stop_requested(void); /* SIGINT or SIGTERM was seen; long work asks this between steps */
/* For child processes between fork and exec: the default mask again. Async-signal-safe. */
void rt_signal_reset_in_child(void);

#endif
