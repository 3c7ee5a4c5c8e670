/* bench_gbt.c - where the time of scoring and explaining goes, and how far it is from the memory's limit. Prints JSON.
 *
 *     bench_gbt [MODEL]          an XGBoost .json or .ubj file; default: 300 trees of depth 6 on 40 features, trained here
 *
 * Parts of one row: ranks (searching the thresholds), leaves (the comparisons, with the ranks), sum (fetching and adding the
 * leaves). The limit: the same number of bytes as the call reads of the model, read again and again by memchr. Compared with
 * libxgboost: ehub model bench. */
#include "base/file.h"
#include "base/mem.h"
#include "gbt/gbt_kernel.h"
#include "gbt/gbt_scratch.h"
#include "model/model_bench.h"
#include "stats/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 1024, ROUNDS = 101, SHAP_ROWS = 16 };

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

typedef struct Part {
    const char *name;
    double ns[ROUNDS]; /* a row */
} Part;

enum { RANKS, LEAVES, ROW, BATCH, WALK, SHAP, READ_ROW, READ_SHAP, PARTS };

static size_t row_bytes(const GbtModel *m)
{
    size_t bytes =
        m->cuts->n_features * (sizeof(GbtFeatureCuts) + 64); /* and the one run that a search ends in */
    for (int l = 0; m->pack && l < m->pack->n_lanes; l++) {
        const GbtLanes *lanes = &m->pack->lanes[l];
        bytes += (((size_t)1 << lanes->depth) - 1) * 2 * GBT_LANES;
        bytes += (size_t)lanes->n_trees * 64; /* a cache line for each leaf */
    }
    return bytes;
}

static size_t shap_bytes(const GbtModel *m)
{
    size_t bytes = row_bytes(m);
    for (int l = 0; m->paths && l < m->pack->n_lanes; l++) {
        int depth = m->pack->lanes[l].depth;
        size_t eights = (size_t)(m->pack->lanes[l].n_trees + GBT_EIGHT - 1) / GBT_EIGHT;
        bytes += (eights << depth) * GBT_EIGHT *
                 (sizeof(double) * (size_t)(3 + GBT_POINTS[depth].n) + sizeof(uint32_t));
    }
    return bytes;
}

static double read_again(const char *buffer, size_t bytes)
{
    double start = now_ns();
    for (int i = 0; i < ROWS; i++)
        if (memchr(buffer + (i & 1), 1,
                   bytes)) /* it holds zeros only; the place differs so that no call is dropped */
            abort();
    return (now_ns() - start) / ROWS;
}

static void round_of(const GbtModel *m, const float *x, GbtScratch *s, const char *buffer, Part *parts,
                     int round)
{
    const GbtKernel *k = gbt_kernel_now();
    size_t n = (size_t)m->n_features;
    float *out = mem_array(ROWS * (size_t)m->n_groups, sizeof *out);
    double *shap = mem_array((size_t)m->n_groups * (n + 1), sizeof *shap), start;
    bool packed = m->pack && m->pack->n_lanes && k->row;
#define TIME(part, rows, call)          \
    start = now_ns();                   \
    for (size_t i = 0; i < (rows); i++) \
        call;                           \
    parts[part].ns[round] = (now_ns() - start) / (rows)
    if (packed) {
        TIME(RANKS, ROWS, k->rank(m, x + i * n, s->ranks));
        TIME(LEAVES, ROWS, k->row(m, x + i * n, s->ranks, s->leaf));
    }
    TIME(ROW, ROWS, gbt_margins(m, x + i * n, 1, out, s));
    TIME(WALK, ROWS, gbt_walk(m, x + i * n, out));
    TIME(SHAP, SHAP_ROWS, gbt_shap(m, x + i * n, shap, s));
    start = now_ns();
    gbt_margins(m, x, ROWS, out, s);
    parts[BATCH].ns[round] = (now_ns() - start) / ROWS;
    parts[READ_ROW].ns[round] = read_again(buffer, row_bytes(m));
    parts[READ_SHAP].ns[round] = read_again(buffer, shap_bytes(m));
    mem_free(out);
    mem_free(shap);
}

int main(int argc, char **argv)
{
    Err err;
    GbtModel *m;
    Buf file = BUF(GBT_BYTES_MAX);
    ModelBenchShape shape = {.trees = 300, .depth = 6, .features = 40, .n = 20000};
    char *made = NULL;
    float *rows = NULL;
    Str model = STR_NULL;
    ErrKind kind =
        argc > 1 ? file_read(argv[1], &file, &err) : model_bench_make(&shape, &made, &model.len, &rows, &err);
    if (kind == ERR_NONE)
        kind = gbt_load(argc > 1 ? buf_str(&file) : (Str){made, model.len}, GBT_ROUNDS_ALL, &m, &err);
    if (kind != ERR_NONE) {
        fprintf(stderr, "bench_gbt: %s\n", err.msg);
        return 1;
    }
    GbtScratch *s = gbt_scratch_new(m);
    StatsRng rng;
    stats_seed(&rng, 1);
    float *x = mem_array(ROWS * (size_t)m->n_features, sizeof *x);
    for (size_t i = 0; i < ROWS * (size_t)m->n_features; i++)
        x[i] = (float)stats_normal(&rng);
    char *buffer = mem_zalloc(shap_bytes(m) + 1);
    static Part parts[PARTS] = {{.name = "ranks"},     {.name = "ranks_and_leaves"}, {.name = "row"},
                                {.name = "batch_row"}, {.name = "plain_walk"},       {.name = "shap"},
                                {.name = "read_row"},  {.name = "read_shap"}};
    for (int i = 0; i < ROUNDS; i++)
        round_of(m, x, s, buffer, parts, i);
    printf("{\"benchmark\":\"gbt "
           "parts\",\"label\":\"measured\",\"kernel\":\"%s\",\"trees\":%d,\"slots\":%u,\"row_bytes\":%zu,"
           "\"shap_bytes\":%zu,\"median_ns\":{",
           gbt_kernel(), m->n_trees, m->cuts->n_slots, row_bytes(m), shap_bytes(m));
    for (int i = 0; i < PARTS; i++)
        printf("%s\"%s\":%.0f", i ? "," : "", parts[i].name, stats_quantile(parts[i].ns, ROUNDS, 0.5));
    printf("}}\n");
    mem_free(buffer);
    mem_free(x);
    mem_free(made);
    mem_free(rows);
    gbt_scratch_free(s);
    gbt_unref(m);
    buf_done(&file);
    return 0;
}
