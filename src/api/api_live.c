/* api_live.c - the hub of api_live.h: threads and fan-out. api_live_get.c holds the way of one new stream. */
#include "api/api_live_hub.h"

#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "pg/pg_conf.h"

#include <stdio.h>

#define POLL_MS 250 /* the longest that a marked tenant waits when no notification comes */
#define RECONNECT_MS 500
#define TICK_MS 200
#define RECHECK_MS 30000 /* how soon a stream ends after its session did elsewhere */

static Metric m_streams = METRIC_GAUGE("ehub_live_streams", "Open live streams.", NULL);
static Metric m_events =
    METRIC_COUNTER("ehub_live_events_total", "Events read for at least one stream.", "kind");
static Metric m_sent = METRIC_COUNTER("ehub_live_sent_total", "Events handed to streams.", NULL);
static Metric m_dropped =
    METRIC_COUNTER("ehub_live_dropped_total", "Streams that ended, by reason.", "reason");
static Metric m_connects =
    METRIC_COUNTER("ehub_live_listen_connects_total", "Connections opened to listen.", "shard");

static const PgStmt LISTEN = {"api_live_listen", "listen ehub_live"};
static const PgStmt CLEAN = {
    "api_live_clean", "delete from live_event where tenant_id = $1::uuid and at < now() - interval '7 days'"};
/* Sessions and tokens that still hold; what is open and not among them ends. */
static const PgStmt VALID = {
    "api_live_valid",
    "select encode(s.token_hash, 'hex') from session s join app_user u on u.tenant_id = s.tenant_id and u.id "
    "= s.user_id "
    "where s.tenant_id = $1::uuid and s.expires_at > now() and u.disabled_at is null union all "
    "select encode(k.token_hash, 'hex') from api_token k join app_user u on u.tenant_id = k.tenant_id and "
    "u.id = k.user_id "
    "where k.tenant_id = $1::uuid and (k.expires_at is null or k.expires_at > now()) and k.revoked_at is "
    "null "
    "and u.disabled_at is null"};

const PgStmt API_LIVE_READ = {"api_live_read",
                              "select seq, location_id, agent_id, kind, payload::text from live_event "
                              "where tenant_id = $1::uuid and seq > $2::bigint order by seq limit $3::int"};

/* ---- one event to one stream ---- */

void api_live_event_id(const int64_t pos[static PG_SHARDS], char out[static API_LIVE_ID_TEXT])
{
    int n = snprintf(out, API_LIVE_ID_TEXT, "%lld.%lld.%lld.%lld", (long long)pos[0], (long long)pos[1],
                     (long long)pos[2], (long long)pos[3]);
    BUG_ON(n < 0 || n >= API_LIVE_ID_TEXT);
}

bool api_live_sees(const ApiSession *who, Uuid location, Uuid agent)
{
    /* An event of a whole office (no agent) is for its staff. */
    return api_scope_sees(who, location, agent);
}

static void sub_free(ApiLiveSub *s)
{
    http_stream_unref(s->stream);
    api_session_unref(s->who);
    mem_free(s);
}

static void count_dropped(const char *reason)
{
    metrics_add(metrics_cell(&m_dropped, reason), 1);
}

/* Ends and forgets the stream at place i of the tenant; the last takes its place. Under the lock. */
static void remove_sub(ApiLive *l, ApiLiveTenant *t, int i, const char *reason)
{
    http_stream_close(t->subs[i]->stream);
    sub_free(t->subs[i]);
    t->subs[i] = t->subs[--t->n_subs];
    l->n_streams--;
    count_dropped(reason);
}

static void deliver(ApiLive *l, ApiLiveTenant *t, int shard, const PgResult *r, int row)
{
    int64_t seq = pg_get_i64(r, row, 0);
    Uuid location = pg_get_uuid(r, row, 1), agent = pg_get_uuid(r, row, 2);
    char kind[32];
    if (!str_copy(kind, sizeof(kind), pg_str(r, row, 3)))
        return;
    metrics_add(metrics_cell(&m_events, kind), 1);
    CLEANUP(buf_done) Buf wire = BUF(64u << 10);
    for (int i = t->n_subs - 1; i >= 0; i--) {
        ApiLiveSub *s = t->subs[i];
        if (seq <= s->pos[shard])
            continue;
        s->pos[shard] = seq;
        if (!api_live_sees(s->who, location, agent))
            continue;
        char id[API_LIVE_ID_TEXT];
        api_live_event_id(s->pos, id);
        buf_clear(&wire);
        http_stream_event(&wire, str_from(id), str_from(kind), pg_str(r, row, 4));
        ErrKind k = http_stream_send(s->stream, buf_str(&wire), NULL);
        if (k)
            remove_sub(l, t, i, k == ERR_LIMIT ? "slow" : "gone");
        else
            metrics_add(metrics_cell(&m_sent), 1);
    }
}

/* ---- one shard's thread ---- */

ApiLiveTenant *api_live_tenant(ApiLive *l, Uuid id)
{
    for (ApiLiveTenant *t = l->tenants; t; t = t->next)
        if (uuid_eq(t->id, id))
            return t;
    return NULL;
}

static void mark(ApiLive *l, int shard, Str payload)
{
    Uuid id;
    Str rest = payload, first;
    if (!str_next(&rest, ' ', &first) || !uuid_parse(first, &id))
        return;
    pthread_mutex_lock(&l->lock);
    ApiLiveTenant *t = api_live_tenant(l, id);
    if (t)
        t->dirty[shard] = true;
    pthread_mutex_unlock(&l->lock);
}

/* Reads and delivers what one tenant has new on this shard. */
static ErrKind catch_up(ApiLive *l, PgConn *conn, int shard, Uuid tenant, int64_t from, Err *reterr)
{
    for (;;) {
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        TRY(pg_tenant_query(conn, tenant, &API_LIVE_READ,
                            PG_PARAMS(pg_uuid(tenant), pg_i64(from), pg_i64(API_LIVE_READ_MAX)),
                            deadline_in_ms(API_LIVE_QUERY_MS), &r, reterr));
        int n = pg_rows(r);
        pthread_mutex_lock(&l->lock);
        ApiLiveTenant *t = api_live_tenant(l, tenant);
        for (int i = 0; t && i < n; i++)
            deliver(l, t, shard, r, i);
        if (n > 0)
            from = pg_get_i64(r, n - 1, 0);
        if (t && from > t->pos[shard])
            t->pos[shard] = from;
        pthread_mutex_unlock(&l->lock);
        if (n < API_LIVE_READ_MAX || !t)
            return ERR_NONE;
    }
}

/* The next tenant with something new here; clears its mark. */
static bool next_dirty(ApiLive *l, int shard, Uuid *ret_id, int64_t *ret_from)
{
    bool found = false;
    pthread_mutex_lock(&l->lock);
    for (ApiLiveTenant *t = l->tenants; t && !found; t = t->next)
        if (t->dirty[shard] && t->pos[shard] >= 0) {
            t->dirty[shard] = false;
            *ret_id = t->id;
            *ret_from = t->pos[shard];
            found = true;
        }
    pthread_mutex_unlock(&l->lock);
    return found;
}

static void mark_all(ApiLive *l, int shard)
{
    pthread_mutex_lock(&l->lock);
    for (ApiLiveTenant *t = l->tenants; t; t = t->next)
        t->dirty[shard] = true;
    pthread_mutex_unlock(&l->lock);
}

static ErrKind listen_until_lost(ApiLive *l, PgConn *conn, int shard, Err *reterr)
{
    TRY(pg_query(conn, &LISTEN, PG_NO_PARAMS, deadline_in_ms(API_LIVE_QUERY_MS), NULL, reterr));
    mark_all(l, shard); /* what happened while nobody listened */
    while (!atomic_load(&l->stop)) {
        Uuid tenant;
        int64_t from;
        while (next_dirty(l, shard, &tenant, &from)) {
            ErrKind k = catch_up(l, conn, shard, tenant, from, reterr);
            if (k)
                return k; /* marked again after the reconnection */
        }
        char channel[64], payload[256];
        Deadline by = deadline_in_ms(POLL_MS);
        while (pg_notification(conn, by, channel, sizeof(channel), payload, sizeof(payload))) {
            mark(l, shard, str_from(payload));
            by = deadline_in_ms(0); /* take what else has arrived, then read */
        }
        if (!pg_usable(conn))
            return err_set(reterr, ERR_UNAVAILABLE, "the listening connection to shard %d is lost", shard);
    }
    return ERR_NONE;
}

static void pause_ms(ApiLive *l, int64_t ms)
{
    Deadline by = deadline_in_ms(ms);
    while (!atomic_load(&l->stop) && !deadline_passed(by))
        clock_sleep_ms(20);
}

/* A connection of its own beside the pool's: it would stay there for ever. */
static ErrKind connect_shard(int shard, PgConn **ret, Err *reterr)
{
    const Conf *conf = conf_current();
    PgLogin login;
    ErrKind k = pg_conf_login(conf, false, shard, &login, reterr);
    if (!k)
        k = pg_connect(&login.info, deadline_in_ms(conf->pg_connect_timeout), ret, reterr);
    conf_unref(conf);
    return k;
}

static void *shard_thread(void *arg)
{
    ApiLiveShard *sh = arg;
    ApiLive *l = sh->live;
    char label[8];
    (void)snprintf(label, sizeof(label), "%d", sh->shard);
    bool told = false;
    while (!atomic_load(&l->stop)) {
        Err err;
        PgConn *conn = NULL;
        ErrKind k = connect_shard(sh->shard, &conn, &err);
        if (!k) {
            metrics_add(metrics_cell(&m_connects, label), 1);
            told = false;
            k = listen_until_lost(l, conn, sh->shard, &err);
            pg_close(conn);
        }
        if (k && !atomic_load(&l->stop)) {
            if (!told)
                log_err(LOG_WARN, "api.live", &err);
            told = true;
            pause_ms(l, RECONNECT_MS);
        }
    }
    return NULL;
}

/* ---- heartbeats, clients that left, sessions that ended ---- */

static void beat(ApiLive *l, int64_t heartbeat_ms)
{
    Str comment = STR(": heartbeat\n\n");
    int64_t now = clock_now_us();
    pthread_mutex_lock(&l->lock);
    for (ApiLiveTenant *t = l->tenants; t; t = t->next)
        for (int i = t->n_subs - 1; i >= 0; i--) {
            HttpStream *s = t->subs[i]->stream;
            if (http_stream_closed(s))
                remove_sub(l, t, i, "gone");
            else if (t->subs[i]->who->expires_us <= now)
                remove_sub(l, t, i, "session");
            else if (http_stream_idle_ms(s) >= heartbeat_ms && http_stream_send(s, comment, NULL))
                remove_sub(l, t, i, "gone");
        }
    metrics_set(metrics_cell(&m_streams), (double)l->n_streams);
    pthread_mutex_unlock(&l->lock);
}

static ErrKind recheck_tenant(ApiLive *l, Uuid tenant, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    int64_t asked_us = clock_mono_us();
    TRY(pg_control_query(l->shards, tenant, &VALID, PG_PARAMS(pg_uuid(tenant)),
                         deadline_in_ms(API_LIVE_QUERY_MS), &r, reterr));
    CLEANUP(strmap_freep) StrMap *valid = strmap_new();
    for (int i = 0; i < pg_rows(r); i++)
        strmap_add(valid, pg_str(r, i, 0), 1);
    pthread_mutex_lock(&l->lock);
    ApiLiveTenant *t = api_live_tenant(l, tenant);
    for (int i = t ? t->n_subs - 1 : -1; i >= 0; i--) {
        char hex[65];
        uint32_t one;
        crypto_hex(t->subs[i]->who->key.b, sizeof(Sha256), hex);
        if (t->subs[i]->since_mono_us < asked_us && !strmap_get(valid, str_from(hex), &one))
            remove_sub(l, t, i, "session");
    }
    pthread_mutex_unlock(&l->lock);
    return ERR_NONE;
}

static void recheck(ApiLive *l)
{
    size_t n_max = 0, n = 0;
    pthread_mutex_lock(&l->lock);
    for (const ApiLiveTenant *t = l->tenants; t; t = t->next)
        n_max += t->n_subs > 0;
    CLEANUP(mem_freep) Uuid *ids = mem_array(n_max + 1, sizeof(Uuid));
    for (const ApiLiveTenant *t = l->tenants; t; t = t->next)
        if (t->n_subs > 0)
            ids[n++] = t->id;
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < n && !atomic_load(&l->stop); i++) {
        Err err;
        if (recheck_tenant(l, ids[i], &err))
            log_err(LOG_WARN, "api.live", &err);
    }
}

static void *tick_thread(void *arg)
{
    ApiLive *l = arg;
    int64_t next_check = clock_mono_us() + RECHECK_MS * 1000;
    while (!atomic_load(&l->stop)) {
        const Conf *conf = conf_current();
        int64_t heartbeat_ms = conf->live_heartbeat;
        conf_unref(conf);
        beat(l, heartbeat_ms);
        if (clock_mono_us() >= next_check) {
            recheck(l);
            next_check = clock_mono_us() + RECHECK_MS * 1000;
        }
        pause_ms(l, TICK_MS);
    }
    return NULL;
}

void api_live_drop(ApiLive *l, const Sha256 *session_key)
{
    pthread_mutex_lock(&l->lock);
    for (ApiLiveTenant *t = l->tenants; t; t = t->next)
        for (int i = t->n_subs - 1; i >= 0; i--)
            if (crypto_equal(&t->subs[i]->who->key, session_key, sizeof(*session_key)))
                remove_sub(l, t, i, "session");
    pthread_mutex_unlock(&l->lock);
}

ErrKind api_live_clean(PgShards *shards, Uuid tenant, Deadline by, Err *reterr)
{
    PgResult *r[PG_SHARDS];
    TRY(pg_shard_scatter(shards, tenant, &CLEAN, PG_PARAMS(pg_uuid(tenant)), by, r, reterr));
    pg_results_free(r);
    return ERR_NONE;
}

/* ---- life cycle ---- */

static ErrKind start_thread(pthread_t *thread, void *(*fn)(void *), void *arg, Err *reterr)
{
    int rc = pthread_create(thread, NULL, fn, arg);
    return rc ? err_set_errno(reterr, ERR_UNAVAILABLE, rc, "start a live thread") : ERR_NONE;
}

ErrKind api_live_new(PgShards *shards, ApiLive **ret, Err *reterr)
{
    ApiLive *l = MEM_NEW(ApiLive);
    l->shards = shards;
    pthread_mutex_init(&l->lock, NULL);
    ErrKind k = ERR_NONE;
    for (int i = 0; i < PG_SHARDS && !k; i++) {
        l->shard[i] = (ApiLiveShard){l, i};
        k = start_thread(&l->threads[i], shard_thread, &l->shard[i], reterr);
        l->n_threads += !k;
    }
    if (!k)
        k = start_thread(&l->threads[PG_SHARDS], tick_thread, l, reterr);
    l->n_threads += !k;
    if (k) {
        api_live_free(l);
        return k;
    }
    *ret = l;
    return ERR_NONE;
}

void api_live_free(ApiLive *l)
{
    if (!l)
        return;
    atomic_store(&l->stop, true);
    for (int i = 0; i < l->n_threads; i++)
        (void)pthread_join(l->threads[i], NULL);
    while (l->tenants) {
        ApiLiveTenant *t = l->tenants;
        l->tenants = t->next;
        while (t->n_subs > 0)
            remove_sub(l, t, t->n_subs - 1, "stop");
        mem_free(t->subs);
        mem_free(t);
    }
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}
