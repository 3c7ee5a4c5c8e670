#include "model/model_importance.h"
#include "sample.h"

/* y = 10 a + noise; b, c, d say nothing; more rows than are used. */
static ModelBundle *fit(const float *x, const float *y, bst_ulong n)
{
    DMatrixHandle data;
    BoosterHandle booster;
    XGB(XGDMatrixCreateFromMat(x, n, SAMPLE_FEATURES, NAN, &data));
    XGB(XGDMatrixSetFloatInfo(data, "label", y, n));
    XGB(XGBoosterCreate(&data, 1, &booster));
    static const char *const params[][2] = {{"objective", "reg:squarederror"},
                                            {"max_depth", "4"},
                                            {"nthread", "1"},
                                            {"verbosity", "0"},
                                            {"tree_method", "hist"}};
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        XGB(XGBoosterSetParam(booster, params[i][0], params[i][1]));
    for (int i = 0; i < 30; i++)
        XGB(XGBoosterUpdateOneIter(booster, i, data));
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &len, &bytes));
    Err err;
    ModelBundle *b = NULL;
    T_OK(model_bundle_read_mem((Str){bytes, len}, GBT_ROUNDS_ALL, &b, &err), err);
    XGBoosterFree(booster);
    XGDMatrixFree(data);
    return b;
}

TEST(what_the_target_is_made_of_is_important_and_the_rest_is_not)
{
    /* Shuffling an independent column of weight 10 and variance 1/12 moves the forecast by the difference of two such
     * draws: the squared error grows by 2 * 100 / 12 = 16.7. */
    enum { N = 25000 };
    float *x = mem_array(N * SAMPLE_FEATURES, sizeof *x), *y = mem_array(N, sizeof *y);
    double *target = mem_array(N, sizeof *target);
    StatsRng r;
    stats_seed(&r, 2);
    for (int i = 0; i < N; i++) {
        for (int f = 0; f < SAMPLE_FEATURES; f++)
            x[i * SAMPLE_FEATURES + f] = (float)stats_uniform(&r);
        y[i] = 10 * x[i * SAMPLE_FEATURES + 2] + (float)stats_normal(&r);
        target[i] = (double)y[i];
    }
    CLEANUP(model_bundle_freep) ModelBundle *b = fit(x, y, N);
    ModelPermutation of[SAMPLE_FEATURES], again[SAMPLE_FEATURES];
    int64_t used = model_importance(b, MODEL_TASK_NUMBER, x, target, N, 3, 200, 5, of);
    assert_int_equal(used, MODEL_IMPORTANCE_ROWS);
    assert_int_equal(of[0].feature, 2);
    T_NEAR(100.0 / 6, of[0].increase.estimate, 0.5);
    assert_true(of[0].increase.low < 100.0 / 6 + 0.3 && of[0].increase.high > 100.0 / 6 - 0.3);
    for (int i = 1; i < SAMPLE_FEATURES; i++)
        T_NEAR(0, of[i].increase.estimate, 0.2);
    (void)model_importance(b, MODEL_TASK_NUMBER, x, target, N, 3, 200, 5, again);
    for (int i = 0; i < SAMPLE_FEATURES; i++) {
        assert_int_equal(of[i].feature, again[i].feature);
        assert_memory_equal(&of[i].increase, &again[i].increase, sizeof of[i].increase);
    }
    CLEANUP(buf_done) Buf text = BUF(4096);
    model_importance_print(&text, b, of, 1);
    assert_non_null(strstr(buf_cstr(&text), "f2"));
    mem_free(x);
    mem_free(y);
    mem_free(target);
}

TEST(a_column_that_the_model_does_not_use_costs_nothing)
{
    Oracle o = sample_model("binary:logistic", 10);
    Err err;
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    T_OK(model_bundle_read_mem(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &b, &err), err);
    CLEANUP(mem_freep) double *y = mem_array((size_t)o.n_rows, sizeof *y);
    for (int i = 0; i < o.n_rows; i++) {
        y[i] = i % 2;
        o.x[i * SAMPLE_FEATURES + 3] = 7; /* the same for all: shuffling changes nothing */
    }
    ModelPermutation of[SAMPLE_FEATURES];
    assert_int_equal(o.n_rows, model_importance(b, MODEL_TASK_BINARY, o.x, y, o.n_rows, 2, 50, 1, of));
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        if (of[i].feature == 3)
            T_NEAR(0, of[i].increase.estimate, 0);
    oracle_done(&o);
}

T_MAIN(T(what_the_target_is_made_of_is_important_and_the_rest_is_not),
       T(a_column_that_the_model_does_not_use_costs_nothing))
