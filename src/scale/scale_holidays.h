/* scale_holidays.h - holidays by rule; sources: scale_events.h.
 * Threads: pure. */
#ifndef EHUB_SCALE_SCALE_HOLIDAYS_H
#define EHUB_SCALE_SCALE_HOLIDAYS_H

#include "base/base.h"

#define SCALE_HOLIDAYS_MAX 24

typedef struct ScaleHoliday {
    const char *name;
    int32_t day; /* since 1970-01-01 */
    bool many;   /* most are off, not only public offices */
} ScaleHoliday;

/* Those that fall into a year (observed days may be of the year before or after). Returns how many. */
int scale_holidays_us(int year, ScaleHoliday ret[static SCALE_HOLIDAYS_MAX]);
int32_t scale_easter(int year); /* Sunday, Gregorian */

#endif
