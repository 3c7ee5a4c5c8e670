#include "harness/t.h"
#include "insight/insight_rampup.h"

#include <math.h>
#include <string.h>

#define NONE INSIGHT_RAMPUP_NONE
#define DAY0 20000
#define TODAY (DAY0 + 400)

/* An agent who started on DAY0; days count from there. */
static InsightRampUpAgent agent(int32_t reached, int32_t coached)
{
    return (InsightRampUpAgent){.started = DAY0,
                                .left = NONE,
                                .reached = reached == NONE ? NONE : DAY0 + reached,
                                .coached = coached == NONE ? NONE : DAY0 + coached,
                                .since = DAY0 - 100};
}

TEST(only_agents_still_on_the_way_on_the_landmark_day_are_compared)
{
    Err err = {0};
    InsightRampUpAgent a[] = {
        agent(90, 5),      /* there by the landmark day */
        agent(91, 5),      /* after it */
        agent(NONE, 90),   /* coached after the landmark: not coached */
        agent(NONE, 89),   /* coached in time */
        agent(NONE, NONE), /* left on the landmark day, see below */
        agent(120, NONE),  /* start not known, see below */
        agent(120, NONE),  /* started before the data, see below */
        agent(NONE, NONE), /* started 90 days ago: not watched after the landmark, see below */
    };
    a[4].left = DAY0 + 90;
    a[5].started = NONE;
    a[6].since = DAY0 + 1;
    a[7].started = TODAY - 90;
    InsightRampUp r;
    T_OK(insight_rampup(a, ARRAY_LEN(a), TODAY, 90, 0.95, &r, &err), err);
    assert_int_equal(r.n_compared, 3);
    assert_int_equal(r.n_coached, 2);
    assert_int_equal(r.n_decided, 2);
    assert_int_equal(r.n_no_start, 1);
    assert_int_equal(r.n_early, 1);
    assert_int_equal(r.n_new, 1);
    assert_null(r.survival);
    assert_non_null(strstr(r.refusal, "2 had been coached and 1 had not"));
    insight_rampup_done(&r);
}

/* By hand: 10 coached agents reach it on days 100, 110 .. 190: S falls by a tenth each time, half are there by day 140 (the
 * curve is flat at one half until 150: the middle is 145). The others on 200, 210 .. 290: all are on the way at 190. */
TEST(the_curves_are_those_of_the_time_since_the_start)
{
    Err err = {0};
    InsightRampUpAgent a[20];
    for (int i = 0; i < 10; i++) {
        a[i] = agent(100 + 10 * i, 0);
        a[10 + i] = agent(200 + 10 * i, NONE);
    }
    InsightRampUp r;
    T_OK(insight_rampup(a, 20, TODAY, 90, 0.95, &r, &err), err);
    assert_non_null(r.survival);
    const InsightSurvivalGroup *others = &r.survival->group[0], *coached = &r.survival->group[1];
    T_STR("coached in the first 90 days", str_from(coached->name));
    T_NEAR(145, coached->median.time, 1e-9);
    T_NEAR(245, others->median.time, 1e-9);
    T_NEAR(290, r.survival->horizon,
           1e-9); /* the coached are all there by 190: their curve is known beyond */
    T_NEAR(145 - 245, r.survival->rmst_difference.estimate, 1e-9);
    assert_true(r.survival->logrank.p < 0.001);
    insight_rampup_done(&r);
}

TEST(where_nobody_has_got_there_a_sentence_says_so)
{
    Err err = {0};
    InsightRampUpAgent a[12];
    for (int i = 0; i < 12; i++)
        a[i] = agent(NONE, i % 2 ? 3 : NONE);
    InsightRampUp r;
    T_OK(insight_rampup(a, 12, TODAY, 90, 0.95, &r, &err), err);
    assert_null(r.survival);
    assert_non_null(strstr(r.refusal, "none has had the event yet"));
    insight_rampup_done(&r);
}

TEST(an_agent_who_leaves_is_censored_on_that_day_not_later)
{
    Err err = {0};
    InsightRampUpAgent a[20];
    for (int i = 0; i < 20; i++)
        a[i] = agent(150 + i, i % 2 ? 3 : NONE);
    a[1].left = DAY0 + 120; /* its closing came through after it had left */
    InsightRampUp r;
    T_OK(insight_rampup(a, 20, TODAY, 90, 0.95, &r, &err), err);
    assert_int_equal(r.survival->group[1].km->n, 10);
    assert_int_equal(r.survival->group[1].km->n_events, 9);
    insight_rampup_done(&r);
}

T_MAIN(T(only_agents_still_on_the_way_on_the_landmark_day_are_compared),
       T(the_curves_are_those_of_the_time_since_the_start), T(where_nobody_has_got_there_a_sentence_says_so),
       T(an_agent_who_leaves_is_censored_on_that_day_not_later))
