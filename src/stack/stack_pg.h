/* stack_pg.h - the private PostgreSQL instance: make the cluster, start it, make roles and databases.
 *
 *     initdb into DIR/pg.new --rename--> DIR/pg --postgres--> socket in DIR/run --SQL--> roles, five databases
 *
 * The rename makes it crash-safe: DIR/pg is a whole cluster or absent. It listens on the socket only, no port is taken.
 * Threads:  the one that lives as long as the child (PDEATHSIG). Blocks.
 * Errors:   NOT_FOUND no PostgreSQL installed, or not the version that made the data . CORRUPT DIR/pg is not a cluster .
 *           UNAVAILABLE it ended while starting (with the last line of its log) . TIMEOUT . CANCELLED by a signal.
 * See also: docs/how-to/run.md. */
#ifndef EHUB_STACK_STACK_PG_H
#define EHUB_STACK_STACK_PG_H

#include "conf/conf.h"
#include "pg/pg.h"
#include "rt/rt_child.h"
#include "stack/stack_dir.h"

#define STACK_PG_SUPERUSER "ehub_su"

/* Makes the cluster when there is none. */
ErrKind MUST_USE stack_pg_init(const StackDir *d, Err *reterr);
/* Writes the configuration and starts; first waits for a server of an earlier supervisor that is still stopping. */
ErrKind MUST_USE stack_pg_start(const StackDir *d, const Conf *conf, RtChild **ret, Err *reterr);
/* Accepts connections, and is this child. */
bool stack_pg_ready(const StackDir *d, const RtChild *pg);
ErrKind MUST_USE stack_pg_wait(const StackDir *d, RtChild *pg, Deadline by, Err *reterr);
/* Idempotent: roles with the passwords in DIR/secrets, the control database and the shards. */
ErrKind MUST_USE stack_pg_provision(const StackDir *d, const Conf *conf, Deadline by, Err *reterr);
/* A connection as superuser. */
ErrKind MUST_USE stack_pg_connect(const StackDir *d, const Conf *conf, const char *dbname, Deadline by,
                                  PgConn **ret, Err *reterr);

#endif
