#include "harness/t.h"
#include "stack/stack_serve.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* Listens on a port of the kernel's choice. */
static int take_port(int *ret_fd)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    *ret_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*ret_fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(*ret_fd, 1), 0);
    assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&a, &len), 0);
    return ntohs(a.sin_port);
}

TEST(a_wanted_port_that_is_taken_is_refused_by_name_and_taken_when_free)
{
    Err err;
    int fd, got = 0, port = take_port(&fd);
    T_FAILS(ERR_CONFLICT, stack_serve_port("127.0.0.1", port, &got, &err));
    char number[16];
    snprintf(number, sizeof number, "%d", port);
    assert_non_null(strstr(err.msg, number));
    close(fd);
    T_OK(stack_serve_port("127.0.0.1", port, &got, &err), err);
    assert_int_equal(got, port);
}

TEST(an_address_that_is_none_is_refused)
{
    Err err;
    int got;
    T_FAILS(ERR_INVALID, stack_serve_port("not an address", 21999, &got, &err));
}

TEST(the_address_shown_is_one_that_a_browser_here_can_open)
{
    static const struct {
        const char *listen;
        const char *cert;
        const char *url;
    } rows[] = {
        {"127.0.0.1", "", "http://127.0.0.1:8420"},
        {"0.0.0.0", "", "http://127.0.0.1:8420"},
        {"::", "c.pem", "https://[::1]:8420"},
        {"192.0.2.7", "c.pem", "https://192.0.2.7:8420"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char url[128];
        Conf conf = {.http_listen = rows[i].listen, .http_port = 8420, .http_tls_cert = rows[i].cert};
        stack_serve_url(&conf, url);
        assert_string_equal(url, rows[i].url);
    }
}

T_MAIN(T(a_wanted_port_that_is_taken_is_refused_by_name_and_taken_when_free),
       T(an_address_that_is_none_is_refused), T(the_address_shown_is_one_that_a_browser_here_can_open))
