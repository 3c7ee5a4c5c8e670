/* cmd_db.c - ehub db: the schema of the control database and the shards. */
#include "base/jw.h"
#include "cli/cli.h"
#include "pg/pg_conf.h"
#include "pg/pg_migrate.h"
#include "pg/pg_shard.h"

#include <stdio.h>
#include <string.h>

#define DB_MIGRATE_MS (10 * 60 * 1000)
#define DB_STATUS_MS 15000

static void seen(const char *dbname, const PgMigration *m, bool applied_now, void *arg)
{
    int *count = arg;
    (*count)++;
    printf("%s %s: %s/%04d_%s\n", applied_now ? "applied" : "pending", dbname, m->set, m->version, m->name);
}

static ErrKind run_migrate(const CliCall *call, Err *reterr)
{
    int count = 0;
    bool dry_run = cli_flag(call, "dry-run");
    TRY(pg_migrate_all(call->conf, dry_run, seen, &count, deadline_in_ms(DB_MIGRATE_MS), reterr));
    if (count == 0)
        printf("nothing to do: every database is at the program's version\n");
    return ERR_NONE;
}

static void note_pending(const char *dbname, const PgMigration *m, bool applied_now, void *arg)
{
    (void)applied_now;
    Buf *out = arg;
    buf_addf(out, "pending %s: %s/%04d_%s\n", dbname, m->set, m->version, m->name);
}

/* pending: lines of note_pending; empty when every database is at the program's version. */
static void print_json(Str pending, const int *slots)
{
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_bool(&w, "up_to_date", pending.len == 0);
    jw_key(&w, "pending");
    jw_arr(&w);
    for (Str line; str_next(&pending, '\n', &line);)
        if (line.len > 0)
            jw_str(&w, str_slice(line, strlen("pending "), line.len));
    jw_end(&w);
    jw_key(&w, "slots");
    jw_arr(&w);
    for (int i = 0; slots && i < PG_SHARDS; i++)
        jw_i64(&w, slots[i]);
    jw_end(&w);
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static void print_text(const int *slots)
{
    printf("ehub_control: up to date\n");
    for (int i = 0; i < PG_SHARDS; i++)
        printf("ehub_shard_%d: up to date, %d of %d slots\n", i, slots[i], PG_SLOTS);
}

static ErrKind run_status(const CliCall *call, Err *reterr)
{
    CLEANUP(buf_done) Buf pending = BUF(1u << 20);
    Deadline by = deadline_in_ms(DB_STATUS_MS);
    bool json = cli_flag(call, "json");
    TRY(pg_migrate_all(call->conf, true, note_pending, &pending, by, reterr));
    if (pending.len > 0) {
        if (json)
            print_json(buf_str(&pending), NULL);
        else
            printf("%s", buf_cstr(&pending));
        return err_set(reterr, ERR_UNAVAILABLE, "migrations are pending: run `ehub db migrate`");
    }
    CLEANUP(pg_shards_freep) PgShards *shards = NULL;
    TRY(pg_shards_new(call->conf, by, &shards, reterr));
    int slots[PG_SHARDS] = {0};
    for (int slot = 0; slot < PG_SLOTS; slot++)
        slots[pg_shard_of_slot(shards, (uint8_t)slot)]++;
    if (json)
        print_json(STR(""), slots);
    else
        print_text(slots);
    return ERR_NONE;
}

static const CliCmd DB_MIGRATE = {
    .name = "migrate",
    .help = "Apply the missing migrations to the control database and the four shards",
    .details = "Each migration is one transaction, run as pg.owner.user. Runs that meet wait for each other.",
    .options =
        (const CliOption[]){
            {.name = "dry-run", .kind = CLI_FLAG, .help = "List what would be applied, change nothing"},
            {0},
        },
    .run = run_migrate,
};

static const CliCmd DB_STATUS = {
    .name = "status",
    .help = "Show whether every database can be reached and is at the program's version",
    .options =
        (const CliOption[]){
            {.name = "json", .kind = CLI_FLAG, .help = "Print one JSON object"},
            {0},
        },
    .run = run_status,
};

const CliCmd CMD_DB = {
    .name = "db",
    .help = "The schema of the databases",
    .subs = (const CliCmd *const[]){&DB_MIGRATE, &DB_STATUS, NULL},
};
