/* insight_experiment_out.c - experiments as JSON. See insight_experiment.h. */
#include "insight/insight_experiment.h"

#include "base/clock.h"

#include <math.h>

static void day_json(Jw *w, const char *key, int32_t day)
{
    char text[11];
    clock_format_date(day, text);
    jw_kv_cstr(w, key, text);
}

static void keys_json(Jw *w, const InsightExperiment *e)
{
    jw_key(w, "keys");
    jw_arr(w);
    for (int i = 0; i < e->n_keys; i++)
        jw_cstr(w, e->keys[i]);
    jw_end(w);
}

void insight_experiment_json(Jw *w, const InsightExperiment *e)
{
    jw_kv_uuid(w, "id", e->id);
    jw_kv_cstr(w, "name", e->name);
    jw_kv_cstr(w, "state", e->running ? "running" : "stopped");
    keys_json(w, e);
    jw_kv_cstr(w, "outcome", INSIGHT_METRIC_NAMES[e->outcome]);
    jw_kv_f64(w, "share", e->share);
    jw_kv_i64(w, "seed", (int64_t)e->seed);
    jw_kv_i64(w, "n_agents", e->n_agents);
    jw_kv_f64(w, "smallest_effect", e->effect);
    day_json(w, "starts_on", e->waves[0]);
    day_json(w, "ends_on", e->ends_on);
    jw_key(w, "waves");
    jw_arr(w);
    for (int i = 0; i < e->n_waves; i++) {
        char text[11];
        clock_format_date(e->waves[i], text);
        jw_cstr(w, text);
    }
    jw_end(w);
    jw_key(w, "limits");
    jw_arr(w);
    for (int i = 0; i < e->n_guards; i++) {
        jw_obj(w);
        jw_kv_cstr(w, "metric", INSIGHT_METRIC_NAMES[e->guards[i].metric]);
        jw_kv_f64(w, "drop", e->guards[i].drop);
        jw_end(w);
    }
    jw_end(w);
    if (e->running || e->stopped_on == INT32_MAX)
        jw_kv_cstr(w, "stopped_on", NULL);
    else
        day_json(w, "stopped_on", e->stopped_on);
    jw_kv_cstr(w, "stop_reason", e->running ? NULL : e->stop_reason);
}

void insight_plan_json(Jw *w, const InsightPlan *p)
{
    jw_kv_i64(w, "n_treated", p->n_treated);
    jw_kv_i64(w, "n_control", p->n_control);
    jw_kv_i64(w, "strata", p->n_strata);
    jw_kv_f64(w, "sd", p->sd);
    jw_kv_f64(w, "finds_effect", p->found);
    jw_kv_f64(w, "power", p->power);
    jw_kv_f64(w, "needed", p->needed);
}

static void guard_json(Jw *w, const InsightGuardVerdict *v)
{
    jw_obj(w);
    jw_kv_cstr(w, "metric", INSIGHT_METRIC_NAMES[v->guard.metric]);
    jw_kv_f64(w, "limit", v->guard.drop);
    jw_kv_f64(w, "treated", v->treated);
    jw_kv_f64(w, "control", v->control);
    jw_kv_f64(w, "ci_low", v->low);
    jw_kv_f64(w, "ci_high", v->high);
    jw_kv_bool(w, "crossed", v->crossed);
    jw_end(w);
}

static void stratum_json(Jw *w, const InsightStratum *s)
{
    jw_obj(w);
    jw_kv_uuid(w, "location_id", s->location);
    jw_kv_i64(w, "third", s->third);
    jw_kv_i64(w, "n_treated", s->n_treated);
    jw_kv_i64(w, "n_control", s->n_control);
    jw_kv_f64(w, "treated_before", s->treated_before);
    jw_kv_f64(w, "control_before", s->control_before);
    jw_end(w);
}

static void balance_json(Jw *w, const InsightStatus *st)
{
    jw_key(w, "balances");
    jw_arr(w);
    for (int m = 0; m < INSIGHT_LEFT; m++) {
        jw_obj(w);
        jw_kv_cstr(w, "metric", INSIGHT_METRIC_NAMES[m]);
        jw_kv_f64(w, "difference", st->balance[m]);
        jw_end(w);
    }
    jw_end(w);
    /* what 19 of 20 draws stay below: the standard error of a difference in standard deviations, without strata */
    jw_kv_f64(w, "balance_by_chance", 1.96 * sqrt(1.0 / (double)st->n_treated + 1.0 / (double)st->n_control));
    jw_key(w, "strata");
    jw_arr(w);
    for (int i = 0; i < st->n_strata; i++)
        stratum_json(w, &st->strata[i]);
    jw_end(w);
}

void insight_status_json(Jw *w, const InsightExperiment *e, InsightStatus *st)
{
    day_json(w, "from", st->from);
    day_json(w, "to", st->to);
    jw_kv_bool(w, "past_end", insight_experiment_overdue(e, st->to));
    jw_kv_i64(w, "n_treated", st->n_treated);
    jw_kv_i64(w, "n_control", st->n_control);
    jw_kv_f64(w, "balance", st->balance[e->outcome]);
    balance_json(w, st);
    jw_key(w, "effect");
    if (st->has_answer)
        insight_answer_json(w, &st->answer, 0.95);
    else
        jw_null(w);
    jw_kv_f64(w, "always_low", st->always_low);
    jw_kv_f64(w, "always_high", st->always_high);
    jw_kv_cstr(w, "refusal", st->has_answer ? NULL : st->refusal);
    jw_key(w, "guards");
    jw_arr(w);
    for (int i = 0; i < st->n_guards; i++)
        guard_json(w, &st->guards[i]);
    jw_end(w);
}

const char *insight_experiment_method(const InsightExperiment *e)
{
    return e->n_waves > 1 ? "Group-time effects of the waves in periods of 28 days (Callaway, Sant'Anna 2021)"
                          : "Difference of the groups, adjusted by the same outcome of the 180 days before "
                            "(CUPED) and by stratum";
}

const char *const *insight_experiment_assumes(int *ret_n)
{
    static const char *const ASSUMES[] = {
        "Chance decided who may get it, within offices and thirds of the closings before: nothing else "
        "differs but by chance.",
        "The effect is that of being drawn, whether or not the coach followed.",
        "What is done with one agent does not change how another one closes.",
        "The always-valid interval holds however often one looks; the other one for one look at the planned "
        "end.",
    };
    *ret_n = ARRAY_LEN(ASSUMES);
    return ASSUMES;
}

void insight_experiment_audit(Jw *w, const InsightExperiment *e)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", e->name);
    jw_kv_i64(w, "seed", (int64_t)e->seed);
    jw_kv_f64(w, "share", e->share);
    jw_kv_i64(w, "agents", e->n_agents);
    keys_json(w, e);
    if (!e->running)
        jw_kv_cstr(w, "reason", e->stop_reason);
    jw_end(w);
}
