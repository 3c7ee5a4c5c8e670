/* api_serve.c - see api_serve.h. */
#include "api/api_serve.h"

#include "api/api_jobs.h"
#include "api/api_live.h"
#include "api/api_openapi.h"
#include "api/api_rate.h"
#include "api/api_scaling.h"
#include "api/api_static.h"
#include "api/api_table.h"
#include "api/api_update.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/http_server.h"
#include "metrics/metrics.h"
#include "rt/rt_signal.h"
#include "stack/stack_watch.h"

#include <signal.h>
#include <stdio.h>

#define START_MS 15000
#define READY_NOTICE_MS 300 /* lets a balancer see 503 before connections are refused */

typedef struct Server {
    Api api;
    RtPool *pools[HTTP_POOL_COUNT];
    HttpRoute *routes;
    int n_routes;
    HttpServer *http;
    ApiJobs *jobs;
} Server;

static void build_routes(Server *s)
{
    s->routes = mem_array((size_t)(API_ROUTES_LEN + API_STATIC_ROUTES_LEN), sizeof(HttpRoute));
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        const ApiRoute *r = &API_ROUTES[i];
        s->routes[s->n_routes++] = (HttpRoute){
            .method = r->method, .pattern = r->pattern, .handler = api_dispatch, .pool = r->pool, .info = r};
    }
    for (int i = 0; i < API_STATIC_ROUTES_LEN; i++)
        s->routes[s->n_routes++] = API_STATIC_ROUTES[i];
}

/* Depths of the pools, set just before each rendering. */
static Metric m_pool = METRIC_GAUGE("ehub_rt_pool_jobs", "Jobs of a pool now.", "pool", "state");

static void collect_pools(void *arg)
{
    static const char *const NAMES[HTTP_POOL_COUNT] = {[HTTP_ON_API] = "api", [HTTP_ON_CPU] = "cpu"};
    Server *s = arg;
    for (int i = HTTP_ON_API; i < HTTP_POOL_COUNT; i++) {
        RtPoolStats st = rt_pool_stats(s->pools[i]);
        metrics_set(metrics_cell(&m_pool, NAMES[i], "running"), st.running);
        metrics_set(metrics_cell(&m_pool, NAMES[i], "queued"), st.queued);
    }
}

static ErrKind start(Server *s, const ApiServeConf *sc, const Conf *conf, Err *reterr)
{
    const ApiSelf self = {sc->program, sc->global_args};
    TRY(pg_shards_new(conf, deadline_in_ms(START_MS), &s->api.shards, reterr));
    s->api.guard = sc->guard;
    s->api.sessions = api_sessions_new();
    s->api.tenants = api_tenants_new();
    s->api.rendered = api_rendered_new();
    s->api.login_by_account = api_rate_new();
    s->api.login_by_address = api_rate_new();
    s->api.openapi = BUF(API_OPENAPI_MAX);
    api_openapi_write(&s->api.openapi);
    TRY(buf_check(&s->api.openapi, reterr));
    TRY(api_live_new(s->api.shards, &s->api.live, reterr));
    TRY(api_updates_new(s->api.shards, self, &s->api.updates, reterr));
    TRY(rt_pool_new("api", (int)conf->rt_api_threads, (int)conf->rt_api_queue, &s->pools[HTTP_ON_API],
                    reterr));
    TRY(rt_pool_new("cpu", (int)conf->rt_cpu_threads, (int)conf->rt_cpu_queue, &s->pools[HTTP_ON_CPU],
                    reterr));
    metrics_collect(collect_pools, s);
    metrics_collect(api_scaling_collect, NULL);
    stack_watch_metrics(conf->data_dir);
    build_routes(s);
    HttpServerConf hc = {.conf = conf, .routes = s->routes, .n_routes = s->n_routes, .app = &s->api};
    for (int i = 0; i < HTTP_POOL_COUNT; i++)
        hc.pools[i] = s->pools[i];
    TRY(http_server_new(&hc, &s->http, reterr));
    ApiJobsConf jc = {.shards = s->api.shards, .guard = s->api.guard, .self = self};
    return api_jobs_new(&jc, &s->jobs, reterr);
}

static void reload(const ApiServeConf *sc)
{
    Err err;
    const Conf *conf = NULL;
    if (conf_load(&sc->source, &conf, &err)) {
        log_err(LOG_ERROR, "api.serve", &err);
        return;
    }
    LogLevel level;
    if (log_level_parse(str_from(conf->log_level), &level))
        log_set_level(level);
    if (sc->reload_guard && sc->reload_guard(conf, &err)) {
        log_err(LOG_ERROR, "api.serve", &err);
        conf_unref(conf);
        return;
    }
    conf_publish(conf);
    log_info("api.serve",
             "settings were read again; addresses, pools and limits of the edge take effect at a restart");
}

static void wait_for_stop(const ApiServeConf *sc)
{
    for (;;) {
        int sig = rt_signal_wait(deadline_in_ms(60000));
        if (sig == SIGHUP)
            reload(sc);
        else if (sig == SIGTERM || sig == SIGINT)
            return;
    }
}

static void stop(Server *s)
{
    const Conf *conf = conf_current();
    Deadline by = deadline_in_ms(conf->http_drain);
    conf_unref(conf);
    atomic_store(&s->api.draining, true);
    if (s->http) {
        clock_sleep_ms(READY_NOTICE_MS);
        http_server_drain(s->http, by);
    }
    api_updates_stop(s->api.updates);
    api_jobs_free(s->jobs);
    for (int i = HTTP_ON_API; i < HTTP_POOL_COUNT; i++)
        if (s->pools[i]) {
            Err err;
            if (rt_pool_drain(s->pools[i], by, &err))
                log_err(LOG_WARN, "api.serve", &err);
        }
    http_server_free(s->http); /* waits for handlers that the drain left behind: they still use the hub */
    for (int i = HTTP_ON_API; i < HTTP_POOL_COUNT; i++)
        rt_pool_free(s->pools[i]);
    api_updates_free(s->api.updates);
    api_live_free(s->api.live);
    api_sessions_free(s->api.sessions);
    api_rendered_free(s->api.rendered);
    api_tenants_free(s->api.tenants);
    api_rate_free(s->api.login_by_account);
    api_rate_free(s->api.login_by_address);
    buf_done(&s->api.openapi);
    pg_shards_free(s->api.shards);
    mem_free(s->routes);
}

ErrKind api_serve(const ApiServeConf *sc, Err *reterr)
{
    static Server server; /* as long as the process: metrics ask it */
    const Conf *conf = conf_current();
    ErrKind k = start(&server, sc, conf, reterr);
    if (!k) {
        printf("http%s://%s:%d\n", conf->http_tls_cert[0] ? "s" : "", conf->http_listen,
               http_server_port(server.http));
        (void)fflush(stdout);
        log_write(
            LOG_INFO, "api.serve",
            LOG_FIELDS(LOG_SAFE("listen", conf->http_listen), LOG_INT("port", http_server_port(server.http))),
            "ready");
        wait_for_stop(sc);
        log_info("api.serve", "stopping");
    }
    stop(&server);
    conf_unref(conf);
    return k;
}
