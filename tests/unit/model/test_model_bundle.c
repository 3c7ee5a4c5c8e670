#include "base/crypto.h"
#include "base/file.h"
#include "sample.h"

static ErrKind write_and_load(Str model, const ModelSchema *schema, const ModelCalibration *c,
                              const char *report, Buf *ret_bytes, Err *err)
{
    char path[64];
    sample_path(path);
    CLEANUP(jv_freep) Jv *json = NULL;
    if (report)
        T_OK(jv_parse(str_from(report), &json, err), *err);
    ErrKind kind = model_bundle_write(path, model, schema, c, json, json, err);
    if (!kind)
        kind = file_read(path, ret_bytes, err);
    unlink(path);
    return kind;
}

static Buf bundle_bytes(Oracle *o, const ModelCalibration *c, const char *report)
{
    Err err;
    ModelColumn columns[SAMPLE_FEATURES];
    ModelSchema schema = sample_schema(columns);
    Buf bytes = BUF(64u << 20);
    T_OK(write_and_load(oracle_save(o, "ubj"), &schema, c, report, &bytes, &err), err);
    return bytes;
}

static ModelCalibration *platt(double a, double b)
{
    ModelCalibration *c = MEM_NEW(ModelCalibration);
    *c = (ModelCalibration){.kind = MODEL_PLATT, .a = a, .b = b};
    return c;
}

TEST(what_was_written_is_read_again)
{
    static const char report[] =
        "{\"auc\":0.75,\"rows\":[1,-2,3000000000],\"text\":\"\\u00e4 \\\"\",\"deep\":{"
        "\"none\":null,\"yes\":true,\"no\":false,\"empty\":{},\"list\":[]}}";
    Oracle o = sample_model("binary:logistic", 20);
    CLEANUP(model_calibration_freep) ModelCalibration *c = platt(-1.5, 0.25);
    CLEANUP(buf_done) Buf bytes = bundle_bytes(&o, c, report);
    Err err;
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    T_OK(model_bundle_read_mem(buf_str(&bytes), GBT_ROUNDS_ALL, &b, &err), err);
    assert_false(b->plain);
    assert_int_equal(b->schema->n_columns, SAMPLE_FEATURES);
    assert_string_equal(b->schema->columns[2].name, "größe");
    assert_string_equal(b->schema->target, "won");
    T_NEAR(-1.5, b->calibration->a, 0);
    T_NEAR(0.75, jv_get_f64(b->report, "auc", 0), 0);
    int64_t big;
    assert_true(jv_is_i64(jv_at(jv_get(b->report, "rows"), 2), &big) && big == 3000000000);
    T_STR("ä \"", jv_get_str(b->report, "text"));
    const Jv *deep = jv_get(b->drift, "deep");
    assert_int_equal(jv_kind(jv_get(deep, "none")), JV_NULL);
    assert_true(jv_get_bool(deep, "yes", false));
    assert_false(jv_get_bool(deep, "no", true));
    assert_int_equal(jv_kind(jv_get(deep, "empty")), JV_OBJ);
    assert_int_equal(jv_kind(jv_get(deep, "list")), JV_ARR);
    char sum[65];
    Sha256 of_model = crypto_sha256(oracle_save(&o, "ubj"));
    crypto_hex(&of_model, sizeof of_model, sum);
    assert_string_equal(sum, b->sha256);
    oracle_done(&o);
}

TEST(the_probability_is_the_calibrated_margin)
{
    Oracle o = sample_model("binary:logistic", 20);
    CLEANUP(model_calibration_freep) ModelCalibration *c = platt(-0.5, 0.3);
    CLEANUP(buf_done) Buf bytes = bundle_bytes(&o, c, NULL);
    Err err;
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    T_OK(model_bundle_read_mem(buf_str(&bytes), GBT_ROUNDS_ALL, &b, &err), err);
    CLEANUP(mem_freep) float *out = mem_array((size_t)o.n_rows, sizeof *out);
    CLEANUP(gbt_scratch_freep) GbtScratch *s = gbt_scratch_new(b->gbt);
    model_bundle_predict(b, o.x, (size_t)o.n_rows, out, s);
    const float *margins = oracle_predict(&o, 1);
    for (int i = 0; i < o.n_rows; i++)
        T_NEAR(1 / (1 + exp(-0.5 * (double)margins[i] + 0.3)), (double)out[i], 1e-6);
    oracle_done(&o);
}

TEST(an_xgboost_file_is_a_bundle_without_the_rest)
{
    Oracle o = sample_model("count:poisson", 5);
    static const char *const formats[] = {"ubj", "json"};
    for (size_t k = 0; k < ARRAY_LEN(formats); k++) {
        Err err;
        CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
        T_OK(model_bundle_read_mem(oracle_save(&o, formats[k]), GBT_ROUNDS_ALL, &b, &err), err);
        assert_true(b->plain && !b->calibration && !b->report && !b->drift);
        assert_string_equal(b->schema->columns[1].name, "contact rate");
    }
    oracle_done(&o);
}

TEST(every_changed_cut_or_added_byte_is_noticed)
{
    Oracle o = sample_model("binary:logistic", 1);
    CLEANUP(buf_done) Buf bytes = bundle_bytes(&o, NULL, "{\"a\":1}");
    oracle_done(&o);
    ModelBundle *b = NULL;
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.ptr[i] ^= 1;
        if (model_bundle_read_mem(buf_str(&bytes), GBT_ROUNDS_ALL, &b, NULL) == ERR_NONE)
            fail_msg("byte %zu was changed", i);
        bytes.ptr[i] ^= 1;
    }
    for (size_t len = 0; len < bytes.len; len++)
        if (model_bundle_read_mem((Str){bytes.ptr, len}, GBT_ROUNDS_ALL, &b, NULL) == ERR_NONE)
            fail_msg("cut after %zu bytes", len);
    Err err;
    T_FAILS(ERR_CORRUPT, model_bundle_read_mem((Str){bytes.ptr, bytes.len - 1}, GBT_ROUNDS_ALL, &b, &err));
    assert_non_null(strstr(err.msg, "cut short"));
    bytes.ptr[bytes.len - 1] ^= 1;
    T_FAILS(ERR_CORRUPT, model_bundle_read_mem(buf_str(&bytes), GBT_ROUNDS_ALL, &b, &err));
    assert_non_null(strstr(err.msg, "SHA-256"));
    bytes.ptr[bytes.len - 1] ^= 1;
    buf_add_char(&bytes, 0);
    T_FAILS(ERR_CORRUPT, model_bundle_read_mem(buf_str(&bytes), GBT_ROUNDS_ALL, &b, &err));
    assert_non_null(strstr(err.msg, "after its end"));
}

static void put_u64(char *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(v >> (8 * i) & 255);
}

/* The bundle with one text of its manifest replaced and both lengths and sum made right again, as somebody would who knows
 * the format. */
static ErrKind forged(const Buf *bundle, const char *from, const char *to, Err *err)
{
    Str all = buf_str(bundle);
    ptrdiff_t at = str_find(all, str_from(from));
    assert_true(at > 0);
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    buf_add(&out, all.ptr, (size_t)at);
    buf_add_c(&out, to);
    buf_add(&out, all.ptr + at + strlen(from), all.len - 32 - (size_t)at - strlen(from));
    uint64_t manifest = 0;
    for (int i = 7; i >= 0; i--)
        manifest = manifest << 8 | (unsigned char)all.ptr[8 + i];
    put_u64(out.ptr + 8, manifest - strlen(from) + strlen(to));
    Sha256 sum = crypto_sha256(buf_str(&out));
    buf_add(&out, &sum, sizeof sum);
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    return model_bundle_read_mem(buf_str(&out), GBT_ROUNDS_ALL, &b, err);
}

TEST(parts_that_do_not_belong_together_are_refused)
{
    Oracle o = sample_model("binary:logistic", 2), count = sample_model("count:poisson", 2);
    CLEANUP(buf_done) Buf bundle = bundle_bytes(&o, NULL, NULL), counts = bundle_bytes(&count, NULL, NULL);
    Err err;
    T_OK(forged(&bundle, "\"format\":1", "\"format\":1", &err), err); /* the forger knows his trade */
    static const struct {
        const char *from, *to;
        ErrKind kind;
        const char *says;
    } rows[] = {
        {"\"format\":1", "\"format\":2", ERR_UNSUPPORTED, "format 2"},
        {"\"format\":1", "\"format\":\"1\"", ERR_CORRUPT, "format"},
        {"\"model_sha256\":\"", "\"model_sha256\":\"0", ERR_CORRUPT, "SHA-256"},
        {"\"name\":\"speed\"", "\"name\":\"sp33d\"", ERR_CORRUPT, "\"sp33d\""},
        {"{\"name\":\"speed\",\"kind\":\"number\"},", "", ERR_CORRUPT, "3 features"},
        {"\"schema\":", "\"schema\":[],\"x\":", ERR_CORRUPT, "schema"},
        {"\"schema\":", "\"calibration\":{\"kind\":\"platt\"},\"schema\":", ERR_CORRUPT, "calibration"},
        {"\"schema\":", "\"schema\"", ERR_CORRUPT, "manifest"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ErrKind kind = forged(&bundle, rows[i].from, rows[i].to, &err);
        if (kind != rows[i].kind || !strstr(err.msg, rows[i].says))
            fail_msg("%s: %s: %s", rows[i].to, err_kind_name(kind), kind ? err.msg : "accepted");
    }
    T_FAILS(ERR_CORRUPT, forged(&counts, "\"schema\":",
                                "\"calibration\":{\"kind\":\"platt\",\"a\":1,\"b\":0},\"schema\":", &err));
    assert_non_null(strstr(err.msg, "count:poisson"));
    oracle_done(&o);
    oracle_done(&count);
}

TEST(what_does_not_belong_together_is_not_written)
{
    Oracle o = sample_model("count:poisson", 2);
    ModelColumn columns[SAMPLE_FEATURES];
    ModelSchema schema = sample_schema(columns);
    CLEANUP(model_calibration_freep) ModelCalibration *c = platt(1, 0);
    CLEANUP(buf_done) Buf bytes = BUF(1 << 20);
    Err err;
    T_FAILS(ERR_CORRUPT, write_and_load(oracle_save(&o, "ubj"), &schema, c, NULL, &bytes, &err));
    schema.n_columns = 3;
    T_FAILS(ERR_CORRUPT, write_and_load(oracle_save(&o, "ubj"), &schema, NULL, NULL, &bytes, &err));
    schema = sample_schema(columns);
    columns[3].name = sample_names[0];
    T_FAILS(ERR_CORRUPT, write_and_load(oracle_save(&o, "ubj"), &schema, NULL, NULL, &bytes, &err));
    T_FAILS(ERR_CORRUPT, write_and_load(STR("no model"), &schema, NULL, NULL, &bytes, &err));
    oracle_done(&o);
}

TEST(a_file_that_cannot_be_written_leaves_the_old_one)
{
    Oracle o = sample_model("binary:logistic", 2);
    ModelColumn columns[SAMPLE_FEATURES];
    ModelSchema schema = sample_schema(columns);
    Err err;
    T_FAILS(ERR_NOT_FOUND, model_bundle_write("/nowhere/at/all.ehm", oracle_save(&o, "ubj"), &schema, NULL,
                                              NULL, NULL, &err));
    char path[64];
    sample_path(path);
    T_OK(file_write(path, STR("old"), 0600, &err), err);
    schema.n_columns = 1;
    T_FAILS(ERR_CORRUPT, model_bundle_write(path, oracle_save(&o, "ubj"), &schema, NULL, NULL, NULL, &err));
    CLEANUP(buf_done) Buf content = BUF(100);
    T_OK(file_read(path, &content, &err), err);
    T_STR("old", buf_str(&content));
    unlink(path);
    oracle_done(&o);
}

T_MAIN(T(what_was_written_is_read_again), T(the_probability_is_the_calibrated_margin),
       T(an_xgboost_file_is_a_bundle_without_the_rest), T(every_changed_cut_or_added_byte_is_noticed),
       T(parts_that_do_not_belong_together_are_refused), T(what_does_not_belong_together_is_not_written),
       T(a_file_that_cannot_be_written_leaves_the_old_one))
