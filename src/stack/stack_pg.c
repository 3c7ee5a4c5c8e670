#include "stack/stack_pg.h"

#include "base/file.h"
#include "base/log.h"
#include "pg/pg_shard.h"
#include "rt/rt_signal.h"
#include "stack/stack_log.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define PG_HOME "/usr/lib/postgresql" /* Debian: PG_HOME/<major>/bin */
#define INITDB_LIMIT_MS 120000
#define DYING_LIMIT_MS 15000
#define POLL_MS 5

/* --- which PostgreSQL
 * ------------------------------------------------------------------------------------------ */

static bool has_version(int64_t major)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, PG_HOME "/%d/bin/postgres", (int)major);
    return access(path, X_OK) == 0;
}

static int64_t newest_version(void)
{
    int64_t newest = 0, v;
    DIR *dir = opendir(PG_HOME);
    const struct dirent *e;
    while (dir && (e = readdir(dir)))
        if (str_to_i64(str_from(e->d_name), &v) && v > newest && has_version(v))
            newest = v;
    if (dir)
        closedir(dir);
    return newest;
}

/* The version that made DIR/pg; 0: there is no cluster. */
static ErrKind cluster_version(const StackDir *d, int64_t *ret, Err *reterr)
{
    char pg[PATH_MAX], path[PATH_MAX];
    *ret = 0;
    stack_path(d, "pg", pg);
    if (!file_exists(pg))
        return ERR_NONE;
    CLEANUP(buf_done) Buf text = BUF(64);
    stack_path(d, "pg/PG_VERSION", path);
    ErrKind kind = file_read(path, &text, reterr);
    if (kind == ERR_NOT_FOUND || (!kind && !str_to_i64(str_trim(buf_str(&text)), ret)))
        kind = ERR_CORRUPT;
    stack_path(d, "pg/global/pg_control", path);
    if (!kind && !file_exists(path))
        kind = ERR_CORRUPT;
    if (kind == ERR_CORRUPT)
        return err_set(
            reterr, ERR_CORRUPT,
            "%s is not a whole PostgreSQL cluster; put back a copy of it, or move it away to begin anew", pg);
    return kind;
}

/* --- initdb
 * ---------------------------------------------------------------------------------------------------- */

static ErrKind run_initdb(const StackDir *d, int64_t version, const char *fresh, const char *password_file,
                          Err *reterr)
{
    char program[PATH_MAX];
    snprintf(program, sizeof program, PG_HOME "/%d/bin/initdb", (int)version);
    const char *argv[] = {program,
                          "-D",
                          fresh,
                          "-U",
                          STACK_PG_SUPERUSER,
                          "--auth=scram-sha-256",
                          "--pwfile",
                          password_file,
                          "--encoding=UTF8",
                          "--locale=C.UTF-8",
                          "--data-checksums",
                          NULL};
    RtChildConf conf = {.name = "initdb",
                        .argv = argv,
                        .dir = fresh,
                        .uid = d->pg_uid,
                        .gid = d->pg_gid,
                        .death_signal = SIGKILL};
    return rt_child_run(&conf, deadline_in_ms(INITDB_LIMIT_MS), NULL, reterr);
}

static ErrKind init_fresh(const StackDir *d, int64_t version, Err *reterr)
{
    char fresh[PATH_MAX], pg[PATH_MAX], password_file[PATH_MAX], secret[STACK_SECRET_SIZE];
    stack_path(d, "pg.new", fresh);
    stack_path(d, "pg", pg);
    stack_path(d, "initdb.password", password_file);
    TRY(stack_dir_secret(d, STACK_PG_SUPERUSER, secret, reterr));
    TRY(stack_dir_remove(fresh, reterr)); /* what an interrupted initdb left */
    TRY(file_mkdirs(fresh, 0700, reterr));
    TRY(stack_dir_give_to_pg(d, fresh, reterr));
    TRY(file_write(password_file, str_from(secret), 0600, reterr));
    ErrKind kind = stack_dir_give_to_pg(d, password_file, reterr);
    if (!kind)
        kind = run_initdb(d, version, fresh, password_file, reterr);
    unlink(password_file);
    if (kind)
        return kind;
    if (rename(fresh, pg) != 0)
        return err_set_errno(reterr, ERR_IO, errno, "rename %s to %s", fresh, pg);
    return ERR_NONE;
}

ErrKind stack_pg_init(const StackDir *d, Err *reterr)
{
    int64_t version;
    TRY(cluster_version(d, &version, reterr));
    if (version && has_version(version))
        return ERR_NONE;
    if (version)
        return err_set(reterr, ERR_NOT_FOUND,
                       "%s/pg was made by PostgreSQL %d, which is not installed in " PG_HOME "/%d", d->root,
                       (int)version, (int)version);
    version = newest_version();
    if (!version)
        return err_set(reterr, ERR_NOT_FOUND,
                       "no PostgreSQL in " PG_HOME "; install it with: tools/bootstrap");
    return init_fresh(d, version, reterr);
}

/* --- configuration
 * --------------------------------------------------------------------------------------------- */

static void conf_text(const StackDir *d, const Conf *conf, Buf *out)
{
    struct sysinfo machine;
    int64_t memory_mb = sysinfo(&machine) == 0 ? (int64_t)(machine.totalram * machine.mem_unit >> 20) : 2048;
    /* The server's pools, as much again for commands that run beside it, and the supervisor's own. */
    int64_t connections = 2 * (PG_SHARDS + 1) * conf->pg_pool_size + 20;
    buf_addf(out,
             "# Written at every start. Your own settings: %s/postgresql.local.conf\n"
             "listen_addresses = ''\nport = %lld\nunix_socket_directories = "
             "'%s/run'\nunix_socket_permissions = 0700\n"
             "max_connections = %lld\nshared_buffers = %lldMB\neffective_cache_size = %lldMB\n",
             d->root, (long long)conf->pg_port, d->root, (long long)connections,
             (long long)MIN(MAX(memory_mb / 8, 64), 512), (long long)MAX(memory_mb / 4, 128));
    buf_add_c(
        out,
        "work_mem = 8MB\nmaintenance_work_mem = 64MB\nwal_buffers = 8MB\nmin_wal_size = 256MB\n"
        "max_wal_size = 1GB\ncheckpoint_timeout = 10min\ncheckpoint_completion_target = 0.9\n"
        "wal_compression = lz4\nrandom_page_cost = 1.1\neffective_io_concurrency = 64\nhuge_pages = off\n"
        "jit = off\nmax_parallel_workers_per_gather = 0\nmax_parallel_workers = 2\n"
        "autovacuum_max_workers = 2\nautovacuum_naptime = 15s\npassword_encryption = 'scram-sha-256'\n"
        "log_destination = 'stderr'\nlogging_collector = off\nlog_line_prefix = '%m [%p] %u@%d '\n"
        "log_timezone = 'UTC'\ntimezone = 'UTC'\nlc_messages = 'C.UTF-8'\n"
        "log_min_error_statement = panic\n" /* a statement may carry personal data or a password */
        "log_parameter_max_length = 0\nlog_parameter_max_length_on_error = 0\n"
        "log_error_verbosity = terse\n" /* the lines DETAIL and CONTEXT hold the rows' values */
        "shared_preload_libraries = 'pg_stat_statements'\nidle_in_transaction_session_timeout = 60s\n"
        "track_io_timing = on\n");
    buf_addf(out, "include_if_exists '%s/postgresql.local.conf'\n", d->root);
}

static ErrKind write_conf(const StackDir *d, const Conf *conf, Err *reterr)
{
    char path[PATH_MAX];
    CLEANUP(buf_done) Buf text = BUF(64u << 10);
    if (strpbrk(d->root, "'\\\n"))
        return err_set(reterr, ERR_INVALID,
                       "data directory %s: quotes, backslashes and line feeds are not supported", d->root);
    conf_text(d, conf, &text);
    TRY(buf_check(&text, reterr));
    stack_path(d, "pg/postgresql.conf", path);
    TRY(file_write(path, buf_str(&text), 0600, reterr));
    TRY(stack_dir_give_to_pg(d, path, reterr));
    stack_path(d, "pg/pg_hba.conf", path);
    TRY(file_write(path, STR("local all all scram-sha-256\n"), 0600, reterr));
    return stack_dir_give_to_pg(d, path, reterr);
}

/* --- start
 * ----------------------------------------------------------------------------------------------------- */

/* Line `number` (from 1) of postmaster.pid; empty when there is none. */
static Str pid_file_line(const StackDir *d, Buf *text, int number)
{
    char path[PATH_MAX];
    stack_path(d, "pg/postmaster.pid", path);
    buf_clear(text);
    if (file_read(path, text, NULL))
        return STR_NULL;
    Str rest = buf_str(text), line = STR_NULL;
    for (int i = 0; i < number; i++)
        if (rest.len == 0 || !str_next(&rest, '\n', &line))
            return STR_NULL;
    return str_trim(line);
}

/* A postmaster works in its cluster's directory: that tells ours from a stranger that got the same number. */
static pid_t running_postmaster(const StackDir *d)
{
    CLEANUP(buf_done) Buf text = BUF(4096);
    char pg[PATH_MAX], link[64], cwd[PATH_MAX];
    int64_t pid;
    if (!str_to_i64(pid_file_line(d, &text, 1), &pid) || pid <= 1)
        return 0;
    snprintf(link, sizeof link, "/proc/%lld/cwd", (long long)pid);
    ssize_t n = readlink(link, cwd, sizeof cwd - 1);
    if (n <= 0)
        return 0;
    cwd[n] = 0;
    stack_path(d, "pg", pg);
    return strcmp(cwd, pg) == 0 ? (pid_t)pid : 0;
}

/* Its supervisor was killed; PDEATHSIG has told it to stop, it may still be writing its checkpoint. We hold the lock of
 * the directory, so nobody else is using it: what is left of it afterwards is stale. */
static ErrKind wait_for_dying(const StackDir *d, Err *reterr)
{
    Deadline by = deadline_in_ms(DYING_LIMIT_MS);
    pid_t pid;
    bool told = false;
    while ((pid = running_postmaster(d)) != 0) {
        if (deadline_passed(by))
            return err_set(reterr, ERR_CONFLICT, "PostgreSQL process %d still works in %s/pg", (int)pid,
                           d->root);
        if (!told && deadline_left_ms(by) < DYING_LIMIT_MS / 2) {
            kill(pid, SIGINT);
            told = true;
        }
        clock_sleep_ms(POLL_MS * 4);
    }
    return ERR_NONE;
}

static void remove_stale(const StackDir *d, const Conf *conf)
{
    char path[PATH_MAX], name[64];
    stack_path(d, "pg/postmaster.pid", path);
    unlink(path);
    snprintf(name, sizeof name, "run/.s.PGSQL.%d.lock", (int)conf->pg_port);
    stack_path(d, name, path);
    unlink(path);
}

ErrKind stack_pg_start(const StackDir *d, const Conf *conf, RtChild **ret, Err *reterr)
{
    *ret = NULL;
    int64_t version;
    char program[PATH_MAX], pg[PATH_MAX], log[PATH_MAX];
    TRY(cluster_version(d, &version, reterr));
    TRY(write_conf(d, conf, reterr));
    TRY(wait_for_dying(d, reterr));
    remove_stale(d, conf);
    stack_path(d, "pg", pg);
    stack_path(d, "logs/postgres.log", log);
    snprintf(program, sizeof program, PG_HOME "/%d/bin/postgres", (int)version);
    const char *argv[] = {program, "-D", pg, NULL};
    RtChildConf child = {.name = "postgres",
                         .argv = argv,
                         .dir = pg,
                         .log_path = log,
                         .uid = d->pg_uid,
                         .gid = d->pg_gid,
                         .death_signal = SIGINT,
                         .new_session = true};
    return rt_child_start(&child, ret, reterr);
}

bool stack_pg_ready(const StackDir *d, const RtChild *pg)
{
    CLEANUP(buf_done) Buf text = BUF(4096);
    int64_t pid;
    return pg && str_to_i64(pid_file_line(d, &text, 1), &pid) && pid == rt_child_pid(pg) &&
           str_eq_c(pid_file_line(d, &text, 8), "ready");
}

ErrKind stack_pg_wait(const StackDir *d, RtChild *pg, Deadline by, Err *reterr)
{
    while (!stack_pg_ready(d, pg)) {
        int status;
        if (rt_child_ended(pg, &status))
            return stack_log_why(d, "logs/postgres.log", "PostgreSQL ended while starting", reterr);
        if (rt_signal_stop_requested())
            return err_set(reterr, ERR_CANCELLED, "stopped by a signal");
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "PostgreSQL is not ready in time; see %s/logs/postgres.log",
                           d->root);
        clock_sleep_ms(POLL_MS);
    }
    return ERR_NONE;
}

/* --- roles and databases
 * --------------------------------------------------------------------------------------- */

ErrKind stack_pg_connect(const StackDir *d, const Conf *conf, const char *dbname, Deadline by, PgConn **ret,
                         Err *reterr)
{
    char host[PATH_MAX], secret[STACK_SECRET_SIZE];
    stack_path(d, "run", host);
    TRY(stack_dir_secret(d, STACK_PG_SUPERUSER, secret, reterr));
    PgConnInfo info = {.host = host,
                       .port = (int)conf->pg_port,
                       .dbname = dbname,
                       .user = STACK_PG_SUPERUSER,
                       .password = secret,
                       .sslmode = "disable",
                       .application_name = "ehub up"};
    return pg_connect(&info, by, ret, reterr);
}

/* Owner: the schema is its own, no more. Application: may not own, bypass row-level security or make anything. */
static ErrKind provision_role(const StackDir *d, PgConn *c, const char *role, Deadline by, Err *reterr)
{
    char secret[STACK_SECRET_SIZE];
    TRY(stack_dir_secret(d, role, secret, reterr));
    if (strpbrk(secret, "'\\$"))
        return err_set(reterr, ERR_INVALID, "%s/secrets/%s: quotes, backslashes and $ are not supported",
                       d->root, role);
    CLEANUP(buf_done) Buf sql = BUF(4096);
    buf_addf(&sql,
             "do $$ begin if not exists (select from pg_roles where rolname = '%s') then create role %s; end "
             "if; end $$;"
             "alter role %s with login nosuperuser nobypassrls nocreatedb nocreaterole noreplication "
             "password '%s';"
             /* What its statements fail with holds values; the program gets it and logs it cleaned. */
             "alter role %s set log_min_messages = 'log'",
             role, role, role, secret, role);
    TRY(buf_check(&sql, reterr));
    return pg_exec(c, buf_cstr(&sql), by, reterr);
}

static ErrKind provision_database(PgConn *c, const char *name, Deadline by, Err *reterr)
{
    static const PgStmt EXISTS = {"stack_database_exists", "select 1 from pg_database where datname = $1"};
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(c, &EXISTS, PG_PARAMS(pg_cstr(name)), by, &r, reterr));
    char sql[512];
    if (pg_rows(r) == 0) {
        snprintf(sql, sizeof sql, "create database %s owner ehub_owner template template0 strategy wal_log",
                 name);
        TRY(pg_exec(c, sql, by, reterr));
    }
    snprintf(sql, sizeof sql,
             "revoke all on database %s from public; grant connect, temporary on database %s to ehub_app",
             name, name);
    return pg_exec(c, sql, by, reterr);
}

ErrKind stack_pg_provision(const StackDir *d, const Conf *conf, Deadline by, Err *reterr)
{
    CLEANUP(pg_closep) PgConn *c = NULL;
    TRY(stack_pg_connect(d, conf, "postgres", by, &c, reterr));
    TRY(provision_role(d, c, "ehub_owner", by, reterr));
    TRY(provision_role(d, c, "ehub_app", by, reterr));
    TRY(provision_database(c, "ehub_control", by, reterr));
    for (int i = 0; i < PG_SHARDS; i++) {
        char name[32];
        snprintf(name, sizeof name, "ehub_shard_%d", i);
        TRY(provision_database(c, name, by, reterr));
    }
    return ERR_NONE;
}
