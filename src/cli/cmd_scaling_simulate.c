/* cmd_scaling_simulate.c - ehub scaling simulate: a made-up load, and what each policy does with it. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_scaling.h"
#include "scale/scale_plot.h"
#include "scale/scale_replay.h"
#include "scale/scale_scenario.h"

#include <math.h>
#include <stdio.h>

/* What happened to one policy in the minutes in question. */
typedef struct Part {
    double cost, violation_minutes, availability, peak;
} Part;

static Part part_of(const ScaleReplay *r, ScaleKind kind)
{
    const ScaleTrace *t = &r->trace[kind];
    double requests = 0, late = 0;
    Part p = {0};
    for (int64_t k = SCALE_SCENARIO_HISTORY; k < r->world.n; k++) {
        p.cost += t->replicas[k] / 60 * r->world.price;
        p.violation_minutes += t->late[k] > 0;
        p.peak = MAX(p.peak, t->replicas[k]);
        requests += r->world.demand[k] * 60;
        late += t->late[k];
    }
    p.availability = requests > 0 ? 1 - late / requests : 1;
    return p;
}

static void write_json(Buf *out, const ScaleReplay *r, const CliCall *call, int64_t minutes)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "scenario", call->args[0]);
    jw_kv_i64(&w, "minutes", minutes);
    jw_kv_i64(&w, "seed", cli_int(call, "seed", 1));
    jw_kv_f64(&w, "capacity", r->world.capacity);
    jw_kv_f64(&w, "slo", r->world.slo);
    jw_kv_cstr(&w, "label", "simulated");
    jw_key(&w, "policies");
    jw_arr(&w);
    for (int k = 0; k < SCALE_KINDS; k++) {
        Part p = part_of(r, (ScaleKind)k);
        jw_obj(&w);
        jw_kv_cstr(&w, "policy", SCALE_KIND_NAMES[k]);
        jw_kv_f64_digits(&w, "cost", p.cost, 8);
        jw_kv_f64_digits(&w, "availability", p.availability, 8);
        jw_kv_f64(&w, "violation_minutes", p.violation_minutes);
        jw_kv_f64_digits(&w, "replicas_peak", p.peak, 6);
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "minute");
    jw_arr(&w);
    for (int64_t k = SCALE_SCENARIO_HISTORY; k < r->world.n; k++) {
        jw_obj(&w);
        jw_kv_f64_digits(&w, "demand", r->world.demand[k], 6);
        jw_kv_f64_digits(&w, "predictive", r->trace[SCALE_PREDICTIVE].ready[k], 6);
        jw_kv_f64_digits(&w, "reactive", r->trace[SCALE_REACTIVE].ready[k], 6);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void write_text(Buf *out, const ScaleReplay *r, const char *title, int64_t minutes)
{
    buf_addf(out, "%s\n\n", title);
    scale_plot(out, r, SCALE_SCENARIO_HISTORY, minutes, title, false);
    buf_addf(out, "\n%-11s %10s %14s %12s %8s\n", "policy", "cost", "availability", "violation", "peak");
    for (int k = 0; k < SCALE_KINDS; k++) {
        Part p = part_of(r, (ScaleKind)k);
        buf_addf(out, "%-11s %10.2f %12.4f %% %8.0f min %8.1f\n", SCALE_KIND_NAMES[k], p.cost,
                 100 * p.availability, p.violation_minutes, p.peak);
    }
    buf_addf(
        out,
        "simulated: two weeks of history before, capacity %g a replica, promise %.4g %%, start-up %g s;\n"
        "static keeps the promise over the whole time, the oracle knows it beforehand.\n",
        r->world.capacity, 100 * r->world.slo, r->world.startup_s);
}

static ErrKind write_svg(const CliCall *call, const ScaleReplay *r, const char *title, int64_t minutes,
                         Err *reterr)
{
    const char *path = cli_text(call, "plot", NULL);
    if (!path)
        return ERR_NONE;
    CLEANUP(buf_done) Buf svg = BUF(SCALE_PLOT_BYTES_MAX);
    scale_plot(&svg, r, SCALE_SCENARIO_HISTORY, minutes, title, true);
    TRY(buf_check(&svg, reterr));
    return file_write(path, buf_str(&svg), 0644, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) double *demand = NULL;
    CLEANUP(scale_replay_freep) ScaleReplay *r = NULL;
    CLEANUP(buf_done) Buf out = BUF(32u << 20);
    CLEANUP(buf_done) Buf title = BUF(200);
    int64_t minutes = cli_int(call, "duration", 0);
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.capacity = SCALE_SCENARIO_CAPACITY;
    w.seed = (uint64_t)cli_int(call, "seed", 1);
    TRY(cmd_scaling_span(call, "startup", &w.startup_s, reterr));
    TRY(cmd_scaling_number(call, "price", 0, 1e9, &w.price, reterr));
    TRY(cmd_scaling_number(call, "slo", 0.5, 0.999999, &w.slo, reterr));
    TRY(scale_scenario(call->args[0], minutes, w.seed, &demand, reterr));
    w.demand = demand;
    w.n = SCALE_SCENARIO_HISTORY + minutes;
    TRY(scale_replay(&w, 0, true, &r, reterr));
    buf_addf(&title, "%s, %lld minutes, simulated", call->args[0], (long long)minutes);
    TRY(write_svg(call, r, buf_cstr(&title), minutes, reterr));
    if (cli_flag(call, "json"))
        write_json(&out, r, call, minutes);
    else
        write_text(&out, r, buf_cstr(&title), minutes);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_SCALING_SIMULATE = {
    .name = "simulate",
    .help = "Show what each policy does with a made-up load",
    .details =
        "high_load rises to three times the usual, low_load falls to a fifth, traffic_spike is four times "
        "the usual\n"
        "without a sign beforehand, cost_optimization is an ordinary day. Two weeks of history come before.",
    .args = "{high_load|low_load|traffic_spike|cost_optimization}",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const CliOption[]){
            {"duration", CLI_INT, "MINUTES", "How long", true, 1, SCALE_SCENARIO_MINUTES_MAX},
            {"seed", CLI_INT, "N", "Of the noise (default: 1)"},
            {"startup", CLI_TEXT, "SPAN", "From the order of a replica to its being ready (default: 120s)"},
            {"price", CLI_TEXT, "P", "Of a replica-hour (default: 1)"},
            {"slo", CLI_TEXT, "P", "Promised share of requests served in time (default: 0.9995)"},
            {"plot", CLI_TEXT, "FILE.svg", "Draw load and replicas"},
            {"json", CLI_FLAG, NULL, "Print JSON, minute by minute"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
