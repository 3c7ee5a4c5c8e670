/* insight_return.h - what coaching returned to a brokerage in a time: by office, programme, coach, intervention, or all.
 *
 *     stored effects (insight_store.h) x what was delivered (insight_delivered.h) x money (insight_money.h) --insight_return-->
 *     value, cost, net with intervals, chance of paying back, break-even (insight_roi.h); or why there is none
 *
 * The effect is per agent and INSIGHT_PER_DAYS days; agent-months are agent-days / INSIGHT_MONTH_DAYS. Licences: of all and of
 * an office for every agent who had not left, coached or not; of the rest for the agents to whom it was delivered, so that
 * the rows of different interventions, programmes or coaches must not be added up. Prices and hours of the settings count as
 * exact; unsure are the effect and, without a set commission, the mean commission of the closings in the time.
 * Owner:    insight_return_free. Threads: one; blocks. Result: same data, same figures (fixed seed).
 * Limits:   INSIGHT_RETURN_DAYS_MAX days; INSIGHT_ROI_LINES_MAX / 2 rows: LIMIT, ask for one by its name.
 * Errors:   INVALID the time . NOT_FOUND no such effect . those of pg_shard.h. */
#ifndef EHUB_INSIGHT_INSIGHT_RETURN_H
#define EHUB_INSIGHT_INSIGHT_RETURN_H

#include "insight/insight_delivered.h"
#include "insight/insight_money.h"
#include "insight/insight_roi.h"

#define INSIGHT_MONTH_DAYS (365.25 / 12)
#define INSIGHT_RETURN_DAYS_MAX 3660
#define INSIGHT_OFFICE_CLOSINGS_MIN 30 /* from so many on, an office's own mean commission is taken */

typedef struct InsightReturnAsk {
    InsightScope scope;
    const char *name; /* NULL: every one of the scope */
    int32_t from, to; /* INT32_MIN: the fiscal year that is running, until today's data */
    bool (*sees)(const void *arg, const InsightStored *row); /* NULL: all; what it refuses is left out */
    const void *arg;
} InsightReturnAsk;

typedef enum InsightCommissionSource {
    INSIGHT_COMMISSION_SET,
    INSIGHT_COMMISSION_OF_OFFICE,
    INSIGHT_COMMISSION_OF_ALL
} InsightCommissionSource;

typedef struct InsightReturnRow {
    const InsightStored *effect;
    InsightDelivered delivered;
    InsightCommissionSource commission_source;
    double commission, commission_se; /* cents; NAN: not known */
    int64_t n_closings;               /* that it is the mean of */
    char refusal[600];                /* "": there is an answer */
    const InsightRoiSum *sum;         /* in cents; NULL with a refusal */
} InsightReturnRow;

typedef struct InsightReturn {
    InsightScope scope;
    int32_t from, to;
    int32_t as_of; /* the data reach until the day before */
    InsightMoney money;
    bool missing[INSIGHT_MONEY_N_FIELDS];
    InsightReturnRow *row;
    int n;
    int draws; /* 0: nothing could be reckoned */
    /* private */
    InsightStoredList effects_;
    InsightDeliveredList delivered_;
    InsightRoi *roi_;
} InsightReturn;

ErrKind MUST_USE insight_return(PgShards *s, Uuid tenant, const InsightReturnAsk *ask, Deadline by,
                                InsightReturn **ret, Err *reterr);
void insight_return_free(InsightReturn *r);
DEFINE_FREEP(InsightReturn, insight_return_free)

/* The first day of the fiscal year in which a day lies; starts: its first month, 1 .. 12. */
int32_t insight_fiscal_year(int32_t day, int starts);

/* Members of an object that is open; amounts are cents. */
void insight_return_json(Jw *w, const InsightReturn *r);

#endif
