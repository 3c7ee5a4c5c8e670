/* cmd_tenant_money.c - ehub tenant money: what a brokerage's returns are reckoned with. */
#include "base/buf.h"
#include "cli/cmd_tenant.h"
#include "insight/insight_money.h"
#include "privacy/audit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX 8192

/* Amounts are given in units of the currency and kept in cents. */
static const struct {
    const char *option;
    double times;
} OPTIONS[INSIGHT_MONEY_N_FIELDS] = {
    [INSIGHT_MONEY_FISCAL_START] = {"fiscal-start", 1}, [INSIGHT_MONEY_SPLIT] = {"split", 1},
    [INSIGHT_MONEY_COMMISSION] = {"commission", 100},   [INSIGHT_MONEY_COACH_HOUR] = {"coach-hour", 100},
    [INSIGHT_MONEY_AGENT_HOUR] = {"agent-hour", 100},   [INSIGHT_MONEY_COACH_HOURS] = {"coach-hours", 1},
    [INSIGHT_MONEY_AGENT_HOURS] = {"agent-hours", 1},   [INSIGHT_MONEY_LICENCE] = {"licence", 100},
};

static ErrKind read_options(const CliCall *call, InsightMoney *m, bool *ret_given, Err *reterr)
{
    const char *currency = cli_text(call, "currency", NULL);
    *ret_given = currency != NULL;
    if (currency && !str_copy(m->currency, sizeof(m->currency), str_from(currency)))
        return err_set(reterr, ERR_USAGE, "--currency: \"%.40s\" is no code of three letters such as USD",
                       currency);
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++) {
        const char *text = cli_text(call, OPTIONS[f].option, NULL);
        double v;
        if (!text)
            continue;
        *ret_given = true;
        m->v[f] = NAN;
        if (strcmp(text, "none") == 0)
            continue;
        if (!str_to_f64(str_from(text), &v))
            return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is neither a number nor none",
                           OPTIONS[f].option, text);
        m->v[f] = v * OPTIONS[f].times;
        if (OPTIONS[f].times > 1) {
            if (fabs(m->v[f] - round(m->v[f])) > 1e-6)
                return err_set(reterr, ERR_USAGE, "--%s: %.40s has more than two decimals", OPTIONS[f].option,
                               text);
            m->v[f] = round(m->v[f]);
        }
    }
    return ERR_NONE;
}

static void print(const InsightMoney *m, bool simulated, bool json)
{
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    if (json) {
        Jw w = jw(&out);
        jw_obj(&w);
        insight_money_json(&w, m);
        jw_kv_bool(&w, "simulated", simulated);
        jw_end(&w);
        buf_add_char(&out, '\n');
    } else {
        buf_addf(&out, "%-14s %12s  currency of all amounts\n", "currency", m->currency);
        for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++) {
            buf_addf(&out, "%-14s ", OPTIONS[f].option);
            if (isnan(m->v[f]))
                buf_addf(&out, "%12s", "not set");
            else
                buf_addf(&out, OPTIONS[f].times > 1 ? "%12.2f" : "%12g", m->v[f] / OPTIONS[f].times);
            buf_addf(&out, "  %s\n", insight_money_what((InsightMoneyField)f));
        }
        if (simulated)
            buf_add_c(&out, "(simulated)\n");
    }
    fwrite(out.ptr, 1, out.len, stdout);
}

ErrKind cmd_tenant_money_record(void *arg, PgConn *control, Str detail, Deadline by, Err *reterr)
{
    const AuditEntry entry = {"ehub", "tenant.money", arg, detail};
    return audit_append_in(control, &entry, by, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    InsightMoney m;
    bool given;
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    Deadline by = deadline_in_ms(CMD_TENANT_LIMIT_MS);
    TRY(insight_money_read(shards, tenant.id, by, &m, reterr));
    TRY(read_options(call, &m, &given, reterr));
    if (given) {
        char id[UUID_TEXT];
        uuid_format(tenant.id, id);
        TRY(insight_money_write(shards, tenant.id, &m, cmd_tenant_money_record, id, by, reterr));
    }
    print(&m, tenant.simulated, cli_flag(call, "json"));
    return ERR_NONE;
}

const CliCmd CMD_TENANT_MONEY = {
    .name = "money",
    .help = "Show or set what a brokerage's returns are reckoned with",
    .details =
        "Without options it shows the settings. An option sets one of them, \"none\" takes it back. What is "
        "not set "
        "is not guessed:\nreturns that need it say that it is missing. Without a commission, the mean of the "
        "closings is taken. Changes are recorded in the audit.",
    .options =
        (const CliOption[]){
            {.name = "tenant",
             .kind = CLI_TEXT,
             .metavar = "SLUG",
             .help = "The brokerage (default: the only one)"},
            {.name = "currency", .kind = CLI_TEXT, .metavar = "CODE", .help = "ISO 4217, such as USD"},
            {.name = "fiscal-start",
             .kind = CLI_TEXT,
             .metavar = "MONTH",
             .help = "Month (1 to 12) in which the fiscal year begins"},
            {.name = "split",
             .kind = CLI_TEXT,
             .metavar = "SHARE",
             .help = "Share of a commission (0 to 1) that stays with the brokerage"},
            {.name = "commission", .kind = CLI_TEXT, .metavar = "AMOUNT", .help = "Commission of a closing"},
            {.name = "coach-hour", .kind = CLI_TEXT, .metavar = "AMOUNT", .help = "Cost of a coach's hour"},
            {.name = "agent-hour", .kind = CLI_TEXT, .metavar = "AMOUNT", .help = "Worth of an agent's hour"},
            {.name = "coach-hours",
             .kind = CLI_TEXT,
             .metavar = "HOURS",
             .help = "Hours of the coach for a coaching that was delivered"},
            {.name = "agent-hours",
             .kind = CLI_TEXT,
             .metavar = "HOURS",
             .help = "Hours of the agent for a coaching that was delivered"},
            {.name = "licence",
             .kind = CLI_TEXT,
             .metavar = "AMOUNT",
             .help = "Price of the licence for an agent and month"},
            {.name = "json", .kind = CLI_FLAG, .help = "Print JSON (amounts in cents)"},
            {0},
        },
    .run = run,
};
