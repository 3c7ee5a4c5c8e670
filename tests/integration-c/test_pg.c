/* test_pg.c - one connection: statements, errors, deadlines, transactions, COPY, against a real PostgreSQL.
 */
#include "harness/pg_private.h"
#include "harness/t.h"

#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {T(values_come_back_as_they_were_sent),
                                       T(the_tenant_is_set_for_one_statement_only)};
    if (!pg_private_start(&server))
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_private_stop(&server);
    return failed;
}
