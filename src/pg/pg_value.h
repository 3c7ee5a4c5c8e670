/* pg_value.h - values as PostgreSQL's text: times, dates and numbers, without allocation.
 *
 * Threads: pure. `out` has PG_VALUE_TEXT bytes; the result is terminated and its length returned. */
#ifndef EHUB_PG_PG_VALUE_H
#define EHUB_PG_PG_VALUE_H

#include "base/clock.h"

#define PG_VALUE_TEXT 40

size_t pg_value_time(int64_t unix_us, char out[static PG_VALUE_TEXT]); /* 2026-01-31T12:00:00.000001Z */
size_t pg_value_date(int32_t days, char out[static PG_VALUE_TEXT]);
size_t pg_value_i64(int64_t v, char out[static PG_VALUE_TEXT]);
size_t pg_value_f64(double v, char out[static PG_VALUE_TEXT]); /* reads back as the same double */

#endif
