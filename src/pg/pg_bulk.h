/* pg_bulk.h - loads many rows into the shards they belong to, as one tenant, in one transaction a shard.
 *
 *     pg_bulk_new --> pg_bulk_begin --> rows ... rows --> pg_bulk_commit --> (begin again, or free)
 *
 *     row --slot--> shard --> buffer --64 KiB--> COPY temporary table --commit--> insert ... select
 *
 * A row is a line of COPY text, built with the pg_bulk_* field calls below in the order of the temporary
 * table's columns:
 *
 *     Buf *row = pg_bulk_row(b, 0, slot);
 *     pg_bulk_uuid(row, location); pg_bulk_uuid(row, id); pg_bulk_str(row, name); pg_bulk_time(row, at_us);
 *     TRY(pg_bulk_row_end(b, 0, slot, by, reterr));
 *
 * Owner:    the caller; it holds connections only between begin and commit (or abort), one a shard that got
 *           rows.
 * Threads:  one at a time; blocks. The four shards receive, insert and commit at the same time.
 * Limits:   PG_BULK_TABLES_MAX tables, PG_BULK_ROW_MAX bytes a row (ERR_LIMIT; the row is dropped, the load
 *           goes on); 64 KiB of memory a table and shard, and up to 512 KiB a shard on its way. The rows of
 *           one transaction lie in the shard's temporary tables until commit: commit every 10,000 to 100,000
 *           rows.
 * Errors:   as in pg.h, naming the shard; after any other error than LIMIT only pg_bulk_abort or pg_bulk_free
 *           helps. The four commits are not one: after a failure in pg_bulk_commit some shards may hold the
 *           rows. Make the insert repeatable (ids derived from the source, `on conflict`), then a second run
 *           ends in the same state. */
#ifndef EHUB_PG_PG_BULK_H
#define EHUB_PG_PG_BULK_H

#include "pg/pg_shard.h"

#define PG_BULK_TABLES_MAX 12
#define PG_BULK_ROW_MAX 65536

/* Static. Rows reach the temporary table in any order; at commit the inserts run in the order of the tables. */
typedef struct PgBulkTable {
    const char *temp;       /* "bulk_opportunity": unique in the program */
    const char *columns;    /* of the temporary table: "location_id uuid, id uuid, opened_at timestamptz" */
    const char *insert_sql; /* "insert into opportunity (...) select ... from bulk_opportunity on conflict" */
} PgBulkTable;

typedef struct PgBulk PgBulk;

/* `tables` must outlive the PgBulk. n_tables <= PG_BULK_TABLES_MAX. */
PgBulk *pg_bulk_new(PgShards *shards, Uuid tenant, const PgBulkTable *tables, int n_tables);
void pg_bulk_free(PgBulk *b); /* rolls back what is open */
DEFINE_FREEP(PgBulk, pg_bulk_free)

/* Costs nothing yet: a shard's transaction opens when its first rows are sent. */
void pg_bulk_begin(PgBulk *b);
Buf *pg_bulk_row(PgBulk *b, int table, uint8_t slot);
ErrKind MUST_USE pg_bulk_row_end(PgBulk *b, int table, uint8_t slot, Deadline by, Err *reterr);
void pg_bulk_row_drop(PgBulk *b, int table, uint8_t slot); /* forgets the row begun with pg_bulk_row */
/* Sends the rest, inserts and commits on every shard that got rows. ret_affected (may be NULL): rows inserted
 * or changed, for each table, summed over all shards; of an insert_sql that is a select with one row (`with put as
 * (insert ... returning ...) select ...`), the sum of that row's number instead. */
ErrKind MUST_USE pg_bulk_commit(PgBulk *b, Deadline by, int64_t *ret_affected, Err *reterr);
void pg_bulk_abort(PgBulk *b);

/* The fields of a row. */
void pg_bulk_null(Buf *row);
void pg_bulk_str(Buf *row, Str v);   /* STR_NULL gives null */
void pg_bulk_uuid(Buf *row, Uuid v); /* nil gives null */
void pg_bulk_i64(Buf *row, int64_t v);
void pg_bulk_f64(Buf *row, double v); /* NaN stays NaN */
void pg_bulk_bool(Buf *row, bool v);
void pg_bulk_time(Buf *row, int64_t unix_us);
void pg_bulk_date(Buf *row, int32_t days);

#endif
