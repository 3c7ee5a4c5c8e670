/* http_exchange.c - see http_exchange.h. */
#include "http/http_exchange.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "http/http_metrics.h"
#include "http/http_problem.h"
#include "http/http_stream.h"
#include "http/http_target.h"

HttpExchange *http_exchange_take(HttpExchangeKeep *k)
{
    HttpExchange *x = k->first;
    if (x != NULL) {
        k->first = x->next_kept;
        k->n--;
        return x;
    }
    x = MEM_NEW(HttpExchange);
    x->req.arena = arena_new(HTTP_ARENA_MAX);
    x->res.body = BUF(HTTP_ANSWER_MAX);
    x->res.status = 200;
    return x;
}

static void exchange_free(HttpExchange *x)
{
    arena_free(x->req.arena);
    buf_done(&x->body);
    buf_done(&x->res.body);
    mem_free(x);
}

static void keep_small(Buf *b)
{
    if (b->cap > HTTP_BUFFER_KEPT)
        buf_done(b);
    else
        buf_clear(b);
}

/* A stream that never got to its client: its senders learn that nobody listens. */
static void drop_stream(HttpResponse *r)
{
    if (r->stream != NULL)
        http_stream_close(r->stream);
    http_stream_unref(r->stream);
    r->stream = NULL;
}

/* Only what is read before it is written: the arrays of an HttpRequest are five kilobytes. */
static void reset(HttpExchange *x)
{
    if (arena_used(x->req.arena) > HTTP_BUFFER_KEPT) {
        arena_free(x->req.arena);
        x->req.arena = arena_new(HTTP_ARENA_MAX);
    } else {
        arena_reset(x->req.arena);
    }
    keep_small(&x->body);
    keep_small(&x->res.body);
    HttpRequest *q = &x->req;
    q->route = NULL;
    q->n_query = q->n_headers = 0;
    q->body = q->path = q->method = STR_NULL;
    memset(q->params, 0, sizeof q->params);
    q->app = q->session = NULL;
    HttpResponse *r = &x->res;
    r->status = 200;
    r->content_type = NULL;
    r->n_headers = 0;
    r->static_body = STR_NULL;
    drop_stream(r);
    x->step = HTTP_READING;
    x->handler = x->guard = NULL;
    x->pool = NULL;
    x->raw_target = STR_NULL;
    x->body_seen = 0;
    x->swallow = x->close = x->flying = false;
    x->dispatched_us = 0;
}

void http_exchange_put(HttpExchangeKeep *k, HttpExchange *x)
{
    reset(x);
    if (k->n == HTTP_EXCHANGES_KEPT) {
        exchange_free(x);
        return;
    }
    x->next_kept = k->first;
    k->first = x;
    k->n++;
}

void http_exchange_keep_done(HttpExchangeKeep *k)
{
    while (k->first != NULL) {
        HttpExchange *x = k->first;
        k->first = x->next_kept;
        exchange_free(x);
    }
}

void http_exchange_fail(HttpExchange *x, ErrKind kind, int status, const char *detail)
{
    x->step = HTTP_ANSWERED;
    drop_stream(&x->res);
    http_problem_write(&x->res, kind, status, detail, x->req.id);
}

static void refuse_and_close(HttpExchange *x, const char *reason, int status, const Err *err)
{
    http_metrics_refused(reason);
    x->close = true;
    http_exchange_fail(x, err->kind, status, err->msg);
}

/* The answer is known, and the connection can go on once the body has been read. A large one is not read. */
static void answer_after_body(HttpExchange *x, const HttpFraming *f)
{
    x->step = HTTP_COLLECTING;
    x->swallow = true;
    if (f->length > HTTP_SWALLOW_MAX) {
        x->step = HTTP_ANSWERED;
        x->close = true;
    }
}

static bool find_route(HttpExchange *x, const HttpEdgeConf *ec, const HttpFraming *f)
{
    HttpMatch match;
    http_router_match(ec->router, x->req.method, x->req.path, &match);
    if (match.route == NULL) {
        http_exchange_fail(x, ERR_NOT_FOUND, match.allow != NULL ? 405 : 404, NULL);
        if (match.allow != NULL)
            http_add_header(&x->res, "Allow", str_from(match.allow));
        answer_after_body(x, f);
        return false;
    }
    x->req.route = match.route;
    memcpy(x->req.params, match.params, sizeof match.params);
    x->handler = match.route->handler;
    if (match.route->pool != HTTP_ON_EDGE) {
        x->pool = ec->pools[match.route->pool];
        x->guard = ec->guard;
    }
    return true;
}

void http_exchange_begin(HttpExchange *x, const HttpEdgeConf *ec, const HttpHead *head)
{
    Err err = {0};
    HttpFraming framing;
    HttpRequest *q = &x->req;
    uuid_format(uuid_v7(), q->id);
    q->method = head->method;
    bool lines_ok = ec->library_is_strict || http_check_layout(head, &err) == ERR_NONE;
    if (!lines_ok || http_check_fields(head, &framing, &err) != ERR_NONE ||
        http_target_parse(x->raw_target, q->arena, &q->path, q->query, &q->n_query, &err) != ERR_NONE) {
        refuse_and_close(x, "malformed", 0, &err);
        return;
    }
    for (int i = 0; i < q->n_headers; i++) /* blanks after the value are not part of it */
        q->headers[i].value = str_trim(q->headers[i].value);
    if (ec->proxies != NULL)
        http_proxies_apply(ec->proxies, q);
    if (!find_route(x, ec, &framing))
        return;
    x->body.max = q->route->max_body != 0 ? q->route->max_body : ec->body_max;
    if (framing.length > x->body.max) {
        err_set(&err, ERR_LIMIT, "the body has %llu bytes; %zu are allowed",
                (unsigned long long)framing.length, x->body.max);
        http_metrics_refused("body");
        http_exchange_fail(x, ERR_LIMIT, 0, err.msg);
        x->handler = NULL;
        answer_after_body(x, &framing);
        return;
    }
    x->step = HTTP_COLLECTING;
}

void http_exchange_collect(HttpExchange *x, const char *bytes, size_t len)
{
    x->body_seen += len;
    if (x->swallow)
        return;
    buf_add(&x->body, bytes, len);
    if (!x->body.failed)
        return;
    /* Chunked, so its size was not known before. What still comes is forgotten up to a limit. */
    Err err = {0};
    err_set(&err, ERR_LIMIT, "the body has more than %zu bytes", x->body.max);
    http_metrics_refused("body");
    http_exchange_fail(x, ERR_LIMIT, 0, err.msg);
    x->step = HTTP_COLLECTING;
    x->handler = NULL;
    x->swallow = true;
    x->close = true;
}

bool http_exchange_ready(HttpExchange *x)
{
    if (x->handler == NULL) {
        x->step = HTTP_ANSWERED;
        return false;
    }
    x->req.body = buf_str(&x->body);
    x->step = HTTP_RUNNING;
    return true;
}

static void log_failure(const HttpExchange *x, const Err *err)
{
    const HttpRequest *q = &x->req;
    log_write(LOG_ERROR, "http",
              LOG_FIELDS(LOG_SAFE("request", q->id), LOG_SAFE("route", q->route->pattern),
                         LOG_SAFE("kind", err_kind_name(err->kind)), LOG_SAFE("sqlstate", err->sqlstate),
                         LOG_SAFE("file", err->file), LOG_INT("line", err->line)),
              "%s", err->msg);
}

static ErrKind call_handler(HttpExchange *x, Err *reterr)
{
    if (deadline_passed(x->req.deadline))
        return err_set(reterr, ERR_TIMEOUT, "the request waited for a thread until its deadline");
    if (x->guard != NULL)
        TRY(x->guard(&x->req, &x->res, reterr));
    TRY(x->handler(&x->req, &x->res, reterr));
    if (x->res.body.failed)
        return err_set(reterr, ERR_INTERNAL, "the answer is larger than %zu bytes", x->res.body.max);
    if (arena_check(x->req.arena, reterr) != ERR_NONE)
        return err_wrap(reterr, ERR_INTERNAL, "memory of the request");
    return ERR_NONE;
}

void http_exchange_run(HttpExchange *x)
{
    Err err = {0};
    ErrKind kind = call_handler(x, &err);
    if (kind != ERR_NONE) {
        http_exchange_fail(x, kind, 0, err.msg);
        if (x->res.status >= 500) {
            err.kind = kind;
            log_failure(x, &err);
        }
    }
    x->step = HTTP_ANSWERED;
}
