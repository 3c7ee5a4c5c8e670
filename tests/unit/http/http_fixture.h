/* http_fixture.h - a real server on a port of its own and raw sockets to talk to it. For the http tests only. */
#ifndef EHUB_TESTS_HTTP_FIXTURE_H
#define EHUB_TESTS_HTTP_FIXTURE_H

#include "harness/t.h"

#include "base/mem.h"
#include "conf/conf.h"
#include "http/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static inline Conf fixture_conf(void)
{
    return (Conf){.http_listen = "127.0.0.1",
                  .http_port = 0,
                  .http_tls_cert = "",
                  .http_tls_key = "",
                  .http_connections = 12000,
                  .http_connections_per_ip = 12000,
                  .http_idle = 20000,
                  .http_body = 64 << 10,
                  .http_headers = 16 << 10,
                  .http_deadline = 10000};
}

static inline int dial(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline void send_all(int fd, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server may close early; the answer tells */
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
}

/* Waits for more bytes: false at the end of the connection or after `ms`. */
static inline bool recv_more(int fd, Buf *in, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, ms) != 1)
        return false;
    char chunk[65536];
    ssize_t n = recv(fd, chunk, sizeof chunk, 0);
    if (n > 0)
        buf_add(in, chunk, (size_t)n);
    return n > 0;
}

/* True when the peer has closed (or reset) and nothing is left to read. */
static inline bool is_closed(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char c;
    return poll(&p, 1, ms) == 1 && recv(fd, &c, 1, MSG_PEEK) <= 0;
}

/* One answer with Content-Length; its bytes are left in `in`. 0 when the connection ended without one. */
static inline int recv_answer(int fd, Buf *in, bool head_only)
{
    buf_clear(in);
    for (;;) {
        const char *end = in->len > 0 ? strstr(buf_cstr(in), "\r\n\r\n") : NULL;
        if (end != NULL) {
            const char *length = strcasestr(in->ptr, "\r\nContent-Length:");
            size_t body = !head_only && length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
            if (in->len >= (size_t)(end + 4 - in->ptr) + body)
                return (int)strtol(in->ptr + 9, NULL, 10);
        }
        if (!recv_more(fd, in, 10000))
            return 0;
    }
}

static inline int ask_on(int fd, const char *request, Buf *in)
{
    send_all(fd, str_from(request));
    return recv_answer(fd, in, str_starts(str_from(request), STR("HEAD ")));
}

/* Sends, receives one answer, closes. */
static inline int ask(int port, const char *request, Buf *in)
{
    int fd = dial(port);
    assert_true(fd >= 0);
    int status = ask_on(fd, request, in);
    close(fd);
    return status;
}

#endif
