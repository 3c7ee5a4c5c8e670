/* http.c - see http.h. */
#include "http/http.h"

static Str find(const HttpPair *pairs, int n, const char *name, bool any_case)
{
    Str wanted = str_from(name);
    for (int i = 0; i < n; i++) {
        if (any_case ? str_eq_nocase(pairs[i].name, wanted) : str_eq(pairs[i].name, wanted))
            return pairs[i].value;
    }
    return STR_NULL;
}

Str http_header(const HttpRequest *req, const char *name)
{
    return find(req->headers, req->n_headers, name, true);
}

Str http_query(const HttpRequest *req, const char *name)
{
    return find(req->query, req->n_query, name, false);
}

/* RFC 6265, 5.4: pairs separated by "; ". The first of a name wins: it belongs to the longer path. */
Str http_cookie(const HttpRequest *req, const char *name)
{
    Str wanted = str_from(name);
    for (int i = 0; i < req->n_headers; i++) {
        if (!str_eq_nocase(req->headers[i].name, STR("Cookie")))
            continue;
        Str rest = req->headers[i].value, pair;
        while (str_next(&rest, ';', &pair)) {
            pair = str_trim(pair);
            const char *equals = pair.len > 0 ? memchr(pair.ptr, '=', pair.len) : NULL;
            if (equals != NULL && str_eq(str_slice(pair, 0, (size_t)(equals - pair.ptr)), wanted))
                return str_slice(pair, (size_t)(equals - pair.ptr) + 1, pair.len);
        }
    }
    return STR_NULL;
}

void http_add_header(HttpResponse *res, const char *name, Str value)
{
    BUG_ON(res->n_headers == HTTP_HEADERS_MAX);
    res->headers[res->n_headers++] = (HttpPair){str_from(name), value};
}
