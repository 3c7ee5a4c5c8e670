/* api_money.c - see api_money.h. */
#include "api/api_money.h"

#include "insight/insight_money.h"
#include "privacy/audit.h"

static ErrKind record(void *arg, PgConn *control, Str detail, Deadline by, Err *reterr)
{
    const ApiCall *c = arg;
    char actor[UUID_TEXT], object[UUID_TEXT];
    uuid_format(c->who->user, actor);
    uuid_format(c->who->tenant, object);
    const AuditEntry entry = {actor, "tenant.money", object, detail};
    return audit_append_in(control, &entry, by, reterr);
}

static bool may_change(const ApiCall *c)
{
    return (c->who->role & (API_ADMIN | API_MANAGER)) && uuid_is_nil(api_scope(c->who).location);
}

static ErrKind write_money(ApiCall *c, const InsightMoney *m, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    insight_money_json(&w, m);
    jw_kv_bool(&w, "may_change", may_change(c));
    jw_kv_bool(&w, "simulated", c->tenant->simulated);
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_money_get(ApiCall *c, Err *reterr)
{
    InsightMoney m;
    TRY(insight_money_read(c->api->shards, c->who->tenant, c->req->deadline, &m, reterr));
    return write_money(c, &m, reterr);
}

ErrKind api_money_put(ApiCall *c, Err *reterr)
{
    InsightMoney m;
    if (!may_change(c))
        return err_set(
            reterr, ERR_DENIED,
            "the settings hold for every office: whoever sees one office only may not change them");
    TRY(insight_money_parse(c->body, &m, reterr));
    TRY(insight_money_write(c->api->shards, c->who->tenant, &m, record, c, c->req->deadline, reterr));
    api_tenant_forget(c->api->tenants, c->who->tenant); /* it has the currency */
    return write_money(c, &m, reterr);
}
