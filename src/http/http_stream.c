/* http_stream.c - see http_stream.h and http_stream_edge.h. */
#include "http/http_stream.h"

#include "base/mem.h"
#include "http/http_stream_edge.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

static Metric streams_metric =
    METRIC_GAUGE("ehub_http_streams", "Server-sent event streams that are open.", NULL);
static Metric slow_metric = METRIC_COUNTER("ehub_live_slow_clients_total",
                                           "Live streams closed because the client read too slowly.", NULL);

struct HttpStream {
    pthread_mutex_t lock;
    atomic_int refs;
    atomic_bool closed; /* no more sends */
    bool broken;        /* slow: what is buffered is not sent any more */
    bool parked;
    const HttpStreamWire *wire;
    void *conn; /* NULL: not attached yet, or the client has gone */
    Buf unsent;
    _Atomic int64_t last_send_us;
};

HttpStream *http_stream_new(size_t buffer_max)
{
    HttpStream *s = MEM_NEW(HttpStream);
    pthread_mutex_init(&s->lock, NULL);
    atomic_init(&s->refs, 1);
    s->unsent = BUF(buffer_max);
    s->last_send_us = clock_mono_us();
    return s;
}

HttpStream *http_stream_ref(HttpStream *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void http_stream_unref(HttpStream *s)
{
    if (s == NULL || atomic_fetch_sub(&s->refs, 1) > 1)
        return;
    buf_done(&s->unsent);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

/* Under the lock. */
static void wake(HttpStream *s)
{
    if (!s->parked)
        return;
    s->parked = false;
    s->wire->wake(s->conn);
}

/* Under the lock. A client that is behind is not parked but blocked in its socket: it has to be cut off. */
static ErrKind give_up_slow(HttpStream *s, Err *reterr)
{
    s->broken = true;
    atomic_store(&s->closed, true);
    metrics_add(metrics_cell(&slow_metric), 1);
    if (s->conn != NULL && !s->parked)
        s->wire->cut(s->conn);
    wake(s);
    size_t max = s->unsent.max;
    buf_done(&s->unsent);
    return err_set(reterr, ERR_LIMIT, "the client has left more than %zu bytes unread", max);
}

ErrKind http_stream_send(HttpStream *s, Str bytes, Err *reterr)
{
    pthread_mutex_lock(&s->lock);
    ErrKind kind = ERR_NONE;
    if (atomic_load(&s->closed))
        kind = err_set(reterr, s->broken ? ERR_LIMIT : ERR_CANCELLED, "the stream is closed");
    if (kind == ERR_NONE) {
        buf_add_str(&s->unsent, bytes);
        atomic_store(&s->last_send_us, clock_mono_us());
        if (buf_check(&s->unsent, NULL) != ERR_NONE)
            kind = give_up_slow(s, reterr);
        else
            wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return kind;
}

void http_stream_close(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->closed, true);
    wake(s);
    pthread_mutex_unlock(&s->lock);
}

bool http_stream_closed(const HttpStream *s)
{
    return atomic_load(&s->closed);
}

int64_t http_stream_idle_ms(const HttpStream *s)
{
    return (clock_mono_us() - atomic_load(&s->last_send_us)) / 1000;
}

void http_stream_attach(HttpStream *s, const HttpStreamWire *wire, void *conn)
{
    pthread_mutex_lock(&s->lock);
    BUG_ON(s->conn != NULL);
    s->wire = wire;
    s->conn = conn;
    pthread_mutex_unlock(&s->lock);
    http_stream_ref(s);
    metrics_add(metrics_cell(&streams_metric), 1);
}

void http_stream_detach(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    s->conn = NULL;
    s->parked = false;
    atomic_store(&s->closed, true);
    buf_done(&s->unsent);
    pthread_mutex_unlock(&s->lock);
    metrics_add(metrics_cell(&streams_metric), -1);
    http_stream_unref(s);
}

size_t http_stream_unsent(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->unsent.len;
    pthread_mutex_unlock(&s->lock);
    return n;
}

ssize_t http_stream_read(HttpStream *s, char *to, size_t len)
{
    pthread_mutex_lock(&s->lock);
    ssize_t n = (ssize_t)MIN(len, s->unsent.len);
    if (s->broken) {
        n = HTTP_STREAM_BROKEN;
    } else if (n > 0) {
        memcpy(to, s->unsent.ptr, (size_t)n);
        if ((size_t)n == s->unsent.len)
            buf_done(&s->unsent); /* an idle stream keeps no buffer */
        else
            buf_consume(&s->unsent, (size_t)n);
    } else if (atomic_load(&s->closed)) {
        n = HTTP_STREAM_END;
    } else {
        s->parked = true;
        s->wire->park(s->conn);
        n = HTTP_STREAM_PARKED;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* WHATWG HTML, 9.2.6: CR, LF and CR LF all end a line, so each needs its own "data:". */
static void add_field(Buf *out, const char *name, Str value)
{
    size_t from = 0;
    for (;;) {
        size_t to = from;
        while (to < value.len && value.ptr[to] != '\n' && value.ptr[to] != '\r')
            to++;
        buf_add_c(out, name);
        buf_add_c(out, ": ");
        buf_add_str(out, str_slice(value, from, to));
        buf_add_char(out, '\n');
        if (to == value.len)
            return;
        bool pair = value.ptr[to] == '\r' && to + 1 < value.len && value.ptr[to + 1] == '\n';
        from = to + (pair ? 2 : 1);
    }
}

/* id and event are single lines: what follows a line break would be a field of its own. */
static Str first_line(Str s)
{
    size_t to = 0;
    while (to < s.len && s.ptr[to] != '\n' && s.ptr[to] != '\r' && s.ptr[to] != '\0')
        to++;
    return str_slice(s, 0, to);
}

void http_stream_event(Buf *out, Str id, Str type, Str data)
{
    if (id.ptr != NULL)
        add_field(out, "id", first_line(id));
    if (type.ptr != NULL)
        add_field(out, "event", first_line(type));
    add_field(out, "data", data);
    buf_add_char(out, '\n');
}
