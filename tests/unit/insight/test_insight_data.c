/* test_insight_data.c - columns to roles. Expected values are read off the texts by hand. */
#include "insight/insight_effect.h"
#include "insight/rows.h"

#include <string.h>

#include <math.h>

TEST(texts_become_indicators_of_all_but_the_most_frequent)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .n_covariates = -1};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(rows_read("y,t,office,age\n1,0,west,30\n2,1,east,\n3,0,west,50\n4,1,,40\n", &c, &d, &err), err);
    assert_int_equal(4, d->n_x);
    assert_string_equal("office=east", d->x_name[0]);
    assert_string_equal("office missing", d->x_name[1]);
    assert_string_equal("age", d->x_name[2]);
    assert_string_equal("age missing", d->x_name[3]);
    const double want[16] = {0, 1, 0, 0, /* */ 0, 0, 0, 1, /* */ 30, 40, 50, 40, /* */ 0, 1, 0, 0};
    for (int i = 0; i < 16; i++)
        T_NEAR(want[i], d->x[i], 0);
}

TEST(with_all_what_cannot_be_held_equal_is_left_out_with_a_note)
{
    Err err = {0};
    CLEANUP(buf_done) Buf csv = BUF(65536);
    InsightColumns c = {.outcome = "y", .treatment = "t", .n_covariates = -1};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    buf_addf(&csv, "rownames,id,y,t,same,x,void\n");
    for (int i = 0; i < 50; i++)
        buf_addf(&csv, "%d,agent-%d,%d,%d,7,%d,\n", i + 1, i, i * i % 11, i % 2, i * 7 % 5);
    T_OK(rows_read(buf_cstr(&csv), &c, &d, &err), err);
    assert_int_equal(1, d->n_x);
    assert_string_equal("x", d->x_name[0]);
    assert_non_null(strstr(d->warnings.ptr, "rownames left out: it numbers the rows"));
    assert_non_null(strstr(d->warnings.ptr, "id left out: 50 different texts in 50 rows"));
    assert_non_null(strstr(d->warnings.ptr, "same left out: it never varies"));
    assert_non_null(strstr(d->warnings.ptr, "void left out: it has no value"));
}

TEST(rows_without_outcome_or_treatment_are_left_out_and_counted)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(rows_read("y,t\n1,0\n,1\n2,\n3,1\nNA,0\n", &c, &d, &err), err);
    assert_int_equal(2, d->n);
    assert_int_equal(3, d->n_left_out);
    assert_non_null(strstr(d->warnings.ptr, "3 of 5 rows left out"));
}

TEST(the_treated_value_is_yes_the_larger_or_the_named_one)
{
    static const struct {
        const char *csv, *treated, *want;
    } CASES[] = {
        {"y,t\n1,no\n2,yes\n3,no\n", NULL, "yes"},
        {"y,t\n1,1\n2,2\n3,1\n", NULL, "2"},
        {"y,t\n1,9\n2,10\n3,9\n", NULL, "10"},
        {"y,t\n1,black\n2,white\n3,black\n", NULL, "white"},
        {"y,t\n1,a\n2,b\n3,c\n4,b\n", "b", "b"},
        {"y,t\n1,Control\n2,treated\n3,Control\n", NULL, "treated"},
        {"y,t\n1,FALSE\n2,TRUE\n3,FALSE\n", NULL, "TRUE"},
        {"y,t\n1,0\n2,1\n3,1.0\n4,.\n", NULL, "1"},
        {"y,t\n1,no\n2,Yes\n3,yes\n4,No\n", NULL, "Yes"},
        {"y,t\n1,0.0\n2,1.0\n", "1", "1.0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        InsightColumns c = {.outcome = "y", .treatment = "t", .treated = CASES[i].treated};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        T_OK(rows_read(CASES[i].csv, &c, &d, &err), err);
        assert_string_equal(CASES[i].want, d->treated_name);
        T_NEAR(1, d->t[1], 0);
        T_NEAR(0, d->t[0], 0);
    }
}

TEST(what_the_rows_cannot_say_is_refused_by_name)
{
    static const struct {
        const char *csv, *say;
    } CASES[] = {
        {"y,t\n1,1\n2,1\n", "nobody to compare with"},
        {"y,t\n1,a\n2,b\n3,c\n", "more than two values"},
        {"y,z\n1,a\n", "no column \"t\""},
        {"y,t\n", "no rows"},
        {"y,t\nred,0\nblue,1\ngreen,0\n", "line 2, column \"y\": \"red\" is no number"},
        {"y,t\n1,0\n2,1\n3\n", "line 4"},
        {"y,t\n1e400,0\n2,1\n", "no finite number"},
        {"y,t\n,0\n,1\n", "no row has a value"},
        {"", "empty"},
        {"y,t,t\n1,0,1\n", "several columns are called \"t\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        InsightColumns c = {.outcome = "y", .treatment = "t"};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        T_FAILS(ERR_INVALID, rows_read(CASES[i].csv, &c, &d, &err));
        if (!strstr(err.msg, CASES[i].say))
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.msg, CASES[i].say);
    }
}

TEST(times_are_numbers_months_or_dates_and_units_keep_their_names)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .unit = "u", .time = "m", .first_treated = "f"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(
        rows_read(
            "y,t,u,m,f\n1,0,ann,2024-01,2024-02\n2,1,ann,2024-02,2024-02\n3,0,bo,2024-01,\n4,0,bo,2024-02,\n",
            &c, &d, &err),
        err);
    assert_int_equal(2, d->unit.n);
    assert_string_equal("bo", d->unit.name[1]);
    T_NEAR(1, d->time[1] - d->time[0], 0);
    T_NEAR(d->time[1], d->first_treated[0], 0);
    assert_true(isinf(d->first_treated[2]));
    InsightColumns days = {.outcome = "y", .treatment = "t", .time = "m"};
    CLEANUP(insight_data_freep) InsightData *e = NULL;
    T_OK(rows_read("y,t,m\n1,0,1970-01-02\n2,1,1970-02-01\n", &days, &e, &err), err);
    T_NEAR(1, e->time[0], 0);
    T_NEAR(31, e->time[1], 0);
    CLEANUP(insight_data_freep) InsightData *bad = NULL;
    T_FAILS(ERR_INVALID, rows_read("y,t,m\n1,0,soon\n2,1,1970-02-01\n", &days, &bad, &err));
    assert_non_null(strstr(err.msg, "neither a number nor a date"));
}

TEST(a_covariate_with_another_role_or_a_text_of_its_own_in_each_row_is_refused)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .covariates = {"y"}, .n_covariates = 1};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_FAILS(ERR_INVALID, rows_read("y,t\n1,0\n2,1\n", &c, &d, &err));
    CLEANUP(buf_done) Buf csv = BUF(65536);
    buf_addf(&csv, "id,y,t\n");
    for (int i = 0; i < 50; i++)
        buf_addf(&csv, "agent-%d,%d,%d\n", i, i, i % 2);
    c.covariates[0] = "id";
    T_FAILS(ERR_INVALID, rows_read(buf_cstr(&csv), &c, &d, &err));
    assert_non_null(strstr(err.msg, "cannot be held equal"));
}

TEST(of_two_words_the_one_that_does_not_mean_no_is_treated)
{
    static const struct {
        const char *a, *b, *treated;
    } ROW[] = {{"none", "coached", "coached"},
               {"control", "ai", "ai"},
               {"Holdout", "a", "a"},
               {"yes", "zebra", "yes"},
               {"2", "10", "10"},
               {"alpha", "beta", "beta"},
               {"not coached", "coached", "coached"},
               {"not_coached", "coached", "coached"},
               {"Coached", "uncoached", "Coached"},
               {"with", "without", "with"},
               {"no coaching", "coaching", "coaching"},
               {"control group", "ai", "ai"},
               {"inactive", "active", "active"},
               {"closed", "not closed", "closed"},
               {"a", "comparison", "a"},
               {"after", "before", "after"},
               {"failure", "right-censored", "failure"},
               {"high", "low", "high"},
               {"closed", "open", "closed"}};
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        Err err = {0};
        char csv[100];
        snprintf(csv, sizeof csv, "y,t\n1,%s\n2,%s\n", ROW[i].a, ROW[i].b);
        T_OK(rows_read(csv, &(InsightColumns){.outcome = "y", .treatment = "t"}, &d, &err), err);
        assert_string_equal(ROW[i].treated, d->treated_name);
    }
}

TEST(times_may_be_written_in_several_ways)
{
    static const struct {
        const char *a, *b;
        InsightTime kind;
        double apart;
    } CASES[] = {{"before", "after", INSIGHT_TIME_NUMBER, 1},
                 {"Pre", "Post", INSIGHT_TIME_NUMBER, 1},
                 {"2023-9", "2024-1", INSIGHT_TIME_MONTH, 4},
                 {"2023/12", "2024/02", INSIGHT_TIME_MONTH, 2},
                 {"2023Q4", "2024-Q1", INSIGHT_TIME_MONTH, 3},
                 {"2024/02/28", "2024/03/01", INSIGHT_TIME_DATE, 2},
                 {"2024-02-28 00:00:00", "2024-02-29 12:00:00", INSIGHT_TIME_DATE, 1.5}};
    InsightColumns c = {.outcome = "y", .treatment = "t", .time = "m"};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        Err err = {0};
        char csv[100];
        snprintf(csv, sizeof csv, "y,t,m\n1,0,%s\n2,1,%s\n", CASES[i].a, CASES[i].b);
        T_OK(rows_read(csv, &c, &d, &err), err);
        assert_int_equal(CASES[i].kind, d->time_kind);
        T_NEAR(CASES[i].apart, d->time[1] - d->time[0], 1e-9);
    }
    static const char *const BAD[] = {"2024-13", "2024Q5", "2024-", "2024/0", "24-01", "Q1"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        Err err = {0};
        char csv[100];
        snprintf(csv, sizeof csv, "y,t,m\n1,0,%s\n2,1,%s\n", BAD[i], BAD[i]);
        T_FAILS(ERR_INVALID, rows_read(csv, &c, &d, &err));
        assert_non_null(strstr(err.msg, "line 2, column \"m\""));
    }
}

TEST(a_start_may_be_a_date_among_months_and_a_month_among_dates)
{
    InsightColumns c = {.outcome = "y", .treatment = "t", .time = "m", .first_treated = "f"};
    static const char *const CSV[] = {"y,t,m,f\n1,0,2024-01,NaT\n2,1,2024-02,2024-02-15\n",
                                      "y,t,m,f\n1,0,2024-01-01,never treated\n2,1,2024-02-01,2024-02\n"};
    for (size_t i = 0; i < ARRAY_LEN(CSV); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        Err err = {0};
        T_OK(rows_read(CSV[i], &c, &d, &err), err);
        assert_true(isinf(d->first_treated[0]));
        T_NEAR(d->time[1], d->first_treated[1], 0);
    }
}

T_MAIN(T(times_may_be_written_in_several_ways), T(a_start_may_be_a_date_among_months_and_a_month_among_dates),
       T(of_two_words_the_one_that_does_not_mean_no_is_treated),
       T(texts_become_indicators_of_all_but_the_most_frequent),
       T(with_all_what_cannot_be_held_equal_is_left_out_with_a_note),
       T(rows_without_outcome_or_treatment_are_left_out_and_counted),
       T(the_treated_value_is_yes_the_larger_or_the_named_one),
       T(what_the_rows_cannot_say_is_refused_by_name),
       T(times_are_numbers_months_or_dates_and_units_keep_their_names),
       T(a_covariate_with_another_role_or_a_text_of_its_own_in_each_row_is_refused))
