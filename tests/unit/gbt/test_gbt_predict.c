#include "gbt/gbt.h"
#include "oracle.h"

/* All margins and all values of the training rows; bits must agree. */
static void compare(Oracle *o, const char *format, int rounds, const char *name)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(oracle_save(o, format), rounds, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    size_t rows = (size_t)o->n_rows, n;
    for (int type = 0; type < 2; type++) {
        size_t width = (size_t)(type ? gbt_n_groups(m) : gbt_n_outputs(m));
        CLEANUP(mem_freep) float *got = mem_array(rows * width, sizeof *got);
        const float *expected = oracle_predict_rounds(o, type, rounds == GBT_ROUNDS_BEST ? 3 : rounds, &n);
        assert_int_equal(n, rows * width);
        if (type)
            gbt_margins(m, o->x, rows, got, scratch);
        else
            gbt_predict(m, o->x, rows, got, scratch);
        for (size_t i = 0; i < n; i++)
            if (memcmp(&got[i], &expected[i], sizeof *got) != 0)
                fail_msg("%s as %s, %s %zu of row %zu: %.9g, xgboost %.9g", name, format,
                         type ? "margin" : "value", i % width, i / width, (double)got[i],
                         (double)expected[i]);
    }
}

static void compare_both(const OracleSpec *spec)
{
    Oracle o = oracle_train(spec);
    compare(&o, "ubj", GBT_ROUNDS_ALL, spec->objective);
    compare(&o, "json", GBT_ROUNDS_ALL, spec->objective);
    oracle_done(&o);
}

TEST(margins_are_bit_identical_to_xgboost)
{
    for (size_t s = 0; s < ARRAY_LEN(ORACLE_SPECS); s++)
        compare_both(&ORACLE_SPECS[s]);
}

/* The values bit for bit too: both sides call the expf, logf and exp of one libm. */
TEST(each_objective_has_xgboosts_margins_and_values)
{
    static const OracleSpec specs[] = {
        {"binary:logistic", 3, 6, 300, 5, 0.1, {{0}}, 0, 0},
        {"binary:logistic", 3, 6, 300, 5, 0.1, {{"base_score", "0.9999"}}, 0, 0},
        {"binary:logitraw", 3, 6, 300, 5, 0.1, {{"base_score", "0.2"}}, 0, 0},
        {"binary:hinge", 3, 6, 300, 5, 0.1, {{"base_score", "0.3"}}, 0, 0},
        {"reg:squarederror", 3, 6, 300, 5, 0.1, {{"base_score", "-3.25"}}, 0, 0},
        {"reg:linear", 3, 6, 300, 5, 0.1, {{0}}, 0, 0},
        {"reg:squaredlogerror", 3, 6, 300, 5, 0.1, {{"base_score", "0.7"}}, 0, 0},
        {"reg:logistic", 3, 6, 300, 5, 0.1, {{"base_score", "0.2"}}, 0, 0},
        {"reg:absoluteerror", 3, 6, 300, 5, 0.1, {{0}}, 0, 0},
        {"reg:pseudohubererror", 3, 6, 300, 5, 0.1, {{"base_score", "0.25"}}, 0, 0},
        {"reg:gamma", 3, 6, 300, 5, 0.1, {{"base_score", "2.5"}}, 0, 0},
        {"reg:tweedie", 3, 6, 300, 5, 0.1, {{"base_score", "2.5"}}, 0, 0},
        {"count:poisson", 3, 6, 300, 5, 0.1, {{"base_score", "1.9"}}, 0, 0},
        {"survival:cox", 3, 6, 300, 5, 0.1, {{"base_score", "1.4"}}, 0, 0},
        {"survival:aft", 3, 6, 300, 5, 0.1, {{"base_score", "1.4"}}, 0, 0},
        {"multi:softprob", 3, 6, 300, 5, 0.1, {{"num_class", "4"}}, 0, 0},
        {"multi:softmax", 3, 6, 300, 5, 0.1, {{"num_class", "5"}, {"base_score", "0.3"}}, 0, 0},
        {"rank:pairwise", 3, 6, 300, 5, 0.1, {{0}}, 0, 0},
        {"rank:ndcg", 3, 6, 300, 5, 0.1, {{"base_score", "0.1"}}, 0, 0},
        {"rank:map", 3, 6, 300, 5, 0.1, {{0}}, 0, 0},
        {"reg:squarederror", 3, 6, 300, 5, 0.1, {{0}}, 0, 3},
        {"binary:logistic", 3, 6, 300, 5, 0.1, {{0}}, 0, 2},
    };
    for (size_t s = 0; s < ARRAY_LEN(specs); s++)
        compare_both(&specs[s]);
}

TEST(dart_forests_and_deep_trees_are_bit_identical)
{
    static const OracleSpec specs[] = {
        {"binary:logistic", 4, 15, 400, 5, 0.1, {{"booster", "dart"}, {"rate_drop", "0.5"}}, 0, 0},
        {"multi:softprob",
         3,
         8,
         400,
         5,
         0.1,
         {{"booster", "dart"}, {"rate_drop", "0.4"}, {"num_class", "3"}, {"normalize_type", "forest"}},
         0,
         0},
        {"binary:logistic", 4, 5, 400, 5, 0.1, {{"num_parallel_tree", "4"}, {"subsample", "0.6"}}, 0, 0},
        {"multi:softprob",
         3,
         4,
         400,
         5,
         0.1,
         {{"num_parallel_tree", "3"}, {"num_class", "3"}, {"colsample_bynode", "0.5"}},
         0,
         0},
        {"reg:squarederror",
         0,
         2,
         2000,
         2,
         0,
         {{"grow_policy", "lossguide"}, {"max_leaves", "400"}, {"min_child_weight", "0"}, {"lambda", "0"}},
         0,
         0},
    };
    for (size_t s = 0; s < ARRAY_LEN(specs); s++)
        compare_both(&specs[s]);
}

static const OracleSpec CATEGORICAL[] = {
    {"binary:logistic",
     4,
     8,
     500,
     5,
     0.1,
     {{"max_cat_to_onehot", "100"}},
     40,
     0}, /* one category against the rest */
    {"reg:squarederror", 4, 8, 500, 5, 0.1, {{"max_cat_to_onehot", "2"}}, 70, 0}, /* sets */
    {"multi:softprob", 3, 4, 500, 5, 0.1, {{"max_cat_to_onehot", "10"}, {"num_class", "3"}}, 33, 0},
    {"binary:logistic", 4, 8, 500, 5, 0.1, {{"booster", "dart"}, {"rate_drop", "0.5"}}, 70, 0},
};

TEST(categorical_splits_are_bit_identical)
{
    for (size_t s = 0; s < ARRAY_LEN(CATEGORICAL); s++)
        compare_both(&CATEGORICAL[s]);
}

TEST(what_is_no_category_goes_where_xgboost_sends_it)
{
    static const float odd[] = {-1,   -0.5f,    -0.0f,    0.7f, 3.9f,  31,       32,        63.99f,
                                1000, 16777215, 16777216, 3e9f, -3e9f, INFINITY, -INFINITY, NAN};
    for (size_t s = 0; s < ARRAY_LEN(CATEGORICAL); s++) {
        Oracle o = oracle_train(&CATEGORICAL[s]);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        for (size_t k = 0; k < ARRAY_LEN(odd) * ARRAY_LEN(odd); k++) {
            float row[5] = {odd[k % ARRAY_LEN(odd)], odd[k / ARRAY_LEN(odd)], 0.3f, -1, (float)k / 100};
            float got[3];
            gbt_margins(m, row, 1, got, scratch);
            const float *expected = oracle_predict_row(&o, row);
            for (int g = 0; g < gbt_n_groups(m); g++)
                if (memcmp(&got[g], &expected[g], sizeof *got) != 0)
                    fail_msg("model %zu, categories %g and %g: %.9g, xgboost %.9g", s, (double)row[0],
                             (double)row[1], (double)got[g], (double)expected[g]);
        }
        oracle_done(&o);
    }
}

TEST(rounds_are_those_of_iteration_range)
{
    static const OracleSpec specs[] = {
        {"binary:logistic", 3, 7, 300, 5, 0.1, {{0}}, 0, 0},
        {"multi:softprob",
         3,
         7,
         300,
         5,
         0.1,
         {{"num_class", "3"}, {"num_parallel_tree", "2"}, {"subsample", "0.7"}},
         0,
         0},
        {"binary:logistic", 3, 7, 300, 5, 0.1, {{"booster", "dart"}, {"rate_drop", "0.5"}}, 0, 0},
    };
    for (size_t s = 0; s < ARRAY_LEN(specs); s++) {
        Oracle o = oracle_train(&specs[s]);
        compare(&o, "ubj", 1, "one round");
        compare(&o, "json", 5, "five rounds");
        compare(&o, "json", 7, "all rounds");
        XGB(XGBoosterSetAttr(o.booster, "best_iteration", "2"));
        compare(&o, "ubj", GBT_ROUNDS_BEST, "the best rounds");
        oracle_done(&o);
    }
}

TEST(infinite_and_missing_values_take_the_same_way)
{
    /* Rows that the training data does not have: all missing, all +inf or -inf. */
    Oracle o = oracle_train(&ORACLE_SPECS[0]);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
    static const float fills[] = {NAN, INFINITY, -INFINITY, 0};
    for (size_t k = 0; k < ARRAY_LEN(fills); k++) {
        float row[12];
        for (int f = 0; f < 12; f++)
            row[f] = fills[k];
        float got = margin_of(m, row);
        assert_memory_equal(&got, oracle_predict_row(&o, row), sizeof got);
    }
    oracle_done(&o);
}

TEST(the_link_is_that_of_the_objective)
{
    static const struct {
        const char *objective;
        double margin, expected;
    } rows[] = {
        {"binary:logistic", 0, 0.5},      {"binary:logistic", 2, 0.88079707797788}, /* 1 / (1 + e^-2) */
        {"binary:logistic", -800, 0},     {"count:poisson", 1, 2.718281828459045},
        {"reg:squarederror", -3.5, -3.5},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OracleSpec spec = {rows[i].objective, 2, 1, 50, 2, 0, {{0}}};
        Oracle o = oracle_train(&spec);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        float margin = (float)rows[i].margin, value;
        gbt_link(m, &margin, &value);
        T_NEAR(rows[i].expected, (double)value, 2e-7 * fmax(1, fabs(rows[i].expected)));
        assert_string_equal(gbt_objective(m), rows[i].objective);
        oracle_done(&o);
    }
}

/* Far margins, which no training reaches: libxgboost gets them as base_margin of a model without trees. */
TEST(far_margins_go_through_the_link_as_in_xgboost)
{
    static const char *const objectives[] = {"binary:logistic", "reg:logistic", "count:poisson", "reg:gamma",
                                             "binary:hinge",    "survival:cox", "survival:aft"};
    enum { ROWS = 64 };
    for (size_t k = 0; k < ARRAY_LEN(objectives); k++) {
        OracleSpec spec = {objectives[k], 2, 0, ROWS, 2, 0, {{0}}, 0, 0};
        Oracle o = oracle_train(&spec);
        float margins[ROWS];
        for (int i = 0; i < ROWS; i++)
            margins[i] = (float)((i - ROWS / 2) * 3.1);
        XGB(XGDMatrixSetFloatInfo(o.data, "base_margin", margins, ROWS));
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        const float *expected = oracle_predict(&o, 0);
        for (int i = 0; i < ROWS; i++) {
            float got;
            gbt_link(m, &margins[i], &got);
            if (memcmp(&got, &expected[i], sizeof got) != 0)
                fail_msg("%s of %g: %.9g, xgboost %.9g", objectives[k], (double)margins[i], (double)got,
                         (double)expected[i]);
        }
        oracle_done(&o);
    }
}

T_MAIN(T(margins_are_bit_identical_to_xgboost), T(each_objective_has_xgboosts_margins_and_values),
       T(dart_forests_and_deep_trees_are_bit_identical), T(categorical_splits_are_bit_identical),
       T(what_is_no_category_goes_where_xgboost_sends_it), T(rounds_are_those_of_iteration_range),
       T(infinite_and_missing_values_take_the_same_way), T(the_link_is_that_of_the_objective),
       T(far_margins_go_through_the_link_as_in_xgboost))
