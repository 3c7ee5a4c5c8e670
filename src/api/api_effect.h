/* api_effect.h - the stored effects of coaching: GET /v1/insight/effects, /v1/insight/effects/{scope}/{name}; found anew: /v1/insight/update.
 *
 * Who sees one office sees its row and those of its coaches; a coach sees no other coach's row. What is of all offices
 * together (all, intervention, programme) everybody on the route sees.
 * Threads:  the api pool; blocks on the database until the request's deadline.
 * See also: insight/insight_store.h. */
#ifndef EHUB_API_API_EFFECT_H
#define EHUB_API_API_EFFECT_H

#include "api/api.h"
#include "insight/insight_store.h"

/* Whether a row, and what was made of it, may be shown. */
bool api_effect_sees(const ApiSession *who, const InsightStored *r);

ApiHandler api_effect_list, api_effect_get;
/* POST asks for an update (api_update.h), GET /v1/insight/update says how the last one went. */
ApiHandler api_effect_update, api_effect_update_get;

#endif
