#include "harness/t.h"

#include "base/mem.h"
#include "rt/rt_pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* A gate that holds jobs until the test opens it. */
typedef struct Gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    int inside;
    atomic_int ran;
} Gate;
#define GATE                                                                 \
    {                                                                        \
        .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER \
    }

static void pass_gate(void *arg)
{
    Gate *g = arg;
    pthread_mutex_lock(&g->lock);
    g->inside++;
    pthread_cond_broadcast(&g->moved);
    while (!g->open)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
    atomic_fetch_add(&g->ran, 1);
}

static void wait_inside(Gate *g, int n)
{
    pthread_mutex_lock(&g->lock);
    while (g->inside < n)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(Gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

static void *open_gate_thread(void *arg)
{
    open_gate(arg);
    return NULL;
}

static void count(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

TEST(every_job_runs_once)
{
    Err err = {0};
    RtPool *p;
    atomic_int n = 0;
    T_OK(rt_pool_new("t", 4, 20000, &p, &err), err);
    for (int i = 0; i < 20000; i++)
        T_OK(rt_pool_submit(p, count, &n, &err), err);
    T_OK(rt_pool_drain(p, deadline_in_ms(20000), &err), err);
    assert_int_equal(n, 20000);
    assert_int_equal(rt_pool_stats(p).done, 20000);
    rt_pool_free(p);
}

TEST(a_burst_reaches_all_threads_at_once)
{
    /* All four jobs must be inside together: a lost wake-up would leave one of them queued for ever. */
    for (int round = 0; round < 50; round++) {
        Err err = {0};
        RtPool *p;
        Gate g = GATE;
        T_OK(rt_pool_new("t", 4, 8, &p, &err), err);
        for (int i = 0; i < 4; i++)
            T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
        wait_inside(&g, 4);
        assert_int_equal(rt_pool_stats(p).running, 4);
        open_gate(&g);
        T_OK(rt_pool_drain(p, deadline_in_ms(20000), &err), err);
        rt_pool_free(p);
    }
}

TEST(past_the_queue_is_busy_and_counted)
{
    Err err = {0};
    RtPool *p;
    Gate g = GATE;
    T_OK(rt_pool_new("api", 1, 2, &p, &err), err);
    T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
    wait_inside(&g, 1);
    T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
    T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
    T_FAILS(ERR_BUSY, rt_pool_submit(p, pass_gate, &g, &err));
    assert_non_null(strstr(err.msg, "api"));
    RtPoolStats s = rt_pool_stats(p);
    assert_int_equal(s.queued, 2);
    assert_int_equal(s.rejected, 1);
    open_gate(&g);
    T_OK(rt_pool_drain(p, deadline_in_ms(20000), &err), err);
    assert_int_equal(g.ran, 3);
    rt_pool_free(p);
}

TEST(drain_tells_what_is_left_and_refuses_new_jobs)
{
    Err err = {0};
    RtPool *p;
    Gate g = GATE;
    T_OK(rt_pool_new("t", 1, 2, &p, &err), err);
    T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
    T_FAILS(ERR_TIMEOUT, rt_pool_drain(p, deadline_in_ms(20), &err));
    T_FAILS(ERR_UNAVAILABLE, rt_pool_submit(p, pass_gate, &g, &err));
    open_gate(&g);
    T_OK(rt_pool_drain(p, deadline_in_ms(20000), &err), err);
    rt_pool_free(p);
}

TEST(free_waits_for_the_running_job_and_drops_the_queued)
{
    Err err = {0};
    RtPool *p;
    Gate g = GATE;
    T_OK(rt_pool_new("t", 1, 2, &p, &err), err);
    T_OK(rt_pool_submit(p, pass_gate, &g, &err), err);
    wait_inside(&g, 1);
    atomic_int dropped = 0;
    T_OK(rt_pool_submit(p, count, &dropped, &err), err);
    pthread_t opener;
    pthread_create(&opener, NULL, open_gate_thread, &g);
    rt_pool_free(p);
    pthread_join(opener, NULL);
    assert_int_equal(g.ran, 1);
    /* The queued one may have started before the pool was told to stop, but never after free came back. */
    int at_return = dropped;
    clock_sleep_ms(20);
    assert_int_equal(dropped, at_return);
}

TEST(nonsense_sizes_are_refused)
{
    Err err = {0};
    RtPool *p;
    T_FAILS(ERR_USAGE, rt_pool_new("t", 0, 2, &p, &err));
    T_FAILS(ERR_USAGE, rt_pool_new("t", 1, 0, &p, &err));
}

T_MAIN(T(every_job_runs_once), T(a_burst_reaches_all_threads_at_once), T(past_the_queue_is_busy_and_counted),
       T(drain_tells_what_is_left_and_refuses_new_jobs),
       T(free_waits_for_the_running_job_and_drops_the_queued), T(nonsense_sizes_are_refused))
