/* oracle.h - libxgboost itself, in the test's process: trains small models on random data and scores them. */
#ifndef EHUB_TESTS_UNIT_GBT_ORACLE_H
#define EHUB_TESTS_UNIT_GBT_ORACLE_H

#include "base/base.h"
#include "base/mem.h"
#include "gbt/gbt.h"
#include "harness/t.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>
#include <xgboost/c_api.h>

#define XGB(call)                                         \
    do {                                                  \
        if ((call) != 0)                                  \
            fail_msg("%s: %s", #call, XGBGetLastError()); \
    } while (0)

typedef struct OracleSpec {
    const char *objective;
    int depth, rounds, n_rows, n_features;
    double missing;         /* share of NaN */
    const char *more[4][2]; /* further parameters */
    int categories;         /* above 0: columns 0 and 1 hold categories, so many in column 1 */
    int targets;            /* labels of each row; 0 means 1 */
} OracleSpec;

typedef struct Oracle {
    BoosterHandle booster;
    DMatrixHandle data;
    float *x; /* float[n_rows * n_features] */
    int n_rows, n_features;
} Oracle;

#define ORACLE_TARGETS_MAX 4

/* A label that the objective accepts. */
static inline float oracle_label(const char *objective, double score, StatsRng *rng)
{
    if (strcmp(objective, "count:poisson") == 0)
        return (float)stats_poisson(rng, exp(0.3 * fmin(score, 5)));
    if (strcmp(objective, "reg:squarederror") == 0)
        return (float)(100 * score);
    if (strcmp(objective, "reg:gamma") == 0 || strstr(objective, "survival:") ||
        strstr(objective, "squaredlog"))
        return (float)(exp(0.3 * fmin(score, 5)) + 0.1);
    if (strcmp(objective, "reg:tweedie") == 0)
        return (float)floor(exp(0.3 * fmin(score, 5)));
    if (strstr(objective, "multi:"))
        return (float)((score > 0) + (stats_uniform(rng) < 0.4));
    if (strcmp(objective, "rank:ndcg") == 0)
        return (float)fmin(3, fmax(0, floor(score + 1)));
    if (strstr(objective, "absolute") || strstr(objective, "huber"))
        return (float)score;
    return stats_uniform(rng) < 1 / (1 + exp(-score));
}

static inline void oracle_data(const OracleSpec *s, Oracle *o, float *y)
{
    StatsRng rng;
    stats_seed(&rng, 42);
    int targets = MAX(s->targets, 1);
    for (int i = 0; i < s->n_rows; i++) {
        float *row = o->x + (size_t)i * (size_t)s->n_features;
        double score = 0;
        for (int f = 0; f < s->n_features; f++) {
            double v = stats_normal(&rng);
            if (s->categories > 0 && f < 2)
                v = floor(stats_uniform(&rng) * (f ? s->categories : 7));
            row[f] =
                f % 3 == 0 ? (float)floor(v * (s->categories > 0 ? 1 : 3)) : (float)v; /* many equal values */
            score += s->categories > 0 && f < 2 ? fmod(v * 7, 5) - 2
                     : f < 4                    ? v * row[MIN((f + 1) % 2, s->n_features - 1)]
                                                : 0;
            if (stats_uniform(&rng) < s->missing)
                row[f] = NAN;
        }
        score = isnan(score) ? 1 : score;
        for (int t = 0; t < targets; t++)
            y[i * targets + t] = oracle_label(s->objective, score * (t + 1), &rng);
    }
}

static inline void oracle_labels(const OracleSpec *s, Oracle *o, const float *y)
{
    char array[160];
    snprintf(array, sizeof array,
             "{\"data\":[%llu,true],\"shape\":[%d,%d],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)y, s->n_rows, MAX(s->targets, 1));
    XGB(XGDMatrixSetInfoFromInterface(o->data, "label", array));
    if (strcmp(s->objective, "survival:aft") == 0) {
        XGB(XGDMatrixSetFloatInfo(o->data, "label_lower_bound", y, (bst_ulong)s->n_rows));
        XGB(XGDMatrixSetFloatInfo(o->data, "label_upper_bound", y, (bst_ulong)s->n_rows));
    }
    if (strstr(s->objective, "rank:")) {
        unsigned groups[] = {(unsigned)s->n_rows / 2, (unsigned)(s->n_rows - s->n_rows / 2)};
        XGB(XGDMatrixSetUIntInfo(o->data, "group", groups, 2));
    }
    if (s->categories > 0) {
        const char *types[64];
        for (int f = 0; f < s->n_features; f++)
            types[f] = f < 2 ? "c" : "q";
        XGB(XGDMatrixSetStrFeatureInfo(o->data, "feature_type", types, (bst_ulong)s->n_features));
    }
}

static inline Oracle oracle_train(const OracleSpec *s)
{
    Oracle o = {.n_rows = s->n_rows, .n_features = s->n_features};
    o.x = mem_array((size_t)s->n_rows * (size_t)s->n_features, sizeof *o.x);
    float *y = mem_array((size_t)s->n_rows * ORACLE_TARGETS_MAX, sizeof *y);
    oracle_data(s, &o, y);
    XGB(XGDMatrixCreateFromMat(o.x, (bst_ulong)s->n_rows, (bst_ulong)s->n_features, NAN, &o.data));
    oracle_labels(s, &o, y);
    mem_free(y);
    XGB(XGBoosterCreate(&o.data, 1, &o.booster));
    char depth[16];
    snprintf(depth, sizeof depth, "%d", s->depth);
    const char *params[][2] = {
        {"objective", s->objective}, {"max_depth", depth},   {"nthread", "1"}, {"eta", "0.3"}, {"seed", "1"},
        {"verbosity", "0"},          {"tree_method", "hist"}};
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        XGB(XGBoosterSetParam(o.booster, params[i][0], params[i][1]));
    for (size_t i = 0; i < ARRAY_LEN(s->more) && s->more[i][0]; i++)
        XGB(XGBoosterSetParam(o.booster, s->more[i][0], s->more[i][1]));
    for (int r = 0; r < s->rounds; r++)
        XGB(XGBoosterUpdateOneIter(o.booster, r, o.data));
    return o;
}

static inline void oracle_done(Oracle *o)
{
    XGBoosterFree(o->booster);
    XGDMatrixFree(o->data);
    mem_free(o->x);
}

/* Borrowed until the next call on the booster. format: "ubj" or "json". */
static inline Str oracle_save(Oracle *o, const char *format)
{
    char config[64];
    snprintf(config, sizeof config, "{\"format\":\"%s\"}", format);
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(o->booster, config, &len, &bytes));
    return (Str){bytes, len};
}

/* type: 0 value, 1 margin, 2 contributions (of XGBoost's predict configuration); the first `rounds`, 0 all. ret_n (may be
 * NULL): how many numbers. Borrowed. */
static inline const float *oracle_predict_rounds(Oracle *o, int type, int rounds, size_t *ret_n)
{
    char config[160];
    snprintf(
        config, sizeof config,
        "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":%d,\"strict_shape\":false}",
        type, rounds);
    bst_ulong const *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGBoosterPredictFromDMatrix(o->booster, o->data, config, &shape, &dim, &out));
    size_t n = 1;
    for (bst_ulong i = 0; i < dim; i++)
        n *= shape[i];
    if (ret_n)
        *ret_n = n;
    return out;
}

static inline const float *oracle_predict(Oracle *o, int type)
{
    return oracle_predict_rounds(o, type, 0, NULL);
}

/* One row that need not be in the data: NaN is missing, infinity and odd categories are allowed. Borrowed. */
static inline const float *oracle_predict_row(Oracle *o, const float *row)
{
    char array[160];
    snprintf(array, sizeof array, "{\"data\":[%llu,true],\"shape\":[1,%d],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)row, o->n_features);
    bst_ulong const *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGBoosterPredictFromDense(o->booster, array,
                                  "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                  "\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
                                  NULL, &shape, &dim, &out));
    return out;
}

/* One row of a model with one margin. */
static inline float margin_of(const GbtModel *m, const float *row)
{
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    float margin;
    gbt_margins(m, row, 1, &margin, scratch);
    return margin;
}

static const OracleSpec ORACLE_SPECS[] = {
    {"binary:logistic", 6, 50, 1500, 12, 0.1, {{0}}},
    {"binary:logistic", 1, 20, 500, 5, 0, {{"base_score", "0.2"}}},
    {"binary:logistic", 12, 9, 3000, 4, 0.2, {{"min_child_weight", "0"}, {"lambda", "0.001"}}},
    {"reg:logistic", 4, 17, 800, 6, 0.05, {{"tree_method", "exact"}}},
    {"reg:squarederror", 5, 33, 1000, 8, 0.3, {{0}}},
    {"count:poisson", 4, 40, 1000, 10, 0.1, {{"subsample", "0.7"}, {"colsample_bytree", "0.6"}}},
    {"binary:logistic", 0, 7, 2000, 6, 0.1, {{"grow_policy", "lossguide"}, {"max_leaves", "100"}}},
    {"binary:logistic", 3, 0, 100, 3, 0, {{0}}}, /* no tree at all */
};

#endif
