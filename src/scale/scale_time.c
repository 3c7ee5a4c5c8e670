/* scale_time.c - see scale_time.h. */
#include "scale/scale_time.h"

#include "base/clock.h"
#include "crm/crm_value.h"

#include <math.h>

static const char *const PICTURE[SCALE_TIME_FORMATS] = {"",
#define X(picture) picture,
                                                        SCALE_TIME_PICTURES(X)
#undef X
};

#define EPOCH_LEAST 1e8 /* 1973: smaller numbers are not times */

static bool read_epoch(Str cell, int64_t *ret_us)
{
    double v;
    if (!str_to_f64(cell, &v) || v < EPOCH_LEAST)
        return false;
    static const struct {
        double below, us;
    } UNIT[] = {{1e11, 1e6}, {1e14, 1e3}, {1e17, 1}, {7.3e18, 1e-3}};
    for (size_t i = 0; i < ARRAY_LEN(UNIT); i++)
        if (v < UNIT[i].below) {
            *ret_us = llround(v * UNIT[i].us);
            return *ret_us < INT64_C(7258118400) * US_PER_S; /* 2200 */
        }
    return false;
}

/* The offset of Apache's log ("01/Jul/1995:00:00:01 -0400") stands behind the picture. */
static Str cut_offset(Str cell, int64_t *ret_offset_s)
{
    *ret_offset_s = 0;
    Str tail = str_slice(cell, cell.len >= 6 ? cell.len - 6 : 0, cell.len);
    int64_t v;
    if (tail.len < 6 || tail.ptr[0] != ' ' || (tail.ptr[1] != '+' && tail.ptr[1] != '-') ||
        !str_to_i64(str_slice(tail, 2, 6), &v))
        return cell;
    *ret_offset_s = (v / 100 * 3600 + v % 100 * 60) * (tail.ptr[1] == '-' ? -1 : 1);
    return str_slice(cell, 0, cell.len - 6);
}

bool scale_time_read(int format, Str cell, int64_t *ret_us, const char **ret_why)
{
    CrmTime t;
    int64_t offset_s = 0;
    *ret_why = "no time that can be read (ISO 8601 or seconds since 1970 always can)";
    if (format == SCALE_TIME_NONE)
        return false;
    if (format == SCALE_TIME_EPOCH)
        return read_epoch(cell, ret_us);
    if (format > 1)
        cell = cut_offset(cell, &offset_s);
    const char *why;
    if (!crm_value_time(cell, str_from(PICTURE[format]), &t, &why))
        return false;
    *ret_us = t.us - offset_s * US_PER_S;
    *ret_why = "a time before 1970";
    return *ret_us >= 0;
}

void scale_times_init(ScaleTimes *t)
{
    *t = (ScaleTimes){0};
    for (int f = 0; f < SCALE_TIME_FORMATS; f++) {
        t->alive[f] = true;
        t->last[f] = INT64_MIN;
    }
}

bool scale_times_look(ScaleTimes *t, Str cell)
{
    if (cell.len == 0)
        return true;
    bool any = false;
    for (int f = 0; f < SCALE_TIME_FORMATS; f++) {
        int64_t us;
        const char *why;
        if (!t->alive[f])
            continue;
        t->alive[f] = scale_time_read(f, cell, &us, &why);
        if (!t->alive[f])
            continue;
        any = true;
        t->backwards[f] += us < t->last[f];
        t->last[f] = us;
    }
    t->n++;
    return any;
}

int scale_times_settle(const ScaleTimes *t)
{
    int best = SCALE_TIME_NONE;
    for (int f = 0; f < SCALE_TIME_FORMATS && t->n > 0; f++)
        if (t->alive[f] && (best == SCALE_TIME_NONE || t->backwards[f] < t->backwards[best]))
            best = f;
    return best;
}

bool scale_time_any(Str cell, int64_t *ret_us)
{
    ScaleTimes t;
    const char *why;
    scale_times_init(&t);
    return cell.len > 0 && scale_times_look(&t, cell) &&
           scale_time_read(scale_times_settle(&t), cell, ret_us, &why);
}

bool scale_span_read(Str s, int64_t *ret_s)
{
    static const struct {
        const char *unit;
        int64_t s;
    } UNITS[] = {{"s", 1},       {"sec", 1},   {"m", 60},      {"min", 60},  {"h", 3600},
                 {"hour", 3600}, {"d", 86400}, {"day", 86400}, {"w", 604800}};
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    int64_t v, unit_s = n == s.len ? 1 : 0;
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
        if (str_eq_c(str_slice(s, n, s.len), UNITS[i].unit))
            unit_s = UNITS[i].s;
    if (n == 0 || n > 9 || !unit_s || !str_to_i64(str_slice(s, 0, n), &v) || v < 1)
        return false;
    *ret_s = v * unit_s;
    return true;
}
