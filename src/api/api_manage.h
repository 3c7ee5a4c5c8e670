/* api_manage.h - handlers of what is managed for the whole tenant: playbook, training modules, models, audit, tokens. */
#ifndef EHUB_API_API_MANAGE_H
#define EHUB_API_API_MANAGE_H

#include "api/api.h"

ApiHandler api_manage_playbook, api_manage_put_play, api_manage_modules, api_manage_models, api_manage_audit;
ApiHandler api_manage_pii_erase;
ApiHandler api_manage_pii_report;
ApiHandler api_manage_pii_restore;
ApiHandler api_manage_tokens, api_manage_add_token, api_manage_delete_token;

#endif
