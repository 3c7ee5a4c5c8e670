/* Any bytes as a request target: what is accepted is clean UTF-8 without dot segments, and routing it finds only what
 * the table has. */
#include "fuzz/fuzz.h"

#include "http/http_route.h"
#include "http/http_target.h"

static const HttpRoute ROUTES[] = {{.method = "GET", .pattern = "/"},
                                   {.method = "GET", .pattern = "/v1/agents/{id}"},
                                   {.method = "POST", .pattern = "/v1/agents/search"},
                                   {.method = "GET", .pattern = "/v1/agents/{id}/goals/{goal}"},
                                   {.method = "GET", .pattern = "/assets/*"}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char none = '\0';
    CLEANUP(arena_freep) Arena *arena = arena_new(1 << 20);
    CLEANUP(http_router_freep) HttpRouter *router = http_router_new(ROUTES, ARRAY_LEN(ROUTES));
    HttpPair query[HTTP_QUERY_MAX];
    Str path;
    int n = 0;
    if (http_target_parse((Str){size > 0 ? (const char *)data : &none, size}, arena, &path, query, &n,
                          NULL) != ERR_NONE)
        return 0;
    BUG_ON(path.len == 0 || path.ptr[0] != '/' || !str_is_utf8(path, NULL) ||
           memchr(path.ptr, 0, path.len) != NULL);
    BUG_ON(str_find(path, STR("/../")) >= 0 || str_ends(path, STR("/..")));
    BUG_ON(n > HTTP_QUERY_MAX);
    for (int i = 0; i < n; i++)
        BUG_ON(!str_is_utf8(query[i].name, NULL) || !str_is_utf8(query[i].value, NULL));
    HttpMatch m;
    http_router_match(router, STR("GET"), path, &m);
    BUG_ON(m.route != NULL && m.allow == NULL);
    for (int i = 0; m.route != NULL && i < HTTP_PATH_PARAMS_MAX; i++)
        BUG_ON(m.params[i].len > 0 &&
               (m.params[i].ptr < path.ptr || m.params[i].ptr + m.params[i].len > path.ptr + path.len));
    return 0;
}
