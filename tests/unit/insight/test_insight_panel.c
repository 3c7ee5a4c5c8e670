/* test_insight_panel.c - who starts when, and what a panel must not be. Expected values are read off the texts by hand. */
#include "rows.h"

#include "insight/insight_panel.h"

#include <math.h>
#include <string.h>

static const InsightColumns PANEL = {.outcome = "y", .treatment = "d", .unit = "u", .time = "t"};

static ErrKind panel_of(const char *csv, const InsightColumns *c, InsightPanel **ret, InsightAnswer *a,
                        Err *err)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    *ret = NULL;
    *a = (InsightAnswer){.warnings = BUF(65536)};
    T_OK(rows_read(csv, c, &d, err), *err);
    return insight_panel_new(d, a, ret, err);
}

TEST(a_treatment_that_begins_says_when)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y\na,2,0,1\na,1,0,1\na,3,1,1\nb,1,0,1\nb,3,1,1\nb,2,1,1\nc,1,0,1\nc,2,0,1\n", &PANEL,
                  &p, &a, &err),
         err);
    assert_int_equal(3, p->n_times);
    assert_int_equal(2, p->start[0]);
    assert_int_equal(1, p->start[1]);
    assert_int_equal(INSIGHT_NEVER, p->start[2]);
    assert_int_equal(1, insight_panel_row(p, 0, 0)); /* line 3 of the text */
    assert_int_equal(-1, insight_panel_row(p, 2, 2));
    assert_false(p->balanced);
    assert_int_equal(2, p->n_treated);
}

TEST(first_treatment_may_be_zero_empty_a_word_or_after_the_end_for_never)
{
    Err err = {0};
    InsightColumns c = PANEL;
    c.first_treated = "f";
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(
        panel_of("u,t,d,y,f\na,2024-01,1,1,2024-02\na,2024-02,1,1,2024-02\nb,2024-01,0,1,0\nb,2024-02,0,1,0\n"
                 "c,2024-01,0,1,\nc,2024-02,0,1,\nd,2024-01,0,1,Inf\nd,2024-02,0,1,Inf\n"
                 "e,2024-01,0,1,2025-01\ne,2024-02,0,1,2025-01\n",
                 &c, &p, &a, &err),
        err);
    static const int32_t START[5] = {1, INSIGHT_NEVER, INSIGHT_NEVER, INSIGHT_NEVER, 2};
    assert_int_equal(5, p->n_units);
    for (int u = 0; u < 5; u++)
        assert_int_equal(START[u], p->start[u]);
    assert_true(p->balanced);
}

TEST(zero_is_the_first_time_where_time_begins_at_zero_and_the_unit_is_treated)
{
    Err err = {0};
    InsightColumns c = PANEL;
    c.first_treated = "f";
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y,f\na,0,1,1,0\na,1,1,1,0\nb,0,0,1,1\nb,1,1,1,1\nc,0,0,1,0\nc,1,0,1,0\n", &c, &p, &a,
                  &err),
         err);
    assert_int_equal(2, p->n_units);
    assert_int_equal(1, p->always);
    assert_int_equal(INSIGHT_NEVER, p->start[1]);
    assert_non_null(strstr(a.warnings.ptr, "1 units left out"));
}

TEST(a_negative_number_says_never_where_no_row_is_treated)
{
    Err err = {0};
    InsightColumns c = PANEL;
    c.first_treated = "f";
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y,f\na,1,0,1,2\na,2,1,1,2\nb,1,0,1,-1\nb,2,0,1,-1\nc,1,1,1,-1\nc,2,1,1,-1\n", &c, &p,
                  &a, &err),
         err);
    assert_int_equal(1, p->always); /* c is treated all along */
    assert_int_equal(2, p->n_units);
    assert_int_equal(INSIGHT_NEVER, p->start[1]);
}

TEST(two_times_need_to_know_only_who)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y\na,1,1,1\na,2,1,1\nb,1,0,1\nb,2,0,1\n", &PANEL, &p, &a, &err), err);
    assert_int_equal(1, p->start[0]);
    assert_int_equal(INSIGHT_NEVER, p->start[1]);
}

/* a, b start at 2; c has no row at 2; d none at 2 and 3, e none at 3, where nobody else starts. */
TEST(a_start_within_a_gap_is_when_most_others_started)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y\na,1,0,1\na,2,1,1\na,3,1,1\nb,1,0,1\nb,2,1,1\nc,1,0,1\nc,3,1,1\nd,1,0,1\nd,4,1,1\n"
                  "e,2,0,1\ne,4,1,1\nf,1,0,1\nf,3,0,1\n",
                  &PANEL, &p, &a, &err),
         err);
    static const int32_t START[6] = {1, 1, 1, 1, 3, INSIGHT_NEVER};
    for (int u = 0; u < 6; u++)
        assert_int_equal(START[u], p->start[u]);
    assert_non_null(strstr(a.warnings.ptr, "3 units have no row right before"));
}

TEST(clusters_hold_whole_units)
{
    Err err = {0};
    InsightColumns c = PANEL;
    c.cluster = "c";
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y,c\na,1,0,1,x\na,2,1,1,x\nb,1,0,1,x\nb,2,0,1,x\nc,1,0,1,z\nc,2,0,1,z\n", &c, &p, &a,
                  &err),
         err);
    assert_int_equal(2, p->n_clusters);
    assert_true(p->clustered);
    assert_int_equal(p->cluster[0], p->cluster[1]);
}

TEST(what_is_no_panel_is_refused_with_unit_and_lines)
{
    static const struct {
        const char *csv, *cluster, *first, *say;
    } CASES[] = {
        {"u,t,d,y\na,1,0,1\na,2,1,1\nb,1,0,1\nb,2,0,1\na,2,1,3\n", NULL, NULL,
         "unit a has two rows at time 2: lines 3 and 6"},
        {"u,t,d,y\na,1,0,1\na,2,1,1\na,3,0,1\nb,1,0,1\n", NULL, NULL,
         "unit a is treated from 2 on and no longer at line 4"},
        {"u,t,d,y\na,1,1,1\na,2,1,1\na,3,1,1\nb,1,0,1\n", NULL, NULL, "not since when"},
        {"u,t,d,y\na,1,1,1\nb,1,0,1\n", NULL, NULL, "all rows are of one time, 1"},
        {"u,t,d,y\na,1,0,1\na,2,1,1\nb,1,0,1\nb,2,1,1\n", NULL, NULL,
         "every unit starts at 2: there is nobody to compare with"},
        {"u,t,d,y\na,1,1,1\na,2,1,1\nb,1,0,1\nb,2,0,1\nb,3,1,1\nc,1,1,1\n", NULL, NULL,
         "every unit starts at 3"},
        {"u,t,d,y,c\na,1,0,1,x\na,2,1,1,z\nb,1,0,1,x\nb,2,0,1,x\n", "c", NULL,
         "unit a is in cluster x at line 2 and in z at line 3"},
        {"u,t,d,y,f\na,1,0,1,2\na,2,1,1,3\nb,1,0,1,\nb,2,0,1,\n", NULL, "f",
         "unit a is first treated at two times: lines 2 and 3"},
        {"u,t,d,y,f\na,1,0,1,9\na,2,1,1,9\nb,1,0,1,\nb,2,0,1,\n", NULL, "f", "no unit with a row of before"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        InsightColumns c = PANEL;
        c.cluster = CASES[i].cluster;
        c.first_treated = CASES[i].first;
        CLEANUP(insight_answer_done) InsightAnswer a;
        CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
        T_FAILS(ERR_INVALID, panel_of(CASES[i].csv, &c, &p, &a, &err));
        if (!strstr(err.msg, CASES[i].say))
            fail_msg("expected \"%s\", got \"%s\"", CASES[i].say, err.msg);
    }
}

TEST(a_treatment_that_contradicts_the_first_treatment_is_noted)
{
    Err err = {0};
    InsightColumns c = PANEL;
    c.first_treated = "f";
    CLEANUP(insight_answer_done) InsightAnswer a;
    CLEANUP(insight_panel_freep) InsightPanel *p = NULL;
    T_OK(panel_of("u,t,d,y,f\na,1,0,1,2\na,2,0,1,2\na,3,1,1,2\nb,1,0,1,\nb,2,0,1,\n", &c, &p, &a, &err), err);
    assert_int_equal(1, p->start[0]);
    assert_non_null(strstr(a.warnings.ptr, "1 rows are treated otherwise"));
}

T_MAIN(T(a_negative_number_says_never_where_no_row_is_treated), T(a_treatment_that_begins_says_when),
       T(first_treatment_may_be_zero_empty_a_word_or_after_the_end_for_never),
       T(zero_is_the_first_time_where_time_begins_at_zero_and_the_unit_is_treated),
       T(two_times_need_to_know_only_who), T(a_start_within_a_gap_is_when_most_others_started),
       T(clusters_hold_whole_units), T(what_is_no_panel_is_refused_with_unit_and_lines),
       T(a_treatment_that_contradicts_the_first_treatment_is_noted))
