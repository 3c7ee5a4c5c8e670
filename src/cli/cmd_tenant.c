/* cmd_tenant.c - ehub tenant add|list. ehub tenant money: cmd_tenant_money.c. */
#include "cli/cmd_tenant.h"

#include "base/jw.h"
#include "base/mem.h"
#include "privacy/audit.h"

#include <stdio.h>

static const PgStmt ADD = {"cmd_tenant_add",
                           "insert into tenant (id, slug, name, simulated, currency, timezone) "
                           "values ($1::uuid, $2, $3, $4::boolean, $5, $6)"};

ErrKind cmd_tenant_audit(PgShards *shards, Uuid tenant, const char *action, Uuid object, Err *reterr)
{
    char id[UUID_TEXT];
    uuid_format(object, id);
    AuditEntry e = {.actor = "ehub", .action = action, .object = id};
    return audit_append(shards, tenant, &e, deadline_in_ms(CMD_TENANT_LIMIT_MS), reterr);
}

static ErrKind pick(PgShards *shards, const char *slug, CoachTenant *ret, Err *reterr)
{
    CoachTenant *list = NULL;
    int n = 0;
    TRY(coach_tenants(shards, slug, deadline_in_ms(CMD_TENANT_LIMIT_MS), &list, &n, reterr));
    if (n == 1)
        *ret = list[0];
    mem_free(list);
    return n == 1 ? ERR_NONE
                  : err_set(reterr, ERR_USAGE,
                            n == 0 ? "there is no tenant yet: `ehub tenant add`"
                                   : "there are %d tenants: say which with --tenant SLUG",
                            n);
}

ErrKind cmd_tenant_open(const CliCall *call, PgShards **ret_shards, CoachTenant *ret_tenant, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    TRY(pg_shards_new(call->conf, deadline_in_ms(CMD_TENANT_LIMIT_MS), &shards, reterr));
    TRY(pick(shards, cli_text(call, "tenant", NULL), ret_tenant, reterr));
    *ret_shards = shards;
    shards = NULL;
    return ERR_NONE;
}

static ErrKind run_add(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    Deadline by = deadline_in_ms(CMD_TENANT_LIMIT_MS);
    TRY(pg_shards_new(call->conf, by, &shards, reterr));
    Uuid id = uuid_v7();
    ErrKind k = pg_control_query(
        shards, id, &ADD,
        PG_PARAMS(pg_uuid(id), pg_cstr(call->args[0]), pg_cstr(cli_text(call, "name", NULL)),
                  pg_bool(cli_flag(call, "simulated")), pg_cstr(cli_text(call, "currency", "USD")),
                  pg_cstr(cli_text(call, "timezone", "America/Los_Angeles"))),
        by, NULL, reterr);
    if (k)
        return err_wrap(reterr, k, "add tenant %s", call->args[0]);
    TRY(cmd_tenant_audit(shards, id, "tenant.add", id, reterr));
    char text[UUID_TEXT];
    uuid_format(id, text);
    printf("%s\n", text);
    return ERR_NONE;
}

static void print_json(const CoachTenant *list, int n)
{
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    Jw w = jw(&out);
    jw_arr(&w);
    for (int i = 0; i < n; i++) {
        jw_obj(&w);
        jw_kv_uuid(&w, "id", list[i].id);
        jw_kv_cstr(&w, "slug", list[i].slug);
        jw_kv_cstr(&w, "name", list[i].name);
        jw_kv_bool(&w, "simulated", list[i].simulated);
        jw_end(&w);
    }
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static ErrKind run_list(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    Deadline by = deadline_in_ms(CMD_TENANT_LIMIT_MS);
    TRY(pg_shards_new(call->conf, by, &shards, reterr));
    CLEANUP(mem_freep) CoachTenant *list = NULL;
    int n = 0;
    TRY(coach_tenants(shards, NULL, by, &list, &n, reterr));
    if (cli_flag(call, "json")) {
        print_json(list, n);
        return ERR_NONE;
    }
    for (int i = 0; i < n; i++) {
        char id[UUID_TEXT];
        uuid_format(list[i].id, id);
        printf("%s  %-24s %s%s\n", id, list[i].slug, list[i].name, list[i].simulated ? " (simulated)" : "");
    }
    return ERR_NONE;
}

static const CliCmd TENANT_ADD = {
    .name = "add",
    .help = "Add a tenant (a brokerage) and print its id",
    .args = "SLUG",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const CliOption[]){
            {.name = "name",
             .kind = CLI_TEXT,
             .metavar = "NAME",
             .help = "The brokerage's name",
             .required = true},
            {.name = "currency", .kind = CLI_TEXT, .metavar = "CODE", .help = "ISO 4217, default USD"},
            {.name = "timezone",
             .kind = CLI_TEXT,
             .metavar = "ZONE",
             .help = "IANA name, default America/Los_Angeles"},
            {.name = "simulated",
             .kind = CLI_FLAG,
             .help = "Its data are made up: every figure is labelled so"},
            {0},
        },
    .run = run_add,
};

static const CliCmd TENANT_LIST = {
    .name = "list",
    .help = "List the tenants",
    .options =
        (const CliOption[]){{.name = "json", .kind = CLI_FLAG, .help = "JSON instead of a table"}, {0}},
    .run = run_list,
};

const CliCmd CMD_TENANT = {
    .name = "tenant",
    .help = "The brokerages",
    .subs = (const CliCmd *const[]){&TENANT_ADD, &TENANT_LIST, &CMD_TENANT_MONEY, NULL},
};
