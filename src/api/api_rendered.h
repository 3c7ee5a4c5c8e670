/* api_rendered.h - the JSON that follows from one version of one row, kept as it was written once.
 *
 *     (kind, id of the row, its version) --> its members in an answer
 *
 * A stored prediction does not change: computing it again gives it another made_at. Its two times 46 contributions are most
 * of the work of an answer, so they are written once and copied from then on. That the row is there, and in which version,
 * is read from the database for every request: nothing stale or of another tenant can be shown.
 *
 * Owner:    api_rendered_new .. api_rendered_free.
 * Threads:  any; a short lock for each copy.
 * Limits:   API_RENDERED_SLOTS texts of at most API_RENDERED_MAX bytes, API_RENDERED_BYTES together; newer ones take the
 *           places of others. */
#ifndef EHUB_API_API_RENDERED_H
#define EHUB_API_API_RENDERED_H

#include "base/buf.h"
#include "base/uuid.h"

#define API_RENDERED_SLOTS 32768
#define API_RENDERED_MAX 16384
#define API_RENDERED_BYTES (64u << 20)

typedef enum ApiRenderedKind {
    API_RENDERED_PERFORMANCE, /* a prediction, version: made_at; the members "goal" and "summary", or "closings" */
    API_RENDERED_TODAY,       /* a prediction, version: made_at; the members "why" and "drivers" */
    API_RENDERED_REASON,      /* an intervention, version: xmin; its reason, no member but the value */
    API_RENDERED_EXPERIMENT /* an experiment, version: the day, and whether it runs; the whole answer */
} ApiRenderedKind;

typedef struct ApiRenderedKey {
    ApiRenderedKind kind;
    Uuid id;
    int64_t version;
} ApiRenderedKey;

typedef struct ApiRendered ApiRendered;

ApiRendered *api_rendered_new(void);
void api_rendered_free(ApiRendered *r); /* accepts NULL */
/* Appends the text to out; false when it is not kept. */
bool api_rendered_get(ApiRendered *r, const ApiRenderedKey *key, Buf *out);
void api_rendered_put(ApiRendered *r, const ApiRenderedKey *key, Str text);
size_t api_rendered_bytes(const ApiRendered *r); /* kept now */

#endif
