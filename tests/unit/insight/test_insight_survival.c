/* Two groups of five: coached 1, 2, 2+, 4, 6; others 3, 5, 5+, 7+, 8 (+ censored). Expected values: by hand, as shown. */
#include "base/mem.h"
#include "insight/insight_survival.h"
#include "insight/rows.h"

#include <math.h>

#define ROWS                                                                                               \
    "months,closed,coached,office,age\n1,1,yes,a,30\n2,1,yes,b,40\n2,0,yes,a,35\n4,1,yes,b,28\n6,1,yes,a," \
    "50\n"                                                                                                 \
    "3,1,no,a,31\n5,1,no,b,44\n5,0,no,a,29\n7,0,no,b,38\n8,1,no,a,47\n"

static const InsightColumns COLUMNS = {.outcome = "months", .event = "closed", .treatment = "coached"};

static bool warned(const InsightSurvival *s, const char *text)
{
    return str_find(buf_str(&s->warnings), str_from(text)) >= 0;
}

TEST(restricted_means_are_areas_and_their_difference_has_an_interval)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    Err err = {0};
    T_OK(rows_read(ROWS, &COLUMNS, &d, &err), err);
    T_OK(insight_survival(d, 0.95, 6, &s, &err), err);
    /* coached: 1 to month 1, 0.8 to 2, 0.6 to 4, 0.3 to 6: 1 + 0.8 + 1.2 + 0.6. others: 1 to 3, 0.8 to 5, 0.6 to 6. */
    T_NEAR(3.6, s->group[1].rmst.estimate, 1e-12);
    T_NEAR(5.2, s->group[0].rmst.estimate, 1e-12);
    /* Greenwood: coached 2.6^2/20 + 1.8^2/12 + 0.6^2/2; others 2.2^2/20 + 0.6^2/12. */
    double on = 2.6 * 2.6 / 20 + 1.8 * 1.8 / 12 + 0.6 * 0.6 / 2, off = 2.2 * 2.2 / 20 + 0.6 * 0.6 / 12;
    T_NEAR(-1.6, s->rmst_difference.estimate, 1e-12);
    T_NEAR(sqrt(on + off), s->rmst_difference.se, 1e-12);
    T_NEAR(-1.6 - 1.959963984540054 * sqrt(on + off), s->rmst_difference.low, 1e-9);
    T_NEAR(1.0, s->group[1].shared.estimate, 1e-12);
    T_NEAR(0.4, s->group[0].shared.estimate, 1e-12);
    T_NEAR(4, s->group[1].median.time, 0);
    T_NEAR(8, s->group[0].median.time, 0);
    assert_string_equal("yes", s->group[1].name);
    assert_true(warned(s, "7 events only"));
}

TEST(the_horizon_is_the_longest_time_that_every_group_was_watched)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    Err err = {0};
    T_OK(rows_read("m,e,g\n1,1,1\n2,1,1\n3,1,0\n9,0,0\n",
                   &(InsightColumns){.outcome = "m", .event = "e", .treatment = "g"}, &d, &err),
         err);
    T_OK(insight_survival(d, 0.95, NAN, &s, &err), err);
    T_NEAR(9, s->horizon, 0); /* the treated have all got there by 2: their curve is known */
    InsightSurvival *none = NULL;
    T_FAILS(ERR_INVALID, insight_survival(d, 0.95, 9.5, &none, &err));
    assert_non_null(strstr(err.msg, "beyond"));
}

TEST(a_treatment_without_events_gives_no_ratio_but_a_warning)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    Err err = {0};
    T_OK(rows_read("m,e,g\n4,0,1\n5,0,1\n6,0,1\n1,1,0\n2,1,0\n3,1,0\n7,0,0\n",
                   &(InsightColumns){.outcome = "m", .event = "e", .treatment = "g"}, &d, &err),
         err);
    T_OK(insight_survival(d, 0.95, NAN, &s, &err), err);
    assert_true(isnan(s->hazard[0].log_ratio.estimate));
    assert_true(warned(s, "goes to 0") && warned(s, "none of 3 has had the event"));
    Jw w = jw(&out);
    insight_survival_json(&w, s);
    assert_true(str_find(buf_str(&out), STR("\"hazard_ratio\":null,\"ci_low\":null")) >= 0);
}

TEST(one_cluster_alone_on_a_side_gives_no_interval)
{
    static const char *const CLUSTER[] = {"one", "g"};
    for (size_t i = 0; i < ARRAY_LEN(CLUSTER); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
        Err err = {0};
        T_OK(rows_read(
                 "m,e,g,one\n1,1,1,a\n4,1,1,a\n6,0,1,a\n2,1,0,a\n3,1,0,a\n5,1,0,a\n7,1,0,a\n",
                 &(InsightColumns){.outcome = "m", .event = "e", .treatment = "g", .cluster = CLUSTER[i]}, &d,
                 &err),
             err);
        T_OK(insight_survival(d, 0.95, NAN, &s, &err), err);
        assert_true(isfinite(s->hazard[0].log_ratio.estimate));
        assert_true(isnan(s->hazard[0].log_ratio.se) && isnan(s->hazard[0].log_ratio.low));
        assert_true(isnan(s->hazard[0].robust_se));
        assert_true(warned(s, "one cluster alone") && warned(s, "take each row for itself"));
    }
}

TEST(groups_can_be_more_than_two)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    Err err = {0};
    T_OK(rows_read("m,e,tier\n1,1,a\n2,1,b\n3,1,c\n4,1,a\n5,1,b\n6,1,c\n7,1,a\n",
                   &(InsightColumns){.outcome = "m", .event = "e", .unit = "tier"}, &d, &err),
         err);
    T_OK(insight_survival(d, 0.9, NAN, &s, &err), err);
    assert_int_equal(3, s->n_groups);
    assert_int_equal(2, s->logrank.df);
    assert_false(s->compares);
    assert_string_equal("b against a", s->hazard[0].name);
}

TEST(what_the_rows_cannot_give_is_refused_by_line)
{
    static const struct {
        const char *csv, *says;
    } ROW[] = {
        {"m,e,g,f\n1,1,1,0\n-2,1,0,0\n", "line 3: a time of -2"},
        {"m,e,g,f\n1,1,1,0\n2,1,0,2\n", "line 3: watched from 2"},
        {"m,e,g,f\n1,0,1,0\n2,0,0,0\n", "all 2 rows are censored"},
        {"m,e,g,f\n0,1,1,-1\n2,1,0,0\n", "line 2: a time of -1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        InsightSurvival *s = NULL;
        Err err = {0};
        T_OK(rows_read(ROW[i].csv,
                       &(InsightColumns){.outcome = "m", .event = "e", .treatment = "g", .entry = "f"}, &d,
                       &err),
             err);
        T_FAILS(ERR_INVALID, insight_survival(d, 0.95, NAN, &s, &err));
        if (!strstr(err.msg, ROW[i].says))
            fail_msg("expected \"%s\" in \"%s\"", ROW[i].says, err.msg);
    }
}

TEST(events_are_0_and_1_or_1_and_2)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    InsightData *bad = NULL;
    Err err = {0};
    InsightColumns c = {.outcome = "m", .event = "e"};
    T_OK(rows_read("m,e\n1,2\n2,1\n3,2\n", &c, &d, &err), err);
    assert_true(d->event[0] == 1 && d->event[1] == 0 && d->event[2] == 1);
    T_FAILS(ERR_INVALID, rows_read("m,e\n1,1\n2,0\n3,2\n", &c, &bad, &err));
    assert_non_null(strstr(err.msg, "line 4"));
}

TEST(the_picture_stands_alone_and_its_names_are_escaped)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    CLEANUP(buf_done) Buf svg = BUF(1u << 20), text = BUF(1u << 20);
    Err err = {0};
    T_OK(rows_read("m,e,g\n1,1,<b>\n2,1,<b>\n3,1,a&b\n9,0,a&b\n",
                   &(InsightColumns){.outcome = "m", .event = "e", .unit = "g"}, &d, &err),
         err);
    T_OK(insight_survival(d, 0.95, NAN, &s, &err), err);
    insight_survival_plot(s, "months", true, &svg);
    insight_survival_plot(s, "months", false, &text);
    assert_true(str_starts(buf_str(&svg), STR("<svg ")) && str_ends(buf_str(&svg), STR("</svg>\n")));
    assert_true(str_find(buf_str(&svg), STR("&lt;b&gt;")) > 0 && str_find(buf_str(&svg), STR("a&amp;b")) > 0);
    assert_true(str_find(buf_str(&svg), STR("nan")) < 0 && str_find(buf_str(&svg), STR("<b>")) < 0);
    assert_true(str_find(buf_str(&text), STR("o <b>")) > 0 && str_find(buf_str(&text), STR("100 % |")) > 0);
}

T_MAIN(T(one_cluster_alone_on_a_side_gives_no_interval),
       T(restricted_means_are_areas_and_their_difference_has_an_interval),
       T(the_horizon_is_the_longest_time_that_every_group_was_watched),
       T(a_treatment_without_events_gives_no_ratio_but_a_warning), T(groups_can_be_more_than_two),
       T(what_the_rows_cannot_give_is_refused_by_line), T(events_are_0_and_1_or_1_and_2),
       T(the_picture_stands_alone_and_its_names_are_escaped))
