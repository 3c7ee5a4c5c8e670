#include "base/err.h"

#include <stdarg.h>
#include <stdatomic.h>
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

static _Atomic(ErrFilter *) filter;

void err_set_filter(ErrFilter *f)
{
    atomic_store_explicit(&filter, f, memory_order_release);
}

/* The last word may go on behind what was looked at. */
static void drop_last_word(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] != ' ' && text[n - 1] != '\n')
        n--;
    text[n] = 0;
}

/* Whole texts come in; what fits goes out. */
static void fit(char *text, bool whole, char msg[static ERR_MSG_MAX])
{
    ErrFilter *f = atomic_load_explicit(&filter, memory_order_acquire);
    size_t n = strlen(text);
    if (f && n >= ERR_MSG_MAX) {
        if (!whole)
            drop_last_word(text);
        f(text, ERR_TEXT_MAX);
        n = strlen(text);
    }
    n = MIN(n, (size_t)ERR_MSG_MAX - 1);
    memcpy(msg, text, n);
    msg[n] = 0;
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

/* The arguments may point into reterr->msg, so the text is made elsewhere. */
ErrKind err_set_at(const char *file, int line, Err *reterr, ErrKind kind, const char *fmt, ...)
{
    BUG_ON(kind == ERR_NONE);
    if (!reterr)
        return kind;
    char text[ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    start(reterr, file, line, kind);
    fit(text, n < (int)sizeof text, reterr->msg);
    return kind;
}

ErrKind err_set_errno_at(const char *file, int line, Err *reterr, ErrKind kind, int errnum, const char *fmt,
                         ...)
{
    BUG_ON(kind == ERR_NONE);
    if (!reterr)
        return kind;
    char text[ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char name[128];
    const char *why = strerror_r(errnum, name, sizeof name);
    if (n >= 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, ": %s", why);
    start(reterr, file, line, kind);
    reterr->code = errnum;
    fit(text, n < (int)sizeof text, reterr->msg);
    return kind;
}

ErrKind err_wrap(Err *reterr, ErrKind kind, const char *fmt, ...)
{
    if (!reterr || kind == ERR_NONE)
        return kind;
    char text[ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, ": %s", reterr->msg);
    fit(text, n < (int)sizeof text, reterr->msg);
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
