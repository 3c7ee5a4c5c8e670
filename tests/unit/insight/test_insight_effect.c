/* test_insight_effect.c - what every method shares: needs, refusals, the answer's JSON. */
#include "insight/insight_effect.h"
#include "insight/rows.h"

#include <math.h>
#include <string.h>

#include "base/jv.h"

TEST(a_method_that_lacks_what_it_needs_says_so)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read(ROWS_24, &c, &d, &err), err);
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("cuped"), &INSIGHT_QUESTION_DEFAULT, &a, &err));
    assert_non_null(strstr(err.msg, "outcome of before"));
}

TEST(a_level_that_is_none_is_refused)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t"};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read(ROWS_24, &c, &d, &err), err);
    q.level = 95;
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("rct"), &q, &a, &err));
}

TEST(the_answer_is_one_json_object_with_the_documented_members)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read(ROWS_24, &c, &d, &err), err);
    insight_warn(d, "say \"this\"");
    T_OK(insight_effect(d, insight_method("rct"), &INSIGHT_QUESTION_DEFAULT, &a, &err), err);
    CLEANUP(buf_done) Buf out = BUF(65536);
    Jw w = jw(&out);
    insight_answer_json(&w, &a, 0.95);
    CLEANUP(jv_freep) Jv *doc = NULL;
    T_OK(jv_parse(buf_str(&out), &doc, &err), err);
    static const char *const MEMBERS[] = {"estimate", "se",          "ci_low",    "ci_high",
                                          "p",        "n_treated",   "n_control", "method",
                                          "estimand", "diagnostics", "warnings"};
    for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++)
        assert_non_null(strstr(out.ptr, MEMBERS[i]));
    assert_non_null(strstr(out.ptr, "\"warnings\":[\"say \\\"this\\\"\"]"));
}

/* Four rows of each unit, half of the units treated. */
#define UNITS                                                                                             \
    "y,t,u,k,x\n1,1,a,1,3\n2,1,a,1,1\n3,1,a,1,4\n4,1,a,1,1\n5,1,b,1,5\n6,1,b,1,9\n7,1,b,1,2\n8,1,b,1,6\n" \
    "2,0,c,0,5\n2,0,c,0,3\n3,0,c,0,5\n3,0,c,0,8\n9,0,d,0,9\n9,0,d,0,7\n8,0,d,0,9\n8,0,d,0,3\n"

TEST(rows_of_one_unit_are_a_cluster)
{
    static const InsightColumns BY[] = {{.outcome = "y", .treatment = "t", .unit = "u"},
                                        {.outcome = "y", .treatment = "t", .cluster = "u"}};
    double se[2];
    for (int i = 0; i < 2; i++) {
        Err err = {0};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(rows_read(UNITS, &BY[i], &d, &err), err);
        T_OK(insight_effect(d, insight_method("rct"), &INSIGHT_QUESTION_DEFAULT, &a, &err), err);
        se[i] = a.effect.se;
        if (i == 0)
            assert_non_null(strstr(a.warnings.ptr, "16 rows of 4 units"));
    }
    /* Means of units: 2.5, 6.5 against 2.5, 8.5: the root of 8 / 2 + 18 / 2. */
    T_NEAR(sqrt(13), se[0], 1e-9);
    T_NEAR(se[1], se[0], 1e-12);
}

TEST(a_side_that_is_one_cluster_is_refused)
{
    static const char *const METHODS[] = {"rct", "cuped", "match", "aipw"};
    for (size_t i = 0; i < ARRAY_LEN(METHODS); i++) {
        Err err = {0};
        InsightColumns c = {
            .outcome = "y", .treatment = "t", .cluster = "k", .covariates = {"x"}, .n_covariates = 1};
        if (i == 1)
            c = (InsightColumns){.outcome = "y", .treatment = "t", .cluster = "k", .pre = {"x"}, .n_pre = 1};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(rows_read(UNITS, &c, &d, &err), err);
        T_FAILS(ERR_INVALID,
                insight_effect(d, insight_method(METHODS[i]), &INSIGHT_QUESTION_DEFAULT, &a, &err));
        assert_non_null(strstr(err.msg, "1 clusters with treated rows and 1 with controls"));
    }
}

T_MAIN(T(rows_of_one_unit_are_a_cluster), T(a_side_that_is_one_cluster_is_refused),
       T(a_method_that_lacks_what_it_needs_says_so), T(a_level_that_is_none_is_refused),
       T(the_answer_is_one_json_object_with_the_documented_members))
