/* gbt_fit.c - the child's side of training, and the border to libxgboost: no other file includes it.
 *
 * The process ends after one model, so a leak on a failing path costs nothing; the request comes from our own parent and
 * is still checked, since a wrong length would be read past its end. */
#include "gbt/gbt_train.h"

#include "base/file.h"
#include "base/jv.h"
#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xgboost/c_api.h>

typedef struct FitData {
    DMatrixHandle handle;
    const float *y;
    int64_t rows;
} FitData;

typedef struct Fit {
    const Jv *head;
    Str rest; /* floats not yet taken */
    int n_features;
    const char **names;
    FitData train, valid;
    BoosterHandle booster;
    Err *reterr;
} Fit;

/* XGBoost's message is its first line; a stack trace follows. */
static ErrKind refused(Fit *f, const char *what)
{
    Str text = str_from(XGBGetLastError()), line;
    str_next(&text, '\n', &line);
    return err_set(f->reterr, ERR_INVALID, "xgboost, %s: " STR_FMT, what, STR_ARG(line));
}

#define XGB(call, what)                \
    do {                               \
        if ((call) != 0)               \
            return refused(f, (what)); \
    } while (0)

static const float *take_floats(Fit *f, int64_t n)
{
    size_t bytes = (size_t)n * sizeof(float);
    if (n < 0 || n > GBT_ROWS_MAX * GBT_FEATURES_MAX || bytes > f->rest.len)
        return NULL;
    const float *out = (const float *)f->rest.ptr;
    f->rest = str_slice(f->rest, bytes, f->rest.len);
    return out;
}

static ErrKind take_data(Fit *f, const char *rows_key, const char *weight_key, FitData *d)
{
    d->rows = jv_get_i64(f->head, rows_key, 0);
    if (d->rows == 0)
        return ERR_NONE;
    const float *x = take_floats(f, d->rows * f->n_features);
    d->y = take_floats(f, d->rows);
    bool weighted = jv_get_bool(f->head, weight_key, false);
    const float *weight = weighted ? take_floats(f, d->rows) : NULL;
    if (!x || !d->y || (weighted && !weight))
        return err_set(f->reterr, ERR_CORRUPT, "request: ends before its %s", rows_key);
    bst_ulong n = (bst_ulong)d->rows;
    XGB(XGDMatrixCreateFromMat(x, n, (bst_ulong)f->n_features, NAN, &d->handle), "data");
    XGB(XGDMatrixSetFloatInfo(d->handle, "label", d->y, n), "labels");
    if (weight)
        XGB(XGDMatrixSetFloatInfo(d->handle, "weight", weight, n), "weights");
    return ERR_NONE;
}

static ErrKind set_param(Fit *f, const char *name, const char *value)
{
    XGB(XGBoosterSetParam(f->booster, name, value), name);
    return ERR_NONE;
}

static ErrKind set_number(Fit *f, const char *name, double v)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", v);
    return set_param(f, name, text);
}

static ErrKind set_monotone(Fit *f)
{
    const Jv *list = jv_get(f->head, "monotone");
    if (jv_len(list) == 0)
        return ERR_NONE;
    if (jv_len(list) != (size_t)f->n_features)
        return err_set(f->reterr, ERR_CORRUPT, "request: %zu monotone directions", jv_len(list));
    CLEANUP(buf_done) Buf b = BUF(8 * GBT_FEATURES_MAX);
    for (int i = 0; i < f->n_features; i++) {
        int64_t v = 0;
        jv_is_i64(jv_at(list, (size_t)i), &v);
        buf_addf(&b, "%s%lld", i ? "," : "(", (long long)v);
    }
    buf_add_char(&b, ')');
    return set_param(f, "monotone_constraints", buf_cstr(&b));
}

/* The mean outcome: the first tree then explains differences only. Kept off the ends, where the link has none. */
static double base_score(const Fit *f, bool poisson)
{
    double sum = 0;
    for (int64_t i = 0; i < f->train.rows; i++)
        sum += f->train.y[i];
    double mean = sum / (double)f->train.rows;
    return poisson ? fmax(mean, 1e-3) : fmin(fmax(mean, 1e-3), 1 - 1e-3);
}

static ErrKind set_params(Fit *f, bool poisson)
{
    static const char *const same_name[] = {"max_depth",        "eta",    "subsample",
                                            "min_child_weight", "lambda", "seed"};
    TRY(set_param(f, "objective", poisson ? "count:poisson" : "binary:logistic"));
    TRY(set_param(f, "tree_method", "hist"));
    TRY(set_param(f, "verbosity", "0"));
    for (size_t i = 0; i < ARRAY_LEN(same_name); i++)
        TRY(set_number(f, same_name[i], jv_get_f64(f->head, same_name[i], NAN)));
    TRY(set_number(f, "colsample_bytree", jv_get_f64(f->head, "colsample", 1)));
    TRY(set_number(f, "nthread", (double)jv_get_i64(f->head, "threads", 1)));
    TRY(set_number(f, "base_score", base_score(f, poisson)));
    return set_monotone(f);
}

static ErrKind valid_loss(Fit *f, bool poisson, double *ret)
{
    static const char config[] = "{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                 "\"strict_shape\":false}";
    const bst_ulong *shape;
    bst_ulong dim;
    const float *out;
    XGB(XGBoosterPredictFromDMatrix(f->booster, f->valid.handle, config, &shape, &dim, &out), "validation");
    size_t n = (size_t)f->valid.rows;
    CLEANUP(mem_freep) double *copy = mem_array(2 * n, sizeof *copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = out[i];
        copy[n + i] = f->valid.y[i];
    }
    *ret = poisson ? stats_poisson_deviance(copy, copy + n, (int64_t)n)
                   : stats_log_loss(copy, copy + n, (int64_t)n);
    return ERR_NONE;
}

static ErrKind boost(Fit *f, bool poisson)
{
    int rounds = (int)jv_get_i64(f->head, "rounds", 0);
    int patience = (int)jv_get_i64(f->head, "early_stop", 0);
    int best = rounds - 1;
    double best_loss = INFINITY;
    for (int r = 0; r < rounds; r++) {
        XGB(XGBoosterUpdateOneIter(f->booster, r, f->train.handle), "training");
        if (patience == 0)
            continue;
        double loss = INFINITY;
        TRY(valid_loss(f, poisson, &loss));
        if (loss < best_loss) {
            best_loss = loss;
            best = r;
        } else if (r - best >= patience) {
            break;
        }
    }
    if (patience == 0)
        return ERR_NONE;
    BoosterHandle cut, whole = f->booster;
    XGB(XGBoosterSlice(whole, 0, best + 1, 1, &cut), "cutting at the best round");
    f->booster = cut;
    XGBoosterFree(whole);
    return ERR_NONE;
}

static ErrKind read_names(Fit *f)
{
    const Jv *names = jv_get(f->head, "names");
    f->n_features = (int)jv_len(names);
    if (f->n_features < 1 || f->n_features > GBT_FEATURES_MAX)
        return err_set(f->reterr, ERR_CORRUPT, "request: %zu names of features", jv_len(names));
    f->names = mem_array((size_t)f->n_features, sizeof *f->names);
    for (int i = 0; i < f->n_features; i++) {
        Str s;
        if (!jv_is_str(jv_at(names, (size_t)i), &s) || s.len == 0)
            return err_set(f->reterr, ERR_CORRUPT, "request: feature %d has no name", i);
        char *name = mem_zalloc(s.len + 1);
        memcpy(name, s.ptr, s.len);
        f->names[i] = name;
    }
    return ERR_NONE;
}

static ErrKind fit(Fit *f, const char *model_path)
{
    TRY(read_names(f));
    TRY(take_data(f, "train_rows", "train_weight", &f->train));
    TRY(take_data(f, "valid_rows", "valid_weight", &f->valid));
    if (f->train.rows == 0)
        return err_set(f->reterr, ERR_CORRUPT, "request: no training rows");
    DMatrixHandle data[] = {f->train.handle, f->valid.handle};
    XGB(XGBoosterCreate(data, f->valid.rows > 0 ? 2 : 1, &f->booster), "start");
    bool poisson = str_eq_c(jv_get_str(f->head, "objective"), "count:poisson");
    TRY(set_params(f, poisson));
    TRY(boost(f, poisson));
    XGB(XGBoosterSetStrFeatureInfo(f->booster, "feature_name", f->names, (bst_ulong)f->n_features), "names");
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(f->booster, "{\"format\":\"ubj\"}", &len, &bytes), "saving");
    return file_write(model_path, (Str){bytes, len}, 0600, f->reterr);
}

static void fit_done(Fit *f)
{
    if (f->booster)
        XGBoosterFree(f->booster);
    if (f->train.handle)
        XGDMatrixFree(f->train.handle);
    if (f->valid.handle)
        XGDMatrixFree(f->valid.handle);
    for (int i = 0; f->names && i < f->n_features; i++)
        mem_free((char *)(uintptr_t)f->names[i]);
    mem_free(f->names);
}

ErrKind gbt_fit(const char *request_path, const char *model_path, Err *reterr)
{
    CLEANUP(buf_done) Buf request = BUF((size_t)16 << 30);
    TRY(file_read(request_path, &request, reterr));
    Str rest = buf_str(&request), head;
    if (!str_next(&rest, '\n', &head))
        return err_set(reterr, ERR_CORRUPT, "request: empty");
    CLEANUP(jv_freep) Jv *doc = NULL;
    TRY(jv_parse(head, &doc, reterr));
    CLEANUP(fit_done) Fit f = {.head = doc, .reterr = reterr};
    /* The floats get memory of their own: behind a line of text they are not aligned. */
    CLEANUP(mem_freep) float *floats = mem_zalloc(rest.len + 1);
    memcpy(floats, rest.ptr, rest.len);
    f.rest = (Str){(const char *)floats, rest.len};
    buf_clear(&request);
    return fit(&f, model_path);
}
