/* pg_pool.h - the connections to one database, with a bounded wait.
 *
 * Owner:    pg_pool_new .. pg_pool_free. A connection is lent by pg_pool_acquire and given back by
 *           pg_pool_release; a spent one is closed there and opened anew by the next that needs it. Last in,
 *           first out.
 * Threads:  any worker thread.
 * Limits:   `size` connections, `queue` waiters for at most pg.pool.wait: ERR_BUSY.
 * Metrics:  ehub_pg_pool_in_use{db}, ehub_pg_pool_waiting{db}, ehub_pg_pool_busy_total{db},
 *           ehub_pg_connects_total{db}. */
#ifndef EHUB_PG_PG_POOL_H
#define EHUB_PG_PG_POOL_H

#include "pg/pg.h"

typedef struct PgPool PgPool;

typedef struct PgPoolConf {
    PgConnInfo info; /* copied */
    int size;
    int queue;
    int64_t wait_ms;
    int64_t connect_timeout_ms;
} PgPoolConf;

PgPool *pg_pool_new(const PgPoolConf *conf);
void pg_pool_free(PgPool *p);
DEFINE_FREEP(PgPool, pg_pool_free)
ErrKind MUST_USE pg_pool_acquire(PgPool *p, Deadline by, PgConn **ret, Err *reterr);
void pg_pool_release(PgPool *p, PgConn *c); /* rolls back an open transaction; accepts NULL */

#endif
