/* Unit tests for src/scale/scale_loop.c and scale_report.c: rounds with a file as the source, in a directory of their own. */
#include "harness/t.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "scale/scale_loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW (20000 * US_PER_DAY + 1800 * US_PER_S)
#define MINUTE (60 * US_PER_S)

static void put_path(const ScaleConf *c, const char *name, char out[static SCALE_CONF_TEXT_MAX])
{
    CLEANUP(buf_done) Buf b = BUF(SCALE_CONF_TEXT_MAX);
    buf_addf(&b, "%s/%s", c->state, name);
    assert_true(str_copy(out, SCALE_CONF_TEXT_MAX, buf_str(&b)));
}

static ScaleConf fresh(void)
{
    ScaleConf c = {.service = "shop", .world = SCALE_WORLD_USUAL, .currency = "EUR"};
    c.world.capacity = 10;
    c.world.max = 50;
    (void)str_copy(c.state, sizeof c.state, STR("/tmp/ehub-loop-XXXXXX"));
    assert_non_null(mkdtemp(c.state));
    put_path(&c, "load.csv", c.source_at);
    return c;
}

static void clean(const ScaleConf *c)
{
    static const char *const NAMES[] = {"lock", "decisions.jsonl", "override.json", "report.json",
                                        "load.csv"};
    char path[SCALE_CONF_TEXT_MAX + 32];
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        snprintf(path, sizeof path, "%s/%s", c->state, NAMES[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(c->state), 0);
}

/* `minutes` minutes up to NOW: the k-th carries first + k * more. */
static void put_load(const ScaleConf *c, int minutes, double first, double more)
{
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    Err err = {0};
    buf_add_c(&text, "time,load\n");
    for (int k = 0; k < minutes; k++)
        buf_addf(&text, "%lld,%g\n", (long long)(NOW / US_PER_S - 60 * (minutes - k)), first + more * k);
    T_OK(file_write(c->source_at, buf_str(&text), 0600, &err), err);
}

static Jv *report_of(const ScaleConf *c)
{
    Jv *v = NULL;
    Err err = {0};
    T_OK(scale_report_read(c, &v, &err), err);
    assert_non_null(v);
    return v;
}

TEST(what_runs_keeps_running_while_the_load_cannot_be_read_and_that_is_said_once)
{
    ScaleConf c = fresh();
    CLEANUP(scale_loop_done) ScaleLoop l;
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    Err err = {0};
    int64_t n, damaged;
    put_load(&c, 200, 95, 0);
    T_OK(scale_loop_init(&l, &c, false, NOW, &err), err);
    T_OK(scale_loop_round(&l, NOW, &err), err);
    assert_true(l.stored);
    assert_int_equal(l.last.replicas, 12); /* ceil(95 / (0.8 * 10)): as the reactive autoscaler */
    unlink(c.source_at);
    for (int i = 1; i <= 3; i++) {
        T_FAILS(ERR_NOT_FOUND, scale_loop_round(&l, NOW + i * MINUTE, &err));
        assert_int_equal(l.stored, i == 1);
    }
    assert_non_null(strstr(l.last.words, "12 replicas: as before; the load cannot be read: "));
    CLEANUP(jv_freep) Jv *down = report_of(&c);
    int64_t since;
    assert_true(clock_parse(jv_get_str(down, "trouble_since"), &since));
    assert_int_equal(since, NOW + MINUTE);
    put_load(&c, 200, 95, 0);
    T_OK(scale_loop_round(&l, NOW + 4 * MINUTE, &err), err);
    assert_true(l.stored);
    assert_string_equal(l.last.cause, "cold start");
    CLEANUP(jv_freep) Jv *up = report_of(&c);
    assert_int_equal(jv_kind(jv_get(up, "trouble")), JV_NULL);
    T_OK(scale_store_read(&c, INT64_MIN, &d, &n, &damaged, &err), err);
    assert_int_equal(n, 3);
    assert_int_equal(damaged, 0);
    clean(&c);
}

TEST(a_number_set_by_hand_holds_without_a_load_too)
{
    ScaleConf c = fresh();
    CLEANUP(scale_loop_done) ScaleLoop l;
    Err err = {0};
    T_OK(scale_loop_init(&l, &c, false, NOW, &err), err);
    T_FAILS(ERR_NOT_FOUND, scale_loop_round(&l, NOW, &err));
    assert_int_equal(l.last.replicas, -1); /* nothing to keep */
    ScaleOverride o = {.replicas = 7, .until_us = NOW + 10 * MINUTE};
    T_OK(scale_store_override(&c, &o, &err), err);
    T_FAILS(ERR_NOT_FOUND, scale_loop_round(&l, NOW + MINUTE, &err));
    assert_int_equal(l.last.replicas, 7);
    assert_string_equal(l.last.cause, "override");
    clean(&c);
}

TEST(a_refusal_of_the_actuator_is_stored_as_not_acted_and_tried_again)
{
    ScaleConf c = fresh();
    CLEANUP(scale_loop_done) ScaleLoop l;
    Err err = {0};
    c.actor = SCALE_ACTOR_HAPROXY;
    put_path(&c, "nobody.sock", c.actor_at);
    put_load(&c, 200, 95, 0);
    T_OK(scale_loop_init(&l, &c, false, NOW, &err), err);
    for (int i = 0; i < 2; i++) {
        T_FAILS(ERR_UNAVAILABLE, scale_loop_round(&l, NOW + i * MINUTE, &err));
        assert_non_null(strstr(err.msg, "HAProxy"));
        assert_int_equal(l.stored, i == 0);
        assert_false(l.last.acted);
    }
    clean(&c);
}

TEST(the_report_shows_means_of_the_load_and_the_most_replicas_of_each_ten_minutes)
{
    ScaleConf c = fresh();
    CLEANUP(scale_loop_done) ScaleLoop l;
    Err err = {0};
    put_load(&c, 30, 10, 1); /* 10 .. 39, in the three ten minutes before NOW */
    ScaleStored before[] = {
        {.at_us = NOW - 25 * MINUTE, .replicas = 3}, /* the first ten minutes from their middle on */
        {.at_us = NOW - 15 * MINUTE, .replicas = 8},
        {.at_us = NOW - 14 * MINUTE, .replicas = 5},
    };
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        T_OK(scale_store_add(&c, &before[i], &err), err);
    T_OK(scale_loop_init(&l, &c, true, NOW, &err), err);
    T_OK(scale_loop_round(&l, NOW, &err), err);
    CLEANUP(jv_freep) Jv *v = report_of(&c);
    const Jv *h = jv_get(v, "history"), *demand = jv_get(h, "demand"), *replicas = jv_get(h, "replicas");
    int64_t from;
    double y;
    assert_int_equal(jv_get_i64(h, "step_s", 0), 600);
    assert_int_equal(jv_len(demand), 288); /* 48 hours */
    assert_true(clock_parse(jv_get_str(h, "from"), &from));
    assert_int_equal(from, NOW + 10 * MINUTE - 288 * 10 * MINUTE); /* NOW begins the last one */
    for (int i = 0; i < 3; i++) {
        assert_true(jv_is_f64(jv_at(demand, (size_t)(284 + i)), &y));
        T_NEAR(14.5 + 10 * i, y, 1e-9); /* the mean of 10..19, 20..29, 30..39 */
        assert_true(jv_is_f64(jv_at(replicas, (size_t)(284 + i)), &y));
        T_NEAR(((double[]){3, 8, 5})[i], y, 0);
    }
    assert_int_equal(jv_kind(jv_at(replicas, 283)), JV_NULL);
    assert_true(jv_get_bool(v, "dry_run", false));
    assert_true(jv_get_str(jv_get(v, "ahead"), "refusal").len >
                0); /* half an hour tells nothing of two days */
    clean(&c);
}

TEST(what_is_no_report_is_refused_and_none_is_none)
{
    ScaleConf c = fresh();
    Err err = {0};
    Jv *v = NULL;
    char path[SCALE_CONF_TEXT_MAX + 32];
    T_OK(scale_report_read(&c, &v, &err), err);
    assert_null(v);
    snprintf(path, sizeof path, "%s/report.json", c.state);
    T_OK(file_write(path, STR("{\"at\":\"2026-01-01T00:00:00Z\""), 0600, &err), err);
    T_FAILS(ERR_CORRUPT, scale_report_read(&c, &v, &err));
    assert_null(v);
    clean(&c);
}

typedef struct Reader {
    const ScaleConf *conf;
    atomic_bool *stop;
    int64_t reports, damaged, wrong;
} Reader;

/* What the server does while the loop writes. */
static void *read_on(void *arg)
{
    Reader *r = arg;
    while (!atomic_load(r->stop)) {
        CLEANUP(jv_freep) Jv *v = NULL;
        CLEANUP(mem_freep) ScaleStored *d = NULL;
        ScaleOverride o;
        int64_t n, damaged = 0;
        pid_t pid;
        r->wrong += scale_report_read(r->conf, &v, NULL) != ERR_NONE;
        r->wrong += scale_store_read(r->conf, INT64_MIN, &d, &n, &damaged, NULL) != ERR_NONE;
        r->wrong += scale_store_overridden(r->conf, NOW, &o, NULL) != ERR_NONE;
        r->wrong += scale_store_holder(r->conf, &pid, NULL) != ERR_NONE;
        r->reports += v != NULL;
        r->damaged += damaged;
    }
    return NULL;
}

TEST(who_reads_beside_the_loop_never_sees_half_of_anything)
{
    ScaleConf c = fresh(), other = c;
    CLEANUP(scale_loop_done) ScaleLoop l;
    Err err = {0};
    atomic_bool stop = false;
    Reader reader[3];
    pthread_t thread[3];
    put_load(&c, 200, 95, 0);
    T_OK(scale_loop_init(&l, &c, true, NOW, &err), err);
    for (int i = 0; i < 3; i++) {
        reader[i] = (Reader){.conf = &other, .stop = &stop};
        assert_int_equal(pthread_create(&thread[i], NULL, read_on, &reader[i]), 0);
    }
    for (int i = 0; i < 60; i++) {
        ScaleOverride o = {.replicas = i % 7, .until_us = NOW + 100 * MINUTE};
        T_OK(scale_store_override(&c, i % 3 ? &o : NULL, &err), err);
        T_OK(scale_loop_round(&l, NOW + i * US_PER_S, &err), err);
    }
    atomic_store(&stop, true);
    int64_t reports = 0;
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(reader[i].damaged, 0);
        assert_int_equal(reader[i].wrong, 0);
        reports += reader[i].reports;
    }
    assert_true(reports > 0);
    clean(&c);
}

T_MAIN(T(what_runs_keeps_running_while_the_load_cannot_be_read_and_that_is_said_once),
       T(a_number_set_by_hand_holds_without_a_load_too),
       T(a_refusal_of_the_actuator_is_stored_as_not_acted_and_tried_again),
       T(the_report_shows_means_of_the_load_and_the_most_replicas_of_each_ten_minutes),
       T(what_is_no_report_is_refused_and_none_is_none),
       T(who_reads_beside_the_loop_never_sees_half_of_anything))
