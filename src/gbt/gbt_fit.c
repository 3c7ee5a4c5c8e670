/* gbt_fit.c - the child's side of training, and the border to libxgboost: no other file includes it.
 *
 * The process ends with its last model or its first failure, so a leak on a failing path costs nothing; the request comes from our own parent and
 * is still checked, since a wrong length would be read past its end. What the parent has to hear goes to standard output
 * in lines (gbt_train.c, hear). */
#include "gbt/gbt_train.h"

#include "base/file.h"
#include "base/jv.h"
#include "base/mem.h"
#include "gbt/gbt_goal.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xgboost/c_api.h>

#define WARM 3.0 /* rounds times eta: 5 % of the way to the mean is left then */
#define FAR 5.0
#define REQUEST_MAX ((size_t)160 << 30)

typedef struct FitData {
    DMatrixHandle handle;
    const float *y, *weight;
    int64_t rows;
} FitData;

typedef struct Fit {
    const Jv *head;
    Str rest; /* floats not yet taken */
    int n_features;
    const char **names, **types;
    GbtParams params;
    GbtGoal goal;
    char metric[48];
    bool rises;  /* more of the metric is better */
    double base; /* the starting point; NAN: libxgboost's */
    float *gradient;
    int warm; /* first rounds of a quantile; else 0 */
    FitData train, valid;
    BoosterHandle booster;
    Buf best; /* dart: the model of the best round */
    Err *reterr;
} Fit;

/* XGBoost's message is its first line; a stack trace follows. */
static ErrKind refused(Fit *f, const char *what)
{
    Str text = str_from(XGBGetLastError()), line;
    if (str_find(text, STR("bad_alloc")) >= 0)
        return err_set(f->reterr, ERR_LIMIT, "not enough memory to train on %lld rows of %d features",
                       (long long)f->train.rows, f->n_features);
    str_next(&text, '\n', &line);
    return err_set(f->reterr, ERR_INVALID, "xgboost, %s: " STR_FMT, what, STR_ARG(line));
}

#define XGB(call, what)                \
    do {                               \
        if ((call) != 0)               \
            return refused(f, (what)); \
    } while (0)

/* ---- data ---- */

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
    d->weight = weighted ? take_floats(f, d->rows) : NULL;
    if (!x || !d->y || (weighted && !d->weight))
        return err_set(f->reterr, ERR_CORRUPT, "request: ends before its %s", rows_key);
    bst_ulong n = (bst_ulong)d->rows, n_features = (bst_ulong)f->n_features;
    XGB(XGDMatrixCreateFromMat_omp(x, n, n_features, NAN, &d->handle, f->params.nthread), "data");
    XGB(XGDMatrixSetFloatInfo(d->handle, "label", d->y, n), "labels");
    if (d->weight)
        XGB(XGDMatrixSetFloatInfo(d->handle, "weight", d->weight, n), "weights");
    XGB(XGDMatrixSetStrFeatureInfo(d->handle, "feature_type", f->types, n_features), "kinds of features");
    return ERR_NONE;
}

static ErrKind read_names(Fit *f)
{
    const Jv *names = jv_get(f->head, "names"), *category = jv_get(f->head, "category");
    f->n_features = (int)jv_len(names);
    if (f->n_features < 1 || f->n_features > GBT_FEATURES_MAX)
        return err_set(f->reterr, ERR_CORRUPT, "request: %zu names of features", jv_len(names));
    f->names = mem_array((size_t)f->n_features, sizeof *f->names);
    f->types = mem_array((size_t)f->n_features, sizeof *f->types);
    for (int i = 0; i < f->n_features; i++) {
        Str s;
        if (!jv_is_str(jv_at(names, (size_t)i), &s) || s.len == 0)
            return err_set(f->reterr, ERR_CORRUPT, "request: feature %d has no name", i);
        char *name = mem_zalloc(s.len + 1);
        memcpy(name, s.ptr, s.len);
        f->names[i] = name;
        bool is = false;
        f->types[i] = jv_is_bool(jv_at(category, (size_t)i), &is) && is ? "c" : "q";
    }
    return ERR_NONE;
}

/* ---- parameters ---- */

static ErrKind read_param(Str key, const Jv *value, void *arg, Err *reterr)
{
    Fit *f = arg;
    Str text;
    if (!jv_is_str(value, &text))
        return err_set(reterr, ERR_CORRUPT, "request: parameter " STR_FMT " is no text", STR_ARG(key));
    return gbt_params_set(&f->params, key, text.ptr, reterr);
}

static ErrKind read_params(Fit *f)
{
    f->params = GBT_PARAMS_DEFAULT;
    TRY(jv_each(jv_get(f->head, "params"), read_param, f, f->reterr));
    TRY(gbt_goal_find(f->params.objective, &f->goal, f->reterr));
    const char *metric = f->params.eval_metric[0] ? f->params.eval_metric : f->goal.metric;
    if (!gbt_goal_metric(str_from(metric), &f->rises))
        return err_set(f->reterr, ERR_CORRUPT, "request: metric %s", metric);
    if (strcmp(metric, "tweedie-nloglik") == 0)
        snprintf(f->metric, sizeof f->metric, "%s@%.6g", metric, f->params.tweedie_variance_power);
    else
        snprintf(f->metric, sizeof f->metric, "%s", metric);
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

static bool quantile(const Fit *f)
{
    return f->goal.base == GBT_BASE_QUANTILE;
}

static bool handed_on(const GbtParamText *t)
{
    switch (t->use) {
    case GBT_USE_OWN: return false;
    case GBT_USE_ALWAYS: return true;
    default: return !t->is_default;
    }
}

static ErrKind set_params(Fit *f)
{
    TRY(set_param(f, "objective", f->goal.xgboost));
    TRY(set_param(f, "verbosity", "0"));
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText t = gbt_param_text(&f->params, i);
        if (handed_on(&t))
            TRY(set_param(f, t.name, t.text ? t.text : t.value));
    }
    if (strcmp(f->metric, "quantile") != 0)
        TRY(set_param(f, "eval_metric", f->metric));
    if (f->params.max_delta_step > 0)
        TRY(set_number(f, "max_delta_step", f->params.max_delta_step));
    f->base = isnan(f->params.base_score)
                  ? gbt_goal_base(&f->goal, f->train.y, f->train.weight, f->train.rows)
                  : f->params.base_score;
    if (!isnan(f->base))
        TRY(set_number(f, "base_score", f->base));
    Str monotone = jv_get_str(f->head, "monotone"), interactions = jv_get_str(f->head, "interactions");
    if (monotone.len > 0)
        TRY(set_param(f, "monotone_constraints", monotone.ptr));
    if (interactions.len > 0)
        TRY(set_param(f, "interaction_constraints", interactions.ptr));
    return ERR_NONE;
}

/* ---- rounds ---- */

/* type: 0 after the link, 1 margins. Borrowed until the next call. */
static ErrKind predict(Fit *f, const FitData *d, int type, const float **ret, bst_ulong *ret_n)
{
    char config[160];
    snprintf(
        config, sizeof config,
        "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false}",
        type);
    const bst_ulong *shape;
    bst_ulong dim;
    XGB(XGBoosterPredictFromDMatrix(f->booster, d->handle, config, &shape, &dim, ret), "prediction");
    *ret_n = 1;
    for (bst_ulong i = 0; i < dim; i++)
        *ret_n *= shape[i];
    return ERR_NONE;
}

/* Weighted mean distance of the labels from the predictions. */
static double spread(const FitData *d, const float *p)
{
    double sum = 0, total = 0;
    for (int64_t i = 0; i < d->rows; i++) {
        double w = d->weight ? d->weight[i] : 1;
        sum += w * fabs((double)d->y[i] - (double)p[i]);
        total += w;
    }
    return sum / total;
}

/* Pinball loss: gradient 1 - alpha above the target and -alpha below it, and a second derivative that is 0 but at the
 * target, where it is the density of the labels, which nobody knows. One over the spread that is left has its size: so
 * the gradients are multiplied by the spread, second derivatives are 1, and steps shrink as the model gets better. The
 * variance alpha (1 - alpha) of the gradients is made that of the median, or the ends would be reached too slowly.
 * Steps do not grow with the distance, so the first WARM / eta rounds take those of the squared error, held in against
 * outliers: they bring every row to the mean of its like, and what is left to go has the size of the noise. */
static ErrKind boost_quantile(Fit *f, int round)
{
    const float *p;
    bst_ulong n;
    const FitData *d = &f->train;
    TRY(predict(f, d, 1, &p, &n));
    double far = spread(d, p), scale = far / (4 * f->goal.alpha * (1 - f->goal.alpha));
    float *gradient = f->gradient, *second = f->gradient + d->rows;
    for (int64_t i = 0; i < d->rows; i++) {
        double w = d->weight ? d->weight[i] : 1;
        double over = (double)p[i] - (double)d->y[i];
        double pinball = scale * (over < 0 ? -f->goal.alpha : 1 - f->goal.alpha);
        gradient[i] = (float)(w * (round < f->warm ? fmax(fmin(over, FAR * far), -FAR * far) : pinball));
        second[i] = (float)w;
    }
    XGB(XGBoosterBoostOneIter(f->booster, d->handle, gradient, second, (bst_ulong)d->rows), "training");
    return ERR_NONE;
}

static ErrKind measure(Fit *f, int round, double *ret)
{
    if (strcmp(f->metric, "quantile") == 0) {
        const float *p;
        bst_ulong n;
        TRY(predict(f, &f->valid, 0, &p, &n));
        *ret = gbt_goal_pinball(&f->goal, p, f->valid.y, f->valid.weight, f->valid.rows);
    } else {
        const char *name = "valid", *text;
        XGB(XGBoosterEvalOneIter(f->booster, round, &f->valid.handle, &name, 1, &text), "validation");
        const char *colon = strrchr(text, ':');
        *ret = colon ? strtod(colon + 1, NULL) : NAN;
    }
    if (!isfinite(*ret))
        return err_set(
            f->reterr, ERR_INVALID,
            "%s on the validation rows is not finite after round %d (one class only, or values too large)",
            f->metric, round + 1);
    return ERR_NONE;
}

static ErrKind save(Fit *f, Str *ret)
{
    bst_ulong len;
    const char *bytes;
    XGB(XGBoosterSaveModelToBuffer(f->booster, "{\"format\":\"ubj\"}", &len, &bytes), "saving");
    *ret = (Str){bytes, len};
    return ERR_NONE;
}

static bool is_dart(const Fit *f)
{
    return strcmp(f->params.booster, "dart") == 0;
}

static ErrKind keep_best(Fit *f)
{
    Str bytes;
    if (!is_dart(f))
        return ERR_NONE;
    TRY(save(f, &bytes));
    buf_clear(&f->best);
    buf_add_str(&f->best, bytes);
    return buf_check(&f->best, f->reterr);
}

/* The booster as it was after its best round. */
static ErrKind cut(Fit *f, int best)
{
    BoosterHandle whole = f->booster, kept = NULL;
    if (is_dart(f)) {
        XGB(XGBoosterCreate(NULL, 0, &kept), "start");
        f->booster = kept;
        XGB(XGBoosterLoadModelFromBuffer(kept, f->best.ptr, f->best.len), "the best round");
    } else {
        XGB(XGBoosterSlice(whole, 0, best + 1, 1, &kept), "cutting at the best round");
        f->booster = kept;
    }
    XGBoosterFree(whole);
    return ERR_NONE;
}

static ErrKind set_attribute(Fit *f, const char *name, const char *value)
{
    XGB(XGBoosterSetAttr(f->booster, name, value), name);
    return ERR_NONE;
}

/* After cutting, which drops them. */
static ErrKind set_attributes(Fit *f, int best, double score)
{
    char text[40];
    TRY(set_attribute(f, "ehub_objective", f->params.objective));
    if (f->valid.rows == 0)
        return ERR_NONE;
    snprintf(text, sizeof text, "%d", best);
    TRY(set_attribute(f, "best_iteration", text));
    snprintf(text, sizeof text, "%.17g", score);
    return set_attribute(f, "best_score", text);
}

/* Trees that are fitted to a quantile lie too close to it on rows they have seen. The share alpha of the validation rows
 * is to lie below: the quantile of their distances is added to the start (conformalized quantile regression: Romano,
 * Patterson, Candes 2019). */
static ErrKind shift_quantile(Fit *f)
{
    const float *p;
    bst_ulong n;
    TRY(predict(f, &f->valid, 0, &p, &n));
    CLEANUP(mem_freep) float *distance = mem_array(n, sizeof *distance);
    for (bst_ulong i = 0; i < n; i++)
        distance[i] = f->valid.y[i] - p[i];
    double shift = gbt_goal_base(&f->goal, distance, f->valid.weight, f->valid.rows);
    return set_number(f, "base_score", f->base + shift);
}

static ErrKind boost(Fit *f)
{
    int rounds = f->params.num_boost_round, patience = f->params.early_stopping_rounds, best = 0;
    bool watched = f->valid.rows > 0;
    double best_score = NAN, score = NAN;
    for (int r = 0; r < rounds; r++) {
        if (quantile(f))
            TRY(boost_quantile(f, r));
        else
            XGB(XGBoosterUpdateOneIter(f->booster, r, f->train.handle), "training");
        if (watched)
            TRY(measure(f, r, &score));
        bool better =
            !watched || patience == 0 || r == 0 || (f->rises ? score > best_score : score < best_score);
        if (better) {
            best = r;
            best_score = score;
            if (watched && patience > 0)
                TRY(keep_best(f));
        }
        printf("round %d %.9g\n", r, score);
        fflush(stdout);
        if (r - best >= patience && watched && patience > 0)
            break;
    }
    if (watched && patience > 0)
        TRY(cut(f, best));
    if (watched && quantile(f))
        TRY(shift_quantile(f));
    printf("best %d %.17g %s\n", best, best_score, watched ? f->metric : "");
    return set_attributes(f, best, best_score);
}

/* libxgboost takes gradients that are not finite and goes on in silence. */
static ErrKind check_finite(Fit *f)
{
    const float *p;
    bst_ulong n;
    TRY(predict(f, &f->train, 1, &p, &n));
    for (bst_ulong i = 0; i < n; i++)
        if (!isfinite(p[i]))
            return err_set(f->reterr, ERR_INVALID,
                           "the model's predictions are not finite: labels or weights are too large");
    return ERR_NONE;
}

/* ---- all of it ---- */

static ErrKind fit(Fit *f, const char *model_path)
{
    TRY(read_params(f));
    TRY(read_names(f));
    TRY(take_data(f, "train_rows", "train_weight", &f->train));
    TRY(take_data(f, "valid_rows", "valid_weight", &f->valid));
    if (f->train.rows == 0)
        return err_set(f->reterr, ERR_CORRUPT, "request: no training rows");
    if (quantile(f)) {
        f->warm = (int)fmin(WARM / f->params.eta, f->params.num_boost_round / 3.0);
        f->gradient = mem_array(2 * (size_t)f->train.rows, sizeof *f->gradient);
    }
    DMatrixHandle data[] = {f->train.handle, f->valid.handle};
    XGB(XGBoosterCreate(data, f->valid.rows > 0 ? 2 : 1, &f->booster), "start");
    TRY(set_params(f));
    TRY(boost(f));
    TRY(check_finite(f));
    bst_ulong n = (bst_ulong)f->n_features;
    XGB(XGBoosterSetStrFeatureInfo(f->booster, "feature_name", f->names, n), "names");
    XGB(XGBoosterSetStrFeatureInfo(f->booster, "feature_type", f->types, n), "kinds of features");
    Str bytes;
    TRY(save(f, &bytes));
    return file_write(model_path, bytes, 0600, f->reterr);
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
    mem_free(f->types);
    mem_free(f->gradient);
    buf_done(&f->best);
}

static ErrKind fit_request(const char *request_path, const char *model_path, Err *reterr)
{
    CLEANUP(buf_done) Buf request = BUF(REQUEST_MAX);
    TRY(file_read(request_path, &request, reterr));
    /* Whatever ends us or our parent from here on, the figures are gone. */
    unlink(request_path);
    Str rest = buf_str(&request), head;
    if (!str_next(&rest, '\n', &head))
        return err_set(reterr, ERR_CORRUPT, "request: empty");
    CLEANUP(jv_freep) Jv *doc = NULL;
    TRY(jv_parse(head, &doc, reterr));
    CLEANUP(fit_done) Fit f = {.head = doc, .reterr = reterr, .best = BUF(GBT_BYTES_MAX)};
    /* The floats get memory of their own: behind a line of text they are not aligned. */
    CLEANUP(mem_freep) float *floats = mem_zalloc(rest.len + 1);
    memcpy(floats, rest.ptr, rest.len);
    f.rest = (Str){(const char *)floats, rest.len};
    buf_done(&request);
    return fit(&f, model_path);
}

ErrKind gbt_fit(const char *request_path, const char *model_path, Err *reterr)
{
    Err own;
    Err *err = reterr ? reterr : &own;
    ErrKind kind = fit_request(request_path, model_path, err);
    if (kind != ERR_NONE)
        printf("error %d %s\n", (int)kind, err->msg);
    fflush(stdout);
    return kind;
}

ErrKind gbt_fit_jobs(const char *dir, int n, Err *reterr)
{
    char request[PATH_MAX], model[PATH_MAX];
    for (int i = 0; i < n; i++) {
        if (snprintf(request, sizeof request, "%s/request-%d", dir, i) >= (int)sizeof request)
            return err_set(reterr, ERR_LIMIT, "path of the work directory is too long");
        snprintf(model, sizeof model, "%s/model-%d", dir, i);
        TRY(gbt_fit(request, model, reterr));
    }
    return ERR_NONE;
}
