/* Decisions as they are kept, judged by hand, and values of other choices against the truth of a simulated log. */
#include "base/mem.h"
#include "coach/coach_evaluate.h"
#include "harness/t.h"

#include <math.h>
#include <string.h>

static double sigmoid(double v)
{
    return 1 / (1 + exp(-v));
}

static const char CHOICE[] =
    "{\"tier\":\"low\",\"margin\":-0.5,\"open\":["
    "{\"key\":\"a\",\"share\":0.5,\"most\":null,\"prior\":0.4,\"mean\":0.2,\"p\":0.25},"
    "{\"key\":\"b\",\"share\":0.5,\"most\":0.05,\"prior\":0.3,\"mean\":0.6,\"p\":0.15},"
    "{\"key\":\"c\",\"share\":0.2,\"most\":1,\"prior\":0.1,\"mean\":0.1,\"p\":0.4}]}";

TEST(a_decision_is_judged_by_what_was_open_and_the_chances_of_that_day)
{
    CoachDecided d;
    assert_true(coach_decided_parse(str_from(CHOICE), STR("a"), &d));
    d.gain = 0.03;
    /* 0.8 of the chance was on a suggestion. By the priors: a (0.2) before b, which is cut at 0.05, and c; by the belief: a
     * (0.1), too. */
    double a = sigmoid(-0.5 + 0.1) - sigmoid(-0.5);
    CoachLogged l = coach_evaluate_log(&d, COACH_JUDGED_PRIOR);
    T_NEAR(0.25 / 0.8, l.logged_p, 1e-12);
    T_NEAR(1, l.judged_p, 0);
    T_NEAR(0.03, l.reward, 0);
    T_NEAR(a, l.expected, 1e-12);
    T_NEAR(a, l.judged_expected, 1e-12);
    l = coach_evaluate_log(&d, COACH_JUDGED_DONE);
    T_NEAR(l.logged_p, l.judged_p, 0);
    coach_decided_done(&d);
    assert_true(coach_decided_parse(str_from(CHOICE), STR("c"), &d));
    l = coach_evaluate_log(&d, COACH_JUDGED_LEARNED);
    T_NEAR(0.5, l.logged_p, 1e-12);
    T_NEAR(0, l.judged_p, 0);
    T_NEAR(sigmoid(-0.5 + 0.02) - sigmoid(-0.5), l.expected, 1e-12);
    T_NEAR(a, l.judged_expected, 1e-12);
    coach_decided_done(&d);
}

TEST(a_choice_that_cannot_be_read_is_no_decision)
{
    static const char *const BAD[] = {
        "",
        "[]",
        "{}",
        "{\"margin\":1,\"open\":[]}",
        "{\"margin\":1,\"open\":[{\"key\":\"a\"}]}",
        "{\"open\":[{\"key\":\"a\",\"share\":1,\"prior\":1,\"mean\":1,\"p\":1}]}",
        "{\"margin\":1,\"open\":[{\"key\":\"a\",\"share\":1,\"prior\":1,\"mean\":1,\"p\":2}]}",
        "{\"margin\":1,\"open\":[{\"key\":\"a\",\"share\":1,\"prior\":1,\"mean\":1,\"p\":0}]}",
        "{\"margin\":1,\"open\":[{\"key\":\"b\",\"share\":1,\"prior\":1,\"mean\":1,\"p\":1}]}"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        CoachDecided d;
        assert_false(coach_decided_parse(str_from(BAD[i]), STR("a"), &d));
    }
}

/* A log of two actions that are drawn with 0.6 and 0.4; the prior takes the first (gain 0.01), the belief the second (0.06). */
static void simulate(CoachDecided *list, CoachChance *open, int n, StatsRng *rng)
{
    for (int i = 0; i < n; i++) {
        bool second = stats_uniform(rng) < 0.4;
        open[2 * i] = (CoachChance){.share = 1, .most = INFINITY, .prior = 0.4, .mean = 0.1, .p = 0.6};
        open[2 * i + 1] = (CoachChance){.share = 1, .most = INFINITY, .prior = 0.2, .mean = 0.3, .p = 0.4};
        list[i] = (CoachDecided){.open = &open[2 * i],
                                 .n_open = 2,
                                 .taken = second,
                                 .gain = (second ? 0.06 : 0.01) + 0.1 * stats_normal(rng),
                                 .agent = i / 4};
    }
}

TEST(other_choices_are_valued_without_bias)
{
    enum { N = 200, RUNS = 300 };
    static CoachDecided list[N];
    static CoachChance open[2 * N];
    static const double TRUTH[COACH_N_JUDGED] = {0.03, 0.01, 0.06};
    double robust[COACH_N_JUDGED] = {0}, ratio[COACH_N_JUDGED] = {0};
    int inside = 0;
    StatsRng rng;
    stats_seed(&rng, 21);
    for (int run = 0; run < RUNS; run++) {
        simulate(list, open, N, &rng);
        for (int j = 0; j < COACH_N_JUDGED; j++) {
            CoachJudgement v = coach_evaluate_judge(list, N, N / 4, (CoachJudged)j);
            assert_string_equal(v.refusal, "");
            robust[j] += v.robust.estimate / RUNS;
            ratio[j] += v.ratio.estimate / RUNS;
            inside += v.robust.low < TRUTH[j] && TRUTH[j] < v.robust.high;
        }
    }
    for (int j = 0; j < COACH_N_JUDGED;
         j++) { /* the error of one value is below 0.02: four of them by the root of 300 */
        T_NEAR(TRUTH[j], robust[j], 4 * 0.02 / sqrt(RUNS));
        T_NEAR(TRUTH[j], ratio[j], 4 * 0.02 / sqrt(RUNS));
    }
    T_NEAR(0.95, (double)inside / (RUNS * COACH_N_JUDGED), 0.03);
}

TEST(a_log_that_holds_too_little_is_refused)
{
    enum { N = 60 };
    static CoachDecided list[N];
    static CoachChance open[2 * N];
    StatsRng rng;
    stats_seed(&rng, 2);
    simulate(list, open, N, &rng);
    CoachJudgement done = coach_evaluate_judge(list, N, N / 4, COACH_JUDGED_DONE);
    CoachJudgement learned = coach_evaluate_judge(list, N, N / 4, COACH_JUDGED_LEARNED);
    assert_string_equal(done.refusal, "");
    T_NEAR(N, done.effective, 1e-9);
    assert_true(learned.effective < COACH_EVALUATE_LEAST);
    assert_non_null(strstr(learned.refusal, "at least 30"));
}

T_MAIN(T(a_decision_is_judged_by_what_was_open_and_the_chances_of_that_day),
       T(a_choice_that_cannot_be_read_is_no_decision), T(other_choices_are_valued_without_bias),
       T(a_log_that_holds_too_little_is_refused))
