/* model_split.c - see model_split.h. */
#include "model/model_split.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

#define HELD_SHARE 0.2

static void shuffle(int64_t *order, int64_t n, uint64_t seed)
{
    StatsRng rng;
    stats_seed(&rng, seed);
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t k = stats_below(&rng, i + 1), row = order[i];
        order[i] = order[k];
        order[k] = row;
    }
}

/* Rows class by class, shuffled inside each: what is then dealt in turn has the share of each class. */
static void order_by_class(const ModelSplitConf *c, int64_t n, int64_t *order)
{
    CLEANUP(mem_freep) int64_t *shuffled = mem_array((size_t)n, sizeof *shuffled);
    CLEANUP(mem_freep)
    int64_t *at = mem_array((size_t)c->n_classes + 2, sizeof *at); /* where a class goes on */
    for (int64_t i = 0; i < n; i++)
        shuffled[i] = i;
    shuffle(shuffled, n, c->seed);
    for (int64_t i = 0; i < n; i++)
        at[(c->class_of ? c->class_of[i] : 0) + 1]++;
    for (int k = 1; k <= c->n_classes; k++)
        at[k] += at[k - 1];
    for (int64_t i = 0; i < n; i++)
        order[at[c->class_of ? c->class_of[shuffled[i]] : 0]++] = shuffled[i];
}

static void split_at_random(const ModelSplitConf *c, int64_t n, int8_t *part, int *ret_folds)
{
    CLEANUP(mem_freep) int64_t *order = mem_array((size_t)n, sizeof *order);
    order_by_class(c, n, order);
    bool one = n > MODEL_SPLIT_ROWS_FOLDS || c->folds == 1;
    int folds = one ? MODEL_SPLIT_FOLDS : c->folds;
    int64_t rest = 0;
    for (int64_t i = 0; i < n; i++) {
        bool test = floor((double)(i + 1) * c->test_fraction) > floor((double)i * c->test_fraction);
        part[order[i]] = test ? MODEL_PART_TEST : (int8_t)(rest++ % folds);
    }
    *ret_folds = one ? 1 : folds;
}

static int by_time(const void *a, const void *b, void *arg)
{
    const int64_t *time = arg;
    int64_t i = *(const int64_t *)a, k = *(const int64_t *)b;
    int64_t x = time[i], y = time[k];
    return x != y ? (x < y ? -1 : 1) : (i < k ? -1 : i > k);
}

/* The cut nearest to `at` between two different times, in 1 .. to - 1; 0 when there is none. */
static int64_t cut_between(const int64_t *time, const int64_t *order, int64_t to, int64_t at)
{
    for (int64_t d = 0; d < to; d++) {
        for (int side = -1; side <= 1; side += 2) {
            int64_t i = at + side * d;
            if (i > 0 && i < to && time[order[i]] != time[order[i - 1]])
                return i;
        }
    }
    return 0;
}

static ErrKind split_by_time(const ModelSplitConf *c, int64_t n, int8_t *part, int *ret_folds, Err *reterr)
{
    CLEANUP(mem_freep) int64_t *order = mem_array((size_t)n, sizeof *order);
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, (size_t)n, sizeof *order, by_time, (void *)(uintptr_t)c->time);
    int64_t test = c->test_fraction > 0
                       ? cut_between(c->time, order, n, (int64_t)((double)n * (1 - c->test_fraction)))
                       : n;
    int64_t held = test ? cut_between(c->time, order, test, (int64_t)((double)test * (1 - HELD_SHARE))) : 0;
    if (!held)
        return err_set(reterr, ERR_INVALID,
                       "%lld rows of fewer than three times cannot be split forward in time", (long long)n);
    for (int64_t i = 0; i < n; i++)
        part[order[i]] = i >= test ? MODEL_PART_TEST : i >= held ? 0 : 1;
    *ret_folds = 1;
    return ERR_NONE;
}

ErrKind model_split(const ModelSplitConf *c, int64_t n, int8_t *part, int *ret_folds, Err *reterr)
{
    if (n < MODEL_SPLIT_ROWS_MIN)
        return err_set(reterr, ERR_INVALID, "%lld rows with a target, at least %d are needed", (long long)n,
                       MODEL_SPLIT_ROWS_MIN);
    if (c->time)
        return split_by_time(c, n, part, ret_folds, reterr);
    split_at_random(c, n, part, ret_folds);
    return ERR_NONE;
}
