/* api_return.c - see api_return.h. */
#include "api/api_return.h"

#include "api/api_effect.h"
#include "base/clock.h"
#include "insight/insight_return.h"

static bool sees(const void *who, const InsightStored *row)
{
    return api_effect_sees(who, row);
}

static int32_t query_date(const ApiCall *c, const char *name) /* the shape has checked it */
{
    int32_t day;
    return clock_parse_date(http_query(c->req, name), &day) ? day : INT32_MIN;
}

ErrKind api_return_get(ApiCall *c, Err *reterr)
{
    CLEANUP(insight_return_freep) InsightReturn *r = NULL;
    InsightReturnAsk ask = {.name = api_text(c, http_query(c->req, "name")),
                            .from = query_date(c, "from"),
                            .to = query_date(c, "to"),
                            .sees = sees,
                            .arg = c->who};
    if (!insight_scope_parse(http_query(c->req, "scope"), &ask.scope))
        ask.scope = INSIGHT_SCOPE_ALL;
    TRY(arena_check(c->req->arena, reterr));
    TRY(api_call_tenant(c, reterr));
    TRY(insight_return(c->api->shards, c->who->tenant, &ask, c->req->deadline, &r, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    insight_return_json(&w, r);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}
