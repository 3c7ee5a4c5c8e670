/* api_insight.h - what coaching did, on pages: GET /v1/insight/rampup, /v1/insight/leaderboard.
 *
 *     rows of the agents in scope (every shard) --> insight_rampup, insight_leader --> figures, or a sentence why there are none
 *
 * Every answer says its method, what it assumes, its day, how many agents it is of and what was left out.
 * Limits:   API_INSIGHT_AGENTS_MAX agents in scope: LIMIT past it (ask for one office).
 * Threads:  the cpu pool; blocks on the database until the request's deadline. */
#ifndef EHUB_API_API_INSIGHT_H
#define EHUB_API_API_INSIGHT_H

#include "api/api.h"

#define API_INSIGHT_AGENTS_MAX 20000

ApiHandler api_insight_rampup, api_insight_leaderboard;

#endif
