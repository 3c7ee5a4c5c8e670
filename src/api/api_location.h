/* api_location.h - handlers of offices: GET /v1/locations, GET /v1/locations/{id}. */
#ifndef EHUB_API_API_LOCATION_H
#define EHUB_API_API_LOCATION_H

#include "api/api.h"

ApiHandler api_location_list, api_location_get;

#endif
