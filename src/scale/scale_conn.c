/* scale_conn.c - see scale_conn.h. OpenSSL works on memory; what goes over the wire is sent and received here, where a deadline
 * holds and a connection that is gone raises no signal. */
#include "scale/scale_conn.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PART 16384

struct ScaleConn {
    int fd;
    Deadline by;
    const char *name;
    SSL_CTX *context;
    SSL *ssl; /* NULL: plain. Its BIOs are memory: */
    BIO *in, *out;
};

/* ---- the wire ---- */

static ErrKind wait_for(const ScaleConn *c, short events, Err *reterr)
{
    struct pollfd p = {c->fd, events, 0};
    int n = poll(&p, 1, deadline_left_ms(c->by));
    if (n > 0)
        return ERR_NONE;
    return n == 0 ? err_set(reterr, ERR_TIMEOUT, "%.200s: no answer in time", c->name)
                  : err_set_errno(reterr, ERR_IO, errno, "%.200s", c->name);
}

static ErrKind connect_to(ScaleConn *c, const ScaleConnTo *to, Err *reterr)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int e = getaddrinfo(to->host, to->port, &hints, &list);
    if (e != 0)
        return err_set(reterr, ERR_UNAVAILABLE, "%.200s: %s", c->name, gai_strerror(e));
    int error = ECONNREFUSED;
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        c->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (c->fd < 0)
            continue;
        socklen_t size = sizeof error;
        error = connect(c->fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS && wait_for(c, POLLOUT, NULL) == ERR_NONE)
            getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0)
            break;
        close(c->fd);
        c->fd = -1;
    }
    freeaddrinfo(list);
    if (error == EINPROGRESS)
        return err_set(reterr, ERR_TIMEOUT, "%.200s: no connection in time", c->name);
    return c->fd >= 0 ? ERR_NONE : err_set_errno(reterr, ERR_UNAVAILABLE, error, "%.200s", c->name);
}

static ErrKind wire_send(ScaleConn *c, Str s, Err *reterr)
{
    while (s.len > 0) {
        TRY(wait_for(c, POLLOUT, reterr));
        ssize_t n = send(c->fd, s.ptr, s.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "%.200s", c->name);
        s = str_slice(s, n > 0 ? (size_t)n : 0, s.len);
    }
    return ERR_NONE;
}

static ErrKind wire_receive(ScaleConn *c, char *part, size_t size, size_t *ret_n, Err *reterr)
{
    for (;;) {
        TRY(wait_for(c, POLLIN, reterr));
        ssize_t n = recv(c->fd, part, size, 0);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "%.200s", c->name);
        *ret_n = n > 0 ? (size_t)n : 0;
        if (n >= 0)
            return ERR_NONE;
    }
}

/* ---- TLS ---- */

static ErrKind tls_failed(const ScaleConn *c, Err *reterr)
{
    long verified = c->ssl ? SSL_get_verify_result(c->ssl) : X509_V_OK;
    unsigned long code = ERR_peek_last_error();
    char text[200] = "the connection was cut";
    if (code != 0)
        ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    if (verified != X509_V_OK)
        return err_set(reterr, ERR_DENIED, "%.200s: its certificate is not accepted: %s", c->name,
                       X509_verify_cert_error_string(verified));
    return err_set(reterr, ERR_UNAVAILABLE, "%.200s: TLS: %s", c->name, text);
}

/* What OpenSSL wants to send. */
static ErrKind flush(ScaleConn *c, Err *reterr)
{
    char part[PART];
    for (int n; (n = BIO_read(c->out, part, sizeof part)) > 0;)
        TRY(wire_send(c, (Str){part, (size_t)n}, reterr));
    return ERR_NONE;
}

/* After a call that gave `result`: sends and receives what it wants. *ret_end: the other side has ended. */
static ErrKind serve(ScaleConn *c, int result, bool *ret_end, Err *reterr)
{
    int why = SSL_get_error(c->ssl, result);
    *ret_end = why == SSL_ERROR_ZERO_RETURN;
    ErrKind sent = flush(c, reterr);
    if (*ret_end)
        return ERR_NONE;
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        return tls_failed(c, reterr); /* also when its alert could not be sent */
    TRY(sent);
    if (why == SSL_ERROR_WANT_WRITE)
        return ERR_NONE;
    char part[PART];
    size_t n;
    TRY(wire_receive(c, part, sizeof part, &n, reterr));
    *ret_end = n == 0;
    if (n > 0 && BIO_write(c->in, part, (int)n) != (int)n)
        return err_set(reterr, ERR_LIMIT, "%.200s: TLS: no memory", c->name);
    return ERR_NONE;
}

static bool expect_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *v = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(v, host))
        return true;
    ERR_clear_error(); /* a name, then */
    X509_VERIFY_PARAM_set_hostflags(v, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(v, host, 0) && SSL_set_tlsext_host_name(ssl, host);
}

static ErrKind start_tls(ScaleConn *c, const ScaleConnTo *to, Err *reterr)
{
    ERR_clear_error();
    c->context = SSL_CTX_new(TLS_client_method());
    if (!c->context || !SSL_CTX_set_min_proto_version(c->context, TLS1_2_VERSION))
        return tls_failed(c, reterr);
    int known = to->ca_file ? SSL_CTX_load_verify_locations(c->context, to->ca_file, NULL)
                            : SSL_CTX_set_default_verify_paths(c->context);
    if (!known) {
        ERR_clear_error();
        return err_set(reterr, ERR_INVALID, "%.200s: no certificates of authorities (PEM) in it",
                       to->ca_file ? to->ca_file : "the system's store");
    }
    SSL_CTX_set_verify(c->context, SSL_VERIFY_PEER, NULL);
    c->ssl = SSL_new(c->context);
    c->in = BIO_new(BIO_s_mem());
    c->out = BIO_new(BIO_s_mem());
    if (!c->ssl || !c->in || !c->out || !expect_host(c->ssl, to->host)) {
        BIO_free(c->in);
        BIO_free(c->out);
        return tls_failed(c, reterr);
    }
    SSL_set_bio(c->ssl, c->in, c->out); /* owns them now */
    for (int result; (result = SSL_connect(c->ssl)) != 1;) {
        bool end;
        TRY(serve(c, result, &end, reterr));
        if (end)
            return tls_failed(c, reterr);
    }
    return flush(c, reterr);
}

/* ---- life and use ---- */

ErrKind scale_conn_open(const ScaleConnTo *to, Deadline by, ScaleConn **ret, Err *reterr)
{
    CLEANUP(scale_conn_freep) ScaleConn *c = MEM_NEW(ScaleConn);
    *c = (ScaleConn){.fd = -1, .by = by, .name = to->name};
    TRY(connect_to(c, to, reterr));
    if (to->tls)
        TRY(start_tls(c, to, reterr));
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

void scale_conn_free(ScaleConn *c)
{
    if (!c)
        return;
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    if (c->fd >= 0)
        close(c->fd);
    mem_free(c);
}

ErrKind scale_conn_send(ScaleConn *c, Str s, Err *reterr)
{
    if (!c->ssl)
        return wire_send(c, s, reterr);
    while (s.len > 0) {
        size_t n = MIN(s.len, PART);
        ERR_clear_error();
        int result = SSL_write(c->ssl, s.ptr, (int)n);
        if (result > 0) {
            s = str_slice(s, (size_t)result, s.len);
            TRY(flush(c, reterr));
            continue;
        }
        bool end;
        TRY(serve(c, result, &end, reterr));
        if (end)
            return tls_failed(c, reterr);
    }
    return ERR_NONE;
}

ErrKind scale_conn_receive(ScaleConn *c, char *part, size_t size, size_t *ret_n, Err *reterr)
{
    if (!c->ssl)
        return wire_receive(c, part, size, ret_n, reterr);
    bool end = false;
    *ret_n = 0;
    while (!end) {
        ERR_clear_error();
        int result = SSL_read(c->ssl, part, (int)MIN(size, PART));
        if (result > 0) {
            *ret_n = (size_t)result;
            return ERR_NONE;
        }
        TRY(serve(c, result, &end, reterr));
    }
    return ERR_NONE;
}
