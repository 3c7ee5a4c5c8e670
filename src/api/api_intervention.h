/* api_intervention.h - handlers of suggestions: list, decide, note the outcome. */
#ifndef EHUB_API_API_INTERVENTION_H
#define EHUB_API_API_INTERVENTION_H

#include "api/api.h"

ApiHandler api_intervention_list, api_intervention_decide, api_intervention_outcome;

/* The columns of `intervention i` that api_intervention_write reads, from column `first` on. */
#define API_INTERVENTION_SUGGESTED API_US("i.suggested_at")
#define API_INTERVENTION_DECIDED API_US("i.decided_at")
#define API_INTERVENTION_SENT API_US("i.sent_at")
#define API_INTERVENTION_COLUMNS                                                \
    "i.id, i.agent_id, i.playbook_key, i.rank, i.score, i.status, "             \
    "i.reason::text, " API_INTERVENTION_SUGGESTED ", " API_INTERVENTION_DECIDED \
    ", i.decision_reason, i.replaced_key, " API_INTERVENTION_SENT ", i.outcome"
#define API_INTERVENTION_N 13

void api_intervention_write(const ApiTenant *t, Jw *w, const PgResult *r, int row, int first);

#endif
