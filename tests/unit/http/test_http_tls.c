/* Over TLS, with openssl's own client; skipped where there is no openssl program. */
#include "http_fixture.h"

#include "base/file.h"
#include "http/http_stream.h"
#include "rt/rt_child.h"

static char dir[] = "/tmp/ehub-http-tls-XXXXXX";
static Conf conf;
static RtPool *pool;
static HttpServer *server;

static ErrKind h_hello(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)e;
    buf_add_c(&r->body, q->tls ? "over tls" : "plain");
    return ERR_NONE;
}

static ErrKind h_live(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q;
    r->stream = http_stream_new(4096);
    TRY(http_stream_send(r->stream, STR("data: one\n\ndata: two\n\n"), e));
    http_stream_close(r->stream);
    return ERR_NONE;
}

static const HttpRoute ROUTES[] = {
    {.method = "GET", .pattern = "/v1/hello", .handler = h_hello, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/v1/live", .handler = h_live, .pool = HTTP_ON_API}};

static ErrKind sh(Buf *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
static ErrKind sh(Buf *out, const char *fmt, ...)
{
    char script[2000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(script, sizeof script, fmt, ap);
    va_end(ap);
    const char *const argv[] = {"sh", "-c", script, NULL};
    return rt_child_run(&(RtChildConf){.name = "openssl", .argv = argv}, deadline_in_ms(30000), out, NULL);
}

static void up(void)
{
    if (server != NULL)
        return;
    if (sh(NULL, "command -v openssl") != ERR_NONE)
        skip();
    static char cert[100], key[100];
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    assert_int_equal(
        sh(NULL,
           "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
           "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout %s -out %s",
           key, cert),
        ERR_NONE);
    conf = fixture_conf();
    conf.http_tls_cert = cert;
    conf.http_tls_key = key;
    Err err = {0};
    T_OK(rt_pool_new("api", 2, 16, &pool, &err), err);
    HttpServerConf sc = {.conf = &conf, .routes = ROUTES, .n_routes = 2, .pools = {NULL, pool, pool}};
    T_OK(http_server_new(&sc, &server, &err), err);
}

static ErrKind client(const char *options, const char *path, Buf *out)
{
    return sh(out,
              "printf 'GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | openssl "
              "s_client -connect "
              "127.0.0.1:%d -servername localhost -CAfile %s/cert.pem -verify_return_error -ign_eof %s 2>&1",
              path, http_server_port(server), dir, options);
}

TEST(a_verified_client_is_answered_with_tls_1_2_and_1_3)
{
    up();
    static const char *const rows[][2] = {{"-tls1_2", "TLSv1.2"}, {"-tls1_3", "TLSv1.3"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf out = BUF(1 << 20);
        client(rows[i][0], "/v1/hello", &out);
        if (strstr(buf_cstr(&out), "over tls") == NULL || strstr(buf_cstr(&out), rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], buf_cstr(&out));
        assert_non_null(strstr(buf_cstr(&out), "Verification: OK"));
        assert_non_null(strstr(buf_cstr(&out), "Strict-Transport-Security: max-age="));
    }
}

TEST(tls_1_1_is_refused)
{
    up();
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    assert_int_not_equal(client("-tls1_1 -cipher DEFAULT@SECLEVEL=0", "/v1/hello", &out), ERR_NONE);
    assert_null(strstr(buf_cstr(&out), "over tls"));
}

TEST(a_stream_flows_over_tls)
{
    up();
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    client("", "/v1/live", &out);
    assert_non_null(strstr(buf_cstr(&out), "data: one\n\ndata: two\n\n"));
}

TEST(a_plain_request_on_the_tls_port_gets_no_answer)
{
    up();
    CLEANUP(buf_done) Buf in = BUF(1 << 16);
    assert_int_equal(ask(http_server_port(server), "GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", &in), 0);
    assert_null(strstr(buf_cstr(&in), "plain"));
}

TEST(a_key_that_does_not_belong_to_the_certificate_is_refused)
{
    up();
    char other[120];
    snprintf(other, sizeof other, "%s/other.pem", dir);
    assert_int_equal(sh(NULL, "openssl ecparam -name prime256v1 -genkey -noout -out %s", other), ERR_NONE);
    Conf bad = conf;
    bad.http_tls_key = other;
    HttpServer *s;
    Err err = {0};
    HttpServerConf sc = {.conf = &bad, .routes = ROUTES, .n_routes = 2, .pools = {NULL, pool, pool}};
    T_FAILS(ERR_INVALID, http_server_new(&sc, &s, &err));
    assert_non_null(strstr(err.msg, "http.tls.key"));
}

TEST(stopping_with_tls_connections_open_is_clean)
{
    up();
    int fd = dial(http_server_port(server));
    http_server_free(server);
    rt_pool_free(pool);
    close(fd);
    sh(NULL, "rm -r %s", dir);
}

T_MAIN(T(a_verified_client_is_answered_with_tls_1_2_and_1_3), T(tls_1_1_is_refused),
       T(a_stream_flows_over_tls), T(a_plain_request_on_the_tls_port_gets_no_answer),
       T(a_key_that_does_not_belong_to_the_certificate_is_refused),
       T(stopping_with_tls_connections_open_is_clean))
