/* api_live_get.c - GET /v1/live: one new stream, from its last event's id to the hub without gap or repetition. */
#include "api/api_live_hub.h"

#include "api/api_table.h"
#include "base/mem.h"

#define ROUNDS_MAX 50 /* of reading what came meanwhile */

static const PgStmt NEWEST = {"api_live_newest",
                              "select coalesce(max(seq), 0) from live_event where tenant_id = $1::uuid"};

bool api_live_parse_id(Str id, int64_t pos[static PG_SHARDS])
{
    Str rest = id, piece;
    for (int i = 0; i < PG_SHARDS; i++)
        if (!str_next(&rest, '.', &piece) || !str_to_i64(piece, &pos[i]) || pos[i] < 0)
            return false;
    return !str_next(&rest, '.', &piece);
}

static ErrKind newest(ApiCall *c, int64_t pos[static PG_SHARDS], Err *reterr)
{
    PgResult *r[PG_SHARDS];
    TRY(pg_shard_scatter(c->api->shards, c->who->tenant, &NEWEST, PG_PARAMS(pg_uuid(c->who->tenant)),
                         c->req->deadline, r, reterr));
    for (int i = 0; i < PG_SHARDS; i++) {
        pos[i] = pg_get_i64(r[i], 0, 0);
        pg_result_free(r[i]);
    }
    return ERR_NONE;
}

/* Makes the hub follow this tenant. First the entry, then the position: an event in between marks the entry. */
static ErrKind follow_tenant(ApiCall *c, Err *reterr)
{
    ApiLive *l = c->api->live;
    pthread_mutex_lock(&l->lock);
    ApiLiveTenant *t = api_live_tenant(l, c->who->tenant);
    bool known = t && t->pos[0] >= 0;
    if (!t) {
        t = MEM_NEW(ApiLiveTenant);
        *t = (ApiLiveTenant){.id = c->who->tenant, .pos = {-1, -1, -1, -1}, .next = l->tenants};
        l->tenants = t;
    }
    pthread_mutex_unlock(&l->lock);
    if (known)
        return ERR_NONE;
    int64_t pos[PG_SHARDS];
    TRY(newest(c, pos, reterr));
    pthread_mutex_lock(&l->lock);
    for (int i = 0; i < PG_SHARDS; i++)
        if (t->pos[i] < 0) { /* entries live as long as the hub, so t still stands */
            t->pos[i] = pos[i];
            t->dirty[i] = true;
        }
    pthread_mutex_unlock(&l->lock);
    return ERR_NONE;
}

/* Adds what this stream may see after pos[shard] to out. ret_full: the backlog is as large as is sent at once. */
static ErrKind read_shard(ApiCall *c, int shard, int64_t pos[static PG_SHARDS], Buf *out, bool *ret_full,
                          Err *reterr)
{
    PgPool *pool = pg_shard_pool(c->api->shards, shard);
    for (;;) { /* no more than a page of rows is held, and no connection while it is written */
        PgConn *conn = NULL;
        PgResult *got = NULL;
        TRY(pg_pool_acquire(pool, c->req->deadline, &conn, reterr));
        ErrKind k = pg_tenant_query(
            conn, c->who->tenant, &API_LIVE_READ,
            PG_PARAMS(pg_uuid(c->who->tenant), pg_i64(pos[shard]), pg_i64(API_LIVE_BACKLOG_ROWS)),
            c->req->deadline, &got, reterr);
        pg_pool_release(pool, conn);
        CLEANUP(pg_result_freep) PgResult *r = got;
        if (k)
            return k;
        for (int i = 0; i < pg_rows(r) && !*ret_full; i++) {
            pos[shard] = pg_get_i64(r, i, 0);
            if (!api_live_sees(c->who, pg_get_uuid(r, i, 1), pg_get_uuid(r, i, 2)))
                continue;
            char id[API_LIVE_ID_TEXT];
            api_live_event_id(pos, id);
            http_stream_event(out, str_from(id), pg_str(r, i, 3), pg_str(r, i, 4));
            *ret_full = out->len >= API_LIVE_BACKLOG_MAX;
        }
        if (*ret_full || pg_rows(r) < API_LIVE_BACKLOG_ROWS)
            return ERR_NONE;
    }
}

static void add_sub(ApiLive *l, ApiLiveTenant *t, ApiLiveSub *s)
{
    if (t->n_subs == t->cap_subs) {
        t->cap_subs = t->cap_subs ? 2 * t->cap_subs : 16;
        t->subs = mem_grow(t->subs, (size_t)t->cap_subs, sizeof(ApiLiveSub *));
    }
    t->subs[t->n_subs++] = s;
    l->n_streams++;
}

static int streams_of(const ApiLiveTenant *t, Uuid user)
{
    int n = 0;
    for (int i = 0; i < t->n_subs; i++)
        n += uuid_eq(t->subs[i]->who->user, user) && !http_stream_closed(t->subs[i]->stream);
    return n;
}

/* Joins the hub if it has not gone past pos, with the backlog as the stream's first bytes; else says what must be read
 * first: target[i] is how far the hub has got on shard i, -1 where nothing is missing. Sending does not block, so it may be
 * done under the lock: nothing of the hub comes before the backlog. */
static bool join(ApiCall *c, const int64_t pos[static PG_SHARDS], HttpStream *stream, Str backlog,
                 int64_t target[static PG_SHARDS])
{
    ApiLive *l = c->api->live;
    bool joined = true;
    pthread_mutex_lock(&l->lock);
    ApiLiveTenant *t = api_live_tenant(l, c->who->tenant);
    for (int i = 0; i < PG_SHARDS; i++) {
        target[i] = t->pos[i] > pos[i] ? t->pos[i] : -1;
        joined = joined && target[i] < 0;
    }
    if (joined && http_stream_send(stream, backlog, NULL) == ERR_NONE) {
        ApiLiveSub *s = MEM_NEW(ApiLiveSub);
        *s = (ApiLiveSub){.stream = http_stream_ref(stream),
                          .who = api_session_ref(c->who),
                          .since_mono_us = clock_mono_us()};
        memcpy(s->pos, pos, sizeof(s->pos));
        add_sub(l, t, s);
    }
    pthread_mutex_unlock(&l->lock);
    return joined;
}

static void hub_position(ApiCall *c, int64_t pos[static PG_SHARDS])
{
    ApiLive *l = c->api->live;
    pthread_mutex_lock(&l->lock);
    memcpy(pos, api_live_tenant(l, c->who->tenant)->pos, sizeof(int64_t) * PG_SHARDS);
    pthread_mutex_unlock(&l->lock);
}

/* Only what is neither in the database nor known to the hub is ahead: rows of seven days ago are deleted. */
static ErrKind is_ahead(ApiCall *c, const int64_t pos[static PG_SHARDS], bool *ret, Err *reterr)
{
    int64_t hub[PG_SHARDS], stored[PG_SHARDS];
    hub_position(c, hub);
    *ret = false;
    for (int i = 0; i < PG_SHARDS; i++)
        *ret = *ret || pos[i] > hub[i];
    if (!*ret)
        return ERR_NONE;
    TRY(newest(c, stored, reterr));
    *ret = false;
    for (int i = 0; i < PG_SHARDS; i++)
        *ret = *ret || pos[i] > MAX(hub[i], stored[i]);
    return ERR_NONE;
}

typedef enum Start { START_NOW, START_RESUMED, START_RESYNC } Start;

/* Where the stream starts: the id it brings, else now. */
static ErrKind start(ApiCall *c, int64_t pos[static PG_SHARDS], Start *ret, Err *reterr)
{
    Str id = http_header(c->req, "Last-Event-ID");
    *ret = START_NOW;
    if (id.ptr && id.len > 0) {
        bool ahead;
        if (!api_live_parse_id(id, pos))
            return err_set(reterr, ERR_MALFORMED, "Last-Event-ID is not one of ours");
        TRY(is_ahead(c, pos, &ahead, reterr));
        *ret = ahead ? START_RESYNC : START_RESUMED;
    }
    if (*ret != START_RESUMED)
        hub_position(c, pos);
    return ERR_NONE;
}

/* The first bytes of every stream: how soon to come back, and the position, so that even a stream that saw no event can
 * go on from here (an event without data sets the id only). */
static void write_head(Buf *out, const int64_t pos[static PG_SHARDS], bool resync)
{
    char id[API_LIVE_ID_TEXT];
    api_live_event_id(pos, id);
    buf_addf(out, "retry: 2000\nid: %s\n\n", id);
    if (resync)
        http_stream_event(out, str_from(id), STR("resync"), STR("{}"));
}

/* The backlog is more than is sent at once: send it, end; the client comes back with the id it got to. */
static HttpStream *portion(Str backlog, size_t buffer)
{
    HttpStream *stream = http_stream_new(buffer + backlog.len);
    if (http_stream_send(stream, backlog, NULL) == ERR_NONE)
        http_stream_close(stream);
    return stream;
}

static ErrKind open_stream(ApiCall *c, size_t buffer, HttpStream **ret, Err *reterr)
{
    int64_t pos[PG_SHARDS];
    int64_t target[PG_SHARDS];
    bool full = false;
    Start how;
    TRY(start(c, pos, &how, reterr));
    CLEANUP(buf_done) Buf backlog = BUF(2 * API_LIVE_BACKLOG_MAX);
    write_head(&backlog, pos, how == START_RESYNC);
    for (int i = 0; i < PG_SHARDS; i++)
        target[i] = how == START_RESUMED ? pos[i] : -1;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        for (int i = 0; i < PG_SHARDS && !full; i++)
            if (target[i] >= 0) {
                TRY(read_shard(c, i, pos, &backlog, &full, reterr));
                if (!full) /* also when what the hub has delivered is deleted by now */
                    pos[i] = MAX(pos[i], target[i]);
            }
        TRY(buf_check(&backlog, reterr));
        if (full) {
            *ret = portion(buf_str(&backlog), buffer);
            return ERR_NONE;
        }
        HttpStream *stream = http_stream_new(buffer + backlog.len);
        if (join(c, pos, stream, buf_str(&backlog), target)) {
            *ret = stream;
            return ERR_NONE;
        }
        http_stream_unref(stream);
    }
    return err_set(reterr, ERR_BUSY, "too many events at once; come back in a moment");
}

/* Before anything is read for it. Requests at the same instant may each find the last place free, so it may be passed by
 * as many as rt.api.threads: the limit is against what piles up. */
static ErrKind check_limit(ApiCall *c, int64_t max, Err *reterr)
{
    ApiLive *l = c->api->live;
    pthread_mutex_lock(&l->lock);
    int n = streams_of(api_live_tenant(l, c->who->tenant), c->who->user);
    pthread_mutex_unlock(&l->lock);
    if (n < max)
        return ERR_NONE;
    http_add_header(c->res, "Retry-After", STR("5"));
    return err_set(reterr, ERR_RATE, "you have %d live streams open; live.streams_per_user allows %lld", n,
                   (long long)max);
}

ErrKind api_live_get(ApiCall *c, Err *reterr)
{
    const Conf *conf = conf_current();
    size_t buffer = (size_t)conf->live_buffer;
    int64_t streams_max = conf->live_streams_per_user;
    conf_unref(conf);
    TRY(follow_tenant(c, reterr));
    TRY(check_limit(c, streams_max, reterr));
    HttpStream *stream = NULL;
    TRY(open_stream(c, buffer, &stream, reterr));
    c->res->stream = stream; /* the edge's own reference is taken there */
    c->res->content_type = "text/event-stream";
    return ERR_NONE;
}
