/* Unit tests for src/scale/scale_store.c, in a directory of their own. */
#include "harness/t.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "scale/scale_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ScaleConf fresh(void)
{
    ScaleConf c = {.service = "shop"};
    (void)str_copy(c.state, sizeof c.state, STR("/tmp/ehub-scale-XXXXXX"));
    assert_non_null(mkdtemp(c.state));
    return c;
}

static void clean(const ScaleConf *c)
{
    static const char *const NAMES[] = {"lock", "decisions.jsonl", "decisions.jsonl.1", "override.json"};
    char path[SCALE_CONF_TEXT_MAX + 32];
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        snprintf(path, sizeof path, "%s/%s", c->state, NAMES[i]);
        unlink(path);
    }
    rmdir(c->state);
}

TEST(decisions_come_back_as_they_were_and_damaged_lines_are_counted)
{
    ScaleConf c = fresh();
    Err err = {0};
    char path[SCALE_CONF_TEXT_MAX + 32];
    for (int i = 1; i <= 3; i++) {
        ScaleStored d = {.at_us = i * US_PER_DAY,
                         .replicas = i,
                         .now = 1.5,
                         .planned = 2,
                         .acted = true,
                         .cause = "forecast",
                         .words = "said \"so\"."};
        T_OK(scale_store_add(&c, &d, &err), err);
    }
    snprintf(path, sizeof path, "%s/decisions.jsonl", c.state);
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs("{\"at\":\"half a li", f);
    fclose(f);
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    T_OK(scale_store_read(&c, 2 * US_PER_DAY, &d, &n, &damaged, &err), err);
    assert_int_equal(n, 2);
    assert_int_equal(damaged, 0); /* it may be on its way */
    mem_free(d);
    ScaleStored next = {.at_us = 4 * US_PER_DAY, .replicas = 4, .cause = "forecast"};
    T_OK(scale_store_add(&c, &next, &err), err);
    T_OK(scale_store_read(&c, 2 * US_PER_DAY, &d, &n, &damaged, &err), err);
    assert_int_equal(n, 3);
    assert_int_equal(damaged, 1);
    assert_int_equal(d[2].replicas, 4);
    assert_int_equal(d[0].replicas, 2);
    assert_string_equal(d[1].words, "said \"so\".");
    assert_true(d[1].acted);
    clean(&c);
}

static int64_t size_of(const ScaleConf *c, const char *name)
{
    char path[SCALE_CONF_TEXT_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", c->state, name);
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    Err err = {0};
    T_OK(file_read(path, &text, &err), err);
    return (int64_t)text.len;
}

TEST(the_record_keeps_to_its_limit_and_one_older_file_and_is_read_across_both)
{
    enum { N = 100, LINE = 200, LIMIT = 4000 };
    ScaleConf c = fresh();
    c.decisions_bytes = LIMIT;
    Err err = {0};
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    for (int i = 1; i <= N; i++) {
        ScaleStored one = {.at_us = i * US_PER_DAY, .replicas = i, .cause = "forecast"};
        T_OK(scale_store_add(&c, &one, &err), err);
        mem_free(d);
        T_OK(scale_store_read(&c, 0, &d, &n, &damaged, &err), err);
        assert_int_equal(damaged, 0);
        assert_int_equal(d[n - 1].replicas, i);
        for (int64_t k = 1; k < n; k++)
            assert_int_equal(d[k].replicas, d[k - 1].replicas + 1); /* none is missing, none is there twice */
        assert_true(n == i || n * LINE >= LIMIT);                   /* what a file holds is there at least */
    }
    assert_true(size_of(&c, "decisions.jsonl") < LIMIT + LINE);
    assert_true(size_of(&c, "decisions.jsonl.1") < LIMIT + LINE);
    mem_free(d);
    T_OK(scale_store_read(&c, (N - 1) * US_PER_DAY, &d, &n, &damaged, &err), err);
    assert_int_equal(n, 2);
    clean(&c);
}

TEST(of_a_long_record_the_end_is_read_as_far_back_as_is_asked)
{
    ScaleConf c = fresh();
    Err err = {0};
    enum { N = 4000 }; /* about 400 KB: more than one part of the file */
    for (int i = 0; i < N; i++) {
        ScaleStored d = {.at_us = i * US_PER_S, .replicas = i, .cause = "forecast", .words = "A sentence."};
        T_OK(scale_store_add(&c, &d, &err), err);
    }
    static const int FROM[] = {0, 1, N / 2, N - 1, N};
    for (size_t k = 0; k < ARRAY_LEN(FROM); k++) {
        CLEANUP(mem_freep) ScaleStored *d = NULL;
        int64_t n, damaged;
        T_OK(scale_store_read(&c, FROM[k] * US_PER_S, &d, &n, &damaged, &err), err);
        assert_int_equal(n, N - FROM[k]);
        assert_int_equal(damaged, 0);
        for (int64_t i = 0; i < n; i++)
            assert_int_equal(d[i].replicas, FROM[k] + i);
    }
    clean(&c);
}

TEST(the_lock_is_held_once_and_names_its_holder)
{
    ScaleConf c = fresh();
    Err err = {0};
    int first = -1, second = -1;
    pid_t pid = -1;
    T_OK(scale_store_holder(&c, &pid, &err), err);
    assert_int_equal(pid, 0);
    T_OK(scale_store_lock(&c, &first, &err), err);
    T_FAILS(ERR_CONFLICT, scale_store_lock(&c, &second, &err));
    T_OK(scale_store_holder(&c, &pid, &err), err);
    assert_int_equal(pid, getpid());
    close(first);
    T_OK(scale_store_lock(&c, &second, &err), err);
    close(second);
    clean(&c);
}

TEST(an_override_ends_by_itself)
{
    ScaleConf c = fresh();
    Err err = {0};
    ScaleOverride o = {.replicas = 7, .until_us = 10 * US_PER_DAY}, got;
    T_OK(scale_store_override(&c, &o, &err), err);
    T_OK(scale_store_overridden(&c, 9 * US_PER_DAY, &got, &err), err);
    assert_int_equal(got.replicas, 7);
    T_OK(scale_store_overridden(&c, 10 * US_PER_DAY, &got, &err), err);
    assert_int_equal(got.until_us, 0);
    assert_int_equal(got.replicas, -1);
    T_OK(scale_store_override(&c, NULL, &err), err);
    T_OK(scale_store_override(&c, NULL, &err), err);
    clean(&c);
}

T_MAIN(T(decisions_come_back_as_they_were_and_damaged_lines_are_counted),
       T(the_record_keeps_to_its_limit_and_one_older_file_and_is_read_across_both),
       T(of_a_long_record_the_end_is_read_as_far_back_as_is_asked),
       T(the_lock_is_held_once_and_names_its_holder), T(an_override_ends_by_itself))
