#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    BUG_ON(clock_gettime(id, &t) != 0);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

int32_t clock_days(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void clock_civil(int32_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp + (mp < 10 ? 3 : -9);
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

bool clock_valid_date(int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int y, m, d;
    clock_civil(clock_days(year, month, day), &y, &m, &d);
    return y == year && m == month && d == day;
}

int clock_weekday(int32_t days)
{
    int w = (int)((days + 3) % 7); /* 1970-01-01 was a Thursday */
    return w < 0 ? w + 7 : w;
}

void clock_format_date(int32_t days, char out[static 11])
{
    int y, m, d;
    clock_civil(days, &y, &m, &d);
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
    memcpy(out, text, 10);
    out[10] = 0;
}

void clock_format(int64_t unix_us, char out[static 25])
{
    int64_t days = unix_us / US_PER_DAY, rest = unix_us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    clock_format_date((int32_t)days, out);
    unsigned ms = (unsigned)(rest / 1000);
    char text[48];
    snprintf(text, sizeof text, "T%02u:%02u:%02u.%03uZ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
             ms % 1000);
    memcpy(out + 10, text, 15);
}

/* Reads exactly n digits and moves on. */
static bool digits(Str *s, size_t n, int *ret)
{
    if (s->len < n)
        return false;
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(s->ptr[i] - '0');
        if (d > 9)
            return false;
        v = v * 10 + (int)d;
    }
    *ret = v;
    *s = str_slice(*s, n, s->len);
    return true;
}

static bool one_of(Str *s, const char *set, char *ret)
{
    if (s->len == 0 || !strchr(set, s->ptr[0]) || !s->ptr[0])
        return false;
    if (ret)
        *ret = s->ptr[0];
    *s = str_slice(*s, 1, s->len);
    return true;
}

static bool take_date(Str *s, int32_t *ret_days)
{
    int y, m, d;
    if (!digits(s, 4, &y) || !one_of(s, "-", NULL) || !digits(s, 2, &m) || !one_of(s, "-", NULL) ||
        !digits(s, 2, &d) || !clock_valid_date(y, m, d))
        return false;
    *ret_days = clock_days(y, m, d);
    return true;
}

bool clock_parse_date(Str s, int32_t *ret_days)
{
    return take_date(&s, ret_days) && s.len == 0;
}

/* ".123456" as microseconds; further digits are dropped. */
static bool take_fraction(Str *s, int64_t *ret_us)
{
    int64_t us = 0, unit = 100000;
    int d;
    if (!digits(s, 1, &d))
        return false;
    do {
        us += d * unit;
        unit /= 10;
    } while (digits(s, 1, &d));
    *ret_us = us;
    return true;
}

static bool take_offset(Str *s, int64_t *ret_s)
{
    char sign;
    if (one_of(s, "Zz", NULL)) {
        *ret_s = 0;
        return true;
    }
    int h, m;
    if (!one_of(s, "+-", &sign) || !digits(s, 2, &h) || !one_of(s, ":", NULL) || !digits(s, 2, &m) ||
        h > 23 || m > 59)
        return false;
    *ret_s = (h * 3600 + m * 60) * (sign == '-' ? -1 : 1);
    return true;
}

bool clock_parse(Str s, int64_t *ret_unix_us)
{
    int32_t days;
    if (!take_date(&s, &days))
        return false;
    if (s.len == 0) {
        *ret_unix_us = days * US_PER_DAY;
        return true;
    }
    int h, m, sec;
    int64_t us = 0, offset;
    if (!one_of(&s, "Tt ", NULL) || !digits(&s, 2, &h) || !one_of(&s, ":", NULL) || !digits(&s, 2, &m) ||
        !one_of(&s, ":", NULL) || !digits(&s, 2, &sec) || h > 23 || m > 59 || sec > 60)
        return false;
    if (one_of(&s, ".", NULL) && !take_fraction(&s, &us))
        return false;
    if (!take_offset(&s, &offset) || s.len)
        return false;
    *ret_unix_us = days * US_PER_DAY + (h * 3600 + m * 60 + sec - offset) * US_PER_S + us;
    return true;
}
