/* cmd_import.c - ehub import: a CRM's CSV export becomes opportunities or activities. */
#include "base/clock.h"
#include "base/jw.h"
#include "cli/cli.h"
#include "cli/cli_guard.h"
#include "crm/crm_import.h"
#include "privacy/pii_audit.h"
#include "rt/rt_signal.h"

#include <stdio.h>

#define CONNECT_MS 15000
#define JSON_MAX (256u << 10)
#define QUIET_US US_PER_S /* a short import needs no bar */

static void progress(const char *phase, int64_t bytes, int64_t total, int64_t rows)
{
    static int64_t first_us;
    if (!first_us)
        first_us = clock_mono_us();
    if (clock_mono_us() - first_us < QUIET_US)
        return;
    int percent = total > 0 ? (int)(bytes * 100 / total) : 100;
    char bar[21];
    for (int i = 0; i < 20; i++)
        bar[i] = i < percent / 5 ? '#' : '.';
    bar[20] = 0;
    cli_progress("%s [%s] %3d %%  %lld rows", phase, bar, percent, (long long)rows);
}

static double rows_per_s(const CrmImportReport *r)
{
    return r->load_s > 0 ? (double)r->load_rows / r->load_s : 0;
}

static void print_text(const CrmImportConf *c, const CrmImportReport *r)
{
    const CrmCounts *n = &r->counts;
    printf("%s %s with mapping %s for tenant %s (%s)%s\n", c->dry_run ? "checked" : "imported", c->file,
           r->mapping, r->tenant.slug, r->tenant.name,
           r->tenant.made ? c->dry_run ? ", which would be made" : ", which was made" : "");
    if (r->resumed_line)
        printf("went on at line %lld, where an earlier import stopped\n", (long long)r->resumed_line);
    printf("people   %d agents in %d offices; new: %lld agents, %lld offices; changed: %lld agents\n",
           r->agents, r->offices, (long long)r->people.agents_new, (long long)r->people.offices_new,
           (long long)r->people.agents_changed);
    if (c->dry_run)
        printf("rows     %lld read: %lld good, %lld rejected (dry run: nothing was written)\n",
               (long long)r->rows, (long long)n->fresh, (long long)n->rejected);
    else
        printf("rows     %lld read: %lld new, %lld changed, %lld same, %lld rejected\n", (long long)r->rows,
               (long long)n->fresh, (long long)n->changed, (long long)n->same, (long long)n->rejected);
    for (int i = 1; i < CRM_REASON_COUNT; i++)
        if (n->reasons[i])
            printf("         %8lld %s\n", (long long)n->reasons[i], crm_reason_words((CrmReason)i));
    if (r->moved)
        printf("moved    %lld to another office with their agent\n", (long long)r->moved);
    if (n->rejected)
        printf("rejects  %s\n", r->rejects);
    printf("speed    %.0f rows/s (checked in %.2f s, %s in %.2f s)\n", rows_per_s(r), r->check_s,
           c->dry_run ? "read" : "loaded", r->load_s);
}

static void print_json(const CrmImportConf *c, const CrmImportReport *r)
{
    CLEANUP(buf_done) Buf out = BUF(JSON_MAX);
    CLEANUP(buf_done) Buf reasons = BUF(JSON_MAX);
    Jw w = jw(&out);
    crm_counts_json(&r->counts, &reasons);
    jw_obj(&w);
    jw_kv_cstr(&w, "file", c->file);
    jw_kv_cstr(&w, "kind", crm_kind_name(c->kind));
    jw_kv_bool(&w, "dry_run", c->dry_run);
    jw_kv_cstr(&w, "mapping", r->mapping);
    jw_kv_cstr(&w, "tenant", r->tenant.slug);
    jw_kv_uuid(&w, "tenant_id", r->tenant.id);
    jw_kv_bool(&w, "tenant_made", r->tenant.made);
    jw_kv_i64(&w, "agents", r->agents);
    jw_kv_i64(&w, "agents_new", r->people.agents_new);
    jw_kv_i64(&w, "agents_changed", r->people.agents_changed);
    jw_kv_i64(&w, "offices", r->offices);
    jw_kv_i64(&w, "offices_new", r->people.offices_new);
    jw_kv_i64(&w, "team_rows_rejected", r->team_rejected);
    jw_kv_i64(&w, "resumed_line", r->resumed_line);
    jw_kv_i64(&w, "rows", r->rows);
    jw_kv_i64(&w, c->dry_run ? "good" : "new", r->counts.fresh);
    jw_kv_i64(&w, "changed", r->counts.changed);
    jw_kv_i64(&w, "same", r->counts.same);
    jw_kv_i64(&w, "rejected", r->counts.rejected);
    jw_kv_i64(&w, "moved", r->moved);
    jw_kv_raw(&w, "reasons", buf_str(&reasons));
    jw_kv_cstr(&w, "rejects", r->counts.rejected ? r->rejects : NULL);
    jw_kv_f64(&w, "check_s", r->check_s);
    jw_kv_f64(&w, "load_s", r->load_s);
    jw_kv_f64(&w, "rows_per_s", rows_per_s(r));
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static ErrKind run_import(const CliCall *call, CrmKind kind, Err *reterr)
{
    CrmImportConf c = {
        .kind = kind,
        .file = call->args[0],
        .teams = cli_text(call, "teams", NULL),
        .mapping = cli_text(call, "mapping", NULL),
        .rejects = cli_text(call, "rejects", NULL),
        .tenant = cli_text(call, "tenant", NULL),
        .dry_run = cli_flag(call, "dry-run"),
        .reject_limit = call->conf->import_reject_limit,
        .stop = rt_signal_stop_requested,
        .progress = progress,
    };
    CrmImportReport report;
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    TRY(cli_guard(&c.guard, reterr));
    TRY(rt_signal_init(reterr));
    TRY(pg_shards_new(call->conf, deadline_in_ms(CONNECT_MS), &shards, reterr));
    ErrKind result = crm_import_run(shards, &c, &report, reterr);
    Err audit_err;
    if (pii_audit_flush(shards, pii_guard_tally(c.guard), deadline_in_ms(CONNECT_MS), &audit_err))
        fprintf(stderr, "ehub import: %s\n", audit_err.msg);
    cli_progress_end();
    fprintf(stderr, STR_FMT, STR_ARG(buf_str(&report.notes)));
    if (result == ERR_NONE && cli_flag(call, "json"))
        print_json(&c, &report);
    else if (result == ERR_NONE)
        print_text(&c, &report);
    crm_import_report_done(&report);
    return result;
}

static ErrKind run_opportunities(const CliCall *call, Err *reterr)
{
    return run_import(call, CRM_OPPORTUNITIES, reterr);
}

static ErrKind run_activities(const CliCall *call, Err *reterr)
{
    return run_import(call, CRM_ACTIVITIES, reterr);
}

static const CliOption OPTIONS[] = {
    {.name = "tenant",
     .kind = CLI_TEXT,
     .metavar = "NAME",
     .help = "Tenant's slug or name; made when there is none",
     .required = true},
    {.name = "teams", .kind = CLI_TEXT, .metavar = "FILE", .help = "CSV of agents with their offices"},
    {.name = "mapping",
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .help = "YAML file, or the name of a compiled-in mapping; without it the one that fits the header"},
    {.name = "rejects",
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .help = "Where rows go that cannot be loaded (default FILE.rejects.csv)"},
    {.name = "dry-run",
     .kind = CLI_FLAG,
     .help = "Check every row and write the rejects file, change nothing"},
    {.name = "json", .kind = CLI_FLAG, .help = "Print the summary as JSON"},
    {0},
};

#define DETAILS                                                                                         \
    "Bad rows go to the rejects file with line and reason; the rest is loaded. Importing a file twice " \
    "changes nothing. "                                                                                 \
    "After an interruption the same command goes on at the last checkpoint.\n"                          \
    "Compiled-in mappings: maven-crm-sales, ehub-opportunities, ehub-activities, "                      \
    "gohighlevel-opportunities, "                                                                       \
    "gohighlevel-activities. How to write one: docs/how-to/import.md."

static const CliCmd IMPORT_OPPORTUNITIES = {
    .name = "opportunities",
    .help = "Import opportunities from a CRM's CSV export",
    .details = DETAILS,
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .options = OPTIONS,
    .run = run_opportunities,
};

static const CliCmd IMPORT_ACTIVITIES = {
    .name = "activities",
    .help = "Import calls, messages, appointments and other activities from a CSV export",
    .details = DETAILS,
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .options = OPTIONS,
    .run = run_activities,
};

const CliCmd CMD_IMPORT = {
    .name = "import",
    .help = "Load a CRM's exports",
    .subs = (const CliCmd *const[]){&IMPORT_OPPORTUNITIES, &IMPORT_ACTIVITIES, NULL},
};
