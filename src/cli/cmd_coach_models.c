/* cmd_coach_models.c - ehub coach models: what was trained, how good it is, what is active. */
#include "base/jv.h"
#include "base/jw.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_model.h"

#include <math.h>
#include <stdio.h>

enum { COL_KIND, COL_VERSION, COL_STATUS, COL_FROM, COL_TO, COL_CREATED, COL_REPORT, COL_ID };

static void row_json(Jw *w, const CoachTenant *tenant, const PgResult *r, int i)
{
    jw_obj(w);
    jw_kv_cstr(w, "tenant", tenant->slug);
    jw_kv_uuid(w, "id", pg_get_uuid(r, i, COL_ID));
    jw_kv_str(w, "kind", pg_str(r, i, COL_KIND));
    jw_kv_i64(w, "version", pg_get_i64(r, i, COL_VERSION));
    jw_kv_str(w, "status", pg_str(r, i, COL_STATUS));
    jw_kv_str(w, "window_from", pg_str(r, i, COL_FROM));
    jw_kv_str(w, "window_to", pg_str(r, i, COL_TO));
    jw_kv_str(w, "created_at", pg_str(r, i, COL_CREATED));
    jw_kv_cstr(w, "label", tenant->simulated ? "simulated" : "measured");
    jw_kv_raw(w, "report", pg_str(r, i, COL_REPORT));
    jw_end(w);
}

/* scores.NAME.WHO.estimate */
static double estimate(const Jv *report, const char *name, const char *who)
{
    return jv_get_f64(jv_get(jv_get(jv_get(report, "scores"), name), who), "estimate", NAN);
}

static void print_number(double v)
{
    if (isnan(v))
        printf("  %8s", "-");
    else
        printf("  %8.4f", v);
}

static ErrKind print_row(const CoachTenant *tenant, const PgResult *r, int i, Err *reterr)
{
    CLEANUP(jv_freep) Jv *report = NULL;
    TRY(jv_parse(pg_str(r, i, COL_REPORT), &report, reterr));
    bool goal = str_eq_c(pg_str(r, i, COL_KIND), "goal");
    const char *loss = goal ? "brier" : "poisson_deviance";
    printf("%-20s %-9.*s %4lld  %-9.*s %.*s  %.*s", tenant->slug, STR_ARG(pg_str(r, i, COL_KIND)),
           (long long)pg_get_i64(r, i, COL_VERSION), STR_ARG(pg_str(r, i, COL_STATUS)),
           STR_ARG(pg_str(r, i, COL_FROM)), STR_ARG(pg_str(r, i, COL_TO)));
    print_number(estimate(report, "auc", "model"));
    print_number(estimate(report, loss, "model"));
    print_number(estimate(report, loss, "naive"));
    printf("  %s\n", tenant->simulated ? "simulated" : "measured");
    return ERR_NONE;
}

static ErrKind run_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                          Err *reterr)
{
    (void)call;
    Jw *json = arg;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(coach_models_list(s, tenant->id, by, &r, reterr));
    for (int i = 0; i < pg_rows(r); i++) {
        if (json)
            row_json(json, tenant, r, i);
        else
            TRY(print_row(tenant, r, i, reterr));
    }
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    if (!cli_flag(call, "json")) {
        printf("%-20s %-9s %4s  %-9s %-10s  %-10s  %8s  %8s  %8s  %s\n", "tenant", "kind", "ver", "status",
               "from", "to", "AUC", "loss", "naive", "label");
        return cmd_coach_each(call, run_tenant, NULL, reterr);
    }
    CLEANUP(buf_done) Buf out = BUF(64u << 20);
    Jw json = jw(&out);
    jw_arr(&json);
    TRY(cmd_coach_each(call, run_tenant, &json, reterr));
    jw_end(&json);
    TRY(buf_check(&out, reterr));
    printf("%s\n", buf_cstr(&out));
    return ERR_NONE;
}

const CliCmd CMD_COACH_MODELS = {
    .name = "models",
    .help = "List the trained models, newest first",
    .details = "Loss is the Brier score of a goal model and the mean Poisson deviance of a closings model, "
               "on months that no\n"
               "model had seen; naive is that of the last period taken again. --json has the whole reports.",
    .options = (const CliOption[]){CMD_COACH_TENANT_OPTIONS,
                                   {"json", CLI_FLAG, NULL, "Print JSON with the whole reports"},
                                   {.name = NULL}},
    .run = run,
};
