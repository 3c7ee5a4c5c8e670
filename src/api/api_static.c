/* api_static.c - see api_static.h. */
#include "api/api_static.h"

static const HttpPair SECURITY[] = {
    {STR("Content-Security-Policy"),
     STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
         "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")},
    {STR("X-Content-Type-Options"), STR("nosniff")},
    {STR("Referrer-Policy"), STR("same-origin")},
    {STR("X-Frame-Options"), STR("DENY")},
    {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
};

const HttpRoute API_STATIC_ROUTES[] = {
    {.method = "GET", .pattern = "/assets/*", .handler = api_static_get, .pool = HTTP_ON_EDGE},
    {.method = "GET", .pattern = "/*", .handler = api_static_get, .pool = HTTP_ON_EDGE},
};
const int API_STATIC_ROUTES_LEN = ARRAY_LEN(API_STATIC_ROUTES);

static const ApiAsset *find(Str path)
{
    for (const ApiAsset *a = API_ASSETS; a->path; a++)
        if (str_eq_c(path, a->path))
            return a;
    return NULL;
}

/* The console routes by itself: a path without an extension is one of its pages. */
static bool is_page(Str path)
{
    if (str_starts(path, STR("/v1/")) || str_eq_c(path, "/v1"))
        return false;
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    return str_find(str_slice(path, slash, path.len), STR(".")) < 0;
}

static bool takes_gzip(const HttpRequest *req)
{
    Str accept = http_header(req, "Accept-Encoding");
    return accept.ptr && str_find(accept, STR("gzip")) >= 0;
}

ErrKind api_static_get(HttpRequest *req, HttpResponse *res, Err *reterr)
{
    const ApiAsset *a = find(req->path);
    bool hashed = a && str_starts(req->path, STR("/assets/"));
    if (!a && is_page(req->path))
        a = find(STR("/index.html"));
    if (!a)
        return err_set(reterr, ERR_NOT_FOUND, "no such page");
    for (size_t i = 0; i < ARRAY_LEN(SECURITY); i++)
        http_add_header(res, SECURITY[i].name.ptr, SECURITY[i].value);
    http_add_header(res, "ETag", str_from(a->etag));
    http_add_header(res, "Vary", STR("Accept-Encoding"));
    http_add_header(res, "Cache-Control",
                    hashed ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
    res->content_type = a->type;
    if (str_eq_c(http_header(req, "If-None-Match"), a->etag)) {
        res->status = 304;
        return ERR_NONE;
    }
    if (a->gzip && takes_gzip(req)) {
        http_add_header(res, "Content-Encoding", STR("gzip"));
        res->static_body = (Str){a->gzip, a->gzip_len};
    } else {
        res->static_body = (Str){a->bytes, a->len};
    }
    return ERR_NONE;
}
