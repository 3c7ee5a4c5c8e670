/* api_live.h - live delivery: what happens on a shard reaches every open stream that may see it.
 *
 *     live_publish() in SQL --NOTIFY--> one listening thread a shard --reads live_event after its position-->
 *         every stream of that tenant, filtered by office and agent --> http_stream
 *
 * Position: one sequence number a shard; the id of an event is all four, "12.0.5.9", so that a stream can go on from it
 *           (Last-Event-ID) without gap or repetition. Within a tenant and a shard numbers become visible in order.
 * Seam:     a new stream reads what it missed from the database, then joins under the lock only if the hub has not gone
 *           on meanwhile; else it reads the little that came and tries again. A backlog larger than
 *           API_LIVE_BACKLOG_MAX is sent in portions: the stream ends and the client comes back with its new id.
 * Resync:   an id ahead of every event there is (the database is an older one than the client has seen) cannot be gone on
 *           from: the stream starts now and its first event is `resync`: read anew what you show.
 * Owner:    api_live_new .. api_live_free. Threads: one a shard (LISTEN), one for heartbeats and ended sessions;
 *           subscribe from worker threads (it may block on the database).
 * Limits:   live.buffer unsent bytes a stream; live.streams_per_user (RATE past it); http.connections.
 * Errors:   a lost LISTEN connection is opened again, and what happened meanwhile is read.
 * Metrics:  ehub_live_streams, ehub_live_events_total{kind}, ehub_live_sent_total, ehub_live_dropped_total{reason},
 *           ehub_live_listen_connects_total{shard}. */
#ifndef EHUB_API_API_LIVE_H
#define EHUB_API_API_LIVE_H

#include "api/api.h"

#define API_LIVE_BACKLOG_MAX (256u << 10)

ErrKind MUST_USE api_live_new(PgShards *shards, ApiLive **ret, Err *reterr);
void api_live_free(ApiLive *l); /* stops the threads, ends the streams */

ApiHandler api_live_get; /* GET /v1/live */

void api_live_drop(ApiLive *l,
                   const Sha256 *session_key); /* ends the streams of a session: logout, revoked token */
/* Deletes events older than seven days on every shard. */
ErrKind MUST_USE api_live_clean(PgShards *shards, Uuid tenant, Deadline by, Err *reterr);

#endif
