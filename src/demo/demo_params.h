/* demo_params.h - the parameters of the simulated brokerage: one row each; the model and docs/simulator.md follow.
 *
 * X(name, value, unit, basis, what)      basis: "assumption", or the publication that gives the direction or the size
 * Changing a value changes every simulated figure; same seed, same parameters and same --until give the same rows. */
#ifndef EHUB_DEMO_DEMO_PARAMS_H
#define EHUB_DEMO_DEMO_PARAMS_H

/* clang-format off */
#define DEMO_PARAMS(X) \
    X(novice_share, 0.20, "share", "assumption", "Agents who start within the simulated months") \
    X(tenure_mean_years, 5.0, "years", "assumption", "Mean time in the job of the others at the start (exponential)") \
    X(leave_per_month, 0.012, "rate", "assumption", "Chance to leave in a month") \
    X(skill_common, 0.3, "correlation", "assumption", "Share of one common factor in the four skills of an agent") \
    X(novice_gap, 0.6, "log-odds", "assumption", "What a beginner lacks in closing skill; fades with novice_months") \
    X(novice_months, 9.0, "months", "assumption", "Time constant of learning the job") \
    X(mood_keep, 0.88, "per week", "assumption", "AR(1) coefficient of the weekly form of an agent") \
    X(mood_sd, 0.45, "log", "assumption", "Stationary standard deviation of that form") \
    X(leads_per_month, 6.5, "leads", "assumption", "Mean new leads of an agent in a month") \
    X(leads_sd, 0.22, "log", "assumption", "Spread of that mean between agents") \
    X(season_size, 0.22, "share", "assumption; direction: US home sales peak in early summer", "Amplitude of the yearly season of leads") \
    X(season_peak_day, 160.0, "day of year", "assumption; direction: US home sales peak in early summer", "Day of most leads") \
    X(response_median_min, 22.0, "min", "assumption", "Median first answer of the average agent during working hours") \
    X(response_skill, 1.1, "log per sd", "assumption", "Faster by this much for one standard deviation of responsiveness") \
    X(response_sd, 1.1, "log", "assumption", "Spread of single answers (log-normal)") \
    X(after_hours_wait, 0.75, "share", "assumption", "Leads outside working hours that wait until the next morning") \
    X(contact_base, 1.35, "log-odds", "assumption", "Chance to reach a lead that is answered at once") \
    X(contact_decay, 0.45, "log-odds per log", "direction: Oldroyd, McElheran, Elkington, Harvard Business Review 3/2011; size: assumption", "Loss for each log unit of 1 + minutes / 5") \
    X(attempt_contact, 0.20, "chance", "assumption", "Chance that one later attempt reaches the lead") \
    X(attempts_mean, 2.2, "attempts", "assumption", "Mean later attempts of the average agent") \
    X(attempts_skill, 0.45, "log per sd", "assumption", "More attempts for one standard deviation of persistence") \
    X(prospect_calls, 2.3, "calls per day", "assumption", "Own calls of the average agent on a working day") \
    X(prospect_skill, 0.40, "log per sd", "assumption", "More calls for one standard deviation of diligence") \
    X(prospect_connect, 0.27, "chance", "assumption", "Own calls that are answered") \
    X(prospect_appointment, 0.060, "chance", "assumption", "Answered own calls that give an appointment") \
    X(texts_per_day, 1.0, "texts", "assumption", "Texts on a working day beside those to new leads") \
    X(emails_per_day, 0.8, "e-mails", "assumption", "E-mails on a working day beside those to new leads") \
    X(set_base, -0.15, "log-odds", "assumption", "Chance that a reached lead gives an appointment") \
    X(set_skill, 0.30, "log-odds per sd", "assumption", "Gain for one standard deviation of closing skill") \
    X(held_base, 1.15, "log-odds", "assumption", "Chance that an appointment takes place") \
    X(held_skill, 0.35, "log-odds per sd", "assumption", "Gain for one standard deviation of persistence") \
    X(cancel_share, 0.07, "chance", "assumption", "Appointments cancelled beforehand") \
    X(sign_base, 0.95, "log-odds", "assumption", "Chance that a held appointment becomes an opportunity") \
    X(sign_skill, 0.25, "log-odds per sd", "assumption", "Gain for one standard deviation of closing skill") \
    X(offer_gap_days, 13.0, "days", "assumption", "Mean time to the next offer (exponential)") \
    X(offer_base, -0.35, "log-odds", "assumption", "Chance that an offer is accepted") \
    X(offer_skill, 0.35, "log-odds per sd", "assumption", "Gain for one standard deviation of closing skill") \
    X(abandon_days, 95.0, "days", "assumption", "Mean time until a client gives up (exponential)") \
    X(escrow_days, 34.0, "days", "assumption", "Mean time from accepted offer to closing") \
    X(escrow_sd_days, 18.0, "days", "assumption", "Its standard deviation (at least 12 days)") \
    X(fall_through, 0.13, "chance", "assumption", "Accepted offers that do not close") \
    X(offer_unlogged, 0.30, "share", "assumption", "Offers that nobody enters in the CRM") \
    X(opportunity_late, 0.40, "share", "assumption", "Opportunities entered only between the consultation and the end") \
    X(value_median_usd, 430000.0, "USD", "assumption", "Median price") \
    X(value_sd, 0.42, "log", "assumption", "Spread of prices") \
    X(commission_share, 0.026, "share", "assumption", "Commission of the side") \
    X(late_entry, 0.05, "share", "assumption", "Activities entered up to two days late") \
    X(coach_per_week, 0.14, "chance", "assumption", "Chance of a coaching session in a week") \
    X(coach_novice, 2.0, "factor", "assumption", "More sessions for those under a year in the job") \
    X(coach_targeted, 0.5, "share", "assumption", "Sessions on the agent's weakest habit; the others are drawn evenly") \
    X(rollout_from, 0.4, "share", "assumption", "With --rollout: share of the simulated days after which the first agent can be coached") \
    X(rollout_to, 1.0, "share", "assumption", "With --rollout: share of the simulated days after which every agent can be coached") \
    X(effect_half_life_days, 75.0, "days", "assumption", "After this time half of a session's effect is left") \
    X(effect_novice, 2.0, "factor", "direction and size: Brynjolfsson, Li, Raymond, QJE 2025 (+30-34 % novices, +15 % mean)", "Effect on agents under a year in the job, against the others") \
    X(effect_dose_peak, 3.0, "sessions", "assumption", "Undecayed sessions on one topic beyond which more harms") \
    X(money_fiscal_start, 1.0, "month", "assumption", "Setting of money: month in which the fiscal year begins") \
    X(money_split, 0.25, "share", "assumption", "Setting of money: share of a commission that stays with the brokerage") \
    X(money_coach_hour, 65.0, "USD", "assumption", "Setting of money: cost of a coach's hour") \
    X(money_agent_hour, 40.0, "USD", "assumption", "Setting of money: worth of an agent's hour") \
    X(money_coach_hours, 1.0, "h", "assumption", "Setting of money: hours of the coach for a coaching, preparation included") \
    X(money_agent_hours, 1.5, "h", "assumption", "Setting of money: hours of the agent for a coaching, practice included") \
    X(money_licence, 45.0, "USD", "assumption", "Setting of money: licence for an agent and month") \
    X(training_per_month, 0.6, "modules", "assumption", "Training modules finished in a month") \
    X(utc_offset_h, -8.0, "h", "assumption", "Local time of the brokerage; daylight saving is left out")

/* The coaching topics: X(playbook key, habit, shift, unit of the shift, minutes). The shift is the TRUE effect of one
 * session on an agent with more than a year in the job; two topics have none on purpose (negative controls). */
#define DEMO_TOPICS(X) \
    X(speed_to_lead,       HABIT_RESPONSE, 0.40, "log minutes faster",           30) \
    X(prospecting_block,   HABIT_EFFORT,   0.25, "log own calls a day",          45) \
    X(followup_cadence,    HABIT_FOLLOW,   0.35, "log later attempts",           30) \
    X(appointment_script,  HABIT_SET,      0.35, "log-odds of an appointment",   45) \
    X(no_show_prevention,  HABIT_HELD,     0.45, "log-odds that it takes place", 20) \
    X(buyer_consultation,  HABIT_SIGN,     0.35, "log-odds of an opportunity",   60) \
    X(offer_strategy,      HABIT_OFFER,    0.35, "log-odds of acceptance",       45) \
    X(pipeline_cleanup,    HABIT_NONE,     0.00, "none (negative control)",      30) \
    X(goal_reset,          HABIT_NONE,     0.00, "none (negative control)",      30)
/* clang-format on */

#define X(name, value, unit, basis, what) static const double P_##name __attribute__((unused)) = (value);
DEMO_PARAMS(X)
#undef X

#endif
