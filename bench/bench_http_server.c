/* bench_http_server.c - requests a second through a pool and on the edge (wrk on the same cores), and the memory of
 * idle streams. Prints one JSON object.
 *
 *     bench_http_server [SECONDS [STREAMS]]          needs wrk for the requests; streams use this process as client */
#include "base/clock.h"
#include "base/file.h"
#include "base/jw.h"
#include "base/log.h"
#include "http/http_server.h"
#include "http/http_stream.h"
#include "rt/rt_child.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAMS_MAX 20000
static const char BODY[] =
    "{\"id\":\"0190a0b0-0000-7000-8000-000000000000\",\"name\":\"Ada Example\",\"probability\":0.42,"
    "\"closings\":3,\"target\":2}";

static HttpStream *_Atomic streams[STREAMS_MAX];
static atomic_int n_taken, n_streams;

static ErrKind h_answer(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    buf_add(&r->body, BODY, sizeof BODY - 1);
    return ERR_NONE;
}

static ErrKind h_live(HttpRequest *q, HttpResponse *r, Err *e)
{
    (void)q, (void)e;
    r->stream = http_stream_new(256 << 10);
    http_stream_ref(r->stream);
    streams[atomic_fetch_add(&n_taken, 1)] = r->stream;
    atomic_fetch_add(&n_streams, 1);
    return ERR_NONE;
}

static const HttpRoute ROUTES[] = {
    {.method = "GET", .pattern = "/v1/work", .handler = h_answer, .pool = HTTP_ON_API},
    {.method = "GET", .pattern = "/edge", .handler = h_answer, .pool = HTTP_ON_EDGE},
    {.method = "GET", .pattern = "/v1/live", .handler = h_live, .pool = HTTP_ON_API},
};

static double wrk(int port, const char *path, int connections, int seconds)
{
    char url[100], c[20], d[20];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    snprintf(c, sizeof c, "-c%d", connections);
    snprintf(d, sizeof d, "-d%d", seconds);
    const char *const argv[] = {"wrk", "-t2", c, d, url, NULL};
    CLEANUP(buf_done) Buf out = BUF(1 << 16);
    Err err = {0};
    if (rt_child_run(&(RtChildConf){.name = "wrk", .argv = argv}, deadline_in_ms((seconds + 20) * 1000), &out,
                     &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return -1;
    }
    const char *at = strstr(buf_cstr(&out), "Requests/sec:");
    if (strstr(buf_cstr(&out), "Non-2xx") != NULL || at == NULL)
        return -1;
    return strtod(at + 13, NULL);
}

static int64_t rss_kb(void)
{
    CLEANUP(buf_done) Buf text = BUF(8192);
    if (file_read("/proc/self/status", &text, NULL) != ERR_NONE)
        return -1;
    const char *at = strstr(buf_cstr(&text), "VmRSS:");
    return at != NULL ? strtol(at + 6, NULL, 10) : -1;
}

static int open_streams(int port, int n, int *fds)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static const char ask[] = "GET /v1/live HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n";
    for (int i = 0; i < n; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fds[i], (struct sockaddr *)&a, sizeof a) != 0 || write(fds[i], ask, sizeof ask - 1) < 0)
            return i;
    }
    Deadline by = deadline_in_ms(20000);
    while (n_streams < n && !deadline_passed(by))
        clock_sleep_ms(5);
    clock_sleep_ms(500); /* the heads of the answers go out */
    return n_streams;
}

static void bench_streams(Jw *w, int port, int n)
{
    static int fds[STREAMS_MAX];
    int64_t before = rss_kb();
    int open = open_streams(port, n, fds);
    int64_t after = rss_kb();
    char buf[4096];
    for (int i = 0; i < open; i++)
        if (recv(fds[i], buf, sizeof buf, MSG_DONTWAIT) <= 0)
            fprintf(stderr, "stream %d has no head\n", i);
    int64_t began = clock_mono_us();
    for (int i = 0; i < open; i++)
        if (http_stream_send(streams[i], STR("data: {\"n\":1}\n\n"), NULL) != ERR_NONE)
            fprintf(stderr, "stream %d is closed\n", i);
    for (int i = 0; i < open; i++)
        if (recv(fds[i], buf, sizeof buf, 0) <= 0)
            fprintf(stderr, "stream %d got nothing\n", i);
    int64_t took = clock_mono_us() - began;
    jw_kv_i64(w, "streams", open);
    jw_kv_i64(w, "rss_before_kb", before);
    jw_kv_i64(w, "rss_with_streams_kb", after);
    jw_kv_f64(w, "kb_per_stream", (double)(after - before) / open);
    jw_kv_f64(w, "one_event_to_all_ms", (double)took / 1000);
}

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5,
        n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5000;
    Conf conf = {.http_listen = "127.0.0.1",
                 .http_tls_cert = "",
                 .http_tls_key = "",
                 .http_connections = STREAMS_MAX,
                 .http_connections_per_ip = STREAMS_MAX,
                 .http_idle = 75000,
                 .http_body = 1 << 20,
                 .http_headers = 16 << 10,
                 .http_deadline = 10000};
    Err err = {0};
    RtPool *pool;
    HttpServer *s;
    if (rt_pool_new("api", 8, STREAMS_MAX, &pool, &err) != ERR_NONE)
        return fprintf(stderr, "%s\n", err.msg), 1;
    HttpServerConf sc = {
        .conf = &conf, .routes = ROUTES, .n_routes = ARRAY_LEN(ROUTES), .pools = {NULL, pool, pool}};
    if (http_server_new(&sc, &s, &err) != ERR_NONE)
        return fprintf(stderr, "%s\n", err.msg), 1;
    int port = http_server_port(s);
    CLEANUP(buf_done) Buf out = BUF(1 << 16);
    Jw w = jw(&out);
    jw_obj(&w);
    if (seconds > 0) {
        jw_kv_f64(&w, "pool_64_connections_per_s", wrk(port, "/v1/work", 64, seconds));
        jw_kv_f64(&w, "pool_1000_connections_per_s", wrk(port, "/v1/work", 1000, seconds));
        jw_kv_f64(&w, "edge_64_connections_per_s", wrk(port, "/edge", 64, seconds));
    }
    malloc_trim(0);
    bench_streams(&w, port, n < STREAMS_MAX ? n : STREAMS_MAX);
    if (seconds > 0)
        jw_kv_f64(&w, "pool_64_connections_beside_streams_per_s", wrk(port, "/v1/work", 64, seconds));
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
    http_server_free(s);
    rt_pool_free(pool);
    return 0;
}
