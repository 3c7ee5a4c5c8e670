/* api_today.h - handler: GET /v1/today, the agents that coaching is expected to help most, first. */
#ifndef EHUB_API_API_TODAY_H
#define EHUB_API_API_TODAY_H

#include "api/api.h"

ApiHandler api_today_get;

#endif
