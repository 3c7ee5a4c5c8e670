/* test_insight_staggered.c - the castle-doctrine laws (Cheng, Hoekstra 2013), and the regression that staggered starts mislead.
 * Expected values: R 4.2, cell by cell from the definitions; lm with state and year indicators. */
#include "rows.h"

#include "base/jv.h"
#include "insight/insight_effect.h"

#include <math.h>
#include <string.h>

static void ask(InsightData *d, InsightControls controls, InsightAnswer *a)
{
    Err err = {0};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.controls = controls;
    q.by = deadline_in_ms(60000);
    T_OK(insight_effect(d, insight_method("staggered-did"), &q, a, &err), err);
}

static double member(const InsightAnswer *a, const char *object, const char *name)
{
    char key[64];
    const char *at = strstr(a->diagnostics.ptr, object);
    assert_non_null(at);
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(at, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

TEST(the_castle_doctrine_event_study_is_reproduced)
{
    static const struct {
        InsightControls controls;
        const char *weight;
        double overall, event[15]; /* -10 .. 4 */
    } CASES[] = {
        {INSIGHT_CONTROLS_AUTO,
         NULL,
         0.0194028080015757,
         {-0.506598364690254, -0.182560988712585, -0.341398930021107, -0.0627501872673245,
          -0.0655894500749378, -0.104900615685887, -0.0404017338061274, -0.0392993519798362,
          -0.097215365454836, 0, 0.0143337505724287, 0.0146215663243342, 0.0331991000361455,
          0.00089749694099935, 0.232218945784302}},
        {INSIGHT_CONTROLS_NOT_YET,
         NULL,
         0.0174120442754642,
         {-0.506598364690254, -0.173583934944252, -0.332962388795463, -0.0319506811576546,
          -0.0557752607232436, -0.0871869519938065, -0.0403352900553386, -0.0374245158882439,
          -0.102576107910064, 0, 0.010335569925412, 0.0149004444764725, 0.0306546062978025,
          -0.000754745765963841, 0.232218945784302}},
        {INSIGHT_CONTROLS_AUTO,
         "popwt",
         0.0785429935531256,
         {-0.520240513774749, -0.280188097104217, -0.103118370432841, 0.01321746831923, 0.00844590822044089,
          -0.0290808065923387, -0.00573155598821218, -0.0175029774689912, -0.0537110752159795, 0,
          0.0821109600206372, 0.0664772087633736, 0.0735917231018602, 0.0591607071072493, 0.25545383710443}},
    };
    const char *data = getenv("EHUB_DATA");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/causal/castle_did.csv", data ? data : "../shared/data");
    if (access(path, R_OK) != 0)
        skip();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        InsightColumns c = {.outcome = "l_homicide",
                            .treatment = "post",
                            .unit = "sid",
                            .time = "year",
                            .weight = CASES[i].weight};
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        CLEANUP(insight_answer_done) InsightAnswer a = {0};
        T_OK(insight_data_read(path, &c, &d, &err), err);
        ask(d, CASES[i].controls, &a);
        T_NEAR(CASES[i].overall, a.effect.estimate, 1e-13);
        assert_int_equal(15, a.n_events);
        for (int e = 0; e < 15; e++)
            T_NEAR(CASES[i].event[e], a.event[e].e.estimate, 1e-12);
        assert_int_equal(21, a.n_treated);
        /* 29 states never, and all that start after the first, Florida */
        assert_int_equal(CASES[i].controls == INSIGHT_CONTROLS_NOT_YET ? 49 : 29, a.n_control);
        T_NEAR(c.weight ? 0.075533238904153 : 0.0693984292839111,
               member(&a, "two_way_fixed_effects", "estimate"), 1e-10);
    }
}

/* Four units, times 1 to 4; two start at 2, two at 3, none never. By hand: the early against the late before their start:
 * change from 1 to 2, 4 - 1 = 3; the late against the early from {2} to {3, 4}: (9 - 2) - (10.5 - 5) = 1.5, with weights 1 - a : b =
 * 1/4 : 1/2. The regression says (3 + 2 * 1.5) / 3 = 2; two thirds of its comparisons take treated units for controls. */
TEST(the_share_of_treated_controls_in_the_regression_is_that_of_the_decomposition)
{
    CLEANUP(buf_done) Buf csv = BUF(4096);
    static const double Y_EARLY[4] = {1, 5, 10, 11}, Y_LATE[4] = {1, 2, 8, 10};
    Err err = {0};
    buf_addf(&csv, "u,t,d,y\n");
    for (int u = 0; u < 4; u++)
        for (int t = 0; t < 4; t++)
            buf_addf(&csv, "%d,%d,%d,%g\n", u, t + 1, t >= (u < 2 ? 1 : 2),
                     (u < 2 ? Y_EARLY : Y_LATE)[t] + (u % 2) * 0.5);
    InsightColumns c = {.outcome = "y", .treatment = "d", .unit = "u", .time = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read(buf_cstr(&csv), &c, &d, &err), err);
    ask(d, INSIGHT_CONTROLS_AUTO, &a);
    T_NEAR(2, member(&a, "two_way_fixed_effects", "estimate"), 1e-10);
    T_NEAR(2.0 / 3, member(&a, "two_way_fixed_effects", "already_treated_controls"), 1e-12);
    T_NEAR(3, a.effect.estimate, 1e-12); /* only the early, at 2, have controls */
    assert_non_null(strstr(a.warnings.ptr, "8 treated units and times left out"));
}

TEST(one_treated_unit_is_refused_instead_of_given_a_standard_error)
{
    Err err = {0};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.by = deadline_in_ms(60000);
    InsightColumns c = {.outcome = "y", .treatment = "d", .unit = "u", .time = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    T_OK(rows_read("u,t,d,y\na,1,0,1\na,2,1,2\nb,1,0,1\nb,2,0,3\nc,1,0,1\nc,2,0,1\n", &c, &d, &err), err);
    T_FAILS(ERR_INVALID, insight_effect(d, insight_method("staggered-did"), &q, &a, &err));
    assert_non_null(strstr(err.msg, "1 treated and 2 control units"));
}

TEST(the_diagnostics_are_json)
{
    Err err = {0};
    CLEANUP(buf_done) Buf csv = BUF(65536);
    buf_addf(&csv, "u,t,d,y\n");
    for (int u = 0; u < 12; u++)
        for (int m = 1; m <= 6; m++)
            buf_addf(&csv, "%d,2024-%02d,%d,%d\n", u, m, u < 8 && m >= 3 + u % 2, (u * 7 + m * m * 3) % 11);
    InsightColumns c = {.outcome = "y", .treatment = "d", .unit = "u", .time = "t"};
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    CLEANUP(jv_freep) Jv *doc = NULL;
    T_OK(rows_read(buf_cstr(&csv), &c, &d, &err), err);
    ask(d, INSIGHT_CONTROLS_AUTO, &a);
    T_OK(jv_parse(buf_str(&a.diagnostics), &doc, &err), err);
    assert_non_null(strstr(a.diagnostics.ptr, "\"first_start\":\"2024-03\""));
}

T_MAIN(T(the_castle_doctrine_event_study_is_reproduced),
       T(the_share_of_treated_controls_in_the_regression_is_that_of_the_decomposition),
       T(one_treated_unit_is_refused_instead_of_given_a_standard_error), T(the_diagnostics_are_json))
