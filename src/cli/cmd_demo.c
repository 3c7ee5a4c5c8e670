/* cmd_demo.c - ehub demo generate|parameters: a simulated brokerage to try everything on. */
#include "base/crypto.h"
#include "base/file.h"
#include "cli/cmd_tenant.h"
#include "demo/demo.h"

#include <stdio.h>

#define GENERATE_LIMIT_MS (INT64_C(2) * 3600 * 1000)
#define PASSWORD_BYTES 15

/* The demo users' password: from the file; a file that is absent is written with a new one. */
static ErrKind demo_password(const char *path, Buf *out, Err *reterr)
{
    if (path && file_exists(path)) {
        TRY(file_read(path, out, reterr));
        Str text = str_trim(buf_str(out));
        size_t before = (size_t)(text.ptr - out->ptr), len = text.len;
        buf_consume(out, before);
        out->len = len;
        return len ? ERR_NONE : err_set(reterr, ERR_INVALID, "%s: holds no password", path);
    }
    uint8_t secret[PASSWORD_BYTES];
    crypto_random(secret, sizeof(secret));
    crypto_base64url(out, secret, sizeof(secret));
    return path ? file_write(path, buf_str(out), 0600, reterr) : ERR_NONE;
}

static void show_progress(int done, int offices, int64_t rows, void *arg)
{
    (void)arg;
    cli_progress("simulated %d of %d offices, %lld rows", done, offices, (long long)rows);
}

static void print_report(const DemoConf *conf, const DemoReport *r)
{
    char first[11], until[11], email[160];
    clock_format_date(r->first, first);
    clock_format_date(conf->until, until);
    int64_t rows = demo_report_rows(r);
    printf("Simulated brokerage \"%s\" (tenant %s, seed %llu), %s to %s\n", conf->name, conf->slug,
           (unsigned long long)conf->seed, first, until);
    printf("  %lld agents in %d offices, %lld leads, %lld opportunities, %lld activities, %lld coaching "
           "sessions\n",
           (long long)r->agents, r->offices, (long long)r->leads, (long long)r->opportunities,
           (long long)r->activities, (long long)r->sessions);
    printf("  %lld rows in %.1f s (%.0f rows/s)\n", (long long)rows, r->seconds, (double)rows / r->seconds);
    printf("  closings: %lld; without the coaching they would be %lld (simulated)\n", (long long)r->won,
           (long long)r->won_without_coaching);
    printf("Log-ins (password of all: " STR_FMT ")\n", STR_ARG(conf->password));
    for (int i = 0; i < DEMO_USERS; i++) {
        demo_user_email(conf->slug, i, email, sizeof(email));
        printf("  %s\n", email);
    }
}

static ErrKind parse_conf(const CliCall *call, DemoConf *conf, Err *reterr)
{
    *conf = (DemoConf){.seed = (uint64_t)cli_int(call, "seed", 1),
                       .agents = (int)cli_int(call, "agents", 60),
                       .months = (int)cli_int(call, "months", 18),
                       .offices = (int)cli_int(call, "offices", 0),
                       .slug = cli_text(call, "tenant", "demo"),
                       .name = cli_text(call, "name", "Demo Realty"),
                       .until = (int32_t)(clock_now_us() / US_PER_DAY),
                       .replace = cli_flag(call, "replace"),
                       .rollout = cli_flag(call, "rollout")};
    const char *until = cli_text(call, "until", NULL);
    if (until && !clock_parse_date(str_from(until), &conf->until))
        return err_set(reterr, ERR_USAGE, "--until: \"%s\" is not a date (YYYY-MM-DD)", until);
    return ERR_NONE;
}

static ErrKind run_generate(const CliCall *call, Err *reterr)
{
    DemoConf conf;
    TRY(parse_conf(call, &conf, reterr));
    CLEANUP(buf_done) Buf password = BUF(4096);
    TRY(demo_password(cli_text(call, "password-file", NULL), &password, reterr));
    conf.password = buf_str(&password);
    conf.record = cmd_tenant_money_record;
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    Deadline by = deadline_in_ms(GENERATE_LIMIT_MS);
    TRY(pg_shards_new(call->conf, by, &shards, reterr));
    DemoReport report;
    ErrKind kind = demo_generate(shards, &conf, show_progress, NULL, by, &report, reterr);
    cli_progress_end();
    if (kind != ERR_NONE)
        return kind;
    CLEANUP(buf_done) Buf truth = BUF(1u << 20);
    demo_truth(&conf, &report, &truth);
    TRY(buf_check(&truth, reterr));
    const char *path = cli_text(call, "truth", NULL);
    if (path)
        TRY(file_write(path, buf_str(&truth), 0644, reterr));
    print_report(&conf, &report);
    return ERR_NONE;
}

static ErrKind run_parameters(const CliCall *call, Err *reterr)
{
    (void)call;
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    demo_params_docs(&out);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

static const CliCmd GENERATE = {
    .name = "generate",
    .help = "Fill a tenant with a simulated brokerage whose true coaching effect is known",
    .details = "The tenant is marked simulated, and so is every figure made from it. The same seed, tenant, "
               "sizes and\n"
               "--until give the same rows. Refuses a tenant that exists, unless --replace; a tenant with "
               "real data\n"
               "is never replaced. docs/simulator.md describes the model.",
    .options =
        (const CliOption[]){
            {"seed", CLI_INT, "N", "Seed of the simulation (default 1)", false, 0,
             INT64_C(9223372036854775807)},
            {"agents", CLI_INT, "N", "Agents (default 60)", false, 1, DEMO_AGENTS_MAX},
            {"months", CLI_INT, "N", "Months before --until (default 18)", false, 1, DEMO_MONTHS_MAX},
            {"offices", CLI_INT, "N", "Offices (default one for 20 agents, at least 3)", false, 1,
             DEMO_OFFICES_MAX},
            {"tenant", CLI_TEXT, "SLUG", "Short name of the tenant (default demo)"},
            {"name", CLI_TEXT, "NAME", "Name of the brokerage (default Demo Realty)"},
            {"until", CLI_DATE, "DATE", "Nothing is known at or after this midnight, UTC (default today)"},
            {"rollout", CLI_FLAG, NULL,
             "Coaching reaches the agents one after another, from two fifths of the months on, not all from "
             "the start"},
            {"replace", CLI_FLAG, NULL,
             "Delete the rows of a simulated tenant that exists, and make them anew"},
            {"password-file", CLI_TEXT, "FILE",
             "Password of the demo users; written when absent (default: a new one, printed)"},
            {"truth", CLI_TEXT, "FILE", "Write what is true in this simulation there, as JSON"},
            {.name = NULL},
        },
    .run = run_generate,
};
static const CliCmd PARAMETERS = {.name = "parameters",
                                  .help = "Print the parameters of the simulation (Markdown)",
                                  .run = run_parameters,
                                  .no_conf = true};

const CliCmd CMD_DEMO = {
    .name = "demo",
    .help = "Make a simulated brokerage to try the product on",
    .subs = (const CliCmd *const[]){&GENERATE, &PARAMETERS, NULL},
};
