/* cmd_scaling_run.c - ehub scaling start|stop|status|evaluate|configure|export|cost-analysis: predictive scaling at work. */
#include "base/clock.h"
#include "base/file.h"
#include "base/jw.h"
#include "base/mem.h"
#include "cli/cmd_scaling.h"
#include "rt/rt_signal.h"
#include "scale/scale_act.h"
#include "scale/scale_ahead.h"
#include "scale/scale_cost.h"
#include "scale/scale_feed.h"
#include "scale/scale_learn.h"
#include "scale/scale_live.h"
#include "scale/scale_loop.h"
#include "scale/scale_size.h"
#include "scale/scale_store.h"
#include "scale/scale_time.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONFIG "config/scaling/predictive_scaling_config.json"
#define STOP_MS 15000

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static ErrKind read_conf(const CliCall *call, ScaleConf **ret, Err *reterr)
{
    return scale_conf_read(cli_text(call, "config", CONFIG), ret, reterr);
}

static ErrKind print(Buf *out, Err *reterr)
{
    TRY(buf_check(out, reterr));
    fwrite(out->ptr, 1, out->len, stdout);
    return ERR_NONE;
}

static ErrKind decide(ScaleConf *c, int64_t now_us, ScaleOverride *o, ScaleStored *ret, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    TRY(scale_store_overridden(c, now_us, o, reterr));
    TRY(scale_feed(c, now_us, &s, reterr));
    scale_learn_now(c, now_us);
    return scale_live_decide(c, s, now_us, o, ret, reterr);
}

/* ---- evaluate ---- */

/* The coming hours, for people. */
static ErrKind print_ahead(const CliCall *call, ScaleConf *c, int hours, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    ScaleAhead a[SCALE_AHEAD_HOURS_MAX];
    double cost = 0;
    TRY(scale_feed(c, clock_now_us(), &s, reterr));
    scale_learn_now(c, clock_now_us());
    TRY(scale_ahead(c, s, hours, a, reterr));
    bool json = cli_flag(call, "json");
    Jw w = jw(&out);
    if (json) {
        jw_obj(&w);
        jw_kv_cstr(&w, "label", "projection");
        jw_kv_f64(&w, "quantile", SCALE_AHEAD_QUANTILE);
        jw_key(&w, "hours");
        jw_arr(&w);
    } else {
        buf_addf(&out, "%-26s %12s %12s %9s %10s\n", "at (projection)", "demand", "provided", "replicas",
                 c->currency);
    }
    for (int h = 0; h < hours; h++) {
        char at[25];
        clock_format(a[h].at_us, at);
        cost += a[h].cost;
        if (!json) {
            buf_addf(&out, "%-26s %12.4g %12.4g %9lld %10.2f\n", at, a[h].middle, a[h].high,
                     (long long)a[h].replicas, a[h].cost);
            continue;
        }
        jw_obj(&w);
        jw_kv_cstr(&w, "at", at);
        jw_kv_f64_digits(&w, "demand", a[h].middle, 8);
        jw_kv_f64_digits(&w, "provided", a[h].high, 8);
        jw_kv_i64(&w, "replicas", a[h].replicas);
        jw_kv_f64_digits(&w, "cost", a[h].cost, 10);
        jw_end(&w);
    }
    if (json) {
        jw_end(&w);
        jw_kv_f64_digits(&w, "cost", cost, 10);
        jw_end(&w);
        buf_add_char(&out, '\n');
    } else {
        buf_addf(&out, "%-26s %12s %12s %9s %10.2f\n", "all", "", "", "", cost);
    }
    return print(&out, reterr);
}

/* One resource: what replicas used, and what one should ask for. */
static ErrKind add_size(const ScaleConf *c, const char *name, const char *query, bool days, double unit,
                        Jw *w, Buf *out, Err *reterr)
{
    int64_t step = c->world.step_s, n = c->history_s / step;
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof *v);
    ScaleSize s;
    if (!query[0])
        return ERR_NONE;
    TRY(scale_feed_query(c, query, (clock_now_us() / US_PER_S / step - n) * step, v, n, reterr));
    ErrKind e = scale_size(v, n, step, days, &s, reterr);
    if (e != ERR_NONE)
        return err_wrap(reterr, e, "$.sizing.%s", name);
    if (!w->out) {
        buf_addf(out, "%-12s %12.4g %12.4g %12.4g\n", name, s.used / unit, s.most / unit, s.ask / unit);
        return ERR_NONE;
    }
    jw_key(w, name);
    jw_obj(w);
    jw_kv_f64_digits(w, "used", s.used, 6);
    jw_kv_f64_digits(w, "most", s.most, 6);
    jw_kv_f64_digits(w, "ask", s.ask, 6);
    jw_kv_i64(w, "steps", s.n);
    jw_end(w);
    return ERR_NONE;
}

/* What a replica should ask for, for people. */
static ErrKind print_sizing(const CliCall *call, const ScaleConf *c, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(65536);
    Jw w = jw(cli_flag(call, "json") ? &out : NULL);
    if (!c->cpu[0] && !c->memory[0])
        return err_set(reterr, ERR_INVALID, "$.sizing: neither cpu nor memory says where their use is read");
    if (w.out) {
        jw_obj(&w);
        jw_kv_cstr(&w, "label", "measured");
    } else {
        buf_addf(&out, "%-12s %12s %12s %12s\n", "a replica", "used (p90)", "at most", "should ask");
    }
    TRY(add_size(c, "cpu", c->cpu, false, 1, &w, &out, reterr));
    TRY(add_size(c, "memory", c->memory, true, 1 << 20, &w, &out, reterr));
    if (w.out) {
        jw_end(&w);
        buf_add_char(&out, '\n');
    } else {
        buf_add_c(&out, "cpu in cores; memory in MiB, by the peaks of the days\n");
    }
    return print(&out, reterr);
}

static ErrKind run_evaluate(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    CLEANUP(buf_done) Buf out = BUF(65536);
    ScaleOverride o;
    ScaleStored d;
    TRY(read_conf(call, &c, reterr));
    if (cli_flag(call, "sizing"))
        return print_sizing(call, c, reterr);
    if (cli_int(call, "ahead", 0) > 0)
        return print_ahead(call, c, (int)cli_int(call, "ahead", 0), reterr);
    TRY(decide(c, clock_now_us(), &o, &d, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        scale_stored_json(&w, &d);
        buf_add_char(&out, '\n');
    } else {
        buf_addf(&out, "%s\n", d.words);
    }
    return print(&out, reterr);
}

/* ---- start ---- */

static void say(const ScaleLoop *l)
{
    char at[25];
    clock_format(l->last.at_us, at);
    fprintf(stderr, "%s %s%s\n", at, l->paused ? "paused: " : l->dry_run ? "dry run: " : "", l->last.words);
}

static ErrKind run_start(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    CLEANUP(close_fd) int lock = -1;
    CLEANUP(scale_loop_done) ScaleLoop loop = {0};
    bool once = cli_flag(call, "once"), dry_run = cli_flag(call, "dry-run");
    double every = 15;
    TRY(cmd_scaling_span(call, "every", &every, reterr));
    if (every < 1 || every > 3600)
        return err_set(reterr, ERR_USAGE, "--every: from 1s to 1h");
    TRY(read_conf(call, &c, reterr));
    TRY(rt_signal_init(reterr));
    TRY(scale_store_lock(c, &lock, reterr));
    TRY(scale_loop_init(&loop, c, dry_run, clock_now_us(), reterr));
    fprintf(stderr, "ehub scaling: %s, acting by %s%s\n", c->service, SCALE_ACTORS[c->actor],
            dry_run ? ", dry run" : "");
    for (;;) {
        Err err = {0};
        ErrKind e = scale_loop_round(&loop, clock_now_us(), &err);
        if (loop.stored)
            say(&loop);
        if (once) {
            if (e != ERR_NONE && reterr)
                *reterr = err;
            return e;
        }
        if (e != ERR_NONE)
            fprintf(stderr, "ehub scaling: %s\n", err.msg);
        rt_signal_wait(deadline_in_ms((int64_t)(every * 1000)));
        if (rt_signal_stop_requested())
            return ERR_NONE;
    }
}

/* ---- stop, status ---- */

static ErrKind run_stop(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    pid_t pid;
    TRY(read_conf(call, &c, reterr));
    TRY(scale_store_holder(c, &pid, reterr));
    if (pid == 0)
        return err_set(reterr, ERR_NOT_FOUND, "%s: nobody is scaling %s", c->state, c->service);
    if (kill(pid, SIGTERM) != 0)
        return err_set_errno(reterr, errno == EPERM ? ERR_DENIED : ERR_IO, errno, "process %ld", (long)pid);
    for (Deadline by = deadline_in_ms(STOP_MS); !deadline_passed(by); clock_sleep_ms(50)) {
        TRY(scale_store_holder(c, &pid, reterr));
        if (pid == 0)
            return ERR_NONE;
    }
    return err_set(reterr, ERR_TIMEOUT, "process %ld has not ended yet", (long)pid);
}

static ErrKind run_status(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    CLEANUP(buf_done) Buf out = BUF(65536);
    int64_t n, damaged;
    ScaleOverride o;
    pid_t pid;
    TRY(read_conf(call, &c, reterr));
    TRY(scale_store_holder(c, &pid, reterr));
    TRY(scale_store_read(c, INT64_MIN, &d, &n, &damaged, reterr));
    TRY(scale_store_overridden(c, clock_now_us(), &o, reterr));
    char until[25] = "";
    if (o.until_us > 0)
        clock_format(o.until_us, until);
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        jw_obj(&w);
        jw_kv_cstr(&w, "service", c->service);
        jw_kv_bool(&w, "running", pid != 0);
        jw_kv_i64(&w, "pid", pid);
        jw_kv_cstr(&w, "actuator", SCALE_ACTORS[c->actor]);
        jw_kv_bool(&w, "paused", o.until_us > 0 && o.paused);
        jw_kv_cstr(&w, "override_until", o.until_us > 0 ? until : NULL);
        jw_kv_i64(&w, "decisions", n);
        jw_kv_i64(&w, "damaged_lines", damaged);
        jw_key(&w, "last");
        if (n > 0)
            scale_stored_json(&w, &d[n - 1]);
        else
            jw_null(&w);
        jw_end(&w);
        buf_add_char(&out, '\n');
        return print(&out, reterr);
    }
    buf_addf(&out, "%s: %s, acting by %s\n", c->service, pid ? "running" : "not running",
             SCALE_ACTORS[c->actor]);
    if (o.until_us > 0 && o.paused)
        buf_addf(&out, "paused until %s\n", until);
    else if (o.until_us > 0)
        buf_addf(&out, "set to %lld replicas by hand until %s\n", (long long)o.replicas, until);
    if (n > 0) {
        char at[25];
        clock_format(d[n - 1].at_us, at);
        buf_addf(&out, "%s %s\n", at, d[n - 1].words);
    }
    return print(&out, reterr);
}

/* ---- configure ---- */

static ErrKind run_configure(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    double span = 3600, replicas = -1;
    bool pause = cli_flag(call, "pause"), resume = cli_flag(call, "resume");
    const char *fixed = cli_text(call, "override", NULL);
    TRY(read_conf(call, &c, reterr));
    TRY(cmd_scaling_span(call, "for", &span, reterr));
    TRY(cmd_scaling_number(call, "override", (double)c->world.min, (double)c->world.max, &replicas, reterr));
    if (pause + resume + (fixed != NULL) > 1)
        return err_set(reterr, ERR_USAGE, "one of --pause, --override and --resume");
    if (span < 1 || span > 30 * 86400)
        return err_set(reterr, ERR_USAGE, "--for: from 1s to 30d");
    ScaleOverride o = {.paused = pause,
                       .replicas = (int64_t)replicas,
                       .until_us = clock_now_us() + (int64_t)span * US_PER_S};
    if (resume)
        return scale_store_override(c, NULL, reterr);
    if (pause || fixed)
        return scale_store_override(c, &o, reterr);
    printf("%s is in order: %s, %lld to %lld replicas of %g, promise %.4g %%, %g %s a replica-hour, acting "
           "by %s\n",
           cli_text(call, "config", CONFIG), c->service, (long long)c->world.min, (long long)c->world.max,
           c->world.capacity, 100 * c->world.slo, c->world.price, c->currency, SCALE_ACTORS[c->actor]);
    return ERR_NONE;
}

/* ---- export ---- */

/* Prometheus' text format, for a scrape or the textfile collector: HPA and KEDA can follow the metric. */
static void export_metric(Buf *out, const ScaleConf *c, const ScaleStored *d)
{
    buf_add_c(out, "# HELP ehub_scale_wanted_replicas Replicas that predictive scaling wants.\n"
                   "# TYPE ehub_scale_wanted_replicas gauge\n");
    buf_add_c(out, "ehub_scale_wanted_replicas{service=\"");
    for (const char *s = c->service; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_add_char(out, '\\');
        if (*s == '\n')
            buf_add_c(out, "\\n");
        else
            buf_add_char(out, *s);
    }
    buf_addf(out, "\"} %lld\n", (long long)d->replicas);
}

static ErrKind run_export(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    CLEANUP(buf_done) Buf out = BUF(512u << 20);
    int64_t n, damaged, hours = cli_int(call, "hours", 24);
    const char *format = cli_text(call, "format", "jsonl");
    TRY(read_conf(call, &c, reterr));
    TRY(scale_store_read(c, clock_now_us() - hours * 3600 * US_PER_S, &d, &n, &damaged, reterr));
    if (damaged > 0)
        fprintf(stderr, "ehub scaling: %lld damaged lines of %s were passed over\n", (long long)damaged,
                c->state);
    if (strcmp(format, "prometheus") == 0) {
        if (n == 0)
            return err_set(reterr, ERR_NOT_FOUND, "%s: no decision in the last %lld hours", c->state,
                           (long long)hours);
        export_metric(&out, c, &d[n - 1]);
    } else if (strcmp(format, "csv") == 0) {
        buf_add_c(&out, "at,replicas,cause,demand,planned,acted\n");
        for (int64_t i = 0; i < n; i++) {
            char at[25];
            clock_format(d[i].at_us, at);
            buf_addf(&out, "%s,%lld,%s,%.9g,%.9g,%d\n", at, (long long)d[i].replicas, d[i].cause, d[i].now,
                     d[i].planned, d[i].acted);
        }
    } else if (strcmp(format, "jsonl") == 0) {
        for (int64_t i = 0; i < n; i++) {
            Jw w = jw(&out);
            scale_stored_json(&w, &d[i]);
            buf_add_char(&out, '\n');
        }
    } else {
        return err_set(reterr, ERR_USAGE, "--format: \"%.40s\" is none of jsonl, csv, prometheus", format);
    }
    return print(&out, reterr);
}

/* ---- cost-analysis ---- */

static ErrKind run_cost(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    CLEANUP(scale_cost_freep) ScaleCost *cost = NULL;
    CLEANUP(buf_done) Buf out = BUF(32u << 20);
    int64_t n, damaged, hours = cli_int(call, "hours", 24);
    TRY(read_conf(call, &c, reterr));
    TRY(scale_feed(c, clock_now_us(), &s, reterr));
    scale_learn_now(c, clock_now_us());
    TRY(scale_store_read(c, INT64_MIN, &d, &n, &damaged, reterr));
    TRY(scale_cost(c, s, hours, d, n, &cost, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        scale_cost_json(&w, c, cost);
        buf_add_char(&out, '\n');
    } else {
        scale_cost_text(&out, c, cost);
    }
    return print(&out, reterr);
}

#define OPTION_CONFIG                                                     \
    {                                                                     \
        "config", CLI_TEXT, "FILE", "Configuration (default: " CONFIG ")" \
    }
#define OPTION_JSON                          \
    {                                        \
        "json", CLI_FLAG, NULL, "Print JSON" \
    }
#define END          \
    {                \
        .name = NULL \
    }

const CliCmd CMD_SCALING_START = {
    .name = "start",
    .help = "Scale ahead of the load, in the foreground until it is stopped",
    .details = "Every 15 s the load up to now is read, a number of replicas decided, stored with its reason, "
               "and brought about by\n"
               "the actuator of the configuration (advise acts not at all). One process of a state directory "
               "acts: a lock file\n"
               "(flock) sees to that.",
    .options = (const CliOption[]){OPTION_CONFIG,
                                   {"every", CLI_TEXT, "SPAN", "How often (default: 15s)"},
                                   {"once", CLI_FLAG, NULL, "One round, then end"},
                                   {"dry-run", CLI_FLAG, NULL, "Decide and store, but do not act"},
                                   END},
    .run = run_start,
    .no_conf = true,
};

const CliCmd CMD_SCALING_STOP = {
    .name = "stop",
    .help = "Stop the process that scales",
    .options = (const CliOption[]){OPTION_CONFIG, END},
    .run = run_stop,
    .no_conf = true,
};

const CliCmd CMD_SCALING_STATUS = {
    .name = "status",
    .help = "Show whether it runs, what is paused or set by hand, and the last decision",
    .options = (const CliOption[]){OPTION_CONFIG, OPTION_JSON, END},
    .run = run_status,
    .no_conf = true,
};

const CliCmd CMD_SCALING_EVALUATE = {
    .name = "evaluate",
    .help = "Decide for now, without acting or storing; or look hours ahead; or size a replica",
    .options =
        (const CliOption[]){
            OPTION_CONFIG,
            {"ahead", CLI_INT, "HOURS", "Instead: replicas and cost of the coming hours", false, 1,
             SCALE_AHEAD_HOURS_MAX},
            {"sizing", CLI_FLAG, NULL, "Instead: processor and memory that a replica should ask for"},
            OPTION_JSON,
            END},
    .run = run_evaluate,
    .no_conf = true,
};

const CliCmd CMD_SCALING_CONFIGURE = {
    .name = "configure",
    .help = "Check the configuration; pause, set a number by hand for a while, or resume",
    .options =
        (const CliOption[]){OPTION_CONFIG,
                            {"pause", CLI_FLAG, NULL, "Decide, but do not act"},
                            {"override", CLI_TEXT, "N", "So many replicas, whatever is decided"},
                            {"for", CLI_TEXT, "SPAN", "How long --pause and --override hold (default: 1h)"},
                            {"resume", CLI_FLAG, NULL, "End both"},
                            END},
    .run = run_configure,
    .no_conf = true,
};

const CliCmd CMD_SCALING_EXPORT = {
    .name = "export",
    .help = "Print the decisions of the last hours, or the last one as a metric of Prometheus",
    .options = (const CliOption[]){OPTION_CONFIG,
                                   {"hours", CLI_INT, "N", "How far back (default: 24)", false, 1, 100000},
                                   {"format", CLI_TEXT, "jsonl|csv|prometheus", "How (default: jsonl)"},
                                   END},
    .run = run_export,
    .no_conf = true,
};

const CliCmd CMD_SCALING_COST = {
    .name = "cost-analysis",
    .help = "Show what was spent, and what static peak and reactive scaling would have spent",
    .details = "What was spent comes from the stored decisions (measured); hours without any are replayed "
               "(simulated), and so are\n"
               "static peak and reactive. The saving has a 90 % interval, by bootstrap over hours.",
    .options = (const CliOption[]){OPTION_CONFIG,
                                   {"hours", CLI_INT, "N", "How far back (default: 24)", false, 1, 100000},
                                   OPTION_JSON,
                                   END},
    .run = run_cost,
    .no_conf = true,
};
