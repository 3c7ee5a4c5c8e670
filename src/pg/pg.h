/* pg.h - one connection to PostgreSQL: statements, parameters, results. The border to libpq (pg.c).
 *
 * Owner:    pg_connect .. pg_close; a PgResult is freed by pg_result_free, values are borrowed from it.
 * Threads:  a connection belongs to one thread at a time. Every call may block until its deadline.
 * Errors:   SQLSTATE is kept, and the field it is about where PostgreSQL says it. Messages name tables and constraints:
 *           they are for the operator. 08*, 57P*: UNAVAILABLE . 40*: CONFLICT . 23*: CONFLICT (unique) or INVALID .
 *           22*: INVALID . 42501: DENIED . 57014: TIMEOUT . 53*: BUSY. After UNAVAILABLE or TIMEOUT the
 * connection is spent; the server sees within half a second that its client has gone and ends the statement
 *           (client_connection_check_interval; PQcancel is not used: it has no deadline of its own).
 * Tenant:   pg_tenant_query sends set_config('ehub.tenant_id', $1, true) and the query in one pipeline before
 *           one Sync: one round trip, one implicit transaction. With no tenant set no row is visible
 * (row-level security). */
#ifndef EHUB_PG_PG_H
#define EHUB_PG_PG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "rt/deadline.h"

#define PG_PARAMS_MAX 24

typedef struct PgConn PgConn;
typedef struct PgResult PgResult;

/* A statement is static; it is prepared on a connection the first time it is used there (name = its own
 * stem). */
typedef struct PgStmt {
    const char *name;
    const char *sql;
} PgStmt;

/* A parameter as text; the bytes must live until the call returns. Casts stand in the SQL: $1::uuid. */
typedef struct PgParam {
    const char *text; /* terminated; NULL: what stands in inline_, and SQL null when that is empty */
    char inline_[40]; /* used by the makers of numbers and ids */
} PgParam;

PgParam pg_uuid(Uuid v);
PgParam pg_i64(int64_t v);
PgParam pg_f64(double v);
PgParam pg_bool(bool v);
PgParam pg_time(int64_t unix_us); /* timestamptz */
PgParam pg_date(int32_t days);
PgParam pg_cstr(const char *v); /* borrowed; NULL gives null */
PgParam pg_null(void);
#define PG_PARAMS(...) ((const PgParam[]){__VA_ARGS__}), (int)ARRAY_LEN(((const PgParam[]){__VA_ARGS__}))
#define PG_NO_PARAMS NULL, 0

typedef struct PgConnInfo {
    const char *host; /* directory or host */
    int port;
    const char *dbname;
    const char *user;
    const char *password;
    const char *sslmode;
    const char *sslrootcert; /* PEM file; NULL or "": libpq's own */
    const char *application_name;
} PgConnInfo;

ErrKind MUST_USE pg_connect(const PgConnInfo *info, Deadline by, PgConn **ret, Err *reterr);
void pg_close(PgConn *c);
DEFINE_FREEP(PgConn, pg_close)
/* false when the server has closed an idle connection; costs one poll. */
bool pg_alive(PgConn *c);
/* false after a failure that leaves it spent, or inside a broken transaction */
bool pg_usable(const PgConn *c);
int pg_socket(const PgConn *c);

/* ret_result may be NULL when it is of no interest. */
ErrKind MUST_USE pg_query(PgConn *c, const PgStmt *stmt, const PgParam *params, int n_params, Deadline by,
                          PgResult **ret_result, Err *reterr);
ErrKind MUST_USE pg_tenant_query(PgConn *c, Uuid tenant, const PgStmt *stmt, const PgParam *params,
                                 int n_params, Deadline by, PgResult **ret_result, Err *reterr);
/* Several statements as text, no parameters, no preparation (migrations, temporary tables). */
ErrKind MUST_USE pg_exec(PgConn *c, const char *sql, Deadline by, Err *reterr);

/* The halves of the calls above, for work on several connections at once: send to each, then receive from
 * each. Between the two nothing else may be asked of the connection. tenant UUID_NIL: none is set. */
ErrKind MUST_USE pg_send(PgConn *c, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params,
                         Deadline by, Err *reterr);
ErrKind MUST_USE pg_send_exec(PgConn *c, const char *sql, Deadline by, Err *reterr);
ErrKind MUST_USE pg_receive(PgConn *c, Deadline by, PgResult **ret_result, Err *reterr);

/* A transaction of several statements; the tenant (may be UUID_NIL: none) is set for its whole length. */
ErrKind MUST_USE pg_begin(PgConn *c, Uuid tenant, Deadline by, Err *reterr);
/* When the server's answer does not arrive, Err.in_doubt says that the transaction may have been committed. */
ErrKind MUST_USE pg_commit(PgConn *c, Deadline by, Err *reterr);
void pg_rollback(PgConn *c); /* also fine when none is open */
bool pg_in_transaction(const PgConn *c);

/* COPY ... FROM STDIN into a temporary table (row-level security refuses it on the real ones). */
ErrKind MUST_USE pg_copy_begin(PgConn *c, const char *sql, Deadline by, Err *reterr);
ErrKind MUST_USE pg_copy_data(PgConn *c, Str bytes, Deadline by, Err *reterr);
ErrKind MUST_USE pg_copy_end(PgConn *c, Deadline by, Err *reterr);
ErrKind MUST_USE pg_send_copy_end(PgConn *c, Deadline by, Err *reterr); /* then pg_receive */
/* One value of COPY's text format, with its escapes; STR_NULL gives \N. The caller adds tabs and line feeds.
 */
void pg_copy_text(Buf *out, Str value);

/* Notifications (LISTEN) that have arrived; waits until the deadline for the first. false: none. Payload cut
 * at size. */
bool pg_notification(PgConn *c, Deadline by, char *channel, size_t channel_size, char *payload,
                     size_t payload_size);

int pg_rows(const PgResult *r);
int64_t pg_affected(const PgResult *r);
bool pg_is_null(const PgResult *r, int row, int col);
Str pg_str(const PgResult *r, int row, int col);         /* STR_NULL for null */
int64_t pg_get_i64(const PgResult *r, int row, int col); /* 0 for null */
double pg_get_f64(const PgResult *r, int row, int col);  /* NaN for null */
bool pg_get_bool(const PgResult *r, int row, int col);
Uuid pg_get_uuid(const PgResult *r, int row, int col); /* nil for null */
void pg_result_free(PgResult *r);
DEFINE_FREEP(PgResult, pg_result_free)

#endif
