/* api_experiment.h - experiments with coaching: GET and POST /v1/insight/experiments, .../{name}, .../{name}/stop.
 *
 * An experiment draws agents of every office: only who may see all of them may begin or end one.
 * Threads:  the cpu pool; blocks on the database until the request's deadline.
 * Result:   what an experiment has shown is computed once a day and state, and kept (api_rendered.h).
 * See also: insight/insight_experiment.h. */
#ifndef EHUB_API_API_EXPERIMENT_H
#define EHUB_API_API_EXPERIMENT_H

#include "api/api.h"

ApiHandler api_experiment_list, api_experiment_get, api_experiment_create, api_experiment_stop;

#endif
