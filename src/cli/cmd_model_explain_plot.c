/* cmd_model_explain_plot.c - from explained rows to SVG files. See cmd_model_explain.h. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_model_explain.h"
#include "model/model_plot.h"

#include <math.h>
#include <stdlib.h>

#define GROUPS_STACKED_MAX 10

/* Names that the plots borrow. */
typedef struct Names {
    const char **list;
    char *owned[MODEL_PLOT_ROWS_MAX + 8];
    int n_owned;
} Names;

static void names_done(Names *n)
{
    for (int i = 0; i < n->n_owned; i++)
        mem_free(n->owned[i]);
    mem_free(n->list);
}

static const char *own(Names *n, Buf *text)
{
    BUG_ON(n->n_owned == (int)ARRAY_LEN(n->owned));
    n->owned[n->n_owned] = mem_strdup(buf_cstr(text));
    buf_clear(text);
    return n->owned[n->n_owned++];
}

static ErrKind write_plot(const char *dir, const char *name, const Buf *svg, Buf *paths, Err *reterr)
{
    TRY(buf_check(svg, reterr));
    CLEANUP(buf_done) Buf path = BUF(8192);
    buf_addf(&path, "%s/%s", dir, name);
    TRY(buf_check(&path, reterr));
    TRY(file_write(buf_cstr(&path), buf_str(svg), 0600, reterr)); /* a row's figures may be somebody's */
    buf_addf(paths, "%s\n", buf_cstr(&path));
    return buf_check(paths, reterr);
}

static const char *others(Names *names, int n)
{
    CLEANUP(buf_done) Buf text = BUF(64);
    buf_addf(&text, "%d other feature%s", n, n == 1 ? "" : "s");
    return own(names, &text);
}

/* ---- bars ---- */

static ErrKind plot_bars(const CmdModelExplain *v, const char *dir, Buf *paths, Err *reterr)
{
    const ModelExplained *e = v->e;
    int shown = MIN(v->top, e->n_features), rest = e->n_features - shown;
    int groups = e->n_groups <= GROUPS_STACKED_MAX ? e->n_groups : 1, n = shown + (rest > 0);
    CLEANUP(names_done) Names names = {.list = mem_array((size_t)n, sizeof *names.list)};
    CLEANUP(mem_freep) double *values = mem_array((size_t)n * (size_t)groups, sizeof *values);
    const char *group_names[GROUPS_STACKED_MAX] = {0};
    CLEANUP(buf_done) Buf text = BUF(4096), svg = BUF(MODEL_PLOT_BYTES_MAX);
    for (int k = 0; k < groups; k++) {
        cmd_model_explain_group(v, k, &text);
        group_names[k] = own(&names, &text);
    }
    for (int i = 0; i < e->n_features; i++) {
        int row = MIN(i, shown), f = e->order[i];
        if (i < shown)
            names.list[i] = v->bundle->schema->columns[f].name;
        for (int k = 0; k < groups; k++)
            values[row * groups + k] += groups == 1 ? e->total[f] : e->mean_abs[k * e->n_features + f];
    }
    if (rest > 0)
        names.list[shown] = others(&names, rest);
    buf_addf(&text, "Mean |SHAP value| (%s%s)", v->units, e->n_groups > 1 ? ", added over the classes" : "");
    const char *label = own(&names, &text);
    buf_addf(&text, "What moves the model: %lld row%s of %.200s", (long long)e->n_rows,
             e->n_rows == 1 ? "" : "s", v->data);
    model_plot_bars(&svg, &(ModelPlotBars){.title = own(&names, &text),
                                           .x_label = label,
                                           .n = n,
                                           .names = names.list,
                                           .n_groups = groups,
                                           .group_names = group_names,
                                           .values = values});
    return write_plot(dir, "bar.svg", &svg, paths, reterr);
}

/* ---- beeswarm ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* 0 at the 5th percentile, 1 at the 95th; where these are one, from the least to the greatest. */
static void colours_of(const ModelExplained *e, int feature, float *sorted, float *out)
{
    int n = 0;
    for (int i = 0; i < e->n_sample; i++) {
        out[i] = e->sample_x[(size_t)i * (size_t)e->n_features + (size_t)feature];
        if (!isnan(out[i]))
            sorted[n++] = out[i];
    }
    if (n == 0)
        return;
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    double lo = (double)sorted[(n - 1) * 5 / 100], hi = (double)sorted[(n - 1) * 95 / 100];
    if (lo == hi) {
        lo = (double)sorted[0];
        hi = (double)sorted[n - 1];
    }
    for (int i = 0; i < e->n_sample; i++)
        if (!isnan(out[i]))
            out[i] = lo == hi ? 0.5F : (float)(((double)out[i] - lo) / (hi - lo));
}

static ErrKind plot_swarm(const CmdModelExplain *v, const char *dir, Buf *paths, Err *reterr)
{
    const ModelExplained *e = v->e;
    int n = MIN(v->top, e->n_features);
    size_t points = (size_t)n * (size_t)e->n_sample;
    CLEANUP(names_done) Names names = {.list = mem_array((size_t)n, sizeof *names.list)};
    CLEANUP(mem_freep) double *x = mem_array(points, sizeof *x);
    CLEANUP(mem_freep) float *colour = mem_array(points, sizeof *colour);
    CLEANUP(mem_freep) float *sorted = mem_array((size_t)e->n_sample, sizeof *sorted);
    CLEANUP(buf_done) Buf text = BUF(4096), svg = BUF(MODEL_PLOT_BYTES_MAX);
    for (int i = 0; i < n; i++) {
        int f = e->order[i];
        names.list[i] = v->bundle->schema->columns[f].name;
        for (int k = 0; k < e->n_sample; k++)
            x[(size_t)i * (size_t)e->n_sample + (size_t)k] =
                e->sample_phi[(size_t)k * (size_t)e->n_features + (size_t)f];
        colours_of(e, f, sorted, colour + (size_t)i * (size_t)e->n_sample);
    }
    buf_addf(&text, "SHAP value (%s)", v->units);
    const char *label = own(&names, &text);
    buf_addf(&text, "Each feature's pull, row by row: %d row%s of %.200s", e->n_sample,
             e->n_sample == 1 ? "" : "s", v->data);
    if (e->n_groups > 1) {
        buf_add_c(&text, ", ");
        cmd_model_explain_group(v, e->group, &text);
    }
    model_plot_swarm(&svg, &(ModelPlotSwarm){.title = own(&names, &text),
                                             .x_label = label,
                                             .n = n,
                                             .names = names.list,
                                             .n_points = e->n_sample,
                                             .x = x,
                                             .colour = colour});
    return write_plot(dir, "beeswarm.svg", &svg, paths, reterr);
}

/* ---- waterfall ---- */

static void title_of_row(const CmdModelExplain *v, Buf *text)
{
    const ModelExplained *e = v->e;
    buf_addf(text, "Row %lld of %.200s", (long long)v->row, v->data);
    if (e->n_groups > 1) {
        buf_add_c(text, ", ");
        cmd_model_explain_group(v, e->group, text);
    }
    if (gbt_n_outputs(v->bundle->gbt) == e->n_groups && e->row_outputs[e->group] != e->row_margins[e->group])
        buf_addf(text, ": prediction %.4g", (double)e->row_outputs[e->group]);
}

static ErrKind plot_waterfall(const CmdModelExplain *v, const char *dir, Buf *paths, Err *reterr)
{
    const ModelExplained *e = v->e;
    int shown = MIN(v->top, e->n_features), rest = e->n_features - shown, n = shown + (rest > 0);
    const double *phi = e->row_phi + (size_t)e->group * (size_t)(e->n_features + 1);
    CLEANUP(names_done) Names names = {.list = mem_array(2 * (size_t)n, sizeof *names.list)};
    const char **value_texts = names.list + n;
    CLEANUP(mem_freep) double *parts = mem_array((size_t)n, sizeof *parts);
    CLEANUP(mem_freep) int *order = mem_array((size_t)e->n_features, sizeof *order);
    CLEANUP(buf_done) Buf text = BUF(1u << 17), svg = BUF(MODEL_PLOT_BYTES_MAX);
    cmd_model_explain_order(v, order);
    double end = phi[e->n_features];
    for (int i = 0; i < e->n_features; i++) {
        int f = order[i];
        parts[MIN(i, shown)] += phi[f];
        end += phi[f];
        if (i >= shown)
            continue;
        names.list[i] = v->bundle->schema->columns[f].name;
        model_value_text(&text, &v->bundle->schema->columns[f], e->row_x[f]);
        value_texts[i] = own(&names, &text);
    }
    if (rest > 0) {
        names.list[shown] = others(&names, rest);
        value_texts[shown] = "";
    }
    buf_addf(&text, "Margin (%s)", v->units);
    const char *label = own(&names, &text);
    title_of_row(v, &text);
    model_plot_waterfall(&svg, &(ModelPlotWaterfall){.title = own(&names, &text),
                                                     .x_label = label,
                                                     .n = n,
                                                     .names = names.list,
                                                     .values = value_texts,
                                                     .parts = parts,
                                                     .base = phi[e->n_features],
                                                     .end = end,
                                                     .base_label = "E[f(x)]",
                                                     .end_label = "f(x)"});
    return write_plot(dir, "waterfall.svg", &svg, paths, reterr);
}

ErrKind cmd_model_explain_plot(const CmdModelExplain *v, const char *dir, Buf *ret_paths, Err *reterr)
{
    TRY(file_mkdirs(dir, 0700, reterr));
    TRY(plot_bars(v, dir, ret_paths, reterr));
    TRY(plot_swarm(v, dir, ret_paths, reterr));
    return v->e->has_row ? plot_waterfall(v, dir, ret_paths, reterr) : ERR_NONE;
}
