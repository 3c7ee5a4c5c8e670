/* Models that XGBoost 1.2.1, 3.0.0 and 3.3.0 themselves wrote (models/VERSION-NAME.json or .ubj), and what the same version
 * answered for 16 rows: models/VERSION-NAME.expected, whose first line gives the numbers of features, margins and outputs,
 * each further line one row: features, margins, outputs. */
#include "base/mem.h"
#include "gbt/gbt.h"
#include "harness/t.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 16, NUMBERS_MAX = 64 };
#define EXPF 1.2e-7 /* another C library may have an expf that differs in the last bit */

typedef struct Expected {
    int features, groups, outputs;
    float rows[ROWS][NUMBERS_MAX];
} Expected;

static FILE *open_model(const char *name, const char *end)
{
    char path[200];
    snprintf(path, sizeof path, "tests/unit/gbt/models/%s%s", name, end);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: not there", path);
    return f;
}

static Str read_model(const char *name, char *bytes, size_t room)
{
    FILE *f = open_model(name, "");
    Str s = {bytes, fread(bytes, 1, room, f)};
    assert_true(s.len > 0 && s.len < room);
    fclose(f);
    return s;
}

static void read_expected(const char *name, Expected *e)
{
    char stem[100], word[40];
    assert_true(str_copy(stem, sizeof stem, (Str){name, (size_t)(strrchr(name, '.') - name)}));
    FILE *f = open_model(stem, ".expected");
    assert_int_equal(fscanf(f, "%d %d %d", &e->features, &e->groups, &e->outputs), 3);
    int n = e->features + e->groups + e->outputs;
    assert_true(n <= NUMBERS_MAX);
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < n; k++) {
            assert_int_equal(fscanf(f, "%39s", word), 1);
            e->rows[i][k] = strtof(word, NULL);
        }
    fclose(f);
}

static void compare(const char *name, const char *what, const float *expected, const float *got, int n,
                    double tolerance)
{
    for (int k = 0; k < n; k++)
        if (!(fabs((double)got[k] - (double)expected[k]) <= tolerance * fmax(1, fabs((double)expected[k]))))
            fail_msg("%s, %s %d: %.9g, expected %.9g", name, what, k, (double)got[k], (double)expected[k]);
}

static char room[64 << 10];

TEST(models_of_other_versions_score_as_those_versions_scored_them)
{
    static const struct {
        const char *name, *booster;
        double tolerance; /* 0: bit for bit */
    } rows[] = {
        /* 1.2 adds the base after the leaves, later versions before; and it used another bound in the logistic. */
        {"1.2.1-logistic.json", "gbtree", 5e-7},
        {"1.2.1-logitraw_base.json", "gbtree", 5e-7}, /* where base_score still was a probability */
        {"1.2.1-softprob_par.json", "gbtree", 5e-7},
        {"1.2.1-dart.json", "dart", 5e-7},
        {"3.0.0-logistic.json", "gbtree", 0},
        {"3.0.0-dart.json", "dart", 0},
        {"3.0.0-dart_multi.ubj", "dart", 0},
        {"3.0.0-softmax.json", "gbtree", 0},
        {"3.0.0-onehot.json", "gbtree", 0},
        {"3.0.0-poisson0.ubj", "gbtree", 0},
        {"3.0.0-quantiles.json", "gbtree", 0},
        {"3.3.0-logistic.json", "gbtree", 0},
        {"3.3.0-logitraw_base.json", "gbtree", 0},
        {"3.3.0-zero_labels.json", "gbtree", 0}, /* base_score [0E0] */
        {"3.3.0-one_labels.ubj", "gbtree", 0},   /* base_score [1E0] */
        {"3.3.0-dart.json", "dart", 0},          /* named "gbtree", with a weight_drop */
        {"3.3.0-softprob_par.json", "gbtree", 0},
        {"3.3.0-cat_multi.json", "gbtree", 0},
        {"3.3.0-partition.ubj", "gbtree", 0},
        {"3.3.0-quantiles.json", "gbtree", 0},
        {"3.3.0-targets.json", "gbtree", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static Expected e;
        read_expected(rows[i].name, &e);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(read_model(rows[i].name, room, sizeof room), GBT_ROUNDS_ALL, &m, &err), err);
        assert_string_equal(gbt_booster(m), rows[i].booster);
        assert_int_equal(gbt_n_features(m), e.features);
        assert_int_equal(gbt_n_groups(m), e.groups);
        assert_int_equal(gbt_n_outputs(m), e.outputs);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        for (int r = 0; r < ROWS; r++) {
            float got[NUMBERS_MAX];
            gbt_margins(m, e.rows[r], 1, got, scratch);
            compare(rows[i].name, "margin", e.rows[r] + e.features, got, e.groups, rows[i].tolerance);
            gbt_predict(m, e.rows[r], 1, got, scratch);
            compare(rows[i].name, "output", e.rows[r] + e.features + e.groups, got, e.outputs,
                    rows[i].tolerance);
        }
    }
}

TEST(names_and_rounds_of_other_versions_are_read)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *named = NULL;
    T_OK(gbt_load(read_model("3.3.0-partition.ubj", room, sizeof room), GBT_ROUNDS_ALL, &named, &err), err);
    static const char *const names[] = {"area", "agent \"x\"", "größe", "日本", "e\\f", "q/z"};
    static const char *const types[] = {"c", "c", "q", "q", "float", "int"};
    for (int f = 0; f < 6; f++) {
        assert_string_equal(gbt_feature_name(named, f), names[f]);
        assert_string_equal(gbt_feature_type(named, f), types[f]);
    }
    static const char *const limited[] = {"1.2.1-logistic.json", "3.0.0-logistic.json",
                                          "3.3.0-logistic.json"};
    for (size_t i = 0; i < ARRAY_LEN(limited); i++) { /* two rounds, and the attribute best_iteration is 0 */
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(read_model(limited[i], room, sizeof room), GBT_ROUNDS_BEST, &m, &err), err);
        assert_int_equal(gbt_best_round(m), 0);
        assert_int_equal(gbt_n_trees(m), 1);
    }
    CLEANUP(gbt_unrefp) GbtModel *forest = NULL;
    T_OK(gbt_load(read_model("3.3.0-softprob_par.json", room, sizeof room), 1, &forest, &err), err);
    assert_int_equal(gbt_n_trees(forest), 9); /* three classes, three parallel trees */
}

TEST(what_other_versions_can_and_we_cannot_is_refused_by_name)
{
    static const struct {
        const char *name, *expected;
    } rows[] = {
        {"3.0.0-vector_leaf.json",
         "model, tree 0: leaves that are vectors (multi_strategy multi_output_tree)"},
        {"3.3.0-vector_leaf.json",
         "model, tree 0: leaves that are vectors (multi_strategy multi_output_tree)"},
        {"3.3.0-gblinear.json", "model: booster \"gblinear\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err;
        GbtModel *m;
        T_FAILS(ERR_UNSUPPORTED,
                gbt_load(read_model(rows[i].name, room, sizeof room), GBT_ROUNDS_ALL, &m, &err));
        assert_string_equal(err.msg, rows[i].expected);
    }
}

T_MAIN(T(models_of_other_versions_score_as_those_versions_scored_them),
       T(names_and_rounds_of_other_versions_are_read),
       T(what_other_versions_can_and_we_cannot_is_refused_by_name))
