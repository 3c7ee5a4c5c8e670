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

static GbtParams params(void)
{
    GbtParams p = GBT_PARAMS_DEFAULT;
    p.program = program;
    return p;
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
    return gbt_train(&a, valid ? &b : NULL, p, work_dir, deadline_in_ms(60000), out, err);
}

TEST(a_known_truth_is_learned)
{
    for (int count = 0; count < 2; count++) {
        CLEANUP(mem_freep) Truth *t = truth_new(1, count, false), *fresh = truth_new(2, count, false);
        CLEANUP(mem_freep) Truth *valid = truth_new(3, count, false);
        GbtParams p = params();
        p.objective = count ? "count:poisson" : "binary:logistic";
        p.max_depth = 3;
        p.early_stop = 20;
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
    GbtParams p = params();
    p.rounds = 20;
    p.subsample = 0.8;
    p.colsample = 0.5;
    p.threads = 2;
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
    GbtParams p = params();
    p.early_stop = 10;
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
    GbtParams p = params();
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

TEST(past_the_deadline_the_child_is_killed_and_nothing_is_left)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = params();
    p.rounds = GBT_TREES_MAX;
    p.max_depth = 12;
    GbtMatrix m = matrix_of(t);
    CLEANUP(buf_done) Buf out = BUF(1 << 24);
    Err err;
    T_FAILS(ERR_TIMEOUT, gbt_train(&m, NULL, &p, work_dir, deadline_in_ms(300), &out, &err));
    assert_int_equal(files_left(), 0);
}

TEST(what_cannot_be_trained_on_is_refused_by_name)
{
    CLEANUP(mem_freep) Truth *t = truth_new(1, false, false);
    GbtParams p = params();
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
    p = params();
    p.program = "/bin/false";
    T_FAILS(ERR_INTERNAL, train(&p, t, NULL, &out, &err));
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
        T(past_the_deadline_the_child_is_killed_and_nothing_is_left),
        T(what_cannot_be_trained_on_is_refused_by_name),
        T(a_request_that_is_cut_short_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
