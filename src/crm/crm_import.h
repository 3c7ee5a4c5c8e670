/* crm_import.h - imports one CRM export: checks it whole, then loads it batch by batch.
 *
 *     1  header -> mapping; tenant; teams file        4  pass 2: rows -> four shards, bad ones -> rejects file
 *     2  pass 1: every row checked, ids counted          after every batch: commit, sync, checkpoint
 *     3  offices and agents                           5  report
 *
 * Importing the same file twice changes nothing. After an interruption (signal, crash, restart of the server) the same
 * command goes on at the last checkpoint; the counts of the report are then those of the whole file, except that rows of
 * the interrupted batch may count as same.
 *
 * Owner:    the caller frees the report with crm_import_report_done, also after an error.
 * Threads:  one; blocks for the whole import. Memory does not grow with the file (crm_dup.h).
 * Limits:   those of crm_csv.h, crm_people.h, crm_dup.h; import.reject_limit.
 * Errors:   INVALID the file as a whole is unusable (empty, no header, a column is missing); CONFLICT the file changed
 *           meanwhile, or the rejects path holds something else; BUSY the same file is being imported; CANCELLED. */
#ifndef EHUB_CRM_CRM_IMPORT_H
#define EHUB_CRM_CRM_IMPORT_H

#include "conf/conf.h"
#include "crm/crm_job.h"
#include "crm/crm_tenant.h"

#define CRM_IMPORT_BATCH 25000

typedef struct CrmImportConf {
    CrmKind kind;
    const char *file;
    const char *teams;   /* NULL: none */
    const char *mapping; /* path or compiled-in name; NULL: chosen by the header */
    const char *rejects; /* NULL: FILE.rejects.csv */
    const char *tenant;  /* slug or name */
    bool dry_run;        /* checks everything, writes the rejects file and nothing else */
    int64_t reject_limit;
    PiiGuard *guard;    /* what free text passes; NULL: nothing */
    bool (*stop)(void); /* asked between rows now and then; NULL: never */
    /* phase: "check" or "load"; NULL: none */
    void (*progress)(const char *phase, int64_t bytes, int64_t bytes_total, int64_t rows);
} CrmImportConf;

typedef struct CrmImportReport {
    CrmTenant tenant;
    char mapping[128];
    char rejects[4096]; /* path; holds a file when counts.rejected > 0 */
    int64_t rows;
    CrmCounts counts; /* dry run: fresh = rows that would be loaded */
    CrmPeopleSaved people;
    int agents, offices;
    int64_t team_rejected;
    int64_t moved;        /* left an old office because their agent works in another (crm_move.h) */
    int64_t resumed_line; /* 0: from the beginning */
    double check_s, load_s;
    int64_t load_rows; /* read in this run; for rows a second */
    Buf notes;         /* lines for the operator */
} CrmImportReport;

ErrKind MUST_USE crm_import_run(PgShards *shards, const CrmImportConf *conf, CrmImportReport *ret,
                                Err *reterr);
void crm_import_report_done(CrmImportReport *r);

#endif
