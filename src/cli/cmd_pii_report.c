/* cmd_pii_report.c - ehub pii report: what personal data was found in a period, and what was done. */
#include "base/clock.h"
#include "base/jw.h"
#include "cli/cmd_pii.h"
#include "cli/cmd_tenant.h"
#include "privacy/pii_audit.h"

#include <stdio.h>

#define DAYS_DEFAULT 30

static ErrKind read_day(const CliCall *call, const char *option, int32_t otherwise, int32_t *ret, Err *reterr)
{
    const char *given = cli_text(call, option, NULL);
    *ret = otherwise;
    if (given && !clock_parse_date(str_from(given), ret))
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is no date YYYY-MM-DD", option, given);
    return ERR_NONE;
}

static const char *const COLUMNS[] = {"source", "purpose", "type", "rule", "action"};

static void print_json(const PgResult *r)
{
    CLEANUP(buf_done) Buf out = BUF(16u << 20);
    Jw w = jw(&out);
    jw_arr(&w);
    for (int i = 0; i < pg_rows(r); i++) {
        jw_obj(&w);
        for (int c = 0; c < (int)ARRAY_LEN(COLUMNS); c++)
            jw_kv_str(&w, COLUMNS[c], pg_str(r, i, c));
        jw_kv_i64(&w, "n", pg_get_i64(r, i, ARRAY_LEN(COLUMNS)));
        jw_end(&w);
    }
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static void print_text(const PgResult *r)
{
    if (pg_rows(r) == 0)
        puts("nothing was found in this period");
    else
        printf("%10s  %-22s %-10s %-8s %-32s %s\n", "n", "type", "action", "for", "rule", "where");
    for (int i = 0; i < pg_rows(r); i++)
        printf("%10lld  %-22.*s %-10.*s %-8.*s %-32.*s " STR_FMT "\n", (long long)pg_get_i64(r, i, 5),
               STR_ARG(pg_str(r, i, 2)), STR_ARG(pg_str(r, i, 4)), STR_ARG(pg_str(r, i, 1)),
               STR_ARG(pg_str(r, i, 3)), STR_ARG(pg_str(r, i, 0)));
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    CoachTenant tenant = {.id = UUID_NIL};
    int32_t from, to, today = (int32_t)(clock_now_us() / US_PER_DAY);
    Deadline by = deadline_in_ms(CMD_TENANT_LIMIT_MS);
    TRY(read_day(call, "to", today, &to, reterr));
    TRY(read_day(call, "from", to - DAYS_DEFAULT + 1, &from, reterr));
    if (from > to)
        return err_set(reterr, ERR_USAGE, "--from is after --to");
    if (cli_flag(call, "platform"))
        TRY(pg_shards_new(call->conf, by, &shards, reterr));
    else
        TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    TRY(pii_audit_report(shards, tenant.id, from, to, by, &r, reterr));
    cli_flag(call, "json") ? print_json(r) : print_text(r);
    return ERR_NONE;
}

const CliCmd CMD_PII_REPORT = {
    .name = "report",
    .help = "Show what personal data was found in a period, where, by which rule, and what was done",
    .details = "Counts, never a value. The server writes them every pii.audit_every, an import at its end.",
    .options =
        (const CliOption[]){
            {"tenant", CLI_TEXT, "SLUG", "The tenant (default: the only one)"},
            {"platform", CLI_FLAG, NULL,
             "What belongs to no tenant: log lines and error texts of the server"},
            {"from", CLI_DATE, "DATE", "First day, UTC (default: 30 days)"},
            {"to", CLI_DATE, "DATE", "Last day, UTC (default: today)"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {0},
        },
    .run = run,
};
