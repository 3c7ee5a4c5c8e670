/* pg_conf.h - where the five databases are and how to log in, from the settings.
 *
 * Owner:    the caller; a PgLogin holds copies of everything, its `info` points into it (do not copy it by
 *           value).
 * TLS:      pg.sslmode, or when it is empty what each host asks for: a socket or loopback prefer, any other require
 *           (verify-full with pg.sslrootcert).
 * Errors:   NOT_FOUND or DENIED naming the password file; INVALID naming pg.shard.hosts.
 * Threads:  any; reads the password file. */
#ifndef EHUB_PG_PG_CONF_H
#define EHUB_PG_PG_CONF_H

#include "conf/conf.h"
#include "pg/pg.h"

#define PG_CONF_CONTROL (-1) /* the database number of ehub_control; 0..3 are the shards */

typedef struct PgLogin {
    PgConnInfo info;
    char host[512];
    char dbname[64];
    char password[256];
} PgLogin;

/* as_owner: the role of migrations instead of the program's. */
ErrKind MUST_USE pg_conf_login(const Conf *conf, bool as_owner, int database, PgLogin *ret, Err *reterr);

#endif
