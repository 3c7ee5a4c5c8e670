/* api_rendered.h - the JSON of stored predictions, kept as it was written once.
 *
 *     (prediction id, made_at) --> its members in an answer
 *
 * A stored prediction does not change: computing it again gives it another made_at. Its two times 46 contributions are most
 * of the work of an answer, so they are written once and copied from then on. The row itself is read from the
 * database for every request: nothing stale or of another tenant can be shown.
 *
 * Owner:    api_rendered_new .. api_rendered_free.
 * Threads:  any; a short lock for each copy.
 * Limits:   API_RENDERED_SLOTS texts of at most API_RENDERED_MAX bytes; a newer one takes an older one's place. */
#ifndef EHUB_API_API_RENDERED_H
#define EHUB_API_API_RENDERED_H

#include "base/buf.h"
#include "base/uuid.h"

#define API_RENDERED_SLOTS 4096
#define API_RENDERED_MAX 16384

typedef struct ApiRendered ApiRendered;

ApiRendered *api_rendered_new(void);
void api_rendered_free(ApiRendered *r); /* accepts NULL */
/* Appends the text to out; false when it is not kept. */
bool api_rendered_get(ApiRendered *r, Uuid id, int64_t made_at_us, Buf *out);
void api_rendered_put(ApiRendered *r, Uuid id, int64_t made_at_us, Str text);

#endif
