#include "harness/t.h"

#include "base/file.h"
#include "base/jv.h"
#include "base/log.h"
#include "metrics/metrics.h"
#include "stack/stack_watch.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

TEST(the_pause_doubles_up_to_its_cap_and_a_minute_of_running_resets_it)
{
    int64_t expected[] = {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000};
    int64_t pause = 0;
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        pause = stack_watch_pause(pause, 50);
        assert_int_equal(pause, expected[i]);
    }
    assert_int_equal(stack_watch_pause(10000, 59999), 10000);
    assert_int_equal(stack_watch_pause(10000, 60000), 100);
}

static int starts;
static bool refuse;

static ErrKind start_sleep(void *arg, RtChild **ret, Err *reterr)
{
    (void)arg;
    *ret = NULL;
    if (refuse)
        return err_set(reterr, ERR_BUSY, "not yet");
    starts++;
    static const char *const argv[] = {"sleep", "60", NULL};
    RtChildConf conf = {.name = "sleep", .argv = argv, .death_signal = SIGKILL};
    return rt_child_start(&conf, ret, reterr);
}

static void dir_in(char *template, StackDir *d)
{
    Err err;
    assert_non_null(mkdtemp(template));
    *d = (StackDir){.lock_fd = -1};
    str_copy(d->root, sizeof d->root, str_from(template));
    char run[PATH_MAX];
    stack_path(d, "run", run);
    T_OK(file_mkdirs(run, 0700, &err), err);
}

static void rounds_until(const StackDir *d, StackChild *c, bool (*done)(const StackChild *))
{
    for (int i = 0; i < 1000 && !done(c); i++) {
        stack_watch_round(d, c, 1);
        clock_sleep_ms(5);
    }
    assert_true(done(c));
}

static bool runs(const StackChild *c)
{
    return c->process != NULL;
}

static bool ended(const StackChild *c)
{
    return c->process == NULL;
}

TEST(a_killed_child_is_started_again_after_its_pause_counted_and_written_down)
{
    log_set_level(LOG_OFF);
    char root[] = "/tmp/ehub-watch-XXXXXX";
    StackDir d;
    Err err;
    dir_in(root, &d);
    StackChild c = {.name = "sleep", .start = start_sleep, .stop_signal = SIGTERM, .stop_ms = 2000};
    starts = 0;
    T_OK(start_sleep(NULL, &c.process, &err), err);
    c.started_us = clock_mono_us();
    stack_watch_round(&d, &c, 1);
    assert_int_equal(starts, 1);

    kill(rt_child_pid(c.process), SIGKILL);
    rounds_until(&d, &c, ended);
    assert_int_equal(c.pause_ms, 100);
    refuse = true; /* what it needs is not there: neither started nor counted */
    clock_sleep_ms(120);
    stack_watch_round(&d, &c, 1);
    assert_null(c.process);
    assert_int_equal(c.restarts, 0);
    refuse = false;
    rounds_until(&d, &c, runs);
    assert_int_equal(c.restarts, 1);
    assert_int_equal(starts, 2);

    char path[PATH_MAX];
    CLEANUP(buf_done) Buf text = BUF(4096);
    CLEANUP(jv_freep) Jv *written = NULL;
    stack_path(&d, "run/children.json", path);
    T_OK(file_read(path, &text, &err), err);
    T_OK(jv_parse(buf_str(&text), &written, &err), err);
    const Jv *first = jv_at(jv_get(written, "children"), 0);
    T_STR("sleep", jv_get_str(first, "name"));
    assert_int_equal(jv_get_i64(first, "restarts", -1), 1);
    T_STR("signal 9", jv_get_str(first, "last_end"));

    stack_watch_metrics(root);
    CLEANUP(buf_done) Buf metrics = BUF(1u << 20);
    metrics_render(METRICS_TEXT_0_0_4, &metrics);
    metrics_render(METRICS_TEXT_0_0_4, &metrics); /* a second scrape must not count it again */
    assert_true(str_find(buf_str(&metrics), STR("ehub_stack_restarts_total{child=\"sleep\"} 1\n")) >= 0);
    assert_true(str_find(buf_str(&metrics), STR("ehub_stack_restarts_total{child=\"sleep\"} 2\n")) < 0);
    assert_true(str_find(buf_str(&metrics), STR("ehub_stack_child_up{child=\"sleep\"} 1\n")) >= 0);

    stack_watch_stop(&d, &c, 1);
    assert_null(c.process);
    assert_false(file_exists(path));
    T_OK(stack_dir_remove(root, &err), err);
}

T_MAIN(T(the_pause_doubles_up_to_its_cap_and_a_minute_of_running_resets_it),
       T(a_killed_child_is_started_again_after_its_pause_counted_and_written_down))
