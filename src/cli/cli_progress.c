#include "base/clock.h"
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define TERMINAL_EVERY_US 100000
#define LOG_EVERY_US 10000000

static int64_t last_us;
static bool shown;

void cli_progress(const char *fmt, ...)
{
    bool terminal = isatty(2);
    int64_t now = clock_mono_us();
    if (last_us && now - last_us < (terminal ? TERMINAL_EVERY_US : LOG_EVERY_US))
        return;
    last_us = now;
    char line[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", line);
    shown = terminal;
}

void cli_progress_end(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
    last_us = 0;
}
