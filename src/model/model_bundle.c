/* model_bundle.c - reads and writes bundles. See model_bundle.h.
 *
 *     0        8                 16             24                       size - 32
 *     EHUBMDL1 | manifest length | model length | manifest JSON | model  | SHA-256 of all before
 *
 * Lengths are 64-bit little-endian. The sum is checked before anything else is looked at. */
#include "model/model_bundle.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/mem.h"

#include <math.h>

#define MAGIC "EHUBMDL1"
#define HEAD 24
#define TAIL sizeof(Sha256)
#define FORMAT 1
#define MANIFEST_MAX (64u << 20)
#define BUNDLE_MAX ((size_t)GBT_BYTES_MAX + MANIFEST_MAX + HEAD + TAIL)
#define TREE_DEPTH_MAX 20 /* of report and drift */

static void hash_hex(Str bytes, char out[static 65])
{
    Sha256 sum = crypto_sha256(bytes);
    crypto_hex(&sum, sizeof sum, out);
}

static bool calibratable(const GbtModel *m)
{
    Str objective = str_from(gbt_objective(m));
    return gbt_n_groups(m) == 1 &&
           (str_starts(objective, STR("binary:")) || str_eq_c(objective, "reg:logistic"));
}

/* Do the parts belong together? */
static ErrKind check_parts(const GbtModel *m, const ModelSchema *s, const ModelCalibration *c, Err *reterr)
{
    if (s->n_columns != gbt_n_features(m))
        return err_set(reterr, ERR_CORRUPT, "the table names %d features, the model has %d", s->n_columns,
                       gbt_n_features(m));
    for (int i = 0; i < s->n_columns; i++) {
        const char *name = gbt_feature_name(m, i);
        if (name[0] && strcmp(name, s->columns[i].name) != 0)
            return err_set(reterr, ERR_CORRUPT,
                           "feature %d is \"%.100s\" in the table and \"%.100s\" in the model", i,
                           s->columns[i].name, name);
    }
    if (c && !calibratable(m))
        return err_set(reterr, ERR_CORRUPT,
                       "a calibration belongs to a model of two outcomes, this one is %s", gbt_objective(m));
    return ERR_NONE;
}

/* ---- writing ---- */

static ErrKind tree_write(Jw *w, const Jv *v, int depth, Err *reterr);

typedef struct Members {
    Jw *w;
    int depth;
} Members;

static ErrKind member_write(Str key, const Jv *value, void *arg, Err *reterr)
{
    Members *m = arg;
    jw_key_str(m->w, key);
    return tree_write(m->w, value, m->depth, reterr);
}

static ErrKind tree_write(Jw *w, const Jv *v, int depth, Err *reterr)
{
    if (depth > TREE_DEPTH_MAX)
        return err_set(reterr, ERR_LIMIT, "report or drift reference nested deeper than %d", TREE_DEPTH_MAX);
    Str text;
    int64_t i;
    bool b;
    switch (jv_kind(v)) {
    case JV_OBJ: {
        Members m = {w, depth + 1};
        jw_obj(w);
        TRY(jv_each(v, member_write, &m, reterr));
        jw_end(w);
        return ERR_NONE;
    }
    case JV_ARR:
        jw_arr(w);
        for (size_t k = 0; k < jv_len(v); k++)
            TRY(tree_write(w, jv_at(v, k), depth + 1, reterr));
        jw_end(w);
        return ERR_NONE;
    case JV_STR: jw_str(w, jv_is_str(v, &text) ? text : STR_NULL); break;
    case JV_INT: jw_i64(w, jv_is_i64(v, &i) ? i : 0); break;
    case JV_BOOL: jw_bool(w, jv_is_bool(v, &b) && b); break;
    case JV_REAL: {
        double real;
        jw_f64(w, jv_is_f64(v, &real) ? real : NAN);
        break;
    }
    case JV_NULL:
    case JV_ABSENT: jw_null(w); break;
    }
    return ERR_NONE;
}

static ErrKind manifest_write(Buf *out, Str model, const ModelSchema *s, const ModelCalibration *c,
                              const Jv *report, const Jv *drift, Err *reterr)
{
    char sum[65], now[25];
    hash_hex(model, sum);
    clock_format(clock_now_us(), now);
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_i64(&w, "format", FORMAT);
    jw_kv_cstr(&w, "ehub", EHUB_VERSION);
    jw_kv_cstr(&w, "written_at", now);
    jw_kv_cstr(&w, "model_sha256", sum);
    jw_key(&w, "schema");
    model_schema_write(&w, s);
    if (c) {
        jw_key(&w, "calibration");
        model_calibration_write(&w, c);
    }
    if (report) {
        jw_key(&w, "report");
        TRY(tree_write(&w, report, 0, reterr));
    }
    if (drift) {
        jw_key(&w, "drift");
        TRY(tree_write(&w, drift, 0, reterr));
    }
    jw_end(&w);
    ErrKind kind = buf_check(out, reterr);
    return kind ? err_wrap(reterr, kind, "manifest") : ERR_NONE;
}

static void add_u64(Buf *out, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        buf_add_char(out, (char)(v >> (8 * i) & 255));
}

ErrKind model_bundle_write(const char *path, Str model, const ModelSchema *schema,
                           const ModelCalibration *calibration, const Jv *report, const Jv *drift,
                           Err *reterr)
{
    CLEANUP(gbt_unrefp) GbtModel *gbt = NULL; /* what is written can be read again */
    TRY(gbt_load(model, GBT_ROUNDS_ALL, &gbt, reterr));
    TRY(check_parts(gbt, schema, calibration, reterr));
    CLEANUP(buf_done) Buf manifest = BUF(MANIFEST_MAX), out = BUF(BUNDLE_MAX);
    TRY(manifest_write(&manifest, model, schema, calibration, report, drift, reterr));
    buf_add_str(&out, STR(MAGIC));
    add_u64(&out, manifest.len);
    add_u64(&out, model.len);
    buf_add_str(&out, buf_str(&manifest));
    buf_add_str(&out, model);
    TRY(buf_check(&out, reterr));
    Sha256 sum = crypto_sha256(buf_str(&out));
    buf_add(&out, &sum, sizeof sum);
    TRY(buf_check(&out, reterr));
    return file_write(path, buf_str(&out), 0600, reterr); /* its report speaks of somebody's figures */
}

/* ---- reading ---- */

static uint64_t get_u64(const char *at)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return v;
}

/* The two parts of a bundle whose sum is right. */
static ErrKind split(Str bytes, Str *ret_manifest, Str *ret_model, Err *reterr)
{
    if (bytes.len < HEAD + TAIL)
        return err_set(reterr, ERR_CORRUPT, "bundle cut short: %zu bytes, even an empty one has %zu",
                       bytes.len, HEAD + TAIL);
    uint64_t manifest_len = get_u64(bytes.ptr + 8), model_len = get_u64(bytes.ptr + 16);
    if (manifest_len > MANIFEST_MAX || model_len > GBT_BYTES_MAX)
        return err_set(reterr, ERR_CORRUPT, "bundle says that its parts have %llu and %llu bytes",
                       (unsigned long long)manifest_len, (unsigned long long)model_len);
    size_t expected = HEAD + (size_t)manifest_len + (size_t)model_len + TAIL;
    if (bytes.len != expected)
        return err_set(reterr, ERR_CORRUPT, "bundle %s: %zu bytes instead of %zu",
                       bytes.len < expected ? "cut short" : "continued after its end", bytes.len, expected);
    Sha256 sum = crypto_sha256(str_slice(bytes, 0, bytes.len - TAIL));
    if (!crypto_equal(&sum, bytes.ptr + bytes.len - TAIL, TAIL))
        return err_set(reterr, ERR_CORRUPT, "bundle was changed: its SHA-256 does not match");
    *ret_manifest = str_slice(bytes, HEAD, HEAD + (size_t)manifest_len);
    *ret_model = str_slice(bytes, HEAD + (size_t)manifest_len, bytes.len - TAIL);
    return ERR_NONE;
}

/* A part of the manifest as a tree of its own: the manifest itself is freed. */
static ErrKind copy_part(const Jv *manifest, const char *key, Jv **ret, Err *reterr)
{
    const Jv *part = jv_get(manifest, key);
    if (!part || jv_kind(part) == JV_NULL)
        return ERR_NONE;
    CLEANUP(buf_done) Buf text = BUF(MANIFEST_MAX + MANIFEST_MAX / 2);
    Jw w = jw(&text);
    TRY(tree_write(&w, part, 0, reterr));
    TRY(buf_check(&text, reterr));
    return jv_parse(buf_str(&text), ret, reterr);
}

static ErrKind manifest_read(const Jv *manifest, Str model, int rounds, ModelBundle *b, Err *reterr)
{
    int64_t format = jv_get_i64(manifest, "format", 0);
    if (format != FORMAT)
        return err_set(reterr, format > FORMAT ? ERR_UNSUPPORTED : ERR_CORRUPT,
                       "bundle of format %lld; this program reads format %d", (long long)format, FORMAT);
    hash_hex(model, b->sha256);
    if (!str_eq_c(jv_get_str(manifest, "model_sha256"), b->sha256))
        return err_set(reterr, ERR_CORRUPT,
                       "the model is not the one that the bundle was made with (SHA-256)");
    TRY(gbt_load(model, rounds, &b->gbt, reterr));
    TRY(model_schema_parse(jv_get(manifest, "schema"), &b->schema, reterr));
    const Jv *calibration = jv_get(manifest, "calibration");
    if (calibration)
        TRY(model_calibration_parse(calibration, &b->calibration, reterr));
    TRY(check_parts(b->gbt, b->schema, b->calibration, reterr));
    TRY(copy_part(manifest, "report", &b->report, reterr));
    return copy_part(manifest, "drift", &b->drift, reterr);
}

static ErrKind read_bundle(Str bytes, int rounds, ModelBundle *b, Err *reterr)
{
    Str text, model;
    TRY(split(bytes, &text, &model, reterr));
    CLEANUP(jv_freep) Jv *manifest = NULL;
    Err why;
    if (jv_parse(text, &manifest, &why) != ERR_NONE)
        return err_set(reterr, ERR_CORRUPT, "manifest: %s", why.msg);
    return manifest_read(manifest, model, rounds, b, reterr);
}

static ErrKind read_plain(Str bytes, int rounds, ModelBundle *b, Err *reterr)
{
    b->plain = true;
    hash_hex(bytes, b->sha256);
    TRY(gbt_load(bytes, rounds, &b->gbt, reterr));
    return model_schema_of_gbt(b->gbt, &b->schema, reterr);
}

ErrKind model_bundle_model(Str bytes, Str *ret, Err *reterr)
{
    Str manifest;
    *ret = bytes;
    return str_starts(bytes, STR(MAGIC)) ? split(bytes, &manifest, ret, reterr) : ERR_NONE;
}

ErrKind model_bundle_read_mem(Str bytes, int rounds, ModelBundle **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(model_bundle_freep) ModelBundle *b = MEM_NEW(ModelBundle);
    if (str_starts(bytes, STR(MAGIC)))
        TRY(read_bundle(bytes, rounds, b, reterr));
    else
        TRY(read_plain(bytes, rounds, b, reterr));
    *ret = b;
    b = NULL;
    return ERR_NONE;
}

ErrKind model_bundle_read(const char *path, int rounds, ModelBundle **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(buf_done) Buf bytes = BUF(BUNDLE_MAX);
    TRY(file_read(path, &bytes, reterr));
    ErrKind kind = model_bundle_read_mem(buf_str(&bytes), rounds, ret, reterr);
    return kind ? err_wrap(reterr, kind, "%s", path) : ERR_NONE;
}

ErrKind model_bundle_json(Jw *w, const Jv *tree, Err *reterr)
{
    return tree_write(w, tree, 0, reterr);
}

void model_bundle_free(ModelBundle *b)
{
    if (!b)
        return;
    gbt_unref(b->gbt);
    model_schema_free(b->schema);
    model_calibration_free(b->calibration);
    jv_free(b->report);
    jv_free(b->drift);
    mem_free(b);
}

void model_bundle_predict(const ModelBundle *b, const float *rows, size_t n, float *out, GbtScratch *s)
{
    if (!b->calibration) {
        gbt_predict(b->gbt, rows, n, out, s);
        return;
    }
    gbt_margins(b->gbt, rows, n, out, s); /* one group, so one margin has the place of one output */
    for (size_t i = 0; i < n; i++)
        out[i] = (float)model_calibrated(b->calibration, (double)out[i]);
}
