#include "harness/t.h"
#include "base/mem.h"
#include "coach/coach_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AGENTS = 80, MONTHS = 24, N = AGENTS * MONTHS };

/* A world whose truth is known. */
typedef struct World {
    float x[N * COACH_N_FEATURES], y[N], naive[N];
    int32_t group[N], as_of[N];
    double p[N]; /* the true probability, or mean */
} World;

typedef enum Law { SIGNAL, NOISE, PERSISTENCE, COUNTS } Law;

/* Agents differ for good (skill) and every month anew (effort, seen in speed to lead and calls). */
static World *world_new(Law law, uint64_t seed)
{
    World *w = MEM_NEW(World);
    StatsRng rng;
    stats_seed(&rng, seed);
    double skill[AGENTS];
    float last[AGENTS];
    for (int a = 0; a < AGENTS; a++) {
        skill[a] = stats_normal(&rng);
        last[a] = 0;
    }
    for (int i = 0; i < N; i++) {
        int a = i % AGENTS;
        float *x = w->x + i * COACH_N_FEATURES;
        for (int f = 0; f < COACH_N_FEATURES; f++)
            x[f] = (float)stats_normal(&rng);
        double effort = stats_normal(&rng);
        x[COACH_F_speed_to_lead_min_30d] = (float)exp(2 - effort);
        x[COACH_F_talk_time_s_30d] = NAN;
        x[COACH_F_win_rate_365d] = (float)(0.2 + 0.05 * skill[a] + 0.02 * stats_normal(&rng));
        x[COACH_F_closings_30d] = last[a];
        double margin = -1 + 1.2 * effort + 0.8 * skill[a];
        bool count = law == COUNTS;
        if (law == SIGNAL)
            w->p[i] = 1 / (1 + exp(-margin));
        else if (law == PERSISTENCE)
            w->p[i] = last[a] > 0 ? 0.7 : 0.2;
        else if (law == COUNTS)
            w->p[i] = exp(0.5 * margin);
        else
            w->p[i] = 0.3;
        w->naive[i] = last[a];
        w->y[i] = count ? (float)stats_poisson(&rng, w->p[i]) : stats_uniform(&rng) < w->p[i];
        w->group[i] = a;
        w->as_of[i] = 19000 + 30 * (i / AGENTS);
        last[a] = w->y[i];
    }
    return w;
}

static char work_dir[64], program[4096];

static int setup(void **state)
{
    (void)state;
    snprintf(work_dir, sizeof work_dir, "/tmp/ehub-fit-XXXXXX");
    snprintf(program, sizeof program, "%s/ehub", getenv("EHUB_TEST_BUILD"));
    return mkdtemp(work_dir) ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(work_dir);
}

static ErrKind fit(const World *w, int64_t n, CoachKind kind, Buf *model, CoachReport *ret, Err *err)
{
    CoachFitRows rows = {
        .n = n, .x = w->x, .y = w->y, .naive = w->naive, .group = w->group, .as_of = w->as_of};
    CoachFitConf conf = {.work_dir = work_dir, .program = program, .threads = 1};
    return coach_fit(&rows, kind, &conf, deadline_in_ms(100000), model, ret, err);
}

static void print(const CoachReport *r)
{
    if (!getenv("EHUB_TEST_VERBOSE"))
        return;
    CLEANUP(buf_done) Buf b = BUF(1 << 16);
    coach_report_print(&b, r);
    print_message("%s", buf_cstr(&b));
}

static void check_folds(const World *w, const CoachReport *r)
{
    assert_int_equal(r->n_folds, COACH_FOLDS_MAX);
    for (int k = 0; k < r->n_folds; k++) {
        assert_true(r->folds[k].train_to + COACH_LABEL_DAYS <= r->folds[k].test_from);
        assert_true(k == 0 || r->folds[k].test_from > r->folds[k - 1].test_to);
        int64_t rows = 0; /* all that may be used is used */
        while (w->as_of[rows] + COACH_LABEL_DAYS <= r->folds[k].test_from)
            rows++;
        assert_int_equal(r->folds[k].train_rows, rows);
    }
    assert_int_equal(r->folds[r->n_folds - 1].test_to, w->as_of[N - 1]);
}

static void check_repeats(const World *w, const CoachReport *r, const Buf *model)
{
    CLEANUP(buf_done) Buf again = BUF(COACH_MODEL_BYTES), j1 = BUF(1 << 20), j2 = BUF(1 << 20);
    CoachReport other;
    Err err;
    T_OK(fit(w, N, COACH_GOAL, &again, &other, &err), err);
    Jw w1 = jw(&j1), w2 = jw(&j2);
    coach_report_json(&w1, r);
    coach_report_json(&w2, &other);
    assert_true(model->len > 1000 && str_eq(buf_str(model), buf_str(&again)));
    assert_true(j1.len > 1000 && str_eq(buf_str(&j1), buf_str(&j2)));
}

TEST(a_real_signal_is_found_forward_in_time_and_repeatably)
{
    CLEANUP(mem_freep) World *w = world_new(SIGNAL, 1);
    CLEANUP(buf_done) Buf model = BUF(COACH_MODEL_BYTES);
    CoachReport r;
    Err err;
    T_OK(fit(w, N, COACH_GOAL, &model, &r, &err), err);
    print(&r);
    assert_true(r.accepted);
    assert_string_equal(r.scores[2].name, "auc");
    /* The true probabilities themselves, on the same test rows: no model can do better but by luck. */
    int64_t first = 0;
    while (w->as_of[first] < r.folds[0].test_from)
        first++;
    CLEANUP(mem_freep) double *y = mem_array(N, sizeof *y);
    for (int i = 0; i < N; i++)
        y[i] = w->y[i];
    double best = stats_auc(w->p + first, y + first, N - first);
    double best_brier = stats_brier(w->p + first, y + first, N - first);
    T_NEAR(best, r.scores[2].model.estimate, 0.05);
    T_NEAR(best_brier, r.scores[0].model.estimate, 0.02);
    assert_true(r.scores[2].model.low < r.scores[2].model.estimate && r.scores[2].model.high < 1);
    assert_true(r.ece < 0.06);
    assert_int_equal(r.test_rows, N - first);
    assert_int_equal(r.test_agents, AGENTS);
    assert_int_equal(r.top[0], COACH_F_speed_to_lead_min_30d); /* the stronger of the two causes */
    check_folds(w, &r);
    check_repeats(w, &r, &model);
}

TEST(what_is_not_there_is_not_found)
{
    static const struct {
        Law law;
        CoachKind kind;
        bool accepted;
    } rows[] = {{NOISE, COACH_GOAL, false},
                {PERSISTENCE, COACH_GOAL, false}, /* the naive forecast is the truth here */
                {COUNTS, COACH_CLOSINGS, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(mem_freep) World *w = world_new(rows[i].law, 20 + i);
        CLEANUP(buf_done) Buf model = BUF(COACH_MODEL_BYTES);
        CoachReport r;
        Err err;
        T_OK(fit(w, N, rows[i].kind, &model, &r, &err), err);
        print(&r);
        if (r.accepted != rows[i].accepted)
            fail_msg("world %zu: %s", i, r.reason);
    }
}

TEST(too_little_to_learn_from_is_said_with_numbers)
{
    CLEANUP(mem_freep) World *w = world_new(SIGNAL, 5);
    CLEANUP(buf_done) Buf model = BUF(COACH_MODEL_BYTES);
    CoachReport r;
    Err err;
    T_FAILS(ERR_INVALID, fit(w, 199, COACH_GOAL, &model, &r, &err));
    assert_string_equal(err.msg, "goal: 199 rows with a known outcome, at least 200 are needed");
    T_FAILS(ERR_INVALID, fit(w, 240, COACH_GOAL, &model, &r, &err));
    assert_string_equal(err.msg, "goal: 240 rows do not reach far enough back for two tests forward in time");
    memset(w->y, 0, sizeof w->y);
    T_FAILS(ERR_INVALID, fit(w, N, COACH_GOAL, &model, &r, &err));
    assert_string_equal(err.msg, "goal: the outcome is 0 in every one of 1920 rows: nothing to learn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_real_signal_is_found_forward_in_time_and_repeatably),
        T(what_is_not_there_is_not_found),

        T(too_little_to_learn_from_is_said_with_numbers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
