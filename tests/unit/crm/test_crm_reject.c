#include "harness/t.h"
#include "base/file.h"
#include "crm/crm_reject.h"

#include <stdlib.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
    (void)state;
    str_copy(path, sizeof path, STR("/tmp/ehub-reject-XXXXXX"));
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    return unlink(path);
}

static int remove_path(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

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
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_OK(crm_reject_open(path, 0, 1000, &r, &err), err);
    (void)add(r, 7, "agent \"X\"", "a,\"b\nc\",");
    expect_file("line,reason,row\n7,\"agent \"\"X\"\"\",\"a,\"\"b\nc\"\",\"\n");
}

TEST(what_came_after_the_checkpoint_is_cut_off_on_resume)
{
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
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_FAILS(ERR_CONFLICT, crm_reject_open(path, 10, 1000, &r, &err));
    T_OK(file_write(path, STR("line"), 0600, &err), err);
    T_FAILS(ERR_CONFLICT, crm_reject_open(path, 10, 1000, &r, &err));
}

TEST(past_the_limit_is_an_error_that_names_the_line)
{
    CLEANUP(crm_reject_freep) CrmReject *r = NULL;
    Err err = {0};
    T_OK(crm_reject_open(path, 0, 40, &r, &err), err);
    (void)add(r, 2, "x", "a");
    T_FAILS(ERR_LIMIT, crm_reject_add(r, 3, "x", STR("0123456789"), &err));
    assert_non_null(strstr(err.msg, "line 3"));
}

#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)
T_MAIN(IN_DIR(a_clean_import_leaves_no_file), IN_DIR(rows_stand_quoted_as_rfc_4180_says),
       IN_DIR(what_came_after_the_checkpoint_is_cut_off_on_resume),
       IN_DIR(a_file_that_is_gone_or_too_short_is_told),
       IN_DIR(past_the_limit_is_an_error_that_names_the_line))
