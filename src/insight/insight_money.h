/* insight_money.h - what a brokerage's returns are reckoned with: currency, fiscal year, split, costs.
 *
 *     tenant.currency + tenant_money --insight_money_read--> InsightMoney --insight_money_write--> both, and the audit record
 *
 * A figure that nobody has set is NAN: whoever needs it says that it is missing (insight_return.h), nothing is guessed.
 * Amounts are cents: hundredths of the currency's unit, whole numbers.
 * Threads:  any worker thread; read and write block until their deadline. Errors: INVALID naming the member . NOT_FOUND the
 *           tenant . those of pg_shard.h. See also: sql/control/0005_tenant_money.sql, `ehub tenant money`. */
#ifndef EHUB_INSIGHT_INSIGHT_MONEY_H
#define EHUB_INSIGHT_INSIGHT_MONEY_H

#include "base/jv.h"
#include "base/jw.h"
#include "pg/pg_shard.h"

#define INSIGHT_MONEY_CENTS_MAX 1e11

/* X(ID, member in JSON and column, what it is, least, most, whole numbers only) */
#define INSIGHT_MONEY_FIELDS(X)                                                                            \
    X(FISCAL_START, "fiscal_start", "month in which the fiscal year begins", 1, 12, true)                  \
    X(SPLIT, "split", "share of a commission that stays with the brokerage", 0, 1, false)                  \
    X(COMMISSION, "commission_cents", "commission of a closing", 0, INSIGHT_MONEY_CENTS_MAX, true)         \
    X(COACH_HOUR, "coach_hour_cents", "cost of a coach's hour", 0, INSIGHT_MONEY_CENTS_MAX, true)          \
    X(AGENT_HOUR, "agent_hour_cents", "worth of an agent's hour", 0, INSIGHT_MONEY_CENTS_MAX, true)        \
    X(COACH_HOURS, "coach_hours", "hours of the coach for a coaching that was delivered", 0, 100, false)   \
    X(AGENT_HOURS, "agent_hours", "hours of the agent for a coaching that was delivered", 0, 100, false)   \
    X(LICENCE, "licence_cents", "price of the licence for an agent and month", 0, INSIGHT_MONEY_CENTS_MAX, \
      true)

typedef enum InsightMoneyField {
#define X(id, name, what, least, most, whole) INSIGHT_MONEY_##id,
    INSIGHT_MONEY_FIELDS(X)
#undef X
        INSIGHT_MONEY_N_FIELDS
} InsightMoneyField;
const char *insight_money_name(InsightMoneyField f);
const char *insight_money_what(InsightMoneyField f);

typedef struct InsightMoney {
    char currency[4]; /* ISO 4217 */
    double v[INSIGHT_MONEY_N_FIELDS];
} InsightMoney;

/* A code of ISO 4217 that is money in use (list of 2024; no metals, no funds, no test codes). */
bool insight_currency_ok(Str code);
ErrKind MUST_USE insight_money_check(const InsightMoney *m, Err *reterr);
/* Members of an object; absent and null: not set. */
ErrKind MUST_USE insight_money_parse(const Jv *v, InsightMoney *ret, Err *reterr);
/* Members of an object that is open. */
void insight_money_json(Jw *w, const InsightMoney *m);

ErrKind MUST_USE insight_money_read(PgShards *s, Uuid tenant, Deadline by, InsightMoney *ret, Err *reterr);

/* Runs in the transaction of the change, just before its commit: the audit record. detail: an object, before and after. */
typedef ErrKind InsightMoneyRecord(void *arg, PgConn *control, Str detail, Deadline by, Err *reterr);
/* Checks, then writes what differs; nothing differs: nothing is written or recorded. */
ErrKind MUST_USE insight_money_write(PgShards *s, Uuid tenant, const InsightMoney *m,
                                     InsightMoneyRecord *record, void *arg, Deadline by, Err *reterr);

#endif
