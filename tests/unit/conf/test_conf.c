#include "harness/t.h"

#include "base/file.h"
#include "conf/conf.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const NO_VARIABLES[] = {NULL};

TEST(units_are_needed_and_exact)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {{"250ms", 250},    {"5s", 5000}, {"2m", 120000}, {"1h", 3600000},
                {"7d", 604800000}, {"5", -1},    {"5 s", -1},    {"s", -1},
                {"-1s", -1},       {"1.5s", -1}, {"5S", -1},     {"99999999999999999d", -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t v = -1;
        if (!conf_parse_ms(str_from(rows[i].text), &v))
            v = -1;
        assert_int_equal(v, rows[i].ms);
    }
    int64_t bytes;
    assert_true(conf_parse_bytes(STR("64KiB"), &bytes));
    assert_int_equal(bytes, 65536);
    assert_true(conf_parse_bytes(STR("10MB"), &bytes));
    assert_int_equal(bytes, 10000000);
    assert_false(conf_parse_bytes(STR("10"), &bytes));
    assert_false(conf_parse_bytes(STR("10kb"), &bytes));
}

static void with_file(const char *text, const ConfSource *more,
                      void (*check)(ErrKind kind, const Conf *c, const Err *err))
{
    char path[] = "/tmp/ehub-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    Err err = {0};
    T_OK(file_write(path, str_from(text), 0600, &err), err);
    ConfSource src = more ? *more : (ConfSource){.environ_ = NO_VARIABLES};
    src.file = path;
    const Conf *c = NULL;
    ErrKind kind = conf_load(&src, &c, &err);
    unlink(path);
    check(kind, c, &err);
    conf_unref(c);
}

static void expect_later_wins(ErrKind kind, const Conf *c, const Err *err)
{
    if (kind)
        fail_msg("%s", err->msg);
    assert_int_equal(c->http_port, 3);
    assert_int_equal(c->http_connections, 20);
    assert_int_equal(c->http_idle, 7000);
    assert_int_equal(c->pg_port, 21432);
}

TEST(the_later_source_wins)
{
    ConfSource src = {
        .environ_ = (const char *const[]){"EHUB_HTTP_PORT=2", "EHUB_HTTP_CONNECTIONS=20", "HOME=/x", NULL},
        .sets = (const char *const[]){"http.port=3", NULL}};
    with_file("http:\n  port: 1\n  connections: 10\nhttp.idle: 7s\n", &src, expect_later_wins);
}

static void expect_line_2(ErrKind kind, const Conf *c, const Err *err)
{
    (void)c;
    assert_int_equal(kind, ERR_INVALID);
    assert_non_null(strstr(err->msg, ":2: "));
    assert_non_null(strstr(err->msg, "prot"));
}

TEST(an_unknown_key_names_file_and_line)
{
    with_file("http:\n  prot: 1\n", NULL, expect_line_2);
    with_file("# c\nhttp.prot: 1\n", NULL, expect_line_2);
}

static void expect_unit_message(ErrKind kind, const Conf *c, const Err *err)
{
    (void)c;
    assert_int_equal(kind, ERR_INVALID);
    assert_non_null(strstr(err->msg, ":1: http.idle"));
    assert_non_null(strstr(err->msg, "unit"));
}

TEST(a_duration_without_a_unit_names_file_and_line)
{
    with_file("http.idle: 75\n", NULL, expect_unit_message);
}

TEST(wrong_values_from_anywhere_name_their_source)
{
    static const struct {
        const char *variable, *set;
        const char *says;
    } rows[] = {{"EHUB_HTTP_PORT=0", NULL, "EHUB_HTTP_PORT"},
                {"EHUB_HTTP_PORT=65536", NULL, "outside 1 to 65535"},
                {"EHUB_HTTP_PROT=1", NULL, "EHUB_HTTP_PROT"},
                {"X=1", "http.port", "KEY=VALUE"},
                {"X=1", "nope=1", "command line: unknown setting \"nope\""},
                {"X=1", "http.tls.cert=a.pem", "together"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ConfSource src = {.environ_ = (const char *const[]){"HOME=/x", rows[i].variable, NULL},
                          .sets = (const char *const[]){rows[i].set, NULL}};
        const Conf *c = NULL;
        Err err = {0};
        T_FAILS(ERR_INVALID, conf_load(&src, &c, &err));
        if (!strstr(err.msg, rows[i].says))
            fail_msg("\"%s\" does not say %s", err.msg, rows[i].says);
    }
}

TEST(a_reload_swaps_the_snapshot_and_keeps_the_old_for_its_readers)
{
    Err err = {0};
    const Conf *a = NULL, *b = NULL;
    ConfSource src = {.environ_ = NO_VARIABLES,
                      .sets = (const char *const[]){"http.port=1111", "data.dir=/d", NULL}};
    T_OK(conf_load(&src, &a, &err), err);
    conf_publish(a);
    const Conf *held = conf_current();
    src.sets = (const char *const[]){"http.port=2222", "data.dir=/d", NULL};
    T_OK(conf_load(&src, &b, &err), err);
    conf_publish(b);
    assert_int_equal(held->http_port, 1111);
    conf_unref(held);
    held = conf_current();
    assert_int_equal(held->http_port, 2222);
    conf_unref(held);
    conf_publish(NULL);
}

TEST(what_is_shown_says_where_it_came_from)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    Err err = {0};
    ConfSource src = {.environ_ = (const char *const[]){"EHUB_PG_PORT=5", NULL},
                      .sets = (const char *const[]){"http.port=1111", NULL}};
    T_OK(conf_show(&src, true, &out, &err), err);
    assert_non_null(
        strstr(buf_cstr(&out), "{\"key\":\"http.port\",\"value\":\"1111\",\"from\":\"command line\"}"));
    assert_non_null(
        strstr(buf_cstr(&out), "{\"key\":\"pg.port\",\"value\":\"5\",\"from\":\"EHUB_PG_PORT\"}"));
    assert_non_null(
        strstr(buf_cstr(&out), "{\"key\":\"log.level\",\"value\":\"info\",\"from\":\"default\"}"));
}

T_MAIN(T(units_are_needed_and_exact), T(the_later_source_wins), T(an_unknown_key_names_file_and_line),
       T(a_duration_without_a_unit_names_file_and_line), T(wrong_values_from_anywhere_name_their_source),
       T(a_reload_swaps_the_snapshot_and_keeps_the_old_for_its_readers),
       T(what_is_shown_says_where_it_came_from))
