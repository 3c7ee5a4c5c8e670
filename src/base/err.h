/* err.h - how every function of the project reports failure.
 *
 *     ErrKind f(..., T *ret_x, Err *reterr)      0 is success; anything else is one row of ERR_KINDS
 *
 * Owner:    the caller owns the Err (usually on its stack); it holds no pointers and needs no clean-up.
 * Threads:  pure.
 * Limits:   messages are cut at ERR_MSG_MAX - 1 bytes, after the filter has seen them up to ERR_TEXT_MAX: half of a value
 *           that it would have known is not known any more.
 * Errors:   library code sets or wraps; the outermost caller logs once. `reterr` may be NULL everywhere.
 * See also: docs/reference/errors.md (generated from ERR_KINDS). */
#ifndef EHUB_BASE_ERR_H
#define EHUB_BASE_ERR_H

#include "base/base.h"

#define ERR_MSG_MAX 480
#define ERR_TEXT_MAX 4096

/* The one table of failures: X(name, text, HTTP status, exit status, a retry can help, title)
 * Exit statuses are those of sysexits.h where it has one. */
#define ERR_KINDS(X)                                                       \
    X(NONE, "none", 200, 0, false, "success")                              \
    X(USAGE, "usage", 400, 64, false, "wrong usage")                       \
    X(INVALID, "invalid", 422, 65, false, "bad data")                      \
    X(MALFORMED, "malformed", 400, 65, false, "malformed request")         \
    X(NOT_FOUND, "not_found", 404, 66, false, "not found")                 \
    X(UNAUTHENTICATED, "unauthenticated", 401, 77, false, "not logged in") \
    X(DENIED, "denied", 403, 77, false, "denied")                          \
    X(CONFLICT, "conflict", 409, 75, true, "conflict")                     \
    X(LIMIT, "limit", 413, 65, false, "over a limit")                      \
    X(RATE, "rate", 429, 75, true, "too many requests")                    \
    X(BUSY, "busy", 503, 75, true, "busy")                                 \
    X(UNAVAILABLE, "unavailable", 503, 69, true, "unavailable")            \
    X(TIMEOUT, "timeout", 504, 75, true, "timed out")                      \
    X(UNSUPPORTED, "unsupported", 501, 69, false, "not supported")         \
    X(CORRUPT, "corrupt", 500, 65, false, "damaged data")                  \
    X(IO, "io", 500, 74, false, "input or output failed")                  \
    X(CANCELLED, "cancelled", 503, 130, true, "cancelled")                 \
    X(INTERNAL, "internal", 500, 70, false, "internal error")

typedef enum ErrKind {
#define X(name, text, http, exit, retry, title) ERR_##name,
    ERR_KINDS(X)
#undef X
        ERR_KIND_COUNT
} ErrKind;

typedef struct Err {
    ErrKind kind;
    int code;         /* errno or the source's own number; 0 if none */
    char sqlstate[6]; /* PostgreSQL's code, "" if none */
    char field[64];   /* the member that PostgreSQL refused, "" if it did not say */
    bool in_doubt;    /* the connection was lost in a commit: what was asked for may have been done */
    const char *file; /* where it was first set */
    int line;
    char msg[ERR_MSG_MAX];
} Err;

/* Tells the compiler that a failure is not ERR_NONE, so that it sees what a caller of TRY may rely on. */
static inline ErrKind err_failed(ErrKind kind)
{
    if (kind == ERR_NONE)
        __builtin_unreachable(); /* err_set_at and err_set_errno_at have checked it */
    return kind;
}

/* Sets the error and returns kind, so that `return err_set(reterr, ERR_INVALID, "line %d: ...", n);` reads
 * well. kind must not be ERR_NONE. */
#define err_set(reterr, kind, ...) err_failed(err_set_at(__FILE__, __LINE__, (reterr), (kind), __VA_ARGS__))
ErrKind err_set_at(const char *file, int line, Err *reterr, ErrKind kind, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

/* The same, and appends ": strerror(errnum)"; errnum is kept in code. */
#define err_set_errno(reterr, kind, errnum, ...) \
    err_failed(err_set_errno_at(__FILE__, __LINE__, (reterr), (kind), (errnum), __VA_ARGS__))
ErrKind err_set_errno_at(const char *file, int line, Err *reterr, ErrKind kind, int errnum, const char *fmt,
                         ...) PRINTF_LIKE(6, 7);

/* Puts context in front of the message ("load location X: connection refused") and returns the kind
 * unchanged. */
ErrKind err_wrap(Err *reterr, ErrKind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* What a message that is too long passes before it is cut (shorter ones pass the filters of log.h and http_problem.h
 * whole, where they go out). It makes the text, of at most room - 1 bytes, harmless in place. NULL, the default: only cut. */
typedef void ErrFilter(char *text, size_t room);
void err_set_filter(ErrFilter *filter);

const char *err_kind_name(ErrKind kind);  /* "not_found" */
const char *err_kind_title(ErrKind kind); /* "not found" */
int err_http_status(ErrKind kind);
int err_exit_status(ErrKind kind);
bool err_can_retry(ErrKind kind);

/* Returns from the calling function when the expression fails. */
#define TRY(expr)                   \
    do {                            \
        ErrKind try_kind_ = (expr); \
        if (try_kind_ != ERR_NONE)  \
            return try_kind_;       \
    } while (0)

#endif
