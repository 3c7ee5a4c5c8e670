/* cmd_model_explain.c - ehub model explain: what moves a model, over a file and for one row. */
#include "cli/cmd_model_explain.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cmd_model.h"
#include "model/model_plot.h"

#include <math.h>
#include <stdio.h>

#define PROGRESS_AFTER_US 2000000
#define SAMPLE_DEFAULT 1000
#define TOP_DEFAULT 20
#define OUT_MAX (256u << 20)
#define NAME_COLUMNS_MAX 44

/* ---- views ---- */

void cmd_model_explain_group(const CmdModelExplain *v, int group, Buf *out)
{
    const ModelSchema *s = v->bundle->schema;
    if (v->e->n_groups == 1)
        return;
    if (s->n_classes == v->e->n_groups)
        buf_addf(out, "%.200s", s->classes[group]);
    else
        buf_addf(out, "class %d", group);
}

void cmd_model_explain_order(const CmdModelExplain *v, int *order)
{
    const double *phi = v->e->row_phi + (size_t)v->e->group * (size_t)(v->e->n_features + 1);
    for (int i = 0; i < v->e->n_features; i++) {
        int at = i;
        for (; at > 0 && fabs(phi[order[at - 1]]) < fabs(phi[i]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static const char *units_of(const GbtModel *m)
{
    static const struct {
        const char *start, *units;
    } UNITS[] = {{"binary:logi", "log-odds"}, {"reg:logistic", "log-odds"}, {"count:poisson", "log"},
                 {"reg:gamma", "log"},        {"reg:tweedie", "log"},       {"survival:cox", "log hazard"},
                 {"multi:", "logit"},         {"reg:", "the target's unit"}};
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
        if (str_starts(str_from(gbt_objective(m)), str_from(UNITS[i].start)))
            return UNITS[i].units;
    return "margin";
}

/* ---- text ---- */

/* Padded to so many characters (printf counts bytes), longer ones cut. */
static void add_padded(Buf *out, Str s, size_t columns)
{
    size_t n = str_utf8_len(s), keep = s.len;
    if (n > columns)
        for (size_t seen = 0, i = 0; i < s.len; i++) {
            seen += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
            if (seen == columns) {
                keep = i;
                break;
            }
        }
    for (size_t i = 0; i < keep; i++)
        buf_add_char(out, (unsigned char)s.ptr[i] < 0x20 ? ' ' : s.ptr[i]);
    if (keep < s.len) {
        buf_add_c(out, "\xE2\x80\xA6");
        n = columns;
    }
    for (; n < columns; n++)
        buf_add_char(out, ' ');
}

static size_t name_columns(const CmdModelExplain *v)
{
    size_t n = 18;
    for (int i = 0; i < MIN(v->top, v->e->n_features); i++)
        n = MAX(n, str_utf8_len(str_from(v->bundle->schema->columns[v->e->order[i]].name)));
    return MIN(n, NAME_COLUMNS_MAX);
}

static void global_text(const CmdModelExplain *v, Buf *out)
{
    const ModelExplained *e = v->e;
    size_t columns = name_columns(v);
    int shown = MIN(v->top, e->n_features);
    double rest = 0;
    buf_addf(out, "%lld row%s of %s, %s; SHAP values in %s\n\n", (long long)e->n_rows,
             e->n_rows == 1 ? "" : "s", v->data, gbt_objective(v->bundle->gbt), v->units);
    add_padded(out, STR("feature"), columns);
    buf_addf(out, "  mean |SHAP|%s\n", e->n_groups == 1 ? "    mean SHAP" : " (added over the classes)");
    for (int i = 0; i < e->n_features; i++) {
        int f = e->order[i];
        if (i >= shown) {
            rest += e->total[f];
            continue;
        }
        add_padded(out, str_from(v->bundle->schema->columns[f].name), columns);
        buf_addf(out, "  %11.5f", e->total[f]);
        if (e->n_groups == 1)
            buf_addf(out, "  %+11.5f", e->mean[f]);
        buf_add_char(out, '\n');
    }
    CLEANUP(buf_done) Buf text = BUF(64);
    buf_addf(&text, "(%d others)", e->n_features - shown);
    if (shown < e->n_features) {
        add_padded(out, buf_str(&text), columns);
        buf_addf(out, "  %11.5f\n", rest);
    }
}

/* What the model answers at that margin; NaN where one margin does not say it. */
static double answer_at(const CmdModelExplain *v, double margin)
{
    float m = (float)margin, out = NAN;
    if (v->e->n_groups > 1)
        return NAN;
    if (v->bundle->calibration)
        return model_calibrated(v->bundle->calibration, margin);
    gbt_link(v->bundle->gbt, &m, &out);
    return (double)out;
}

static void row_line(const CmdModelExplain *v, Buf *out, size_t columns, Str name, const char *value,
                     const double *part, double margin)
{
    add_padded(out, name, columns);
    buf_add_c(out, "  ");
    add_padded(out, str_from(value), 18);
    if (part)
        buf_addf(out, "  %+12.5f", *part);
    else
        buf_addf(out, "  %12s", "");
    buf_addf(out, "  %+12.5f", margin);
    double answer = answer_at(v, margin);
    if (!isnan(answer))
        buf_addf(out, "  %10.5g", answer);
    buf_add_char(out, '\n');
}

static void row_text(const CmdModelExplain *v, Buf *out)
{
    const ModelExplained *e = v->e;
    const ModelColumn *columns = v->bundle->schema->columns;
    const double *phi = e->row_phi + (size_t)e->group * (size_t)(e->n_features + 1);
    size_t width = name_columns(v);
    CLEANUP(mem_freep) int *order = mem_array((size_t)e->n_features, sizeof *order);
    CLEANUP(buf_done) Buf text = BUF(1u << 17);
    cmd_model_explain_order(v, order);
    buf_addf(out, "\nrow %lld", (long long)v->row);
    cmd_model_explain_group(v, e->group, &text);
    if (text.len)
        buf_addf(out, ", %s", buf_cstr(&text));
    buf_addf(out, ": margin %.6g", (double)e->row_margins[e->group]);
    if (gbt_n_outputs(v->bundle->gbt) == e->n_groups)
        buf_addf(out, ", prediction %.6g", (double)e->row_outputs[e->group]);
    buf_add_c(out, "\n\n");
    add_padded(out, STR("feature"), width);
    buf_addf(out, "  %-18s  contribution        margin%s\n", "value", e->n_groups == 1 ? "  prediction" : "");
    double margin = phi[e->n_features], rest = 0;
    row_line(v, out, width, STR("(bias)"), "", NULL, margin);
    int shown = MIN(v->top, e->n_features);
    for (int i = 0; i < e->n_features; i++) {
        int f = order[i];
        margin += phi[f];
        rest += i >= shown ? phi[f] : 0;
        buf_clear(&text);
        model_value_text(&text, &columns[f], e->row_x[f]);
        if (i < shown)
            row_line(v, out, width, str_from(columns[f].name), buf_cstr(&text), &phi[f], margin);
    }
    buf_clear(&text);
    buf_addf(&text, "(%d others)", e->n_features - shown);
    if (shown < e->n_features)
        row_line(v, out, width, buf_str(&text), "", &rest, margin);
}

/* ---- JSON ---- */

static void global_json(const CmdModelExplain *v, Jw *w)
{
    const ModelExplained *e = v->e;
    jw_kv_cstr(w, "objective", gbt_objective(v->bundle->gbt));
    jw_kv_cstr(w, "units", v->units);
    jw_kv_i64(w, "rows", e->n_rows);
    jw_key(w, "groups");
    jw_arr(w);
    for (int k = 0; k < e->n_groups; k++) {
        CLEANUP(buf_done) Buf name = BUF(4096);
        jw_obj(w);
        cmd_model_explain_group(v, k, &name);
        if (name.len)
            jw_kv_str(w, "name", buf_str(&name));
        jw_kv_f64(w, "bias", e->bias[k]);
        jw_key(w, "features");
        jw_arr(w);
        for (int i = 0; i < e->n_features; i++) {
            int f = e->order[i];
            jw_obj(w);
            jw_kv_cstr(w, "name", v->bundle->schema->columns[f].name);
            jw_kv_f64(w, "mean_abs", e->mean_abs[k * e->n_features + f]);
            jw_kv_f64(w, "mean", e->mean[k * e->n_features + f]);
            jw_end(w);
        }
        jw_end(w);
        jw_end(w);
    }
    jw_end(w);
}

static void row_json(const CmdModelExplain *v, Jw *w)
{
    const ModelExplained *e = v->e;
    const double *phi = e->row_phi + (size_t)e->group * (size_t)(e->n_features + 1);
    CLEANUP(mem_freep) int *order = mem_array((size_t)e->n_features, sizeof *order);
    cmd_model_explain_order(v, order);
    jw_key(w, "row");
    jw_obj(w);
    jw_kv_i64(w, "row", v->row);
    jw_kv_i64(w, "group", e->group);
    jw_kv_f64_digits(w, "margin", (double)e->row_margins[e->group], 9);
    if (gbt_n_outputs(v->bundle->gbt) == e->n_groups)
        jw_kv_f64_digits(w, "prediction", (double)e->row_outputs[e->group], 9);
    jw_kv_f64(w, "bias", phi[e->n_features]);
    jw_key(w, "contributions");
    jw_arr(w);
    for (int i = 0; i < e->n_features; i++) {
        const ModelColumn *c = &v->bundle->schema->columns[order[i]];
        float x = e->row_x[order[i]];
        jw_obj(w);
        jw_kv_cstr(w, "feature", c->name);
        if (c->category && x >= 0 && (double)x < c->n_categories)
            jw_kv_cstr(w, "value", c->categories[(int)x]);
        else
            jw_kv_f64_digits(w, "value", (double)x, 9);
        jw_kv_f64(w, "contribution", phi[order[i]]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void add_json(const CmdModelExplain *v, Str paths, Buf *out)
{
    Jw w = jw(out);
    jw_obj(&w);
    global_json(v, &w);
    if (v->e->has_row)
        row_json(v, &w);
    jw_key(&w, "files");
    jw_arr(&w);
    Str path;
    while (str_next(&paths, '\n', &path))
        if (path.len > 0)
            jw_str(&w, path);
    jw_end(&w);
    jw_end(&w);
    buf_add_char(out, '\n');
}

/* ---- command ---- */

static void progress(int64_t rows)
{
    static int64_t began_us;
    if (began_us == 0)
        began_us = clock_mono_us();
    if (clock_mono_us() - began_us > PROGRESS_AFTER_US)
        cli_progress("%lld rows explained", (long long)rows);
}

static Str file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_from(slash ? slash + 1 : path);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(model_bundle_freep) ModelBundle *bundle = NULL;
    CLEANUP(model_explained_freep) ModelExplained *e = NULL;
    const char *dir = cli_text(call, "out-dir", NULL);
    TRY(cmd_model_open(cli_text(call, "model", NULL), cli_text(call, "rounds", NULL), &bundle, reterr));
    ModelExplain how = {.path = cli_text(call, "data", NULL),
                        .row = cli_int(call, "row", 0),
                        .group = (int)cli_int(call, "class", -1),
                        .sample = dir ? (int)cli_int(call, "sample", SAMPLE_DEFAULT) : 0,
                        .progress = progress};
    TRY(model_explain(bundle, &how, &e, reterr));
    cli_progress_end();
    cmd_model_notes(buf_str(&e->notes));
    CmdModelExplain v = {.bundle = bundle,
                         .e = e,
                         .data = file_name(how.path).ptr,
                         .row = how.row,
                         .top = (int)cli_int(call, "top", TOP_DEFAULT),
                         .units = units_of(bundle->gbt)};
    CLEANUP(buf_done) Buf paths = BUF(1u << 16), out = BUF(OUT_MAX);
    if (dir)
        TRY(cmd_model_explain_plot(&v, dir, &paths, reterr));
    if (cli_flag(call, "json")) {
        add_json(&v, buf_str(&paths), &out);
    } else {
        global_text(&v, &out);
        if (e->has_row)
            row_text(&v, &out);
        if (paths.len)
            buf_addf(&out, "\nwritten:\n%s", buf_cstr(&paths));
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_MODEL_EXPLAIN = {
    .name = "explain",
    .help = "Show what moves a model's answers, over a CSV file and for one row of it",
    .details =
        "Values are exact SHAP values in the unit of the margin (log-odds for a probability): the mean of "
        "their\n"
        "size over all rows, and for --row how the answer comes about: from the bias by each feature's\n"
        "contribution to the margin, with the prediction that each margin stands for.\n"
        "\n"
        "--out-dir gets bar.svg, beeswarm.svg (points of at most --sample rows, chosen at random but the "
        "same each\n"
        "time; colour: the feature's value, grey: missing) and with --row waterfall.svg.",
    .options =
        (const CliOption[]){
            CMD_MODEL_OPTION,
            CMD_MODEL_DATA_OPTION,
            {"row", CLI_INT, "N", "Explain this row too; the first one is 1", false, 1, INT64_MAX},
            {"class", CLI_INT, "K",
             "Class of the row and of the beeswarm (default: the row's likeliest, or 0)", false, 0,
             GBT_GROUPS_MAX},
            {"top", CLI_INT, "K", "So many features at most (default 20)", false, 1, MODEL_PLOT_ROWS_MAX - 1},
            {"out-dir", CLI_TEXT, "DIR", "Write pictures (SVG) into this folder"},
            {"sample", CLI_INT, "N", "Rows in the beeswarm (default 1000)", false, 1, 20000},
            {"json", CLI_FLAG, NULL, "Print JSON, with all features"},
            CMD_MODEL_ROUNDS_OPTION,
            {.name = NULL}},
    .run = run,
    .no_conf = true,
};
