#include "base/jv.h"

#include <jansson.h>

#define DEPTH_MAX 64

/* jansson's own limit of nesting is 2,048; ours is lower and checked before parsing. */
static ErrKind check_depth(Str text, Err *reterr)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if ((c == '{' || c == '[') && ++depth > DEPTH_MAX) {
            return err_set(reterr, ERR_MALFORMED, "JSON nested deeper than %d at byte %zu", DEPTH_MAX, i);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return ERR_NONE;
}

ErrKind jv_parse(Str text, Jv **ret, Err *reterr)
{
    if (text.len > JV_TEXT_MAX)
        return err_set(reterr, ERR_LIMIT, "JSON longer than %u bytes", JV_TEXT_MAX);
    TRY(check_depth(text, reterr));
    json_error_t e;
    json_t *j = json_loadb(text.ptr ? text.ptr : "", text.len,
                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    if (!j) { /* jansson goes on with " near '...'", a piece of the input: not for error texts */
        Str why = str_from(e.text);
        ptrdiff_t near = str_find(why, STR(" near '"));
        why = near < 0 ? why : str_slice(why, 0, (size_t)near);
        return err_set(reterr, ERR_MALFORMED, "JSON, line %d column %d: " STR_FMT, e.line, e.column,
                       STR_ARG(why));
    }
    *ret = (Jv *)j;
    return ERR_NONE;
}

void jv_free(Jv *v)
{
    json_decref((json_t *)v);
}

static const json_t *j_of(const Jv *v)
{
    return (const json_t *)v;
}

JvKind jv_kind(const Jv *v)
{
    if (!v)
        return JV_ABSENT;
    switch (json_typeof(j_of(v))) {
    case JSON_OBJECT: return JV_OBJ;
    case JSON_ARRAY: return JV_ARR;
    case JSON_STRING: return JV_STR;
    case JSON_INTEGER: return JV_INT;
    case JSON_REAL: return JV_REAL;
    case JSON_TRUE:
    case JSON_FALSE: return JV_BOOL;
    case JSON_NULL: return JV_NULL;
    }
    return JV_ABSENT;
}

const Jv *jv_get(const Jv *obj, const char *key)
{
    return (const Jv *)json_object_get(j_of(obj), key);
}

const Jv *jv_at(const Jv *arr, size_t i)
{
    return (const Jv *)json_array_get(j_of(arr), i);
}

size_t jv_len(const Jv *v)
{
    return jv_kind(v) == JV_OBJ ? json_object_size(j_of(v)) : json_array_size(j_of(v));
}

bool jv_is_str(const Jv *v, Str *ret)
{
    if (jv_kind(v) != JV_STR)
        return false;
    *ret = (Str){json_string_value(j_of(v)), json_string_length(j_of(v))};
    return true;
}

bool jv_is_i64(const Jv *v, int64_t *ret)
{
    if (jv_kind(v) != JV_INT)
        return false;
    *ret = json_integer_value(j_of(v));
    return true;
}

bool jv_is_f64(const Jv *v, double *ret)
{
    JvKind k = jv_kind(v);
    if (k != JV_INT && k != JV_REAL)
        return false;
    *ret = json_number_value(j_of(v));
    return true;
}

bool jv_is_bool(const Jv *v, bool *ret)
{
    if (jv_kind(v) != JV_BOOL)
        return false;
    *ret = json_is_true(j_of(v));
    return true;
}

Str jv_get_str(const Jv *obj, const char *key)
{
    Str s = STR_NULL;
    jv_is_str(jv_get(obj, key), &s);
    return s;
}

int64_t jv_get_i64(const Jv *obj, const char *key, int64_t otherwise)
{
    jv_is_i64(jv_get(obj, key), &otherwise);
    return otherwise;
}

double jv_get_f64(const Jv *obj, const char *key, double otherwise)
{
    jv_is_f64(jv_get(obj, key), &otherwise);
    return otherwise;
}

bool jv_get_bool(const Jv *obj, const char *key, bool otherwise)
{
    jv_is_bool(jv_get(obj, key), &otherwise);
    return otherwise;
}

ErrKind jv_each(const Jv *obj, JvMemberFn *fn, void *arg, Err *reterr)
{
    json_t *o = (json_t *)(uintptr_t)obj; /* iterating does not change it */
    for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it))
        TRY(fn(str_from(json_object_iter_key(it)), (const Jv *)json_object_iter_value(it), arg, reterr));
    return ERR_NONE;
}

bool jv_set_str(Jv *v, Str text)
{
    json_t *j = (json_t *)v;
    return json_is_string(j) && json_string_setn(j, text.ptr ? text.ptr : "", text.len) == 0;
}

static int append(const char *bytes, size_t len, void *out)
{
    buf_add(out, bytes, len);
    return 0;
}

void jv_write(const Jv *v, Buf *out)
{
    (void)json_dump_callback(j_of(v), append, out, JSON_COMPACT | JSON_ENCODE_ANY);
}
