/* scale_http.c - see scale_http.h. */
#include "scale/scale_http.h"

#include "base/file.h"
#include "scale/scale_conn.h"

#include <string.h>

#define HEAD_MAX 65536

typedef struct Url {
    bool tls;
    char host[256], port[6];
    const char *path;
} Url;

static ErrKind split(const char *url, Url *u, Err *reterr)
{
    Str s = str_from(url);
    u->tls = str_starts(s, STR("https://"));
    if ((!u->tls && !str_starts(s, STR("http://"))) || strpbrk(url, " \r\n\t"))
        return err_set(reterr, ERR_INVALID, "\"%.100s\" is no address that begins with http:// or https://",
                       url);
    s = str_slice(s, u->tls ? 8 : 7, s.len);
    ptrdiff_t slash = str_find(s, STR("/")), bracket = str_find(s, STR("]"));
    Str host = str_slice(s, 0, slash < 0 ? s.len : (size_t)slash), port;
    u->path = slash < 0 ? "/" : s.ptr + slash;
    bool v6 = host.len > 0 && host.ptr[0] == '[' && bracket > 0;
    size_t end = v6 ? (size_t)bracket + 1 : 0;
    ptrdiff_t colon = str_find(str_slice(host, end, host.len), STR(":"));
    port = colon < 0 ? (u->tls ? STR("443") : STR("80")) : str_slice(host, end + (size_t)colon + 1, host.len);
    host = v6 ? str_slice(host, 1, end - 1) : str_slice(host, 0, colon < 0 ? host.len : (size_t)colon);
    if (host.len == 0 || !str_copy(u->host, sizeof u->host, host) || port.len == 0 ||
        !str_copy(u->port, sizeof u->port, port))
        return err_set(reterr, ERR_INVALID, "\"%.100s\": no host or no port", url);
    return ERR_NONE;
}

bool scale_http_url_ok(const char *url)
{
    Url u;
    return split(url, &u, NULL) == ERR_NONE;
}

static ErrKind receive_all(ScaleConn *conn, Buf *in, Err *reterr)
{
    for (;;) {
        char part[16384];
        size_t n;
        TRY(scale_conn_receive(conn, part, sizeof part, &n, reterr));
        if (n == 0)
            return ERR_NONE;
        buf_add(in, part, n);
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

/* The value of a header; STR_NULL: it is not there. */
static Str header(Str head, Str name)
{
    Str line;
    while (str_next(&head, '\n', &line)) {
        line = str_trim(line);
        if (line.len > name.len && str_eq_nocase(str_slice(line, 0, name.len), name) &&
            line.ptr[name.len] == ':')
            return str_trim(str_slice(line, name.len + 1, line.len));
    }
    return STR_NULL;
}

static ErrKind judge(int64_t status, Str body, const char *url, Err *reterr)
{
    if (status >= 200 && status < 300)
        return ERR_NONE;
    ErrKind kind = status == 401   ? ERR_UNAUTHENTICATED
                   : status == 403 ? ERR_DENIED
                   : status == 404 ? ERR_NOT_FOUND
                   : status == 409 ? ERR_CONFLICT
                   : status == 429 ? ERR_RATE
                   : status >= 500 ? ERR_UNAVAILABLE
                                   : ERR_INVALID;
    return err_set(reterr, kind, "%.200s: status %lld: %.*s", url, (long long)status, (int)MIN(body.len, 150),
                   body.ptr);
}

/* "Authorization: Bearer ...", read anew each time: such files are renewed. */
static ErrKind add_token(const char *path, Buf *request, Err *reterr)
{
    CLEANUP(buf_done) Buf token = BUF(SCALE_HTTP_TOKEN_MAX);
    TRY(file_read(path, &token, reterr));
    Str s = str_trim(buf_str(&token));
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return err_set(reterr, ERR_INVALID, "%.200s: holds no token, one word", path);
    if (s.len == 0)
        return err_set(reterr, ERR_INVALID, "%.200s: is empty", path);
    buf_add_c(request, "Authorization: Bearer ");
    buf_add_str(request, s);
    buf_add_c(request, "\r\n");
    return ERR_NONE;
}

static ErrKind write_request(const ScaleHttp *r, const Url *u, Buf *out, Err *reterr)
{
    bool v6 = strchr(u->host, ':') != NULL;
    buf_addf(out, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\nAccept: %s\r\n",
             r->method ? r->method : "GET", u->path, v6 ? "[" : "", u->host, v6 ? "]" : "", u->port,
             r->accept ? r->accept : "application/json");
    if (r->token_file)
        TRY(add_token(r->token_file, out, reterr));
    if (r->type)
        buf_addf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", r->type, r->body.len);
    buf_add_c(out, "\r\n");
    buf_add_str(out, r->body);
    return buf_check(out, reterr);
}

/* The body of a whole answer, which must be there to its end. */
static ErrKind body_of(Str head, Str rest, const char *url, Buf *whole, Str *ret, Err *reterr)
{
    int64_t length = 0;
    *ret = rest;
    if (str_eq_nocase(header(head, STR("transfer-encoding")), STR("chunked"))) {
        TRY(unchunk(rest, url, whole, reterr));
        *ret = buf_str(whole);
    } else if (str_to_i64(header(head, STR("content-length")), &length) && length >= 0) {
        if ((uint64_t)length > rest.len)
            return err_set(reterr, ERR_MALFORMED, "%.200s: the answer ends in the middle", url);
        *ret = str_slice(rest, 0, (size_t)length);
    }
    return ERR_NONE;
}

ErrKind scale_http(const ScaleHttp *r, Deadline by, Buf *out, Err *reterr)
{
    Url u;
    CLEANUP(scale_conn_freep) ScaleConn *conn = NULL;
    CLEANUP(buf_done) Buf request = BUF(HEAD_MAX + r->body.len);
    CLEANUP(buf_done) Buf in = BUF(out->max + HEAD_MAX);
    CLEANUP(buf_done) Buf whole = BUF(out->max);
    TRY(split(r->url, &u, reterr));
    TRY(write_request(r, &u, &request, reterr));
    ScaleConnTo to = {r->url, u.host, u.port, u.tls, r->ca_file};
    TRY(scale_conn_open(&to, by, &conn, reterr));
    TRY(scale_conn_send(conn, buf_str(&request), reterr));
    TRY(receive_all(conn, &in, reterr));
    Str all = buf_str(&in), body;
    ptrdiff_t end = str_find(all, STR("\r\n\r\n"));
    int64_t status = 0;
    if (end < 0 || !str_starts(all, STR("HTTP/1.")) || all.len < 12 ||
        !str_to_i64(str_slice(all, 9, 12), &status))
        return err_set(reterr, ERR_MALFORMED, "%.200s: no answer of HTTP", r->url);
    TRY(body_of(str_slice(all, 0, (size_t)end), str_slice(all, (size_t)end + 4, all.len), r->url, &whole,
                &body, reterr));
    TRY(judge(status, body, r->url, reterr));
    buf_add_str(out, body);
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
