/* test_pg_schema.c - what the schema itself promises: tenants never see each other, audit rows chain, events are ordered.
 *
 * Tables are taken from the catalogue, so a new table is tested from the day it is made; a table without a row here fails. */
#include "harness/pg_private.h"
#include "harness/t.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "pg/pg_migrate.h"

#include <pthread.h>
#include <string.h>

static PgPrivate server;
static Uuid tenant_a, tenant_b;

static Deadline soon(void)
{
    return deadline_in_ms(20000);
}

/* A statement that is used once. */
static ErrKind once(PgConn *c, Uuid tenant, const char *sql, const PgParam *params, int n, PgResult **ret,
                    Err *reterr)
{
    static PgStmt stmts[4096];
    static int used;
    BUG_ON(used >= (int)ARRAY_LEN(stmts));
    stmts[used] = (PgStmt){"once", sql};
    return pg_tenant_query(c, tenant, &stmts[used++], params, n, soon(), ret, reterr);
}

static int64_t number(PgConn *c, Uuid tenant, const char *sql)
{
    Err err;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(once(c, tenant, sql, PG_NO_PARAMS, &r, &err), err);
    return pg_get_i64(r, 0, 0);
}

/* ---------------------------------------------------------------- one row of tenant A in every table */

#define L "'00000000-0000-8000-8000-000000000001'"
#define A "'00000000-0000-8000-8000-000000000002'"
#define U "'00000000-0000-8000-8000-000000000003'"

static const char *const CONTROL_ROWS[] = {
    "insert into tenant (id, slug, name) values (ehub_tenant(), 'a', 'A')",
    "insert into location (tenant_id, id, external_id, name) values (ehub_tenant(), " L ", 'x', 'Office')",
    "insert into app_user (tenant_id, id, email, name, role, location_id) values (ehub_tenant(), " U
    ", 'a@example.com', 'A', 'coach', " L ")",
    "insert into session (tenant_id, token_hash, user_id, csrf, expires_at) values (ehub_tenant(), "
    "'\\x01', " U ", 'c', now())",
    "insert into api_token (tenant_id, id, token_hash, user_id, name) values (ehub_tenant(), " A
    ", '\\x02', " U ", 't')",
    "insert into idempotency (tenant_id, user_id, key, request_hash) values (ehub_tenant(), " U
    ", 'k', '\\x03')",
    "insert into model (tenant_id, id, kind, version, status, window_from, window_to, features, report, "
    "model, sha256)"
    " values (ehub_tenant(), " A
    ", 'goal', 1, 'active', '2026-01-01', '2026-02-01', '[]', '{}', '\\x', '\\x')",
    "insert into playbook (tenant_id, key, title, summary, drivers, agent_steps, coach_steps, "
    "effort_agent_min,"
    " effort_coach_min, limits, prior_effect, prior_source, position)"
    " values (ehub_tenant(), 'abc', 't', 's', '[]', '[]', '[]', 1, 1, '{}', 0.1, 'p', 1)",
    "insert into training_module (tenant_id, key, title, minutes) values (ehub_tenant(), 'm', 't', 10)",
    "insert into import_job (tenant_id, id, kind, file_name, file_sha256, setup_sha256, state)"
    " values (ehub_tenant(), " A ", 'activities', 'f', '\\x', '\\x', 'done')",
    "select audit_append('me', 'test.row', 'x', '{}')",
    "insert into pii_finding (tenant_id, hour, source, purpose, type, rule, action, n)"
    " values (ehub_tenant(), now(), 's', 'store', 'PERSON', 'r', 'redact', 1)",
    "insert into experiment (tenant_id, id, name, keys, outcome, share, seed, waves, starts_on, ends_on, "
    "guards, "
    "n_agents, state)"
    " values (ehub_tenant(), " A
    ", 'e', '[]', 'closings', 0.5, 1, '[]', '2026-01-01', '2026-06-01', '[]', 2, "
    "'running')",
    "insert into effect_estimate (tenant_id, scope, name, outcome, tier, source, n_treated, n_control, "
    "per_days, refusal, detail, label, made_at)"
    " values (ehub_tenant(), 'all', 'all', 'closings', -1, 'history', 0, 0, 28, 'none', '{}', 'measured', "
    "now())",
    "insert into effect_update (tenant_id, state, asked_by) values (ehub_tenant(), 'running', 'ehub')",
    "insert into tenant_money (tenant_id, split) values (ehub_tenant(), 0.3)",
    "insert into coach_belief (tenant_id, playbook_key, tier, prior, mean, sd, n) values (ehub_tenant(), "
    "'abc', "
    "'new', 0.3, 0.4, 0.1, 2)",
    NULL};

static const char *const SHARD_ROWS[] = {
    "insert into agent (location_id, id, tenant_id, external_id, name) values (" L ", " A
    ", ehub_tenant(), 'x', 'A')",
    "insert into goal (location_id, id, tenant_id, agent_id, metric, target, valid_from)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'closings', 2, '2026-01-01')",
    "insert into lead (location_id, id, tenant_id, agent_id, external_id, received_at)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'x', now())",
    "insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, opened_at)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'x', 's', 'open', now())",
    "insert into activity (location_id, id, tenant_id, agent_id, kind, at, known_at)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'call', now(), now())",
    "insert into coaching_session (location_id, id, tenant_id, agent_id, at, minutes, topic)"
    " values (" L ", " A ", ehub_tenant(), " A ", now(), 30, 't')",
    "insert into feature_snapshot (location_id, agent_id, as_of, tenant_id, x)"
    " values (" L ", " A ", '2026-01-01', ehub_tenant(), '{1,NaN}')",
    "insert into prediction (location_id, id, tenant_id, agent_id, kind, as_of, value, margin, bias, shap, "
    "x, office_median)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'goal', '2026-01-01', 0.5, 0, 0, '{}', '{}', '{}')",
    "insert into intervention (location_id, id, tenant_id, agent_id, playbook_key, rank, score, reason, "
    "status)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'abc', 1, 0.1, '{}', 'suggested')",
    "insert into message (location_id, id, tenant_id, agent_id, from_user, from_name, body)"
    " values (" L ", " A ", ehub_tenant(), " A ", " U ", 'A', 'hello')",
    "select live_publish(" L ", " A ", 'message', '{}')",
    "insert into experiment_arm (location_id, experiment_id, agent_id, tenant_id, stratum, arm, keys)"
    " values (" L ", " A ", " A ", ehub_tenant(), '0', 1, '[]')",
    "insert into coach_outcome (location_id, intervention_id, tenant_id, agent_id, playbook_key, sent, "
    "as_of, compared)"
    " values (" L ", " A ", ehub_tenant(), " A ", 'abc', true, '2026-01-01', 0)",
    NULL};

static void fill(const char *dbname, const char *const *rows)
{
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", dbname);
    for (; *rows; rows++) {
        Err err;
        T_OK(once(app, tenant_a, *rows, PG_NO_PARAMS, NULL, &err), err);
    }
}

/* ---------------------------------------------------------------- isolation */

/* No tenant's rows: everybody reads, the owner writes. */
static bool is_platform_table(Str name)
{
    return str_eq_c(name, "shard_map") || str_eq_c(name, "shard_map_version") ||
           str_eq_c(name, "ehub_migration");
}

typedef struct TableCase {
    PgConn *su, *app;
    Str name;
    const char *tenant_column; /* NULL: a platform table */
    const char *row;           /* tenant A's, as JSON */
    Buf sql;
} TableCase;

static const char *sql_of(TableCase *t, const char *fmt)
{
    buf_clear(&t->sql);
    Str rest = str_from(fmt);
    for (Str piece; str_next(&rest, '#', &piece);) { /* # table, @ its tenant column */
        Str inner = piece;
        for (Str part; str_next(&inner, '@', &part);) {
            buf_add_str(&t->sql, part);
            if (part.ptr + part.len < piece.ptr + piece.len)
                buf_add_c(&t->sql, t->tenant_column ? t->tenant_column : "ctid");
        }
        if (piece.ptr + piece.len < fmt + strlen(fmt))
            buf_add_str(&t->sql, t->name);
    }
    return mem_strdup(buf_cstr(&t->sql)); /* statements live as long as the test */
}

/* Nothing is touched: no row matches, or the role may not even try. */
static void touches_nothing(TableCase *t, Uuid tenant, const char *fmt)
{
    Err err;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    const char *sql = sql_of(t, fmt);
    ErrKind kind = once(t->app, tenant, sql, PG_NO_PARAMS, &r, &err);
    if (kind == ERR_DENIED)
        return;
    T_OK(kind, err);
    if (pg_get_i64(r, 0, 0) != 0)
        fail_msg("%s touched %d rows", sql, (int)pg_get_i64(r, 0, 0));
}

static void check_stranger(TableCase *t, Uuid tenant)
{
    static const char COUNT[] = "select count(*) from #";
    static const char INSERT[] =
        "insert into # overriding system value select * from jsonb_populate_record(null::#, $1::jsonb)";
    Err err;
    if (t->tenant_column)
        touches_nothing(t, tenant, COUNT);
    if (t->tenant_column)
        touches_nothing(t, tenant, "with w as (update # set @ = @ returning 1) select count(*) from w");
    else
        assert_int_equal(
            number(t->app, tenant,
                   sql_of(t, "select has_table_privilege('#', 'insert, update, delete, truncate')::int")),
            0);
    touches_nothing(t, tenant, "with w as (delete from # returning 1) select count(*) from w");
    ErrKind kind = once(t->app, tenant, sql_of(t, INSERT), PG_PARAMS(pg_cstr(t->row)), NULL, &err);
    if (kind != ERR_DENIED)
        fail_msg(STR_FMT ": insert of a stranger's row: %s", STR_ARG(t->name),
                 kind ? err.msg : "was allowed");
    /* The same row as its owner gets past the policy, to the primary key: the refusal above was the policy's. */
    kind = once(t->app, tenant_a, sql_of(t, INSERT), PG_PARAMS(pg_cstr(t->row)), NULL, &err);
    bool may_insert = t->tenant_column && !str_eq_c(t->name, "audit");
    if (kind != (may_insert ? ERR_CONFLICT : ERR_DENIED))
        fail_msg(STR_FMT ": insert of the owner's row: %s", STR_ARG(t->name), kind ? err.msg : "was allowed");
}

static void check_table(TableCase *t)
{
    Err err;
    int64_t rows = number(t->su, UUID_NIL, sql_of(t, "select count(*) from #"));
    if (rows == 0)
        fail_msg("table " STR_FMT " has no row in this test: add one to CONTROL_ROWS or SHARD_ROWS",
                 STR_ARG(t->name));
    CLEANUP(pg_result_freep) PgResult *row = NULL;
    T_OK(once(t->su, UUID_NIL, sql_of(t, "select to_jsonb(the_row)::text from # the_row limit 1"),
              PG_NO_PARAMS, &row, &err),
         err);
    t->row = pg_str(row, 0, 0).ptr;
    if (number(t->app, tenant_a, sql_of(t, "select count(*) from #")) != rows)
        fail_msg(STR_FMT ": its own tenant does not see its rows", STR_ARG(t->name));
    check_stranger(t, tenant_b);
    check_stranger(t, UUID_NIL);
    assert_int_equal(number(t->su, UUID_NIL, sql_of(t, "select count(*) from #")), rows);
}

static int check_tables(const char *dbname)
{
    Err err;
    CLEANUP(pg_closep) PgConn *su = pg_private_connect(&server, "postgres_su", dbname);
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", dbname);
    CLEANUP(pg_result_freep) PgResult *tables = NULL;
    T_OK(once(su, UUID_NIL,
              "select relname from pg_class where relkind in ('r', 'p', 'f', 'm', 'v')"
              " and relnamespace = 'public'::regnamespace order by 1",
              PG_NO_PARAMS, &tables, &err),
         err);
    for (int i = 0; i < pg_rows(tables); i++) {
        TableCase t = {.su = su, .app = app, .name = pg_str(tables, i, 0), .sql = BUF(4096)};
        if (!is_platform_table(t.name))
            t.tenant_column = str_eq_c(t.name, "tenant") ? "id" : "tenant_id";
        check_table(&t);
        buf_done(&t.sql);
    }
    return pg_rows(tables);
}

TEST(no_tenant_reads_or_changes_a_row_of_another_in_any_table)
{
    (void)state;
    fill("ehub_control", CONTROL_ROWS);
    fill("ehub_shard_0", SHARD_ROWS);
    assert_true(check_tables("ehub_control") >= 14);
    assert_true(check_tables("ehub_shard_0") >= 13);
}

TEST(every_table_forces_row_level_security_and_every_view_asks_as_its_reader)
{
    static const char OPEN_TABLES[] = "select count(*) from pg_class c where relnamespace = "
                                      "'public'::regnamespace and relkind in ('r', 'p')"
                                      " and not (relrowsecurity and relforcerowsecurity and exists (select "
                                      "from pg_policy p where p.polrelid = c.oid))";
    static const char OPEN_VIEWS[] = "select count(*) from pg_class where relnamespace = "
                                     "'public'::regnamespace and (relkind = 'm' or relkind = 'v'"
                                     " and not coalesce(reloptions, '{}') @> '{security_invoker=true}')";
    /* Policies for everybody, other than the tenant's own, exist on platform tables only. */
    static const char WIDE_POLICIES[] =
        "select count(*) from pg_policies where policyname <> 'tenant_only' and 'ehub_owner' <> all (roles)"
        " and tablename not in ('shard_map', 'shard_map_version', 'ehub_migration')";
    static const char FOREIGN_OWNERS[] =
        "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
        " and relowner <> 'ehub_owner'::regrole";
    static const char *const questions[] = {OPEN_TABLES, OPEN_VIEWS, WIDE_POLICIES, FOREIGN_OWNERS};
    static const char *const databases[] = {"ehub_control", "ehub_shard_0", "ehub_shard_1", "ehub_shard_2",
                                            "ehub_shard_3"};
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(databases); d++) {
        CLEANUP(pg_closep) PgConn *su = pg_private_connect(&server, "postgres_su", databases[d]);
        for (size_t q = 0; q < ARRAY_LEN(questions); q++)
            if (number(su, UUID_NIL, questions[q]) != 0)
                fail_msg("%s: %s", databases[d], questions[q]);
    }
}

TEST(functions_that_see_all_tenants_are_for_the_program_alone)
{
    static const char *const calls[] = {"select * from tenant_list()",
                                        "select * from auth_find_user('a@example.com')",
                                        "select audit_append('x', 'y', 'z', '{}')"};
    static const char *const shared[] = {"audit_append", "auth_find_user", "tenant_list"};
    (void)state;
    Err err;
    pg_private_exec(&server, NULL, "create role stranger login");
    CLEANUP(pg_closep) PgConn *stranger = pg_private_connect(&server, "stranger", NULL);
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", NULL);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        T_FAILS(ERR_DENIED, once(stranger, tenant_a, calls[i], PG_NO_PARAMS, NULL, &err));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(once(app, UUID_NIL, calls[1], PG_NO_PARAMS, &r, &err), err);
    assert_int_equal(pg_rows(r), 1);
    assert_true(uuid_eq(pg_get_uuid(r, 0, 0), tenant_a));
    assert_int_equal(number(app, UUID_NIL, "select count(*) from tenant_list()"), 1);
    assert_int_equal(number(app, UUID_NIL, "select count(*) from app_user"), 0);
    /* With no tenant even the program cannot append. */
    T_FAILS(ERR_DENIED, once(app, UUID_NIL, calls[2], PG_NO_PARAMS, NULL, &err));
    /* These three, and no other function, run as their owner. */
    CLEANUP(pg_result_freep) PgResult *definers = NULL;
    T_OK(once(app, UUID_NIL,
              "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order "
              "by 1",
              PG_NO_PARAMS, &definers, &err),
         err);
    assert_int_equal(pg_rows(definers), ARRAY_LEN(shared));
    for (int i = 0; i < pg_rows(definers); i++)
        T_STR(shared[i], pg_str(definers, i, 0));
}

TEST(a_foreign_key_cannot_point_to_another_tenants_user)
{
    (void)state;
    Err err;
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", NULL);
    T_FAILS(ERR_INVALID, once(app, tenant_b,
                              "insert into session (tenant_id, token_hash, user_id, csrf, expires_at)"
                              " values (ehub_tenant(), '\\x09', " U ", 'c', now())",
                              PG_NO_PARAMS, NULL, &err));
    assert_string_equal(err.sqlstate, "23503");
}

/* ---------------------------------------------------------------- the audit chain */

static void *append_often(void *arg)
{
    static const PgStmt append = {
        "append", "select audit_append($1, 'test.append', 'o\"1', '{\"b\": [1, 2], \"a\": null}')"};
    const Uuid *tenant = arg;
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", NULL);
    for (int i = 0; i < 25; i++) {
        Err err;
        if (pg_tenant_query(app, *tenant, &append, PG_PARAMS(pg_i64(i)), soon(), NULL, &err) != ERR_NONE)
            return &server; /* anything but NULL: failed */
    }
    return NULL;
}

/* Hashed here from the row's columns, without the database's own function. The JSON text is written as jsonb prints it:
 * ", " between elements, object keys by length and then bytes. */
static void check_chain(const PgResult *r, Uuid tenant)
{
    char tenant_text[UUID_TEXT], hex[65], prev[65] = "";
    uuid_format(tenant, tenant_text);
    for (int i = 0; i < pg_rows(r); i++) {
        CLEANUP(buf_done) Buf text = BUF(4096);
        assert_int_equal(pg_get_i64(r, i, 0), i + 1);
        buf_addf(&text, "[\"%s\", %d, \"" STR_FMT "\", \"" STR_FMT "\", \"test.append\", \"o\\\"1\", ",
                 tenant_text, i + 1, STR_ARG(pg_str(r, i, 1)), STR_ARG(pg_str(r, i, 2)));
        buf_addf(&text, "{\"a\": null, \"b\": [1, 2]}, \"%s\"]", prev);
        Sha256 sum = crypto_sha256(buf_str(&text));
        crypto_hex(sum.b, sizeof(sum.b), hex);
        T_STR(prev, pg_str(r, i, 3));
        T_STR(hex, pg_str(r, i, 4));
        memcpy(prev, hex, sizeof(prev));
    }
}

TEST(audit_rows_chain_without_gaps_under_concurrent_writers_and_cannot_be_changed)
{
    enum { THREADS = 4 };
    static const char *const changes[] = {"update audit set actor = 'x'",
                                          "delete from audit",
                                          "truncate audit",
                                          "insert into audit select * from audit",
                                          "alter table audit disable row level security",
                                          "drop function audit_append"};
    (void)state;
    Err err;
    Uuid tenant = uuid_v7();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, append_often, &tenant), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", NULL);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    T_OK(once(app, tenant,
              "select seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), actor,"
              " encode(prev_hash, 'hex'), encode(hash, 'hex') from audit order by seq",
              PG_NO_PARAMS, &r, &err),
         err);
    assert_int_equal(pg_rows(r), THREADS * 25);
    check_chain(r, tenant);
    assert_int_equal(
        number(app, tenant,
               "select count(*) from (select at < lag(at) over (order by seq) as back from audit) x"
               " where back"),
        0);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        T_FAILS(ERR_DENIED, once(app, tenant, changes[i], PG_NO_PARAMS, NULL, &err));
    assert_int_equal(number(app, tenant, "select count(*) from audit"), THREADS * 25);
}

/* ---------------------------------------------------------------- live events */

typedef struct Writer {
    Uuid tenant, location;
    bool failed;
} Writer;

/* Publishes, dawdles, commits: without the lock later numbers would become visible first. */
static void *publish_slowly(void *arg)
{
    static const PgStmt publish = {"publish", "select live_publish($1::uuid, null, 'session', '{}')"};
    static const PgStmt dawdle = {"dawdle", "select pg_sleep(random() * 0.004)"};
    Writer *w = arg;
    Err err;
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", "ehub_shard_1");
    for (int i = 0; i < 50 && !w->failed; i++)
        w->failed =
            pg_begin(app, w->tenant, soon(), &err) != ERR_NONE ||
            pg_query(app, &publish, PG_PARAMS(pg_uuid(w->location)), soon(), NULL, &err) != ERR_NONE ||
            pg_query(app, &dawdle, PG_NO_PARAMS, soon(), NULL, &err) != ERR_NONE ||
            pg_commit(app, soon(), &err) != ERR_NONE;
    return NULL;
}

TEST(a_reader_that_follows_seq_misses_no_event_of_concurrent_writers)
{
    enum { WRITERS = 4, EVENTS = WRITERS * 50 };
    static const PgStmt next = {
        "next", "select seq from live_event where tenant_id = ehub_tenant() and seq > $1::bigint"
                " order by seq limit 50"};
    (void)state;
    Err err;
    char channel[32], payload[128];
    Writer writers[WRITERS];
    pthread_t threads[WRITERS];
    Uuid tenant = uuid_v7();
    CLEANUP(pg_closep) PgConn *app = pg_private_connect(&server, "ehub_app", "ehub_shard_1");
    T_OK(pg_exec(app, "listen ehub_live", soon(), &err), err);
    for (int i = 0; i < WRITERS; i++) { /* two offices, two writers each */
        writers[i] =
            (Writer){.tenant = tenant, .location = uuid_from_name(tenant, i % 2 ? STR("x") : STR("y"))};
        assert_int_equal(pthread_create(&threads[i], NULL, publish_slowly, &writers[i]), 0);
    }
    int seen = 0;
    int64_t last = 0;
    for (Deadline by = soon(); seen < EVENTS && !deadline_passed(by);) {
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        T_OK(pg_tenant_query(app, tenant, &next, PG_PARAMS(pg_i64(last)), soon(), &r, &err), err);
        seen += pg_rows(r);
        if (pg_rows(r) > 0)
            last = pg_get_i64(r, pg_rows(r) - 1, 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_false(writers[i].failed);
    }
    assert_int_equal(seen, EVENTS);
    for (int i = 0; i < EVENTS; i++)
        assert_true(pg_notification(app, soon(), channel, sizeof(channel), payload, sizeof(payload)));
    assert_string_equal(channel, "ehub_live");
    assert_int_equal(strlen(strchr(payload, ' ') + 1) > UUID_TEXT, true); /* "tenant location seq" */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(no_tenant_reads_or_changes_a_row_of_another_in_any_table),
        T(every_table_forces_row_level_security_and_every_view_asks_as_its_reader),
        T(functions_that_see_all_tenants_are_for_the_program_alone),
        T(a_foreign_key_cannot_point_to_another_tenants_user),
        T(audit_rows_chain_without_gaps_under_concurrent_writers_and_cannot_be_changed),
        T(a_reader_that_follows_seq_misses_no_event_of_concurrent_writers),
    };
    Err err;
    tenant_a = uuid_v7();
    tenant_b = uuid_v7();
    if (!pg_private_start(&server))
        return 77;
    if (pg_migrate_all(server.conf, false, NULL, NULL, soon(), &err) != ERR_NONE) {
        fprintf(stderr, "%s\n", err.msg);
        pg_private_stop(&server);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_private_stop(&server);
    return failed;
}
