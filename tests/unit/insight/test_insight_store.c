/* Stored effects as JSON: a question with its tiers, refusals, figures that are not finite. */
#include "base/jv.h"
#include "harness/t.h"
#include "insight/insight_store.h"

#include <math.h>

static InsightStored row(const char *name, InsightMetric outcome, int tier)
{
    return (InsightStored){.scope = INSIGHT_SCOPE_INTERVENTION,
                           .name = str_from(name),
                           .title = STR("Speed to lead"),
                           .outcome = outcome,
                           .tier = tier,
                           .method = STR("staggered-did"),
                           .estimand = INSIGHT_ATT,
                           .e = {.estimate = 0.5, .se = 0.25, .low = 0, .high = 1, .p = 0.04},
                           .control_mean = 2,
                           .n_treated = 12,
                           .n_control = 30,
                           .first_day = 20454, /* 2026-01-01 */
                           .last_day = 20481};
}

static Jv *as_json(const InsightStored *r, int n)
{
    static Buf out = BUF(65536);
    Jv *v = NULL;
    Err err;
    buf_clear(&out);
    Jw w = jw(&out);
    jw_obj(&w);
    insight_stored_json(&w, r, n);
    jw_end(&w);
    T_OK(jv_parse(buf_str(&out), &v, &err), err);
    return v;
}

TEST(rows_of_one_question_stand_together_and_end_with_the_next)
{
    const InsightStored r[] = {row("a", INSIGHT_CLOSINGS, -1), row("a", INSIGHT_CLOSINGS, 0),
                               row("a", INSIGHT_COMMISSION, -1), row("b", INSIGHT_COMMISSION, -1)};
    assert_int_equal(insight_stored_rows(r, 4), 2);
    assert_int_equal(insight_stored_rows(r + 2, 2), 1);
    assert_int_equal(insight_stored_rows(r + 3, 1), 1);
    CLEANUP(jv_freep) Jv *v = as_json(r, 2);
    T_STR("intervention", jv_get_str(v, "scope"));
    T_STR("closings", jv_get_str(v, "outcome"));
    T_STR("history", jv_get_str(v, "source"));
    T_STR("2026-01-01", jv_get_str(v, "first_day"));
    T_STR("2026-01-28", jv_get_str(v, "last_day"));
    assert_int_equal(jv_get_i64(v, "per_days", 0), 28);
    assert_int_equal(jv_kind(jv_get(v, "refusal")), JV_NULL);
    assert_int_equal(jv_kind(jv_get(v, "detail")), JV_ABSENT);
    assert_int_equal(jv_len(jv_get(v, "tiers")), 1);
    assert_int_equal(jv_get_i64(jv_at(jv_get(v, "tiers"), 0), "tier", 9), 0);
}

TEST(a_refusal_has_no_figures)
{
    InsightStored r = row("a", INSIGHT_CLOSINGS, -1);
    r.refusal = STR("too few");
    CLEANUP(jv_freep) Jv *v = as_json(&r, 1);
    static const char *const FIGURES[] = {"estimate", "se", "ci_low", "ci_high", "p", "control_mean"};
    for (size_t i = 0; i < ARRAY_LEN(FIGURES); i++)
        assert_int_equal(jv_kind(jv_get(v, FIGURES[i])), JV_NULL);
    T_STR("too few", jv_get_str(v, "refusal"));
}

TEST(what_is_not_finite_is_a_refusal)
{
    for (int which = 0; which < 4; which++) {
        InsightStored r = row("a", INSIGHT_CLOSINGS, -1);
        double *figures[] = {&r.e.estimate, &r.e.se, &r.e.low, &r.e.high};
        *figures[which] = which % 2 ? INFINITY : NAN;
        CLEANUP(jv_freep) Jv *v = as_json(&r, 1);
        assert_int_equal(jv_kind(jv_get(v, "estimate")), JV_NULL);
        assert_true(str_find(jv_get_str(v, "refusal"), STR("not finite")) >= 0);
    }
}

TEST(an_interval_for_every_look_has_no_p_and_is_an_answer)
{
    InsightStored r = row("a", INSIGHT_CLOSINGS, -1);
    r.e.p = NAN;
    r.control_mean = NAN;
    r.experiment = true;
    CLEANUP(jv_freep) Jv *v = as_json(&r, 1);
    assert_int_equal(jv_kind(jv_get(v, "p")), JV_NULL);
    assert_int_equal(jv_kind(jv_get(v, "control_mean")), JV_NULL);
    assert_int_equal(jv_kind(jv_get(v, "refusal")), JV_NULL);
    T_NEAR(0.5, jv_get_f64(v, "estimate", NAN), 0);
    T_STR("experiment", jv_get_str(v, "source"));
}

TEST(a_scope_has_one_name)
{
    for (int i = 0; i < INSIGHT_N_SCOPES; i++) {
        InsightScope s;
        assert_true(insight_scope_parse(str_from(insight_scope_name((InsightScope)i)), &s));
        assert_int_equal((int)s, i);
    }
    InsightScope s;
    assert_false(insight_scope_parse(STR("team"), &s));
}

T_MAIN(T(rows_of_one_question_stand_together_and_end_with_the_next), T(a_refusal_has_no_figures),
       T(what_is_not_finite_is_a_refusal), T(an_interval_for_every_look_has_no_p_and_is_an_answer),
       T(a_scope_has_one_name))
