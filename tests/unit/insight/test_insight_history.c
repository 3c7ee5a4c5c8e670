/* Panels of agents and periods: who starts when, and which periods count. Days are counted from the first day of the periods. */
#include "base/mem.h"
#include "harness/t.h"
#include "insight/insight_history.h"

#include <math.h>

#define PERIODS 6
#define FIRST 1000
#define DAY(period, day) (FIRST + 28 * (period) + (day))
#define ALWAYS INT32_MIN
#define STAYS INT32_MAX

/* Agents with closings 10 * agent + period, commission 100 times that. */
static InsightHistory history(InsightAgent *agent, int32_t n, InsightStart *start, int64_t n_starts)
{
    InsightHistory h = {.first_day = FIRST,
                        .to = DAY(PERIODS, 0),
                        .n_periods = PERIODS,
                        .tier_period = PERIODS,
                        .agent = agent,
                        .n_agents = n,
                        .start = start,
                        .n_starts = n_starts};
    h.closings = mem_array((size_t)n * PERIODS, sizeof(double));
    h.commission = mem_array((size_t)n * PERIODS, sizeof(double));
    for (int32_t i = 0; i < n * PERIODS; i++) {
        h.closings[i] = 10 * (i / PERIODS) + i % PERIODS;
        h.commission[i] = 100 * h.closings[i];
    }
    static char speed[] = "speed", cadence[] = "cadence", ada[] = "Ada", ben[] = "Ben";
    static char *keys[] = {speed, cadence}, *coaches[] = {ada, ben};
    h.key = (InsightNames){keys, 2};
    h.coach = (InsightNames){coaches, 2};
    return h;
}

static void done(InsightHistory *h)
{
    mem_free(h->closings);
    mem_free(h->commission);
}

/* The rows as text: "agent's closings / 10, period, * coached;" so that a whole panel can be read at once. */
static const char *rows(const InsightHistory *h, const InsightAsk *ask, InsightPanelSum *sum)
{
    static char out[2000];
    CLEANUP(insight_data_freep) InsightData *d = insight_history_data(h, ask, sum);
    int at = 0;
    out[0] = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double y = ask->outcome == INSIGHT_COMMISSION ? d->y[i] / 100 : d->y[i];
        int period = (int)((d->time[i] - FIRST) / 28);
        bool begins = i == 0 || d->unit.id[i] != d->unit.id[i - 1];
        assert_int_equal((int)fmod(y, 10), period);
        assert_true(d->t[i] == (d->time[i] >= d->first_treated[i]));
        at += snprintf(out + at, sizeof(out) - (size_t)at, "%s%d%s", begins ? (i ? " " : "") : "", period,
                       d->t[i] > 0 ? "*" : "");
    }
    return out;
}

static InsightAgent stays(void)
{
    return (InsightAgent){
        .closings_from = ALWAYS, .commission_from = ALWAYS, .to = STAYS, .tier = INSIGHT_ALL_TIERS};
}

TEST(the_period_in_which_it_begins_counts_as_coached)
{
    InsightAgent agent[] = {stays(), stays(), stays(), stays()};
    InsightStart start[] = {{0, 0, 0, DAY(2, 0)}, {1, 0, 0, DAY(2, 27)}, {2, 0, 0, FIRST - 50}};
    InsightHistory h = history(agent, 4, start, 3);
    InsightPanelSum sum;
    assert_string_equal(rows(&h, &(InsightAsk){.scope = INSIGHT_SCOPE_ALL, .tier = INSIGHT_ALL_TIERS}, &sum),
                        "012*3*4*5* 012*3*4*5* 0*1*2*3*4*5* 012345");
    assert_int_equal(sum.starters, 2);
    assert_int_equal(sum.others, 1);
    assert_int_equal(sum.first_day, FIRST);
    assert_int_equal(sum.last_day, DAY(PERIODS, 0) - 1);
    /* without it from period 2 on: the last agent's 32, 33, 34, 35 */
    T_NEAR(33.5, sum.control_mean, 1e-12);
    done(&h);
}

TEST(only_whole_periods_of_being_there_with_known_outcomes_count)
{
    InsightAgent agent[] = {stays(), stays(), stays()};
    agent[0].closings_from = DAY(1, 1); /* not all of period 1 */
    agent[1].to = DAY(4, 27);           /* not all of period 4 */
    agent[2].closings_from = DAY(2, 0);
    agent[2].commission_from = DAY(5, 0);
    InsightHistory h = history(agent, 3, NULL, 0);
    InsightPanelSum sum;
    InsightAsk ask = {.scope = INSIGHT_SCOPE_ALL, .tier = INSIGHT_ALL_TIERS};
    assert_string_equal(rows(&h, &ask, &sum), "2345 0123 2345");
    assert_true(isnan(sum.control_mean)); /* nobody starts: there is no time from which it could count */
    ask.outcome = INSIGHT_COMMISSION;
    assert_string_equal(rows(&h, &ask, &sum), "012345 0123 5");
    done(&h);
}

TEST(an_intervention_begins_with_its_own_key_and_others_stay)
{
    InsightAgent agent[] = {stays(), stays()};
    InsightStart start[] = {
        {0, 1, 0, DAY(1, 3)}, {0, 0, 0, DAY(4, 0)}, {0, -1, 0, DAY(0, 5)}, {1, 1, 0, DAY(2, 0)}};
    InsightHistory h = history(agent, 2, start, 4);
    InsightPanelSum sum;
    static const bool SPEED[] = {true, false}, BOTH[] = {true, true};
    InsightAsk ask = {.scope = INSIGHT_SCOPE_INTERVENTION, .keys = SPEED, .tier = INSIGHT_ALL_TIERS};
    assert_string_equal(rows(&h, &ask, &sum), "01234*5* 012345");
    ask = (InsightAsk){.scope = INSIGHT_SCOPE_PROGRAMME, .keys = BOTH, .tier = INSIGHT_ALL_TIERS};
    assert_string_equal(rows(&h, &ask, &sum), "01*2*3*4*5* 012*3*4*5*");
    done(&h);
}

TEST(agents_of_other_coaches_are_controls_until_their_own_first_coaching)
{
    InsightAgent agent[] = {stays(), stays(), stays(), stays()};
    InsightStart start[] = {
        {0, 0, 0, DAY(3, 0)}, /* by Ada */
        {1, 0, 1, DAY(2, 0)},
        {1, 1, 0, DAY(4, 0)} /* first by Ben, then by Ada: Ben's */,
        {2, 0, -1, DAY(1, 0)} /* by nobody knows whom */
    };
    InsightHistory h = history(agent, 4, start, 4);
    InsightPanelSum sum;
    InsightAsk ask = {.scope = INSIGHT_SCOPE_COACH, .which = 0, .tier = INSIGHT_ALL_TIERS};
    assert_string_equal(rows(&h, &ask, &sum), "0123*4*5* 01 0 012345");
    assert_int_equal(sum.starters, 1);
    assert_int_equal(sum.others, 3);
    ask.which = 1;
    assert_string_equal(rows(&h, &ask, &sum), "012 012*3*4*5* 0 012345");
    done(&h);
}

TEST(an_office_is_its_own_agents_beside_those_of_others_who_were_not_coached_yet)
{
    InsightAgent agent[] = {stays(), stays()};
    InsightStart start[] = {{0, 0, 0, DAY(2, 0)}, {1, 0, 0, DAY(4, 0)}};
    agent[1].office = 1;
    InsightHistory h = history(agent, 2, start, 2);
    InsightPanelSum sum;
    InsightAsk ask = {.scope = INSIGHT_SCOPE_OFFICE, .which = 0, .tier = INSIGHT_ALL_TIERS};
    assert_string_equal(rows(&h, &ask, &sum), "012*3*4*5* 0123");
    ask.which = 1;
    assert_string_equal(rows(&h, &ask, &sum), "01 01234*5*");
    done(&h);
}

TEST(tiers_are_thirds_of_those_who_are_there_on_the_day_and_begin_one_period_before)
{
    InsightAgent agent[8];
    for (int i = 0; i < 8; i++) {
        agent[i] = stays();
        agent[i].before = i % 6;
    }
    agent[6].closings_from = DAY(2, 1); /* comes a day late */
    agent[7].to = DAY(2, 0);            /* has left by then */
    InsightHistory h = history(agent, 8, NULL, 0);
    h.tier_period = 2;
    insight_history_tiers(&h);
    /* 0 .. 5: the quantiles (type 7) at 1/3 and 2/3 are 5/3 and 10/3 */
    static const int EXPECTED[] = {0, 0, 1, 1, 2, 2, INSIGHT_ALL_TIERS, INSIGHT_ALL_TIERS};
    for (int i = 0; i < 8; i++)
        assert_int_equal(h.agent[i].tier, EXPECTED[i]);
    InsightPanelSum sum;
    assert_string_equal(rows(&h, &(InsightAsk){.scope = INSIGHT_SCOPE_ALL, .tier = 1}, &sum), "12345 12345");
    assert_int_equal(sum.first_day, DAY(1, 0));
    h.tier_period = PERIODS; /* closings are not known for long enough */
    insight_history_tiers(&h);
    assert_string_equal(rows(&h, &(InsightAsk){.scope = INSIGHT_SCOPE_ALL, .tier = 1}, &sum), "");
    assert_int_equal(sum.last_day, INT32_MIN);
    done(&h);
}

TEST(a_history_without_periods_or_agents_gives_no_rows)
{
    InsightAgent agent[] = {stays()};
    InsightHistory none = {.first_day = FIRST, .to = FIRST, .agent = agent, .n_agents = 1},
                   nobody = {.to = 5};
    InsightPanelSum sum;
    InsightAsk ask = {.scope = INSIGHT_SCOPE_ALL, .tier = INSIGHT_ALL_TIERS};
    insight_history_tiers(&none);
    insight_history_tiers(&nobody);
    assert_string_equal(rows(&none, &ask, &sum), "");
    assert_string_equal(rows(&nobody, &ask, &sum), "");
    assert_int_equal(sum.first_day, INT32_MIN);
}

TEST(a_name_has_one_number)
{
    InsightNames n = {0};
    assert_int_equal(insight_names_add(&n, STR("a")), 0);
    assert_int_equal(insight_names_add(&n, STR("bc")), 1);
    assert_int_equal(insight_names_add(&n, STR("a")), 0);
    assert_int_equal(insight_names_find(&n, STR("b")), -1);
    InsightHistory *h = MEM_NEW(InsightHistory);
    h->key = n;
    insight_history_free(h);
}

T_MAIN(T(the_period_in_which_it_begins_counts_as_coached),
       T(only_whole_periods_of_being_there_with_known_outcomes_count),
       T(an_intervention_begins_with_its_own_key_and_others_stay),
       T(agents_of_other_coaches_are_controls_until_their_own_first_coaching),
       T(an_office_is_its_own_agents_beside_those_of_others_who_were_not_coached_yet),
       T(tiers_are_thirds_of_those_who_are_there_on_the_day_and_begin_one_period_before),
       T(a_history_without_periods_or_agents_gives_no_rows), T(a_name_has_one_number))
