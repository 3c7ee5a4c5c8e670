/* http_conn.c - see http_conn.h. */
#include "http/http_conn.h"

#include "base/mem.h"
#include "http/http_stream_edge.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define IDLE_MARGIN_US (2 * US_PER_S)

void http_conns_init(HttpConns *l, int64_t idle_ms)
{
    pthread_mutex_init(&l->lock, NULL);
    l->first = NULL;
    l->n = 0;
    l->idle_us = idle_ms * 1000;
}

void http_conns_done(HttpConns *l)
{
    BUG_ON(l->first != NULL);
    pthread_mutex_destroy(&l->lock);
}

static void format_peer(const struct sockaddr *a, char out[static 46])
{
    const void *address = NULL;
    if (a != NULL && a->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)a)->sin_addr;
    if (a != NULL && a->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)a)->sin6_addr;
    if (address == NULL || inet_ntop(a->sa_family, address, out, 46) == NULL)
        out[0] = '\0';
}

HttpConn *http_conns_add(HttpConns *l, int fd, const struct sockaddr *peer)
{
    HttpConn *c = MEM_NEW(HttpConn);
    c->fd = fd;
    format_peer(peer, c->peer);
    http_conn_enter(l, c, HTTP_PHASE_IDLE);
    pthread_mutex_lock(&l->lock);
    c->next = l->first;
    if (l->first != NULL)
        l->first->prev = c;
    l->first = c;
    l->n++;
    pthread_mutex_unlock(&l->lock);
    return c;
}

void http_conns_remove(HttpConns *l, HttpConn *c)
{
    pthread_mutex_lock(&l->lock);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        l->first = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    l->n--;
    pthread_mutex_unlock(&l->lock);
    mem_free(c);
}

void http_conn_enter(const HttpConns *l, HttpConn *c, HttpPhase phase)
{
    atomic_store_explicit(&c->phase, phase, memory_order_relaxed);
    /* An idle connection is the library's to end; the margin keeps us from being first. */
    int64_t span = phase == HTTP_PHASE_IDLE ? l->idle_us + IDLE_MARGIN_US : l->idle_us;
    int64_t until = phase == HTTP_PHASE_BUSY ? INT64_MAX : clock_mono_us() + span;
    atomic_store_explicit(&c->until_us, until, memory_order_relaxed);
}

void http_conn_progress(const HttpConns *l, HttpConn *c, int64_t began_us, uint64_t bytes)
{
    int64_t allowed = l->idle_us + (int64_t)(bytes / HTTP_BODY_BYTES_PER_S) * US_PER_S;
    atomic_store_explicit(&c->until_us, began_us + allowed, memory_order_relaxed);
}

static int64_t answer_us(const HttpConns *l, uint64_t bytes)
{
    return l->idle_us + (int64_t)(bytes / HTTP_ANSWER_BYTES_PER_S) * US_PER_S;
}

void http_conn_answer(const HttpConns *l, HttpConn *c, uint64_t bytes)
{
    atomic_store_explicit(&c->phase, HTTP_PHASE_ANSWERING, memory_order_relaxed);
    atomic_store_explicit(&c->until_us, clock_mono_us() + answer_us(l, bytes), memory_order_relaxed);
}

void http_conn_set_stream(HttpConns *l, HttpConn *c, HttpStream *s)
{
    pthread_mutex_lock(&l->lock);
    c->stream = s;
    pthread_mutex_unlock(&l->lock);
}

int http_conns_count(HttpConns *l)
{
    pthread_mutex_lock(&l->lock);
    int n = l->n;
    pthread_mutex_unlock(&l->lock);
    return n;
}

/* Under the lock: a stream that was closed gets an end, for the client may never read what it still holds. */
static void end_closed_stream(const HttpConns *l, HttpConn *c, int64_t now_us)
{
    if (c->stream == NULL || !http_stream_closed(c->stream) ||
        atomic_load_explicit(&c->phase, memory_order_relaxed) == HTTP_PHASE_ANSWERING)
        return;
    atomic_store_explicit(&c->phase, HTTP_PHASE_ANSWERING, memory_order_relaxed);
    atomic_store_explicit(&c->until_us, now_us + answer_us(l, http_stream_unsent(c->stream)),
                          memory_order_relaxed);
}

int http_conns_sweep(HttpConns *l, int64_t now_us, int *ret_readers)
{
    int broken = 0;
    *ret_readers = 0;
    pthread_mutex_lock(&l->lock);
    for (HttpConn *c = l->first; c != NULL; c = c->next) {
        end_closed_stream(l, c, now_us);
        if (atomic_load_explicit(&c->until_us, memory_order_relaxed) > now_us)
            continue;
        shutdown(c->fd, SHUT_RDWR);
        atomic_store_explicit(&c->until_us, INT64_MAX, memory_order_relaxed);
        *ret_readers += atomic_load_explicit(&c->phase, memory_order_relaxed) == HTTP_PHASE_ANSWERING;
        broken++;
    }
    pthread_mutex_unlock(&l->lock);
    return broken;
}

void http_conns_close_idle(HttpConns *l)
{
    pthread_mutex_lock(&l->lock);
    for (HttpConn *c = l->first; c != NULL; c = c->next)
        if (atomic_load_explicit(&c->phase, memory_order_relaxed) == HTTP_PHASE_IDLE)
            shutdown(c->fd, SHUT_RD); /* not WR: what has arrived is still read and answered */
    pthread_mutex_unlock(&l->lock);
}

void http_conns_close_streams(HttpConns *l)
{
    pthread_mutex_lock(&l->lock);
    for (HttpConn *c = l->first; c != NULL; c = c->next)
        if (c->stream != NULL)
            http_stream_close(c->stream);
    pthread_mutex_unlock(&l->lock);
}
