#include "harness/t.h"

#include "base/file.h"
#include "rt/rt_child.h"
#include "rt/rt_signal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static ErrKind sh_with(RtChildConf conf, const char *script, Buf *out, Err *err)
{
    conf.name = "script";
    conf.argv = (const char *const[]){"sh", "-c", script, NULL};
    return rt_child_run(&conf, deadline_in_ms(20000), out, err);
}

static ErrKind sh(const char *script, Buf *out, Err *err)
{
    return sh_with((RtChildConf){0}, script, out, err);
}

static bool stop_now(void *arg)
{
    return *(bool *)arg;
}

TEST(a_stop_asked_for_kills_the_child)
{
    Err err;
    bool now = true;
    int64_t from = clock_mono_us();
    T_FAILS(ERR_CANCELLED,
            sh_with((RtChildConf){.stop = stop_now, .stop_arg = &now}, "sleep 15", NULL, &err));
    assert_true(clock_mono_us() - from < 10 * US_PER_S);
}

static void add_line(Str line, void *arg)
{
    buf_addf(arg, "[" STR_FMT "]", STR_ARG(line));
}

TEST(lines_come_whole_and_one_by_one)
{
    Err err;
    CLEANUP(buf_done) Buf lines = BUF(10000);
    /* Cut in the middle, too long (1,100 bytes), empty, and without an end. */
    T_OK(sh_with((RtChildConf){.line = add_line, .line_arg = &lines},
                 "printf 'a'; sleep 0.1; printf 'b\\n'; printf '%1100s\\n' x; printf '\\nlast\\nrest'", NULL,
                 &err),
         err);
    assert_string_equal(buf_cstr(&lines), "[ab][][last]");
}

TEST(output_of_both_streams_is_captured)
{
    Err err = {0};
    CLEANUP(buf_done) Buf out = BUF(1000);
    T_OK(sh("echo one; echo two >&2", &out, &err), err);
    T_STR("one\ntwo\n", buf_str(&out));
}

TEST(a_failed_run_tells_status_and_last_line)
{
    Err err = {0};
    T_FAILS(ERR_INTERNAL, sh("echo first; echo 'disk is full' >&2; exit 3", NULL, &err));
    assert_string_equal(err.msg, "script exited with status 3: disk is full");
    assert_int_equal(err.code, 3);
    T_FAILS(ERR_INTERNAL, sh("kill -9 $$", NULL, &err));
    assert_string_equal(err.msg, "script was ended by signal 9 (Killed)");
}

TEST(output_past_the_limit_is_an_error_and_the_child_still_ends)
{
    Err err = {0};
    CLEANUP(buf_done) Buf out = BUF(1000);
    T_FAILS(ERR_LIMIT, sh("head -c 300000 /dev/zero", &out, &err));
}

TEST(a_program_that_cannot_start_is_reported_at_start)
{
    static const struct {
        const char *program, *dir;
        ErrKind kind;
        const char *word;
    } rows[] = {
        {"/nonexistent/program", NULL, ERR_NOT_FOUND, "/nonexistent/program"},
        {"no-such-program-anywhere", NULL, ERR_NOT_FOUND, "PATH"},
        {"/etc/passwd", NULL, ERR_DENIED, "/etc/passwd"},
        {"true", "/nonexistent", ERR_NOT_FOUND, "/nonexistent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err = {0};
        RtChild *c;
        const char *const argv[] = {rows[i].program, NULL};
        RtChildConf conf = {.name = "x", .argv = argv, .dir = rows[i].dir};
        T_FAILS(rows[i].kind, rt_child_start(&conf, &c, &err));
        assert_null(c);
        assert_non_null(strstr(err.msg, rows[i].word));
    }
}

TEST(a_run_that_takes_too_long_is_killed)
{
    Err err = {0};
    const char *const argv[] = {"sleep", "100", NULL};
    RtChildConf conf = {.name = "sleeper", .argv = argv};
    int64_t before = clock_mono_us();
    T_FAILS(ERR_TIMEOUT, rt_child_run(&conf, deadline_in_ms(50), NULL, &err));
    assert_true(clock_mono_us() - before < 10 * US_PER_S);
}

TEST(a_grandchild_that_keeps_the_pipe_does_not_hold_the_run)
{
    Err err = {0};
    CLEANUP(buf_done) Buf out = BUF(1000);
    int64_t before = clock_mono_us();
    T_OK(sh("sleep 5 & echo started", &out, &err), err);
    assert_true(clock_mono_us() - before < 4 * US_PER_S);
    T_STR("started\n", buf_str(&out));
}

TEST(the_child_has_a_clean_environment_null_input_and_no_other_descriptor)
{
    Err err = {0};
    CLEANUP(buf_done) Buf out = BUF(10000);
    int leak = open("/dev/null", O_RDONLY); /* without CLOEXEC, on purpose */
    assert_true(leak > 2);
    T_OK(sh_with((RtChildConf){.dir = "/usr"},
                 "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort; pwd; readlink /proc/$$/fd/0; "
                 "ls /proc/$$/fd; :", /* no pipe: the shell holds its ends for a moment */
                 &out, &err),
         err);
    T_STR("HOME=/usr\nLC_ALL=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/"
          "bin\nTZ=UTC\n"
          "/usr\n/dev/null\n0\n1\n2\n",
          buf_str(&out));
    close(leak);
}

TEST(signals_are_unblocked_again_in_the_child)
{
    Err err = {0};
    T_OK(rt_signal_init(&err), err);
    CLEANUP(buf_done) Buf out = BUF(1000);
    T_OK(sh("grep -E '^Sig(Blk|Ign)' /proc/self/status", &out, &err), err);
    unsigned long long blocked = 1, ignored = 1;
    assert_int_equal(sscanf(buf_cstr(&out), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
    assert_int_equal(blocked, 0);
    /* 32 and 33 are the C library's own: nobody can set them through it, so what a starter left stays. */
    assert_int_equal(ignored & ~(3ull << 31), 0);
}

TEST(privileges_are_dropped_for_good)
{
    if (geteuid() != 0)
        skip();
    Err err = {0};
    CLEANUP(buf_done) Buf out = BUF(1000);
    RtChildConf conf = {.uid = 65534, .gid = 65534};
    T_OK(sh_with(conf, "grep -E '^(Uid|Gid|Groups|NoNewPrivs)' /proc/self/status", &out, &err), err);
    T_STR("Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534\nGroups:\t \nNoNewPrivs:\t1\n",
          buf_str(&out));
}

static void *start_and_end_thread(void *arg)
{
    Err err = {0};
    const char *const argv[] = {"sleep", "100", NULL};
    RtChildConf conf = {.name = "orphan",
                        .argv = argv,
                        .death_signal = SIGTERM,
                        .uid = geteuid() == 0 ? 65534 : 0,
                        .gid = 65534};
    if (rt_child_start(&conf, arg, &err) != ERR_NONE)
        *(RtChild **)arg = NULL;
    return NULL;
}

TEST(the_death_signal_survives_the_change_of_credentials)
{
    pthread_t starter;
    RtChild *c = NULL;
    pthread_create(&starter, NULL, start_and_end_thread, &c);
    pthread_join(starter, NULL); /* the starting thread is gone: the signal comes now */
    assert_non_null(c);
    Err err = {0};
    int status = 0;
    T_OK(rt_child_wait(c, deadline_in_ms(10000), &status, &err), err);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    rt_child_free(c);
}

TEST(stop_sends_the_signal_and_kills_at_the_deadline)
{
    Err err = {0};
    RtChild *c;
    CLEANUP(buf_done) Buf log = BUF(1000);
    char path[] = "/tmp/ehub-rt-child-XXXXXX";
    close(mkstemp(path));
    const char *const polite[] = {
        "sh", "-c", "trap 'echo bye; exit 5' INT; echo ready; while :; do sleep 0.05; done", NULL};
    RtChildConf conf = {.name = "polite", .argv = polite, .log_path = path, .new_session = true};
    T_OK(rt_child_start(&conf, &c, &err), err);
    assert_int_equal(getsid(rt_child_pid(c)), rt_child_pid(c));
    for (int i = 0; i < 1000 && log.len == 0; i++) {
        clock_sleep_ms(5);
        T_OK(file_read(path, &log, &err), err);
    }
    int status = 0;
    assert_false(rt_child_ended(c, &status));
    T_FAILS(ERR_TIMEOUT, rt_child_wait(c, deadline_in_ms(1), &status, &err));
    rt_child_stop(c, SIGINT, deadline_in_ms(10000));
    assert_true(rt_child_ended(c, &status));
    assert_int_equal(WEXITSTATUS(status), 5);
    rt_child_stop(c, SIGINT, deadline_in_ms(10000)); /* already ended: fine */
    rt_child_free(c);
    buf_clear(&log);
    T_OK(file_read(path, &log, &err), err);
    T_STR("ready\nbye\n", buf_str(&log));

    const char *const deaf[] = {"sh", "-c", "trap '' INT TERM; echo deaf; while :; do sleep 0.05; done",
                                NULL};
    conf.argv = deaf;
    T_OK(rt_child_start(&conf, &c, &err), err);
    for (int i = 0; i < 1000 && !str_ends(buf_str(&log), STR("deaf\n")); i++) {
        clock_sleep_ms(5);
        buf_clear(&log);
        T_OK(file_read(path, &log, &err), err);
    }
    rt_child_stop(c, SIGINT, deadline_in_ms(50));
    assert_true(rt_child_ended(c, &status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    rt_child_free(c);
    unlink(path);
}

TEST(free_kills_what_still_runs)
{
    Err err = {0};
    RtChild *c;
    const char *const argv[] = {"sleep", "100", NULL};
    RtChildConf conf = {.name = "sleeper", .argv = argv};
    T_OK(rt_child_start(&conf, &c, &err), err);
    pid_t pid = rt_child_pid(c);
    rt_child_free(c);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

T_MAIN(T(a_stop_asked_for_kills_the_child), T(lines_come_whole_and_one_by_one),
       T(output_of_both_streams_is_captured), T(a_failed_run_tells_status_and_last_line),
       T(output_past_the_limit_is_an_error_and_the_child_still_ends),
       T(a_program_that_cannot_start_is_reported_at_start), T(a_run_that_takes_too_long_is_killed),
       T(a_grandchild_that_keeps_the_pipe_does_not_hold_the_run),
       T(the_child_has_a_clean_environment_null_input_and_no_other_descriptor),
       T(signals_are_unblocked_again_in_the_child), T(privileges_are_dropped_for_good),
       T(the_death_signal_survives_the_change_of_credentials),
       T(stop_sends_the_signal_and_kills_at_the_deadline), T(free_kills_what_still_runs))
