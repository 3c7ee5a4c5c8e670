/* http_stream.h - one server-sent event stream (WHATWG HTML, section 9.2): a response that stays open.
 *
 *     handler: res->stream = http_stream_new(...)        any thread: http_stream_send(stream, bytes)
 *
 * Owner:    counted references: the edge holds one, whoever sends holds another. When the client leaves,
 *           http_stream_closed turns true and sends fail; the sender drops its reference.
 * Threads:  any. Sending never blocks: bytes are appended to the stream's buffer and the edge is woken.
 * Limits:   live.buffer unsent bytes; past it the stream is closed as slow (ehub_live_slow_clients_total).
 * Cost:     an idle stream holds no thread; its memory is measured in bench/. */
#ifndef EHUB_HTTP_HTTP_STREAM_H
#define EHUB_HTTP_HTTP_STREAM_H

#include "http/http.h"

/* One reference. Setting res->stream hands it to the response; whoever sends takes another before that. */
HttpStream *http_stream_new(size_t buffer_max);
HttpStream *http_stream_ref(HttpStream *s);
void http_stream_unref(HttpStream *s); /* accepts NULL */
/* ERR_CANCELLED the client has gone, ERR_LIMIT it was too slow (and is now closed). */
ErrKind MUST_USE http_stream_send(HttpStream *s, Str bytes, Err *reterr);
void http_stream_close(HttpStream *s); /* sends what is buffered, then ends */
bool http_stream_closed(const HttpStream *s);
int64_t http_stream_idle_ms(const HttpStream *s); /* since the last send */

/* One event in wire format; data may hold line breaks. id and type may be STR_NULL. */
void http_stream_event(Buf *out, Str id, Str type, Str data);

#endif
