/* api_trend.h - handlers of figures over time: GET /v1/agents/{id}/trend, /activities. */
#ifndef EHUB_API_API_TREND_H
#define EHUB_API_API_TREND_H

#include "api/api.h"

ApiHandler api_trend_get, api_trend_activities;

#endif
