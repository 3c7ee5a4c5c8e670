/* cmd_insight_coverage.c - ehub insight coverage: do the intervals of a method keep their promise? */
#include "cli/cmd_insight.h"
#include "insight/insight_coverage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void show(void *arg, int done, int of)
{
    cli_progress("%s: %d of %d draws", (const char *)arg, done, of);
}

static ErrKind find_world(const char *name, InsightWorld *ret, Err *reterr)
{
    if (insight_world_parse(name, ret))
        return ERR_NONE;
    CLEANUP(buf_done) Buf all = BUF(1024);
    for (int w = 0; w < INSIGHT_N_WORLDS; w++)
        buf_addf(&all, "%s%s", w ? ", " : "", insight_world_name((InsightWorld)w));
    return err_set(reterr, ERR_USAGE, "--world: \"%.40s\" is none of %s", name, buf_cstr(&all));
}

static void print_json(Buf *out, const InsightCoverage *c, InsightWorld w, const InsightAsk *ask,
                       double level)
{
    Jw j = jw(out);
    jw_obj(&j);
    jw_kv_cstr(&j, "label", "simulated");
    jw_kv_cstr(&j, "world", insight_world_name(w));
    jw_kv_cstr(&j, "method", ask->name);
    jw_kv_f64(&j, "level", level);
    jw_kv_i64(&j, "draws", c->draws);
    jw_kv_i64(&j, "refused", c->refused);
    jw_kv_cstr(&j, "refusal", c->reason[0] ? c->reason : NULL);
    jw_kv_f64(&j, "truth", c->truth);
    jw_kv_f64(&j, "coverage", c->share);
    jw_kv_f64(&j, "coverage_low", c->share_low);
    jw_kv_f64(&j, "coverage_high", c->share_high);
    jw_kv_i64(&j, "truth_below", c->low);
    jw_kv_i64(&j, "truth_above", c->high);
    jw_kv_f64(&j, "bias", c->bias);
    jw_kv_f64(&j, "naive_bias", c->naive_bias);
    jw_kv_f64(&j, "spread", c->spread);
    jw_kv_f64(&j, "mean_se", c->mean_se);
    jw_kv_f64(&j, "rejected", c->rejected);
    jw_kv_f64(&j, "pretrend_rejected", c->pretrend_rejected);
    jw_end(&j);
    buf_add_char(out, '\n');
}

static void print_text(Buf *out, const InsightCoverage *c, InsightWorld w, const InsightAsk *ask,
                       double level)
{
    buf_addf(out, "%s in %s: %s (simulated)\n", ask->name, insight_world_name(w), insight_world_what(w));
    if (c->draws == 0) {
        buf_addf(out, "all %d draws were refused: %s\n", c->refused, c->reason);
        return;
    }
    buf_addf(out, "intervals of %g %% that hold the truth  %.1f %%  (%.1f to %.1f; %d draws, %d refused)\n",
             100 * level, 100 * c->share, 100 * c->share_low, 100 * c->share_high, c->draws, c->refused);
    buf_addf(
        out,
        "truth %.4g   bias %.4g   spread %.4g   mean se %.4g   naive bias %.4g   excludes 0 in %.1f %%\n",
        c->truth, c->bias, c->spread, c->mean_se, c->naive_bias, 100 * c->rejected);
    if (!isnan(c->pretrend_rejected))
        buf_addf(out, "test of the leads rejects in %.1f %% (5 %% is right: trends are parallel)\n",
                 100 * c->pretrend_rejected);
    if (c->refused)
        buf_addf(out, "refused because: %s\n", c->reason);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    InsightWorld w;
    InsightCoverage c;
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    const char *estimand = cli_text(call, "estimand", "ate");
    InsightAsk ask;
    if (!insight_ask_find(cli_text(call, "method", NULL), &ask))
        return err_set(reterr, ERR_USAGE, "--method: \"%.40s\": see ehub insight coverage --help",
                       cli_text(call, "method", NULL));
    TRY(find_world(cli_text(call, "world", NULL), &w, reterr));
    TRY(cmd_insight_level(call, &q.level, reterr));
    q.estimand = strcmp(estimand, "att") == 0 ? INSIGHT_ATT : INSIGHT_ATE;
    q.seed = (uint64_t)cli_int(call, "seed", 1);
    q.draws = (int)cli_int(call, "bootstrap", 200);
    q.wild = cli_flag(call, "wild");
    q.by = deadline_in_ms(INT64_C(86400000));
    ErrKind kind =
        insight_coverage(w, &ask, &q, (int)cli_int(call, "agents", 300), (int)cli_int(call, "draws", 1000),
                         (int)cli_int(call, "threads", 2), show, (void *)(uintptr_t)ask.name, &c, reterr);
    cli_progress_end();
    TRY(kind);
    CLEANUP(buf_done) Buf out = BUF(65536);
    if (cli_flag(call, "json"))
        print_json(&out, &c, w, &ask, q.level);
    else
        print_text(&out, &c, w, &ask, q.level);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_COVERAGE = {
    .name = "coverage",
    .help = "Check on simulated brokerages with a known effect whether a method's intervals hold",
    .details =
        "Worlds: randomised, few-clusters, picks-weak, picks-strong (one row an agent); two-periods,\n"
        "two-periods-30, two-periods-trends, staggered, staggered-30, staggered-trends (a row an agent and\n"
        "month); monthly-closings for --method productivity; first-closing for --method survival. With\n"
        "--method uplift the effect on agents under a year is asked for, where a row is an agent.\n"
        "A 95 % interval should hold the truth in 93 to 97 % of the draws; the range behind the share is "
        "the\n"
        "simulation's own error.",
    .options =
        (const CliOption[]){
            {"world", CLI_TEXT, "NAME", "The simulated brokerage", true},
            {"method", CLI_TEXT, "NAME", "As of ehub insight effect; productivity, survival, uplift", true},
            {"estimand", CLI_TEXT, "ate|att", "Average over all, or over the treated (default: ate)"},
            {"agents", CLI_INT, "N", "Agents of a brokerage (default: 300)", false, 60, 100000},
            {"draws", CLI_INT, "N", "Brokerages (default: 1000)", false, 2, INSIGHT_DRAWS_MAX},
            {"bootstrap", CLI_INT, "N", "Bootstrap draws of methods that have them (default: 200)", false, 1,
             100000},
            {"wild", CLI_FLAG, NULL, "As of ehub insight effect"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"seed", CLI_INT, "N", "Seed (default: 1)", false, 0, 1000000},
            {"threads", CLI_INT, "N", "Threads (default: 2)", false, 1, 64},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
