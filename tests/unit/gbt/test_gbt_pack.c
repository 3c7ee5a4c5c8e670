/* Every vector code, one row and many, dense and sparse, on models of every shape that the packed layout knows or refuses. */
#include "gbt/gbt.h"
#include "oracle.h"

static const OracleSpec SPECS[] = {
    {"binary:logistic", 6, 70, 2000, 40, 0, {{0}}, 0, 0},
    {"binary:logistic", 8, 10, 2000, 12, 0.2, {{"tree_method", "exact"}, {"min_child_weight", "0"}}, 0, 0},
    {"reg:squarederror", 7, 66, 3000, 3, 0.1, {{"tree_method", "exact"}}, 0, 0}, /* more than 128 slots */
    {"binary:logistic",
     6,
     400,
     4000,
     30,
     0.3,
     {{"tree_method", "exact"}, {"min_child_weight", "0"}},
     0,
     0}, /* than 256 */
    {"multi:softprob", 5, 30, 1500, 9, 0.1, {{"num_class", "5"}}, 0, 0},
    {"binary:logistic", 5, 40, 1500, 7, 0.1, {{0}}, 9, 0},
    {"reg:squarederror", 4, 20, 1000, 8, 0.1, {{"booster", "dart"}, {"rate_drop", "0.3"}}, 0, 0},
    {"reg:squarederror", 9, 8, 2000, 6, 0.1, {{0}}, 0, 0}, /* too deep to pack */
    {"reg:squarederror",
     0,
     5,
     4000,
     3,
     0.1,
     {{"grow_policy", "lossguide"}, {"max_leaves", "900"}, {"min_child_weight", "0"}},
     0,
     0},
    {"binary:logistic", 2, 65, 800, 200, 0.5, {{0}}, 0, 0},
};
static const char *const KERNELS[] = {"avx512", "avx2", "plain"};

/* Only what is there, and no missing cells; one value of a column that the model has not got. */
static GbtCsr sparse_of(const Oracle *o, size_t n, size_t **start, uint32_t **feature, float **value)
{
    size_t width = (size_t)o->n_features, at = 0;
    *start = mem_array(n + 1, sizeof **start);
    *feature = mem_array(n * width + 1, sizeof **feature);
    *value = mem_array(n * width + 1, sizeof **value);
    for (size_t i = 0; i < n; i++) {
        for (size_t f = width; f-- > 0;) { /* the order does not matter */
            (*feature)[at] = (uint32_t)f;
            (*value)[at] = o->x[i * width + f];
            at += !isnan(o->x[i * width + f]);
        }
        if (i == 0) {
            (*feature)[at] = (uint32_t)width + 5;
            (*value)[at++] = 1;
        }
        (*start)[i + 1] = at;
    }
    return (GbtCsr){.start = *start, .feature = *feature, .value = *value};
}

static void check_margins(const char *what, size_t spec, const float *got, const float *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("model %zu, %s, %zu: %.9g, xgboost %.9g", spec, what, i, (double)got[i],
                     (double)expected[i]);
}

TEST(every_kernel_gives_xgboosts_margins)
{
    for (size_t k = 0; k < ARRAY_LEN(SPECS); k++) {
        Oracle o = oracle_train(&SPECS[k]);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        size_t n = (size_t)MIN(o.n_rows, 401), groups = (size_t)gbt_n_groups(m), width = (size_t)o.n_features;
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        CLEANUP(mem_freep) float *got = mem_array(n * groups, sizeof *got);
        CLEANUP(mem_freep) size_t *start = NULL;
        CLEANUP(mem_freep) uint32_t *feature = NULL;
        CLEANUP(mem_freep) float *value = NULL;
        GbtCsr sparse = sparse_of(&o, n, &start, &feature, &value);
        const float *expected = oracle_predict(&o, 1);
        for (size_t v = 0; v < ARRAY_LEN(KERNELS); v++) {
            if (!gbt_kernel_choose(KERNELS[v])) /* this processor has not got it */
                continue;
            assert_string_equal(gbt_kernel(), KERNELS[v]);
            gbt_margins(m, o.x, n, got, scratch);
            check_margins(KERNELS[v], k, got, expected, n * groups);
            for (size_t i = 0; i < n; i++)
                gbt_margins(m, o.x + i * width, 1, got + i * groups, scratch);
            check_margins("row by row", k, got, expected, n * groups);
            gbt_margins_csr(m, &sparse, n, got, scratch);
            check_margins("sparse", k, got, expected, n * groups);
        }
        assert_true(gbt_kernel_choose(NULL));
        oracle_done(&o);
    }
}

TEST(every_kernel_explains_with_the_same_bits_and_adds_up)
{
    for (size_t k = 0; k < ARRAY_LEN(SPECS); k++) {
        Oracle o = oracle_train(&SPECS[k]);
        Err err;
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
        size_t groups = (size_t)gbt_n_groups(m), width = (size_t)o.n_features + 1;
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        CLEANUP(mem_freep) float *margins = mem_array(groups, sizeof *margins);
        CLEANUP(mem_freep) double *shap = mem_array(2 * groups * width, sizeof *shap);
        double *plain = shap + groups * width;
        for (size_t i = 0; i < 25; i++) {
            const float *row = o.x + i * (width - 1);
            assert_true(gbt_kernel_choose("plain"));
            gbt_shap(m, row, plain, scratch);
            gbt_margins(m, row, 1, margins, scratch);
            for (size_t g = 0; g < groups; g++) {
                double sum = 0;
                for (size_t f = 0; f < width; f++)
                    sum += plain[g * width + f];
                /* The margin itself is a sum of floats: of many trees it is off by a few 1e-6. */
                T_NEAR((double)margins[g], sum, 1e-6 + 4e-6 * fmax(1, fabs(sum)));
            }
            for (size_t v = 0; v < ARRAY_LEN(KERNELS); v++)
                if (gbt_kernel_choose(KERNELS[v])) {
                    gbt_shap(m, row, shap, scratch);
                    assert_memory_equal(shap, plain, groups * width * sizeof *shap);
                }
        }
        assert_true(gbt_kernel_choose(NULL));
        oracle_done(&o);
    }
}

TEST(an_unknown_kernel_is_refused)
{
    assert_false(gbt_kernel_choose("mmx"));
    assert_true(gbt_kernel_choose(NULL));
}

T_MAIN(T(every_kernel_gives_xgboosts_margins), T(every_kernel_explains_with_the_same_bits_and_adds_up),
       T(an_unknown_kernel_is_refused))
