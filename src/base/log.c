#include "base/log.h"

#include "base/clock.h"
#include "base/jw.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define MSG_MAX 1023
#define VALUE_MAX 512

static atomic_int min_level = LOG_INFO;
static atomic_int out_fd = 2;
static _Atomic(LogFilter *) filter;

static const char *const LEVELS[] = {"debug", "info", "warn", "error", "off"};

void log_set_level(LogLevel level)
{
    atomic_store(&min_level, (int)level);
}

void log_set_fd(int fd)
{
    atomic_store(&out_fd, fd);
}

void log_set_filter(LogFilter *f)
{
    atomic_store_explicit(&filter, f, memory_order_release);
}

bool log_level_parse(Str s, LogLevel *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(LEVELS); i++)
        if (str_eq_c(s, LEVELS[i])) {
            *ret = (LogLevel)i;
            return true;
        }
    return false;
}

bool log_enabled(LogLevel level)
{
    return (int)level >= atomic_load_explicit(&min_level, memory_order_relaxed);
}

/* At most `max` bytes of a text behind the filter, cut at a character. */
static void write_text(Jw *w, const char *key, bool is_message, Str text, size_t max)
{
    LogFilter *f = atomic_load_explicit(&filter, memory_order_acquire);
    CLEANUP(buf_done) Buf clean = BUF(4 * LOG_TEXT_MAX);
    text = str_slice(text, 0, LOG_TEXT_MAX);
    if (f && text.len > 0) {
        f(is_message, text, &clean);
        text = clean.failed ? STR("[WITHHELD: too long]") : buf_str(&clean);
    }
    if (text.len > max) {
        while (max > 0 && ((uint8_t)text.ptr[max] & 0xC0) == 0x80)
            max--;
        text.len = max;
    }
    jw_kv_str(w, key, text);
}

static void write_field(Jw *w, const LogField *f)
{
    if (f->kind == LOG_IS_INT)
        jw_kv_i64(w, f->key, f->i);
    else if (f->kind == LOG_IS_F64)
        jw_kv_f64(w, f->key, f->f);
    else if (f->kind == LOG_IS_SAFE)
        jw_kv_str(w, f->key, str_slice(f->s, 0, VALUE_MAX));
    else
        write_text(w, f->key, false, f->s, VALUE_MAX);
}

void log_write(LogLevel level, const char *tag, const LogField *fields, const char *fmt, ...)
{
    if (!log_enabled(level) || level >= LOG_OFF)
        return;
    char at[25];
    CLEANUP(buf_done) Buf msg = BUF(LOG_TEXT_MAX);
    buf_add_c(&msg, "");
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&msg, fmt, ap);
    va_end(ap);
    clock_format(clock_now_us(), at);

    CLEANUP(buf_done) Buf line = BUF(8 * LOG_LINE_MAX);
    Jw w = jw(&line);
    jw_obj(&w);
    jw_kv_cstr(&w, "at", at);
    jw_kv_cstr(&w, "level", LEVELS[level]);
    jw_kv_cstr(&w, "tag", tag);
    if (msg.failed)
        jw_kv_cstr(&w, "msg", "[WITHHELD: too long]");
    else
        write_text(&w, "msg", true, buf_str(&msg), MSG_MAX);
    for (; fields && fields->key && line.len < LOG_LINE_MAX - 1024; fields++)
        write_field(&w, fields);
    jw_end(&w);
    buf_add_char(&line, '\n');
    if (write(atomic_load(&out_fd), line.ptr, line.len) < 0)
        return; /* nobody to tell */
}

void log_err(LogLevel level, const char *tag, const Err *err)
{
    const LogField fields[] = {LOG_SAFE("kind", err_kind_name(err->kind)),
                               LOG_SAFE("file", err->file),
                               LOG_INT("line", err->line),
                               LOG_INT("code", err->code),
                               LOG_SAFE("sqlstate", err->sqlstate),
                               {.key = NULL}};
    log_write(level, tag, fields, "%s", err->msg);
}
