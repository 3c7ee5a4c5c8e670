#include "harness/t.h"

#include "base/buf.h"
#include "base/mem.h"

TEST(bytes_come_out_as_they_went_in)
{
    CLEANUP(buf_done) Buf b = BUF(1000);
    buf_add_c(&b, "a");
    buf_add_char(&b, 0);
    buf_add_i64(&b, INT64_MIN);
    buf_addf(&b, "|%03d", 7);
    const char expected[] = "a\0-9223372036854775808|007";
    assert_int_equal(b.len, sizeof expected - 1);
    assert_memory_equal(b.ptr, expected, sizeof expected); /* with the zero behind */
}

TEST(an_append_past_the_maximum_is_dropped_whole_and_remembered)
{
    CLEANUP(buf_done) Buf b = BUF(4);
    Err err = {0};
    buf_add_c(&b, "abc");
    T_OK(buf_check(&b, &err), err);
    buf_add_c(&b, "de");
    buf_add_c(&b, "f");
    T_STR("abc", buf_str(&b));
    T_FAILS(ERR_LIMIT, buf_check(&b, &err));
    buf_clear(&b);
    buf_addf(&b, "%s", "wxyz");
    T_OK(buf_check(&b, &err), err);
    T_STR("wxyz", buf_str(&b));
    buf_addf(&b, "%d", 1);
    T_FAILS(ERR_LIMIT, buf_check(&b, &err));
}

TEST(consumed_bytes_leave_the_rest)
{
    CLEANUP(buf_done) Buf b = BUF(100);
    buf_add_c(&b, "hello world");
    buf_consume(&b, 6);
    T_STR("world", buf_str(&b));
    buf_consume(&b, 5);
    T_STR("", buf_str(&b));
}

TEST(taken_bytes_belong_to_the_caller)
{
    Buf b = BUF(100);
    buf_add_c(&b, "mine");
    size_t n;
    CLEANUP(mem_freep) char *p = buf_take(&b, &n);
    assert_string_equal(p, "mine");
    assert_int_equal(n, 4);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_cstr(&b), "");
}

T_MAIN(T(bytes_come_out_as_they_went_in), T(an_append_past_the_maximum_is_dropped_whole_and_remembered),
       T(consumed_bytes_leave_the_rest), T(taken_bytes_belong_to_the_caller))
