/* insight_store.h - the effects of coaching that are known, as the last update found them: for pages, reports and the choice.
 *
 *     insight_update.h --insight_store_replace--> control.effect_estimate --insight_store_read--> API, console, command line
 *
 * One row for each question (scope, name, outcome) and tier; a row that has no answer says why. Estimates are per agent and
 * INSIGHT_PER_DAYS days; commission is in whole units of the tenant's currency.
 * Owner:    the rows to be written are the caller's; what was read lives until insight_store_list_done.
 * Threads:  any; blocks. Limits: INSIGHT_STORE_ROWS_MAX rows of a tenant, INSIGHT_DETAIL_MAX bytes of detail each: LIMIT.
 * Errors:   those of pg_shard.h. */
#ifndef EHUB_INSIGHT_INSIGHT_STORE_H
#define EHUB_INSIGHT_INSIGHT_STORE_H

#include "insight/insight_experiment.h"

#define INSIGHT_PER_DAYS 28
#define INSIGHT_STORE_ROWS_MAX 8192
#define INSIGHT_DETAIL_MAX (256u << 10)
#define INSIGHT_TIERS 3 /* thirds: 0 the fewest closings .. 2 the most */
#define INSIGHT_ALL_TIERS -1

/* X(ID, "name", "what its name is") */
#define INSIGHT_SCOPES(X)                                             \
    X(ALL, "all", "all")                                              \
    X(INTERVENTION, "intervention", "a key of the playbook")          \
    X(PROGRAMME, "programme", "an experiment with several keys")      \
    X(COACH, "coach", "id of a user, or the coach's name in the CRM") \
    X(OFFICE, "office", "id of the location")
typedef enum InsightScope {
#define X(id, name, what) INSIGHT_SCOPE_##id,
    INSIGHT_SCOPES(X)
#undef X
        INSIGHT_N_SCOPES
} InsightScope;
const char *insight_scope_name(InsightScope s);
bool insight_scope_parse(Str name, InsightScope *ret);

typedef struct InsightStored {
    InsightScope scope;
    Str name;
    Str title;             /* read only: what people call it */
    Uuid location;         /* read only: the office, or that of the coach; nil: none */
    InsightMetric outcome; /* closings or commission */
    int tier;              /* INSIGHT_ALL_TIERS, or 0 .. INSIGHT_TIERS - 1 */
    bool experiment;       /* else from what happened without a draw */
    Str method;            /* STR_NULL: none was run */
    InsightEstimand estimand;
    StatsEstimate e;     /* p NAN: the interval holds at every look; df is not kept */
    double control_mean; /* NAN: not known */
    int64_t n_treated, n_control;
    int32_t first_day, last_day; /* INT32_MIN: there are no data */
    Str refusal;                 /* STR_NULL: there is an answer; else e says nothing */
    Str detail;                  /* JSON: see sql/control/0004_effect_estimate.sql; STR_NULL: not read */
    bool simulated;
    int64_t made_at; /* microseconds since 1970 */
} InsightStored;

/* All rows of the tenant are replaced, in one transaction. An estimate that is not finite is stored as a refusal. */
ErrKind MUST_USE insight_store_replace(PgShards *s, Uuid tenant, const InsightStored *rows, int64_t n,
                                       Deadline by, Err *reterr);

/* What to read; NULL: every one. */
typedef struct InsightStoreQuery {
    const char *scope, *name, *outcome;
    bool detail;
} InsightStoreQuery;
typedef struct InsightStoredList {
    InsightStored
        *row; /* by scope, then position in the playbook, title, name, outcome, tier (all tiers first) */
    int n;
    PgResult *r; /* private: what the texts point into */
} InsightStoredList;
ErrKind MUST_USE insight_store_read(PgShards *s, Uuid tenant, const InsightStoreQuery *q, Deadline by,
                                    InsightStoredList *ret, Err *reterr);
void insight_store_list_done(InsightStoredList *l);

/* How many of row[0 .. n), n > 0, are of the first one's question. */
int insight_stored_rows(const InsightStored *row, int n);
/* One question as members of an open object: row[0], and "tiers" with the figures of those of row[1 .. n). */
void insight_stored_json(Jw *w, const InsightStored *row, int n);

#endif
