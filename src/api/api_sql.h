/* api_sql.h - pieces of SQL that several answers share, so that a figure is computed in one way only. The statement has
 * `agent a`, $1 is the tenant. All of them stand for the date of the agent's last prediction, else today (UTC). */
#ifndef EHUB_API_API_SQL_H
#define EHUB_API_API_SQL_H

#include "coach/coach_predict.h"

/* p: the newest prediction for the goal; p.* are the columns that coach_prediction_from_row reads. */
#define SQL_LAST_GOAL_PREDICTION                                                                         \
    "left join lateral (select " COACH_PREDICTION_COLUMNS " from prediction where tenant_id = $1::uuid " \
    "and agent_id = a.id and kind = 'goal' order by as_of desc limit 1) p on true " SQL_DAY

#define SQL_AS_OF "coalesce(p.as_of, (now() at time zone 'UTC')::date)"
/* The UTC midnight that begins a date. */
#define SQL_MIDNIGHT(date) "((" date ")::timestamp at time zone 'UTC')"
/* d: that date, its midnight, and those 30 and 90 days before; needs p. A subquery of its own (offset 0), because beside
 * row-level security an index is searched for plain columns only, not for what a function makes of them. */
#define SQL_UNTIL SQL_MIDNIGHT("e.day")
#define SQL_SINCE_30 SQL_MIDNIGHT("e.day - 30")
#define SQL_SINCE_90 SQL_MIDNIGHT("e.day - 90")
#define SQL_DAY                                                                                             \
    "cross join lateral (select e.day, " SQL_UNTIL " as until, " SQL_SINCE_30 " as since_30, " SQL_SINCE_90 \
    " as since_90 from (select " SQL_AS_OF " as day) e offset 0) d "

/* g: the goal that holds on that date; one set by a person comes before a derived one. */
#define SQL_CURRENT_GOAL                                                                                  \
    "left join lateral (select h.metric, h.target, h.derived from goal h where h.tenant_id = $1::uuid "   \
    "and h.agent_id = a.id and h.metric = 'closings' and h.valid_from <= d.day "                          \
    "and (h.valid_to is null or h.valid_to > d.day) order by h.derived, h.valid_from desc limit 1) g on " \
    "true "

/* Closings in the 30 or 90 days before that date: [D - days, D), like the features. */
#define SQL_CLOSINGS(days)                                                                                   \
    "(select count(*) from opportunity o where o.tenant_id = $1::uuid and o.agent_id = a.id and o.status = " \
    "'won' and o.closed_at >= d.since_" days " and o.closed_at < d.until)"

#endif
