/* Unit tests for src/scale/scale_scrape.c. The texts follow the exposition formats of Prometheus; rates are reckoned by hand. */
#include "harness/t.h"

#include "scale/scale_scrape.h"

#include <math.h>

TEST(all_label_sets_of_the_metric_are_added_up_and_nothing_else)
{
    double v = 0;
    Err err = {0};
    T_OK(scale_scrape_sum(STR("# HELP hits_total Requests answered.\n"
                              "# TYPE hits_total counter\n"
                              "hits_total{route=\"/a\",status=\"200\"} 10\n"
                              "hits_total{route=\"a } \\\" 5\",status=\"500\"} 2.5 1700000000000\n"
                              "hits_total 1e2\n"
                              "hits_totals 1000\n"
                              "hits_total{route=\"/b\"} NaN\n"
                              "other{hits_total=\"1\"} 1000\n"),
                          "hits_total", &v, &err),
         err);
    T_NEAR(112.5, v, 1e-12);
}

TEST(a_metric_that_is_not_there_and_a_line_that_is_none_are_told)
{
    static const struct {
        const char *text;
        ErrKind kind;
        const char *says;
    } BAD[] = {
        {"", ERR_NOT_FOUND, "hits_total"},
        {"hits 5\n", ERR_NOT_FOUND, "hits_total"},
        {"a 1\nhits_total{route=\"/a\" 5\n", ERR_MALFORMED, "line 2"},
        {"hits_total\n", ERR_MALFORMED, "line 1"},
        {"hits_total many\n", ERR_MALFORMED, "line 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        double v;
        Err err = {0};
        T_FAILS(BAD[i].kind, scale_scrape_sum(str_from(BAD[i].text), "hits_total", &v, &err));
        if (!strstr(err.msg, BAD[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.msg, BAD[i].says);
    }
}

TEST(a_counter_becomes_a_rate_by_step_across_restarts_and_gaps)
{
    const ScaleSample s[] = {
        {990, 100},  /* half of what comes until 1010 falls into step 0, which begins at 1000 */
        {1010, 140}, /* 2 a second */
        {1070, 200}, /* 1 a second */
        {1100, 30},  /* restarted: 30 in 30 s */
        {1240, 170}, /* 1 a second */
        {2000, 999}, /* a gap of 760 s: nothing is known */
        {2060, 1299},
    };
    double v[18];
    scale_scrape_rates(s, ARRAY_LEN(s), 1000, 60, v, 18);
    T_NEAR((10 * 2 + 50 * 1) / 60.0, v[0], 1e-12);
    for (int k = 1; k < 4; k++) /* 1060 .. 1240 */
        T_NEAR(1, v[k], 1e-12);
    for (int k = 4; k < 16; k++) /* 1240 .. 1960 */
        assert_true(isnan(v[k]));
    assert_true(isnan(v[16])); /* of 1960 .. 2020 only the last 20 s are known: less than half */
    T_NEAR(5, v[17], 1e-12);   /* 2020 .. 2080, known until 2060 */
}

TEST(no_sample_and_one_sample_tell_nothing)
{
    const ScaleSample one = {1000, 5};
    double v[2];
    for (int n = 0; n < 2; n++) {
        scale_scrape_rates(&one, n, 1000, 60, v, 2);
        assert_true(isnan(v[0]) && isnan(v[1]));
    }
}

T_MAIN(T(all_label_sets_of_the_metric_are_added_up_and_nothing_else),
       T(a_metric_that_is_not_there_and_a_line_that_is_none_are_told),
       T(a_counter_becomes_a_rate_by_step_across_restarts_and_gaps), T(no_sample_and_one_sample_tell_nothing))
