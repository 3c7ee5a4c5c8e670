#include "harness/t.h"

#include "base/clock.h"

/* Day numbers from `date -u -d DATE +%s` / 86400. */
TEST(dates_and_day_numbers_agree_with_the_calendar)
{
    static const struct {
        int y, m, d;
        int32_t days;
        int weekday; /* 0 = Monday */
    } rows[] = {{1970, 1, 1, 0, 3},       {1969, 12, 31, -1, 2},   {2000, 2, 29, 11016, 1},
                {2016, 10, 20, 17094, 3}, {2024, 2, 29, 19782, 3}, {2100, 2, 28, 47540, 6},
                {1900, 1, 1, -25567, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(clock_days(rows[i].y, rows[i].m, rows[i].d), rows[i].days);
        int y, m, d;
        clock_civil(rows[i].days, &y, &m, &d);
        assert_int_equal(y, rows[i].y);
        assert_int_equal(m, rows[i].m);
        assert_int_equal(d, rows[i].d);
        assert_int_equal(clock_weekday(rows[i].days), rows[i].weekday);
    }
}

TEST(every_day_of_400_years_goes_there_and_back)
{
    for (int32_t day = clock_days(1800, 1, 1); day < clock_days(2200, 1, 1); day++) {
        int y, m, d;
        clock_civil(day, &y, &m, &d);
        assert_int_equal(clock_days(y, m, d), day);
        assert_true(clock_valid_date(y, m, d));
    }
}

TEST(impossible_dates_are_refused)
{
    static const int rows[][3] = {{2023, 2, 29}, {1900, 2, 29}, {2024, 4, 31}, {2024, 13, 1},
                                  {2024, 0, 1},  {2024, 1, 0},  {0, 1, 1},     {10000, 1, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_false(clock_valid_date(rows[i][0], rows[i][1], rows[i][2]));
}

/* The first four are the examples of RFC 3339, section 5.8, with their UTC instants. */
TEST(rfc_3339_times_are_read_exactly)
{
    static const struct {
        const char *text;
        const char *utc;
    } rows[] = {{"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},
                {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"},
                {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"},
                {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"},
                {"2026-01-31", "2026-01-31T00:00:00.000Z"},
                {"2026-01-31 10:00:00.123456789z", "2026-01-31T10:00:00.123Z"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us;
        char text[25];
        assert_true(clock_parse(str_from(rows[i].text), &us));
        clock_format(us, text);
        assert_string_equal(text, rows[i].utc);
    }
}

TEST(other_texts_are_no_times)
{
    static const char *const rows[] = {"",
                                       "2026-01-31T10:00:00",
                                       "2026-01-31T24:00:00Z",
                                       "2026-01-31T10:60:00Z",
                                       "2026-02-30T10:00:00Z",
                                       "2026-01-31T10:00:00.Z",
                                       "2026-01-31T10:00:00+24:00",
                                       "2026-01-31T10:00:00Zx",
                                       "26-01-31",
                                       "2026-1-31",
                                       "2026-01-31 "};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us;
        assert_false(clock_parse(str_from(rows[i]), &us));
    }
}

TEST(the_monotonic_clock_does_not_go_back)
{
    int64_t before = clock_mono_us();
    clock_sleep_ms(2);
    assert_true(clock_mono_us() - before >= 2000);
}

T_MAIN(T(dates_and_day_numbers_agree_with_the_calendar), T(every_day_of_400_years_goes_there_and_back),
       T(impossible_dates_are_refused), T(rfc_3339_times_are_read_exactly), T(other_texts_are_no_times),
       T(the_monotonic_clock_does_not_go_back))
