/* http_target.c - see http_target.h. */
#include "http/http_target.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* STR_NULL for a broken escape (no error text: the caller knows where it stands). */
static Str percent_decode(Str raw, bool plus_is_blank, Arena *arena)
{
    char *out = arena_alloc(arena, raw.len + 1);
    size_t n = 0;
    if (out == NULL)
        return STR_NULL;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            bool whole = i + 2 < raw.len;
            int high = whole ? hex_digit(raw.ptr[i + 1]) : -1, low = whole ? hex_digit(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return STR_NULL;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out[n++] = c;
    }
    return (Str){out, n};
}

static bool has_control(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return true;
    return false;
}

static bool has_dot_segment(Str path)
{
    Str piece;
    while (str_next(&path, '/', &piece))
        if (str_eq_c(piece, ".") || str_eq_c(piece, ".."))
            return true;
    return false;
}

static bool has_encoded_slash(Str raw)
{
    for (size_t i = 0; i + 2 < raw.len; i++)
        if (raw.ptr[i] == '%' && raw.ptr[i + 1] == '2' && (raw.ptr[i + 2] | 0x20) == 'f')
            return true;
    return false;
}

static ErrKind parse_path(Str raw, Arena *arena, Str *ret, Err *reterr)
{
    if (has_encoded_slash(raw))
        return err_set(reterr, ERR_MALFORMED, "the path holds an encoded slash");
    *ret = memchr(raw.ptr, '%', raw.len) == NULL ? raw : percent_decode(raw, false, arena);
    if (ret->ptr == NULL)
        return err_set(reterr, ERR_MALFORMED, "the path holds a broken percent escape");
    if (has_control(*ret) || !str_is_utf8(*ret, NULL))
        return err_set(reterr, ERR_MALFORMED, "the decoded path is not plain UTF-8 text");
    if (has_dot_segment(*ret))
        return err_set(reterr, ERR_MALFORMED, "the path holds a dot segment");
    return ERR_NONE;
}

static ErrKind parse_query(Str raw, Arena *arena, HttpPair *query, int *ret_n, Err *reterr)
{
    Str pair;
    while (raw.len > 0 && str_next(&raw, '&', &pair)) {
        if (pair.len == 0)
            continue;
        if (*ret_n == HTTP_QUERY_MAX)
            return err_set(reterr, ERR_MALFORMED, "more than %d query parameters", HTTP_QUERY_MAX);
        const char *equals = memchr(pair.ptr, '=', pair.len);
        size_t name_len = equals != NULL ? (size_t)(equals - pair.ptr) : pair.len;
        HttpPair *p = &query[(*ret_n)++];
        p->name = percent_decode(str_slice(pair, 0, name_len), true, arena);
        p->value = percent_decode(str_slice(pair, MIN(name_len + 1, pair.len), pair.len), true, arena);
        if (p->name.ptr == NULL || p->value.ptr == NULL)
            return err_set(reterr, ERR_MALFORMED, "query parameter %d holds a broken percent escape", *ret_n);
        if (!str_is_utf8(p->name, NULL) || !str_is_utf8(p->value, NULL) ||
            memchr(p->value.ptr, 0, p->value.len) || memchr(p->name.ptr, 0, p->name.len))
            return err_set(reterr, ERR_MALFORMED, "query parameter %d is not UTF-8 text", *ret_n);
    }
    return ERR_NONE;
}

ErrKind http_target_parse(Str raw, Arena *arena, Str *ret_path, HttpPair query[static HTTP_QUERY_MAX],
                          int *ret_n_query, Err *reterr)
{
    *ret_n_query = 0;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] <= ' ' || raw.ptr[i] >= 0x7f || raw.ptr[i] == '#')
            return err_set(reterr, ERR_MALFORMED, "byte %zu of the request target is not allowed there",
                           i + 1);
    if (str_starts(raw, STR("http://")) || str_starts(raw, STR("https://"))) {
        size_t authority = (size_t)str_find(raw, STR("//")) + 2;
        const char *slash = memchr(raw.ptr + authority, '/', raw.len - authority);
        if (slash == NULL)
            return err_set(reterr, ERR_MALFORMED, "the request target has no path");
        raw = str_slice(raw, (size_t)(slash - raw.ptr), raw.len);
    }
    if (raw.len == 0 || raw.ptr[0] != '/')
        return err_set(reterr, ERR_MALFORMED, "the request target does not begin with a slash");
    const char *question = memchr(raw.ptr, '?', raw.len);
    size_t path_len = question != NULL ? (size_t)(question - raw.ptr) : raw.len;
    TRY(parse_path(str_slice(raw, 0, path_len), arena, ret_path, reterr));
    return parse_query(str_slice(raw, MIN(path_len + 1, raw.len), raw.len), arena, query, ret_n_query,
                       reterr);
}
