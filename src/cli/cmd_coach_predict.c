/* cmd_coach_predict.c - ehub coach predict: predicts every agent as of a date, or one agent now. */
#include "base/jw.h"
#include "base/mem.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_predict.h"

#include <stdio.h>

static ErrKind predict_one(PgShards *s, const CoachTenant *tenant, Uuid agent, Deadline by, Err *reterr)
{
    CLEANUP(coach_models_unrefp) const CoachModels *models = NULL;
    TRY(coach_models_get(s, tenant->id, by, &models, reterr));
    CLEANUP(mem_freep) CoachPrediction *p = mem_array(COACH_N_KINDS, sizeof *p);
    TRY(coach_predict_agent(s, models, tenant->id, agent, by, p, reterr));
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_uuid(&w, "agent_id", agent);
    jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "projection");
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        jw_key(&w, coach_kind_name(k));
        coach_prediction_json(&w, &p[k]);
    }
    jw_end(&w);
    TRY(buf_check(&out, reterr));
    printf("%s\n", buf_cstr(&out));
    return ERR_NONE;
}

static ErrKind run_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                          Err *reterr)
{
    (void)arg;
    int32_t as_of;
    TRY(cmd_coach_as_of(call, &as_of, reterr));
    const char *agent_text = cli_text(call, "agent", NULL);
    Uuid agent;
    if (agent_text && !uuid_parse(str_from(agent_text), &agent))
        return err_set(reterr, ERR_USAGE, "--agent: \"%s\" is not an id", agent_text);
    if (agent_text && as_of != INT32_MIN)
        return err_set(reterr, ERR_USAGE, "--agent predicts now: it does not go with --as-of");
    if (agent_text)
        return predict_one(s, tenant, agent, by, reterr);

    CoachPredictSummary sum;
    int64_t start = clock_mono_us();
    ErrKind kind = coach_predict_all(s, tenant->id, as_of, by, &sum, reterr);
    if (kind == ERR_NOT_FOUND && cli_flag(call, "all")) {
        fprintf(stderr, "%s: not predicted: %s\n", tenant->slug, reterr->msg);
        return ERR_NONE;
    }
    TRY(kind);
    char date[11];
    clock_format_date(sum.as_of, date);
    printf("%s: %lld agents as of %s, %lld goal and %lld closings predictions stored, in %.1f s\n",
           tenant->slug, (long long)sum.agents, date, (long long)sum.stored[COACH_GOAL],
           (long long)sum.stored[COACH_CLOSINGS], (double)(clock_mono_us() - start) / 1e6);
    if (sum.agents > 0 && sum.stored[COACH_GOAL] + sum.stored[COACH_CLOSINGS] == 0)
        printf("%s: no model is active: coaching goes by the gaps to the office medians\n", tenant->slug);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, run_tenant, NULL, reterr);
}

const CliCmd CMD_COACH_PREDICT = {
    .name = "predict",
    .help = "Predict the next 30 days of every agent, with the reasons, and store it",
    .details =
        "Without --as-of: as of the end of the tenant's data. Live streams are told of the new predictions.",
    .options =
        (const CliOption[]){
            CMD_COACH_TENANT_OPTIONS,
            {"as-of", CLI_DATE, "DATE", "Use only what was known before this midnight (UTC)"},
            {"agent", CLI_TEXT, "ID", "Predict this agent from the data of this moment; print it as JSON"},
            {.name = NULL}},
    .run = run,
};
