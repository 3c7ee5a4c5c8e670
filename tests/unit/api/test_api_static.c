#include "harness/t.h"

#include "api/api_static.h"

static Str header(const HttpResponse *res, const char *name)
{
    for (int i = 0; i < res->n_headers; i++)
        if (str_eq_nocase(res->headers[i].name, str_from(name)))
            return res->headers[i].value;
    return STR_NULL;
}

static ErrKind get(const char *path, HttpRequest *req, HttpResponse *res)
{
    *res = (HttpResponse){.status = 200};
    req->path = str_from(path);
    return api_static_get(req, res, NULL);
}

TEST(a_path_of_the_console_is_its_first_page_and_other_files_are_not_found)
{
    HttpRequest req = {0};
    HttpResponse res;
    static const char *const PAGES[] = {"/", "/today", "/agents/01900000-0000-7000-8000-000000000001"};
    for (size_t i = 0; i < ARRAY_LEN(PAGES); i++) {
        assert_int_equal(get(PAGES[i], &req, &res), ERR_NONE);
        assert_true(str_find(res.static_body, STR("<!doctype html>")) == 0 ||
                    str_find(res.static_body, STR("<!DOCTYPE html>")) == 0);
        T_STR("no-cache", header(&res, "Cache-Control"));
    }
    static const char *const MISSING[] = {"/v1/nothing", "/v1", "/assets/none.js", "/favicon.png",
                                          "/../etc/passwd.txt"};
    for (size_t i = 0; i < ARRAY_LEN(MISSING); i++)
        T_FAILS(ERR_NOT_FOUND, get(MISSING[i], &req, &res));
}

TEST(every_page_forbids_foreign_scripts_and_frames)
{
    HttpRequest req = {0};
    HttpResponse res;
    assert_int_equal(get("/", &req, &res), ERR_NONE);
    Str csp = header(&res, "Content-Security-Policy");
    assert_true(str_find(csp, STR("default-src 'none'")) >= 0);
    assert_true(str_find(csp, STR("script-src 'self'")) >= 0);
    assert_true(str_find(csp, STR("frame-ancestors 'none'")) >= 0);
    assert_true(str_find(csp, STR("unsafe")) < 0);
}

TEST(a_known_etag_is_answered_without_a_body)
{
    HttpRequest req = {0};
    HttpResponse res;
    assert_int_equal(get("/", &req, &res), ERR_NONE);
    Str etag = header(&res, "ETag");
    req.headers[0] = (HttpPair){STR("If-None-Match"), etag};
    req.n_headers = 1;
    assert_int_equal(get("/", &req, &res), ERR_NONE);
    assert_int_equal(res.status, 304);
    assert_null(res.static_body.ptr);
}

T_MAIN(T(a_path_of_the_console_is_its_first_page_and_other_files_are_not_found),
       T(every_page_forbids_foreign_scripts_and_frames), T(a_known_etag_is_answered_without_a_body))
