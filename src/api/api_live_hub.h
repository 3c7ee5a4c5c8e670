/* api_live_hub.h - the inside of api_live: shared by its threads (api_live.c) and the way of a new stream
 * (api_live_get.c), and by nobody else.
 *
 * Everything below `lock` is guarded by it; it is never held across a call that can block. */
#ifndef EHUB_API_API_LIVE_HUB_H
#define EHUB_API_API_LIVE_HUB_H

#include "api/api_live.h"
#include "base/strmap.h"
#include "http/http_stream.h"

#include <pthread.h>

#define API_LIVE_ID_TEXT 88       /* four numbers of up to 20 digits, three dots, the zero */
#define API_LIVE_READ_MAX 500     /* events that the hub reads at once, for all streams */
#define API_LIVE_BACKLOG_ROWS 100 /* and that one new stream reads at once */
#define API_LIVE_QUERY_MS 5000

typedef struct ApiLiveSub {
    HttpStream *stream;
    const ApiSession *who;
    int64_t pos[PG_SHARDS]; /* everything up to here was sent, or is not for it */
    int64_t since_mono_us;
} ApiLiveSub;

typedef struct ApiLiveTenant ApiLiveTenant;
struct ApiLiveTenant {
    Uuid id;
    int64_t pos[PG_SHARDS]; /* everything up to here was delivered; -1: not known yet */
    bool dirty[PG_SHARDS];  /* something newer was announced */
    int n_subs, cap_subs;
    ApiLiveSub **subs;
    ApiLiveTenant *next;
};

typedef struct ApiLiveShard {
    ApiLive *live;
    int shard;
} ApiLiveShard;

struct ApiLive {
    PgShards *shards;
    ApiLiveShard shard[PG_SHARDS];
    pthread_t threads[PG_SHARDS + 1];
    int n_threads;
    atomic_bool stop;

    pthread_mutex_t lock;
    ApiLiveTenant *tenants;
    int64_t n_streams;
};

extern const PgStmt API_LIVE_READ; /* $1 tenant, $2 after this number, $3 at most so many */

ApiLiveTenant *api_live_tenant(ApiLive *l, Uuid id); /* under the lock; NULL: nobody of it has listened yet */
void api_live_event_id(const int64_t pos[static PG_SHARDS], char out[static API_LIVE_ID_TEXT]);
bool api_live_parse_id(Str id, int64_t pos[static PG_SHARDS]);
bool api_live_sees(const ApiSession *who, Uuid location, Uuid agent);

#endif
