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

/* ---- the filter ---- */

static void stars_for_digits(bool is_message, Str text, Buf *out)
{
    buf_add_c(out, is_message ? "m:" : "v:");
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, text.ptr[i] >= '0' && text.ptr[i] <= '9' ? '*' : text.ptr[i]);
}

static void write_numbers(void)
{
    log_write(LOG_WARN, "t7", LOG_FIELDS(LOG_CSTR("value", "12"), LOG_SAFE("id", "34"), LOG_INT("n", 5)),
              "n %d", 6);
}

TEST(messages_and_values_pass_the_filter_ids_and_numbers_do_not)
{
    log_set_filter(stars_for_digits);
    CLEANUP(jv_freep) Jv *j = logged(write_numbers);
    log_set_filter(NULL);
    T_STR("m:n *", jv_get_str(j, "msg"));
    T_STR("v:**", jv_get_str(j, "value"));
    T_STR("34", jv_get_str(j, "id"));
    T_STR("t7", jv_get_str(j, "tag"));
    assert_int_equal(jv_get_i64(j, "n", 0), 5);
}

/* The filter knows the value whole only: it begins before the place where lines are cut, and ends behind it. */
static void hide_secret(bool is_message, Str text, Buf *out)
{
    (void)is_message;
    ptrdiff_t at = str_find(text, STR("SECRET-VALUE"));
    buf_add_str(out, at < 0 ? text : str_slice(text, 0, (size_t)at));
}

static void write_across_the_cut(void)
{
    char text[2000];
    memset(text, 'x', sizeof text);
    memcpy(text + 1018, "SECRET-VALUE", 12);
    text[1500] = 0;
    char field[800];
    memset(field, 'x', sizeof field);
    memcpy(field + 506, "SECRET-VALUE", 13);
    log_write(LOG_WARN, "t", LOG_FIELDS(LOG_CSTR("f", field)), "%s", text);
}

TEST(a_value_across_the_place_where_a_line_is_cut_does_not_leave_its_half)
{
    log_set_filter(hide_secret);
    CLEANUP(jv_freep) Jv *j = logged(write_across_the_cut);
    log_set_filter(NULL);
    assert_int_equal(str_find(jv_get_str(j, "msg"), STR("SEC")), -1);
    assert_int_equal(jv_get_str(j, "msg").len, 1018);
    assert_int_equal(str_find(jv_get_str(j, "f"), STR("SEC")), -1);
}

T_MAIN(T(a_line_is_one_json_object), T(a_long_line_is_cut_and_still_json),
       T(below_the_level_nothing_is_written), T(messages_and_values_pass_the_filter_ids_and_numbers_do_not),
       T(a_value_across_the_place_where_a_line_is_cut_does_not_leave_its_half))
