#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "gbt/gbt_train.h"
#include "harness/t.h"
#include "stats/stats.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FEATURES = 4, ROWS = 4000 };
static const char *const NAMES[FEATURES] = {"up", "down", "noise", "gaps"};

typedef struct Truth {
    float x[ROWS * FEATURES], y[ROWS];
    double p[ROWS]; /* the true probability or mean */
} Truth;

/* logit p = 1.5 up - down; for counts log mean = 0.5 up - 0.3 down. */
static Truth *truth_new(uint64_t seed, bool count, bool noise_only)
{
    Truth *t = MEM_NEW(Truth);
    StatsRng rng;
    stats_seed(&rng, seed);
    for (int i = 0; i < ROWS; i++) {
        float *x = t->x + i * FEATURES;
        for (int f = 0; f < FEATURES; f++)
            x[f] = (float)stats_normal(&rng);
        if (stats_uniform(&rng) < 0.3)
            x[3] = NAN;
        double a = noise_only ? 0 : 1.5 * x[0] - x[1], b = noise_only ? 0 : 0.5 * x[0] - 0.3 * x[1];
        t->p[i] = count ? exp(b) : 1 / (1 + exp(-a));
        t->y[i] = count ? (float)stats_poisson(&rng, t->p[i]) : stats_uniform(&rng) < t->p[i];
    }
    return t;
}

static GbtMatrix matrix_of(const Truth *t)
{
    return (GbtMatrix){.x = t->x, .y = t->y, .n_rows = ROWS, .n_features = FEATURES, .names = NAMES};
}

static char work_dir[64], program[4096];

static bool stopped(void)
{
    return true;
}

static GbtRun run_of(int ms)
{
    return (GbtRun){.work_dir = work_dir, .by = deadline_in_ms(ms), .program = program};
}

static int setup(void **state)
{
    (void)state;
    snprintf(work_dir, sizeof work_dir, "/tmp/ehub-gbt-XXXXXX");
    snprintf(program, sizeof program, "%s/ehub", getenv("EHUB_TEST_BUILD"));
    return mkdtemp(work_dir) ? 0 : 1;
}

static int files_left(void)
{
    int n = 0;
    DIR *d = opendir(work_dir);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(work_dir); /* fails when a file was left behind */
}

static ErrKind train(const GbtParams *p, const Truth *t, const Truth *valid, Buf *out, Err *err)
{
    GbtMatrix a = matrix_of(t), b = valid ? matrix_of(valid) : (GbtMatrix){0};
    GbtRun run = run_of(60000);
    return gbt_train(&a, valid ? &b : NULL, p, &run, out, NULL, err);
}

static GbtModel *train_load(const GbtParams *p, const GbtMatrix *a, const GbtMatrix *b, GbtTrained *ret)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    GbtRun run = run_of(60000);
    GbtModel *m = NULL;
    T_OK(gbt_train(a, b, p, &run, &out, ret, &err), err);
    T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
    return m;
}

TEST(a_known_truth_is_learned)
{
    for (int count = 0; count < 2; count++) {
        CLEANUP(mem_freep) Truth *t = truth_new(1, count, false), *fresh = truth_new(2, count, false);
        CLEANUP(mem_freep) Truth *valid = truth_new(3, count, false);
        GbtParams p = GBT_PARAMS_DEFAULT;
        p.objective = count ? "count:poisson" : "binary:logistic";
        p.max_depth = 3;
        p.early_stopping_rounds = 20;
        CLEANUP(buf_done) Buf out = BUF(1 << 24);
        Err err;
        T_OK(train(&p, t, valid, &out, &err), err);
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        assert_string_equal(gbt_feature_name(m, 3), "gaps");
        double model_error = 0, constant_error = 0, mean = 0;
        for (int i = 0; i < ROWS; i++)
            mean += fresh->p[i] / ROWS;
        for (int i = 0; i < ROWS; i++) {
            float value;
            gbt_predict(m, fresh->x + i * FEATURES, 1, &value, scratch);
            model_error += fabs((double)value - fresh->p[i]) / ROWS;
            constant_error += fabs(mean - fresh->p[i]) / ROWS;
        }
        /* Against the true probabilities, which no model has seen: at most a quarter of knowing the mean only. */
        if (model_error > 0.25 * constant_error)
            fail_msg("count %d: error %g, of the mean %g", count, model_error, constant_error);
    }
}

TEST(the_same_request_gives_the_same_model)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.num_boost_round = 20;
    p.subsample = 0.8;
    p.colsample_bytree = 0.5;
    p.nthread = 2;
    CLEANUP(buf_done) Buf a = BUF(1 << 24);
    CLEANUP(buf_done) Buf b = BUF(1 << 24);
    Err err;
    T_OK(train(&p, t, NULL, &a, &err), err);
    T_OK(train(&p, t, NULL, &b, &err), err);
    assert_true(a.len > 1000 && str_eq(buf_str(&a), buf_str(&b)));
    p.seed = 2;
    buf_clear(&b);
    T_OK(train(&p, t, NULL, &b, &err), err);
    assert_false(str_eq(buf_str(&a), buf_str(&b)));
}

TEST(on_noise_it_stops_early)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, true), *valid = truth_new(2, false, true);
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.early_stopping_rounds = 10;
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    T_OK(train(&p, t, valid, &out, &err), err);
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
    assert_in_range(gbt_n_trees(m), 1, 15);
}

TEST(a_monotone_direction_is_kept)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    static const int8_t directions[FEATURES] = {1, 0, 1, 0};
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.monotone = directions;
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    T_OK(train(&p, t, NULL, &out, &err), err);
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    int rises = 0;
    for (int f = 0; f < FEATURES; f += 2) {
        for (int i = 0; i < 200; i++) {
            float row[FEATURES];
            memcpy(row, t->x + i * FEATURES, sizeof row);
            float before = -INFINITY;
            for (float v = -3; v <= 3; v += 0.1f) {
                row[f] = v;
                float margin;
                gbt_margins(m, row, 1, &margin, scratch);
                assert_true(margin >= before - 1e-5f);
                rises += isfinite(before) && margin > before;
                before = margin;
            }
        }
    }
    assert_true(rises > 1000);
}

TEST(past_the_deadline_or_when_stopped_the_child_is_killed_and_nothing_is_left)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.num_boost_round = GBT_TREES_MAX;
    p.max_depth = 12;
    GbtMatrix m = matrix_of(t);
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    GbtRun run = run_of(300);
    T_FAILS(ERR_TIMEOUT, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
    assert_int_equal(files_left(), 0);
    run = run_of(60000);
    run.stop = stopped;
    int64_t from = clock_mono_us();
    T_FAILS(ERR_CANCELLED, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
    assert_true(clock_mono_us() - from < 30 * US_PER_S);
    assert_int_equal(files_left(), 0);
}

TEST(what_cannot_be_trained_on_is_refused_by_name)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = GBT_PARAMS_DEFAULT;
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    t->y[17] = 1.5f;
    T_FAILS(ERR_INVALID, train(&p, t, NULL, &out, &err));
    assert_string_equal(err.msg, "training data, row 17: label 1.5");
    t->y[17] = 1;
    t->x[2 * FEATURES + 1] = INFINITY;
    T_FAILS(ERR_INVALID, train(&p, t, NULL, &out, &err));
    assert_string_equal(err.msg, "training data, row 2: down is infinite");
    t->x[2 * FEATURES + 1] = 0;
    p.objective = "rank:pairwise";
    T_FAILS(ERR_UNSUPPORTED, train(&p, t, NULL, &out, &err));
    p = GBT_PARAMS_DEFAULT;
    GbtMatrix m = matrix_of(t);
    GbtRun run = run_of(60000);
    run.program = "/bin/false";
    T_FAILS(ERR_INTERNAL, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
    assert_int_equal(files_left(), 0);
}

/* Labels that each objective cannot have; the documentation of XGBoost's objectives says which. */
TEST(labels_must_fit_the_objective)
{
    static const struct {
        const char *objective, *message;
        float good, bad;
    } rows[] = {
        {"binary:logistic", "training data, row 1: label -0.1", 1, -0.1f},
        {"binary:logistic", "training data, row 1: label nan", 0.5f, NAN},
        {"count:poisson", "training data, row 1: label -1", 3, -1},
        {"reg:gamma", "training data, row 1: label 0", 2, 0},
        {"reg:tweedie", "training data, row 1: label -2", 0, -2},
        {"reg:squarederror", "training data, row 1: label inf", -5, INFINITY},
        {"binary:hinge", "training data, row 1: label 0.5", 1, 0.5f},
        {"multi:softprob", "training data, row 1: label 3", 2, 3},
        {"multi:softmax", "training data, row 1: label 1.5", 1, 1.5f},
        {"survival:cox", "training data, row 1: label 0", -3, 0},
        {"quantile:0.5", "training data, row 1: label nan", -3, NAN},
    };
    static const float x[2 * FEATURES] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        float y[2] = {rows[i].good, rows[i].bad};
        GbtMatrix m = {.x = x, .y = y, .n_rows = 2, .n_features = FEATURES, .names = NAMES};
        GbtParams p = GBT_PARAMS_DEFAULT;
        p.objective = rows[i].objective;
        p.num_class = strncmp(p.objective, "multi", 5) == 0 ? 3 : 0;
        p.num_boost_round = 2;
        GbtRun run = run_of(60000);
        CLEANUP(buf_done) Buf out = BUF(1 << 24);
        Err err;
        T_FAILS(ERR_INVALID, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
        assert_string_equal(err.msg, rows[i].message);
        y[1] = y[0]; /* two equal rows: nothing to learn, and no failure */
        T_OK(gbt_train(&m, NULL, &p, &run, &out, NULL, &err), err);
        assert_true(out.len > 100);
    }
}

TEST(parameters_come_from_one_table)
{
    static const struct {
        const char *name, *value, *message;
    } rows[] = {
        {"etaa", "0.1", "there is no parameter \"etaa\""},
        {"updater", "grow_gpu_hist", "there is no parameter \"updater\""},
        {"eta", "7", "parameter eta: 7 is not in 1e-06 .. 1"},
        {"eta", "nan", "parameter eta: \"nan\" is not a number"},
        {"eta", "0.1x", "parameter eta: \"0.1x\" is not a number"},
        {"max_depth", "3.5", "parameter max_depth: \"3.5\" is not a whole number"},
        {"max_depth", "31", "parameter max_depth: 31 is not in 0 .. 30"},
        {"tree_method", "gpu_hist", "parameter tree_method: \"gpu_hist\" is not one of hist|approx|exact"},
        {"rate_drop", "0.1", "parameter rate_drop has a meaning with booster=dart only"},
        {"num_class", "3", "parameter num_class has a meaning with an objective multi:* only"},
        {"max_depth", "0", "parameter max_depth: 0 (no limit) needs max_leaves"},
        {"objective", "quantile:1.5", "objective \"quantile:1.5\": the quantile is a number between 0 and 1"},
        {"objective", "multi:softprob", "parameter num_class: 0, but multi:softprob needs at least 2"},
        {"eval_metric", "f1", "parameter eval_metric: \"f1\" is not known"},
        {"base_score", "2", "parameter base_score: 2, but binary:logistic needs one between 0 and 1"},
        {"num_parallel_tree", "100",
         "num_boost_round, num_parallel_tree and num_class make 60000 trees, 20000 are allowed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        GbtParams p = GBT_PARAMS_DEFAULT;
        Err err = {0};
        ErrKind kind = gbt_params_set(&p, str_from(rows[i].name), rows[i].value, &err);
        if (kind == ERR_NONE)
            kind = gbt_params_check(&p, false, &err);
        assert_int_not_equal(kind, ERR_NONE);
        assert_string_equal(err.msg, rows[i].message);
    }
    GbtParams p = GBT_PARAMS_DEFAULT;
    Err err;
    T_OK(gbt_params_set(&p, STR("learning_rate"), "0.3", &err), err);
    assert_true(p.eta == 0.3);
    p.tree_method = "exact";
    T_FAILS(ERR_INVALID, gbt_params_check(&p, true, &err));
    T_OK(gbt_params_check(&p, false, &err), err);
    /* Every default passes its own check, as text and back. */
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText t = gbt_param_text(&GBT_PARAMS_DEFAULT, i);
        assert_true(t.is_default);
        if (t.text || t.value[0])
            T_OK(gbt_params_set(&p, str_from(t.name), t.text ? t.text : t.value, &err), err);
    }
    T_OK(gbt_params_check(&p, true, &err), err);
}

static int rounds_heard;

static void hear_round(int round, int rounds, double metric, void *arg)
{
    assert_int_equal(round, ++rounds_heard);
    assert_int_equal(rounds, 600);
    assert_true(isfinite(metric));
    assert_ptr_equal(arg, &rounds_heard);
}

TEST(the_best_round_is_kept_and_told)
{
    for (int dart = 0; dart < 2; dart++) {
        CLEANUP(mem_freep) Truth *t = truth_new(1, false, false), *valid = truth_new(3, false, false);
        GbtParams p = GBT_PARAMS_DEFAULT;
        p.booster = dart ? "dart" : "gbtree";
        p.rate_drop = dart ? 0.1 : 0;
        p.eta = 0.3;
        p.early_stopping_rounds = 5;
        GbtMatrix a = matrix_of(t), b = matrix_of(valid);
        GbtRun run = run_of(60000);
        GbtTrained trained;
        CLEANUP(buf_done) Buf out = BUF(1 << 24);
        Err err;
        rounds_heard = 0;
        run.progress = hear_round;
        run.progress_arg = &rounds_heard;
        T_OK(gbt_train(&a, &b, &p, &run, &out, &trained, &err), err);
        assert_int_equal(rounds_heard, trained.rounds);
        assert_int_equal(trained.rounds, trained.best_round + 1 + 5);
        assert_string_equal(trained.metric, "logloss");
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
        assert_int_equal(gbt_n_trees(m), trained.best_round + 1);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        double loss = 0;
        for (int i = 0; i < ROWS; i++) {
            float value;
            gbt_predict(m, valid->x + i * FEATURES, 1, &value, scratch);
            loss -= (valid->y[i] > 0.5f ? log((double)value) : log(1 - (double)value)) / ROWS;
        }
        /* XGBoost's own figure at that round, and ours from the model that came back. */
        assert_true(fabs(loss - trained.best) < 1e-5);
    }
}

/* y is even between 0 and s, s = 1000 for down < 0 and 3000 above, plus 5000 for up > 0: its quantile is known. */
static double known_quantile(const float *x, double alpha)
{
    return (x[0] > 0 ? 5000 : 0) + alpha * (x[1] > 0 ? 3000 : 1000);
}

TEST(a_quantile_is_met_where_it_is_known)
{
    static const double alphas[] = {0.1, 0.5, 0.9};
    for (size_t k = 0; k < ARRAY_LEN(alphas); k++) {
        Truth *parts[3];
        StatsRng rng;
        stats_seed(&rng, 9);
        float weight[ROWS];
        for (int d = 0; d < 3; d++) {
            parts[d] = truth_new(11 + (uint64_t)d, false, false);
            for (int i = 0; i < ROWS; i++) {
                const float *x = parts[d]->x + i * FEATURES;
                parts[d]->y[i] = (float)known_quantile(x, stats_uniform(&rng));
            }
        }
        for (int i = 0; i < ROWS; i++) { /* one row in ten is nonsense without a weight */
            weight[i] = i % 10 != 0;
            parts[0]->y[i] = i % 10 ? parts[0]->y[i] : -1e6f;
        }
        char objective[32];
        snprintf(objective, sizeof objective, "quantile:%g", alphas[k]);
        GbtParams p = GBT_PARAMS_DEFAULT;
        p.objective = objective;
        GbtMatrix a = matrix_of(parts[0]), b = matrix_of(parts[1]);
        a.weight = weight;
        GbtTrained trained;
        CLEANUP(gbt_unrefp) GbtModel *m = train_load(&p, &a, &b, &trained);
        assert_string_equal(trained.metric, "quantile");
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        double covered = 0, error = 0;
        for (int i = 0; i < ROWS; i++) {
            const float *x = parts[2]->x + i * FEATURES;
            float value;
            gbt_predict(m, x, 1, &value, scratch);
            covered += parts[2]->y[i] <= value;
            error += fabs((double)value - known_quantile(x, alphas[k]));
        }
        if (fabs(covered / ROWS - alphas[k]) > 0.025 || error / ROWS > 250)
            fail_msg("quantile %g: %g covered, off by %g", alphas[k], covered / ROWS, error / ROWS);
        for (int d = 0; d < 3; d++)
            mem_free(parts[d]);
    }
}

/* A category of 12 codes whose even ones have label 1 with probability 0.9, the odd ones 0.1: no order of the codes helps.
 * The least log loss is the entropy, 0.9 ln(1/0.9) + 0.1 ln(1/0.1) = 0.3251. */
TEST(categories_are_split_as_sets)
{
    Truth *parts[2];
    static const bool category[FEATURES] = {false, false, false, true};
    StatsRng rng;
    stats_seed(&rng, 5);
    for (int d = 0; d < 2; d++) {
        parts[d] = truth_new(21 + (uint64_t)d, false, true);
        for (int i = 0; i < ROWS; i++) {
            int64_t code = stats_below(&rng, 12);
            parts[d]->x[i * FEATURES + 3] = (float)code;
            parts[d]->y[i] = stats_uniform(&rng) < (code % 2 ? 0.1 : 0.9);
        }
    }
    static const char *const methods[] = {"hist", "approx"};
    for (size_t k = 0; k < ARRAY_LEN(methods); k++) {
        GbtParams p = GBT_PARAMS_DEFAULT;
        p.tree_method = methods[k];
        p.max_depth = 1; /* one split tells the even from the odd codes only when it is a set */
        GbtMatrix a = matrix_of(parts[0]), b = matrix_of(parts[1]);
        a.category = category;
        b.category = category;
        GbtRun run = run_of(60000);
        GbtTrained trained;
        CLEANUP(buf_done) Buf out = BUF(1 << 24);
        Err err;
        p.num_boost_round = 200;
        T_OK(gbt_train(&a, &b, &p, &run, &out, &trained, &err), err);
        if (fabs(trained.best - 0.3251) > 0.03)
            fail_msg("%s: log loss %g", methods[k], trained.best);
        a.category = NULL;
        b.category = NULL;
        p.num_boost_round = 3; /* as a number three stumps cannot do it; as a set they do most of it */
        p.eta = 1;
        T_OK(gbt_train(&a, &b, &p, &run, &out, &trained, &err), err);
        assert_true(trained.best > 0.5);
        a.category = category;
        b.category = category;
        T_OK(gbt_train(&a, &b, &p, &run, &out, &trained, &err), err);
        assert_true(trained.best < 0.36);
    }
    parts[0]->x[5 * FEATURES + 3] = 1.5f;
    GbtMatrix a = matrix_of(parts[0]);
    a.category = category;
    GbtRun run = run_of(60000);
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    T_FAILS(ERR_INVALID, gbt_train(&a, NULL, &GBT_PARAMS_DEFAULT, &run, &out, NULL, &err));
    assert_string_equal(err.msg, "training data, row 5: gaps is a category, and 1.5 is no code");
    mem_free(parts[0]);
    mem_free(parts[1]);
}

TEST(constraints_name_features)
{
    static const struct {
        const char *monotone, *interaction, *message;
    } rows[] = {
        {"{\"up\":2}", "", "parameter monotone_constraints: the direction of \"up\" is -1, 0 or 1"},
        {"{\"upp\":1}", "", "parameter monotone_constraints: there is no feature \"upp\""},
        {"(1,0)", "", "parameter monotone_constraints: 2 directions for 4 features"},
        {"up:1", "", "parameter monotone_constraints: \"up:1\" is neither {\"feature\":1} nor (1,0)"},
        {"", "[[\"up\",\"x\"]]", "parameter interaction_constraints: there is no feature \"x\""},
        {"", "[0,1]", "parameter interaction_constraints: group 0 is no list of features"},
    };
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = GBT_PARAMS_DEFAULT;
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        p.monotone_constraints = rows[i].monotone;
        p.interaction_constraints = rows[i].interaction;
        T_FAILS(ERR_INVALID, train(&p, t, NULL, &out, &err));
        assert_string_equal(err.msg, rows[i].message);
    }
    p.monotone_constraints = "{\"up\":1,\"down\":-1}";
    p.interaction_constraints = "[[\"up\"],[\"down\",3]]";
    p.num_boost_round = 50;
    T_OK(train(&p, t, NULL, &out, &err), err);
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&out), GBT_ROUNDS_ALL, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    /* "up" shares no path with another feature: what it adds is the same whatever the others are. */
    float row[FEATURES] = {-1, 0, 0, 0}, low, high, low2, high2;
    gbt_margins(m, row, 1, &low, scratch);
    row[0] = 1;
    gbt_margins(m, row, 1, &high, scratch);
    row[1] = 2;
    row[3] = NAN;
    gbt_margins(m, row, 1, &high2, scratch);
    row[0] = -1;
    gbt_margins(m, row, 1, &low2, scratch);
    assert_true(high > low + 1 && fabsf((high - low) - (high2 - low2)) < 1e-4f);
}

TEST(weights_count_rows)
{
    /* A constant model: all x missing but one. The base is the weighted mean: (3 * 1 + 1 * 0) / 4. */
    static const float x[2] = {1, 1}, y[2] = {1, 0}, weight[2] = {3, 1};
    static const char *const names[] = {"a"};
    GbtMatrix m = {.x = x, .y = y, .weight = weight, .n_rows = 2, .n_features = 1, .names = names};
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.num_boost_round = 1;
    CLEANUP(gbt_unrefp) GbtModel *model = train_load(&p, &m, NULL, NULL);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(model);
    float value;
    gbt_predict(model, x, 1, &value, scratch);
    assert_true(fabsf(value - 0.75f) < 0.02f);
}

TEST(poor_data_is_an_error_or_a_model_and_never_an_abort)
{
    static const char *const names[] = {"a", "b"};
    float x[4] = {NAN, NAN, NAN, NAN}, y[2] = {0, 1};
    GbtMatrix m = {.x = x, .y = y, .n_rows = 2, .n_features = 2, .names = names};
    GbtParams p = GBT_PARAMS_DEFAULT;
    GbtRun run = run_of(60000);
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    T_FAILS(ERR_INVALID, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
    assert_string_equal(err.msg, "training data: no feature has a value in any row");
    x[0] = 3; /* one value, the other feature missing everywhere */
    T_OK(gbt_train(&m, NULL, &p, &run, &out, NULL, &err), err);
    m.n_rows = 1;
    T_OK(gbt_train(&m, NULL, &p, &run, &out, NULL, &err), err);
    m.n_rows = 0;
    T_FAILS(ERR_INVALID, gbt_train(&m, NULL, &p, &run, &out, NULL, &err));
    /* Squared errors of such labels are past a float. */
    p.objective = "reg:squarederror";
    y[0] = -3e38f;
    y[1] = 3e38f;
    m.n_rows = 2;
    T_FAILS(ERR_INVALID, gbt_train(&m, &m, &p, &run, &out, NULL, &err));
    /* AUC of one class does not exist. */
    p.objective = "binary:logistic";
    p.eval_metric = "auc";
    y[0] = y[1] = 1;
    T_FAILS(ERR_INVALID, gbt_train(&m, &m, &p, &run, &out, NULL, &err));
    assert_non_null(strstr(err.msg, "auc on the validation rows is not finite"));
    assert_int_equal(files_left(), 0);
}

TEST(several_jobs_in_one_child_give_the_models_of_each_alone)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false), *u = truth_new(2, false, false);
    GbtMatrix a = matrix_of(t), b = matrix_of(u);
    b.n_rows /= 2;
    GbtParams p[2] = {GBT_PARAMS_DEFAULT, GBT_PARAMS_DEFAULT};
    p[0].num_boost_round = 7;
    p[1].num_boost_round = 9;
    p[1].max_depth = 2;
    CLEANUP(buf_done) Buf first = BUF(1 << 24), second = BUF(1 << 24), alone = BUF(1 << 24);
    GbtJob jobs[2] = {{.train = &a, .params = &p[0], .model = &first},
                      {.train = &b, .valid = &a, .params = &p[1], .model = &second}};
    GbtRun run = run_of(60000);
    Err err;
    T_OK(gbt_train_jobs(jobs, 2, &run, &err), err);
    assert_int_equal(7, jobs[0].trained.rounds);
    assert_int_equal(9, jobs[1].trained.rounds);
    assert_string_equal("logloss", jobs[1].trained.metric);
    T_OK(gbt_train(&b, &a, &p[1], &run, &alone, NULL, &err), err);
    assert_int_equal(alone.len, second.len);
    assert_memory_equal(alone.ptr, second.ptr, alone.len);
    a.n_features = 0;
    T_FAILS(ERR_INVALID, gbt_train_jobs(jobs, 2, &run, &err));
    T_FAILS(ERR_LIMIT, gbt_train_jobs(jobs, GBT_JOBS_MAX + 1, &run, &err));
    assert_int_equal(0, files_left());
}

/* A sanitizer's program, the child is one too, cannot start with little address space. */
#ifdef __has_feature
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

TEST(a_child_without_memory_is_an_error)
{
    if (SANITIZED)
        skip();
    char path[128], script[4200];
    snprintf(path, sizeof path, "%s/small", work_dir);
    snprintf(script, sizeof script, "#!/bin/sh\nulimit -v 260000\nexec %s \"$@\"\n", program);
    Err err;
    T_OK(file_write(path, str_from(script), 0700, &err), err);
    enum { MANY = 200000, WIDE = 100 };
    CLEANUP(mem_freep) float *x = mem_array((size_t)MANY * WIDE, sizeof *x);
    CLEANUP(mem_freep) float *y = mem_array(MANY, sizeof *y);
    const char *names[WIDE];
    for (int f = 0; f < WIDE; f++)
        names[f] = "f";
    GbtMatrix m = {.x = x, .y = y, .n_rows = MANY, .n_features = WIDE, .names = names};
    GbtRun run = run_of(60000);
    run.program = path;
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    ErrKind kind = gbt_train(&m, NULL, &GBT_PARAMS_DEFAULT, &run, &out, NULL, &err);
    unlink(path);
    if (kind != ERR_LIMIT)
        fail_msg("%s: %s", err_kind_name(kind), err.msg);
    assert_string_equal(err.msg, "not enough memory to train on 200000 rows of 100 features");
    assert_int_equal(files_left(), 0);
}

TEST(a_request_that_is_cut_short_is_an_error)
{
    char request[128];
    snprintf(request, sizeof request, "%s/request", work_dir);
    Err err;
    T_OK(file_write(request, STR("{\"names\":[\"a\"],\"train_rows\":5}\nabcd"), 0600, &err), err);
    T_FAILS(ERR_CORRUPT, gbt_fit(request, "/dev/null/model", &err));
    assert_string_equal(err.msg, "request: ends before its train_rows");
    unlink(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_known_truth_is_learned),
        T(the_same_request_gives_the_same_model),
        T(on_noise_it_stops_early),
        T(a_monotone_direction_is_kept),
        T(past_the_deadline_or_when_stopped_the_child_is_killed_and_nothing_is_left),
        T(what_cannot_be_trained_on_is_refused_by_name),
        T(labels_must_fit_the_objective),
        T(parameters_come_from_one_table),
        T(the_best_round_is_kept_and_told),
        T(a_quantile_is_met_where_it_is_known),
        T(categories_are_split_as_sets),
        T(constraints_name_features),
        T(weights_count_rows),
        T(poor_data_is_an_error_or_a_model_and_never_an_abort),
        T(several_jobs_in_one_child_give_the_models_of_each_alone),
        T(a_child_without_memory_is_an_error),
        T(a_request_that_is_cut_short_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
