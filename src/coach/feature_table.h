/* feature_table.h - the features: name, window, unit, direction, plain words. One row each; SQL, model, API,
 * console and docs/reference/features.md follow. Never reorder or remove a row (stored snapshots are arrays
 * in this order): append.
 *
 * X(name, window_days (0: no window), unit, good direction (+1 more is better, -1 less is better, 0 neither),
 * label) Units: min, s, count, rate (0..1), days, cents, ratio. A source that a tenant does not have gives
 * NaN, never 0. */
#ifndef EHUB_COACH_FEATURE_TABLE_H
#define EHUB_COACH_FEATURE_TABLE_H

/* clang-format off */
#define FEATURE_TABLE(X) \
    X(speed_to_lead_min_30d,     30, "min",   -1, "Speed to lead") \
    X(contact_rate_30d,          30, "rate",  +1, "Leads reached") \
    X(followup_day_rate_30d,     30, "rate",  +1, "Leads followed up within a day") \
    X(leads_30d,                 30, "count", +1, "New leads") \
    X(leads_90d,                 90, "count", +1, "New leads in the quarter") \
    X(calls_7d,                   7, "count", +1, "Calls this week") \
    X(calls_30d,                 30, "count", +1, "Calls") \
    X(talk_time_s_7d,             7, "s",     +1, "Talk time this week") \
    X(talk_time_s_30d,           30, "s",     +1, "Talk time") \
    X(call_connect_rate_30d,     30, "rate",  +1, "Calls answered") \
    X(texts_30d,                 30, "count", +1, "Texts sent") \
    X(emails_30d,                30, "count", +1, "E-mails sent") \
    X(active_days_30d,           30, "days",  +1, "Days with activity") \
    X(appointments_set_30d,      30, "count", +1, "Appointments set") \
    X(appointments_held_30d,     30, "count", +1, "Appointments held") \
    X(show_rate_90d,             90, "rate",  +1, "Appointments that took place") \
    X(showings_30d,              30, "count", +1, "Showings") \
    X(offers_30d,                30, "count", +1, "Offers") \
    X(offer_accept_rate_180d,   180, "rate",  +1, "Offers accepted") \
    X(opportunities_opened_30d,  30, "count", +1, "Opportunities opened") \
    X(pipeline_count,             0, "count", +1, "Open opportunities") \
    X(pipeline_value_cents,       0, "cents", +1, "Pipeline value") \
    X(pipeline_age_days,          0, "days",  -1, "Median age of the pipeline") \
    X(stale_pipeline_rate,        0, "rate",  -1, "Open opportunities older than the usual cycle") \
    X(win_rate_90d,              90, "rate",  +1, "Win rate in the quarter") \
    X(win_rate_365d,            365, "rate",  +1, "Win rate in the year") \
    X(cycle_time_days_180d,     180, "days",  -1, "Days from opening to closing") \
    X(closings_30d,              30, "count", +1, "Closings") \
    X(closings_90d,              90, "count", +1, "Closings in the quarter") \
    X(closings_365d,            365, "count", +1, "Closings in the year") \
    X(commission_cents_30d,      30, "cents", +1, "Commission") \
    X(commission_cents_90d,      90, "cents", +1, "Commission in the quarter") \
    X(commission_cents_365d,    365, "cents", +1, "Commission in the year") \
    X(deal_value_cents_365d,    365, "cents", +1, "Median deal value") \
    X(momentum_closings,         90, "ratio", +1, "Closings now against the quarter") \
    X(momentum_activity,         30, "ratio", +1, "Activity now against the month") \
    X(days_since_closing,         0, "days",  -1, "Days since the last closing") \
    X(days_since_activity,        0, "days",  -1, "Days since the last activity") \
    X(tenure_days,                0, "days",  +1, "Time in the job") \
    X(training_done_90d,         90, "count", +1, "Training finished") \
    X(coaching_min_30d,          30, "min",   +1, "Coaching received") \
    X(coaching_sessions_90d,     90, "count", +1, "Coaching sessions") \
    X(goal_target_30d,            0, "count",  0, "Goal for 30 days") \
    X(goal_pace,                 30, "ratio", +1, "Last 30 days against the goal") \
    X(season_sin,                 0, "ratio",  0, "Season (sine of the day of the year)") \
    X(season_cos,                 0, "ratio",  0, "Season (cosine of the day of the year)")
/* clang-format on */

#endif
