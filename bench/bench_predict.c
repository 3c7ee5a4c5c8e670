/* bench_predict.c - one live prediction with its explanation, beside libxgboost in the same run. Prints JSON.
 *
 *     bench_predict [TREES [DEPTH [SECONDS]]]      default 300 6 2
 *
 * Both score the same rows with the same model on one thread, in turns, so that a noisy machine disturbs both alike.
 * libxgboost: a DMatrix of one row, then predict (margin) and predict (contributions). Ours: gbt_margins and gbt_shap. */
#include "base/clock.h"
#include "base/mem.h"
#include "gbt/gbt.h"
#include "stats/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xgboost/c_api.h>

enum { FEATURES = 46, ROWS = 20000, SAMPLES_MAX = 1000000 };

#define XGB(call)                                                  \
    do {                                                           \
        if ((call) != 0) {                                         \
            fprintf(stderr, "%s: %s\n", #call, XGBGetLastError()); \
            exit(1);                                               \
        }                                                          \
    } while (0)

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static float *make_rows(float *y)
{
    StatsRng rng;
    stats_seed(&rng, 1);
    float *x = mem_array((size_t)ROWS * FEATURES, sizeof *x);
    for (int i = 0; i < ROWS; i++) {
        double margin = -0.5;
        for (int f = 0; f < FEATURES; f++) {
            double v = stats_normal(&rng);
            margin += v * sin(f + 1.0) * 0.3 + (f % 5 == 0 ? 0.2 * v * v : 0);
            x[(size_t)i * FEATURES + f] = stats_uniform(&rng) < 0.1 ? NAN : (float)v;
        }
        y[i] = stats_uniform(&rng) < 1 / (1 + exp(-margin));
    }
    return x;
}

static BoosterHandle train(const float *x, const float *y, int trees, const char *depth)
{
    DMatrixHandle data;
    BoosterHandle booster;
    XGB(XGDMatrixCreateFromMat(x, ROWS, FEATURES, NAN, &data));
    XGB(XGDMatrixSetFloatInfo(data, "label", y, ROWS));
    XGB(XGBoosterCreate(&data, 1, &booster));
    const char *params[][2] = {
        {"objective", "binary:logistic"}, {"max_depth", depth}, {"nthread", "1"}, {"eta", "0.1"},
        {"tree_method", "hist"},          {"verbosity", "0"}};
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        XGB(XGBoosterSetParam(booster, params[i][0], params[i][1]));
    for (int r = 0; r < trees; r++)
        XGB(XGBoosterUpdateOneIter(booster, r, data));
    XGB(XGDMatrixFree(data));
    return booster;
}

typedef struct Samples {
    double *ns;
    int64_t n;
} Samples;

static void add(Samples *s, int64_t ns)
{
    if (s->n < SAMPLES_MAX)
        s->ns[s->n++] = (double)ns;
}

static float peer_once(BoosterHandle booster, const float *row, int64_t *predict_ns, int64_t *both_ns)
{
    static const char margin[] = "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                 "\"strict_shape\":false}";
    static const char contribs[] = "{\"type\":2,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                   "\"strict_shape\":false}";
    DMatrixHandle one;
    const bst_ulong *shape;
    bst_ulong dim;
    const float *out;
    int64_t start = now_ns();
    XGB(XGDMatrixCreateFromMat(row, 1, FEATURES, NAN, &one));
    XGB(XGBoosterPredictFromDMatrix(booster, one, margin, &shape, &dim, &out));
    float result = out[0];
    *predict_ns = now_ns() - start;
    XGB(XGBoosterPredictFromDMatrix(booster, one, contribs, &shape, &dim, &out));
    *both_ns = now_ns() - start;
    XGB(XGDMatrixFree(one));
    return result;
}

static void print_pair(const char *name, Samples own, Samples peer, bool last)
{
    double o50 = stats_quantile(own.ns, own.n, 0.5), o99 = stats_quantile(own.ns, own.n, 0.99);
    double p50 = stats_quantile(peer.ns, peer.n, 0.5), p99 = stats_quantile(peer.ns, peer.n, 0.99);
    printf("  \"%s\": {\"samples\": %lld, \"p50_ns\": %.0f, \"p99_ns\": %.0f, \"xgboost_p50_ns\": %.0f, "
           "\"xgboost_p99_ns\": %.0f, \"ratio_p50\": %.1f, \"ratio_p99\": %.1f}%s\n",
           name, (long long)own.n, o50, o99, p50, p99, p50 / o50, p99 / o99, last ? "" : ",");
}

int main(int argc, char **argv)
{
    int trees = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 300;
    const char *depth = argc > 2 ? argv[2] : "6";
    double seconds = argc > 3 ? strtod(argv[3], NULL) : 2;
    float *y = mem_array(ROWS, sizeof *y);
    float *x = make_rows(y);
    BoosterHandle booster = train(x, y, trees, depth);
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &len, &bytes));
    Err err;
    GbtModel *m;
    if (gbt_load((Str){bytes, len}, GBT_ROUNDS_ALL, &m, &err) != ERR_NONE) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    double out[FEATURES + 1];
    GbtScratch *scratch = gbt_scratch_new(m);
    Samples own_predict = {mem_array(SAMPLES_MAX, 8), 0}, own_both = {mem_array(SAMPLES_MAX, 8), 0};
    Samples peer_predict = {mem_array(SAMPLES_MAX, 8), 0}, peer_both = {mem_array(SAMPLES_MAX, 8), 0};
    int64_t end = now_ns() + (int64_t)(seconds * 1e9), differ = 0;
    for (int64_t i = 0; now_ns() < end || i < 200; i++) {
        const float *row = x + (size_t)(i % ROWS) * FEATURES;
        int64_t predict_ns, both_ns;
        float theirs = peer_once(booster, row, &predict_ns, &both_ns);
        bool warm = i >= 50;
        if (warm) {
            add(&peer_predict, predict_ns);
            add(&peer_both, both_ns);
        }
        int64_t start = now_ns();
        float ours;
        gbt_margins(m, row, 1, &ours, scratch);
        predict_ns = now_ns() - start;
        gbt_shap(m, row, out, scratch);
        both_ns = now_ns() - start;
        if (warm) {
            add(&own_predict, predict_ns);
            add(&own_both, both_ns);
        }
        differ += ours != theirs;
    }
    printf("{\n  \"benchmark\": \"predict\", \"label\": \"measured\", \"trees\": %d, \"depth\": %s, "
           "\"features\": %d, "
           "\"model_bytes\": %llu, \"margins_that_differ\": %lld,\n",
           gbt_n_trees(m), depth, FEATURES, (unsigned long long)len, (long long)differ);
    print_pair("predict", own_predict, peer_predict, false);
    print_pair("predict_and_explain", own_both, peer_both, true);
    printf("}\n");
    gbt_scratch_free(scratch);
    gbt_unref(m);
    return differ != 0;
}
