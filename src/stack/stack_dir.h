/* stack_dir.h - the data directory of the private stack: layout, lock, owner, secrets.
 *
 *     DIR/lock            flock of the running supervisor, holds its pid
 *     DIR/ehub.yaml       settings that every command with --data DIR reads; yours to edit
 *     DIR/pg/             the PostgreSQL cluster (pg.new/ while initdb works on it)
 *     DIR/postgresql.local.conf   your own PostgreSQL settings, optional, read last
 *     DIR/run/            0700: socket of PostgreSQL, ready, children.json
 *     DIR/secrets/        0700: one password a file, 0600
 *     DIR/logs/, DIR/tls/
 *
 * Owner:    the caller; stack_dir_done lets go of the lock (so does the end of the process, however it ends).
 * Threads:  one; blocks on the disk. Limits: a path of STACK_ROOT_MAX bytes (the socket's name must fit sun_path).
 * Errors:   CONFLICT another supervisor has the lock (named) . DENIED not writable, or not reachable by the
 *           account that PostgreSQL runs as . LIMIT path too long . IO. */
#ifndef EHUB_STACK_STACK_DIR_H
#define EHUB_STACK_STACK_DIR_H

#include "base/buf.h"

#include <limits.h>
#include <sys/types.h>

#define STACK_ROOT_MAX 87
#define STACK_SECRET_SIZE 65 /* 32 random bytes in hex, and the zero */

typedef struct StackDir {
    char root[STACK_ROOT_MAX + 1]; /* absolute, without links */
    int lock_fd;                   /* -1: not held */
    uid_t pg_uid;                  /* the account PostgreSQL runs as; 0: the caller's own */
    gid_t pg_gid;
} StackDir;

/* Makes what is missing and takes the lock. */
ErrKind MUST_USE stack_dir_open(const char *path, StackDir *ret, Err *reterr);
void stack_dir_done(StackDir *d);
/* The pid of the supervisor that holds the lock of the directory; 0: none. */
ErrKind MUST_USE stack_dir_owner(const char *path, pid_t *ret_pid, Err *reterr);

/* DIR/name into out. */
void stack_path(const StackDir *d, const char *name, char out[static PATH_MAX]);
/* Reads DIR/secrets/<name>, made of random bytes the first time. */
ErrKind MUST_USE stack_dir_secret(const StackDir *d, const char *name, char out[static STACK_SECRET_SIZE],
                                  Err *reterr);
/* Makes the path belong to the account PostgreSQL runs as. */
ErrKind MUST_USE stack_dir_give_to_pg(const StackDir *d, const char *path, Err *reterr);
/* Puts "key: value" into DIR/ehub.yaml; the other lines stay as they are. */
ErrKind MUST_USE stack_dir_record(const StackDir *d, const char *key, const char *value, Err *reterr);
/* Removes a directory with all in it; absent is fine. */
ErrKind MUST_USE stack_dir_remove(const char *path, Err *reterr);
/* Copies a log that has grown past `max` bytes to <path>.1 and empties it. The writer must append. */
void stack_dir_trim_log(const char *path, int64_t max);

#endif
