/* api_call.c - the way of every request (api.h): who, may they, what do they send, then the row's own handler. */
#include "api/api_idempotency.h"
#include "api/api_shape.h"
#include "api/api_table.h"
#include "base/log.h"
#include "privacy/audit.h"

#include <stdio.h>

#define SESSION_COOKIE "ehub_session"

ApiScope api_scope(const ApiSession *who)
{
    if (who->role == API_AGENT)
        return (ApiScope){.location = UUID_NIL, .agent = who->agent};
    if (who->role == API_ADMIN || who->role == API_AUDITOR)
        return (ApiScope){0};
    return (ApiScope){.location = who->location};
}

bool api_scope_sees(const ApiSession *who, Uuid location, Uuid agent)
{
    ApiScope s = api_scope(who);
    if (who->role == API_AGENT)
        return !uuid_is_nil(s.agent) && uuid_eq(s.agent, agent);
    return uuid_is_nil(s.location) || uuid_eq(s.location, location);
}

PgParam api_uuid_or_null(Uuid v)
{
    return uuid_is_nil(v) ? pg_null() : pg_uuid(v);
}

ErrKind api_not_found(Err *reterr, const char *what)
{
    return err_set(reterr, ERR_NOT_FOUND, "no such %s", what);
}

const char *api_text(ApiCall *c, Str s)
{
    return s.ptr ? arena_strndup(c->req->arena, s.ptr, s.len) : NULL;
}

ErrKind api_call_tenant(ApiCall *c, Err *reterr)
{
    if (c->tenant)
        return ERR_NONE;
    return api_tenant_find(c->api->tenants, c->api->shards, c->who->tenant, c->req->deadline, &c->tenant,
                           reterr);
}

ErrKind api_call_tenant_again(ApiCall *c, Err *reterr)
{
    api_tenant_unref(c->tenant);
    c->tenant = NULL;
    return api_call_tenant(c, reterr);
}

const char *api_label(const ApiCall *c)
{
    return c->tenant->simulated ? "simulated" : "measured";
}

ErrKind api_audit(ApiCall *c, const char *action, const char *object, Str detail, Err *reterr)
{
    char actor[UUID_TEXT];
    uuid_format(c->who->user, actor);
    AuditEntry e = {.actor = actor, .action = action, .object = object, .detail = detail};
    return audit_append(c->api->shards, c->who->tenant, &e, c->req->deadline, reterr);
}

static bool changes_state(const HttpRequest *req)
{
    return !str_eq_c(req->method, "GET") && !str_eq_c(req->method, "HEAD");
}

/* A browser says where a request comes from; another site's is refused. Programs send no Origin. */
static ErrKind check_origin(const HttpRequest *req, Err *reterr)
{
    Str origin = http_header(req, "Origin"), host = http_header(req, "Host");
    if (!origin.ptr)
        return ERR_NONE;
    ptrdiff_t at = str_find(origin, STR("://"));
    if (at > 0 && str_eq_nocase(str_slice(origin, (size_t)at + 3, origin.len), host))
        return ERR_NONE;
    return err_set(reterr, ERR_DENIED, "the request comes from another origin");
}

static ErrKind authenticate(ApiCall *c, Err *reterr)
{
    Str header = http_header(c->req, "Authorization");
    if (header.ptr) {
        Str prefix = STR("Bearer " API_TOKEN_PREFIX);
        if (!str_starts(header, prefix))
            return err_set(reterr, ERR_UNAUTHENTICATED,
                           "Authorization must be \"Bearer " API_TOKEN_PREFIX "...\"");
        return api_session_find(c->api->sessions, c->api->shards, str_slice(header, prefix.len, header.len),
                                true, c->req->deadline, &c->who, reterr);
    }
    TRY(api_session_find(c->api->sessions, c->api->shards, http_cookie(c->req, SESSION_COOKIE), false,
                         c->req->deadline, &c->who, reterr));
    if (!changes_state(c->req))
        return ERR_NONE;
    Str csrf = http_header(c->req, "X-CSRF-Token");
    size_t len = strlen(c->who->csrf);
    if (csrf.len != len || !crypto_equal(csrf.ptr, c->who->csrf, len))
        return err_set(reterr, ERR_DENIED, "the header X-CSRF-Token is missing or wrong");
    return ERR_NONE;
}

static ErrKind check_query(const ApiCall *c, Err *reterr)
{
    for (int i = 0; i < c->req->n_query; i++)
        TRY(api_shape_check_text(c->route->query, c->req->query[i].name, c->req->query[i].value, reterr));
    return ERR_NONE;
}

/* {id} must be a UUID; anything else is no resource of ours. */
static ErrKind read_path(ApiCall *c, Err *reterr)
{
    if (strstr(c->route->pattern, "{id}") && !uuid_parse(c->req->params[0], &c->id))
        return api_not_found(reterr, "id");
    return ERR_NONE;
}

/* Whose data is in a text: on an agent's pages the agent's, so that erasing the agent makes its tokens unreadable. */
static const char *subject_of(ApiCall *c)
{
    if (!str_starts(str_from(c->route->pattern), STR("/v1/agents/{id}")))
        return NULL;
    char id[UUID_TEXT];
    uuid_format(c->id, id);
    return api_text(c, str_from(id));
}

/* One text of the body, as it may be stored. */
static ErrKind clean_text(void *arg, Jv *text, Err *reterr)
{
    ApiCall *c = arg;
    Str given;
    TRY(api_call_tenant(c, reterr));
    const PiiWhere where = {
        .tenant = c->who->tenant,
        .slug = api_text(c, c->tenant->slug),
        .subject = subject_of(c),
        .source = arena_printf(c->req->arena, "api %s %s", c->route->method, c->route->pattern)};
    TRY(arena_check(c->req->arena, reterr));
    CLEANUP(buf_done) Buf out = BUF(HTTP_ANSWER_MAX);
    BUG_ON(!jv_is_str(text, &given));
    if (pii_guard_text(c->api->guard, &where, PII_FOR_STORE, given, &out) == 0)
        return ERR_NONE;
    TRY(buf_check(&out, reterr));
    return jv_set_str(text, buf_str(&out)) ? ERR_NONE
                                           : err_set(reterr, ERR_INTERNAL, "cleaned text that is not UTF-8");
}

/* Placeholders may be longer than what they stand for, so that the lengths are checked again. */
static ErrKind clean_body(ApiCall *c, const char *shape, Jv *body, Err *reterr)
{
    if (c->route->flags & API_PUBLIC)
        return ERR_NONE;
    TRY(api_shape_each_text(shape, body, clean_text, c, reterr));
    ErrKind k = api_shape_check(shape, body, reterr);
    return k ? err_wrap(reterr, k, "with placeholders for the personal data in it") : ERR_NONE;
}

static ErrKind read_body(ApiCall *c, Jv **ret, Err *reterr)
{
    if (!c->route->request)
        return c->req->body.len == 0 || str_eq_c(str_trim(c->req->body), "{}")
                   ? ERR_NONE
                   : err_set(reterr, ERR_INVALID, "no body is expected here");
    Str type = http_header(c->req, "Content-Type");
    if (!str_starts(type, STR("application/json")))
        return err_set(reterr, ERR_INVALID, "Content-Type must be application/json");
    TRY(jv_parse(c->req->body, ret, reterr));
    c->body = *ret;
    const char *shape = api_shape_named(str_from(c->route->request));
    TRY(api_shape_check(shape, *ret, reterr));
    return clean_body(c, shape, *ret, reterr);
}

static ErrKind run(ApiCall *c, Err *reterr)
{
    c->res->status = c->route->status;
    Str key = http_header(c->req, "Idempotency-Key");
    if (!key.ptr || !(c->route->flags & (API_IDEMPOTENT | API_SECRET)))
        return c->route->handler(c, reterr);
    if (c->route->flags & API_SECRET)
        return err_set(reterr, ERR_INVALID, "Idempotency-Key is not taken here: the answer holds a secret");
    bool replayed;
    TRY(api_idempotency_begin(c, key, &replayed, reterr));
    if (replayed)
        return ERR_NONE;
    ErrKind result = c->route->handler(c, reterr);
    Err end_err;
    bool may_be_done = result && (c->changed || (reterr && reterr->in_doubt));
    if (api_idempotency_end(c, key, result, may_be_done, &end_err))
        log_err(LOG_WARN, "api.idempotency",
                &end_err); /* what was asked for is done, or its own error counts */
    return result;
}

static ErrKind dispatch(ApiCall *c, Jv **body, Err *reterr)
{
    if (changes_state(c->req))
        TRY(check_origin(c->req, reterr));
    if (!(c->route->flags & API_PUBLIC)) {
        TRY(authenticate(c, reterr));
        if (!(c->route->roles & c->who->role))
            return err_set(reterr, ERR_DENIED, "the role %s may not do this", c->who->role_name);
    }
    TRY(read_path(c, reterr));
    TRY(check_query(c, reterr));
    TRY(read_body(c, body, reterr));
    return run(c, reterr);
}

/* The first row whose code is a prefix decides. */
static const struct {
    const char *code;
    const char *words;
} PLAIN_WORDS[] = {
    {"23502", "a value is missing"},
    {"23505", "it exists already"},
    {"23503", "it names something that does not exist"},
    {"23", "the value is not allowed"},
    {"22", "a value has a wrong form or is out of range"},
    {"40", "it was changed at the same moment; send it again"},
    {"25", "it was changed at the same moment; send it again"},
    {"55", "it is being changed just now; send it again"},
    {"54", "it is over a limit of the database"},
    {"", "the database does not allow this"},
};

/* PostgreSQL's words name tables, constraints and roles: the log keeps them, the client is told in the field's words.
 * What is answered with 5xx is logged by the edge and sent without words. */
static void say_plainly(const HttpRequest *req, ErrKind kind, Err *e)
{
    if (!e->sqlstate[0] || err_http_status(kind) >= 500)
        return;
    log_write(LOG_WARN, "api",
              LOG_FIELDS(LOG_SAFE("request", req->id), LOG_SAFE("route", req->route->pattern),
                         LOG_SAFE("kind", err_kind_name(kind)), LOG_SAFE("sqlstate", e->sqlstate),
                         LOG_SAFE("file", e->file), LOG_INT("line", e->line)),
              "%s", e->msg);
    size_t i = 0;
    while (!str_starts(str_from(e->sqlstate), str_from(PLAIN_WORDS[i].code)))
        i++;
    (void)snprintf(e->msg, sizeof(e->msg), "%s%s%s%s", e->field[0] ? "member \"" : "", e->field,
                   e->field[0] ? "\": " : "", PLAIN_WORDS[i].words);
}

ErrKind api_dispatch(HttpRequest *req, HttpResponse *res, Err *reterr)
{
    ApiCall c = {.api = req->app, .req = req, .res = res, .route = req->route->info};
    Jv *body = NULL;
    ErrKind k = dispatch(&c, &body, reterr);
    if (!k && res->status == 204)
        buf_clear(&res->body);
    if (!k)
        k = buf_check(&res->body, reterr);
    if (k && reterr)
        say_plainly(req, k, reterr);
    if (!(c.route->flags & API_PUBLIC))
        http_add_header(res, "Cache-Control", STR("no-store"));
    jv_free(body);
    api_tenant_unref(c.tenant);
    api_session_unref(c.who);
    return k;
}
