#include "coach/coach_words.h"
#include "harness/t.h"

#include <math.h>

TEST(values_are_written_with_their_units)
{
    static const struct {
        const char *unit;
        double v;
        const char *expected;
    } rows[] = {
        {"min", 47, "47 min"},
        {"min", 6.25, "6.2 min"},
        {"min", 0, "0 min"},
        {"min", 59.7, "1 h"},
        {"min", 90, "1 h 30 min"},
        {"min", 47 * 60, "47 h"},
        {"min", 3 * 24 * 60, "3 days"},
        {"s", 45, "45 s"},
        {"s", 600, "10 min"},
        {"s", 5400, "1 h 30 min"},
        {"count", 12, "12"},
        {"count", 2.5, "2.5"},
        {"rate", 0.424, "42%"},
        {"rate", 1, "100%"},
        {"days", 1, "1 day"},
        {"days", 12.4, "12 days"},
        {"days", 2.5, "2.5 days"},
        {"cents", 1234567, "$12,346"},
        {"cents", 99, "$1"},
        {"cents", 123456789000, "$1,234,567,890"},
        {"cents", -100000, "-$1,000"},
        {"ratio", 0.851, "0.85"},
        {"ratio", -0.001, "0"},
        {"min", NAN, "no data"},
        {"cents", INFINITY, "no data"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(256);
        coach_words_value(&b, rows[i].unit, rows[i].v);
        T_STR(rows[i].expected, buf_str(&b));
    }
}

TEST(a_driver_is_one_sentence)
{
    static const CoachFeatureInfo speed = {.name = "speed", .unit = "min", .label = "Speed to lead"};
    static const CoachFeatureInfo calls = {.name = "calls", .unit = "count", .label = "Calls"};
    static const struct {
        const CoachFeatureInfo *f;
        double value, median, points;
        bool closings;
        const char *expected;
    } rows[] = {
        {&speed, 47, 6, -9.1, false,
         "Speed to lead 47 min (office median 6 min) lowers the chance by 9 points"},
        {&speed, 4, NAN, 12, false, "Speed to lead 4 min raises the chance by 12 points"},
        {&speed, NAN, 6, -2, false,
         "No data on speed to lead (office median 6 min) lowers the chance by 2 points"},
        {&speed, NAN, NAN, 1.2, false, "No data on speed to lead raises the chance by 1 point"},
        {&calls, 80, 95, -0.42, false, "Calls 80 (office median 95) lowers the chance by 0.4 points"},
        {&calls, 80, 95, 0.01, false, "Calls 80 (office median 95) hardly changes the chance"},
        {&calls, 80, 95, -0.314, true, "Calls 80 (office median 95) lowers the expected closings by 0.31"},
        {&calls, 80, 95, 0.001, true, "Calls 80 (office median 95) hardly changes the expected closings"},
        {&calls, 80, 95, NAN, false, "Calls 80 (office median 95) hardly changes the chance"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf b = BUF(256);
        coach_words_driver(&b, rows[i].f, rows[i].value, rows[i].median, rows[i].points, rows[i].closings);
        T_STR(rows[i].expected, buf_str(&b));
    }
}

T_MAIN(T(values_are_written_with_their_units), T(a_driver_is_one_sentence))
