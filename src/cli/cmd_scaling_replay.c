/* cmd_scaling_replay.c - ehub scaling replay: what a load would have cost, and broken, under four policies. */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_scaling.h"
#include "scale/scale_plot.h"
#include "scale/scale_replay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ErrKind read_kind(const CliCall *call, ScaleKind *ret, Err *reterr)
{
    const char *name = cli_text(call, "policy", "predictive");
    for (int k = 0; k < SCALE_KINDS; k++)
        if (strcmp(name, SCALE_KIND_NAMES[k]) == 0) {
            *ret = (ScaleKind)k;
            return ERR_NONE;
        }
    return err_set(reterr, ERR_USAGE, "--policy: \"%.40s\" is none of predictive, reactive, static, oracle",
                   name);
}

static ErrKind read_capacity(const CliCall *call, const ScaleSeries *s, double *ret, Err *reterr)
{
    const char *text = cli_text(call, "capacity", "auto");
    if (strcmp(text, "auto") != 0) {
        if (!str_to_f64(str_from(text), ret) || !(*ret > 0))
            return err_set(reterr, ERR_USAGE, "--capacity: \"%.40s\" is neither auto nor a number above 0",
                           text);
        return ERR_NONE;
    }
    *ret = scale_replay_capacity(s->v, s->n);
    if (!(*ret > 0))
        return err_set(
            reterr, ERR_INVALID,
            "%s, column \"%.100s\": --capacity auto is a tenth of the 99th percentile, which is %g: give "
            "--capacity",
            cli_text(call, "series", NULL), s->value_name ? s->value_name : "", 10 * *ret);
    return ERR_NONE;
}

static ErrKind read_world(const CliCall *call, ScaleWorld *w, Err *reterr)
{
    double least = (double)w->min, most = (double)w->max, mtbf = 0;
    TRY(cmd_scaling_span(call, "startup", &w->startup_s, reterr));
    TRY(cmd_scaling_span(call, "drain", &w->drain_s, reterr));
    TRY(cmd_scaling_span(call, "metric-delay", &w->metric_delay_s, reterr));
    TRY(cmd_scaling_span(call, "patience", &w->patience_s, reterr));
    TRY(cmd_scaling_number(call, "price", 0, 1e9, &w->price, reterr));
    TRY(cmd_scaling_number(call, "slo", 0.5, 0.999999, &w->slo, reterr));
    TRY(cmd_scaling_number(call, "min", 0, (double)SCALE_REPLICAS_MAX, &least, reterr));
    TRY(cmd_scaling_number(call, "max", 1, (double)SCALE_REPLICAS_MAX, &most, reterr));
    TRY(cmd_scaling_span(call, "mtbf", &mtbf, reterr));
    if (least != floor(least) || most != floor(most))
        return err_set(reterr, ERR_USAGE, "--min, --max: whole numbers of replicas");
    if (least > most)
        return err_set(reterr, ERR_USAGE, "--min %g is above --max %g", least, most);
    w->min = (int64_t)least;
    w->max = (int64_t)most;
    w->mtbf_h = mtbf / 3600;
    w->seed = (uint64_t)cli_int(call, "seed", 1);
    return ERR_NONE;
}

static ErrKind write_plot(const CliCall *call, const ScaleReplay *r, Err *reterr)
{
    const char *path = cli_text(call, "plot", NULL);
    if (!path)
        return ERR_NONE;
    CLEANUP(buf_done) Buf svg = BUF(SCALE_PLOT_BYTES_MAX);
    int64_t n = MIN(r->world.n, MAX(SCALE_PLOT_DAYS * 86400 / r->world.step_s, 1));
    const char *name = strrchr(cli_text(call, "series", ""), '/');
    scale_plot(&svg, r, r->world.n - n, n, name ? name + 1 : cli_text(call, "series", ""), true);
    TRY(buf_check(&svg, reterr));
    return file_write(path, buf_str(&svg), 0644, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    CLEANUP(scale_replay_freep) ScaleReplay *r = NULL;
    CLEANUP(scale_events_freep) ScaleEvents *events = NULL;
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    ScaleWorld w = SCALE_WORLD_USUAL;
    ScaleKind kind;
    TRY(read_kind(call, &kind, reterr));
    TRY(read_world(call, &w, reterr));
    TRY(cmd_scaling_series(call, &s, reterr));
    TRY(cmd_scaling_events(call, s, &events, reterr));
    TRY(read_capacity(call, s, &w.capacity, reterr));
    CLEANUP(mem_freep) double *demand = mem_array((size_t)s->n, sizeof *demand);
    scale_replay_demand(s->v, s->n, demand);
    w.demand = demand;
    w.n = s->n;
    w.step_s = s->step_s;
    w.start_us = s->start_us;
    w.events = events;
    ErrKind e =
        scale_replay(&w, s->start_us / US_PER_S % 604800, cli_text(call, "plot", NULL) != NULL, &r, reterr);
    if (e != ERR_NONE)
        return err_wrap(reterr, e, "%s", cli_text(call, "series", NULL));
    TRY(write_plot(call, r, reterr));
    if (cli_flag(call, "json")) {
        Jw j = jw(&out);
        scale_replay_json(&j, r, kind);
        buf_add_char(&out, '\n');
    } else {
        scale_replay_text(&out, r);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_SCALING_REPLAY = {
    .name = "replay",
    .help = "Replay a load: what it would have cost, and broken, under four policies",
    .details =
        "A simulated fleet serves the load tick by tick (15 s): replicas start up, drain, may fail; requests "
        "queue and go\n"
        "away. All four policies are run and compared: predictive (ours; it sees only what the metric "
        "showed), reactive\n"
        "(Kubernetes' Horizontal Pod Autoscaler with its defaults), static (the fewest constant replicas "
        "that keep the\n"
        "promise, peak known) and oracle (cheapest with the whole load known). --policy says whose numbers "
        "stand at the\n"
        "top of the JSON. Everything is labelled simulated; how it is counted: docs/how-to/scaling.md.",
    .options =
        (const CliOption[]){
            CMD_SCALING_SERIES_OPTIONS,
            CMD_SCALING_EVENT_OPTIONS,
            {"capacity", CLI_TEXT, "UNITS|auto",
             "Load that one replica serves (default: auto, a tenth of the 99th percentile)"},
            {"policy", CLI_TEXT, "NAME", "predictive, reactive, static or oracle (default: predictive)"},
            {"startup", CLI_TEXT, "SPAN", "From the order of a replica to its being ready (default: 120s)"},
            {"drain", CLI_TEXT, "SPAN", "Paid after a replica was taken out (default: 30s)"},
            {"metric-delay", CLI_TEXT, "SPAN", "Age of the load that a policy sees (default: 30s)"},
            {"patience", CLI_TEXT, "SPAN", "A request that has waited so long is gone (default: 1s)"},
            {"price", CLI_TEXT, "P", "Of a replica-hour (default: 1, so that the cost is in replica-hours)"},
            {"min", CLI_TEXT, "N", "Fewest replicas (default: 1)"},
            {"max", CLI_TEXT, "N", "Most replicas"},
            {"slo", CLI_TEXT, "P", "Promised share of requests served in time (default: 0.9995)"},
            {"mtbf", CLI_TEXT, "SPAN", "Mean time between failures of a replica (default: none fails)"},
            {"seed", CLI_INT, "N", "Of the failures (default: 1)"},
            {"plot", CLI_TEXT, "FILE.svg", "Draw load and replicas of the last seven days"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
