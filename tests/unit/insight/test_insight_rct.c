/* test_insight_rct.c - experiments. Expected values: R 4.2, lm with clubSandwich::coef_test(vcov = "CR2", test =
 * "Satterthwaite") and t.test, on the 24 rows of rows.h. */
#include "insight/insight_effect.h"
#include "insight/rows.h"

#include <string.h>

#include <math.h>

typedef struct Case {
    const char *method;
    InsightEstimand estimand;
    bool covariate, cluster, pre;
    double estimate, se, df, p;
} Case;

static void ask(const Case *c, InsightQuestion q, InsightAnswer *a)
{
    Err err = {0};
    InsightColumns columns = {.outcome = "y", .treatment = "t", .cluster = c->cluster ? "c" : NULL};
    if (c->covariate)
        columns.covariates[columns.n_covariates++] = "x";
    if (c->pre)
        columns.pre[columns.n_pre++] = "x";
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(rows_read(ROWS_24, &columns, &d, &err), err);
    q.estimand = c->estimand;
    T_OK(insight_effect(d, insight_method(c->method), &q, a, &err), err);
}

TEST(estimates_and_errors_are_those_of_the_regression)
{
    static const Case CASES[] = {
        {"rct", INSIGHT_ATE, false, false, false, 2.925, 1.2517333220474, 14.1044776119403,
         0.0347086554215051},
        {"rct", INSIGHT_ATE, false, true, false, 2.925, 1.16097068466889, 5.99666143614904,
         0.0453427852395605},
        {"rct", INSIGHT_ATE, true, false, false, 3.96401493241548, 0.178092955058313, 9.71401189611163,
         1.16385108879306e-09},
        {"rct", INSIGHT_ATT, true, false, false, 3.9217285681295, 0.168157920723523, 12.1973623799846,
         1.72595526312253e-11},
        {"cuped", INSIGHT_ATE, false, false, true, 3.94456134151806, 0.177360849917203, 12.8555757391945,
         1.21025830175654e-11},
        {"cuped", INSIGHT_ATT, false, false, true, 3.9217285681295, 0.168157920723523, 12.1973623799846,
         1.72595526312253e-11}, /* with one earlier outcome, Lin's */
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        const Case *c = &CASES[i];
        ask(c, INSIGHT_QUESTION_DEFAULT, &a);
        T_NEAR(c->estimate, a.effect.estimate, 1e-11);
        T_NEAR(c->se, a.effect.se, 1e-11);
        T_NEAR(c->df, a.effect.df, 1e-8);
        T_NEAR(c->p, a.effect.p, 1e-6 * c->p);
    }
}

TEST(the_naive_difference_is_the_one_of_welch)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    ask(&(Case){.method = "rct"}, INSIGHT_QUESTION_DEFAULT, &a);
    T_NEAR(2.925, a.naive.estimate, 1e-12);
    T_NEAR(12.31851992814, a.naive.df, 1e-9);
    T_NEAR(0.205508163842647, a.naive.low, 1e-11);
    T_NEAR(5.644491836157353, a.naive.high, 1e-11);
    T_NEAR(0.0371003108883, a.naive.p, 1e-11);
}

static double member(const InsightAnswer *a, const char *name)
{
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(a->diagnostics.ptr, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

/* All 735,471 ways to choose 8 of 24 by enumeration (Python, itertools.combinations): 25,427 give a Welch statistic at least as
 * large: p = 0.03457. 20,000 draws have a standard error of 0.0013. */
TEST(chance_alone_gives_such_a_difference_as_often_as_enumeration_says)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.draws = 20000;
    ask(&(Case){.method = "rct"}, q, &a);
    T_NEAR(0.03457, member(&a, "randomisation_p"), 0.005);
}

TEST(an_interval_that_holds_at_every_look_is_wider)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.planned = 24;
    ask(&(Case){.method = "rct"}, q, &a);
    /* by hand: rho^2 = (5.99146 + ln 6.99146) / 24 = 0.330671, m = 7.93610; sqrt(2 * 8.93610 / 7.93610 * ln(sqrt(8.93610) / 0.05)) */
    double reach = sqrt(2 * 8.93610 / 7.93610 * log(sqrt(8.93610) / 0.05));
    T_NEAR(2.925 - reach * 1.2517333220474, member(&a, "always_valid\":{\"ci_low"), 1e-4);
}

TEST(one_treated_row_gives_no_interval)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read("y,t\n1,1\n2,0\n3,0\n4,0\n", &c, &d, &err), err);
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("rct"), &INSIGHT_QUESTION_DEFAULT, &a, &err));
    assert_non_null(strstr(err.msg, "1 treated and 3 controls"));
}

TEST(earlier_outcomes_that_never_vary_are_refused)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .pre = {"p"}, .n_pre = 1};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read("y,t,p\n1,1,5\n2,0,5\n3,0,5\n4,1,5\n", &c, &d, &err), err);
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("cuped"), &INSIGHT_QUESTION_DEFAULT, &a, &err));
    assert_non_null(strstr(err.msg, "never vary"));
}

T_MAIN(T(estimates_and_errors_are_those_of_the_regression), T(the_naive_difference_is_the_one_of_welch),
       T(chance_alone_gives_such_a_difference_as_often_as_enumeration_says),
       T(an_interval_that_holds_at_every_look_is_wider), T(one_treated_row_gives_no_interval),
       T(earlier_outcomes_that_never_vary_are_refused))
