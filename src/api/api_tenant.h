/* api_tenant.h - what the control database says about a tenant and nearly every answer needs: names of offices, the
 * playbook, versions of models. Kept for api.session.cache, replaced whole.
 *
 * Owner:    ApiTenant has counted references and never changes. Threads: any worker thread; a miss blocks.
 * Limits:   API_TENANTS_CACHED tenants; API_LOCATIONS_MAX offices, API_PLAYBOOK_MAX rows, API_MODELS_MAX models of one
 *           tenant (the newest): ERR_LIMIT past the first two. */
#ifndef EHUB_API_API_TENANT_H
#define EHUB_API_API_TENANT_H

#include "pg/pg_shard.h"

#define API_TENANTS_CACHED 256
#define API_LOCATIONS_MAX 20000
#define API_PLAYBOOK_MAX 1000
#define API_MODELS_MAX 1000

typedef struct ApiLocation {
    Uuid id;
    Str name;
} ApiLocation;

typedef struct ApiPlay { /* one row of the playbook; Str that hold JSON say so */
    Str key, title, summary;
    Str drivers_json, agent_steps_json, coach_steps_json, limits_json;
    int64_t effort_agent_min, effort_coach_min;
    double prior_effect;
    Str prior_source;
    bool enabled;
} ApiPlay;

typedef struct ApiModel {
    Uuid id;
    int64_t version;
    bool active;
    bool goal; /* kind goal; else closings */
} ApiModel;

typedef struct ApiTenant {
    Uuid id;
    Str name, slug, currency, timezone;
    bool simulated;
    int n_locations;
    ApiLocation *locations; /* in order of name */
    int n_plays;
    ApiPlay *plays; /* in order of position */
    int n_models;
    ApiModel *models; /* newest first */
    /* private */
    PgResult *rows_[4];
    int refs_;
} ApiTenant;

typedef struct ApiTenants ApiTenants;

ApiTenants *api_tenants_new(void);
void api_tenants_free(ApiTenants *t);
/* A reference: api_tenant_unref. NOT_FOUND. */
ErrKind MUST_USE api_tenant_find(ApiTenants *t, PgShards *shards, Uuid id, Deadline by, const ApiTenant **ret,
                                 Err *reterr);
void api_tenant_unref(const ApiTenant *t);
void api_tenant_forget(ApiTenants *t, Uuid id); /* after a change of the playbook */

Str api_tenant_location(const ApiTenant *t, Uuid location);  /* the office's name; STR_NULL when unknown */
const ApiPlay *api_tenant_play(const ApiTenant *t, Str key); /* NULL when unknown */
const ApiModel *api_tenant_model(const ApiTenant *t, Uuid model);
const ApiModel *api_tenant_active_model(const ApiTenant *t); /* for the goal; NULL: none */

#endif
