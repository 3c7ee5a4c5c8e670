/* coach_feature_sql.h - the one statement behind all features: for agents x moments, an array of 46 values each.
 *
 * Private to coach_feature.c. The order of the array is that of feature_table.h.
 * $1 tenant   $2 timestamptz[] moments   $3 timestamptz[] since when each source is there, in the order of SOURCES
 * $4 agent (only in the statement for one agent)
 *
 * The starts of the windows are columns of d and not expressions: under row-level security only comparisons that cannot
 * leak (column with column) may be index conditions, and `timestamptz - interval` could (measured: 15 against 2 ms).
 * One index range scan per agent, moment and table: work is proportional to the rows inside the windows, and the same
 * text serves one agent live and a whole training history. */
#ifndef EHUB_COACH_COACH_FEATURE_SQL_H
#define EHUB_COACH_COACH_FEATURE_SQL_H

/* Sources in the order of $3; the text of the SQL uses has[i] (1-based). X(kind in source_seen) */
#define COACH_SOURCES(X)                                                                              \
    X(call)          /* 1 */                                                                          \
    X(text)          /* 2 */                                                                          \
    X(email)         /* 3 */                                                                          \
    X(appointment)   /* 4 */                                                                          \
    X(showing)       /* 5 */                                                                          \
    X(offer)         /* 6 */                                                                          \
    X(training)      /* 7 */                                                                          \
    X(any)           /* 8: the first of call, text, email, appointment, showing, offer, task, note */ \
    X(lead)          /* 9 */                                                                          \
    X(lead_response) /* 10 */                                                                         \
    X(lead_contact)  /* 11 */                                                                         \
    X(opportunity)   /* 12 */                                                                         \
    X(closed)        /* 13 */                                                                         \
    X(commission)    /* 14 */                                                                         \
    X(value)         /* 15 */                                                                         \
    X(open_value)    /* 16 */                                                                         \
    X(coaching)      /* 17 */

/* An activity of the agent's own doing. */
#define OWN_ "x.kind not in ('closing', 'training') and x.direction is distinct from 'in'"

/* clang-format off */
#define COACH_FEATURE_CTE(agent_filter, cycle_filter)                                                         \
    "with d as materialized (select t, (t at time zone 'UTC')::date as day," \
    "   t - interval '1 day' as t1, t - interval '7 days' as t7, t - interval '30 days' as t30," \
    "   t - interval '90 days' as t90, t - interval '180 days' as t180, t - interval '365 days' as t365," \
    "   t + interval '180 days' as ahead,"                                  \
    "   array(select coalesce(f < t, false) from unnest($3::timestamptz[]) with ordinality u(f, i) order by i) as has" \
    "   from unnest($2::timestamptz[]) t),"                                                                   \
    " who as (select g.location_id, g.id, g.started_on, d.* from agent g, d"                    \
    "   where g.tenant_id = $1::uuid " agent_filter "),"                                                      \
    " usual as materialized (select o.location_id, d.t,"                                                      \
    "   percentile_cont(0.5) within group (order by date_part('epoch', o.closed_at - o.opened_at)) / 86400 as days" \
    "   from d join opportunity o on o.tenant_id = $1::uuid and o.status = 'won' and o.opened_at is not null" \
    "     and o.closed_at < d.t and o.closed_at >= d.t365 " cycle_filter                   \
    "   group by 1, 2 having count(*) >= 5)"

/* clang-format on */
/* X(name, SQL expression over the sub-queries below, what it is). The same order as FEATURE_TABLE: checked at compile
 * time. A null is not known. */
/* clang-format off */
#define COACH_FEATURE_SQL(X) \
    X(speed_to_lead_min_30d, \
      "ld.speed", \
      "Median minutes from a lead's arrival to the first answer, over the window's leads that were answered") \
    X(contact_rate_30d, \
      "case when w.has[11] and ld.n30 > 0 then ld.reached::float8 / ld.n30 end", \
      "Share of the window's leads with a two-way contact") \
    X(followup_day_rate_30d, \
      "case when w.has[10] and ld.ripe > 0 then ld.in_a_day::float8 / ld.ripe end", \
      "Of the window's leads that are at least a day old: the share answered within 24 hours") \
    X(leads_30d, \
      "case when w.has[9] then ld.n30 end", \
      "Leads received") \
    X(leads_90d, \
      "case when w.has[9] then ld.n90 end", \
      "Leads received") \
    X(calls_7d, \
      "case when w.has[1] then ac.calls7 end", \
      "Outgoing calls") \
    X(calls_30d, \
      "case when w.has[1] then ac.calls30 end", \
      "Outgoing calls") \
    X(talk_time_s_7d, \
      "case when w.has[1] then ac.talk7 end", \
      "Duration of all calls, in and out") \
    X(talk_time_s_30d, \
      "case when w.has[1] then ac.talk30 end", \
      "Duration of all calls, in and out") \
    X(call_connect_rate_30d, \
      "case when w.has[1] and ac.tried > 0 then ac.connected::float8 / ac.tried end", \
      "Outgoing calls with outcome connected, of those with an outcome") \
    X(texts_30d, \
      "case when w.has[2] then ac.texts end", \
      "Outgoing texts") \
    X(emails_30d, \
      "case when w.has[3] then ac.emails end", \
      "Outgoing e-mails") \
    X(active_days_30d, \
      "case when w.has[8] then ac.days end", \
      "Different UTC days with an activity of the agent's own (not incoming, not closing or training)") \
    X(appointments_set_30d, \
      "case when w.has[4] then st.booked end", \
      "Appointments entered in the window, also those still to come (up to 180 days ahead)") \
    X(appointments_held_30d, \
      "case when w.has[4] then st.held30 end", \
      "Appointments of the window with outcome held") \
    X(show_rate_90d, \
      "case when w.has[4] and st.due > 0 then st.held90::float8 / st.due end", \
      "Held, of held and no_show; cancelled ones do not count") \
    X(showings_30d, \
      "case when w.has[5] then ac.showings end", \
      "Showings") \
    X(offers_30d, \
      "case when w.has[6] then st.offers end", \
      "Offers") \
    X(offer_accept_rate_180d, \
      "case when w.has[6] and st.decided > 0 then st.accepted::float8 / st.decided end", \
      "Accepted, of accepted and rejected offers") \
    X(opportunities_opened_30d, \
      "case when w.has[12] then op.opened30 end", \
      "Opportunities opened") \
    X(pipeline_count, \
      "case when w.has[12] then op.n end", \
      "Opportunities opened before the date and not closed before it") \
    X(pipeline_value_cents, \
      "case when w.has[12] and w.has[16] then coalesce(op.value, 0) end", \
      "Sum of their values; unknown where open opportunities carry no values") \
    X(pipeline_age_days, \
      "case when w.has[12] then op.age end", \
      "Median days since they were opened") \
    X(stale_pipeline_rate, \
      "case when w.has[12] and op.n > 0 and us.days is not null then op.stale::float8 / op.n end", \
      "Share of them older than the office's median days from opening to won in the last 365 days (at least 5 won)") \
    X(win_rate_90d, \
      "case when cl.ended90 > 0 then cl.won90::float8 / cl.ended90 end", \
      "Won, of opportunities closed in the window") \
    X(win_rate_365d, \
      "case when cl.ended365 > 0 then cl.won365::float8 / cl.ended365 end", \
      "Won, of opportunities closed in the window") \
    X(cycle_time_days_180d, \
      "cl.cycle180", \
      "Median days from opening to won") \
    X(closings_30d, \
      "case when w.has[13] then cl.won30 end", \
      "Opportunities won") \
    X(closings_90d, \
      "case when w.has[13] then cl.won90 end", \
      "Opportunities won") \
    X(closings_365d, \
      "case when w.has[13] then cl.won365 end", \
      "Opportunities won") \
    X(commission_cents_30d, \
      "case when w.has[14] then coalesce(cl.paid30, 0) end", \
      "Commission of those won") \
    X(commission_cents_90d, \
      "case when w.has[14] then coalesce(cl.paid90, 0) end", \
      "Commission of those won") \
    X(commission_cents_365d, \
      "case when w.has[14] then coalesce(cl.paid365, 0) end", \
      "Commission of those won") \
    X(deal_value_cents_365d, \
      "case when w.has[15] then cl.deal end", \
      "Median value of those won") \
    X(momentum_closings, \
      "case when cl.won90 > 0 then 3.0 * cl.won30 / cl.won90 end", \
      "Three times the closings of 30 days, divided by those of 90") \
    X(momentum_activity, \
      "case when w.has[8] and ac.own30 > 0 then 30.0 / 7.0 * ac.own7 / ac.own30 end", \
      "Own activities of 7 days, scaled to 30, divided by those of 30 days") \
    X(days_since_closing, \
      "la.closing", \
      "Days since the last won opportunity") \
    X(days_since_activity, \
      "case when w.has[8] then la.activity end", \
      "Days since the last activity of the agent's own") \
    X(tenure_days, \
      "w.day - w.started_on", \
      "Days since the agent started") \
    X(training_done_90d, \
      "case when w.has[7] then st.trained end", \
      "Training modules finished") \
    X(coaching_min_30d, \
      "case when w.has[17] then co.minutes end", \
      "Minutes of coaching sessions") \
    X(coaching_sessions_90d, \
      "case when w.has[17] then co.sessions end", \
      "Coaching sessions") \
    X(goal_target_30d, \
      "go.target", \
      "Target of the goal in force; commission goals in cents") \
    X(goal_pace, \
      "case when w.has[13] then case go.metric when 'closings' then cl.won30 / go.target else coalesce(cl.paid30, 0) / go.target end end", \
      "What the last 30 days gave, divided by the target") \
    X(season_sin, \
      "sin(2 * pi() * date_part('doy', w.day) / 365.25)", \
      "sin(2 pi day of the year / 365.25)") \
    X(season_cos, \
      "cos(2 * pi() * date_part('doy', w.day) / 365.25)", \
      "cos(2 pi day of the year / 365.25)")
/* clang-format on */

#define COACH_FEATURE_ITEM(name, expr, meaning) ", coalesce((" expr ")::real, 'NaN')"
#define COACH_FEATURE_ARRAY "(array['NaN'::real" COACH_FEATURE_SQL(COACH_FEATURE_ITEM) "])[2:]"

/* clang-format off */
#define COACH_FEATURE_FROM                                                                                    \
    " from who w left join usual us on us.location_id = w.location_id and us.t = w.t"                         \
    " cross join lateral (select"                                                                             \
    "   percentile_cont(0.5) within group (order by date_part('epoch', l.first_response_at - l.received_at) / 60)" \
    "     filter (where l.received_at >= w.t30 and l.first_response_at < w.t) as speed,"   \
    "   count(*) filter (where l.received_at >= w.t30) as n30, count(*) as n90,"           \
    "   count(*) filter (where l.received_at >= w.t30 and l.contacted_at < w.t) as reached," \
    "   count(*) filter (where l.received_at >= w.t30"                                     \
    "     and l.received_at < w.t1) as ripe,"                                               \
    "   count(*) filter (where l.received_at >= w.t30 and l.received_at < w.t1" \
    "     and l.first_response_at < l.received_at + interval '1 day') as in_a_day"                            \
    "   from lead l where l.tenant_id = $1::uuid and l.agent_id = w.id"                                       \
    "     and l.received_at >= w.t90 and l.received_at < w.t) ld"                          \
    " cross join lateral (select"                                                                             \
    "   count(*) filter (where y.dial and y.week) as calls7, count(*) filter (where y.dial) as calls30,"      \
    "   coalesce(sum(y.duration_s) filter (where y.kind = 'call' and y.week), 0) as talk7,"                   \
    "   coalesce(sum(y.duration_s) filter (where y.kind = 'call'), 0) as talk30,"                             \
    "   count(*) filter (where y.dial and y.outcome is not null) as tried,"                                   \
    "   count(*) filter (where y.dial and y.outcome = 'connected') as connected,"                             \
    "   count(*) filter (where y.kind = 'text' and y.own) as texts,"                                          \
    "   count(*) filter (where y.kind = 'email' and y.own) as emails,"                                        \
    "   count(*) filter (where y.kind = 'showing') as showings,"                                              \
    "   count(distinct y.day) filter (where y.own) as days,"                                                  \
    "   count(*) filter (where y.own) as own30, count(*) filter (where y.own and y.week) as own7"             \
    "   from (select x.kind, x.duration_s, x.outcome, " OWN_ " as own,"                                       \
    "       x.kind = 'call' and x.direction is distinct from 'in' as dial,"                                   \
    "       x.at >= w.t7 as week, (x.at at time zone 'UTC')::date as day"         \
    "     from activity x where x.tenant_id = $1::uuid and x.agent_id = w.id"                                 \
    "       and x.at >= w.t30 and x.at < w.t and x.known_at < w.t) y) ac"                  \
    " cross join lateral (select"                                                                             \
    "   count(*) filter (where x.kind = 'appointment' and least(x.known_at, x.at) >= w.t30)" \
    "     as booked,"                                                                                         \
    "   count(*) filter (where x.kind = 'appointment' and x.at < w.t and x.at >= w.t30"    \
    "     and x.outcome = 'held') as held30,"                                                                 \
    "   count(*) filter (where x.kind = 'appointment' and x.at < w.t and x.at >= w.t90"    \
    "     and x.outcome = 'held') as held90,"                                                                 \
    "   count(*) filter (where x.kind = 'appointment' and x.at < w.t and x.at >= w.t90"    \
    "     and x.outcome in ('held', 'no_show')) as due,"                                                      \
    "   count(*) filter (where x.kind = 'offer' and x.at < w.t and x.at >= w.t30) as offers," \
    "   count(*) filter (where x.kind = 'offer' and x.at < w.t and x.outcome in ('accepted', 'rejected')) as decided," \
    "   count(*) filter (where x.kind = 'offer' and x.at < w.t and x.outcome = 'accepted') as accepted,"      \
    "   count(*) filter (where x.kind = 'training' and x.at < w.t and x.at >= w.t90) as trained" \
    "   from activity x where x.tenant_id = $1::uuid and x.agent_id = w.id"                                   \
    "     and x.kind in ('appointment', 'offer', 'training')"                                                 \
    "     and x.at >= w.t180 and x.at < w.ahead and x.known_at < w.t) st" \
    " cross join lateral (select count(*) filter (where o.opened_at >= w.t30) as opened30,"  \
    "   count(*) filter (where o.alive) as n, sum(o.value_cents) filter (where o.alive) as value,"            \
    "   percentile_cont(0.5) within group (order by date_part('epoch', w.t - o.opened_at) / 86400)"           \
    "     filter (where o.alive) as age,"                                                                     \
    "   count(*) filter (where o.alive and o.opened_at < w.t - us.days * interval '1 day') as stale"          \
    "   from (select q.opened_at, q.value_cents, q.closed_at is null or q.closed_at >= w.t as alive"          \
    "     from opportunity q where q.tenant_id = $1::uuid and q.agent_id = w.id and q.opened_at < w.t"        \
    "       and (q.closed_at is null or q.closed_at >= w.t30)) o) op"                      \
    " cross join lateral (select"                                                                             \
    "   count(*) filter (where o.closed_at >= w.t90) as ended90, count(*) as ended365,"    \
    "   count(*) filter (where o.won and o.closed_at >= w.t30) as won30,"                  \
    "   count(*) filter (where o.won and o.closed_at >= w.t90) as won90,"                  \
    "   count(*) filter (where o.won) as won365,"                                                             \
    "   sum(o.commission_cents) filter (where o.won and o.closed_at >= w.t30) as paid30,"  \
    "   sum(o.commission_cents) filter (where o.won and o.closed_at >= w.t90) as paid90,"  \
    "   sum(o.commission_cents) filter (where o.won) as paid365,"                                             \
    "   percentile_cont(0.5) within group (order by o.value_cents) filter (where o.won) as deal,"             \
    "   percentile_cont(0.5) within group (order by date_part('epoch', o.closed_at - o.opened_at) / 86400)"   \
    "     filter (where o.won and o.closed_at >= w.t180) as cycle180"                      \
    "   from (select q.closed_at, q.opened_at, q.commission_cents, q.value_cents, q.status = 'won' as won"    \
    "     from opportunity q where q.tenant_id = $1::uuid and q.agent_id = w.id"                              \
    "       and q.closed_at >= w.t365 and q.closed_at < w.t) o) cl"                        \
    " cross join lateral (select"                                                                             \
    "   (select date_part('epoch', w.t - q.closed_at) / 86400 from opportunity q where q.tenant_id = $1::uuid" \
    "     and q.agent_id = w.id and q.closed_at < w.t and q.status = 'won'"                                   \
    "     order by q.closed_at desc limit 1) as closing,"                                                     \
    "   (select date_part('epoch', w.t - x.at) / 86400 from activity x where x.tenant_id = $1::uuid"          \
    "     and x.agent_id = w.id and x.at < w.t and x.known_at < w.t and " OWN_                                \
    "     order by x.at desc limit 1) as activity) la"                                                        \
    " cross join lateral (select coalesce(sum(c.minutes) filter (where c.at >= w.t30), 0)" \
    "     as minutes, count(*) as sessions"                                                                   \
    "   from coaching_session c where c.tenant_id = $1::uuid and c.agent_id = w.id"                           \
    "     and c.at >= w.t90 and c.at < w.t) co"                                            \
    " left join lateral (select g.metric, g.target from goal g where g.tenant_id = $1::uuid and g.agent_id = w.id" \
    "     and g.valid_from <= w.day and (g.valid_to is null or g.valid_to > w.day)"                           \
    "   order by g.derived, g.valid_from desc, g.id limit 1) go on true"

/* clang-format on */

#endif
