/* http_server.c - see http_server.h. The only file that includes the library.
 *
 * The life of a request, all on the edge thread but for the handler:
 *   on_target    request line read: an exchange is taken, the raw target copied before the library changes it
 *   on_request   1st call, head read: http_exchange_begin refuses, or finds the route
 *                with bytes: collected; without: the connection is suspended and the exchange goes to its pool
 *                after the pool resumed the connection: the answer is queued
 *   on_completed answer sent or client gone: the exchange goes back
 * A suspended connection is never closed by the library, so a client that leaves while its handler runs is noticed only
 * when the answer is written: handlers need not care.
 *
 * Resuming makes the library walk its list of suspended connections once for each turn of its loop, parked streams
 * included. Completions that arrive during one turn share the walk. */
#include "http/http_server.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/http_conn.h"
#include "http/http_exchange.h"
#include "http/http_metrics.h"
#include "http/http_stream_edge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAM_BLOCK 1024 /* bytes read at once for HTTP/1.0, which has no chunks */
#define PEM_MAX (1u << 20)
#define SPARE_CONNECTIONS 16 /* above our own limit, so that we close and count before the library stalls */
#define QUIESCE_MS 1000
#define FD_RESERVE 256 /* descriptors for everything that is not a connection */

struct HttpServer {
    struct MHD_Daemon *daemon;
    HttpServerConf sc;
    HttpEdgeConf edge;
    HttpProxies proxies;
    HttpRouter *router;
    HttpMetrics *metrics;
    HttpConns conns;
    HttpExchangeKeep keep; /* edge thread only */
    int listen_fd;
    int port;
    bool tls;
    int64_t deadline_ms;
    atomic_bool started;  /* what the library says is no longer about the start */
    atomic_bool draining; /* answers end their connection, nothing new is accepted */
    atomic_bool quiesced;
    atomic_bool stopping; /* no request starts any more */
    atomic_int in_flight; /* given to a pool and not answered yet */
    atomic_int in_worker; /* pool threads that may still touch the server */
    pthread_t sweeper;
    bool sweeping;
    pthread_mutex_t sweep_lock;
    pthread_cond_t sweep_stop;
    char start_error[200]; /* what the library said while it started */
};

/* --- what the library tells us ---------------------------------------------------------------------------------- */

static void on_log(void *cls, const char *fmt, va_list ap)
{
    HttpServer *s = cls;
    char text[200] = "";
    if (fmt != NULL)
        vsnprintf(text, sizeof text, fmt, ap);
    if (!atomic_load(&s->started))
        str_copy(s->start_error, sizeof s->start_error, str_trim(str_from(text)));
    /* The only case without a callback of its own: the limit for one address. */
    if (str_starts(str_from(fmt), STR("Server reached connection limit")))
        http_metrics_refused("address");
    log_debug("http", "library: " STR_FMT, STR_ARG(str_trim(str_from(text))));
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr, socklen_t len)
{
    (void)addr;
    (void)len;
    HttpServer *s = cls;
    if (atomic_load(&s->draining)) {
        /* Here, on the library's own thread: from another one its event loop could trip over the change. */
        if (!atomic_exchange(&s->quiesced, true))
            close(MHD_quiesce_daemon(s->daemon));
        return MHD_NO;
    }
    if (http_conns_count(&s->conns) < s->sc.conf->http_connections)
        return MHD_YES;
    http_metrics_refused("connections");
    return MHD_NO;
}

static void on_connection(void *cls, struct MHD_Connection *mc, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    HttpServer *s = cls;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_conns_remove(&s->conns, *context);
        http_metrics_connections(-1);
        return;
    }
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *context = http_conns_add(&s->conns, fd->connect_fd, peer != NULL ? peer->client_addr : NULL);
    http_metrics_connections(1);
}

static HttpConn *conn_of(struct MHD_Connection *mc)
{
    return MHD_get_connection_info(mc, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The library would decode the path in place; we do it ourselves, strictly. */
static size_t leave_escaped(void *cls, struct MHD_Connection *mc, char *text)
{
    (void)cls;
    (void)mc;
    return strlen(text);
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *mc)
{
    HttpServer *s = cls;
    HttpExchange *x = http_exchange_take(&s->keep);
    x->server = s;
    x->conn = mc;
    x->target_at = target;
    size_t len = target != NULL ? strlen(target) : 0;
    x->raw_target = (Str){arena_strndup(x->req.arena, target != NULL ? target : "", len), len};
    http_conn_enter(&s->conns, conn_of(mc), HTTP_PHASE_READING);
    return x;
}

/* The exchange is back from its pool, on the edge thread. */
static void landed(HttpServer *s, HttpExchange *x)
{
    if (x->flying)
        atomic_fetch_sub(&s->in_flight, 1);
    x->flying = false;
}

static void on_completed(void *cls, struct MHD_Connection *mc, void **con_cls,
                         enum MHD_RequestTerminationCode why)
{
    (void)why;
    HttpServer *s = cls;
    HttpConn *c = conn_of(mc);
    if (c->stream != NULL) {
        HttpStream *stream = c->stream;
        http_conn_set_stream(&s->conns, c, NULL);
        http_stream_detach(stream);
    }
    if (*con_cls != NULL) {
        landed(s, *con_cls); /* the client left while the handler ran: nobody asked for the answer */
        http_exchange_put(&s->keep, *con_cls);
    }
    *con_cls = NULL;
    http_conn_enter(&s->conns, c, HTTP_PHASE_IDLE);
}

/* --- streams ---------------------------------------------------------------------------------------------------- */

static void stream_park(void *conn)
{
    MHD_suspend_connection(conn);
}

static void stream_wake(void *conn)
{
    MHD_resume_connection(conn);
}

static void stream_cut(void *conn)
{
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    shutdown(fd->connect_fd, SHUT_RDWR);
}

static const HttpStreamWire STREAM_WIRE = {stream_park, stream_wake, stream_cut};

static ssize_t stream_read(void *cls, uint64_t pos, char *to, size_t max)
{
    (void)pos;
    ssize_t n = http_stream_read(cls, to, max);
    return n == HTTP_STREAM_END      ? MHD_CONTENT_READER_END_OF_STREAM
           : n == HTTP_STREAM_BROKEN ? MHD_CONTENT_READER_END_WITH_ERROR
                                     : n;
}

/* --- the answer ------------------------------------------------------------------------------------------------- */

static Str body_of(const HttpExchange *x)
{
    const HttpResponse *r = &x->res;
    if (r->status == 204 || r->status == 304)
        return STR("");
    return r->static_body.ptr != NULL ? r->static_body : buf_str(&r->body);
}

static struct MHD_Response *new_response(HttpExchange *x)
{
    HttpResponse *r = &x->res;
    if (r->stream != NULL)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, r->stream,
                                                 NULL);
    Str body = body_of(x);
    /* The bytes stay where they are: the exchange lives until the last one is sent. */
    return MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_PERSISTENT);
}

/* The library refuses line breaks in values: a header cannot be split by what a handler puts into it. */
static void add_text_header(struct MHD_Response *mr, Str name, Str value)
{
    char small_name[64], small[512];
    CLEANUP(mem_freep) char *large = NULL;
    char *text = small;
    if (value.len >= sizeof small)
        text = large = mem_zalloc(value.len + 1);
    if (!str_copy(small_name, sizeof small_name, name) || !str_copy(text, value.len + 1, value) ||
        MHD_add_response_header(mr, small_name, text) != MHD_YES)
        log_warn("http", "header " STR_FMT " was left out: not a valid name or value", STR_ARG(name));
}

static bool sets(const HttpResponse *r, const char *name)
{
    for (int i = 0; i < r->n_headers; i++)
        if (str_eq_nocase(r->headers[i].name, str_from(name)))
            return true;
    return false;
}

static void add_headers(const HttpServer *s, const HttpExchange *x, struct MHD_Response *mr)
{
    const HttpResponse *r = &x->res;
    const char *type = r->content_type != NULL ? r->content_type
                       : r->stream != NULL     ? "text/event-stream"
                                               : "application/json";
    if (r->status != 204 && r->status != 304)
        MHD_add_response_header(mr, "Content-Type", type);
    MHD_add_response_header(mr, "X-Request-Id", x->req.id);
    MHD_add_response_header(mr, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(mr, "Referrer-Policy", "same-origin");
    bool api = str_starts(x->req.path, STR("/v1/"));
    if ((api || r->stream != NULL || r->status >= 400) && !sets(r, "Cache-Control"))
        MHD_add_response_header(mr, "Cache-Control", "no-store");
    if (s->tls)
        MHD_add_response_header(mr, "Strict-Transport-Security", "max-age=31536000");
    for (int i = 0; i < r->n_headers; i++)
        add_text_header(mr, r->headers[i].name, r->headers[i].value);
    if (x->close || atomic_load_explicit(&s->draining, memory_order_relaxed))
        MHD_add_response_header(mr, "Connection", "close");
}

static void account(const HttpServer *s, const HttpExchange *x)
{
    int64_t took_us = x->dispatched_us != 0 ? clock_mono_us() - x->dispatched_us : 0;
    http_metrics_answered(s->metrics, x->req.route, x->req.method, x->res.status, (double)took_us / 1e6);
    if (log_enabled(LOG_DEBUG))
        log_write(LOG_DEBUG, "http",
                  LOG_FIELDS(LOG_SAFE("request", x->req.id), LOG_STR("method", x->req.method),
                             LOG_STR("path", x->req.path), LOG_INT("status", x->res.status),
                             LOG_INT("us", took_us)),
                  "answered");
}

/* The exchange's memory goes back at once; the stream lives on with its connection. */
static void start_stream(HttpServer *s, HttpConn *c, HttpExchange *x)
{
    HttpStream *stream = x->res.stream;
    http_stream_attach(stream, &STREAM_WIRE, x->conn);
    http_conn_set_stream(&s->conns, c, stream);
    if (atomic_load(&s->draining))
        http_stream_close(stream);
    x->res.stream = NULL;
    http_stream_unref(stream); /* the exchange's; the connection has its own */
    http_exchange_put(&s->keep, x);
}

static enum MHD_Result answer(HttpServer *s, struct MHD_Connection *mc, void **con_cls)
{
    HttpExchange *x = *con_cls;
    HttpConn *c = conn_of(mc);
    struct MHD_Response *mr = new_response(x);
    if (mr == NULL)
        return MHD_NO;
    add_headers(s, x, mr);
    bool is_stream = x->res.stream != NULL;
    if (is_stream)
        http_conn_enter(&s->conns, c, HTTP_PHASE_BUSY);
    else
        http_conn_answer(&s->conns, c, body_of(x).len);
    int status = x->res.status;
    account(s, x);
    if (is_stream) {
        start_stream(s, c, x);
        *con_cls = NULL;
    }
    enum MHD_Result queued = MHD_queue_response(mc, (unsigned)status, mr);
    MHD_destroy_response(mr);
    return queued;
}

/* --- the request ------------------------------------------------------------------------------------------------ */

static enum MHD_Result add_pair(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len,
                                const char *value, size_t value_len)
{
    (void)kind;
    HttpRequest *q = cls;
    if (q->n_headers == HTTP_HEADERS_MAX)
        return MHD_NO;
    q->headers[q->n_headers++] = (HttpPair){{key, key_len}, {value, value_len}};
    return MHD_YES;
}

static void read_head(HttpServer *s, struct MHD_Connection *mc, HttpExchange *x, const char *method,
                      const char *version)
{
    HttpRequest *q = &x->req;
    q->tls = s->tls;
    q->app = s->sc.app;
    memcpy(q->peer, conn_of(mc)->peer, sizeof q->peer);
    int n = MHD_get_connection_values_n(mc, MHD_HEADER_KIND, add_pair, q);
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(mc, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    HttpHead head = {.method = str_from(method),
                     .target = {x->target_at, x->raw_target.len},
                     .version = str_from(version),
                     .headers = q->headers,
                     .n_headers = q->n_headers,
                     .len = size != NULL ? size->header_size : 0};
    http_exchange_begin(x, &s->edge, &head);
    if (n > q->n_headers) { /* rather than to judge a part of them */
        x->handler = NULL;
        x->close = true;
        http_metrics_refused("headers");
        http_exchange_fail(x, ERR_LIMIT, 431, "too many header fields");
    }
}

/* On a pool thread. Nothing of the exchange may be touched after the connection was resumed. */
static void run_on_pool(void *arg)
{
    HttpExchange *x = arg;
    HttpServer *s = x->server;
    struct MHD_Connection *mc = x->conn;
    http_exchange_run(x);
    MHD_resume_connection(mc);
    atomic_fetch_sub(&s->in_worker, 1);
}

static enum MHD_Result dispatch(HttpServer *s, struct MHD_Connection *mc, void **con_cls)
{
    HttpExchange *x = *con_cls;
    x->dispatched_us = clock_mono_us();
    x->req.deadline = (Deadline){x->dispatched_us + s->deadline_ms * 1000};
    if (!http_exchange_ready(x))
        return answer(s, mc, con_cls);
    if (x->pool == NULL) {
        http_exchange_run(x);
        return answer(s, mc, con_cls);
    }
    x->flying = true;
    atomic_fetch_add(&s->in_flight, 1);
    if (atomic_load(&s->stopping))
        return MHD_NO; /* on_completed counts it down */
    http_conn_enter(&s->conns, conn_of(mc), HTTP_PHASE_BUSY);
    atomic_fetch_add(&s->in_worker, 1);
    MHD_suspend_connection(mc); /* before the pool knows: it could be done before we are */
    Err err = {0};
    ErrKind kind = rt_pool_submit(x->pool, run_on_pool, x, &err);
    if (kind == ERR_NONE)
        return MHD_YES;
    http_metrics_refused("pool");
    http_exchange_fail(x, ERR_BUSY, 0, NULL);
    atomic_fetch_sub(&s->in_worker, 1);
    MHD_resume_connection(mc);
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mc, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size,
                                  void **con_cls)
{
    (void)url;
    HttpServer *s = cls;
    HttpExchange *x = *con_cls;
    if (x == NULL)
        return MHD_NO;
    if (x->step == HTTP_READING) {
        read_head(s, mc, x, method, version);
        if (x->step == HTTP_ANSWERED)
            return answer(s, mc, con_cls);
        http_conn_enter(&s->conns, conn_of(mc), HTTP_PHASE_READING);
        return MHD_YES;
    }
    if (x->step == HTTP_COLLECTING && *upload_size > 0) {
        if (x->body_seen == 0)
            x->dispatched_us = clock_mono_us();
        http_exchange_collect(x, upload, *upload_size);
        *upload_size = 0;
        http_conn_progress(&s->conns, conn_of(mc), x->dispatched_us, x->body_seen);
        /* Swallowing has a limit of its own; past it the client is cut off. */
        return x->swallow && x->body_seen > x->body.max + HTTP_SWALLOW_MAX ? MHD_NO : MHD_YES;
    }
    if (x->step == HTTP_COLLECTING)
        return dispatch(s, mc, con_cls);
    if (x->step == HTTP_ANSWERED) {
        landed(s, x);
        return answer(s, mc, con_cls);
    }
    return MHD_YES;
}

/* --- slow clients ----------------------------------------------------------------------------------------------- */

static void *sweep_thread(void *arg)
{
    HttpServer *s = arg;
    pthread_mutex_lock(&s->sweep_lock);
    while (s->sweeping) {
        int64_t next_us = clock_mono_us() + MIN(US_PER_S, s->conns.idle_us / 4);
        struct timespec until = {.tv_sec = next_us / US_PER_S, .tv_nsec = next_us % US_PER_S * 1000};
        pthread_cond_timedwait(&s->sweep_stop, &s->sweep_lock, &until);
        int readers, n = http_conns_sweep(&s->conns, clock_mono_us(), &readers);
        for (int i = 0; i < n; i++)
            http_metrics_refused(i < readers ? "slow_reader" : "slow");
    }
    pthread_mutex_unlock(&s->sweep_lock);
    return NULL;
}

static ErrKind start_sweeper(HttpServer *s, Err *reterr)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->sweep_lock, NULL);
    pthread_cond_init(&s->sweep_stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->sweeping = true;
    int errnum = pthread_create(&s->sweeper, NULL, sweep_thread, s);
    if (errnum != 0) {
        s->sweeping = false;
        return err_set_errno(reterr, ERR_UNAVAILABLE, errnum, "http: thread");
    }
    pthread_setname_np(s->sweeper, "http-sweep");
    return ERR_NONE;
}

static void stop_sweeper(HttpServer *s)
{
    if (!s->sweeping)
        return;
    pthread_mutex_lock(&s->sweep_lock);
    s->sweeping = false;
    pthread_cond_signal(&s->sweep_stop);
    pthread_mutex_unlock(&s->sweep_lock);
    pthread_join(s->sweeper, NULL);
}

/* --- start ------------------------------------------------------------------------------------------------------ */

static ErrKind listen_at(const Conf *conf, int *ret_fd, int *ret_port, Err *reterr)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {0};
    socklen_t len = sizeof a.v4;
    uint16_t port = htons((uint16_t)conf->http_port);
    if (inet_pton(AF_INET, conf->http_listen, &a.v4.sin_addr) == 1) {
        a.v4.sin_family = AF_INET;
        a.v4.sin_port = port;
    } else if (inet_pton(AF_INET6, conf->http_listen, &a.v6.sin6_addr) == 1) {
        a.v6.sin6_family = AF_INET6;
        a.v6.sin6_port = port;
        len = sizeof a.v6;
    } else {
        return err_set(reterr, ERR_INVALID, "http.listen: \"%s\" is not an IPv4 or IPv6 address",
                       conf->http_listen);
    }
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0)
        return err_set_errno(reterr, ERR_IO, errno, "http: socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &a.any, len) != 0 || listen(fd, SOMAXCONN) != 0 || getsockname(fd, &a.any, &len) != 0) {
        int errnum = errno;
        close(fd);
        return err_set_errno(reterr, errnum == EACCES ? ERR_DENIED : ERR_UNAVAILABLE, errnum,
                             "http.listen %s, http.port %d", conf->http_listen, (int)conf->http_port);
    }
    *ret_port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
    *ret_fd = fd;
    return ERR_NONE;
}

/* Each connection is a descriptor; what the limit lacks is taken up to the hard one. */
static void raise_fd_limit(int64_t connections)
{
    struct rlimit r;
    rlim_t wanted = (rlim_t)connections + FD_RESERVE;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= wanted)
        return;
    r.rlim_cur = r.rlim_max < wanted ? r.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &r);
}

static ErrKind start_daemon(HttpServer *s, const char *cert, const char *key, Err *reterr)
{
    const Conf *conf = s->sc.conf;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | MHD_USE_TURBO | (cert != NULL ? MHD_USE_TLS : 0);
    /* Its own copy: whether it closes the socket when it fails to start depends on where it failed. */
    int fd = fcntl(s->listen_fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return err_set_errno(reterr, ERR_IO, errno, "http: listening socket");
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)(conf->http_connections + SPARE_CONNECTIONS), NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT,
         conf->http_connections_per_ip < conf->http_connections ? (intptr_t)conf->http_connections_per_ip : 0,
         NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((conf->http_idle + 999) / 1000), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)conf->http_headers, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, s},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, s},
        {cert != NULL ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)(uintptr_t)cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL}};
    s->daemon = MHD_start_daemon(flags, 0, on_accept, s, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
                                 MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    atomic_store(&s->started, true);
    if (s->daemon != NULL)
        return ERR_NONE;
    return err_set(reterr, cert != NULL ? ERR_INVALID : ERR_UNAVAILABLE,
                   "http: the server did not start%s%s%s",
                   cert != NULL ? " (http.tls.cert, http.tls.key)" : "",
                   s->start_error[0] != '\0' ? ": " : "", s->start_error);
}

static ErrKind start(HttpServer *s, Err *reterr)
{
    const Conf *conf = s->sc.conf;
    const char *cert_path = conf->http_tls_cert, *key_path = conf->http_tls_key;
    bool has_cert = cert_path != NULL && cert_path[0] != '\0',
         has_key = key_path != NULL && key_path[0] != '\0';
    if (has_cert != has_key)
        return err_set(reterr, ERR_INVALID,
                       "http.tls.cert and http.tls.key: one is set and the other is not");
    TRY(http_proxies_parse(conf->http_trusted_proxies, &s->proxies, reterr));
    CLEANUP(buf_done) Buf cert = BUF(PEM_MAX), key = BUF(PEM_MAX);
    if (has_cert) {
        TRY(file_read(cert_path, &cert, reterr));
        TRY(file_read(key_path, &key, reterr));
    }
    s->tls = has_cert;
    raise_fd_limit(conf->http_connections);
    TRY(listen_at(conf, &s->listen_fd, &s->port, reterr));
    TRY(start_daemon(s, has_cert ? buf_cstr(&cert) : NULL, has_cert ? buf_cstr(&key) : NULL, reterr));
    return start_sweeper(s, reterr);
}

ErrKind http_server_new(const HttpServerConf *sc, HttpServer **ret, Err *reterr)
{
    HttpServer *s = MEM_NEW(HttpServer);
    s->sc = *sc;
    s->listen_fd = -1;
    s->deadline_ms = sc->conf->http_deadline;
    s->router = http_router_new(sc->routes, sc->n_routes);
    s->metrics = http_metrics_new(sc->routes, sc->n_routes, sc->pools);
    s->edge = (HttpEdgeConf){s->router,   s->sc.pools,
                             sc->guard,   (size_t)sc->conf->http_body,
                             &s->proxies, MHD_get_version()[0] != '0'};
    http_conns_init(&s->conns, sc->conf->http_idle);
    ErrKind kind = start(s, reterr);
    if (kind != ERR_NONE) {
        http_server_free(s);
        s = NULL;
    }
    *ret = s;
    return kind;
}

int http_server_port(const HttpServer *s)
{
    return s->port;
}

/* --- stop ------------------------------------------------------------------------------------------------------- */

/* A connection to ourselves makes the edge thread run on_accept, which takes the listening socket out of its loop. */
static void poke_accept(const HttpServer *s)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    if (getsockname(s->listen_fd, (struct sockaddr *)&a, &len) != 0)
        return;
    int fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    connect(fd, (struct sockaddr *)&a, len); /* 0.0.0.0 and :: reach this machine too (Linux) */
    Deadline by = deadline_in_ms(QUIESCE_MS);
    while (!atomic_load(&s->quiesced) && !deadline_passed(by))
        clock_sleep_ms(1);
    close(fd);
}

static void stop_accepting(HttpServer *s)
{
    if (atomic_exchange(&s->draining, true) || s->daemon == NULL)
        return;
    poke_accept(s);
    if (!atomic_exchange(&s->quiesced, true))
        close(MHD_quiesce_daemon(
            s->daemon)); /* out of descriptors: it does not accept, so it cannot trip either */
    close(s->listen_fd);
    s->listen_fd = -1;
}

void http_server_drain(HttpServer *s, Deadline by)
{
    stop_accepting(s);
    do {
        http_conns_close_streams(&s->conns);
        http_conns_close_idle(&s->conns);
        if (http_conns_count(&s->conns) == 0)
            return;
        clock_sleep_ms(MIN(10, deadline_left_ms(by)));
    } while (!deadline_passed(by));
}

/* The library must not stop while a connection is suspended: handlers end first, then streams. */
void http_server_free(HttpServer *s)
{
    if (s == NULL)
        return;
    stop_accepting(s);
    atomic_store(&s->stopping, true);
    while (atomic_load(&s->in_flight) > 0 || atomic_load(&s->in_worker) > 0)
        clock_sleep_ms(1);
    http_conns_close_streams(&s->conns);
    stop_sweeper(s);
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    http_conns_done(&s->conns);
    http_exchange_keep_done(&s->keep);
    http_metrics_free(s->metrics);
    http_router_free(s->router);
    mem_free(s);
}
