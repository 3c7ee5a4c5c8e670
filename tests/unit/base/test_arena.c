#include "harness/t.h"

#include "base/arena.h"

TEST(memory_is_zeroed_and_aligned)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1 << 20);
    for (size_t n = 0; n < 300; n++) {
        unsigned char *p = arena_alloc(a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        if (n)
            memset(p, 0xAA, n);
    }
}

TEST(past_the_limit_is_an_error_not_an_abort)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1000);
    Err err = {0};
    assert_non_null(arena_alloc(a, 900));
    T_OK(arena_check(a, &err), err);
    assert_null(arena_alloc(a, 200));
    T_FAILS(ERR_LIMIT, arena_check(a, &err));
    assert_non_null(strstr(err.msg, "1000"));
}

TEST(a_size_that_overflows_is_an_error)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1000);
    assert_null(arena_array(a, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_strndup(a, "x", SIZE_MAX));
}

TEST(a_reset_arena_is_as_good_as_new)
{
    CLEANUP(arena_freep) Arena *a = arena_new(100000);
    Err err = {0};
    for (int i = 0; i < 5; i++) {
        assert_non_null(arena_alloc(a, 60000));
        assert_null(arena_alloc(a, 60000));
        arena_reset(a);
        T_OK(arena_check(a, &err), err);
        assert_int_equal(arena_used(a), 0);
    }
    char *p = arena_alloc(a, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
}

TEST(printing_and_copying_end_with_a_zero)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1000);
    assert_string_equal(arena_printf(a, "%s-%d", "slot", 255), "slot-255");
    assert_string_equal(arena_strndup(a, "agent", 3), "age");
    assert_string_equal(arena_strdup(a, ""), "");
}

T_MAIN(T(memory_is_zeroed_and_aligned), T(past_the_limit_is_an_error_not_an_abort),
       T(a_size_that_overflows_is_an_error), T(a_reset_arena_is_as_good_as_new),
       T(printing_and_copying_end_with_a_zero))
