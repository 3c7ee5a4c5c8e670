/* Unit tests for src/scale/scale_events.c, and for what a forecast makes of events. */
#include "harness/t.h"

#include "base/buf.h"
#include "base/clock.h"
#include "scale/scale_near.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static ErrKind read_text(ScaleEvents *e, const char *text, Err *reterr)
{
    int fd = memfd_create("events", 0);
    char path[32];
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ErrKind kind = scale_events_read(e, path, reterr);
    close(fd);
    return kind;
}

static int64_t at(int year, int month, int day, int hour)
{
    return clock_days(year, month, day) * US_PER_DAY + hour * INT64_C(3600) * US_PER_S;
}

TEST(events_are_on_from_start_to_end)
{
    CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
    Err err = {0};
    T_OK(read_text(e,
                   "name,start,end,kind\n"
                   "sale,2024-06-03,2024-06-04,\n"
                   "flash,2024-06-03T10:00,,offer\n"
                   "flash two,2024-07-01T10:00,2024-07-01T11:30,offer\n"
                   "quiet day,2024-08-15,,holiday\n",
                   &err),
         err);
    assert_int_equal(scale_events_count(e), 4);
    assert_null(scale_events_name(e, at(2024, 6, 2, 23)));
    assert_string_equal(scale_events_name(e, at(2024, 6, 3, 0)), "sale");
    assert_string_equal(scale_events_name(e, at(2024, 6, 3, 10)),
                        "flash"); /* an hour; the later beginning counts */
    assert_string_equal(scale_events_name(e, at(2024, 6, 4, 23)), "sale"); /* the whole of the last day */
    assert_null(scale_events_name(e, at(2024, 6, 5, 0)));
    ScaleEventAt one = scale_events_at(e, at(2024, 6, 3, 10)), two = scale_events_at(e, at(2024, 7, 1, 11));
    assert_true(one.kind >= 0 && one.kind == two.kind && two.since_us == 3600 * US_PER_S);
    assert_int_equal(scale_events_at(e, at(2024, 8, 15, 12)).day_off, SCALE_DAY_OFF_MANY);
    assert_int_equal(scale_events_at(NULL, 0).kind, -1);
}

TEST(what_is_wrong_is_named_by_its_line)
{
    const struct {
        const char *text, *message;
    } rows[] = {
        {"start,end\n2024-01-01,\n", "no column \"name\""},
        {"start,name\nsoon,a\n", "line 2, column \"start\": \"soon\" is no time"},
        {"start,end,name\n2024-01-02,2024-01-03,a\n2024-01-02,2024-01-01,b\n",
         "line 3, column \"end\": the event ends"},
        {"start,name\n2024-01-01,\n", "has no name"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
        Err err = {0};
        T_FAILS(ERR_INVALID, read_text(e, rows[i].text, &err));
        if (!strstr(err.msg, rows[i].message))
            fail_msg("%s: does not say %s", err.msg, rows[i].message);
    }
}

TEST(holidays_begin_at_midnight_of_the_offset)
{
    CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
    Err err = {0};
    T_OK(scale_events_holidays(e, "us-05:00", at(2014, 11, 1, 0), at(2014, 12, 31, 0), &err), err);
    assert_null(scale_events_name(e, at(2014, 11, 27, 4)));
    assert_string_equal(scale_events_name(e, at(2014, 11, 27, 5)), "Thanksgiving");
    assert_string_equal(scale_events_name(e, at(2014, 11, 28, 4)), "Thanksgiving");
    T_FAILS(ERR_USAGE, scale_events_holidays(e, "us5", 0, 0, &err));
    T_FAILS(ERR_USAGE, scale_events_holidays(e, "atlantis", 0, 0, &err));
    T_OK(scale_events_holidays(e, "none", 0, 0, &err), err);
}

/* By hours from Monday, January 5th 2026; a newsletter at noon of every ninth day doubles the load for two hours. */
static double load(int64_t k)
{
    double usual = k % 24 < 7 ? 20 : 100;
    return k / 24 % 9 == 4 && k % 24 >= 12 && k % 24 < 14 ? 2 * usual : usual;
}

TEST(an_event_of_a_kind_that_was_seen_is_foreseen_before_it_begins)
{
    CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
    CLEANUP(buf_done) Buf text = BUF(64 << 10);
    Err err = {0};
    buf_add_c(&text, "start,end,name,kind\n");
    for (int day = 4; day < 100; day += 9) {
        char date[11];
        clock_format_date(clock_days(2026, 1, 5) + day, date);
        buf_addf(&text, "%sT12:00,%sT14:00,Newsletter %d,newsletter\n", date, date, day);
    }
    T_OK(read_text(e, buf_cstr(&text), &err), err);
    CLEANUP(scale_near_freep)
    ScaleNear *told = scale_near_new(3600, 1, 0), *untold = scale_near_new(3600, 1, 0);
    scale_near_events(told, e, at(2026, 1, 5, 0));
    double off_told = 0, off_untold = 0, made_told = 0, made_untold = 0;
    int n = 0;
    for (int64_t k = 0; k < 24 * 100; k++) {
        if (k > 24 * 60 && k / 24 % 9 == 4 && k % 24 == 12) {
            n++;
            off_told += fabs(load(k) - made_told);
            off_untold += fabs(load(k) - made_untold);
        }
        made_told = scale_near_see(told, load(k)).middle;
        made_untold = scale_near_see(untold, load(k)).middle;
    }
    assert_true(off_told / n < 30);   /* of 100 */
    assert_true(off_untold / n > 70); /* nothing announces it */
}

T_MAIN(T(events_are_on_from_start_to_end), T(what_is_wrong_is_named_by_its_line),
       T(holidays_begin_at_midnight_of_the_offset),
       T(an_event_of_a_kind_that_was_seen_is_foreseen_before_it_begins))
