/* scale_store.c - see scale_store.h. */
#include "scale/scale_store.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/jv.h"
#include "base/jw.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DECISIONS_MAX (256u << 20)
#define PART (1 << 18)
#define PATH_MAX_ (SCALE_CONF_TEXT_MAX + 32)

static void path_of(const ScaleConf *c, const char *name, char out[static PATH_MAX_])
{
    snprintf(out, PATH_MAX_, "%s/%s", c->state, name);
}

#define DECISIONS "decisions.jsonl"
#define OLDER DECISIONS ".1"

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

ErrKind scale_store_lock(const ScaleConf *c, int *ret_fd, Err *reterr)
{
    char path[PATH_MAX_], text[32];
    TRY(file_mkdirs(c->state, 0750, reterr));
    path_of(c, "lock", path);
    CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_set_errno(reterr, ERR_IO, errno, "%s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? err_set(reterr, ERR_CONFLICT, "%s: another process is scaling %s", path, c->service)
                   : err_set_errno(reterr, ERR_IO, errno, "%s", path);
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
        return err_set_errno(reterr, ERR_IO, errno, "%s", path);
    *ret_fd = fd;
    fd = -1;
    return ERR_NONE;
}

ErrKind scale_store_holder(const ScaleConf *c, pid_t *ret, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(64);
    int64_t pid = 0;
    *ret = 0;
    path_of(c, "lock", path);
    CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NONE : err_set_errno(reterr, ERR_IO, errno, "%s", path);
    if (flock(fd, LOCK_SH | LOCK_NB) == 0)
        return ERR_NONE;
    TRY(file_read(path, &text, reterr));
    if (!str_to_i64(str_trim(buf_str(&text)), &pid) || pid < 2)
        return err_set(reterr, ERR_CORRUPT, "%s: holds no process id", path);
    *ret = (pid_t)pid;
    return ERR_NONE;
}

void scale_stored_json(Jw *w, const ScaleStored *d)
{
    jw_obj(w);
    jw_key(w, "at");
    jw_time_us(w, d->at_us);
    jw_kv_i64(w, "replicas", d->replicas);
    jw_kv_cstr(w, "cause", d->cause);
    jw_kv_cstr(w, "words", d->words);
    jw_kv_f64_digits(w, "demand", d->now, 9);
    jw_kv_f64_digits(w, "planned", d->planned, 9);
    jw_kv_bool(w, "acted", d->acted);
    jw_end(w);
}

/* A writer that was killed may have left half a line: the next one must not stand behind it. */
static bool ends_in_a_line(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    return size <= 0 || pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

/* A file that has grown to the limit becomes the older one, in place of the one that was it. */
static ErrKind set_aside(const ScaleConf *c, const char *path, Err *reterr)
{
    char older[PATH_MAX_];
    struct stat st;
    path_of(c, OLDER, older);
    if (c->decisions_bytes == 0 || stat(path, &st) != 0 || st.st_size < c->decisions_bytes ||
        rename(path, older) == 0)
        return ERR_NONE;
    return err_set_errno(reterr, ERR_IO, errno, "%s", older);
}

ErrKind scale_store_add(const ScaleConf *c, const ScaleStored *d, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf line = BUF(8192);
    Jw w = jw(&line);
    TRY(file_mkdirs(c->state, 0750, reterr));
    path_of(c, DECISIONS, path);
    TRY(set_aside(c, path, reterr));
    CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd >= 0 && !ends_in_a_line(fd))
        buf_add_char(&line, '\n');
    scale_stored_json(&w, d);
    buf_add_char(&line, '\n');
    TRY(buf_check(&line, reterr));
    if (fd < 0 || write(fd, line.ptr, line.len) != (ssize_t)line.len)
        return err_set_errno(reterr, ERR_IO, errno, "%s", path);
    return ERR_NONE;
}

static bool read_line(Str line, ScaleStored *d)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    if (jv_parse(line, &v, NULL) != ERR_NONE || !clock_parse(jv_get_str(v, "at"), &d->at_us))
        return false;
    d->replicas = jv_get_i64(v, "replicas", -1);
    d->now = jv_get_f64(v, "demand", NAN);
    d->planned = jv_get_f64(v, "planned", NAN);
    d->acted = jv_get_bool(v, "acted", false);
    return d->replicas >= 0 && str_copy(d->cause, sizeof d->cause, jv_get_str(v, "cause")) &&
           str_copy(d->words, sizeof d->words, jv_get_str(v, "words"));
}

/* Drops the line that `text` begins in the middle of, and the one at its end that is being written. */
static Str whole_lines(Str text, bool from_start)
{
    size_t first = 0, end = text.len;
    while (!from_start && first < text.len && text.ptr[first++] != '\n')
        ;
    while (end > first && text.ptr[end - 1] != '\n')
        end--;
    return str_slice(text, first, end);
}

/* false: the first line that can be read is of from_us or later, so that lines before may be wanted too. */
static bool goes_back_to(Str lines, int64_t from_us)
{
    Str line;
    while (lines.len > 0 && str_next(&lines, '\n', &line)) {
        ScaleStored d = {0};
        if (line.len > 0 && read_line(line, &d))
            return d.at_us < from_us;
    }
    return false;
}

/* The end of the file: twice as much each time, until it goes back to from_us. ret_all: it does not, and is the whole file. */
static ErrKind read_end(int fd, const char *path, int64_t from_us, Buf *text, Str *ret, bool *ret_all,
                        Err *reterr)
{
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t want = PART;; want *= 2) {
        off_t from = size > want ? size - want : 0;
        size_t len = (size_t)(size - from);
        buf_clear(text);
        char *room = buf_room(text, len);
        if (!room)
            return buf_check(text, reterr);
        ssize_t n = pread(fd, room, len, from);
        if (n < 0)
            return err_set_errno(reterr, ERR_IO, errno, "%s", path);
        buf_advance(text, (size_t)n);
        *ret = whole_lines(buf_str(text), from == 0);
        bool back = goes_back_to(*ret, from_us);
        *ret_all = from == 0 && !back;
        if (from == 0 || back)
            return ERR_NONE;
    }
}

typedef struct Decisions {
    ScaleStored *d;
    int64_t n, cap, damaged;
} Decisions;

static void add_lines(Decisions *all, Str rest, int64_t from_us)
{
    Str line;
    while (rest.len > 0 && str_next(&rest, '\n', &line)) {
        ScaleStored d = {0};
        if (line.len == 0)
            continue;
        if (!read_line(line, &d)) {
            all->damaged++;
            continue;
        }
        if (d.at_us < from_us)
            continue;
        if (all->n == all->cap) {
            all->cap = MAX(2 * all->cap, 64);
            all->d = mem_grow(all->d, (size_t)all->cap, sizeof *all->d);
        }
        all->d[all->n++] = d;
    }
}

static ErrKind open_to_read(const char *path, int *ret, Err *reterr)
{
    *ret = open(path, O_RDONLY | O_CLOEXEC);
    return *ret >= 0 || errno == ENOENT ? ERR_NONE : err_set_errno(reterr, ERR_IO, errno, "%s", path);
}

/* Between two looks the one may have become the other. */
static bool is_same_file(int a, int b)
{
    struct stat x, y;
    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

ErrKind scale_store_read(const ScaleConf *c, int64_t from_us, ScaleStored **ret, int64_t *ret_n,
                         int64_t *ret_damaged, Err *reterr)
{
    char path[PATH_MAX_], older[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(DECISIONS_MAX), before = BUF(DECISIONS_MAX);
    CLEANUP(close_fd) int fd = -1;
    CLEANUP(close_fd) int fd_older = -1;
    Str lines = STR_NULL, lines_before = STR_NULL;
    bool all = true, ignored;
    *ret = NULL;
    *ret_n = *ret_damaged = 0;
    path_of(c, DECISIONS, path);
    path_of(c, OLDER, older);
    TRY(open_to_read(path, &fd, reterr));
    if (fd >= 0)
        TRY(read_end(fd, path, from_us, &text, &lines, &all, reterr));
    if (all)
        TRY(open_to_read(older, &fd_older, reterr));
    if (fd_older >= 0 && !is_same_file(fd, fd_older))
        TRY(read_end(fd_older, older, from_us, &before, &lines_before, &ignored, reterr));
    Decisions d = {0};
    add_lines(&d, lines_before, from_us);
    add_lines(&d, lines, from_us);
    *ret = d.d;
    *ret_n = d.n;
    *ret_damaged = d.damaged;
    return ERR_NONE;
}

ErrKind scale_store_override(const ScaleConf *c, const ScaleOverride *o, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(1024);
    Jw w = jw(&text);
    TRY(file_mkdirs(c->state, 0750, reterr));
    path_of(c, "override.json", path);
    if (!o) {
        if (unlink(path) != 0 && errno != ENOENT)
            return err_set_errno(reterr, ERR_IO, errno, "%s", path);
        return ERR_NONE;
    }
    jw_obj(&w);
    jw_kv_bool(&w, "paused", o->paused);
    jw_kv_i64(&w, "replicas", o->replicas);
    jw_key(&w, "until");
    jw_time_us(&w, o->until_us);
    jw_end(&w);
    buf_add_char(&text, '\n');
    return file_write(path, buf_str(&text), 0640, reterr);
}

ErrKind scale_store_overridden(const ScaleConf *c, int64_t now_us, ScaleOverride *ret, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(65536);
    CLEANUP(jv_freep) Jv *v = NULL;
    *ret = (ScaleOverride){.replicas = -1};
    path_of(c, "override.json", path);
    ErrKind e = file_read(path, &text, reterr);
    if (e != ERR_NONE)
        return e == ERR_NOT_FOUND ? ERR_NONE : e;
    TRY(jv_parse(buf_str(&text), &v, reterr));
    ScaleOverride o = {.paused = jv_get_bool(v, "paused", false), .replicas = jv_get_i64(v, "replicas", -1)};
    if (!clock_parse(jv_get_str(v, "until"), &o.until_us))
        return err_set(reterr, ERR_CORRUPT, "%s: $.until: no time", path);
    if (o.until_us > now_us)
        *ret = o;
    return ERR_NONE;
}
