/* test_pg.c - one connection: statements, errors, deadlines, transactions, COPY, against a real PostgreSQL.
 */
#include "harness/pg_private.h"
#include "harness/t.h"

#include "base/mem.h"
#include "metrics/metrics.h"
#include "pg/pg_pool.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static PgPrivate server;

static Deadline soon(void)
{
    return deadline_in_ms(10000);
}

TEST(values_come_back_as_they_were_sent)
{
    static const PgStmt echo = {"echo",
                                "select $1::uuid, $2::bigint, $3::float8, $4::bool, $5::timestamptz,"
                                " $6::date, $7::text, $8::text, extract(epoch from $5::timestamptz) * 1e6"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    Uuid id = uuid_v7();
    for (int round = 0; round < 3; round++) { /* parsed, then prepared */
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        T_OK(pg_query(c, &echo,
                      PG_PARAMS(pg_uuid(id), pg_i64(INT64_MIN), pg_f64(0.1), pg_bool(true),
                                pg_time(INT64_C(-1500000)), pg_date(20454), pg_cstr(""), pg_null()),
                      soon(), &r, &err),
             err);
        assert_int_equal(pg_rows(r), 1);
        assert_true(uuid_eq(pg_get_uuid(r, 0, 0), id));
        assert_true(pg_get_i64(r, 0, 1) == INT64_MIN);
        assert_true(pg_get_f64(r, 0, 2) == 0.1);
        assert_true(pg_get_bool(r, 0, 3));
        T_STR("1969-12-31 23:59:58.5+00", pg_str(r, 0, 4)); /* 1.5 s before the epoch */
        T_STR("2026-01-01", pg_str(r, 0, 5));               /* day 20454, by `date -d @$((20454*86400))` */
        T_STR("", pg_str(r, 0, 6));
        assert_false(pg_is_null(r, 0, 6));
        assert_true(pg_is_null(r, 0, 7));
        T_NEAR(-1500000.0, pg_get_f64(r, 0, 8), 0.0);
    }
}

TEST(the_tenant_is_set_for_one_statement_only)
{
    static const PgStmt who = {"who", "select nullif(current_setting('ehub.tenant_id', true), '')"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    Uuid tenant = uuid_v7();
    char text[UUID_TEXT];
    uuid_format(tenant, text);
    for (int round = 0; round < 3; round++) {
        CLEANUP(pg_result_freep) PgResult *with = NULL;
        CLEANUP(pg_result_freep) PgResult *without = NULL;
        T_OK(pg_tenant_query(c, tenant, &who, PG_NO_PARAMS, soon(), &with, &err), err);
        T_STR(text, pg_str(with, 0, 0));
        T_OK(pg_query(c, &who, PG_NO_PARAMS, soon(), &without, &err), err);
        assert_true(pg_is_null(without, 0, 0));
    }
}

/* ---------------------------------------------------------------- errors */

TEST(an_error_keeps_its_sqlstate_and_the_connection)
{
    static const struct {
        PgStmt stmt;
        const char *param;
        ErrKind kind;
        const char *sqlstate;
    } rows[] = {
        {{"bad_uuid", "select $1::uuid"}, "no uuid", ERR_INVALID, "22P02"},
        {{"bad_division", "select 1 / $1::int"}, "0", ERR_INVALID, "22012"},
        {{"bad_syntax", "selekt $1"}, "x", ERR_INTERNAL, "42601"},
        {{"bad_table", "select $1::text from no_such_table"}, "x", ERR_INTERNAL, "42P01"},
        {{"bad_right", "select $1::text from pg_authid"}, "x", ERR_DENIED, "42501"},
        {{"bad_serial", "select pg_temp.raise_it($1)"}, "40001", ERR_CONFLICT, "40001"},
        {{"bad_full", "select pg_temp.raise_it($1)"}, "53300", ERR_BUSY, "53300"},
        {{"bad_unique", "select pg_temp.raise_it($1)"}, "23505", ERR_CONFLICT, "23505"},
        {{"bad_check", "select pg_temp.raise_it($1)"}, "23514", ERR_INVALID, "23514"},
        {{"bad_cancel", "select pg_temp.raise_it($1)"}, "57014", ERR_TIMEOUT, "57014"},
    };
    static const PgStmt good = {"good", "select nullif(current_setting('ehub.tenant_id', true), '')"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c,
                 "create function pg_temp.raise_it(code text) returns int language plpgsql as"
                 " $$ begin raise exception 'raised' using errcode = code; end $$",
                 soon(), &err),
         err);
    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) { /* each when parsed, and again when known */
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        size_t at = i / 2;
        T_FAILS(rows[at].kind, pg_tenant_query(c, uuid_v7(), &rows[at].stmt,
                                               PG_PARAMS(pg_cstr(rows[at].param)), soon(), &r, &err));
        assert_string_equal(err.sqlstate, rows[at].sqlstate);
        assert_null(r);
        assert_true(pg_usable(c));
        CLEANUP(pg_result_freep) PgResult *after = NULL;
        T_OK(pg_query(c, &good, PG_NO_PARAMS, soon(), &after, &err), err);
        assert_true(pg_is_null(after, 0, 0)); /* the tenant went with the failed pipeline */
    }
}

TEST(a_value_from_the_parameters_never_reaches_the_message_of_a_constraint)
{
    static const PgStmt add = {"add", "insert into pg_temp.person values ($1)"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table person (email text primary key)", soon(), &err), err);
    T_OK(pg_query(c, &add, PG_PARAMS(pg_cstr("eve@example.com")), soon(), NULL, &err), err);
    T_FAILS(ERR_CONFLICT, pg_query(c, &add, PG_PARAMS(pg_cstr("eve@example.com")), soon(), NULL, &err));
    assert_null(strstr(err.msg, "eve@"));
    assert_non_null(strstr(err.msg, "person_pkey"));
}

TEST(the_field_that_is_refused_is_known_apart_from_the_words)
{
    static const struct {
        PgStmt stmt;
        const char *field;
    } rows[] = {
        {{"f1", "insert into pg_temp.entry values (null, 1, 'k')"}, "title"},
        {{"f2", "insert into pg_temp.entry values ('t', -1, 'k')"}, "effort_min"},
        {{"f3", "insert into pg_temp.entry values ('t', 1, 'a'), ('t', 1, 'a')"}, ""}, /* of the whole row */
        {{"f4", "select 1 / 0"}, ""},
    };
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c,
                 "create temporary table entry (title text not null, effort_min int check (effort_min > 0), "
                 "key text primary key)",
                 soon(), &err),
         err);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_not_equal(pg_query(c, &rows[i].stmt, PG_NO_PARAMS, soon(), NULL, &err), ERR_NONE);
        assert_string_equal(err.field, rows[i].field);
    }
}

static bool backend_lives(int64_t pid)
{
    static const PgStmt find = {"find_backend", "select count(*) from pg_stat_activity where pid = $1::int"};
    Err err;
    CLEANUP(pg_closep) PgConn *su = pg_private_connect(&server, "postgres_su", NULL);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_query(su, &find, PG_PARAMS(pg_i64(pid)), soon(), &r, &err), err);
    return pg_get_i64(r, 0, 0) > 0;
}

static int64_t backend_pid(PgConn *c)
{
    static const PgStmt pid = {"backend_pid", "select pg_backend_pid()"};
    Err err;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_query(c, &pid, PG_NO_PARAMS, soon(), &r, &err), err);
    return pg_get_i64(r, 0, 0);
}

static const PgStmt SLEEP = {"sleep", "select pg_sleep($1::float8)"};

TEST(a_deadline_ends_the_call_and_then_the_statement_on_the_server)
{
    (void)state;
    Err err;
    PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    int64_t pid = backend_pid(c), before = clock_mono_us();
    T_FAILS(ERR_TIMEOUT, pg_query(c, &SLEEP, PG_PARAMS(pg_f64(60)), deadline_in_ms(100), NULL, &err));
    int64_t took = clock_mono_us() - before;
    assert_true(took >= 100 * 1000 && took < 3000 * 1000);
    assert_false(pg_usable(c));
    T_FAILS(ERR_UNAVAILABLE, pg_query(c, &SLEEP, PG_PARAMS(pg_f64(0)), soon(), NULL, &err));
    pg_close(c);
    Deadline gone = soon();
    while (backend_lives(pid) && !deadline_passed(gone))
        clock_sleep_ms(50);
    assert_false(backend_lives(pid));
}

static void kill_backend(int64_t pid)
{
    char sql[64];
    (void)snprintf(sql, sizeof(sql), "select pg_terminate_backend(%d, 5000)", (int)pid);
    pg_private_exec(&server, NULL, sql);
}

TEST(a_backend_that_dies_in_the_middle_is_unavailable_at_once)
{
    (void)state;
    Err err;
    PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    int64_t pid = backend_pid(c), before = clock_mono_us();
    T_OK(pg_send(c, uuid_v7(), &SLEEP, PG_PARAMS(pg_f64(60)), soon(), &err), err);
    kill_backend(pid);
    T_FAILS(ERR_UNAVAILABLE, pg_receive(c, soon(), NULL, &err));
    assert_false(pg_usable(c));
    pg_close(c);

    c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table gone (v text)", soon(), &err), err);
    pid = backend_pid(c);
    T_OK(pg_copy_begin(c, "copy pg_temp.gone from stdin", soon(), &err), err);
    T_OK(pg_copy_data(c, STR("a row\n"), soon(), &err), err);
    kill_backend(pid);
    ErrKind kind = ERR_NONE;
    for (int i = 0; i < 1000 && kind == ERR_NONE;
         i++) /* the farewell is noticed while sending or at the end */
        kind = pg_copy_data(c, STR("a row\n"), soon(), &err);
    if (kind == ERR_NONE)
        kind = pg_copy_end(c, soon(), &err);
    T_FAILS(ERR_UNAVAILABLE, kind);
    assert_false(pg_usable(c));
    pg_close(c);
    assert_true(clock_mono_us() - before < 9 * US_PER_S);
}

TEST(a_constraint_that_is_checked_at_the_end_fails_the_call)
{
    static const PgStmt add = {"add_late", "insert into pg_temp.late values ($1::int)"};
    static const PgStmt count = {"count_late", "select count(*) from pg_temp.late"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table late (v int unique deferrable initially deferred)", soon(), &err),
         err);
    T_OK(pg_query(c, &add, PG_PARAMS(pg_i64(1)), soon(), NULL, &err), err);
    T_FAILS(ERR_CONFLICT, pg_query(c, &add, PG_PARAMS(pg_i64(1)), soon(), NULL, &err));
    assert_string_equal(err.sqlstate, "23505");
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_query(c, &count, PG_NO_PARAMS, soon(), &r, &err), err);
    assert_int_equal(pg_get_i64(r, 0, 0), 1);
}

TEST(a_frozen_server_costs_no_more_than_the_deadline)
{
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    int pid = (int)backend_pid(c);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    int64_t before = clock_mono_us();
    ErrKind kind = pg_query(c, &SLEEP, PG_PARAMS(pg_f64(0)), deadline_in_ms(100), NULL, &err);
    int64_t took = clock_mono_us() - before;
    assert_int_equal(kill(pid, SIGCONT), 0);
    T_FAILS(ERR_TIMEOUT, kind);
    assert_true(took < 3000 * 1000);
}

TEST(a_server_that_is_not_there_is_unavailable_and_a_wrong_role_is_refused)
{
    (void)state;
    Err err;
    char host[160];
    PgConn *c = NULL;
    (void)snprintf(host, sizeof(host), "%s/run", server.dir);
    const PgConnInfo nowhere = {.host = "/nonexistent", .port = 1, .dbname = "x", .user = "ehub_app"};
    T_FAILS(ERR_UNAVAILABLE, pg_connect(&nowhere, soon(), &c, &err));
    const PgConnInfo no_db = {.host = host, .port = server.port, .dbname = "no_such_db", .user = "ehub_app"};
    T_FAILS(ERR_NOT_FOUND, pg_connect(&no_db, soon(), &c, &err));
    assert_non_null(strstr(err.msg, "no_such_db"));
    const PgConnInfo closed_port = {.host = "127.0.0.1", .port = 1, .dbname = "x", .user = "ehub_app"};
    T_FAILS(ERR_UNAVAILABLE, pg_connect(&closed_port, soon(), &c, &err));
    assert_null(c);
}

/* ---------------------------------------------------------------- statements and transactions */

TEST(large_values_pass_in_both_directions)
{
    static const PgStmt twice = {"twice", "select $1 || $1"};
    enum { N = 3000000 };
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    CLEANUP(mem_freep) char *text = mem_zalloc(N + 1);
    memset(text, 'x', N);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_tenant_query(c, uuid_v7(), &twice, PG_PARAMS(pg_cstr(text)), soon(), &r, &err), err);
    assert_int_equal(pg_str(r, 0, 0).len, 2 * N);
}

TEST(more_statements_than_the_table_holds_still_run)
{
    enum { N = 700 };
    static PgStmt stmts[N];
    static char sql[N][32];
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++) {
            (void)snprintf(sql[i], sizeof(sql[i]), "select %d", i);
            stmts[i] = (PgStmt){"same_name", sql[i]};
            CLEANUP(pg_result_freep) PgResult *r = NULL;
            T_OK(pg_query(c, &stmts[i], PG_NO_PARAMS, soon(), &r, &err), err);
            assert_int_equal(pg_get_i64(r, 0, 0), i);
        }
}

TEST(a_transaction_keeps_its_tenant_and_is_undone_by_rollback)
{
    static const PgStmt who = {"who_tx", "select current_setting('ehub.tenant_id', true)"};
    static const PgStmt add = {"add_tx", "insert into pg_temp.t values ($1::int)"};
    static const PgStmt count = {"count_tx", "select count(*) from pg_temp.t"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table t (v int primary key)", soon(), &err), err);
    Uuid tenant = uuid_v7();
    char text[UUID_TEXT];
    uuid_format(tenant, text);

    T_OK(pg_begin(c, tenant, soon(), &err), err);
    T_OK(pg_query(c, &add, PG_PARAMS(pg_i64(1)), soon(), NULL, &err), err);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_tenant_query(c, tenant, &who, PG_NO_PARAMS, soon(), &r, &err), err);
    T_STR(text, pg_str(r, 0, 0));
    T_FAILS(ERR_INTERNAL, pg_tenant_query(c, uuid_v7(), &who, PG_NO_PARAMS, soon(), NULL, &err));
    T_OK(pg_commit(c, soon(), &err), err);

    T_OK(pg_begin(c, tenant, soon(), &err), err);
    T_OK(pg_query(c, &add, PG_PARAMS(pg_i64(2)), soon(), NULL, &err), err);
    pg_rollback(c);
    assert_true(pg_usable(c));

    T_OK(pg_begin(c, tenant, soon(), &err), err);
    T_FAILS(ERR_CONFLICT, pg_query(c, &add, PG_PARAMS(pg_i64(1)), soon(), NULL, &err));
    assert_false(pg_usable(c));
    T_FAILS(ERR_CONFLICT, pg_commit(c, soon(), &err));
    pg_rollback(c);
    pg_rollback(c);
    CLEANUP(pg_result_freep) PgResult *n = NULL;
    T_OK(pg_query(c, &count, PG_NO_PARAMS, soon(), &n, &err), err);
    assert_int_equal(pg_get_i64(n, 0, 0), 1);
}

TEST(a_notification_arrives_and_waiting_ends_at_the_deadline)
{
    (void)state;
    Err err;
    char channel[32], payload[8];
    CLEANUP(pg_closep) PgConn *listener = pg_private_connect(&server, "ehub_app", NULL);
    CLEANUP(pg_closep) PgConn *speaker = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(listener, "listen news", soon(), &err), err);
    assert_false(
        pg_notification(listener, deadline_in_ms(50), channel, sizeof(channel), payload, sizeof(payload)));
    T_OK(pg_exec(speaker, "notify news, 'longer than seven'", soon(), &err), err);
    assert_true(pg_notification(listener, soon(), channel, sizeof(channel), payload, sizeof(payload)));
    assert_string_equal(channel, "news");
    assert_string_equal(payload, "longer ");
    assert_true(pg_alive(listener));
}

/* ---------------------------------------------------------------- COPY */

TEST(copy_brings_every_byte_back)
{
    static const PgStmt read_back = {"copy_back",
                                     "select n, convert_to(v, 'UTF8') = $2::bytea, v is null from pg_temp.c"
                                     " where n = $1::int"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table c (n int primary key, v text)", soon(), &err), err);
    T_OK(pg_copy_begin(c, "copy pg_temp.c from stdin", soon(), &err), err);
    for (int i = 1; i < 256; i++) { /* zero is not text to PostgreSQL */
        CLEANUP(buf_done) Buf line = BUF(256);
        const char low[] = {'\\', (char)i, '\\', 'n', (char)i};
        const char high[] = {(char)(0xC0 | i >> 6), (char)(0x80 | (i & 0x3F)), '\t', (char)(0xC0 | i >> 6),
                             (char)(0x80 | (i & 0x3F))};
        buf_addf(&line, "%d\t", i);
        pg_copy_text(&line, (Str){i < 128 ? low : high, 5});
        buf_add_char(&line, '\n');
        T_OK(pg_copy_data(c, buf_str(&line), soon(), &err), err);
    }
    T_OK(pg_copy_data(c, STR("256\t\\N\n"), soon(), &err), err);
    T_OK(pg_copy_end(c, soon(), &err), err);
    for (int i = 1; i < 257; i++) {
        char hex[32];
        if (i < 128)
            (void)snprintf(hex, sizeof(hex), "\\x5c%02x5c6e%02x", i, i);
        else
            (void)snprintf(hex, sizeof(hex), "\\x%02x%02x09%02x%02x", 0xC0 | i >> 6, 0x80 | (i & 0x3F),
                           0xC0 | i >> 6, 0x80 | (i & 0x3F));
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        T_OK(pg_query(c, &read_back, PG_PARAMS(pg_i64(i), pg_cstr(hex)), soon(), &r, &err), err);
        assert_int_equal(pg_rows(r), 1);
        if (i < 256 && !pg_get_bool(r, 0, 1))
            fail_msg("byte %d came back changed", i);
        assert_int_equal(pg_get_bool(r, 0, 2), i == 256);
    }
}

TEST(copy_names_the_line_it_cannot_read_but_not_its_value)
{
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table c2 (n int, at timestamptz)", soon(), &err), err);
    T_OK(pg_copy_begin(c, "copy pg_temp.c2 from stdin", soon(), &err), err);
    T_OK(pg_copy_data(c, STR("1\t2026-01-01\n2\t2026-01-02\n3\t2026-13-01\n"), soon(), &err), err);
    T_FAILS(ERR_INVALID, pg_copy_end(c, soon(), &err));
    assert_non_null(strstr(err.msg, "line 3"));
    assert_true(pg_usable(c));
    T_FAILS(ERR_INTERNAL, pg_copy_begin(c, "select 1", soon(), &err));
    assert_true(pg_usable(c));
}

TEST(a_copy_of_many_megabytes_waits_for_the_server_and_loses_nothing)
{
    enum { ROWS = 200000 };
    static const PgStmt sum = {"copy_sum", "select count(*), sum(n) from pg_temp.c3"};
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(&server, "ehub_app", NULL);
    T_OK(pg_exec(c, "create temporary table c3 (n bigint, v text)", soon(), &err), err);
    T_OK(pg_copy_begin(c, "copy pg_temp.c3 from stdin", soon(), &err), err);
    CLEANUP(buf_done) Buf chunk = BUF(80 * 1024);
    for (int i = 1; i <= ROWS; i++) {
        buf_add_i64(&chunk, i);
        buf_add_c(&chunk, "\tthe quick brown fox jumps over the lazy dog\n");
        if (chunk.len < 64 * 1024 && i < ROWS)
            continue;
        T_OK(pg_copy_data(c, buf_str(&chunk), soon(), &err), err);
        buf_clear(&chunk);
    }
    T_OK(pg_copy_end(c, soon(), &err), err);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_query(c, &sum, PG_NO_PARAMS, soon(), &r, &err), err);
    assert_int_equal(pg_get_i64(r, 0, 0), ROWS);
    assert_true(pg_get_i64(r, 0, 1) == INT64_C(20000100000)); /* n (n + 1) / 2 */
}

/* ---------------------------------------------------------------- the pool */

static PgPool *make_pool(int size, int queue, int64_t wait_ms)
{
    static char host[160];
    (void)snprintf(host, sizeof(host), "%s/run", server.dir);
    return pg_pool_new(&(PgPoolConf){
        .info = {.host = host, .port = server.port, .dbname = "ehub_control", .user = "ehub_app"},
        .size = size,
        .queue = queue,
        .wait_ms = wait_ms,
        .connect_timeout_ms = 5000});
}

TEST(a_killed_backend_is_unavailable_and_the_pool_recovers)
{
    (void)state;
    Err err;
    PgConn *c = NULL;
    CLEANUP(pg_pool_freep) PgPool *pool = make_pool(1, 0, 100);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    kill_backend(backend_pid(c));
    T_FAILS(ERR_UNAVAILABLE, pg_query(c, &SLEEP, PG_PARAMS(pg_f64(0)), soon(), NULL, &err));
    pg_pool_release(pool, c);

    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    int64_t first = backend_pid(c);
    pg_pool_release(pool, c);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    assert_true(backend_pid(c) == first); /* the warm one */
    pg_pool_release(pool, c);

    /* Killed while it lay in the pool: nobody notices. */
    kill_backend(first);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    assert_true(backend_pid(c) != first);
    pg_pool_release(pool, c);
}

TEST(after_a_timeout_or_an_open_transaction_the_next_borrower_finds_a_clean_connection)
{
    (void)state;
    Err err;
    PgConn *c = NULL;
    CLEANUP(pg_pool_freep) PgPool *pool = make_pool(1, 0, 100);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    T_FAILS(ERR_TIMEOUT, pg_query(c, &SLEEP, PG_PARAMS(pg_f64(60)), deadline_in_ms(50), NULL, &err));
    pg_pool_release(pool, c);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    int64_t pid = backend_pid(c);
    T_OK(pg_begin(c, uuid_v7(), soon(), &err), err);
    pg_pool_release(pool, c);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    assert_true(backend_pid(c) == pid);
    assert_false(pg_in_transaction(c));
    T_FAILS(ERR_INTERNAL, pg_copy_begin(c, "copy (select 1) to stdout", soon(), &err));
    pg_pool_release(pool, c);
    pg_pool_release(pool, NULL);
    T_OK(pg_pool_acquire(pool, soon(), &c, &err), err);
    assert_true(backend_pid(c) != pid);
    pg_pool_release(pool, c);
}

TEST(past_the_limits_of_the_pool_is_busy_and_soon)
{
    (void)state;
    Err err;
    PgConn *c = NULL, *none = NULL;
    CLEANUP(pg_pool_freep) PgPool *waits = make_pool(1, 1, 100);
    CLEANUP(pg_pool_freep) PgPool *refuses = make_pool(1, 0, 60000);
    T_OK(pg_pool_acquire(waits, soon(), &c, &err), err);
    int64_t before = clock_mono_us();
    T_FAILS(ERR_BUSY, pg_pool_acquire(waits, soon(), &none, &err));
    int64_t took = clock_mono_us() - before;
    assert_true(took >= 100 * 1000 && took < 3000 * 1000);
    pg_pool_release(waits, c);
    T_OK(pg_pool_acquire(refuses, soon(), &c, &err), err);
    before = clock_mono_us();
    T_FAILS(ERR_BUSY, pg_pool_acquire(refuses, soon(), &none, &err));
    assert_true(clock_mono_us() - before < 3000 * 1000);
    pg_pool_release(refuses, c);
    T_OK(pg_pool_acquire(refuses, soon(), &c, &err), err);
    pg_pool_release(refuses, c);
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    metrics_render(METRICS_TEXT_0_0_4, &text);
    assert_true(str_find(buf_str(&text), STR("\nehub_pg_pool_busy_total{db=\"ehub_control\"} 2\n")) >= 0);
    assert_true(str_find(buf_str(&text), STR("\nehub_pg_pool_in_use{db=\"ehub_control\"} 0\n")) >= 0);
    assert_true(str_find(buf_str(&text), STR("\nehub_pg_pool_waiting{db=\"ehub_control\"} 0\n")) >= 0);
}

static _Atomic int n_done;

static void *borrow_often(void *arg)
{
    static const PgStmt one = {"one", "select $1::int"};
    PgPool *pool = arg;
    for (int i = 0; i < 200; i++) {
        Err err;
        PgConn *c = NULL;
        if (pg_pool_acquire(pool, soon(), &c, &err) != ERR_NONE)
            return NULL;
        PgResult *r = NULL;
        bool same =
            pg_query(c, &one, PG_PARAMS(pg_i64(i)), soon(), &r, &err) == ERR_NONE && pg_get_i64(r, 0, 0) == i;
        pg_result_free(r);
        pg_pool_release(pool, c);
        if (same)
            n_done++;
    }
    return NULL;
}

TEST(sixteen_threads_share_two_connections_and_none_is_left_behind)
{
    enum { THREADS = 16 };
    (void)state;
    pthread_t threads[THREADS];
    CLEANUP(pg_pool_freep) PgPool *pool = make_pool(2, THREADS, 10000);
    n_done = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, borrow_often, pool), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(n_done, THREADS * 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(values_come_back_as_they_were_sent),
        T(the_tenant_is_set_for_one_statement_only),
        T(an_error_keeps_its_sqlstate_and_the_connection),
        T(a_value_from_the_parameters_never_reaches_the_message_of_a_constraint),
        T(a_deadline_ends_the_call_and_then_the_statement_on_the_server),
        T(a_backend_that_dies_in_the_middle_is_unavailable_at_once),
        T(the_field_that_is_refused_is_known_apart_from_the_words),
        T(a_constraint_that_is_checked_at_the_end_fails_the_call),
        T(a_frozen_server_costs_no_more_than_the_deadline),
        T(a_server_that_is_not_there_is_unavailable_and_a_wrong_role_is_refused),
        T(large_values_pass_in_both_directions),
        T(more_statements_than_the_table_holds_still_run),
        T(a_transaction_keeps_its_tenant_and_is_undone_by_rollback),
        T(a_notification_arrives_and_waiting_ends_at_the_deadline),
        T(copy_brings_every_byte_back),
        T(copy_names_the_line_it_cannot_read_but_not_its_value),
        T(a_copy_of_many_megabytes_waits_for_the_server_and_loses_nothing),
        T(a_killed_backend_is_unavailable_and_the_pool_recovers),
        T(after_a_timeout_or_an_open_transaction_the_next_borrower_finds_a_clean_connection),
        T(past_the_limits_of_the_pool_is_busy_and_soon),
        T(sixteen_threads_share_two_connections_and_none_is_left_behind),
    };
    if (!pg_private_start(&server))
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_private_stop(&server);
    return failed;
}
