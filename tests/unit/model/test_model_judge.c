#include "model/model_judge.h"
#include "sample.h"

static ModelJudgement judge(ModelTask task, const double *out, const double *y, int64_t n, int width)
{
    Err err;
    ModelJudgement j;
    ModelJudgeInput in = {.out = out, .y = y, .n = n, .width = width, .naive = NAN, .rounds = 200, .seed = 1};
    T_OK(model_judge(task, &in, &j, &err), err);
    return j;
}

static void check(const ModelJudgement *j, const char *name, double model, double naive)
{
    const ModelScore *s = model_judgement_score(j, name);
    if (!s)
        fail_msg("no score %s", name);
    T_NEAR(model, s->model.estimate, 1e-4);
    T_NEAR(naive, s->naive, 1e-4);
    T_NEAR(model - naive, s->difference.estimate, 1e-4);
    assert_true(s->model.low <= s->model.estimate && s->model.estimate <= s->model.high);
}

/* Scores: the examples of scikit-learn's reference. Naive ones by hand. */
TEST(two_outcomes_are_judged_as_probabilities)
{
    double p[] = {0.1, 0.4, 0.35, 0.8}, y[] = {0, 0, 1, 1};
    ModelJudgement j = judge(MODEL_TASK_BINARY, p, y, 4, 1);
    T_NEAR(0.75, model_judgement_score(&j, "auc")->model.estimate, 1e-12);
    T_NEAR(0.8333333333, model_judgement_score(&j, "pr_auc")->model.estimate, 1e-9);
    T_NEAR(0.5, model_judgement_score(&j, "auc")->naive, 0);
    T_NEAR(0.5, model_judgement_score(&j, "pr_auc")->naive, 0);
    check(&j, "brier", (0.01 + 0.16 + 0.4225 + 0.04) / 4, 0.25);
    check(&j, "log_loss", -(log(0.9) + log(0.6) + log(0.35) + log(0.8)) / 4, log(2));
    T_NEAR(0.5, j.mean_target, 1e-12);
    T_NEAR(0.4125, j.mean_output, 1e-12);
    assert_int_equal(j.n_bins, MODEL_JUDGE_BINS);
}

TEST(the_naive_forecast_is_that_of_the_training_when_it_is_known)
{
    double p[] = {0.1, 0.4, 0.35, 0.8}, y[] = {0, 0, 1, 1};
    ModelJudgeInput in = {.out = p, .y = y, .n = 4, .width = 1, .naive = 0.2};
    ModelJudgement j;
    Err err;
    T_OK(model_judge(MODEL_TASK_BINARY, &in, &j, &err), err);
    T_NEAR((0.04 + 0.64) / 2, model_judgement_score(&j, "brier")->naive, 1e-12);
    T_NEAR(0.3, model_judgement_score(&j, "ece")->naive, 1e-12);
    assert_true(isnan(model_judgement_score(&j, "brier")->model.low)); /* no rounds, no interval */
}

TEST(numbers_and_counts_are_judged_by_their_own_loss)
{
    double p[] = {2.5, 0.0, 2, 8}, y[] = {3, -0.5, 2, 7}; /* mean 2.875 */
    ModelJudgement j = judge(MODEL_TASK_NUMBER, p, y, 4, 1);
    check(&j, "rmse", 0.612372, sqrt((0.125 * 0.125 + 3.375 * 3.375 + 0.875 * 0.875 + 4.125 * 4.125) / 4));
    check(&j, "mae", 0.5, (0.125 + 3.375 + 0.875 + 4.125) / 4);
    double mu[] = {0.5, 0.5, 2, 2}, counts[] = {2, 0, 1, 4}, positive[] = {2, 0.5, 1, 4};
    j = judge(MODEL_TASK_COUNT, mu, counts, 4, 1);
    /* mean 1.75: 2 / 4 (2 ln(2 / 1.75) + ln(1 / 1.75) + 4 ln(4 / 1.75)), the differences add up to 0 */
    check(&j, "poisson_deviance", 1.4260, (2 * log(2 / 1.75) + log(1 / 1.75) + 4 * log(4 / 1.75)) / 2);
    j = judge(MODEL_TASK_GAMMA, mu, positive, 4, 1);
    T_NEAR(1.0568, model_judgement_score(&j, "gamma_deviance")->model.estimate, 1e-4);
    j = judge(MODEL_TASK_TWEEDIE, mu, counts, 4, 1);
    T_NEAR(1.77817, model_judgement_score(&j, "tweedie_deviance")->model.estimate, 1e-4);
}

TEST(classes_are_judged_by_the_probability_of_the_right_one)
{
    double p[] = {0.7, 0.2, 0.1, 0.1, 0.3, 0.6, 0.4, 0.5, 0.1}, y[] = {0, 1, 1};
    ModelJudgement j = judge(MODEL_TASK_CLASSES, p, y, 3, 3);
    /* naive: 1/3 for class 0, 2/3 for class 1 */
    check(&j, "log_loss", -(log(0.7) + log(0.3) + log(0.5)) / 3, -(log(1.0 / 3) + 2 * log(2.0 / 3)) / 3);
    check(&j, "accuracy", 2.0 / 3, 2.0 / 3);
    assert_int_equal(j.n_bins, 0);
}

TEST(targets_that_the_objective_cannot_have_are_named)
{
    static const struct {
        ModelTask task;
        double y;
        const char *says;
    } rows[] = {{MODEL_TASK_BINARY, 0.5, "0 or 1"},       {MODEL_TASK_BINARY, NAN, "0 or 1"},
                {MODEL_TASK_CLASSES, 1, "class"},         {MODEL_TASK_CLASSES, -1, "class"},
                {MODEL_TASK_COUNT, -1, "0 or above"},     {MODEL_TASK_GAMMA, 0, "above 0"},
                {MODEL_TASK_NUMBER, INFINITY, "a number"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double p[] = {0.5, 0.5}, y[] = {rows[i].task == MODEL_TASK_GAMMA, rows[i].y};
        ModelJudgeInput in = {.out = p, .y = y, .n = 2, .width = 1};
        ModelJudgement j;
        Err err;
        T_FAILS(ERR_INVALID, model_judge(rows[i].task, &in, &j, &err));
        assert_non_null(strstr(err.msg, "row 2"));
        assert_non_null(strstr(err.msg, rows[i].says));
    }
    ModelJudgement j;
    T_FAILS(ERR_INVALID, model_judge(MODEL_TASK_NUMBER, &(ModelJudgeInput){.n = 0}, &j, NULL));
}

TEST(outputs_are_probabilities_whatever_the_objective_calls_them)
{
    static const struct {
        const char *objective;
        double margin_to_p; /* 1: through the logistic function */
    } rows[] = {{"binary:logistic", 1}, {"count:poisson", 0}, {"reg:squarederror", -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Oracle o = sample_model(rows[i].objective, 8);
        Err err;
        CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
        T_OK(model_bundle_read_mem(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &b, &err), err);
        double out[600];
        model_judge_outputs(b, o.x, o.n_rows, false, out);
        const float *margins = oracle_predict(&o, 1);
        for (int k = 0; k < o.n_rows; k++) {
            double m = (double)margins[k];
            double expected = rows[i].margin_to_p > 0   ? 1 / (1 + exp(-m))
                              : rows[i].margin_to_p < 0 ? m
                                                        : exp(m);
            T_NEAR(expected, out[k], 1e-6 * fmax(1, fabs(expected)));
        }
        oracle_done(&o);
    }
}

TEST(folds_go_forward_and_keep_equal_times_together)
{
    /* Times of 12 rows, unsorted: 1 1 1 2 2 3 3 3 3 4 5 5; thirds would cut at 4 (within 2) and 8 (within 3). */
    int64_t time[] = {3, 1, 5, 2, 1, 3, 4, 3, 2, 1, 5, 3}, order[12];
    ModelFold folds[MODEL_FOLDS_MAX];
    assert_int_equal(2, model_folds(time, 12, 2, order, folds));
    static const int64_t expected[] = {1, 4, 9, 3, 8, 0, 5, 7, 11, 6, 2, 10};
    assert_memory_equal(expected, order, sizeof order);
    assert_int_equal(5, folds[0].test_from);
    assert_int_equal(9, folds[0].test_to);
    assert_int_equal(9, folds[1].test_from);
    assert_int_equal(12, folds[1].test_to);
    int64_t same[] = {7, 7, 7};
    assert_int_equal(0, model_folds(same, 3, 2, order, folds));
    assert_int_equal(0, model_folds(same, 0, 2, order, folds));
    int64_t two[] = {2, 1, 2, 1};
    assert_int_equal(1, model_folds(two, 4, 5, order, folds)); /* two times make one fold */
    assert_int_equal(2, folds[0].test_from);
    assert_int_equal(4, folds[0].test_to);
}

TEST(a_judgement_is_json_and_a_table)
{
    double p[] = {0.1, 0.4, 0.35, 0.8}, y[] = {0, 0, 1, 1};
    ModelJudgement j = judge(MODEL_TASK_BINARY, p, y, 4, 1);
    CLEANUP(buf_done) Buf text = BUF(1 << 16), table = BUF(1 << 16);
    Jw w = jw(&text);
    model_judgement_json(&w, &j);
    Err err;
    CLEANUP(jv_freep) Jv *json = NULL;
    T_OK(jv_parse(buf_str(&text), &json, &err), err);
    const Jv *auc = jv_get(jv_get(json, "scores"), "auc");
    T_NEAR(0.75, jv_get_f64(jv_get(auc, "model"), "estimate", 0), 0);
    T_NEAR(0.25, jv_get_f64(jv_get(auc, "difference"), "estimate", 0), 0);
    assert_int_equal(4, jv_len(jv_get(json, "reliability")));
    model_judgement_print(&table, &j, NULL);
    assert_non_null(strstr(buf_cstr(&table), "auc"));
    assert_non_null(strstr(buf_cstr(&table), "0.75"));
}

T_MAIN(T(two_outcomes_are_judged_as_probabilities),
       T(the_naive_forecast_is_that_of_the_training_when_it_is_known),
       T(numbers_and_counts_are_judged_by_their_own_loss),
       T(classes_are_judged_by_the_probability_of_the_right_one),
       T(targets_that_the_objective_cannot_have_are_named),
       T(outputs_are_probabilities_whatever_the_objective_calls_them),
       T(folds_go_forward_and_keep_equal_times_together), T(a_judgement_is_json_and_a_table))
