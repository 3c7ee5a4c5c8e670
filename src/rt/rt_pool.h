/* rt_pool.h - a fixed set of threads with a bounded queue; one pool for each dependency that can be slow.
 *
 *     edge --rt_pool_submit--> [queue, at most `queue`] --> thread runs job(arg)
 *
 * Owner:    rt_pool_new .. rt_pool_free. Threads: submit from any thread, never blocks.
 * Limits:   `threads` jobs run, `queue` wait; past it ERR_BUSY, counted in RtPoolStats.rejected
 *           (the http edge shows it as ehub_rt_pool_rejected_total{pool}).
 * Why:      one shared pool lets a slow dependency take every thread (measured: p50 293 ms against 0.24 ms). */
#ifndef EHUB_RT_RT_POOL_H
#define EHUB_RT_RT_POOL_H

#include "base/err.h"
#include "rt/deadline.h"

typedef struct RtPool RtPool;
typedef void RtJob(void *arg);

ErrKind MUST_USE rt_pool_new(const char *name, int threads, int queue, RtPool **ret, Err *reterr);
ErrKind MUST_USE rt_pool_submit(RtPool *p, RtJob *job, void *arg, Err *reterr);
/* No new jobs; waits for those queued and running. ERR_TIMEOUT when some are left. */
ErrKind MUST_USE rt_pool_drain(RtPool *p, Deadline by, Err *reterr);
void rt_pool_free(RtPool *p); /* waits for running jobs, drops queued ones. Accepts NULL. */
DEFINE_FREEP(RtPool, rt_pool_free)

typedef struct RtPoolStats {
    const char *name; /* lives as long as the pool */
    int threads, running, queued;
    uint64_t done, rejected;
} RtPoolStats;
RtPoolStats rt_pool_stats(RtPool *p);

#endif
