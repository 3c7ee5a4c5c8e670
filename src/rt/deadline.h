/* deadline.h - the moment by which a blocking call must be back. Passed by value to everything that may block.
 * Threads: pure. */
#ifndef EHUB_RT_DEADLINE_H
#define EHUB_RT_DEADLINE_H

#include "base/clock.h"

typedef struct Deadline {
    int64_t mono_us;
} Deadline;

static inline Deadline deadline_in_ms(int64_t ms)
{
    return (Deadline){clock_mono_us() + ms * 1000};
}
static inline Deadline deadline_sooner(Deadline a, Deadline b)
{
    return a.mono_us < b.mono_us ? a : b;
}
static inline int64_t deadline_left_us(Deadline d) /* never negative */
{
    int64_t left = d.mono_us - clock_mono_us();
    return left > 0 ? left : 0;
}
static inline int deadline_left_ms(Deadline d) /* rounded up, for poll(2) */
{
    int64_t ms = (deadline_left_us(d) + 999) / 1000;
    return ms > 2147483647 ? 2147483647 : (int)ms;
}
static inline bool deadline_passed(Deadline d)
{
    return clock_mono_us() >= d.mono_us;
}

#endif
