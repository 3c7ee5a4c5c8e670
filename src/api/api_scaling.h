/* api_scaling.h - GET /v1/scaling: what predictive scaling of this installation sees, decides and expects.
 *
 *     setting scaling.config --> scale_conf --> lock, override.json, report.json of its state directory --> answer
 *
 * Reads only what `ehub scaling start` has written: neither the source nor the actuator is asked. */
#ifndef EHUB_API_API_SCALING_H
#define EHUB_API_API_SCALING_H

#include "api/api.h"

ApiHandler api_scaling_get;

/* For metrics_collect: the wanted number of the last decision as ehub_scale_wanted_replicas, for HPA or KEDA to follow. */
void api_scaling_collect(void *arg);

#endif
