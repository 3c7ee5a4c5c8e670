#include "harness/t.h"

#include "base/file.h"
#include "stack/stack_dir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[64];

static int make_top(void **state)
{
    (void)state;
    str_copy(top, sizeof top, STR("/tmp/ehub-dir-XXXXXX"));
    return mkdtemp(top) && chmod(top, 0755) == 0 ? 0 : -1;
}

static int remove_top(void **state)
{
    (void)state;
    return stack_dir_remove(top, NULL) ? -1 : 0;
}

static const char *in_top(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

TEST(one_process_has_the_lock_and_others_learn_its_pid)
{
    StackDir d, second;
    Err err;
    pid_t owner;
    T_OK(stack_dir_owner(in_top("a"), &owner, &err), err);
    assert_int_equal(owner, 0);
    T_OK(stack_dir_open(in_top("a"), &d, &err), err);
    T_OK(stack_dir_owner(in_top("a"), &owner, &err), err);
    assert_int_equal(owner, getpid());
    T_FAILS(ERR_CONFLICT, stack_dir_open(in_top("a"), &second, &err));
    char pid[32];
    snprintf(pid, sizeof pid, "process %d;", (int)getpid());
    assert_non_null(strstr(err.msg, pid));
    stack_dir_done(&d);
    T_OK(stack_dir_owner(in_top("a"), &owner, &err), err);
    assert_int_equal(owner, 0);
    T_OK(stack_dir_open(in_top("a"), &d, &err), err);
    stack_dir_done(&d);
}

TEST(a_secret_is_made_once_and_is_for_the_owner_only)
{
    StackDir d;
    Err err;
    char first[STACK_SECRET_SIZE], again[STACK_SECRET_SIZE], other[STACK_SECRET_SIZE];
    T_OK(stack_dir_open(in_top("s"), &d, &err), err);
    T_OK(stack_dir_secret(&d, "one", first, &err), err);
    T_OK(stack_dir_secret(&d, "one", again, &err), err);
    T_OK(stack_dir_secret(&d, "two", other, &err), err);
    assert_int_equal(strlen(first), 64);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    struct stat st;
    assert_int_equal(stat(in_top("s/secrets/one"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    T_OK(file_write(in_top("s/secrets/one"), STR("  \n"), 0600, &err), err);
    T_FAILS(ERR_CORRUPT, stack_dir_secret(&d, "one", again, &err));
    stack_dir_done(&d);
}

TEST(recording_a_setting_changes_its_line_and_no_other)
{
    static const struct {
        const char *before; /* NULL: no file */
        const char *after;
    } rows[] = {
        {"a: 1\nhttp.port: 5\n# end", "a: 1\n# end\nhttp.port: 7\n"},
        {"http.ports: 5\n", "http.ports: 5\nhttp.port: 7\n"},
        {"", "http.port: 7\n"},
        {NULL,
         "# Settings of this data directory. Every command with --data reads them; see: ehub conf docs\n"
         "http.port: 7\n"},
    };
    StackDir d;
    Err err;
    T_OK(stack_dir_open(in_top("r"), &d, &err), err);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unlink(in_top("r/ehub.yaml"));
        if (rows[i].before)
            T_OK(file_write(in_top("r/ehub.yaml"), str_from(rows[i].before), 0644, &err), err);
        T_OK(stack_dir_record(&d, "http.port", "7", &err), err);
        CLEANUP(buf_done) Buf text = BUF(4096);
        T_OK(file_read(in_top("r/ehub.yaml"), &text, &err), err);
        T_STR(rows[i].after, buf_str(&text));
    }
    stack_dir_done(&d);
}

TEST(a_log_past_the_limit_is_kept_aside_and_emptied)
{
    Err err;
    CLEANUP(buf_done) Buf text = BUF(4096);
    T_OK(file_write(in_top("log"), STR("0123456789"), 0600, &err), err);
    stack_dir_trim_log(in_top("log"), 10);
    T_OK(file_read(in_top("log"), &text, &err), err);
    T_STR("0123456789", buf_str(&text));
    stack_dir_trim_log(in_top("log"), 9);
    buf_clear(&text);
    T_OK(file_read(in_top("log"), &text, &err), err);
    assert_int_equal(text.len, 0);
    T_OK(file_read(in_top("log.1"), &text, &err), err);
    T_STR("0123456789", buf_str(&text));
}

TEST(a_path_too_long_for_a_socket_is_refused)
{
    StackDir d;
    Err err;
    char name[STACK_ROOT_MAX + 1];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    T_FAILS(ERR_LIMIT, stack_dir_open(in_top(name), &d, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(one_process_has_the_lock_and_others_learn_its_pid),
                                       T(a_secret_is_made_once_and_is_for_the_owner_only),
                                       T(recording_a_setting_changes_its_line_and_no_other),
                                       T(a_log_past_the_limit_is_kept_aside_and_emptied),
                                       T(a_path_too_long_for_a_socket_is_refused)};
    return cmocka_run_group_tests(tests, make_top, remove_top);
}
