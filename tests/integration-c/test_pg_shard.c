/* test_pg_shard.c - migrations, the four shards, tenants' isolation, bulk loads, against a real PostgreSQL.
 */
#include "harness/pg_private.h"
#include "harness/t.h"

#include "pg/pg_bulk.h"
#include "pg/pg_migrate.h"

#include <string.h>

static PgPrivate server;

static Deadline soon(void)
{
    return deadline_in_ms(20000);
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
    int counts[2] = {0, 0};
    T_OK(pg_migrate_all(server.conf, true, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[0], 5); /* one of control, one of each shard */
    T_OK(pg_migrate_all(server.conf, true, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[0], 10);
    assert_int_equal(counts[1], 0);
    T_OK(pg_migrate_all(server.conf, false, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[1], 5);
    T_OK(pg_migrate_all(server.conf, false, count_seen, counts, soon(), &err), err);
    assert_int_equal(counts[1], 5);
}

TEST(the_map_deals_the_slots_to_four_shards)
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
    T_OK(pg_shards_reload_map(s, soon(), &err), err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(start_before_migration_says_what_to_run),
        T(a_dry_run_lists_and_changes_nothing_then_every_migration_is_applied_once),
        T(the_map_deals_the_slots_to_four_shards),
    };
    if (!pg_private_start(&server))
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_private_stop(&server);
    return failed;
}
