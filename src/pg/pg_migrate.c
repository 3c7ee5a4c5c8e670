/* pg_migrate.c - applies sql/control and sql/shard to their databases.
 *
 * The advisory lock is the session's: whoever comes second waits for the first (until its deadline), then
 * finds nothing left to do. Locks of PostgreSQL belong to one database, so five databases have five locks. */
#include "pg/pg_migrate.h"

#include "base/crypto.h"
#include "pg/pg_conf.h"
#include "pg/pg_shard.h"

#include <string.h>

static const char CREATE_TABLE[] =
    "create table if not exists ehub_migration ("
    " version int primary key, set_name text not null, name text not null, sha256 text not null,"
    " applied_at timestamptz not null default now());"
    "alter table ehub_migration enable row level security;"
    "alter table ehub_migration force row level security;"
    "create policy readable on ehub_migration using (true);" /* no tenant's rows; written by the owner alone
                                                              */
    "grant select on ehub_migration to ehub_app";

static const PgStmt LOCK = {"migrate_lock", "select pg_advisory_lock(hashtextextended('ehub_migration', 0))"};
static const PgStmt UNLOCK = {"migrate_unlock",
                              "select pg_advisory_unlock(hashtextextended('ehub_migration', 0))"};
static const PgStmt EXISTS = {"migrate_exists", "select to_regclass('public.ehub_migration') is not null"};
static const PgStmt APPLIED = {"migrate_applied",
                               "select version, set_name, name, sha256 from ehub_migration order by version"};
static const PgStmt RECORD = {
    "migrate_record",
    "insert into ehub_migration (version, set_name, name, sha256) values ($1::int, $2, $3, $4)"};

typedef struct Checksum {
    char hex[65];
} Checksum;

static Checksum checksum_of(const PgMigration *m)
{
    Checksum sum;
    Sha256 digest = crypto_sha256(str_from(m->sql));
    crypto_hex(digest.b, sizeof(digest.b), sum.hex);
    return sum;
}

static const PgMigration *find(const PgMigration *list, const char *set, int64_t version)
{
    for (const PgMigration *m = list; m->set; m++)
        if (m->version == version && strcmp(m->set, set) == 0)
            return m;
    return NULL;
}

/* What the database says it has must be the beginning of what the program has. */
static ErrKind check_history(const PgResult *applied, const char *dbname, const char *set,
                             const PgMigration *list, Err *reterr)
{
    for (int i = 0; i < pg_rows(applied); i++) {
        int64_t version = pg_get_i64(applied, i, 0);
        Str their_set = pg_str(applied, i, 1), name = pg_str(applied, i, 2);
        if (!str_eq_c(their_set, set))
            return err_set(reterr, ERR_CORRUPT, "%s holds the schema \"" STR_FMT "\", not \"%s\"", dbname,
                           STR_ARG(their_set), set);
        const PgMigration *m = find(list, set, version);
        if (!m)
            return err_set(reterr, ERR_UNSUPPORTED,
                           "%s has migration %s/%04lld_" STR_FMT " of a newer program", dbname, set,
                           (long long)version, STR_ARG(name));
        if (!str_eq_c(pg_str(applied, i, 3), checksum_of(m).hex))
            return err_set(reterr, ERR_CORRUPT,
                           "%s: sql/%s/%04d_%s.sql was changed after it had been applied", dbname, set,
                           m->version, m->name);
        if (version != i + 1)
            return err_set(reterr, ERR_CORRUPT, "%s: migration %s/%04d is missing from its history", dbname,
                           set, i + 1);
    }
    return ERR_NONE;
}

static ErrKind apply(PgConn *owner, const PgMigration *m, Deadline by, Err *reterr)
{
    TRY(pg_begin(owner, UUID_NIL, by, reterr));
    TRY(pg_exec(owner, m->sql, by, reterr));
    if (!pg_in_transaction(owner))
        return err_set(reterr, ERR_CORRUPT, "the file ends its own transaction");
    TRY(pg_query(
        owner, &RECORD,
        PG_PARAMS(pg_i64(m->version), pg_cstr(m->set), pg_cstr(m->name), pg_cstr(checksum_of(m).hex)), by,
        NULL, reterr));
    return pg_commit(owner, by, reterr);
}

static ErrKind table_exists(PgConn *owner, bool *ret, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(owner, &EXISTS, PG_NO_PARAMS, by, &r, reterr));
    *ret = pg_get_bool(r, 0, 0);
    return ERR_NONE;
}

static ErrKind migrate_locked(PgConn *owner, const char *dbname, const char *set, const PgMigration *list,
                              bool dry_run, PgMigrateSeen *seen, void *arg, Deadline by, Err *reterr)
{
    bool exists = false;
    TRY(table_exists(owner, &exists, by, reterr));
    if (!exists && !dry_run)
        TRY(pg_exec(owner, CREATE_TABLE, by,
                    reterr)); /* several statements in one message are one transaction */
    int done = 0;
    if (exists) {
        CLEANUP(pg_result_freep) PgResult *applied = NULL;
        TRY(pg_query(owner, &APPLIED, PG_NO_PARAMS, by, &applied, reterr));
        TRY(check_history(applied, dbname, set, list, reterr));
        done = pg_rows(applied);
    }
    for (const PgMigration *m = find(list, set, done + 1); m; m = find(list, set, m->version + 1)) {
        ErrKind kind = dry_run ? ERR_NONE : apply(owner, m, by, reterr);
        if (kind != ERR_NONE) {
            pg_rollback(owner);
            return err_wrap(reterr, kind, "%s: sql/%s/%04d_%s.sql", dbname, set, m->version, m->name);
        }
        if (seen)
            seen(dbname, m, !dry_run, arg);
    }
    return ERR_NONE;
}

ErrKind pg_migrate_one(PgConn *owner, const char *dbname, const char *set, const PgMigration *list,
                       bool dry_run, PgMigrateSeen *seen, void *arg, Deadline by, Err *reterr)
{
    TRY(pg_query(owner, &LOCK, PG_NO_PARAMS, by, NULL, reterr));
    ErrKind kind = migrate_locked(owner, dbname, set, list, dry_run, seen, arg, by, reterr);
    if (pg_usable(owner)) {
        Err later;
        ErrKind unlocked = pg_query(owner, &UNLOCK, PG_NO_PARAMS, by, NULL, &later);
        if (kind == ERR_NONE && unlocked != ERR_NONE && reterr)
            *reterr = later;
        if (kind == ERR_NONE)
            kind = unlocked;
    }
    return kind;
}

ErrKind pg_migrate_all(const Conf *conf, bool dry_run, PgMigrateSeen *seen, void *arg, Deadline by,
                       Err *reterr)
{
    for (int i = PG_CONF_CONTROL; i < PG_SHARDS; i++) {
        PgLogin login;
        TRY(pg_conf_login(conf, true, i, &login, reterr));
        CLEANUP(pg_closep) PgConn *owner = NULL;
        TRY(pg_connect(&login.info, deadline_sooner(by, deadline_in_ms(conf->pg_connect_timeout)), &owner,
                       reterr));
        const char *set = i == PG_CONF_CONTROL ? "control" : "shard";
        TRY(pg_migrate_one(owner, login.info.dbname, set, PG_MIGRATIONS, dry_run, seen, arg, by, reterr));
    }
    return ERR_NONE;
}
