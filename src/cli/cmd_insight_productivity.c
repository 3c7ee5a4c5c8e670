/* cmd_insight_productivity.c - ehub insight productivity: output of an agent and month, adjusted. */
#include "base/mem.h"
#include "cli/cmd_insight.h"
#include "insight/insight_productivity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (64u << 20)
#define AGENTS_SHOWN 10

static void print_factors(Buf *out, const char *title, const InsightFactor *f, int n)
{
    if (n == 0)
        return;
    buf_addf(out, "\n%s\n", title);
    for (int k = 0; k < n; k++) {
        buf_addf(out, "  %-28.28s ", f[k].name);
        if (!isnan(f[k].exposure))
            buf_addf(out, "observed %-8.4g adjusted %-8.4g ", f[k].observed / f[k].exposure, f[k].adjusted);
        if (isnan(f[k].log_ratio.estimate))
            buf_add_c(out, "cannot be told\n");
        else
            buf_addf(out, "x %.3f (%.3f to %.3f), p %.3g\n", exp(f[k].log_ratio.estimate),
                     exp(f[k].log_ratio.low), exp(f[k].log_ratio.high), f[k].log_ratio.p);
    }
}

static void print_agents(Buf *out, const InsightProductivity *p)
{
    if (p->n_agents == 0)
        return;
    buf_addf(out,
             "\nagents against what is expected of their months and mix (spread %.2f, shrunk by what chance "
             "explains)\n",
             p->spread);
    for (int32_t a = 0; a < p->n_agents; a++) {
        const InsightAgent *g = &p->agent[a];
        if (p->n_agents > 2 * AGENTS_SHOWN && a == AGENTS_SHOWN) {
            buf_addf(out, "  ... %d others\n", (int)p->n_agents - 2 * AGENTS_SHOWN);
            a = p->n_agents - AGENTS_SHOWN;
            g = &p->agent[a];
        }
        buf_addf(out,
                 "  %-28.28s observed %-8.4g expected %-8.4g x %.2f (%.2f to %.2f), above average %.0f %%\n",
                 g->name, g->observed, g->expected, g->ratio, g->low, g->high, 100 * g->above);
    }
}

static void print_text(Buf *out, const char *outcome, const InsightProductivity *p)
{
    buf_addf(out, "%s: %.5g for each unit of exposure, dispersion %.3g\n", outcome, p->mean, p->dispersion);
    if (p->has_treatment) {
        const StatsEstimate *e = &p->treatment_log_ratio;
        buf_addf(
            out,
            "treatment x %.3f (%.3f to %.3f), p %.3g; additional %.4g (%.4g to %.4g) a treated row; %s\n",
            exp(e->estimate), exp(e->low), exp(e->high), e->p, p->additional, p->additional_low,
            p->additional_high, p->within ? "within agents" : "between agents");
    }
    print_factors(out, "months", p->period, p->n_periods);
    print_factors(out, "offices", p->office, p->n_offices);
    print_factors(out, "covariates", p->covariate, p->n_covariates);
    print_agents(out, p);
    Str rest = buf_str(&p->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "warning: " STR_FMT "\n", STR_ARG(line));
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) char *room = mem_zalloc(2 * CMD_INSIGHT_TEXT_MAX);
    CLEANUP(mem_freep) const char **outcome = mem_array(INSIGHT_LIST_MAX, sizeof *outcome);
    CLEANUP(mem_freep) InsightColumns *c = MEM_NEW(InsightColumns);
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    double level = 0.95;
    int n;
    *c = (InsightColumns){.time = cli_text(call, "time", NULL),
                          .unit = cli_text(call, "unit", NULL),
                          .stratum = cli_text(call, "office", NULL),
                          .treatment = cli_text(call, "treatment", NULL),
                          .treated = cli_text(call, "treated", NULL),
                          .cluster = cli_text(call, "cluster", NULL),
                          .exposure = cli_text(call, "exposure", NULL)};
    TRY(cmd_insight_level(call, &level, reterr));
    TRY(cmd_insight_covariates(call, room, c, reterr));
    TRY(cmd_insight_names(cli_text(call, "outcome", NULL), "outcome", room + CMD_INSIGHT_TEXT_MAX,
                          CMD_INSIGHT_TEXT_MAX, outcome, &n, reterr));
    if (c->n_covariates < 0 && n > 1)
        return err_set(reterr, ERR_USAGE,
                       "--covariates all goes with one outcome: others would be among them");
    bool json = cli_flag(call, "json");
    Jw w = jw(&out);
    if (json)
        jw_arr(&w);
    for (int k = 0; k < n; k++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
        c->outcome = outcome[k];
        TRY(insight_data_read(cli_text(call, "data", NULL), c, &d, reterr));
        TRY(insight_productivity(d, level, &p, reterr));
        if (json) {
            jw_obj(&w);
            jw_kv_cstr(&w, "outcome", outcome[k]);
            insight_productivity_json(&w, p);
            jw_end(&w);
        } else {
            buf_add_c(&out, k ? "\n\n" : "");
            print_text(&out, outcome[k], p);
        }
    }
    if (json) {
        jw_end(&w);
        buf_add_char(&out, '\n');
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_PRODUCTIVITY = {
    .name = "productivity",
    .help = "Compare output of agents and months, adjusted for season, market and mix",
    .details = "A row is an agent and month. Regression on the log scale with errors by agent: indices of "
               "months and offices, "
               "factors of\nthe covariates, each agent against what its months and mix let expect, and what "
               "the treatment "
               "changes within agents.\nWith several outcomes the JSON is an array with an object for each.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Rows as CSV with column names", true},
            {"outcome", CLI_TEXT, "A,B", "Closings, commission, activity: numbers from 0", true},
            {"unit", CLI_TEXT, "COL", "The agent"},
            {"time", CLI_TEXT, "COL",
             "The month: a number, 2024-05 or a date that is the same within a month"},
            {"office", CLI_TEXT, "COL", "Office (market, team) to compare and adjust for"},
            {"covariates", CLI_TEXT, "A,B|all", "Market and mix to adjust for"},
            {"exposure", CLI_TEXT, "COL", "How much of a month (or how many leads) the row had (default: 1)"},
            {"treatment", CLI_TEXT, "COL", "Two values: who was coached in that month"},
            {"treated", CLI_TEXT, "VALUE", "The value of the treated; all other rows are controls"},
            {"cluster", CLI_TEXT, "COL", "Rows whose errors hang together, where there is no unit"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
