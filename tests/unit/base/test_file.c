#include "harness/t.h"

#include "base/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(a_written_file_reads_back_with_its_mode)
{
    char dir[] = "/tmp/ehub-file-XXXXXX", path[80];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a/b/c", dir);
    Err err = {0};
    T_OK(file_mkdirs(path, 0700, &err), err);
    T_OK(file_mkdirs(path, 0700, &err), err);
    snprintf(path, sizeof path, "%s/a/b/c/f", dir);
    T_OK(file_write(path, STR("one"), 0600, &err), err);
    T_OK(file_write(path, STR("two\0x"), 0640, &err), err);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    CLEANUP(buf_done) Buf b = BUF(100);
    T_OK(file_read(path, &b, &err), err);
    assert_int_equal(b.len, 5);
    CLEANUP(buf_done) Buf small = BUF(4);
    T_FAILS(ERR_LIMIT, file_read(path, &small, &err));
    assert_non_null(strstr(err.msg, path));
    T_FAILS(ERR_IO, file_mkdirs(path, 0700, &err)); /* a file stands there */
    unlink(path);
    for (const char *sub = "/a/b/c\0/a/b\0/a\0\0";; sub += strlen(sub) + 1) {
        snprintf(path, sizeof path, "%s%s", dir, sub);
        rmdir(path);
        if (!*sub)
            break;
    }
    assert_false(file_exists(dir));
}

TEST(an_absent_file_is_named)
{
    CLEANUP(buf_done) Buf b = BUF(100);
    Err err = {0};
    T_FAILS(ERR_NOT_FOUND, file_read("/nonexistent/f", &b, &err));
    assert_non_null(strstr(err.msg, "/nonexistent/f"));
    assert_true(file_write("/nonexistent/f", STR("x"), 0600, &err) != ERR_NONE);
}

T_MAIN(T(a_written_file_reads_back_with_its_mode), T(an_absent_file_is_named))
