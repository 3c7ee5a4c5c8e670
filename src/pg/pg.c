/* pg.c - one connection to PostgreSQL. The only file that includes libpq.
 *
 * A statement is sent in pipeline mode, whole, before anything is read:
 *
 *     [Parse set_config] [set_config] [Parse statement] [statement] Sync     one write, one round trip
 *
 * (the Parse parts only the first time on a connection). The commands in flight are noted in `flight`, so
 * that pg_receive knows which answer belongs to what. Text without parameters (pg_exec, COPY) leaves pipeline
 * mode: entering and leaving are local to libpq and cost no message. */
#include "pg/pg.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"

#include <libpq-fe.h>

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PG_FLIGHT_MAX 8
#define PG_PREPARED_MAX 1024 /* slots of the table of prepared statements; at most half of them are used */
#define PG_COPY_PENDING_MAX (512 * 1024)
#define PG_ROLLBACK_MS 2000

typedef struct PgPrepared {
    const PgStmt *stmt; /* NULL: free */
    const char *sql;    /* its text when it was parsed: a PgStmt that changes is a bug */
    bool ready;         /* the server has parsed it */
    int number;
} PgPrepared;

typedef struct PgFlight {
    PgPrepared *parse; /* the statement that becomes ready; NULL: an execution */
} PgFlight;

typedef enum PgPending { PG_NOTHING, PG_PIPELINE, PG_TEXT, PG_COPY_IN } PgPending;

struct PgConn {
    PGconn *pg;
    bool spent;
    bool unsent; /* libpq still holds bytes to be sent */
    PgPending pending;
    Uuid tenant; /* of the open transaction */
    size_t copy_unsent;
    int n_flight;
    PgFlight flight[PG_FLIGHT_MAX];
    int n_prepared;
    PgPrepared prepared[PG_PREPARED_MAX];
};

static const PgStmt SET_TENANT = {"ehub_set_tenant", "select set_config('ehub.tenant_id', $1, true)"};
static const PgStmt BEGIN = {"ehub_begin", "begin"};
static const PgStmt COMMIT = {"ehub_commit", "commit"};

/* ---------------------------------------------------------------- errors */

/* The first row whose code is a prefix decides. */
static const struct {
    const char *code;
    ErrKind kind;
} SQLSTATES[] = {
    {"08", ERR_UNAVAILABLE}, {"57P", ERR_UNAVAILABLE},   {"25006", ERR_UNAVAILABLE},
    {"57014", ERR_TIMEOUT},  {"25P03", ERR_UNAVAILABLE}, {"40", ERR_CONFLICT},
    {"25P02", ERR_CONFLICT}, {"55P03", ERR_CONFLICT},    {"23505", ERR_CONFLICT},
    {"23P01", ERR_CONFLICT}, {"23", ERR_INVALID},        {"22", ERR_INVALID},
    {"P0001", ERR_INVALID},  {"P0002", ERR_NOT_FOUND},   {"42501", ERR_DENIED},
    {"28", ERR_DENIED},      {"53", ERR_BUSY},           {"54", ERR_LIMIT},
    {"58", ERR_IO},          {"3D", ERR_NOT_FOUND},      {"0A", ERR_UNSUPPORTED},
    {"XX001", ERR_CORRUPT},  {"XX002", ERR_CORRUPT},
};

static ErrKind kind_of_sqlstate(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(SQLSTATES); i++)
        if (strncmp(code, SQLSTATES[i].code, strlen(SQLSTATES[i].code)) == 0)
            return SQLSTATES[i].kind;
    return ERR_INTERNAL;
}

/* libpq's own messages end in line feeds and may have several lines. */
static Str first_line(const char *message)
{
    Str s = str_trim(str_from(message ? message : ""));
    ptrdiff_t end = str_find(s, STR("\n"));
    return end < 0 ? s : str_slice(s, 0, (size_t)end);
}

static ErrKind lost(PgConn *c, Err *reterr)
{
    c->spent = true;
    Str message = first_line(PQerrorMessage(c->pg));
    return err_set(reterr, ERR_UNAVAILABLE, "connection to %s lost: " STR_FMT, PQdb(c->pg),
                   STR_ARG(message.len ? message : STR("no answer")));
}

/* The column, or what a check of one column is called by default: <table>_<column>_check. */
static void note_field(const PGresult *res, Err *reterr)
{
    const char *column = PQresultErrorField(res, PG_DIAG_COLUMN_NAME);
    const char *table = PQresultErrorField(res, PG_DIAG_TABLE_NAME);
    Str name = str_from(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME)), suffix = STR("_check");
    size_t from = table ? strlen(table) + 1 : 0;
    if (column)
        (void)str_copy(reterr->field, sizeof(reterr->field), str_from(column));
    else if (from > 0 && str_starts(name, str_from(table)) && str_ends(name, suffix) &&
             name.len > from + suffix.len)
        (void)str_copy(reterr->field, sizeof(reterr->field), str_slice(name, from, name.len - suffix.len));
}

/* DETAIL and the parameters are left out on purpose: they hold people's data. */
static ErrKind result_error(PgConn *c, const PGresult *res, Err *reterr)
{
    const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    if (!code)
        return lost(c, reterr);
    const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
    Str context = first_line(PQresultErrorField(res, PG_DIAG_CONTEXT));
    bool in_copy = str_starts(context, STR("COPY "));
    ptrdiff_t value_at = str_find(context, STR(": \""));
    if (in_copy && value_at > 0)
        context = str_slice(context, 0, (size_t)value_at);
    ErrKind kind = kind_of_sqlstate(code);
    /* A cached plan that no longer fits the schema (0A000) does not come back by itself either. */
    if (kind == ERR_UNAVAILABLE || kind == ERR_UNSUPPORTED || PQstatus(c->pg) == CONNECTION_BAD)
        c->spent = true;
    err_set(reterr, kind, "%s%s%s%s%s" STR_FMT, message ? message : "no message",
            constraint ? " (constraint " : "", constraint ? constraint : "", constraint ? ")" : "",
            in_copy ? " at " : "", STR_ARG(in_copy ? context : STR("")));
    if (reterr) {
        (void)str_copy(reterr->sqlstate, sizeof(reterr->sqlstate), str_from(code));
        note_field(res, reterr);
    }
    return kind;
}

static ErrKind too_late(PgConn *c, Err *reterr)
{
    c->spent = true;
    return err_set(reterr, ERR_TIMEOUT, "%s did not answer in time", PQdb(c->pg));
}

/* ---------------------------------------------------------------- waiting */

/* Waits for `events` on the socket; TIMEOUT leaves the connection as it is. */
static ErrKind wait_socket(int fd, short events, Deadline by, short *ret_events, Err *reterr)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int n = poll(&p, 1, deadline_left_ms(by));
        if (n > 0) {
            *ret_events = p.revents;
            return ERR_NONE;
        }
        if (n < 0 && errno != EINTR)
            return err_set_errno(reterr, ERR_IO, errno, "poll");
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "timed out");
    }
}

/* One step: waits until the server has sent something (or, with unsent bytes, can take more), and moves it.
 */
static ErrKind step(PgConn *c, bool for_reading, Deadline by, Err *reterr)
{
    short events = (short)((for_reading ? POLLIN : 0) | (c->unsent ? POLLIN | POLLOUT : 0));
    short got = 0;
    ErrKind kind = wait_socket(PQsocket(c->pg), events, by, &got, reterr);
    if (kind == ERR_TIMEOUT)
        return too_late(c, reterr);
    if (kind != ERR_NONE) {
        c->spent = true;
        return kind;
    }
    if (got & (POLLIN | POLLHUP | POLLERR))
        if (!PQconsumeInput(c->pg))
            return lost(c, reterr);
    if (c->unsent) {
        int left = PQflush(c->pg);
        if (left < 0)
            return lost(c, reterr);
        c->unsent = left > 0;
    }
    return ERR_NONE;
}

static ErrKind flush_some(PgConn *c, Err *reterr)
{
    int left = PQflush(c->pg);
    if (left < 0)
        return lost(c, reterr);
    c->unsent = left > 0;
    return ERR_NONE;
}

/* The next result, or NULL at the end of a command's results. */
static ErrKind next_result(PgConn *c, Deadline by, PGresult **ret, Err *reterr)
{
    *ret = NULL;
    while (PQisBusy(c->pg))
        TRY(step(c, true, by, reterr));
    *ret = PQgetResult(c->pg);
    return ERR_NONE;
}

static void result_clear(PGresult **r)
{
    PQclear(*r);
    *r = NULL;
}

/* ---------------------------------------------------------------- connecting */

static void quiet(void *arg, const PGresult *res)
{
    (void)arg;
    log_debug("pg", "notice: %s", PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

/* A failed login carries no SQLSTATE in libpq 15: the server's words decide (lc_messages is C on our
 * servers). */
static ErrKind connect_error(PGconn *pg, const PgConnInfo *info, Err *reterr)
{
    const char *all = PQerrorMessage(pg);
    ErrKind kind = ERR_UNAVAILABLE;
    if (strstr(all, "authentication failed") || strstr(all, "no password supplied") ||
        strstr(all, "pg_hba.conf"))
        kind = ERR_DENIED;
    else if (strstr(all, "too many clients") || strstr(all, "connection slots are reserved"))
        kind = ERR_BUSY;
    else if (strstr(all, "\" does not exist"))
        kind = ERR_NOT_FOUND;
    Str line = first_line(all);
    err_set(reterr, kind, "connect to %s as %s: " STR_FMT, info->dbname, info->user, STR_ARG(line));
    if (reterr &&
        (kind == ERR_DENIED || kind == ERR_NOT_FOUND)) /* so that it is known as the database's word */
        (void)str_copy(reterr->sqlstate, sizeof(reterr->sqlstate),
                       kind == ERR_DENIED ? STR("28000") : STR("3D000"));
    return kind;
}

static PGconn *connect_start(const PgConnInfo *info)
{
    char port[16];
    (void)snprintf(port, sizeof(port), "%d", info->port);
    const char *keys[] = {"host",
                          "port",
                          "dbname",
                          "user",
                          "password",
                          "sslmode",
                          "sslrootcert",
                          "application_name",
                          "gssencmode",
                          "keepalives_idle",
                          "tcp_user_timeout",
                          "client_encoding",
                          "options",
                          NULL};
    const char *values[] = {info->host,
                            port,
                            info->dbname,
                            info->user,
                            info->password,
                            info->sslmode ? info->sslmode : "prefer",
                            info->sslrootcert,
                            info->application_name ? info->application_name : "ehub",
                            "disable",
                            "30",
                            "10000",
                            "UTF8",
                            "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c bytea_output=hex "
                            "-c client_connection_check_interval=500",
                            NULL};
    return PQconnectStartParams(keys, values, 0);
}

static ErrKind connect_finish(PGconn *pg, const PgConnInfo *info, Deadline by, Err *reterr)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED)
            return connect_error(pg, info, reterr);
        short got = 0;
        ErrKind kind =
            wait_socket(PQsocket(pg), want == PGRES_POLLING_READING ? POLLIN : POLLOUT, by, &got, reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "connect to %s as %s", info->dbname, info->user);
        want = PQconnectPoll(pg);
    }
    return ERR_NONE;
}

ErrKind pg_connect(const PgConnInfo *info, Deadline by, PgConn **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(pg_closep) PgConn *c = MEM_NEW(PgConn);
    c->pg = connect_start(info);
    BUG_ON(!c->pg);
    if (PQstatus(c->pg) == CONNECTION_BAD)
        return connect_error(c->pg, info, reterr);
    (void)PQsetNoticeReceiver(c->pg, quiet, NULL);
    TRY(connect_finish(c->pg, info, by, reterr));
    if (PQsetnonblocking(c->pg, 1) != 0)
        return lost(c, reterr);
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

void pg_close(PgConn *c)
{
    if (!c)
        return;
    PQfinish(c->pg);
    mem_free(c);
}

bool pg_in_transaction(const PgConn *c)
{
    PGTransactionStatusType status = PQtransactionStatus(c->pg);
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

bool pg_usable(const PgConn *c)
{
    return !c->spent && c->pending == PG_NOTHING && PQstatus(c->pg) == CONNECTION_OK &&
           PQtransactionStatus(c->pg) != PQTRANS_INERROR;
}

bool pg_alive(PgConn *c)
{
    struct pollfd p = {.fd = PQsocket(c->pg), .events = POLLIN};
    if (poll(&p, 1, 0) == 0)
        return pg_usable(c);
    if (!PQconsumeInput(c->pg) || PQstatus(c->pg) != CONNECTION_OK)
        c->spent = true;
    /* What an idle connection may receive are notifications and parameter changes; a farewell is followed by
     * the end of the stream. */
    p.revents = 0;
    if (!c->spent && poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)))
        c->spent = true;
    return pg_usable(c);
}

int pg_socket(const PgConn *c)
{
    return PQsocket(c->pg);
}

/* ---------------------------------------------------------------- sending */

static ErrKind ready_to_send(PgConn *c, Deadline by, Err *reterr)
{
    BUG_ON(c->pending != PG_NOTHING);
    if (c->spent)
        return err_set(reterr, ERR_UNAVAILABLE, "connection to %s is spent", PQdb(c->pg));
    if (deadline_passed(by))
        return err_set(reterr, ERR_TIMEOUT, "no time left to ask %s", PQdb(c->pg));
    return ERR_NONE;
}

/* The statement's place in the table, made if absent; NULL when the table is full (it is then sent
 * unprepared). */
static PgPrepared *prepared_slot(PgConn *c, const PgStmt *stmt)
{
    size_t at = (size_t)(((uintptr_t)stmt >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 54);
    for (size_t i = 0; i < PG_PREPARED_MAX; i++) {
        PgPrepared *p = &c->prepared[(at + i) % PG_PREPARED_MAX];
        if (p->stmt == stmt) {
            BUG_ON(p->sql != stmt->sql); /* not static: another statement at the same address */
            return p;
        }
        if (p->stmt)
            continue;
        if (c->n_prepared >= PG_PREPARED_MAX / 2)
            return NULL;
        p->stmt = stmt;
        p->sql = stmt->sql;
        p->number = c->n_prepared++;
        return p;
    }
    return NULL;
}

static void note_flight(PgConn *c, PgPrepared *parse)
{
    BUG_ON(c->n_flight >= PG_FLIGHT_MAX);
    c->flight[c->n_flight++].parse = parse;
}

/* Puts a statement in the pipeline, preceded by its Parse when this connection sees it for the first time. */
static ErrKind queue_stmt(PgConn *c, const PgStmt *stmt, const PgParam *params, int n_params, Err *reterr)
{
    BUG_ON(n_params > PG_PARAMS_MAX);
    const char *values[PG_PARAMS_MAX];
    for (int i = 0; i < n_params; i++) {
        const PgParam *p = &params[i];
        values[i] = p->text ? p->text : p->inline_[0] ? p->inline_ : NULL;
    }
    PgPrepared *slot = prepared_slot(c, stmt);
    if (!slot) {
        if (!PQsendQueryParams(c->pg, stmt->sql, n_params, NULL, values, NULL, NULL, 0))
            return lost(c, reterr);
        note_flight(c, NULL);
        return ERR_NONE;
    }
    char name[64]; /* the number keeps two statements of one name apart */
    (void)snprintf(name, sizeof(name), "%.48s_%d", stmt->name, slot->number);
    if (!slot->ready) {
        if (!PQsendPrepare(c->pg, name, stmt->sql, 0, NULL))
            return lost(c, reterr);
        note_flight(c, slot);
    }
    if (!PQsendQueryPrepared(c->pg, name, n_params, values, NULL, NULL, 0))
        return lost(c, reterr);
    note_flight(c, NULL);
    return ERR_NONE;
}

static ErrKind pipeline_open(PgConn *c, Deadline by, Err *reterr)
{
    TRY(ready_to_send(c, by, reterr));
    if (PQpipelineStatus(c->pg) == PQ_PIPELINE_OFF && !PQenterPipelineMode(c->pg))
        return lost(c, reterr);
    c->n_flight = 0;
    return ERR_NONE;
}

static ErrKind pipeline_sync(PgConn *c, Err *reterr)
{
    if (!PQpipelineSync(c->pg))
        return lost(c, reterr);
    c->pending = PG_PIPELINE;
    return flush_some(c, reterr);
}

ErrKind pg_send(PgConn *c, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params, Deadline by,
                Err *reterr)
{
    TRY(pipeline_open(c, by, reterr));
    bool set = !uuid_is_nil(tenant);
    if (set && pg_in_transaction(c)) {
        /* One transaction works for one tenant; it is set already. */
        if (!uuid_is_nil(c->tenant) && !uuid_eq(c->tenant, tenant))
            return err_set(reterr, ERR_INTERNAL, "%s: the open transaction belongs to another tenant",
                           stmt->name);
        set = uuid_is_nil(c->tenant);
        c->tenant = tenant;
    }
    if (set) {
        PgParam p = pg_uuid(tenant);
        TRY(queue_stmt(c, &SET_TENANT, &p, 1, reterr));
    }
    TRY(queue_stmt(c, stmt, params, n_params, reterr));
    return pipeline_sync(c, reterr);
}

static ErrKind send_text(PgConn *c, const char *sql, Deadline by, Err *reterr)
{
    TRY(ready_to_send(c, by, reterr));
    if (PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF && !PQexitPipelineMode(c->pg))
        return lost(c, reterr);
    if (!PQsendQuery(c->pg, sql))
        return lost(c, reterr);
    c->pending = PG_TEXT;
    return flush_some(c, reterr);
}

ErrKind pg_send_exec(PgConn *c, const char *sql, Deadline by, Err *reterr)
{
    return send_text(c, sql, by, reterr);
}

/* ---------------------------------------------------------------- receiving */

/* What came first goes wrong first: only the first error is kept. */
static void keep_error(PgConn *c, const PGresult *res, ErrKind *kind, Err *reterr)
{
    Err later;
    ErrKind k = result_error(c, res, *kind == ERR_NONE ? reterr : &later);
    if (*kind == ERR_NONE)
        *kind = k;
}

static bool is_failure(ExecStatusType status)
{
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

/* The answers of one command of the pipeline; *ret_last is its result when it gave one. */
static ErrKind receive_command(PgConn *c, const PgFlight *f, Deadline by, PGresult **ret_last,
                               ErrKind *failure, Err *reterr)
{
    for (;;) {
        PGresult *res = NULL;
        TRY(next_result(c, by, &res, reterr));
        if (!res)
            return ERR_NONE;
        ExecStatusType status = PQresultStatus(res);
        if (is_failure(status))
            keep_error(c, res, failure, reterr);
        else if (f->parse && status == PGRES_COMMAND_OK)
            f->parse->ready = true;
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            PQclear(*ret_last);
            *ret_last = res;
        } else {
            PQclear(res);
        }
        if (PQstatus(c->pg) == CONNECTION_BAD) {
            c->spent = true;
            return *failure != ERR_NONE ? ERR_NONE : lost(c, reterr);
        }
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            c->spent = true;
            return err_set(reterr, ERR_INTERNAL, "COPY is not allowed in a statement");
        }
    }
}

static ErrKind receive_pipeline(PgConn *c, Deadline by, PGresult **ret_last, Err *reterr)
{
    ErrKind failure = ERR_NONE;
    for (int i = 0; i < c->n_flight && !c->spent; i++)
        TRY(receive_command(c, &c->flight[i], by, ret_last, &failure, reterr));
    while (!c->spent) {
        CLEANUP(result_clear) PGresult *res = NULL;
        TRY(next_result(c, by, &res, failure == ERR_NONE ? reterr : NULL));
        ExecStatusType status = res ? PQresultStatus(res) : PGRES_EMPTY_QUERY;
        if (status == PGRES_PIPELINE_SYNC)
            break;
        /* A deferred constraint fails at the Sync itself. */
        if (res && is_failure(status))
            keep_error(c, res, &failure, reterr);
        if (!res && failure == ERR_NONE)
            return lost(c, reterr);
        if (PQstatus(c->pg) == CONNECTION_BAD)
            c->spent = true;
    }
    return failure;
}

static ErrKind receive_text(PgConn *c, Deadline by, PGresult **ret_last, Err *reterr)
{
    ErrKind failure = ERR_NONE;
    for (;;) {
        PGresult *res = NULL;
        TRY(next_result(c, by, &res, failure == ERR_NONE ? reterr : NULL));
        if (!res)
            return failure;
        ExecStatusType status = PQresultStatus(res);
        if (is_failure(status))
            keep_error(c, res, &failure, reterr);
        PQclear(*ret_last);
        *ret_last = res;
        if (PQstatus(c->pg) == CONNECTION_BAD) {
            c->spent = true;
            return failure != ERR_NONE ? failure : lost(c, reterr);
        }
        if (status == PGRES_COPY_IN) {
            c->pending = PG_COPY_IN;
            return failure;
        }
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            c->spent = true;
            return err_set(reterr, ERR_INTERNAL, "COPY TO is not supported");
        }
    }
}

ErrKind pg_receive(PgConn *c, Deadline by, PgResult **ret_result, Err *reterr)
{
    if (ret_result)
        *ret_result = NULL;
    BUG_ON(c->pending == PG_NOTHING);
    CLEANUP(result_clear) PGresult *last = NULL;
    bool pipeline = c->pending == PG_PIPELINE;
    c->pending = PG_NOTHING;
    ErrKind kind = pipeline ? receive_pipeline(c, by, &last, reterr) : receive_text(c, by, &last, reterr);
    if (kind != ERR_NONE)
        return kind;
    if (ret_result) {
        *ret_result = (PgResult *)last;
        last = NULL;
    }
    return ERR_NONE;
}

/* ---------------------------------------------------------------- statements */

ErrKind pg_query(PgConn *c, const PgStmt *stmt, const PgParam *params, int n_params, Deadline by,
                 PgResult **ret_result, Err *reterr)
{
    return pg_tenant_query(c, UUID_NIL, stmt, params, n_params, by, ret_result, reterr);
}

ErrKind pg_tenant_query(PgConn *c, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params,
                        Deadline by, PgResult **ret_result, Err *reterr)
{
    if (ret_result)
        *ret_result = NULL;
    TRY(pg_send(c, tenant, stmt, params, n_params, by, reterr));
    ErrKind kind = pg_receive(c, by, ret_result, reterr);
    return kind == ERR_NONE ? ERR_NONE : err_wrap(reterr, kind, "%s", stmt->name);
}

ErrKind pg_exec(PgConn *c, const char *sql, Deadline by, Err *reterr)
{
    TRY(send_text(c, sql, by, reterr));
    TRY(pg_receive(c, by, NULL, reterr));
    if (c->pending == PG_COPY_IN) {
        c->spent = true;
        return err_set(reterr, ERR_INTERNAL, "pg_exec was given a COPY");
    }
    return ERR_NONE;
}

ErrKind pg_begin(PgConn *c, Uuid tenant, Deadline by, Err *reterr)
{
    BUG_ON(pg_in_transaction(c));
    TRY(pipeline_open(c, by, reterr));
    TRY(queue_stmt(c, &BEGIN, NULL, 0, reterr));
    if (!uuid_is_nil(tenant)) {
        PgParam p = pg_uuid(tenant);
        TRY(queue_stmt(c, &SET_TENANT, &p, 1, reterr));
    }
    c->tenant = tenant;
    TRY(pipeline_sync(c, reterr));
    return pg_receive(c, by, NULL, reterr);
}

ErrKind pg_commit(PgConn *c, Deadline by, Err *reterr)
{
    if (PQtransactionStatus(c->pg) == PQTRANS_INERROR)
        return err_set(reterr, ERR_CONFLICT, "the transaction had failed before its commit");
    CLEANUP(pg_result_freep) PgResult *res = NULL;
    ErrKind kind = pg_query(c, &COMMIT, PG_NO_PARAMS, by, &res, reterr);
    if (kind == ERR_NONE && fault_hit("pg.commit.lost")) {
        c->spent = true;
        kind = err_set(reterr, ERR_UNAVAILABLE, "fault: the answer to a commit is lost");
    }
    if (reterr && (kind == ERR_UNAVAILABLE || kind == ERR_TIMEOUT || kind == ERR_IO))
        reterr->in_doubt = true;
    if (kind != ERR_NONE)
        return kind;
    c->tenant = UUID_NIL;
    /* COMMIT of a failed transaction is no error to the server: its answer says what it did. */
    if (strcmp(PQcmdStatus((PGresult *)res), "COMMIT") != 0)
        return err_set(reterr, ERR_CONFLICT, "the transaction was rolled back");
    return ERR_NONE;
}

void pg_rollback(PgConn *c)
{
    c->tenant = UUID_NIL;
    if (c->pending != PG_NOTHING)
        c->spent = true; /* in the middle of something: the server rolls back when the connection closes */
    if (c->spent || !pg_in_transaction(c))
        return;
    Err ignored;
    if (pg_exec(c, "rollback", deadline_in_ms(PG_ROLLBACK_MS), &ignored) != ERR_NONE)
        c->spent = true;
}

/* ---------------------------------------------------------------- COPY */

ErrKind pg_copy_begin(PgConn *c, const char *sql, Deadline by, Err *reterr)
{
    TRY(send_text(c, sql, by, reterr));
    TRY(pg_receive(c, by, NULL, reterr));
    if (c->pending != PG_COPY_IN)
        return err_set(reterr, ERR_INTERNAL, "not a COPY ... FROM STDIN: %s", sql);
    c->copy_unsent = 0;
    return ERR_NONE;
}

/* Waits only when the server is more than PG_COPY_PENDING_MAX behind. */
ErrKind pg_copy_data(PgConn *c, Str bytes, Deadline by, Err *reterr)
{
    BUG_ON(c->pending != PG_COPY_IN);
    for (size_t at = 0; at < bytes.len;) {
        size_t n = MIN(bytes.len - at, (size_t)PG_COPY_PENDING_MAX);
        if (PQputCopyData(c->pg, bytes.ptr + at, (int)n) != 1)
            return lost(c, reterr);
        at += n;
        c->copy_unsent += n;
        TRY(flush_some(c, reterr));
        while (c->unsent && c->copy_unsent > PG_COPY_PENDING_MAX)
            TRY(step(c, false, by, reterr));
        if (!c->unsent)
            c->copy_unsent = 0;
    }
    return ERR_NONE;
}

ErrKind pg_send_copy_end(PgConn *c, Deadline by, Err *reterr)
{
    (void)by; /* the wait is in pg_receive */
    BUG_ON(c->pending != PG_COPY_IN);
    if (PQputCopyEnd(c->pg, NULL) != 1)
        return lost(c, reterr);
    c->pending = PG_TEXT;
    return flush_some(c, reterr);
}

ErrKind pg_copy_end(PgConn *c, Deadline by, Err *reterr)
{
    TRY(pg_send_copy_end(c, by, reterr));
    return pg_receive(c, by, NULL, reterr);
}

/* ---------------------------------------------------------------- notifications */

bool pg_notification(PgConn *c, Deadline by, char *channel, size_t channel_size, char *payload,
                     size_t payload_size)
{
    for (;;) {
        if (c->spent || !PQconsumeInput(c->pg)) {
            c->spent = true;
            return false;
        }
        PGnotify *n = PQnotifies(c->pg);
        if (n) {
            (void)snprintf(channel, channel_size, "%s", n->relname);
            (void)snprintf(payload, payload_size, "%s", n->extra);
            PQfreemem(n);
            return true;
        }
        short got = 0;
        Err ignored;
        if (wait_socket(PQsocket(c->pg), POLLIN, by, &got, &ignored) != ERR_NONE)
            return false;
    }
}

/* ---------------------------------------------------------------- results: a PgResult is libpq's own */

static const PGresult *raw(const PgResult *r)
{
    return (const PGresult *)r;
}

int pg_rows(const PgResult *r)
{
    return PQntuples(raw(r));
}

int64_t pg_affected(const PgResult *r)
{
    int64_t n = 0;
    return str_to_i64(str_from(PQcmdTuples((PGresult *)r)), &n) ? n : 0;
}

bool pg_is_null(const PgResult *r, int row, int col)
{
    return PQgetisnull(raw(r), row, col) != 0;
}

Str pg_str(const PgResult *r, int row, int col)
{
    if (pg_is_null(r, row, col))
        return STR_NULL;
    return (Str){PQgetvalue(raw(r), row, col), (size_t)PQgetlength(raw(r), row, col)};
}

int64_t pg_get_i64(const PgResult *r, int row, int col)
{
    int64_t v = 0;
    return str_to_i64(pg_str(r, row, col), &v) ? v : 0;
}

double pg_get_f64(const PgResult *r, int row, int col)
{
    Str s = pg_str(r, row, col);
    double v = NAN;
    if (str_to_f64(s, &v))
        return v;
    if (str_eq_c(s, "Infinity"))
        return INFINITY;
    return str_eq_c(s, "-Infinity") ? -INFINITY : NAN;
}

bool pg_get_bool(const PgResult *r, int row, int col)
{
    return str_eq_c(pg_str(r, row, col), "t");
}

Uuid pg_get_uuid(const PgResult *r, int row, int col)
{
    Uuid id = UUID_NIL;
    return uuid_parse(pg_str(r, row, col), &id) ? id : UUID_NIL;
}

void pg_result_free(PgResult *r)
{
    PQclear((PGresult *)r);
}
