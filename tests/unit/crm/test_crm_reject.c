#include "harness/t.h"
#include "base/file.h"
#include "crm/crm_reject.h"

#include <stdlib.h>
#include <unistd.h>

static char path[64]; /* of the test that runs */

/* A name that no file has; done_path removes what a test left there. */
static bool fresh_path(void)
{
    str_copy(path, sizeof path, STR("/tmp/ehub-reject-XXXXXX"));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return unlink(path) == 0;
}

static void done_path(const bool *made)
{
    (void)made;
    (void)unlink(path);
}

#define FRESH_PATH()                              \
    CLEANUP(done_path) bool made_ = fresh_path(); \
    assert_true(made_)

static void expect_file(const char *expected)
{
    CLEANUP(buf_done) Buf b = BUF(1 << 20);
    Err err = {0};
    T_OK(file_read(path, &b, &err), err);
    T_STR(expected, buf_str(&b));
}

static int64_t add(CrmReject *r, int64_t line, const char *reason, const char *row)
{
    Err err = {0};
    int64_t bytes = 0;
    T_OK(crm_reject_add(r, line, reason, str_from(row), &err), err);
    T_OK(crm_reject_sync(r, &bytes, &err), err);
    return bytes;
}

TEST(a_clean_import_leaves_no_file)
{
    FRESH_PATH();
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    int64_t bytes = 1;
    T_OK(crm_reject_open(path, 0, 1000, &r, &err), err);
    T_OK(crm_reject_sync(r, &bytes, &err), err);
    assert_int_equal(bytes, 0);
    assert_false(file_exists(path));
}

TEST(rows_stand_quoted_as_rfc_4180_says)
{
    FRESH_PATH();
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_OK(crm_reject_open(path, 0, 1000, &r, &err), err);
    (void)add(r, 7, "agent \"X\"", "a,\"b\nc\",");
    expect_file("line,reason,row\n7,\"agent \"\"X\"\"\",\"a,\"\"b\nc\"\",\"\n");
}

TEST(what_came_after_the_checkpoint_is_cut_off_on_resume)
{
    FRESH_PATH();
    Err err = {0};
    int64_t kept;
    {
        CLEANUP(crm_reject_freep) CrmReject *r = NULL;
        T_OK(crm_reject_open(path, 0, 1000, &r, &err), err);
        kept = add(r, 2, "x", "one");
        (void)add(r, 3, "x", "two");
    }
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    T_OK(crm_reject_open(path, kept, 1000, &r, &err), err);
    (void)add(r, 3, "x", "again");
    expect_file("line,reason,row\n2,\"x\",\"one\"\n3,\"x\",\"again\"\n");
}

TEST(a_file_that_is_gone_or_too_short_is_told)
{
    FRESH_PATH();
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_FAILS(ERR_CONFLICT, crm_reject_open(path, 10, 1000, &r, &err));
    T_OK(file_write(path, STR("line"), 0600, &err), err);
    T_FAILS(ERR_CONFLICT, crm_reject_open(path, 10, 1000, &r, &err));
}

TEST(past_the_limit_is_an_error_that_names_the_line)
{
    FRESH_PATH();
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_OK(crm_reject_open(path, 0, 40, &r, &err), err);
    (void)add(r, 2, "x", "a");
    T_FAILS(ERR_LIMIT, crm_reject_add(r, 3, "x", STR("0123456789"), &err));
    assert_non_null(strstr(err.msg, "line 3"));
}

T_MAIN(T(a_clean_import_leaves_no_file), T(rows_stand_quoted_as_rfc_4180_says),
       T(what_came_after_the_checkpoint_is_cut_off_on_resume), T(a_file_that_is_gone_or_too_short_is_told),
       T(past_the_limit_is_an_error_that_names_the_line))
