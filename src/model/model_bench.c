/* model_bench.c - see model_bench.h. */
#include "model/model_bench.h"

#include "base/mem.h"
#include "model/model_peer.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define SAMPLES_MAX 4000000
#define TURN_NS INT64_C(4000000) /* of ours before it is their turn */
#define BATCH_TURNS_MIN 3
#define INTERACTION_FEATURES_MAX 256 /* theirs takes a second and more for a row beyond */

typedef enum Way { ROW, BATCH, SHAP, SHAP_BATCH, INTERACTIONS, N_WAYS } Way;
static const char *const WAY_NAMES[] = {"row", "batch", "shap", "shap_batch", "interactions"};
#define SHAP_BATCH_ROWS 100

static const char *const KERNELS[] = {"avx512", "avx2", "plain"};

typedef struct Samples {
    double *ns; /* a row */
    int64_t n;
} Samples;

typedef struct Bench {
    const ModelBench *b;
    GbtModel *m;
    ModelPeer *peer; /* NULL: it cannot load the model */
    GbtScratch *scratch;
    float *margins; /* [MODEL_BENCH_BATCH][groups] */
    double *out;    /* explanation of a row */
    Samples own[ARRAY_LEN(KERNELS)], theirs[2];
    size_t at; /* next row */
    int64_t differ;
    double shap_difference;
    Err *reterr;
} Bench;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static size_t rows_of(const Bench *b, Way way)
{
    size_t n = way == BATCH ? MODEL_BENCH_BATCH : way == SHAP_BATCH ? SHAP_BATCH_ROWS : 1;
    return MIN(n, b->b->n);
}

static const float *next_rows(Bench *b, size_t n)
{
    if (b->at + n > b->b->n)
        b->at = 0;
    const float *rows = b->b->rows + b->at * (size_t)gbt_n_features(b->m);
    b->at += n;
    return rows;
}

static void add(Samples *s, int64_t ns, size_t rows)
{
    if (s->n < SAMPLES_MAX)
        s->ns[s->n++] = (double)ns / (double)rows;
}

static void ours_once(Bench *b, Way way, const float *rows, size_t n)
{
    size_t features = (size_t)gbt_n_features(b->m);
    switch (way) {
    case ROW:
    case BATCH: gbt_margins(b->m, rows, n, b->margins, b->scratch); break;
    case INTERACTIONS: gbt_interactions(b->m, rows, b->out, b->scratch); break;
    default:
        for (size_t i = 0; i < n; i++)
            gbt_shap(b->m, rows + i * features, b->out, b->scratch);
    }
}

static void compare(Bench *b, Way way, size_t n, const float *theirs)
{
    size_t groups = (size_t)gbt_n_groups(b->m), width = (size_t)gbt_n_features(b->m) + 1;
    if (way <= BATCH) {
        for (size_t i = 0; i < n * groups; i++)
            b->differ += memcmp(&theirs[i], &b->margins[i], sizeof *theirs) != 0;
        return;
    }
    size_t cells = groups * width * (way == INTERACTIONS ? width : 1);
    const float *last = theirs + (n - 1) * cells; /* of the last row, as b->out */
    double largest = 1;
    for (size_t i = 0; i < cells; i++)
        largest = fmax(largest, fabs(b->out[i]));
    for (size_t i = 0; i < cells; i++)
        b->shap_difference = fmax(b->shap_difference, fabs(b->out[i] - (double)last[i]) / largest);
}

/* A turn of theirs, and a comparison with ours on the same rows. */
static ErrKind their_turn(Bench *b, Way way)
{
    static const ModelPeerCall calls[N_WAYS][2] = {
        [ROW] = {MODEL_PEER_INPLACE, MODEL_PEER_MARGINS},
        [BATCH] = {MODEL_PEER_INPLACE, MODEL_PEER_MARGINS},
        [SHAP] = {MODEL_PEER_CONTRIBS, MODEL_PEER_CONTRIBS},
        [SHAP_BATCH] = {MODEL_PEER_CONTRIBS, MODEL_PEER_CONTRIBS},
        [INTERACTIONS] = {MODEL_PEER_INTERACTIONS, MODEL_PEER_INTERACTIONS}};
    size_t n = rows_of(b, way);
    const float *rows = next_rows(b, n), *theirs = NULL;
    int ways = way <= BATCH ? 2 : 1, repeats = way == ROW ? 30 : 1;
    for (int i = 0; i < ways; i++)
        for (int k = 0; k < repeats; k++) {
            int64_t start = now_ns();
            TRY(model_peer_call(b->peer, calls[way][i], rows, n, &theirs, b->reterr));
            add(&b->theirs[i], now_ns() - start, n);
        }
    ours_once(b, way, rows, n);
    compare(b, way, n, theirs);
    return ERR_NONE;
}

static void our_turn(Bench *b, Way way, const char *kernel, Samples *s)
{
    if (!gbt_kernel_choose(kernel))
        return;
    size_t n = rows_of(b, way);
    int64_t end = now_ns() + TURN_NS;
    ours_once(b, way, next_rows(b, n), n); /* its code and the model come back into the caches */
    do {
        const float *rows = next_rows(b, n);
        int64_t start = now_ns();
        ours_once(b, way, rows, n);
        add(s, now_ns() - start, n);
    } while (now_ns() < end);
}

static double write_samples(Jw *w, const char *key, Samples *s)
{
    double p50 = stats_quantile(s->ns, s->n, 0.5);
    jw_key(w, key);
    if (s->n == 0) {
        jw_null(w);
        return NAN;
    }
    jw_obj(w);
    jw_kv_f64_digits(w, "p50_ns", p50, 6);
    jw_kv_f64_digits(w, "p99_ns", stats_quantile(s->ns, s->n, 0.99), 6);
    jw_kv_f64_digits(w, "p999_ns", stats_quantile(s->ns, s->n, 0.999), 6);
    jw_kv_f64_digits(w, "max_ns", stats_quantile(s->ns, s->n, 1), 6);
    jw_kv_i64(w, "calls", s->n);
    jw_end(w);
    return p50;
}

static void write_way(Bench *b, Jw *w, Way way)
{
    int fast = b->theirs[1].n > 0 && stats_quantile(b->theirs[1].ns, b->theirs[1].n, 0.5) <
                                         stats_quantile(b->theirs[0].ns, b->theirs[0].n, 0.5);
    static const char *const calls[N_WAYS][2] = {[ROW] = {"inplace_predict", "DMatrix and predict"},
                                                 [BATCH] = {"inplace_predict", "DMatrix and predict"},
                                                 [SHAP] = {"DMatrix and pred_contribs", ""},
                                                 [SHAP_BATCH] = {"DMatrix and pred_contribs", ""},
                                                 [INTERACTIONS] = {"DMatrix and pred_interactions", ""}};
    jw_key(w, WAY_NAMES[way]);
    jw_obj(w);
    jw_kv_i64(w, "rows_a_call", (int64_t)rows_of(b, way));
    double ours = write_samples(w, "ours", &b->own[0]);
    double peer = write_samples(w, "xgboost", &b->theirs[fast]);
    jw_kv_cstr(w, "xgboost_call", b->peer ? calls[way][fast] : NULL);
    jw_kv_f64_digits(w, "ratio", peer / ours, 4);
    jw_key(w, "kernels");
    jw_obj(w);
    for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++) {
        if (b->own[k].n == 0)
            continue;
        jw_key(w, KERNELS[k]);
        jw_obj(w);
        double p50 = stats_quantile(b->own[k].ns, b->own[k].n, 0.5);
        jw_kv_f64_digits(w, "p50_ns", p50, 6);
        jw_kv_f64_digits(w, "ratio", peer / p50, 4);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

/* own[0] is the best kernel of this processor; the others follow. */
static ErrKind run_way(Bench *b, Jw *w, Way way)
{
    for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++)
        b->own[k].n = 0;
    b->theirs[0].n = b->theirs[1].n = 0;
    int64_t end = now_ns() + (int64_t)(b->b->seconds * 1e9);
    for (int turn = 0; turn < BATCH_TURNS_MIN || now_ns() < end; turn++) {
        for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++)
            our_turn(b, way, KERNELS[k], &b->own[k]);
        (void)gbt_kernel_choose(NULL);
        if (b->peer)
            TRY(their_turn(b, way));
    }
    write_way(b, w, way);
    return ERR_NONE;
}

static void write_head(const Bench *b, Jw *w, const char *note)
{
    jw_kv_cstr(w, "benchmark", "model");
    jw_kv_cstr(w, "label", "measured");
    jw_kv_bool(w, "simulated_model_and_rows", b->b->simulated);
    jw_kv_i64(w, "trees", gbt_n_trees(b->m));
    jw_kv_i64(w, "features", gbt_n_features(b->m));
    jw_kv_i64(w, "groups", gbt_n_groups(b->m));
    jw_kv_cstr(w, "objective", gbt_objective(b->m));
    jw_kv_i64(w, "rows", (int64_t)b->b->n);
    jw_kv_i64(w, "threads", 1);
    jw_kv_cstr(w, "kernel", gbt_kernel());
    jw_kv_cstr(w, "xgboost_version", b->peer ? model_peer_version() : NULL);
    jw_kv_cstr(w, "xgboost_note", note);
}

static void done(Bench *b)
{
    for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++)
        mem_free(b->own[k].ns);
    mem_free(b->theirs[0].ns);
    mem_free(b->theirs[1].ns);
    mem_free(b->margins);
    mem_free(b->out);
    gbt_scratch_free(b->scratch);
    model_peer_free(b->peer);
    gbt_unref(b->m);
}

static ErrKind run(Bench *b, Jw *w)
{
    Err why = {0};
    size_t width = (size_t)gbt_n_features(b->m) + 1, groups = (size_t)gbt_n_groups(b->m);
    bool cross = width <= INTERACTION_FEATURES_MAX + 1;
    bool absent = model_peer_open(b->b->model, b->m, &b->peer, &why) != ERR_NONE;
    b->scratch = gbt_scratch_new(b->m);
    b->margins = mem_array(MODEL_BENCH_BATCH * groups, sizeof *b->margins);
    b->out = mem_array(groups * width * (cross ? width : 1), sizeof *b->out);
    for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++)
        b->own[k].ns = mem_array(SAMPLES_MAX, sizeof *b->own[k].ns);
    for (int i = 0; i < 2; i++)
        b->theirs[i].ns = mem_array(SAMPLES_MAX, sizeof *b->theirs[i].ns);
    jw_obj(w);
    write_head(b, w, absent ? why.msg : NULL);
    for (Way way = 0; way < N_WAYS; way++)
        if (way != INTERACTIONS || cross)
            TRY(run_way(b, w, way));
    if (b->peer) {
        jw_kv_i64(w, "margins_that_differ", b->differ);
        jw_kv_f64_digits(w, "largest_relative_shap_difference", b->shap_difference, 3);
    }
    jw_end(w);
    return ERR_NONE;
}

ErrKind model_bench(const ModelBench *bench, Jw *w, Err *reterr)
{
    Bench b = {.b = bench, .reterr = reterr};
    TRY(gbt_load(bench->model, GBT_ROUNDS_ALL, &b.m, reterr));
    ErrKind kind = run(&b, w);
    done(&b);
    (void)gbt_kernel_choose(NULL);
    return kind;
}

ErrKind model_bench_make(const ModelBenchShape *s, char **ret_model, size_t *ret_len, float **ret_rows,
                         Err *reterr)
{
    StatsRng rng;
    stats_seed(&rng, 1);
    size_t features = (size_t)s->features;
    CLEANUP(mem_freep) float *x = mem_array(s->n * features, sizeof *x);
    CLEANUP(mem_freep) float *y = mem_array(s->n, sizeof *y);
    for (size_t i = 0; i < s->n; i++) {
        double margin = -0.5;
        for (size_t f = 0; f < features; f++) {
            double v = stats_normal(&rng);
            margin += v * sin((double)f + 1) * 0.3 + (f % 5 == 0 ? 0.2 * v * v : 0);
            x[i * features + f] = stats_uniform(&rng) < s->missing ? NAN : (float)v;
        }
        y[i] = stats_uniform(&rng) < 1 / (1 + exp(-margin));
    }
    CLEANUP(model_peer_freep) ModelPeer *peer = NULL;
    Str model;
    TRY(model_peer_train(x, y, s->n, s->features, s->trees, s->depth, &peer, &model, reterr));
    *ret_model = mem_zalloc(model.len);
    memcpy(*ret_model, model.ptr, model.len);
    *ret_len = model.len;
    *ret_rows = x;
    x = NULL;
    return ERR_NONE;
}

float *model_bench_rows(int features, size_t n)
{
    StatsRng rng;
    stats_seed(&rng, 2);
    float *x = mem_array(n * (size_t)features, sizeof *x);
    for (size_t i = 0; i < n * (size_t)features; i++)
        x[i] = (float)stats_normal(&rng);
    return x;
}
