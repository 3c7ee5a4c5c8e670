/* scale_holidays.c - see scale_holidays.h. */
#include "scale/scale_holidays.h"

#include "base/clock.h"

enum { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

int32_t scale_easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25,
        g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    int m = (a + 11 * h + 22 * l) / 451, month = (h + l - 7 * m + 114) / 31,
        day = (h + l - 7 * m + 114) % 31 + 1;
    return clock_days(year, month, day);
}

/* The n-th such weekday of a month, from 1. */
static int32_t nth(int year, int month, int weekday, int n)
{
    int32_t first = clock_days(year, month, 1);
    return first + (weekday - clock_weekday(first) + 7) % 7 + 7 * (n - 1);
}

static int32_t last_monday_of_may(int year)
{
    int32_t last = clock_days(year, 5, 31);
    return last - clock_weekday(last);
}

static int add(ScaleHoliday *ret, int n, const char *name, int32_t day, bool many)
{
    ret[n] = (ScaleHoliday){name, day, many};
    return n + 1;
}

/* A fixed day, and the working day on which it is observed when it falls on a weekend. */
static int add_fixed(ScaleHoliday *ret, int n, const char *name, int32_t day, bool many)
{
    int weekday = clock_weekday(day);
    n = add(ret, n, name, day, many);
    if (weekday == SATURDAY || weekday == SUNDAY)
        n = add(ret, n, "observed holiday", weekday == SATURDAY ? day - 1 : day + 1, false);
    return n;
}

int scale_holidays_us(int year, ScaleHoliday ret[static SCALE_HOLIDAYS_MAX])
{
    int n = 0;
    int32_t thanksgiving = nth(year, 11, THURSDAY, 4);
    n = add_fixed(ret, n, "New Year", clock_days(year, 1, 1), true);
    n = add(ret, n, "Martin Luther King Day", nth(year, 1, MONDAY, 3), false);
    n = add(ret, n, "Presidents' Day", nth(year, 2, MONDAY, 3), false);
    n = add(ret, n, "Easter", scale_easter(year), true);
    n = add(ret, n, "Memorial Day", last_monday_of_may(year), true);
    if (year >= 2021)
        n = add_fixed(ret, n, "Juneteenth", clock_days(year, 6, 19), false);
    n = add_fixed(ret, n, "Independence Day", clock_days(year, 7, 4), true);
    n = add(ret, n, "Labor Day", nth(year, 9, MONDAY, 1), true);
    n = add(ret, n, "Columbus Day", nth(year, 10, MONDAY, 2), false);
    n = add_fixed(ret, n, "Veterans Day", clock_days(year, 11, 11), false);
    n = add(ret, n, "Thanksgiving", thanksgiving, true);
    n = add(ret, n, "day after Thanksgiving", thanksgiving + 1, true);
    n = add(ret, n, "Christmas Eve", clock_days(year, 12, 24), true);
    n = add_fixed(ret, n, "Christmas", clock_days(year, 12, 25), true);
    return add(ret, n, "New Year's Eve", clock_days(year, 12, 31), true);
}
