/* http_problem.c - see http_problem.h. */
#include "http/http_problem.h"

#include "base/jw.h"

#include <stdatomic.h>

static _Atomic(HttpDetailFilter *) filter;

void http_problem_set_filter(HttpDetailFilter *f)
{
    atomic_store_explicit(&filter, f, memory_order_release);
}

/* What HTTP itself calls the statuses that only the edge gives. */
static const char *title_of(ErrKind kind, int status)
{
    switch (status) {
    case 405: return "method not allowed";
    case 414: return "request target too long";
    case 431: return "header fields too large";
    default: return err_kind_title(kind);
    }
}

static bool has_header(const HttpResponse *res, const char *name)
{
    for (int i = 0; i < res->n_headers; i++)
        if (str_eq_nocase(res->headers[i].name, str_from(name)))
            return true;
    return false;
}

static void write_detail(Jw *w, const char *detail)
{
    HttpDetailFilter *f = atomic_load_explicit(&filter, memory_order_acquire);
    CLEANUP(buf_done) Buf clean = BUF(16 * ERR_MSG_MAX);
    if (!f) {
        jw_kv_cstr(w, "detail", detail);
        return;
    }
    f(str_from(detail), &clean);
    jw_kv_cstr(w, "detail", clean.failed ? "[WITHHELD: too long]" : buf_cstr(&clean));
}

void http_problem_write(HttpResponse *res, ErrKind kind, int status, const char *detail,
                        const char *request_id)
{
    res->status = status != 0 ? status : err_http_status(kind);
    res->content_type = "application/problem+json";
    res->static_body = STR_NULL;
    buf_clear(&res->body);
    Jw w = jw(&res->body);
    jw_obj(&w);
    jw_kv_cstr(&w, "type", "about:blank");
    jw_kv_cstr(&w, "title", title_of(kind, res->status));
    jw_kv_i64(&w, "status", res->status);
    jw_kv_cstr(&w, "kind", err_kind_name(kind));
    if (detail != NULL && detail[0] != '\0' && res->status < 500)
        write_detail(&w, detail);
    char instance[sizeof "urn:uuid:" + UUID_TEXT] = "urn:uuid:";
    str_copy(instance + 9, UUID_TEXT, str_from(request_id));
    jw_kv_cstr(&w, "instance", instance);
    jw_end(&w);
    if (res->n_headers + 2 > HTTP_HEADERS_MAX) /* the handler's own may stay while there is room */
        res->n_headers = 0;
    if (kind == ERR_BUSY && !has_header(res, "Retry-After"))
        http_add_header(res, "Retry-After", STR("1"));
    if (kind == ERR_UNAUTHENTICATED && !has_header(res, "WWW-Authenticate"))
        http_add_header(res, "WWW-Authenticate", STR("Bearer"));
}
