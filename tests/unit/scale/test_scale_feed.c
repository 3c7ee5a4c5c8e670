/* Unit tests for src/scale/scale_feed.c: answers as the documentation of Prometheus' HTTP API shows them. */
#include "harness/t.h"

#include "scale/scale_feed.h"

#include <math.h>

#define ANSWER(values)                                                                                   \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":" \
    "[" values "]}]}}"

TEST(values_stand_where_their_step_ends)
{
    double v[4] = {NAN, NAN, NAN, NAN};
    Err err = {0};
    T_OK(scale_feed_parse(
             STR(ANSWER("[1060,\"1.5\"],[1120.001,\"2\"],[1180,\"NaN\"],[1240,\"4\"],[1300,\"5\"]")), 1000,
             60, v, 4, &err),
         err);
    T_NEAR(1.5, v[0], 0);
    T_NEAR(2, v[1], 0);
    assert_true(isnan(v[2]));
    T_NEAR(4, v[3], 0);
}

TEST(no_series_is_nothing_and_two_are_an_error)
{
    double v[1] = {NAN};
    Err err = {0};
    T_OK(scale_feed_parse(STR("{\"status\":\"success\",\"data\":{\"result\":[]}}"), 0, 60, v, 1, &err), err);
    assert_true(isnan(v[0]));
    T_FAILS(ERR_INVALID, scale_feed_parse(STR("{\"status\":\"success\",\"data\":{\"result\":[{},{}]}}"), 0,
                                          60, v, 1, &err));
    assert_non_null(strstr(err.msg, "2 series"));
}

TEST(what_is_no_answer_is_refused)
{
    static const char *const ROWS[] = {
        "",         "[]", "{\"status\":\"error\",\"error\":\"x\"}", ANSWER("[1,2]"), ANSWER("[\"a\",\"2\"]"),
        ANSWER("7")};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        double v[1];
        Err err = {0};
        assert_int_not_equal(scale_feed_parse(str_from(ROWS[i]), 0, 60, v, 1, &err), ERR_NONE);
        assert_true(err.msg[0] != 0);
    }
}

T_MAIN(T(values_stand_where_their_step_ends), T(no_series_is_nothing_and_two_are_an_error),
       T(what_is_no_answer_is_refused))
