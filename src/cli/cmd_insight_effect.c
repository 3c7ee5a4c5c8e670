/* cmd_insight_effect.c - ehub insight effect: the effect of a treatment from the rows of a CSV file. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_insight.h"
#include "insight/insight_event.h"
#include "insight/insight_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (16u << 20)

static void also_equal(InsightColumns *c, const char *name)
{
    bool there = c->n_covariates < 0 || c->n_covariates == INSIGHT_LIST_MAX; /* < 0: all of them */
    for (int i = 0; i < c->n_covariates; i++)
        there = there || strcmp(c->covariates[i], name) == 0;
    if (!there)
        c->covariates[c->n_covariates++] = name;
}

/* Methods that hold columns equal hold outcomes of before and strata equal, too. */
static void add_covariates(InsightColumns *c)
{
    for (int k = 0; k < c->n_pre; k++)
        also_equal(c, c->pre[k]);
    if (c->stratum)
        also_equal(c, c->stratum);
    c->n_pre = 0;
    c->stratum = NULL;
}

static ErrKind read_columns(const CliCall *call, const InsightMethod *m, InsightColumns *c, char *covariates,
                            char *pre, Err *reterr)
{
    *c = (InsightColumns){.outcome = cli_text(call, "outcome", NULL),
                          .treatment = cli_text(call, "treatment", NULL),
                          .treated = cli_text(call, "treated", NULL),
                          .unit = cli_text(call, "unit", NULL),
                          .time = cli_text(call, "time", NULL),
                          .first_treated = cli_text(call, "first-treated", NULL),
                          .cluster = cli_text(call, "cluster", NULL),
                          .stratum = cli_text(call, "strata", NULL),
                          .weight = cli_text(call, "weight", NULL)};
    TRY(cmd_insight_names(cli_text(call, "pre", NULL), "pre", pre, CMD_INSIGHT_TEXT_MAX, c->pre, &c->n_pre,
                          reterr));
    TRY(cmd_insight_covariates(call, covariates, c, reterr));
    if (m->needs & INSIGHT_NEEDS_COVARIATES)
        add_covariates(c);
    return ERR_NONE;
}

static ErrKind read_matching(const CliCall *call, InsightQuestion *q, Err *reterr)
{
    const char *distance = cli_text(call, "distance", "mahalanobis"),
               *caliper = cli_text(call, "caliper", NULL);
    q->neighbours = (int)cli_int(call, "neighbours", q->neighbours);
    q->on_propensity = strcmp(distance, "propensity") == 0;
    if (!q->on_propensity && strcmp(distance, "mahalanobis") != 0)
        return err_set(reterr, ERR_USAGE, "--distance: \"%.40s\" is neither mahalanobis nor propensity",
                       distance);
    if (caliper && (!str_to_f64(str_from(caliper), &q->caliper) || !(q->caliper > 0 && q->caliper < 1e9)))
        return err_set(reterr, ERR_USAGE, "--caliper: \"%.40s\" is no number above 0", caliper);
    return ERR_NONE;
}

static ErrKind read_controls(const CliCall *call, InsightControls *ret, Err *reterr)
{
    const char *controls = cli_text(call, "controls", "auto");
    if (strcmp(controls, "never") == 0)
        *ret = INSIGHT_CONTROLS_NEVER;
    else if (strcmp(controls, "not-yet") == 0)
        *ret = INSIGHT_CONTROLS_NOT_YET;
    else if (strcmp(controls, "auto") == 0)
        *ret = INSIGHT_CONTROLS_AUTO;
    else
        return err_set(reterr, ERR_USAGE, "--controls: \"%.40s\" is none of auto, never and not-yet",
                       controls);
    return ERR_NONE;
}

static ErrKind read_question(const CliCall *call, const InsightMethod **ret_m, InsightQuestion *q,
                             Err *reterr)
{
    const char *name = cli_text(call, "method", NULL), *estimand = cli_text(call, "estimand", "ate");
    *q = INSIGHT_QUESTION_DEFAULT;
    *ret_m = insight_method(name);
    if (!*ret_m) {
        CLEANUP(buf_done) Buf all = BUF(1024);
        for (int i = 0; i < INSIGHT_N_METHODS; i++)
            buf_addf(&all, "%s%s", i ? ", " : "", INSIGHT_METHODS[i].name);
        return err_set(reterr, ERR_USAGE, "--method: \"%.40s\" is none of %s", name, buf_cstr(&all));
    }
    if (strcmp(estimand, "att") != 0 && strcmp(estimand, "ate") != 0)
        return err_set(reterr, ERR_USAGE, "--estimand: \"%.40s\" is neither ate nor att", estimand);
    q->estimand = strcmp(estimand, "att") == 0 ? INSIGHT_ATT : INSIGHT_ATE;
    q->seed = (uint64_t)cli_int(call, "seed", 1);
    q->folds = (int)cli_int(call, "folds", q->folds);
    q->draws = (int)cli_int(call, "draws", q->draws);
    q->refute = cli_flag(call, "refute");
    TRY(read_matching(call, q, reterr));
    q->wild = cli_flag(call, "wild");
    if (q->wild && strcmp(name, "did") != 0)
        return err_set(reterr, ERR_USAGE, "--wild: did has a wild bootstrap, %s has none", name);
    q->anticipation = (int)cli_int(call, "anticipation", 0);
    TRY(read_controls(call, &q->controls, reterr));
    q->planned = cli_int(call, "planned", 0);
    q->by = deadline_in_ms(INT64_C(3600000));
    return cmd_insight_level(call, &q->level, reterr);
}

static void print_text(Buf *out, const InsightAnswer *a, const InsightMethod *m, double level)
{
    const StatsEstimate *e = &a->effect;
    buf_addf(out, "%s (%s), %s\n", m->title, m->name,
             a->estimand == INSIGHT_ATT ? "effect on the treated" : "average effect");
    buf_addf(out, "assumes that %s\n\n", m->assumes);
    buf_addf(out, "effect     %.6g   %g %% interval %.6g to %.6g   se %.4g   p %.3g\n", e->estimate,
             100 * level, e->low, e->high, e->se, e->p);
    buf_addf(out,
             "naive      %.6g   %g %% interval %.6g to %.6g   (difference of means, nothing held equal)\n",
             a->naive.estimate, 100 * level, a->naive.low, a->naive.high);
    buf_addf(out, "compared   %lld treated, %lld controls\n", (long long)a->n_treated,
             (long long)a->n_control);
    insight_event_text(out, a, level);
    Str rest = buf_str(&a->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "warning    " STR_FMT "\n", STR_ARG(line));
}

static ErrKind write_plot(const CliCall *call, const InsightAnswer *a, double level, Err *reterr)
{
    const char *path = cli_text(call, "plot", NULL);
    if (!path)
        return ERR_NONE;
    if (a->n_events == 0)
        return err_set(reterr, ERR_USAGE, "--plot: %s has no event study here", a->method);
    CLEANUP(buf_done) Buf svg = BUF(INSIGHT_PLOT_BYTES_MAX);
    insight_event_svg(&svg, a, cli_text(call, "outcome", NULL), level);
    TRY(buf_check(&svg, reterr));
    return file_write(path, buf_str(&svg), 0600, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) char *names = mem_zalloc(2 * CMD_INSIGHT_TEXT_MAX);
    CLEANUP(mem_freep) InsightColumns *c = MEM_NEW(InsightColumns);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    const InsightMethod *m;
    InsightQuestion q;
    TRY(read_question(call, &m, &q, reterr));
    TRY(read_columns(call, m, c, names, names + CMD_INSIGHT_TEXT_MAX, reterr));
    TRY(insight_data_read(cli_text(call, "data", NULL), c, &d, reterr));
    if (d->n_pre > 0 && strcmp(m->name, "rct") == 0)
        insight_warn(d, "the outcomes of before are not used by rct: cuped uses them");
    TRY(insight_effect(d, m, &q, &a, reterr));
    TRY(write_plot(call, &a, q.level, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        insight_answer_json(&w, &a, q.level);
        buf_add_char(&out, '\n');
    } else {
        print_text(&out, &a, m, q.level);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_EFFECT = {
    .name = "effect",
    .help = "Estimate the effect of a treatment from the rows of a CSV file",
    .details = "The treatment has two values; the larger number is the treated one, yes, true or treated, "
               "the one beside no, "
               "none or control, else the later text, unless --treated\nsays which. A naive difference of "
               "means is printed beside the "
               "estimate. "
               "What the data cannot give is refused with the reason.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Rows as CSV with column names", true},
            {"outcome", CLI_TEXT, "COL", "What should have changed: a number, or two texts", true},
            {"treatment", CLI_TEXT, "COL", "Who was treated: two values", true},
            {"treated", CLI_TEXT, "VALUE", "The value of the treated; all other rows are controls"},
            {"method", CLI_TEXT, "NAME", "rct, cuped, aipw, match, did, staggered-did", true},
            {"estimand", CLI_TEXT, "ate|att", "Average over all, or over the treated (default: ate)"},
            {"covariates", CLI_TEXT, "A,B|all", "Columns to hold equal"},
            {"pre", CLI_TEXT, "A,B",
             "Outcomes of before the treatment (cuped; aipw and match hold them equal)"},
            {"unit", CLI_TEXT, "COL",
             "Rows with the same value are of one unit (agent); without a time its rows are a cluster"},
            {"time", CLI_TEXT, "COL", "When: a number, a month 2024-05 or a date"},
            {"first-treated", CLI_TEXT, "COL", "When the unit was first treated; empty or 0: never"},
            {"cluster", CLI_TEXT, "COL", "Rows whose errors hang together (office, coach)"},
            {"weight", CLI_TEXT, "COL",
             "Weight of the row, such as people it stands for (did, staggered-did)"},
            {"controls", CLI_TEXT, "never|not-yet",
             "Whom staggered starts are compared with (default: never treated if ten or more, else not yet)"},
            {"anticipation", CLI_INT, "N",
             "Times before the start in which the treatment may act already (default: 0)", false, 0, 1000},
            {"wild", CLI_FLAG, NULL,
             "Interval and p value of the wild cluster bootstrap (did without covariates)"},
            {"plot", CLI_TEXT, "FILE.svg", "Write the event study (did, staggered-did)"},
            {"strata", CLI_TEXT, "COL", "Groups within which the treatment was drawn"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"seed", CLI_INT, "N", "Seed of folds, draws and training (default: 1)", false, 0, INT64_MAX},
            {"folds", CLI_INT, "N", "Folds of cross-fitting (default: 5)", false, 2, 50},
            {"draws", CLI_INT, "N", "Bootstrap or permutation draws (default: 1000)", false, 1, 1000000},
            {"planned", CLI_INT, "N",
             "Rows that a running experiment is to have, for intervals that hold at every look", false, 4,
             INT64_C(1) << 40},
            {"neighbours", CLI_INT, "N", "Neighbours of matching (default: 1)", false, 1, 100},
            {"distance", CLI_TEXT, "mahalanobis|propensity",
             "What matching calls near (default: mahalanobis)"},
            {"caliper", CLI_TEXT, "SD", "No match beyond so many standard deviations (default: no limit)"},
            {"refute", CLI_FLAG, NULL, "Ask the method questions whose answer is known, too"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
