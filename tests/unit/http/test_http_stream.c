#include "http_fixture.h"

#include "http/http_stream.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

#define STREAMS_MAX 600

static HttpStream *made[STREAMS_MAX];
static atomic_int n_taken, n_made;

static ErrKind h_live(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    r->stream = http_stream_new(64 << 10);
    made[atomic_fetch_add(&n_taken, 1)] = http_stream_ref(r->stream);
    atomic_fetch_add(&n_made, 1);
    return ERR_NONE;
}

static const HttpRoute ROUTES[] = {
    {.method = "GET", .pattern = "/v1/live", .handler = h_live, .pool = HTTP_ON_API}};

static RtPool *pool;
static HttpServer *server;
static Conf conf;

static int up(void)
{
    Err err = {0};
    conf = fixture_conf();
    n_taken = n_made = 0;
    T_OK(rt_pool_new("api", 4, STREAMS_MAX, &pool, &err), err);
    HttpServerConf sc = {.conf = &conf, .routes = ROUTES, .n_routes = 1, .pools = {NULL, pool, pool}};
    T_OK(http_server_new(&sc, &server, &err), err);
    return http_server_port(server);
}

static void down(void)
{
    http_server_free(server);
    rt_pool_free(pool);
    for (int i = 0; i < n_made; i++)
        http_stream_unref(made[i]);
}

static int open_stream(int port, Buf *in)
{
    int before = n_made, fd = dial(port);
    buf_clear(in);
    send_all(fd, STR("GET /v1/live HTTP/1.1\r\nHost: x\r\n\r\n"));
    while (n_made == before)
        clock_sleep_ms(1);
    return fd;
}

static void await_text(int fd, Buf *in, const char *text)
{
    while (strstr(buf_cstr(in), text) == NULL)
        if (!recv_more(fd, in, 10000))
            fail_msg("the stream ended or fell silent before: %s", text);
}

TEST(events_are_written_as_the_standard_says)
{
    static const struct {
        const char *id, *type, *data, *wire;
    } rows[] = {
        {NULL, NULL, "x", "data: x\n\n"},
        {"0-17", "message", "{\"a\":1}", "id: 0-17\nevent: message\ndata: {\"a\":1}\n\n"},
        {NULL, NULL, "", "data: \n\n"},
        {NULL, NULL, "a\nb", "data: a\ndata: b\n\n"},
        {NULL, NULL, "a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"},
        {"1\nevent: forged", "t\rdata: forged", "x", "id: 1\nevent: t\ndata: x\n\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf out = BUF(1000);
        http_stream_event(&out, str_from(rows[i].id), str_from(rows[i].type), str_from(rows[i].data));
        T_STR(rows[i].wire, buf_str(&out));
    }
}

TEST(what_is_sent_arrives_at_once_and_close_ends_it)
{
    int port = up();
    Err err = {0};
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int fd = open_stream(port, &in);
    HttpStream *s = made[0];
    for (int i = 0; i < 200; i++) {
        char text[40];
        snprintf(text, sizeof text, "data: %d.\n\n", i);
        int64_t began = clock_mono_us();
        T_OK(http_stream_send(s, str_from(text), &err), err);
        await_text(fd, &in, text);
        assert_true(clock_mono_us() - began < 5 * US_PER_S); /* a lost wake-up would wait for ever */
    }
    assert_non_null(strstr(buf_cstr(&in), "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(buf_cstr(&in), "Cache-Control: no-store\r\n"));
    assert_true(http_stream_idle_ms(s) < 5000);
    T_OK(http_stream_send(s, STR("last"), &err), err);
    http_stream_close(s);
    assert_true(http_stream_closed(s));
    await_text(fd, &in, "last\r\n0\r\n\r\n");
    T_FAILS(ERR_CANCELLED, http_stream_send(s, STR("x"), &err));
    close(fd);
    down();
}

static void *send_many(void *arg)
{
    for (int i = 0; i < 500; i++)
        if (http_stream_send(arg, STR("data: ~\n\n"), NULL) != ERR_NONE)
            return (void *)1;
    return NULL;
}

static size_t count(const Buf *in, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < in->len; i++)
        n += in->ptr[i] == c;
    return n;
}

TEST(several_threads_may_send)
{
    int port = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int fd = open_stream(port, &in);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, send_many, made[0]);
    for (int i = 0; i < 3; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    /* The tilde is in every event once, and in nothing that the protocol puts around them. */
    while (count(&in, '~') < 1500)
        assert_true(recv_more(fd, &in, 10000));
    assert_int_equal(count(&in, '~'), 1500);
    close(fd);
    down();
}

TEST(a_client_that_does_not_read_is_dropped_at_the_limit)
{
    int port = up();
    Err err = {0};
    CLEANUP(buf_done) Buf in = BUF(64 << 20);
    static char block[16 << 10];
    memset(block, 'x', sizeof block);
    int slow = open_stream(port, &in), good = open_stream(port, &in);
    HttpStream *s = made[0];
    ErrKind kind = ERR_NONE;
    int blocks = 0;
    for (; kind == ERR_NONE && blocks < 10000; blocks++) {
        kind = http_stream_send(s, (Str){block, sizeof block}, &err);
        clock_sleep_ms(1);
    }
    assert_int_equal(kind, ERR_LIMIT);
    assert_true(http_stream_closed(s));
    assert_non_null(strstr(err.msg, "65536"));
    T_FAILS(ERR_LIMIT, http_stream_send(s, STR("x"), &err));
    int64_t began = clock_mono_us();
    while (recv_more(slow, &in, 10000)) /* what the kernel holds, then the end */
        ;
    assert_true(clock_mono_us() - began < 8 * US_PER_S);
    T_OK(http_stream_send(made[1], STR("data: still here\n\n"), &err), err);
    buf_clear(&in);
    await_text(good, &in, "still here");
    close(slow);
    close(good);
    down();
}

TEST(an_event_larger_than_the_buffer_ends_a_parked_stream)
{
    int port = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20), big = BUF(1 << 20);
    int fd = open_stream(port, &in);
    await_text(fd, &in, "\r\n\r\n");
    for (int i = 0; i < 70000; i++)
        buf_add_char(&big, 'x');
    T_FAILS(ERR_LIMIT, http_stream_send(made[0], buf_str(&big), NULL));
    while (recv_more(fd, &in, 5000))
        ;
    assert_true(is_closed(fd, 5000));
    close(fd);
    down();
}

TEST(a_client_that_left_is_noticed_by_the_sender)
{
    int port = up();
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    int fd = open_stream(port, &in);
    close(fd);
    ErrKind kind = ERR_NONE;
    for (int i = 0; kind == ERR_NONE && i < 500; i++) {
        kind = http_stream_send(made[0], STR(": heartbeat\n\n"), NULL);
        clock_sleep_ms(5);
    }
    assert_int_equal(kind, ERR_CANCELLED);
    assert_true(http_stream_closed(made[0]));
    down();
}

TEST(a_client_that_left_before_the_stream_began_is_noticed_too)
{
    int port = up();
    for (int i = 0; i < 50; i++) {
        int fd = dial(port), before = n_made;
        struct linger reset = {1, 0};
        send_all(fd, STR("GET /v1/live HTTP/1.1\r\nHost: x\r\n\r\n"));
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        clock_sleep_ms(2);
        if (n_made == before)
            continue; /* it left before its handler ran */
        for (int k = 0; k < 1000 && http_stream_send(made[before], STR(":\n\n"), NULL) == ERR_NONE; k++)
            clock_sleep_ms(2);
        assert_true(http_stream_closed(made[before]));
    }
    down();
}

TEST(many_streams_hold_no_thread_and_all_get_the_news)
{
    int port = up(), fds[500];
    CLEANUP(buf_done) Buf in = BUF(1 << 20);
    for (int i = 0; i < 500; i++) {
        fds[i] = open_stream(port, &in);
        assert_true(fds[i] >= 0);
    }
    assert_int_equal(rt_pool_stats(pool).threads, 4);
    for (int i = 0; i < 500; i++)
        T_OK(http_stream_send(made[i], STR("data: news\n\n"), NULL), (Err){0});
    for (int i = 0; i < 500; i++) {
        buf_clear(&in);
        await_text(fds[i], &in, "data: news");
    }
    CLEANUP(buf_done) Buf page = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &page);
    assert_non_null(strstr(buf_cstr(&page), "\nehub_http_streams 500\n"));
    down(); /* with all of them open */
    for (int i = 0; i < 500; i++)
        close(fds[i]);
    buf_clear(&page);
    metrics_render(METRICS_TEXT_0_0_4, &page);
    assert_non_null(strstr(buf_cstr(&page), "\nehub_http_streams 0\n"));
}

TEST(a_stream_nobody_attached_is_freed)
{
    HttpStream *s = http_stream_new(100);
    T_OK(http_stream_send(s, STR("x"), NULL), (Err){0});
    http_stream_close(s);
    http_stream_unref(s);
    http_stream_unref(NULL);
}

T_MAIN(T(events_are_written_as_the_standard_says), T(what_is_sent_arrives_at_once_and_close_ends_it),
       T(several_threads_may_send), T(a_client_that_does_not_read_is_dropped_at_the_limit),
       T(an_event_larger_than_the_buffer_ends_a_parked_stream),
       T(a_client_that_left_is_noticed_by_the_sender),
       T(a_client_that_left_before_the_stream_began_is_noticed_too),
       T(many_streams_hold_no_thread_and_all_get_the_news), T(a_stream_nobody_attached_is_freed))
