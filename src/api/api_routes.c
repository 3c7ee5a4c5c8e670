/* api_routes.c - the table of api_table.h. The contract of the console and of programs: change it only by adding. */
#include "api/api_agent.h"
#include "api/api_auth.h"
#include "api/api_coaching.h"
#include "api/api_effect.h"
#include "api/api_experiment.h"
#include "api/api_insight.h"
#include "api/api_intervention.h"
#include "api/api_location.h"
#include "api/api_manage.h"
#include "api/api_money.h"
#include "api/api_page.h"
#include "api/api_predict.h"
#include "api/api_return.h"
#include "api/api_scaling.h"
#include "api/api_system.h"
#include "api/api_table.h"
#include "api/api_today.h"
#include "api/api_trend.h"

#define NO_AGENTS (API_STAFF | API_AUDITOR)
#define NO_AUDITOR (API_STAFF | API_AGENT)

/* clang-format off */
const ApiRoute API_ROUTES[] = {
    {"GET", "/healthz", 0, API_PUBLIC, HTTP_ON_EDGE, 200, api_system_health, "The process is up", NULL, NULL, "Health", NULL},
    {"GET", "/readyz", 0, API_PUBLIC, HTTP_ON_API, 200, api_system_ready, "Every database answers and the server is not stopping", NULL, NULL, "Health", NULL},
    {"GET", "/metrics", 0, API_PUBLIC, HTTP_ON_API, 200, api_system_metrics, "Metrics for Prometheus", NULL, NULL, NULL, "text/plain"},
    {"GET", "/v1/openapi.json", 0, API_PUBLIC, HTTP_ON_EDGE, 200, api_system_openapi, "This document", NULL, NULL, NULL, "application/json"},

    {"POST", "/v1/login", 0, API_PUBLIC, HTTP_ON_CPU, 200, api_auth_login, "Log in: sets the session cookie", NULL, "LoginRequest", "Login", NULL},
    {"POST", "/v1/logout", API_EVERYBODY, 0, HTTP_ON_API, 204, api_auth_logout, "End the session", NULL, NULL, NULL, NULL},
    {"GET", "/v1/me", API_EVERYBODY, 0, HTTP_ON_API, 200, api_auth_me, "Who is logged in, and what every page needs", NULL, NULL, "Me", NULL},
    {"GET", "/v1/tokens", API_EVERYBODY, 0, HTTP_ON_API, 200, api_manage_tokens, "Own tokens", NULL, NULL, "TokenList", NULL},
    {"POST", "/v1/tokens", API_EVERYBODY, API_SECRET, HTTP_ON_API, 201, api_manage_add_token, "Make a token; it is shown this once", NULL, "TokenRequest", "NewToken", NULL},
    {"DELETE", "/v1/tokens/{id}", API_EVERYBODY, 0, HTTP_ON_API, 204, api_manage_delete_token, "Revoke an own token", NULL, NULL, NULL, NULL},

    {"GET", "/v1/today", NO_AGENTS, 0, HTTP_ON_API, 200, api_today_get, "Agents that coaching is expected to help most, first", "location?:uuid, " API_PAGE_QUERY, NULL, "Today", NULL},
    {"GET", "/v1/live", API_EVERYBODY, 0, HTTP_ON_API, 200, api_live_get, "Live events (server-sent); resumes from Last-Event-ID; `resync`: read anew what you show", NULL, NULL, NULL, "text/event-stream"},

    {"GET", "/v1/agents", API_EVERYBODY, 0, HTTP_ON_API, 200, api_agent_list, "Agents in order of name", "location?:uuid, q?:string(0..200), " API_PAGE_QUERY, NULL, "AgentList", NULL},
    {"GET", "/v1/agents/{id}", API_EVERYBODY, 0, HTTP_ON_API, 200, api_agent_get, "One agent", NULL, NULL, "Agent", NULL},
    {"GET", "/v1/agents/{id}/performance", API_EVERYBODY, 0, HTTP_ON_API, 200, api_predict_get, "The newest prediction and what moves it", NULL, NULL, "Performance", NULL},
    {"POST", "/v1/agents/{id}/predict", NO_AUDITOR, API_IDEMPOTENT, HTTP_ON_API, 200, api_predict_now, "Predict now from the current data; stored and told live", NULL, NULL, "Performance", NULL},
    {"GET", "/v1/agents/{id}/trend", API_EVERYBODY, 0, HTTP_ON_API, 200, api_trend_get, "Weekly figures and past predictions", "weeks?:int(1..104)", NULL, "Trend", NULL},
    {"GET", "/v1/agents/{id}/activities", API_EVERYBODY, 0, HTTP_ON_API, 200, api_trend_activities, "Activities, newest first", API_PAGE_QUERY, NULL, "ActivityList", NULL},
    {"GET", "/v1/agents/{id}/sessions", API_EVERYBODY, 0, HTTP_ON_API, 200, api_coaching_sessions, "Coaching sessions, newest first", API_PAGE_QUERY, NULL, "SessionList", NULL},
    {"POST", "/v1/agents/{id}/sessions", API_STAFF, API_IDEMPOTENT, HTTP_ON_API, 201, api_coaching_add_session, "Note a coaching session", NULL, "SessionRequest", "Session", NULL},
    {"GET", "/v1/agents/{id}/goals", API_EVERYBODY, 0, HTTP_ON_API, 200, api_coaching_goals, "Goals, newest first, with progress", NULL, NULL, "GoalList", NULL},
    {"POST", "/v1/agents/{id}/goals", API_STAFF, API_IDEMPOTENT, HTTP_ON_API, 201, api_coaching_add_goal, "Set a goal for 30 days; ends the one before", NULL, "GoalRequest", "Goal", NULL},
    {"GET", "/v1/agents/{id}/interventions", API_EVERYBODY, 0, HTTP_ON_API, 200, api_intervention_list, "Suggestions of coaching, newest first", API_PAGE_QUERY, NULL, "InterventionList", NULL},
    {"GET", "/v1/agents/{id}/messages", API_EVERYBODY, 0, HTTP_ON_API, 200, api_coaching_messages, "Messages to the agent, newest first", API_PAGE_QUERY, NULL, "MessageList", NULL},
    {"POST", "/v1/agents/{id}/messages", NO_AUDITOR, API_IDEMPOTENT, HTTP_ON_API, 201, api_coaching_send, "Send a message, live", NULL, "MessageRequest", "Message", NULL},
    {"POST", "/v1/messages/{id}/read", API_AGENT, 0, HTTP_ON_API, 204, api_coaching_read, "The agent has read a message", NULL, NULL, NULL, NULL},

    {"POST", "/v1/interventions/{id}/decision", API_STAFF, API_IDEMPOTENT, HTTP_ON_API, 200, api_intervention_decide, "Accept, change or refuse a suggestion; what is accepted or changed is sent live", NULL, "DecisionRequest", "Intervention", NULL},
    {"POST", "/v1/interventions/{id}/outcome", NO_AUDITOR, API_IDEMPOTENT, HTTP_ON_API, 200, api_intervention_outcome, "Note what came of it", NULL, "OutcomeRequest", "Intervention", NULL},

    {"GET", "/v1/locations", NO_AGENTS, 0, HTTP_ON_API, 200, api_location_list, "Offices", NULL, NULL, "LocationList", NULL},
    {"GET", "/v1/locations/{id}", NO_AGENTS, 0, HTTP_ON_API, 200, api_location_get, "One office: its agents, medians and weeks", NULL, NULL, "Location", NULL},
    {"GET", "/v1/playbook", API_EVERYBODY, 0, HTTP_ON_API, 200, api_manage_playbook, "What can be suggested", NULL, NULL, "PlayList", NULL},
    {"PUT", "/v1/playbook/{key}", API_ADMIN | API_MANAGER, 0, HTTP_ON_API, 200, api_manage_put_play, "Change or add an entry", NULL, "PlayRequest", "Play", NULL},
    {"GET", "/v1/training-modules", API_EVERYBODY, 0, HTTP_ON_API, 200, api_manage_modules, "Training modules", NULL, NULL, "ModuleList", NULL},
    {"GET", "/v1/models", API_ADMIN | API_MANAGER | API_AUDITOR, 0, HTTP_ON_API, 200, api_manage_models, "Trained models with their reports, newest first", NULL, NULL, "ModelList", NULL},
    {"GET", "/v1/insight/rampup", NO_AGENTS, 0, HTTP_ON_CPU, 200, api_insight_rampup, "How soon new agents get to their first closing or their goal, coached in their first days (default 90) against not", "location?:uuid, until?:enum(closing,goal), landmark?:int(7..365)", NULL, "RampUp", NULL},
    {"GET", "/v1/insight/leaderboard", NO_AGENTS, 0, HTTP_ON_CPU, 200, api_insight_leaderboard, "Closings of the fiscal month or quarter against goal and pacer, most first; year_starts: the month (1..12) with which the fiscal year begins", "location?:uuid, period?:enum(month,quarter), year_starts?:int(1..12), limit?:int(1..1000)", NULL, "Leaderboard", NULL},
    {"GET", "/v1/insight/effects", NO_AGENTS, 0, HTTP_ON_API, 200, api_effect_list, "Effects of coaching as the last nightly update found them, with their tiers; a refusal says why the data give none", "scope?:enum(all,intervention,programme,coach,office), outcome?:enum(closings,commission)", NULL, "EffectList", NULL},
    {"GET", "/v1/insight/effects/{scope}/{name}", NO_AGENTS, 0, HTTP_ON_API, 200, api_effect_get, "One effect with its detail: event study, balance, diagnostics, assumptions. Outcome closings unless asked for", "outcome?:enum(closings,commission)", NULL, "EffectDetail", NULL},
    {"GET", "/v1/insight/update", NO_AGENTS, 0, HTTP_ON_API, 200, api_effect_update_get, "How the last update of the effects went: never, running, done, or failed with the reason; may_update: whether the caller may ask for one", NULL, NULL, "EffectUpdate", NULL},
    {"POST", "/v1/insight/update", API_ADMIN | API_MANAGER, API_IDEMPOTENT, HTTP_ON_API, 202, api_effect_update, "Find all effects anew now, as every night; answers at once, the work goes on. 409 while one runs, for whoever it was asked. Recorded in the audit", NULL, NULL, "EffectUpdate", NULL},
    {"GET", "/v1/insight/experiments", NO_AGENTS, 0, HTTP_ON_API, 200, api_experiment_list, "Experiments with coaching, newest first", NULL, NULL, "ExperimentList", NULL},
    {"POST", "/v1/insight/experiments", API_ADMIN | API_MANAGER, API_IDEMPOTENT, HTTP_ON_CPU, 201, api_experiment_create, "Draw agents who may get an intervention and a hold-out who does not; dry_run: only the plan, nothing is stored. Not before today; without waves: today", NULL, "ExperimentRequest", "ExperimentPlan", NULL},
    {"GET", "/v1/insight/experiments/{name}", NO_AGENTS, 0, HTTP_ON_CPU, 200, api_experiment_get, "What an experiment has shown so far: effect with an interval that holds at every look, balance of the strata, guard-rails. Computed once a day", NULL, NULL, "ExperimentStatus", NULL},
    {"POST", "/v1/insight/experiments/{name}/stop", API_ADMIN | API_MANAGER, API_IDEMPOTENT, HTTP_ON_API, 200, api_experiment_stop, "End an experiment: nobody is held back any more", NULL, "StopRequest", "Experiment", NULL},
    {"GET", "/v1/insight/roi", NO_AGENTS, 0, HTTP_ON_CPU, 200, api_return_get, "What coaching returned from one day to the day before another (default: the running fiscal year): value of additional closings less hours and licences, with intervals, chance of paying back, break-even; amounts in cents. What is missing is named", "scope?:enum(all,intervention,programme,coach,office), name?:string(1..200), from?:date, to?:date", NULL, "Returns", NULL},
    {"GET", "/v1/insight/money", NO_AGENTS, 0, HTTP_ON_API, 200, api_money_get, "What returns are reckoned with: currency, fiscal year, split, costs; null: not set", NULL, NULL, "Money", NULL},
    {"PUT", "/v1/insight/money", API_ADMIN | API_MANAGER, 0, HTTP_ON_API, 200, api_money_put, "Set what returns are reckoned with; what is absent or null is not set. Recorded in the audit", NULL, "MoneyRequest", "Money", NULL},
    {"GET", "/v1/pii/report", API_ADMIN | API_MANAGER | API_AUDITOR, 0, HTTP_ON_API, 200, api_manage_pii_report, "Personal data found in a period (days, UTC; default: 30 days): how much of what, where, by which rule, and what was done; never a value", "from?:date, to?:date", NULL, "PiiReport", NULL},
    {"POST", "/v1/pii/restore", API_ADMIN, API_SECRET, HTTP_ON_API, 200, api_manage_pii_restore, "Turn the tokens of a stored text back into the values; recorded in the audit", NULL, "RestoreRequest", "Restored", NULL},
    {"POST", "/v1/pii/erase", API_ADMIN, 0, HTTP_ON_API, 200, api_manage_pii_erase, "Destroy the key of a subject (an agent's id, or \"default\"), after which nobody can turn its tokens back; recorded in the audit", NULL, "EraseRequest", "Erased", NULL},
    {"GET", "/v1/scaling", API_ADMIN, 0, HTTP_ON_API, 200, api_scaling_get, "Predictive scaling of this installation: load, forecast, replicas, cost and decisions as `ehub scaling start` last wrote them", NULL, NULL, "Scaling", NULL},
    {"GET", "/v1/audit", API_ADMIN | API_AUDITOR, 0, HTTP_ON_API, 200, api_manage_audit, "The audit record, newest first", API_PAGE_QUERY, NULL, "AuditList", NULL},
};
const int API_ROUTES_LEN = ARRAY_LEN(API_ROUTES);

#define EFFECT "source:enum(experiment,history), method:string|null, estimand:enum(ate,att)|null, estimate:number|null, se:number|null, ci_low:number|null, ci_high:number|null, p:number|null, control_mean:number|null, n_treated:int, n_control:int, per_days:int, first_day:date|null, last_day:date|null, refusal:string|null, made_at:time, " LABEL
#define EFFECT_NAMED "scope:enum(all,intervention,programme,coach,office), name:string, title:string, outcome:enum(closings,commission), tier:int(-1..-1), tiers:[EffectTier], " EFFECT
#define LABEL "label:enum(measured,simulated)"
#define EXPERIMENT "id:uuid, name:string, state:enum(running,stopped), keys:[string], outcome:enum(closings,commission), share:number, seed:int, n_agents:int, smallest_effect:number|null, starts_on:date, ends_on:date, waves:[date], limits:[ExperimentGuard], stopped_on:date|null, stop_reason:string|null"

const ApiShapeRow API_SHAPES[] = {
    {"Problem", "type:string, title:string, status:int, kind?:string, detail?:string, instance?:string"},
    {"Health", "status:string"},

    {"LoginRequest", "email:string(1..254), password:string(1..256)"},
    {"User", "id:uuid, name:string, email:string, role:enum(admin,manager,coach,agent,auditor), location_id:uuid|null, agent_id:uuid|null"},
    {"Login", "user:User, csrf:string"},
    {"TenantInfo", "id:uuid, name:string, slug:string, simulated:bool, currency:string, timezone:string"},
    {"Feature", "name:string, label:string, unit:string, window_days:int, direction:int"},
    {"LocationName", "id:uuid, name:string"},
    {"Me", "user:User, csrf:string, tenant:TenantInfo, features:[Feature], locations:[LocationName]"},
    {"TokenRequest", "name:text(1..100), expires_in_days?:int(1..3650)"},
    {"Token", "id:uuid, name:string, created_at:time, expires_at:time|null"},
    {"NewToken", "id:uuid, name:string, token:string"},
    {"TokenList", "items:[Token], next:string|null"},

    {"Driver", "feature:string, label:string, value:number|null, unit:string, median:number|null, points:number|null, shap:number|null, text:string"},
    {"Contribution", "feature:string, label:string, value:number|null, median:number|null, unit:string, shap:number, points:number"},
    {"Prediction", "id:uuid, model_version:int|null, as_of:date, made_at:time, value:number, margin:number, bias:number, contributions:[Contribution], drivers:[Driver]"},
    {"Performance", "agent_id:uuid, as_of:date, label:enum(projection,simulated), goal:Prediction|null, closings:Prediction|null, summary:string"},

    {"Reason", "text:string, drivers:[object], method:string, learned?:string"},
    {"Intervention", "id:uuid, agent_id:uuid, key:string, title:string, summary:string, rank:int, score:number, status:enum(suggested,accepted,changed,refused,expired,done), reason:Reason, agent_steps:[string], coach_steps:[string], effort_agent_min:int, effort_coach_min:int, suggested_at:time, decided_at:time|null, decision_reason:string|null, replaced_key:string|null, sent_at:time|null, outcome:enum(improved,same,worse,not_done)|null"},
    {"InterventionList", "items:[Intervention], next:string|null, " LABEL},
    {"DecisionRequest", "decision:enum(accept,change,refuse), reason?:text(0..2000)|null, key?:string(1..63)|null, message?:text(0..4000)|null"},
    {"OutcomeRequest", "outcome:enum(improved,same,worse,not_done), note?:text(0..2000)|null"},

    {"AgentName", "id:uuid, name:string, location_id:uuid, location:string|null"},
    {"TodayGoal", "probability:number|null, points_vs_last:number|null"},
    {"TodayClosings", "expected:number|null, last_30d:int, target:number|null"},
    {"TodayModel", "active:bool, version:int|null, note:string"},
    {"TodayItem", "agent:AgentName, goal:TodayGoal, closings:TodayClosings, why:string, drivers:[Driver], interventions:[Suggestion]"},
    {"Suggestion", "id:uuid, agent_id:uuid, key:string, title:string, rank:int, score:number, status:enum(suggested), reason:Reason, effort_agent_min:int, effort_coach_min:int, suggested_at:time"},
    {"SuggestedPlay", "key:string, summary:string, agent_steps:[string], coach_steps:[string]"},
    {"Today", "items:[TodayItem], plays:[SuggestedPlay], next:string|null, as_of:date, model:TodayModel, " LABEL},

    {"AgentRow", "id:uuid, name:string, location_id:uuid, location:string|null, probability:number|null, closings_30d:int, target:number|null, started_on:date|null"},
    {"AgentList", "items:[AgentRow], next:string|null, " LABEL},
    {"AgentGoal", "metric:enum(closings,commission), target:number, derived:bool"},
    {"Agent", "id:uuid, name:string, email:string|null, location_id:uuid, location:string|null, started_on:date|null, coach_name:string|null, goal:AgentGoal|null, " LABEL},
    {"TrendSeries", "calls:[int|null], texts:[int|null], appointments:[int|null], leads:[int|null], closings:[int|null], commission_cents:[int|null]"},
    {"TrendPoint", "as_of:date, value:number"},
    {"Trend", "weeks:[date], series:TrendSeries, probability:[TrendPoint], " LABEL},
    {"Activity", "id:uuid, kind:string, direction:enum(in,out)|null, at:time, duration_s:int|null, outcome:string|null"},
    {"ActivityList", "items:[Activity], next:string|null, " LABEL},

    {"SessionRequest", "at:time, minutes:int(1..1440), topic:text(1..200), playbook_key?:string(1..63)|null, notes?:text(0..4000)|null"},
    {"Session", "id:uuid, at:time, minutes:int, topic:string, playbook_key:string|null, notes:string|null, coach:string|null"},
    {"SessionList", "items:[Session], next:string|null"},
    {"GoalRequest", "metric:enum(closings,commission), target:number(0.01..1000000000000), valid_from?:date"},
    {"Goal", "id:uuid, metric:enum(closings,commission), target:number, valid_from:date, valid_to:date|null, derived:bool, progress:number|null"},
    {"GoalList", "items:[Goal], next:string|null, " LABEL},
    {"MessageRequest", "body:text(1..4000)"},
    {"Message", "id:uuid, from_name:string, body:string, at:time, read_at:time|null, intervention_id:uuid|null"},
    {"MessageList", "items:[Message], next:string|null"},

    {"LocationRow", "id:uuid, name:string, agents:int, mean_probability:number|null, closings_30d:int, open_interventions:int"},
    {"LocationList", "items:[LocationRow], next:string|null, " LABEL},
    {"LocationAgent", "id:uuid, name:string, probability:number|null, closings_30d:int, closings_90d:int, target:number|null, why:string|null"},
    {"Median", "feature:string, label:string, unit:string, median:number|null"},
    {"LocationTrend", "weeks:[date], closings:[int|null], leads:[int|null]"},
    {"Location", "id:uuid, name:string, " LABEL ", as_of:date, agents:[LocationAgent], medians:[Median], trend:LocationTrend"},

    {"PlayDriver", "feature:string(1..100), when:enum(high,low)"},
    {"PlayLimits", "per_week?:int(1..1000), per_week_lowest_tier?:int(0..1000), cooldown_days?:int(0..3650)"},
    {"Play", "key:string, title:string, summary:string, drivers:[PlayDriver], agent_steps:[string], coach_steps:[string], effort_agent_min:int, effort_coach_min:int, limits:PlayLimits, prior_effect:number, prior_source:string, enabled:bool"},
    {"PlayRequest", "key?:string(1..63), title:text(1..200), summary:text(0..2000), drivers:[PlayDriver], agent_steps:[text(1..1000)], coach_steps:[text(1..1000)], effort_agent_min:int(0..10000), effort_coach_min:int(0..10000), limits:PlayLimits, prior_effect:number(-10..10), prior_source:string(0..1000), enabled:bool"},
    {"PlayList", "items:[Play], next:string|null"},
    {"Module", "key:string, title:string, minutes:int, topics:[any]"},
    {"ModuleList", "items:[Module], next:string|null"},
    {"Model", "id:uuid, kind:enum(goal,closings), version:int, status:enum(active,retired,rejected), window_from:date, window_to:date, created_at:time, report:object"},
    {"ModelList", "items:[Model], next:string|null, " LABEL},
    {"ScalingHistory", "from:time, step_s:int, demand:[number|null], replicas:[number|null], label:enum(measured)"},
    {"ScalingHour", "at:time, demand:number|null, provided:number|null, replicas:int, cost:number"},
    {"ScalingAhead", "quantile:number, label:enum(projection), refusal:string|null, hours:[ScalingHour]"},
    {"ScalingDecision", "at:time, replicas:int, cause:string, words:string, demand:number|null, planned:number|null, acted:bool"},
    {"ScalingSaving", "estimate:number|null, low:number|null, high:number|null, level:number"},
    {"ScalingCostHour", "at:time, spent:number, static_peak:number, reactive:number, service_level:number"},
    {"ScalingCost", "service:string, hours:int, currency:string, spent:number, static_peak:number, reactive:number, service_level:number, slo:number, saving_vs_static:ScalingSaving, saving_vs_reactive:ScalingSaving, static_replicas:int, label:string, label_of_comparison:string, measured_share:number, by_cause:object, by_hour:[ScalingCostHour]"},
    {"ScalingReport", "at:time, service:string, source:string, actuator:string, dry_run:bool, slo:number, capacity:number, min:int, max:int, currency:string, load_read_at:time|null, trouble:string|null, trouble_since:time|null, replicas_present:int|null, history:ScalingHistory, ahead:ScalingAhead, decisions:[ScalingDecision], cost_refusal:string|null, cost:ScalingCost|null"},
    {"Scaling", "configured:bool, wrong:string|null, running:bool, paused:bool, override_replicas:int|null, override_until:time|null, report:ScalingReport|null"},

    {"AuditRow", "seq:int, at:time, actor:string, action:string, object:string, detail:object"},
    {"RampUpLeftOut", "no_start:int, early:int, new:int, decided:int"},
    {"RampUp", "until:enum(closing,goal), landmark_days:int, as_of:date, started:[date]|null, n_compared:int, n_coached:int, left_out:RampUpLeftOut, method:string, assumes:[string], refusal:string|null, survival:object|null, " LABEL},
    {"Leader", "rank:int, agent_id:uuid, name:string, location_id:uuid, location:string|null, closings:int, before:int, goal:number|null, pacer:number|null, gap:number|null, pace:number|null"},
    {"Leaderboard", "from:date, to:date, as_of:date, days:int, days_passed:int, n_agents:int, n_with_goal:int, n_on_pace:int, closings:int, pacer:number, items:[Leader], method:string, assumes:[string], " LABEL},
    {"EffectTier", "tier:int(0..2), " EFFECT},
    {"Effect", EFFECT_NAMED},
    {"EffectUpdate", "state:enum(never,running,done,failed), started_at:time|null, ended_at:time|null, reason:string|null, may_update:bool"},
    {"EffectList", "items:[Effect], next:string|null, currency:string, " LABEL},
    {"EffectBalance", "metric:enum(closings,commission,calls), difference:number|null"},
    {"EffectNaive", "estimate:number|null, se:number|null, ci_low:number|null, ci_high:number|null, p:number|null"},
    {"EffectEvent", "event_time:int, estimate:number|null, se:number|null, ci_low:number|null, ci_high:number|null, band_low:number|null, band_high:number|null, n_treated:int, n_control:int"},
    {"EffectBody", "method_text:string, assumptions:[string], warnings:[string], naive:EffectNaive|null, balance:[EffectBalance], event_study:[EffectEvent], diagnostics:object"},
    {"EffectDetail", EFFECT_NAMED ", currency:string, detail:EffectBody"},
    {"ExperimentGuard", "metric:enum(closings,commission,calls,left), drop:number(0.001..1)"},
    {"ExperimentRequest", "name:string(1..63), keys:[string(1..63)], share?:number(0.01..0.99), waves?:[date], days?:int(1..3650), outcome?:enum(closings,commission), effect?:number(-1000000000000..1000000000000), guards?:[ExperimentGuard], seed?:int(0..9007199254740991), dry_run?:bool"},
    {"StopRequest", "reason:text(1..250)"},
    {"Experiment", EXPERIMENT},
    {"ExperimentList", "items:[Experiment], next:string|null, " LABEL},
    {"ExperimentPlan", "stored:bool, " EXPERIMENT ", n_treated:int, n_control:int, strata:int, sd:number, finds_effect:number, power:number|null, needed:number|null, label:enum(projection)"},
    {"ExperimentBalance", "metric:enum(closings,commission,calls), difference:number|null"},
    {"ExperimentStratum", "location_id:uuid, third:int(0..2), n_treated:int, n_control:int, treated_before:number|null, control_before:number|null"},
    {"ExperimentVerdict", "metric:enum(closings,commission,calls,left), limit:number, treated:number|null, control:number|null, ci_low:number|null, ci_high:number|null, crossed:bool"},
    {"ExperimentStatus", EXPERIMENT ", from:date, to:date, past_end:bool, n_treated:int, n_control:int, balance:number|null, balances:[ExperimentBalance], balance_by_chance:number|null, strata:[ExperimentStratum], effect:object|null, always_low:number|null, always_high:number|null, refusal:string|null, guards:[ExperimentVerdict], method:string, assumes:[string], " LABEL},
    {"ReturnMissing", "member:string, what:string"},
    {"ReturnEffect", "estimate:number|null, ci_low:number|null, ci_high:number|null, per_days:int, source:enum(experiment,history), method:string|null, n_treated:int, n_control:int, first_day:date|null, last_day:date|null"},
    {"ReturnCommission", "source:enum(setting,office,all), cents:int|null, se_cents:int|null, n_closings:int"},
    {"ReturnAmount", "estimate:int, ci_low:int, ci_high:int"},
    {"ReturnRatio", "estimate:number, ci_low:number, ci_high:number"},
    {"ReturnStep", "name:enum(value,coach_hours,agent_hours,licence,net), estimate:int, ci_low:int, ci_high:int"},
    {"Return", "scope:enum(all,intervention,programme,coach,office), name:string, title:string, refusal:string|null, n_agents:int, agent_months:number, n_coachings:int, effect:ReturnEffect, commission:ReturnCommission, value:ReturnAmount|null, cost:ReturnAmount|null, net:ReturnAmount|null, ratio:ReturnRatio|null, ratio_refusal:string|null, p_payback:number|null, break_even_effect:number|null, break_even_licence:int|null, steps:[ReturnStep], " LABEL},
    {"Returns", "scope:enum(all,intervention,programme,coach,office), from:date, to:date, as_of:date, currency:string, fiscal_start:int|null, draws:int, missing:[ReturnMissing], items:[Return], method:string, assumes:[string], " LABEL},
    {"MoneyRequest", "currency:string(3..3), fiscal_start?:int(1..12)|null, split?:number(0..1)|null, commission_cents?:int(0..100000000000)|null, coach_hour_cents?:int(0..100000000000)|null, agent_hour_cents?:int(0..100000000000)|null, coach_hours?:number(0..100)|null, agent_hours?:number(0..100)|null, licence_cents?:int(0..100000000000)|null"},
    {"Money", "currency:string, fiscal_start:int|null, split:number|null, commission_cents:int|null, coach_hour_cents:int|null, agent_hour_cents:int|null, coach_hours:number|null, agent_hours:number|null, licence_cents:int|null, may_change:bool, simulated:bool"},
    {"PiiFinding", "source:string, purpose:enum(store,log,model,export), type:string, rule:string, action:string, n:int"},
    {"RestoreRequest", "text:string(1..100000)"},
    {"Restored", "text:string, restored:int, left:int"},
    {"EraseRequest", "subject:string(1..200)"},
    {"Erased", "subject:string"},
    {"PiiReport", "from:date, to:date, items:[PiiFinding]"},
    {"AuditList", "items:[AuditRow], next:string|null"},
};
const int API_SHAPES_LEN = ARRAY_LEN(API_SHAPES);
/* clang-format on */

const char *api_shape_named(Str name)
{
    for (int i = 0; i < API_SHAPES_LEN; i++)
        if (str_eq_c(name, API_SHAPES[i].name))
            return API_SHAPES[i].shape;
    return NULL;
}
