#include "harness/t.h"

#include "http/http_route.h"

static const HttpRoute ROUTES[] = {
    {.method = "GET", .pattern = "/"},
    {.method = "GET", .pattern = "/healthz"},
    {.method = "GET", .pattern = "/v1/agents"},
    {.method = "GET", .pattern = "/v1/agents/{id}"},
    {.method = "DELETE", .pattern = "/v1/agents/{id}"},
    {.method = "POST", .pattern = "/v1/agents/search"},
    {.method = "GET", .pattern = "/v1/agents/{id}/goals"},
    {.method = "POST", .pattern = "/v1/agents/{id}/goals"},
    {.method = "GET", .pattern = "/v1/agents/{id}/goals/{goal}"},
    {.method = "POST", .pattern = "/v1/login"},
    {.method = "GET", .pattern = "/assets/*"},
    {.method = "GET", .pattern = "/x/{a}/y/*"},
};

TEST(paths_find_their_routes)
{
    static const struct {
        const char *method, *path, *pattern, *params, *allow;
    } rows[] = {
        {"GET", "/", "/", "", "GET, HEAD"},
        {"HEAD", "/healthz", "/healthz", "", "GET, HEAD"},
        {"GET", "/v1/agents", "/v1/agents", "", "GET, HEAD"},
        {"GET", "/v1/agents/7", "/v1/agents/{id}", "7;", NULL},
        {"DELETE", "/v1/agents/7", "/v1/agents/{id}", "7;", "GET, HEAD, DELETE"},
        {"PUT", "/v1/agents/7", NULL, "", "GET, HEAD, DELETE"},
        /* A literal wins where it has the method; where it has not, the parameter may. */
        {"POST", "/v1/agents/search", "/v1/agents/search", "", "POST"},
        {"GET", "/v1/agents/search", "/v1/agents/{id}", "search;", NULL},
        {"PUT", "/v1/agents/search", NULL, "", "POST"},
        {"POST", "/v1/agents/7/goals", "/v1/agents/{id}/goals", "7;", NULL},
        {"GET", "/v1/agents/search/goals", "/v1/agents/{id}/goals", "search;", NULL},
        {"GET", "/v1/agents/7/goals/8", "/v1/agents/{id}/goals/{goal}", "7;8;", NULL},
        {"GET", "/v1/login", NULL, "", "POST"},
        {"GET", "/v1/agents/", NULL, "", NULL}, /* an empty segment is no id */
        {"GET", "/v1/agents/7/", NULL, "", NULL},
        {"GET", "/v1/agents//goals", NULL, "", NULL},
        {"GET", "//", NULL, "", NULL},
        {"GET", "/v1", NULL, "", NULL},
        {"GET", "/none", NULL, "", NULL},
        {"GET", "/healthz/more", NULL, "", NULL},
        {"GET", "/assets/js/app.js", "/assets/*", "js/app.js;", NULL},
        {"GET", "/assets/", "/assets/*", "", NULL},
        {"GET", "/x/1/y/2/3", "/x/{a}/y/*", "1;2/3;", NULL},
        {"GET", "/assets/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18", "/assets/*",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18;", NULL},
        {"GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18", NULL, "", NULL},
    };
    CLEANUP(http_router_freep) HttpRouter *r = http_router_new(ROUTES, ARRAY_LEN(ROUTES));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        HttpMatch m;
        CLEANUP(buf_done) Buf params = BUF(200);
        http_router_match(r, str_from(rows[i].method), str_from(rows[i].path), &m);
        const char *found = m.route != NULL ? m.route->pattern : "(none)";
        if (strcmp(found, rows[i].pattern != NULL ? rows[i].pattern : "(none)") != 0)
            fail_msg("%s %s: %s", rows[i].method, rows[i].path, found);
        if (rows[i].pattern == NULL && (rows[i].allow == NULL) != (m.allow == NULL))
            fail_msg("%s %s: allow %s", rows[i].method, rows[i].path, m.allow);
        if (rows[i].allow != NULL)
            assert_string_equal(m.allow, rows[i].allow);
        for (int k = 0; m.route != NULL && k < HTTP_PATH_PARAMS_MAX && m.params[k].len > 0; k++)
            buf_addf(&params, STR_FMT ";", STR_ARG(m.params[k]));
        T_STR(rows[i].params, buf_str(&params));
    }
}

TEST(a_catch_all_does_not_hide_that_a_method_is_wrong)
{
    static const HttpRoute routes[] = {{.method = "GET", .pattern = "/*"},
                                       {.method = "POST", .pattern = "/v1/login"}};
    CLEANUP(http_router_freep) HttpRouter *r = http_router_new(routes, ARRAY_LEN(routes));
    HttpMatch m;
    http_router_match(r, STR("GET"), STR("/v1/login"), &m);
    assert_null(m.route);
    assert_string_equal(m.allow, "POST");
    http_router_match(r, STR("GET"), STR("/agents/7"), &m);
    assert_ptr_equal(m.route, &routes[0]);
    T_STR("agents/7", m.params[0]);
    http_router_match(r, STR("GET"), STR("/"), &m);
    assert_ptr_equal(m.route, &routes[0]);
    http_router_match(r, STR("POST"), STR("/v1/login"), &m);
    assert_ptr_equal(m.route, &routes[1]);
}

TEST(an_empty_table_matches_nothing)
{
    CLEANUP(http_router_freep) HttpRouter *r = http_router_new(NULL, 0);
    HttpMatch m;
    http_router_match(r, STR("GET"), STR("/"), &m);
    assert_null(m.route);
    assert_null(m.allow);
}

T_MAIN(T(paths_find_their_routes), T(a_catch_all_does_not_hide_that_a_method_is_wrong),
       T(an_empty_table_matches_nothing))
