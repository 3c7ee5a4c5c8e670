/* pg_shard.c - find the shard that owns a location and run a query there, or on every shard. */
#include "pg/pg_shard.h"

#include "base/mem.h"
#include "pg/pg_conf.h"
#include "pg/pg_migrate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Maps that were replaced stay until the end: a reader may still look at one, and they are few and small. */
typedef struct PgMap {
    struct PgMap *older;
    int64_t version;
    uint8_t shard_of[PG_SLOTS];
} PgMap;

struct PgShards {
    PgPool *control;
    PgPool *shard[PG_SHARDS];
    _Atomic(PgMap *) map;
    pthread_mutex_t reload;
};

static const PgStmt CHECK_ROLE = {"check_role",
                                  "select current_user,"
                                  " exists (select from pg_roles r where (r.rolsuper or r.rolbypassrls) and "
                                  "pg_has_role(current_user, r.oid, 'member')),"
                                  " exists (select from pg_class c where c.relkind in ('r', 'p') and "
                                  "c.relnamespace = 'public'::regnamespace"
                                  "         and pg_has_role(current_user, c.relowner, 'member'))"};
static const PgStmt HAS_MIGRATIONS = {"has_migrations",
                                      "select to_regclass('public.ehub_migration') is not null"};
static const PgStmt SCHEMA_VERSION = {
    "schema_version", "select coalesce(max(version), 0) from ehub_migration where set_name = $1"};
static const PgStmt MAP_VERSION = {"map_version", "select version from shard_map_version"};
static const PgStmt MAP_SLOTS = {"map_slots", "select slot, shard from shard_map order by slot"};

static PgPool *pool_of(PgShards *s, int database)
{
    return database == PG_CONF_CONTROL ? s->control : s->shard[database];
}

static ErrKind open_pool(const Conf *conf, int database, PgPool **ret, Err *reterr)
{
    PgLogin login;
    TRY(pg_conf_login(conf, false, database, &login, reterr));
    *ret = pg_pool_new(&(PgPoolConf){.info = login.info,
                                     .size = (int)conf->pg_pool_size,
                                     .queue = (int)conf->pg_pool_queue,
                                     .wait_ms = conf->pg_pool_wait,
                                     .connect_timeout_ms = conf->pg_connect_timeout});
    return ERR_NONE;
}

static int newest_version(const char *set)
{
    int newest = 0;
    for (const PgMigration *m = PG_MIGRATIONS; m->set; m++)
        if (strcmp(m->set, set) == 0)
            newest = MAX(newest, m->version);
    return newest;
}

/* A newer schema is fine: during a release the old program runs beside the new one, and migrations only add.
 */
static ErrKind check_schema(PgConn *c, const char *set, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *there = NULL;
    TRY(pg_query(c, &HAS_MIGRATIONS, PG_NO_PARAMS, by, &there, reterr));
    int64_t version = 0;
    if (pg_get_bool(there, 0, 0)) {
        CLEANUP(pg_result_freep) PgResult *max = NULL;
        TRY(pg_query(c, &SCHEMA_VERSION, PG_PARAMS(pg_cstr(set)), by, &max, reterr));
        version = pg_get_i64(max, 0, 0);
    }
    if (version >= newest_version(set))
        return ERR_NONE;
    return err_set(reterr, ERR_UNAVAILABLE,
                   "the schema is at version %lld, this program needs %d: run `ehub db migrate`",
                   (long long)version, newest_version(set));
}

static ErrKind check_role(PgConn *c, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(c, &CHECK_ROLE, PG_NO_PARAMS, by, &r, reterr));
    Str role = pg_str(r, 0, 0);
    if (pg_get_bool(r, 0, 1))
        return err_set(reterr, ERR_DENIED,
                       "role " STR_FMT " can bypass row-level security: pg.user must be a plain role",
                       STR_ARG(role));
    if (pg_get_bool(r, 0, 2))
        return err_set(reterr, ERR_DENIED, "role " STR_FMT " owns tables: pg.user must own nothing",
                       STR_ARG(role));
    return ERR_NONE;
}

static ErrKind check_database(PgShards *s, int database, Deadline by, Err *reterr)
{
    PgPool *pool = pool_of(s, database);
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pool, by, &c, reterr));
    ErrKind kind = check_role(c, by, reterr);
    if (kind == ERR_NONE)
        kind = check_schema(c, database == PG_CONF_CONTROL ? "control" : "shard", by, reterr);
    pg_pool_release(pool, c);
    if (kind == ERR_NONE)
        return ERR_NONE;
    return database == PG_CONF_CONTROL ? err_wrap(reterr, kind, "ehub_control")
                                       : err_wrap(reterr, kind, "ehub_shard_%d", database);
}

ErrKind pg_shards_new(const Conf *conf, Deadline by, PgShards **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(pg_shards_freep) PgShards *s = MEM_NEW(PgShards);
    BUG_ON(pthread_mutex_init(&s->reload, NULL) != 0);
    TRY(open_pool(conf, PG_CONF_CONTROL, &s->control, reterr));
    for (int i = 0; i < PG_SHARDS; i++)
        TRY(open_pool(conf, i, &s->shard[i], reterr));
    for (int i = PG_CONF_CONTROL; i < PG_SHARDS; i++)
        TRY(check_database(s, i, by, reterr));
    TRY(pg_shards_reload_map(s, by, reterr));
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

void pg_shards_free(PgShards *s)
{
    if (!s)
        return;
    pg_pool_free(s->control);
    for (int i = 0; i < PG_SHARDS; i++)
        pg_pool_free(s->shard[i]);
    for (PgMap *m = atomic_load(&s->map); m;) {
        PgMap *older = m->older;
        mem_free(m);
        m = older;
    }
    (void)pthread_mutex_destroy(&s->reload);
    mem_free(s);
}

static ErrKind fill_map(PgMap *map, const PgResult *slots, Err *reterr)
{
    if (pg_rows(slots) != PG_SLOTS)
        return err_set(reterr, ERR_CORRUPT, "shard_map has %d slots, expected %d", pg_rows(slots), PG_SLOTS);
    for (int i = 0; i < PG_SLOTS; i++) {
        int64_t slot = pg_get_i64(slots, i, 0), shard = pg_get_i64(slots, i, 1);
        if (slot != i || shard < 0 || shard >= PG_SHARDS)
            return err_set(reterr, ERR_CORRUPT, "shard_map: slot %lld is on shard %lld", (long long)slot,
                           (long long)shard);
        map->shard_of[i] = (uint8_t)shard;
    }
    return ERR_NONE;
}

/* The version is read before the slots: a change in between is seen at the next reload. */
ErrKind pg_shards_reload_map(PgShards *s, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *version = NULL;
    TRY(pg_control_query(s, UUID_NIL, &MAP_VERSION, PG_NO_PARAMS, by, &version, reterr));
    if (pg_rows(version) != 1)
        return err_set(reterr, ERR_CORRUPT, "shard_map_version has %d rows, expected 1", pg_rows(version));
    const PgMap *current = atomic_load(&s->map);
    if (current && current->version == pg_get_i64(version, 0, 0))
        return ERR_NONE;
    CLEANUP(pg_result_freep) PgResult *slots = NULL;
    TRY(pg_control_query(s, UUID_NIL, &MAP_SLOTS, PG_NO_PARAMS, by, &slots, reterr));
    PgMap *map = MEM_NEW(PgMap);
    map->version = pg_get_i64(version, 0, 0);
    ErrKind kind = fill_map(map, slots, reterr);
    if (kind != ERR_NONE) {
        mem_free(map);
        return kind;
    }
    (void)pthread_mutex_lock(&s->reload);
    map->older = atomic_load(&s->map);
    atomic_store(&s->map, map);
    (void)pthread_mutex_unlock(&s->reload);
    return ERR_NONE;
}

int pg_shard_of_slot(const PgShards *s, uint8_t slot)
{
    return atomic_load_explicit(&s->map, memory_order_acquire)->shard_of[slot];
}

uint8_t pg_slot_of_location(Uuid location)
{
    return uuid_slot(location);
}

PgPool *pg_shard_pool(PgShards *s, int shard)
{
    BUG_ON(shard < 0 || shard >= PG_SHARDS);
    return s->shard[shard];
}

PgPool *pg_control_pool(PgShards *s)
{
    return s->control;
}

static ErrKind query_in(PgPool *pool, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params,
                        Deadline by, PgResult **ret, Err *reterr)
{
    if (ret)
        *ret = NULL;
    PgConn *c = NULL;
    TRY(pg_pool_acquire(pool, by, &c, reterr));
    ErrKind kind = pg_tenant_query(c, tenant, stmt, params, n_params, by, ret, reterr);
    pg_pool_release(pool, c);
    return kind;
}

ErrKind pg_shard_query(PgShards *s, Uuid tenant, uint8_t slot, const PgStmt *stmt, const PgParam *params,
                       int n_params, Deadline by, PgResult **ret, Err *reterr)
{
    int shard = pg_shard_of_slot(s, slot);
    ErrKind kind = query_in(s->shard[shard], tenant, stmt, params, n_params, by, ret, reterr);
    return kind == ERR_NONE ? ERR_NONE : err_wrap(reterr, kind, "shard %d", shard);
}

void pg_results_free(PgResult *results[PG_SHARDS])
{
    for (int i = 0; i < PG_SHARDS; i++) {
        pg_result_free(results[i]);
        results[i] = NULL;
    }
}

int64_t pg_results_rows(PgResult *const results[PG_SHARDS])
{
    int64_t n = 0;
    for (int i = 0; i < PG_SHARDS; i++)
        n += pg_rows(results[i]);
    return n;
}

ErrKind pg_control_query(PgShards *s, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params,
                         Deadline by, PgResult **ret, Err *reterr)
{
    return query_in(s->control, tenant, stmt, params, n_params, by, ret, reterr);
}

/* Connections are taken in the order of the shards by everybody, so two scatters never wait for each other in
 * a ring. */
ErrKind pg_shard_scatter_each(PgShards *s, Uuid tenant, const PgStmt *stmt,
                              const PgParam *const params[PG_SHARDS], int n_params, Deadline by,
                              PgResult *ret[PG_SHARDS], Err *reterr)
{
    PgConn *c[PG_SHARDS] = {0};
    bool sent[PG_SHARDS] = {0};
    ErrKind kind = ERR_NONE;
    for (int i = 0; i < PG_SHARDS; i++)
        ret[i] = NULL;
    for (int i = 0; i < PG_SHARDS && kind == ERR_NONE; i++) {
        if (!params[i])
            continue;
        kind = pg_pool_acquire(s->shard[i], by, &c[i], reterr);
        if (kind == ERR_NONE)
            kind = pg_send(c[i], tenant, stmt, params[i], n_params, by, reterr);
        sent[i] = kind == ERR_NONE;
        if (kind != ERR_NONE)
            err_wrap(reterr, kind, "shard %d: %s", i, stmt->name);
    }
    /* Also after a failure what was sent is read, so that the connections stay good. */
    for (int i = 0; i < PG_SHARDS; i++) {
        Err err;
        ErrKind k = sent[i] ? pg_receive(c[i], by, &ret[i], &err) : ERR_NONE;
        if (k != ERR_NONE && kind == ERR_NONE) {
            kind = k;
            err_wrap(&err, k, "shard %d: %s", i, stmt->name);
            if (reterr)
                *reterr = err;
        }
        pg_pool_release(s->shard[i], c[i]);
    }
    if (kind)
        pg_results_free(ret);
    return kind;
}

ErrKind pg_shard_scatter(PgShards *s, Uuid tenant, const PgStmt *stmt, const PgParam *params, int n_params,
                         Deadline by, PgResult *ret[PG_SHARDS], Err *reterr)
{
    static const PgParam none;
    const PgParam *each[PG_SHARDS];
    for (int i = 0; i < PG_SHARDS; i++)
        each[i] = params ? params : &none;
    return pg_shard_scatter_each(s, tenant, stmt, each, n_params, by, ret, reterr);
}
