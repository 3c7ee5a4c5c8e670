/* cmd_coach_evaluate.c - ehub coach evaluate-choice: what the choice was worth, and what others would have been. */
#include "base/jw.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_evaluate.h"
#include "insight/insight_estimate.h"

#include <stdio.h>

#define OUT_MAX (1u << 20)

static void print_json(const CoachTenant *tenant, const CoachEvaluation *e)
{
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_cstr(&w, "tenant", tenant->slug);
    jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "measured");
    jw_kv_i64(&w, "decisions", e->decisions);
    jw_kv_i64(&w, "agents", e->agents);
    jw_kv_i64(&w, "without_propensity", e->without_propensity);
    jw_key(&w, "choices");
    jw_arr(&w);
    for (int j = 0; j < COACH_N_JUDGED; j++) {
        const CoachJudgement *v = &e->of[j];
        jw_obj(&w);
        jw_kv_cstr(&w, "choice", coach_judged_name((CoachJudged)j));
        jw_kv_f64(&w, "effective", v->effective);
        if (v->refusal[0]) {
            jw_kv_cstr(&w, "refusal", v->refusal);
        } else {
            insight_interval_json(&w, "ratio", &v->ratio);
            insight_interval_json(&w, "robust", &v->robust);
        }
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static void print_table(const CoachTenant *tenant, const CoachEvaluation *e)
{
    printf("%s (%s): %lld decisions about %lld agents; %lld more were chosen by the priors and say nothing "
           "about "
           "another choice\n",
           tenant->slug, tenant->simulated ? "simulated" : "measured", (long long)e->decisions,
           (long long)e->agents, (long long)e->without_propensity);
    printf("gain in the chance to reach the goal by a decision, in points, with intervals of 95 %%:\n\n");
    printf("%-22s  %9s  %-24s  %-24s\n", "choice", "effective", "doubly robust", "by propensities alone");
    for (int j = 0; j < COACH_N_JUDGED; j++) {
        const CoachJudgement *v = &e->of[j];
        if (v->refusal[0]) {
            printf("%-22s  %9.1f  refused: %s\n", coach_judged_words((CoachJudged)j), v->effective,
                   v->refusal);
            continue;
        }
        printf("%-22s  %9.1f  %6.2f (%.2f to %.2f)  %6.2f (%.2f to %.2f)\n",
               coach_judged_words((CoachJudged)j), v->effective, 100 * v->robust.estimate,
               100 * v->robust.low, 100 * v->robust.high, 100 * v->ratio.estimate, 100 * v->ratio.low,
               100 * v->ratio.high);
    }
}

static ErrKind evaluate(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                        Err *reterr)
{
    (void)arg;
    CoachEvaluation e;
    TRY(coach_evaluate(s, tenant->id, by, &e, reterr));
    if (e.decisions == 0)
        return err_set(reterr, ERR_INVALID,
                       "no decision of known chance has an outcome yet (%lld were chosen by the priors): "
                       "ehub coach learn --switch on, and four weeks",
                       (long long)e.without_propensity);
    if (cli_flag(call, "json"))
        print_json(tenant, &e);
    else
        print_table(tenant, &e);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, evaluate, NULL, reterr);
}

const CliCmd CMD_COACH_EVALUATE_CHOICE = {
    .name = "evaluate-choice",
    .help =
        "What the learning choice was worth, and what the priors' or the best believed one would have been",
    .details = "From the log alone: first suggestions that were drawn with a known chance and decided on, "
               "and the gain in\n"
               "the chance to reach the goal in the four weeks after, over comparable agents. "
               "Self-normalised\n"
               "inverse propensities and doubly robust, clustered by agent. Refused: a choice about which "
               "the log holds\n"
               "less than 30 decisions would.",
    .options = (const CliOption[]){CMD_COACH_TENANT_OPTIONS,
                                   {.name = "json", .kind = CLI_FLAG, .help = "JSON instead of a table"},
                                   {.name = NULL}},
    .run = run,
};
