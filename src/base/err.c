#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct KindRow {
    const char *text;
    const char *title;
    int http;
    int exit;
    bool retry;
} KindRow;

static const KindRow ROWS[ERR_KIND_COUNT] = {
#define X(name, text, http, exit, retry, title) [ERR_##name] = {text, title, http, exit, retry},
    ERR_KINDS(X)
#undef X
};

static const KindRow *row_of(ErrKind kind)
{
    BUG_ON((int)kind < 0 || kind >= ERR_KIND_COUNT);
    return &ROWS[kind];
}

static void start(Err *e, const char *file, int line, ErrKind kind)
{
    e->kind = kind;
    e->code = 0;
    e->sqlstate[0] = 0;
    e->field[0] = 0;
    e->in_doubt = false;
    e->file = file;
    e->line = line;
}

ErrKind err_set_at(const char *file, int line, Err *reterr, ErrKind kind, const char *fmt, ...)
{
    BUG_ON(kind == ERR_NONE);
    if (!reterr)
        return kind;
    char msg[ERR_MSG_MAX]; /* the arguments may point into reterr->msg */
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    start(reterr, file, line, kind);
    memcpy(reterr->msg, msg, sizeof msg);
    return kind;
}

ErrKind err_set_errno_at(const char *file, int line, Err *reterr, ErrKind kind, int errnum, const char *fmt,
                         ...)
{
    BUG_ON(kind == ERR_NONE);
    if (!reterr)
        return kind;
    char msg[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    char text[128];
    const char *why = strerror_r(errnum, text, sizeof text);
    if (n >= 0 && (size_t)n < sizeof msg)
        snprintf(msg + n, sizeof msg - (size_t)n, ": %s", why);
    start(reterr, file, line, kind);
    reterr->code = errnum;
    memcpy(reterr->msg, msg, sizeof msg);
    return kind;
}

ErrKind err_wrap(Err *reterr, ErrKind kind, const char *fmt, ...)
{
    if (!reterr || kind == ERR_NONE)
        return kind;
    char context[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    size_t n = strlen(context), room = sizeof reterr->msg - 1;
    size_t sep = MIN((size_t)2, room - n), keep = MIN(strlen(reterr->msg), room - n - sep);
    memmove(reterr->msg + n + sep, reterr->msg, keep);
    memcpy(reterr->msg + n, ": ", sep);
    memcpy(reterr->msg, context, n);
    reterr->msg[n + sep + keep] = 0;
    return kind;
}

const char *err_kind_name(ErrKind kind)
{
    return row_of(kind)->text;
}

const char *err_kind_title(ErrKind kind)
{
    return row_of(kind)->title;
}

int err_http_status(ErrKind kind)
{
    return row_of(kind)->http;
}

int err_exit_status(ErrKind kind)
{
    return row_of(kind)->exit;
}

bool err_can_retry(ErrKind kind)
{
    return row_of(kind)->retry;
}
