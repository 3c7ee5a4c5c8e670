/* test_insight_did.c - difference in differences with one start. Expected values: R 4.2; lm with unit and time indicators,
 * sandwich::vcovHC(HC2) and clubSandwich::coef_test(CR2, Satterthwaite) on the changes or the rows; the doubly robust estimate
 * and its influence function from the matrices of Sant'Anna and Zhao 2020 with glm and solve. */
#include "rows.h"

#include "insight/insight_effect.h"

#include <math.h>
#include <string.h>

enum { UNITS = 12, TIMES = 4 };

/* Units 0..4 are treated in times 3 and 4; y by unit, then time. */
static const double Y[UNITS * TIMES] = {
    13.5, 13.2, 19.5, 17.7, 9.7,  11,   14.9, 14.5, 12.1, 12.8, 17.2, 13.3, 13.1, 12.9, 17.4, 16.1,
    11.2, 12.6, 15.8, 16.1, 12.8, 13.4, 14.7, 13.3, 14.7, 13.8, 17,   16.7, 15.2, 14.2, 16.6, 14.5,
    14.2, 15.2, 19,   17.3, 15.8, 18.2, 19.7, 19.6, 16,   18.4, 19.5, 18.4, 15.2, 19,   21.6, 20.4};
static const double X[UNITS] = {2.29, -1.2, -0.69, -0.41, -0.97, -0.95, 0.75, -0.12, 0.15, 2.19, 0.36, 2.72};
static const int CLUSTER[UNITS] = {1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5};

typedef struct Ask {
    bool unit, cluster, covariate, group; /* group: the treatment column says who, not when */
    bool gaps;                            /* without the rows 6, 23 and 40 */
    bool weight;                          /* 1 2 3 4 by units */
    int anticipation;
    bool wild;
} Ask;

static ErrKind ask(const Ask *k, InsightAnswer *a, Err *err)
{
    CLEANUP(buf_done) Buf csv = BUF(65536);
    buf_addf(&csv, "u,t,d,f,x,c,w,y\n");
    for (int i = 0; i < UNITS * TIMES; i++) {
        int u = i / TIMES, t = i % TIMES + 1;
        bool d = u < 5 && (k->group || t >= 3);
        if (!k->gaps || (i != 5 && i != 22 && i != 39))
            buf_addf(&csv, "A%d,%d,%d,%d,%g,C%d,%d,%g\n", u, t, d, u < 5 ? 3 : 0, X[u], CLUSTER[u], 1 + u % 4,
                     Y[i]);
    }
    InsightColumns c = {.outcome = "y", .treatment = "d", .time = "t"};
    if (k->unit)
        c.unit = "u";
    if (k->cluster)
        c.cluster = "c";
    if (k->weight)
        c.weight = "w";
    if (k->group)
        c.first_treated = "f";
    if (k->covariate)
        c.covariates[c.n_covariates++] = "x";
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.wild = k->wild;
    q.anticipation = k->anticipation;
    q.by = deadline_in_ms(60000);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(rows_read(buf_cstr(&csv), &c, &d, err), *err);
    return insight_effect(d, insight_method("did"), &q, a, err);
}

TEST(estimates_and_errors_are_those_of_the_regression_with_unit_and_time_effects)
{
    static const struct {
        Ask ask;
        double estimate, se, df, p;
    } CASES[] = {
        {{.unit = true}, 1.74, 0.600440314626335, 8.77157360406092, 0.0181272428053323},
        {{.unit = true, .group = true}, 1.74, 0.600440314626335, 8.77157360406092, 0.0181272428053323},
        {{.unit = true, .cluster = true}, 1.74, 0.701576456139688, 2.32258064516129, 0.113917159138117},
        {{.unit = true, .gaps = true},
         1.7574616922052,
         0.64898444948522,
         8.59611763396946,
         0.0250668806425935},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(ask(&CASES[i].ask, &a, &err), err);
        T_NEAR(CASES[i].estimate, a.effect.estimate, 1e-11);
        T_NEAR(CASES[i].se, a.effect.se, 1e-11);
        T_NEAR(CASES[i].df, a.effect.df, 1e-9);
        T_NEAR(CASES[i].p, a.effect.p, 1e-9);
        assert_int_equal(INSIGHT_ATT, a.estimand);
        assert_int_equal(5, a.n_treated);
        assert_int_equal(7, a.n_control);
    }
}

/* R's error is sqrt(mean(influence^2) / n) = 0.47274; ours has factors for small samples above it: sides of 5 and 7, two
 * coefficients. */
TEST(with_covariates_it_is_the_doubly_robust_estimate)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(ask(&(Ask){.unit = true, .covariate = true}, &a, &err), err);
    T_NEAR(2.39945590013448, a.effect.estimate, 1e-7);
    assert_true(a.effect.se > 0.472735256544854 && a.effect.se < 0.472735256544854 * sqrt(7.0 / 5 * 7 / 5));
}

TEST(times_of_anticipation_are_not_before)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(ask(&(Ask){.unit = true, .anticipation = 1}, &a, &err), err);
    double sum[2] = {0};
    for (int u = 0; u < UNITS; u++)
        sum[u < 5] += (Y[u * TIMES + 2] + Y[u * TIMES + 3]) / 2 - Y[u * TIMES];
    T_NEAR(sum[1] / 5 - sum[0] / 7, a.effect.estimate, 1e-12);
    CLEANUP(insight_answer_done) InsightAnswer none = {0};
    T_FAILS(ERR_INVALID, ask(&(Ask){.unit = true, .anticipation = 2}, &none, &err));
}

/* R: lm(weights = w) of the changes, CR2 with each unit its own cluster; the doubly robust one by matrices. */
TEST(weights_are_those_of_weighted_least_squares)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, b = {0}, c = {0};
    T_OK(ask(&(Ask){.unit = true, .weight = true}, &a, &err), err);
    T_NEAR(1.52153110047847, a.effect.estimate, 1e-12);
    T_NEAR(0.657594505951903, a.effect.se, 1e-12);
    T_OK(ask(&(Ask){.unit = true, .weight = true, .covariate = true}, &b, &err), err);
    T_NEAR(2.58331583492939, b.effect.estimate, 1e-7);
    T_OK(ask(&(Ask){.group = true, .weight = true}, &c, &err),
         err); /* the four weighted means are the same */
    T_NEAR(1.52153110047847, c.effect.estimate, 1e-12);
}

/* The difference of the four means; with the clusters as groups when the treatment says who is treated now. */
TEST(cross_sections_without_units_compare_four_means)
{
    double sum[2] = {0};
    for (int u = 0; u < UNITS; u++)
        for (int t = 0; t < TIMES; t++)
            sum[u < 5] += (t < 2 ? -0.5 : 0.5) * Y[u * TIMES + t];
    for (int group = 0; group < 2; group++) {
        Err err = {0};
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(ask(&(Ask){.group = group, .cluster = !group}, &a, &err), err);
        T_NEAR(sum[1] / 5 - sum[0] / 7, a.effect.estimate, 1e-11);
    }
}

TEST(the_wild_bootstrap_is_the_interval_when_asked_for)
{
    Err err = {0};
    CLEANUP(insight_answer_done) InsightAnswer a = {0}, b = {0}, none = {0};
    T_OK(ask(&(Ask){.unit = true}, &a, &err), err);
    T_OK(ask(&(Ask){.unit = true, .wild = true}, &b, &err), err);
    T_NEAR(a.effect.se, b.effect.se, 0);
    const char *shown = strstr(strstr(a.diagnostics.ptr, "\"wild_bootstrap\""), "\"ci_low\":");
    T_NEAR(strtod(shown + strlen("\"ci_low\":"), NULL), b.effect.low, 1e-12);
    assert_true(b.effect.low != a.effect.low && b.effect.low < b.effect.estimate &&
                b.effect.high > b.effect.estimate);
    T_FAILS(ERR_INVALID, ask(&(Ask){.unit = true, .wild = true, .covariate = true}, &none, &err));
}

TEST(units_with_one_row_each_are_cross_sections)
{
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "d", .unit = "u", .time = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read("u,t,d,y\n1,1,1,1\n2,1,1,3\n3,1,0,2\n4,1,0,4\n5,2,1,7\n6,2,1,9\n7,2,0,4\n8,2,0,5\n", &c,
                   &d, &err),
         err);
    T_OK(insight_effect(d, insight_method("did"), &INSIGHT_QUESTION_DEFAULT, &a, &err), err);
    T_NEAR((8 - 2) - (4.5 - 3), a.effect.estimate, 1e-12);
    assert_non_null(strstr(a.warnings.ptr, "every unit has one row"));
}

TEST(designs_that_cannot_answer_are_refused_with_the_reason)
{
    static const struct {
        const char *csv, *unit, *cluster, *say;
    } CASES[] = {
        {"u,t,d,y,c\na,1,0,1,p\na,2,1,2,p\nb,1,0,1,p\nb,2,0,3,p\nc,1,0,2,q\nc,2,0,2,q\n", "u", NULL,
         "1 treated and 2 control units"},
        {"u,t,d,y,c\na,1,0,1,p\na,2,1,2,p\na,3,1,2,p\nb,1,0,1,p\nb,2,0,3,p\nb,3,1,1,p\nc,1,0,2,q\nc,2,0,2,"
         "q\n",
         "u", NULL, "staggered-did is made for this"},
        {"u,t,d,y,c\na,1,1,1,p\na,2,1,2,p\nb,1,1,1,p\nb,2,1,3,p\nc,1,0,2,q\nc,2,0,2,q\nd,1,0,2,q\nd,2,0,2,"
         "q\n",
         NULL, "c", "1 treated and 1 control clusters"},
        {"u,t,d,y,c\na,1,0,1,p\na,2,1,2,p\nb,1,0,1,p\nb,2,0,3,p\n", NULL, NULL,
         "which rows of before belong to the treated"},
        {"u,t,d,y,c\na,1,0,1,p\na,2,1,2,p\nb,1,0,1,p\nb,2,0,3,p\n", NULL, "c",
         "cluster p is treated, but not at line 5"},
        {"u,t,d,y,c\na,1,1,1,p\na,2,1,2,p\nb,1,0,1,p\nb,3,0,3,p\n", NULL, NULL, "since when, with 3 times"},
        {"u,t,d,y,c\na,1,1,1,p\na,2,1,2,p\nb,1,0,1,p\nb,2,0,3,p\n", NULL, NULL,
         "1 rows of the controls before the start"},
        {"u,t,d,y,c\na,1,0,1,p\na,2,1,2,p\nb,1,0,1,q\nb,2,0,3,q\nb,3,0,3,q\nc,1,0,1,r\nc,3,1,3,r\n", NULL,
         "c", "start at 2 and at 3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        InsightColumns c = {.outcome = "y",
                            .treatment = "d",
                            .time = "t",
                            .unit = CASES[i].unit,
                            .cluster = CASES[i].cluster};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(rows_read(CASES[i].csv, &c, &d, &err), err);
        T_FAILS(ERR_INVALID, insight_effect(d, insight_method("did"), &INSIGHT_QUESTION_DEFAULT, &a, &err));
        if (!strstr(err.msg, CASES[i].say))
            fail_msg("expected \"%s\", got \"%s\"", CASES[i].say, err.msg);
    }
}

/* Card and Krueger 1994 on the public file: +2.76 full-time jobs with their balanced sample, 2.7536 on all rows; R: lm(fte ~ nj *
 * after), CR2 with each row its own cluster, Satterthwaite. "New Jersey" is named, because Pennsylvania is later in the
 * alphabet. */
TEST(card_and_krueger_is_reproduced)
{
    const char *data = getenv("EHUB_DATA");
    char path[512];
    Err err = {0};
    InsightColumns c = {.outcome = "fte", .treatment = "state", .treated = "New Jersey", .time = "year"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    (void)snprintf(path, sizeof path, "%s/causal/card_krueger_njmin.csv", data ? data : "../shared/data");
    if (access(path, R_OK) != 0)
        skip();
    T_OK(insight_data_read(path, &c, &d, &err), err);
    T_OK(insight_effect(d, insight_method("did"), &INSIGHT_QUESTION_DEFAULT, &a, &err), err);
    T_NEAR(2.75360578298052, a.effect.estimate, 1e-10);
    T_NEAR(231, a.effect.df, 0.5);
    T_NEAR(0.127692962468045, a.effect.p, 1e-8);
}

T_MAIN(T(estimates_and_errors_are_those_of_the_regression_with_unit_and_time_effects),
       T(with_covariates_it_is_the_doubly_robust_estimate), T(times_of_anticipation_are_not_before),
       T(weights_are_those_of_weighted_least_squares), T(units_with_one_row_each_are_cross_sections),
       T(the_wild_bootstrap_is_the_interval_when_asked_for),
       T(cross_sections_without_units_compare_four_means),
       T(designs_that_cannot_answer_are_refused_with_the_reason), T(card_and_krueger_is_reproduced))
