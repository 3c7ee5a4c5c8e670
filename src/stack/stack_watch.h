/* stack_watch.h - keeps children running: restarts one that ended, with a growing pause, and writes down how often.
 *
 *     start --runs--> ended --pause 100 ms, doubled up to 10 s--> start        a minute of running resets the pause
 *                       |
 *                       +--> DIR/run/children.json --> ehub status, ehub_stack_restarts_total{child} of the server
 *
 * Owner:    the caller owns the array of children. Threads: the one that started them.
 * Limits:   STACK_WATCH_MAX children. A child is restarted without end: the pause is what bounds the cost.
 * See also: tests/unit/stack/test_stack_watch.c, tests/integration/test_up.py. */
#ifndef EHUB_STACK_STACK_WATCH_H
#define EHUB_STACK_STACK_WATCH_H

#include "rt/rt_child.h"
#include "stack/stack_dir.h"

#define STACK_WATCH_MAX 8
#define STACK_PAUSE_FIRST_MS 100
#define STACK_PAUSE_MAX_MS 10000
#define STACK_STEADY_MS 60000

typedef struct StackChild {
    const char *name;
    /* Starts it. BUSY: what it needs is not there yet; asked again soon, not counted. */
    ErrKind (*start)(void *arg, RtChild **ret, Err *reterr);
    void *arg;
    int stop_signal;
    int64_t stop_ms; /* time to stop before SIGKILL */
    /* kept by stack_watch */
    RtChild *process;   /* NULL: not running */
    int64_t started_us; /* monotonic */
    int64_t next_us;    /* when to start it again */
    int64_t pause_ms;   /* before the last restart */
    int restarts;
    int last_status; /* as of waitpid(2) */
} StackChild;

/* The pause before the next start, from the one before (0: none yet) and how long the child ran. */
int64_t stack_watch_pause(int64_t last_ms, int64_t ran_ms);
/* One round: notices ends, starts what is due. Never waits for a child. */
void stack_watch_round(const StackDir *d, StackChild *children, int n);
/* When the next round is due at the latest. */
Deadline stack_watch_due(const StackChild *children, int n);
/* Stops all, the last first. */
void stack_watch_stop(const StackDir *d, StackChild *children, int n);
/* Writes DIR/run/children.json. */
ErrKind MUST_USE stack_watch_write(const StackDir *d, const StackChild *children, int n, Err *reterr);

/* For the server: shows DIR/run/children.json as ehub_stack_restarts_total{child} and ehub_stack_child_up{child} at each
 * scrape. Without the file (no supervisor) there are no such series. */
void stack_watch_metrics(const char *data_dir);

#endif
