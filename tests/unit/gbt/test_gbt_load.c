#include "base/buf.h"
#include "gbt/gbt.h"
#include "oracle.h"

TEST(names_types_and_shape_are_kept)
{
    Oracle o = oracle_train(&ORACLE_SPECS[1]);
    const char *names[] = {"a", "größe \xf0\x9f\x8f\xa0", "", "back\\slash\ttab / \x01", "leads \"30d\""};
    const char *types[] = {"float", "int", "i", "q", "q"};
    static const char *const formats[] = {"ubj", "json"};
    XGB(XGBoosterSetStrFeatureInfo(o.booster, "feature_name", names, 5));
    XGB(XGBoosterSetStrFeatureInfo(o.booster, "feature_type", types, 5));
    for (size_t k = 0; k < ARRAY_LEN(formats); k++) {
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, formats[k]), GBT_ROUNDS_ALL, &m, &err), err);
        assert_int_equal(gbt_n_features(m), 5);
        for (int f = 0; f < 5; f++) {
            assert_string_equal(gbt_feature_name(m, f), names[f]);
            assert_string_equal(gbt_feature_type(m, f), types[f]);
        }
        assert_string_equal(gbt_feature_name(m, 5), "");
        assert_string_equal(gbt_booster(m), "gbtree");
        assert_int_equal(gbt_n_rounds(m), 20);
        assert_int_equal(gbt_best_round(m), -1);
    }
    oracle_done(&o);
}

TEST(a_name_may_be_as_long_as_the_limit_and_no_longer)
{
    OracleSpec spec = {"binary:logistic", 2, 1, 50, 1, 0, {{0}}, 0, 0};
    Oracle o = oracle_train(&spec);
    char name[GBT_NAME_MAX + 2] = "";
    for (size_t len = GBT_NAME_MAX; len <= GBT_NAME_MAX + 1; len++) {
        memset(name, 'n', len);
        const char *names[] = {name};
        XGB(XGBoosterSetStrFeatureInfo(o.booster, "feature_name", names, 1));
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        ErrKind kind = gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err);
        assert_int_equal(kind, len <= GBT_NAME_MAX ? ERR_NONE : ERR_LIMIT);
    }
    oracle_done(&o);
}

static void refuse(Str bytes, ErrKind kind, const char *expected)
{
    Err err;
    GbtModel *m;
    T_FAILS(kind, gbt_load(bytes, GBT_ROUNDS_ALL, &m, &err));
    assert_string_equal(err.msg, expected);
    assert_null(m);
}

TEST(what_is_not_supported_is_refused_by_name)
{
    OracleSpec spec = {"binary:logistic", 2, 2, 50, 2, 0, {{"booster", "gblinear"}}, 0, 0};
    Oracle o = oracle_train(&spec);
    refuse(oracle_save(&o, "ubj"), ERR_UNSUPPORTED, "model: booster \"gblinear\"");
    refuse(oracle_save(&o, "json"), ERR_UNSUPPORTED, "model: booster \"gblinear\"");
    oracle_done(&o);
    spec.more[0][0] = NULL;
    o = oracle_train(&spec);
    refuse(oracle_save(&o, "deprecated"), ERR_UNSUPPORTED,
           "model: XGBoost's old binary format; save it as JSON or UBJSON");
    refuse(STR("binf"), ERR_UNSUPPORTED, "model: XGBoost's old binary format; save it as JSON or UBJSON");
    oracle_done(&o);
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
    size_t groups = (size_t)gbt_n_groups(m);
    CLEANUP(mem_freep) float *margins = mem_array(groups, sizeof *margins);
    CLEANUP(mem_freep) double *out = mem_array(groups * (n + 1), sizeof *out);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    for (size_t f = 0; f < n; f++)
        row[f] = f % 2 ? NAN : 0.5f;
    gbt_predict(m, row, 1, margins, scratch);
    gbt_shap(m, row, out, scratch);
}

static void damage(Str whole, StatsRng *rng)
{
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
        int64_t changes = 1 + stats_below(rng, 4);
        for (int64_t c = 0; c < changes; c++) {
            size_t at = (size_t)stats_below(rng, (int64_t)whole.len);
            bytes[at] =
                stats_below(rng, 2) ? (char)stats_u64(rng) : (char)(bytes[at] ^ 1 << stats_below(rng, 8));
        }
        load_and_use((Str){bytes, whole.len}, &loaded);
    }
    assert_true(loaded > 0); /* some changes fall on numbers that may have any value */
}

TEST(damaged_models_are_errors_and_not_crashes)
{
    static const OracleSpec specs[] = {
        {"binary:logistic", 4, 3, 300, 4, 0.1, {{0}}, 0, 0},
        {"multi:softprob",
         3,
         3,
         300,
         4,
         0.1,
         {{"booster", "dart"}, {"rate_drop", "0.5"}, {"num_class", "3"}},
         40,
         0},
    };
    StatsRng rng;
    stats_seed(&rng, 5);
    for (size_t s = 0; s < ARRAY_LEN(specs); s++) {
        Oracle o = oracle_train(&specs[s]);
        damage(oracle_save(&o, "ubj"), &rng);
        damage(oracle_save(&o, "json"), &rng);
        oracle_done(&o);
    }
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
        {"5E-1", "5000", "1,-1,-1", "0,0,0", "0.5,1,2", "3,1,2", "model: num_feature is above 4096"},
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

/* A model of two features and one group with one categorical split; each row of the table changes one piece of it. */
static const char *const WHOLE =
    "{\"version\":[2,0,0],\"learner\":{\"attributes\":{\"best_iteration\":\"0\"},\"feature_names\":[\"a\","
    "\"b\"],"
    "\"learner_model_param\":{\"base_score\":\"5E-1\",\"num_class\":\"0\",\"num_feature\":\"2\",\"num_"
    "target\":\"1\"},"
    "\"objective\":{\"name\":\"reg:squarederror\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{"
    "\"gbtree_model_param\":{\"num_trees\":\"1\",\"num_parallel_tree\":\"1\"},\"iteration_indptr\":[0,1],"
    "\"tree_info\":[0],\"trees\":[{\"tree_param\":{\"num_nodes\":\"3\",\"size_leaf_vector\":\"1\"},"
    "\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],\"split_indices\":[1,0,0],"
    "\"split_conditions\":[NaN,-1E0,2.5E0],\"default_left\":[false,false,false],\"sum_hessian\":[3,1,2],"
    "\"split_type\":[1,0,0],\"categories\":[2,5],\"categories_nodes\":[0],\"categories_segments\":[0],"
    "\"categories_sizes\":[2]}]}}}}";

static void replace_piece(Buf *b, const char *from, const char *to)
{
    const char *at = strstr(WHOLE, from);
    assert_non_null(at);
    buf_add(b, WHOLE, (size_t)(at - WHOLE));
    buf_add_c(b, to);
    buf_add_c(b, at + strlen(from));
}

TEST(every_part_of_the_schema_is_checked)
{
    static const struct {
        const char *from, *to;
        ErrKind kind;
        const char *expected;
    } rows[] = {
        {"[2,0,0]", "[4,0,0]", ERR_UNSUPPORTED, "model: written by XGBoost 4.0; 1.0 to 3.x are supported"},
        {"[2,0,0]", "[2,0]", ERR_CORRUPT, "model: version is not three numbers"},
        {"reg:squarederror", "reg:own", ERR_UNSUPPORTED, "model: objective \"reg:own\""},
        {"\"a\",\"b\"", "\"a\"", ERR_CORRUPT, "model: feature_names does not hold 2 texts"},
        {"\"a\",\"b\"", "\"a\",\"\\u0000\"", ERR_CORRUPT,
         "model: feature_names, feature 1: not a text in UTF-8"},
        {"\"a\",\"b\"", "\"a\",\"\xff\"", ERR_CORRUPT,
         "model: feature_names, feature 1: not a text in UTF-8"},
        {"\"a\",\"b\"", "\"a\",\"\\ud800\"", ERR_CORRUPT, "model, byte 94: half a surrogate pair"},
        {"\"5E-1\"", "\"[1E0,2E0]\"", ERR_CORRUPT, "model: 2 values of base_score for 1 groups"},
        {"\"5E-1\"", "\"[5E-1\"", ERR_CORRUPT, "model: no base_score"},
        {"\"5E-1\"", "\"NaN\"", ERR_CORRUPT, "model: base_score nan does not fit the objective"},
        {"\"5E-1\"", "\"0.500000\"", ERR_NONE, NULL},
        {"\"5E-1\"", "\"[5E-1]\"", ERR_NONE, NULL},
        {"\"5E-1\"", "5E-1", ERR_NONE, NULL},
        {"num_class\":\"0", "num_class\":\"-1", ERR_CORRUPT, "model: num_class is no whole number"},
        {"num_class\":\"0", "num_class\":\"99999", ERR_LIMIT, "model: num_class is above 1024"},
        {"num_target\":\"1", "num_target\":\"2", ERR_NONE, NULL},
        {"num_trees\":\"1", "num_trees\":\"2", ERR_CORRUPT, "model: num_trees says 2, 1 are there"},
        {"[0,1]", "[0,2]", ERR_CORRUPT, "model: iteration_indptr does not rise"},
        {"[0,1]", "[0,0]", ERR_CORRUPT, "model: iteration_indptr does not cover the trees"},
        {"[0,1]", "[\"\"]", ERR_CORRUPT, "model: iteration_indptr does not hold numbers"},
        {"\"iteration_indptr\":[0,1],", "", ERR_NONE, NULL},
        {"tree_info\":[0]", "tree_info\":[1]", ERR_CORRUPT, "model, tree 0: group outside the model"},
        {"tree_info\":[0]", "tree_info\":[0,0]", ERR_CORRUPT,
         "model: tree_info does not hold a group for each tree"},
        {"\"tree_info\":[0],", "", ERR_NONE, NULL},
        {"\"gbtree\"", "\"dart\"", ERR_CORRUPT, "model: weight_drop does not hold a number for each tree"},
        {"\"gbtree\"", "\"gbtree\",\"weight_drop\":[1,1]", ERR_CORRUPT,
         "model: weight_drop does not hold a number for each tree"},
        {"\"gbtree\"", "\"gbtree\",\"weight_drop\":[Infinity]", ERR_CORRUPT,
         "model, tree 0: weight_drop is not finite"},
        {"size_leaf_vector\":\"1", "size_leaf_vector\":\"3", ERR_UNSUPPORTED,
         "model, tree 0: leaves that are vectors (multi_strategy multi_output_tree)"},
        {"num_nodes\":\"3", "num_nodes\":\"3000000", ERR_CORRUPT,
         "model, tree 0: \"left_children\" does not hold 3000000 numbers"},
        {"num_nodes\":\"3", "num_nodes\":\"1e18", ERR_LIMIT, "model, tree 0: more than 4000000 nodes"},
        {"-1E0", "1e999", ERR_CORRUPT, NULL},
        {"-1E0", "1e39", ERR_CORRUPT, "model, tree 0, node 1: value is not finite"},
        {"-1E0", "-Infinity", ERR_CORRUPT, "model, tree 0, node 1: value is not finite"},
        {"-1E0", "\"x\"", ERR_CORRUPT, NULL},
        {"[false,", "[2,", ERR_CORRUPT, "model, tree 0, node 0: default_left is neither 0 nor 1"},
        {"split_type\":[1", "split_type\":[0", ERR_CORRUPT, "model, tree 0, node 0: value is not finite"},
        {"split_type\":[1", "split_type\":[2", ERR_UNSUPPORTED,
         "model, tree 0, node 0: split of an unknown type"},
        {"categories\":[2,5]", "categories\":[2,-5]", ERR_CORRUPT,
         "model, tree 0, node 0: a category is no number from 0 to 16777215"},
        {"categories\":[2,5]", "categories\":[2,16777215]", ERR_NONE, NULL},
        {"categories\":[2,5]", "categories\":[2,16777216]", ERR_CORRUPT,
         "model, tree 0, node 0: a category is no number from 0 to 16777215"},
        {"categories_nodes\":[0]", "categories_nodes\":[3]", ERR_CORRUPT,
         "model, tree 0: categories of a node outside the tree"},
        {"categories_nodes\":[0]", "categories_nodes\":[1]", ERR_CORRUPT,
         "model, tree 0, node 0: categorical split without categories"},
        {"categories_nodes\":[0]", "categories_nodes\":[]", ERR_CORRUPT,
         "model, tree 0, node 0: categorical split without categories"},
        {"categories_segments\":[0]", "categories_segments\":[1]", ERR_CORRUPT,
         "model, tree 0, node 0: categories outside their array"},
        {"categories_segments\":[0]", "categories_segments\":[-1]", ERR_CORRUPT,
         "model, tree 0, node 0: categories outside their array"},
        {"categories_sizes\":[2]", "categories_sizes\":[0]", ERR_CORRUPT,
         "model, tree 0, node 0: categories outside their array"},
        {"categories_sizes\":[2]", "categories_sizes\":[1e18]", ERR_CORRUPT,
         "model, tree 0, node 0: categories outside their array"},
        {"categories_sizes\":[2]", "categories_sizes\":[2],\"tree_param\":{}", ERR_CORRUPT,
         "model: the name \"tree_param\" twice in one object"},
        {"\"version\"", "\"version\":[2,0,0],\"version\"", ERR_CORRUPT,
         "model: the name \"version\" twice in one object"},
        {"\"best_iteration\":\"0\"", "\"best_iteration\":\"7\"", ERR_NONE, NULL},
        {"{\"version\"", "{ \n\"version\"", ERR_NONE, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(4096);
        replace_piece(&b, rows[i].from, rows[i].to);
        Err err = {0};
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        ErrKind kind = gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err);
        if (kind != rows[i].kind)
            fail_msg("%s for %s: %s %s", rows[i].to, rows[i].from, err_kind_name(kind), err.msg);
        if (rows[i].expected)
            assert_string_equal(err.msg, rows[i].expected);
    }
}

TEST(rounds_that_the_model_has_not_are_refused)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(str_from(WHOLE), GBT_ROUNDS_BEST, &m, &err), err);
    assert_int_equal(gbt_best_round(m), 0);
    GbtModel *none;
    T_FAILS(ERR_INVALID, gbt_load(str_from(WHOLE), 2, &none, &err));
    assert_string_equal(err.msg, "model: 2 rounds asked for, it has 1");
    T_FAILS(ERR_INVALID, gbt_load(str_from(WHOLE), -2, &none, &err));
}

TEST(categories_go_right_and_all_else_left)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(str_from(WHOLE), GBT_ROUNDS_ALL, &m, &err), err);
    static const struct {
        float category, expected; /* base 0.5, left -1, right 2.5 */
    } rows[] = {{2, 3},      {5, 3},      {5.9f, 3},     {0, -0.5f}, {4, -0.5f},
                {37, -0.5f}, {-2, -0.5f}, {2e9f, -0.5f}, {NAN, 3}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        T_NEAR((double)rows[i].expected, (double)margin_of(m, (float[]){0, rows[i].category}), 0);
}

/* A chain: split k is on feature k, left is a leaf of value k + 1, right the next split; `depth` splits. */
static void add_chain(Buf *b, int depth)
{
    static const char *const keys[] = {"left_children",    "right_children", "split_indices",
                                       "split_conditions", "default_left",   "sum_hessian"};
    buf_addf(
        b,
        "{\"learner\":{\"learner_model_param\":{\"base_score\":\"0\",\"num_feature\":\"%d\"},\"objective\":{"
        "\"name\":\"reg:squarederror\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{\"trees\":[{"
        "\"tree_param\":{\"num_nodes\":\"%d\"}",
        depth, 2 * depth + 1);
    for (size_t key = 0; key < ARRAY_LEN(keys); key++) {
        buf_addf(b, ",\"%s\":[", keys[key]);
        for (int k = 0; k <= depth;
             k++) { /* node 2k: split k, or the last leaf; node 2k + 1: the leaf of split k */
            bool split = k < depth;
            int values[][2] = {{split ? 2 * k + 1 : -1, -1},
                               {split ? 2 * k + 2 : -1, -1},
                               {split ? k : 0, 0},
                               {split ? 0 : depth + 1, k + 1},
                               {0, 0},
                               {depth + 1 - k, 1}};
            buf_addf(b, k ? ",%d" : "%d", values[key][0]);
            if (split)
                buf_addf(b, ",%d", values[key][1]);
        }
        buf_add_c(b, "]");
    }
    buf_add_c(b, "}]}}}}");
}

TEST(a_tree_may_be_as_deep_as_the_limit_and_is_exact_there)
{
    CLEANUP(buf_done) Buf b = BUF(1 << 20);
    add_chain(&b, GBT_DEPTH_MAX);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    float row[GBT_DEPTH_MAX];
    double out[GBT_DEPTH_MAX + 1];
    for (int at = 0; at <= GBT_DEPTH_MAX; at += 51) { /* the first feature below 0 decides: leaf at + 1 */
        for (int f = 0; f < GBT_DEPTH_MAX; f++)
            row[f] = f == at ? -1 : 1;
        T_NEAR(at + 1, (double)margin_of(m, row), 0);
        gbt_shap(m, row, out, scratch);
        double sum = 0;
        for (int f = 0; f <= GBT_DEPTH_MAX; f++)
            sum += out[f];
        T_NEAR(at + 1, sum, 1e-6);
        T_NEAR((GBT_DEPTH_MAX + 2) / 2.0, out[GBT_DEPTH_MAX],
               1e-9); /* each leaf has the weight 1: mean of 1 .. 256 */
    }
    CLEANUP(buf_done) Buf deeper = BUF(1 << 20);
    add_chain(&deeper, GBT_DEPTH_MAX + 1);
    GbtModel *none;
    T_FAILS(ERR_LIMIT, gbt_load(buf_str(&deeper), GBT_ROUNDS_ALL, &none, &err));
    assert_string_equal(err.msg, "model, tree 0: deeper than 255");
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
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    T_FAILS(ERR_LIMIT, gbt_load((Str){deep, sizeof deep}, GBT_ROUNDS_ALL, &m, &err));
}

TEST(a_length_above_the_file_is_refused_before_memory_is_taken)
{
    static const char *const pieces[] = {"[$D#L", "[#L", "S L", "[$U#L"};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        char bytes[64] = "{L\0\0\0\0\0\0\0\1a";
        size_t n = 11, piece = strlen(pieces[i]);
        memcpy(bytes + n, pieces[i], piece);
        if (pieces[i][1] == ' ')
            memcpy(bytes + n, "SL", piece = 2);
        memcpy(bytes + n + piece, "\x40\0\0\0\0\0\0\0", 8); /* 2^62 */
        refuse((Str){bytes, n + piece + 8}, ERR_CORRUPT,
               piece == 2   ? "model, byte 21: a length is larger than the file"
               : piece == 3 ? "model, byte 22: a length is larger than the file"
                            : "model, byte 24: a length is larger than the file");
    }
}

T_MAIN(T(names_types_and_shape_are_kept), T(a_name_may_be_as_long_as_the_limit_and_no_longer),
       T(what_is_not_supported_is_refused_by_name), T(damaged_models_are_errors_and_not_crashes),
       T(each_kind_of_damage_is_named), T(every_part_of_the_schema_is_checked),
       T(rounds_that_the_model_has_not_are_refused), T(categories_go_right_and_all_else_left),
       T(a_child_that_no_weight_reached_can_be_explained),
       T(a_tree_may_be_as_deep_as_the_limit_and_is_exact_there), T(nesting_without_end_is_a_limit),
       T(a_length_above_the_file_is_refused_before_memory_is_taken))
