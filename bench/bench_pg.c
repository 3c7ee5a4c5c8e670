/* bench_pg.c - what our border to PostgreSQL costs beside libpq itself, and how fast rows are loaded.
 *
 *     bench_pg [SECONDS]      prints one JSON object
 *
 * point_read: the same pipeline (set_config, primary-key read, Sync), once by pg_tenant_query, once by bare libpq, in
 * turns on one socket to one private server (durability off). bulk: opportunities into four shards of that server. */
#include "harness/pg_private.h"

#include "base/mem.h"
#include "pg/pg_bulk.h"
#include "pg/pg_migrate.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define ROWS 400000
#define BATCH 50000

static const PgStmt READ = {"bench_read",
                            "select name, email, started_on from agent where location_id = $1::uuid"
                            " and id = $2::uuid and tenant_id = $3::uuid"};

static void must(ErrKind kind, const Err *err)
{
    if (kind == ERR_NONE)
        return;
    fprintf(stderr, "%s\n", err->msg);
    exit(1);
}

/* Waits in poll(2) as everybody with a deadline has to. */
static PGresult *wait_result(PGconn *pg)
{
    while (PQisBusy(pg)) {
        struct pollfd p = {.fd = PQsocket(pg), .events = POLLIN};
        if (poll(&p, 1, 10000) != 1 || !PQconsumeInput(pg))
            exit(1);
    }
    return PQgetResult(pg);
}

static void libpq_read(PGconn *pg, const char *tenant, const char *const keys[3])
{
    if (!PQsendQueryPrepared(pg, "t", 1, &tenant, NULL, NULL, 0) ||
        !PQsendQueryPrepared(pg, "r", 3, keys, NULL, NULL, 0) || !PQpipelineSync(pg))
        exit(1);
    int found = 0;
    for (;;) {
        PGresult *res = wait_result(pg);
        ExecStatusType status = res ? PQresultStatus(res) : PGRES_EMPTY_QUERY;
        found += status == PGRES_TUPLES_OK;
        PQclear(res);
        if (status == PGRES_PIPELINE_SYNC)
            break;
    }
    if (found != 2)
        exit(1);
}

static PGconn *libpq_open(const PgPrivate *server)
{
    char dsn[512];
    (void)snprintf(dsn, sizeof(dsn), "host=%s/run port=%d dbname=ehub_shard_0 user=ehub_app", server->dir,
                   server->port);
    PGconn *pg = PQconnectdb(dsn);
    PQclear(PQprepare(pg, "t", "select set_config('ehub.tenant_id', $1, true)", 1, NULL));
    PQclear(PQprepare(pg, "r", READ.sql, 3, NULL));
    if (PQstatus(pg) != CONNECTION_OK || PQsetnonblocking(pg, 1) != 0 || !PQenterPipelineMode(pg))
        exit(1);
    return pg;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void point_read(const PgPrivate *server, int seconds)
{
    enum { N = 2000 };
    Err err;
    Uuid tenant = uuid_v7(), location = uuid_v7_in_slot(0), agent = uuid_v7_in_slot(0);
    static const PgStmt add = {"bench_add",
                               "insert into agent (location_id, id, tenant_id, external_id, name)"
                               " values ($1::uuid, $2::uuid, $3::uuid, 'x', 'Agent')"};
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(server, "ehub_app", "ehub_shard_0");
    must(pg_tenant_query(c, tenant, &add, PG_PARAMS(pg_uuid(location), pg_uuid(agent), pg_uuid(tenant)),
                         deadline_in_ms(9999), NULL, &err),
         &err);
    char keys[3][UUID_TEXT];
    uuid_format(location, keys[0]);
    uuid_format(agent, keys[1]);
    uuid_format(tenant, keys[2]);
    PGconn *pg = libpq_open(server);
    static double ratios[4096], ours_us[4096];
    int rounds = 0;
    for (Deadline end = deadline_in_ms(seconds * 1000); !deadline_passed(end) && rounds < 4096; rounds++) {
        int64_t t0 = clock_mono_us();
        for (int i = 0; i < N; i++) {
            PgResult *r = NULL;
            must(pg_tenant_query(c, tenant, &READ,
                                 PG_PARAMS(pg_uuid(location), pg_uuid(agent), pg_uuid(tenant)),
                                 deadline_in_ms(9999), &r, &err),
                 &err);
            if (pg_rows(r) != 1)
                exit(1);
            pg_result_free(r);
        }
        int64_t t1 = clock_mono_us();
        for (int i = 0; i < N; i++)
            libpq_read(pg, keys[2], (const char *const[]){keys[0], keys[1], keys[2]});
        int64_t t2 = clock_mono_us();
        ours_us[rounds] = (double)(t1 - t0) / N;
        ratios[rounds] = (double)(t1 - t0) / (double)(t2 - t1);
    }
    PQfinish(pg);
    qsort(ratios, (size_t)rounds, sizeof(double), by_value);
    qsort(ours_us, (size_t)rounds, sizeof(double), by_value);
    printf("\"point_read\": {\"us\": %.1f, \"ratio_to_libpq\": %.3f, \"rounds\": %d}, ", ours_us[rounds / 2],
           ratios[rounds / 2], rounds);
}

static const PgBulkTable BULK[] = {
    {"bulk_opportunity",
     "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, external_id text, product text, account "
     "text, stage text,"
     " status text, opened_at timestamptz, closed_at timestamptz, value_cents bigint, import_line bigint",
     "insert into opportunity (location_id, id, tenant_id, agent_id, external_id, product, account, stage, "
     "status, opened_at,"
     " closed_at, value_cents, import_line) select * from bulk_opportunity on conflict (location_id, id) do "
     "nothing"}};

static void add_opportunity(PgBulk *b, Uuid tenant, int64_t i)
{
    Err err;
    char name[32];
    uint8_t slot = (uint8_t)(i % 40 * 5);
    (void)snprintf(name, sizeof(name), "OPP-%08lld", (long long)i);
    Uuid location = uuid_from_name_in_slot(tenant, STR("office"), slot);
    Buf *row = pg_bulk_row(b, 0, slot);
    pg_bulk_uuid(row, location);
    pg_bulk_uuid(row, uuid_from_name_in_slot(location, str_from(name), slot));
    pg_bulk_uuid(row, tenant);
    pg_bulk_uuid(row, uuid_from_name_in_slot(location, (Str){name + 8, 4}, slot));
    pg_bulk_str(row, str_from(name));
    pg_bulk_str(row, STR("GTX Pro"));
    pg_bulk_str(row, STR("Some account of usual length"));
    pg_bulk_str(row, STR("Won"));
    pg_bulk_str(row, STR("won"));
    pg_bulk_time(row, (1700000000 + i) * US_PER_S);
    pg_bulk_time(row, (1700500000 + i) * US_PER_S);
    pg_bulk_i64(row, i * 100);
    pg_bulk_i64(row, i);
    must(pg_bulk_row_end(b, 0, slot, deadline_in_ms(60000), &err), &err);
}

static void bulk(const PgPrivate *server)
{
    Err err;
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    must(pg_shards_new(server->conf, deadline_in_ms(9999), &s, &err), &err);
    Uuid tenant = uuid_v7();
    CLEANUP(pg_bulk_freep) PgBulk *b = pg_bulk_new(s, tenant, BULK, 1);
    int64_t loaded = 0, t0 = clock_mono_us();
    for (int64_t i = 0; i < ROWS;) {
        int64_t affected = 0;
        for (int64_t end = i + BATCH; i < end; i++)
            add_opportunity(b, tenant, i);
        must(pg_bulk_commit(b, deadline_in_ms(60000), &affected, &err), &err);
        loaded += affected;
    }
    double seconds = (double)(clock_mono_us() - t0) / 1e6;
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    printf("\"bulk\": {\"rows\": %lld, \"rows_per_s\": %.0f, \"client_max_rss_kib\": %ld}", (long long)loaded,
           (double)loaded / seconds, use.ru_maxrss);
}

int main(int argc, char **argv)
{
    Err err;
    PgPrivate server;
    if (!pg_private_start(&server))
        return 77;
    must(pg_migrate_all(server.conf, false, NULL, NULL, deadline_in_ms(60000), &err), &err);
    printf("{");
    int64_t seconds = 5;
    if (argc > 1 && !str_to_i64(str_from(argv[1]), &seconds))
        return 64;
    point_read(&server, (int)seconds);
    bulk(&server);
    printf("}\n");
    pg_private_stop(&server);
    return 0;
}
