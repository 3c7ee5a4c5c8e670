/* Ranking by hand-made standings; expected scores are computed by hand in the comments. */
#include "base/arena.h"
#include "coach/coach_choose.h"
#include "harness/t.h"

#include <math.h>

static CoachPlay play(const char *key, double effect, int n, const CoachPlayRule *rules)
{
    CoachPlay p = {.key = key,
                   .title = key,
                   .per_week = 2,
                   .per_week_lowest_tier = 1,
                   .cooldown_days = 14,
                   .prior_effect = effect,
                   .enabled = true,
                   .n_drivers = n};
    for (int i = 0; i < n; i++)
        p.drivers[i] = rules[i];
    return p;
}

static const CoachPlayRule SLOW = {COACH_F_speed_to_lead_min_30d, true};
static const CoachPlayRule FEW_CALLS = {COACH_F_calls_30d, false};

typedef struct Case {
    CoachPlay plays[4];
    CoachPlaybook book;
    CoachStanding st;
    CoachPast past;
} Case;

/* Slow answers cost 0.6, few calls 0.2; two interventions, one for each. */
static void setup(Case *c)
{
    *c = (Case){.plays = {play("speed", 0.4, 1, &SLOW), play("calls", 0.4, 1, &FEW_CALLS)}};
    c->book = (CoachPlaybook){c->plays, 2};
    for (int i = 0; i < COACH_N_FEATURES; i++)
        c->st.x[i] = c->st.median[i] = NAN;
    c->st.x[COACH_F_speed_to_lead_min_30d] = 47;
    c->st.median[COACH_F_speed_to_lead_min_30d] = 6;
    c->st.behind[COACH_F_speed_to_lead_min_30d] = 0.6;
    c->st.x[COACH_F_calls_30d] = 40;
    c->st.median[COACH_F_calls_30d] = 90;
    c->st.behind[COACH_F_calls_30d] = 0.2;
    for (int i = 0; i < COACH_PLAYS_MAX; i++)
        c->past.days_since[i] = INFINITY;
}

static int rank(Case *c, CoachChoice out[COACH_CHOICES], int *withheld)
{
    return coach_choose_rank(&c->book, &c->st, &c->past, out, withheld);
}

TEST(the_intervention_that_addresses_more_of_the_shortfall_comes_first)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    setup(&c);
    assert_int_equal(rank(&c, out, NULL), 2);
    assert_int_equal(out[0].play, 0);
    /* delta 0.4 * 0.6 / 0.8 = 0.3: 1/(1+e^-0.3) - 0.5 = 0.574443 - 0.5; and 0.4 * 0.2 / 0.8 = 0.1: 0.524979 - 0.5 */
    T_NEAR(0.074443, out[0].score, 1e-6);
    T_NEAR(0.024979, out[1].score, 1e-6);
    assert_int_equal(out[0].drivers[0], COACH_F_speed_to_lead_min_30d);
}

TEST(with_shap_no_more_can_be_gained_than_is_lost)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    setup(&c);
    c.plays[0].prior_effect = 5.0; /* 5 * 0.75 = 3.75, but only 0.6 is lost: 1/(1+e^-0.6) - 0.5 = 0.145656 */
    assert_true(rank(&c, out, NULL) > 0);
    T_NEAR(0.145656, out[0].score, 1e-6);
}

TEST(an_agent_on_the_good_side_of_the_median_is_left_alone)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    setup(&c);
    c.st.x[COACH_F_calls_30d] = 120;
    assert_int_equal(rank(&c, out, NULL), 1);
    assert_int_equal(out[0].play, 0);
    c.st.x[COACH_F_speed_to_lead_min_30d] = NAN; /* not known: nothing can be said */
    assert_int_equal(rank(&c, out, NULL), 0);
}

TEST(limits_hold_back_what_would_help)
{
    static const struct {
        int sent_7d;
        bool lowest;
        double days;
        bool allowed;
    } ROWS[] = {{0, false, INFINITY, true}, {1, false, INFINITY, true}, {2, false, INFINITY, false},
                {0, true, INFINITY, true},  {1, true, INFINITY, false}, {0, false, 13.9, false},
                {0, false, 14.0, true}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        Case c;
        CoachChoice out[COACH_CHOICES];
        int withheld = -1;
        setup(&c);
        c.book.n = 1;
        c.past.sent_7d = ROWS[i].sent_7d;
        c.past.lowest_tier = ROWS[i].lowest;
        c.past.days_since[0] = ROWS[i].days;
        assert_int_equal(rank(&c, out, &withheld), ROWS[i].allowed ? 1 : 0);
        assert_int_equal(withheld, ROWS[i].allowed ? 0 : 1);
    }
}

TEST(a_disabled_intervention_is_never_chosen_and_does_not_count)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    setup(&c);
    c.plays[0].enabled = false;
    assert_int_equal(rank(&c, out, NULL), 1);
    /* only calls are addressable now: 0.4 * 0.2 / 0.2 = 0.4, at most the 0.2 that is lost: 0.549834 - 0.5 */
    T_NEAR(0.049834, out[0].score, 1e-6);
}

TEST(at_most_three_the_best_first_and_ties_in_the_order_of_the_playbook)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    setup(&c);
    c.plays[0] = play("a", 0.1, 1, &SLOW);
    c.plays[1] = play("b", 0.3, 1, &SLOW);
    c.plays[2] = play("c", 0.3, 1, &SLOW);
    c.plays[3] = play("d", 0.2, 1, &SLOW);
    c.book.n = 4;
    assert_int_equal(rank(&c, out, NULL), 3);
    assert_int_equal(out[0].play, 1);
    assert_int_equal(out[1].play, 2);
    assert_int_equal(out[2].play, 3);
}

TEST(by_rule_the_gap_counts_in_robust_deviations_on_the_worse_side_only)
{
    float x[COACH_N_FEATURES], median[COACH_N_FEATURES], mad[COACH_N_FEATURES];
    for (int i = 0; i < COACH_N_FEATURES; i++)
        x[i] = median[i] = mad[i] = NAN;
    int speed = COACH_F_speed_to_lead_min_30d, calls = COACH_F_calls_30d, texts = COACH_F_texts_30d;
    x[speed] = 14.826f, median[speed] = 0,
    mad[speed] = 5;                                      /* less is better: (14.826 - 0) / (1.4826 * 5) = 2 */
    x[calls] = 120, median[calls] = 90, mad[calls] = 10; /* better than the office */
    x[texts] = 0, median[texts] = 90, mad[texts] = 1;    /* 60 deviations, cut at 3 */
    CoachStanding st;
    coach_standing_rule(x, median, mad, &st);
    assert_true(st.by_rule);
    T_NEAR(2.0, st.behind[speed], 1e-5);
    T_NEAR(0.0, st.behind[calls], 0);
    T_NEAR(3.0, st.behind[texts], 0);
    T_NEAR(0.0, st.behind[COACH_F_offers_30d], 0);
}

T_MAIN(T(the_intervention_that_addresses_more_of_the_shortfall_comes_first),
       T(with_shap_no_more_can_be_gained_than_is_lost),
       T(an_agent_on_the_good_side_of_the_median_is_left_alone), T(limits_hold_back_what_would_help),
       T(a_disabled_intervention_is_never_chosen_and_does_not_count),
       T(at_most_three_the_best_first_and_ties_in_the_order_of_the_playbook),
       T(by_rule_the_gap_counts_in_robust_deviations_on_the_worse_side_only))
