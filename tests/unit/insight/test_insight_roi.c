/* Expected values by hand; variance of a product of independent factors: Goodman 1960. */
#include "base/file.h"
#include "base/mem.h"
#include "harness/t.h"
#include "insight/insight_roi_table.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static InsightRoiGiven given(void)
{
    InsightRoiGiven g = {.agents = 10, .months = 6, .fiscal_start = 1, .from_month = -1};
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++)
        g.input[k].role = (InsightRoiRole)k;
    return g;
}

static void give(InsightRoiGiven *g, InsightRoiRole role, double mean, double se)
{
    g->has[role] = true;
    g->input[role].mean = mean;
    g->input[role].se = se;
}

static InsightRoiGiven usual(void)
{
    InsightRoiGiven g = given();
    give(&g, INSIGHT_ROI_EFFECT, 0.1, 0.04);
    give(&g, INSIGHT_ROI_COMMISSION, 9000, 1500);
    give(&g, INSIGHT_ROI_SPLIT, 0.3, 0.02);
    give(&g, INSIGHT_ROI_COACH_HOURS, 2, 0);
    give(&g, INSIGHT_ROI_COACH_RATE, 60, 0);
    give(&g, INSIGHT_ROI_LICENCE, 49, 0);
    give(&g, INSIGHT_ROI_FIXED, 500, 0);
    return g;
}

static void reckon(const InsightRoiGiven *g, const char *csv, const char *by, InsightRoiTable **t,
                   InsightRoi **r)
{
    Err err = {0};
    char path[] = "/tmp/ehub-roi-XXXXXX";
    if (csv) {
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        close(fd);
        T_OK(file_write(path, str_from(csv), 0600, &err), err);
    }
    ErrKind kind = insight_roi_table(g, csv ? path : NULL, by, t, &err);
    unlink(path);
    T_OK(kind, err);
    (*t)->plan.level = 0.95;
    (*t)->plan.seed = 7;
    T_OK(insight_roi(&(*t)->plan, r, &err), err);
}

TEST(net_is_closings_times_commission_and_split_minus_hours_licence_and_what_is_fixed)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = usual();
    reckon(&g, NULL, NULL, &t, &r);
    T_NEAR(60 * 0.1 * 9000 * 0.3, r->total.value.estimate, 1e-9);   /* 16,200 */
    T_NEAR(60 * (2 * 60 + 49) + 500, r->total.cost.estimate, 1e-9); /* 10,640 */
    T_NEAR(5560, r->total.net.estimate, 1e-9);
    T_NEAR(5560.0 / 10640, r->total.ratio.estimate, 1e-12);
    T_NEAR(10640.0 / (60 * 9000 * 0.3), r->total.break_even_effect, 1e-12);
    T_NEAR(49 + 5560.0 / 60, r->total.break_even_licence, 1e-9);
    T_NEAR(7200, r->total.coach_cost, 1e-9);
    T_NEAR(60 * 49, r->total.licence_cost, 1e-9);
}

TEST(the_uncertainty_of_every_factor_is_carried_through)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = usual();
    reckon(&g, NULL, NULL, &t, &r);
    double e = 0.1 * 0.1, c = 9000.0 * 9000, s = 0.3 * 0.3;
    double exact = 60 * sqrt((e + 0.04 * 0.04) * (c + 1500.0 * 1500) * (s + 0.02 * 0.02) - e * c * s);
    double delta = 16200 * sqrt(0.16 + 1.0 / 36 + 4.0 / 900); /* squares of se / mean */
    T_NEAR(delta, r->total.net_se_delta, 1e-6);
    T_NEAR(exact, r->total.net.se, 0.03 * exact);
    T_NEAR(16200 - 10640, r->total.net.estimate, 1e-9);
    assert_true(r->total.net.low < 0 && r->total.net.high > 15000);
    assert_int_equal(INSIGHT_ROI_EFFECT, t->plan.input[r->move[0].input].role);
    T_NEAR(0.16 / (0.16 + 1.0 / 36 + 4.0 / 900), r->move[0].share, 1e-9);
}

TEST(the_chance_of_paying_back_is_that_of_the_effect_beyond_break_even)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = given();
    give(&g, INSIGHT_ROI_EFFECT, 0.1, 0.05);
    give(&g, INSIGHT_ROI_COMMISSION, 1000, 0);
    give(&g, INSIGHT_ROI_LICENCE, 50, 0);
    reckon(&g, NULL, NULL, &t, &r);
    /* break-even effect 0.05, one standard error below: 84.13 %; net 60 (100 e - 50), between e = 0.1 -+ 1.96 x 0.05. */
    T_NEAR(0.8413, r->total.pays_back, 0.01);
    T_NEAR(60 * (1000 * (0.1 - 1.95996 * 0.05) - 50), r->total.net.low, 100);
    T_NEAR(60 * (1000 * (0.1 + 1.95996 * 0.05) - 50), r->total.net.high, 100);
}

TEST(lines_that_share_an_effect_do_not_average_its_uncertainty_out)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *one = NULL, *own = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *a = NULL, *b = NULL;
    InsightRoiGiven g = given();
    give(&g, INSIGHT_ROI_EFFECT, 0.1, 0.04);
    give(&g, INSIGHT_ROI_COMMISSION, 1000, 0);
    reckon(&g, "office,agents\nA,10\nB,10\nC,10\nD,10\n", NULL, &one, &a);
    reckon(
        &g,
        "office,agents,effect,effect_se\nA,10,0.1,0.04\nB,10,0.11,0.04\nC,10,0.09,0.04\nD,10,0.1,0.0400001\n",
        NULL, &own, &b);
    assert_int_equal(4, one->plan.n_groups);
    T_NEAR(240 * 1000 * 0.04, a->total.net_se_delta, 1e-6);
    T_NEAR(120 * 1000 * 0.04, b->total.net_se_delta, 0.01); /* four independent ones: half */
    T_NEAR(a->total.net_se_delta, a->total.net.se, 0.03 * a->total.net_se_delta);
    T_NEAR(b->total.net_se_delta, b->total.net.se, 0.03 * b->total.net_se_delta);
    T_NEAR(60 * 1000 * 0.04, b->group[1].net_se_delta, 1e-6);
}

TEST(rows_are_summed_by_the_column_asked_for_and_by_fiscal_year)
{
    static const char CSV[] =
        "coach,office,month,agents,months,licence\nx,A,2024-06,10,1,5\ny,A,2024-07-15,20,1,5\n"
        "x,B,2025-06,30,1,\n";
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = given();
    g.fiscal_start = 7;
    give(&g, INSIGHT_ROI_EFFECT, 0.1, 0.04);
    give(&g, INSIGHT_ROI_COMMISSION, 1000, 0);
    give(&g, INSIGHT_ROI_LICENCE, 7, 0);
    reckon(&g, CSV, "coach", &t, &r);
    assert_string_equal("x", t->plan.group[0]);
    T_NEAR(40, r->group[0].agent_months, 0);
    T_NEAR(10 * 5 + 30 * 7, r->group[0].cost.estimate, 1e-9); /* the empty cell takes what is given for all */
    assert_int_equal(2, t->plan.n_periods);
    assert_string_equal("FY2024", t->plan.period[0]);
    T_NEAR(10, r->period[0].agent_months, 0);
    T_NEAR(50, r->period[1].agent_months, 0); /* July 2024 and June 2025 */
}

TEST(without_a_table_the_months_fall_into_fiscal_years)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = usual();
    g.months = 14;
    g.from_month = 2024 * 12 + 4; /* May */
    g.fiscal_start = 7;
    reckon(&g, NULL, NULL, &t, &r);
    assert_int_equal(2, t->plan.n_periods);
    T_NEAR(20, r->period[0].agent_months, 0);
    T_NEAR(120, r->period[1].agent_months, 0);
    T_NEAR(500, r->period[0].fixed_cost, 0);
    T_NEAR(0, r->period[1].fixed_cost, 0);
}

TEST(totals_are_spread_over_agents_and_months)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *r = NULL;
    InsightRoiGiven g = given();
    g.totals = true;
    give(&g, INSIGHT_ROI_EFFECT, 0.1, 0);
    give(&g, INSIGHT_ROI_COMMISSION, 1000, 0);
    give(&g, INSIGHT_ROI_COACH_HOURS, 120, 0);
    give(&g, INSIGHT_ROI_COACH_RATE, 60, 0);
    give(&g, INSIGHT_ROI_LICENCE, 3000, 0);
    reckon(&g, "office,agents,licence\nA,10,1000\nB,30,\n", NULL, &t, &r);
    T_NEAR(120 * 60, r->total.coach_cost, 1e-9);
    T_NEAR(1000, r->group[0].licence_cost, 1e-9);
    T_NEAR(3000 * 0.75, r->group[1].licence_cost, 1e-9);
}

TEST(the_same_seed_gives_the_same_figures)
{
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL, *u = NULL;
    CLEANUP(insight_roi_freep) InsightRoi *a = NULL, *b = NULL;
    CLEANUP(buf_done) Buf x = BUF(1u << 20), y = BUF(1u << 20);
    InsightRoiGiven g = usual();
    reckon(&g, NULL, NULL, &t, &a);
    reckon(&g, NULL, NULL, &u, &b);
    Jw v = jw(&x), w = jw(&y);
    jw_obj(&v);
    insight_roi_json(&v, &t->plan, a);
    jw_end(&v);
    jw_obj(&w);
    insight_roi_json(&w, &u->plan, b);
    jw_end(&w);
    assert_true(x.len > 1000 && str_eq(buf_str(&x), buf_str(&y)));
}

TEST(figures_that_cannot_be_are_refused_by_name)
{
    static const struct {
        InsightRoiRole role;
        double mean, se;
        const char *says;
    } ROW[] = {
        {INSIGHT_ROI_COMMISSION, -1, 0, "commission: -1"},
        {INSIGHT_ROI_SPLIT, 1.01, 0, "a share lies"},
        {INSIGHT_ROI_SPLIT, 0.5, 0.5, "no share"},
        {INSIGHT_ROI_LICENCE, 0, 1, "0 cannot be unsure"},
        {INSIGHT_ROI_EFFECT, NAN, 0, "effect"},
        {INSIGHT_ROI_COACH_HOURS, INFINITY, 0, "coach_hours"},
        {INSIGHT_ROI_EFFECT, 0.1, -0.1, "standard error -0.1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++) {
        CLEANUP(insight_roi_table_freep) InsightRoiTable *t = NULL;
        InsightRoi *r = NULL;
        Err err = {0};
        InsightRoiGiven g = usual();
        give(&g, ROW[i].role, ROW[i].mean, ROW[i].se);
        T_OK(insight_roi_table(&g, NULL, NULL, &t, &err), err);
        t->plan.level = 0.95;
        T_FAILS(ERR_INVALID, insight_roi(&t->plan, &r, &err));
        if (!strstr(err.msg, ROW[i].says))
            fail_msg("expected \"%s\" in \"%s\"", ROW[i].says, err.msg);
    }
}

T_MAIN(T(net_is_closings_times_commission_and_split_minus_hours_licence_and_what_is_fixed),
       T(the_uncertainty_of_every_factor_is_carried_through),
       T(the_chance_of_paying_back_is_that_of_the_effect_beyond_break_even),
       T(lines_that_share_an_effect_do_not_average_its_uncertainty_out),
       T(rows_are_summed_by_the_column_asked_for_and_by_fiscal_year),
       T(without_a_table_the_months_fall_into_fiscal_years), T(totals_are_spread_over_agents_and_months),
       T(the_same_seed_gives_the_same_figures), T(figures_that_cannot_be_are_refused_by_name))
