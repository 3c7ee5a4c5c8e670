/* cmd_coach_simulate.c - ehub coach simulate-choice: does a choice that learns come near to the best possible one? */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_sim.h"
#include "insight/insight_plot.h"

#include <math.h>
#include <stdio.h>

#define BOOK_ARENA (8u << 20)
#define RUNS_MAX 10000

/* Means over the runs. */
typedef struct Totals {
    const CoachSimConf *conf;
    int runs;
    double value[COACH_N_POLICIES][COACH_SIM_MONTHS_MAX];
    double least_last; /* of Thompson's share in the last month, over the runs */
    double bias;       /* of the value that was judged from the log, minus the truth */
    double logged_true, logged_estimate;
    int held; /* runs whose interval held the truth */
} Totals;

static double whole(const Totals *t, int policy)
{
    return stats_mean(t->value[policy], t->conf->months);
}

static double last(const Totals *t, int policy)
{
    return t->value[policy][t->conf->months - 1];
}

static ErrKind simulate(CoachSimConf *conf, int runs, Totals *ret, Err *reterr)
{
    *ret = (Totals){.conf = conf, .runs = runs, .least_last = INFINITY};
    uint64_t seed = conf->seed;
    CLEANUP(mem_freep) CoachSim *sim = MEM_NEW(CoachSim);
    for (int r = 0; r < runs; r++) {
        conf->seed = seed + (uint64_t)r;
        TRY(coach_sim(conf, sim, reterr));
        int end = conf->months - 1;
        for (int p = 0; p < COACH_N_POLICIES; p++)
            for (int m = 0; m <= end; m++)
                ret->value[p][m] += sim->value[p][m] / runs;
        ret->least_last = fmin(ret->least_last,
                               sim->value[COACH_POLICY_THOMPSON][end] / sim->value[COACH_POLICY_BEST][end]);
        ret->logged_true += sim->judged_truth / runs;
        ret->logged_estimate += sim->judged.estimate / runs;
        ret->held += sim->judged.low <= sim->judged_truth && sim->judged_truth <= sim->judged.high;
        cli_progress("simulated %d of %d brokerages", r + 1, runs);
    }
    conf->seed = seed;
    return ERR_NONE;
}

static void numbers(Jw *w, const char *key, const double *v, int n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int i = 0; i < n; i++)
        jw_f64(w, v[i]);
    jw_end(w);
}

/* What was missed so far for each agent: the best's value minus this one's, summed over the months. */
static void regret(const Totals *t, int policy, double *out)
{
    double sum = 0;
    for (int m = 0; m < t->conf->months; m++) {
        sum += t->value[COACH_POLICY_BEST][m] - t->value[policy][m];
        out[m] = sum;
    }
}

static void print_json(Buf *out, const Totals *t)
{
    Jw w = jw(out);
    double missed[COACH_SIM_MONTHS_MAX];
    jw_obj(&w);
    jw_kv_cstr(&w, "label", "simulated");
    jw_kv_i64(&w, "agents", t->conf->agents);
    jw_kv_i64(&w, "months", t->conf->months);
    jw_kv_i64(&w, "every", t->conf->every);
    jw_kv_i64(&w, "runs", t->runs);
    jw_kv_i64(&w, "seed", (int64_t)t->conf->seed);
    jw_kv_cstr(&w, "learns_from", t->conf->goal_only ? "goal" : "change");
    jw_key(&w, "policies");
    jw_arr(&w);
    for (int p = 0; p < COACH_N_POLICIES; p++) {
        regret(t, p, missed);
        jw_obj(&w);
        jw_kv_cstr(&w, "policy", coach_policy_name((CoachPolicy)p));
        jw_kv_f64(&w, "of_best_last_month", last(t, p) / last(t, COACH_POLICY_BEST));
        jw_kv_f64(&w, "of_best_all_months", whole(t, p) / whole(t, COACH_POLICY_BEST));
        numbers(&w, "value", t->value[p], t->conf->months);
        numbers(&w, "regret", missed, t->conf->months);
        jw_end(&w);
    }
    jw_end(&w);
    jw_kv_f64(&w, "least_of_best_last_month", t->least_last);
    jw_key(&w, "prior_judged_from_log");
    jw_obj(&w);
    jw_kv_f64(&w, "truth", t->logged_true);
    jw_kv_f64(&w, "estimate", t->logged_estimate);
    jw_kv_f64(&w, "intervals_that_hold", (double)t->held / t->runs);
    jw_end(&w);
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void print_text(Buf *out, const Totals *t)
{
    buf_addf(out, "%d brokerages of %d agents over %d months of four weeks (simulated)\n", t->runs,
             t->conf->agents, t->conf->months);
    buf_addf(out, "%-10s %14s %14s %16s\n", "choice", "last month", "all months", "gain in the last");
    for (int p = 0; p < COACH_N_POLICIES; p++)
        buf_addf(out, "%-10s %12.1f %% %12.1f %% %9.2f points\n", coach_policy_name((CoachPolicy)p),
                 100 * last(t, p) / last(t, COACH_POLICY_BEST),
                 100 * whole(t, p) / whole(t, COACH_POLICY_BEST), 100 * last(t, p));
    buf_addf(out, "thompson's least share of the best in the last month, over the brokerages: %.1f %%\n",
             100 * t->least_last);
    buf_addf(
        out,
        "the priors judged from thompson's log: %.2f %% reach the goal, true %.2f %%; %.0f %% of the 95 %% "
        "intervals hold\n",
        100 * t->logged_estimate, 100 * t->logged_true, 100.0 * t->held / t->runs);
}

static void draw(Buf *out, const Totals *t, bool svg)
{
    double x[COACH_SIM_MONTHS_MAX], y[COACH_N_POLICIES][COACH_SIM_MONTHS_MAX], top = 0;
    InsightCurve curves[COACH_N_POLICIES];
    for (int p = 0; p < COACH_N_POLICIES; p++) {
        regret(t, p, y[p]);
        for (int m = 0; m < t->conf->months; m++) {
            x[m] = m + 1;
            y[p][m] *= 100;
            top = fmax(top, y[p][m]);
        }
        curves[p] = (InsightCurve){coach_policy_name((CoachPolicy)p), x, y[p], NULL, NULL, t->conf->months};
    }
    InsightPlot plot = {.title = "What was missed against the best possible choice (simulated)",
                        .x_label = "months of four weeks",
                        .y_label = "points of the goal's chance, summed",
                        .x_lo = 1,
                        .x_hi = fmax(t->conf->months, 2),
                        .y_lo = 0,
                        .y_hi = top > 0 ? top * 1.05 : 1,
                        .n = COACH_N_POLICIES,
                        .curve = curves};
    if (svg)
        insight_plot_svg(out, &plot);
    else
        insight_plot_text(out, &plot);
}

static ErrKind read_book(const CliCall *call, Arena *arena, CoachPlaybook *ret, Err *reterr)
{
    const char *path = cli_text(call, "playbook", NULL);
    if (!path)
        return coach_playbook_parse(arena, str_from(COACH_PLAYBOOK_DEFAULT), "default", ret, reterr);
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    TRY(file_read(path, &text, reterr));
    return coach_playbook_parse(arena, buf_str(&text), path, ret, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CLEANUP(mem_freep) Totals *t = MEM_NEW(Totals);
    CLEANUP(buf_done) Buf out = BUF(INSIGHT_PLOT_BYTES_MAX), svg = BUF(INSIGHT_PLOT_BYTES_MAX);
    CoachPlaybook book;
    TRY(read_book(call, arena, &book, reterr));
    CoachSimConf conf = {.book = &book,
                         .agents = (int)cli_int(call, "agents", 300),
                         .months = (int)cli_int(call, "months", 13),
                         .seed = (uint64_t)cli_int(call, "seed", 1),
                         .every = (int)cli_int(call, "every", 1),
                         .goal_only = cli_flag(call, "goal-only")};
    TRY(simulate(&conf, (int)cli_int(call, "runs", 20), t, reterr));
    cli_progress_end();
    const char *path = cli_text(call, "plot", NULL);
    if (path) {
        draw(&svg, t, true);
        TRY(buf_check(&svg, reterr));
        TRY(file_write(path, buf_str(&svg), 0600, reterr));
    }
    if (cli_flag(call, "json")) {
        print_json(&out, t);
    } else {
        print_text(&out, t);
        draw(&out, t, false);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_COACH_SIMULATE_CHOICE = {
    .name = "simulate-choice",
    .help = "Compare a choice that learns with the best possible, the priors' and a random one (simulated)",
    .details =
        "The playbook's prior effects are dealt anew to be the truth, so that what the choice starts with is "
        "wrong.\n"
        "The share of the best counts the gain over no coaching, not the goals that are reached anyway.",
    .options =
        (const CliOption[]){
            {"agents", CLI_INT, "N", "Agents of a brokerage (default: 300)", false, 2, COACH_SIM_AGENTS_MAX},
            {"months", CLI_INT, "N", "Months of four weeks (default: 13)", false, 1, COACH_SIM_MONTHS_MAX},
            {"every", CLI_INT, "WEEKS",
             "From one decision about an agent to the next: 1, 2 or 4 (default: 1)", false, 1, 4},
            {"runs", CLI_INT, "N", "Brokerages (default: 20)", false, 1, RUNS_MAX},
            {"seed", CLI_INT, "N", "Seed of the first (default: 1)", false, 0, 1000000000},
            {"goal-only", CLI_FLAG, NULL,
             "Learn from reached goals alone, not from changes of the prediction"},
            {"playbook", CLI_TEXT, "FILE", "Another playbook than the default one"},
            {"plot", CLI_TEXT, "FILE.svg", "Write the curves of what was missed"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
