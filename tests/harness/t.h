/* t.h - the little that our unit tests add to cmocka.
 *
 *     TEST(past_the_limit_is_an_error_not_an_abort) { ... }
 *     T_MAIN(T(past_the_limit_is_an_error_not_an_abort), T(...))
 *
 * A test's name is the promise it checks. T_OK prints the Err of a call that should succeed. */
#ifndef EHUB_TESTS_HARNESS_T_H
#define EHUB_TESTS_HARNESS_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#define TEST(name) static void name(void **state __attribute__((unused)))
#define T(name) cmocka_unit_test(name)
#define T_MAIN(...)                                       \
    int main(void)                                        \
    {                                                     \
        const struct CMUnitTest tests[] = {__VA_ARGS__};  \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }

/* The call succeeds; `err` is the Err that it was given. */
#define T_OK(call, err)                           \
    do {                                          \
        if ((call) != ERR_NONE)                   \
            fail_msg("%s: %s", #call, (err).msg); \
    } while (0)
/* The call fails with this kind. */
#define T_FAILS(kind_, call) assert_string_equal(err_kind_name(call), err_kind_name(kind_))
#define T_STR(expected_literal, actual)                                                               \
    do {                                                                                              \
        Str t_actual_ = (actual);                                                                     \
        if (!str_eq_c(t_actual_, (expected_literal)))                                                 \
            fail_msg("expected \"%s\", got \"" STR_FMT "\"", (expected_literal), STR_ARG(t_actual_)); \
    } while (0)
#define T_NEAR(expected, actual, tolerance)                                                   \
    do {                                                                                      \
        double t_e_ = (expected), t_a_ = (actual), t_t_ = (tolerance);                        \
        if (!(t_a_ >= t_e_ - t_t_ && t_a_ <= t_e_ + t_t_))                                    \
            fail_msg("%s: expected %.12g within %.3g, got %.12g", #actual, t_e_, t_t_, t_a_); \
    } while (0)

#endif
