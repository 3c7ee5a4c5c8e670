/* rt_pool.c - see rt_pool.h.
 *
 * Waking a thread costs a system call and a context switch, more than a short job. So at most one wake-up is
 * under way at a time: submit wakes one sleeper if none is on its way, and the woken thread wakes the next
 * one if jobs are still left after it took its own. No job waits while a thread sleeps, and a burst of short
 * jobs costs few switches. */
#include "rt/rt_pool.h"

#include "base/mem.h"

#include <pthread.h>
#include <time.h>

typedef struct QueuedJob {
    RtJob *run;
    void *arg;
} QueuedJob;

struct RtPool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job was queued, or the pool stops */
    pthread_cond_t idle; /* the last job has ended */
    QueuedJob *ring;
    int ring_size, head, queued;
    int running, sleeping;
    bool waking;   /* a sleeper was signalled and has not run yet */
    bool draining; /* no new jobs */
    bool stopping;
    uint64_t done, rejected;
    int n_threads;
    pthread_t *threads;
    char name[16];
};

static void wake_one(RtPool *p)
{
    if (p->sleeping == 0 || p->waking)
        return;
    p->waking = true;
    pthread_cond_signal(&p->work);
}

static bool next_job(RtPool *p, QueuedJob *ret)
{
    while (p->queued == 0 && !p->stopping) {
        p->sleeping++;
        pthread_cond_wait(&p->work, &p->lock);
        p->sleeping--;
        p->waking = false;
    }
    if (p->stopping)
        return false;
    *ret = p->ring[p->head];
    p->head = p->head + 1 == p->ring_size ? 0 : p->head + 1;
    p->queued--;
    p->running++;
    if (p->queued > 0)
        wake_one(p);
    return true;
}

static void *worker(void *arg)
{
    RtPool *p = arg;
    QueuedJob job;
    pthread_mutex_lock(&p->lock);
    while (next_job(p, &job)) {
        pthread_mutex_unlock(&p->lock);
        job.run(job.arg);
        pthread_mutex_lock(&p->lock);
        p->running--;
        p->done++;
        if (p->running == 0 && p->queued == 0 && p->draining)
            pthread_cond_broadcast(&p->idle);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

ErrKind rt_pool_new(const char *name, int threads, int queue, RtPool **ret, Err *reterr)
{
    *ret = NULL;
    if (threads < 1 || queue < 1)
        return err_set(reterr, ERR_USAGE, "pool %s: %d threads and %d places; both must be at least 1", name,
                       threads, queue);
    RtPool *p = MEM_NEW(RtPool);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    str_copy(p->name, sizeof p->name, str_slice(str_from(name), 0, sizeof p->name - 1));
    p->ring = mem_array((size_t)queue, sizeof *p->ring);
    p->ring_size = queue;
    p->threads = mem_array((size_t)threads, sizeof *p->threads);
    for (; p->n_threads < threads; p->n_threads++) {
        int errnum = pthread_create(&p->threads[p->n_threads], NULL, worker, p);
        if (errnum != 0) {
            int started = p->n_threads;
            rt_pool_free(p);
            return err_set_errno(reterr, ERR_UNAVAILABLE, errnum, "pool %s: thread %d of %d", name,
                                 started + 1, threads);
        }
        pthread_setname_np(p->threads[p->n_threads], p->name);
    }
    *ret = p;
    return ERR_NONE;
}

ErrKind rt_pool_submit(RtPool *p, RtJob *job, void *arg, Err *reterr)
{
    pthread_mutex_lock(&p->lock);
    bool full = p->queued == p->ring_size;
    bool closed = p->draining || p->stopping;
    if (!full && !closed) {
        int tail = p->head + p->queued;
        p->ring[tail >= p->ring_size ? tail - p->ring_size : tail] = (QueuedJob){job, arg};
        p->queued++;
        wake_one(p);
    } else {
        p->rejected++;
    }
    pthread_mutex_unlock(&p->lock);
    if (closed)
        return err_set(reterr, ERR_UNAVAILABLE, "pool %s is stopping", p->name);
    if (full)
        return err_set(reterr, ERR_BUSY, "pool %s: all %d places of the queue are taken", p->name,
                       p->ring_size);
    return ERR_NONE;
}

ErrKind rt_pool_drain(RtPool *p, Deadline by, Err *reterr)
{
    struct timespec until = {.tv_sec = by.mono_us / US_PER_S, .tv_nsec = by.mono_us % US_PER_S * 1000};
    pthread_mutex_lock(&p->lock);
    p->draining = true;
    int waited = 0;
    while ((p->running > 0 || p->queued > 0) && waited == 0)
        waited = pthread_cond_timedwait(&p->idle, &p->lock, &until);
    int running = p->running, queued = p->queued;
    pthread_mutex_unlock(&p->lock);
    if (running + queued > 0)
        return err_set(reterr, ERR_TIMEOUT, "pool %s: %d jobs still run and %d wait", p->name, running,
                       queued);
    return ERR_NONE;
}

void rt_pool_free(RtPool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->idle);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->threads);
    mem_free(p->ring);
    mem_free(p);
}

RtPoolStats rt_pool_stats(RtPool *p)
{
    pthread_mutex_lock(&p->lock);
    RtPoolStats s = {.name = p->name,
                     .threads = p->n_threads,
                     .running = p->running,
                     .queued = p->queued,
                     .done = p->done,
                     .rejected = p->rejected};
    pthread_mutex_unlock(&p->lock);
    return s;
}
