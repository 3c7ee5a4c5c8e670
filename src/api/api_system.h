/* api_system.h - handlers for those who run the program: /healthz, /readyz, /metrics, /v1/openapi.json. */
#ifndef EHUB_API_API_SYSTEM_H
#define EHUB_API_API_SYSTEM_H

#include "api/api.h"

ApiHandler api_system_health, api_system_ready, api_system_metrics, api_system_openapi;

#endif
