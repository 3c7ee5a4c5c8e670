/* api_coaching.h - handlers of what people do with an agent: coaching sessions, goals, messages. */
#ifndef EHUB_API_API_COACHING_H
#define EHUB_API_API_COACHING_H

#include "api/api.h"

ApiHandler api_coaching_sessions, api_coaching_add_session, api_coaching_goals, api_coaching_add_goal,
    api_coaching_messages, api_coaching_send, api_coaching_read;

#endif
