/* test_insight_grouptime.c - group-time effects and their averages. Expected values: written out in R 4.2 from the definitions,
 * cell by cell: means of changes, averages over the treated units and times, influence by cluster, the factors and degrees of
 * freedom from the quadratic forms as matrices. */
#include "rows.h"

#include "insight/insight_grouptime.h"

#include <math.h>
#include <string.h>

enum { UNITS = 14, TIMES = 5 };

static const double Y[UNITS][TIMES] = {
    {6.1, 7.4, 7.6, 8.9, 12.7}, {6.8, 9.7, 10.7, 11.3, 11.5}, {4.9, 6.1, 6.6, 9, 9.4},
    {6.7, 7.2, 10, 9.7, 10.8},  {7, 8.4, 8.7, 11.2, 12.1},    {5.7, 6.2, 6.3, 8.6, 9},
    {5.6, 6.5, 8.8, 8.2, 10.1}, {8.2, 8.2, 10.6, 9.2, 11.2},  {4.1, 6.4, 8, 6.9, 10.4},
    {6.4, 5.2, 9, 9.5, 9.7},    {8.5, 8.2, 8.3, 10.3, 10.7},  {6.2, 6.2, 7.5, 9.3, 8.6},
    {5.9, 9.7, 8, 6.8, 10},     {9.4, 7.6, 8, 9.2, 11.3}};
static const int START[UNITS] = {3, 3, 3, 3, 4, 4, 4, 5, 5, 0, 0, 0, 0, 0};
static const int CLUSTER[UNITS] = {1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7, 7, 8};

typedef struct Study {
    InsightData *d;
    InsightPanel *p;
    InsightGroupTimes *g;
    InsightAnswer a;
} Study;

static void study_done(Study *s)
{
    insight_group_times_free(s->g);
    insight_panel_free(s->p);
    insight_data_free(s->d);
    insight_answer_done(&s->a);
}

static InsightQuestion question(InsightControls controls)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.controls = controls;
    q.by = deadline_in_ms(60000);
    return q;
}

static ErrKind study(Study *s, bool cluster, int never, InsightQuestion q, Err *err)
{
    CLEANUP(buf_done) Buf csv = BUF(65536);
    buf_addf(&csv, "u,t,d,c,x,y\n");
    for (int u = 0; u < UNITS; u++)
        for (int t = 1; t <= TIMES; t++)
            if (START[u] > 0 || never > 0)
                buf_addf(&csv, "A%d,%d,%d,C%d,%d,%g\n", u, t, START[u] > 0 && t >= START[u], CLUSTER[u],
                         u * u % 7, Y[u][t - 1]);
    InsightColumns c = {
        .outcome = "y", .treatment = "d", .time = "t", .unit = "u", .cluster = cluster ? "c" : NULL};
    *s = (Study){.a = {.warnings = BUF(65536)}};
    T_OK(rows_read(buf_cstr(&csv), &c, &s->d, err), *err);
    T_OK(insight_panel_new(s->d, &s->a, &s->p, err), *err);
    return insight_group_times(s->d, s->p, &q, &s->g, err);
}

typedef struct Want {
    int at;
    double estimate, se, df;
} Want;

static void check(const InsightPoint *p, int n, const Want *want, int n_want)
{
    assert_int_equal(n_want, n);
    for (int i = 0; i < n; i++) {
        assert_int_equal(want[i].at, p[i].at);
        T_NEAR(want[i].estimate, p[i].e.estimate, 1e-12);
        if (isnan(want[i].se)) {
            assert_true(isnan(p[i].e.se) && isnan(p[i].e.low));
            continue;
        }
        T_NEAR(want[i].se, p[i].e.se, 1e-11);
        T_NEAR(want[i].df, p[i].e.df, 1e-9);
    }
}

TEST(with_never_treated_controls_averages_are_those_of_the_definition)
{
    Err err = {0};
    CLEANUP(study_done) Study s;
    T_OK(study(&s, false, 1, question(INSIGHT_CONTROLS_NEVER), &err), err);
    assert_true(s.g->never);
    check(&s.g->overall, 1, &(Want){0, 0.667, 0.601692964049908, 6.472149828726076}, 1);
    check(s.g->event + 1, 5,
          (const Want[]){{-3, -0.216, 0.894623943341559, 7.980620240252766},
                         {-2, -0.182222222222222, 0.607688394808709, 10.587629136161841},
                         {0, 0.713333333333333, 0.578326662358793, 11.557149438048491},
                         {1, 0.52, 0.710214109711046, 5.704831663103786},
                         {2, 0.82, 1.01064335944981, 6.84020271891694}},
          5);
    check(s.g->group, s.g->n_groups,
          (const Want[]){{2, 0.55, 0.957533482636701, 4.886453093750468},
                         {3, 0.553333333333333, 0.890932719744376, 2.961434505358910},
                         {4, 1.71, 1.02912584264511, 2.96697709781597}},
          3);
    check(s.g->calendar, s.g->n_calendar,
          (const Want[]){{2, 0.345, 1.070681247306281, 6.529185227779224},
                         {3, 0.508571428571428, 0.990084171505972, 5.769867633940068},
                         {4, 0.933333333333333, 0.520332277503852, 11.583277457030302}},
          3);
}

TEST(controls_that_are_not_treated_yet_serve_until_their_own_start)
{
    Err err = {0};
    CLEANUP(study_done) Study s;
    T_OK(study(&s, false, 1, question(INSIGHT_CONTROLS_AUTO), &err), err);
    assert_false(s.g->never); /* five never treated are too few to be alone */
    check(&s.g->overall, 1, &(Want){0, 0.752285714285714, 0.497568360323926, 10.066004431322098}, 1);
    check(s.g->event + 1, 5,
          (const Want[]){{-3, 0.173142857142857, 0.874095886180735, 9},
                         {-2, 0.138412698412698, 0.603998141237598, 10.610793574881159},
                         {0, 0.789841269841270, 0.562114861540088, 10.503783986801823},
                         {1, 0.665306122448979, 0.547093225906779, 8.827036336312144},
                         {2, 0.82, 1.01064335944981, 6.84020271891694}},
          5);
}

TEST(clusters_of_units_count_as_one_each)
{
    Err err = {0};
    CLEANUP(study_done) Study s;
    T_OK(study(&s, true, 1, question(INSIGHT_CONTROLS_NOT_YET), &err), err);
    check(&s.g->overall, 1, &(Want){0, 0.752285714285714, 0.591278941848405, 4.649351014572620}, 1);
    check(s.g->group, s.g->n_groups,
          (const Want[]){{2, 0.541428571428571, 0.711935220673264, 3.566558665714019},
                         {3, 0.854761904761905, 1.309770233157695, 1.193742159620966},
                         {4, 1.71, NAN, NAN}}, /* one cluster starts then */
          3);
}

/* Without never treated units the last start has no controls: 2 units at 1 time, and the others at that time as well. */
TEST(a_start_that_nobody_outlasts_is_left_out_and_counted)
{
    Err err = {0};
    CLEANUP(study_done) Study s;
    T_OK(study(&s, false, 0, question(INSIGHT_CONTROLS_AUTO), &err), err);
    assert_int_equal(9, s.g->without_controls); /* 4 + 3 + 2 units at time 5 */
    assert_int_equal(2, s.g->n_groups);
    CLEANUP(study_done) Study none;
    T_FAILS(ERR_INVALID, study(&none, false, 0, question(INSIGHT_CONTROLS_NEVER), &err));
    assert_non_null(strstr(err.msg, "no unit is never treated"));
}

TEST(the_base_moves_before_the_anticipation)
{
    Err err = {0};
    InsightQuestion q = question(INSIGHT_CONTROLS_NEVER);
    q.anticipation = 1;
    CLEANUP(study_done) Study s;
    T_OK(study(&s, false, 1, q, &err), err);
    double treated = 0, control = 0; /* those who start at 5, from time 3 to 5 */
    for (int u = 0; u < UNITS; u++) {
        treated += START[u] == 5 ? (Y[u][4] - Y[u][2]) / 2 : 0;
        control += START[u] == 0 ? (Y[u][4] - Y[u][2]) / 5 : 0;
    }
    T_NEAR(treated - control, s.g->group[2].e.estimate, 1e-12);
    for (int i = 0; i < s.g->n_events; i++)
        assert_int_not_equal(-2, s.g->event[i].at);
}

TEST(the_band_is_wider_than_each_interval_and_the_same_for_the_same_seed)
{
    Err err = {0};
    CLEANUP(study_done) Study s, again;
    T_OK(study(&s, false, 1, question(INSIGHT_CONTROLS_AUTO), &err), err);
    T_OK(study(&again, false, 1, question(INSIGHT_CONTROLS_AUTO), &err), err);
    for (int i = 0; i < s.g->n_events; i++) {
        const InsightPoint *p = &s.g->event[i];
        assert_true(isnan(p->e.se) || (p->band_low < p->e.low && p->band_high > p->e.high));
        assert_memory_equal(&p->band_low, &again.g->event[i].band_low, sizeof p->band_low);
    }
}

T_MAIN(T(with_never_treated_controls_averages_are_those_of_the_definition),
       T(controls_that_are_not_treated_yet_serve_until_their_own_start),
       T(clusters_of_units_count_as_one_each), T(a_start_that_nobody_outlasts_is_left_out_and_counted),
       T(the_base_moves_before_the_anticipation),
       T(the_band_is_wider_than_each_interval_and_the_same_for_the_same_seed))
