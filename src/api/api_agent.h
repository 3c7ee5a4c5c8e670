/* api_agent.h - handlers of agents: who they are. Answers are those of docs/reference/api.md. */
#ifndef EHUB_API_API_AGENT_H
#define EHUB_API_API_AGENT_H

#include "api/api.h"

ApiHandler api_agent_list, api_agent_get;

/* The office of {id}, which is an agent that the caller may see: NOT_FOUND otherwise. One round trip. ret_name (may be
 * NULL) lives in the request's arena. */
ErrKind MUST_USE api_agent_check(ApiCall *c, Uuid *ret_location, const char **ret_name, Err *reterr);

/* What every statement about one agent takes: $1 tenant, $2 agent, $3 the caller's office (or null). */
#define API_AGENT_PARAMS(c) \
    pg_uuid((c)->who->tenant), pg_uuid((c)->id), api_uuid_or_null(api_scope((c)->who).location)
/* The scope of an agent's own login, which needs no database: NOT_FOUND for another agent. */
ErrKind MUST_USE api_agent_own(const ApiCall *c, Err *reterr);

#endif
