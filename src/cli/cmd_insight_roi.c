/* cmd_insight_roi.c - ehub insight roi: what coaching returned, with its uncertainty. */
#include "base/file.h"
#include "base/jv.h"
#include "base/mem.h"
#include "cli/cmd_insight.h"
#include "insight/insight_roi_table.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (16u << 20)

/* Where the effect is from: it stands beside every figure. */
typedef struct Source {
    Jv *json; /* of --effect, or NULL */
    const char *file, *method, *estimand, *label, *window, *currency;
    int64_t n_treated, n_control;
    Buf text;     /* owns method and estimand */
    Buf warnings; /* one line each */
} Source;

static void source_done(Source *s)
{
    jv_free(s->json);
    buf_done(&s->text);
    buf_done(&s->warnings);
}

static ErrKind read_effect(const CliCall *call, Source *s, InsightRoiGiven *g, Err *reterr)
{
    InsightRoiInput *in = &g->input[INSIGHT_ROI_EFFECT];
    s->file = cli_text(call, "effect", NULL);
    const char *estimate = cli_text(call, "estimate", NULL);
    if (s->file && estimate)
        return err_set(reterr, ERR_USAGE, "--effect and --estimate: one of the two");
    if (!s->file && !estimate)
        return ERR_NONE; /* a table may have it */
    g->has[INSIGHT_ROI_EFFECT] = true;
    if (estimate) {
        TRY(cmd_insight_number(call, "estimate", -1e12, 1e12, &in->mean, reterr));
        return cmd_insight_number(call, "se", 0, 1e12, &in->se, reterr);
    }
    CLEANUP(buf_done) Buf file = BUF(64u << 20);
    TRY(file_read(s->file, &file, reterr));
    ErrKind kind = jv_parse(buf_str(&file), &s->json, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "%s", s->file);
    if (!jv_is_f64(jv_get(s->json, "estimate"), &in->mean) || !jv_is_f64(jv_get(s->json, "se"), &in->se) ||
        in->se < 0)
        return err_set(
            reterr, ERR_INVALID,
            "%s: no numbers \"estimate\" and \"se\": it should be what ehub insight effect --json prints",
            s->file);
    in->df = jv_get_f64(s->json, "df", 0);
    s->n_treated = jv_get_i64(s->json, "n_treated", 0);
    s->n_control = jv_get_i64(s->json, "n_control", 0);
    buf_addf(&s->text, STR_FMT, STR_ARG(jv_get_str(s->json, "method")));
    buf_add_char(&s->text, 0);
    size_t at = s->text.len;
    buf_addf(&s->text, STR_FMT, STR_ARG(jv_get_str(s->json, "estimand")));
    s->method = buf_cstr(&s->text);
    s->estimand = buf_cstr(&s->text) + at;
    const Jv *warnings = jv_get(s->json, "warnings");
    Str line;
    for (size_t i = 0; i < jv_len(warnings); i++)
        if (jv_is_str(jv_at(warnings, i), &line))
            buf_addf(&s->warnings, "effect: " STR_FMT "\n", STR_ARG(line));
    return ERR_NONE;
}

/* "MEAN" or "MEAN:SE". */
static ErrKind read_input(const CliCall *call, const char *option, InsightRoiRole role, InsightRoiGiven *g,
                          Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    if (!text)
        return ERR_NONE;
    Str rest = str_from(text), mean, se;
    InsightRoiInput *in = &g->input[role];
    bool unsure = str_next(&rest, ':', &mean) && str_next(&rest, ':', &se);
    if (!str_to_f64(mean, &in->mean) || (unsure && !str_to_f64(se, &in->se)))
        return err_set(reterr, ERR_USAGE,
                       "--%s: \"%.60s\" is neither MEAN nor MEAN:SE, such as 9000 or 9000:1500", option,
                       text);
    g->has[role] = true;
    return ERR_NONE;
}

static ErrKind read_given(const CliCall *call, Source *s, InsightRoiGiven *g, Err *reterr)
{
    static const struct {
        const char *option;
        InsightRoiRole role;
    } INPUTS[] = {{"commission", INSIGHT_ROI_COMMISSION},
                  {"split", INSIGHT_ROI_SPLIT},
                  {"cost-coach-hours", INSIGHT_ROI_COACH_HOURS},
                  {"hourly", INSIGHT_ROI_COACH_RATE},
                  {"cost-agent-hours", INSIGHT_ROI_AGENT_HOURS},
                  {"agent-hourly", INSIGHT_ROI_AGENT_RATE},
                  {"licence", INSIGHT_ROI_LICENCE},
                  {"fixed", INSIGHT_ROI_FIXED}};
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++)
        g->input[k].role = (InsightRoiRole)k;
    TRY(read_effect(call, s, g, reterr));
    for (size_t i = 0; i < ARRAY_LEN(INPUTS); i++)
        TRY(read_input(call, INPUTS[i].option, INPUTS[i].role, g, reterr));
    g->agents = g->months = NAN;
    TRY(cmd_insight_number(call, "agents", 0, 1e9, &g->agents, reterr));
    TRY(cmd_insight_number(call, "months", 0, 1e6, &g->months, reterr));
    g->fiscal_start = (int)cli_int(call, "fiscal-start", 1);
    g->totals = cli_flag(call, "totals");
    g->from_month = -1;
    const char *from = cli_text(call, "from", NULL);
    int64_t year, month;
    if (!from)
        return ERR_NONE;
    if (strlen(from) != 7 || from[4] != '-' || !str_to_i64(str_slice(str_from(from), 0, 4), &year) ||
        !str_to_i64(str_slice(str_from(from), 5, 7), &month) || year < 1900 || year > 2200 || month < 1 ||
        month > 12)
        return err_set(reterr, ERR_USAGE, "--from: \"%.40s\" is no month such as 2024-05", from);
    g->from_month = (int)(year * 12 + month - 1);
    return ERR_NONE;
}

static ErrKind read_source(const CliCall *call, Source *s, Err *reterr)
{
    s->label = cli_text(call, "label", "projection");
    s->window = cli_text(call, "window", NULL);
    s->currency = cli_text(call, "currency", "USD");
    if (strcmp(s->label, "measured") != 0 && strcmp(s->label, "simulated") != 0 &&
        strcmp(s->label, "projection") != 0)
        return err_set(reterr, ERR_USAGE, "--label: \"%.40s\" is none of measured, simulated, projection",
                       s->label);
    for (int i = 0; i < 3; i++)
        if (strlen(s->currency) != 3 || !isupper((unsigned char)s->currency[i]))
            return err_set(reterr, ERR_USAGE,
                           "--currency: \"%.40s\" is no code of three capitals such as USD or EUR",
                           s->currency);
    return ERR_NONE;
}

static void add_warnings(Source *s, const InsightRoiPlan *p, const InsightRoi *r)
{
    if (r->total.cost.estimate == 0)
        buf_add_c(&s->warnings, "no cost is given: what it returned for what was spent cannot be told\n");
    for (int32_t i = 0; i < p->n_inputs; i++)
        if (p->input[i].role == INSIGHT_ROI_EFFECT && p->input[i].se == 0) {
            buf_add_c(&s->warnings,
                      "an effect without a standard error counts as exact: the intervals are too narrow\n");
            break;
        }
    if (r->total.value.low < 0 && r->total.value.high > 0)
        buf_add_c(&s->warnings, "the interval of the value holds 0: additional closings are not shown\n");
    if (r->total.break_even_licence < 0)
        buf_add_c(&s->warnings, "it would not pay back even without a licence fee\n");
}

static const char *const ASSUMPTIONS[] = {
    "the effect is the same in every month and for every agent it is applied to",
    "commission, split, hours and prices are independent of the effect and of each other",
    "additional closings bring the commission of other closings and replace none of other agents",
};

static void print_json(Buf *out, const Source *s, const InsightRoiPlan *p, const InsightRoi *r)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "label", s->label);
    jw_kv_cstr(&w, "currency", s->currency);
    jw_key(&w, "source");
    jw_obj(&w);
    jw_kv_cstr(&w, "effect_file", s->file);
    jw_kv_cstr(&w, "method", s->method);
    jw_kv_cstr(&w, "estimand", s->estimand);
    jw_kv_cstr(&w, "window", s->window);
    if (s->json) {
        jw_kv_i64(&w, "n_treated", s->n_treated);
        jw_kv_i64(&w, "n_control", s->n_control);
    }
    jw_kv_cstr(&w, "uncertainty", "simulation; net_se_delta by the delta method");
    jw_end(&w);
    jw_key(&w, "assumptions");
    jw_arr(&w);
    for (size_t i = 0; i < ARRAY_LEN(ASSUMPTIONS); i++)
        jw_cstr(&w, ASSUMPTIONS[i]);
    jw_end(&w);
    insight_roi_json(&w, p, r);
    jw_key(&w, "warnings");
    jw_arr(&w);
    Str rest = buf_str(&s->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(&w, line);
    jw_end(&w);
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void print_sum(Buf *out, const InsightRoiSum *s)
{
    buf_addf(out, "%-20.20s %12.0f %12.0f %12.0f  (%.0f to %.0f)  %5.1f %%  ", s->name, s->value.estimate,
             s->cost.estimate, s->net.estimate, s->net.low, s->net.high, 100 * s->pays_back);
    if (isnan(s->ratio.estimate))
        buf_add_c(out, "-\n");
    else
        buf_addf(out, "%.2f (%.2f to %.2f)\n", s->ratio.estimate, s->ratio.low, s->ratio.high);
}

static void print_text(Buf *out, const Source *s, const InsightRoiPlan *p, const InsightRoi *r)
{
    buf_addf(out, "%s, %s%s%s%s%s\n\n", s->label, s->currency, s->method ? ", effect by " : "",
             s->method ? s->method : "", s->window ? ", data of " : "", s->window ? s->window : "");
    buf_addf(out, "%-20s %12s %12s %12s  %s\n", "", "value", "cost", "net",
             "interval, chance of paying back, net per unit of cost");
    print_sum(out, &r->total);
    for (int32_t g = 0; g < p->n_groups && p->n_groups > 1; g++)
        print_sum(out, &r->group[g]);
    for (int32_t g = 0; g < p->n_periods; g++)
        print_sum(out, &r->period[g]);
    buf_addf(out, "\nbreak-even: an effect of %.4g closings an agent and month, or a licence of %.2f\n",
             r->total.break_even_effect, r->total.break_even_licence);
    for (int i = 0; i < r->n_moves; i++) {
        const InsightRoiMove *m = &r->move[i];
        if (i == 0)
            buf_add_c(out, "\nwhat moves the net, each alone over its interval\n");
        buf_addf(out, "%-20s %10.4g to %-10.4g net %12.0f to %.0f   (%.0f %% of the variance)\n",
                 insight_roi_role_name(p->input[m->input].role), m->at_low, m->at_high, m->net_low,
                 m->net_high, 100 * m->share);
    }
    Str rest = buf_str(&s->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(out, "warning: " STR_FMT "\n", STR_ARG(line));
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(source_done) Source s = {.text = BUF(4096), .warnings = BUF(1u << 20)};
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    InsightRoiGiven g = {0};
    double level = 0.95;
    TRY(read_source(call, &s, reterr));
    TRY(read_given(call, &s, &g, reterr));
    TRY(cmd_insight_level(call, &level, reterr));
    TRY(insight_roi_table(&g, cli_text(call, "data", NULL), cli_text(call, "by", NULL), &t, reterr));
    t->plan.level = level;
    t->plan.seed = (uint64_t)cli_int(call, "seed", 1);
    TRY(insight_roi(&t->plan, &r, reterr));
    add_warnings(&s, &t->plan, r);
    if (cli_flag(call, "json"))
        print_json(&out, &s, &t->plan, r);
    else
        print_text(&out, &s, &t->plan, r);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_ROI = {
    .name = "roi",
    .help = "Reckon what coaching returned: additional closings minus costs, with the interval",
    .details = "Effect, commission, hours and prices are of one agent and month unless --totals is given. "
               "MEAN:SE gives a "
               "value that is unsure;\nits uncertainty is carried through. A table (--data) has a row for "
               "each office, "
               "programme or coach (and month), with columns\nof these names: agents, months, month, effect, "
               "commission, split, coach_hours, hourly, agent_hours, agent_hourly, licence, fixed,\nand "
               "<column>_se; "
               "what it has not is taken from the options.",
    .options =
        (const CliOption[]){
            {"effect", CLI_TEXT, "FILE.json",
             "What ehub insight effect --json printed; its outcome is closings a month"},
            {"estimate", CLI_TEXT, "E", "Additional closings of an agent and month, instead of --effect"},
            {"se", CLI_TEXT, "S", "Standard error of --estimate"},
            {"commission", CLI_TEXT, "MEAN[:SE]", "Commission of a closing"},
            {"split", CLI_TEXT, "MEAN[:SE]", "Share of it that stays with the brokerage (default: 1)"},
            {"cost-coach-hours", CLI_TEXT, "MEAN[:SE]", "Hours of a coach"},
            {"hourly", CLI_TEXT, "MEAN[:SE]", "Cost of a coach's hour"},
            {"cost-agent-hours", CLI_TEXT, "MEAN[:SE]", "Hours that agents spend on it"},
            {"agent-hourly", CLI_TEXT, "MEAN[:SE]", "Worth of an agent's hour"},
            {"licence", CLI_TEXT, "MEAN[:SE]", "Price of the licence"},
            {"fixed", CLI_TEXT, "MEAN[:SE]", "Costs that do not depend on agents and months"},
            {"agents", CLI_TEXT, "N", "Agents (default: 1)"},
            {"months", CLI_TEXT, "M", "Months (default: 1)"},
            {"totals", CLI_FLAG, NULL, "Hours and licence are of all agents and months together"},
            {"data", CLI_TEXT, "FILE", "Table of offices, programmes or coaches as CSV"},
            {"by", CLI_TEXT, "COL",
             "Column of the table whose values are the groups (default: office, programme, coach)"},
            {"from", CLI_TEXT, "MONTH", "First month, such as 2024-05: results by fiscal year"},
            {"fiscal-start", CLI_INT, "M", "Month in which the fiscal year begins (default: 1)", false, 1,
             12},
            {"currency", CLI_TEXT, "CODE", "Of all amounts (default: USD)"},
            {"window", CLI_TEXT, "TEXT", "Which time the data of the effect is of"},
            {"label", CLI_TEXT, "LABEL", "measured, simulated or projection (default)"},
            {"level", CLI_TEXT, "P", "Level of the intervals (default: 0.95)"},
            {"seed", CLI_INT, "N", "Seed of the draws (default: 1)", false, 0, INT64_MAX},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
