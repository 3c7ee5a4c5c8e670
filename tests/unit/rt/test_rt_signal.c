#include "harness/t.h"

#include "rt/rt_signal.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

TEST(nothing_pending_returns_at_the_deadline)
{
    Err err = {0};
    T_OK(rt_signal_init(&err), err);
    int64_t before = clock_mono_us();
    assert_int_equal(rt_signal_wait(deadline_in_ms(30)), 0);
    assert_true(clock_mono_us() - before >= 30000);
    assert_false(rt_signal_stop_requested());
}

TEST(a_signal_is_delivered_through_the_descriptor)
{
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    struct pollfd p = {.fd = rt_signal_fd(), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 1000), 1);
    assert_int_equal(rt_signal_wait(deadline_in_ms(1000)), SIGHUP);
    assert_false(rt_signal_stop_requested());
}

TEST(long_work_sees_a_stop_that_nobody_waited_for)
{
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_true(rt_signal_stop_requested());
    assert_int_equal(rt_signal_wait(deadline_in_ms(1000)), SIGTERM); /* looking did not take it */
    assert_true(rt_signal_stop_requested());
}

TEST(a_broken_pipe_is_an_error_not_a_death)
{
    int p[2];
    assert_int_equal(pipe(p), 0);
    close(p[0]);
    assert_int_equal(write(p[1], "x", 1), -1);
    close(p[1]);
}

T_MAIN(T(nothing_pending_returns_at_the_deadline), T(a_signal_is_delivered_through_the_descriptor),
       T(long_work_sees_a_stop_that_nobody_waited_for), T(a_broken_pipe_is_an_error_not_a_death))
