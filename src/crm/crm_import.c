#include "crm/crm_import.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/mem.h"
#include "crm/crm_dup.h"
#include "crm/crm_load.h"
#include "crm/crm_move.h"
#include "crm/crm_reject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX (64u << 10)
#define ASK_EVERY 4096
#define BATCH_MS (10 * 60 * 1000)
#define SETUP_MS (2 * 60 * 1000)
#define HASH_CHUNK (1u << 20)

typedef struct Import {
    PgShards *shards;
    const CrmImportConf *conf;
    CrmImportReport *report;
    struct stat before; /* the file as it was */
    Sha256 file_sha, setup_sha;
    CrmMapping *mapping;
    CrmCsv *csv;
    CrmPeople *people;
    CrmDup *dup;
    CrmRowReader reader;
    CrmClean *clean;                /* NULL: no guard */
    int64_t data_offset, data_line; /* behind the header */
    CrmJob job;
    CrmReject *reject;
    CrmLoad *load; /* NULL: dry run */
    int64_t batch_rows;
} Import;

/* ---- the file --------------------------------------------------------------------------------------------------- */

static ErrKind hash_file(const char *path, Sha256 *ret, Err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "open %s", path);
    CryptoHash *h = crypto_hash_new();
    char *chunk = mem_array(HASH_CHUNK, 1);
    ssize_t n;
    while ((n = read(fd, chunk, HASH_CHUNK)) > 0)
        crypto_hash_add(h, (Str){chunk, (size_t)n});
    int failed = n < 0 ? errno : 0;
    *ret = crypto_hash_end(h);
    mem_free(chunk);
    close(fd);
    return failed ? err_set_errno(reterr, ERR_IO, failed, "read %s", path) : ERR_NONE;
}

static ErrKind check_unchanged(const Import *im, Err *reterr)
{
    struct stat now;
    if (stat(im->conf->file, &now) == 0 && now.st_size == im->before.st_size &&
        now.st_ino == im->before.st_ino && now.st_mtim.tv_sec == im->before.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == im->before.st_mtim.tv_nsec)
        return ERR_NONE;
    return err_set(reterr, ERR_CONFLICT, "%s was changed while it was imported: import it again",
                   im->conf->file);
}

static bool same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* Never write over something that is not a rejects file. */
static ErrKind check_rejects_path(Import *im, Err *reterr)
{
    static const Str HEADER = STR("line,reason,row\n");
    const CrmImportConf *c = im->conf;
    char *path = im->report->rejects, head[16] = {0};
    int n = c->rejects ? snprintf(path, sizeof im->report->rejects, "%s", c->rejects)
                       : snprintf(path, sizeof im->report->rejects, "%s.rejects.csv", c->file);
    if (n < 0 || (size_t)n >= sizeof im->report->rejects)
        return err_set(reterr, ERR_LIMIT, "the path of the rejects file is too long");
    if (same_file(path, c->file) || (c->teams && same_file(path, c->teams)))
        return err_set(reterr, ERR_USAGE, "the rejects file %s is one of the files to read", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ERR_NONE;
    ssize_t got = read(fd, head, HEADER.len);
    close(fd);
    if (got == 0 || (got > 0 && memcmp(head, HEADER.ptr, (size_t)got) == 0))
        return ERR_NONE;
    return err_set(reterr, ERR_CONFLICT, "%s exists and is no rejects file: name another with --rejects",
                   path);
}

static ErrKind open_export(Import *im, Err *reterr)
{
    const CrmImportConf *c = im->conf;
    const CrmCsvRecord *header = NULL;
    if (c->mapping) {
        TRY(crm_mapping_load(c->mapping, &im->mapping, reterr));
        if (im->mapping->kind != c->kind)
            return err_set(reterr, ERR_INVALID, "mapping %s is for %s, not for %s", c->mapping,
                           crm_kind_name(im->mapping->kind), crm_kind_name(c->kind));
    }
    TRY(crm_csv_open(c->file, im->mapping ? im->mapping->encoding : CRM_ENCODING_AUTO,
                     im->mapping ? im->mapping->delimiter : 0, &im->csv, reterr));
    TRY(crm_csv_next(im->csv, &header, reterr));
    if (!header)
        return err_set(reterr, ERR_INVALID, "%s is empty: it needs a header", c->file);
    ErrKind kind = im->mapping ? ERR_NONE : crm_mapping_choose(c->kind, header, &im->mapping, reterr);
    if (kind == ERR_NONE)
        kind = crm_mapping_bind(im->mapping, header, &im->reader.binding, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "%s", c->file);
    im->data_offset = header->offset;
    im->data_line = header->next_line;
    (void)snprintf(im->report->mapping, sizeof im->report->mapping, "%s", im->mapping->name);
    return ERR_NONE;
}

static ErrKind hash_setup(Import *im, Err *reterr)
{
    Sha256 teams = {0};
    TRY(hash_file(im->conf->file, &im->file_sha, reterr));
    if (im->conf->teams)
        TRY(hash_file(im->conf->teams, &teams, reterr));
    CryptoHash *h = crypto_hash_new();
    crypto_hash_add(h, (Str){(const char *)im->mapping->sha256.b, sizeof im->mapping->sha256.b});
    crypto_hash_add(h, (Str){(const char *)teams.b, sizeof teams.b});
    im->setup_sha = crypto_hash_end(h);
    return ERR_NONE;
}

/* ---- who -------------------------------------------------------------------------------------------------------- */

static const PgStmt ZONE = {"crm_import_zone", "select 1 from pg_timezone_names where name = $1"};

static ErrKind check_zone(Import *im, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    if (strcmp(im->mapping->timezone, "UTC") == 0)
        return ERR_NONE;
    TRY(pg_control_query(im->shards, UUID_NIL, &ZONE, PG_PARAMS(pg_cstr(im->mapping->timezone)), by, &r,
                         reterr));
    return pg_rows(r) ? ERR_NONE
                      : err_set(reterr, ERR_INVALID, "mapping %s: there is no time zone \"%s\"",
                                im->mapping->name, im->mapping->timezone);
}

static ErrKind find_people(Import *im, Deadline by, Err *reterr)
{
    CrmImportReport *rep = im->report;
    TRY(crm_tenant_find_or_make(im->shards, str_from(im->conf->tenant), im->conf->dry_run, by, &rep->tenant,
                                reterr));
    im->people = crm_people_new(rep->tenant.id);
    TRY(crm_people_load(im->people, im->shards, by, reterr));
    if (im->conf->teams) {
        CrmTeamReport team = {.notes = &rep->notes};
        TRY(crm_people_read_teams(im->people, im->conf->teams, im->mapping, &team, reterr));
        rep->team_rejected = team.rejected;
    }
    im->reader.mapping = im->mapping;
    im->reader.people = im->people;
    im->reader.tenant = rep->tenant.id;
    if (im->conf->guard)
        im->clean = crm_clean_new(im->conf->guard, &(PiiWhere){.tenant = rep->tenant.id,
                                                               .slug = rep->tenant.slug,
                                                               .source = im->conf->kind == CRM_OPPORTUNITIES
                                                                             ? "import opportunities"
                                                                             : "import activities"});
    im->reader.clean = im->clean;
    return ERR_NONE;
}

/* ---- the passes ------------------------------------------------------------------------------------------------- */

typedef ErrKind EachRecord(Import *im, const CrmCsvRecord *rec, Err *reterr);

static ErrKind each_record(Import *im, const char *phase, int64_t *rows, EachRecord *fn, Err *reterr)
{
    const CrmCsvRecord *rec = NULL;
    for (;;) {
        TRY(crm_csv_next(im->csv, &rec, reterr));
        if (!rec)
            return ERR_NONE;
        TRY(fn(im, rec, reterr));
        if (++*rows % ASK_EVERY)
            continue;
        if (im->conf->stop && im->conf->stop())
            return err_set(reterr, ERR_CANCELLED,
                           "stopped near line %lld; the same command goes on at the last checkpoint",
                           (long long)rec->line);
        if (im->conf->progress)
            im->conf->progress(phase, crm_csv_bytes_read(im->csv), crm_csv_size(im->csv), *rows);
    }
}

/* The id without its slot: the same record under two offices is the same record. */
static Uuid bare_id(const CrmRow *row)
{
    Uuid id = row->id;
    id.b[15] = 0;
    return id;
}

static ErrKind see_record(Import *im, const CrmCsvRecord *rec, Err *reterr)
{
    char why[CRM_WHY_MAX];
    CrmRow row;
    if (crm_row_read(&im->reader, rec, &row, why) != CRM_REASON_NONE)
        return ERR_NONE;
    return crm_dup_see(im->dup, bare_id(&row), reterr);
}

static ErrKind note_record(Import *im, const CrmCsvRecord *rec, Err *reterr)
{
    char why[CRM_WHY_MAX];
    CrmRow row;
    (void)reterr;
    if (crm_row_read(&im->reader, rec, &row, why) == CRM_REASON_NONE)
        crm_dup_note(im->dup, bare_id(&row), rec->line);
    return ERR_NONE;
}

/* Pass 1: agents and offices that stand in the export only are found, and the ids that it repeats. */
static ErrKind check_file(Import *im, Err *reterr)
{
    int64_t started = clock_mono_us(), again = 0;
    im->dup = crm_dup_new(crm_csv_size(im->csv));
    im->reader.may_add_agents = true;
    TRY(each_record(im, "check", &im->report->rows, see_record, reterr));
    im->reader.may_add_agents = false;
    if (crm_dup_any(im->dup)) {
        TRY(crm_csv_seek(im->csv, im->data_offset, im->data_line, reterr));
        TRY(each_record(im, "check", &again, note_record, reterr));
    }
    im->report->check_s = (double)(clock_mono_us() - started) / 1e6;
    return ERR_NONE;
}

static ErrKind reject(Import *im, const CrmCsvRecord *rec, CrmReason reason, const char *why, Err *reterr)
{
    crm_clean_of(im->clean, UUID_NIL); /* whose row it is may be what is wrong */
    im->job.counts.rejected++;
    im->job.counts.reasons[reason]++;
    return crm_reject_add(im->reject, rec->line, why, crm_clean_row(im->clean, rec->raw), reterr);
}

/* Shards first, then the rejects file, then the checkpoint: whatever breaks in between is done again without harm. */
static ErrKind commit_batch(Import *im, Err *reterr)
{
    Deadline by = deadline_in_ms(BATCH_MS);
    int64_t fresh = im->batch_rows, changed = 0;
    TRY(check_unchanged(im, reterr));
    if (im->load)
        TRY(crm_load_commit(im->load, by, &fresh, &changed, reterr));
    if (fault_hit("import.after_shard_commit"))
        return err_set(reterr, ERR_UNAVAILABLE, "fault import.after_shard_commit");
    im->job.counts.fresh += fresh;
    im->job.counts.changed += changed;
    im->job.counts.same += im->batch_rows - fresh - changed;
    im->batch_rows = 0;
    TRY(crm_reject_sync(im->reject, &im->job.rejects_bytes, reterr));
    return im->load ? crm_job_checkpoint(&im->job, by, reterr) : ERR_NONE;
}

static ErrKind load_record(Import *im, const CrmCsvRecord *rec, Err *reterr)
{
    char why[CRM_WHY_MAX];
    CrmRow row;
    CrmReason reason = crm_row_read(&im->reader, rec, &row, why);
    if (reason == CRM_REASON_NONE) {
        int64_t first = crm_dup_line(im->dup, bare_id(&row));
        if (first && first != rec->line) {
            reason = CRM_REASON_DUPLICATE;
            (void)snprintf(why, sizeof why, "duplicate of line %lld", (long long)first);
        }
    }
    if (reason != CRM_REASON_NONE)
        TRY(reject(im, rec, reason, why, reterr));
    else if (im->load)
        TRY(crm_load_add(im->load, &row, deadline_in_ms(BATCH_MS), reterr));
    im->batch_rows += reason == CRM_REASON_NONE;
    im->job.offset = rec->offset;
    im->job.line = rec->next_line;
    return im->batch_rows >= CRM_IMPORT_BATCH ? commit_batch(im, reterr) : ERR_NONE;
}

/* Pass 2, from the checkpoint on. */
static ErrKind load_file(Import *im, Err *reterr)
{
    int64_t started = clock_mono_us();
    bool resumes = im->job.offset > 0;
    if (im->load)
        im->report->resumed_line = resumes ? im->job.line : 0;
    TRY(crm_csv_seek(im->csv, resumes ? im->job.offset : im->data_offset,
                     resumes ? im->job.line : im->data_line, reterr));
    TRY(each_record(im, "load", &im->report->load_rows, load_record, reterr));
    TRY(commit_batch(im, reterr));
    im->report->load_s = (double)(clock_mono_us() - started) / 1e6;
    return ERR_NONE;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* The rejects file of the interrupted run is needed to go on; without it all is done again, which changes nothing. */
static ErrKind open_rejects(Import *im, Err *reterr)
{
    ErrKind kind = crm_reject_open(im->report->rejects, im->job.rejects_bytes, im->conf->reject_limit,
                                   &im->reject, reterr);
    if (kind != ERR_CONFLICT)
        return kind;
    buf_addf(&im->report->notes,
             "the rejects file of the interrupted import is gone: starting from the beginning\n");
    crm_job_restart(&im->job);
    return crm_reject_open(im->report->rejects, 0, im->conf->reject_limit, &im->reject, reterr);
}

static ErrKind load_under_job(Import *im, Err *reterr)
{
    TRY(open_rejects(im, reterr));
    TRY(crm_people_save(im->people, im->shards, deadline_in_ms(SETUP_MS), &im->report->people, reterr));
    im->load = crm_load_new(im->shards, im->job.tenant, im->job.id, im->mapping, im->people, im->clean);
    TRY(load_file(im, reterr));
    if (im->job.counts.fresh > 0 && !im->job.first && crm_people_offices(im->people) > 1)
        TRY(crm_move_sweep(&im->job, im->conf->kind, deadline_in_ms(BATCH_MS), &im->report->moved, reterr));
    return crm_job_finish(&im->job, true, deadline_in_ms(SETUP_MS), reterr);
}

/* What crm_people_save would add. */
static void count_unstored(Import *im)
{
    for (int i = 0; i < crm_people_offices(im->people); i++)
        im->report->people.offices_new += !crm_people_office(im->people, i)->stored;
    for (int i = 0; i < crm_people_agents(im->people); i++)
        im->report->people.agents_new += !crm_people_agent(im->people, i)->stored;
}

static ErrKind load_all(Import *im, Err *reterr)
{
    if (im->conf->dry_run) {
        count_unstored(im);
        TRY(crm_reject_open(im->report->rejects, 0, im->conf->reject_limit, &im->reject, reterr));
        return load_file(im, reterr);
    }
    CLEANUP(buf_done) Buf name = BUF(2 * PATH_MAX);
    buf_add_str(&name, crm_clean_value(im->clean, str_from(im->conf->file)));
    TRY(buf_check(&name, reterr));
    TRY(crm_job_open(im->shards, im->report->tenant.id, im->conf->kind, buf_cstr(&name), im->file_sha,
                     im->setup_sha, deadline_in_ms(SETUP_MS), &im->job, reterr));
    ErrKind kind = load_under_job(im, reterr);
    if (kind != ERR_NONE) /* best effort: a job that stays "running" goes on in the same way */
        (void)!crm_job_finish(&im->job, false, deadline_in_ms(5000), NULL);
    crm_job_close(&im->job);
    return kind;
}

static void note_moved(Import *im)
{
    for (int i = 0; i < crm_people_agents(im->people); i++) {
        const CrmAgent *a = crm_people_agent(im->people, i);
        if (a->moved)
            buf_addf(&im->report->notes,
                     "agent " STR_FMT " stays in office " STR_FMT ": the files name another\n",
                     STR_ARG(a->name), STR_ARG(crm_people_office(im->people, a->office)->external_id));
    }
}

static ErrKind run(Import *im, Err *reterr)
{
    Deadline by = deadline_in_ms(SETUP_MS);
    if (stat(im->conf->file, &im->before) != 0)
        return err_set_errno(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "open %s",
                             im->conf->file);
    TRY(open_export(im, reterr));
    TRY(check_rejects_path(im, reterr));
    TRY(check_zone(im, by, reterr));
    TRY(hash_setup(im, reterr));
    TRY(find_people(im, by, reterr));
    TRY(check_file(im, reterr));
    TRY(load_all(im, reterr));
    note_moved(im);
    im->report->counts = im->job.counts;
    im->report->agents = crm_people_agents(im->people);
    im->report->offices = crm_people_offices(im->people);
    return check_unchanged(im, reterr);
}

ErrKind crm_import_run(PgShards *shards, const CrmImportConf *conf, CrmImportReport *ret, Err *reterr)
{
    Import im = {.shards = shards, .conf = conf, .report = ret};
    *ret = (CrmImportReport){.notes = BUF(NOTES_MAX)};
    ErrKind kind = run(&im, reterr);
    crm_load_free(im.load);
    crm_clean_free(im.clean);
    crm_reject_free(im.reject);
    crm_dup_free(im.dup);
    crm_people_free(im.people);
    crm_csv_free(im.csv);
    crm_mapping_free(im.mapping);
    return kind;
}

void crm_import_report_done(CrmImportReport *r)
{
    buf_done(&r->notes);
}
