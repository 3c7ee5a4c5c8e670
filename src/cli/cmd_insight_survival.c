/* cmd_insight_survival.c - ehub insight survival: how fast agents get there, with and without coaching. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_insight.h"
#include "insight/insight_survival.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (64u << 20)

/* "4 (2 to 7), p 0.03"; of a curve that never falls so far the upper end is not reached. p: NAN where there is none. */
static void add_estimate(Buf *out, double v, double low, double high, double p)
{
    buf_addf(out, "%.4g", v);
    if (isnan(low))
        buf_add_c(out, " (no interval)");
    else if (isnan(high))
        buf_addf(out, " (%.4g to not reached)", low);
    else
        buf_addf(out, " (%.4g to %.4g)", low, high);
    if (!isnan(p))
        buf_addf(out, ", p %.3g", p);
}

static void print_groups(Buf *out, const InsightSurvival *s)
{
    buf_addf(out, "%-24s %8s %8s   %-26s %s\n", "group", "rows", "events", "median",
             "mean time up to the horizon");
    for (int g = 0; g < s->n_groups; g++) {
        const InsightSurvivalGroup *r = &s->group[g];
        CLEANUP(buf_done) Buf median = BUF(128);
        if (isnan(r->median.time))
            buf_add_c(&median, "not reached");
        else
            add_estimate(&median, r->median.time, r->median.low, r->median.high, NAN);
        buf_addf(out, "%-24.24s %8lld %8lld   %-26s ", r->name, (long long)r->km->n,
                 (long long)r->km->n_events, buf_cstr(&median));
        add_estimate(out, r->rmst.estimate, r->rmst.low, r->rmst.high, NAN);
        buf_add_char(out, '\n');
    }
    buf_addf(out, "\nhorizon             %g\n", s->horizon);
}

static void print_text(Buf *out, const InsightSurvival *s)
{
    print_groups(out, s);
    if (s->compares) {
        const StatsEstimate *r = &s->rmst_difference, *h = &s->share_difference;
        buf_add_c(out, "difference of means ");
        add_estimate(out, r->estimate, r->low, r->high, r->p);
        buf_add_c(out, "\ndifference of share ");
        add_estimate(out, h->estimate, h->low, h->high, h->p);
        buf_add_char(out, '\n');
    }
    if (s->logrank.df)
        buf_addf(out, "log-rank            chi-square %.4g, df %d, p %.3g\n", s->logrank.chi2, s->logrank.df,
                 s->logrank.p);
    if (s->logrank_stratified.df)
        buf_addf(out, "within strata       chi-square %.4g, df %d, p %.3g\n", s->logrank_stratified.chi2,
                 s->logrank_stratified.df, s->logrank_stratified.p);
    for (int k = 0; k < s->n_hazards; k++) {
        const InsightHazard *h = &s->hazard[k];
        if (k == 0)
            buf_add_c(out, "\nhazard ratios (above 1: sooner)\n");
        if (isnan(h->log_ratio.estimate))
            buf_addf(out, "%-32.32s cannot be told\n", h->name);
        else {
            buf_addf(out, "%-32.32s ", h->name);
            add_estimate(out, exp(h->log_ratio.estimate), exp(h->log_ratio.low), exp(h->log_ratio.high),
                         h->log_ratio.p);
            if (!isnan(h->proportional.p))
                buf_addf(out, "; proportional: p %.3g", h->proportional.p);
            buf_add_char(out, '\n');
        }
    }
    Str rest = buf_str(&s->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "warning             " STR_FMT "\n", STR_ARG(line));
}

static ErrKind write_plot(const CliCall *call, const InsightSurvival *s, Err *reterr)
{
    const char *path = cli_text(call, "plot", NULL);
    if (!path)
        return ERR_NONE;
    CLEANUP(buf_done) Buf svg = BUF(INSIGHT_PLOT_BYTES_MAX);
    insight_survival_plot(s, cli_text(call, "time", NULL), true, &svg);
    TRY(buf_check(&svg, reterr));
    return file_write(path, buf_str(&svg), 0600, reterr);
}

static ErrKind read_columns(const CliCall *call, InsightColumns *c, char *room, Err *reterr)
{
    *c = (InsightColumns){.outcome = cli_text(call, "time", NULL),
                          .event = cli_text(call, "event", NULL),
                          .entry = cli_text(call, "entry", NULL),
                          .treatment = cli_text(call, "treatment", NULL),
                          .treated = cli_text(call, "treated", NULL),
                          .unit = cli_text(call, "by", NULL),
                          .cluster = cli_text(call, "cluster", NULL),
                          .stratum = cli_text(call, "strata", NULL)};
    if (c->treatment && c->unit)
        return err_set(reterr, ERR_USAGE, "--treatment and --by: one of the two says what the groups are");
    return cmd_insight_covariates(call, room, c, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) char *room = mem_zalloc(CMD_INSIGHT_TEXT_MAX);
    CLEANUP(mem_freep) InsightColumns *c = MEM_NEW(InsightColumns);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    double level = 0.95, horizon = NAN;
    TRY(cmd_insight_level(call, &level, reterr));
    TRY(cmd_insight_number(call, "horizon", 0, INFINITY, &horizon, reterr));
    TRY(read_columns(call, c, room, reterr));
    TRY(insight_data_read(cli_text(call, "data", NULL), c, &d, reterr));
    TRY(insight_survival(d, level, horizon, &s, reterr));
    TRY(write_plot(call, s, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        insight_survival_json(&w, s);
        buf_add_char(&out, '\n');
    } else {
        insight_survival_plot(s, c->outcome, false, &out);
        buf_add_char(&out, '\n');
        print_text(&out, s);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_SURVIVAL = {
    .name = "survival",
    .help = "Measure how fast agents get there (first closing, goal), with and without coaching",
    .details =
        "A row is an agent: how long it was watched, and whether the event was seen at the end (1) or not "
        "until "
        "then (0).\nCurves, restricted means and the log-rank test hold nothing equal; the hazard ratios "
        "hold "
        "the covariates equal.\nThe horizon is the longest time for which every group was watched, unless "
        "--horizon says another.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Rows as CSV with column names", true},
            {"time", CLI_TEXT, "COL", "How long the agent was watched: a number from 0", true},
            {"event", CLI_TEXT, "COL",
             "1 (or 2 of 1 and 2, or yes) the event was seen then, else not until then", true},
            {"entry", CLI_TEXT, "COL", "The agent is watched only from this time on (left truncation)"},
            {"treatment", CLI_TEXT, "COL", "Who was treated: two values"},
            {"treated", CLI_TEXT, "VALUE", "The value of the treated; all other rows are controls"},
            {"by", CLI_TEXT, "COL", "Groups to compare where there is no treatment"},
            {"covariates", CLI_TEXT, "A,B|all", "Columns that the hazard ratios hold equal"},
            {"strata", CLI_TEXT, "COL",
             "Groups with baselines of their own in log-rank test and hazard ratios"},
            {"cluster", CLI_TEXT, "COL", "Rows whose errors hang together (office, coach)"},
            {"horizon", CLI_TEXT, "T", "Restricted means and shares are of this time"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"plot", CLI_TEXT, "FILE.svg", "Write the curves with their intervals"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
