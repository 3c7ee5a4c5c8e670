/* cmd_insight_uplift.c - ehub insight uplift: for whom the treatment works, and whom to treat. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_insight.h"
#include "insight/insight_dose.h"
#include "insight/insight_uplift.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (16u << 20)

static void print_breakdown(Buf *out, const InsightBreakdown *b)
{
    buf_addf(out, "by %s", b->name);
    if (!isnan(b->p))
        buf_addf(out, " (all equal: p %.3g", b->p);
    if (!isnan(b->p) && !isnan(b->p_holm))
        buf_addf(out, ", adjusted for all features %.3g", b->p_holm);
    if (!isnan(b->p))
        buf_add_char(out, ')');
    buf_add_char(out, '\n');
    for (int g = 0; g < b->n; g++) {
        const InsightPart *p = &b->part[g];
        if (isnan(p->effect.estimate))
            buf_addf(out, "  %-30.30s %7lld rows  too few for an answer\n", p->name, (long long)p->n);
        else
            buf_addf(out, "  %-30.30s %7lld rows  %.4g (%.4g to %.4g), Holm's p %.3g\n", p->name,
                     (long long)p->n, p->effect.estimate, p->effect.low, p->effect.high, p->p_holm);
    }
}

static void print_value(Buf *out, const char *name, const InsightPolicyValue *v)
{
    buf_addf(out, "  %-22s %5.1f %%  %.5g  over none %.4g (%.4g to %.4g)  over all %.4g (%.4g to %.4g)\n",
             name, 100 * v->share, v->value.estimate, v->over_none.estimate, v->over_none.low,
             v->over_none.high, v->over_all.estimate, v->over_all.low, v->over_all.high);
}

static void print_policy(Buf *out, const InsightData *d, const InsightPolicy *p)
{
    buf_add_c(out, "\npolicies: share treated, value a row\n");
    print_value(out, "nobody", &p->none);
    print_value(out, "everybody", &p->all);
    print_value(out, "where expected", &p->expected);
    for (int k = 0; k < INSIGHT_TOPS && p->top[k].share > 0; k += 2) {
        char name[40];
        snprintf(name, sizeof name, "most promising %d %%", 10 * (k + 1));
        print_value(out, name, &p->top[k]);
    }
    print_value(out, "by the rule", &p->ruled);
    buf_add_c(out, "\nthe rule\n");
    CLEANUP(buf_done) Buf text = BUF(16384);
    insight_rule_text(&p->rule, d, &text);
    Str rest = buf_str(&text), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "  " STR_FMT "\n", STR_ARG(line));
}

static void print_text(Buf *out, const InsightData *d, const InsightUplift *u)
{
    buf_addf(out, "effect on all            %.4g (%.4g to %.4g)\n", u->ate.estimate, u->ate.low, u->ate.high);
    if (!isnan(u->p_differs)) {
        buf_addf(out,
                 "does it differ           p %.3g (slope %.3g, %.3g to %.3g: 1 where models are right)\n",
                 u->p_differs, u->slope.estimate, u->slope.low, u->slope.high);
        buf_addf(out, "most less least          %.4g (%.4g to %.4g)\n", u->most_minus_least.estimate,
                 u->most_minus_least.low, u->most_minus_least.high);
        buf_addf(out, "Qini                     %.4g (%.4g to %.4g)   AUUC %.4g\n", u->qini.estimate,
                 u->qini.low, u->qini.high, u->auuc.estimate);
    }
    buf_add_char(out, '\n');
    if (u->tiers.n)
        print_breakdown(out, &u->tiers);
    for (int k = 0; k < u->n_features; k++)
        print_breakdown(out, &u->feature[k]);
    if (u->sorted.n)
        print_breakdown(out, &u->sorted);
    print_policy(out, d, u->policy);
    Str rest = buf_str(&u->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "warning: " STR_FMT "\n", STR_ARG(line));
}

/* ---- options ---- */

/* --propensity is a number or a column. */
static ErrKind read_columns(const CliCall *call, InsightColumns *c, char *room, double *ret_chance,
                            Err *reterr)
{
    const char *chance = cli_text(call, "propensity", NULL);
    *c = (InsightColumns){.outcome = cli_text(call, "outcome", NULL),
                          .treatment = cli_text(call, "treatment", NULL),
                          .treated = cli_text(call, "treated", NULL),
                          .control = cli_text(call, "control", NULL),
                          .tier = cli_text(call, "tier", NULL),
                          .cluster = cli_text(call, "cluster", NULL)};
    *ret_chance = NAN;
    if (chance && !str_to_f64(str_from(chance), ret_chance))
        c->propensity = chance;
    if (!isnan(*ret_chance) && !(*ret_chance > 0 && *ret_chance < 1))
        return err_set(reterr, ERR_USAGE, "--propensity: a chance of %g: it must lie between 0 and 1",
                       *ret_chance);
    TRY(cmd_insight_covariates(call, room, c, reterr));
    bool has_tier = !c->tier || c->n_covariates < 0;
    for (int i = 0; i < c->n_covariates; i++)
        has_tier = has_tier || strcmp(c->covariates[i], c->tier) == 0;
    if (!has_tier && c->n_covariates < INSIGHT_LIST_MAX)
        c->covariates[c->n_covariates++] = c->tier;
    return ERR_NONE;
}

static ErrKind read_question(const CliCall *call, InsightQuestion *q, Err *reterr)
{
    *q = INSIGHT_QUESTION_DEFAULT;
    q->seed = (uint64_t)cli_int(call, "seed", 1);
    q->folds = (int)cli_int(call, "folds", q->folds);
    q->by = deadline_in_ms(INT64_C(3600000));
    return cmd_insight_level(call, &q->level, reterr);
}

static ErrKind one_treatment(const CliCall *call, const InsightColumns *c, const InsightQuestion *q,
                             double chance, Buf *out, Err *reterr)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_uplift_freep) InsightUplift *u = NULL;
    const char *plot = cli_text(call, "plot", NULL), *path = cli_text(call, "data", NULL);
    double cost = 0;
    TRY(cmd_insight_number(call, "cost", -1e12, 1e12, &cost, reterr));
    TRY(insight_data_read(path, c, &d, reterr));
    insight_data_chance(d, chance);
    TRY(insight_uplift(d, q, cost, &u, reterr));
    if (plot) {
        CLEANUP(buf_done) Buf svg = BUF(INSIGHT_PLOT_BYTES_MAX);
        insight_uplift_plot(u, c->outcome, true, &svg);
        TRY(buf_check(&svg, reterr));
        TRY(file_write(plot, buf_str(&svg), 0600, reterr));
    }
    if (cli_flag(call, "json")) {
        Jw w = jw(out);
        insight_uplift_json(&w, d, u);
        buf_add_char(out, '\n');
        return ERR_NONE;
    }
    insight_uplift_plot(u, c->outcome, false, out);
    buf_add_char(out, '\n');
    print_text(out, d, u);
    return ERR_NONE;
}

static ErrKind several_doses(const CliCall *call, InsightColumns *c, const InsightQuestion *q, Buf *out,
                             Err *reterr)
{
    CLEANUP(insight_doses_freep) InsightDoses *s = NULL;
    if (c->treated || c->control || c->propensity || cli_text(call, "plot", NULL))
        return err_set(reterr, ERR_USAGE,
                       "--doses goes without --treated, --control, --propensity and --plot");
    TRY(insight_doses(cli_text(call, "data", NULL), c, q, &s, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(out);
        insight_doses_json(&w, s);
        buf_add_char(out, '\n');
    } else {
        for (int k = 0; k < s->n_steps; k++) {
            const InsightDoseStep *t = &s->step[k];
            buf_addf(out, "%s instead of %s: %.4g (%.4g to %.4g)\n", t->to, t->from, t->effect.estimate,
                     t->effect.low, t->effect.high);
            if (t->tiers.n)
                print_breakdown(out, &t->tiers);
        }
        Str rest = buf_str(&s->warnings), line;
        while (rest.len > 0 && str_next(&rest, '\n', &line))
            if (line.len > 0)
                buf_addf(out, "warning: " STR_FMT "\n", STR_ARG(line));
    }
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) char *room = mem_zalloc(CMD_INSIGHT_TEXT_MAX);
    CLEANUP(mem_freep) InsightColumns *c = MEM_NEW(InsightColumns);
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    InsightQuestion q;
    double chance;
    TRY(read_question(call, &q, reterr));
    TRY(read_columns(call, c, room, &chance, reterr));
    if (cli_flag(call, "doses"))
        TRY(several_doses(call, c, &q, &out, reterr));
    else
        TRY(one_treatment(call, c, &q, chance, &out, reterr));
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_UPLIFT = {
    .name = "uplift",
    .help = "Tell for whom the treatment works, and whom to treat",
    .details =
        "Effects by tier and by each feature, by groups sorted by what models expect of them, the gain of "
        "treating "
        "the most\npromising first (Qini), what policies are worth, and a rule of two questions. Each row is "
        "judged by models that have not\nseen it. With --doses the treatment has several levels (how much "
        "coaching): each is compared with the lowest and with the\none below it, by tier: more can be too "
        "much.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Rows as CSV with column names", true},
            {"outcome", CLI_TEXT, "COL", "What should have changed: a number, or two texts", true},
            {"treatment", CLI_TEXT, "COL", "Who was treated: two values, or levels with --doses", true},
            {"treated", CLI_TEXT, "VALUE", "The value of the treated; all other rows are controls"},
            {"control", CLI_TEXT, "VALUE", "With --treated: only rows with this value are controls"},
            {"covariates", CLI_TEXT, "A,B|all", "Columns to hold equal and to look for differences in"},
            {"tier", CLI_TEXT, "COL", "Effects for each of its values"},
            {"propensity", CLI_TEXT, "P|COL",
             "The chance of treatment, where it was drawn: a number or a column"},
            {"doses", CLI_FLAG, NULL, "The treatment has levels, numbers from the least on"},
            {"cost", CLI_TEXT, "C", "Cost of treating a row, in units of the outcome (default: 0)"},
            {"cluster", CLI_TEXT, "COL", "Rows whose errors hang together (office, coach)"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"seed", CLI_INT, "N", "Seed of folds, draws and training (default: 1)", false, 0, INT64_MAX},
            {"folds", CLI_INT, "N", "Folds of cross-fitting (default: 5)", false, 3, 10},
            {"plot", CLI_TEXT, "FILE.svg", "Write the gain curve with its interval"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
