#include "base/buf.h"
#include "gbt/gbt.h"
#include "oracle.h"

TEST(names_and_shape_are_kept)
{
    Oracle o = oracle_train(&ORACLE_SPECS[1]);
    const char *names[] = {"a", "b", "c", "d", "leads \"30d\""};
    XGB(XGBoosterSetStrFeatureInfo(o.booster, "feature_name", names, 5));
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(oracle_save(&o, "json"), GBT_ROUNDS_ALL, &m, &err), err);
    assert_int_equal(gbt_n_features(m), 5);
    assert_string_equal(gbt_feature_name(m, 4), "leads \"30d\"");
    assert_string_equal(gbt_feature_name(m, 5), "");
    oracle_done(&o);
}

TEST(what_is_not_supported_is_refused_by_name)
{
    static const struct {
        OracleSpec spec;
        const char *expected;
    } rows[] = {
        {{"binary:logistic", 2, 2, 50, 2, 0, {{"booster", "gblinear"}}}, "model: booster \"gblinear\""},
        {{"binary:logistic", 2, 2, 50, 2, 0, {{"booster", "dart"}}}, "model: booster \"dart\""},
        {{"binary:hinge", 2, 2, 50, 2, 0, {{0}}}, "model: objective \"binary:hinge\""},
        {{"multi:softprob", 2, 2, 50, 2, 0, {{"num_class", "3"}}}, "model: 3 classes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Oracle o = oracle_train(&rows[i].spec);
        Err err;
        GbtModel *m;
        T_FAILS(ERR_UNSUPPORTED, gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err));
        assert_string_equal(err.msg, rows[i].expected);
        assert_null(m);
        oracle_done(&o);
    }
}

/* Whatever loads must also score and explain without touching memory that is not its own (run under ASan). */
static void load_and_use(Str bytes, int *loaded)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    ErrKind kind = gbt_load(bytes, GBT_ROUNDS_ALL, &m, &err);
    if (kind != ERR_NONE) {
        if (kind != ERR_CORRUPT && kind != ERR_LIMIT && kind != ERR_UNSUPPORTED)
            fail_msg("a damaged model gave %s: %s", err_kind_name(kind), err.msg);
        return;
    }
    ++*loaded;
    size_t n = (size_t)gbt_n_features(m);
    CLEANUP(mem_freep) float *row = mem_array(n, sizeof *row);
    CLEANUP(mem_freep) double *out = mem_array(n + 1, sizeof *out);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    for (size_t f = 0; f < n; f++)
        row[f] = f % 2 ? NAN : 0.5f;
    margin_of(m, row);
    gbt_shap(m, row, out, scratch);
}

TEST(damaged_models_are_errors_and_not_crashes)
{
    OracleSpec spec = {"binary:logistic", 4, 3, 300, 4, 0.1, {{0}}};
    Oracle o = oracle_train(&spec);
    static const char *const formats[] = {"ubj", "json"};
    StatsRng rng;
    stats_seed(&rng, 5);
    for (size_t k = 0; k < ARRAY_LEN(formats); k++) {
        Str whole = oracle_save(&o, formats[k]);
        int loaded = 0;
        for (size_t len = 0; len < whole.len; len += 1 + whole.len / 400) {
            CLEANUP(mem_freep) char *cut = mem_zalloc(len + 1); /* an own block, so that ASan sees its end */
            memcpy(cut, whole.ptr, len);
            load_and_use((Str){cut, len}, &loaded);
        }
        assert_int_equal(loaded, 0);
        for (int round = 0; round < 1500; round++) {
            CLEANUP(mem_freep) char *bytes = mem_zalloc(whole.len);
            memcpy(bytes, whole.ptr, whole.len);
            int64_t changes = 1 + stats_below(&rng, 4);
            for (int64_t c = 0; c < changes; c++) {
                size_t at = (size_t)stats_below(&rng, (int64_t)whole.len);
                bytes[at] = stats_below(&rng, 2) ? (char)stats_u64(&rng)
                                                 : (char)(bytes[at] ^ 1 << stats_below(&rng, 8));
            }
            load_and_use((Str){bytes, whole.len}, &loaded);
        }
        assert_true(loaded > 0); /* some changes fall on numbers that may have any value */
    }
    oracle_done(&o);
}

static const char *const SMALL = "{\"learner\":{\"learner_model_param\":{\"base_score\":\"%s\",\"num_"
                                 "feature\":\"%s\"},\"objective\":{\"name\":"
                                 "\"binary:logistic\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{"
                                 "\"trees\":[{\"tree_param\":{\"num_nodes\":"
                                 "\"3\"},\"left_children\":[%s],\"right_children\":[2,-1,-1],\"split_"
                                 "indices\":[%s],\"split_conditions\":[%s],"
                                 "\"default_left\":[1,0,0],\"sum_hessian\":[%s]}]}}}}";

TEST(each_kind_of_damage_is_named)
{
    static const struct {
        const char *base, *features, *left, *indices, *conditions, *hessian, *expected;
    } rows[] = {
        {"5E-1", "2", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", NULL},
        {"1", "2", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model: base_score 1 does not fit the objective"},
        {"x", "2", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model: no base_score"},
        {"5E-1", "0", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model: no number of features"},
        {"5E-1", "5000", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model: more than 4096 features"},
        {"5E-1", "2", "3,-1,-1", "0,0,0", "0.5,1,2", "3,1,2",
         "model, tree 0, node 0: child outside the tree"},
        {"5E-1", "2", "2,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model, tree 0, node 2: reached twice"},
        {"5E-1", "2", "0,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model, tree 0, node 0: reached twice"},
        {"5E-1", "2", "1.5,-1,-1", "0,0,0", "0.5,1,2", "3,1,2",
         "model, tree 0, node 0: child outside the tree"},
        {"5E-1", "2", "1,-1,-1", "2,0,0", "0.5,1,2", "3,1,2",
         "model, tree 0, node 0: feature outside the model"},
        {"5E-1", "2", "1,-1,-1", "0,0,0", "0.5,1e300,2", "3,1,2",
         "model, tree 0, node 1: value is not finite"},
        {"5E-1", "2", "1,-1,-1", "0,0,0", "0.5,1,2", "3,-1,2", "model, tree 0, node 1: bad sum_hessian"},
        {"5E-1", "2", "1,-1", "0,0,0", "0.5,1,2", "3,1,2",
         "model, tree 0: \"left_children\" does not hold 3 numbers"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(4096);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        buf_addf(&b, SMALL, rows[i].base, rows[i].features, rows[i].left, rows[i].indices, rows[i].conditions,
                 rows[i].hessian);
#pragma GCC diagnostic pop
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        if (!rows[i].expected) {
            T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), err);
            continue;
        }
        assert_int_not_equal(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), ERR_NONE);
        assert_string_equal(err.msg, rows[i].expected);
    }
}

TEST(a_child_that_no_weight_reached_can_be_explained)
{
    CLEANUP(buf_done) Buf b = BUF(4096);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    buf_addf(&b, SMALL, "5E-1", "2", "1,-1,-1", "0,0,0", "0.5,1,2", "0,0,0");
#pragma GCC diagnostic pop
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), err);
    double out[3];
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    gbt_shap(m, (float[]){0, 0}, out, scratch);
    T_NEAR(1.5, out[2], 1e-9); /* both ways alike: the mean of 1 and 2 */
    T_NEAR(-0.5, out[0], 1e-9);
}

TEST(nesting_without_end_is_a_limit)
{
    char deep[200] = "{L";
    memset(deep + 2, 0, 7);
    deep[9] = 1;
    deep[10] = 'a';
    memset(deep + 11, '[', sizeof deep - 11);
    Err err;
    GbtModel *m;
    T_FAILS(ERR_LIMIT, gbt_load((Str){deep, sizeof deep}, GBT_ROUNDS_ALL, &m, &err));
    T_FAILS(ERR_CORRUPT, gbt_load(STR(""), GBT_ROUNDS_ALL, &m, &err));
    T_FAILS(ERR_CORRUPT, gbt_load(STR("binf"), GBT_ROUNDS_ALL, &m, &err)); /* XGBoost's old binary format */
}

T_MAIN(T(names_and_shape_are_kept), T(what_is_not_supported_is_refused_by_name),
       T(damaged_models_are_errors_and_not_crashes), T(each_kind_of_damage_is_named),
       T(a_child_that_no_weight_reached_can_be_explained), T(nesting_without_end_is_a_limit))
