/* cmd_coach_playbook.c - ehub coach playbook list|show|load: the interventions of a tenant. */
#include "base/file.h"
#include "cli/cli_guard.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_playbook.h"
#include "privacy/pii_audit.h"

#include <stdio.h>
#include <string.h>

#define BOOK_ARENA (8u << 20)
#define BOOK_FILE_MAX (1u << 20)

static ErrKind list_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                           void *arg, Err *reterr)
{
    (void)arg;
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CoachPlaybook book;
    TRY(coach_playbook_get(s, tenant->id, arena, by, &book, reterr));
    if (cli_flag(call, "json")) {
        CLEANUP(buf_done) Buf out = BUF(BOOK_ARENA);
        coach_playbook_json(&out, &book);
        TRY(buf_check(&out, reterr));
        puts(buf_cstr(&out));
        return ERR_NONE;
    }
    for (int i = 0; i < book.n; i++) {
        const CoachPlay *p = &book.plays[i];
        printf("%-22s %+.2f log-odds  %3d min agent  %3d min coach  %s%s\n", p->key, p->prior_effect,
               p->effort_agent_min, p->effort_coach_min, p->title, p->enabled ? "" : " (disabled)");
    }
    return ERR_NONE;
}

static void print_steps(const char *who, const char *const *steps, int n)
{
    printf("%s\n", who);
    for (int i = 0; i < n; i++)
        printf("  %d. %s\n", i + 1, steps[i]);
}

static ErrKind show_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                           void *arg, Err *reterr)
{
    (void)arg;
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CoachPlaybook book;
    TRY(coach_playbook_get(s, tenant->id, arena, by, &book, reterr));
    for (int i = 0; i < book.n; i++) {
        const CoachPlay *p = &book.plays[i];
        if (strcmp(p->key, call->args[0]) != 0)
            continue;
        printf("%s (%s)%s\n%s\n\nFits when\n", p->title, p->key, p->enabled ? "" : ", disabled", p->summary);
        for (int d = 0; d < p->n_drivers; d++)
            printf("  %s is %s\n", COACH_FEATURES[p->drivers[d].feature].label,
                   p->drivers[d].high ? "high" : "low");
        print_steps("Agent", p->agent_steps, p->n_agent_steps);
        print_steps("Coach", p->coach_steps, p->n_coach_steps);
        printf("Effort: agent %d min, coach %d min\n", p->effort_agent_min, p->effort_coach_min);
        printf(
            "Limits: when fewer than %d were sent in a week (lowest third: %d), not again within %d days\n",
            p->per_week, p->per_week_lowest_tier, p->cooldown_days);
        printf("Prior effect: %+.2f log-odds (%s)\n", p->prior_effect, p->prior_source);
        return ERR_NONE;
    }
    return err_set(reterr, ERR_NOT_FOUND, "no intervention \"%s\"", call->args[0]);
}

static void clean_texts(PiiGuard *g, const PiiWhere *where, Arena *arena, const char **texts, int n)
{
    for (int i = 0; i < n; i++) {
        CLEANUP(buf_done) Buf out = BUF(BOOK_FILE_MAX);
        if (pii_guard_text(g, where, PII_FOR_STORE, str_from(texts[i]), &out) > 0)
            texts[i] = arena_strndup(arena, out.ptr, out.len);
    }
}

/* The texts that people write, as PUT /v1/playbook cleans them. */
static ErrKind clean_book(const CoachPlaybook *book, const CoachTenant *tenant, Arena *arena, Err *reterr)
{
    PiiGuard *g;
    TRY(cli_guard(&g, reterr));
    const PiiWhere where = {.tenant = tenant->id, .slug = tenant->slug, .source = "coach playbook load"};
    for (int i = 0; i < book->n; i++) {
        CoachPlay *p = &book->plays[i];
        clean_texts(g, &where, arena, &p->title, 1);
        clean_texts(g, &where, arena, &p->summary, 1);
        clean_texts(g, &where, arena, p->agent_steps, p->n_agent_steps);
        clean_texts(g, &where, arena, p->coach_steps, p->n_coach_steps);
    }
    return arena_check(arena, reterr);
}

typedef struct BookFile {
    Str text;
    const char *name;
} BookFile;

/* Read again for each tenant: one tenant's own words are not another's. */
static ErrKind load_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                           void *arg, Err *reterr)
{
    const BookFile *file = arg;
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CoachPlaybook parsed;
    const CoachPlaybook *book = &parsed;
    TRY(coach_playbook_parse(arena, file->text, file->name, &parsed, reterr));
    TRY(clean_book(book, tenant, arena, reterr));
    if (!cli_flag(call, "dry-run")) {
        TRY(coach_playbook_seed(s, tenant->id, by, reterr));
        TRY(coach_playbook_store(s, tenant->id, book, by, reterr));
        PiiGuard *g;
        TRY(cli_guard(&g, reterr));
        TRY(pii_audit_flush(s, pii_guard_tally(g), by, reterr));
    }
    printf("%s: %d interventions %s\n", tenant->slug, book->n,
           cli_flag(call, "dry-run") ? "would be stored" : "stored");
    return ERR_NONE;
}

static ErrKind run_list(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, list_tenant, NULL, reterr);
}

static ErrKind run_show(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, show_tenant, NULL, reterr);
}

static ErrKind run_load(const CliCall *call, Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CLEANUP(buf_done) Buf text = BUF(BOOK_FILE_MAX);
    TRY(file_read(call->args[0], &text, reterr));
    CoachPlaybook checked; /* before anything is opened */
    TRY(coach_playbook_parse(arena, buf_str(&text), call->args[0], &checked, reterr));
    BookFile file = {buf_str(&text), call->args[0]};
    return cmd_coach_each(call, load_tenant, &file, reterr);
}

static const CliCmd LIST = {
    .name = "list",
    .help = "List the interventions of a tenant",
    .options =
        (const CliOption[]){CMD_COACH_TENANT_OPTIONS, {"json", CLI_FLAG, NULL, "Print JSON"}, {.name = NULL}},
    .run = run_list,
};
static const CliCmd SHOW = {
    .name = "show",
    .help = "Show one intervention",
    .args = "KEY",
    .min_args = 1,
    .max_args = 1,
    .options = (const CliOption[]){CMD_COACH_TENANT_OPTIONS, {.name = NULL}},
    .run = run_show,
};
static const CliCmd LOAD = {
    .name = "load",
    .help = "Add or replace interventions from a file like config/playbook/default.yaml",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .options = (const CliOption[]){CMD_COACH_TENANT_OPTIONS,
                                   {"dry-run", CLI_FLAG, NULL, "Check the file, store nothing"},
                                   {.name = NULL}},
    .run = run_load,
};

const CliCmd CMD_COACH_PLAYBOOK = {
    .name = "playbook",
    .help = "The interventions coaches work with",
    .subs = (const CliCmd *const[]){&LIST, &SHOW, &LOAD, NULL},
};
