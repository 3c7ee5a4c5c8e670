/* insight_history.h - what the agents of a tenant did in periods of 28 days, and since when which coaching was theirs.
 *
 *     shards --insight_history_read--> InsightHistory --insight_history_data--> InsightData: a row an agent and period
 *
 *              period 0   period 1   period 2   period 3   | `to`: not in it any more
 *     coached     y          y        [ y          y ]       the period in which it began counts as coached
 *     other       y          y          -          -         began with what is not asked about: out of the panel from then on
 *     beginner    -          y          y          y         only whole periods of being there, with closings known
 *
 * Who starts (InsightAsk): all, office: at the first coaching of any kind. Intervention, programme: at the first of its
 * keys; the others stay, whatever else they get. Coach: those whose very first coaching was by this coach. Office and coach: agents
 * of others are controls until their own first coaching. Coaching: a session, or an intervention that was sent and not noted
 * as not done; by whom: the user, else the agent's coach in the CRM.
 * Tiers: thirds of the tenant by closings in the 180 days before tier_day, the first day of a period before which closings are known
 * for so long: the same days for coached and others, so that chance does not look like an effect. Their panels begin with the
 * period before it.
 * Owner:    insight_history_free. Threads: one; read blocks, data is pure.
 * Limits:   INSIGHT_PERIODS_MAX periods back, INSIGHT_EXPERIMENT_AGENTS_MAX agents: LIMIT.
 * Errors:   those of pg_shard.h. */
#ifndef EHUB_INSIGHT_INSIGHT_HISTORY_H
#define EHUB_INSIGHT_INSIGHT_HISTORY_H

#include "insight/insight_store.h"

#define INSIGHT_PERIODS_MAX 39 /* three years */

typedef struct InsightAgent {
    Uuid id, location;
    int32_t office; /* into office */
    /* Days. With closings, with commission known; `to` is the first day that the agent is no longer there. */
    int32_t closings_from, commission_from, to;
    double before; /* closings in the 180 days before tier_day */
    int tier;      /* INSIGHT_ALL_TIERS: not there on tier_day */
} InsightAgent;

/* The first coaching of an agent with this key by this coach. */
typedef struct InsightStart {
    int32_t agent;
    int32_t key, coach; /* into the names; -1: not known */
    int32_t day;
} InsightStart;

typedef struct InsightNames {
    char **name;
    int32_t n;
} InsightNames;

typedef struct InsightHistory {
    int32_t first_day, to;
    int n_periods;       /* to = first_day + 28 n_periods */
    int tier_period;     /* begins on tier_day; n_periods: there is none */
    InsightAgent *agent; /* by id */
    int32_t n_agents;
    double *closings, *commission; /* double[n_agents][n_periods] */
    InsightStart *start;
    int64_t n_starts;
    InsightNames key, coach;
    Uuid *office;
    int32_t n_offices;
} InsightHistory;

ErrKind MUST_USE insight_history_read(PgShards *s, Uuid tenant, int32_t to, Deadline by, InsightHistory **ret,
                                      Err *reterr);
void insight_history_free(InsightHistory *h);
DEFINE_FREEP(InsightHistory, insight_history_free)
/* The number of a name, which is added when it is new. */
int32_t insight_names_add(InsightNames *names, Str name);
int32_t insight_names_find(const InsightNames *names, Str name); /* -1: it is not there */
/* Thirds of before among the agents who are there on tier_day. */
void insight_history_tiers(InsightHistory *h);

typedef struct InsightAsk {
    InsightScope scope;
    const bool *keys; /* bool[key.n]; of an intervention, a programme */
    int32_t which;    /* the coach, the office */
    InsightMetric outcome;
    int tier; /* or INSIGHT_ALL_TIERS */
} InsightAsk;

/* What the panel holds beside its rows. */
typedef struct InsightPanelSum {
    int32_t starters;            /* agents with a period before their start */
    int32_t others;              /* agents who do not start; the rest began before their first period */
    int32_t first_day, last_day; /* of the rows; INT32_MIN: there are none */
    double control_mean;         /* of rows without it, from the first start of a starter on; NAN: none */
} InsightPanelSum;

/* y, t, unit, time (first day of the period) and first_treated; insight_data_free. */
InsightData *insight_history_data(const InsightHistory *h, const InsightAsk *ask, InsightPanelSum *ret);

#endif
