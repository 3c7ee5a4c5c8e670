/* demo_money.h - what the returns of a simulated brokerage are reckoned with: assumptions of demo_params.h, as settings.
 *
 * Settings that somebody has made stay: with one of them set, nothing is written.
 * Threads: one; blocks. Errors: as in insight_money.h. */
#ifndef EHUB_DEMO_DEMO_MONEY_H
#define EHUB_DEMO_DEMO_MONEY_H

#include "insight/insight_money.h"

/* record: the audit entry; its arg is the tenant's id as text. */
ErrKind MUST_USE demo_money_set(PgShards *s, Uuid tenant, InsightMoneyRecord *record, Deadline by,
                                Err *reterr);

#endif
