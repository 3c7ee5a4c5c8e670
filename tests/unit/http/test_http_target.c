#include "harness/t.h"

#include "http/http_target.h"

/* Expected values: RFC 3986 examples and the URL standard's application/x-www-form-urlencoded rules. */
TEST(targets_are_taken_apart)
{
    static const struct {
        const char *raw, *path, *query; /* query: name=value;... after decoding; path NULL: refused */
    } rows[] = {
        {"/", "/", ""},
        {"/?", "/", ""},
        {"/a/b?x=1&y=2", "/a/b", "x=1;y=2;"},
        {"/a%20b", "/a b", ""},
        {"/a+b", "/a+b", ""},
        {"/x?q=a+b%2B", "/x", "q=a b+;"},
        {"/x?a&b=&=c&&d==e", "/x", "a=;b=;=c;d==e;"},
        {"/x?u=%C3%A9%0A", "/x", "u=\xc3\xa9\n;"},
        {"/x?p=a/b?c", "/x", "p=a/b?c;"},
        {"/%7Ehome", "/~home", ""},
        {"http://host:80/p?q=1", "/p", "q=1;"},
        {"https://host/", "/", ""},
        {"/..a/...", "/..a/...", ""},
        {"", NULL, NULL},
        {"*", NULL, NULL},
        {"a", NULL, NULL},
        {"http://host", NULL, NULL},
        {"ftp://host/x", NULL, NULL},
        {"/a#b", NULL, NULL},
        {"/a b", NULL, NULL},
        {"/a\x7f", NULL, NULL},
        {"/\xc3\xa9", NULL, NULL},
        {"/%", NULL, NULL},
        {"/%4", NULL, NULL},
        {"/%4g", NULL, NULL},
        {"/%00", NULL, NULL},
        {"/%0d", NULL, NULL},
        {"/%ff", NULL, NULL},
        {"/%c0%af", NULL, NULL}, /* an overlong slash */
        {"/a/./b", NULL, NULL},
        {"/a/..", NULL, NULL},
        {"/%2e%2e/a", NULL, NULL},
        {"/a%2fb", NULL, NULL},
        {"/x?a=%", NULL, NULL},
        {"/x?a=%zz", NULL, NULL},
        {"/x?a=%00", NULL, NULL},
        {"/x?%00=a", NULL, NULL},
        {"/x?a=%ff", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new(1 << 16);
        CLEANUP(buf_done) Buf got = BUF(1000);
        HttpPair query[HTTP_QUERY_MAX];
        Str path;
        int n;
        Err err = {0};
        ErrKind kind = http_target_parse(str_from(rows[i].raw), arena, &path, query, &n, &err);
        if ((kind == ERR_NONE) != (rows[i].path != NULL))
            fail_msg("%s: %s", rows[i].raw, kind == ERR_NONE ? "accepted" : err.msg);
        if (kind != ERR_NONE) {
            assert_int_equal(kind, ERR_MALFORMED);
            continue;
        }
        for (int k = 0; k < n; k++)
            buf_addf(&got, STR_FMT "=" STR_FMT ";", STR_ARG(query[k].name), STR_ARG(query[k].value));
        T_STR(rows[i].path, path);
        T_STR(rows[i].query, buf_str(&got));
    }
}

TEST(too_many_parameters_are_refused)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(1 << 16);
    CLEANUP(buf_done) Buf raw = BUF(1000);
    HttpPair query[HTTP_QUERY_MAX];
    Str path;
    int n;
    Err err = {0};
    buf_add_c(&raw, "/x?a=0");
    for (int i = 1; i < HTTP_QUERY_MAX; i++)
        buf_addf(&raw, "&a=%d", i);
    T_OK(http_target_parse(buf_str(&raw), arena, &path, query, &n, &err), err);
    assert_int_equal(n, HTTP_QUERY_MAX);
    buf_add_c(&raw, "&a=last");
    T_FAILS(ERR_MALFORMED, http_target_parse(buf_str(&raw), arena, &path, query, &n, &err));
}

TEST(past_the_memory_of_the_request_is_an_error)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(16);
    HttpPair query[HTTP_QUERY_MAX];
    Str path;
    int n;
    T_FAILS(ERR_MALFORMED,
            http_target_parse(STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaa%20"), arena, &path, query, &n, NULL));
}

T_MAIN(T(targets_are_taken_apart), T(too_many_parameters_are_refused),
       T(past_the_memory_of_the_request_is_an_error))
