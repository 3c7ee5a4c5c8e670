/* test_pg_conf.c - where the databases are, from the settings. */
#include "harness/t.h"

#include "base/file.h"
#include "pg/pg_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64] = "/tmp/ehub-pg-conf-XXXXXX";

/* The settings given, with the temporary data directory. */
static const Conf *settings(const char *one, const char *two)
{
    Err err;
    const Conf *conf = NULL;
    char data[96];
    (void)snprintf(data, sizeof(data), "data.dir=%s", dir);
    const ConfSource source = {.environ_ = (const char *const[]){NULL},
                               .sets = (const char *const[]){data, one ? one : two, one ? two : NULL, NULL}};
    T_OK(conf_load(&source, &conf, &err), err);
    return conf;
}

static ErrKind login(const char *one, const char *two, bool as_owner, int database, PgLogin *ret, Err *reterr)
{
    const Conf *conf = settings(one, two);
    ErrKind kind = pg_conf_login(conf, as_owner, database, ret, reterr);
    if (kind == ERR_NONE)
        assert_true(ret->info.host == ret->host && ret->info.password == ret->password);
    ret->info.user = NULL; /* was borrowed from the settings */
    conf_unref(conf);
    return kind;
}

TEST(without_settings_the_private_instance_in_the_data_directory_is_meant)
{
    (void)state;
    Err err;
    PgLogin l;
    char socket_dir[96];
    (void)snprintf(socket_dir, sizeof(socket_dir), "%s/run", dir);
    T_OK(login(NULL, NULL, false, PG_CONF_CONTROL, &l, &err), err);
    assert_string_equal(l.host, socket_dir);
    assert_int_equal(l.info.port, 21432);
    assert_string_equal(l.dbname, "ehub_control");
    assert_string_equal(l.password, "of the program");
    char was[4096];
    assert_non_null(getcwd(was, sizeof(was)));
    assert_int_equal(chdir("/tmp"), 0); /* a directory given from where one stands is the same */
    char relative[96];
    (void)snprintf(relative, sizeof(relative), "data.dir=./%s", dir + strlen("/tmp/"));
    T_OK(login(relative, NULL, false, PG_CONF_CONTROL, &l, &err), err);
    assert_string_equal(l.host, socket_dir);
    assert_int_equal(chdir(was), 0);
    T_OK(login(NULL, NULL, true, 3, &l, &err), err);
    assert_string_equal(l.dbname, "ehub_shard_3");
    assert_string_equal(l.password, "of the owner");
}

TEST(a_missing_password_file_is_named)
{
    (void)state;
    Err err;
    PgLogin l;
    T_FAILS(ERR_NOT_FOUND, login("pg.password_file=/nonexistent/secret", NULL, false, 0, &l, &err));
    assert_non_null(strstr(err.msg, "/nonexistent/secret"));
}

TEST(shards_are_found_by_their_pairs_and_the_control_database_stays)
{
    static const struct {
        int shard;
        const char *host;
        int port;
    } rows[] = {{0, "db0.example", 5432}, {1, "10.0.0.2", 5433}, {2, "::1", 5434}, {3, "localhost", 5435}};
    (void)state;
    Err err;
    PgLogin l;
    static const char pairs[] = "pg.shard.hosts=db0.example:5432, 10.0.0.2:5433,[::1]:5434,localhost:5435";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        T_OK(login(pairs, NULL, false, rows[i].shard, &l, &err), err);
        assert_string_equal(l.host, rows[i].host);
        assert_int_equal(l.info.port, rows[i].port);
    }
    T_OK(login(pairs, "pg.host=control.example", false, PG_CONF_CONTROL, &l, &err), err);
    assert_string_equal(l.host, "control.example");
}

TEST(pairs_that_are_not_four_or_have_no_port_are_refused_by_name)
{
    static const char *const rows[] = {"a:1",
                                       "a:1,b:2,c:3",
                                       "a:1,b:2,c:3,d:4,e:5",
                                       "a,b,c,d",
                                       "a:1,b:2,c:3,:4",
                                       "a:1,b:2,c:3,d:",
                                       "a:1,b:2,c:3,d:0",
                                       "a:1,b:2,c:3,d:65536",
                                       "a:1,b:2,c:3,d:x"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err;
        PgLogin l;
        char set[96];
        (void)snprintf(set, sizeof(set), "pg.shard.hosts=%s", rows[i]);
        T_FAILS(ERR_INVALID, login(set, NULL, false, 3, &l, &err));
        assert_non_null(strstr(err.msg, "pg.shard.hosts"));
    }
}

TEST(a_remote_host_is_asked_over_tls_unless_the_settings_say_otherwise)
{
    static const struct {
        const char *host, *more, *sslmode;
    } rows[] = {
        {"/run/postgresql", NULL, "prefer"},
        {"localhost", NULL, "prefer"},
        {"127.0.0.1", NULL, "prefer"},
        {"::1", NULL, "prefer"},
        {"db.example", NULL, "require"},
        {"10.0.0.2", NULL, "require"},
        {"localhost.example", NULL, "require"},
        {"db.example", "pg.sslrootcert=/etc/ca.pem", "verify-full"},
        {"127.0.0.1", "pg.sslrootcert=/etc/ca.pem", "prefer"},
        {"db.example", "pg.sslmode=disable", "disable"},
        {"127.0.0.1", "pg.sslmode=verify-ca", "verify-ca"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err;
        PgLogin l;
        char set[96];
        (void)snprintf(set, sizeof(set), "pg.host=%s", rows[i].host);
        const Conf *conf = settings(set, rows[i].more);
        T_OK(pg_conf_login(conf, false, 0, &l, &err), err);
        assert_string_equal(l.info.sslmode, rows[i].sslmode);
        assert_string_equal(l.info.sslrootcert, conf->pg_sslrootcert);
        conf_unref(conf);
    }
}

TEST(each_shard_is_asked_as_its_own_host_needs)
{
    (void)state;
    Err err;
    PgLogin l;
    static const char pairs[] = "pg.shard.hosts=db0.example:5432,localhost:5433,[::1]:5434,10.0.0.2:5435";
    static const char *const expected[] = {"require", "prefer", "prefer", "require"};
    for (int i = 0; i < 4; i++) {
        T_OK(login(pairs, NULL, false, i, &l, &err), err);
        assert_string_equal(l.info.sslmode, expected[i]);
    }
    T_OK(login(pairs, NULL, false, PG_CONF_CONTROL, &l, &err), err);
    assert_string_equal(l.info.sslmode, "prefer");
}

TEST(an_unknown_sslmode_is_refused_before_anything_connects)
{
    (void)state;
    Err err;
    const Conf *conf = NULL;
    const ConfSource source = {.environ_ = (const char *const[]){NULL},
                               .sets = (const char *const[]){"data.dir=/x", "pg.sslmode=requier", NULL}};
    T_FAILS(ERR_INVALID, conf_load(&source, &conf, &err));
    assert_non_null(strstr(err.msg, "pg.sslmode"));
}

static void write_secrets(void)
{
    Err err;
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/secrets", dir);
    T_OK(file_mkdirs(path, 0700, &err), err);
    (void)snprintf(path, sizeof(path), "%s/secrets/ehub_app", dir);
    T_OK(file_write(path, STR("of the program\n"), 0600, &err), err);
    (void)snprintf(path, sizeof(path), "%s/secrets/ehub_owner", dir);
    T_OK(file_write(path, STR("of the owner"), 0600, &err), err);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return 1;
    write_secrets();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"/secrets/ehub_app", "/secrets/ehub_owner", "/secrets", ""};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[96];
        (void)snprintf(path, sizeof(path), "%s%s", dir, names[i]);
        (void)remove(path);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(without_settings_the_private_instance_in_the_data_directory_is_meant),
        T(a_missing_password_file_is_named),
        T(shards_are_found_by_their_pairs_and_the_control_database_stays),
        T(a_remote_host_is_asked_over_tls_unless_the_settings_say_otherwise),
        T(each_shard_is_asked_as_its_own_host_needs),
        T(an_unknown_sslmode_is_refused_before_anything_connects),
        T(pairs_that_are_not_four_or_have_no_port_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
