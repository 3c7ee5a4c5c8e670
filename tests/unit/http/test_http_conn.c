/* test_http_conn.c - how long a connection may stay in each phase, judged at moments the test names. */
#include "harness/t.h"

#include "base/clock.h"
#include "http/http_conn.h"
#include "http/http_stream_edge.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_MS 1000

typedef struct Fixture {
    HttpConns conns;
    HttpConn *conn;
    int fds[2];
    int64_t began_us;
} Fixture;

static void begin(Fixture *f)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, f->fds), 0);
    http_conns_init(&f->conns, IDLE_MS);
    f->conn = http_conns_add(&f->conns, f->fds[0], NULL);
    f->began_us = clock_mono_us();
}

static void end(Fixture *f)
{
    http_conns_remove(&f->conns, f->conn);
    http_conns_done(&f->conns);
    close(f->fds[0]);
    close(f->fds[1]);
}

/* How many are broken that many seconds after the begin; and how many of them as readers. */
static int sweep(Fixture *f, int64_t after_s, int *ret_readers)
{
    return http_conns_sweep(&f->conns, f->began_us + after_s * US_PER_S, ret_readers);
}

static bool peer_sees_the_end(const Fixture *f)
{
    struct pollfd p = {.fd = f->fds[1], .events = POLLIN};
    char c;
    return poll(&p, 1, 0) == 1 && recv(f->fds[1], &c, 1, 0) == 0;
}

TEST(who_does_not_read_an_answer_is_broken_after_the_time_for_its_size)
{
    (void)state;
    Fixture f;
    int readers;
    begin(&f);
    http_conn_answer(&f.conns, f.conn, 10 * 65536); /* 10 s at 64 KiB/s, and 1 s of http.idle */
    assert_int_equal(sweep(&f, 10, &readers), 0);
    assert_false(peer_sees_the_end(&f));
    assert_int_equal(sweep(&f, 12, &readers), 1);
    assert_int_equal(readers, 1);
    assert_true(peer_sees_the_end(&f));
    assert_int_equal(sweep(&f, 13, &readers), 0);
    end(&f);
}

TEST(a_handler_that_runs_and_an_open_stream_have_no_end_here)
{
    (void)state;
    Fixture f;
    int readers;
    begin(&f);
    http_conn_enter(&f.conns, f.conn, HTTP_PHASE_BUSY);
    assert_int_equal(sweep(&f, 1000000, &readers), 0);
    HttpStream *s = http_stream_new(65536);
    http_conn_set_stream(&f.conns, f.conn, s);
    assert_int_equal(sweep(&f, 1000000, &readers), 0);
    http_conn_set_stream(&f.conns, f.conn, NULL);
    http_stream_unref(s);
    end(&f);
}

TEST(a_closed_stream_that_is_not_read_is_broken)
{
    (void)state;
    Fixture f;
    Err err;
    int readers;
    begin(&f);
    http_conn_enter(&f.conns, f.conn, HTTP_PHASE_BUSY);
    HttpStream *s = http_stream_new(1 << 20);
    http_conn_set_stream(&f.conns, f.conn, s);
    static char bytes[2 * 65536];
    memset(bytes, 'x', sizeof bytes);
    T_OK(http_stream_send(s, (Str){bytes, sizeof bytes}, &err), err);
    http_stream_close(s);
    assert_int_equal(sweep(&f, 100, &readers), 0); /* the first that sees it closed: 2 s and 1 s from here */
    assert_int_equal(sweep(&f, 102, &readers), 0);
    assert_int_equal(sweep(&f, 104, &readers), 1);
    assert_int_equal(readers, 1);
    http_conn_set_stream(&f.conns, f.conn, NULL);
    http_stream_unref(s);
    end(&f);
}

TEST(a_slow_request_is_not_counted_as_a_slow_reader)
{
    (void)state;
    Fixture f;
    int readers;
    begin(&f);
    http_conn_enter(&f.conns, f.conn, HTTP_PHASE_READING);
    assert_int_equal(sweep(&f, 2, &readers), 1);
    assert_int_equal(readers, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(who_does_not_read_an_answer_is_broken_after_the_time_for_its_size),
        T(a_handler_that_runs_and_an_open_stream_have_no_end_here),
        T(a_closed_stream_that_is_not_read_is_broken),
        T(a_slow_request_is_not_counted_as_a_slow_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
