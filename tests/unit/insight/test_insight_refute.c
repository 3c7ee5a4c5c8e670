#include "base/jv.h"
#include "harness/t.h"
#include "stats/stats.h"
#include "unit/insight/world.h"

#include <math.h>
#include <string.h>

static InsightData *confounded(int n)
{
    InsightData *d = world_new(n, 2);
    StatsRng r;
    stats_seed(&r, 4);
    for (int i = 0; i < n; i++) {
        d->x[i] = stats_normal(&r);
        d->x[n + i] = stats_normal(&r);
        d->t[i] = stats_uniform(&r) < 1 / (1 + exp(-d->x[i]));
        d->y[i] = 2 * d->x[i] + d->t[i] + stats_normal(&r);
    }
    return d;
}

static InsightQuestion question(void)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.refute = true;
    q.by = deadline_in_ms(60000);
    return q;
}

static const char *const TESTS[] = {"placebo_treatment", "dummy_outcome", "random_common_cause", "subset"};

static void check(InsightData *d)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    CLEANUP(jv_freep) Jv *doc = NULL;
    InsightQuestion q = question();
    Err err = {0};
    T_OK(insight_effect(d, insight_method("match"), &q, &a, &err), err);
    T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
    const Jv *all = jv_get(doc, "refutation");
    assert_int_equal(ARRAY_LEN(TESTS), jv_len(all));
    for (size_t k = 0; k < ARRAY_LEN(TESTS); k++) {
        T_STR(TESTS[k], jv_get_str(jv_at(all, k), "test"));
        assert_true(jv_get_bool(jv_at(all, k), "passed", false));
        double now = jv_get_f64(jv_at(all, k), "estimate", NAN), se = jv_get_f64(jv_at(all, k), "se", NAN);
        T_NEAR(k < 2 ? 0 : 1, now, 3.5 * se); /* what was put in: none, or 1 */
    }
    assert_null(strstr(buf_cstr(&a.warnings), "refutation failed"));
}

TEST(a_method_that_is_right_answers_what_is_known)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(600);
    check(d);
    CLEANUP(insight_data_freep) InsightData *clustered = confounded(600);
    world_cluster(clustered, 3);
    check(clustered);
}

TEST(methods_without_covariates_are_refused)
{
    CLEANUP(insight_data_freep) InsightData *d = confounded(100);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = question();
    Err err = {0};
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("rct"), &q, &a, &err));
    assert_true(strstr(err.msg, "rct cannot be refuted") != NULL);
}

T_MAIN(T(a_method_that_is_right_answers_what_is_known), T(methods_without_covariates_are_refused))
