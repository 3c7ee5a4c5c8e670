#include "http_fixture.h"

#include "base/log.h"
#include "http/http_stream.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

/* --- handlers --------------------------------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int inside;
    bool open;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static void gate_close(void)
{
    gate.inside = 0;
    gate.open = false;
}

static void gate_open(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_wait_inside(int n)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.inside < n)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static ErrKind h_hello(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    r->static_body = STR("{\"hello\":true}");
    return ERR_NONE;
}

static ErrKind h_echo(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)e;
    buf_addf(&r->body, "%s|" STR_FMT "|" STR_FMT "|" STR_FMT "|%s", q->route->pattern, STR_ARG(q->params[0]),
             STR_ARG(http_query(q, "q")), STR_ARG(http_header(q, "x-thing")), q->peer);
    r->content_type = "text/plain";
    return ERR_NONE;
}

static ErrKind h_body(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)e;
    buf_add_i64(&r->body, (int64_t)q->body.len);
    buf_add_char(&r->body, ':');
    buf_add_str(&r->body, str_slice(q->body, 0, 20));
    return ERR_NONE;
}

static ErrKind h_gate(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    pthread_mutex_lock(&gate.lock);
    gate.inside++;
    pthread_cond_broadcast(&gate.moved);
    while (!gate.open)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    buf_add_c(&r->body, "through");
    return ERR_NONE;
}

static ErrKind h_fail(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)r;
    return str_eq_c(q->params[0], "not_found") ? err_set(e, ERR_NOT_FOUND, "no agent 7")
           : str_eq_c(q->params[0], "login")   ? err_set(e, ERR_UNAUTHENTICATED, "who are you")
                                               : err_set(e, ERR_IO, "secret path /var/lib/x");
}

static ErrKind h_large(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    for (int i = 0; i < 3 << 20; i += 64)
        buf_add_c(&r->body, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n");
    return ERR_NONE;
}

static ErrKind h_split(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    http_add_header(r, "X-Good", STR("yes"));
    http_add_header(r, "X-Bad", STR("a\r\nSet-Cookie: stolen=1"));
    r->status = 204;
    return ERR_NONE;
}

static HttpStream *_Atomic last_stream; /* a reference for the test */

static ErrKind h_stream(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q;
    HttpStream *s = http_stream_new(64 << 10);
    TRY(http_stream_send(s, STR("retry: 2000\n\n"), e));
    r->stream = s;
    HttpStream *old = atomic_exchange(&last_stream, http_stream_ref(s));
    http_stream_unref(old);
    return ERR_NONE;
}

static ErrKind guard(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)r;
    if (str_eq_c(http_header(q, "X-Guard"), "stop"))
        return err_set(e, ERR_DENIED, "the guard said no");
    return ERR_NONE;
}

static const HttpRoute ROUTES[] = {
    {.method = "GET", .pattern = "/v1/hello", .handler = h_hello, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/edge", .handler = h_hello, .pool = HTTP_ON_EDGE},
    {.method = "GET", .pattern = "/v1/echo/{what}", .handler = h_echo, .pool = HTTP_ON_API},
    {.method = "POST", .pattern = "/v1/body", .handler = h_body, .pool = HTTP_ON_API},
    {.method = "POST", .pattern = "/v1/small", .handler = h_body, .pool = HTTP_ON_API, .max_body = 10},
    {.method = "GET", .pattern = "/v1/gate", .handler = h_gate, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/v1/fail/{how}", .handler = h_fail, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/v1/large", .handler = h_large, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/v1/split", .handler = h_split, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/v1/live", .handler = h_stream, .pool = HTTP_ON_API},
};

typedef struct Fixture {
    RtPool *pool;
    HttpServer *server;
    int port;
} Fixture;

static Fixture up_with(Conf conf, int threads, int queue)
{
    static Conf kept; /* the server keeps the pointer; one server at a time */
    kept = conf;
    Fixture *f = &(Fixture){0};
    Err err = {0};
    gate_close();
    T_OK(rt_pool_new("api", threads, queue, &f->pool, &err), err);
    HttpServerConf sc = {.conf = &kept,
                         .routes = ROUTES,
                         .n_routes = ARRAY_LEN(ROUTES),
                         .pools = {NULL, f->pool, f->pool},
                         .guard = guard};
    T_OK(http_server_new(&sc, &f->server, &err), err);
    f->port = http_server_port(f->server);
    return *f;
}

static Fixture up(void)
{
    return up_with(fixture_conf(), 4, 64);
}

static void down(Fixture *f)
{
    http_stream_unref(atomic_exchange(&last_stream, NULL));
    http_server_free(f->server);
    rt_pool_free(f->pool);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define HAS(in, text) assert_non_null(strstr(buf_cstr(in), (text)))
#define LACKS(in, text) assert_null(strstr(buf_cstr(in), (text)))

/* --- answers ---------------------------------------------------------------------------------------------------- */

TEST(a_request_is_answered_with_the_default_headers)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    assert_int_equal(ask(f.port, GET("/v1/hello"), &in), 200);
    HAS(&in, "\r\n\r\n{\"hello\":true}");
    HAS(&in, "Content-Type: application/json\r\n");
    HAS(&in, "X-Content-Type-Options: nosniff\r\n");
    HAS(&in, "Referrer-Policy: same-origin\r\n");
    HAS(&in, "Cache-Control: no-store\r\n");
    HAS(&in, "X-Request-Id: 0");
    LACKS(&in, "Strict-Transport-Security");
    assert_int_equal(ask(f.port, GET("/edge"), &in), 200);
    LACKS(&in, "Cache-Control");
    down(&f);
}

TEST(a_handler_sees_parameters_query_headers_and_peer)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    assert_int_equal(
        ask(f.port, "GET /v1/echo/J%C3%BCrgen?a=1&q=x+y%2Fz HTTP/1.1\r\nHost: x\r\nX-THING:  \t v \r\n\r\n",
            &in),
        200);
    HAS(&in, "\r\n\r\n/v1/echo/{what}|J\xc3\xbcrgen|x y/z|v|127.0.0.1");
    down(&f);
}

TEST(many_requests_share_one_connection)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    int fd = dial(f.port);
    for (int i = 0; i < 200; i++)
        assert_int_equal(ask_on(fd, i % 3 ? GET("/v1/hello") : GET("/edge"), &in), 200);
    /* Pipelined: three requests in one packet, answered in order. */
    send_all(fd, STR(GET("/v1/hello") GET("/v1/none") GET("/edge")));
    buf_clear(&in);
    for (int i = 0; i < 100 && strstr(buf_cstr(&in), "HTTP/1.1 404") == NULL; i++)
        recv_more(fd, &in, 100);
    for (int i = 0; i < 100 && (in.len < 15 || !str_ends(buf_str(&in), STR("{\"hello\":true}"))); i++)
        recv_more(fd, &in, 100);
    const char *first = strstr(buf_cstr(&in), "200 OK"), *second = strstr(buf_cstr(&in), "HTTP/1.1 404");
    assert_true(first != NULL && second > first && strstr(second, "200 OK") != NULL);
    close(fd);
    down(&f);
}

TEST(head_has_the_headers_and_no_body)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    int fd = dial(f.port);
    assert_int_equal(ask_on(fd, "HEAD /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", &in), 200);
    HAS(&in, "Content-Length: 14\r\n");
    assert_true(str_ends(buf_str(&in), STR("\r\n\r\n")));
    assert_int_equal(ask_on(fd, GET("/v1/hello"), &in), 200); /* the connection is still in step */
    assert_int_equal(ask_on(fd, "HEAD /v1/live HTTP/1.1\r\nHost: x\r\n\r\n", &in), 200);
    close(fd);
    down(&f);
}

TEST(unknown_paths_and_methods_are_told_apart)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    int fd = dial(f.port);
    assert_int_equal(ask_on(fd, GET("/v1/none"), &in), 404);
    HAS(&in, "Content-Type: application/problem+json\r\n");
    HAS(&in, "\"title\":\"not found\",\"status\":404");
    assert_int_equal(ask_on(fd, "DELETE /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", &in), 405);
    HAS(&in, "Allow: GET, HEAD\r\n");
    /* An unwanted body does not end the connection, nor does it become the next request. */
    assert_int_equal(ask_on(fd,
                            "POST /v1/none HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\nGET /v1/hello "
                            "HTTP/1.1\r\nHost: x\r\n\r\n",
                            &in),
                     404);
    assert_int_equal(ask_on(fd, GET("/edge"), &in), 200);
    close(fd);
    down(&f);
}

TEST(failures_are_problem_documents_and_5xx_tell_nothing)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    assert_int_equal(ask(f.port, GET("/v1/fail/not_found"), &in), 404);
    HAS(&in, "\"detail\":\"no agent 7\"");
    HAS(&in, "\"instance\":\"urn:uuid:0");
    assert_int_equal(ask(f.port, GET("/v1/fail/login"), &in), 401);
    HAS(&in, "WWW-Authenticate: Bearer\r\n");
    int out[2];
    assert_int_equal(pipe(out), 0);
    log_set_fd(out[1]);
    assert_int_equal(ask(f.port, GET("/v1/fail/io"), &in), 500);
    log_set_fd(2);
    LACKS(&in, "secret");
    CLEANUP(buf_done) Buf log = BUF(4096);
    close(out[1]);
    char *room = buf_room(&log, 4000);
    ssize_t n = read(out[0], room, 4000);
    assert_true(n > 0);
    buf_advance(&log, (size_t)n);
    close(out[0]);
    HAS(&log, "secret path /var/lib/x");
    const char *id = strstr(buf_cstr(&in), "X-Request-Id: ") + 14;
    assert_non_null(memmem(log.ptr, log.len, id, 36)); /* the line in the log names the request */
    assert_int_equal(ask(f.port, "GET /v1/hello HTTP/1.1\r\nHost: x\r\nX-Guard: stop\r\n\r\n", &in), 403);
    HAS(&in, "the guard said no");
    down(&f);
}

TEST(a_header_value_cannot_split_the_answer)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    log_set_level(LOG_OFF);
    assert_int_equal(ask(f.port, GET("/v1/split"), &in), 204);
    log_set_level(LOG_INFO);
    HAS(&in, "X-Good: yes");
    LACKS(&in, "stolen");
    LACKS(&in, "Content-Type:");
    down(&f);
}

TEST(a_large_answer_arrives_whole)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    int fd = dial(f.port);
    assert_int_equal(ask_on(fd, GET("/v1/large"), &in), 200);
    const char *body = strstr(buf_cstr(&in), "\r\n\r\n") + 4;
    assert_int_equal(in.len - (size_t)(body - in.ptr), 3 << 20);
    close(fd);
    down(&f);
}

/* --- bodies and limits ------------------------------------------------------------------------------------------ */

TEST(bodies_with_length_and_chunks_are_collected)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    int fd = dial(f.port);
    assert_int_equal(ask_on(fd, "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde", &in),
                     200);
    HAS(&in, "\r\n\r\n5:abcde");
    assert_int_equal(ask_on(fd,
                            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n",
                            &in),
                     200);
    HAS(&in, "\r\n\r\n7:abcdefg");
    assert_int_equal(ask_on(fd, "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", &in), 200);
    HAS(&in, "\r\n\r\n0:");
    /* In pieces, and after asking for leave. */
    send_all(fd,
             STR("POST /v1/body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n"));
    buf_clear(&in);
    while (strstr(buf_cstr(&in), "100 Continue") == NULL)
        assert_true(recv_more(fd, &in, 5000));
    send_all(fd, STR("abc"));
    clock_sleep_ms(20);
    assert_int_equal(ask_on(fd, "def", &in), 200);
    HAS(&in, "\r\n\r\n6:abcdef");
    close(fd);
    down(&f);
}

TEST(a_body_past_the_limit_is_413)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    assert_int_equal(
        ask(f.port, "POST /v1/small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789", &in), 200);
    int fd = dial(f.port);
    assert_int_equal(
        ask_on(fd, "POST /v1/small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n0123456789a", &in), 413);
    HAS(&in, "the body has 11 bytes; 10 are allowed");
    assert_int_equal(ask_on(fd, GET("/edge"), &in), 200); /* it was read, so the connection goes on */
    close(fd);
    /* Far too large: refused before a byte of it came, and closed. */
    fd = dial(f.port);
    assert_int_equal(
        ask_on(fd, "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", &in), 413);
    assert_true(is_closed(fd, 5000));
    close(fd);
    assert_int_equal(ask(f.port,
                         "POST /v1/small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n",
                         &in),
                     413);
    down(&f);
}

static void test_headers(int port, int n, size_t value_len, int expected)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20), in = BUF(1 << 20);
    buf_add_c(&out, "GET /v1/hello HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < n; i++) {
        buf_addf(&out, "X-Header-%d: ", i);
        for (size_t k = 0; k < value_len; k++)
            buf_add_char(&out, 'v');
        buf_add_c(&out, "\r\n");
    }
    buf_add_c(&out, "\r\n");
    assert_int_equal(ask(port, buf_cstr(&out), &in), expected);
}

TEST(headers_and_targets_past_their_limits_are_431_and_414)
{
    Fixture f = up();
    test_headers(f.port, 63, 10, 200); /* with Host: HTTP_HEADERS_MAX */
    test_headers(f.port, 64, 10, 431);
    test_headers(f.port, 2, 5000, 200);
    test_headers(f.port, 2, 9000, 431);
    CLEANUP(buf_done) Buf out = BUF(1 << 20), in = BUF(1 << 20);
    buf_add_c(&out, "GET /v1/echo/");
    for (int i = 0; i < 20000; i++)
        buf_add_char(&out, 'a');
    buf_add_c(&out, " HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(ask(f.port, buf_cstr(&out), &in), 414);
    down(&f);
}

TEST(malformed_requests_are_refused_and_the_connection_closed)
{
    static const struct {
        const char *name;
        Str request;
        int status; /* 0: closed without an answer */
    } rows[] = {
#define ROW(name_, request_, status_) {name_, {request_, sizeof(request_) - 1}, status_}
        ROW("two lengths that differ",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        ROW("two lengths that agree",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        ROW("a list of lengths", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
        ROW("length and chunked",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: "
            "chunked\r\n\r\n0\r\n\r\n",
            400),
        ROW("chunked and length",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
            "3\r\n\r\n0\r\n\r\n",
            400),
        ROW("two chunked",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
            "chunked\r\n\r\n0\r\n\r\n",
            400),
        ROW("identity", "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 400),
        ROW("gzip, chunked",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        ROW("xchunked", "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            400),
        ROW("chunked with a tab",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", 400),
        ROW("chunked with vertical tab",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0b"
            "chunked\r\n\r\n0\r\n\r\n",
            400),
        ROW("chunked on 1.0", "POST /v1/body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ROW("negative length", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ROW("plus sign", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", 400),
        ROW("hexadecimal length", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc", 400),
        ROW("empty length", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400),
        ROW("blank before the colon", "GET /v1/hello HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ROW("blank before the colon of a length",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", 400),
        ROW("bare LF after the request line", "GET /v1/hello HTTP/1.1\nHost: x\r\n\r\n", 400),
        ROW("bare LF after a header", "GET /v1/hello HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400),
        ROW("bare LF after the last header", "GET /v1/hello HTTP/1.1\r\nHost: x\n\r\n", 400),
        ROW("bare LF at the end", "GET /v1/hello HTTP/1.1\r\nHost: x\r\n\n", 400),
        ROW("only bare LF", "GET /v1/hello HTTP/1.1\nHost: x\n\n", 400),
        ROW("bare CR in a value", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n", 400),
        ROW("folded header", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ROW("folded first header", "GET /v1/hello HTTP/1.1\r\n Host: x\r\n\r\n", 400),
        ROW("folded length", "POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\t4\r\n\r\nabc", 400),
        ROW("NUL in a value", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
        ROW("NUL at the end of a value", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n", 400),
        ROW("NUL in a name", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA\0B: b\r\n\r\n", 400),
        ROW("control character in a value",
            "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\x01"
            "c\r\n\r\n",
            400),
        ROW("DEL in a value", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA: b\x7f\r\n\r\n", 400),
        ROW("name that is no token", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nA(b): c\r\n\r\n", 400),
        ROW("empty name", "GET /v1/hello HTTP/1.1\r\nHost: x\r\n: c\r\n\r\n", 400),
        ROW("no colon", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400),
        ROW("no Host", "GET /v1/hello HTTP/1.1\r\n\r\n", 400),
        ROW("two Hosts", "GET /v1/hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ROW("Host with a path", "GET /v1/hello HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
        ROW("two blanks in the request line", "GET  /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("blank at the end of the request line", "GET /v1/hello HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
        ROW("blank in the target", "GET /v1/hello x HTTP/1.1\r\nHost: x\r\n\r\n", 0),
        ROW("NUL in the target", "GET /v1/hello\0x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("tab in the request line", "GET\t/v1/hello\tHTTP/1.1\r\nHost: x\r\n\r\n", 0),
        ROW("no version", "GET /v1/hello\r\nHost: x\r\n\r\n", 400),
        ROW("version 2", "GET /v1/hello HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ROW("version with a sign", "GET /v1/hello HTTP/1.+1\r\nHost: x\r\n\r\n", 400),
        ROW("lower-case version", "GET /v1/hello http/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("method that is no token", "G(T /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("target without a slash", "GET v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("dot segments", "GET /v1/../v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("encoded dot segments", "GET /v1/%2e%2E/v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("encoded slash", "GET /v1%2Fhello HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("encoded NUL", "GET /v1/echo/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("broken escape", "GET /v1/echo/a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("fragment", "GET /v1/hello#x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("raw bytes above ASCII", "GET /v1/echo/\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("chunk size that is no number",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ROW("chunk longer than its size",
            "POST /v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
            400),
        ROW("TLS on the plain port", "\x16\x03\x01\x00\x05hello\r\n\r\n", 0),
#undef ROW
    };
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = dial(f.port);
        send_all(fd, rows[i].request);
        int status = recv_answer(fd, &in, false);
        bool closed = is_closed(fd, 5000);
        if (status != rows[i].status || !closed) {
            print_error("%s: %d instead of %d%s\n", rows[i].name, status, rows[i].status,
                        closed ? "" : ", still open");
            wrong++;
        }
        close(fd);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(ask(f.port, GET("/v1/hello"), &in), 200);
    down(&f);
}

TEST(unusual_but_correct_requests_are_answered)
{
    static const char *const rows[] = {
        "GET http://x/v1/hello HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/hello HTTP/1.0\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nhOST:x\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nHost: x\r\nEmpty:\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nHost: x\r\nTabs: \ta\tb\t\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nHost: x\r\nName: J\xc3\xbcrgen\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=\"d\"\r\nCookie: e=f\r\n\r\n",
        "\r\nGET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/hello?a&b=&=c&d=%41 HTTP/1.1\r\nHost: [::1]:8420\r\n\r\n",
        "GET /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab",
    };
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (ask(f.port, rows[i], &in) != 200)
            fail_msg("row %zu: %s", i, buf_cstr(&in));
    /* Byte by byte: the layout of the head does not depend on how it arrived. */
    int fd = dial(f.port);
    for (const char *p = "GET /v1/echo/x?q=1 HTTP/1.1\r\nHost: x\r\nX-Thing: v\r\n\r\n"; *p != '\0'; p++) {
        send_all(fd, (Str){p, 1});
        clock_sleep_ms(1);
    }
    assert_int_equal(recv_answer(fd, &in, false), 200);
    HAS(&in, "/v1/echo/{what}|x|1|v|");
    close(fd);
    down(&f);
}

TEST(a_slow_client_is_dropped_although_it_keeps_sending)
{
    Conf conf = fixture_conf();
    conf.http_idle = 1000;
    Fixture f = up_with(conf, 2, 8);
    int fd = dial(f.port), idle = dial(f.port);
    int64_t began = clock_mono_us();
    send_all(fd, STR("GET /v1/hello HTTP/1.1\r\n"));
    bool closed = false;
    for (int i = 0; i < 60 && !closed; i++) {
        send_all(fd, STR("X"));
        closed = is_closed(fd, 100);
    }
    assert_true(closed);
    assert_true(clock_mono_us() - began < 5 * US_PER_S);
    assert_true(is_closed(idle, 5000));
    close(fd);
    close(idle);
    down(&f);
}

TEST(connections_past_the_limits_are_closed)
{
    Conf conf = fixture_conf();
    conf.http_connections = 3;
    Fixture f = up_with(conf, 2, 8);
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(f.port);
        assert_int_equal(ask_on(fds[i], GET("/edge"), &in), 200);
    }
    int more = dial(f.port);
    assert_true(is_closed(more, 5000));
    close(more);
    close(fds[0]);
    clock_sleep_ms(50);
    assert_int_equal(ask(f.port, GET("/edge"), &in), 200); /* room again */
    close(fds[1]);
    close(fds[2]);
    down(&f);
    conf.http_connections = 100;
    conf.http_connections_per_ip = 2;
    f = up_with(conf, 2, 8);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(f.port);
        assert_int_equal(ask_on(fds[i], GET("/edge"), &in), 200);
    }
    more = dial(f.port);
    assert_true(is_closed(more, 5000));
    close(more);
    close(fds[0]);
    close(fds[1]);
    down(&f);
}

/* --- pools, aborts, drain --------------------------------------------------------------------------------------- */

TEST(a_full_pool_is_503_with_retry_after)
{
    Fixture f = up_with(fixture_conf(), 1, 1);
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int running = dial(f.port), waiting = dial(f.port);
    send_all(running, STR(GET("/v1/gate")));
    gate_wait_inside(1);
    send_all(waiting, STR(GET("/v1/gate")));
    while (rt_pool_stats(f.pool).queued < 1)
        clock_sleep_ms(1);
    assert_int_equal(ask(f.port, GET("/v1/hello"), &in), 503);
    HAS(&in, "Retry-After: 1\r\n");
    HAS(&in, "\"kind\":\"busy\"");
    assert_int_equal(ask(f.port, GET("/edge"), &in), 200); /* the edge itself is free */
    gate_open();
    assert_int_equal(recv_answer(running, &in, false), 200);
    assert_int_equal(recv_answer(waiting, &in, false), 200);
    close(running);
    close(waiting);
    down(&f);
}

TEST(a_request_that_waited_past_its_deadline_is_not_run)
{
    Conf conf = fixture_conf();
    conf.http_deadline = 100;
    Fixture f = up_with(conf, 1, 8);
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int running = dial(f.port), waiting = dial(f.port);
    send_all(running, STR(GET("/v1/gate")));
    gate_wait_inside(1);
    send_all(waiting, STR(GET("/v1/gate")));
    clock_sleep_ms(150);
    log_set_level(LOG_OFF);
    gate_open();
    assert_int_equal(recv_answer(waiting, &in, false), 504);
    log_set_level(LOG_INFO);
    assert_int_equal(gate.inside, 1);
    close(running);
    close(waiting);
    down(&f);
}

TEST(a_client_that_leaves_during_its_handler_harms_nobody)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    for (int round = 0; round < 10; round++) {
        gate_close();
        int fd = dial(f.port);
        send_all(fd, STR(GET("/v1/gate")));
        gate_wait_inside(1);
        struct linger reset = {1, 0};
        if (round % 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        gate_open();
        assert_int_equal(ask(f.port, GET("/v1/hello"), &in), 200);
    }
    down(&f);
}

typedef struct Drain {
    Fixture *f;
    int64_t took_ms;
} Drain;

static void *drain_thread(void *arg)
{
    Drain *d = arg;
    int64_t began = clock_mono_us();
    http_server_drain(d->f->server, deadline_in_ms(10000));
    d->took_ms = (clock_mono_us() - began) / 1000;
    return NULL;
}

TEST(drain_finishes_what_runs_and_ends_the_rest)
{
    Fixture f = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int idle = dial(f.port), running = dial(f.port), live = dial(f.port);
    assert_int_equal(ask_on(idle, GET("/edge"), &in), 200);
    send_all(live, STR(GET("/v1/live")));
    buf_clear(&in);
    while (strstr(buf_cstr(&in), "retry: 2000") == NULL)
        assert_true(recv_more(live, &in, 5000));
    send_all(running, STR(GET("/v1/gate")));
    gate_wait_inside(1);
    Drain d = {.f = &f};
    pthread_t drainer;
    pthread_create(&drainer, NULL, drain_thread, &d);
    assert_true(is_closed(idle, 5000));
    while (!is_closed(live, 0) && recv_more(live, &in, 5000)) /* the end of the stream, properly */
        ;
    assert_true(str_ends(buf_str(&in), STR("0\r\n\r\n")));
    int late = -1;
    for (int i = 0; i < 500 && (late = dial(f.port)) >= 0; i++) {
        close(late);
        clock_sleep_ms(10);
    }
    assert_int_equal(late, -1); /* refused: nobody listens */
    gate_open();
    assert_int_equal(recv_answer(running, &in, false), 200);
    HAS(&in, "Connection: close\r\n");
    HAS(&in, "through");
    pthread_join(drainer, NULL);
    assert_true(d.took_ms < 9000);
    close(idle);
    close(running);
    close(live);
    down(&f);
}

TEST(freeing_with_open_connections_and_streams_is_clean)
{
    Fixture f = up();
    int fds[40];
    for (int i = 0; i < 40; i++) {
        fds[i] = dial(f.port);
        send_all(fds[i], i % 4 == 0   ? STR(GET("/v1/live"))
                         : i % 4 == 1 ? STR("GET /v1/he")
                         : i % 4 == 2
                             ? STR(GET("/v1/large"))
                             : STR("POST /v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"));
    }
    clock_sleep_ms(20);
    down(&f);
    for (int i = 0; i < 40; i++)
        close(fds[i]);
}

static void *hammer(void *arg)
{
    int port = *(int *)arg;
    CLEANUP(buf_done) Buf in = BUF(8 << 20);
    for (int round = 0; round < 20; round++) {
        int fd = dial(port);
        for (int i = 0; i < 20; i++)
            if (ask_on(fd, i % 5 == 4 ? GET("/v1/fail/not_found") : GET("/v1/echo/a?q=b"), &in) == 0)
                return (void *)1;
        if (round % 3 == 0)
            send_all(fd, STR(GET("/v1/large"))); /* and leaves */
        close(fd);
    }
    return NULL;
}

TEST(threads_of_clients_are_all_served)
{
    Fixture f = up();
    pthread_t threads[6];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_create(&threads[i], NULL, hammer, &f.port);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    CLEANUP(buf_done) Buf page = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &page);
    HAS(&page, "ehub_http_requests_total{route=\"/v1/echo/{what}\",method=\"GET\",status=\"200\"} ");
    HAS(&page, "ehub_rt_pool_rejected_total{pool=\"api\"} ");
    down(&f);
}

/* --- start ------------------------------------------------------------------------------------------------------ */

TEST(a_bad_start_names_the_setting)
{
    Fixture f = up();
    Conf rows[] = {fixture_conf(), fixture_conf(), fixture_conf(), fixture_conf(), fixture_conf()};
    rows[0].http_port = f.port;
    rows[1].http_listen = "localhost.example";
    rows[2].http_tls_cert = "/nonexistent/cert.pem";
    rows[3].http_tls_cert = rows[3].http_tls_key = "/nonexistent/cert.pem";
    rows[4].http_tls_cert = rows[4].http_tls_key = "/etc/passwd";
    const ErrKind kinds[] = {ERR_UNAVAILABLE, ERR_INVALID, ERR_INVALID, ERR_NOT_FOUND, ERR_INVALID};
    const char *const words[] = {"http.port", "http.listen", "http.tls.key", "/nonexistent/cert.pem",
                                 "http.tls.cert"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err = {0};
        HttpServer *s = NULL;
        HttpServerConf sc = {.conf = &rows[i],
                             .routes = ROUTES,
                             .n_routes = ARRAY_LEN(ROUTES),
                             .pools = {NULL, f.pool, f.pool}};
        T_FAILS(kinds[i], http_server_new(&sc, &s, &err));
        assert_null(s);
        if (strstr(err.msg, words[i]) == NULL)
            fail_msg("%s", err.msg);
    }
    down(&f);
}

T_MAIN(T(a_request_is_answered_with_the_default_headers), T(a_handler_sees_parameters_query_headers_and_peer),
       T(many_requests_share_one_connection), T(head_has_the_headers_and_no_body),
       T(unknown_paths_and_methods_are_told_apart), T(failures_are_problem_documents_and_5xx_tell_nothing),
       T(a_header_value_cannot_split_the_answer), T(a_large_answer_arrives_whole),
       T(bodies_with_length_and_chunks_are_collected), T(a_body_past_the_limit_is_413),
       T(headers_and_targets_past_their_limits_are_431_and_414),
       T(malformed_requests_are_refused_and_the_connection_closed),
       T(unusual_but_correct_requests_are_answered), T(a_slow_client_is_dropped_although_it_keeps_sending),
       T(connections_past_the_limits_are_closed), T(a_full_pool_is_503_with_retry_after),
       T(a_request_that_waited_past_its_deadline_is_not_run),
       T(a_client_that_leaves_during_its_handler_harms_nobody), T(drain_finishes_what_runs_and_ends_the_rest),
       T(freeing_with_open_connections_and_streams_is_clean), T(threads_of_clients_are_all_served),
       T(a_bad_start_names_the_setting))
