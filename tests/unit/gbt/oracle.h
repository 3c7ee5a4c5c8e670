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
    const char *more[3][2]; /* further parameters */
} OracleSpec;

typedef struct Oracle {
    BoosterHandle booster;
    DMatrixHandle data;
    float *x; /* float[n_rows * n_features] */
    int n_rows, n_features;
} Oracle;

static inline void oracle_data(const OracleSpec *s, Oracle *o, float *y)
{
    StatsRng rng;
    stats_seed(&rng, 42);
    for (int i = 0; i < s->n_rows; i++) {
        float *row = o->x + (size_t)i * (size_t)s->n_features;
        double score = 0;
        for (int f = 0; f < s->n_features; f++) {
            double v = stats_normal(&rng);
            row[f] = f % 3 == 0 ? (float)floor(v * 3) : (float)v; /* some with many equal values */
            score += f < 4 ? v * row[(f + 1) % 2] : 0;
            if (stats_uniform(&rng) < s->missing)
                row[f] = NAN;
        }
        score = isnan(score) ? 1 : score;
        if (strcmp(s->objective, "count:poisson") == 0)
            y[i] = (float)stats_poisson(&rng, exp(0.3 * fmin(score, 5)));
        else if (strcmp(s->objective, "reg:squarederror") == 0)
            y[i] = (float)(100 * score);
        else
            y[i] = stats_uniform(&rng) < 1 / (1 + exp(-score));
    }
}

static inline Oracle oracle_train(const OracleSpec *s)
{
    Oracle o = {.n_rows = s->n_rows, .n_features = s->n_features};
    o.x = mem_array((size_t)s->n_rows * (size_t)s->n_features, sizeof *o.x);
    float *y = mem_array((size_t)s->n_rows, sizeof *y);
    oracle_data(s, &o, y);
    XGB(XGDMatrixCreateFromMat(o.x, (bst_ulong)s->n_rows, (bst_ulong)s->n_features, NAN, &o.data));
    XGB(XGDMatrixSetFloatInfo(o.data, "label", y, (bst_ulong)s->n_rows));
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

/* type: 1 margin, 2 contributions (of XGBoost's predict configuration). Borrowed. */
static inline const float *oracle_predict(Oracle *o, int type)
{
    char config[160];
    snprintf(
        config, sizeof config,
        "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false}",
        type);
    bst_ulong const *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGBoosterPredictFromDMatrix(o->booster, o->data, config, &shape, &dim, &out));
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
