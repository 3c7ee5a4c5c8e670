/* cmd_coach_choose.c - ehub coach choose: suggests coaching for every agent. */
#include "cli/cmd_coach_common.h"
#include "coach/coach_choose.h"

#include <stdio.h>

static ErrKind choose_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by,
                             void *arg, Err *reterr)
{
    (void)arg;
    int32_t as_of;
    CoachChooseSummary sum;
    TRY(cmd_coach_as_of(call, &as_of, reterr));
    bool learns;
    TRY(coach_belief_on(s, tenant->id, by, &learns, reterr));
    if (learns) {
        CoachBeliefSummary beliefs;
        TRY(cmd_coach_update_beliefs(s, tenant->id, as_of, by, &beliefs, reterr));
    }
    TRY(coach_choose_all(s, tenant->id, as_of, by, &sum, reterr));
    char day[11];
    clock_format_date(sum.as_of, day);
    printf(
        "%s, %s: %lld suggestions for %lld agents (%s); %lld earlier ones expired; %lld withheld by limits\n",
        tenant->slug, day, (long long)sum.suggested, (long long)sum.agents,
        tenant->simulated ? "simulated" : "projection", (long long)sum.expired, (long long)sum.withheld);
    if (learns)
        printf("  %lld agents' choice went by what was learned, %lld of them to learn more\n",
               (long long)sum.learned, (long long)sum.explored);
    if (sum.by_rule)
        printf("  %lld agents have no prediction of that date and were ranked by rule (gaps to the office's "
               "medians)\n",
               (long long)sum.by_rule);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, choose_tenant, NULL, reterr);
}

const CliCmd CMD_COACH_CHOOSE = {
    .name = "choose",
    .help = "Suggest to every agent's coach what is expected to help most",
    .details = "Uses the stored predictions of the date (ehub coach predict); an agent without one is ranked "
               "by rule.\n"
               "A tenant's choice that learns (ehub coach learn --switch on) learns first.\n"
               "Suggestions from before that nobody decided on expire.",
    .options =
        (const CliOption[]){CMD_COACH_TENANT_OPTIONS,
                            {"as-of", CLI_DATE, "DATE", "Date of the predictions (default: end of the data)"},
                            {.name = NULL}},
    .run = run,
};
