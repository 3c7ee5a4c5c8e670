/* api_json.c - see api_json.h. */
#include "api/api_json.h"

#include <math.h>

static ErrKind write_member(Str key, const Jv *value, void *arg, Err *reterr)
{
    (void)reterr;
    jw_key_str(arg, key);
    api_json_value(arg, value);
    return ERR_NONE;
}

void api_json_value(Jw *w, const Jv *v)
{
    Str s = STR_NULL;
    int64_t i = 0;
    double f = NAN;
    bool b = false;
    switch (jv_kind(v)) {
    case JV_STR: jv_is_str(v, &s) ? jw_str(w, s) : jw_null(w); break;
    case JV_INT: jv_is_i64(v, &i) ? jw_i64(w, i) : jw_null(w); break;
    case JV_REAL: jv_is_f64(v, &f) ? jw_f64(w, f) : jw_null(w); break;
    case JV_BOOL: jv_is_bool(v, &b) ? jw_bool(w, b) : jw_null(w); break;
    case JV_ARR:
        jw_arr(w);
        for (size_t n = 0; n < jv_len(v); n++)
            api_json_value(w, jv_at(v, n));
        jw_end(w);
        break;
    case JV_OBJ:
        jw_obj(w);
        if (jv_each(v, write_member, w, NULL))
            jw_null(w); /* write_member does not fail */
        jw_end(w);
        break;
    default: jw_null(w); break;
    }
}
