#include "stack/stack_watch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/jv.h"
#include "base/jw.h"
#include "base/log.h"
#include "metrics/metrics.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE_ROUND_MS 1000
#define NOT_YET_MS 100
#define STATE_MAX (64u << 10)

int64_t stack_watch_pause(int64_t last_ms, int64_t ran_ms)
{
    if (last_ms == 0 || ran_ms >= STACK_STEADY_MS)
        return STACK_PAUSE_FIRST_MS;
    return MIN(last_ms * 2, STACK_PAUSE_MAX_MS);
}

static void describe_end(int status, char out[static 48])
{
    if (WIFSIGNALED(status))
        snprintf(out, 48, "signal %d", WTERMSIG(status));
    else
        snprintf(out, 48, "exit status %d", WEXITSTATUS(status));
}

ErrKind stack_watch_write(const StackDir *d, const StackChild *children, int n, Err *reterr)
{
    char path[PATH_MAX], end[48];
    CLEANUP(buf_done) Buf out = BUF(STATE_MAX);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_i64(&w, "supervisor", getpid());
    jw_key(&w, "children");
    jw_arr(&w);
    for (int i = 0; i < n; i++) {
        const StackChild *c = &children[i];
        describe_end(c->last_status, end);
        jw_obj(&w);
        jw_kv_cstr(&w, "name", c->name);
        jw_kv_i64(&w, "pid", c->process ? rt_child_pid(c->process) : 0);
        jw_kv_i64(&w, "restarts", c->restarts);
        jw_kv_cstr(&w, "last_end", c->restarts || !c->process ? end : NULL);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    buf_add_char(&out, '\n');
    TRY(buf_check(&out, reterr));
    stack_path(d, "run/children.json", path);
    return file_write(path, buf_str(&out), 0600, reterr);
}

static void note_state(const StackDir *d, const StackChild *children, int n)
{
    Err err;
    if (stack_watch_write(d, children, n, &err))
        log_err(LOG_WARN, "stack.watch", &err); /* the children matter more than the note about them */
}

static bool notice_end(StackChild *c, int64_t now)
{
    int status;
    if (!c->process || !rt_child_ended(c->process, &status))
        return false;
    char end[48];
    describe_end(status, end);
    c->last_status = status;
    c->pause_ms = stack_watch_pause(c->pause_ms, (now - c->started_us) / 1000);
    c->next_us = now + c->pause_ms * 1000;
    rt_child_free(c->process);
    c->process = NULL;
    log_write(LOG_WARN, "stack.watch",
              LOG_FIELDS(LOG_SAFE("child", c->name), LOG_INT("pause_ms", c->pause_ms)),
              "ended with %s; starting it again", end);
    return true;
}

static bool start_if_due(StackChild *c, int64_t now)
{
    if (c->process || now < c->next_us)
        return false;
    Err err;
    ErrKind kind = c->start(c->arg, &c->process, &err);
    if (kind == ERR_BUSY) {
        c->next_us = now + NOT_YET_MS * 1000;
        return false;
    }
    c->restarts++;
    c->started_us = clock_mono_us();
    if (!kind) {
        log_write(LOG_INFO, "stack.watch",
                  LOG_FIELDS(LOG_SAFE("child", c->name), LOG_INT("pid", rt_child_pid(c->process)),
                             LOG_INT("restarts", c->restarts)),
                  "started again");
        return true;
    }
    log_err(LOG_ERROR, "stack.watch", &err);
    c->pause_ms = stack_watch_pause(c->pause_ms, 0);
    c->next_us = c->started_us + c->pause_ms * 1000;
    return true;
}

void stack_watch_round(const StackDir *d, StackChild *children, int n)
{
    bool changed = false;
    for (int i = 0; i < n; i++) {
        changed |= notice_end(&children[i], clock_mono_us());
        changed |= start_if_due(&children[i], clock_mono_us());
    }
    if (changed)
        note_state(d, children, n);
}

Deadline stack_watch_due(const StackChild *children, int n)
{
    Deadline due = deadline_in_ms(IDLE_ROUND_MS);
    for (int i = 0; i < n; i++)
        if (!children[i].process)
            due = deadline_sooner(due, (Deadline){children[i].next_us});
    return due;
}

void stack_watch_stop(const StackDir *d, StackChild *children, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        if (!children[i].process)
            continue;
        rt_child_stop(children[i].process, children[i].stop_signal, deadline_in_ms(children[i].stop_ms));
        rt_child_free(children[i].process);
        children[i].process = NULL;
    }
    char path[PATH_MAX];
    stack_path(d, "run/children.json", path);
    unlink(path);
}

/* --- shown by the server
 * --------------------------------------------------------------------------------------- */

static Metric m_restarts =
    METRIC_COUNTER("ehub_stack_restarts_total", "Times the supervisor started a child again.", "child");
static Metric m_up = METRIC_GAUGE("ehub_stack_child_up", "1: the supervisor has the child running.", "child");

static void collect(void *arg)
{
    const char *path = arg;
    CLEANUP(buf_done) Buf text = BUF(STATE_MAX);
    CLEANUP(jv_freep) Jv *state = NULL;
    if (file_read(path, &text, NULL) || jv_parse(buf_str(&text), &state, NULL))
        return;
    const Jv *children = jv_get(state, "children");
    for (size_t i = 0; i < jv_len(children) && i < STACK_WATCH_MAX; i++) {
        char name[32];
        const Jv *c = jv_at(children, i);
        if (!str_copy(name, sizeof name, jv_get_str(c, "name")) || !name[0])
            continue;
        MetricCell *restarts = metrics_cell(&m_restarts, name);
        double more = (double)jv_get_i64(c, "restarts", 0) - metrics_value(restarts);
        if (more > 0)
            metrics_add(restarts, more);
        metrics_set(metrics_cell(&m_up, name), jv_get_i64(c, "pid", 0) > 0 ? 1 : 0);
    }
}

void stack_watch_metrics(const char *data_dir)
{
    static char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/run/children.json", data_dir) < (int)sizeof path && file_exists(path))
        metrics_collect(collect, path);
}
