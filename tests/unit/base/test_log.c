#include "harness/t.h"

#include "base/jv.h"
#include "base/log.h"

#include <unistd.h>

/* The line that fn writes, parsed. */
static Jv *logged(void (*fn)(void))
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    log_set_fd(fds[1]);
    fn();
    log_set_fd(2);
    close(fds[1]);
    static char line[65536];
    ssize_t n = read(fds[0], line, sizeof line);
    close(fds[0]);
    if (n <= 0)
        return NULL;
    assert_int_equal(line[n - 1], '\n');
    Jv *j = NULL;
    Err err = {0};
    T_OK(jv_parse((Str){line, (size_t)n - 1}, &j, &err), err);
    return j;
}

static void write_one(void)
{
    log_write(LOG_WARN, "pg.pool", LOG_FIELDS(LOG_INT("shard", 2), LOG_STR("host", STR("a\nb"))),
              "lost \"%s\"", "it");
}

TEST(a_line_is_one_json_object)
{
    CLEANUP(jv_freep) Jv *j = logged(write_one);
    T_STR("warn", jv_get_str(j, "level"));
    T_STR("pg.pool", jv_get_str(j, "tag"));
    T_STR("lost \"it\"", jv_get_str(j, "msg"));
    T_STR("a\nb", jv_get_str(j, "host"));
    assert_int_equal(jv_get_i64(j, "shard", 0), 2);
    assert_int_equal(jv_get_str(j, "at").len, 24);
}

static void write_long(void)
{
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    log_write(LOG_ERROR, "t", LOG_FIELDS(LOG_CSTR("a", text), LOG_CSTR("b", text)), "%s", text);
}

TEST(a_long_line_is_cut_and_still_json)
{
    CLEANUP(jv_freep) Jv *j = logged(write_long);
    assert_true(jv_get_str(j, "msg").len < LOG_LINE_MAX);
}

static void write_below(void)
{
    log_debug("t", "quiet");
}

TEST(below_the_level_nothing_is_written)
{
    LogLevel level;
    assert_true(log_level_parse(STR("info"), &level));
    log_set_level(level);
    assert_null(logged(write_below));
    assert_false(log_level_parse(STR("loud"), &level));
}

T_MAIN(T(a_line_is_one_json_object), T(a_long_line_is_cut_and_still_json),
       T(below_the_level_nothing_is_written))
