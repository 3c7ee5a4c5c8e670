/* Any text is JSON or is refused with its place; what is accepted can be written again and read back. */
#include "fuzz/fuzz.h"

#include "base/jv.h"
#include "base/jw.h"

static ErrKind write_member(Str key, const Jv *v, void *arg, Err *reterr);

static void write_value(Jw *w, const Jv *v)
{
    Str s = STR_NULL;
    int64_t i = 0;
    double f = 0;
    bool b = false;
    if (jv_kind(v) == JV_ARR) {
        jw_arr(w);
        for (size_t k = 0; k < jv_len(v); k++)
            write_value(w, jv_at(v, k));
        jw_end(w);
    } else if (jv_kind(v) == JV_OBJ) {
        jw_obj(w);
        BUG_ON(jv_each(v, write_member, w, NULL) != ERR_NONE);
        jw_end(w);
    } else if (jv_is_str(v, &s)) {
        jw_str(w, s);
    } else if (jv_is_i64(v, &i)) {
        jw_i64(w, i);
    } else if (jv_is_f64(v, &f)) {
        jw_f64(w, f);
    } else if (jv_is_bool(v, &b)) {
        jw_bool(w, b);
    } else {
        jw_null(w);
    }
}

static ErrKind write_member(Str key, const Jv *v, void *arg, Err *reterr)
{
    (void)reterr;
    jw_key_str(arg, key);
    write_value(arg, v);
    return ERR_NONE;
}

static int depth_of(const Jv *v);

static ErrKind deepest_member(Str key, const Jv *v, void *arg, Err *reterr)
{
    (void)key;
    (void)reterr;
    int *deepest = arg, depth = depth_of(v);
    *deepest = MAX(*deepest, depth);
    return ERR_NONE;
}

static int depth_of(const Jv *v)
{
    int deepest = 0;
    if (jv_kind(v) == JV_ARR)
        for (size_t k = 0; k < jv_len(v); k++)
            (void)deepest_member(STR_NULL, jv_at(v, k), &deepest, NULL);
    else if (jv_kind(v) == JV_OBJ)
        BUG_ON(jv_each(v, deepest_member, &deepest, NULL) != ERR_NONE);
    else
        return 0;
    return deepest + 1;
}

/* 1.0 is written as 1. */
static JvKind kind_of(const Jv *v)
{
    return jv_kind(v) == JV_INT ? JV_REAL : jv_kind(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    Err err = {0};
    if (jv_parse((Str){(const char *)data, size}, &v, &err) != ERR_NONE) {
        BUG_ON(v || !err.msg[0]);
        return 0;
    }
    if (depth_of(v) > JW_DEPTH_MAX)
        return 0; /* the reader nests deeper than the writer */
    CLEANUP(buf_done) Buf out = BUF(16u << 20);
    Jw w = jw(&out);
    write_value(&w, v);
    CLEANUP(jv_freep) Jv *again = NULL;
    BUG_ON(buf_check(&out, &err) != ERR_NONE);
    BUG_ON(jv_parse(buf_str(&out), &again, &err) != ERR_NONE || kind_of(again) != kind_of(v));
    return 0;
}
