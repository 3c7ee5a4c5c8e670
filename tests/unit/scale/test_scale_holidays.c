/* Unit tests for src/scale/scale_holidays.c. */
#include "harness/t.h"

#include "base/clock.h"
#include "scale/scale_holidays.h"

#include <string.h>

TEST(easter_falls_on_the_days_of_the_almanac)
{
    /* U.S. Naval Observatory, "The Date of Easter". */
    static const int DAYS[][3] = {{1961, 4, 2}, {2000, 4, 23}, {2008, 3, 23}, {2011, 4, 24}, {2014, 4, 20},
                                  {2015, 4, 5}, {2019, 4, 21}, {2024, 3, 31}, {2025, 4, 20}, {2038, 4, 25}};
    for (size_t i = 0; i < ARRAY_LEN(DAYS); i++)
        assert_int_equal(scale_easter(DAYS[i][0]), clock_days(DAYS[i][0], DAYS[i][1], DAYS[i][2]));
}

static bool has(const ScaleHoliday *of, int n, const char *name, int year, int month, int day)
{
    for (int i = 0; i < n; i++)
        if (of[i].day == clock_days(year, month, day) && strcmp(of[i].name, name) == 0)
            return true;
    return false;
}

TEST(federal_holidays_fall_on_the_days_that_are_published)
{
    /* U.S. Office of Personnel Management, "Federal Holidays", 2014, 2021 and 2022. */
    ScaleHoliday of[SCALE_HOLIDAYS_MAX];
    int n = scale_holidays_us(2014, of);
    assert_true(has(of, n, "Martin Luther King Day", 2014, 1, 20) &&
                has(of, n, "Presidents' Day", 2014, 2, 17));
    assert_true(has(of, n, "Memorial Day", 2014, 5, 26) && has(of, n, "Independence Day", 2014, 7, 4));
    assert_true(has(of, n, "Labor Day", 2014, 9, 1) && has(of, n, "Columbus Day", 2014, 10, 13));
    assert_true(has(of, n, "Veterans Day", 2014, 11, 11) && has(of, n, "Thanksgiving", 2014, 11, 27));
    assert_false(has(of, n, "Juneteenth", 2014, 6, 19));
    n = scale_holidays_us(2021, of);
    assert_true(has(of, n, "observed holiday", 2021, 6, 18)); /* Juneteenth, a Saturday */
    assert_true(has(of, n, "observed holiday", 2021, 7, 5));  /* Independence Day, a Sunday */
    n = scale_holidays_us(2022, of);
    assert_true(has(of, n, "observed holiday", 2021, 12, 31)); /* New Year, a Saturday */
    assert_true(has(of, n, "Memorial Day", 2022, 5, 30) && has(of, n, "Thanksgiving", 2022, 11, 24));
    for (int year = 1970; year < 2200; year++)
        assert_true(scale_holidays_us(year, of) <= SCALE_HOLIDAYS_MAX);
}

T_MAIN(T(easter_falls_on_the_days_of_the_almanac), T(federal_holidays_fall_on_the_days_that_are_published))
