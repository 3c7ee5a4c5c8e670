#include "gbt/gbt.h"
#include "oracle.h"

TEST(margins_are_bit_identical_to_xgboost)
{
    for (size_t s = 0; s < ARRAY_LEN(ORACLE_SPECS); s++) {
        Oracle o = oracle_train(&ORACLE_SPECS[s]);
        static const char *const formats[] = {"ubj", "json"};
        for (size_t k = 0; k < ARRAY_LEN(formats); k++) {
            Err err;
            CLEANUP(gbt_unrefp) GbtModel *m = NULL;
            T_OK(gbt_load(oracle_save(&o, formats[k]), GBT_ROUNDS_ALL, &m, &err), err);
            const float *expected = oracle_predict(&o, 1);
            for (int i = 0; i < o.n_rows; i++) {
                float got = margin_of(m, o.x + (size_t)i * (size_t)o.n_features);
                if (memcmp(&got, &expected[i], sizeof got) != 0)
                    fail_msg("model %zu as %s, row %d: %.9g, xgboost %.9g", s, formats[k], i, got,
                             expected[i]);
            }
        }
        oracle_done(&o);
    }
}

TEST(infinite_and_missing_values_take_the_same_way)
{
    /* Oracle on rows that the training data does not have: all missing, all +inf or -inf (inplace accepts those). */
    Oracle o = oracle_train(&ORACLE_SPECS[0]);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
    static const float fills[] = {NAN, INFINITY, -INFINITY, 0};
    for (size_t k = 0; k < ARRAY_LEN(fills); k++) {
        float row[12];
        for (int f = 0; f < 12; f++)
            row[f] = fills[k];
        char array[160];
        snprintf(array, sizeof array,
                 "{\"data\":[%llu,true],\"shape\":[1,12],\"typestr\":\"<f4\",\"version\":3}",
                 (unsigned long long)(uintptr_t)row);
        bst_ulong const *shape;
        bst_ulong dim;
        const float *out;
        XGB(XGBoosterPredictFromDense(
            o.booster, array,
            "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
            "\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
            NULL, &shape, &dim, &out));
        float got = margin_of(m, row);
        assert_memory_equal(&got, out, sizeof got);
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

T_MAIN(T(margins_are_bit_identical_to_xgboost), T(infinite_and_missing_values_take_the_same_way),
       T(the_link_is_that_of_the_objective))
