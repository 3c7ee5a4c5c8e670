/* demo_money.c - see demo_money.h. */
#include "demo/demo_money.h"

#include "demo/demo_params.h"

#include <math.h>

#define CENTS 100.0

static bool nothing_set(const InsightMoney *m)
{
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        if (!isnan(m->v[f]))
            return false;
    return true;
}

ErrKind demo_money_set(PgShards *s, Uuid tenant, InsightMoneyRecord *record, Deadline by, Err *reterr)
{
    InsightMoney m;
    char id[UUID_TEXT];
    TRY(insight_money_read(s, tenant, by, &m, reterr));
    if (!nothing_set(&m))
        return ERR_NONE;
    m.v[INSIGHT_MONEY_FISCAL_START] = P_money_fiscal_start; /* the commission: the mean of the closings */
    m.v[INSIGHT_MONEY_SPLIT] = P_money_split;
    m.v[INSIGHT_MONEY_COACH_HOUR] = CENTS * P_money_coach_hour;
    m.v[INSIGHT_MONEY_AGENT_HOUR] = CENTS * P_money_agent_hour;
    m.v[INSIGHT_MONEY_COACH_HOURS] = P_money_coach_hours;
    m.v[INSIGHT_MONEY_AGENT_HOURS] = P_money_agent_hours;
    m.v[INSIGHT_MONEY_LICENCE] = CENTS * P_money_licence;
    uuid_format(tenant, id);
    return insight_money_write(s, tenant, &m, record, id, by, reterr);
}
