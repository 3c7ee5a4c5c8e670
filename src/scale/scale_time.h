/* scale_time.h - reads the times of a column whose format nobody has said.
 *
 *     cells --scale_times_look--> formats that read every cell so far --scale_times_settle--> one format --scale_time_read--> us
 *
 * Formats:  epoch in s, ms, us, ns by their size; ISO 8601; a picture of crm/crm_value.h out of SCALE_TIME_PICTURES. Where the
 *           order of day and month cannot be told from the cells, the one in which the times go backwards less often.
 * Threads: pure. */
#ifndef EHUB_SCALE_SCALE_TIME_H
#define EHUB_SCALE_SCALE_TIME_H

#include "base/str.h"

#define SCALE_TIME_PICTURES(X)  \
    X("iso")                    \
    X("MM/DD/YYYY hh:mm:ss")    \
    X("MM/DD/YYYY hh:mm")       \
    X("MM/DD/YYYY hh:mm:ss AM") \
    X("MM/DD/YYYY hh:mm AM")    \
    X("DD/MM/YYYY hh:mm:ss")    \
    X("DD/MM/YYYY hh:mm")       \
    X("DD.MM.YYYY hh:mm:ss")    \
    X("DD.MM.YYYY hh:mm")       \
    X("DD-MON-YYYY hh:mm:ss")   \
    X("DD MON YYYY hh:mm:ss")   \
    X("DD/MON/YYYY:hh:mm:ss")   \
    X("YYYY/MM/DD hh:mm:ss")    \
    X("YYYY/MM/DD hh:mm")       \
    X("YYYYMMDDhhmmss")         \
    X("YYYYMMDD hh:mm:ss")      \
    X("MM/DD/YYYY")             \
    X("DD/MM/YYYY")             \
    X("DD.MM.YYYY")

typedef enum ScaleTimeFormat {
    SCALE_TIME_EPOCH = 0, /* the pictures follow, from 1 */
    SCALE_TIME_NONE = -1,
} ScaleTimeFormat;

#define SCALE_TIME_FORMATS 20

typedef struct ScaleTimes {
    bool alive[SCALE_TIME_FORMATS];
    int64_t last[SCALE_TIME_FORMATS], backwards[SCALE_TIME_FORMATS];
    int64_t n;
} ScaleTimes;

void scale_times_init(ScaleTimes *t);
/* false: no format is left. Blank cells are passed over. */
bool scale_times_look(ScaleTimes *t, Str cell);
int scale_times_settle(const ScaleTimes *t); /* a ScaleTimeFormat or the number of a picture */

/* One cell. *ret_why: a static text. Years 1970..2199. */
bool scale_time_read(int format, Str cell, int64_t *ret_us, const char **ret_why);
/* One time whose format nobody has said, as in an option: 2024-05-17, 2024-05-17T09:00Z, 1715900000. */
bool scale_time_any(Str cell, int64_t *ret_us);
/* "30s", "5m", "1h", "1d", "7d" or a number of seconds; at least 1 s, whole seconds. */
bool scale_span_read(Str s, int64_t *ret_s);

#endif
