/* cmd_insight_returns.c - ehub insight returns: what coaching returned to a brokerage, from what is stored. */
#include "cli/cmd_coach_common.h"
#include "cli/cmd_insight.h"
#include "insight/insight_return.h"

#include <math.h>
#include <stdio.h>

#define OUT_MAX (64u << 20)
#define CENTS 100.0

static const char *label(const CoachTenant *tenant)
{
    return tenant->simulated ? "simulated" : "measured";
}

static void print_json(Buf *out, const CoachTenant *tenant, const InsightReturn *r)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "tenant", tenant->slug);
    insight_return_json(&w, r);
    jw_kv_cstr(&w, "label", label(tenant));
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void print_row(Buf *out, const InsightReturnRow *row)
{
    const InsightRoiSum *s = row->sum;
    Str title = row->effect->title;
    buf_addf(out, "%-28.*s ", (int)MIN(title.len, 28), title.ptr);
    if (!s) {
        buf_addf(out, "none: %s\n", row->refusal);
        return;
    }
    buf_addf(out, "%12.0f %12.0f %12.0f  %12.0f to %-12.0f %5.1f %%", s->value.estimate / CENTS,
             s->cost.estimate / CENTS, s->net.estimate / CENTS, s->net.low / CENTS, s->net.high / CENTS,
             100 * s->pays_back);
    if (isfinite(s->ratio.estimate))
        buf_addf(out, "  %.2f (%.2f to %.2f)", s->ratio.estimate, s->ratio.low, s->ratio.high);
    buf_add_char(out, '\n');
}

static void print_text(Buf *out, const CoachTenant *tenant, const InsightReturn *r)
{
    char from[11], last[11];
    clock_format_date(r->from, from);
    clock_format_date(r->to - 1, last);
    buf_addf(out, "%s: return by %s from %s to %s, %s, 95 %% interval (%s)\n", tenant->slug,
             insight_scope_name(r->scope), from, last, r->money.currency, label(tenant));
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        if (r->missing[f])
            buf_addf(out, "not set: %s (ehub tenant money)\n", insight_money_what((InsightMoneyField)f));
    if (r->n == 0)
        buf_addf(out, "no effects are stored: ehub insight update --tenant %s\n", tenant->slug);
    else
        buf_addf(out, "%-28s %12s %12s %12s  %28s %7s  %s\n", "", "value", "cost", "net",
                 "interval of the net", "pays", "net per unit of cost");
    for (int i = 0; i < r->n; i++)
        print_row(out, &r->row[i]);
}

static ErrKind read_day(const CliCall *call, const char *option, int32_t *ret, Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    *ret = INT32_MIN;
    if (text && !clock_parse_date(str_from(text), ret))
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is not a date (YYYY-MM-DD)", option, text);
    return ERR_NONE;
}

static ErrKind returns(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                       Err *reterr)
{
    (void)arg;
    CLEANUP(insight_return_freep) InsightReturn *r = NULL;
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    InsightReturnAsk ask = {.name = cli_text(call, "name", NULL)};
    if (!insight_scope_parse(str_from(cli_text(call, "by", "all")), &ask.scope))
        return err_set(reterr, ERR_USAGE, "--by: all, intervention, programme, coach or office");
    TRY(read_day(call, "from", &ask.from, reterr));
    TRY(read_day(call, "to", &ask.to, reterr));
    TRY(insight_return(s, tenant->id, &ask, by, &r, reterr));
    if (cli_flag(call, "json"))
        print_json(&out, tenant, r);
    else
        print_text(&out, tenant, r);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, returns, NULL, reterr);
}

const CliCmd CMD_INSIGHT_RETURNS = {
    .name = "returns",
    .help = "Show what coaching returned to a brokerage, from its stored effects, coachings and settings of "
            "money",
    .details = "The figures of the console's page ROI: value of additional closings less hours and licences. "
               "Effects "
               "are those of\n"
               "ehub insight update, settings those of ehub tenant money; what is missing is named, not "
               "guessed. For "
               "figures of your\n"
               "own, without a database: ehub insight roi.",
    .options =
        (const CliOption[]){
            CMD_COACH_TENANT_OPTIONS,
            {"by", CLI_TEXT, "WHAT", "all (default), intervention, programme, coach or office"},
            {"name", CLI_TEXT, "NAME", "Only this one: a key, an experiment, a coach, an office's id"},
            {"from", CLI_DATE, "DATE", "First day (default: of the running fiscal year)"},
            {"to", CLI_DATE, "DATE", "The day after the last one (default: today's data)"},
            {"json", CLI_FLAG, NULL, "Print JSON, as GET /v1/insight/roi (amounts in cents)"},
            {.name = NULL}},
    .run = run,
};
