/* Expected values: by hand, as shown. */
#include "base/mem.h"
#include "harness/t.h"
#include "insight/insight_uplift.h"

#include <math.h>
#include <stdio.h>

enum { N = 36 };

/* Three groups of twelve; the effect of row i is its group's plus a swing that adds up to 0 in each half of a group. */
typedef struct Rows {
    InsightData d;
    InsightScores s;
    double t[N], e[N], effect[N], residual[N];
    int32_t group[N], cluster[N];
} Rows;

static void fill(Rows *r)
{
    static const double OF[3] = {1, 3, 0.5}, SWING[6] = {1, -1, 2, -2, 0.5, -0.5};
    *r = (Rows){.d = {.n = N, .t = r->t},
                .s = {.n = N, .e = r->e, .effect = r->effect, .residual = r->residual}};
    for (int i = 0; i < N; i++) {
        r->group[i] = i / 12;
        r->t[i] = i % 2;
        r->e[i] = 0.5;
        r->effect[i] = OF[i / 12] + SWING[i % 6];
        r->cluster[i] = i / 3;
    }
}

static InsightBreakdown named(int n)
{
    InsightBreakdown b = {.name = "g", .n = n};
    for (int g = 0; g < n; g++)
        snprintf(b.part[g].name, sizeof b.part[g].name, "g%d", g);
    return b;
}

TEST(holm_multiplies_the_least_p_by_all_and_never_goes_down)
{
    static const double P[] = {0.01, 0.04, 0.03, 0.005, NAN};
    double adjusted[5];
    insight_holm(P, 5, adjusted);
    T_NEAR(0.03, adjusted[0], 1e-15); /* 3 x 0.01 */
    T_NEAR(0.06, adjusted[1], 1e-15); /* 0.04, raised to that of 0.03 */
    T_NEAR(0.06, adjusted[2], 1e-15); /* 2 x 0.03 */
    T_NEAR(0.02, adjusted[3], 1e-15); /* 4 x 0.005 */
    assert_true(isnan(adjusted[4]));
    insight_holm((const double[]){0.7, 0.9}, 2, adjusted);
    assert_true(adjusted[0] == 1 && adjusted[1] == 1);
}

TEST(groups_have_means_with_their_own_errors)
{
    Rows r;
    Err err = {0};
    fill(&r);
    InsightBreakdown b = named(3);
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &b, &err), err);
    /* The squares of a group's swings add up to 2 x 10.5 = 21: variance 21 / 11, error of the mean sqrt(21 / 11 / 12). */
    double se = sqrt(21.0 / 11 / 12);
    static const double OF[3] = {1, 3, 0.5};
    for (int g = 0; g < 3; g++) {
        T_NEAR(OF[g], b.part[g].effect.estimate, 1e-12);
        T_NEAR(se, b.part[g].effect.se, 1e-12);
        T_NEAR(10, b.part[g].effect.df, 1e-9); /* six rows in each arm */
        T_NEAR(b.part[g].effect.estimate - 2.2281388519649 * se, b.part[g].effect.low,
               1e-9); /* qt(0.975, 10) */
        assert_true(b.part[g].low_all < b.part[g].effect.low && b.part[g].high_all > b.part[g].effect.high);
        assert_int_equal(12, b.part[g].n);
        assert_int_equal(6, b.part[g].n_treated);
    }
    /* Equal groups of equal variance: the F of one-way analysis of variance, 12 x var of the means over the variance. */
    double grand = 1.5, between = 12 * ((1 - grand) * (1 - grand) + 2.25 + 1) / 2;
    T_NEAR(between / (21.0 / 11), b.f, 1e-9);
    assert_int_equal(2, b.df);
}

/* Five treated with chances 1/2 (four) and 1/4, residuals 1 and 3, and five controls that are as expected. */
TEST(unequal_chances_are_weights_of_an_arm)
{
    Rows r;
    Err err = {0};
    fill(&r);
    for (int i = 0; i < N; i++) {
        bool last = i == 9;
        r.group[i] = i < 10 ? 0 : -1;
        r.e[i] = last ? 0.25 : 0.5;
        r.residual[i] = i % 2 == 0 ? 0 : last ? 3 : 1;
        r.effect[i] = r.residual[i] / r.e[i];
    }
    InsightBreakdown b = named(1);
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &b, &err), err);
    /* Weights 2, 2, 2, 2, 4 are 5/3 and 10/3 when they sum to ten rows; (8 + 12) / 12 is their mean residual. Less it, each
     * times 1 / (1 - its share of the arm): -4/3 and 20/3, in sum 4/3, of which each gives its share: -14/9 and 56/9. */
    double square = 4 * pow(14.0 / 9, 2) + pow(56.0 / 9, 2);
    T_NEAR(20.0 / 12, b.part[0].effect.estimate, 1e-12);
    T_NEAR(sqrt(square / 9 / 10), b.part[0].effect.se, 1e-12);
    T_NEAR(4.5, b.part[0].effective, 1e-12); /* 12^2 / (4 x 4 + 16) */
    T_NEAR(3.5, b.part[0].effect.df, 1e-12); /* the controls have no spread */
}

TEST(clusters_widen_what_hangs_together)
{
    Rows r;
    Err err = {0};
    fill(&r);
    for (int i = 0; i < N; i++)
        r.effect[i] = r.group[i] + (r.cluster[i] % 2 ? 1 : -1); /* all of a cluster the same */
    InsightBreakdown alone = named(3), together = named(3);
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &alone, &err), err);
    r.d.cluster = (InsightIds){.id = r.cluster, .n = N / 3};
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &together, &err), err);
    T_NEAR(sqrt(12.0 / 11 / 12), alone.part[0].effect.se, 1e-12);
    T_NEAR(sqrt(4.0 / 3 / 4), together.part[0].effect.se, 1e-12); /* the mean of four clusters */
    T_NEAR(3, together.part[0].effect.df, 1e-9);
}

TEST(a_group_without_enough_of_both_arms_has_no_answer_and_the_others_do)
{
    Rows r;
    Err err = {0};
    fill(&r);
    for (int i = 0; i < 12; i++)
        r.t[i] = 1;
    InsightBreakdown b = named(3);
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &b, &err), err);
    assert_true(isnan(b.part[0].effect.estimate) && isnan(b.part[0].p_holm));
    T_NEAR(3, b.part[1].effect.estimate, 1e-12);
    assert_int_equal(1, b.df);
    for (int i = 0; i < N; i++)
        r.t[i] = 1;
    InsightBreakdown none = named(3);
    T_OK(insight_break_down(&r.d, &r.s, r.group, 0.95, NULL, &none, &err), err);
    assert_true(isnan(none.p) && isnan(none.part[2].effect.estimate));
}

T_MAIN(T(holm_multiplies_the_least_p_by_all_and_never_goes_down), T(groups_have_means_with_their_own_errors),
       T(unequal_chances_are_weights_of_an_arm), T(clusters_widen_what_hangs_together),
       T(a_group_without_enough_of_both_arms_has_no_answer_and_the_others_do))
