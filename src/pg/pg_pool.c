/* pg_pool.c - the connections to one database, with a bounded wait.
 *
 * A permit is the right to hold one connection; there are `size` of them. What is given back goes straight to the thread
 * that has waited longest, so nobody who comes later takes it away; a spent connection is closed and only its permit is
 * handed on: the receiver connects anew. No lock is held while connecting. */
#include "pg/pg_pool.h"

#include "base/mem.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <time.h>

typedef struct PgWaiter {
    struct PgWaiter *next;
    pthread_cond_t ready;
    bool granted;
    PgConn *conn; /* NULL when granted: a permit, connect anew */
} PgWaiter;

struct PgPool {
    PgPoolConf conf;
    char *owned[6]; /* the strings of conf.info */
    pthread_mutex_t lock;
    pthread_condattr_t monotonic;
    PgConn **idle; /* a stack: the warmest is on top */
    int n_idle;
    int n_permits; /* given out, or held by an idle connection */
    PgWaiter *first, **end;
    int n_waiting;
    MetricCell *m_in_use, *m_waiting, *m_busy, *m_connects;
};

static Metric m_in_use = METRIC_GAUGE("ehub_pg_pool_in_use", "Connections lent to threads.", "db");
static Metric m_waiting = METRIC_GAUGE("ehub_pg_pool_waiting", "Threads waiting for a connection.", "db");
static Metric m_busy =
    METRIC_COUNTER("ehub_pg_pool_busy_total", "Requests refused for want of a connection.", "db");
static Metric m_connects = METRIC_COUNTER("ehub_pg_connects_total", "Connections opened.", "db");

PgPool *pg_pool_new(const PgPoolConf *conf)
{
    PgPool *p = MEM_NEW(PgPool);
    p->conf = *conf;
    PgConnInfo *info = &p->conf.info;
    const char **fields[] = {&info->host,     &info->dbname,  &info->user,
                             &info->password, &info->sslmode, &info->application_name};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        *fields[i] = p->owned[i] = mem_strdup(*fields[i]);
    BUG_ON(pthread_mutex_init(&p->lock, NULL) != 0);
    BUG_ON(pthread_condattr_init(&p->monotonic) != 0);
    BUG_ON(pthread_condattr_setclock(&p->monotonic, CLOCK_MONOTONIC) != 0);
    p->idle = mem_array((size_t)conf->size, sizeof(*p->idle));
    p->end = &p->first;
    p->m_in_use = metrics_cell(&m_in_use, info->dbname);
    p->m_waiting = metrics_cell(&m_waiting, info->dbname);
    p->m_busy = metrics_cell(&m_busy, info->dbname);
    p->m_connects = metrics_cell(&m_connects, info->dbname);
    return p;
}

void pg_pool_free(PgPool *p)
{
    if (!p)
        return;
    BUG_ON(p->n_permits != p->n_idle); /* a connection is still lent */
    for (int i = 0; i < p->n_idle; i++)
        pg_close(p->idle[i]);
    mem_free(p->idle);
    for (size_t i = 0; i < ARRAY_LEN(p->owned); i++)
        mem_free(p->owned[i]);
    (void)pthread_condattr_destroy(&p->monotonic);
    (void)pthread_mutex_destroy(&p->lock);
    mem_free(p);
}

/* Under the lock: to the longest waiter, or on the stack; c NULL: the permit alone. */
static void hand_on(PgPool *p, PgConn *c)
{
    PgWaiter *w = p->first;
    if (w) {
        p->first = w->next;
        if (!p->first)
            p->end = &p->first;
        p->n_waiting--;
        w->granted = true;
        w->conn = c;
        (void)pthread_cond_signal(&w->ready);
        return;
    }
    if (c)
        p->idle[p->n_idle++] = c;
    else
        p->n_permits--;
}

static void give_up(PgPool *p, PgWaiter *w)
{
    for (PgWaiter **at = &p->first; *at; at = &(*at)->next) {
        if (*at != w)
            continue;
        *at = w->next;
        if (p->end == &w->next)
            p->end = at;
        p->n_waiting--;
        return;
    }
}

/* Under the lock. false: nobody gave anything back in time. */
static bool wait_turn(PgPool *p, Deadline by, PgConn **ret)
{
    PgWaiter w = {0};
    BUG_ON(pthread_cond_init(&w.ready, &p->monotonic) != 0);
    *p->end = &w;
    p->end = &w.next;
    p->n_waiting++;
    metrics_set(p->m_waiting, p->n_waiting);
    const struct timespec until = {.tv_sec = by.mono_us / US_PER_S, .tv_nsec = by.mono_us % US_PER_S * 1000};
    while (!w.granted)
        if (pthread_cond_timedwait(&w.ready, &p->lock, &until) != 0 && !w.granted) {
            give_up(p, &w);
            break;
        }
    metrics_set(p->m_waiting, p->n_waiting);
    (void)pthread_cond_destroy(&w.ready);
    *ret = w.conn;
    return w.granted;
}

/* A permit, and a connection if one is at hand. */
static ErrKind take_permit(PgPool *p, Deadline by, PgConn **ret, Err *reterr)
{
    *ret = NULL;
    bool granted = true, refused = false;
    (void)pthread_mutex_lock(&p->lock);
    if (p->n_idle > 0)
        *ret = p->idle[--p->n_idle];
    else if (p->n_permits < p->conf.size)
        p->n_permits++;
    else if (p->n_waiting >= p->conf.queue)
        refused = true;
    else
        granted = wait_turn(p, deadline_sooner(by, deadline_in_ms(p->conf.wait_ms)), ret);
    if (granted && !refused)
        metrics_set(p->m_in_use, p->n_permits - p->n_idle);
    (void)pthread_mutex_unlock(&p->lock);
    if (granted && !refused)
        return ERR_NONE;
    metrics_add(p->m_busy, 1);
    if (refused)
        return err_set(reterr, ERR_BUSY, "%s: %d threads wait for a connection already", p->conf.info.dbname,
                       p->conf.queue);
    return err_set(reterr, ERR_BUSY, "%s: none of %d connections became free in time", p->conf.info.dbname,
                   p->conf.size);
}

static void give_back(PgPool *p, PgConn *c)
{
    (void)pthread_mutex_lock(&p->lock);
    hand_on(p, c);
    metrics_set(p->m_in_use, p->n_permits - p->n_idle);
    (void)pthread_mutex_unlock(&p->lock);
}

ErrKind pg_pool_acquire(PgPool *p, Deadline by, PgConn **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(pg_closep) PgConn *c = NULL;
    TRY(take_permit(p, by, &c, reterr));
    if (c && pg_alive(c)) {
        *ret = c;
        c = NULL;
        return ERR_NONE;
    }
    ErrKind kind = pg_connect(&p->conf.info, deadline_sooner(by, deadline_in_ms(p->conf.connect_timeout_ms)),
                              ret, reterr);
    if (kind != ERR_NONE) {
        give_back(p, NULL);
        return kind;
    }
    metrics_add(p->m_connects, 1);
    return ERR_NONE;
}

void pg_pool_release(PgPool *p, PgConn *c)
{
    if (!c)
        return;
    pg_rollback(c);
    if (!pg_usable(c)) {
        pg_close(c);
        c = NULL;
    }
    give_back(p, c);
}
