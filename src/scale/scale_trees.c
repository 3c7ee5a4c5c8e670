/* scale_trees.c - see scale_trees.h. */
#include "scale/scale_trees.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define TREES 40
#define DEPTH 4
#define NODES (1 << DEPTH) /* splits 1 .. NODES - 1, leaves after them: 2i and 2i + 1 are the children of i */
#define RATE 0.15
#define LEAF_LEAST 20
#define ROWS_LEAST 300
#define EDGE_SAMPLE 1024

typedef struct Tree {
    uint8_t column[NODES], bin[NODES]; /* left: code <= bin */
    float leaf[NODES];
} Tree;

typedef struct Sum {
    float g;
    int32_t n;
} Sum;

struct ScaleTrees {
    int n_columns, every, n_trees;
    int64_t seen, n, fresh;
    float *row, *target; /* rings of SCALE_TREES_ROWS */
    float edge[SCALE_TREES_COLUMNS_MAX][SCALE_TREES_BINS - 1];
    Tree tree[TREES];
    /* scratch of a fit */
    uint8_t *code; /* [row][column] */
    float *left;   /* target less the trees so far */
    uint8_t *node;
    int32_t *sample;
    StatsRng rng;
};

ScaleTrees *scale_trees_new(int n_columns, int every)
{
    ScaleTrees *t = MEM_NEW(ScaleTrees);
    BUG_ON(n_columns < 1 || n_columns > SCALE_TREES_COLUMNS_MAX || every < 1);
    t->n_columns = n_columns;
    t->every = every;
    t->row = mem_array((size_t)SCALE_TREES_ROWS * (size_t)n_columns, sizeof *t->row);
    t->target = mem_array(SCALE_TREES_ROWS, sizeof *t->target);
    t->code = mem_array((size_t)SCALE_TREES_ROWS * (size_t)n_columns, sizeof *t->code);
    t->left = mem_array(SCALE_TREES_ROWS, sizeof *t->left);
    t->node = mem_array(SCALE_TREES_ROWS, sizeof *t->node);
    t->sample = mem_array(SCALE_TREES_ROWS, sizeof *t->sample);
    stats_seed(&t->rng, 1);
    return t;
}

void scale_trees_free(ScaleTrees *t)
{
    if (!t)
        return;
    mem_free(t->row);
    mem_free(t->target);
    mem_free(t->code);
    mem_free(t->left);
    mem_free(t->node);
    mem_free(t->sample);
    mem_free(t);
}

static uint8_t code_of(const float *edge, float v)
{
    int from = 0, to = SCALE_TREES_BINS - 1;
    while (from < to) {
        int middle = (from + to) / 2;
        if (edge[middle] < v)
            from = middle + 1;
        else
            to = middle;
    }
    return (uint8_t)from;
}

static void encode(const ScaleTrees *t, const float *row, uint8_t *code)
{
    for (int c = 0; c < t->n_columns; c++)
        code[c] = code_of(t->edge[c], row[c]);
}

/* Edges at equal shares of a sample of the rows. */
static void find_edges(ScaleTrees *t)
{
    double v[EDGE_SAMPLE];
    for (int c = 0; c < t->n_columns; c++) {
        int64_t n = MIN(t->n, EDGE_SAMPLE);
        for (int64_t i = 0; i < n; i++)
            v[i] = (double)t->row[(i * t->n / n) * t->n_columns + c];
        stats_quantile(v, n, 0.5); /* sorts */
        for (int b = 0; b < SCALE_TREES_BINS - 1; b++)
            t->edge[c][b] = (float)v[(b + 1) * n / SCALE_TREES_BINS];
    }
}

/* The best cut of a node by the sums of its rows; false: none is worth it. */
static bool find_cut(const ScaleTrees *t, const Sum *sums, uint8_t *column, uint8_t *bin)
{
    double best = 0;
    Sum all = {0, 0};
    for (int b = 0; b < SCALE_TREES_BINS; b++) {
        all.g += sums[b].g;
        all.n += sums[b].n;
    }
    if (all.n < 2 * LEAF_LEAST)
        return false;
    double base = (double)all.g * (double)all.g / all.n;
    for (int c = 0; c < t->n_columns; c++) {
        double g = 0;
        int32_t n = 0;
        for (int b = 0; b < SCALE_TREES_BINS - 1; b++) {
            g += (double)sums[c * SCALE_TREES_BINS + b].g;
            n += sums[c * SCALE_TREES_BINS + b].n;
            if (n < LEAF_LEAST || all.n - n < LEAF_LEAST)
                continue;
            double right = (double)all.g - g, gain = g * g / n + right * right / (all.n - n) - base;
            if (gain > best * (1 + 1e-9) + 1e-9) {
                best = gain;
                *column = (uint8_t)c;
                *bin = (uint8_t)b;
            }
        }
    }
    return best > 0;
}

static int walk(const Tree *tree, const uint8_t *code)
{
    int at = 1;
    for (int d = 0; d < DEPTH; d++)
        at = 2 * at + (code[tree->column[at]] > tree->bin[at]);
    return at - NODES;
}

/* Splits level by level on the sampled rows; where no cut is worth it all go left. */
static void split(ScaleTrees *t, Tree *tree, int n_sample)
{
    static _Thread_local Sum sums[NODES / 2 * SCALE_TREES_COLUMNS_MAX * SCALE_TREES_BINS];
    const int per_node = t->n_columns * SCALE_TREES_BINS;
    memset(t->node, 0, (size_t)t->n);
    for (int first = 1; first < NODES; first *= 2) {
        memset(sums, 0, (size_t)(first * per_node) * sizeof *sums);
        for (int s = 0; s < n_sample; s++) {
            int64_t i = t->sample[s];
            Sum *of = sums + t->node[i] * per_node;
            const uint8_t *code = t->code + i * t->n_columns;
            float g = t->left[i] > 0 ? 1 : t->left[i] < 0 ? -1 : 0;
            for (int c = 0; c < t->n_columns; c++) {
                Sum *at = &of[c * SCALE_TREES_BINS + code[c]];
                at->g += g;
                at->n++;
            }
        }
        for (int k = 0; k < first; k++) {
            uint8_t column = 0, bin = SCALE_TREES_BINS - 1;
            find_cut(t, sums + k * per_node, &column, &bin);
            tree->column[first + k] = column;
            tree->bin[first + k] = bin;
        }
        for (int s = 0; s < n_sample; s++) {
            int64_t i = t->sample[s];
            int at = first + t->node[i];
            t->node[i] =
                (uint8_t)(2 * t->node[i] + (t->code[i * t->n_columns + tree->column[at]] > tree->bin[at]));
        }
    }
}

static void fill_leaves(ScaleTrees *t, Tree *tree, int n_sample, double *v)
{
    for (int leaf = 0; leaf < NODES; leaf++) {
        int64_t n = 0;
        for (int s = 0; s < n_sample; s++)
            if (t->node[t->sample[s]] == leaf)
                v[n++] = (double)t->left[t->sample[s]];
        double shrunk = RATE * (double)n / ((double)n + LEAF_LEAST);
        tree->leaf[leaf] = n ? (float)(shrunk * stats_quantile(v, n, 0.5)) : 0;
    }
}

static void fit(ScaleTrees *t)
{
    CLEANUP(mem_freep) double *v = mem_array((size_t)t->n, sizeof *v);
    find_edges(t);
    for (int64_t i = 0; i < t->n; i++)
        encode(t, t->row + i * t->n_columns, t->code + i * t->n_columns);
    memcpy(t->left, t->target, (size_t)t->n * sizeof *t->left);
    for (int k = 0; k < TREES; k++) {
        Tree *tree = &t->tree[k];
        int n_sample = 0;
        for (int64_t i = 0; i < t->n; i++)
            if (stats_u64(&t->rng) & 1)
                t->sample[n_sample++] = (int32_t)i;
        split(t, tree, n_sample);
        fill_leaves(t, tree, n_sample, v);
        for (int64_t i = 0; i < t->n; i++)
            t->left[i] -= tree->leaf[walk(tree, t->code + i * t->n_columns)];
    }
    t->n_trees = TREES;
}

void scale_trees_learn(ScaleTrees *t, const double *row, double target)
{
    if (t->seen++ % t->every != 0)
        return;
    int64_t at = (t->seen / t->every) % SCALE_TREES_ROWS;
    if (t->n < SCALE_TREES_ROWS)
        at = t->n++;
    for (int c = 0; c < t->n_columns; c++)
        t->row[at * t->n_columns + c] = (float)row[c];
    t->target[at] = (float)target;
    t->fresh++;
    if (t->n >= ROWS_LEAST && (double)t->fresh >= SCALE_TREES_FRESH * (double)t->n) {
        fit(t);
        t->fresh = 0;
    }
}

double scale_trees_ask(const ScaleTrees *t, const double *row)
{
    float narrow[SCALE_TREES_COLUMNS_MAX], sum = 0;
    uint8_t code[SCALE_TREES_COLUMNS_MAX];
    if (t->n_trees == 0)
        return NAN;
    for (int c = 0; c < t->n_columns; c++)
        narrow[c] = (float)row[c];
    encode(t, narrow, code);
    for (int k = 0; k < t->n_trees; k++)
        sum += t->tree[k].leaf[walk(&t->tree[k], code)];
    return (double)sum;
}
