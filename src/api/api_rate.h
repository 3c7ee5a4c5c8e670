/* api_rate.h - how often somebody may try: a token bucket for each key (account, address).
 *
 * Owner:    api_rate_new .. api_rate_free. Threads: any; never blocks for long.
 * Limits:   API_RATE_KEYS keys; past it the one that has been quiet longest in its bucket is forgotten.
 * Errors:   RATE, with the seconds until the next try. */
#ifndef EHUB_API_API_RATE_H
#define EHUB_API_API_RATE_H

#include "base/err.h"
#include "base/str.h"

#define API_RATE_KEYS 16384

typedef struct ApiRate ApiRate;

ApiRate *api_rate_new(void);
void api_rate_free(ApiRate *r);
/* Takes one of `per_minute` tries of key. now_mono_us: clock_mono_us(). */
ErrKind MUST_USE api_rate_take(ApiRate *r, Str key, int64_t per_minute, int64_t now_mono_us, int *ret_retry_s,
                               Err *reterr);

#endif
