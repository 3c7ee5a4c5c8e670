/* insight_return_out.c - returns of a brokerage as JSON. See insight_return.h. */
#include "base/clock.h"
#include "insight/insight_return.h"

#include <math.h>

static const char *const ASSUMES[] = {
    "The effect that was found over its own days holds on the days of this time, for every agent to whom it "
    "was delivered.",
    "Commission, split and prices are independent of the effect and of each other; prices and hours of the "
    "settings are exact.",
    "Additional closings bring the mean commission and replace no closings of other agents.",
    "A coaching is a session that was noted or a suggestion that was sent; several of one kind on one day to "
    "one agent are one.",
    "Licences of all coaching and of offices are those of every agent there; of anything else, those of the "
    "agents who got it.",
    "An experiment's effect is that of being drawn; for those who got it that errs on the low side.",
    "Rows of interventions, programmes or coaches share agents and licences: they do not add up.",
};

static void day_json(Jw *w, const char *key, int32_t day)
{
    char text[11] = "";
    if (day != INT32_MIN)
        clock_format_date(day, text);
    jw_kv_cstr(w, key, day == INT32_MIN ? NULL : text);
}

static void cents_json(Jw *w, const char *key, double v)
{
    jw_key(w, key);
    isfinite(v) ? jw_i64(w, llround(v)) : jw_null(w);
}

static void interval_members(Jw *w, double estimate, double low, double high)
{
    cents_json(w, "estimate", estimate);
    cents_json(w, "ci_low", low);
    cents_json(w, "ci_high", high);
}

static void interval_json(Jw *w, const char *key, const StatsEstimate *e)
{
    jw_key(w, key);
    if (!e) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    interval_members(w, e->estimate, e->low, e->high);
    jw_end(w);
}

static void step_json(Jw *w, const char *name, double estimate, double low, double high)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", name);
    interval_members(w, estimate, low, high);
    jw_end(w);
}

/* Costs are counts times prices that were set: exact. */
static void steps_json(Jw *w, const InsightRoiSum *s)
{
    jw_key(w, "steps");
    jw_arr(w);
    if (s) {
        step_json(w, "value", s->value.estimate, s->value.low, s->value.high);
        step_json(w, "coach_hours", -s->coach_cost, -s->coach_cost, -s->coach_cost);
        step_json(w, "agent_hours", -s->agent_cost, -s->agent_cost, -s->agent_cost);
        step_json(w, "licence", -s->licence_cost, -s->licence_cost, -s->licence_cost);
        step_json(w, "net", s->net.estimate, s->net.low, s->net.high);
    }
    jw_end(w);
}

static void ratio_json(Jw *w, const InsightRoiSum *s)
{
    bool known = s && isfinite(s->ratio.estimate);
    jw_key(w, "ratio");
    if (known) {
        jw_obj(w);
        jw_kv_f64(w, "estimate", s->ratio.estimate);
        jw_kv_f64(w, "ci_low", s->ratio.low);
        jw_kv_f64(w, "ci_high", s->ratio.high);
        jw_end(w);
    } else {
        jw_null(w);
    }
    jw_kv_cstr(w, "ratio_refusal",
               s && !known ? "It cost nothing in this time: a ratio to nothing cannot be told." : NULL);
}

static void effect_json(Jw *w, const InsightStored *e)
{
    bool known = !e->refusal.ptr;
    jw_key(w, "effect");
    jw_obj(w);
    jw_kv_f64(w, "estimate", known ? e->e.estimate : NAN);
    jw_kv_f64(w, "ci_low", known ? e->e.low : NAN);
    jw_kv_f64(w, "ci_high", known ? e->e.high : NAN);
    jw_kv_i64(w, "per_days", INSIGHT_PER_DAYS);
    jw_kv_cstr(w, "source", e->experiment ? "experiment" : "history");
    jw_kv_str(w, "method", e->method);
    jw_kv_i64(w, "n_treated", e->n_treated);
    jw_kv_i64(w, "n_control", e->n_control);
    day_json(w, "first_day", e->first_day);
    day_json(w, "last_day", e->last_day);
    jw_end(w);
}

static void commission_json(Jw *w, const InsightReturnRow *r)
{
    static const char *const SOURCES[] = {"setting", "office", "all"};
    jw_key(w, "commission");
    jw_obj(w);
    jw_kv_cstr(w, "source", SOURCES[r->commission_source]);
    cents_json(w, "cents", r->commission);
    cents_json(w, "se_cents", r->commission_se);
    jw_kv_i64(w, "n_closings", r->n_closings);
    jw_end(w);
}

static void row_json(Jw *w, const InsightReturnRow *r)
{
    const InsightRoiSum *s = r->sum;
    jw_obj(w);
    jw_kv_cstr(w, "scope", insight_scope_name(r->effect->scope));
    jw_kv_str(w, "name", r->effect->name);
    jw_kv_str(w, "title", r->effect->title);
    jw_kv_cstr(w, "refusal", r->refusal[0] ? r->refusal : NULL);
    jw_kv_i64(w, "n_agents", r->delivered.agents);
    jw_kv_f64(w, "agent_months", (double)r->delivered.agent_days / INSIGHT_MONTH_DAYS);
    jw_kv_i64(w, "n_coachings", r->delivered.coachings);
    effect_json(w, r->effect);
    commission_json(w, r);
    interval_json(w, "value", s ? &s->value : NULL);
    interval_json(w, "cost", s ? &s->cost : NULL);
    interval_json(w, "net", s ? &s->net : NULL);
    ratio_json(w, s);
    jw_kv_f64(w, "p_payback", s ? s->pays_back : NAN);
    jw_kv_f64(w, "break_even_effect", s ? s->break_even_effect * INSIGHT_PER_DAYS / INSIGHT_MONTH_DAYS : NAN);
    cents_json(w, "break_even_licence", s ? s->break_even_licence : NAN);
    steps_json(w, s);
    jw_kv_cstr(w, "label", r->effect->simulated ? "simulated" : "measured");
    jw_end(w);
}

static void missing_json(Jw *w, const InsightReturn *r)
{
    jw_key(w, "missing");
    jw_arr(w);
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        if (r->missing[f]) {
            jw_obj(w);
            jw_kv_cstr(w, "member", insight_money_name((InsightMoneyField)f));
            jw_kv_cstr(w, "what", insight_money_what((InsightMoneyField)f));
            jw_end(w);
        }
    jw_end(w);
}

void insight_return_json(Jw *w, const InsightReturn *r)
{
    double starts = r->money.v[INSIGHT_MONEY_FISCAL_START];
    jw_kv_cstr(w, "scope", insight_scope_name(r->scope));
    day_json(w, "from", r->from);
    day_json(w, "to", r->to);
    day_json(w, "as_of", r->as_of);
    jw_kv_cstr(w, "currency", r->money.currency);
    jw_key(w, "fiscal_start");
    isnan(starts) ? jw_null(w) : jw_i64(w, (int64_t)starts);
    jw_kv_i64(w, "draws", r->draws);
    missing_json(w, r);
    jw_key(w, "items");
    jw_arr(w);
    for (int i = 0; i < r->n; i++)
        row_json(w, &r->row[i]);
    jw_end(w);
    jw_kv_cstr(w, "method",
               "Effect per agent and 28 days, times the agents' time since it was first delivered, times "
               "commission and "
               "split, less hours and licences; intervals of 95 % and the chance of paying back by "
               "simulation of the effect "
               "and the commission");
    jw_key(w, "assumes");
    jw_arr(w);
    for (size_t i = 0; i < ARRAY_LEN(ASSUMES); i++)
        jw_cstr(w, ASSUMES[i]);
    jw_end(w);
}
