/* api_effect.c - see api_effect.h. */
#include "api/api_effect.h"

#include "api/api_update.h"
#include "insight/insight_store.h"
#include "privacy/audit.h"

static bool is_own(const ApiSession *who, const InsightStored *r)
{
    char user[UUID_TEXT];
    uuid_format(who->user, user);
    return str_eq_c(r->name, user) || str_eq_c(r->name, who->name);
}

bool api_effect_sees(const ApiSession *who, const InsightStored *r)
{
    const Uuid office = api_scope(who).location;
    if (r->scope == INSIGHT_SCOPE_OFFICE)
        return api_scope_sees(who, r->location, UUID_NIL);
    if (r->scope != INSIGHT_SCOPE_COACH)
        return true;
    if (who->role == API_COACH)
        return is_own(who, r);
    return uuid_is_nil(office) || uuid_eq(office, r->location);
}

/* The outcome that is asked for, else this one (NULL: both). */
static ErrKind read_effects(ApiCall *c, InsightStoreQuery *q, const char *otherwise, InsightStoredList *ret,
                            Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    q->outcome = api_text(c, http_query(c->req, "outcome"));
    if (!q->outcome)
        q->outcome = otherwise;
    TRY(arena_check(c->req->arena, reterr));
    return insight_store_read(c->api->shards, c->who->tenant, q, c->req->deadline, ret, reterr);
}

ErrKind api_effect_list(ApiCall *c, Err *reterr)
{
    CLEANUP(insight_store_list_done) InsightStoredList l = {0};
    InsightStoreQuery q = {.scope = api_text(c, http_query(c->req, "scope"))};
    TRY(read_effects(c, &q, NULL, &l, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0, n = 1; i < l.n; i += n) {
        n = insight_stored_rows(&l.row[i], l.n - i);
        if (!api_effect_sees(c->who, &l.row[i]))
            continue;
        jw_obj(&w);
        insight_stored_json(&w, &l.row[i], n);
        jw_end(&w);
    }
    jw_end(&w);
    jw_kv_cstr(&w, "next", NULL);
    jw_kv_str(&w, "currency", c->tenant->currency);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_effect_get(ApiCall *c, Err *reterr)
{
    CLEANUP(insight_store_list_done) InsightStoredList l = {0};
    InsightScope scope;
    Str name = c->req->params[1];
    if (!insight_scope_parse(c->req->params[0], &scope) || !str_is_utf8(name, NULL))
        return api_not_found(reterr, "effect");
    InsightStoreQuery q = {.scope = insight_scope_name(scope), .name = api_text(c, name), .detail = true};
    TRY(read_effects(c, &q, "closings", &l, reterr));
    if (l.n == 0 || !api_effect_sees(c->who, l.row))
        return api_not_found(reterr, "effect");
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    insight_stored_json(&w, l.row, l.n);
    jw_kv_str(&w, "currency", c->tenant->currency);
    jw_end(&w);
    return ERR_NONE;
}

/* ---- finding them anew ---- */

static bool may_update(const ApiSession *who)
{
    return (who->role & (API_ADMIN | API_MANAGER)) && uuid_is_nil(api_scope(who).location);
}

static ErrKind write_update(ApiCall *c, Err *reterr)
{
    InsightJob job;
    TRY(insight_job_read(c->api->shards, c->who->tenant, c->req->deadline, &job, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    insight_job_json(&w, &job);
    jw_kv_bool(&w, "may_update", may_update(c->who));
    jw_end(&w);
    return ERR_NONE;
}

static ErrKind record(void *arg, PgConn *control, Deadline by, Err *reterr)
{
    const ApiCall *c = arg;
    char actor[UUID_TEXT], object[UUID_TEXT];
    uuid_format(c->who->user, actor);
    uuid_format(c->who->tenant, object);
    const AuditEntry entry = {actor, "insight.update", object, STR_NULL};
    return audit_append_in(control, &entry, by, reterr);
}

ErrKind api_effect_update_get(ApiCall *c, Err *reterr)
{
    return write_update(c, reterr);
}

ErrKind api_effect_update(ApiCall *c, Err *reterr)
{
    char user[UUID_TEXT];
    if (!may_update(c->who))
        return err_set(
            reterr, ERR_DENIED,
            "the effects are those of every office: whoever sees one office only may not update them");
    TRY(api_call_tenant(c, reterr));
    uuid_format(c->who->user, user);
    TRY(api_updates_ask(c->api->updates, c->who->tenant, c->tenant->slug, user, record, c, c->req->deadline,
                        reterr));
    c->changed = true;
    return write_update(c, reterr);
}
