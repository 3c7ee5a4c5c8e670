/* api.h - the JSON API over HTTP: what one process of it holds, and what a handler is given.
 *
 *     HttpRequest --api_dispatch--> who (session) --> may they (roles) --> body (shape) --> handler --> answer
 *
 * Owner:    api_new .. api_free. An ApiCall lives for one request.
 * Threads:  handlers run on pool threads; nothing here runs on the edge but constant answers.
 * Errors:   a handler returns an ErrKind; the edge writes it as a problem document.
 * See also: api_table.h (the routes as data), docs/reference/api.md (generated), GET /v1/openapi.json. */
#ifndef EHUB_API_API_H
#define EHUB_API_API_H

#include "api/api_rendered.h"
#include "api/api_session.h"
#include "api/api_tenant.h"
#include "base/jv.h"
#include "base/jw.h"
#include "base/uuid.h"
#include "conf/conf.h"
#include "http/http.h"
#include "pg/pg_shard.h"
#include "pii/pii_guard.h"

#include <stdatomic.h>

typedef struct ApiRate ApiRate;
typedef struct ApiLive ApiLive;
typedef struct ApiRoute ApiRoute;
typedef struct ApiUpdates ApiUpdates;

typedef struct Api {
    PgShards *shards;
    ApiSessions *sessions;
    ApiTenants *tenants;
    ApiRendered *rendered;
    ApiRate *login_by_account;
    ApiRate *login_by_address;
    ApiLive *live;
    ApiUpdates *updates;
    PiiGuard *guard;      /* what free text of requests passes */
    Buf openapi;          /* made once at start */
    atomic_bool draining; /* /readyz answers 503 */
} Api;

typedef struct ApiCall {
    Api *api;
    HttpRequest *req;
    HttpResponse *res;
    const ApiRoute *route;
    const ApiSession *who;   /* NULL on public routes */
    const ApiTenant *tenant; /* set by api_call_tenant */
    const Jv *body;          /* checked against the route's request shape; NULL without one */
    Uuid id;                 /* {id} of the path, when the pattern has one */
    bool changed; /* set by a handler that has committed and goes on: a failure after it undoes nothing */
} ApiCall;

typedef ErrKind ApiHandler(ApiCall *c, Err *reterr);

/* The handler of every route: session, roles, CSRF, query and body, Idempotency-Key, then the row's own handler. */
ErrKind api_dispatch(HttpRequest *req, HttpResponse *res, Err *reterr);

/* The tenant's names, locations, playbook and models, from the cache or the database. */
ErrKind MUST_USE api_call_tenant(ApiCall *c, Err *reterr);
/* The same anew, after api_tenant_forget: what the call has changed. */
ErrKind MUST_USE api_call_tenant_again(ApiCall *c, Err *reterr);
const char *api_label(const ApiCall *c); /* "measured" or "simulated"; after api_call_tenant */

/* What the caller may see, as query parameters: both nil for the whole tenant. The one place where scope is decided. */
typedef struct ApiScope {
    Uuid location; /* nil: every office */
    Uuid agent;    /* nil: every agent */
} ApiScope;
ApiScope api_scope(const ApiSession *who);
bool api_scope_sees(const ApiSession *who, Uuid location, Uuid agent);
PgParam api_uuid_or_null(Uuid v); /* nil becomes SQL null */

/* ERR_NOT_FOUND in the words that are also used for what is out of scope. */
ErrKind api_not_found(Err *reterr, const char *what);

/* Writes an audit row in the name of the caller. detail may be STR_NULL. */
ErrKind MUST_USE api_audit(ApiCall *c, const char *action, const char *object, Str detail, Err *reterr);

/* A terminated copy in the request's arena; NULL for STR_NULL. ERR_LIMIT shows in arena_check. */
const char *api_text(ApiCall *c, Str s);

/* Microseconds since 1970 of a timestamptz column or expression, for jw_time_us. */
#define API_US(expr) "(extract(epoch from " expr ") * 1000000)::bigint"

#endif
