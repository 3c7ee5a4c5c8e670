#include "harness/t.h"

#include "base/jv.h"
#include "http/http_problem.h"

TEST(headers_are_found_in_any_case_and_queries_are_not)
{
    static HttpRequest q;
    q.headers[q.n_headers++] = (HttpPair){STR("X-Thing"), STR("1")};
    q.headers[q.n_headers++] = (HttpPair){STR("x-thing"), STR("2")};
    q.query[q.n_query++] = (HttpPair){STR("Limit"), STR("5")};
    T_STR("1", http_header(&q, "X-THING"));
    assert_null(http_header(&q, "X-Thin").ptr);
    T_STR("5", http_query(&q, "Limit"));
    assert_null(http_query(&q, "limit").ptr);
}

TEST(cookies_are_found_in_all_cookie_headers)
{
    static const struct {
        const char *name, *value; /* NULL: absent */
    } rows[] = {{"a", "1"},     {"session", "x=y=="}, {"b", ""}, {"c", "3"},
                {"flag", NULL}, {"A", NULL},          {"", NULL}};
    static HttpRequest q;
    q.headers[q.n_headers++] = (HttpPair){STR("Accept"), STR("d=4")};
    q.headers[q.n_headers++] = (HttpPair){STR("cookie"), STR("a=1;session=x=y==;  b=; flag; a=2")};
    q.headers[q.n_headers++] = (HttpPair){STR("Cookie"), STR("c=3;")};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str v = http_cookie(&q, rows[i].name);
        assert_int_equal(v.ptr == NULL, rows[i].value == NULL);
        if (rows[i].value != NULL)
            T_STR(rows[i].value, v);
    }
    assert_null(http_cookie(&q, "d").ptr);
}

TEST(a_problem_replaces_what_the_handler_wrote_and_keeps_its_headers)
{
    static HttpResponse r;
    r.body = BUF(HTTP_ANSWER_MAX);
    buf_add_c(&r.body, "half of an answ");
    r.static_body = STR("other");
    http_add_header(&r, "Retry-After", STR("60"));
    http_problem_write(&r, ERR_BUSY, 0, "not shown", "0190-id");
    Jv *v;
    Err err = {0};
    T_OK(jv_parse(buf_str(&r.body), &v, &err), err);
    Str s;
    int64_t status;
    assert_true(jv_is_str(jv_get(v, "type"), &s));
    T_STR("about:blank", s);
    assert_true(jv_is_i64(jv_get(v, "status"), &status));
    assert_int_equal(status, 503);
    assert_null(jv_get(v, "detail"));
    assert_int_equal(r.status, 503);
    assert_int_equal(r.n_headers, 1);
    assert_null(r.static_body.ptr);
    assert_string_equal(r.content_type, "application/problem+json");
    jv_free(v);
    http_problem_write(&r, ERR_INVALID, 0, "field \"x\"", "0190-id");
    assert_non_null(strstr(buf_cstr(&r.body), "\"status\":422"));
    assert_non_null(strstr(buf_cstr(&r.body), "\"detail\":\"field \\\"x\\\"\""));
    buf_done(&r.body);
}

static void hide(Str detail, Buf *out)
{
    buf_addf(out, "%zu bytes", detail.len);
}

TEST(a_detail_passes_the_filter_on_its_way_to_the_client)
{
    static HttpResponse r;
    r.body = BUF(HTTP_ANSWER_MAX);
    http_problem_set_filter(hide);
    http_problem_write(&r, ERR_INVALID, 0, "field \"x\"", "0190-id");
    http_problem_set_filter(NULL);
    assert_non_null(strstr(buf_cstr(&r.body), "\"detail\":\"9 bytes\""));
    buf_done(&r.body);
}

TEST(a_problem_after_a_full_set_of_headers_is_still_written)
{
    static HttpResponse r;
    r.body = BUF(HTTP_ANSWER_MAX);
    while (r.n_headers < HTTP_HEADERS_MAX)
        http_add_header(&r, "X-Many", STR("1"));
    http_problem_write(&r, ERR_BUSY, 0, NULL, "0190-id");
    assert_int_equal(r.n_headers, 1);
    buf_done(&r.body);
}

T_MAIN(T(headers_are_found_in_any_case_and_queries_are_not), T(cookies_are_found_in_all_cookie_headers),
       T(a_problem_replaces_what_the_handler_wrote_and_keeps_its_headers),
       T(a_detail_passes_the_filter_on_its_way_to_the_client),
       T(a_problem_after_a_full_set_of_headers_is_still_written))
