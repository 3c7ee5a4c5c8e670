/* log.h - one JSON object a line on standard error.
 *
 *     {"at":"2026-01-31T12:00:00.000Z","level":"info","tag":"pg.pool","msg":"connected","shard":2}
 *
 * Log once, at the outermost caller. Library code uses at most log_debug. Never log free text of people; a value from
 * outside stands in quotation marks in a message, or in a field of its own.
 *
 *     message, LOG_STR, LOG_CSTR --filter--> cut --> line        LOG_SAFE, LOG_INT, LOG_F64 --> line
 *
 * The filter takes personal data out (pii/pii_guard.h; base knows nothing of it). It sees texts whole, so that no half of
 * a value that it would have known slips through; they are cut to the line afterwards.
 * Threads:  any; a line is written by one write(2).
 * Limits:   LOG_LINE_MAX bytes a line, longer values are cut; LOG_TEXT_MAX bytes of a text are looked at. */
#ifndef EHUB_BASE_LOG_H
#define EHUB_BASE_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define LOG_LINE_MAX 4096
#define LOG_TEXT_MAX (64u << 10)

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF } LogLevel;

typedef struct LogField {
    const char *key; /* NULL ends the list */
    enum { LOG_IS_STR, LOG_IS_SAFE, LOG_IS_INT, LOG_IS_F64 } kind;
    Str s;
    int64_t i;
    double f;
} LogField;

#define LOG_STR(k, v) ((LogField){.key = (k), .kind = LOG_IS_STR, .s = (v)})
#define LOG_CSTR(k, v) ((LogField){.key = (k), .kind = LOG_IS_STR, .s = str_from(v)})
/* A word of ours that the filter leaves alone: an id, the name of a route, the address we listen on. */
#define LOG_SAFE(k, v) ((LogField){.key = (k), .kind = LOG_IS_SAFE, .s = str_from(v)})
#define LOG_INT(k, v) ((LogField){.key = (k), .kind = LOG_IS_INT, .i = (v)})
#define LOG_F64(k, v) ((LogField){.key = (k), .kind = LOG_IS_F64, .f = (v)})

void log_set_level(LogLevel level);
void log_set_fd(int fd); /* default 2 */
bool log_level_parse(Str s, LogLevel *ret);
bool log_enabled(LogLevel level);
/* What every text passes on its way into a line; it appends to out and must not log. is_message: words of our own with
 * values in them, else one value. NULL, the default: texts pass as they are. */
typedef void LogFilter(bool is_message, Str text, Buf *out);
void log_set_filter(LogFilter *filter);

void log_write(LogLevel level, const char *tag, const LogField *fields, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#define LOG_FIELDS(...) ((const LogField[]){__VA_ARGS__, {.key = NULL}})
#define log_debug(tag, ...) \
    (log_enabled(LOG_DEBUG) ? log_write(LOG_DEBUG, (tag), NULL, __VA_ARGS__) : (void)0)
#define log_info(tag, ...) log_write(LOG_INFO, (tag), NULL, __VA_ARGS__)
#define log_warn(tag, ...) log_write(LOG_WARN, (tag), NULL, __VA_ARGS__)
#define log_error(tag, ...) log_write(LOG_ERROR, (tag), NULL, __VA_ARGS__)
/* The message of an Err with its kind, place and SQLSTATE as fields. */
void log_err(LogLevel level, const char *tag, const Err *err);

#endif
