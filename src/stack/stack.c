#include "stack/stack.h"

#include "base/file.h"
#include "base/log.h"
#include "pg/pg_migrate.h"
#include "pii/pii_vault.h"
#include "rt/rt_signal.h"
#include "stack/stack_env.h"
#include "stack/stack_pg.h"
#include "stack/stack_serve.h"
#include "stack/stack_watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define PG_READY_MS 300000 /* recovery after a crash may read a gigabyte of WAL */
#define PROVISION_MS 60000
#define MIGRATE_MS 600000
#define SERVE_READY_MS 60000
#define PG_STOP_MS 60000
#define SERVE_STOP_EXTRA_MS 5000
#define LOG_MAX (32 << 20)

enum { CHILD_PG, CHILD_SERVE, N_CHILDREN };

typedef struct Stack {
    const StackOptions *o;
    StackDir dir;
    const Conf *conf; /* with what was decided here: absolute data.dir, port, certificate */
    ConfSource source;
    const char *sets[STACK_SETS_MAX + 1];
    Arena *arena;
    const char *const *serve_argv;
    StackChild children[N_CHILDREN];
    int n_children;
} Stack;

static void stack_done(Stack *s)
{
    if (s->dir.lock_fd >= 0) { /* else the directory is somebody else's */
        char path[PATH_MAX];
        stack_path(&s->dir, "run/ready", path);
        unlink(path);
        stack_watch_stop(&s->dir, s->children, s->n_children);
        stack_dir_done(&s->dir);
    }
    conf_unref(s->conf);
    arena_free(s->arena);
}

/* --- the children
 * ---------------------------------------------------------------------------------------------- */

static ErrKind start_pg(void *arg, RtChild **ret, Err *reterr)
{
    const Stack *s = arg;
    return stack_pg_start(&s->dir, s->conf, ret, reterr);
}

static ErrKind start_serve(void *arg, RtChild **ret, Err *reterr)
{
    const Stack *s = arg;
    *ret = NULL;
    if (!stack_pg_ready(&s->dir, s->children[CHILD_PG].process))
        return err_set(reterr, ERR_BUSY, "PostgreSQL is not ready");
    return stack_serve_start(&s->dir, s->serve_argv, ret, reterr);
}

static ErrKind start_first_time(StackChild *c, Err *reterr)
{
    TRY(c->start(c->arg, &c->process, reterr));
    c->started_us = clock_mono_us();
    return ERR_NONE;
}

/* --- settings
 * -------------------------------------------------------------------------------------------------- */

static ErrKind add_set(Stack *s, int *n, const char *key, const char *value, Err *reterr)
{
    if (*n == STACK_SETS_MAX)
        return err_set(reterr, ERR_LIMIT, "more than %d settings", STACK_SETS_MAX);
    s->sets[(*n)++] = arena_printf(s->arena, "%s=%s", key, value);
    return arena_check(s->arena, reterr);
}

static ErrKind decide_settings(Stack *s, Err *reterr)
{
    const Conf *given = s->o->conf;
    char number[16], cert[PATH_MAX], key[PATH_MAX];
    int n = 0, port = 0, wanted = s->o->port ? s->o->port : (int)given->http_port;
    for (; s->o->source->sets && s->o->source->sets[n]; n++) {
        if (n == STACK_SETS_MAX)
            return err_set(reterr, ERR_LIMIT, "more than %d settings", STACK_SETS_MAX);
        s->sets[n] = s->o->source->sets[n];
    }
    TRY(stack_serve_port(given->http_listen, wanted, &port, reterr));
    snprintf(number, sizeof number, "%d", port);
    TRY(add_set(s, &n, "data.dir", s->dir.root, reterr));
    TRY(add_set(s, &n, "http.port", number, reterr));
    if (s->o->tls && !given->http_tls_cert[0]) {
        TRY(stack_serve_certificate(&s->dir, cert, key, reterr));
        TRY(add_set(s, &n, "http.tls.cert", cert, reterr));
        TRY(add_set(s, &n, "http.tls.key", key, reterr));
    }
    s->source = (ConfSource){.file = s->o->source->file, .environ_ = s->o->source->environ_, .sets = s->sets};
    TRY(conf_load(&s->source, &s->conf, reterr));
    if (port != given->http_port)
        return stack_dir_record(&s->dir, "http.port", number, reterr);
    return ERR_NONE;
}

/* --- starting
 * -------------------------------------------------------------------------------------------------- */

static ErrKind check_not_stopped(Err *reterr)
{
    return rt_signal_stop_requested() ? err_set(reterr, ERR_CANCELLED, "stopped by a signal") : ERR_NONE;
}

/* The key of the hashes in stored text, made once: with another one equal values would not be recognised any more. */
static ErrKind make_pii_key(const StackDir *d, Err *reterr)
{
    char path[PATH_MAX];
    stack_path(d, "secrets/pii.key", path);
    return file_exists(path) ? ERR_NONE : pii_key_make(path, reterr);
}

static ErrKind start_database(Stack *s, Err *reterr)
{
    char pg[PATH_MAX];
    stack_path(&s->dir, "pg", pg);
    s->o->say(file_exists(pg) ? "starting PostgreSQL" : "making the database (the first time only)");
    TRY(make_pii_key(&s->dir, reterr));
    TRY(stack_pg_init(&s->dir, reterr));
    TRY(check_not_stopped(reterr));
    TRY(start_first_time(&s->children[CHILD_PG], reterr));
    TRY(stack_pg_wait(&s->dir, s->children[CHILD_PG].process, deadline_in_ms(PG_READY_MS), reterr));
    TRY(stack_pg_provision(&s->dir, s->conf, deadline_in_ms(PROVISION_MS), reterr));
    s->o->say("bringing the schema up to date");
    ErrKind kind = pg_migrate_all(s->conf, false, NULL, NULL, deadline_in_ms(MIGRATE_MS), reterr);
    return kind ? err_wrap(reterr, kind, "migrations") : check_not_stopped(reterr);
}

static ErrKind start_server(Stack *s, Err *reterr)
{
    static const char *const words[] = {"serve", NULL};
    s->serve_argv = stack_command(s->arena, s->o->program, &s->source, words);
    TRY(arena_check(s->arena, reterr));
    s->o->say("starting the server");
    TRY(start_first_time(&s->children[CHILD_SERVE], reterr));
    /* Before it answers: the server looks for this file when it sets its metrics up. */
    TRY(stack_watch_write(&s->dir, s->children, s->n_children, reterr));
    return stack_serve_wait(&s->dir, s->conf, s->children[CHILD_SERVE].process,
                            deadline_in_ms(SERVE_READY_MS), reterr);
}

static ErrKind announce(Stack *s, Err *reterr)
{
    char url[128] = "database only", path[PATH_MAX], text[192];
    if (!s->o->database_only)
        stack_serve_url(s->conf, url);
    snprintf(text, sizeof text, "%s\n", url);
    stack_path(&s->dir, "run/ready", path);
    TRY(file_write(path, str_from(text), 0644, reterr));
    s->o->ready(s->o->database_only ? NULL : url, s->dir.root);
    return ERR_NONE;
}

static ErrKind start_all(Stack *s, Err *reterr)
{
    TRY(stack_watch_write(&s->dir, s->children, 0, reterr));
    TRY(decide_settings(s, reterr));
    TRY(start_database(s, reterr));
    if (s->o->demo)
        TRY(stack_demo_run(&s->dir, s->o->program, &s->source, s->o->say, reterr));
    if (!s->o->database_only)
        TRY(start_server(s, reterr));
    TRY(stack_watch_write(&s->dir, s->children, s->n_children, reterr));
    return announce(s, reterr);
}

/* --- running
 * --------------------------------------------------------------------------------------------------- */

static void trim_logs(const Stack *s)
{
    static const char *const logs[] = {"logs/postgres.log", "logs/serve.log"};
    for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
        char path[PATH_MAX];
        stack_path(&s->dir, logs[i], path);
        stack_dir_trim_log(path, LOG_MAX);
    }
}

/* SIGHUP: the terminal is gone, which is a wish to stop; without one it asks the children to read their settings again. */
static void watch_until_stopped(Stack *s, bool from_terminal)
{
    while (!rt_signal_stop_requested()) {
        int signal_number = rt_signal_wait(stack_watch_due(s->children, s->n_children));
        if (signal_number == SIGINT || signal_number == SIGTERM || (signal_number == SIGHUP && from_terminal))
            return;
        for (int i = 0; signal_number == SIGHUP && i < s->n_children; i++)
            if (s->children[i].process)
                kill(rt_child_pid(s->children[i].process), SIGHUP);
        stack_watch_round(&s->dir, s->children, s->n_children);
        trim_logs(s);
    }
}

ErrKind stack_up(const StackOptions *o, Err *reterr)
{
    if (o->conf->pg_host[0] || o->conf->pg_shard_hosts[0])
        return err_set(reterr, ERR_USAGE,
                       "pg.host or pg.shard.hosts names another PostgreSQL, but this command runs its own; "
                       "use: ehub serve");
    bool from_terminal = isatty(STDERR_FILENO);
    TRY(rt_signal_init(reterr));
    CLEANUP(stack_done)
    Stack s = {.o = o,
               .dir.lock_fd = -1,
               .arena = arena_new(1u << 20),
               .n_children = o->database_only ? CHILD_SERVE : N_CHILDREN};
    s.children[CHILD_PG] = (StackChild){
        .name = "postgres", .start = start_pg, .arg = &s, .stop_signal = SIGINT, .stop_ms = PG_STOP_MS};
    s.children[CHILD_SERVE] = (StackChild){.name = "serve",
                                           .start = start_serve,
                                           .arg = &s,
                                           .stop_signal = SIGTERM,
                                           .stop_ms = o->conf->http_drain + SERVE_STOP_EXTRA_MS};
    TRY(stack_dir_open(o->conf->data_dir, &s.dir, reterr));
    ErrKind kind = start_all(&s, reterr);
    if (kind && rt_signal_stop_requested()) /* asked to stop while starting: that is no failure */
        return ERR_NONE;
    if (!kind)
        watch_until_stopped(&s, from_terminal);
    o->say("stopping");
    return kind;
}

ErrKind stack_down(const char *data_dir, Deadline by, pid_t *ret_pid, Err *reterr)
{
    TRY(stack_dir_owner(data_dir, ret_pid, reterr));
    if (*ret_pid == 0)
        return ERR_NONE;
    if (kill(*ret_pid, SIGTERM) != 0)
        return err_set_errno(reterr, errno == EPERM ? ERR_DENIED : ERR_IO, errno, "process %d",
                             (int)*ret_pid);
    for (pid_t pid = *ret_pid; pid == *ret_pid;) {
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "process %d is still stopping", (int)*ret_pid);
        clock_sleep_ms(20);
        TRY(stack_dir_owner(data_dir, &pid, reterr));
    }
    return ERR_NONE;
}
