/* Beliefs by hand, propensities against the frequencies of draws, values from a log against known policies. */
#include "coach/coach_learn.h"
#include "harness/t.h"

#include <math.h>

TEST(an_estimate_weighs_by_its_precision_and_reaches_other_tiers_by_what_they_share)
{
    CoachBelief b = coach_belief(0.3);
    /* Prior variance 0.15^2 + 0.25^2 = 0.085, shared 0.0225. An estimate of 0.8 with se 0.2:
     * gain = 0.085 / (0.085 + 0.04) = 0.68: mean 0.3 + 0.68 * 0.5 = 0.64, variance 0.085 * 0.32 = 0.0272;
     * another tier: 0.3 + 0.0225 / 0.125 * 0.5 = 0.39, variance 0.085 - 0.0225^2 / 0.125 = 0.08095 */
    coach_learn_estimate(&b, COACH_TIER_NEW, 0.8, 0.2);
    T_NEAR(0.64, b.mean[COACH_TIER_NEW], 1e-12);
    T_NEAR(sqrt(0.0272), coach_belief_sd(&b, COACH_TIER_NEW), 1e-12);
    T_NEAR(0.39, b.mean[COACH_TIER_TOP], 1e-12);
    T_NEAR(0.08095, b.cov[COACH_TIER_TOP][COACH_TIER_TOP], 1e-12);
}

TEST(a_study_over_several_tiers_moves_each_by_its_part)
{
    /* h = (1/4, 0, 1/2, 0); cov h = (0.0325, 0.016875, 0.048125, 0.016875), h' cov h = 0.0321875, with se 0.2 total
     * 0.0721875; expected 0.75 * 0.3 = 0.225, seen 0.5 */
    CoachBelief b = coach_belief(0.3);
    coach_learn_study(&b, (const double[]){0.25, 0, 0.5, 0}, 0.5, 0.2);
    T_NEAR(0.3 + 0.0325 / 0.0721875 * 0.275, b.mean[COACH_TIER_NEW], 1e-12);
    T_NEAR(0.3 + 0.016875 / 0.0721875 * 0.275, b.mean[COACH_TIER_TOP], 1e-12);
    T_NEAR(0.085 - 0.048125 * 0.048125 / 0.0721875, b.cov[COACH_TIER_MIDDLE][COACH_TIER_MIDDLE], 1e-12);
    assert_int_equal(b.n[COACH_TIER_NEW], 1);
    assert_int_equal(b.n[COACH_TIER_LOW], 0);
}

TEST(the_order_of_outcomes_does_not_matter)
{
    CoachBelief a = coach_belief(0.3), b = coach_belief(0.3);
    coach_learn_change(&a, COACH_TIER_LOW, 0.4, 0.3, 0.1);
    coach_learn_change(&a, COACH_TIER_TOP, 0.2, -0.1, 0.05);
    coach_learn_change(&b, COACH_TIER_TOP, 0.2, -0.1, 0.05);
    coach_learn_change(&b, COACH_TIER_LOW, 0.4, 0.3, 0.1);
    for (int t = 0; t < COACH_N_TIERS; t++)
        T_NEAR(a.mean[t], b.mean[t], 1e-14);
}

TEST(a_goal_reached_raises_the_belief_and_a_missed_one_lowers_it)
{
    /* At margin -0.15, share 0.5, mean 0.3: p = 0.5, weight 0.25, off = +-2, gain = 0.085 * 0.5 / (0.25 * 0.085 + 4) */
    double gain = 0.0425 / 4.02125;
    CoachBelief up = coach_belief(0.3), down = coach_belief(0.3);
    coach_learn_goal(&up, COACH_TIER_LOW, 0.5, -0.15, true);
    coach_learn_goal(&down, COACH_TIER_LOW, 0.5, -0.15, false);
    T_NEAR(0.3 + 2 * gain, up.mean[COACH_TIER_LOW], 1e-12);
    T_NEAR(0.3 - 2 * gain, down.mean[COACH_TIER_LOW], 1e-12);
}

TEST(what_is_not_finite_teaches_nothing)
{
    CoachBelief b = coach_belief(0.3);
    coach_learn_estimate(&b, COACH_TIER_LOW, NAN, 0.1);
    coach_learn_estimate(&b, COACH_TIER_LOW, 1, 0);
    coach_learn_estimate(&b, COACH_TIER_LOW, 1, INFINITY);
    coach_learn_change(&b, COACH_TIER_LOW, 0, 1, 1);
    coach_learn_change(&b, COACH_TIER_LOW, 0.5, 1, -1);
    assert_int_equal(b.n[COACH_TIER_LOW], 0);
    T_NEAR(0.3, b.mean[COACH_TIER_LOW], 0);
}

TEST(tiers_follow_tenure_then_the_thirds_of_closings)
{
    static const struct {
        double tenure, closings;
        CoachTier tier;
    } ROWS[] = {{364, 30, COACH_TIER_NEW}, {365, 3, COACH_TIER_LOW},   {NAN, 4, COACH_TIER_MIDDLE},
                {800, 9, COACH_TIER_TOP},  {800, NAN, COACH_TIER_LOW}, {800, 8, COACH_TIER_MIDDLE}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        assert_int_equal(coach_tier(ROWS[i].tenure, ROWS[i].closings, (CoachThirds){3, 8}), ROWS[i].tier);
    assert_int_equal(coach_tier(800, 2, (CoachThirds){2, 2}), COACH_TIER_MIDDLE); /* all closed the same */
}

/* ---- choice -------------------------------------------------------------------------------------------------------- */

typedef struct Case {
    CoachPlay plays[4];
    CoachPlaybook book;
    CoachBelief beliefs[4];
    CoachOpen open[4];
} Case;

static void setup(Case *c, double most)
{
    static const double PRIOR[] = {0.3, 0.4, 0.1, -0.6}, SHARE[] = {0.5, 0.4, 1, 0.8};
    *c = (Case){.book = {c->plays, 4}};
    for (int k = 0; k < 4; k++) {
        c->plays[k] = (CoachPlay){.enabled = true, .prior_effect = PRIOR[k]};
        c->beliefs[k] = coach_belief(PRIOR[k]);
        c->open[k] = (CoachOpen){.play = k, .share = SHARE[k], .most = most};
    }
}

static void frequencies_match(double most, int n_open)
{
    enum { DRAWS = 200000 };
    Case c;
    double p[4], seen[4] = {0}, sum = 0;
    StatsRng rng;
    stats_seed(&rng, 5);
    setup(&c, most);
    coach_learn_propensity(c.beliefs, COACH_TIER_LOW, c.open, n_open, p);
    for (int i = 0; i < DRAWS; i++) {
        CoachChoice out[COACH_CHOICES];
        double own;
        int n = coach_learn_choose(&c.book, c.beliefs, COACH_TIER_LOW, c.open, n_open, 0.2, &rng, out, &own);
        if (n == 0)
            continue;
        T_NEAR(p[out[0].play], own, 1e-15);
        seen[out[0].play]++;
    }
    for (int k = 0; k < n_open; k++) {
        T_NEAR(seen[k] / DRAWS, p[k], 0.005); /* four standard errors of a share of one half */
        assert_true(p[k] >= COACH_LEARN_EXPLORE / n_open);
        sum += p[k];
    }
    assert_true(sum <= 1 + 1e-6);
}

TEST(the_propensity_is_the_share_of_draws_that_choose_it)
{
    frequencies_match(INFINITY, 4);
    frequencies_match(INFINITY, 1);
}

TEST(the_propensity_counts_ties_at_the_cap_for_the_earlier_one)
{
    frequencies_match(0.12, 4);
}

/* The integral on a grid that is fine enough for any width, written down again from the formula. */
static double first_by_grid(const Case *c, int n, int k)
{
    enum { GRID = 200000 };
    double mean[4], sd[4], p = 0, step = 3.0 / GRID;
    for (int j = 0; j < n; j++) {
        mean[j] = c->beliefs[j].mean[COACH_TIER_LOW] * c->open[j].share;
        sd[j] = coach_belief_sd(&c->beliefs[j], COACH_TIER_LOW) * c->open[j].share;
    }
    for (int i = 0; i < GRID; i++) {
        double x = (i + 0.5) * step;
        if (x > c->open[k].most)
            break;
        double v = (x - mean[k]) / sd[k], all = exp(-v * v / 2) / sqrt(2 * M_PI) / sd[k] * step;
        for (int j = 0; j < n && all > 1e-12; j++)
            if (j != k && x < c->open[j].most)
                all *= 0.5 * erfc(-(x - mean[j]) / sd[j] / M_SQRT2);
        p += all;
    }
    double at =
        c->open[k]
            .most; /* what lies above the cap is at the cap: before the later ones that are there, too */
    if (isfinite(at)) {
        double all = 0.5 * erfc((at - mean[k]) / sd[k] / M_SQRT2);
        for (int j = 0; j < n; j++)
            if (j != k && (at < c->open[j].most || (at <= c->open[j].most && j < k)))
                all *= 0.5 * erfc(-(at - mean[j]) / sd[j] / M_SQRT2);
        p += all;
    }
    return p;
}

TEST(propensities_are_the_integral_and_add_up_to_one_for_beliefs_of_any_width)
{
    StatsRng rng;
    stats_seed(&rng, 8);
    for (int run = 0; run < 12; run++) {
        Case c;
        double p[4], sum = 0, none = 1;
        setup(&c, INFINITY);
        for (int k = 0; k < 4; k++) {
            double sd = 0.01 + 0.3 * stats_uniform(&rng);
            c.beliefs[k].mean[COACH_TIER_LOW] = 0.4 * stats_uniform(&rng) - 0.05;
            c.beliefs[k].cov[COACH_TIER_LOW][COACH_TIER_LOW] = sd * sd;
            c.open[k].share = 0.05 + 0.5 * stats_uniform(&rng);
            c.open[k].most = run % 2 ? 0.02 + 0.1 * stats_uniform(&rng) : INFINITY;
            none *= 0.5 * erfc(c.beliefs[k].mean[COACH_TIER_LOW] / sd / M_SQRT2);
        }
        coach_learn_propensity(c.beliefs, COACH_TIER_LOW, c.open, 4, p);
        for (int k = 0; k < 4; k++) {
            T_NEAR(0.98 * first_by_grid(&c, 4, k) + 0.02 / 4, p[k], 0.002);
            sum += p[k];
        }
        T_NEAR(0.98 * (1 - none) + 0.02, sum, 1e-9);
    }
}

TEST(nothing_open_is_no_choice)
{
    Case c;
    CoachChoice out[COACH_CHOICES];
    double p = 0;
    StatsRng rng;
    stats_seed(&rng, 5);
    setup(&c, INFINITY);
    assert_int_equal(coach_learn_choose(&c.book, c.beliefs, COACH_TIER_LOW, c.open, 0, 0, &rng, out, &p), 0);
    assert_true(isnan(p));
}

/* ---- the log ------------------------------------------------------------------------------------------------------- */

/* Two actions, drawn with 0.8 and 0.2, which reach with 0.3 and 0.6. "Always the second" is worth 0.6 whatever the model of
 * the reward says; the mean of the log is 0.36. */
TEST(the_value_of_another_choice_is_found_in_the_log_whatever_the_model_says)
{
    enum { N = 40000 };
    static CoachLogged log[N];
    StatsEstimate e;
    Err err;
    for (int bad = 0; bad < 2; bad++) {
        StatsRng rng;
        stats_seed(&rng, 9);
        for (int i = 0; i < N; i++) {
            bool second = stats_uniform(&rng) < 0.2;
            log[i] = (CoachLogged){.logged_p = second ? 0.2 : 0.8,
                                   .judged_p = second,
                                   .reward = stats_uniform(&rng) < (second ? 0.6 : 0.3),
                                   .expected = bad      ? 0.9
                                               : second ? 0.6
                                                        : 0.3,
                                   .judged_expected = bad ? 0.9 : 0.6,
                                   .agent = i / 10};
        }
        T_OK(coach_learn_value(log, N, N / 10, &e, &err), err);
        T_NEAR(0.6, e.estimate, 0.02);
        assert_true(e.low < 0.6 && 0.6 < e.high);
        T_OK(coach_learn_ratio(log, N, N / 10, &e, &err), err);
        T_NEAR(0.6, e.estimate, 0.02);
        assert_true(e.low < 0.6 && 0.6 < e.high);
    }
}

TEST(a_decision_without_a_chance_cannot_be_judged)
{
    CoachLogged log[] = {{.logged_p = 0.5, .agent = 0}, {.logged_p = 0, .agent = 1}};
    StatsEstimate e;
    Err err;
    assert_int_equal(coach_learn_value(log, 2, 2, &e, &err), ERR_INVALID);
    T_STR("decision 2: a propensity of 0", str_from(err.msg));
    assert_int_equal(coach_learn_value(log, 1, 1, &e, &err), ERR_INVALID);
}

TEST(the_ratio_is_a_weighted_mean_and_says_how_many_decisions_it_is_worth)
{
    /* weights 2, 4, 0, 2: (2 * 1 + 4 * 0 + 2 * 0.5) / 8; 8^2 / (4 + 16 + 4) */
    static const CoachLogged LOG[] = {{.logged_p = 0.5, .judged_p = 1, .reward = 1, .agent = 0},
                                      {.logged_p = 0.25, .judged_p = 1, .reward = 0, .agent = 1},
                                      {.logged_p = 0.5, .judged_p = 0, .reward = 9, .agent = 2},
                                      {.logged_p = 0.5, .judged_p = 1, .reward = 0.5, .agent = 1}};
    StatsEstimate e;
    Err err;
    T_OK(coach_learn_ratio(LOG, 4, 3, &e, &err), err);
    T_NEAR(0.375, e.estimate, 1e-12);
    T_NEAR(64.0 / 24, coach_learn_effective(LOG, 4), 1e-12);
    assert_int_equal(coach_learn_ratio(LOG + 1, 2, 3, &e, &err), ERR_INVALID); /* one agent */
    T_NEAR(0, coach_learn_effective(LOG + 2, 1), 0);
}

/* 60 agents with a level of their own, five decisions each, two actions with 0.7 and 0.3: the second is worth 0.2. */
TEST(intervals_of_values_hold_in_19_of_20_logs)
{
    enum { RUNS = 500, AGENTS = 60, EACH = 5, N = AGENTS * EACH };
    StatsRng rng;
    int value = 0, ratio = 0;
    stats_seed(&rng, 11);
    for (int run = 0; run < RUNS; run++) {
        CoachLogged log[N];
        StatsEstimate e;
        Err err;
        for (int a = 0; a < AGENTS; a++) {
            double own = 0.3 * stats_normal(&rng);
            for (int i = 0; i < EACH; i++) {
                bool second = stats_uniform(&rng) < 0.3;
                log[a * EACH + i] =
                    (CoachLogged){.logged_p = second ? 0.3 : 0.7,
                                  .judged_p = second,
                                  .reward = own + (second ? 0.2 : -0.1) + 0.5 * stats_normal(&rng),
                                  .expected = second ? 0.1 : 0,
                                  .judged_expected = 0.1,
                                  .agent = a};
            }
        }
        T_OK(coach_learn_value(log, N, AGENTS, &e, &err), err);
        value += e.low < 0.2 && 0.2 < e.high;
        T_OK(coach_learn_ratio(log, N, AGENTS, &e, &err), err);
        ratio += e.low < 0.2 && 0.2 < e.high;
    }
    /* three standard errors of a share of 0.95 of 500 are 0.029 */
    T_NEAR(0.95, (double)value / RUNS, 0.03);
    T_NEAR(0.95, (double)ratio / RUNS, 0.03);
}

T_MAIN(T(an_estimate_weighs_by_its_precision_and_reaches_other_tiers_by_what_they_share),
       T(a_study_over_several_tiers_moves_each_by_its_part), T(the_order_of_outcomes_does_not_matter),
       T(a_goal_reached_raises_the_belief_and_a_missed_one_lowers_it), T(what_is_not_finite_teaches_nothing),
       T(tiers_follow_tenure_then_the_thirds_of_closings),
       T(the_propensity_is_the_share_of_draws_that_choose_it),
       T(the_propensity_counts_ties_at_the_cap_for_the_earlier_one),
       T(propensities_are_the_integral_and_add_up_to_one_for_beliefs_of_any_width),
       T(nothing_open_is_no_choice),
       T(the_value_of_another_choice_is_found_in_the_log_whatever_the_model_says),
       T(a_decision_without_a_chance_cannot_be_judged),
       T(the_ratio_is_a_weighted_mean_and_says_how_many_decisions_it_is_worth),
       T(intervals_of_values_hold_in_19_of_20_logs))
