#include "harness/t.h"
#include "base/mem.h"
#include "coach/coach_predict.h"

#include <math.h>
#include <string.h>

/* Two models of one tree each, written by hand: speed to lead splits at 10 minutes, closings at 1. */
static const char *const MODEL =
    "{\"learner\":{\"learner_model_param\":{\"base_score\":\"%s\",\"num_feature\":\"46\"},\"objective\":{"
    "\"name\":\"%s\"},"
    "\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{\"trees\":[{\"tree_param\":{\"num_nodes\":\"5\"},"
    "\"left_children\":[1,-1,3,-1,-1],\"right_children\":[2,-1,4,-1,-1],\"split_indices\":[0,0,27,0,0],"
    "\"split_conditions\":[10,0.8,1,-1.2,0.1],\"default_left\":[0,0,1,0,0],\"sum_hessian\":[100,40,60,30,30]}"
    "]}}}}";

static CoachModels *models_new(void)
{
    CoachModels *m = MEM_NEW(CoachModels);
    m->refs_ = 1;
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        CLEANUP(buf_done) Buf b = BUF(4096);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        buf_addf(&b, MODEL, k == COACH_GOAL ? "5E-1" : "1E0", coach_kind_objective(k));
#pragma GCC diagnostic pop
        Err err;
        T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m->of[k].gbt, &err), err);
        m->of[k].version = 3;
    }
    return m;
}

static void row_of(float *x, float speed, float closings)
{
    for (int f = 0; f < COACH_N_FEATURES; f++)
        x[f] = NAN;
    x[COACH_F_speed_to_lead_min_30d] = speed;
    x[COACH_F_closings_30d] = closings;
}

TEST(a_prediction_is_the_leaf_through_the_link)
{
    CLEANUP(coach_models_unrefp) const CoachModels *m = models_new();
    /* Base margin 0 for both (logit 0.5, log 1), so the margin is the leaf. */
    static const struct {
        float speed, closings;
        double leaf;
    } rows[] = {{5, 0, 0.8}, {47, 0, -1.2}, {47, 2, 0.1}, {47, NAN, -1.2}, {NAN, 2, 0.1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        float x[COACH_N_FEATURES];
        row_of(x, rows[i].speed, rows[i].closings);
        CoachPrediction p = {0};
        coach_score(m, COACH_GOAL, x, &p);
        T_NEAR(1 / (1 + exp(-rows[i].leaf)), p.value, 1e-6);
        coach_score(m, COACH_CLOSINGS, x, &p);
        T_NEAR(exp(rows[i].leaf), p.value, 1e-6);
        assert_int_equal(p.model_version, 3);
    }
}

TEST(points_add_up_to_the_change_of_the_chance)
{
    CLEANUP(coach_models_unrefp) const CoachModels *m = models_new();
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        float x[COACH_N_FEATURES];
        row_of(x, 47, 0);
        CoachPrediction p = {0};
        coach_score(m, k, x, &p);
        /* Bias by hand: (40 * 0.8 + 30 * -1.2 + 30 * 0.1) / 100 = -0.01 */
        T_NEAR(-0.01, p.bias, 1e-7);
        double base = k == COACH_GOAL ? 1 / (1 + exp(0.01)) : exp(-0.01), sum = 0;
        for (int f = 0; f < COACH_N_FEATURES; f++)
            sum += coach_points(&p, f);
        T_NEAR((k == COACH_GOAL ? 100 : 1) * (p.value - base), sum, 1e-4);
        assert_true(coach_points(&p, COACH_F_speed_to_lead_min_30d) < 0);
    }
}

TEST(points_are_the_slope_where_nothing_moves)
{
    CoachPrediction p = {.present = true, .kind = COACH_GOAL, .margin = 0, .bias = 0, .value = 0.5};
    p.shap[0] = 0.02;
    p.shap[1] = -0.02;
    T_NEAR(0.5, coach_points(&p, 0), 1e-9); /* 100 * 0.02 * 0.25 */
    T_NEAR(-0.5, coach_points(&p, 1), 1e-9);
}

TEST(drivers_are_the_largest_first_and_skip_what_nobody_can_change)
{
    CoachPrediction p = {.present = true};
    p.shap[COACH_F_calls_30d] = 0.1;
    p.shap[COACH_F_speed_to_lead_min_30d] = -0.4;
    p.shap[COACH_F_season_sin] = 0.9;
    p.shap[COACH_F_offers_30d] = 0.2;
    int got[6];
    assert_int_equal(coach_drivers(&p, true, 6, got), 3);
    assert_int_equal(got[0], COACH_F_speed_to_lead_min_30d);
    assert_int_equal(got[1], COACH_F_offers_30d);
    assert_int_equal(got[2], COACH_F_calls_30d);
    assert_int_equal(coach_drivers(&p, false, 1, got), 1);
    assert_int_equal(got[0], COACH_F_season_sin);
}

TEST(without_a_model_there_is_no_prediction)
{
    CoachModels none = {.refs_ = 1};
    float x[COACH_N_FEATURES] = {0};
    CoachPrediction p = {.present = true};
    coach_score(&none, COACH_GOAL, x, &p);
    assert_false(p.present);
    CLEANUP(buf_done) Buf b = BUF(1024);
    Jw w = jw(&b);
    coach_prediction_json(&w, &p);
    T_STR("null", buf_str(&b));
}

TEST(kinds_have_their_names)
{
    CoachKind k;
    assert_true(coach_kind_parse(STR("closings"), &k) && k == COACH_CLOSINGS);
    assert_true(coach_kind_parse(STR("goal"), &k) && k == COACH_GOAL);
    assert_false(coach_kind_parse(STR("goals"), &k));
}

T_MAIN(T(a_prediction_is_the_leaf_through_the_link), T(points_add_up_to_the_change_of_the_chance),
       T(points_are_the_slope_where_nothing_moves),
       T(drivers_are_the_largest_first_and_skip_what_nobody_can_change),
       T(without_a_model_there_is_no_prediction), T(kinds_have_their_names))
