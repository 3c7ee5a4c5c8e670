/* http_check.c - see http_check.h. */
#include "http/http_check.h"

/* RFC 9110, 5.6.2 */
static bool is_token_char(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char((unsigned char)s.ptr[i]))
            return false;
    return s.len > 0;
}

static bool is_field_value(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Two zeros at `at`, inside the head. */
static bool is_line_end(const HttpHead *h, const char *at)
{
    return at >= h->method.ptr && at + 2 <= h->method.ptr + h->len && at[0] == '\0' && at[1] == '\0';
}

/* The blanks between colon and value, which the library skipped. */
static bool only_blanks(const char *from, const char *to)
{
    if (to < from)
        return false;
    for (; from < to; from++)
        if (*from != ' ' && *from != '\t')
            return false;
    return true;
}

ErrKind http_check_layout(const HttpHead *h, Err *reterr)
{
    const char *end = h->method.ptr + h->len;
    if (h->target.ptr != h->method.ptr + h->method.len + 1 ||
        h->version.ptr != h->target.ptr + h->target.len + 1)
        return err_set(reterr, ERR_MALFORMED,
                       "the request line is not METHOD, blank, target, blank, version");
    const char *at = h->version.ptr + h->version.len;
    if (!is_line_end(h, at))
        return err_set(reterr, ERR_MALFORMED, "the request line does not end with CR LF");
    at += 2;
    for (int i = 0; i < h->n_headers; i++) {
        Str name = h->headers[i].name, value = h->headers[i].value;
        if (name.ptr != at || value.ptr + value.len > end || !only_blanks(name.ptr + name.len + 1, value.ptr))
            return err_set(reterr, ERR_MALFORMED,
                           "header field %d is folded, holds a NUL or follows a bare LF", i + 1);
        at = value.ptr + value.len;
        if (!is_line_end(h, at))
            return err_set(reterr, ERR_MALFORMED, "header field %d does not end with CR LF, or holds a NUL",
                           i + 1);
        at += 2;
    }
    if (at + 2 != end || !is_line_end(h, at))
        return err_set(reterr, ERR_MALFORMED, "the header section does not end with an empty line of CR LF");
    return ERR_NONE;
}

static bool parse_length(Str v, uint64_t *ret)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] < '0' || v.ptr[i] > '9')
            return false;
    return v.len >= 1 && v.len <= 19 && str_to_u64(v, ret);
}

static ErrKind check_framing(const HttpPair *field, bool http11, HttpFraming *f, int *n_hosts, Err *reterr)
{
    Str value = str_trim(field->value);
    if (str_eq_nocase(field->name, STR("Content-Length"))) {
        if (f->has_length)
            return err_set(reterr, ERR_MALFORMED, "more than one Content-Length");
        if (!parse_length(value, &f->length))
            return err_set(reterr, ERR_MALFORMED, "Content-Length is not a number");
        f->has_length = true;
    } else if (str_eq_nocase(field->name, STR("Transfer-Encoding"))) {
        if (f->chunked || !http11 || !str_eq_nocase(value, STR("chunked")) || value.len != field->value.len)
            return err_set(reterr, ERR_MALFORMED, "a Transfer-Encoding other than chunked");
        f->chunked = true;
    } else if (str_eq_nocase(field->name, STR("Host"))) {
        if (memchr(value.ptr, ' ', value.len) != NULL || memchr(value.ptr, ',', value.len) != NULL ||
            memchr(value.ptr, '/', value.len) != NULL || memchr(value.ptr, '@', value.len) != NULL)
            return err_set(reterr, ERR_MALFORMED, "Host is not a host");
        ++*n_hosts;
    }
    return ERR_NONE;
}

ErrKind http_check_fields(const HttpHead *h, HttpFraming *ret, Err *reterr)
{
    *ret = (HttpFraming){0};
    bool http11 = str_eq_c(h->version, "HTTP/1.1");
    if (!http11 && !str_eq_c(h->version, "HTTP/1.0"))
        return err_set(reterr, ERR_MALFORMED, "the version is neither HTTP/1.1 nor HTTP/1.0");
    if (!is_token(h->method))
        return err_set(reterr, ERR_MALFORMED, "the method is not a token");
    int n_hosts = 0;
    for (int i = 0; i < h->n_headers; i++) {
        if (!is_token(h->headers[i].name))
            return err_set(reterr, ERR_MALFORMED, "the name of header field %d is not a token", i + 1);
        if (!is_field_value(h->headers[i].value))
            return err_set(reterr, ERR_MALFORMED, "the value of header field %d holds a control character",
                           i + 1);
        TRY(check_framing(&h->headers[i], http11, ret, &n_hosts, reterr));
    }
    if (ret->chunked && ret->has_length)
        return err_set(reterr, ERR_MALFORMED, "both Content-Length and Transfer-Encoding");
    if (n_hosts > 1 || (http11 && n_hosts == 0))
        return err_set(reterr, ERR_MALFORMED, "%s Host", n_hosts > 1 ? "more than one" : "no");
    return ERR_NONE;
}
