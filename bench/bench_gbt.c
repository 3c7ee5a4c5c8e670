/* bench_gbt.c - scoring and explaining beside libxgboost, in turns, in one run, on one thread. Prints JSON.
 *
 *     bench_gbt [TREES [DEPTH [FEATURES [SECONDS [SHARE MISSING]]]]]      default 300 6 40 2 0
 *
 * Of libxgboost's ways to do the same the fastest counts: in place, or through a DMatrix. */
#include "base/mem.h"
#include "gbt/gbt.h"
#include "stats/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xgboost/c_api.h>

enum { ROWS = 20000, BATCH = 10000, SAMPLES_MAX = 4000000 };

#define XGB(call)                                                  \
    do {                                                           \
        if ((call) != 0) {                                         \
            fprintf(stderr, "%s: %s\n", #call, XGBGetLastError()); \
            exit(1);                                               \
        }                                                          \
    } while (0)

static int features = 40;
static double share_missing;

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
    float *x = mem_array((size_t)ROWS * (size_t)features, sizeof *x);
    for (int i = 0; i < ROWS; i++) {
        double margin = -0.5;
        for (int f = 0; f < features; f++) {
            double v = stats_normal(&rng);
            margin += v * sin(f + 1.0) * 0.3 + (f % 5 == 0 ? 0.2 * v * v : 0);
            x[(size_t)i * (size_t)features + (size_t)f] =
                stats_uniform(&rng) < share_missing ? NAN : (float)v;
        }
        y[i] = stats_uniform(&rng) < 1 / (1 + exp(-margin));
    }
    return x;
}

static BoosterHandle train(const float *x, const float *y, int trees, const char *depth)
{
    DMatrixHandle data;
    BoosterHandle booster;
    XGB(XGDMatrixCreateFromMat(x, ROWS, (bst_ulong)features, NAN, &data));
    XGB(XGDMatrixSetFloatInfo(data, "label", y, ROWS));
    XGB(XGBoosterCreate(&data, 1, &booster));
    const char *params[][2] = {{"objective", "binary:logistic"},
                               {"max_depth", depth},
                               {"nthread", "1"},
                               {"eta", "0.1"},
                               {"tree_method", getenv("TREE_METHOD") ? getenv("TREE_METHOD") : "hist"}};
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        XGB(XGBoosterSetParam(booster, params[i][0], params[i][1]));
    for (int r = 0; r < trees; r++)
        XGB(XGBoosterUpdateOneIter(booster, r, data));
    XGDMatrixFree(data);
    return booster;
}

/* type: 1 margin, 2 contributions, 4 interactions. */
static const float *peer_dmatrix(BoosterHandle b, const float *rows, int n, int type, DMatrixHandle *d)
{
    char config[160];
    snprintf(
        config, sizeof config,
        "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false}",
        type);
    bst_ulong const *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGDMatrixCreateFromMat(rows, (bst_ulong)n, (bst_ulong)features, NAN, d));
    XGB(XGBoosterPredictFromDMatrix(b, *d, config, &shape, &dim, &out));
    return out;
}

static const float *peer_inplace(BoosterHandle b, const float *rows, int n)
{
    char array[160];
    snprintf(array, sizeof array,
             "{\"data\":[%llu,true],\"shape\":[%d,%d],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)rows, n, features);
    bst_ulong const *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGBoosterPredictFromDense(b, array,
                                  "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                  "\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
                                  NULL, &shape, &dim, &out));
    return out;
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

static double print(const char *name, Samples *s, double per)
{
    double p50 = stats_quantile(s->ns, s->n, 0.5) / per;
    printf("      \"%s\": {\"p50_ns\": %.0f, \"p99_ns\": %.0f, \"p999_ns\": %.0f, \"max_ns\": %.0f, "
           "\"calls\": %lld},\n",
           name, p50, stats_quantile(s->ns, s->n, 0.99) / per, stats_quantile(s->ns, s->n, 0.999) / per,
           stats_quantile(s->ns, s->n, 1) / per, (long long)s->n);
    return p50;
}

int main(int argc, char **argv)
{
    int trees = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 300;
    const char *depth = argc > 2 ? argv[2] : "6";
    features = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 40;
    double seconds = argc > 4 ? strtod(argv[4], NULL) : 2;
    share_missing = argc > 5 ? strtod(argv[5], NULL) : 0;
    float *y = mem_array(ROWS, sizeof *y);
    float *x = make_rows(y);
    BoosterHandle booster = train(x, y, trees, depth);
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &len, &bytes));
    Err err;
    GbtModel *m;
    int64_t t0 = now_ns();
    if (gbt_load((Str){bytes, len}, GBT_ROUNDS_ALL, &m, &err) != ERR_NONE) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    int64_t load_ns = now_ns() - t0;
    size_t width = (size_t)features + 1;
    double *out = mem_array(width * width, sizeof *out);
    float *margins = mem_array(BATCH, sizeof *margins);
    GbtScratch *scratch = gbt_scratch_new(m);
    Samples own[5], peer[5];
    for (int i = 0; i < 5; i++) {
        own[i] = (Samples){mem_array(SAMPLES_MAX, 8), 0};
        peer[i] = (Samples){mem_array(SAMPLES_MAX, 8), 0};
    }
    int64_t differ = 0, start;
    double shap_error = 0;
    printf("{\"trees\": %d, \"depth\": %s, \"features\": %d, \"kernel\": \"%s\", \"load_ns\": %lld,\n", trees,
           depth, features, gbt_kernel(), (long long)load_ns);
    /* one row: ours many times between two of theirs, so that both have enough samples */
    int64_t end = now_ns() + (int64_t)(seconds * 1e9);
    for (int64_t i = 0; now_ns() < end; i++) {
        const float *row = x + (size_t)(i % ROWS) * (size_t)features;
        start = now_ns();
        float theirs = peer_inplace(booster, row, 1)[0];
        add(&peer[0], now_ns() - start);
        for (int k = 0; k < 20; k++) {
            row = x + (size_t)((i * 20 + 19 - k) % ROWS) * (size_t)features;
            start = now_ns();
            float ours;
            gbt_margins(m, row, 1, &ours, scratch);
            add(&own[0], now_ns() - start);
        }
        float ours;
        gbt_margins(m, x + (size_t)(i % ROWS) * (size_t)features, 1, &ours, scratch);
        differ += ours != theirs;
    }
    end = now_ns() + (int64_t)(seconds * 1e9);
    while (now_ns() < end) {
        start = now_ns();
        const float *theirs = peer_inplace(booster, x, BATCH);
        int64_t inplace = now_ns() - start;
        DMatrixHandle d;
        start = now_ns();
        theirs = peer_dmatrix(booster, x, BATCH, 1, &d);
        int64_t through = now_ns() - start;
        add(&peer[1], inplace < through ? inplace : through);
        for (int k = 0; k < 3; k++) {
            start = now_ns();
            gbt_margins(m, x, BATCH, margins, scratch);
            add(&own[1], now_ns() - start);
        }
        for (int i = 0; i < BATCH; i++)
            differ += margins[i] != theirs[i];
        XGDMatrixFree(d);
    }
    end = now_ns() + (int64_t)(seconds * 1e9);
    for (int64_t i = 0; now_ns() < end; i++) {
        const float *row = x + (size_t)(i % ROWS) * (size_t)features;
        DMatrixHandle d;
        start = now_ns();
        const float *theirs = peer_dmatrix(booster, row, 1, 2, &d);
        add(&peer[2], now_ns() - start);
        for (int k = 0; k < 10; k++) {
            start = now_ns();
            gbt_shap(m, row, out, scratch);
            add(&own[2], now_ns() - start);
        }
        for (size_t f = 0; f < width; f++)
            shap_error = fmax(shap_error, fabs(out[f] - (double)theirs[f]));
        XGDMatrixFree(d);
    }
    end = now_ns() + (int64_t)(seconds * 1e9);
    for (int64_t i = 0; i < 3 || now_ns() < end; i++) {
        const float *row = x + (size_t)(i % ROWS) * (size_t)features;
        DMatrixHandle d;
        start = now_ns();
        const float *theirs = peer_dmatrix(booster, row, 1, 4, &d);
        add(&peer[3], now_ns() - start);
        for (int k = 0; k < 30; k++) {
            start = now_ns();
            gbt_interactions(m, row, out, scratch);
            add(&own[3], now_ns() - start);
        }
        for (size_t f = 0; f < width * width; f++)
            shap_error = fmax(shap_error, fabs(out[f] - (double)theirs[f]));
        XGDMatrixFree(d);
    }
    static const char *const names[] = {"row", "batch", "shap", "interactions"};
    for (int i = 0; i < 4; i++) {
        printf("  \"%s\": {\n", names[i]);
        double per = i == 1 ? BATCH : 1;
        double o = print("ours", &own[i], per), p = print("xgboost", &peer[i], per);
        printf("      \"ratio\": %.1f},\n", p / o);
    }
    printf("  \"margins_that_differ\": %lld, \"largest_difference\": %.3g}\n", (long long)differ, shap_error);
    return differ != 0;
}
