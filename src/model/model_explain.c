/* model_explain.c - SHAP values over a file. See model_explain.h.
 *
 * The group of the points may depend on a row that comes late, so the sample keeps rows and is explained at the end. */
#include "model/model_explain.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

#define SEED 20240229
#define BLOCK_CELLS (1 << 18)
#define PROGRESS_EVERY 64

typedef struct Run {
    const ModelBundle *b;
    const ModelExplain *how;
    ModelExplained *e;
    GbtScratch *scratch;
    ModelReader *reader;
    StatsRng rng;
    double *phi; /* of one row */
} Run;

static void keep_in_sample(Run *r, const float *row)
{
    ModelExplained *e = r->e;
    int64_t place = e->n_rows; /* rows before this one */
    if (place >= r->how->sample)
        place = stats_below(&r->rng, e->n_rows + 1);
    if (place >= r->how->sample)
        return;
    memcpy(e->sample_x + place * e->n_features, row, (size_t)e->n_features * sizeof *row);
    e->n_sample = MAX(e->n_sample, (int)place + 1);
}

static void explain_row(Run *r, const float *row)
{
    ModelExplained *e = r->e;
    int n = e->n_features;
    gbt_shap(r->b->gbt, row, r->phi, r->scratch);
    for (int k = 0; k < e->n_groups; k++) {
        const double *phi = r->phi + (size_t)k * (size_t)(n + 1);
        for (int i = 0; i < n; i++) {
            e->mean_abs[k * n + i] += fabs(phi[i]);
            e->mean[k * n + i] += phi[i];
        }
        e->bias[k] = phi[n];
    }
    keep_in_sample(r, row);
    if (++e->n_rows != r->how->row)
        return;
    e->has_row = true;
    memcpy(e->row_x, row, (size_t)n * sizeof *row);
    memcpy(e->row_phi, r->phi, (size_t)e->n_groups * (size_t)(n + 1) * sizeof *r->phi);
    gbt_margins(r->b->gbt, row, 1, e->row_margins, r->scratch);
    model_bundle_predict(r->b, row, 1, e->row_outputs, r->scratch);
}

static ErrKind read_rows(Run *r, Err *reterr)
{
    int64_t block = MAX(1, MIN(1024, BLOCK_CELLS / r->e->n_features)), n;
    CLEANUP(mem_freep) float *x = mem_array((size_t)(block * r->e->n_features), sizeof *x);
    do {
        TRY(model_reader_next(r->reader, block, x, NULL, NULL, &n, reterr));
        for (int64_t i = 0; i < n; i++) {
            explain_row(r, x + i * r->e->n_features);
            if (r->how->progress && r->e->n_rows % PROGRESS_EVERY == 0)
                r->how->progress(r->e->n_rows);
        }
    } while (n > 0);
    if (r->how->row > r->e->n_rows)
        return err_set(reterr, ERR_INVALID, "%s has %lld rows, there is no row %lld", r->how->path,
                       (long long)r->e->n_rows, (long long)r->how->row);
    return model_reader_notes(r->reader, &r->e->notes, reterr);
}

/* Sums to means, and the order. */
static void order_features(ModelExplained *e)
{
    int n = e->n_features;
    for (int i = 0; i < n; i++) {
        e->order[i] = i;
        for (int k = 0; k < e->n_groups; k++) {
            e->mean_abs[k * n + i] /= (double)e->n_rows;
            e->mean[k * n + i] /= (double)e->n_rows;
            e->total[i] += e->mean_abs[k * n + i];
        }
    }
    for (int i = 1; i < n; i++) { /* insertion: equal ones keep the model's order */
        int feature = e->order[i], at = i;
        for (; at > 0 && e->total[e->order[at - 1]] < e->total[feature]; at--)
            e->order[at] = e->order[at - 1];
        e->order[at] = feature;
    }
}

static void explain_sample(Run *r)
{
    ModelExplained *e = r->e;
    int n = e->n_features;
    e->group = MAX(r->how->group, 0);
    for (int k = 0; k < e->n_groups && r->how->group < 0 && e->has_row; k++)
        if (e->row_margins[k] > e->row_margins[e->group])
            e->group = k;
    for (int i = 0; i < e->n_sample; i++) {
        gbt_shap(r->b->gbt, e->sample_x + (size_t)i * (size_t)n, r->phi, r->scratch);
        memcpy(e->sample_phi + (size_t)i * (size_t)n, r->phi + (size_t)e->group * (size_t)(n + 1),
               (size_t)n * sizeof *r->phi);
    }
}

static ModelExplained *explained_new(const ModelBundle *b, int sample)
{
    ModelExplained *e = MEM_NEW(ModelExplained);
    e->n_features = gbt_n_features(b->gbt);
    e->n_groups = gbt_n_groups(b->gbt);
    e->notes = BUF(1u << 20);
    size_t n = (size_t)e->n_features, groups = (size_t)e->n_groups;
    e->mean_abs = mem_array(groups * n, sizeof *e->mean_abs);
    e->mean = mem_array(groups * n, sizeof *e->mean);
    e->bias = mem_array(groups, sizeof *e->bias);
    e->total = mem_array(n, sizeof *e->total);
    e->order = mem_array(n, sizeof *e->order);
    e->sample_x = mem_array((size_t)sample * n, sizeof *e->sample_x);
    e->sample_phi = mem_array((size_t)sample * n, sizeof *e->sample_phi);
    e->row_x = mem_array(n, sizeof *e->row_x);
    e->row_phi = mem_array(groups * (n + 1), sizeof *e->row_phi);
    e->row_margins = mem_array(groups, sizeof *e->row_margins);
    e->row_outputs = mem_array(groups, sizeof *e->row_outputs);
    return e;
}

ErrKind model_explain(const ModelBundle *b, const ModelExplain *how, ModelExplained **ret, Err *reterr)
{
    if (how->group >= gbt_n_groups(b->gbt))
        return err_set(reterr, ERR_INVALID, "the model has %d class%s, there is no class %d",
                       gbt_n_groups(b->gbt), gbt_n_groups(b->gbt) == 1 ? "" : "es", how->group);
    CLEANUP(model_explained_freep) ModelExplained *e = explained_new(b, how->sample);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(b->gbt);
    CLEANUP(model_reader_freep) ModelReader *reader = NULL;
    CLEANUP(mem_freep)
    double *phi = mem_array((size_t)e->n_groups * (size_t)(e->n_features + 1), sizeof *phi);
    TRY(model_reader_open(how->path, b->schema, &(ModelRead){0}, &reader, reterr));
    Run r = {.b = b, .how = how, .e = e, .scratch = scratch, .reader = reader, .phi = phi};
    stats_seed(&r.rng, SEED);
    TRY(read_rows(&r, reterr));
    order_features(e);
    explain_sample(&r);
    *ret = e;
    e = NULL;
    return ERR_NONE;
}

void model_explained_free(ModelExplained *e)
{
    if (!e)
        return;
    mem_free(e->mean_abs);
    mem_free(e->mean);
    mem_free(e->bias);
    mem_free(e->total);
    mem_free(e->order);
    mem_free(e->sample_x);
    mem_free(e->sample_phi);
    mem_free(e->row_x);
    mem_free(e->row_phi);
    mem_free(e->row_margins);
    mem_free(e->row_outputs);
    buf_done(&e->notes);
    mem_free(e);
}

void model_value_text(Buf *out, const ModelColumn *c, float v)
{
    if (isnan(v))
        buf_add_c(out, "missing");
    else if (c->category && v >= 0 && (double)v < c->n_categories)
        buf_add_c(out, c->categories[(int)v]);
    else if (fabsf(v) < 1e7F && v == floorf(v))
        buf_addf(out, "%.0f", (double)v);
    else
        buf_addf(out, "%.5g", (double)v);
}
