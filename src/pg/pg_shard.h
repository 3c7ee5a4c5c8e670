/* pg_shard.h - find the shard that owns a location and run a query there, or on every shard.
 *
 *     location id --last byte--> slot 0..255 --map--> shard 0..3 --> PgPool --> PgConn
 *
 * Owner:    made once at start; the map inside is replaced whole on reload (readers keep the one they took).
 * Threads:  any worker thread, never the edge: every call may block until its deadline.
 * Limits:   pg.pool.size connections per shard, pg.pool.queue waiters; past it ERR_BUSY.
 * Errors:   BUSY no connection in time . TIMEOUT . UNAVAILABLE shard down . CONFLICT retry . INVALID .
 *           DENIED. Start refuses (DENIED) when the role can bypass row-level security, is superuser or owns
 *           a table.
 * See also: docs/adr/0003-logical-slots-in-ids.md, metrics ehub_pg_*, tests/integration. */
#ifndef EHUB_PG_PG_SHARD_H
#define EHUB_PG_PG_SHARD_H

#include "conf/conf.h"
#include "pg/pg_pool.h"

#define PG_SHARDS 4
#define PG_SLOTS 256

typedef struct PgShards PgShards; /* the control database and the four shards */

/* Opens pools (connections are made lazily, but one to each database is tried), checks the role and the
 * schema version, reads the shard map. */
ErrKind MUST_USE pg_shards_new(const Conf *conf, Deadline by, PgShards **ret, Err *reterr);
void pg_shards_free(PgShards *s);
DEFINE_FREEP(PgShards, pg_shards_free)
ErrKind MUST_USE pg_shards_reload_map(PgShards *s, Deadline by, Err *reterr);

int pg_shard_of_slot(const PgShards *s, uint8_t slot);
uint8_t pg_slot_of_location(Uuid location); /* its last byte */

PgPool *pg_shard_pool(PgShards *s, int shard);
PgPool *pg_control_pool(PgShards *s);

/* On the shard of the slot (uuid_slot of any id of that location), as the tenant. */
ErrKind MUST_USE pg_shard_query(PgShards *s, Uuid tenant, uint8_t slot, const PgStmt *stmt,
                                const PgParam *params, int n_params, Deadline by, PgResult **ret,
                                Err *reterr);
/* On all four at once (sent to each, then read from each); ret[i] is shard i's result. All or none: on a
 * failure every result is freed and the error names the shard. */
ErrKind MUST_USE pg_shard_scatter(PgShards *s, Uuid tenant, const PgStmt *stmt, const PgParam *params,
                                  int n_params, Deadline by, PgResult *ret[PG_SHARDS], Err *reterr);
/* The same on some shards, each with its own parameters: params[i] NULL leaves shard i out, ret[i] is NULL then. */
ErrKind MUST_USE pg_shard_scatter_each(PgShards *s, Uuid tenant, const PgStmt *stmt,
                                       const PgParam *const params[PG_SHARDS], int n_params, Deadline by,
                                       PgResult *ret[PG_SHARDS], Err *reterr);
void pg_results_free(PgResult *results[PG_SHARDS]);          /* sets them to NULL */
int64_t pg_results_rows(PgResult *const results[PG_SHARDS]); /* of all shards together */
/* On the control database; tenant may be UUID_NIL for what belongs to no tenant. */
ErrKind MUST_USE pg_control_query(PgShards *s, Uuid tenant, const PgStmt *stmt, const PgParam *params,
                                  int n_params, Deadline by, PgResult **ret, Err *reterr);

#endif
