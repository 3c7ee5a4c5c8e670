/* api_system.c - see api_system.h. */
#include "api/api_system.h"

#include "metrics/metrics.h"

#define READY_MS 2000

static const PgStmt PING = {"api_system_ping", "select 1"};

ErrKind api_system_health(ApiCall *c, Err *reterr)
{
    (void)reterr;
    c->res->static_body = STR("{\"status\":\"ok\"}");
    return ERR_NONE;
}

static ErrKind ping_pool(PgPool *pool, Deadline by, Err *reterr)
{
    PgConn *conn = NULL;
    TRY(pg_pool_acquire(pool, by, &conn, reterr));
    ErrKind k = pg_query(conn, &PING, PG_NO_PARAMS, by, NULL, reterr);
    pg_pool_release(pool, conn);
    return k;
}

ErrKind api_system_ready(ApiCall *c, Err *reterr)
{
    if (atomic_load(&c->api->draining))
        return err_set(reterr, ERR_UNAVAILABLE, "the server is stopping");
    Deadline by = deadline_sooner(c->req->deadline, deadline_in_ms(READY_MS));
    TRY(ping_pool(pg_control_pool(c->api->shards), by, reterr));
    for (int i = 0; i < PG_SHARDS; i++)
        TRY(ping_pool(pg_shard_pool(c->api->shards, i), by, reterr));
    buf_add_c(&c->res->body, "{\"status\":\"ready\"}");
    return ERR_NONE;
}

ErrKind api_system_metrics(ApiCall *c, Err *reterr)
{
    (void)reterr;
    MetricsFormat f = metrics_negotiate(http_header(c->req, "Accept"));
    c->res->content_type = metrics_content_type(f);
    metrics_render(f, &c->res->body);
    return ERR_NONE;
}

ErrKind api_system_openapi(ApiCall *c, Err *reterr)
{
    (void)reterr;
    c->res->static_body = buf_str(&c->api->openapi);
    return ERR_NONE;
}
