/* pg_private.c - a private PostgreSQL for one test executable. */
#include "harness/pg_private.h"

#include "base/file.h"
#include "pg/pg_shard.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 30000

/* The newest /usr/lib/postgresql/N/bin. */
static bool find_bin(char *out, size_t size)
{
    glob_t found = {0};
    int newest = 0;
    (void)glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int version = 0;
        if (sscanf(found.gl_pathv[i], "/usr/lib/postgresql/%d/", &version) == 1 && version > newest)
            newest = version;
    }
    globfree(&found);
    (void)snprintf(out, size, "/usr/lib/postgresql/%d/bin", newest);
    return newest > 0;
}

/* In the child: no terminal, no privileges, dies with the test. */
static void become_server(const char *log_path)
{
    int in = open("/dev/null", O_RDONLY), out = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
    if (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || setsid() < 0)
        _exit(126);
    (void)close_range(3, ~0U, 0);
}

static int spawn(const char *log_path, const char *const argv[])
{
    int pid = fork();
    if (pid != 0)
        return pid;
    become_server(log_path);
    static const char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    (void)execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
    _exit(127);
}

static bool run(const char *log_path, const char *const argv[])
{
    int status = 0;
    int pid = spawn(log_path, argv);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool prepare_dir(PgPrivate *p)
{
    (void)snprintf(p->dir, sizeof(p->dir), "/tmp/ehub-pg-XXXXXX");
    if (!mkdtemp(p->dir) || chmod(p->dir, 0755) != 0)
        return false;
    Err err;
    static const char *const folders[] = {"run", "pg", "secrets"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s", p->dir, folders[i]);
        if (file_mkdirs(path, 0755, &err) != ERR_NONE)
            return false;
        struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
        if (i < 2 && user && chown(path, user->pw_uid, user->pw_gid) != 0)
            return false;
    }
    static const char *const roles[] = {"ehub_app", "ehub_owner"};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/secrets/%s", p->dir, roles[i]);
        if (file_write(path, STR("not-checked\n"), 0600, &err) != ERR_NONE)
            return false;
    }
    return true;
}

/* The postmaster writes "ready" in the eighth line of its pid file. */
static bool wait_ready(const PgPrivate *p)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/pg/db/postmaster.pid", p->dir);
    for (Deadline by = deadline_in_ms(START_MS); !deadline_passed(by); clock_sleep_ms(5)) {
        Err err;
        CLEANUP(buf_done) Buf content = BUF(4096);
        if (file_read(path, &content, &err) == ERR_NONE && str_find(buf_str(&content), STR("\nready")) >= 0)
            return true;
        int status = 0;
        if (waitpid(p->pid, &status, WNOHANG) == p->pid)
            return false;
    }
    return false;
}

static void create_roles(const PgPrivate *p)
{
    pg_private_exec(p, "postgres", "create role ehub_owner login; create role ehub_app login");
    static const char *const names[] = {"ehub_control", "ehub_shard_0", "ehub_shard_1", "ehub_shard_2",
                                        "ehub_shard_3"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char sql[128];
        (void)snprintf(sql, sizeof(sql), "create database %s owner ehub_owner", names[i]);
        pg_private_exec(p, "postgres", sql);
    }
}

static bool start_server(PgPrivate *p, const char *bin)
{
    char initdb[300], postgres[300], db[256], socket_dir[256], port[16], log_path[256];
    (void)snprintf(initdb, sizeof(initdb), "%s/initdb", bin);
    (void)snprintf(postgres, sizeof(postgres), "%s/postgres", bin);
    (void)snprintf(db, sizeof(db), "%s/pg/db", p->dir);
    (void)snprintf(socket_dir, sizeof(socket_dir), "%s/run", p->dir);
    (void)snprintf(port, sizeof(port), "%d", p->port);
    (void)snprintf(log_path, sizeof(log_path), "%s/pg.log", p->dir);
    const char *const init_argv[] = {
        initdb,      "-D", db, "-U", "postgres_su", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
        "--no-sync", NULL};
    const char *const argv[] = {postgres,
                                "-D",
                                db,
                                "-k",
                                socket_dir,
                                "-p",
                                port,
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "fsync=off",
                                "-c",
                                "synchronous_commit=off",
                                "-c",
                                "full_page_writes=off",
                                "-c",
                                "max_connections=60",
                                "-c",
                                "shared_buffers=64MB",
                                "-c",
                                "jit=off",
                                "-c",
                                "max_wal_size=512MB",
                                "-c",
                                "max_parallel_workers_per_gather=0",
                                NULL};
    if (!run(log_path, init_argv))
        return false;
    p->pid = spawn(log_path, argv);
    return p->pid > 0 && wait_ready(p);
}

bool pg_private_start(PgPrivate *p)
{
    *p = (PgPrivate){.port = 21987};
    char bin[256];
    if (!find_bin(bin, sizeof(bin))) {
        fprintf(stderr, "PostgreSQL is not installed\n");
        return false;
    }
    if (!prepare_dir(p) || !start_server(p, bin)) {
        fprintf(stderr, "PostgreSQL did not start, see %s/pg.log\n", p->dir);
        return false;
    }
    char dir_set[192], port_set[64];
    (void)snprintf(dir_set, sizeof(dir_set), "data.dir=%s", p->dir);
    (void)snprintf(port_set, sizeof(port_set), "pg.port=%d", p->port);
    Err err;
    const ConfSource source = {.environ_ = (const char *const[]){NULL},
                               .sets = (const char *const[]){dir_set, port_set, "pg.pool.wait=300ms", NULL}};
    if (conf_load(&source, &p->conf, &err) != ERR_NONE) {
        fprintf(stderr, "%s\n", err.msg);
        return false;
    }
    create_roles(p);
    return true;
}

void pg_private_stop(PgPrivate *p)
{
    if (p->pid > 0) {
        int status = 0;
        (void)kill(p->pid, SIGINT);
        (void)waitpid(p->pid, &status, 0);
    }
    conf_unref(p->conf);
    const char *const argv[] = {"/bin/rm", "-rf", p->dir, NULL};
    int pid = fork();
    if (pid == 0) {
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
    *p = (PgPrivate){0};
}

PgConn *pg_private_connect(const PgPrivate *p, const char *role, const char *dbname)
{
    char host[160];
    (void)snprintf(host, sizeof(host), "%s/run", p->dir);
    const PgConnInfo info = {
        .host = host, .port = p->port, .dbname = dbname ? dbname : "ehub_control", .user = role};
    PgConn *c = NULL;
    Err err;
    if (pg_connect(&info, deadline_in_ms(START_MS), &c, &err) != ERR_NONE) {
        fprintf(stderr, "%s\n", err.msg);
        abort();
    }
    return c;
}

void pg_private_exec(const PgPrivate *p, const char *dbname, const char *sql)
{
    CLEANUP(pg_closep) PgConn *c = pg_private_connect(p, "postgres_su", dbname);
    Err err;
    if (pg_exec(c, sql, deadline_in_ms(START_MS), &err) != ERR_NONE) {
        fprintf(stderr, "%s: %s\n", sql, err.msg);
        abort();
    }
}
