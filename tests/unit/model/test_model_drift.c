#include "model/model_drift.h"
#include "sample.h"

static ModelBundle *load(Oracle *o)
{
    Err err;
    ModelBundle *b = NULL;
    T_OK(model_bundle_read_mem(oracle_save(o, "ubj"), GBT_ROUNDS_ALL, &b, &err), err);
    return b;
}

static const ModelDriftLine *line_of(const ModelDrift *d, const char *name)
{
    for (int i = 0; i < d->n; i++)
        if (strcmp(d->lines[i].name, name) == 0)
            return &d->lines[i];
    fail_msg("no line %s", name);
    return NULL;
}

/* Columns: normal around `mean`; a constant; one of three codes; missing with the probability `missing`. */
static float *rows_of(uint64_t seed, int64_t n, double mean, float constant, double missing)
{
    float *x = mem_array((size_t)n * SAMPLE_FEATURES, sizeof *x);
    StatsRng r;
    stats_seed(&r, seed);
    for (int64_t i = 0; i < n; i++) {
        float *row = x + i * SAMPLE_FEATURES;
        row[0] = (float)(mean + stats_normal(&r));
        row[1] = constant;
        row[2] = (float)stats_below(&r, 3);
        row[3] = stats_uniform(&r) < missing ? NAN : (float)stats_uniform(&r);
    }
    return x;
}

TEST(the_same_rows_have_not_moved)
{
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, o.x, o.n_rows, NULL, 0);
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, o.x, o.n_rows);
    assert_int_equal(d->n_of[MODEL_STABLE], SAMPLE_FEATURES);
    for (int i = 0; i < d->n; i++) {
        T_NEAR(0, d->lines[i].psi, 0);
        T_NEAR(0, d->lines[i].ks, 0.5 / MODEL_DRIFT_SAMPLE);
        T_NEAR(1, d->lines[i].ks_p, 1e-6);
        T_NEAR(d->lines[i].missing_before, d->lines[i].missing_now, 0);
    }
    T_NEAR(0, d->score.psi, 0);
    oracle_done(&o);
}

TEST(a_shift_has_the_figures_of_theory)
{
    /* From N(0, 1) to N(1, 1): the index over the deciles is 0.92614, the largest distance 2 Phi(1/2) - 1 = 0.38292
     * (computed with Python's statistics.NormalDist). */
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    const int64_t n = 100000;
    CLEANUP(mem_freep) float *before = rows_of(1, n, 0, 5, 0.1), *now = rows_of(2, n, 1, 5, 0.3);
    CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, before, n, NULL, 0);
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, now, n);
    const ModelDriftLine *moved = line_of(d, "speed");
    T_NEAR(0.92614, moved->psi, 0.03);
    T_NEAR(0.38292, moved->ks, 0.008);
    T_NEAR(0, moved->ks_p, 1e-9);
    T_NEAR(0, moved->median_before, 0.02);
    T_NEAR(1, moved->median_now, 0.02);
    assert_int_equal(moved->verdict, MODEL_SHIFTED);
    assert_string_equal(d->lines[0].name, "speed"); /* the largest first */
    /* missing 10 % to 30 %: .2 ln 3 for the missing, (.7 - .9) ln(.7 / .9) for the values */
    const ModelDriftLine *missing = line_of(d, "d");
    T_NEAR(0.2 * log(3) + 0.2 * log(0.9 / 0.7), missing->psi, 0.02);
    T_NEAR(0, missing->ks, 0.01); /* what is there has not moved */
    T_NEAR(0.1, missing->missing_before, 0.005);
    T_NEAR(0.3, missing->missing_now, 0.005);
    assert_int_equal(line_of(d, "contact rate")->verdict, MODEL_STABLE);
    assert_int_equal(line_of(d, "größe")->verdict, MODEL_STABLE);
    oracle_done(&o);
}

TEST(another_constant_is_noticed)
{
    Oracle o = sample_model("count:poisson", 3);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    static const float others[] = {6, 4};
    for (size_t k = 0; k < ARRAY_LEN(others); k++) {
        CLEANUP(mem_freep) float *before = rows_of(1, 300, 0, 5, 0), *now = rows_of(2, 200, 0, others[k], 0);
        CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, before, 300, NULL, 0);
        CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, now, 200);
        const ModelDriftLine *l = line_of(d, "contact rate");
        assert_int_equal(l->verdict, MODEL_SHIFTED);
        T_NEAR(1, l->ks, 1e-12);
        assert_int_equal(line_of(d, "speed")->verdict, MODEL_STABLE);
    }
    oracle_done(&o);
}

TEST(what_few_rows_do_by_chance_is_no_drift)
{
    /* 25 rows over 10 bins: the index is about 9/25 without any drift, far above 0.25. */
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    CLEANUP(mem_freep) float *before = rows_of(1, 5000, 0, 5, 0);
    CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, before, 5000, NULL, 0);
    int large = 0, alarms = 0;
    for (uint64_t seed = 100; seed < 200; seed++) {
        CLEANUP(mem_freep) float *now = rows_of(seed, 25, 0, 5, 0);
        CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, now, 25);
        large += line_of(d, "speed")->psi > 0.25;
        alarms += line_of(d, "speed")->verdict != MODEL_STABLE;
    }
    assert_true(large > 50);
    /* One in twenty is the aim; with two and a half rows a bin chi-square is coarse. */
    assert_in_range(alarms, 0, 25);
    oracle_done(&o);
}

TEST(categories_are_compared_by_their_shares)
{
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    b->schema->columns[2].category = true;
    enum { ROWS = 100 };
    float before[ROWS * SAMPLE_FEATURES] = {0}, now[ROWS * SAMPLE_FEATURES] = {0};
    for (int i = 0; i < ROWS;
         i++) { /* before: 50, 30, 20 of the codes 0, 1, 2; now: 20, 30, 0, and 50 of code 7 */
        before[i * SAMPLE_FEATURES + 2] = i < 50 ? 0 : i < 80 ? 1 : 2;
        now[i * SAMPLE_FEATURES + 2] = i < 20 ? 0 : i < 50 ? 1 : 7;
    }
    CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, before, ROWS, NULL, 0);
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, now, ROWS);
    const ModelDriftLine *l = line_of(d, "größe");
    /* (.2 - .5) ln(.2/.5) + (.005 - .2) ln(.005/.2) + (.5 - .005) ln(.5/.005); an empty bin counts as half a row */
    T_NEAR(0.3 * log(2.5) + 0.195 * log(40) + 0.495 * log(100), l->psi, 1e-9);
    assert_true(isnan(l->ks) && isnan(l->median_now));
    assert_int_equal(l->verdict, MODEL_SHIFTED);
    oracle_done(&o);
}

TEST(a_column_that_is_all_missing_is_compared)
{
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    CLEANUP(mem_freep) float *before = rows_of(1, 400, 0, 5, 0), *now = rows_of(2, 400, 0, 5, 1);
    CLEANUP(model_reference_freep)
    ModelReference *r = model_reference_of(b, before, 400, NULL, 0),
                   *none = model_reference_of(b, now, 400, NULL, 0);
    CLEANUP(model_drift_freep)
    ModelDrift *gone = model_drift(r, b, now, 400), *came = model_drift(none, b, before, 400),
               *still = model_drift(none, b, now, 400);
    assert_int_equal(line_of(gone, "d")->verdict, MODEL_SHIFTED);
    assert_int_equal(line_of(came, "d")->verdict, MODEL_SHIFTED);
    assert_int_equal(line_of(still, "d")->verdict, MODEL_STABLE);
    assert_true(isnan(line_of(gone, "d")->ks) && isnan(line_of(gone, "d")->ks_p));
    oracle_done(&o);
}

static Buf text_of(const ModelReference *r)
{
    Buf text = BUF(1 << 20);
    Jw w = jw(&text);
    model_reference_write(&w, r);
    return text;
}

TEST(the_score_is_compared_with_that_of_unseen_rows)
{
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    CLEANUP(mem_freep) float *trained = rows_of(1, 3000, 2, 5, 0.2), *unseen = rows_of(2, 1000, 0, 5, 0.2);
    CLEANUP(model_reference_freep)
    ModelReference *r = model_reference_of(b, trained, 3000, unseen, 1000), *back = NULL;
    CLEANUP(buf_done) Buf text = text_of(r);
    Err err;
    CLEANUP(jv_freep) Jv *json = NULL;
    T_OK(jv_parse(buf_str(&text), &json, &err), err);
    T_OK(model_reference_parse(json, b->schema, &back, &err), err);
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(back, b, unseen, 1000);
    T_NEAR(0, d->score.psi, 0);
    assert_int_equal(line_of(d, "speed")->verdict, MODEL_SHIFTED);
    oracle_done(&o);
}

TEST(a_reference_is_written_and_read_without_loss)
{
    Oracle o = sample_model("binary:logistic", 10);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    CLEANUP(mem_freep) float *before = rows_of(1, 3000, 0, 5, 0.2), *now = rows_of(2, 2000, 0.4, 5, 0.3);
    CLEANUP(model_reference_freep)
    ModelReference *r = model_reference_of(b, before, 3000, NULL, 0), *back = NULL;
    CLEANUP(buf_done) Buf text = text_of(r);
    Err err;
    CLEANUP(jv_freep) Jv *json = NULL;
    T_OK(jv_parse(buf_str(&text), &json, &err), err);
    T_OK(model_reference_parse(json, b->schema, &back, &err), err);
    CLEANUP(model_drift_freep)
    ModelDrift *d = model_drift(r, b, now, 2000), *e = model_drift(back, b, now, 2000);
    CLEANUP(buf_done) Buf one = BUF(1 << 16), two = BUF(1 << 16), table = BUF(1 << 16);
    Jw w1 = jw(&one), w2 = jw(&two);
    model_drift_json(&w1, d);
    model_drift_json(&w2, e);
    assert_string_equal(buf_cstr(&one), buf_cstr(&two));
    model_drift_print(&table, d);
    assert_non_null(strstr(buf_cstr(&table), "größe"));
    oracle_done(&o);
}

TEST(damaged_references_are_refused)
{
    Oracle o = sample_model("binary:logistic", 2);
    CLEANUP(model_bundle_freep) ModelBundle *b = load(&o);
    float x[] = {1, 2, 3, 4, 5, 6, 7, 8};
    CLEANUP(model_reference_freep) ModelReference *r = model_reference_of(b, x, 2, NULL, 0);
    CLEANUP(buf_done) Buf text = text_of(r);
    /* {"rows":2,"of":[{"name":"speed","category":false,"values":[1,5],"counts":[1,1,0,0],"quantiles":[1,5]} ... */
    static const char *const rows[][2] = {
        {"\"rows\":2", "\"rows\":3"},
        {"\"rows\":2", "\"rows\":-1"},
        {"\"name\":\"speed\"", "\"name\":\"sp33d\""},
        {"\"values\":[1,5]", "\"values\":[5,1]"},
        {"\"values\":[1,5]", "\"values\":[1]"},
        {"\"values\":[1,5]", "\"values\":7"},
        {"\"counts\":[1,1,0,0]", "\"counts\":[1,-1,2,0]"},
        {"\"counts\":[1,1,0,0]", "\"counts\":[9223372036854775807,9223372036854775807,0,0]"},
        {"\"counts\":[1,1,0,0]", "\"counts\":[1,1,0]"},
        {"\"counts\":[1,1,0,0]", "\"counts\":[1,0.5,0,0]"},
        {"\"quantiles\":[1,5]", "\"quantiles\":[5,1]"},
        {"\"quantiles\":[1,5]", "\"quantiles\":[]"},
        {"\"quantiles\":[1,5]", "\"quantiles\":[1,null]"},
        {"\"name\":\"score\"", "\"name\":\"skore\""},
        {"\"of\":[", "\"of\":[{},"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ptrdiff_t at = str_find(buf_str(&text), str_from(rows[i][0]));
        if (at < 0)
            fail_msg("%s is not in %s", rows[i][0], buf_cstr(&text));
        CLEANUP(buf_done) Buf damaged = BUF(1 << 20);
        buf_add(&damaged, text.ptr, (size_t)at);
        buf_add_c(&damaged, rows[i][1]);
        buf_add_c(&damaged, text.ptr + at + strlen(rows[i][0]));
        Err err;
        CLEANUP(jv_freep) Jv *json = NULL;
        T_OK(jv_parse(buf_str(&damaged), &json, &err), err);
        ModelReference *back = NULL;
        if (model_reference_parse(json, b->schema, &back, &err) != ERR_CORRUPT || back)
            fail_msg("accepted: %s", rows[i][1]);
    }
    oracle_done(&o);
}

T_MAIN(T(the_same_rows_have_not_moved), T(a_shift_has_the_figures_of_theory), T(another_constant_is_noticed),
       T(what_few_rows_do_by_chance_is_no_drift), T(categories_are_compared_by_their_shares),
       T(a_column_that_is_all_missing_is_compared), T(the_score_is_compared_with_that_of_unseen_rows),
       T(the_score_is_compared_with_that_of_unseen_rows), T(a_reference_is_written_and_read_without_loss),
       T(damaged_references_are_refused))
