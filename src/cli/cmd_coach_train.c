/* cmd_coach_train.c - ehub coach train: fits both models of a tenant and reports how well they foresee. */
#include "base/file.h"
#include "base/jw.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_train.h"

#include <limits.h>
#include <stdio.h>

#define REPORT_MAX (4u << 20)

typedef struct TrainRun {
    char work_dir[PATH_MAX];
    CoachFitConf conf;
    const char *what; /* for the progress line */
    Jw json;
    bool to_json;
} TrainRun;

static void show_progress(int done, int total, void *arg)
{
    TrainRun *run = arg;
    cli_progress("%s: fit %d of %d", run->what, done, total);
}

static void report(TrainRun *run, const CoachTenant *tenant, const CoachTrained *t)
{
    if (run->to_json) {
        jw_obj(&run->json);
        jw_kv_cstr(&run->json, "tenant", tenant->slug);
        jw_kv_i64(&run->json, "version", t->version);
        jw_kv_cstr(&run->json, "status", t->report.accepted ? "active" : "rejected");
        jw_kv_cstr(&run->json, "label", tenant->simulated ? "simulated" : "measured");
        jw_key(&run->json, "report");
        coach_report_json(&run->json, &t->report);
        jw_end(&run->json);
        return;
    }
    CLEANUP(buf_done) Buf out = BUF(REPORT_MAX);
    coach_report_print(&out, &t->report);
    printf("%s, version %d, %s (%s)\n%s", tenant->slug, t->version,
           t->report.accepted ? "active" : "rejected", tenant->simulated ? "simulated" : "measured",
           buf_cstr(&out));
}

static ErrKind collect(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                       CoachRows *ret, Err *reterr)
{
    if (!cli_flag(call, "keep-features")) {
        cli_progress("%s: features of the history", tenant->slug);
        ErrKind kind = coach_train_prepare(s, tenant->id, by, NULL, reterr);
        cli_progress_end();
        TRY(kind);
    }
    return coach_training_rows(s, tenant->id, by, ret, reterr);
}

/* Too little to learn from for one kind is told; for both it is the command's failure, unless there are more tenants. */
static ErrKind run_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                          Err *reterr)
{
    TrainRun *run = arg;
    CLEANUP(coach_rows_done) CoachRows rows = {0};
    ErrKind kind = collect(s, tenant, call, by, &rows, reterr);
    int trained = 0;
    for (CoachKind k = 0; k < COACH_N_KINDS && rows.n > 0; k++) {
        CoachTrained t;
        run->what = coach_kind_name(k);
        kind = coach_train(s, tenant->id, &rows, k, &run->conf, by, &t, reterr);
        cli_progress_end();
        if (kind == ERR_NONE)
            report(run, tenant, &t);
        else if (kind == ERR_INVALID)
            fprintf(stderr, "%s: no model: %s\n", tenant->slug, reterr->msg);
        else
            return kind;
        trained += kind == ERR_NONE;
    }
    if (kind == ERR_NONE && rows.n == 0)
        kind = err_set(reterr, ERR_INVALID, "0 rows with a known outcome, at least %d are needed",
                       COACH_FIT_ROWS_MIN);
    bool too_little = kind == ERR_INVALID || kind == ERR_NOT_FOUND;
    bool passed_over = too_little && (trained > 0 || cli_flag(call, "all"));
    if (passed_over && rows.n == 0)
        fprintf(stderr, "%s: no model: %s\n", tenant->slug, reterr->msg);
    return passed_over ? ERR_NONE : kind;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(REPORT_MAX);
    TrainRun run = {.json = jw(&out), .to_json = cli_flag(call, "json")};
    if (snprintf(run.work_dir, sizeof run.work_dir, "%s/work", call->conf->data_dir) >=
        (int)sizeof run.work_dir)
        return err_set(reterr, ERR_LIMIT, "data.dir is too long");
    TRY(file_mkdirs(run.work_dir, 0700, reterr));
    run.conf = (CoachFitConf){.work_dir = run.work_dir,
                              .threads = (int)cli_int(call, "threads", 1),
                              .progress = show_progress,
                              .progress_arg = &run};
    Err ignored;
    jw_arr(&run.json);
    TRY(cmd_coach_each(call, run_tenant, &run, reterr ? reterr : &ignored));
    jw_end(&run.json);
    TRY(buf_check(&out, reterr));
    if (run.to_json)
        printf("%s\n", buf_cstr(&out));
    return ERR_NONE;
}

const CliCmd CMD_COACH_TRAIN = {
    .name = "train",
    .help = "Train the models from the tenant's own history, measured forward in time",
    .details = "Two models: the probability to reach the goal in the next 30 days, and the closings expected "
               "in them. Each is\n"
               "tested on months that come after those it was trained on, beside the naive forecast (the "
               "last period again).\n"
               "A model that does not beat it for certain is stored as rejected and not used.\n"
               "Exit status 65: too little data to learn from; the message has the numbers.",
    .options =
        (const CliOption[]){CMD_COACH_TENANT_OPTIONS,
                            {"threads", CLI_INT, "N", "Threads of the trainer (default 1)", false, 1, 256},
                            {"keep-features", CLI_FLAG, NULL, "Train on the stored snapshots as they are"},
                            {"json", CLI_FLAG, NULL, "Print the reports as JSON"},
                            {.name = NULL}},
    .run = run,
};
