/* model_drift.c - distributions of training rows, and how far new rows are from them. See model_drift.h. */
#include "model/model_drift.h"

#include "base/mem.h"
#include "model/model_judge.h"
#include "stats/stats_shift.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define SCORE "score"

/* ---- values of one feature ---- */

static int float_cmp(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* The values that are not missing, sorted. */
static float *sorted_values(const float *x, int64_t n, int stride, int64_t *ret_n)
{
    float *v = mem_array((size_t)n, sizeof *v);
    *ret_n = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(x[i * stride]))
            v[(*ret_n)++] = fminf(fmaxf(x[i * stride], -FLT_MAX), FLT_MAX);
    qsort(v, (size_t)*ret_n, sizeof *v, float_cmp);
    return v;
}

/* The outputs of the model as one column. */
static float *scores_of(const ModelBundle *b, const float *x, int64_t n)
{
    int k = model_judge_width(b->gbt);
    float *scores = mem_array((size_t)n, sizeof *scores);
    CLEANUP(mem_freep) double *out = mem_array((size_t)n * (size_t)k, sizeof *out);
    model_judge_outputs(b, x, n, false, out);
    for (int64_t i = 0; i < n; i++) {
        int best = 0;
        for (int c = 1; c < k; c++)
            if (out[i * k + c] > out[i * k + best])
                best = c;
        scores[i] = (float)(k == 1 ? out[i] : best);
    }
    return scores;
}

/* ---- distributions ---- */

static int bin_of(const ModelDistribution *d, float x)
{
    int low = 0, high = d->n_cuts; /* the first cut that is not below x */
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (d->cuts[mid] < x)
            low = mid + 1;
        else
            high = mid;
    }
    return d->values && (low == d->n_cuts || d->cuts[low] != x) ? d->n_cuts : low;
}

static void count_bins(const ModelDistribution *d, const float *sorted, int64_t n_values, int64_t n,
                       int64_t *counts)
{
    for (int i = 0; i < d->n_cuts + 2; i++)
        counts[i] = 0;
    for (int64_t i = 0, end; i < n_values; i = end) {
        for (end = i + 1; end < n_values && sorted[end] == sorted[i]; end++)
            continue;
        counts[bin_of(d, sorted[i])] += end - i;
    }
    counts[d->n_cuts + 1] = n - n_values;
}

typedef struct Run {
    float value;
    int64_t n;
} Run;

static int run_most_first(const void *a, const void *b)
{
    const Run *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* A bin for each of the most frequent values; false when there are more than `most` and leaving out is not allowed. */
static bool cut_by_value(ModelDistribution *d, const float *sorted, int64_t n, int most, bool leave_out)
{
    CLEANUP(mem_freep) Run *runs = mem_array((size_t)n + 1, sizeof *runs);
    int64_t n_runs = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1])
            runs[n_runs++] = (Run){sorted[i], 0};
        runs[n_runs - 1].n++;
    }
    if (n_runs > most && !leave_out)
        return false;
    qsort(runs, (size_t)n_runs, sizeof *runs, run_most_first);
    d->values = true;
    d->n_cuts = (int)MIN(n_runs, most);
    d->cuts = mem_array((size_t)most, sizeof *d->cuts);
    for (int i = 0; i < d->n_cuts; i++)
        d->cuts[i] = runs[i].value;
    qsort(d->cuts, (size_t)d->n_cuts, sizeof *d->cuts, float_cmp);
    return true;
}

/* More than MODEL_DRIFT_BINS values, so at least two bins. */
static void cut_by_quantile(ModelDistribution *d, const float *sorted, int64_t n)
{
    d->cuts = mem_array(MODEL_DRIFT_BINS, sizeof *d->cuts);
    for (int k = 1; k < MODEL_DRIFT_BINS; k++) {
        float at = sorted[(n * k - 1) / MODEL_DRIFT_BINS];
        if (d->n_cuts == 0 || at > d->cuts[d->n_cuts - 1])
            d->cuts[d->n_cuts++] = at;
    }
}

static void keep_quantiles(ModelDistribution *d, const float *sorted, int64_t n)
{
    d->n_sample = (int)MIN(n, MODEL_DRIFT_SAMPLE);
    d->sample = mem_array((size_t)d->n_sample, sizeof *d->sample);
    for (int64_t i = 0; i < d->n_sample;
         i++) /* the least value below which (i + 1/2) / n_sample of them lie */
        d->sample[i] = (double)sorted[((2 * i + 1) * n - 1) / (2 * (int64_t)d->n_sample)];
}

static void describe(ModelDistribution *d, const char *name, bool category, const float *x, int64_t n,
                     int stride)
{
    int64_t n_values;
    CLEANUP(mem_freep) float *sorted = sorted_values(x, n, stride, &n_values);
    *d = (ModelDistribution){.name = mem_strdup(name), .category = category};
    if (!cut_by_value(d, sorted, n_values, category ? MODEL_DRIFT_CODES : MODEL_DRIFT_BINS, category))
        cut_by_quantile(d, sorted, n_values);
    if (!category)
        keep_quantiles(d, sorted, n_values);
    d->counts = mem_array((size_t)d->n_cuts + 2, sizeof *d->counts);
    count_bins(d, sorted, n_values, n, d->counts);
}

ModelReference *model_reference_of(const ModelBundle *b, const float *x, int64_t n, const float *unseen,
                                   int64_t n_unseen)
{
    ModelReference *r = MEM_NEW(ModelReference);
    r->rows = n;
    r->n = b->schema->n_columns;
    r->of = mem_array((size_t)r->n + 1, sizeof *r->of);
    for (int i = 0; i < r->n; i++) {
        const ModelColumn *c = &b->schema->columns[i];
        bool codes =
            strcmp(gbt_feature_type(b->gbt, i), "c") == 0; /* a model of XGBoost has no texts for them */
        describe(&r->of[i], c->name, c->category || codes, x + i, n, r->n);
    }
    int64_t n_scores = n_unseen > 0 ? n_unseen : n;
    CLEANUP(mem_freep) float *scores = scores_of(b, n_unseen > 0 ? unseen : x, n_scores);
    describe(&r->of[r->n], SCORE, model_judge_width(b->gbt) > 1, scores, n_scores, 1);
    return r;
}

void model_reference_free(ModelReference *r)
{
    if (!r)
        return;
    for (int i = 0; r->of && i <= r->n; i++) {
        mem_free(r->of[i].name);
        mem_free(r->of[i].cuts);
        mem_free(r->of[i].counts);
        mem_free(r->of[i].sample);
    }
    mem_free(r->of);
    mem_free(r);
}

/* ---- comparison ---- */

static int64_t rows_of(const ModelDistribution *d)
{
    int64_t n = 0;
    for (int i = 0; i < d->n_cuts + 2; i++)
        n += d->counts[i];
    return n;
}

static double median_of(const double *sorted, int64_t n)
{
    if (n == 0)
        return NAN;
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* The kept quantiles stand for more values than they are: the distance is known to half a step, which is taken off. */
static void compare_values(const ModelDistribution *d, const float *sorted, int64_t n, ModelDriftLine *line)
{
    line->ks = line->ks_p = line->median_before = line->median_now = NAN;
    if (d->category)
        return;
    CLEANUP(mem_freep) double *now = mem_array((size_t)n + 1, sizeof *now);
    for (int64_t i = 0; i < n; i++)
        now[i] = (double)sorted[i];
    int64_t before = rows_of(d) - d->counts[d->n_cuts + 1];
    line->ks = stats_ks(d->sample, d->n_sample, now, n);
    if (before > d->n_sample)
        line->ks = fmax(line->ks - 0.5 / d->n_sample, 0);
    if (n == 0 || before == 0)
        line->ks = NAN;
    line->ks_p = stats_ks_p(line->ks, before, n);
    line->median_before = median_of(d->sample, d->n_sample);
    line->median_now = median_of(now, n);
}

static ModelDriftLine compare(const ModelDistribution *d, const float *x, int64_t n, int stride)
{
    int64_t n_values;
    CLEANUP(mem_freep) float *sorted = sorted_values(x, n, stride, &n_values);
    CLEANUP(mem_freep) int64_t *now = mem_array((size_t)d->n_cuts + 2, sizeof *now);
    count_bins(d, sorted, n_values, n, now);
    ModelDriftLine line = {
        .name = mem_strdup(d->name),
        .psi = stats_psi(d->counts, now, d->n_cuts + 2),
        .chance = stats_psi_chance(d->counts, now, d->n_cuts + 2),
        .missing_before = (double)d->counts[d->n_cuts + 1] / (double)rows_of(d),
        .missing_now = (double)(n - n_values) / (double)n,
    };
    if (line.psi >= MODEL_DRIFT_MOVED && line.psi > line.chance)
        line.verdict = line.psi > MODEL_DRIFT_SHIFTED ? MODEL_SHIFTED : MODEL_MOVED;
    compare_values(d, sorted, n_values, &line);
    return line;
}

static int line_most_first(const void *a, const void *b)
{
    const ModelDriftLine *x = a, *y = b;
    if (x->verdict != y->verdict)
        return x->verdict > y->verdict ? -1 : 1;
    if (x->psi != y->psi)
        return x->psi > y->psi ? -1 : 1;
    return strcmp(x->name, y->name);
}

ModelDrift *model_drift(const ModelReference *r, const ModelBundle *b, const float *x, int64_t n)
{
    ModelDrift *d = MEM_NEW(ModelDrift);
    d->rows_before = r->rows;
    d->rows_now = n;
    d->n = r->n;
    d->lines = mem_array((size_t)r->n, sizeof *d->lines);
    for (int i = 0; i < r->n; i++) {
        d->lines[i] = compare(&r->of[i], x + i, n, r->n);
        d->n_of[d->lines[i].verdict]++;
    }
    qsort(d->lines, (size_t)d->n, sizeof *d->lines, line_most_first);
    CLEANUP(mem_freep) float *scores = scores_of(b, x, n);
    d->score = compare(&r->of[r->n], scores, n, 1);
    return d;
}

void model_drift_free(ModelDrift *d)
{
    if (!d)
        return;
    for (int i = 0; i < d->n; i++)
        mem_free(d->lines[i].name);
    mem_free(d->lines);
    mem_free(d->score.name);
    mem_free(d);
}
