/* api_return.h - what coaching returned: GET /v1/insight/roi.
 *
 * Who sees a row of effects (api_effect.h) sees its return.
 * Threads:  the cpu pool; blocks on the database until the request's deadline. See also: insight/insight_return.h. */
#ifndef EHUB_API_API_RETURN_H
#define EHUB_API_API_RETURN_H

#include "api/api.h"

ApiHandler api_return_get;

#endif
