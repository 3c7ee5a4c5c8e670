/* cmd_audit.c - ehub audit list|verify. */
#include "base/jw.h"
#include "base/mem.h"
#include "cli/cmd_tenant.h"
#include "privacy/audit.h"

#include <stdio.h>

#define VERIFY_LIMIT_MS (INT64_C(3600) * 1000)

static void print_row(const PgResult *r, int i, bool json)
{
    char at[25];
    clock_format(pg_get_i64(r, i, 1), at);
    if (!json) {
        printf("%6lld  %s  %-24.*s %-36.*s " STR_FMT "\n", (long long)pg_get_i64(r, i, 0), at,
               STR_ARG(pg_str(r, i, 3)), STR_ARG(pg_str(r, i, 4)), STR_ARG(pg_str(r, i, 2)));
        return;
    }
    CLEANUP(buf_done) Buf out = BUF(4 * AUDIT_DETAIL_MAX);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_i64(&w, "seq", pg_get_i64(r, i, 0));
    jw_kv_cstr(&w, "at", at);
    jw_kv_str(&w, "actor", pg_str(r, i, 2));
    jw_kv_str(&w, "action", pg_str(r, i, 3));
    jw_kv_str(&w, "object", pg_str(r, i, 4));
    jw_kv_raw(&w, "detail", pg_str(r, i, 5));
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static ErrKind run_list(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(audit_read(shards, tenant.id, cli_int(call, "before", INT64_MAX), (int)cli_int(call, "limit", 50),
                   deadline_in_ms(CMD_TENANT_LIMIT_MS), &r, reterr));
    for (int i = 0; i < pg_rows(r); i++)
        print_row(r, i, cli_flag(call, "json"));
    return ERR_NONE;
}

static ErrKind verify_one(PgShards *shards, const CoachTenant *t, Err *reterr)
{
    AuditVerdict v;
    TRY(audit_verify(shards, t->id, deadline_in_ms(VERIFY_LIMIT_MS), &v, reterr));
    if (v.bad_seq)
        return err_set(reterr, ERR_CORRUPT,
                       "tenant %s: the audit chain is broken at row %lld; the rows before it are whole",
                       t->slug, (long long)v.bad_seq);
    printf("%s: %lld rows, whole; head %s\n", t->slug, (long long)v.rows, v.rows ? v.head_hash : "none");
    return ERR_NONE;
}

static ErrKind run_verify(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    Deadline by = deadline_in_ms(CMD_TENANT_LIMIT_MS);
    TRY(pg_shards_new(call->conf, by, &shards, reterr));
    CLEANUP(mem_freep) CoachTenant *list = NULL;
    int n = 0;
    TRY(coach_tenants(shards, cli_text(call, "tenant", NULL), by, &list, &n, reterr));
    ErrKind first = ERR_NONE;
    for (int i = 0; i < n; i++) {
        Err err;
        ErrKind k = verify_one(shards, &list[i], &err);
        if (k && !first) {
            first = k;
            if (reterr)
                *reterr = err;
        } else if (k) {
            fprintf(stderr, "ehub: %s\n", err.msg);
        }
    }
    return first;
}

static const CliCmd AUDIT_LIST = {
    .name = "list",
    .help = "Show the newest rows of a tenant's audit record",
    .options =
        (const CliOption[]){
            {.name = "tenant",
             .kind = CLI_TEXT,
             .metavar = "SLUG",
             .help = "The tenant (default: the only one)"},
            {.name = "limit",
             .kind = CLI_INT,
             .metavar = "N",
             .help = "How many, default 50",
             .min = 1,
             .max = 100000},
            {.name = "before",
             .kind = CLI_INT,
             .metavar = "SEQ",
             .help = "Only rows before this one",
             .min = 1,
             .max = INT64_MAX},
            {.name = "json", .kind = CLI_FLAG, .help = "One JSON object a line"},
            {0},
        },
    .run = run_list,
};
static const CliCmd AUDIT_VERIFY = {
    .name = "verify",
    .help = "Compute every hash of the chain again; exit status 65 when a row does not fit",
    .details = "Rows cut off the end leave a shorter, whole chain: write the printed head down elsewhere and "
               "compare.",
    .options =
        (const CliOption[]){
            {.name = "tenant",
             .kind = CLI_TEXT,
             .metavar = "SLUG",
             .help = "The tenant (default: every one)"},
            {0},
        },
    .run = run_verify,
};
const CliCmd CMD_AUDIT = {
    .name = "audit",
    .help = "The record of who did what",
    .subs = (const CliCmd *const[]){&AUDIT_LIST, &AUDIT_VERIFY, NULL},
};
