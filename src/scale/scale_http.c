/* scale_http.c - see scale_http.h. */
#include "scale/scale_http.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX 65536

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

typedef struct Url {
    char host[256], port[6];
    const char *path;
} Url;

static ErrKind split(const char *url, Url *u, Err *reterr)
{
    Str s = str_from(url);
    if (!str_starts(s, STR("http://")) || strpbrk(url, " \r\n\t"))
        return err_set(reterr, ERR_INVALID, "\"%.100s\" is no address that begins with http://", url);
    s = str_slice(s, 7, s.len);
    ptrdiff_t slash = str_find(s, STR("/"));
    Str host = str_slice(s, 0, slash < 0 ? s.len : (size_t)slash);
    u->path = slash < 0 ? "/" : s.ptr + slash;
    ptrdiff_t colon = str_find(host, STR(":"));
    Str port = colon < 0 ? STR("80") : str_slice(host, (size_t)colon + 1, host.len);
    host = str_slice(host, 0, colon < 0 ? host.len : (size_t)colon);
    if (host.len == 0 || !str_copy(u->host, sizeof u->host, host) || port.len == 0 ||
        !str_copy(u->port, sizeof u->port, port))
        return err_set(reterr, ERR_INVALID, "\"%.100s\": no host or no port", url);
    return ERR_NONE;
}

static ErrKind wait_for(int fd, short events, Deadline by, const char *url, Err *reterr)
{
    struct pollfd p = {fd, events, 0};
    int n = poll(&p, 1, deadline_left_ms(by));
    if (n > 0)
        return ERR_NONE;
    return n == 0 ? err_set(reterr, ERR_TIMEOUT, "%.200s: no answer in time", url)
                  : err_set_errno(reterr, ERR_IO, errno, "%.200s", url);
}

static ErrKind connect_to(const Url *u, const char *url, Deadline by, int *ret_fd, Err *reterr)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int e = getaddrinfo(u->host, u->port, &hints, &list);
    if (e != 0)
        return err_set(reterr, ERR_UNAVAILABLE, "%.200s: %s", url, gai_strerror(e));
    int error = ECONNREFUSED;
    for (struct addrinfo *a = list; a && *ret_fd < 0; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (fd < 0)
            continue;
        socklen_t size = sizeof error;
        error = connect(fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS && wait_for(fd, POLLOUT, by, url, NULL) == ERR_NONE)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0)
            *ret_fd = fd;
        else
            close(fd);
    }
    freeaddrinfo(list);
    return *ret_fd >= 0 ? ERR_NONE : err_set_errno(reterr, ERR_UNAVAILABLE, error, "%.200s", url);
}

static ErrKind send_all(int fd, Str s, Deadline by, const char *url, Err *reterr)
{
    while (s.len > 0) {
        TRY(wait_for(fd, POLLOUT, by, url, reterr));
        ssize_t n = send(fd, s.ptr, s.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "%.200s", url);
        s = str_slice(s, n > 0 ? (size_t)n : 0, s.len);
    }
    return ERR_NONE;
}

static ErrKind receive_all(int fd, Deadline by, const char *url, Buf *in, Err *reterr)
{
    for (;;) {
        TRY(wait_for(fd, POLLIN, by, url, reterr));
        char part[16384];
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n == 0)
            return ERR_NONE;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "%.200s", url);
        if (n > 0)
            buf_add(in, part, (size_t)n);
        TRY(buf_check(in, reterr));
    }
}

/* Chunks (RFC 9112, 7.1) put together. */
static ErrKind unchunk(Str s, const char *url, Buf *out, Err *reterr)
{
    for (;;) {
        uint64_t size = 0;
        size_t i = 0;
        for (; i < s.len && i < 8; i++) {
            char c = s.ptr[i];
            int digit = c >= '0' && c <= '9'                 ? c - '0'
                        : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                             : -1;
            if (digit < 0)
                break;
            size = size * 16 + (uint64_t)digit;
        }
        ptrdiff_t end = str_find(s, STR("\r\n"));
        if (i == 0 || end < 0 || size > s.len - (size_t)end - 2)
            return err_set(reterr, ERR_MALFORMED, "%.200s: the answer ends in the middle", url);
        if (size == 0)
            return ERR_NONE;
        buf_add(out, s.ptr + end + 2, size);
        s = str_slice(s, (size_t)end + 2 + size + 2, s.len);
    }
}

static bool has_header(Str head, Str name, Str value)
{
    Str line;
    while (str_next(&head, '\n', &line)) {
        line = str_trim(line);
        if (line.len > name.len && str_eq_nocase(str_slice(line, 0, name.len), name) &&
            line.ptr[name.len] == ':' &&
            str_eq_nocase(str_trim(str_slice(line, name.len + 1, line.len)), value))
            return true;
    }
    return false;
}

static ErrKind judge(int64_t status, Str body, const char *url, Err *reterr)
{
    if (status >= 200 && status < 300)
        return ERR_NONE;
    ErrKind kind = status == 404                    ? ERR_NOT_FOUND
                   : status == 401 || status == 403 ? ERR_DENIED
                   : status >= 500                  ? ERR_UNAVAILABLE
                                                    : ERR_INVALID;
    return err_set(reterr, kind, "%.200s: status %lld: %.*s", url, (long long)status, (int)MIN(body.len, 150),
                   body.ptr);
}

ErrKind scale_http(const char *method, const char *url, const char *type, Str body, Deadline by, Buf *out,
                   Err *reterr)
{
    Url u;
    CLEANUP(close_fd) int fd = -1;
    CLEANUP(buf_done) Buf request = BUF(HEAD_MAX + body.len);
    CLEANUP(buf_done) Buf in = BUF(out->max + HEAD_MAX);
    CLEANUP(buf_done) Buf whole = BUF(out->max);
    TRY(split(url, &u, reterr));
    TRY(connect_to(&u, url, by, &fd, reterr));
    buf_addf(&request, "%s %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\nAccept: application/json\r\n",
             method, u.path, u.host, u.port);
    if (type)
        buf_addf(&request, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.len);
    buf_add_c(&request, "\r\n");
    buf_add_str(&request, body);
    TRY(buf_check(&request, reterr));
    TRY(send_all(fd, buf_str(&request), by, url, reterr));
    TRY(receive_all(fd, by, url, &in, reterr));
    Str all = buf_str(&in);
    ptrdiff_t end = str_find(all, STR("\r\n\r\n"));
    int64_t status = 0;
    if (end < 0 || !str_starts(all, STR("HTTP/1.")) || all.len < 12 ||
        !str_to_i64(str_slice(all, 9, 12), &status))
        return err_set(reterr, ERR_MALFORMED, "%.200s: no answer of HTTP", url);
    Str head = str_slice(all, 0, (size_t)end), rest = str_slice(all, (size_t)end + 4, all.len);
    if (has_header(head, STR("transfer-encoding"), STR("chunked"))) {
        TRY(unchunk(rest, url, &whole, reterr));
        rest = buf_str(&whole);
    }
    TRY(judge(status, rest, url, reterr));
    buf_add_str(out, rest);
    return buf_check(out, reterr);
}

void scale_http_escape(Buf *out, Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                     c == '_';
        if (plain)
            buf_add_char(out, (char)c);
        else
            buf_addf(out, "%%%02X", c);
    }
}
