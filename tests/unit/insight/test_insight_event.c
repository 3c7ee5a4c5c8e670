/* test_insight_event.c - an event study as rows and as SVG. */
#include "rows.h"

#include "base/mem.h"
#include "insight/insight_event.h"

#include <math.h>
#include <string.h>

static InsightAnswer three_times(void)
{
    InsightAnswer a = {.event = mem_array(3, sizeof(InsightPoint)), .n_events = 3};
    a.event[0] = (InsightPoint){-2, {-1, 0.5, 9, -2, 0, 0.1}, -2.5, 0.5, 7, 9};
    a.event[1] = (InsightPoint){-1, {0, NAN, NAN, NAN, NAN, NAN}, NAN, NAN, 0, 0};
    a.event[2] = (InsightPoint){0, {2, NAN, NAN, NAN, NAN, NAN}, NAN, NAN, 1, 9};
    return a;
}

TEST(a_row_says_time_effect_interval_and_how_many)
{
    CLEANUP(buf_done) Buf out = BUF(65536);
    CLEANUP(insight_answer_done) InsightAnswer a = three_times();
    insight_event_text(&out, &a, 0.95);
    assert_non_null(strstr(buf_cstr(&out), "    -2          -1   -2 to 0                          7"));
    assert_non_null(strstr(buf_cstr(&out), "    -1           0   base                             0"));
    assert_non_null(strstr(buf_cstr(&out), "     0           2   one treated: none                1"));
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

/* A dot for each time; two bars for the one with an interval, one line at zero; names are escaped. */
TEST(the_picture_has_a_dot_for_each_time_and_bars_where_there_are_intervals)
{
    CLEANUP(buf_done) Buf out = BUF(65536);
    CLEANUP(insight_answer_done) InsightAnswer a = three_times();
    insight_event_svg(&out, &a, "a<b", 0.95);
    const char *svg = buf_cstr(&out);
    assert_int_equal(3, count(svg, "<circle"));
    assert_int_equal(2, count(svg, "stroke-width="));
    assert_int_equal(0, count(svg, "nan"));
    assert_int_equal(0, count(svg, "a<b"));
    assert_non_null(strstr(svg, "a&lt;b"));
}

TEST(an_answer_without_event_study_adds_nothing)
{
    CLEANUP(buf_done) Buf out = BUF(65536);
    insight_event_text(&out, &(InsightAnswer){0}, 0.95);
    insight_event_svg(&out, &(InsightAnswer){0}, "y", 0.95);
    assert_int_equal(0, out.len);
}

T_MAIN(T(a_row_says_time_effect_interval_and_how_many),
       T(the_picture_has_a_dot_for_each_time_and_bars_where_there_are_intervals),
       T(an_answer_without_event_study_adds_nothing))
