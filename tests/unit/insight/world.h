/* world.h - data of a question made in a test: rows filled in by hand, without a file. */
#ifndef EHUB_TESTS_UNIT_INSIGHT_WORLD_H
#define EHUB_TESTS_UNIT_INSIGHT_WORLD_H

#include "base/mem.h"
#include "insight/insight_effect.h"

#include <stdio.h>

/* n rows with k columns x1, x2 ...: all 0. insight_data_free. */
static inline InsightData *world_new(int64_t n, int k)
{
    InsightData *d = MEM_NEW(InsightData);
    d->n = n;
    d->n_x = d->n_covariates = k;
    d->y = mem_array((size_t)n, sizeof *d->y);
    d->t = mem_array((size_t)n, sizeof *d->t);
    d->x = mem_array((size_t)n * (size_t)k, sizeof *d->x);
    d->x_name = mem_array((size_t)k, sizeof *d->x_name);
    d->x_column = mem_array((size_t)k, sizeof *d->x_column);
    d->covariate_name = mem_array((size_t)k, sizeof *d->covariate_name);
    d->treated_name = mem_strdup("1");
    d->control_name = mem_strdup("0");
    d->warnings = BUF(4096);
    for (int c = 0; c < k; c++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", c + 1);
        d->x_name[c] = mem_strdup(name);
        d->covariate_name[c] = mem_strdup(name);
        d->x_column[c] = c;
    }
    return d;
}

/* Rows of coaches: every coach has `size` of them. */
static inline void world_cluster(InsightData *d, int size)
{
    d->cluster.id = mem_array((size_t)d->n, sizeof *d->cluster.id);
    d->cluster.n = (int32_t)((d->n + size - 1) / size);
    d->cluster.name = mem_array((size_t)d->cluster.n, sizeof *d->cluster.name);
    for (int32_t g = 0; g < d->cluster.n; g++)
        d->cluster.name[g] = mem_strdup("c");
    for (int64_t i = 0; i < d->n; i++)
        d->cluster.id[i] = (int32_t)(i / size);
}

#endif
