/* test_insight_effect.c - what every method shares: needs, refusals, the answer's JSON. */
#include "insight/insight_effect.h"
#include "insight/rows.h"

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

T_MAIN(T(a_method_that_lacks_what_it_needs_says_so), T(a_level_that_is_none_is_refused),
       T(the_answer_is_one_json_object_with_the_documented_members))
