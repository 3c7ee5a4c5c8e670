#include "crm/crm_reject.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_MAX (8u << 20)
#define FLUSH_AT (1u << 20)

struct CrmReject {
    char *path;
    int fd;        /* -1: not made yet */
    int64_t bytes; /* written and buffered */
    int64_t limit;
    Buf buf;
};

static ErrKind open_error(const char *path, Err *reterr)
{
    return err_set_errno(reterr, errno == EACCES ? ERR_DENIED : ERR_IO, errno, "open %s", path);
}

ErrKind crm_reject_open(const char *path, int64_t keep_bytes, int64_t limit_bytes, CrmReject **ret,
                        Err *reterr)
{
    CLEANUP(crm_reject_freep) CrmReject *r = MEM_NEW(CrmReject);
    r->path = mem_strdup(path);
    r->fd = -1;
    r->limit = limit_bytes;
    r->buf = BUF(BUFFER_MAX);
    if (keep_bytes == 0) {
        if (unlink(path) != 0 && errno != ENOENT)
            return err_set_errno(reterr, ERR_IO, errno, "remove the old %s", path);
    } else {
        struct stat st;
        r->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (r->fd < 0 && errno != ENOENT)
            return open_error(path, reterr);
        if (r->fd < 0 || fstat(r->fd, &st) != 0 || st.st_size < keep_bytes)
            return err_set(reterr, ERR_CONFLICT, "%s is not as the interrupted import left it", path);
        if (ftruncate(r->fd, keep_bytes) != 0 || lseek(r->fd, keep_bytes, SEEK_SET) < 0)
            return err_set_errno(reterr, ERR_IO, errno, "cut %s", path);
        r->bytes = keep_bytes;
    }
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

void crm_reject_free(CrmReject *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    buf_done(&r->buf);
    mem_free(r->path);
    mem_free(r);
}

static ErrKind flush(CrmReject *r, Err *reterr)
{
    if (r->buf.len == 0)
        return ERR_NONE;
    if (r->fd < 0)
        r->fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (r->fd < 0)
        return open_error(r->path, reterr);
    for (size_t done = 0; done < r->buf.len;) {
        ssize_t n = write(r->fd, r->buf.ptr + done, r->buf.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(reterr, ERR_IO, errno, "write %s", r->path);
        done += (size_t)n;
    }
    buf_clear(&r->buf);
    return ERR_NONE;
}

static void add_quoted(Buf *b, Str s)
{
    buf_add_char(b, '"');
    while (s.len) {
        const char *q = memchr(s.ptr, '"', s.len);
        size_t n = q ? (size_t)(q - s.ptr) + 1 : s.len;
        buf_add(b, s.ptr, n);
        if (q)
            buf_add_char(b, '"');
        s = str_slice(s, n, s.len);
    }
    buf_add_char(b, '"');
}

ErrKind crm_reject_add(CrmReject *r, int64_t line, const char *reason, Str row, Err *reterr)
{
    size_t before = r->buf.len;
    if (r->bytes == 0)
        buf_add_c(&r->buf, "line,reason,row\n");
    buf_add_i64(&r->buf, line);
    buf_add_char(&r->buf, ',');
    add_quoted(&r->buf, str_from(reason));
    buf_add_char(&r->buf, ',');
    add_quoted(&r->buf, row);
    buf_add_char(&r->buf, '\n');
    TRY(buf_check(&r->buf, reterr));
    r->bytes += (int64_t)(r->buf.len - before);
    if (r->bytes > r->limit)
        return err_set(reterr, ERR_LIMIT, "%s would grow above import.reject_limit (%lld bytes) at line %lld",
                       r->path, (long long)r->limit, (long long)line);
    return r->buf.len >= FLUSH_AT ? flush(r, reterr) : ERR_NONE;
}

ErrKind crm_reject_sync(CrmReject *r, int64_t *ret_bytes, Err *reterr)
{
    TRY(flush(r, reterr));
    if (r->fd >= 0 && fdatasync(r->fd) != 0)
        return err_set_errno(reterr, ERR_IO, errno, "sync %s", r->path);
    *ret_bytes = r->bytes;
    return ERR_NONE;
}
