/* pg_bulk.c - loads many rows into the shards they belong to.
 *
 * One buffer for each table and shard. A full one goes out as COPY data on the shard's connection; the COPY
 * stays open while chunks of the same table follow, and is ended when a chunk of another table comes (a
 * shard's connection can have one COPY at a time). Nothing waits for a shard until its socket is full, so the
 * four servers work side by side. */
#include "pg/pg_bulk.h"

#include "base/fault.h"
#include "base/mem.h"
#include "pg/pg_value.h"

#include <stdio.h>

#define PG_BULK_CHUNK (64 * 1024)
#define PG_BULK_SQL_MAX 4096
#define NO_TABLE (-1)

typedef struct PgBulkShard {
    PgConn *conn;                  /* NULL: no rows yet in this transaction */
    int copying;                   /* the table whose COPY is open, or NO_TABLE */
    bool made[PG_BULK_TABLES_MAX]; /* the temporary table exists and is empty or holds this transaction's rows
                                    */
    Buf rows[PG_BULK_TABLES_MAX];
    size_t row_start[PG_BULK_TABLES_MAX]; /* where the row being written began */
} PgBulkShard;

struct PgBulk {
    PgShards *shards;
    Uuid tenant;
    const PgBulkTable *tables;
    int n_tables;
    PgBulkShard shard[PG_SHARDS];
};

PgBulk *pg_bulk_new(PgShards *shards, Uuid tenant, const PgBulkTable *tables, int n_tables)
{
    BUG_ON(n_tables < 1 || n_tables > PG_BULK_TABLES_MAX);
    PgBulk *b = MEM_NEW(PgBulk);
    *b = (PgBulk){.shards = shards, .tenant = tenant, .tables = tables, .n_tables = n_tables};
    for (int i = 0; i < PG_SHARDS; i++)
        for (int t = 0; t < n_tables; t++)
            b->shard[i].rows[t] = BUF(PG_BULK_CHUNK + PG_BULK_ROW_MAX);
    pg_bulk_begin(b);
    return b;
}

void pg_bulk_begin(PgBulk *b)
{
    for (int i = 0; i < PG_SHARDS; i++) {
        PgBulkShard *s = &b->shard[i];
        BUG_ON(s->conn);
        s->copying = NO_TABLE;
        for (int t = 0; t < b->n_tables; t++) {
            s->made[t] = false;
            s->row_start[t] = 0;
            buf_clear(&s->rows[t]);
        }
    }
}

void pg_bulk_abort(PgBulk *b)
{
    for (int i = 0; i < PG_SHARDS; i++) {
        PgBulkShard *s = &b->shard[i];
        pg_pool_release(pg_shard_pool(b->shards, i), s->conn);
        s->conn = NULL;
    }
    pg_bulk_begin(b);
}

void pg_bulk_free(PgBulk *b)
{
    if (!b)
        return;
    pg_bulk_abort(b);
    for (int i = 0; i < PG_SHARDS; i++)
        for (int t = 0; t < b->n_tables; t++)
            buf_done(&b->shard[i].rows[t]);
    mem_free(b);
}

/* ---------------------------------------------------------------- sending */

static ErrKind end_copy(PgBulkShard *s, Deadline by, Err *reterr)
{
    if (s->copying == NO_TABLE)
        return ERR_NONE;
    s->copying = NO_TABLE;
    return pg_copy_end(s->conn, by, reterr);
}

/* The temporary table stays in the session for the next load on this connection; its rows go at the commit.
 */
static ErrKind open_table(PgBulk *b, PgBulkShard *s, int table, Deadline by, Err *reterr)
{
    const PgBulkTable *t = &b->tables[table];
    char sql[PG_BULK_SQL_MAX];
    if (!s->made[table]) {
        int n =
            snprintf(sql, sizeof(sql), "create temporary table if not exists %s (%s) on commit delete rows",
                     t->temp, t->columns);
        BUG_ON(n < 0 || (size_t)n >= sizeof(sql));
        TRY(pg_exec(s->conn, sql, by, reterr));
        s->made[table] = true;
    }
    (void)snprintf(sql, sizeof(sql), "copy pg_temp.%s from stdin", t->temp);
    TRY(pg_copy_begin(s->conn, sql, by, reterr));
    s->copying = table;
    return ERR_NONE;
}

static ErrKind send_rows(PgBulk *b, int shard, int table, Deadline by, Err *reterr)
{
    PgBulkShard *s = &b->shard[shard];
    Buf *rows = &s->rows[table];
    if (rows->len == 0)
        return ERR_NONE;
    if (!s->conn) {
        TRY(pg_pool_acquire(pg_shard_pool(b->shards, shard), by, &s->conn, reterr));
        TRY(pg_begin(s->conn, b->tenant, by, reterr));
    }
    if (s->copying != table) {
        TRY(end_copy(s, by, reterr));
        TRY(open_table(b, s, table, by, reterr));
    }
    TRY(pg_copy_data(s->conn, buf_str(rows), by, reterr));
    buf_clear(rows);
    s->row_start[table] = 0;
    return ERR_NONE;
}

/* ---------------------------------------------------------------- rows */

Buf *pg_bulk_row(PgBulk *b, int table, uint8_t slot)
{
    PgBulkShard *s = &b->shard[pg_shard_of_slot(b->shards, slot)];
    s->row_start[table] = s->rows[table].len;
    return &s->rows[table];
}

void pg_bulk_row_drop(PgBulk *b, int table, uint8_t slot)
{
    PgBulkShard *s = &b->shard[pg_shard_of_slot(b->shards, slot)];
    Buf *rows = &s->rows[table];
    rows->len = s->row_start[table];
    rows->failed = false;
}

ErrKind pg_bulk_row_end(PgBulk *b, int table, uint8_t slot, Deadline by, Err *reterr)
{
    int shard = pg_shard_of_slot(b->shards, slot);
    PgBulkShard *s = &b->shard[shard];
    Buf *rows = &s->rows[table];
    size_t row_len = rows->len - s->row_start[table];
    if (rows->failed || row_len > PG_BULK_ROW_MAX) {
        pg_bulk_row_drop(b, table, slot);
        return err_set(reterr, ERR_LIMIT, "%s: a row has more than %d bytes", b->tables[table].temp,
                       PG_BULK_ROW_MAX);
    }
    BUG_ON(row_len == 0);
    rows->ptr[rows->len - 1] = '\n'; /* instead of the tab after the last field */
    s->row_start[table] = rows->len;
    if (rows->len < PG_BULK_CHUNK)
        return ERR_NONE;
    ErrKind kind = send_rows(b, shard, table, by, reterr);
    return kind == ERR_NONE ? ERR_NONE : err_wrap(reterr, kind, "shard %d: %s", shard, b->tables[table].temp);
}

/* ---------------------------------------------------------------- commit */

/* Puts the question to every shard that got rows, then reads every answer. Stops at the first failure; the
 * connections that were asked and not read are spent, which pg_bulk_abort sorts out. */
typedef ErrKind AskShard(PgBulk *b, PgBulkShard *s, int table, Deadline by, Err *reterr);

static ErrKind ask_all(PgBulk *b, AskShard *ask, int table, Deadline by, int64_t *ret_affected, Err *reterr)
{
    bool asked[PG_SHARDS] = {0};
    for (int i = 0; i < PG_SHARDS; i++) {
        PgBulkShard *s = &b->shard[i];
        if (!s->conn || (table != NO_TABLE && !s->made[table]))
            continue;
        ErrKind kind = ask(b, s, table, by, reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "shard %d", i);
        asked[i] = true;
    }
    for (int i = 0; i < PG_SHARDS; i++) {
        if (!asked[i])
            continue;
        CLEANUP(pg_result_freep) PgResult *res = NULL;
        ErrKind kind = pg_receive(b->shard[i].conn, by, &res, reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "shard %d", i);
        if (ret_affected)
            *ret_affected += pg_rows(res) == 1 ? pg_get_i64(res, 0, 0) : pg_affected(res);
    }
    return ERR_NONE;
}

static ErrKind ask_copy_end(PgBulk *b, PgBulkShard *s, int table, Deadline by, Err *reterr)
{
    (void)b, (void)table;
    if (s->copying == NO_TABLE) /* keeps ask_all simple: an empty question has an empty answer */
        return pg_send_exec(s->conn, "", by, reterr);
    s->copying = NO_TABLE;
    return pg_send_copy_end(s->conn, by, reterr);
}

static ErrKind ask_insert(PgBulk *b, PgBulkShard *s, int table, Deadline by, Err *reterr)
{
    return pg_send_exec(s->conn, b->tables[table].insert_sql, by, reterr);
}

static ErrKind commit_all(PgBulk *b, Deadline by, Err *reterr)
{
    for (int i = 0; i < PG_SHARDS; i++) {
        PgBulkShard *s = &b->shard[i];
        if (!s->conn)
            continue;
        ErrKind kind = pg_commit(s->conn, by, reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "shard %d: commit", i);
        if (fault_hit("pg.bulk.after_shard_commit"))
            return err_set(reterr, ERR_UNAVAILABLE, "fault pg.bulk.after_shard_commit");
    }
    return ERR_NONE;
}

static ErrKind insert_and_commit(PgBulk *b, Deadline by, int64_t *ret_affected, Err *reterr)
{
    for (int i = 0; i < PG_SHARDS; i++)
        for (int t = 0; t < b->n_tables; t++) {
            ErrKind kind = send_rows(b, i, t, by, reterr);
            if (kind != ERR_NONE)
                return err_wrap(reterr, kind, "shard %d: %s", i, b->tables[t].temp);
        }
    TRY(ask_all(b, ask_copy_end, NO_TABLE, by, NULL, reterr));
    for (int t = 0; t < b->n_tables; t++) {
        ErrKind kind = ask_all(b, ask_insert, t, by, ret_affected ? &ret_affected[t] : NULL, reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "%s", b->tables[t].temp);
    }
    return commit_all(b, by, reterr);
}

ErrKind pg_bulk_commit(PgBulk *b, Deadline by, int64_t *ret_affected, Err *reterr)
{
    for (int t = 0; t < b->n_tables && ret_affected; t++)
        ret_affected[t] = 0;
    ErrKind kind = insert_and_commit(b, by, ret_affected, reterr);
    pg_bulk_abort(b); /* gives the connections back; what was committed stays so */
    return kind;
}

/* ---------------------------------------------------------------- fields */

static void field(Buf *row, const char *text, size_t len)
{
    char *at = buf_room(row, len + 1);
    if (!at)
        return;
    memcpy(at, text, len);
    at[len] = '\t';
    buf_advance(row, len + 1);
}

void pg_bulk_null(Buf *row)
{
    field(row, "\\N", 2);
}

void pg_bulk_str(Buf *row, Str v)
{
    pg_copy_text(row, v);
    buf_add_char(row, '\t');
}

void pg_bulk_uuid(Buf *row, Uuid v)
{
    char text[UUID_TEXT];
    if (uuid_is_nil(v)) {
        pg_bulk_null(row);
        return;
    }
    uuid_format(v, text);
    field(row, text, UUID_TEXT - 1);
}

void pg_bulk_i64(Buf *row, int64_t v)
{
    char text[PG_VALUE_TEXT];
    field(row, text, pg_value_i64(v, text));
}

void pg_bulk_f64(Buf *row, double v)
{
    char text[PG_VALUE_TEXT];
    field(row, text, pg_value_f64(v, text));
}

void pg_bulk_bool(Buf *row, bool v)
{
    field(row, v ? "t" : "f", 1);
}

void pg_bulk_time(Buf *row, int64_t unix_us)
{
    char text[PG_VALUE_TEXT];
    field(row, text, pg_value_time(unix_us, text));
}

void pg_bulk_date(Buf *row, int32_t days)
{
    char text[PG_VALUE_TEXT];
    field(row, text, pg_value_date(days, text));
}
