/* api_shape.c - walks the text of a shape; nothing is compiled, shapes are short. */
#include "api/api_shape.h"

#include "api/api_table.h"
#include "base/clock.h"

#include <stdio.h>

typedef struct Field {
    Str name;
    Str type; /* without "|null" */
    bool optional;
    bool nullable;
} Field;

/* Cuts the next piece off at `sep`, outside of brackets. false at the end. */
static bool next_piece(Str *rest, char sep, Str *ret)
{
    if (rest->len == 0)
        return false;
    int depth = 0;
    size_t i = 0;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (c == sep && depth == 0)
            break;
    }
    *ret = str_trim(str_slice(*rest, 0, i));
    *rest = i < rest->len ? str_slice(*rest, i + 1, rest->len) : (Str){"", 0};
    return true;
}

static Str cut_null(Str type, bool *ret_nullable)
{
    *ret_nullable = str_ends(type, STR("|null"));
    return *ret_nullable ? str_slice(type, 0, type.len - 5) : type;
}

static bool next_field(Str *rest, Field *ret)
{
    Str piece;
    if (!next_piece(rest, ',', &piece))
        return false;
    ptrdiff_t colon = str_find(piece, STR(":"));
    BUG_ON(colon <= 0);
    Str name = str_slice(piece, 0, (size_t)colon);
    *ret = (Field){.name = name, .optional = str_ends(name, STR("?"))};
    if (ret->optional)
        ret->name.len--;
    ret->type = cut_null(str_slice(piece, (size_t)colon + 1, piece.len), &ret->nullable);
    return true;
}

static bool find_field(const char *shape, Str name, Field *ret)
{
    Str rest = str_from(shape);
    while (next_field(&rest, ret))
        if (str_eq(ret->name, name))
            return true;
    return false;
}

/* "int(1..5)" gives the word "int" and the bounds as text; without brackets args is empty. */
static Str split_type(Str type, Str *ret_args)
{
    ptrdiff_t open = str_find(type, STR("("));
    if (open < 0) {
        *ret_args = (Str){"", 0};
        return type;
    }
    BUG_ON(!str_ends(type, STR(")")));
    *ret_args = str_slice(type, (size_t)open + 1, type.len - 1);
    return str_slice(type, 0, (size_t)open);
}

static bool bounds(Str args, double *ret_min, double *ret_max)
{
    if (args.len == 0)
        return false;
    ptrdiff_t dots = str_find(args, STR(".."));
    BUG_ON(dots < 0 || !str_to_f64(str_slice(args, 0, (size_t)dots), ret_min) ||
           !str_to_f64(str_slice(args, (size_t)dots + 2, args.len), ret_max));
    return true;
}

static ErrKind in_bounds(Str args, double v, Str name, const char *what, Err *reterr)
{
    double lo, hi;
    if (bounds(args, &lo, &hi) && !(v >= lo && v <= hi))
        return err_set(reterr, ERR_INVALID, "member \"" STR_FMT "\": %s must be from %.15g to %.15g",
                       STR_ARG(name), what, lo, hi);
    return ERR_NONE;
}

static ErrKind wrong(Err *reterr, Str name, const char *wanted)
{
    return err_set(reterr, ERR_INVALID, "member \"" STR_FMT "\" must be %s", STR_ARG(name), wanted);
}

static ErrKind check_enum(Str args, Str v, Str name, Err *reterr)
{
    Str rest = args, one;
    while (next_piece(&rest, ',', &one))
        if (str_eq(one, v))
            return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "member \"" STR_FMT "\" must be one of " STR_FMT, STR_ARG(name),
                   STR_ARG(args));
}

static bool is_string_word(Str word)
{
    return str_eq(word, STR("string")) || str_eq(word, STR("text")) || str_eq(word, STR("uuid")) ||
           str_eq(word, STR("time")) || str_eq(word, STR("date")) || str_eq(word, STR("enum"));
}

static ErrKind check_string(Str word, Str args, Str v, Str name, Err *reterr)
{
    Uuid id;
    int64_t us;
    int32_t days;
    if (str_eq(word, STR("uuid")))
        return uuid_parse(v, &id) ? ERR_NONE : wrong(reterr, name, "a UUID");
    if (str_eq(word, STR("time")))
        return clock_parse(v, &us) ? ERR_NONE : wrong(reterr, name, "an RFC 3339 time");
    if (str_eq(word, STR("date")))
        return clock_parse_date(v, &days) ? ERR_NONE : wrong(reterr, name, "a date YYYY-MM-DD");
    if (str_eq(word, STR("enum")))
        return check_enum(args, v, name, reterr);
    if (v.len > 0 && memchr(v.ptr, 0, v.len))
        return wrong(reterr, name, "text without zero bytes");
    return in_bounds(args, (double)str_utf8_len(v), name, "its length", reterr);
}

static ErrKind check_object(const char *shape, const Jv *value, int depth, Err *reterr);

static ErrKind check_type(Str type, const Jv *v, Str name, int depth, Err *reterr)
{
    if (depth > API_SHAPE_DEPTH)
        return err_set(reterr, ERR_INVALID, "member \"" STR_FMT "\" is nested too deeply", STR_ARG(name));
    if (str_starts(type, STR("["))) {
        if (jv_kind(v) != JV_ARR)
            return wrong(reterr, name, "an array");
        bool item_null;
        Str item = cut_null(str_slice(type, 1, type.len - 1), &item_null);
        for (size_t i = 0; i < jv_len(v); i++)
            if (!(item_null && jv_kind(jv_at(v, i)) == JV_NULL))
                TRY(check_type(item, jv_at(v, i), name, depth + 1, reterr));
        return ERR_NONE;
    }
    Str args, s;
    Str word = split_type(type, &args);
    int64_t n;
    double f;
    bool b;
    if (is_string_word(word))
        return jv_is_str(v, &s) ? check_string(word, args, s, name, reterr) : wrong(reterr, name, "a string");
    if (str_eq(word, STR("int")))
        return jv_is_i64(v, &n) ? in_bounds(args, (double)n, name, "it", reterr)
                                : wrong(reterr, name, "an integer");
    if (str_eq(word, STR("number")))
        return jv_is_f64(v, &f) ? in_bounds(args, f, name, "it", reterr) : wrong(reterr, name, "a number");
    if (str_eq(word, STR("bool")))
        return jv_is_bool(v, &b) ? ERR_NONE : wrong(reterr, name, "true or false");
    if (str_eq(word, STR("object")))
        return jv_kind(v) == JV_OBJ ? ERR_NONE : wrong(reterr, name, "an object");
    if (str_eq(word, STR("any")))
        return ERR_NONE;
    const char *shape = api_shape_named(word);
    BUG_ON(!shape);
    return check_object(shape, v, depth + 1, reterr);
}

typedef struct CheckArg {
    const char *shape;
    int depth;
} CheckArg;

static ErrKind check_member(Str key, const Jv *value, void *arg, Err *reterr)
{
    const CheckArg *a = arg;
    Field f;
    if (!find_field(a->shape, key, &f))
        return err_set(reterr, ERR_INVALID, "unknown member \"" STR_FMT "\"", (int)MIN(key.len, 64u),
                       key.ptr);
    if (f.nullable && jv_kind(value) == JV_NULL)
        return ERR_NONE;
    return check_type(f.type, value, f.name, a->depth, reterr);
}

static ErrKind check_object(const char *shape, const Jv *value, int depth, Err *reterr)
{
    if (jv_kind(value) != JV_OBJ)
        return err_set(reterr, ERR_INVALID, "a JSON object is needed");
    CheckArg arg = {shape, depth};
    TRY(jv_each(value, check_member, &arg, reterr));
    Str rest = str_from(shape);
    Field f;
    while (next_field(&rest, &f)) {
        char key[64];
        BUG_ON(!str_copy(key, sizeof(key), f.name));
        if (!f.optional && jv_kind(jv_get(value, key)) == JV_ABSENT)
            return err_set(reterr, ERR_INVALID, "member \"%s\" is missing", key);
    }
    return ERR_NONE;
}

ErrKind api_shape_check(const char *shape, const Jv *value, Err *reterr)
{
    return check_object(shape, value, 0, reterr);
}

ErrKind api_shape_check_text(const char *shape, Str name, Str value, Err *reterr)
{
    Field f;
    if (!shape || !find_field(shape, name, &f))
        return err_set(reterr, ERR_INVALID, "unknown query parameter \"" STR_FMT "\"",
                       (int)MIN(name.len, 64u), name.ptr);
    Str args;
    Str word = split_type(f.type, &args);
    if (str_eq(word, STR("int"))) {
        int64_t n;
        if (!str_to_i64(value, &n))
            return wrong(reterr, name, "an integer");
        return in_bounds(args, (double)n, name, "it", reterr);
    }
    BUG_ON(!is_string_word(word));
    return check_string(word, args, value, name, reterr);
}

/* ---- free text ---- */

typedef struct TextArg {
    const char *shape;
    ApiTextFn *fn;
    void *arg;
} TextArg;

static ErrKind text_of_member(Str key, const Jv *value, void *arg, Err *reterr);

static ErrKind text_of_type(Str type, const Jv *v, const TextArg *t, Err *reterr)
{
    if (str_starts(type, STR("["))) {
        bool item_null;
        Str item = cut_null(str_slice(type, 1, type.len - 1), &item_null);
        for (size_t i = 0; i < jv_len(v); i++)
            TRY(text_of_type(item, jv_at(v, i), t, reterr));
        return ERR_NONE;
    }
    Str args, word = split_type(type, &args);
    if (str_eq(word, STR("text")))
        return jv_kind(v) == JV_STR ? t->fn(t->arg, (Jv *)v, reterr) : ERR_NONE;
    TextArg inner = {api_shape_named(word), t->fn, t->arg};
    return inner.shape ? jv_each(v, text_of_member, &inner, reterr) : ERR_NONE;
}

static ErrKind text_of_member(Str key, const Jv *value, void *arg, Err *reterr)
{
    const TextArg *t = arg;
    Field f;
    return find_field(t->shape, key, &f) ? text_of_type(f.type, value, t, reterr) : ERR_NONE;
}

ErrKind api_shape_each_text(const char *shape, Jv *value, ApiTextFn *fn, void *arg, Err *reterr)
{
    TextArg t = {shape, fn, arg};
    return jv_each(value, text_of_member, &t, reterr);
}

/* ---- JSON Schema ---- */

static void schema_bounds(Str args, Jw *w, const char *lo_key, const char *hi_key)
{
    double lo, hi;
    if (!bounds(args, &lo, &hi))
        return;
    jw_kv_f64(w, lo_key, lo);
    jw_kv_f64(w, hi_key, hi);
}

static void schema_enum(Str args, Jw *w)
{
    jw_key(w, "enum");
    jw_arr(w);
    Str rest = args, one;
    while (next_piece(&rest, ',', &one))
        jw_str(w, one);
    jw_end(w);
}

/* "type": a word, or [word, "null"]. */
static void schema_type(Jw *w, const char *word, bool nullable)
{
    jw_key(w, "type");
    if (!nullable) {
        jw_cstr(w, word);
        return;
    }
    jw_arr(w);
    jw_cstr(w, word);
    jw_cstr(w, "null");
    jw_end(w);
}

static void schema_ref(Jw *w, Str name, bool nullable)
{
    if (nullable) {
        jw_key(w, "anyOf");
        jw_arr(w);
        jw_obj(w);
        jw_kv_cstr(w, "type", "null");
        jw_end(w);
        jw_obj(w);
    }
    char ref[128];
    int n = snprintf(ref, sizeof(ref), "#/components/schemas/" STR_FMT, STR_ARG(name));
    BUG_ON(n < 0 || (size_t)n >= sizeof(ref));
    jw_kv_cstr(w, "$ref", ref);
    if (nullable) {
        jw_end(w);
        jw_end(w);
    }
}

/* The members of the schema of one type, into the open object. */
static void schema_of_type(Str type, bool nullable, Jw *w)
{
    if (str_starts(type, STR("["))) {
        schema_type(w, "array", nullable);
        jw_key(w, "items");
        jw_obj(w);
        bool item_null;
        Str item = cut_null(str_slice(type, 1, type.len - 1), &item_null);
        schema_of_type(item, item_null, w);
        jw_end(w);
        return;
    }
    Str args;
    Str word = split_type(type, &args);
    if (str_eq(word, STR("any")))
        return;
    if (str_eq(word, STR("int")) || str_eq(word, STR("number"))) {
        schema_type(w, str_eq(word, STR("int")) ? "integer" : "number", nullable);
        schema_bounds(args, w, "minimum", "maximum");
    } else if (str_eq(word, STR("bool"))) {
        schema_type(w, "boolean", nullable);
    } else if (str_eq(word, STR("object"))) {
        schema_type(w, "object", nullable);
    } else if (str_eq(word, STR("string")) || str_eq(word, STR("text"))) {
        schema_type(w, "string", nullable);
        schema_bounds(args, w, "minLength", "maxLength");
    } else if (str_eq(word, STR("enum"))) {
        schema_type(w, "string", nullable);
        if (!nullable)
            schema_enum(args, w);
    } else if (str_eq(word, STR("uuid")) || str_eq(word, STR("time")) || str_eq(word, STR("date"))) {
        schema_type(w, "string", nullable);
        jw_kv_cstr(w, "format",
                   str_eq(word, STR("time"))   ? "date-time"
                   : str_eq(word, STR("date")) ? "date"
                                               : "uuid");
    } else {
        schema_ref(w, word, nullable);
    }
}

void api_shape_schema(const char *shape, Jw *w)
{
    jw_obj(w);
    jw_kv_cstr(w, "type", "object");
    jw_key(w, "properties");
    jw_obj(w);
    Str rest = str_from(shape);
    Field f;
    while (next_field(&rest, &f)) {
        jw_key_str(w, f.name);
        jw_obj(w);
        schema_of_type(f.type, f.nullable, w);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "required");
    jw_arr(w);
    rest = str_from(shape);
    while (next_field(&rest, &f))
        if (!f.optional)
            jw_str(w, f.name);
    jw_end(w);
    jw_kv_bool(w, "additionalProperties", false);
    jw_end(w);
}

void api_shape_parameters(const char *shape, Jw *w)
{
    Str rest = str_from(shape);
    Field f;
    while (shape && next_field(&rest, &f)) {
        jw_obj(w);
        jw_kv_str(w, "name", f.name);
        jw_kv_cstr(w, "in", "query");
        jw_kv_bool(w, "required", !f.optional);
        jw_key(w, "schema");
        jw_obj(w);
        schema_of_type(f.type, false, w);
        jw_end(w);
        jw_end(w);
    }
}
