#include "harness/t.h"

#include <errno.h>

TEST(context_stands_before_the_message)
{
    Err err = {0};
    ErrKind kind = err_set(&err, ERR_NOT_FOUND, "no file %s", "a.csv");
    assert_int_equal(kind, ERR_NOT_FOUND);
    assert_int_equal(err_wrap(&err, kind, "import %d", 3), ERR_NOT_FOUND);
    assert_string_equal(err.msg, "import 3: no file a.csv");
    assert_non_null(strstr(err.file, "test_err.c"));
}

TEST(a_message_may_be_made_from_itself)
{
    Err err = {0};
    (void)!err_set(&err, ERR_IO, "inner");
    (void)!err_set(&err, ERR_INTERNAL, "outer (%s)", err.msg);
    assert_string_equal(err.msg, "outer (inner)");
    err_wrap(&err, ERR_INTERNAL, "<%s>", err.msg);
    assert_string_equal(err.msg, "<outer (inner)>: outer (inner)");
}

TEST(long_messages_are_cut_not_written_past_the_end)
{
    struct {
        Err err;
        char guard[8];
    } e = {.guard = "guard"};
    char longer[2 * ERR_MSG_MAX];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    (void)!err_set(&e.err, ERR_IO, "%s", longer);
    for (int i = 0; i < 3; i++)
        err_wrap(&e.err, ERR_IO, "%s", longer);
    err_wrap(&e.err, ERR_IO, "short");
    assert_int_equal(strlen(e.err.msg), ERR_MSG_MAX - 1);
    assert_memory_equal(e.err.msg, "short: xxx", 10);
    assert_string_equal(e.guard, "guard");
}

/* Stands for the finder of card numbers: it knows whole ones only. */
static void hide_card(char *text, size_t room)
{
    assert_int_equal(room, ERR_TEXT_MAX);
    char *card = strstr(text, "4111 1111 1111 1111");
    if (card)
        memset(card, '*', 19);
}

TEST(a_value_across_the_cut_is_cleaned_before)
{
    char text[2 * ERR_TEXT_MAX];
    err_set_filter(hide_card);
    for (size_t at = 0; at < ERR_TEXT_MAX + 40; at++) {
        Err err = {0};
        memset(text, 'x', ERR_TEXT_MAX + 200);
        memcpy(text + at, " 4111 1111 1111 1111 ", 21);
        text[ERR_TEXT_MAX + 200] = 0;
        (void)!err_set(&err, ERR_IO, "%s", text);
        if (strstr(err.msg, "4111"))
            fail_msg("set, at %zu: %s", at, err.msg + MIN(at, sizeof err.msg - 1));
    }
    for (size_t n = ERR_MSG_MAX - 30; n < ERR_MSG_MAX;
         n++) { /* pushed over the end by what stands in front */
        Err err = {0};
        memset(text, 'x', n);
        text[n] = 0;
        (void)!err_set(&err, ERR_IO, "4111 1111 1111 1111 was refused");
        err_wrap(&err, ERR_IO, "%s", text);
        if (strstr(err.msg, "4111"))
            fail_msg("wrapped, behind %zu: %s", n, err.msg + n);
    }
    err_set_filter(NULL);
}

TEST(the_system_s_reason_is_told)
{
    Err err = {0};
    (void)!err_set_errno(&err, ERR_IO, ENOSPC, "write %s", "f");
    assert_string_equal(err.msg, "write f: No space left on device");
    assert_int_equal(err.code, ENOSPC);
}

TEST(no_place_for_the_error_is_fine)
{
    assert_int_equal(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
    assert_int_equal(err_wrap(NULL, ERR_BUSY, "x"), ERR_BUSY);
    assert_int_equal(err_set_errno(NULL, ERR_IO, 1, "x"), ERR_IO);
}

/* Exit statuses of sysexits.h as the architecture promises them; HTTP statuses of RFC 9110. */
TEST(kinds_have_the_promised_statuses)
{
    static const struct {
        ErrKind kind;
        const char *name;
        int http, exit;
    } rows[] = {{ERR_USAGE, "usage", 400, 64},
                {ERR_INVALID, "invalid", 422, 65},
                {ERR_UNAVAILABLE, "unavailable", 503, 69},
                {ERR_BUSY, "busy", 503, 75},
                {ERR_DENIED, "denied", 403, 77},
                {ERR_RATE, "rate", 429, 75},
                {ERR_NOT_FOUND, "not_found", 404, 66}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(err_kind_name(rows[i].kind), rows[i].name);
        assert_int_equal(err_http_status(rows[i].kind), rows[i].http);
        assert_int_equal(err_exit_status(rows[i].kind), rows[i].exit);
    }
    assert_true(err_can_retry(ERR_BUSY));
    assert_false(err_can_retry(ERR_INVALID));
}

T_MAIN(T(context_stands_before_the_message), T(a_message_may_be_made_from_itself),
       T(long_messages_are_cut_not_written_past_the_end), T(a_value_across_the_cut_is_cleaned_before),
       T(the_system_s_reason_is_told), T(no_place_for_the_error_is_fine), T(kinds_have_the_promised_statuses))
