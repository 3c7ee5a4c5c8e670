#include "stack/stack_dir.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTINGS_MAX (1u << 20)
#define REMOVE_TRIES 20

void stack_path(const StackDir *d, const char *name, char out[static PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/%s", d->root, name);
    BUG_ON(n >= PATH_MAX); /* root is short, names are ours */
}

/* PostgreSQL refuses to run as root: then it gets Debian's account for it, or nobody. */
static ErrKind choose_account(StackDir *d, Err *reterr)
{
    d->pg_uid = 0;
    d->pg_gid = 0;
    if (geteuid() != 0)
        return ERR_NONE;
    const struct passwd *pw = getpwnam("postgres");
    if (!pw)
        pw = getpwnam("nobody");
    if (!pw)
        return err_set(reterr, ERR_NOT_FOUND,
                       "no account postgres or nobody for PostgreSQL, which refuses root");
    d->pg_uid = pw->pw_uid;
    d->pg_gid = pw->pw_gid;
    return ERR_NONE;
}

/* May the account pass through every directory above? Access lists are not looked at. */
static ErrKind check_reachable(const StackDir *d, Err *reterr)
{
    if (d->pg_uid == 0)
        return ERR_NONE;
    char part[STACK_ROOT_MAX + 2];
    str_copy(part, sizeof part, str_from(d->root));
    for (char *p = part; p; p = strchr(p + 1, '/')) {
        char *cut = strchr(p + 1, '/');
        if (cut)
            *cut = 0;
        struct stat st;
        if (stat(part, &st) != 0)
            return err_set_errno(reterr, ERR_IO, errno, "%s", part);
        mode_t need = st.st_uid == d->pg_uid ? S_IXUSR : st.st_gid == d->pg_gid ? S_IXGRP : S_IXOTH;
        if (!(st.st_mode & need))
            return err_set(reterr, ERR_DENIED,
                           "PostgreSQL runs as uid %d, which may not enter %s: choose another directory with "
                           "--data, or allow it with chmod o+x %s",
                           (int)d->pg_uid, part, part);
        if (cut)
            *cut = '/';
    }
    return ERR_NONE;
}

static ErrKind resolve_root(const char *path, StackDir *d, Err *reterr)
{
    char real[PATH_MAX];
    if (!realpath(path, real))
        return err_set_errno(reterr, errno == EACCES ? ERR_DENIED : ERR_IO, errno, "data directory %s", path);
    if (!str_copy(d->root, sizeof d->root, str_from(real)))
        return err_set(reterr, ERR_LIMIT,
                       "data directory %s: the path is longer than %d bytes, too long for the socket in it",
                       real, STACK_ROOT_MAX);
    return ERR_NONE;
}

static ErrKind take_lock(StackDir *d, Err *reterr)
{
    char path[PATH_MAX], text[32];
    stack_path(d, "lock", path);
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (d->lock_fd < 0)
        return err_set_errno(reterr, errno == EACCES ? ERR_DENIED : ERR_IO, errno, "data directory %s: lock",
                             d->root);
    if (flock(d->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = pread(d->lock_fd, text, sizeof text - 1, 0);
        Str pid = str_trim((Str){text, n > 0 ? (size_t)n : 0});
        return err_set(reterr, ERR_CONFLICT,
                       "data directory %s is in use by another ehub up, process " STR_FMT
                       "; stop that one with: ehub down --data %s",
                       d->root, STR_ARG(pid), d->root);
    }
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(d->lock_fd, 0) != 0 || pwrite(d->lock_fd, text, (size_t)n, 0) != n)
        return err_set_errno(reterr, ERR_IO, errno, "write %s", path);
    return ERR_NONE;
}

static ErrKind make_parts(const StackDir *d, Err *reterr)
{
    static const char *const parts[] = {"run", "secrets", "logs", "tls"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char path[PATH_MAX];
        stack_path(d, parts[i], path);
        TRY(file_mkdirs(path, 0700, reterr));
        if (chmod(path, 0700) != 0)
            return err_set_errno(reterr, ERR_DENIED, errno, "%s", path);
    }
    char run[PATH_MAX];
    stack_path(d, "run", run);
    return stack_dir_give_to_pg(d, run, reterr);
}

ErrKind stack_dir_open(const char *path, StackDir *ret, Err *reterr)
{
    *ret = (StackDir){.lock_fd = -1};
    TRY(choose_account(ret, reterr));
    bool fresh = !file_exists(path);
    TRY(file_mkdirs(path, 0755, reterr));
    TRY(resolve_root(path, ret, reterr));
    /* Others may pass to what lies in it (PostgreSQL must), not look around. */
    if (fresh && chmod(ret->root, ret->pg_uid ? 0711 : 0700) != 0)
        return err_set_errno(reterr, ERR_DENIED, errno, "%s", ret->root);
    TRY(check_reachable(ret, reterr));
    ErrKind kind = take_lock(ret, reterr);
    if (!kind)
        kind = make_parts(ret, reterr);
    if (kind)
        stack_dir_done(ret);
    return kind;
}

void stack_dir_done(StackDir *d)
{
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    d->lock_fd = -1;
}

ErrKind stack_dir_owner(const char *path, pid_t *ret_pid, Err *reterr)
{
    *ret_pid = 0;
    char lock[PATH_MAX], text[32];
    if (snprintf(lock, sizeof lock, "%s/lock", path) >= (int)sizeof lock)
        return err_set(reterr, ERR_LIMIT, "path too long: %s", path);
    int fd = open(lock, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ERR_NONE;
    if (fd < 0)
        return err_set_errno(reterr, errno == EACCES ? ERR_DENIED : ERR_IO, errno, "%s", lock);
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
    ssize_t n = pread(fd, text, sizeof text, 0);
    close(fd);
    int64_t pid;
    if (!held)
        return ERR_NONE;
    if (n <= 0 || !str_to_i64(str_trim((Str){text, (size_t)n}), &pid) || pid <= 1 || pid > INT_MAX)
        return err_set(reterr, ERR_CORRUPT, "%s is locked but names no process", lock);
    *ret_pid = (pid_t)pid;
    return ERR_NONE;
}

ErrKind stack_dir_secret(const StackDir *d, const char *name, char out[static STACK_SECRET_SIZE], Err *reterr)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/secrets/%s", d->root, name);
    BUG_ON(n >= (int)sizeof path);
    if (!file_exists(path)) {
        uint8_t random[(STACK_SECRET_SIZE - 1) / 2];
        crypto_random(random, sizeof random);
        crypto_hex(random, sizeof random, out);
        return file_write(path, str_from(out), 0600, reterr);
    }
    CLEANUP(buf_done) Buf text = BUF(4096);
    TRY(file_read(path, &text, reterr));
    Str secret = str_trim(buf_str(&text));
    if (secret.len == 0 || !str_copy(out, STACK_SECRET_SIZE, secret))
        return err_set(reterr, ERR_CORRUPT, "%s: not a secret of 1 to %d bytes", path, STACK_SECRET_SIZE - 1);
    return ERR_NONE;
}

ErrKind stack_dir_give_to_pg(const StackDir *d, const char *path, Err *reterr)
{
    if (d->pg_uid != 0 && lchown(path, d->pg_uid, d->pg_gid) != 0)
        return err_set_errno(reterr, ERR_DENIED, errno, "give %s to uid %d", path, (int)d->pg_uid);
    return ERR_NONE;
}

ErrKind stack_dir_record(const StackDir *d, const char *key, const char *value, Err *reterr)
{
    char path[PATH_MAX], prefix[128];
    stack_path(d, "ehub.yaml", path);
    snprintf(prefix, sizeof prefix, "%s:", key);
    CLEANUP(buf_done) Buf old = BUF(SETTINGS_MAX);
    CLEANUP(buf_done) Buf out = BUF(SETTINGS_MAX);
    if (file_exists(path))
        TRY(file_read(path, &old, reterr));
    else
        buf_add_c(
            &out,
            "# Settings of this data directory. Every command with --data reads them; see: ehub conf docs\n");
    Str rest = str_trim(buf_str(&old)), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (!str_starts(line, str_from(prefix))) {
            buf_add_str(&out, line);
            buf_add_char(&out, '\n');
        }
    buf_addf(&out, "%s %s\n", prefix, value);
    TRY(buf_check(&out, reterr));
    return file_write(path, buf_str(&out), 0644, reterr);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

ErrKind stack_dir_remove(const char *path, Err *reterr)
{
    for (int i = 0; nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT; i++) {
        if (i == REMOVE_TRIES)
            return err_set_errno(reterr, ERR_IO, errno, "remove %s", path);
        clock_sleep_ms(50); /* somebody who is just dying may still have written into it */
    }
    return ERR_NONE;
}

void stack_dir_trim_log(const char *path, int64_t max)
{
    char older[PATH_MAX];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    struct stat st;
    if (fstat(fd, &st) == 0 && st.st_size > max &&
        snprintf(older, sizeof older, "%s.1", path) < (int)sizeof older) {
        int copy = open(older, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        off_t at = 0;
        while (copy >= 0 && at < st.st_size && sendfile(copy, fd, &at, (size_t)(st.st_size - at)) > 0)
            ;
        if (copy >= 0)
            close(copy);
        if (ftruncate(fd, 0) != 0)
            unlink(path);
    }
    close(fd);
}
