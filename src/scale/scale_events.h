/* scale_events.h - what is known beforehand about days: holidays by rule, and events of a file.
 *
 *     start,end,name[,kind]  --+
 *     holidays of a country  --+--> spans of time with a kind --scale_events_at--> what is on at a moment
 *
 * File:     CSV with these columns in any order; times as in a series (scale_time.h); a date alone as end is the end of that day;
 *           no end: one day, or from a time of day one hour. kind: what has the same kind had the same effect in the past
 *           (default: the name). Where two are on at once the later beginning counts.
 * Holidays: us: the federal ones (5 U.S.C. 6103: fixed days, those on a Saturday observed on Friday, on a Sunday on Monday;
 *           Juneteenth from 2021), Easter Sunday (Gregorian, by Meeus, Jones, Butcher, in Meeus 1991), and the days beside them
 *           on which many are off: the day after Thanksgiving, the eves of Christmas and of New Year. A day begins at midnight
 *           of the times as they stand, or of the offset that is given.
 * Owner:    scale_events_free. Threads: any once it is filled. Limits: SCALE_EVENTS_MAX spans, SCALE_EVENT_KINDS_MAX kinds.
 * Errors:   INVALID naming file and line; LIMIT; USAGE for an unknown country. */
#ifndef EHUB_SCALE_SCALE_EVENTS_H
#define EHUB_SCALE_SCALE_EVENTS_H

#include "base/err.h"
#include "base/str.h"

#define SCALE_EVENTS_MAX 20000
#define SCALE_EVENT_KINDS_MAX 24

typedef enum ScaleDayOff {
    SCALE_DAY_OFF_NO,   /* its own effect, learned from the same kind in the past */
    SCALE_DAY_OFF_MANY, /* most are off: perhaps like a Sunday */
    SCALE_DAY_OFF_FEW,  /* public offices and banks are */
} ScaleDayOff;

typedef struct ScaleEvents ScaleEvents;

ScaleEvents *scale_events_new(void);
void scale_events_free(ScaleEvents *e);
DEFINE_FREEP(ScaleEvents, scale_events_free)
ErrKind MUST_USE scale_events_read(ScaleEvents *e, const char *path, Err *reterr);
/* country: "us", or "us-05:00" where midnight is at another offset than in the series; "none": nothing is added. For all years
 * that [from, to] touches. */
ErrKind MUST_USE scale_events_holidays(ScaleEvents *e, const char *country, int64_t from_us, int64_t to_us,
                                       Err *reterr);

typedef struct ScaleEventAt {
    int kind;         /* 0..SCALE_EVENT_KINDS_MAX - 1; -1: nothing is on */
    int64_t since_us; /* how long it has been on */
    ScaleDayOff day_off;
} ScaleEventAt;

ScaleEventAt scale_events_at(const ScaleEvents *e, int64_t us); /* e: NULL is nothing */
int64_t scale_events_count(const ScaleEvents *e);
const char *scale_events_name(const ScaleEvents *e, int64_t us); /* NULL: nothing is on */

#endif
