#include "base/log.h"

#include "base/clock.h"
#include "base/jw.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int min_level = LOG_INFO;
static atomic_int out_fd = 2;

static const char *const LEVELS[] = {"debug", "info", "warn", "error", "off"};

void log_set_level(LogLevel level)
{
    atomic_store(&min_level, (int)level);
}

void log_set_fd(int fd)
{
    atomic_store(&out_fd, fd);
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

static void write_field(Jw *w, const LogField *f)
{
    if (f->kind == LOG_IS_INT)
        jw_kv_i64(w, f->key, f->i);
    else if (f->kind == LOG_IS_F64)
        jw_kv_f64(w, f->key, f->f);
    else
        jw_kv_str(w, f->key, str_slice(f->s, 0, 512));
}

void log_write(LogLevel level, const char *tag, const LogField *fields, const char *fmt, ...)
{
    if (!log_enabled(level) || level >= LOG_OFF)
        return;
    char msg[1024], at[25];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    clock_format(clock_now_us(), at);

    CLEANUP(buf_done) Buf line = BUF(8 * LOG_LINE_MAX);
    Jw w = jw(&line);
    jw_obj(&w);
    jw_kv_cstr(&w, "at", at);
    jw_kv_cstr(&w, "level", LEVELS[level]);
    jw_kv_cstr(&w, "tag", tag);
    jw_kv_cstr(&w, "msg", msg);
    for (; fields && fields->key && line.len < LOG_LINE_MAX - 1024; fields++)
        write_field(&w, fields);
    jw_end(&w);
    buf_add_char(&line, '\n');
    if (write(atomic_load(&out_fd), line.ptr, line.len) < 0)
        return; /* nobody to tell */
}

void log_err(LogLevel level, const char *tag, const Err *err)
{
    const LogField fields[] = {LOG_CSTR("kind", err_kind_name(err->kind)),
                               LOG_CSTR("file", err->file),
                               LOG_INT("line", err->line),
                               LOG_INT("code", err->code),
                               LOG_CSTR("sqlstate", err->sqlstate),
                               {.key = NULL}};
    log_write(level, tag, fields, "%s", err->msg);
}
