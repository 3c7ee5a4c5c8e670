/* api_auth.h - handlers: POST /v1/login (cpu pool: Argon2id), POST /v1/logout, GET /v1/me. */
#ifndef EHUB_API_API_AUTH_H
#define EHUB_API_API_AUTH_H

#include "api/api.h"
#include "api/api_live.h"

ApiHandler api_auth_login, api_auth_logout, api_auth_me;

#endif
