/* pg_private.h - a private PostgreSQL for one test executable.
 *
 *     pg_private_start: initdb, postgres, roles, ehub_control and ehub_shard_0..3 (empty)   about 1.5 s
 *     pg_private_stop:  fast shutdown by pid, directory removed
 *
 * Roles: postgres_su (superuser), ehub_owner (owns the databases), ehub_app (may log in, nothing else). All
 * log in through the socket without a password (trust), but password files exist as in a real data directory.
 * As root the server runs as user postgres. Durability is off. It dies with the test (PR_SET_PDEATHSIG).
 * Threads: start it from the main thread. */
#ifndef EHUB_TESTS_HARNESS_PG_PRIVATE_H
#define EHUB_TESTS_HARNESS_PG_PRIVATE_H

#include "conf/conf.h"
#include "pg/pg.h"

typedef struct PgPrivate {
    char dir[128]; /* holds run/ (the socket), pg/ and secrets/: usable as data.dir */
    int port;      /* only names the socket; nothing listens on TCP */
    int pid;
    const Conf *conf; /* data.dir and pg.port point here */
} PgPrivate;

/* false: PostgreSQL is not installed, or it did not start (said on stderr). */
bool pg_private_start(PgPrivate *p);
void pg_private_stop(PgPrivate *p);

/* Connects as the role, or ends the test. dbname NULL: ehub_control. */
PgConn *pg_private_connect(const PgPrivate *p, const char *role, const char *dbname);
/* Runs the text as the superuser, or ends the test. */
void pg_private_exec(const PgPrivate *p, const char *dbname, const char *sql);

#endif
