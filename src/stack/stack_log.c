#include "stack/stack_log.h"

#include <fcntl.h>
#include <unistd.h>

#define TAIL 8192

Str stack_log_telling(Str text)
{
    static const char *const words[] = {"FATAL:", "PANIC:", "\"level\":\"error\"", "ERROR:"};
    Str rest = str_trim(text), line, last = STR_NULL, telling = STR_NULL;
    while (rest.len > 0 && str_next(&rest, '\n', &line)) {
        if (str_trim(line).len > 0)
            last = str_trim(line);
        if (str_starts(line, STR("ehub:")) || str_starts(line, STR("ehub "))) /* how our commands complain */
            telling = str_trim(line);
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            if (str_find(line, str_from(words[i])) >= 0)
                telling = str_trim(line);
    }
    return telling.ptr ? telling : last;
}

ErrKind stack_log_why(const StackDir *d, const char *log, const char *what, Err *reterr)
{
    char path[PATH_MAX], tail[TAIL];
    stack_path(d, log, path);
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        off_t size = lseek(fd, 0, SEEK_END);
        n = pread(fd, tail, sizeof tail, size > TAIL ? size - TAIL : 0);
        close(fd);
    }
    Str line = stack_log_telling((Str){tail, n > 0 ? (size_t)n : 0});
    return err_set(reterr, ERR_UNAVAILABLE, "%s: " STR_FMT " (%s)", what, (int)MIN(line.len, 250),
                   line.ptr ? line.ptr : "", path);
}
