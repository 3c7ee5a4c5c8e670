/* clock.h - time: microseconds since 1970 (UTC), a monotonic clock, civil dates.
 *
 * Threads: pure but for the two readers of the clock. Proleptic Gregorian calendar; years 1..9999.
 * Source:  H. Hinnant, "chrono-compatible low-level date algorithms" (2013) for days <-> civil. */
#ifndef EHUB_BASE_CLOCK_H
#define EHUB_BASE_CLOCK_H

#include "base/str.h"

#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)

int64_t clock_now_us(void);  /* wall clock, UTC */
int64_t clock_mono_us(void); /* never goes back; for durations and deadlines */
void clock_sleep_ms(int64_t ms);

int32_t clock_days(int year, int month, int day); /* days since 1970-01-01 */
void clock_civil(int32_t days, int *ret_year, int *ret_month, int *ret_day);
bool clock_valid_date(int year, int month, int day);
int clock_weekday(int32_t days); /* 0 = Monday */

/* RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z; 25 bytes with the zero. */
void clock_format(int64_t unix_us, char out[static 25]);
void clock_format_date(int32_t days, char out[static 11]);
/* RFC 3339 date-time (offset required) or a date alone (midnight UTC). */
bool clock_parse(Str s, int64_t *ret_unix_us);
bool clock_parse_date(Str s, int32_t *ret_days); /* YYYY-MM-DD */

#endif
