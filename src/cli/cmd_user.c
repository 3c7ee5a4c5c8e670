/* cmd_user.c - ehub user add|list|disable|password, ehub token add|revoke. Passwords come from a file or standard input,
 * never from the command line, where others could read them. */
#include "api/api_session.h"
#include "base/file.h"
#include "base/jw.h"
#include "base/mem.h"
#include "base/pwhash.h"
#include "cli/cli_guard.h"
#include "cli/cmd_tenant.h"
#include "privacy/pii_audit.h"

#include <stdio.h>

static const PgStmt FIND = {"cmd_user_find",
                            "select id from app_user where tenant_id = $1::uuid and email = $2"};
static const PgStmt ADD = {
    "cmd_user_add",
    "insert into app_user (tenant_id, id, email, name, role, location_id, agent_id, password_hash) "
    "values ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid, $7::uuid, $8)"};
static const PgStmt LIST = {"cmd_user_list",
                            "select id, email, name, role, location_id, agent_id, disabled_at is not null "
                            "from app_user where tenant_id = $1::uuid order by email"};
static const PgStmt DISABLE = {"cmd_user_disable", "update app_user set disabled_at = coalesce(disabled_at, "
                                                   "now()) where tenant_id = $1::uuid and id = $2::uuid"};
static const PgStmt PASSWORD = {"cmd_user_password", "update app_user set password_hash = $3, disabled_at = "
                                                     "null where tenant_id = $1::uuid and id = $2::uuid"};
static const PgStmt END_SESSIONS = {"cmd_user_end_sessions",
                                    "delete from session where tenant_id = $1::uuid and user_id = $2::uuid"};
static const PgStmt ADD_TOKEN = {"cmd_token_add",
                                 "insert into api_token (tenant_id, id, token_hash, user_id, name, "
                                 "expires_at) values ($1::uuid, $2::uuid, "
                                 "decode($3, 'hex'), $4::uuid, $5, now() + $6::bigint * interval '1 day')"};
static const PgStmt REVOKE_TOKEN = {"cmd_token_revoke",
                                    "update api_token set revoked_at = now() where tenant_id = $1::uuid and "
                                    "id = $2::uuid and revoked_at is null"};

static Deadline soon(void)
{
    return deadline_in_ms(CMD_TENANT_LIMIT_MS);
}

static void lower(char *s)
{
    for (; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s + ('a' - 'A'));
}

ErrKind cmd_user_find(PgShards *shards, const CoachTenant *tenant, const char *email, Uuid *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(shards, tenant->id, &FIND, PG_PARAMS(pg_uuid(tenant->id), pg_cstr(email)), soon(),
                         &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "tenant %s has no user %s", tenant->slug, email);
    *ret = pg_get_uuid(r, 0, 0);
    return ERR_NONE;
}

/* The first line of the file ("-": standard input). */
static ErrKind read_password(const char *path, char hash[static PWHASH_TEXT], Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(4096);
    if (strcmp(path, "-") == 0) {
        char line[PWHASH_PASSWORD_MAX + 2];
        if (!fgets(line, sizeof(line), stdin))
            return err_set(reterr, ERR_INVALID, "no password on standard input");
        buf_add_c(&text, line);
    } else {
        TRY(file_read(path, &text, reterr));
    }
    Str rest = buf_str(&text), line;
    (void)str_next(&rest, '\n', &line);
    return pwhash_make(str_trim(line), hash, reterr);
}

static ErrKind optional_id(const CliCall *call, const char *option, Uuid *ret, Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    *ret = UUID_NIL;
    if (text && !uuid_parse(str_from(text), ret))
        return err_set(reterr, ERR_USAGE, "--%s: \"%s\" is not an id", option, text);
    return ERR_NONE;
}

static PgParam uuid_or_null(Uuid v)
{
    return uuid_is_nil(v) ? pg_null() : pg_uuid(v);
}

static ErrKind run_add(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    Uuid location, agent, id = uuid_v7();
    char hash[PWHASH_TEXT], email[256], text[UUID_TEXT];
    TRY(optional_id(call, "location", &location, reterr));
    TRY(optional_id(call, "agent", &agent, reterr));
    const char *role = cli_text(call, "role", "coach");
    ApiRole known;
    if (!api_role_parse(str_from(role), &known))
        return err_set(reterr, ERR_USAGE,
                       "--role: \"%s\" is not one of admin, manager, coach, agent, auditor", role);
    if (known == API_AGENT && uuid_is_nil(agent))
        return err_set(reterr, ERR_USAGE, "--agent is needed for the role agent");
    if (!str_copy(email, sizeof(email), str_from(call->args[0])))
        return err_set(reterr, ERR_USAGE, "the e-mail address is too long");
    lower(email);
    TRY(read_password(cli_text(call, "password-file", "-"), hash, reterr));
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    ErrKind k = pg_control_query(shards, tenant.id, &ADD,
                                 PG_PARAMS(pg_uuid(tenant.id), pg_uuid(id), pg_cstr(email),
                                           pg_cstr(cli_text(call, "name", email)), pg_cstr(role),
                                           uuid_or_null(location), uuid_or_null(agent), pg_cstr(hash)),
                                 soon(), NULL, reterr);
    if (k)
        return err_wrap(reterr, k, "add user %s", email);
    TRY(cmd_tenant_audit(shards, tenant.id, "user.add", id, reterr));
    uuid_format(id, text);
    printf("%s\n", text);
    return ERR_NONE;
}

static void print_users_json(const PgResult *r)
{
    CLEANUP(buf_done) Buf out = BUF(64u << 20);
    Jw w = jw(&out);
    static const char *const KEYS[] = {"id", "email", "name", "role", "location_id", "agent_id"};
    jw_arr(&w);
    for (int i = 0; i < pg_rows(r); i++) {
        jw_obj(&w);
        for (int col = 0; col < (int)ARRAY_LEN(KEYS); col++)
            jw_kv_str(&w, KEYS[col], pg_str(r, i, col));
        jw_kv_bool(&w, "disabled", pg_get_bool(r, i, 6));
        jw_end(&w);
    }
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static ErrKind run_list(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(shards, tenant.id, &LIST, PG_PARAMS(pg_uuid(tenant.id)), soon(), &r, reterr));
    if (cli_flag(call, "json")) {
        print_users_json(r);
        return ERR_NONE;
    }
    for (int i = 0; i < pg_rows(r); i++)
        printf(STR_FMT "  %-8.*s " STR_FMT " (" STR_FMT ")%s\n", STR_ARG(pg_str(r, i, 0)),
               STR_ARG(pg_str(r, i, 3)), STR_ARG(pg_str(r, i, 1)), STR_ARG(pg_str(r, i, 2)),
               pg_get_bool(r, i, 6) ? " disabled" : "");
    return ERR_NONE;
}

/* A change of a user ends the user's sessions; servers notice within api.session.cache. */
static ErrKind change(PgShards *shards, Uuid tenant, Uuid user, const PgStmt *stmt, const char *hash,
                      const char *action, Err *reterr)
{
    PgParam t = pg_uuid(tenant), u = pg_uuid(user);
    if (hash)
        TRY(pg_control_query(shards, tenant, stmt, PG_PARAMS(t, u, pg_cstr(hash)), soon(), NULL, reterr));
    else
        TRY(pg_control_query(shards, tenant, stmt, PG_PARAMS(t, u), soon(), NULL, reterr));
    TRY(pg_control_query(shards, tenant, &END_SESSIONS, PG_PARAMS(t, u), soon(), NULL, reterr));
    return cmd_tenant_audit(shards, tenant, action, user, reterr);
}

static ErrKind run_disable(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    Uuid user;
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    TRY(cmd_user_find(shards, &tenant, call->args[0], &user, reterr));
    return change(shards, tenant.id, user, &DISABLE, NULL, "user.disable", reterr);
}

static ErrKind run_password(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    Uuid user;
    char hash[PWHASH_TEXT];
    TRY(read_password(cli_text(call, "password-file", "-"), hash, reterr));
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    TRY(cmd_user_find(shards, &tenant, call->args[0], &user, reterr));
    return change(shards, tenant.id, user, &PASSWORD, hash, "user.password", reterr);
}

static ErrKind run_token_add(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    Uuid user, id = uuid_v7();
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    TRY(cmd_user_find(shards, &tenant, call->args[0], &user, reterr));
    char value[API_SECRET_TEXT], hex[65], text[UUID_TEXT];
    Sha256 hash;
    api_secret_make(tenant.id, value, &hash);
    crypto_hex(hash.b, sizeof(hash.b), hex);
    int64_t days = cli_int(call, "expires-in-days", 0);
    PiiGuard *guard;
    CLEANUP(buf_done) Buf name = BUF(4096);
    const PiiWhere where = {.tenant = tenant.id, .slug = tenant.slug, .source = "token add"};
    TRY(cli_guard(&guard, reterr));
    (void)pii_guard_text(guard, &where, PII_FOR_STORE, str_from(cli_text(call, "name", "command line")),
                         &name);
    TRY(buf_check(&name, reterr));
    TRY(pg_control_query(shards, tenant.id, &ADD_TOKEN,
                         PG_PARAMS(pg_uuid(tenant.id), pg_uuid(id), pg_cstr(hex), pg_uuid(user),
                                   pg_cstr(buf_cstr(&name)), days > 0 ? pg_i64(days) : pg_null()),
                         soon(), NULL, reterr));
    TRY(cmd_tenant_audit(shards, tenant.id, "token.add", id, reterr));
    TRY(pii_audit_flush(shards, pii_guard_tally(guard), soon(), reterr));
    uuid_format(id, text);
    fprintf(stderr, "token %s; it is shown this once\n", text);
    printf("%s%s\n", API_TOKEN_PREFIX, value);
    return ERR_NONE;
}

static ErrKind run_token_revoke(const CliCall *call, Err *reterr)
{
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    CoachTenant tenant;
    Uuid id;
    if (!uuid_parse(str_from(call->args[0]), &id))
        return err_set(reterr, ERR_USAGE, "\"%s\" is not an id", call->args[0]);
    TRY(cmd_tenant_open(call, &shards, &tenant, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(shards, tenant.id, &REVOKE_TOKEN, PG_PARAMS(pg_uuid(tenant.id), pg_uuid(id)), soon(),
                         &r, reterr));
    if (pg_affected(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "tenant %s has no such token", tenant.slug);
    return cmd_tenant_audit(shards, tenant.id, "token.revoke", id, reterr);
}

#define TENANT_OPTION                                                                                       \
    {                                                                                                       \
        .name = "tenant", .kind = CLI_TEXT, .metavar = "SLUG", .help = "The tenant (default: the only one)" \
    }
#define PASSWORD_OPTION                                                    \
    {                                                                      \
        .name = "password-file", .kind = CLI_TEXT, .metavar = "FILE",      \
        .help = "Its first line is the password (default: standard input)" \
    }

static const CliCmd USER_ADD = {
    .name = "add",
    .help = "Add a user and print the id",
    .args = "EMAIL",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const CliOption[]){
            TENANT_OPTION,
            PASSWORD_OPTION,
            {.name = "name",
             .kind = CLI_TEXT,
             .metavar = "NAME",
             .help = "Name that others see (default: the address)"},
            {.name = "role",
             .kind = CLI_TEXT,
             .metavar = "ROLE",
             .help = "admin, manager, coach (default), agent or auditor"},
            {.name = "location",
             .kind = CLI_TEXT,
             .metavar = "ID",
             .help = "Sees only this office (default: the whole tenant)"},
            {.name = "agent", .kind = CLI_TEXT, .metavar = "ID", .help = "Role agent: whose own page"},
            {0},
        },
    .run = run_add,
};
static const CliCmd USER_LIST = {
    .name = "list",
    .help = "List the users of a tenant",
    .options = (const CliOption[]){TENANT_OPTION,
                                   {.name = "json", .kind = CLI_FLAG, .help = "JSON instead of a table"},
                                   {0}},
    .run = run_list,
};
static const CliCmd USER_DISABLE = {
    .name = "disable",
    .help = "Disable a user and end the sessions",
    .args = "EMAIL",
    .min_args = 1,
    .max_args = 1,
    .options = (const CliOption[]){TENANT_OPTION, {0}},
    .run = run_disable,
};
static const CliCmd USER_PASSWORD = {
    .name = "password",
    .help = "Set a user's password, enable the user and end the sessions",
    .args = "EMAIL",
    .min_args = 1,
    .max_args = 1,
    .options = (const CliOption[]){TENANT_OPTION, PASSWORD_OPTION, {0}},
    .run = run_password,
};
const CliCmd CMD_USER = {
    .name = "user",
    .help = "Who may log in",
    .subs = (const CliCmd *const[]){&USER_ADD, &USER_LIST, &USER_DISABLE, &USER_PASSWORD, NULL},
};

static const CliCmd TOKEN_ADD = {
    .name = "add",
    .help = "Make a token for a program that acts as this user, and print it",
    .args = "EMAIL",
    .min_args = 1,
    .max_args = 1,
    .options =
        (const CliOption[]){
            TENANT_OPTION,
            {.name = "name", .kind = CLI_TEXT, .metavar = "NAME", .help = "What it is for"},
            {.name = "expires-in-days",
             .kind = CLI_INT,
             .metavar = "N",
             .help = "Default: never",
             .min = 1,
             .max = 3650},
            {0},
        },
    .run = run_token_add,
};
static const CliCmd TOKEN_REVOKE = {
    .name = "revoke",
    .help = "Revoke a token",
    .args = "ID",
    .min_args = 1,
    .max_args = 1,
    .options = (const CliOption[]){TENANT_OPTION, {0}},
    .run = run_token_revoke,
};
const CliCmd CMD_TOKEN = {
    .name = "token",
    .help = "Tokens of programs",
    .subs = (const CliCmd *const[]){&TOKEN_ADD, &TOKEN_REVOKE, NULL},
};
