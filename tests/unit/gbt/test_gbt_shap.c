#include "base/buf.h"
#include "gbt/gbt.h"
#include "oracle.h"

#define ROWS 60

TEST(contributions_agree_with_xgboost_and_add_up)
{
    for (size_t s = 0; s < ARRAY_LEN(ORACLE_SPECS); s++) {
        Oracle o = oracle_train(&ORACLE_SPECS[s]);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        size_t width = (size_t)o.n_features + 1;
        CLEANUP(mem_freep) double *out = mem_array(width, sizeof *out);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        const float *expected = oracle_predict(&o, 2);
        for (int i = 0; i < MIN(ROWS, o.n_rows); i++) {
            const float *row = o.x + (size_t)i * (size_t)o.n_features;
            gbt_shap(m, row, out, scratch);
            double largest = 0, sum = 0;
            for (size_t f = 0; f < width; f++) {
                largest = fmax(largest, fabs(out[f]));
                sum += out[f];
            }
            /* XGBoost computes these in float; its error grows with the largest of them. */
            for (size_t f = 0; f < width; f++)
                if (fabs(out[f] - expected[(size_t)i * width + f]) > 1e-4 * fmax(largest, 1))
                    fail_msg("model %zu, row %d, feature %zu: %.9g, xgboost %.9g", s, i, f, out[f],
                             expected[(size_t)i * width + f]);
            double margin = margin_of(m, row); /* itself a float sum */
            T_NEAR(margin, sum, 1e-6 * fmax(1, fabs(margin)) + 1e-6);
        }
        oracle_done(&o);
    }
}

TEST(interactions_agree_with_xgboost_and_add_up)
{
    for (size_t k = 0; k < ARRAY_LEN(ORACLE_SPECS); k++) {
        OracleSpec spec = ORACLE_SPECS[k];
        spec.n_rows = MIN(spec.n_rows, 300); /* theirs is slow */
        Oracle o = oracle_train(&spec);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        size_t width = (size_t)o.n_features + 1;
        CLEANUP(mem_freep) double *out = mem_array(width * width, sizeof *out);
        CLEANUP(mem_freep) double *shap = mem_array(width, sizeof *shap);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        const float *expected = oracle_predict(&o, 4);
        for (int i = 0; i < MIN(ROWS, o.n_rows); i++) {
            const float *row = o.x + (size_t)i * (size_t)o.n_features;
            gbt_shap(m, row, shap, scratch);
            gbt_interactions(m, row, out, scratch);
            double largest = 1;
            for (size_t f = 0; f < width * width; f++)
                largest = fmax(largest, fabs(out[f]));
            for (size_t f = 0; f < width * width; f++)
                if (fabs(out[f] - (double)expected[(size_t)i * width * width + f]) > 2e-4 * largest)
                    fail_msg("model %zu, row %d, pair %zu, %zu: %.9g, xgboost %.9g", k, i, f / width,
                             f % width, out[f], (double)expected[(size_t)i * width * width + f]);
            for (size_t f = 0; f < width; f++) {
                double sum = 0;
                for (size_t g = 0; g < width; g++) {
                    sum += out[f * width + g];
                    assert_true(out[f * width + g] == out[g * width + f]);
                }
                T_NEAR(shap[f], sum, 1e-9 * largest);
            }
        }
        oracle_done(&o);
    }
}

/* Shapley's value by its definition, over all subsets, of the conditional expectation that a tree gives when only the
 * features of the subset are known (Lundberg et al. 2018, algorithm 1), on a JSON model written by hand. */
typedef struct HandNode {
    int left, feature;
    double value, cover;
} HandNode;
/* Feature 0 twice on one path; the covers do not follow from any data. */
static const HandNode HAND[] = {{1, 0, 0.5, 100},  {3, 1, 0.0, 30},  {5, 2, 1.0, 70},
                                {-1, 0, 2.0, 10},  {7, 0, -1.0, 20}, {-1, 0, -3.0, 50},
                                {-1, 0, 0.25, 20}, {-1, 0, 5.0, 4},  {-1, 0, -1.5, 16}};

static double expected_value(int node, unsigned known, const float *row)
{
    const HandNode *n = &HAND[node];
    if (n->left < 0)
        return n->value;
    if (known >> n->feature & 1)
        return expected_value(row[n->feature] < n->value ? n->left : n->left + 1, known, row);
    return (expected_value(n->left, known, row) * HAND[n->left].cover +
            expected_value(n->left + 1, known, row) * HAND[n->left + 1].cover) /
           n->cover;
}

static double shapley(int feature, const float *row)
{
    static const double weight[] = {2.0 / 6, 1.0 / 6, 2.0 / 6}; /* |S|! (2 - |S|)! / 3! */
    double phi = 0;
    for (unsigned s = 0; s < 8; s++)
        if (!(s >> feature & 1))
            phi += weight[__builtin_popcount(s)] *
                   (expected_value(0, s | 1u << feature, row) - expected_value(0, s, row));
    return phi;
}

static void hand_array(Buf *b, const char *key, double (*get)(const HandNode *))
{
    buf_addf(b, ",\"%s\":[", key);
    for (size_t i = 0; i < ARRAY_LEN(HAND); i++)
        buf_addf(b, "%s%g", i ? "," : "", get(&HAND[i]));
    buf_add_c(b, "]");
}
static double get_left(const HandNode *n)
{
    return n->left;
}
static double get_right(const HandNode *n)
{
    return n->left < 0 ? -1 : n->left + 1;
}
static double get_feature(const HandNode *n)
{
    return n->feature;
}
static double get_value(const HandNode *n)
{
    return n->value;
}
static double get_cover(const HandNode *n)
{
    return n->cover;
}

static void hand_model(Buf *b)
{
    buf_add_c(
        b,
        "{\"learner\":{\"feature_names\":[],\"learner_model_param\":{\"base_score\":\"0E0\",\"num_feature\":"
        "\"3\"},"
        "\"objective\":{\"name\":\"reg:squarederror\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{"
        "\"trees\":[{\"tree_param\":{\"num_nodes\":\"9\"},\"default_left\":[0,0,0,0,0,0,0,0,0]");
    hand_array(b, "left_children", get_left);
    hand_array(b, "right_children", get_right);
    hand_array(b, "split_indices", get_feature);
    hand_array(b, "split_conditions", get_value);
    hand_array(b, "sum_hessian", get_cover);
    buf_add_c(b, "}]}}}}");
}

TEST(contributions_are_shapleys_by_definition)
{
    CLEANUP(buf_done) Buf b = BUF(4096);
    hand_model(&b);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), err);
    double out[4];
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    static const float rows[][3] = {{0, -1, 0},   {-2, 1, 3}, {0.2f, 1, 0},
                                    {0.7f, 0, 2}, {9, 9, -9}, {-5, -5, -5}};
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        gbt_shap(m, rows[r], out, scratch);
        for (int f = 0; f < 3; f++)
            T_NEAR(shapley(f, rows[r]), out[f], 1e-12);
        T_NEAR(expected_value(0, 0, rows[r]), out[3], 1e-12);
    }
}

/* The interaction index by its definition (Lundberg et al. 2018, eq. 9): half of the mean change of one feature's
 * marginal contribution when the other becomes known. */
static double interaction(int i, int j, const float *row)
{
    double sum = 0;
    for (unsigned known = 0; known < 8; known++) {
        if (known >> i & 1 || known >> j & 1)
            continue;
        unsigned with_i = known | 1u << i, with_j = known | 1u << j;
        /* |S|! (3 - |S| - 2)! / (2 (3 - 1)!) is 1/4 for no and for one other feature. */
        sum += 0.25 * (expected_value(0, with_i | with_j, row) - expected_value(0, with_i, row) -
                       expected_value(0, with_j, row) + expected_value(0, known, row));
    }
    return sum;
}

TEST(interactions_are_those_of_the_definition)
{
    CLEANUP(buf_done) Buf b = BUF(4096);
    hand_model(&b);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(buf_str(&b), GBT_ROUNDS_ALL, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    static const float rows[][3] = {{0, -1, 0},   {-2, 1, 3}, {0.2f, 1, 0},
                                    {0.7f, 0, 2}, {9, 9, -9}, {-5, -5, -5}};
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        double out[16];
        gbt_interactions(m, rows[r], out, scratch);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                if (i != j)
                    T_NEAR(interaction(i, j, rows[r]), out[i * 4 + j], 1e-12);
    }
}

/* Shapley's value over all subsets of 5 features of f(row on the subset, background elsewhere), meant over the sample. */
static double shapley_against(const GbtModel *m, int i, const float *row, const float *background, int n)
{
    static const double weights[] = {1 / 5.0, 1 / 20.0, 1 / 30.0, 1 / 20.0,
                                     1 / 5.0}; /* |S|! (4 - |S|)! / 5! */
    double sum = 0;
    for (int b = 0; b < n; b++)
        for (unsigned known = 0; known < 32; known++) {
            if (known >> i & 1)
                continue;
            float with[5], without[5];
            for (int f = 0; f < 5; f++)
                with[f] = without[f] = known >> f & 1 ? row[f] : background[b * 5 + f];
            with[i] = row[i];
            sum += weights[__builtin_popcount(known)] *
                   ((double)margin_of(m, with) - (double)margin_of(m, without));
        }
    return sum / n;
}

TEST(interventional_contributions_are_shapleys_by_definition)
{
    OracleSpec spec = {"binary:logistic", 5, 12, 600, 5, 0.15, {{0}}};
    Oracle o = oracle_train(&spec);
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    enum { SAMPLE = 6 };
    const float *background = o.x + 100 * 5;
    double mean = 0;
    for (int b = 0; b < SAMPLE; b++)
        mean += (double)margin_of(m, background + b * 5) / SAMPLE;
    for (int r = 0; r < 10; r++) {
        const float *row = o.x + r * 5;
        double out[6], sum = 0;
        gbt_shap_against(m, row, background, SAMPLE, out, scratch);
        for (int f = 0; f < 5; f++)
            T_NEAR(shapley_against(m, f, row, background, SAMPLE), out[f], 1e-5); /* of float margins */
        for (int f = 0; f < 6; f++)
            sum += out[f];
        T_NEAR(mean, out[5], 1e-6);
        T_NEAR((double)margin_of(m, row), sum, 1e-6);
    }
    oracle_done(&o);
}

TEST(every_kernel_gives_the_same_bits)
{
    static const char *const kernels[] = {"avx512", "avx2"};
    for (size_t k = 0; k < ARRAY_LEN(ORACLE_SPECS); k++) {
        Oracle o = oracle_train(&ORACLE_SPECS[k]);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        size_t width = (size_t)o.n_features + 1, n = (size_t)MIN(o.n_rows, 333);
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        CLEANUP(mem_freep) float *all = mem_array(3 * n, sizeof *all);
        float *margins[3] = {all, all + n, all + 2 * n};
        CLEANUP(mem_freep) double *plain = mem_array(2 * width * width, sizeof *plain);
        double *vector = plain + width * width;
        for (size_t v = 0; v < ARRAY_LEN(kernels); v++) {
            if (!gbt_kernel_choose(kernels[v])) /* this processor has not got it */
                continue;
            gbt_margins(m, o.x, n, margins[0], scratch);
            for (size_t i = 0; i < n; i++)
                gbt_margins(m, o.x + i * (width - 1), 1, &margins[1][i], scratch);
            assert_true(gbt_kernel_choose("plain"));
            gbt_margins(m, o.x, n, margins[2], scratch);
            assert_memory_equal(margins[0], margins[2], n * sizeof *margins[0]);
            assert_memory_equal(margins[1], margins[2], n * sizeof *margins[0]);
            for (size_t i = 0; i < 20; i++) {
                assert_true(gbt_kernel_choose("plain"));
                gbt_interactions(m, o.x + i * (width - 1), plain, scratch);
                assert_true(gbt_kernel_choose(kernels[v]));
                gbt_interactions(m, o.x + i * (width - 1), vector, scratch);
                assert_memory_equal(plain, vector, width * width * sizeof *plain);
            }
        }
        assert_true(gbt_kernel_choose(NULL));
        oracle_done(&o);
    }
}

T_MAIN(T(contributions_agree_with_xgboost_and_add_up), T(interactions_agree_with_xgboost_and_add_up),
       T(contributions_are_shapleys_by_definition), T(interactions_are_those_of_the_definition),
       T(interventional_contributions_are_shapleys_by_definition), T(every_kernel_gives_the_same_bits))
