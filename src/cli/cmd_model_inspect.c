/* cmd_model_inspect.c - ehub model inspect: what is in a model file. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_model.h"
#include "gbt/gbt_inspect.h"

#include <stdio.h>

#define FILE_MAX ((size_t)GBT_BYTES_MAX + (128u << 20))
#define OUT_MAX (256u << 20)
#define TOP_DEFAULT 30
#define REPORT_LINES_MAX 60
#define REPORT_DEPTH_MAX 4

typedef struct View {
    const ModelBundle *b;
    const GbtInspect *i;
    size_t bytes;
    int *order; /* features by falling gain, splits where there is none */
    int top;
} View;

static double weight_of(const View *v, int f)
{
    return v->i->has_gain ? v->i->gain[f] : (double)v->i->splits[f];
}

static void order_features(View *v)
{
    for (int i = 0; i < v->i->n_features; i++) {
        int at = i;
        for (; at > 0 && weight_of(v, v->order[at - 1]) < weight_of(v, i); at--)
            v->order[at] = v->order[at - 1];
        v->order[at] = i;
    }
}

/* XGBoost's "c" is the code of a category, "i" 0 or 1. */
static const char *type_of(const View *v, int f)
{
    const char *type = gbt_feature_type(v->b->gbt, f);
    if (v->b->schema->columns[f].category)
        return "category";
    return str_eq_c(str_from(type), "c") ? "code" : str_eq_c(str_from(type), "i") ? "yes/no" : "number";
}

static double mean(double sum, int64_t n)
{
    return n ? sum / (double)n : 0;
}

/* ---- text ---- */

static void version_text(const GbtInspect *i, Buf *out)
{
    if (i->version[0])
        buf_addf(out, ", written by XGBoost %d.%d.%d", i->version[0], i->version[1], i->version[2]);
}

static void depth_text(const View *v, Buf *out)
{
    buf_addf(out, "nodes         %lld, of them %lld leaves, %lld splits", (long long)v->i->n_nodes,
             (long long)v->i->n_leaves, (long long)(v->i->n_nodes - v->i->n_leaves));
    if (v->i->n_categorical)
        buf_addf(out, " (%lld of categories)", (long long)v->i->n_categorical);
    buf_add_c(out, "\n\ndepth   trees\n");
    int64_t most = 1;
    for (int d = 0; d <= v->i->depth_max; d++)
        most = MAX(most, v->i->depths[d]);
    for (int d = 0; d <= v->i->depth_max; d++) {
        if (v->i->depths[d] == 0)
            continue;
        buf_addf(out, "%5d  %6lld  ", d, (long long)v->i->depths[d]);
        for (int64_t k = 0; k < (v->i->depths[d] * 40 + most - 1) / most; k++)
            buf_add_char(out, '#');
        buf_add_char(out, '\n');
    }
}

static void features_text(const View *v, Buf *out)
{
    const GbtInspect *i = v->i;
    int shown = MIN(v->top, i->n_features);
    buf_addf(out, "\n%12s  %12s  %12s  %8s  %-8s  %s\n", "total gain", "mean gain", "mean cover", "splits",
             "type", "feature");
    for (int k = 0; k < shown; k++) {
        int f = v->order[k];
        char gain[2][32] = {"-", "-"};
        if (i->has_gain) {
            (void)snprintf(gain[0], sizeof gain[0], "%.6g", i->gain[f]);
            (void)snprintf(gain[1], sizeof gain[1], "%.6g", mean(i->gain[f], i->splits[f]));
        }
        buf_addf(out, "%12s  %12s  %12.6g  %8lld  %-8.8s  %s", gain[0], gain[1],
                 mean(i->cover[f], i->splits[f]), (long long)i->splits[f], type_of(v, f),
                 v->b->schema->columns[f].name);
        if (v->b->schema->columns[f].category)
            buf_addf(out, " (%d categories)", v->b->schema->columns[f].n_categories);
        buf_add_char(out, '\n');
    }
    if (shown < i->n_features)
        buf_addf(out, "and %d more features (--top)\n", i->n_features - shown);
}

static void target_text(const ModelSchema *s, Buf *out)
{
    if (!s->target)
        return;
    buf_addf(out, "target        %s", s->target);
    for (int k = 0; k < MIN(s->n_classes, 10); k++)
        buf_addf(out, "%s%s", k ? ", " : ": ", s->classes[k]);
    buf_addf(out, "%s\n",
             s->n_classes > 10                       ? " ..."
             : s->target_kind == MODEL_TARGET_NUMBER ? ", a number"
                                                     : "");
}

typedef struct Lines {
    Buf *out;
    Buf path;
    int depth, n;
} Lines;

static ErrKind report_line(Str key, const Jv *value, void *arg, Err *reterr)
{
    Lines *l = arg;
    size_t len = l->path.len;
    double number;
    bool yes;
    Str text;
    if (l->depth == 0 && str_eq_c(key, "parameters")) /* all of them, most as they were */
        return ERR_NONE;
    buf_addf(&l->path, "%s%.*s", len ? "." : "", (int)MIN(key.len, 100), key.ptr);
    if (jv_kind(value) == JV_OBJ && l->depth < REPORT_DEPTH_MAX) {
        l->depth++;
        TRY(jv_each(value, report_line, l, reterr));
        l->depth--;
    } else if (l->n < REPORT_LINES_MAX) {
        bool shown = true;
        if (jv_is_bool(value, &yes))
            buf_addf(l->out, "%-40s  %s\n", buf_cstr(&l->path), yes ? "true" : "false");
        else if (jv_is_f64(value, &number))
            buf_addf(l->out, "%-40s  %.8g\n", buf_cstr(&l->path), number);
        else if (jv_is_str(value, &text))
            buf_addf(l->out, "%-40s  %.*s\n", buf_cstr(&l->path), (int)MIN(text.len, 100), text.ptr);
        else
            shown = false;
        l->n += shown;
    }
    l->path.len = len;
    return ERR_NONE;
}

static ErrKind report_text(const View *v, Buf *out, Err *reterr)
{
    if (!v->b->report)
        return ERR_NONE;
    Lines l = {.out = out, .path = BUF(4096)};
    buf_add_c(out, "\nreport (all of it: --json)\n");
    ErrKind kind = jv_each(v->b->report, report_line, &l, reterr);
    buf_done(&l.path);
    return kind;
}

static ErrKind add_text(const View *v, const char *path, Buf *out, Err *reterr)
{
    const GbtModel *m = v->b->gbt;
    buf_addf(out, "file          %s, %zu bytes\n", path, v->bytes);
    buf_addf(out, "kind          %s", v->b->plain ? "XGBoost model" : "ehub bundle");
    version_text(v->i, out);
    buf_addf(out, "\nsha256        %s\n", v->b->sha256);
    buf_addf(out, "booster       %s, %s\n", gbt_booster(m), gbt_objective(m));
    buf_addf(out, "groups        %d\nbase score    %s\n", gbt_n_groups(m), v->i->base_score);
    buf_addf(out, "rounds        %d, %d trees", gbt_n_rounds(m), v->i->n_trees);
    if (gbt_best_round(m) >= 0)
        buf_addf(out, ", the best round is %d", gbt_best_round(m) + 1);
    buf_addf(out, "\nfeatures      %d%s\n", v->i->n_features, v->b->schema->unnamed ? ", without names" : "");
    target_text(v->b->schema, out);
    if (v->b->calibration)
        buf_addf(out, "calibration   %s\n", v->b->calibration->kind == MODEL_PLATT ? "platt" : "isotonic");
    depth_text(v, out);
    features_text(v, out);
    for (int k = 0; k < v->i->n_attributes; k++)
        buf_addf(out, "%sattribute %.100s = %.200s\n", k ? "" : "\n", v->i->attributes[k].key,
                 v->i->attributes[k].value);
    return report_text(v, out, reterr);
}

/* ---- JSON ---- */

static void features_json(const View *v, Jw *w)
{
    jw_key(w, "features");
    jw_arr(w);
    for (int f = 0; f < v->i->n_features; f++) {
        int64_t n = v->i->splits[f];
        jw_obj(w);
        jw_kv_cstr(w, "name", v->b->schema->columns[f].name);
        jw_kv_cstr(w, "type", type_of(v, f));
        jw_kv_i64(w, "splits", n);
        if (v->i->has_gain) {
            jw_kv_f64(w, "total_gain", v->i->gain[f]);
            jw_kv_f64(w, "gain", mean(v->i->gain[f], n));
        }
        jw_kv_f64(w, "total_cover", v->i->cover[f]);
        jw_kv_f64(w, "cover", mean(v->i->cover[f], n));
        jw_end(w);
    }
    jw_end(w);
}

static void trees_json(const View *v, Jw *w)
{
    jw_kv_i64(w, "trees", v->i->n_trees);
    jw_kv_i64(w, "nodes", v->i->n_nodes);
    jw_kv_i64(w, "leaves", v->i->n_leaves);
    jw_kv_i64(w, "categorical_splits", v->i->n_categorical);
    jw_key(w, "depths"); /* trees of depth 0, 1, 2 ... */
    jw_arr(w);
    for (int d = 0; d <= v->i->depth_max; d++)
        jw_i64(w, v->i->depths[d]);
    jw_end(w);
}

static void attributes_json(const View *v, Jw *w)
{
    jw_key(w, "attributes");
    jw_obj(w);
    for (int k = 0; k < v->i->n_attributes; k++) {
        jw_key(w, v->i->attributes[k].key);
        jw_cstr(w, v->i->attributes[k].value);
    }
    jw_end(w);
}

static ErrKind add_json(const View *v, Buf *out, Err *reterr)
{
    const GbtModel *m = v->b->gbt;
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "kind", v->b->plain ? "xgboost" : "bundle");
    jw_kv_i64(&w, "bytes", (int64_t)v->bytes);
    jw_kv_cstr(&w, "sha256", v->b->sha256);
    jw_key(&w, "xgboost_version");
    jw_arr(&w);
    for (int k = 0; k < 3; k++)
        jw_i64(&w, v->i->version[k]);
    jw_end(&w);
    jw_kv_cstr(&w, "booster", gbt_booster(m));
    jw_kv_cstr(&w, "objective", gbt_objective(m));
    jw_kv_i64(&w, "groups", gbt_n_groups(m));
    jw_kv_i64(&w, "outputs", gbt_n_outputs(m));
    jw_kv_cstr(&w, "base_score", v->i->base_score);
    jw_kv_i64(&w, "rounds", gbt_n_rounds(m));
    jw_key(&w, "best_round"); /* its index, from 0 */
    if (gbt_best_round(m) >= 0)
        jw_i64(&w, gbt_best_round(m));
    else
        jw_null(&w);
    trees_json(v, &w);
    features_json(v, &w);
    attributes_json(v, &w);
    jw_key(&w, "schema");
    model_schema_write(&w, v->b->schema);
    if (v->b->calibration) {
        jw_key(&w, "calibration");
        model_calibration_write(&w, v->b->calibration);
    }
    if (v->b->report) {
        jw_key(&w, "report");
        TRY(model_bundle_json(&w, v->b->report, reterr));
    }
    jw_end(&w);
    buf_add_char(out, '\n');
    return ERR_NONE;
}

/* ---- command ---- */

static ErrKind read_file(const char *path, Buf *bytes, ModelBundle **ret, GbtInspect **ret_inspect,
                         Err *reterr)
{
    Str model;
    TRY(file_read(path, bytes, reterr));
    ErrKind kind = model_bundle_read_mem(buf_str(bytes), GBT_ROUNDS_ALL, ret, reterr);
    if (!kind)
        kind = model_bundle_model(buf_str(bytes), &model, reterr);
    if (!kind)
        kind = gbt_inspect(model, ret_inspect, reterr);
    return kind ? err_wrap(reterr, kind, "%s", path) : ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    const char *path = cli_text(call, "model", NULL);
    CLEANUP(buf_done) Buf bytes = BUF(FILE_MAX), out = BUF(OUT_MAX);
    CLEANUP(model_bundle_freep) ModelBundle *bundle = NULL;
    CLEANUP(gbt_inspect_freep) GbtInspect *inspect = NULL;
    TRY(read_file(path, &bytes, &bundle, &inspect, reterr));
    CLEANUP(mem_freep) int *order = mem_array((size_t)MAX(inspect->n_features, 1), sizeof *order);
    View v = {.b = bundle,
              .i = inspect,
              .bytes = bytes.len,
              .order = order,
              .top = (int)cli_int(call, "top", TOP_DEFAULT)};
    order_features(&v);
    if (cli_flag(call, "json"))
        TRY(add_json(&v, &out, reterr));
    else
        TRY(add_text(&v, path, &out, reterr));
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_MODEL_INSPECT = {
    .name = "inspect",
    .help = "Show what is in a model file: trees, features, calibration, report",
    .details = "Gain is the loss that splits on a feature saved in training, cover the training weight at "
               "these splits\n"
               "(total: added up, mean: for each split), as in XGBoost's importance. The SHA-256 is that of "
               "the XGBoost\n"
               "part of the file.",
    .options =
        (const CliOption[]){
            CMD_MODEL_OPTION,
            {"top", CLI_INT, "K", "So many features at most (default 30)", false, 1, GBT_FEATURES_MAX},
            {"json", CLI_FLAG, NULL, "Print JSON, with all features and the whole report"},
            {.name = NULL}},
    .run = run,
    .no_conf = true,
};
