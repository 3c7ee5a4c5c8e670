/* pg_migrate.h - applies sql/control and sql/shard to their databases.
 *
 *     sql/<set>/NNNN_name.sql, compiled in --> ehub_migration(version, name, sha256, applied_at) --> what is
 * missing
 *
 * Each file is one transaction, run as the owner role under an advisory lock, in order. A file whose checksum
 * differs from the recorded one is refused (ERR_CORRUPT, named): history is never edited. A database newer
 * than the program is refused too. Threads: one; blocks. */
#ifndef EHUB_PG_PG_MIGRATE_H
#define EHUB_PG_PG_MIGRATE_H

#include "conf/conf.h"
#include "pg/pg.h"

typedef struct PgMigration {
    const char *set; /* "control" or "shard" */
    int version;
    const char *name;
    const char *sql;
} PgMigration;
extern const PgMigration PG_MIGRATIONS[]; /* generated from sql/ at build; ends with set == NULL */

/* Called for every migration and database: applied or (dry run) would be. */
typedef void PgMigrateSeen(const char *dbname, const PgMigration *m, bool applied_now, void *arg);

ErrKind MUST_USE pg_migrate_all(const Conf *conf, bool dry_run, PgMigrateSeen *seen, void *arg, Deadline by,
                                Err *reterr);
/* The same for one database and one list, for tests. */
ErrKind MUST_USE pg_migrate_one(PgConn *owner, const char *dbname, const char *set, const PgMigration *list,
                                bool dry_run, PgMigrateSeen *seen, void *arg, Deadline by, Err *reterr);

#endif
