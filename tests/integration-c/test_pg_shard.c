/* test_pg_shard.c - migrations, the four shards, bulk loads, against a real PostgreSQL. */
#include "harness/pg_private.h"
#include "harness/t.h"

#include "base/fault.h"
#include "base/mem.h"
#include "pg/pg_bulk.h"
#include "pg/pg_migrate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static PgPrivate server;

static Deadline soon(void)
{
    return deadline_in_ms(20000);
}

/* One number from a statement, as the superuser. */
static int64_t number(const char *dbname, const char *sql)
{
    Err err;
    const PgStmt stmt = {"number", sql};
    CLEANUP(pg_closep) PgConn *su = pg_private_connect(&server, "postgres_su", dbname);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(pg_query(su, &stmt, PG_NO_PARAMS, soon(), &r, &err), err);
    return pg_get_i64(r, 0, 0);
}

static void fresh_database(const char *name)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "drop database if exists %s", name);
    pg_private_exec(&server, "postgres", sql);
    (void)snprintf(sql, sizeof(sql), "create database %s owner ehub_owner", name);
    pg_private_exec(&server, "postgres", sql);
}

/* Runs `ehub db ...` on the server; its exit status, and what it printed. */
static int ehub_db(const char *what, Buf *out)
{
    char cmd[512], piece[256];
    const char *build = getenv("EHUB_TEST_BUILD");
    (void)snprintf(cmd, sizeof(cmd), "'%s/ehub' --data '%s' --set pg.port=%d db %s 2>&1",
                   build ? build : "build", server.dir, server.port, what);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    buf_clear(out);
    while (fgets(piece, sizeof(piece), p))
        buf_add_c(out, piece);
    int status = pclose(p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---------------------------------------------------------------- migrations */

TEST(the_db_command_lists_applies_and_reports)
{
    (void)state;
    CLEANUP(buf_done) Buf out = BUF(65536);
    assert_int_equal(ehub_db("status", &out), 69);
    assert_true(str_find(buf_str(&out), STR("pending ehub_shard_3: shard/0001_coaching")) >= 0);
    assert_int_equal(ehub_db("migrate --dry-run", &out), 0);
    assert_true(str_find(buf_str(&out), STR("pending ehub_control: control/0001_platform")) >= 0);
    assert_int_equal(ehub_db("migrate", &out), 0);
    assert_true(str_find(buf_str(&out), STR("applied ehub_control: control/0001_platform")) >= 0);
    assert_int_equal(ehub_db("migrate", &out), 0);
    assert_true(str_find(buf_str(&out), STR("nothing to do")) >= 0);
    assert_int_equal(ehub_db("status", &out), 0);
    assert_true(str_find(buf_str(&out), STR("ehub_shard_3: up to date, 64 of 256 slots")) >= 0);
    assert_int_equal(ehub_db("status --json", &out), 0);
    T_STR("{\"up_to_date\":true,\"pending\":[],\"slots\":[64,64,64,64]}\n", buf_str(&out));
    for (int i = -1; i < PG_SHARDS; i++) { /* back to empty databases for the tests that follow */
        char name[32];
        if (i < 0)
            fresh_database("ehub_control");
        else if (snprintf(name, sizeof(name), "ehub_shard_%d", i) > 0)
            fresh_database(name);
    }
}

static void count_seen(const char *dbname, const PgMigration *m, bool applied_now, void *arg)
{
    (void)dbname, (void)m;
    int *counts = arg;
    counts[applied_now]++;
}

TEST(start_before_migration_says_what_to_run)
{
    (void)state;
    Err err;
    PgShards *s = NULL;
    T_FAILS(ERR_UNAVAILABLE, pg_shards_new(server.conf, soon(), &s, &err));
    assert_null(s);
    assert_non_null(strstr(err.msg, "ehub db migrate"));
}

TEST(a_dry_run_lists_and_changes_nothing_then_every_migration_is_applied_once)
{
    (void)state;
    Err err;
    int total = 0, counts[2] = {0, 0};
    for (const PgMigration *m = PG_MIGRATIONS; m->set; m++)
        total += strcmp(m->set, "control") == 0 ? 1 : PG_SHARDS;
    T_OK(pg_migrate_all(server.conf, true, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[0], total);
    assert_int_equal(number("ehub_control", "select count(*) from pg_class where relname = 'ehub_migration'"),
                     0);
    T_OK(pg_migrate_all(server.conf, true, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[0], 2 * total);
    assert_int_equal(counts[1], 0);
    T_OK(pg_migrate_all(server.conf, false, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[1], total);
    T_OK(pg_migrate_all(server.conf, false, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[1], total);
}

static ErrKind migrate(PgConn *owner, const PgMigration *list, int *counts, Err *reterr)
{
    return pg_migrate_one(owner, "scratch", "test", list, false, count_seen, counts, soon(), reterr);
}

TEST(history_that_was_edited_or_is_newer_or_of_another_kind_is_refused_by_name)
{
    static const PgMigration first[] = {{"test", 1, "one", "create table a (v int)"}, {0}};
    static const PgMigration both[] = {
        {"test", 1, "one", "create table a (v int)"}, {"test", 2, "two", "create table b (v int)"}, {0}};
    static const PgMigration edited[] = {{"test", 1, "one", "create table a (v bigint)"}, {0}};
    (void)state;
    Err err;
    int counts[2] = {0, 0};
    fresh_database("scratch");
    CLEANUP(pg_closep) PgConn *owner = pg_private_connect(&server, "ehub_owner", "scratch");
    T_OK(migrate(owner, first, counts, &err), err);
    T_OK(migrate(owner, both, counts, &err), err);
    assert_int_equal(counts[1], 2);
    T_FAILS(ERR_CORRUPT, migrate(owner, edited, counts, &err));
    assert_non_null(strstr(err.msg, "sql/test/0001_one.sql"));
    T_FAILS(ERR_UNSUPPORTED, migrate(owner, first, counts, &err));
    assert_non_null(strstr(err.msg, "0002_two"));
    T_FAILS(ERR_CORRUPT, pg_migrate_one(owner, "scratch", "other", both, false, NULL, NULL, soon(), &err));
    assert_int_equal(counts[1], 2);
    T_OK(migrate(owner, both, counts, &err), err); /* the lock was given back each time */
}

TEST(a_migration_that_fails_leaves_nothing_behind)
{
    static const PgMigration list[] = {
        {"test", 1, "one", "create table a (v int)"},
        {"test", 2, "two", "create table b (v int); insert into b values (1 / 0)"},
        {0}};
    static const PgMigration ends_itself[] = {{"test", 1, "one", "create table a (v int)"},
                                              {"test", 2, "two", "create table c (v int); commit"},
                                              {0}};
    (void)state;
    Err err;
    int counts[2] = {0, 0};
    fresh_database("scratch");
    CLEANUP(pg_closep) PgConn *owner = pg_private_connect(&server, "ehub_owner", "scratch");
    T_FAILS(ERR_INVALID, migrate(owner, list, counts, &err));
    assert_non_null(strstr(err.msg, "sql/test/0002_two.sql"));
    assert_int_equal(counts[1], 1);
    assert_int_equal(number("scratch", "select count(*) from pg_class where relname in ('a', 'b')"), 1);
    assert_int_equal(number("scratch", "select max(version) from ehub_migration"), 1);
    T_FAILS(ERR_CORRUPT, migrate(owner, ends_itself, counts, &err));
    assert_int_equal(number("scratch", "select max(version) from ehub_migration"), 1);
}

static void *migrate_slowly(void *arg)
{
    static const PgMigration list[] = {{"test", 1, "one", "create table a (v int); select pg_sleep(0.2)"},
                                       {"test", 2, "two", "create table b (v int); select pg_sleep(0.2)"},
                                       {0}};
    Err err;
    CLEANUP(pg_closep) PgConn *owner = pg_private_connect(&server, "ehub_owner", "scratch");
    int *counts = arg;
    counts[0] = (int)migrate(owner, list, counts, &err);
    return NULL;
}

TEST(runs_at_the_same_time_apply_each_migration_once_and_all_succeed)
{
    enum { THREADS = 4 };
    (void)state;
    int counts[THREADS][2] = {{0}}, applied = 0;
    pthread_t threads[THREADS];
    fresh_database("scratch");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_slowly, counts[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(counts[i][0], ERR_NONE);
        applied += counts[i][1];
    }
    assert_int_equal(applied, 2);
}

/* ---------------------------------------------------------------- shards */

TEST(the_map_deals_the_slots_to_four_shards_and_follows_a_move)
{
    (void)state;
    Err err;
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    int slots[PG_SHARDS] = {0};
    for (int i = 0; i < PG_SLOTS; i++)
        slots[pg_shard_of_slot(s, (uint8_t)i)]++;
    for (int i = 0; i < PG_SHARDS; i++)
        assert_int_equal(slots[i], 64);
    pg_private_exec(
        &server, NULL,
        "update shard_map set shard = 3 where slot = 8; update shard_map_version set version = 2");
    assert_int_equal(pg_shard_of_slot(s, 8), 0);
    T_OK(pg_shards_reload_map(s, soon(), &err), err);
    assert_int_equal(pg_shard_of_slot(s, 8), 3);
    pg_private_exec(&server, NULL,
                    "delete from shard_map where slot = 8; update shard_map_version set version = 3");
    T_FAILS(ERR_CORRUPT, pg_shards_reload_map(s, soon(), &err));
    assert_int_equal(pg_shard_of_slot(s, 8), 3); /* the old map stays in use */
    pg_private_exec(&server, NULL,
                    "insert into shard_map values (8, 0); update shard_map_version set version = 4");
}

TEST(a_role_that_could_see_past_the_tenants_is_refused_at_start)
{
    static const char *const users[] = {"pg.user=postgres_su", "pg.user=ehub_owner", "pg.user=heir",
                                        "pg.user=bypasser"};
    (void)state;
    Err err;
    char dir_set[192];
    (void)snprintf(dir_set, sizeof(dir_set), "data.dir=%s", server.dir);
    pg_private_exec(&server, NULL,
                    "create role bypasser login bypassrls; create role heir login in role bypasser");
    for (size_t i = 0; i < ARRAY_LEN(users); i++) {
        const Conf *conf = NULL;
        PgShards *s = NULL;
        const ConfSource source = {.environ_ = (const char *const[]){NULL},
                                   .sets = (const char *const[]){dir_set, "pg.port=21987", users[i], NULL}};
        T_OK(conf_load(&source, &conf, &err), err);
        T_FAILS(ERR_DENIED, pg_shards_new(conf, soon(), &s, &err));
        assert_null(s);
        conf_unref(conf);
    }
}

TEST(a_scatter_reaches_all_four_and_names_the_one_that_fails)
{
    static const PgStmt where = {"where", "select current_database(), current_setting('ehub.tenant_id')"};
    static const PgStmt breaks = {"breaks", "select 1 / (current_database() <> 'ehub_shard_2')::int"};
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    PgResult *r[PG_SHARDS];
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    for (int round = 0; round < 3; round++) {
        T_OK(pg_shard_scatter(s, tenant, &where, PG_NO_PARAMS, soon(), r, &err), err);
        for (int i = 0; i < PG_SHARDS; i++) {
            char name[32];
            (void)snprintf(name, sizeof(name), "ehub_shard_%d", i);
            T_STR(name, pg_str(r[i], 0, 0));
            pg_result_free(r[i]);
        }
        T_FAILS(ERR_INVALID, pg_shard_scatter(s, tenant, &breaks, PG_NO_PARAMS, soon(), r, &err));
        assert_non_null(strstr(err.msg, "shard 2"));
        for (int i = 0; i < PG_SHARDS; i++)
            assert_null(r[i]);
    }
    CLEANUP(pg_result_freep) PgResult *one = NULL;
    T_OK(pg_shard_query(s, tenant, 7, &where, PG_NO_PARAMS, soon(), &one, &err), err);
    T_STR("ehub_shard_3", pg_str(one, 0, 0)); /* 7 mod 4 */
}

TEST(a_scatter_waits_for_the_slowest_and_not_for_the_sum)
{
    static const PgStmt sleep = {"sleep", "select pg_sleep(0.3)"};
    (void)state;
    Err err;
    PgResult *r[PG_SHARDS];
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    int64_t before = clock_mono_us();
    T_OK(pg_shard_scatter(s, uuid_v7(), &sleep, PG_NO_PARAMS, soon(), r, &err), err);
    assert_true(clock_mono_us() - before < 900 * 1000); /* one after the other: 1.2 s */
    for (int i = 0; i < PG_SHARDS; i++)
        pg_result_free(r[i]);
    T_FAILS(ERR_TIMEOUT, pg_shard_scatter(s, uuid_v7(), &sleep, PG_NO_PARAMS, deadline_in_ms(50), r, &err));
    T_OK(pg_shard_scatter(s, uuid_v7(), &sleep, PG_NO_PARAMS, soon(), r, &err), err);
    for (int i = 0; i < PG_SHARDS; i++)
        pg_result_free(r[i]);
}

/* ---------------------------------------------------------------- bulk loads */

static const PgBulkTable BULK[] = {
    {"bulk_agent", "location_id uuid, id uuid, tenant_id uuid, external_id text, name text",
     "insert into agent (location_id, id, tenant_id, external_id, name)"
     " select location_id, id, tenant_id, external_id, name from bulk_agent"
     " on conflict (location_id, id) do update set name = excluded.name where agent.name is distinct from "
     "excluded.name"},
    {"bulk_message", "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, body text, at timestamptz",
     "insert into message (location_id, id, tenant_id, agent_id, from_user, from_name, body, at)"
     " select location_id, id, tenant_id, agent_id, agent_id, 'x', body, at from bulk_message"
     " on conflict (location_id, id) do nothing"},
};
enum { AGENTS, MESSAGES, BULK_TABLES };

/* Row i of a load: every table, every shard, ids derived from i. */
static ErrKind add_rows(PgBulk *b, Uuid tenant, int i, Str body, Err *reterr)
{
    uint8_t slot = (uint8_t)(i % PG_SLOTS);
    char name[32];
    (void)snprintf(name, sizeof(name), "agent %d", i);
    Uuid location = uuid_from_name_in_slot(tenant, STR("office"), slot);
    Uuid agent = uuid_from_name_in_slot(location, str_from(name), slot);
    Buf *row = pg_bulk_row(b, AGENTS, slot);
    pg_bulk_uuid(row, location);
    pg_bulk_uuid(row, agent);
    pg_bulk_uuid(row, tenant);
    pg_bulk_str(row, str_from(name));
    pg_bulk_str(row, STR("tab\tline\nback\\slash"));
    TRY(pg_bulk_row_end(b, AGENTS, slot, soon(), reterr));
    row = pg_bulk_row(b, MESSAGES, slot);
    pg_bulk_uuid(row, location);
    pg_bulk_uuid(row, agent);
    pg_bulk_uuid(row, tenant);
    pg_bulk_uuid(row, agent);
    pg_bulk_str(row, body);
    pg_bulk_time(row, i * US_PER_S);
    return pg_bulk_row_end(b, MESSAGES, slot, soon(), reterr);
}

static int64_t rows_of(const char *table, Uuid tenant)
{
    int64_t n = 0;
    char sql[160], text[UUID_TEXT], dbname[32];
    uuid_format(tenant, text);
    (void)snprintf(sql, sizeof(sql), "select count(*) from %s where tenant_id = '%s'", table, text);
    for (int i = 0; i < PG_SHARDS; i++) {
        (void)snprintf(dbname, sizeof(dbname), "ehub_shard_%d", i);
        n += number(dbname, sql);
    }
    return n;
}

TEST(a_bulk_load_reaches_every_shard_and_the_second_run_changes_nothing)
{
    enum { ROWS = 20000 };
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    CLEANUP(pg_bulk_freep) PgBulk *b = pg_bulk_new(s, tenant, BULK, BULK_TABLES);
    for (int run = 0; run < 2; run++) {
        int64_t affected[BULK_TABLES];
        pg_bulk_begin(b);
        for (int i = 0; i < ROWS; i++)
            T_OK(add_rows(b, tenant, i, STR("a message of some length"), &err), err);
        T_OK(pg_bulk_commit(b, soon(), affected, &err), err);
        assert_int_equal(affected[AGENTS], run == 0 ? ROWS : 0);
        assert_int_equal(affected[MESSAGES], run == 0 ? ROWS : 0);
        assert_int_equal(rows_of("agent", tenant), ROWS);
        assert_int_equal(rows_of("message", tenant), ROWS);
    }
    int64_t escaped = 0;
    for (int i = 0; i < PG_SHARDS; i++) {
        char dbname[32];
        (void)snprintf(dbname, sizeof(dbname), "ehub_shard_%d", i);
        escaped += number(dbname, "select count(*) from agent where name = E'tab\\tline\\nback\\\\slash'");
    }
    assert_int_equal(escaped, ROWS);
}

TEST(a_row_over_the_limit_is_dropped_and_the_load_goes_on)
{
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    int64_t affected[BULK_TABLES];
    CLEANUP(mem_freep) char *huge = mem_zalloc(2 * PG_BULK_ROW_MAX);
    memset(huge, 'x', 2 * PG_BULK_ROW_MAX);
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    CLEANUP(pg_bulk_freep) PgBulk *b = pg_bulk_new(s, tenant, BULK, BULK_TABLES);
    T_OK(add_rows(b, tenant, 1, STR("fine"), &err), err);
    T_FAILS(ERR_LIMIT, add_rows(b, tenant, 257, (Str){huge, 2 * PG_BULK_ROW_MAX}, &err));
    T_FAILS(ERR_LIMIT, add_rows(b, tenant, 513, (Str){huge, PG_BULK_ROW_MAX}, &err));
    Buf *row = pg_bulk_row(b, MESSAGES, 1);
    pg_bulk_str(row, STR("half a row"));
    pg_bulk_row_drop(b, MESSAGES, 1);
    T_OK(add_rows(b, tenant, 769, STR("fine"), &err), err);
    T_OK(pg_bulk_commit(b, soon(), affected, &err), err);
    assert_int_equal(affected[MESSAGES], 2);
    assert_int_equal(affected[AGENTS], 4);
}

TEST(a_load_that_fails_leaves_no_row_and_good_connections)
{
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    CLEANUP(pg_bulk_freep) PgBulk *b = pg_bulk_new(s, tenant, BULK, BULK_TABLES);
    for (int i = 0; i < 5000; i++) /* message.body must not be empty: shard 2 refuses */
        T_OK(add_rows(b, tenant, i, i == 4998 ? STR("") : STR("text"), &err), err);
    T_FAILS(ERR_INVALID, pg_bulk_commit(b, soon(), NULL, &err));
    assert_non_null(strstr(err.msg, "bulk_message: shard 2"));
    assert_int_equal(rows_of("agent", tenant), 0);
    for (int i = 0; i < 5000; i++)
        T_OK(add_rows(b, tenant, i, STR("text"), &err), err);
    pg_bulk_abort(b);
    assert_int_equal(rows_of("agent", tenant), 0);
    T_OK(add_rows(b, uuid_v7(), 1, STR("text"), &err), err); /* of another tenant than the load's */
    T_FAILS(ERR_DENIED, pg_bulk_commit(b, soon(), NULL, &err));
    T_OK(add_rows(b, tenant, 1, STR("text"), &err), err);
    T_OK(pg_bulk_commit(b, soon(), NULL, &err), err);
    assert_int_equal(rows_of("agent", tenant), 1);
}

TEST(a_load_cut_between_two_commits_is_completed_by_the_next_run)
{
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    T_OK(pg_shards_new(server.conf, soon(), &s, &err), err);
    CLEANUP(pg_bulk_freep) PgBulk *b = pg_bulk_new(s, tenant, BULK, BULK_TABLES);
    for (int run = 0; run < 2; run++) {
        fault_load(run == 0 ? "pg.bulk.after_shard_commit=2" : NULL);
        for (int i = 0; i < 400; i++)
            T_OK(add_rows(b, tenant, i, STR("text"), &err), err);
        ErrKind kind = pg_bulk_commit(b, soon(), NULL, &err);
        assert_int_equal(kind, run == 0 ? ERR_UNAVAILABLE : ERR_NONE);
        assert_int_equal(rows_of("agent", tenant), run == 0 ? 200 : 400);
    }
    fault_load(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_db_command_lists_applies_and_reports),
        T(start_before_migration_says_what_to_run),
        T(a_dry_run_lists_and_changes_nothing_then_every_migration_is_applied_once),
        T(history_that_was_edited_or_is_newer_or_of_another_kind_is_refused_by_name),
        T(a_migration_that_fails_leaves_nothing_behind),
        T(runs_at_the_same_time_apply_each_migration_once_and_all_succeed),
        T(the_map_deals_the_slots_to_four_shards_and_follows_a_move),
        T(a_role_that_could_see_past_the_tenants_is_refused_at_start),
        T(a_scatter_reaches_all_four_and_names_the_one_that_fails),
        T(a_scatter_waits_for_the_slowest_and_not_for_the_sum),
        T(a_bulk_load_reaches_every_shard_and_the_second_run_changes_nothing),
        T(a_row_over_the_limit_is_dropped_and_the_load_goes_on),
        T(a_load_that_fails_leaves_no_row_and_good_connections),
        T(a_load_cut_between_two_commits_is_completed_by_the_next_run),
    };
    if (!pg_private_start(&server))
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_private_stop(&server);
    return failed;
}
