/* Expected values: R 4.2 with survival 3.5-3: survfit(conf.type = "log-log"), survmean, survdiff; rows in surv_rows.h. */
#include "base/mem.h"
#include "harness/t.h"
#include "stats/stats_surv.h"
#include "stats/surv_rows.h"

#include <math.h>

typedef struct Want {
    double time;
    int64_t at_risk, events, censored;
    double survival, se, low, high;
} Want;

static void check(const StatsKm *km, const Want *want, int n)
{
    assert_int_equal(n, km->n_points);
    for (int i = 0; i < n; i++) {
        const StatsKmPoint *p = &km->point[i];
        assert_true(want[i].time == p->time);
        assert_int_equal(want[i].at_risk, p->at_risk);
        assert_int_equal(want[i].events, p->events);
        assert_int_equal(want[i].censored, p->censored);
        T_NEAR(want[i].survival, p->survival, 1e-13);
        if (p->survival == 0) {
            assert_true(isnan(p->low) && isnan(p->high));
            continue;
        }
        T_NEAR(want[i].se, p->se, 1e-13);
        T_NEAR(want[i].low, p->low, 1e-12);
        T_NEAR(want[i].high, p->high, 1e-12);
    }
}

TEST(the_curve_with_its_bounds_is_that_of_kaplan_and_meier)
{
    static const Want WANT[] = {
        {1, 40, 6, 0, 0.850000000000000, 0.0564579489531811, 0.72737340793065353, 0.920373606836280},
        {2, 34, 2, 3, 0.800000000000000, 0.0632455532033676, 0.67056086530679859, 0.882854831417204},
        {3, 29, 4, 2, 0.689655172413793, 0.0748116664435250, 0.54848209178903895, 0.794637685507535},
        {4, 23, 3, 1, 0.599700149925037, 0.0811015035943201, 0.45384164646116359, 0.718240198715733},
        {5, 19, 1, 1, 0.568136984139509, 0.0827472688854861, 0.42159424939996432, 0.690657947388733},
        {6, 17, 3, 0, 0.467877516350184, 0.0860411349041557, 0.32267109759702312, 0.600473181985711},
        {7, 14, 1, 1, 0.434457693753742, 0.0861415832074809, 0.29148095067297058, 0.569069459001398},
        {9, 12, 1, 1, 0.398252885940930, 0.0862364758162243, 0.25780575039148190, 0.535098898985434},
        {10, 10, 0, 1, 0.398252885940930, 0.0862364758162243, 0.25780575039148190, 0.535098898985434},
        {12, 9, 2, 0, 0.309752244620724, 0.0868601265973185, 0.17601768105888355, 0.453537127003091},
        {13, 7, 1, 1, 0.265501923960620, 0.0849787913790549, 0.13911998562873942, 0.409994885189842},
        {15, 5, 2, 0, 0.159301154376372, 0.0773516853883233, 0.05857571039770342, 0.304449738988893},
        {18, 3, 1, 0, 0.106200769584248, 0.0673721324849166, 0.02812340138194291, 0.244612791906284},
        {29, 2, 1, 0, 0.053100384792124, 0.0504437953709582, 0.00674638263424758, 0.178360778609904},
        {37, 1, 1, 0, 0, NAN, NAN, NAN},
    };
    CLEANUP(stats_km_freep) StatsKm *km = stats_km(&(StatsSurv){N, NULL, TIME, EVENT}, NULL, 0, 0.9);
    check(km, WANT, ARRAY_LEN(WANT));
    assert_int_equal(29, km->n_events);
}

TEST(rows_watched_from_later_on_are_at_risk_from_then)
{
    static const Want WANT[] = {
        {1, 26, 6, 0, 0.7692307692307693, 0.0826286393122423, 0.55691978900168482, 0.889052023744989},
        {2, 25, 2, 3, 0.7076923076923077, 0.0867225523863241, 0.50030083226778788, 0.841465848579114},
        {3, 24, 4, 2, 0.5897435897435898, 0.0901170963251987, 0.39411499226063590, 0.741199070013446},
        {4, 21, 3, 1, 0.5054945054945055, 0.0894119099675702, 0.32174122421621659, 0.663370343523135},
        {5, 18, 1, 1, 0.4774114774114774, 0.0887453074019650, 0.29812831979788734, 0.636536597608449},
        {6, 17, 3, 0, 0.3931623931623931, 0.0853801536823859, 0.22928567307089115, 0.553372508513445},
        {7, 14, 1, 1, 0.3650793650793651, 0.0837728560193963, 0.20710905939104063, 0.524735656851091},
        {9, 12, 1, 1, 0.3346560846560847, 0.0821305232790658, 0.18292389155788194, 0.493907981021701},
        {10, 10, 0, 1, 0.3346560846560847, 0.0821305232790658, 0.18292389155788194, 0.493907981021701},
        {12, 9, 2, 0, 0.2602880658436214, 0.0789389269982492, 0.12328155012691712, 0.420863682144478},
        {13, 7, 1, 1, 0.2231040564373898, 0.0759161828859680, 0.09633392583463170, 0.382236677594671},
        {15, 5, 2, 0, 0.1338624338624338, 0.0668131440404845, 0.03797181360049761, 0.290451348586487},
        {18, 3, 1, 0, 0.0892416225749559, 0.0575442686266789, 0.01696285459733043, 0.238763427892635},
        {29, 2, 1, 0, 0.0446208112874779, 0.0427006336360622, 0.00339985241622669, 0.182474985247833},
        {37, 1, 1, 0, 0, NAN, NAN, NAN},
    };
    CLEANUP(stats_km_freep) StatsKm *km = stats_km(&(StatsSurv){N, ENTRY, TIME, EVENT}, NULL, 0, 0.95);
    check(km, WANT, ARRAY_LEN(WANT));
}

TEST(quantiles_are_where_the_curve_and_its_bounds_cross)
{
    CLEANUP(stats_km_freep) StatsKm *km = stats_km(&(StatsSurv){N, NULL, TIME, EVENT}, NULL, 0, 0.9);
    StatsKmQuantile q = stats_km_quantile(km, 0.25), m = stats_km_quantile(km, 0.5);
    assert_true(q.time == 3 && q.low == 1 && q.high == 4);
    assert_true(m.time == 6 && m.low == 4 && m.high == 12);
    /* 1, 2, 3, 4 all seen: the curve stands at exactly 0.5 from 2 to 3. Two of four seen: the 75 % point is not reached. */
    static const double T4[] = {4, 2, 3, 1}, ALL[] = {1, 1, 1, 1}, HALF[] = {0, 1, 0, 1};
    CLEANUP(stats_km_freep) StatsKm *four = stats_km(&(StatsSurv){4, NULL, T4, ALL}, NULL, 0, 0.95);
    CLEANUP(stats_km_freep) StatsKm *half = stats_km(&(StatsSurv){4, NULL, T4, HALF}, NULL, 0, 0.95);
    T_NEAR(2.5, stats_km_quantile(four, 0.5).time, 0);
    assert_true(isnan(stats_km_quantile(half, 0.75).time));
}

TEST(the_restricted_mean_is_the_area_up_to_the_horizon)
{
    int32_t group[N];
    double se;
    for (int i = 0; i < N; i++)
        group[i] = surv_treated(i);
    StatsSurv s = {N, NULL, TIME, EVENT};
    CLEANUP(stats_km_freep) StatsKm *km = stats_km(&s, NULL, 0, 0.9);
    CLEANUP(stats_km_freep) StatsKm *off = stats_km(&s, group, 0, 0.95);
    CLEANUP(stats_km_freep) StatsKm *on = stats_km(&s, group, 1, 0.95);
    T_NEAR(5.409827516582266, stats_km_rmst(km, 8, &se), 1e-12);
    T_NEAR(0.443490466798235, se, 1e-12);
    T_NEAR(6.50030303030303, stats_km_rmst(off, 10, &se), 1e-12);
    T_NEAR(0.841712845059157, se, 1e-12);
    T_NEAR(5.92976190476190, stats_km_rmst(on, 10, &se), 1e-12);
    T_NEAR(0.823661041559488, se, 1e-12);
}

TEST(beyond_the_follow_up_there_is_no_mean_unless_nobody_is_left)
{
    static const double T3[] = {1, 2, 4}, ALL[] = {1, 1, 1}, NOT_LAST[] = {1, 1, 0};
    double se;
    CLEANUP(stats_km_freep) StatsKm *all = stats_km(&(StatsSurv){3, NULL, T3, ALL}, NULL, 0, 0.95);
    CLEANUP(stats_km_freep) StatsKm *open = stats_km(&(StatsSurv){3, NULL, T3, NOT_LAST}, NULL, 0, 0.95);
    T_NEAR(7.0 / 3, stats_km_rmst(all, 9, &se), 1e-14); /* the mean of 1, 2 and 4 */
    assert_true(isnan(stats_km_rmst(open, 4.001, &se)) && isnan(se));
    T_NEAR(1 + 2.0 / 3 + 2.0 / 3, stats_km_rmst(open, 4, &se), 1e-14);
    assert_true(isnan(stats_km_rmst(all, 0, &se)));
}

TEST(the_log_rank_test_compares_groups_within_strata)
{
    int32_t two[N], three[N], stratum[N];
    double observed[3], expected[3];
    Err err = {0};
    StatsLogrank r;
    for (int i = 0; i < N; i++) {
        two[i] = surv_treated(i);
        three[i] = (int32_t[]){0, 1, 2, 1}[i % 4];
        stratum[i] = surv_stratum(i);
    }
    StatsSurv s = {N, NULL, TIME, EVENT};
    T_OK(stats_logrank(&s, two, 2, NULL, 0, observed, expected, &r, &err), err);
    T_NEAR(0.612074878724976, r.chi2, 1e-12);
    T_NEAR(15.9456396193765, expected[0], 1e-12);
    assert_true(observed[0] == 14 && observed[1] == 15 && r.df == 1);
    T_OK(stats_logrank(&s, two, 2, stratum, 2, observed, expected, &r, &err), err);
    T_NEAR(0.0143281667410151, r.chi2, 1e-12);
    T_NEAR(3.8952380952381 + 10.35266955266955, expected[0], 1e-12);
    T_OK(stats_logrank(&s, three, 3, NULL, 0, observed, expected, &r, &err), err);
    T_NEAR(3.33837572550671, r.chi2, 1e-12);
    T_NEAR(11.0288064245925, expected[2], 1e-12);
    assert_int_equal(2, r.df);
    T_NEAR(exp(-r.chi2 / 2), r.p, 1e-12); /* chi-square with two degrees of freedom */
}

TEST(late_entries_count_in_the_log_rank_test_from_then_on)
{
    /* a: (0,2] event, (0,4] event; b: (1,3] event, (3,5] censored. At 2: a 2, b 1 at risk; at 3: a 1, b 1; at 4: a 1, b 1. */
    static const double T4[] = {2, 4, 3, 5}, E4[] = {1, 1, 1, 0}, FROM[] = {0, 0, 1, 3};
    double expected[2];
    Err err = {0};
    StatsLogrank r;
    T_OK(stats_logrank(&(StatsSurv){4, FROM, T4, E4}, (const int32_t[]){0, 0, 1, 1}, 2, NULL, 0, NULL,
                       expected, &r, &err),
         err);
    T_NEAR(2.0 / 3 + 0.5 + 0.5, expected[0], 1e-14);
    T_NEAR(1.0 / 9 / (2.0 / 9 + 0.25 + 0.25), r.chi2, 1e-14);
}

TEST(without_events_or_with_one_group_there_is_no_test)
{
    static const double T3[] = {1, 2, 4}, NONE[] = {0, 0, 0}, ALL[] = {1, 1, 1};
    Err err = {0};
    StatsLogrank r;
    T_OK(stats_logrank(&(StatsSurv){3, NULL, T3, NONE}, (const int32_t[]){0, 0, 1}, 2, NULL, 0, NULL, NULL,
                       &r, &err),
         err);
    assert_true(r.df == 0 && isnan(r.p));
    T_OK(stats_logrank(&(StatsSurv){3, NULL, T3, ALL}, (const int32_t[]){0, 0, 0}, 1, NULL, 0, NULL, NULL, &r,
                       &err),
         err);
    assert_true(r.df == 0 && isnan(r.p));
}

T_MAIN(T(the_curve_with_its_bounds_is_that_of_kaplan_and_meier),
       T(rows_watched_from_later_on_are_at_risk_from_then),
       T(quantiles_are_where_the_curve_and_its_bounds_cross),
       T(the_restricted_mean_is_the_area_up_to_the_horizon),
       T(beyond_the_follow_up_there_is_no_mean_unless_nobody_is_left),
       T(the_log_rank_test_compares_groups_within_strata),
       T(late_entries_count_in_the_log_rank_test_from_then_on),
       T(without_events_or_with_one_group_there_is_no_test))
