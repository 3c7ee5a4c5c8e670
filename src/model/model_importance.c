/* model_importance.c - see model_importance.h. */
#include "model/model_importance.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL 0.95

typedef struct Rows {
    float *x;  /* float[n][features], a copy that is shuffled column by column */
    double *y; /* double[n] */
    int64_t n;
    int features;
} Rows;

/* All rows, or as many as are allowed, drawn without replacement. */
static void draw_rows(Rows *r, const float *x, const double *y, int64_t n, StatsRng *rng)
{
    r->n = MIN(n, MODEL_IMPORTANCE_ROWS);
    r->x = mem_array((size_t)r->n * (size_t)r->features, sizeof *r->x);
    r->y = mem_array((size_t)r->n, sizeof *r->y);
    int64_t taken = 0;
    for (int64_t i = 0; i < n && taken < r->n; i++) { /* Fan, Muller, Rezucha 1962: keeps the order */
        if (stats_below(rng, n - i) >= r->n - taken)
            continue;
        memcpy(r->x + taken * r->features, x + i * r->features, (size_t)r->features * sizeof *x);
        r->y[taken++] = y[i];
    }
}

static void losses_of(const ModelBundle *b, ModelTask task, const Rows *r, double *out, double *losses)
{
    model_judge_outputs(b, r->x, r->n, false, out);
    model_judge_losses(task, out, r->y, r->n, model_judge_width(b->gbt), losses);
}

/* Fisher and Yates, in column f. */
static void shuffle(Rows *r, int f, StatsRng *rng)
{
    for (int64_t i = r->n - 1; i > 0; i--) {
        float *a = &r->x[i * r->features + f], *c = &r->x[stats_below(rng, i + 1) * r->features + f];
        float keep = *a;
        *a = *c;
        *c = keep;
    }
}

static int increase_most_first(const void *a, const void *b)
{
    const ModelPermutation *x = a, *y = b;
    if (x->increase.estimate != y->increase.estimate)
        return x->increase.estimate > y->increase.estimate ? -1 : 1;
    return x->feature - y->feature;
}

int64_t model_importance(const ModelBundle *b, ModelTask task, const float *x, const double *y, int64_t n,
                         int repeats, int rounds, uint64_t seed, ModelPermutation *out)
{
    StatsRng rng;
    stats_seed(&rng, seed);
    Rows r = {.features = gbt_n_features(b->gbt)};
    draw_rows(&r, x, y, n, &rng);
    size_t rows = (size_t)r.n;
    CLEANUP(mem_freep) double *p = mem_array(rows * (size_t)model_judge_width(b->gbt), sizeof *p);
    CLEANUP(mem_freep) double *v = mem_array(rows * 3, sizeof *v);
    CLEANUP(mem_freep) float *column = mem_array(rows, sizeof *column);
    double *base = v, *now = v + rows, *more = v + 2 * rows;
    losses_of(b, task, &r, p, base);
    for (int f = 0; f < r.features; f++) {
        for (size_t i = 0; i < rows; i++) {
            column[i] = r.x[i * (size_t)r.features + (size_t)f];
            more[i] = 0;
        }
        for (int k = 0; k < repeats; k++) {
            shuffle(&r, f, &rng);
            losses_of(b, task, &r, p, now);
            for (size_t i = 0; i < rows; i++)
                more[i] += (now[i] - base[i]) / repeats;
        }
        for (size_t i = 0; i < rows; i++)
            r.x[i * (size_t)r.features + (size_t)f] = column[i];
        StatsMeasure mean = {STATS_MEAN, more, NULL};
        out[f].feature = f;
        stats_measure(&(StatsRows){.n = r.n}, &mean, 1, rounds, LEVEL, seed, &out[f].increase);
    }
    qsort(out, (size_t)r.features, sizeof *out, increase_most_first);
    mem_free(r.x);
    mem_free(r.y);
    return r.n;
}

void model_importance_json(Jw *w, const ModelBundle *b, const ModelPermutation *of)
{
    jw_arr(w);
    for (int i = 0; i < b->schema->n_columns; i++) {
        jw_obj(w);
        jw_kv_cstr(w, "feature", b->schema->columns[of[i].feature].name);
        jw_kv_f64(w, "increase", of[i].increase.estimate);
        jw_kv_f64(w, "low", of[i].increase.low);
        jw_kv_f64(w, "high", of[i].increase.high);
        jw_end(w);
    }
    jw_end(w);
}

void model_importance_print(Buf *out, const ModelBundle *b, const ModelPermutation *of, int most)
{
    for (int i = 0; i < MIN(most, b->schema->n_columns); i++) {
        const char *name = b->schema->columns[of[i].feature].name;
        int pad = 30 - (int)str_utf8_len(str_from(name));
        buf_addf(out, "  %s%*s  %9.5f", name, MAX(pad, 0), "", of[i].increase.estimate);
        if (!isnan(of[i].increase.low))
            buf_addf(out, " (%.5f, %.5f)", of[i].increase.low, of[i].increase.high);
        buf_add_char(out, '\n');
    }
}
