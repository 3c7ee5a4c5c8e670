#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static ErrKind kind_of(int errnum)
{
    if (errnum == ENOENT || errnum == ENOTDIR)
        return ERR_NOT_FOUND;
    return errnum == EACCES || errnum == EPERM ? ERR_DENIED : ERR_IO;
}

static ErrKind read_all(int fd, const char *path, Buf *out, Err *reterr)
{
    for (;;) {
        char chunk[65536];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(reterr, ERR_IO, errno, "read %s", path);
        if (n == 0)
            return ERR_NONE;
        buf_add(out, chunk, (size_t)n);
        ErrKind kind = buf_check(out, reterr);
        if (kind)
            return err_wrap(reterr, kind, "%s", path);
    }
}

ErrKind file_read(const char *path, Buf *out, Err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(reterr, kind_of(errno), errno, "open %s", path);
    ErrKind kind = read_all(fd, path, out, reterr);
    close(fd);
    return kind;
}

static bool write_all(int fd, Str s)
{
    while (s.len) {
        ssize_t n = write(fd, s.ptr, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        s = str_slice(s, (size_t)n, s.len);
    }
    return true;
}

ErrKind file_write(const char *path, Str content, mode_t mode, Err *reterr)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof beside, "%s.%d.new", path, (int)getpid()) >= (int)sizeof beside)
        return err_set(reterr, ERR_INVALID, "path too long: %s", path);
    unlink(beside); /* of a process that died; made anew, so that a link placed there is not followed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set_errno(reterr, kind_of(errno), errno, "create %s", beside);
    bool ok = fchmod(fd, mode) == 0 && write_all(fd, content) && fsync(fd) == 0;
    int why = errno;
    close(fd);
    if (ok && rename(beside, path) == 0)
        return ERR_NONE;
    if (ok)
        why = errno;
    unlink(beside);
    return err_set_errno(reterr, ERR_IO, why, "write %s", path);
}

ErrKind file_mkdirs(const char *path, mode_t mode, Err *reterr)
{
    char part[PATH_MAX];
    if (!str_copy(part, sizeof part, str_from(path)))
        return err_set(reterr, ERR_INVALID, "path too long: %s", path);
    for (char *p = part + 1; part[0]; p++) {
        bool last = *p == 0;
        if (!last && *p != '/')
            continue;
        *p = 0;
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return err_set_errno(reterr, kind_of(errno), errno, "make directory %s", part);
        if (last)
            break;
        *p = '/';
    }
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(reterr, ERR_IO, "%s is not a directory", path);
    return ERR_NONE;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
