/* test_http_proxy.c - whose address counts behind a proxy. */
#include "harness/t.h"

#include "http/http_proxy.h"

#include <stdio.h>

static HttpProxies proxies(const char *list)
{
    Err err;
    HttpProxies p;
    T_OK(http_proxies_parse(list, &p, &err), err);
    return p;
}

/* The address that counts; `second` is a further field after the first, NULL: none. */
static void expect(const char *trusted, const char *peer, const char *first, const char *second,
                   const char *expected)
{
    HttpProxies p = proxies(trusted);
    static HttpRequest q;
    q = (HttpRequest){0};
    (void)snprintf(q.peer, sizeof(q.peer), "%s", peer);
    q.headers[q.n_headers++] = (HttpPair){STR("Host"), STR("x")};
    if (first)
        q.headers[q.n_headers++] = (HttpPair){STR("x-forwarded-for"), str_from(first)};
    if (second)
        q.headers[q.n_headers++] = (HttpPair){STR("X-Forwarded-For"), str_from(second)};
    http_proxies_apply(&p, &q);
    assert_string_equal(q.peer, expected);
}

TEST(the_right_most_address_that_is_no_trusted_proxys_counts)
{
    static const struct {
        const char *trusted, *peer, *first, *second, *expected;
    } rows[] = {
        {"10.0.0.0/8", "10.0.0.2", "203.0.113.9", NULL, "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "203.0.113.9, 10.0.0.7", NULL, "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "198.51.100.1, 203.0.113.9,10.0.0.7", NULL, "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "198.51.100.1", "203.0.113.9", "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "203.0.113.9", "10.0.0.3", "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "anything, 203.0.113.9", NULL, "203.0.113.9"},
        {"10.0.0.0/8", "10.0.0.2", "10.0.0.4, 10.0.0.3", NULL,
         "10.0.0.4"}, /* all are ours: the first of them */
        {"10.0.0.0/8, 127.0.0.1", "127.0.0.1", "2001:db8::1", NULL, "2001:db8::1"},
        {"fd00::/8", "fd00::2", "2001:DB8:0:0::1", NULL, "2001:db8::1"},
        {"::ffff:10.0.0.0/104", "10.0.0.2", "203.0.113.9", NULL, "203.0.113.9"},
        {"10.0.0.0/8", "::ffff:10.0.0.2", "::ffff:203.0.113.9", NULL, "203.0.113.9"},
        {"0.0.0.0/0", "192.0.2.1", "2001:db8::1", NULL, "2001:db8::1"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(rows[i].trusted, rows[i].peer, rows[i].first, rows[i].second, rows[i].expected);
}

TEST(nobody_chooses_an_address_who_does_not_come_from_a_trusted_proxy)
{
    (void)state;
    expect("", "192.0.2.1", "203.0.113.9", NULL, "192.0.2.1");
    expect("10.0.0.0/8", "192.0.2.1", "203.0.113.9", NULL, "192.0.2.1");
    expect("10.0.0.0/8", "11.0.0.1", "203.0.113.9", NULL, "11.0.0.1");
    expect("10.0.0.2", "10.0.0.3", "203.0.113.9", NULL, "10.0.0.3");
    expect("0.0.0.0/0", "2001:db8::2", "203.0.113.9", NULL, "2001:db8::2");
}

TEST(a_damaged_field_leaves_the_peers_own_address)
{
    static const char *const rows[] = {"",
                                       ",",
                                       "unknown",
                                       "203.0.113.9:443",
                                       "[2001:db8::1]",
                                       "203.0.113",
                                       "203.0.113.9,",
                                       "203.0.113.9 10.0.0.7",
                                       "203.0.113.9, _hidden, 10.0.0.7",
                                       "0000000000000000000000000000000000000000000000000000000000000001",
                                       "1"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect("10.0.0.0/8", "10.0.0.2", rows[i], NULL, "10.0.0.2");
    expect("10.0.0.0/8", "10.0.0.2", NULL, NULL, "10.0.0.2");
    expect("10.0.0.0/8", "10.0.0.2", "203.0.113.9", "broken", "10.0.0.2");
}

TEST(what_is_no_network_is_refused_by_its_name)
{
    static const char *const rows[] = {
        "proxy.example",  "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8",
        "10.0.0.1/8",     "fd00::/129",  "fd00::1/8",   ",",         "10.0.0.0/8,,127.0.0.1",
        "10.0.0.0/8 ::1", "10.0.0",      "/8"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err;
        HttpProxies p;
        T_FAILS(ERR_INVALID, http_proxies_parse(rows[i], &p, &err));
        assert_non_null(strstr(err.msg, "http.trusted_proxies"));
    }
    assert_int_equal(proxies(NULL).n, 0);
    assert_int_equal(proxies("").n, 0);
    assert_int_equal(proxies(" 10.0.0.0/8 , ::1 ").n, 2);
}

TEST(more_networks_than_there_is_room_for_are_refused)
{
    (void)state;
    Err err;
    HttpProxies p;
    CLEANUP(buf_done) Buf list = BUF(4096);
    for (int i = 0; i < HTTP_PROXIES_MAX; i++)
        buf_addf(&list, "%s10.0.0.%d", i ? "," : "", i);
    T_OK(http_proxies_parse(buf_cstr(&list), &p, &err), err);
    buf_add_c(&list, ",10.0.0.200");
    T_FAILS(ERR_INVALID, http_proxies_parse(buf_cstr(&list), &p, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_right_most_address_that_is_no_trusted_proxys_counts),
        T(nobody_chooses_an_address_who_does_not_come_from_a_trusted_proxy),
        T(a_damaged_field_leaves_the_peers_own_address),
        T(what_is_no_network_is_refused_by_its_name),
        T(more_networks_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
