#include "base/file.h"
#include "base/mem.h"
#include "harness/t.h"
#include "model/model_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64], program[4096], csv[128], csv2[128];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/ehub-mtrain-XXXXXX");
    snprintf(program, sizeof program, "%s/ehub", getenv("EHUB_TEST_BUILD"));
    bool made = mkdtemp(dir) != NULL;
    snprintf(csv, sizeof csv, "%s/a.csv", dir);
    snprintf(csv2, sizeof csv2, "%s/b.csv", dir);
    return made ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    unlink(csv);
    unlink(csv2);
    return rmdir(dir); /* fails when a file was left behind */
}

static ModelTrainConf conf(void)
{
    ModelTrainConf c = {.data = csv, .target = "y", .valid_fraction = 0.2, .params = GBT_PARAMS_DEFAULT};
    c.run = (GbtRun){.work_dir = dir, .by = deadline_in_ms(100000), .program = program};
    c.params.num_boost_round = 60;
    return c;
}

/* ---- splits ---- */

TEST(parts_have_the_same_share_of_each_class)
{
    enum { N = 1000 };
    int32_t class_of[N];
    int8_t part[N], again[N];
    int count[2][6] = {{0}}, folds;
    for (int i = 0; i < N; i++)
        class_of[i] = i % 10 == 3; /* 100 of 1,000 */
    ModelSplitConf c = {.class_of = class_of, .n_classes = 2, .test_fraction = 0.2, .folds = 5, .seed = 7};
    Err err;
    T_OK(model_split(&c, N, part, &folds, &err), err);
    T_OK(model_split(&c, N, again, &folds, &err), err);
    assert_memory_equal(part, again, N);
    assert_int_equal(folds, 5);
    for (int i = 0; i < N; i++)
        count[class_of[i]][part[i] + 1]++;
    assert_int_equal(count[0][0], 180); /* a fifth of 900 and of 100 */
    assert_int_equal(count[1][0], 20);
    for (int k = 1; k < 6; k++) {
        assert_int_equal(count[0][k], 144); /* a fifth of what is left */
        assert_int_equal(count[1][k], 16);
    }
    c.seed = 8;
    T_OK(model_split(&c, N, again, &folds, &err), err);
    assert_memory_not_equal(part, again, N);
    T_FAILS(ERR_INVALID, model_split(&c, 19, part, &folds, &err));
    assert_string_equal(err.msg, "19 rows with a target, at least 20 are needed");
}

TEST(forward_in_time_no_time_is_on_two_sides)
{
    enum { N = 100 };
    int64_t time[N];
    int8_t part[N];
    int folds;
    Err err;
    for (int i = 0; i < N; i++)
        time[i] = (i * 37 % N) / 8; /* 13 times, in disorder; 12 has 4 rows */
    ModelSplitConf c = {.n_classes = 1, .time = time, .test_fraction = 0.2, .folds = 5};
    T_OK(model_split(&c, N, part, &folds, &err), err);
    assert_int_equal(folds, 1);
    int n[3] = {0};
    for (int i = 0; i < N; i++) {
        /* 80 rows end with time 9, 64 of these with time 7: both cuts fall between two times */
        int expected = time[i] >= 10 ? MODEL_PART_TEST : time[i] >= 8 ? 0 : 1;
        assert_int_equal(part[i], expected);
        n[part[i] + 1]++;
    }
    assert_true(n[0] == 20 && n[1] == 16 && n[2] == 64);
    for (int i = 0; i < N; i++)
        time[i] = i < 50;
    T_FAILS(ERR_INVALID, model_split(&c, N, part, &folds, &err));
}

/* ---- the target decides ---- */

typedef const char *Cell(int row);
static const char *yes_no(int i)
{
    return i % 3 == 0 ? "Yes" : "No";
}
static const char *zero_one(int i)
{
    return i % 3 == 0 ? "1" : "0";
}
static const char *five_seven(int i)
{
    return i % 3 == 0 ? "7" : "5";
}
static const char *three(int i)
{
    static const char *const words[] = {"red", "green", "blue"};
    return words[i % 3];
}
static const char *count(int i)
{
    static const char *const words[] = {"0", "2", "1", "0", "3"};
    return words[i % 5];
}
static const char *stars(int i) /* no 0 among them: no count */
{
    static const char *const words[] = {"1", "2", "3", "4", "5"};
    return words[i % 5];
}
static const char *price(int i)
{
    static const char *const words[] = {"1.5", "-2", "900", "0"};
    return words[i % 4];
}
static const char *same(int i)
{
    (void)i;
    return "4";
}
static const char *gaps(int i)
{
    return i % 4 == 0 ? "" : i % 3 == 0 ? "won" : "lost";
}

static void write_csv(const char *path, Cell *cell, int rows)
{
    CLEANUP(buf_done) Buf b = BUF(1u << 22);
    buf_add_c(&b, "id,x,noise,y\n");
    for (int i = 0; i < rows; i++)
        buf_addf(&b, "row-%d,%d,%d,%s\n", i, i % 60, i * 7919 % 101, cell(i));
    Err err;
    T_OK(file_write(path, buf_str(&b), 0600, &err), err);
}

TEST(the_objective_follows_from_the_target)
{
    static const struct {
        Cell *cell;
        const char *asked, *objective; /* NULL: refused with the message */
        const char *note;
    } rows[] = {
        {yes_no, NULL, "binary:logistic", "y: 1 is \"Yes\", 0 is \"No\""},
        {zero_one, NULL, "binary:logistic", "objective binary:logistic, chosen from the target"},
        {five_seven, NULL, "binary:logistic", "y: 1 is \"7\", 0 is \"5\""},
        {five_seven, "reg:squarederror", "reg:squarederror", ""},
        {count, NULL, "count:poisson", "(4 whole numbers from 0; for classes: --objective multi:softprob)"},
        {stars, NULL, "reg:squarederror", "(5 whole numbers; for classes"},
        {price, NULL, "reg:squarederror", "chosen from the target"},
        {gaps, NULL, "binary:logistic", "40 rows without a target are left out"},
        {same, NULL, NULL, "the target has one value only"},
        {three, "binary:logistic", NULL,
         "column \"y\": 3 different texts, which does not fit objective binary:logistic"},
        {yes_no, "reg:gamma", NULL, "column \"y\": texts, which does not fit objective reg:gamma"},
        {price, "count:poisson", NULL, "label -2"},
        {price, "rank:ndcg", NULL, "training for objective \"rank:ndcg\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        write_csv(csv, rows[i].cell, 160);
        ModelTrainConf c = conf();
        c.objective = rows[i].asked;
        c.params.num_boost_round = 5;
        ModelTrained t;
        Err err;
        ErrKind kind = model_train(&c, &t, &err);
        if (rows[i].objective) {
            T_OK(kind, err);
            assert_string_equal(t.objective, rows[i].objective);
            if (!strstr(buf_cstr(&t.notes), rows[i].note))
                fail_msg("%s is not in %s", rows[i].note, buf_cstr(&t.notes));
            /* An identifier is no feature, and it is said. */
            assert_int_equal(t.schema->n_columns, 2);
            assert_non_null(strstr(buf_cstr(&t.notes), "column \"id\" is left out: 160 different texts in"));
        } else {
            assert_int_not_equal(kind, ERR_NONE);
            if (!strstr(err.msg, rows[i].note))
                fail_msg("%s is not in %s", rows[i].note, err.msg);
        }
        model_trained_done(&t);
    }
}

/* ---- figures ---- */

/* Label 1 with probability 0.8 for x >= 30, else 0.2: nothing can beat a Brier score of 0.16 and a log loss of
 * -(0.8 ln 0.8 + 0.2 ln 0.2) = 0.5004. */
static const char *known(int i)
{
    unsigned h = (unsigned)i * 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return (h % 1000 < 800) == (i % 60 >= 30) ? "1" : "0";
}

TEST(what_can_be_known_is_found_and_the_figures_are_those_of_unseen_rows)
{
    write_csv(csv, known, 6000);
    ModelTrainConf c = conf();
    ModelTrained t;
    Err err;
    T_OK(model_train(&c, &t, &err), err);
    assert_int_equal(t.test_rows, 1200);
    assert_int_equal(t.folds, 5);
    T_NEAR(0.16, model_judgement_score(&t.final, "brier")->model.estimate, 0.015);
    T_NEAR(0.5004, model_judgement_score(&t.final, "log_loss")->model.estimate, 0.03);
    assert_string_equal(t.schema->columns[t.importance[0].feature].name, "x");
    assert_true(t.importance[0].value > 10 * t.importance[1].value);
    model_trained_done(&t);
    write_csv(csv2, known, 600);
    c.valid = csv2;
    T_OK(model_train(&c, &t, &err), err);
    assert_int_equal(t.test_rows, 600);
    assert_int_equal(t.train_rows, 6000);
    model_trained_done(&t);
}

TEST(ruined_probabilities_are_mended_by_calibration)
{
    write_csv(csv, known, 3000);
    for (int k = MODEL_CALIBRATE_AUTO; k <= MODEL_CALIBRATE_ISOTONIC; k++) {
        ModelTrainConf c = conf();
        c.calibrate = (ModelCalibrate)k;
        c.params.scale_pos_weight = 6;
        ModelTrained t;
        Err err;
        T_OK(model_train(&c, &t, &err), err);
        double brier = model_judgement_score(&t.final, "brier")->model.estimate;
        double raw = model_judgement_score(&t.raw, "brier")->model.estimate;
        if (k == MODEL_CALIBRATE_NONE) {
            assert_null(t.calibration);
            assert_true(brier == raw && brier > 0.2);
        } else {
            assert_non_null(t.calibration);
            if (!(brier < 0.175 && t.calibration_gain.high < 0))
                fail_msg("%s: %g after, %g before", model_calibrate_name(t.chosen), brier, raw);
        }
        model_trained_done(&t);
    }
}

TEST(class_weights_move_the_predictions)
{
    write_csv(csv, yes_no, 900);
    static const struct {
        const char *weight;
        double mean; /* of the predictions: a third of the rows is 1, x says nothing of it */
    } rows[] = {{NULL, 1.0 / 3}, {"balanced", 0.5}, {"{\"Yes\":4}", 4.0 / 6}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ModelTrainConf c = conf();
        c.class_weight = rows[i].weight;
        c.calibrate = MODEL_CALIBRATE_NONE;
        c.ignore[0] = "x"; /* which knows i % 3 */
        ModelTrained t;
        Err err;
        T_OK(model_train(&c, &t, &err), err);
        T_NEAR(rows[i].mean, t.final.mean_output, 0.03);
        model_trained_done(&t);
    }
    ModelTrainConf c = conf();
    c.class_weight = "{\"Maybe\":2}";
    ModelTrained t;
    Err err;
    T_FAILS(ERR_INVALID, model_train(&c, &t, &err));
    assert_string_equal(err.msg, "--class-weight: there is no class \"Maybe\"");
    model_trained_done(&t);
}

TEST(the_same_file_gives_the_same_model)
{
    write_csv(csv, known, 500);
    ModelTrained t[3];
    for (int i = 0; i < 3; i++) {
        ModelTrainConf c = conf();
        c.params.seed = i < 2 ? 5 : 6;
        Err err;
        T_OK(model_train(&c, &t[i], &err), err);
    }
    assert_true(str_eq(buf_str(&t[0].model), buf_str(&t[1].model)));
    assert_false(str_eq(buf_str(&t[0].model), buf_str(&t[2].model)));
    for (int i = 0; i < 3; i++)
        model_trained_done(&t[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(parts_have_the_same_share_of_each_class),
        T(forward_in_time_no_time_is_on_two_sides),
        T(the_objective_follows_from_the_target),
        T(what_can_be_known_is_found_and_the_figures_are_those_of_unseen_rows),
        T(ruined_probabilities_are_mended_by_calibration),
        T(class_weights_move_the_predictions),
        T(the_same_file_gives_the_same_model),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
